# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What a whole instance has: its version and health, and the records of each kind, in one or two requests.

Many of these queries answer passwords, private keys and tokens in clear (measured on 0.30.2). So each subset lists the
keys that it shows, and nothing else of an answer gets into a result.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import reduce
from typing import Any, Dict, List, Mapping, Optional, Sequence, Set

from ..._api.client import VERSION_QUERY, Call, Client
from ..._engine.rows import valid
from ..._engine.runner import Context, Operation
from ..._errors import DokployError, NotFoundError, OptionError, PermissionDenied, UnknownProcedure, known_names
from ..._model.field import version_text
from ..._model.responses import ANSWERS
from ..._values.schema import ANY, ID, SCALAR, Shape, both, list_of, needed, object_of
from ..actions.api_document import DOCUMENT, QUERY, Difference, differences, newest_known
from ..projects.contents import environments_in, name_calls, named_by, with_environments

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Subset:
    """A part of what an instance has, and the query for it.

    :param shown: what results show of each record: names, and the paths of the values, with dots. The first one of a
        list is the ID.
    :param result: the name of its result, if it is not that of the subset.
    :param rows: the path of the list in the answer; empty if the answer is the list.
    :param single: the answer is one record instead of a list.
    """

    procedure: str
    shown: Mapping[str, str]
    result: str = ""
    rows: str = ""
    single: bool = False
    # Of a query that takes an input the server refuses to be sent none.
    input: Mapping[str, Any] = field(default_factory=dict)

    @property
    def shape(self) -> Shape:
        """What C(records) relies on of the answer."""
        row, first = object_of(), next(iter(self.shown.values()))
        for path in self.shown.values():
            row = both(row, _at(path, ID if path == first and not self.single else SCALAR))
        return needed(row if self.single else _at(self.rows, list_of(row)))

    def records(self, answer: Any) -> Any:
        """What results show of the answer; a list is sorted, since the server's order is not stable."""
        if self.single:
            return self._record(answer)
        records = [self._record(row) for row in _value(answer, self.rows) or ()]
        return sorted(
            records, key=lambda record: [str(value) for value in (*list(record.values())[1:], *record.values())]
        )

    def _record(self, row: Row) -> Dict[str, Any]:
        return {name: _value(row, path) for name, path in self.shown.items()}


def _value(value: Any, path: str) -> Any:
    """The value at a path of keys; C(None) where there is none."""
    return reduce(lambda inner, key: (inner or {}).get(key), filter(None, path.split(".")), value)


def _at(path: str, shape: Shape) -> Shape:
    """An object with this shape at a path of keys."""
    return reduce(lambda inner, key: object_of(**{key: inner}), filter(None, reversed(path.split("."))), shape)


def _listed(procedure: str, id_key: str, **more: str) -> Subset:
    """A list of records, each with its ID and its name."""
    option = "".join("_" + letter.lower() if letter.isupper() else letter for letter in id_key)
    return Subset(procedure, {option: id_key, "name": "name", **more})


SUBSETS: Mapping[str, Subset] = {
    "health": Subset("settings.health", {"status": "status"}, single=True),
    "tree": Subset("project.all", {"project_id": "projectId", "name": "name"}, result="projects"),
    "registries": _listed(
        "registry.all",
        "registryId",
        name="registryName",
        url="registryUrl",
        username="username",
        image_prefix="imagePrefix",
    ),
    "ssh_keys": _listed("sshKey.all", "sshKeyId", description="description", public_key="publicKey"),
    "certificates": _listed("certificates.all", "certificateId", path="certificatePath", server="serverId"),
    "destinations": _listed(
        "destination.all",
        "destinationId",
        provider="provider",
        bucket="bucket",
        region="region",
        endpoint="endpoint",
    ),
    "git_providers": _listed(
        "gitProvider.getAll",
        "gitProviderId",
        type="providerType",
        shared="sharedWithOrganization",
    ),
    "notifications": _listed("notification.all", "notificationId", type="notificationType"),
    "servers": _listed(
        "server.all",
        "serverId",
        description="description",
        type="serverType",
        ip_address="ipAddress",
        port="port",
        user="username",
        ssh_key="sshKeyId",
    ),
    "networks": Subset(
        "network.all",
        {"network_id": "networkId", "name": "name", "driver": "driver", "internal": "internal", "server": "serverId"},
        input={"serverId": None},
    ),
    "tags": _listed("tag.all", "tagId", color="color"),
    "users": Subset("user.all", {"user_id": "userId", "email": "user.email", "role": "role"}),
    "organizations": Subset("organization.all", {"organization_id": "id", "name": "name"}),
    "api_keys": Subset(
        "user.get",
        {"api_key_id": "id", "name": "name", "prefix": "prefix", "enabled": "enabled", "expires_at": "expiresAt"},
        rows="user.apiKeys",
    ),
    "vault_providers": _listed("vaultProvider.all", "vaultProviderId", type="providerType"),
    "dns_providers": _listed("dnsProvider.all", "dnsProviderId", type="providerType"),
    "ai_providers": Subset(
        "ai.getAll",
        {"ai_provider_id": "aiId", "name": "name", "url": "apiUrl", "model": "model", "enabled": "isEnabled"},
    ),
    "settings": Subset(
        "settings.getWebServerSettings",
        {
            "server_ip": "serverIp",
            "host": "host",
            "https": "https",
            "certificate_type": "certificateType",
            "letsencrypt_email": "letsEncryptEmail",
            "docker_cleanup": "enableDockerCleanup",
            "log_cleanup": "logCleanupCron",
            "builds_concurrency": "buildsConcurrency",
        },
        single=True,
    ),
}
MINIMUM = {"health"}
#: The results that are names where the subset with these names is read, and IDs otherwise.
_NAMED = {"server": "servers", "ssh_key": "ssh_keys"}


def chosen(stated: Sequence[str]) -> Set[str]:
    """The subsets that the option C(gather_subset) selects, by the rules of C(ansible.builtin.setup).

    :raises OptionError: there is no such subset.
    """
    groups: Dict[str, Set[str]] = {"all": set(SUBSETS), "min": MINIMUM, **{name: {name} for name in SUBSETS}}
    for word in stated:
        name = word[1:] if word.startswith("!") else word
        if name not in groups:
            raise OptionError("gather_subset: there is no subset %r" % name, hint=known_names(name, groups))
    added = {word for word in stated if not word.startswith("!")}
    removed = {word[1:] for word in stated if word.startswith("!")}
    wanted = MINIMUM.union(*(groups[name] for name in added)) if added else set(SUBSETS)
    left_out: Set[str] = set().union(*(groups[name] - MINIMUM if name == "all" else groups[name] for name in removed))
    return wanted - (left_out - added)


def _complete(answered: Dict[str, Any], context: Context) -> None:
    """Read what the answers lack: the names of the databases in the tree, and the networks on servers."""
    client, projects = context.client, answered.get("tree") or []
    environments = [row for project in projects for row in project.get("environments") or []]
    servers = [row["serverId"] for row in answered.get("servers") or () if "networks" in answered]
    calls = name_calls(environments)
    answers = client.call_many([*calls, *(Call("network.all", {"serverId": server_id}) for server_id in servers)])
    if projects:
        answered["tree"] = with_environments(projects, named_by(answers[: len(calls)], environments))
    for answer in answers[len(calls) :]:
        # One whose server was removed meanwhile is not there any more.
        answered["networks"] = [*answered["networks"], *([] if isinstance(answer, NotFoundError) else valid(answer))]


def _name(results: Mapping[str, Any]) -> None:
    """Put names instead of the IDs of what was read, too."""
    for key, subset in _NAMED.items():
        names = {next(iter(record.values())): record["name"] for record in results.get(subset, ())}
        for rows in (rows for rows in results.values() if isinstance(rows, list)):
            for record in (record for record in rows if key in record):
                record[key] = names.get(record[key], record[key])


def _counts(results: Mapping[str, Any]) -> Dict[str, int]:
    """How many records each list has, and how many environments and services the projects have."""
    counts = {SUBSETS[name].result or name: len(rows) for name, rows in results.items() if isinstance(rows, list)}
    if "tree" in results:
        environments = [environment for project in results["tree"] for environment in project["environments"]]
        counts.update(
            environments=len(environments), services=sum(len(environment["services"]) for environment in environments)
        )
    return counts


def gather(context: Context) -> Dict[str, Any]:
    """The operation C(dokploy_info): the version, the chosen subsets, and which of them cannot be read.

    :raises OptionError: there is no such subset.
    """
    wanted, client = chosen(context.params["gather_subset"]), context.client
    # The networks on a server are listed by its ID.
    needed_too = {"servers"} if "networks" in wanted else set()
    read = {name: subset for name, subset in SUBSETS.items() if name in wanted | needed_too}
    shapes = {**ANSWERS, QUERY: DOCUMENT}
    for subset in read.values():
        shapes[subset.procedure] = both(shapes.get(subset.procedure, ANY), subset.shape)
    client.expect(shapes)
    # The version also proves that the server accepts the key, whatever it refuses besides.
    calls = [Call(VERSION_QUERY, {}), *(Call(subset.procedure, subset.input) for subset in read.values())]
    version, *answers = client.call_many(calls)
    answered: Dict[str, Any] = {}
    not_readable: List[Dict[str, Any]] = []
    for name, answer in zip(read, answers):
        if not isinstance(answer, DokployError):
            answered[name] = answer
        elif not isinstance(answer, (PermissionDenied, UnknownProcedure)):
            raise answer
        else:
            not_readable.append({"subset": name, "kind": answer.kind, "reason": str(answer)})
    _complete(answered, context)
    results = {name: SUBSETS[name].records(answer) for name, answer in answered.items()}
    projects = {row["projectId"]: row for row in answered.get("tree") or ()}
    for project in results.get("tree", ()):
        project["environments"] = environments_in(projects[project["project_id"]])
    _name(results)
    checked = _api_checked(not_readable, client) if context.params["check_api"] else {}
    return {
        "changed": False,
        "version": str(valid(version)).lstrip("v"),
        "counts": _counts({name: value for name, value in results.items() if name in wanted}),
        "not_readable": not_readable,
        **{SUBSETS[name].result or name: value for name, value in results.items() if name in wanted},
        **checked,
    }


def _api_checked(not_readable: List[Dict[str, Any]], client: Client) -> Dict[str, Any]:
    """What the server's own document of its API has otherwise than the collection expects; C(None) if it is not
    readable, with the reason in C(not_readable)."""
    api_differences: Optional[List[Difference]] = None
    try:
        document = client.query(QUERY)
    except (PermissionDenied, UnknownProcedure) as error:
        not_readable.append({"subset": "api", "kind": error.kind, "reason": str(error)})
    else:
        api_differences = differences(document, client.version())
    return {"api_differences": api_differences, "api_known_until": version_text(newest_known())}


INFO_OPERATION = Operation(
    name="dokploy_info",
    options={
        "gather_subset": {"type": "list", "elements": "str", "default": ["all"]},
        "check_api": {"type": "bool", "default": False},
    },
    perform=gather,
)
