# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The columns and joins that an older release lacks: what ``columns.json`` of later releases has, and their fields.

The simulator's rows always have all columns. The primary key of a row is the first of its IDs. The settings of the
server have an ID of another form: their key is empty."""

from __future__ import annotations

from functools import cache
from typing import Any

from .facts import fields_after
from .release_folders import content, stored, version_key
from .releases import NEWEST, has

# Primary key -> the procedures whose fields are columns of that table, so that they came with them.
WRITERS = {
    "applicationId": ("application.update",),
    "composeId": ("compose.update",),
    "domainId": ("domain.update", "domain.create"),
    "scheduleId": ("schedule.update",),
    "volumeBackupId": ("volumeBackups.update",),
    "backupId": ("backup.create",),
    "notificationId": ("notification.updateSlack",),
    "giteaId": ("gitea.update",),
    "gitlabId": ("gitlab.update",),
    "bitbucketId": ("bitbucket.update",),
    **{f"{kind}Id": (f"{kind}.update",) for kind in ("postgres", "mysql", "mariadb", "mongo", "redis", "libsql")},
}


@cache
def later(key: str, version: str) -> frozenset[str]:
    """The columns and joins of a table that a release lacks."""
    folders = [folder for folder in stored() if version_key(folder) > version_key(version)]
    columns = {name for folder in folders for name in content(folder, "columns").get(key, ())}
    for procedure in WRITERS.get(key, ()):
        columns |= fields_after(procedure, version)
    return frozenset(columns)


def key_of(row: dict[str, Any]) -> str:
    return next((name for name in row if name.endswith("Id")), "")


# What a release that nobody has seen yet may have besides; columns that hold JSON keep their own form.
INVENTED = {
    "inventedText": "invented",
    "inventedFlag": True,
    "inventedList": [{"inventedId": "invented"}],
    "invented": {},
}
HOLD_JSON = ("assignments",)


def invented(value: Any, outermost: bool = True) -> Any:
    """An answer with columns that no release has in each of its rows."""
    if isinstance(value, list):
        return [invented(item, outermost) for item in value]
    if not isinstance(value, dict):
        return value
    row = {name: item if name in HOLD_JSON else invented(item, False) for name, item in value.items()}
    return {**row, **INVENTED} if outermost or key_of(row) else row


def shown(value: Any, version: str) -> Any:
    """An answer as a release gives it."""
    if version == NEWEST:
        return value
    if isinstance(value, list):
        return [shown(item, version) for item in value]
    if not isinstance(value, dict):
        return value
    key = key_of(value)
    hidden = later(key, version)
    row = {name: shown(item, version) for name, item in value.items() if name not in hidden}
    if key == "scheduleId" and not has(version, "schedules_of_organizations"):
        row["userId"] = None
    return row
