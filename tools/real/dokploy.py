# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Dokploy itself: its tables, its process, its first administrator and a key."""

from __future__ import annotations

import secrets
from typing import Any

import requests

from tools.real import tls
from tools.real.build import MIGRATION
from tools.real.room import Failed, Room, until
from tools.real.services import database_url
from tools.real.source import APP

EMAIL = "admin@example.com"
# The first requests compile, hash and connect.
START_SECONDS, SIGN_UP_SECONDS = 180, 180


def environment(room: Room, queue: dict[str, str]) -> dict[str, str]:
    """What it has to know. Its port is in what is built, too."""
    return {
        **queue,
        "NODE_ENV": "production",
        "HOST": "127.0.0.1",
        "PORT": str(room.port),
        "DATABASE_URL": database_url(room),
        "BETTER_AUTH_SECRET": room.text("secret", lambda: secrets.token_urlsafe(24)),
        "TZ": "UTC",
        **tls.trusting(room),
    }


def start(room: Room, queue: dict[str, str]) -> None:
    """Bring the tables to this release, and start it; one that runs is left alone.

    :raises Failed: it does not answer.
    """
    variables = environment(room, queue)
    folder = room.source / APP
    if (folder / MIGRATION).is_file() and not room.running("dokploy"):
        room.run("migration", ["node", MIGRATION], folder, **variables)
    room.start("dokploy", tls.with_hosts(room, ["node", "dist/server.mjs"]), folder, **variables)
    require_answer(room)


def require_answer(room: Room) -> None:
    """Wait for it.

    :raises Failed: it does not answer.
    """
    if not until(lambda: _answers(room), START_SECONDS):
        raise Failed(f"dokploy: {room.url} does not answer; see {room.folder / 'log/dokploy.log'}")


def _answers(room: Room) -> bool:
    try:
        return requests.get(f"{room.url}/api/health", timeout=30).ok
    except requests.RequestException:
        return False


def key(room: Room) -> str:
    """A key of the first administrator, who is made with it, without a limit of requests."""
    return room.text("key", lambda: _new_key(room))


def _new_key(room: Room) -> str:
    password = room.text("password", lambda: secrets.token_urlsafe(12) + "-Aa1")
    session = requests.Session()
    session.trust_env = False
    session.headers["origin"] = room.url
    person = {"email": EMAIL, "password": password, "name": "Admin", "lastName": "Admin"}
    # It may be there: then the sign-in tells.
    session.post(f"{room.url}/api/auth/sign-up/email", json=person, timeout=SIGN_UP_SECONDS)
    login = {"email": EMAIL, "password": password}
    _ok(session.post(f"{room.url}/api/auth/sign-in/email", json=login, timeout=SIGN_UP_SECONDS))
    organization = _ok(session.get(f"{room.url}/api/organization.all", timeout=60))[0]["id"]
    wanted = {"name": "real", "rateLimitEnabled": False, "metadata": {"organizationId": organization}}
    return str(_ok(session.post(f"{room.url}/api/user.createApiKey", json=wanted, timeout=60))["key"])


def _ok(response: requests.Response) -> Any:
    if not response.ok:
        raise Failed(f"{response.request.url}: {response.status_code} {response.text[:300]}")
    return response.json()
