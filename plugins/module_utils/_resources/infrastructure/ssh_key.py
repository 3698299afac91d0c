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
from typing import Any, Mapping, Optional, Tuple

from ..._engine.apply import present, resource_operation
from ..._engine.diff import Change, Diff, Row
from ..._engine.info import info_operation
from ..._engine.plan import Plan, Write
from ..._engine.runner import Context
from ..._errors import OptionError, Refused, enumerated
from ..._model.field import Field
from ..._model.resource import FORCE, Resource
from ..._values.codec import GENERATED
from ..._values.schema import TEXT, needed, object_of
from .listings import SSH_KEYS
from .references import references_to, removal_unless_used, replacement_of
from .ssh_key_format import PRIVATE_KEY, check_key, public_key

# An RSA key takes a second.
_GENERATE_TIMEOUT = 60.0
_TYPES = ("ed25519", "rsa")
_USED_BY = {"application": ("customGitSSHKeyId",), "compose": ("customGitSSHKeyId",), "server": ("sshKeyId",)}
_PRIVATE = Field("private_key", "privateKey", PRIVATE_KEY, secret=True, replaces=True, grammar=check_key)
# It follows from the private key, and a diff shows both as one.
_PUBLIC = Field("private_key", "publicKey", secret=True)


def _paired(resource: Resource, _children: Tuple[str, ...], diff: Diff, row: Optional[Row], context: Context) -> Diff:
    """The diff with both keys of a new pair, which is the stated one or is generated.

    :raises OptionError: there is no pair for a new record, or there are two.
    :raises Refused: servers would not accept a generated key.
    """
    params = context.params
    rotates = params["state"] == "rotated" and row is not None and not context.executor.sent
    if params["private_key"] is not None and (params["generate"] or params["state"] == "rotated"):
        with_ = "generate" if params["generate"] else "state=rotated"
        raise OptionError("private_key and %s are mutually exclusive" % with_)
    if params["private_key"] is not None and not params["private_key"].strip():
        raise OptionError("private_key must not be empty")
    changes = {change.field.api: change for change in diff.changes}
    given = changes.get(_PRIVATE.api)
    if given is not None:
        return _with_pair(diff, diff.action, row, given.after, public_key(given.after))
    if rotates and row is not None:
        if not params["force"]:
            _refuse_servers(resource, row, context)
        kind = params["generate"] or ("rsa" if str(row.get(_PUBLIC.api)).startswith("ssh-rsa") else _TYPES[0])
        return _with_pair(diff, "replace", row, *_generated(kind, context))
    if diff.action == "create":
        kind = params["generate"] or (_TYPES[0] if params["state"] == "rotated" else None)
        if kind is None:
            raise OptionError("one of private_key and generate is needed to create an SSH key")
        return _with_pair(diff, "create", row, *_generated(kind, context))
    return diff


def _generated(kind: str, context: Context) -> Tuple[str, str]:
    """A new pair of Dokploy's, which stores nothing of it; check mode does not ask for one."""
    write = Write("sshKey.generate", {"type": kind}, saves="pair", writes=False, timeout=_GENERATE_TIMEOUT)
    pair: Mapping[str, Any] = context.executor.run(Plan((write,))).rows.get("pair") or {}
    private = str(pair.get(_PRIVATE.api) or GENERATED)
    context.client.add_secret(private)
    return private, str(pair.get(_PUBLIC.api) or GENERATED)


def _with_pair(diff: Diff, action: str, row: Optional[Row], private: str, public: str) -> Diff:
    others = [change for change in diff.changes if change.field.api not in (_PRIVATE.api, _PUBLIC.api)]
    pair = [(_PRIVATE, private), (_PUBLIC, public)]
    new = [Change((field.name,), field, (row or {}).get(field.api), value) for field, value in pair]
    return Diff(action, (*others, *new))


def _refuse_servers(resource: Resource, row: Row, context: Context) -> None:
    found = references_to(context.client, str(row[resource.id_key]), {"server": _USED_BY["server"]})
    if found:
        raise Refused(
            "state=rotated: %s would not accept a generated key" % enumerated([one.label for one in found]),
            hint="Add the public key of a pair of your own to them, then set private_key to it and replace to true. "
            "With force=true, Dokploy cannot log in to them until you have added the generated one.",
        )


SSH_KEY = Resource(
    name="ssh_key",
    scope="instance",
    # With the private keys.
    listing=replace(SSH_KEYS, procedures=SSH_KEYS.procedures[1:]),
    options=(Field("name", "name", needed=True, limits=(1, 255)), Field("description", "description"), _PRIVATE),
    create="sshKey.create",
    create_takes=("name", "description", "privateKey", "publicKey"),
    # The server ignores the ID, and creates the key in the organization of the API key.
    create_defaults={"description": "", "organizationId": ""},
    created=None,
    readable="in_listing",
    update="sshKey.update",
    remove="sshKey.remove",
    answers={"sshKey.generate": needed(object_of(privateKey=needed(TEXT), publicKey=needed(TEXT)))},
    removal=removal_unless_used(
        _USED_BY, "removes the key from them, and takes its own host for a server without a key"
    ),
    replacement=replacement_of(_USED_BY),
    facts=(("public_key", "publicKey"), ("created_at", "createdAt")),
    secret_facts=lambda row, _base_url: {"private_key": row.get("privateKey")},
    states={"rotated": present},
    checks=(_paired,),
    options_of_states={"generate": {"type": "str", "choices": list(_TYPES)}, **FORCE},
)

OPERATION = resource_operation(SSH_KEY)
INFO_OPERATION = info_operation(SSH_KEY)
