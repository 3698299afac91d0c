# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The webhook /api/deploy/<refreshToken>, without a key: a push or a registry event starts a deployment."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from typing import Any

from ..store.store import Row
from .rest import JSON_UTF8, Incoming, Reply, dumps
from .server import Server

BRANCH_COLUMNS = {
    "git": "customGitBranch",
    "github": "branch",
    "gitlab": "gitlabBranch",
    "bitbucket": "bitbucketBranch",
    "gitea": "giteaBranch",
}
PUSH_HEADERS = ("x-github-event", "x-gitlab-event", "x-gitea-event", "x-softserve-event")


def say(status: int, message: str) -> Reply:
    return Reply(status, dumps({"message": message}), JSON_UTF8)


def answer(server: Server, request: Incoming, path: list[str]) -> Reply:
    """301 has no Location here: it only says that nothing was deployed."""
    try:
        body = json.loads(request.body) if request.body else {}
    except ValueError:
        return Reply(400, b"Invalid JSON", None)
    body = body if isinstance(body, dict) else {}
    if request.headers.get("x-github-event") == "ping":
        return say(200, "Ping received, webhook is active")
    kind, label = ("compose", "Compose") if path[:1] == ["compose"] else ("application", "Application")
    row = next((row for row in server.store.services[kind] if row["refreshToken"] == path[-1]), None)
    if row is None:
        return say(404, f"{label} Not Found")
    if not row["autoDeploy"]:
        word = "application" if kind == "application" else "compose"
        return say(400, f"Automatic deployments are disabled for this {word}")
    problem = docker_problem(row, request, body) if row["sourceType"] == "docker" else git_problem(row, request, body)
    if problem:
        return say(301, problem)
    title, commit = commit_of(body)
    description = f"Hash: {commit}" if kind == "compose" else description_of(server, commit)
    server.queue.add(kind, row, "deploy", title, description)
    return say(200, f"{label} deployed successfully")


def description_of(server: Server, commit: str) -> str:
    return f"Hash: {commit}" if commit or not server.config.has("bare_webhook_description") else ""


def image_name(image: str | None) -> str:
    """The image without its tag; the number of a port is no tag."""
    if not image:
        return ""
    head, colon, tail = image.rpartition(":")
    return head if colon and not (tail.isdigit() and len(tail) <= 5) else image


def docker_problem(row: Row, request: Incoming, body: dict[str, Any]) -> str | None:
    own = image_name(row["dockerImage"])
    if not own:
        return "Application Docker Image Name Not Found"
    sent = None
    if request.headers.get("x-github-event") == "registry_package":
        version = (body.get("registry_package") or {}).get("package_version") or {}
        sent = image_name(version.get("package_url"))
    if sent and sent != own:
        return f"Application Image Name ({own}) doesn't match request event payload Image Name ({sent})."
    return None


def git_problem(row: Row, request: Incoming, body: dict[str, Any]) -> str | None:
    column = BRANCH_COLUMNS.get(row["sourceType"])
    if column is None:
        return None
    branch = ""
    if any(header in request.headers for header in PUSH_HEADERS):
        branch = str(body.get("ref") or "").removeprefix("refs/heads/")
    if not branch or branch != row[column]:
        return "Branch Not Match"
    changed = [
        path
        for commit in body.get("commits") or ()
        for key in ("added", "modified", "removed")
        for path in commit.get(key) or ()
    ]
    watched = row["watchPaths"] or []
    # fnmatch lets * cross a slash, which is as wide as ** is.
    if watched and not any(fnmatchcase(path, pattern.replace("**", "*")) for path in changed for pattern in watched):
        return "Watch Paths Not Match"
    return None


def commit_of(body: dict[str, Any]) -> tuple[str, str]:
    commits = body.get("commits") or []
    head = body.get("head_commit") or (commits[0] if commits else {})
    return head.get("message") or "NEW CHANGES", str(body.get("after") or head.get("id") or "")
