# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The address /api/providers/github/setup, to which GitHub sends the browser: it makes a provider of GitHub.

``state`` says what happened: with ``gh_init:...`` an app was made, whose manifest ``code`` stands for; with
``gh_setup:GITHUB_ID`` it was installed.
"""

from __future__ import annotations

from ..routers.infrastructure.git_providers import insert_provider, owner_of
from ..store.store import Row
from .rest import JSON_UTF8, Incoming, Reply, dumps
from .server import Server

PATH = ["api", "providers", "github", "setup"]
TARGET = "/dashboard/settings/git-providers"


def _problem(status: int, error: str) -> Reply:
    return Reply(status, dumps({"error": error}), JSON_UTF8)


def app_of(url: str) -> Row:
    """What an instance tells of the app that a manifest has made."""
    return {
        "name": "r2-app",
        "githubAppName": f"{url}/github-apps/r2-app",
        "githubAppId": 4711,
        "githubClientId": "Iv1.r2client",
        "githubClientSecret": "client-secret",
        "githubWebhookSecret": "webhook-secret",
        "githubPrivateKey": "-----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE KEY-----\n",
        "githubUrl": url,
    }


def answer(server: Server, request: Incoming) -> Reply:
    """An API key is as good as a session here."""
    query = dict(request.query)
    if not query.get("code"):
        return _problem(400, "Missing code parameter")
    identity = server.auth.identify(request.headers, request.cookies)
    if identity is None:
        return _problem(401, "Unauthorized")
    action, _colon, github_id = query.get("state", "").partition(":")
    if action == "gh_init":
        url = query.get("githubUrl", "https://github.com")
        if not url.startswith("https://"):
            return _problem(400, "Only https is supported for GitHub instances")
        if query["code"].startswith("bad"):
            return Reply(500, b"Internal Server Error", None)
        insert_provider(server.store, identity.user_id, identity.organization_id, "github", app_of(url))
    elif action == "gh_setup":
        row = owner_of(server.store, "github", github_id)
        if row is None:
            return _problem(404, "Github provider not found")
        row["github"]["githubInstallationId"] = query.get("installation_id")
    return Reply(307, TARGET.encode(), None, {"Location": TARGET})
