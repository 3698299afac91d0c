# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""API keys with their rate limit, sessions, and better-auth's own endpoints under /api/auth."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .store import Row, long_id, new_id, now, token

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .server import Server

SIGN_IN_LIMIT, SIGN_IN_WINDOW = 3, 10.0
TEXT = "text/plain;charset=UTF-8"
COOKIE = "better-auth.session_token"


@dataclass(frozen=True, slots=True)
class Identity:
    user_id: str
    organization_id: str
    role: str


@dataclass(slots=True)
class AuthReply:
    status: int
    body: Any
    headers: dict[str, str]
    content_type: str = "application/json"


def api_key_row(user_id: str, name: str, values: Row | None = None) -> Row:
    """A row of better-auth's apikey table; limited to 10 verifications a day unless the request said otherwise."""
    values = values or {}
    stamp = now()
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
        "expiresAt": None,
        "createdAt": stamp,
        "updatedAt": stamp,
        "permissions": None,
        "metadata": None,
        "id": long_id(),
    }


class Auth:
    def __init__(self, server: Server) -> None:
        self.server = server
        self.sign_ins = (0, 0.0)

    def key_identity(self, secret: str | None) -> Identity | None:
        """Verify a key once and count it; None for every kind of failure, which all look the same outside."""
        store = self.server.store
        row = store.keys_by_secret.get((secret or "").strip())
        if row is None or not row["enabled"] or self.server.faults.key_is_spent():
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
        return self.identity_of(row["referenceId"])

    def identity_of(self, user_id: str) -> Identity | None:
        members = self.server.store.members.of("userId", user_id)
        return Identity(user_id, members[0]["organizationId"], members[0]["role"]) if members else None

    def session_identity(self, cookies: Mapping[str, str]) -> Identity | None:
        session = self.server.store.sessions.get(cookies.get(COOKIE, ""))
        return self.identity_of(session["userId"]) if session else None

    def identify(self, headers: Mapping[str, str], cookies: Mapping[str, str]) -> Identity | None:
        """One verification, as the REST handler and as tRPC's context each do it."""
        if "x-api-key" in headers:
            return self.key_identity(headers["x-api-key"])
        return self.session_identity(cookies) if cookies else None

    def add_user(self, email: str, password: str, name: str, last_name: str, role: str) -> Row:
        store, stamp = self.server.store, now()
        user: Row = {
            "name": name,
            "email": email,
            "emailVerified": False,
            "image": None,
            "createdAt": stamp,
            "updatedAt": stamp,
            "twoFactorEnabled": False,
            "role": "user",
            "banned": False,
            "banReason": None,
            "banExpires": None,
            "allowImpersonation": False,
            "lastName": last_name,
            "enableEnterpriseFeatures": False,
            "isValidEnterpriseLicense": False,
            "id": long_id(),
        }
        store.users.insert({**user, "_password": password})
        if not len(store.organizations):
            store.organizations.insert(
                {"id": new_id(), "name": "My Organization", "slug": None, "logo": None, "createdAt": stamp}
                | {"metadata": None, "ownerId": user["id"]}
            )
        organization = next(iter(store.organizations))
        store.members.insert(
            {"id": new_id(), "organizationId": organization["id"], "userId": user["id"], "role": role}
            | {"createdAt": stamp, "teamId": None, "isDefault": True}
        )
        return user

    # --- /api/auth/* -------------------------------------------------------------------------------------------

    def handle(self, method: str, path: str, body: Any, headers: Mapping[str, str], cookies: Any) -> AuthReply:
        route = (method, path)
        data = body if isinstance(body, dict) else {}
        if route == ("GET", "ok"):
            return AuthReply(200, {"ok": True}, {})
        if route == ("POST", "sign-up/email"):
            return self._sign_up(data)
        if route == ("POST", "sign-in/email"):
            return self._sign_in(data, headers)
        if route == ("GET", "get-session"):
            return self._get_session(cookies)
        if route == ("POST", "sign-out"):
            if headers.get("Origin") in (None, "null"):
                problem = {"message": "Missing or null Origin", "code": "MISSING_OR_NULL_ORIGIN"}
                return AuthReply(403, problem, {})
            self.server.store.sessions.pop(cookies.get(COOKIE, ""), None)
            return AuthReply(200, {"success": True}, {})
        return AuthReply(404, None, {})

    def _sign_up(self, data: dict[str, Any]) -> AuthReply:
        if len(self.server.store.users):
            problem = {"message": "Admin is already created"}
            if not self.server.config.has("sign_up_without_code"):
                problem["code"] = "ADMIN_IS_ALREADY_CREATED"
            return AuthReply(400, problem, {})
        user = self.add_user(data["email"], data["password"], data.get("name", ""), data.get("lastName", ""), "owner")
        return self._session(user, {"token": None})

    def _sign_in(self, data: dict[str, Any], headers: Mapping[str, str]) -> AuthReply:
        count, last = self.sign_ins
        moment = time.monotonic()
        if moment - last > SIGN_IN_WINDOW:
            count = 0
        if count >= SIGN_IN_LIMIT:
            problem = {"message": "Too many requests. Please try again later."}
            return AuthReply(429, problem, {"X-Retry-After": str(int(SIGN_IN_WINDOW))}, TEXT)
        self.sign_ins = (count + 1, moment)
        origin = headers.get("Origin")
        if origin and not any(host in origin for host in ("127.0.0.1", "localhost")):
            return AuthReply(403, {"message": "Invalid origin", "code": "INVALID_ORIGIN"}, {})
        for user in self.server.store.users:
            if user["email"] == data.get("email") and user["_password"] == data.get("password"):
                return self._session({k: v for k, v in user.items() if k != "_password"}, {"redirect": False})
        problem = {"message": "Invalid email or password", "code": "INVALID_EMAIL_OR_PASSWORD"}
        return AuthReply(401, problem, {})

    def _session(self, user: Row, extra: dict[str, Any]) -> AuthReply:
        secret = token(32)
        self.server.store.sessions[secret] = {"userId": user["id"], "createdAt": now(), "id": long_id()}
        cookie = f"{COOKIE}={secret}; Max-Age=259200; Path=/; HttpOnly; SameSite=Lax"
        return AuthReply(200, {**extra, "token": secret, "user": self._told(user)}, {"Set-Cookie": cookie})

    def _told(self, user: Row) -> Row:
        """What signing in tells of the user."""
        if self.server.config.has("user_columns"):
            bans = self.server.config.has("user_bans")
            return {name: value for name, value in user.items() if bans or not name.startswith("ban")}
        return {
            name: user[name] for name in ("id", "email", "name", "image", "emailVerified", "createdAt", "updatedAt")
        }

    def _get_session(self, cookies: Any) -> AuthReply:
        session = self.server.store.sessions.get(cookies.get(COOKIE, ""))
        identity = self.session_identity(cookies)
        if not session or not identity:
            return AuthReply(200, None, {})
        user = self.server.store.users.rows[identity.user_id]
        body = {
            "session": {**session, "activeOrganizationId": identity.organization_id},
            "user": {key: value for key, value in user.items() if key != "_password"},
        }
        return AuthReply(200, body, {})
