# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""SSH keys: pairs that Dokploy clones repositories and logs in to servers with.

A pair cannot be changed: another one is another record. Dokploy clears the references to a record that it removes, and
from then on a server without a key stands for Dokploy's own host (measured on 0.30.2). So they are moved before. Every
answer shows the private key in clear. The creating procedure does not compare the two keys of a pair, so the public
one is always taken from the private one.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Mapping, Optional

from ..._engine.apply import PRESENT, resource_operation
from ..._engine.diff import Change, Diff, Judgement, Row
from ..._engine.info import info_operation
from ..._engine.plan import Write
from ..._engine.state import State
from ..._errors import OptionError, Refused, enumerated
from ..._model.field import Field
from ..._model.procedures import Creation, Reading, Updating
from ..._model.resource import FORCE, ChangeCheck, Resource
from ..._model.states import States
from ..._reads.reads import Reads
from ..._values.marks import FromResponse
from ..._values.schema import TEXT, needed, object_of
from .listings import SSH_KEYS
from .references import references_to, removal_unless_used, replacement_of
from .ssh_key_format import PRIVATE_KEY, check_key, public_key

_GENERATE = "sshKey.generate"
# An RSA key takes a second.
_GENERATE_TIMEOUT = 60.0
_TYPES = ("ed25519", "rsa")
_USED_BY = {"application": ("customGitSSHKeyId",), "compose": ("customGitSSHKeyId",), "server": ("sshKeyId",)}
_PRIVATE = Field("private_key", "privateKey", PRIVATE_KEY, secret=True, replaces=True, grammar=check_key)
# It follows from the private key, and a diff shows both as one.
_PUBLIC = Field("private_key", "publicKey", secret=True)


def _one_pair(_state: State, diff: Diff, params: Mapping[str, Any], _known: Mapping[str, Any]) -> Judgement:
    """:raises OptionError: there are two pairs, or the stated one is empty."""
    if params["private_key"] is not None and (params["generate"] or params["state"] == "rotated"):
        with_ = "generate" if params["generate"] else "state=rotated"
        raise OptionError("private_key and %s are mutually exclusive" % with_)
    if params["private_key"] is not None and not params["private_key"].strip():
        raise OptionError("private_key must not be empty")
    return Judgement(diff)


def _rotates(state: State, params: Mapping[str, Any]) -> bool:
    return params["state"] == "rotated" and state.row is not None and not state.sent_before


def _servers(state: State, _diff: Diff, params: Mapping[str, Any], reads: Reads) -> Mapping[str, Any]:
    """The C(servers) that would not accept a generated key."""
    if state.row is None or not _rotates(state, params) or params["force"]:
        return {}
    resource_id = str(state.row[state.resource.id_key])
    return {"servers": references_to(reads.client, resource_id, {"server": _USED_BY["server"]})}


def _paired(state: State, diff: Diff, params: Mapping[str, Any], known: Mapping[str, Any]) -> Judgement:
    """The diff with both keys of a new pair, which is the stated one or is generated.

    :raises OptionError: there is no pair for a new record.
    :raises Refused: servers would not accept a generated key.
    """
    given = next((change.after for change in diff.changes if change.field.api == _PRIVATE.api), None)
    if given is not None:
        return Judgement(_with_pair(diff, diff.action, state.row, given, public_key(given)))
    if known.get("servers"):
        raise Refused(
            "state=rotated: %s would not accept a generated key"
            % enumerated([server.label for server in known["servers"]]),
            hint="Add the public key of a pair of your own to them, then set private_key to it and replace to true. "
            "With force=true, Dokploy cannot log in to them until you have added the generated one.",
        )
    rotates = _rotates(state, params)
    if not rotates and diff.action != "create":
        return Judgement(diff)
    kind = _kind(state.row, params)
    if kind is None:
        raise OptionError("one of private_key and generate is needed to create an SSH key")
    # Dokploy generates it, and stores nothing of it.
    generate = Write(
        _GENERATE, {"type": kind}, saves=_GENERATE, writes=False, timeout=_GENERATE_TIMEOUT, hides=(_PRIVATE.api,)
    )
    pair = (FromResponse(_GENERATE, _PRIVATE.api), FromResponse(_GENERATE, _PUBLIC.api))
    diff = _with_pair(diff, "replace" if rotates else diff.action, state.row, *pair)
    return Judgement(replace(diff, tests=(generate,)))


def _kind(row: Optional[Row], params: Mapping[str, Any]) -> Optional[str]:
    """The type of a generated pair: the stated one, or that of the pair that it replaces."""
    if params["generate"] or params["state"] != "rotated":
        return params["generate"] or None
    return "rsa" if str((row or {}).get(_PUBLIC.api)).startswith("ssh-rsa") else _TYPES[0]


def _with_pair(diff: Diff, action: str, row: Optional[Row], private: str, public: str) -> Diff:
    others = [change for change in diff.changes if change.field.api not in (_PRIVATE.api, _PUBLIC.api)]
    pair = [(_PRIVATE, private), (_PUBLIC, public)]
    new = [Change((field.name,), field, (row or {}).get(field.api), value) for field, value in pair]
    return Diff(action, (*others, *new))


SSH_KEY = Resource(
    name="ssh_key",
    scope="instance",
    # With the private keys.
    listing=replace(SSH_KEYS, procedures=SSH_KEYS.procedures[1:]),
    options=(Field("name", "name", needed=True, limits=(1, 255)), Field("description", "description"), _PRIVATE),
    creation=Creation(
        "sshKey.create",
        takes=("name", "description", "privateKey", "publicKey"),
        # The server ignores the ID, and creates the key in the organization of the API key.
        defaults={"description": "", "organizationId": ""},
        row_path=None,
    ),
    reading=Reading(
        in_listing=True,
        facts=(("public_key", "publicKey"), ("created_at", "createdAt")),
        secret_facts=lambda row, _base_url: {"private_key": row.get("privateKey")},
    ),
    updating=Updating("sshKey.update", replacement=replacement_of(_USED_BY)),
    removal=removal_unless_used(
        "sshKey.remove", _USED_BY, "removes the key from them, and takes its own host for a server without a key"
    ),
    answers={_GENERATE: needed(object_of(privateKey=needed(TEXT), publicKey=needed(TEXT)))},
    states=States({"rotated": PRESENT}, options={"generate": {"type": "str", "choices": list(_TYPES)}, **FORCE}),
    checks=(ChangeCheck(_one_pair), ChangeCheck(_paired, _servers)),
)

OPERATION = resource_operation(SSH_KEY)
INFO_OPERATION = info_operation(SSH_KEY)
