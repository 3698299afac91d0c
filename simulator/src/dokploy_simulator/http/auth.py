# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who a request is from: API keys with their limits, and sessions."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from ..store.identities import Identity, identity_in, identity_of
from ..store.store import Store

COOKIE = "better-auth.session_token"


class Auth:
    """``key_is_spent``: whether a fault takes the next use of a key for one too many."""

    def __init__(self, store: Store, key_is_spent: Callable[[], bool]) -> None:
        self.store, self.key_is_spent = store, key_is_spent
        # Path of sign-in or sign-up -> the requests within its window, and when the last one was counted.
        self.limits: dict[str, tuple[int, float]] = {}

    def key_identity(self, secret: str | None) -> Identity | None:
        """Verify a key once and count it; None for every kind of failure, which all look the same outside."""
        row = self.store.keys_by_secret.get((secret or "").strip())
        if row is None or not row["enabled"] or not row["_organizationId"] or self.key_is_spent():
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
                    self.store.drop_key(row)
                return None
            row["remaining"] -= 1
        row["requestCount"] += 1
        row["_last"] = moment
        return identity_in(self.store, row["referenceId"], row["_organizationId"])

    def session_identity(self, cookies: Mapping[str, str]) -> Identity | None:
        session = self.store.sessions.get(cookies.get(COOKIE, ""))
        if session is None:
            return None
        active = session["activeOrganizationId"]
        return (
            identity_in(self.store, session["userId"], active) if active else identity_of(self.store, session["userId"])
        )

    def identify(self, headers: Mapping[str, str], cookies: Mapping[str, str]) -> Identity | None:
        """One verification, as the REST handler and as tRPC's context each do it."""
        if "x-api-key" in headers:
            return self.key_identity(headers["x-api-key"])
        return self.session_identity(cookies) if cookies else None
