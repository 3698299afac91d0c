# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Preview deployments: what GitHub's webhook makes of a pull request (read in the source, no GitHub was at hand)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..routers.children.domain import insert_domain
from ..store.joins import whole
from ..store.store import Row, new_id, now, short_id

if TYPE_CHECKING:
    from ..http.server import Server


def open_pull_request(
    server: Server,
    application: Row,
    branch: str,
    number: int,
    title: str,
    labels: list[str] | None = None,
    commit: str = "",
) -> Row | None:
    """A pull request is opened, or gets a new commit: its preview is made, once, and built. None when the application
    wants none of it: no GitHub source, previews off, a label missing, too many previews already."""
    store, key = server.store, application["applicationId"]
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
        row = _insert(server, application, branch, number, title)
    server.queue.add("application-preview", row, "deploy", "Preview Deployment", f"Hash: {commit}")
    return row


def _insert(server: Server, application: Row, branch: str, number: int, title: str) -> Row:
    """The preview with its domain, both named after the application."""
    name = f"preview-{application['appName']}-{short_id()}"
    repository = f"https://github.com/{application['owner']}/{application['repository']}"
    row = server.store.previews.insert(
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
        server,
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
    server.store.previews.update(row, {"domainId": domain["domainId"]})
    return row


def application_of(server: Server, preview: Row) -> Row:
    """What a preview's build works on: its application with the preview's name, branch and variables."""
    store = server.store
    application = whole(store, store.applications.rows[preview["applicationId"]])
    domain = store.domains.get(preview["domainId"] or "")
    host = f"\nDOKPLOY_DEPLOY_URL={domain['host'] if domain else 'undefined'}"
    # A null is spelt out, as JavaScript joins texts.
    own = {
        name: ("null" if application[column] is None else application[column]) + host
        for name, column in (
            ("env", "previewEnv"),
            ("buildArgs", "previewBuildArgs"),
            ("buildSecrets", "previewBuildSecrets"),
        )
    }
    none = {"rollbackActive": False, "registry": None, "buildRegistry": None, "rollbackRegistry": None}
    return {**application, **own, **none, "appName": preview["appName"], "branch": preview["branch"]}


def remove(server: Server, preview: Row) -> None:
    """The preview with its service, its deployments, its domain and its Traefik file."""
    server.docker.remove(preview["appName"])
    server.store.traefik.pop(preview["appName"], None)
    server.store.drop(server.store.previews, preview)
