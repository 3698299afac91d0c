# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rollbacks: what a build with a rollback registry leaves behind, and what going back to it runs."""

from __future__ import annotations

from .store import Row, Store, new_id, now

LEFT_OUT = ("deployments", "bitbucket", "github", "gitlab", "gitea")


def create(store: Store, deployment: Row, application: Row) -> Row:
    """``application`` is the row with everything joined. The copy of it holds the registries' passwords in clear, and
    ``deployment.allByType`` shows it (measured)."""
    context = {name: value for name, value in application.items() if name not in LEFT_OUT}
    for name in ("registry", "buildRegistry", "rollbackRegistry"):
        registry = store.registries.get(application[f"{name}Id"] or "")
        context[name] = dict(registry) if registry else None
    version = store.count("rollback")
    row = {
        "rollbackId": new_id(),
        "deploymentId": deployment["deploymentId"],
        "version": version,
        "image": f"{application['appName']}:v{version}",
        "createdAt": now(),
        "fullContext": context,
    }
    store.rollbacks.insert(row)
    store.deployments.update(deployment, {"rollbackId": row["rollbackId"]})
    return row


def registry_tag(registry: Row, image: str) -> str:
    """Where an image lies in a registry."""
    prefix = (registry["imagePrefix"] or registry["username"]).lower()
    name = f"{prefix}/{image.rpartition('/')[2]}"
    return f"{registry['registryUrl']}/{name}" if registry["registryUrl"] else name


def application_of(rollback: Row) -> Row:
    """The application as it was, as far as going back knows it: the command through a shell, without ``args``; no file
    mounts, grace period and endpoint (source)."""
    context = rollback["fullContext"]
    registry = context["rollbackRegistry"]
    image = registry_tag(registry, rollback["image"]) if registry else rollback["image"]
    row = {**context, "sourceType": "docker", "dockerImage": image, "args": None}
    row |= {"stopGracePeriodSwarm": None, "endpointSpecSwarm": None}
    if context["mounts"] and not context["placementSwarm"]:
        row["placementSwarm"] = {"Constraints": ["node.role==manager"]}
    row["mounts"] = [mount for mount in context["mounts"] if mount["type"] != "file"]
    if context["command"]:
        row |= {"command": "/bin/sh", "args": ["-c", context["command"]]}
    return row
