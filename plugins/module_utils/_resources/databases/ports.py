# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The published ports of a database: each is one of its server, which another one may not use."""

from __future__ import annotations

import contextlib
import re
from typing import Any, Dict, Iterator, List, Mapping, Tuple

from ..._engine.diff import Diff, Judgement
from ..._engine.state import State
from ..._errors import OptionError, PermissionDenied, Refused, ServerError, UnknownProcedure
from ..._model.resource import ChangeCheck, Resource
from ..._reads.reads import Reads

Row = Mapping[str, Any]

PORTS = {"externalPort": "external_port", "externalGRPCPort": "external_grpc_port"}
PORTS["externalAdminPort"] = "external_admin_port"

ENDPOINT = "endpoint_spec"
# The query for the containers of a server, and the key of the server.
_CONTAINERS = ("docker.getContainers", "serverId")
# What Docker's list of containers shows of a published port: 0.0.0.0:5432->5432/tcp.
_PUBLISHED = re.compile(r":(\d+)->\d*/(\w+)")
# The container in front of all services of a server.
_TRAEFIK = "dokploy-traefik"
# A published port, and its protocol.
Port = Tuple[int, str]


def published(row: Row) -> Dict[str, List[Port]]:
    """The published ports of a database, by the options that set them: those of an endpoint replace the single one."""
    by_option = {option: [(int(row[api]), "tcp")] for api, option in PORTS.items() if row.get(api)}
    endpoint = row.get("endpointSpecSwarm")
    # No deployment of libSQL, which has more ports, reads it.
    if endpoint is None or "sqldNode" in row:
        return by_option
    ports = (port for port in endpoint.get("Ports") or () if port.get("PublishedPort"))
    return {ENDPOINT: [(int(port["PublishedPort"]), str(port.get("Protocol") or "tcp")) for port in ports]}


def _changed(state: State, diff: Diff) -> List[Tuple[str, Port]]:
    """The ports that are about to be published, each with its option."""
    options = {change.path[0] for change in diff.changes}
    by_option = published(diff.fields_after(state.row))
    return [(option, port) for option, ports in by_option.items() for port in ports if option in options]


def _are_different(state: State, diff: Diff, _params: Mapping[str, Any], _known: Mapping[str, Any]) -> Judgement:
    """:raises OptionError: two ports are the same."""
    wanted = published(diff.fields_after(state.row))
    for option, port in _changed(state, diff):
        twin = next((other for other in wanted if other != option and port in wanted[other]), None)
        if twin is not None:
            raise OptionError("%s and %s are both %d" % (option, twin, port[0]))
    return Judgement(diff)


def _users(state: State, diff: Diff, params: Mapping[str, Any], reads: Reads) -> Mapping[str, Any]:
    """What C(uses) the published ports of the server on which a database runs, and its C(containers); read once a task.

    Containers are left out where the API key may not see them.
    """
    if not _changed(state, diff):
        return {}
    after = diff.fields_after(state.row)
    server = str(after.get("serverId") or "")
    containers = reads.children.of(*_CONTAINERS, [server])[server]
    uses = dict(_ports_of_containers(containers, "%s." % after.get("appName"), _place(params)))
    uses.update(dict.fromkeys(_ports_of_traefik(server, reads), "container %r" % _TRAEFIK))
    for kind in (resource for resource in reads.resources if resource.name == state.resource.name):
        uses.update(_ports_of_databases(kind, server, after, reads))
    return {"uses": uses, "containers": containers}


def _place(params: Mapping[str, Any]) -> Tuple[Any, ...]:
    return tuple(params.get(option) for option in ("project", "environment", "name"))


def _ports_of_containers(rows: List[Row], own: str, place: Tuple[Any, ...]) -> Iterator[Tuple[Port, str]]:
    """:param own: how the names of containers begin that do not count. :param place: that of the database."""
    for container in rows:
        new = container.get("new")
        if new != place and not str(container.get("name")).startswith(own):
            for port, protocol in _PUBLISHED.findall(str(container.get("ports"))):
                user = "container %r" % container.get("name") if new is None else "database %r" % new[-1]
                yield (int(port), protocol), user


def _ports_of_databases(kind: Resource, server: str, after: Row, reads: Reads) -> Iterator[Tuple[Port, str]]:
    """Those of the other databases of a kind."""
    ids = [str(path[-1][kind.id_key]) for path in reads.trees.of(kind.levels).paths(kind.levels)]
    for answer in reads.children.of(kind.reading.procedure, kind.id_key, ids).values():
        # What the API key may not read is an empty list.
        row: Row = answer if isinstance(answer, Mapping) else answer[0] if answer else {}
        if str(row.get("serverId") or "") == server and row.get(kind.id_key) != after.get(kind.id_key, ""):
            for ports in published(row).values():
                yield from ((port, "database %r" % row.get("name")) for port in ports)


def _ports_of_traefik(server: str, reads: Reads) -> Iterator[Port]:
    """The published ports of Traefik, which the list of containers leaves out, as Dokploy's own check does (measured on
    0.30.2). None where the API key may not see them."""
    query = {"containerId": _TRAEFIK, **({"serverId": server} if server else {})}
    with contextlib.suppress(PermissionDenied, UnknownProcedure, ServerError):
        host = (reads.client.query("docker.getConfig", query) or {}).get("HostConfig") or {}
        for inner, places in (host.get("PortBindings") or {}).items():
            for place in places or ():
                if str(place.get("HostPort")).isdigit():
                    yield int(place["HostPort"]), str(inner).partition("/")[2]


def _are_free(state: State, diff: Diff, params: Mapping[str, Any], known: Mapping[str, Any]) -> Judgement:
    """:raises Refused: a new port is in use on the server."""
    resource, after, changed = state.resource, diff.fields_after(state.row), _changed(state, diff)
    for option, port in changed:
        if port in known["uses"]:
            raise Refused("%s: port %d is used by %s" % (option, port[0], known["uses"][port]))
    # For the other databases of a loop, since check mode does not find a new one on the server.
    noted = [_of_server(after, resource, changed, known["containers"], _place(params))] if changed else []
    if after.get(resource.id_key) is not None and _publishes(diff):
        noted.append((resource.reading.procedure, str(after[resource.id_key]), [after]))
    return Judgement(diff, noted=tuple(noted))


def _publishes(diff: Diff) -> bool:
    return any(change.path[0] in (*PORTS.values(), ENDPOINT) for change in diff.changes)


def _of_server(
    after: Row, resource: Resource, changed: List[Tuple[str, Port]], containers: List[Row], place: Tuple[Any, ...]
) -> Tuple[str, str, List[Any]]:
    """The containers of a server with the ports of a new database in place of those that were noted before."""
    ports = [] if after.get(resource.id_key) else changed
    listed = [container for container in containers if container.get("new") != place]
    own = [{"new": place, "ports": ":%d->/%s" % port} for _option, port in ports]
    return _CONTAINERS[0], str(after.get("serverId") or ""), [*listed, *own]


DIFFERENT_PORTS, FREE_PORTS = ChangeCheck(_are_different), ChangeCheck(_are_free, _users)
