# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The columns and joins that an older release lacks.

The simulator's rows always have all columns. The primary key of a row is the first of its IDs."""

from __future__ import annotations

from functools import cache
from typing import Any

from .facts import fields_after
from .releases import NEWEST, has, version_key

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
NOTIFICATIONS = {
    "lark": "0.25.6",
    "custom": "0.26.0",
    "pushover": "0.26.7",
    "resend": "0.27.0",
    "teams": "0.27.1",
    "mattermost": "0.29.0",
}
# Primary key -> what no field tells: column or join -> the release that brought it.
SINCE: dict[str, dict[str, str]] = {
    "applicationId": {"buildRegistry": "0.26.0", "rollbackRegistry": "0.26.0"},
    "composeId": {"createEnvFile": "0.30.0", "serviceNetworks": "0.29.14"},
    "environmentId": {"isDefault": "0.26.1", "libsql": "0.29.0"},
    "projectId": {"projectTags": "0.29.0"},
    "deploymentId": {"buildServerId": "0.26.0"},
    "scheduleId": {"organizationId": "0.29.7", "timezone": "0.26.0", "description": "0.29.3"},
    "mountId": {"libsqlId": "0.29.0", "libsql": "0.29.0"},
    "destinationId": {"additionalFlags": "0.29.0"},
    "backupId": {"libsql": "0.29.0"},
    "notificationId": {**NOTIFICATIONS, **{f"{kind}Id": since for kind, since in NOTIFICATIONS.items()}},
    "gitProviderId": {"sharedWithOrganization": "0.29.0", "isOwner": "0.29.0"},
    "githubId": {"githubUrl": "0.29.14"},
    "serverId": {"buildsConcurrency": "0.29.9", "serverType": "0.26.0"},
    "certificateId": {"server": "0.29.9"},
    "networkId": {"dockerId": "0.30.3"},
    # Organizations and memberships.
    "ownerId": {"defaultRole": "0.30.0"},
    "organizationId": {"accessedGitProviders": "0.29.0", "accessedServers": "0.29.0"},
    # The settings of the server, which have an ID of another form.
    "": {
        "buildsConcurrency": "0.29.9",
        "whitelabelingConfig": "0.29.0",
        "remoteServersOnly": "0.29.6",
        "enforceSSO": "0.29.6",
    },
}


@cache
def later(key: str, version: str) -> frozenset[str]:
    """The columns and joins of a table that a release lacks."""
    columns = {name for name, since in SINCE.get(key, {}).items() if version_key(since) > version_key(version)}
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
