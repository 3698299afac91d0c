# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""API keys of the user of the API key.

Measured on Dokploy 0.30.2: a key that is created without a rate limit policy is limited to ten verifications a day,
which are five requests, so the policy is always stated. No procedure changes a key, and its value is in the answer that
creates it only. C(user.getBackups) lists the keys of all organizations with their limits, and with the hash of each
value.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from typing import Any, Callable, Dict, List, Mapping

from ..._engine.apply import ABSENT, PRESENT, RemovalPlan, Removed, resource_operation
from ..._engine.diff import Diff, Judgement, Row
from ..._engine.flow import ResourcePlan
from ..._engine.info import info_operation
from ..._engine.plan import Step, Write
from ..._engine.replacement import replacement_steps
from ..._engine.runner import Context
from ..._engine.state import State
from ..._errors import OptionError, Refused, enumerated
from ..._model.field import Field, Listing
from ..._model.procedures import Creation, Reading, Removal, Replacement, Updating
from ..._model.resource import ChangeCheck, Resource
from ..._model.states import States
from ..._reads.reads import Reads
from ..._values.codec import INTEGER, Codec
from ..._values.schema import SCALAR, TEXT, object_of, parse_json
from .accounts import MEMBER_ANSWERS
from .key_file import KeyFile, SaveKey, plan_closing
from .organization import ORGANIZATION

_PREFIX = (r"[A-Za-z0-9_-]+\Z", "has other characters than letters, digits, _ and -")
# What the column of a limit takes.
_MOST = 2**31 - 1
_DAY, _MILLISECONDS = 86_400, 1000


def _times(factor: int) -> Codec:
    """A whole number that the API has in another unit."""
    return replace(
        INTEGER,
        to_api=lambda value: value * factor,
        shown=lambda value: value if value is None else value // factor,
    )


def _organization(row: Row) -> Any:
    stored = row.get("metadata")
    metadata = parse_json(stored or "{}") if isinstance(stored, str) or not stored else stored
    return metadata.get("organizationId") if isinstance(metadata, Mapping) else None


def _if_limited(key: str) -> Callable[[Row], Any]:
    """A value of the rate limit, which a key that is not limited has, too."""

    def value(row: Row) -> Any:
        return row.get(key) if row.get("rateLimitEnabled") else None

    return value


def _own_organization(reads: Reads) -> str:
    """The organization of the API key that the module uses."""
    (member,) = reads.listings.rows(("user.get",))
    return str(member["organizationId"])


def _limited(body: Row) -> Dict[str, Any]:
    return {"rateLimitEnabled": body.get("rateLimitMax") is not None}


def _limits_agree(state: State, diff: Diff, _params: Mapping[str, Any], _known: Mapping[str, Any]) -> Judgement:
    """:raises OptionError: a limit lacks the one that it needs."""
    after = diff.fields_after(state.row)
    for first, second in (("rate_limit", "rate_limit_window"), ("refill_amount", "refill_interval")):
        if (after.get(_LIMITS[first].api) is None) != (after.get(_LIMITS[second].api) is None):
            raise OptionError("%s and %s are needed together" % (first, second))
    if after.get("refillAmount") is not None and after.get("remaining") is None:
        raise OptionError("refill_amount is not supported without remaining")
    return Judgement(diff)


def _in_file(state: State, diff: Diff, params: Mapping[str, Any], _reads: Reads) -> Mapping[str, Any]:
    """The C(hash) of the value in the file of a key that stays as it is."""
    if _changes(state, diff) or params["api_key_file"] is None:
        return {}
    return {"hash": _hash(KeyFile(params["api_key_file"]).read() or "")}


def _changes(state: State, diff: Diff) -> bool:
    """Whether there is no key, or another change of it."""
    return state.row is None or not diff.empty or state.sent_before


def _lost(state: State, diff: Diff, params: Mapping[str, Any], known: Mapping[str, Any]) -> Judgement:
    """Another key where the value of this one is not where it is wanted.

    :raises Refused: the file does not have the value, and the key is not to be replaced.
    """
    row = state.row
    if row is None or _changes(state, diff):
        return Judgement(diff)
    lacking = known.get("hash", row["key"]) != row["key"]
    if lacking and not params["replace"]:
        raise Refused(
            "API key %r: it exists, and api_key_file %s does not have its value"
            % (row["name"], params["api_key_file"]),
            hint="Set replace to true to create the API key again, with another value, and remove this one.",
        )
    wanted = params["api_key_file"] is None and params["include_secrets"]
    return Judgement(Diff("replace") if params["replace"] and (lacking or wanted) else diff)


def _can_be_new(state: State, diff: Diff, params: Mapping[str, Any], _known: Mapping[str, Any]) -> Judgement:
    """:raises OptionError: a limit is needed to replace a key, or nothing keeps the value of a new one."""
    if not _is_new(diff):
        return Judgement(diff)
    for option, key in (("remaining", "remaining"), ("expires_in_days", "expiresAt")):
        # The rest of it is no limit for a new one, and without it, that would have none.
        if (state.row or {}).get(key) is not None and params[option] is None:
            raise OptionError("%s is needed to replace the API key, which has such a limit" % option)
    if params["api_key_file"] is None and not params["include_secrets"]:
        raise OptionError(
            "one of api_key_file and include_secrets is needed to create an API key",
            hint="Dokploy shows its value only when it creates it.",
        )
    return Judgement(diff)


def _is_new(diff: Diff) -> bool:
    return diff.action in ("create", "replace")


def _folder(_state: State, diff: Diff, params: Mapping[str, Any], _reads: Reads) -> Mapping[str, Any]:
    """:raises OptionError: no file can be made where the value of a new key is to be stored."""
    if _is_new(diff) and params["api_key_file"] is not None:
        KeyFile(params["api_key_file"]).check_folder()
    return {}


def _saved(_state: State, diff: Diff, params: Mapping[str, Any], _known: Mapping[str, Any]) -> Judgement:
    """The diff with what keeps the value of a new key."""
    keeps = _is_new(diff) and params["api_key_file"] is not None
    return Judgement(replace(diff, keeping=(SaveKey(KeyFile(params["api_key_file"])),)) if keeps else diff)


def _own_key(_resource: Resource, _row: Row, _params: Mapping[str, Any], reads: Reads) -> Mapping[str, Any]:
    """What Dokploy stores of the key that the module uses."""
    return {"own": _hash(reads.client.config.api_key.strip())}


def _removal(resource: Resource, row: Row, _params: Mapping[str, Any], known: Mapping[str, Any]) -> List[Step]:
    """:raises Refused: it is the key that the module uses."""
    if row["key"] == known["own"]:
        raise Refused(
            "API key %r is not removed: the module itself uses it" % row["name"],
            hint="Use another key to remove this one.",
        )
    return [Write(resource.removal.procedure, resource.removed(row), missing_ok=True)]


def _hash(key: str) -> str:
    """What Dokploy stores of a key: its SHA-256 in Base64 for URLs, without padding."""
    digest = hashlib.sha256(key.encode("utf-8")).digest()
    return base64.urlsafe_b64encode(digest).decode("ascii").rstrip("=")


def _plan(state: State, context: Context) -> ResourcePlan:
    """The key exists, and others may not read the file that has its value."""
    planned: ResourcePlan = PRESENT.plan(state, context)
    path = context.params["api_key_file"]
    return planned if path is None or not planned.diff.empty else planned.also(*plan_closing(KeyFile(path)))


def _plan_removal(state: Removed, context: Context) -> RemovalPlan:
    """The removal; a warning names the other organizations that have a key of its name, if none is stated."""
    params, resource = context.params, state.resource
    if params["api_key_id"] is None and params["organization"] is None:
        own, rows = _own_organization(context.reads), context.reads.trees.of(resource.levels).roots
        named = {row["organizationId"] for row in rows if row["name"] == params["name"]} - {own}
        organizations = context.reads.listings.rows(ORGANIZATION.listing.procedures) if named else []
        names = {row["id"]: row["name"] for row in organizations}
        labels = sorted(repr(names.get(organization_id, organization_id)) for organization_id in named)
        if labels:
            context.warn(
                [
                    "An API key %r of another organization stays: %s. State organization, or api_key_id, to remove it."
                    % (params["name"], enumerated(labels))
                ]
            )
    planned: RemovalPlan = ABSENT.plan(state, context)
    return planned


_LIMITS = {
    "rate_limit": Field("rate_limit", "rateLimitMax", INTEGER, limits=(1, _MOST)),
    "rate_limit_window": Field(
        "rate_limit_window", "rateLimitTimeWindow", _times(_MILLISECONDS), limits=(1, _MOST // _MILLISECONDS)
    ),
    "remaining": Field("remaining", "remaining", INTEGER, initial=True, limits=(1, _MOST)),
    "refill_amount": Field("refill_amount", "refillAmount", INTEGER, limits=(1, _MOST)),
    "refill_interval": Field(
        "refill_interval", "refillInterval", _times(_MILLISECONDS), limits=(1, _MOST // _MILLISECONDS)
    ),
}
API_KEY = Resource(
    name="api_key",
    scope="instance",
    listing=Listing(
        "API key",
        ("user.getBackups",),
        "id",
        key="apiKeys",
        derived=(
            ("organizationId", _organization),
            *((key, _if_limited(key)) for key in ("rateLimitMax", "rateLimitTimeWindow")),
        ),
        read=object_of(key=TEXT, metadata=TEXT, rateLimitEnabled=SCALAR),
        many="API keys",
    ),
    options=(
        Field("name", "name", needed=True, limits=(1, 32)),
        Field(
            "organization",
            "organizationId",
            reference=ORGANIZATION.listing,
            qualifies=_own_organization,
        ),
        Field("prefix", "prefix", Codec("str", empty=None), pattern=_PREFIX),
        Field("expires_in_days", "expiresIn", _times(_DAY), initial=True, input_only=True, limits=(1, 365)),
        *_LIMITS.values(),
    ),
    creation=Creation(
        "user.createApiKey",
        takes=("name", "organizationId", "prefix", "expiresIn", *(field.api for field in _LIMITS.values())),
        implied=_limited,
        shown_once={"key": "key"},
    ),
    packed=("metadata", ("organizationId",)),
    reading=Reading(
        in_listing=True,
        facts=(
            ("organization_id", "organizationId"),
            ("enabled", lambda row: row.get("enabled", True)),
            ("expires_at", "expiresAt"),
            ("created_at", "createdAt"),
        ),
    ),
    updating=Updating(replacement=Replacement(replacement_steps)),
    removal=Removal("user.deleteApiKey", steps=_removal, observe=_own_key),
    acknowledged=("user.deleteApiKey",),
    input_key="apiKeyId",
    answers=MEMBER_ANSWERS,
    states=States(
        {"present": replace(PRESENT, plan=_plan), "absent": replace(ABSENT, plan=_plan_removal)},
        options={"api_key_file": {"type": "path", "no_log": False}},
    ),
    checks=(
        ChangeCheck(_limits_agree),
        ChangeCheck(_lost, _in_file),
        ChangeCheck(_can_be_new),
        ChangeCheck(_saved, _folder),
    ),
)

OPERATION = resource_operation(API_KEY)
INFO_OPERATION = info_operation(API_KEY)
