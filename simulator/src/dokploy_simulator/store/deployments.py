# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rows of the table deployment: how a build, a run of a schedule, a volume backup and a preview begin and end one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from .store import Row, Store, new_id, now

KEPT = 10
"""A new deployment prunes its elders to ten, so eleven remain."""


def log_path(folder: str, name: str) -> str:
    return f"{folder}/{name}/{name}-{datetime.now(UTC).strftime('%Y-%m-%d:%H:%M:%S')}.log"


def start(store: Store, parent: str, values: Row, first_line: str) -> Row:
    """Insert a running row below ``values[parent]`` and forget its elders but ten, each with its log and its rollback.

    ``values``: the parent's column, title, description and logPath; further columns if any."""
    elders = store.deployments.of(parent, values[parent])
    for old in sorted(elders, key=lambda row: row["createdAt"], reverse=True)[KEPT:]:
        store.drop(store.deployments, old)
    stamp = now()
    row: Row = {
        "deploymentId": new_id(),
        "title": values["title"],
        "description": values["description"],
        "status": "running",
        "logPath": values["logPath"],
        "pid": None,
        "applicationId": None,
        "composeId": None,
        "serverId": None,
        "isPreviewDeployment": False,
        "previewDeploymentId": None,
        "createdAt": stamp,
        "startedAt": stamp,
        "finishedAt": None,
        "errorMessage": None,
        "scheduleId": None,
        "backupId": None,
        "rollbackId": None,
        "volumeBackupId": None,
        "buildServerId": None,
    }
    row.update(values)
    store.logs[row["deploymentId"]] = first_line
    return store.deployments.insert(row)


def finish(store: Store, row: Row, status: str, log: str) -> Row:
    """End a row at once, as everything does that runs inside one request. ``log`` is added to its log."""
    write_log(store, row, log)
    return change(store, row, {"status": status, "finishedAt": now()})


def write_log(store: Store, row: Row, text: str) -> None:
    """Add to a log that may have been removed meanwhile."""
    if row["deploymentId"] in store.logs:
        store.logs[row["deploymentId"]] += text


def change(store: Store, row: Row, values: dict[str, Any]) -> Row:
    """Write columns of a row that may have been deleted meanwhile."""
    if row["deploymentId"] in store.deployments:
        row.update(values)
    return row
