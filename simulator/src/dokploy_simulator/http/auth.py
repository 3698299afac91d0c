# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who a request is from: API keys with their limits, and sessions."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from ..store import accounts
from ..store.store import Row, iso, long_id, now

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .server import Server

COOKIE = "better-auth.session_token"


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


class Auth:
    def __init__(self, server: Server) -> None:
        self.server = server
        # Path of sign-in or sign-up -> the requests within its window, and when the last one was counted.
        self.limits: dict[str, tuple[int, float]] = {}

    def key_identity(self, secret: str | None) -> Identity | None:
        """Verify a key once and count it; None for every kind of failure, which all look the same outside."""
        store = self.server.store
        row = store.keys_by_secret.get((secret or "").strip())
        if row is None or not row["enabled"] or not row["_organizationId"] or self.server.faults.key_is_spent():
            return None
        moment = time.monotonic() * 1000
        if row["rateLimitEnabled"]:
            last = row.get("_last")
            if last is None or moment - last > row["rateLimitTimeWindow"]:
                row["requestCount"] = 0
            if row["requestCount"] >= row["rateLimitMax"]:
                return None
        if row["remaining"] is not None:
            if row["remaining"] <= 0:
                # One that is not filled up again is gone for good (measured).
                if row["refillAmount"] is None:
                    store.drop_key(row)
                return None
            row["remaining"] -= 1
        row["requestCount"] += 1
        row["_last"] = moment
        return self.identity_in(row["referenceId"], row["_organizationId"])

    def identity_in(self, user_id: str, organization_id: str) -> Identity:
        member = accounts.membership(self.server.store, user_id, organization_id)
        return Identity(user_id, organization_id if member else "", member["role"] if member else "")

    def identity_of(self, user_id: str) -> Identity:
        """In the organization where a new session of the user begins."""
        member = accounts.default_membership(self.server.store, user_id)
        return self.identity_in(user_id, member["organizationId"] if member else "")

    def session_identity(self, cookies: Mapping[str, str]) -> Identity | None:
        session = self.server.store.sessions.get(cookies.get(COOKIE, ""))
        if session is None:
            return None
        active = session["activeOrganizationId"]
        return self.identity_in(session["userId"], active) if active else self.identity_of(session["userId"])

    def identify(self, headers: Mapping[str, str], cookies: Mapping[str, str]) -> Identity | None:
        """One verification, as the REST handler and as tRPC's context each do it."""
        if "x-api-key" in headers:
            return self.key_identity(headers["x-api-key"])
        return self.session_identity(cookies) if cookies else None
