# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Organizations of the user of the API key.

A key sees what is in its own organization only, so nothing tells what the removal of another one removes: Dokploy
removes an organization with all its projects, and without a question (measured on 0.30.2).
"""

from __future__ import annotations

from typing import Any, Dict, Iterator, Mapping, Optional

from .._engine.diff import Difference
from .._engine.plan import SELF, FromResponse, Plan, Step, Write
from .._engine.runner import Context, Operation
from .._errors import OptionError, Refused
from .._model.argspec import Spec
from .._model.resource import DELETE_TIMEOUT
from .._values.codec import is_empty
from .accounts import ROLES, applied, by_name_or_id, differing

Row = Mapping[str, Any]

OPTIONS: Spec = {
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "organization_id": {"type": "str"},
    "name": {"type": "str"},
    "logo": {"type": "str"},
    "default_role": {"type": "str", "choices": [*ROLES, ""]},
    "default": {"type": "bool"},
    "force": {"type": "bool", "default": False},
}
_FACTS = {"organization_id": "id", "slug": "slug", "owner_id": "ownerId", "created_at": "createdAt"}
_UNKNOWN = {**dict.fromkeys(_FACTS), "name": None, "logo": "", "default_role": "", "default": False}
# Option -> its key in the API.
_KEYS = {"name": "name", "logo": "logo", "default_role": "defaultRole"}


def _perform(context: Context) -> Dict[str, Any]:
    params = context.params
    for option in ("name", "organization_id"):
        if params[option] == "":
            raise OptionError("%s must not be empty" % option)
    rows = context.client.query("organization.all")
    row = by_name_or_id(rows, "organization", "id", "name", params)
    label = "organization %r" % (row["name"] if row else params["name"])
    return (_absent if params["state"] == "absent" else _present)(context, row, label)


def _present(context: Context, row: Optional[Row], label: str) -> Dict[str, Any]:
    params = context.params
    current = _words(row) if row is not None else {}
    wanted = {name: params[name] for name in (*_KEYS, "default") if params[name] is not None}
    if current.get("default") and wanted.get("default") is False:
        raise OptionError("default: another organization becomes the default one, with default=true for that")
    before, after = differing(current, wanted, row is None)
    difference = context.first(Difference(label, before, after))
    if before == after:
        return difference.result(organization=_shown(row))
    outcome = context.executor.run(Plan(tuple(_steps(row, after, params["name"]))))
    if not outcome.sent:
        return difference.result(organization={**(_shown(row) or _UNKNOWN), **wanted})
    made = outcome.rows.get(SELF) or row or {}
    rows = context.client.query("organization.all")
    row = next((one for one in rows if one["id"] == made["id"]), None)
    applied(label, wanted, _words(row) if row is not None else {})
    return difference.result(organization=_shown(row))


def _steps(row: Optional[Row], after: Mapping[str, Any], name: str) -> Iterator[Step]:
    """The writes of what differs."""
    body = {_KEYS[option]: value for option, value in after.items() if option in _KEYS}
    if "defaultRole" in body:
        # The server refuses an empty one.
        body["defaultRole"] = body["defaultRole"] or None
    resource_id: Any = row["id"] if row is not None else FromResponse(SELF, "id")
    if row is None:
        created = {key: value for key, value in body.items() if key != "defaultRole" and value}
        yield Write("organization.create", created, saves=SELF)
        body = {"defaultRole": body["defaultRole"]} if body.get("defaultRole") else {}
    if body:
        current = row["name"] if row is not None else name
        yield Write("organization.update", {"organizationId": resource_id, "name": current, **body})
    if after.get("default"):
        yield Write("organization.setDefault", {"organizationId": resource_id})


def _absent(context: Context, row: Optional[Row], label: str) -> Dict[str, Any]:
    params = context.params
    if row is not None and not params["force"]:
        raise Refused(
            "%s is not removed: Dokploy removes it with all its projects, services and settings" % label,
            hint="Set force to true if it can go.",
        )
    before = {"state": "present"} if row is not None else {"state": "absent"}
    difference = context.first(Difference(label, before, {"state": "absent"}))
    if row is not None:
        body = {"organizationId": row["id"]}
        context.executor.run(Plan((Write("organization.delete", body, missing_ok=True, timeout=DELETE_TIMEOUT),)))
    gone = {"organization_id": row["id"], "name": row["name"]} if row is not None else None
    return difference.result(organization=gone)


def _words(row: Row) -> Dict[str, Any]:
    """A row in option names."""
    members = row.get("members") or []
    shown = {name: "" if is_empty(row.get(key)) else row[key] for name, key in _KEYS.items()}
    return {**shown, "default": bool(members and members[0].get("isDefault"))}


def _shown(row: Optional[Row]) -> Optional[Dict[str, Any]]:
    if row is None:
        return None
    return {**{name: row.get(key) for name, key in _FACTS.items()}, **_words(row)}


OPERATION = Operation(
    "dokploy_organization", OPTIONS, _perform, {"required_one_of": [["name", "organization_id"]]}, files=()
)
