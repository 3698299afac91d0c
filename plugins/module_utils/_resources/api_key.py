# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""API keys of the user of the API key.

Measured on Dokploy 0.30.2: a key that is created without a rate limit policy is limited to ten verifications a day,
which are five requests, so the policy is always stated. No procedure changes a key, and its value is in the answer that
creates it only. C(user.getBackups) lists the keys with their limits, and with the hash of each value.
"""

from __future__ import annotations

import base64
import hashlib
import re
from typing import Any, Dict, Iterator, Mapping, Optional

from .._engine.diff import Difference
from .._engine.lookup import resolve
from .._engine.plan import SELF, Plan, Step, Write
from .._engine.runner import Context, Operation
from .._errors import OptionError, Refused
from .._model.argspec import Spec
from .._model.field import Listing
from .._values.schema import parsed
from .accounts import by_name_or_id
from .key_file import KeyFile, SaveKey

Row = Mapping[str, Any]

LONGEST_NAME = 32
DAY = 86_400
LONGEST_DAYS = 365
_PREFIX = re.compile(r"[A-Za-z0-9_-]+\Z")
ORGANIZATIONS = Listing("organization", ("organization.all",), "id")
# Option -> key in the API, and what one of the option is in the API.
_LIMITS = {
    "rate_limit": ("rateLimitMax", 1),
    "rate_limit_window": ("rateLimitTimeWindow", 1000),
    "remaining": ("remaining", 1),
    "refill_amount": ("refillAmount", 1),
    "refill_interval": ("refillInterval", 1000),
}
OPTIONS: Spec = {
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "api_key_id": {"type": "str", "no_log": False},
    "name": {"type": "str"},
    "organization": {"type": "str"},
    "prefix": {"type": "str"},
    "expires_in_days": {"type": "int"},
    "rate_limit": {"type": "int"},
    "rate_limit_window": {"type": "int"},
    "remaining": {"type": "int"},
    "refill_amount": {"type": "int"},
    "refill_interval": {"type": "int"},
    "replace": {"type": "bool", "default": False},
    "api_key_file": {"type": "path", "no_log": False},
    "include_secrets": {"type": "bool", "default": False, "no_log": False},
}


def _check(params: Mapping[str, Any]) -> None:
    """:raises OptionError: an option cannot work."""
    name, prefix, days = params["name"], params["prefix"], params["expires_in_days"]
    if name is not None and not 1 <= len(name) <= LONGEST_NAME:
        raise OptionError("name has %d characters; it must have 1 to %d" % (len(name), LONGEST_NAME))
    if prefix is not None and not _PREFIX.match(prefix):
        raise OptionError("prefix: %r has other characters than letters, digits, _ and -" % prefix)
    if days is not None and not 1 <= days <= LONGEST_DAYS:
        raise OptionError("expires_in_days is %d; it must be between 1 and %d" % (days, LONGEST_DAYS))
    for option in _LIMITS:
        if params[option] is not None and params[option] < 1:
            raise OptionError("%s is %d; it must be at least 1" % (option, params[option]))
    for one, two in (("rate_limit", "rate_limit_window"), ("refill_amount", "refill_interval")):
        if (params[one] is None) != (params[two] is None):
            raise OptionError("%s and %s are needed together" % (one, two))
    if params["refill_amount"] is not None and params["remaining"] is None:
        raise OptionError("refill_amount is not supported without remaining")


def _perform(context: Context) -> Dict[str, Any]:
    params, client = context.params, context.client
    _check(params)
    member = client.query("user.get")
    organization = str(member["organizationId"])
    if params["organization"] is not None:
        organization = resolve(context.reads, ORGANIZATIONS, params["organization"], "organization")
    rows = [_with_organization(row) for row in client.query("user.getBackups")["apiKeys"]]
    if params["api_key_id"] is None:
        rows = [row for row in rows if row["organizationId"] == organization]
    row = by_name_or_id(rows, "api_key", "id", "name", params)
    label = "API key %r" % (row["name"] if row is not None else params["name"])
    if params["state"] == "absent":
        return _absent(context, row, label)
    return _present(context, row, label, organization)


def _with_organization(row: Row) -> Dict[str, Any]:
    metadata = parsed(row.get("metadata") or "{}")
    return {**row, "organizationId": metadata.get("organizationId") if isinstance(metadata, dict) else None}


def _present(context: Context, row: Optional[Row], label: str, organization: str) -> Dict[str, Any]:
    params = context.params
    file = KeyFile(params["api_key_file"]) if params["api_key_file"] is not None else None
    if row is not None:
        problem = _unlike(params, row, file)
        wanted_again = params["replace"] and file is None and params["include_secrets"]
        if problem is None and not wanted_again:
            unknown = {"key": None} if params["include_secrets"] else {}
            return context.first(Difference(label, {}, {})).result(api_key={**_shown(row), **unknown})
        if not params["replace"]:
            raise Refused(
                "%s: %s" % (label, problem),
                hint="Set replace to true to create the key again, with another value, and remove this one.",
            )
    if file is None and not params["include_secrets"]:
        raise OptionError(
            "one of api_key_file and include_secrets is needed to create an API key",
            hint="Dokploy shows its value only when it creates it.",
        )
    if file is not None:
        file.check_folder()
    before = {"state": "absent"} if row is None else {"api_key_id": row["id"]}
    difference = context.first(Difference(label, before, {"state": "present", **_stated(params)}))
    outcome = context.executor.run(Plan(tuple(_steps(params, row, organization, file))))
    made = outcome.rows.get(SELF)
    if made is None:
        return difference.result(api_key={**_shown({}), "name": params["name"], **_stated(params)})
    context.client.add_secret(made["key"])
    secret = {"key": made["key"]} if params["include_secrets"] else {}
    return difference.result(api_key={**_shown({**made, "organizationId": organization}), **secret})


def _stated(params: Mapping[str, Any]) -> Dict[str, Any]:
    return {name: params[name] for name in ("prefix", *_LIMITS) if params[name] is not None}


def _unlike(params: Mapping[str, Any], row: Row, file: Optional[KeyFile]) -> Optional[str]:
    """Why an existing key is not what is stated."""
    shown = _shown(row)
    # What remains becomes less.
    others = [name for name, value in _stated(params).items() if name != "remaining" and shown[name] != value]
    if others:
        return "%s cannot be changed on an existing API key" % " and ".join(others)
    if file is not None and _hash(file.read() or "") != row["key"]:
        return "it exists, and api_key_file %s does not have its value" % file.path
    return None


def _steps(params: Mapping[str, Any], row: Optional[Row], organization: str, file: Optional[KeyFile]) -> Iterator[Step]:
    body: Dict[str, Any] = {"name": params["name"] if row is None else row["name"]}
    body.update(metadata={"organizationId": organization}, rateLimitEnabled=params["rate_limit"] is not None)
    body.update({key: params[name] * scale for name, (key, scale) in _LIMITS.items() if params[name] is not None})
    if params["prefix"] is not None:
        body["prefix"] = params["prefix"]
    if params["expires_in_days"] is not None:
        body["expiresIn"] = params["expires_in_days"] * DAY
    # Another one would have another value.
    yield Write("user.createApiKey", body, saves=SELF, once=True)
    if file is not None:
        yield SaveKey(file)
    if row is not None:
        yield Write("user.deleteApiKey", {"apiKeyId": row["id"]}, missing_ok=True)


def _absent(context: Context, row: Optional[Row], label: str) -> Dict[str, Any]:
    if row is not None and row["key"] == _hash(context.client.config.api_key.strip()):
        raise Refused(
            "%s is not removed: the module itself uses it" % label, hint="Use another key to remove this one."
        )
    before = {"state": "present"} if row is not None else {"state": "absent"}
    difference = context.first(Difference(label, before, {"state": "absent"}))
    if row is not None:
        context.executor.run(Plan((Write("user.deleteApiKey", {"apiKeyId": row["id"]}, missing_ok=True),)))
    gone = {"api_key_id": row["id"], "name": row["name"]} if row is not None else None
    return difference.result(api_key=gone)


def _hash(key: str) -> str:
    """What Dokploy stores of a key: its SHA-256 in Base64 for URLs, without padding."""
    digest = hashlib.sha256(key.encode("utf-8")).digest()
    return base64.urlsafe_b64encode(digest).decode("ascii").rstrip("=")


def _shown(row: Row) -> Dict[str, Any]:
    """A key in option names, without its value."""
    limited = bool(row.get("rateLimitEnabled"))
    limits: Dict[str, Any] = {}
    for name, (key, scale) in _LIMITS.items():
        value = row.get(key) if limited or not name.startswith("rate_limit") else None
        limits[name] = value // scale if isinstance(value, int) else None
    facts = {"api_key_id": "id", "name": "name", "prefix": "prefix", "organization_id": "organizationId"}
    facts.update(enabled="enabled", expires_at="expiresAt", created_at="createdAt")
    return {**{name: row.get(key) for name, key in facts.items()}, **limits}


OPERATION = Operation("dokploy_api_key", OPTIONS, _perform, {"required_one_of": [["name", "api_key_id"]]}, files=())
