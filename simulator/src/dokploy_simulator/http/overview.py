# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What there is on a server, in plain values without secrets: for the page, for C(/_sim/overview) and for tests.

Only the columns that are named here are shown, and in a URL neither a password nor the values of a query.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from ..store.store import Row, Store, Table
from .server import Server

SHOWN_REQUESTS = 40
CREDENTIALS = re.compile(r"(?<=://)[^/?#\s]+(?=@)")
QUERY = re.compile(r"(?<=[?&])([^=&#\s]+)=[^&#\s]*")
HIDDEN = "***"

REPOSITORIES = {
    "github": ("owner", "repository", "branch"),
    "gitlab": ("gitlabOwner", "gitlabRepository", "gitlabBranch"),
    "gitea": ("giteaOwner", "giteaRepository", "giteaBranch"),
    "bitbucket": ("bitbucketOwner", "bitbucketRepository", "bitbucketBranch"),
}
"""Of each source, the columns for owner, repository and branch."""

RESOURCES: dict[str, tuple[str, str, Callable[[Row], str]]] = {
    "registries": ("registries", "registryName", lambda row: f"{row['username']} at {row['registryUrl']}"),
    "servers": ("servers", "name", lambda row: f"{row['username']}@{row['ipAddress']}:{row['port']}"),
    "SSH keys": ("ssh_keys", "name", lambda row: str(row["publicKey"]).partition(" ")[0]),
    "git providers": ("git_providers", "name", lambda row: row["providerType"]),
    "destinations": ("destinations", "name", lambda row: f"{row['bucket']} at {row['endpoint']}"),
    "notifications": ("notifications", "name", lambda row: row["notificationType"]),
    "vault providers": ("vault_providers", "name", lambda row: row["config"]["providerType"]),
    "DNS providers": ("dns_providers", "name", lambda row: row["config"]["providerType"]),
    "AI providers": ("ais", "name", lambda row: row["model"]),
    "certificates": ("certificates", "name", lambda row: row["certificatePath"]),
    "networks": ("networks", "name", lambda row: row["driver"]),
    "tags": ("tags", "name", lambda row: row["color"] or ""),
    "schedules": ("schedules", "name", lambda row: row["cronExpression"]),
    "backups": ("backups", "prefix", lambda row: row["schedule"]),
    "volume backups": ("volume_backups", "name", lambda row: row["cronExpression"]),
    "users": ("users", "email", lambda row: row["name"]),
    "API keys": ("api_keys", "name", lambda row: ""),
}
"""By name the table, the column with the name of a row, and what to say about it."""


def overview(server: Server) -> dict[str, Any]:
    """``version``, ``fresh`` (no administrator), ``projects`` with their ``environments`` and ``services``,
    ``deployments`` (newest first), ``resources`` by kind, ``requests`` (how many there were) and the last ``calls``."""
    store = server.store
    places = _places(store)
    whole: dict[str, Any] = without_secrets(
        {
            "version": server.config.version,
            "fresh": not len(store.users),
            "projects": [_project(server, row) for row in store.projects],
            "deployments": _deployments(store, places),
            "resources": {
                name: [{"name": row[column] or "", "about": about(row) or ""} for row in getattr(store, table)]
                for name, (table, column, about) in RESOURCES.items()
            },
            "requests": server.stats.http,
            "calls": server.stats.journal[: -SHOWN_REQUESTS - 1 : -1],
        }
    )
    return whole


def without_secrets(value: Any) -> Any:
    """The same, without credentials in the URLs of its texts."""
    if isinstance(value, dict):
        return {name: without_secrets(item) for name, item in value.items()}
    if isinstance(value, list):
        return [without_secrets(item) for item in value]
    return QUERY.sub(rf"\1={HIDDEN}", CREDENTIALS.sub(HIDDEN, value)) if isinstance(value, str) else value


def status(row: Row) -> str:
    """The status of a service, whatever its kind."""
    return str(row["composeStatus"] if "composeStatus" in row else row["applicationStatus"])


def source(kind: str, row: Row) -> str:
    """Where the code or the image of a service comes from."""
    if kind not in ("application", "compose"):
        return str(row["dockerImage"])
    name = row["sourceType"]
    if name in REPOSITORIES:
        owner, repository, branch = (row[column] for column in REPOSITORIES[name])
        return f"{name} {owner}/{repository} {branch}" if repository else name
    if name == "git":
        return f"{row['customGitUrl'] or name} {row['customGitBranch'] or ''}".rstrip()
    return str(row["dockerImage"] or name) if name == "docker" else name


def _project(server: Server, row: Row) -> Row:
    store, key = server.store, row["projectId"]
    tags = [store.tags.rows[tag["tagId"]]["name"] for tag in store.project_tags.of("projectId", key)]
    return {
        "name": row["name"],
        "description": row["description"] or "",
        "tags": tags,
        "environments": [
            {
                "name": environment["name"],
                "services": [
                    _service(server, kind, service)
                    for kind, service in sorted(
                        store.services_of(environment["environmentId"]), key=lambda entry: str(entry[1]["name"])
                    )
                ],
            }
            for environment in store.environments.of("projectId", key)
        ],
    }


def _service(server: Server, kind: str, row: Row) -> Row:
    home = server.store.servers.get(row["serverId"] or "")
    running, wanted = _containers(server, row["appName"])
    return {
        "name": row["name"],
        "kind": kind,
        "id": row[f"{kind}Id"],
        "app_name": row["appName"],
        "status": status(row),
        "source": source(kind, row),
        "domains": _domains(server.store, kind, row),
        "running": running,
        "wanted": wanted,
        "server": home["name"] if home else "",
    }


def _containers(server: Server, name: str) -> tuple[int, int]:
    """How many containers of a service run, and how many there are to be."""
    project = server.docker.projects.of(name)
    if project:
        return sum(item.state == "running" for item in project), len(project)
    # A stack has a service for each of its file.
    own = [item for item in server.docker.services.values() if item.name == name or item.name.startswith(f"{name}_")]
    return sum(item.healthy() for item in own), sum(item.replicas for item in own)


def _domains(store: Store, kind: str, row: Row) -> list[str]:
    if kind not in ("application", "compose"):
        return []
    return [
        f"{'https' if site['https'] else 'http'}://{site['host']}{'' if site['path'] in (None, '/') else site['path']}"
        for site in store.domains.of(f"{kind}Id", row[f"{kind}Id"])
    ]


def _places(store: Store) -> dict[str, str]:
    """``PROJECT/ENVIRONMENT/SERVICE`` by the ID of a service."""
    places = {}
    for kind, table in store.services.items():
        for row in table:
            environment = store.environments.rows[row["environmentId"]]
            project = store.projects.rows[environment["projectId"]]
            places[row[f"{kind}Id"]] = f"{project['name']}/{environment['name']}/{row['name']}"
    return places


def _deployments(store: Store, places: dict[str, str]) -> list[Row]:
    rows = sorted(store.deployments, key=lambda row: str(row["createdAt"]))[::-1]
    return [
        {
            "of": _owner(store, row, places),
            "title": row["title"],
            "status": row["status"],
            "created_at": row["createdAt"],
            "seconds": _seconds(row["startedAt"], row["finishedAt"]),
        }
        for row in rows
    ]


def _owner(store: Store, row: Row, places: dict[str, str]) -> str:
    """What a deployment is of: the place of a service, else the kind and the name of what has run."""
    for key in ("applicationId", "composeId"):
        if row[key] in places:
            return places[row[key]]
    owners: Iterable[tuple[str, Table, str]] = (
        ("preview", store.previews, "branch"),
        ("schedule", store.schedules, "name"),
        ("backup", store.backups, "prefix"),
        ("volume backup", store.volume_backups, "name"),
        ("server", store.servers, "name"),
    )
    for name, table, column in owners:
        row_of_owner = table.get(row[table.key] or "")
        if row_of_owner:
            return f"{name} {row_of_owner[column]}"
    return ""


def _seconds(start: str | None, end: str | None) -> float | None:
    if not start or not end:
        return None
    return round((datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds(), 3)
