# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an instance has, as hosts of an inventory.

Everything is read in three steps, whose requests hold up to 100 queries each: the tree with the servers, the services
that the filters leave, and the services of stacks whose Compose file is in a repository. Host variables are chosen by
the names of options, so that a new column of the server gets into none.
"""

from __future__ import annotations

import re
from collections import Counter
from fnmatch import fnmatchcase
from typing import Any, Callable, Collection, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple

from ansible_collections.community.dokploy.plugins.module_utils._api.client import Call
from ansible_collections.community.dokploy.plugins.module_utils._engine.runner import Context
from ansible_collections.community.dokploy.plugins.module_utils._engine.view import view
from ansible_collections.community.dokploy.plugins.module_utils._errors import (
    ConnectionFailed,
    DokployError,
    OptionError,
    PermissionDenied,
    UnknownProcedure,
    kind_of,
    known_names,
)
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import PROJECTS, SERVERS, Resource
from ansible_collections.community.dokploy.plugins.module_utils._reads.rows import Path, rows_of, valid
from ansible_collections.community.dokploy.plugins.module_utils._reads.tree import Tree
from ansible_collections.community.dokploy.plugins.module_utils._resources.databases.database import DATABASES
from ansible_collections.community.dokploy.plugins.module_utils._resources.infrastructure.server import SERVER
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import APPLICATION
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.compose import COMPOSE
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.compose_services import (
    stated_services,
)
from ansible_collections.community.dokploy.plugins.module_utils._secrets.masking import hide_credentials
from ansible_collections.community.dokploy.plugins.module_utils._values.nested import with_texts
from ansible_collections.community.dokploy.plugins.module_utils._values.paths import joined
from ansible_collections.community.dokploy.plugins.module_utils._values.schema import TEXT, object_of

Record = Dict[str, Any]
Row = Mapping[str, Any]
Warn = Callable[[str], None]

SERVICES: Tuple[Resource, ...] = (APPLICATION, COMPOSE, *DATABASES)
KINDS: Tuple[Resource, ...] = (*SERVICES, SERVER)
_SETTINGS = "settings.getWebServerSettings"
ANSWERS = {_SETTINGS: object_of(serverIp=TEXT)}
#: What hosts are filtered and grouped by.
DIMENSIONS = ("project", "environment", "kind", "status", "tag", "server")
FILTERS = (*DIMENSIONS, "path")
#: Values whose groups a play can name although no host is in them.
ALWAYS: Mapping[str, Tuple[str, ...]] = {
    "kind": ("application", "compose", "database", "server"),
    "status": ("idle", "running", "done", "error"),
}
# The options that become variables, by the name of the resource; a dot leads into a group.
_COMMON = ("name", "description", "app_name", "created_at")
HOST_VARIABLES: Mapping[str, Tuple[str, ...]] = {
    "application": (*_COMMON, "source", "docker.image", "build.type", "replicas", "auto_deploy", "domains", "ports"),
    "compose": (*_COMMON, "type", "source", "auto_deploy", "domains"),
    "database": (
        *(*_COMMON, "type", "image", "database", "user", "replicas"),
        *("internal_host", "internal_port", "external_port"),
    ),
    "server": ("name", "description", "created_at", "type", "ip_address", "port", "user", "in_use"),
}
# Variables that every host has, null where there is no such thing.
_EVERYWHERE = ("path", "project", "environment", "service", "status", "server", "server_address", *_COMMON)


class Filters:
    """The option C(filters): which of the hosts are left."""

    def __init__(self, stated: Any) -> None:
        """:raises OptionError: there is no such filter or kind, or the value is no text or list of texts."""
        if not isinstance(stated, Mapping):
            raise OptionError("filters must be a mapping such as {project: shop}, not %s" % kind_of(stated))
        self._patterns: Dict[str, List[str]] = {}
        for name, value in stated.items():
            if name not in FILTERS:
                raise OptionError("filters: there is no filter %r" % str(name), hint=known_names(str(name), FILTERS))
            patterns = [value] if isinstance(value, str) else value
            if not isinstance(patterns, list) or not all(isinstance(pattern, str) for pattern in patterns):
                raise OptionError("filters.%s must be a name, a pattern or a list of these" % name)
            self._patterns[name] = patterns
        kinds = sorted({name for kind in KINDS for name in _kinds(kind)})
        for pattern in self._patterns.get("kind", ()):
            if not _passes([pattern.lstrip("!")], kinds):
                raise OptionError("filters.kind: there is no kind %r" % pattern, hint=known_names(pattern, kinds))

    def leave(self, **values: Sequence[str]) -> bool:
        """Whether a host with these values stays. Those that are not known yet do not count."""
        return all(_passes(self._patterns.get(name, ()), own) for name, own in values.items())


def _passes(patterns: Sequence[str], values: Sequence[str]) -> bool:
    """Whether no value is excluded, by a pattern after C(!), and one is included if there are other patterns."""

    def matches(pattern: str) -> bool:
        return any(fnmatchcase(value, pattern) for value in values)

    included = [pattern for pattern in patterns if not pattern.startswith("!")]
    excluded = [pattern[1:] for pattern in patterns if pattern.startswith("!")]
    return not any(map(matches, excluded)) and (not included or any(map(matches, included)))


def hosts_of(context: Context, filters: Filters, warn: Warn) -> List[Record]:
    """The hosts that the filters leave, sorted by their names: C({name, vars, groups, connection}).

    All is of JSON. C(groups) has the values of each dimension, C(connection) the address, port and user of a server.

    :raises DokployError: a request failed, unless it is only refused and about something that is not needed.
    """
    calls = [
        Call(PROJECTS.procedures[0], {}),
        Call(SERVERS.procedures[0], {}),
        Call(_SETTINGS, {}),
    ]
    projects, servers, settings = context.client.call_many(calls)
    tree = Tree([PROJECTS.flat(row) for row in valid(projects)])
    found_servers: Dict[str, Row] = {str(row["serverId"]): row for row in _optional(servers) or ()}
    places = _Places(found_servers, (_optional(settings) or {}).get("serverIp") or None)
    paths = [
        (kind, path)
        for kind in SERVICES
        for path in tree.paths(kind.levels)
        if filters.leave(kind=_kinds(kind), **_inside(path[:-1]))
    ]
    rows = rows_of([(kind, str(path[-1][kind.id_key])) for kind, path in paths], context.client)
    # One that was removed meanwhile has no row.
    whole = [(kind, path[:-1], row) for (kind, path), row in zip(paths, rows) if row is not None]
    services = _services_of_stacks([row for kind, _path, row in whole if kind is COMPOSE], context, warn)
    records: List[Record] = [
        _service(kind, path, row, name, places)
        for kind, path, row in whole
        for name in services.get(str(row[kind.id_key]), [None])
    ]
    records += [_server(row) for row in found_servers.values()]
    left = [record for record in records if filters.leave(**record["groups"])]
    return sorted(left, key=lambda record: (record["name"], record["vars"]["id"], str(record["vars"]["service"])))


def _optional(answer: Any) -> Any:
    """An answer that is not needed; C(None) if the key or the server does not give it."""
    return None if isinstance(answer, (PermissionDenied, UnknownProcedure)) else valid(answer)


def _kinds(kind: Resource) -> List[str]:
    return [kind.name, *([kind.kind] if kind.kind else [])]


def _inside(path: Path) -> Dict[str, List[str]]:
    """The values that follow from the project and the environment."""
    project, environment = path
    tags = [tag["tag"]["name"] for tag in project.get("projectTags") or []]
    return {"project": [str(project["name"])], "environment": [str(environment["name"])], "tag": sorted(tags)}


def _services_of_stacks(rows: Sequence[Row], context: Context, warn: Warn) -> Dict[str, List[Optional[str]]]:
    """The services of each stack by its ID; C([None]) if they are not known before its first deployment."""
    services: Dict[str, Any] = {
        str(row["composeId"]): stated_services(row) for row in rows if row.get("sourceType") == "raw"
    }
    cloned = [str(row["composeId"]) for row in rows if row.get("sourceType") != "raw"]
    # Of the last checkout: type=fetch would replace the files of a running stack.
    calls = [Call("compose.loadServices", {"composeId": stack_id, "type": "cache"}) for stack_id in cloned]
    try:
        answers = context.client.call_many(calls)
    except ConnectionFailed as error:
        # Dokploy reads the files on the servers of the stacks, which may not answer.
        warn("The services of Compose stacks from repositories are not known: %s" % error)
        answers = []
    services.update(
        (stack_id, answer) for stack_id, answer in zip(cloned, answers) if not isinstance(answer, DokployError)
    )
    return {str(row["composeId"]): list(services.get(str(row["composeId"])) or [None]) for row in rows}


class _Places:
    """The names and addresses of the hosts that run services."""

    def __init__(self, servers: Mapping[str, Row], own: Optional[str]) -> None:
        self._servers, self._own = servers, own

    def of(self, row: Row) -> Dict[str, Optional[str]]:
        server_id = row.get("serverId")
        if not server_id:
            return {"server": None, "server_address": self._own}
        # Not every key may list the servers.
        server = self._servers.get(str(server_id), {"name": str(server_id), "ipAddress": None})
        return {"server": server["name"], "server_address": server["ipAddress"]}


def _service(kind: Resource, path: Path, row: Row, service: Optional[str], places: _Places) -> Record:
    inside, place = _inside(path), places.of(row)
    options = view(kind, row, {})
    variables = {
        **_chosen(kind, options),
        **place,
        "id": options[kind.id_option],
        "path": joined(str(part["name"]) for part in (*path, row)),
        "kind": kind.name,
        "project": path[0]["name"],
        "environment": path[1]["name"],
        "tags": inside["tag"],
        "status": row.get(kind.deployable.status),
        "service": service,
    }
    if "domains" in variables:
        if service is not None:
            variables["domains"] = [domain for domain in variables["domains"] if domain.get("service") == service]
        variables["urls"] = [_url(domain) for domain in variables["domains"] if domain.get("enabled") is not False]
    groups = {**inside, "kind": _kinds(kind), "status": _given(variables["status"]), "server": _given(place["server"])}
    names = [host_name(name or "") for name in (path[0]["name"], path[1]["name"], row["name"], service)]
    return _record(variables, groups, ".".join(filter(None, names)), {})


def _server(row: Row) -> Record:
    options = view(SERVER, row, {})
    variables = {
        **_chosen(SERVER, options),
        "id": options["server_id"],
        "path": row["name"],
        "kind": SERVER.name,
        "tags": [],
        "status": row.get("serverStatus"),
        "server": row["name"],
        "server_address": options["ip_address"],
    }
    status, server = _given(variables["status"]), _given(variables["server"])
    nowhere: Dict[str, List[str]] = {"project": [], "environment": [], "tag": []}
    groups = {**nowhere, "kind": _kinds(SERVER), "status": status, "server": server}
    connection = {"host": options["ip_address"], "port": options["port"], "user": options["user"]}
    return _record(variables, groups, host_name(str(row["name"])), connection)


def _record(variables: Record, groups: Mapping[str, Any], name: str, connection: Record) -> Record:
    return {
        "name": name or variables["id"],
        # A text, such as a description, may have an address with a password in it.
        "vars": with_texts({**dict.fromkeys(_EVERYWHERE), **variables}, hide_credentials),
        "groups": {**groups, "path": [variables["path"]]},
        "connection": {key: value for key, value in connection.items() if value not in (None, "")},
    }


def _given(value: Optional[str]) -> List[str]:
    return [value] if value else []


def _chosen(kind: Resource, options: Mapping[str, Any]) -> Record:
    """Those of C(HOST_VARIABLES) and their values: C(docker.image) is C(image), C(build.type) is C(build_type)."""
    variables: Record = {}
    for path in HOST_VARIABLES[kind.name]:
        group, dot, option = path.rpartition(".")
        value = (options.get(group) or {}).get(option) if dot else options.get(option)
        variables[option if option == "image" or not dot else "%s_%s" % (group, option)] = value
    return variables


def _url(domain: Mapping[str, Any]) -> str:
    path = str(domain.get("path") or "/")
    return "%s://%s%s" % ("https" if domain.get("https") else "http", domain["host"], path)


def host_name(text: str) -> str:
    """A text as a part of a host name that needs no quotes in a pattern: letters, digits, C(_), C(-) and dots."""
    return re.sub(r"[^\w.-]+", "-", text).strip("-.")


def with_ids(names: Sequence[str], records: Sequence[Record], reserved: Collection[str]) -> Iterator[str]:
    """Each name, with the ID after it if several records have it, or if it is reserved."""
    counts = Counter(names)
    for name, record in zip(names, records):
        unique = [name, record["vars"]["id"], record["vars"]["service"]]
        double = counts[name] > 1 or name in reserved
        yield ".".join(host_name(part) for part in unique if part) if double else name
