# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What refers to a record: services and servers, whose references Dokploy clears when it removes the record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Sequence, Tuple

from ..._api.client import Call, Client
from ..._engine.diff import Row
from ..._engine.plan import Step, Write
from ..._engine.replacement import replaced, replacement_steps
from ..._errors import Refused, enumerated
from ..._model.procedures import Removal, Replacement
from ..._model.resource import FORCE, Resource
from ..._reads.reads import Reads
from ..projects.contents import every_service

# server.update requires all of them, and switches the cleanup on where it is not sent (measured on 0.30.2). Older
# releases lack the last two.
_OF_SERVERS = ("name", "description", "ipAddress", "port", "username", "serverType", "enableDockerCleanup")


@dataclass(frozen=True)
class Referrer:
    """
    :param label: what refers to the record, in words. :param owner: its ID. :param procedure: updates it.
    :param body: what that requires, and the reference if it is more than the ID. :param key: the key of the reference.
    """

    label: str
    owner: str
    procedure: str
    body: Mapping[str, Any]
    key: str


def references_to(client: Client, resource_id: str, columns: Mapping[str, Sequence[str]]) -> List[Referrer]:
    """What refers to an ID, as far as the API key shows it; in a few requests.

    :param columns: for each kind of service, and for C(server), its keys that hold such an ID.
    """
    calls = [
        Call("%s.one" % kind.label, {kind.id_key: str(row[kind.id_key])})
        for kind, row, _place in every_service(client)
        if kind.label in columns
    ]
    references: List[Referrer] = []
    for call, answer in zip(calls, client.call_many(calls)):
        # What the key may not read cannot be named.
        if isinstance(answer, dict):
            kind = call.procedure.split(".")[0]
            references += _of(answer, kind, dict(call.input), columns[kind], resource_id)
    for row in client.query("server.all") if "server" in columns else ():
        body = {key: row[key] for key in ("serverId", *_OF_SERVERS) if key in row}
        references += _of(row, "server", body, columns["server"], resource_id)
    return sorted(references, key=lambda reference: (reference.label, reference.key))


def _of(row: Row, kind: str, body: Dict[str, Any], keys: Sequence[str], resource_id: str) -> List[Referrer]:
    label, procedure, owner = "%s %r" % (kind, row.get("name")), "%s.update" % kind, str(row["%sId" % kind])
    columns = [(key, row.get(key)) for key in keys if replaced(row.get(key), resource_id, "") != row.get(key)]
    bodies = [(key, body if value == resource_id else {**body, key: value}) for key, value in columns]
    return [Referrer(label, owner, procedure, required, key) for key, required in bodies]


def users_of(reads: Reads, resource_id: str, columns: Mapping[str, Sequence[str]]) -> Mapping[str, Any]:
    """C(staying) of the references to an ID."""
    references = references_to(reads.client, resource_id, columns)
    return staying([(reference, reference.owner, reference.key) for reference in references], reads)


def staying(users: Sequence[Tuple[Any, str, str]], reads: Reads) -> Mapping[str, Any]:
    """What a removal has to know: the C(users) that stay, and the nodes that release the record.

    :param users: the users, each with the ID of what has the reference, and its key.
    """
    released = [(user, reads.promises.released_by(owner, key)) for user, owner, key in users]
    return {
        "users": [user for user, node in released if node is None],
        "released": [node for _user, node in released if node is not None],
    }


def removal_unless_used(procedure: str, columns: Mapping[str, Sequence[str]], effect: str, id_key: str = "") -> Removal:
    """A removal that refuses to remove what something refers to, unless C(force) is given.

    :param effect: what Dokploy does with it. It follows "Dokploy".
    """

    def observe(resource: Resource, row: Row, params: Mapping[str, Any], reads: Reads) -> Mapping[str, Any]:
        return {} if params["force"] else users_of(reads, str(row[resource.id_key]), columns)

    def steps(resource: Resource, row: Row, _params: Mapping[str, Any], known: Mapping[str, Any]) -> List[Step]:
        users = _unique([user.label for user in known.get("users", ())])
        if users:
            raise Refused(
                "%s %r is used by %s; Dokploy %s"
                % (resource.listing.label, row.get(resource.listing.name_key), enumerated(users), effect),
                hint="Let them use another one, or set force to true.",
            )
        return [Write(resource.removal.procedure, resource.removed(row), missing_ok=True)]

    return Removal(procedure, id_key, steps=steps, options=FORCE, observe=observe)


def replacement_of(columns: Mapping[str, Sequence[str]], removed_first: bool = False) -> Replacement:
    """A C(replacement) that moves what C(references_to) finds."""

    def references(client: Client, resource_id: str) -> List[Tuple[str, Dict[str, Any], str]]:
        return [
            (reference.procedure, dict(reference.body), reference.key)
            for reference in references_to(client, resource_id, columns)
        ]

    return Replacement(replacement_steps, references, removed_first)


def _unique(labels: Sequence[str]) -> Tuple[str, ...]:
    return tuple(dict.fromkeys(labels))
