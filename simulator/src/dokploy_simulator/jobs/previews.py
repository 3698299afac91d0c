# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Preview deployments: what GitHub's webhook makes of a pull request (read in the source, no GitHub was at hand)."""

from __future__ import annotations

from ..store.store import Row, Store, new_id, now, short_id
from ..world.domains import insert_domain
from ..world.world import World
from .instance import Instance


def open_pull_request(
    instance: Instance,
    application: Row,
    branch: str,
    number: int,
    title: str,
    labels: list[str] | None = None,
    commit: str = "",
) -> Row | None:
    """A pull request is opened, or gets a new commit: its preview is made, once, and built. None when the application
    wants none of it: no GitHub source, previews off, a label missing, too many previews already."""
    store, key = instance.store, application["applicationId"]
    if application["sourceType"] != "github" or not application["isPreviewDeploymentsActive"]:
        return None
    wanted = application["previewLabels"]
    if wanted and not set(wanted) & set(labels or ()):
        return None
    siblings = store.previews.of("applicationId", key)
    row = next((row for row in siblings if row["pullRequestNumber"] == str(number)), None)
    if row is None:
        limit = application["previewLimit"]
        if len(siblings) >= (3 if limit is None else limit):
            return None
        row = _insert(store, application, branch, number, title)
    instance.queue.add("application-preview", row, "deploy", "Preview Deployment", f"Hash: {commit}")
    return row


def _insert(store: Store, application: Row, branch: str, number: int, title: str) -> Row:
    """The preview with its domain, both named after the application."""
    name = f"preview-{application['appName']}-{short_id()}"
    repository = f"https://github.com/{application['owner']}/{application['repository']}"
    row = store.previews.insert(
        {
            "previewDeploymentId": new_id(),
            "branch": branch,
            "pullRequestId": str(1_000_000 + number),
            "pullRequestNumber": str(number),
            "pullRequestURL": f"{repository}/pull/{number}",
            "pullRequestTitle": title,
            "pullRequestCommentId": str(2_000_000 + number),
            "previewStatus": "idle",
            "appName": name,
            "applicationId": application["applicationId"],
            "domainId": None,
            "createdAt": now(),
            "expiresAt": None,
        }
    )
    wildcard = application["previewWildcard"] or "*.sslip.io"
    host = wildcard.replace("*", f"{name}-127-0-0-1" if "sslip.io" in wildcard else name, 1)
    domain = insert_domain(
        store,
        {
            "host": host,
            "path": application["previewPath"],
            "port": application["previewPort"],
            "https": application["previewHttps"],
            "certificateType": application["previewCertificateType"],
            "customCertResolver": application["previewCustomCertResolver"],
            "domainType": "preview",
            "previewDeploymentId": row["previewDeploymentId"],
        },
    )
    store.previews.update(row, {"domainId": domain["domainId"]})
    return row


def remove(world: World, preview: Row) -> None:
    """The preview with its service, its deployments, its domain and its Traefik file."""
    world.docker.remove(preview["appName"])
    world.store.traefik.pop(preview["appName"], None)
    world.store.drop(world.store.previews, preview)
