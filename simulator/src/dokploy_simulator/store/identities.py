# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who a request is from, and the rows of API keys."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from . import accounts
from .store import Row, Store, iso, long_id, now


@dataclass(frozen=True, slots=True)
class Identity:
    """Who asks, and in which organization. Without a membership in it the last two are empty."""

    user_id: str
    organization_id: str
    role: str


def api_key_row(user_id: str, name: str, organization_id: str, values: Row | None = None) -> Row:
    """A row of better-auth's apikey table; limited to 10 verifications a day unless the request said otherwise."""
    values = values or {}
    stamp = now()
    expires = values.get("expiresIn")
    return {
        "configId": "default",
        "name": name,
        "start": None,
        "referenceId": user_id,
        "prefix": values.get("prefix"),
        "refillInterval": values.get("refillInterval"),
        "refillAmount": values.get("refillAmount"),
        "lastRefillAt": None,
        "enabled": True,
        "rateLimitEnabled": values.get("rateLimitEnabled", True),
        "rateLimitTimeWindow": values.get("rateLimitTimeWindow", 86400000),
        "rateLimitMax": values.get("rateLimitMax", 10),
        "requestCount": 0,
        "remaining": values.get("remaining"),
        "lastRequest": None,
        "expiresAt": iso(datetime.now(UTC) + timedelta(seconds=expires)) if expires else None,
        "createdAt": stamp,
        "updatedAt": stamp,
        "permissions": None,
        "metadata": None,
        "id": long_id(),
        "_organizationId": organization_id,
    }


def identity_in(store: Store, user_id: str, organization_id: str) -> Identity:
    member = accounts.membership(store, user_id, organization_id)
    return Identity(user_id, organization_id if member else "", member["role"] if member else "")


def identity_of(store: Store, user_id: str) -> Identity:
    """In the organization where a new session of the user begins."""
    member = accounts.default_membership(store, user_id)
    return identity_in(store, user_id, member["organizationId"] if member else "")
