# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""router user: API keys."""

from __future__ import annotations

import re

from ...api.errors import ProcedureError, internal, unauthorized
from ...store.accounts import membership, visible
from ...store.identities import api_key_row
from ...store.store import Row, token
from ..common import find
from ..procedures import Context, WithDates, procedure

DAY = 86_400
PREFIX = re.compile(r"[A-Za-z0-9_-]+")


def _problem(data: Row) -> str | None:
    """What better-auth refuses; Dokploy answers 500 with its words."""
    expires, prefix = data.get("expiresIn", DAY), data.get("prefix", "-")
    if not PREFIX.fullmatch(prefix):
        return "[body.prefix] Invalid prefix format, must be alphanumeric and contain only underscores and hyphens."
    if expires < 1:
        return "[body.expiresIn] Too small: expected number to be >=1"
    if expires < DAY:
        return "The expiresIn is smaller than the predefined minimum value."
    if expires > 365 * DAY:
        return "The expiresIn is larger than the predefined maximum value."
    if ("refillAmount" in data) != ("refillInterval" in data):
        return "refillAmount is required when refillInterval is provided"
    return None


@procedure("user.createApiKey")
def create_api_key(ctx: Context, data: Row) -> WithDates:
    """The secret is told once. A key made without ``rateLimitEnabled`` is limited to 10 verifications a day."""
    organization = data["metadata"]["organizationId"]
    # An empty ID is accepted, and makes a key that never works.
    if organization and membership(ctx.store, ctx.identity.user_id, organization) is None:
        raise ProcedureError("FORBIDDEN", "You are not a member of this organization")
    problem = _problem(data)
    if problem:
        raise internal(problem)
    secret = data.get("prefix", "") + token()
    row = api_key_row(ctx.identity.user_id, data["name"], organization, data)
    row["start"] = secret[:6]
    ctx.store.add_key(row, secret)
    answer: Row = {}
    if not ctx.has("key_reference"):
        row = {"userId": row["referenceId"], **row}
    for name, value in visible(row).items():
        if name in ("referenceId", "configId") and not ctx.has("key_reference"):
            continue
        answer[name] = value
        if name == "prefix":
            answer["key"] = secret
    return WithDates(answer, ("createdAt", "updatedAt"))


@procedure("user.deleteApiKey")
def delete_api_key(ctx: Context, data: Row) -> bool:
    row = find(ctx.store.api_keys, data["apiKeyId"], "API key not found")
    if row["referenceId"] != ctx.identity.user_id:
        raise unauthorized("You are not authorized to delete this API key")
    ctx.store.drop_key(row)
    return True
