# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""better-auth's own endpoints under /api/auth: sign-up, sign-in, the session and what only a session may do."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from ..api.validate import MISSING, kind
from ..store import accounts
from ..store.store import Row, iso, long_id, now, token
from .auth import COOKIE
from .server import Server

LIMIT = 3
TEXT = "text/plain;charset=UTF-8"
EMAIL = re.compile(r"[\w.+'-]+@[\w-]+(\.[\w-]+)+")
SESSION_DAYS = 3
RENAMED = ("keyId", "name", "enabled")
"""What a session may send about an API key; anything else only the server may set."""


@dataclass(slots=True)
class AuthReply:
    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/json"


@dataclass(slots=True)
class Sent:
    server: Server
    data: dict[str, Any]
    headers: Mapping[str, str]
    cookies: Mapping[str, str]

    @property
    def session(self) -> Row | None:
        return self.server.store.sessions.get(self.cookies.get(COOKIE, ""))


class Refused(Exception):
    def __init__(self, status: int, message: str, code: str = "") -> None:
        super().__init__(message)
        self.reply = AuthReply(status, {"message": message, **({"code": code} if code else {})})


def handle(
    server: Server, method: str, path: str, body: Any, headers: Mapping[str, str], cookies: Mapping[str, str]
) -> AuthReply:
    sent = Sent(server, body if isinstance(body, dict) else {}, headers, cookies)
    route = ROUTES.get((method, path))
    if route is None:
        return AuthReply(404, None)
    try:
        return route(sent)
    except Refused as refused:
        return refused.reply


# --- sign-up and sign-in -------------------------------------------------------------------------------------------


def _count(sent: Sent, path: str) -> AuthReply | None:
    """The refusal of a request that is one too many of its path."""
    limits, window = sent.server.auth.limits, sent.server.config.sign_in_seconds
    count, last = limits.get(path, (0, 0.0))
    moment = time.monotonic()
    if moment - last > window:
        count = 0
    if count >= LIMIT:
        problem = {"message": "Too many requests. Please try again later."}
        return AuthReply(429, problem, {"X-Retry-After": str(max(1, round(window)))}, TEXT)
    limits[path] = (count + 1, moment)
    return None


def _check_origin(sent: Sent) -> None:
    origin = sent.headers.get("Origin")
    if origin and not any(host in origin for host in ("127.0.0.1", "localhost")):
        raise Refused(403, "Invalid origin", "INVALID_ORIGIN")


def _text(sent: Sent, name: str) -> str:
    value = sent.data.get(name, MISSING)
    if not isinstance(value, str):
        raise Refused(400, f"[body.{name}] Invalid input: expected string, received {kind(value)}", "VALIDATION_ERROR")
    return value


def sign_up(sent: Sent) -> AuthReply:
    limited = _count(sent, "sign-up/email")
    if limited:
        return limited
    _check_origin(sent)
    store, config = sent.server.store, sent.server.config
    name, email, password = _text(sent, "name"), _text(sent, "email").lower(), _text(sent, "password")
    if not EMAIL.fullmatch(email):
        raise Refused(400, "[body.email] Invalid email address", "VALIDATION_ERROR")
    if len(password) < 8:
        raise Refused(400, "Password too short", "PASSWORD_TOO_SHORT")
    if any(user["email"] == email for user in store.users):
        raise Refused(422, "User already exists. Use another email.", "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL")
    if "x-dokploy-token" in sent.headers:
        invitation = store.invitations.get(sent.headers["x-dokploy-token"])
        if invitation is None:
            raise Refused(400, "Invalid invitation token")
        if invitation["email"] != email:
            raise Refused(400, "Email does not match invitation")
    elif len(store.users):
        code = "" if config.has("sign_up_without_code") else "ADMIN_IS_ALREADY_CREATED"
        raise Refused(400, "Admin is already created", code)
    user = accounts.add_user(store, email, password, name, sent.data.get("lastName", ""))
    if len(store.users) == 1:
        accounts.add_organization(store, user, "My Organization")
        store.settings["serverIp"] = config.server_ip
    return _signed_in(sent, user, {}, None)


def sign_in(sent: Sent) -> AuthReply:
    limited = _count(sent, "sign-in/email")
    if limited:
        return limited
    _check_origin(sent)
    email = str(sent.data.get("email")).lower()
    for user in sent.server.store.users:
        if user["email"] == email and user["_password"] == sent.data.get("password"):
            member = accounts.default_membership(sent.server.store, user["id"])
            return _signed_in(sent, user, {"redirect": False}, member["organizationId"] if member else None)
    raise Refused(401, "Invalid email or password", "INVALID_EMAIL_OR_PASSWORD")


def _signed_in(sent: Sent, user: Row, extra: dict[str, Any], organization_id: str | None) -> AuthReply:
    secret, stamp = token(32), now()
    sent.server.store.sessions[secret] = {
        "expiresAt": iso(datetime.now(UTC) + timedelta(days=SESSION_DAYS)),
        "token": secret,
        "createdAt": stamp,
        "updatedAt": stamp,
        "ipAddress": "127.0.0.1",
        "userAgent": sent.headers.get("User-Agent", ""),
        "userId": user["id"],
        "activeOrganizationId": organization_id,
        "impersonatedBy": None,
        "id": long_id(),
    }
    cookie = f"{COOKIE}={secret}; Max-Age=259200; Path=/; HttpOnly; SameSite=Lax"
    return AuthReply(200, {**extra, "token": secret, "user": _told(sent.server, user)}, {"Set-Cookie": cookie})


def _told(server: Server, user: Row) -> Row:
    """What signing in tells of the user."""
    if server.config.has("user_columns"):
        bans = server.config.has("user_bans")
        return {name: value for name, value in accounts.visible(user).items() if bans or not name.startswith("ban")}
    return {name: user[name] for name in ("id", "email", "name", "image", "emailVerified", "createdAt", "updatedAt")}


# --- the session ---------------------------------------------------------------------------------------------------


def get_session(sent: Sent) -> AuthReply:
    session = sent.session
    if session is None:
        return AuthReply(200, None)
    user = sent.server.store.users.rows[session["userId"]]
    return AuthReply(200, {"session": session, "user": accounts.visible(user)})


def sign_out(sent: Sent) -> AuthReply:
    if sent.headers.get("Origin") in (None, "null"):
        raise Refused(403, "Missing or null Origin", "MISSING_OR_NULL_ORIGIN")
    sent.server.store.sessions.pop(sent.cookies.get(COOKIE, ""), None)
    return AuthReply(200, {"success": True})


def _required(sent: Sent) -> Row:
    session = sent.session
    if session is None:
        raise Refused(401, "Unauthorized", "UNAUTHORIZED")
    return session


def set_active(sent: Sent) -> AuthReply:
    session = _required(sent)
    organization = sent.server.store.organizations.rows[_text(sent, "organizationId")]
    session["activeOrganizationId"] = organization["id"]
    return AuthReply(200, {k: v for k, v in organization.items() if k not in ("defaultRole", "ownerId")})


def accept_invitation(sent: Sent) -> AuthReply:
    session, store = _required(sent), sent.server.store
    invitation = store.invitations.rows[_text(sent, "invitationId")]
    invitation["status"] = "accepted"
    default = not store.members.of("userId", session["userId"])
    member = accounts.add_member(
        store, invitation["organizationId"], session["userId"], invitation["role"], default=False, row_id=long_id()
    )
    if default:
        session["activeOrganizationId"] = invitation["organizationId"]
    membership = {name: member[name] for name in ("organizationId", "userId", "role", "createdAt", "id")}
    return AuthReply(200, {"invitation": {k: v for k, v in invitation.items() if k != "teamId"}, "member": membership})


def _key(row: Row) -> Row:
    return {**accounts.visible(row), "metadata": {"organizationId": row["_organizationId"]}}


def list_keys(sent: Sent) -> AuthReply:
    session = _required(sent)
    rows = [row for row in sent.server.store.api_keys if row["referenceId"] == session["userId"]]
    return AuthReply(200, {"apiKeys": [_key(row) for row in rows], "total": len(rows)})


def update_key(sent: Sent) -> AuthReply:
    session = _required(sent)
    if any(name not in RENAMED for name in sent.data):
        message = "The property you're trying to set can only be set from the server auth instance only."
        raise Refused(400, message, "SERVER_ONLY_PROPERTY")
    row = sent.server.store.api_keys.get(_text(sent, "keyId"))
    if row is None or row["referenceId"] != session["userId"]:
        raise Refused(404, "API Key not found", "KEY_NOT_FOUND")
    row.update({name: sent.data[name] for name in ("name", "enabled") if name in sent.data})
    return AuthReply(200, _key(row))


ROUTES: dict[tuple[str, str], Callable[[Sent], AuthReply]] = {
    ("GET", "ok"): lambda _sent: AuthReply(200, {"ok": True}),
    ("POST", "sign-up/email"): sign_up,
    ("POST", "sign-in/email"): sign_in,
    ("POST", "sign-out"): sign_out,
    ("GET", "get-session"): get_session,
    ("POST", "organization/set-active"): set_active,
    ("POST", "organization/accept-invitation"): accept_invitation,
    ("GET", "api-key/list"): list_keys,
    ("POST", "api-key/update"): update_key,
}
