# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fields of subscriptions, which are in no document (read in the source)."""

from __future__ import annotations

from .services import DATABASES

CREDENTIALS = {
    "postgres": ["databaseUser"],
    "mariadb": ["databaseUser", "databasePassword"],
    "mongo": ["databaseUser", "databasePassword"],
    "mysql": ["databaseRootPassword"],
}
METADATA = {
    "type": "object",
    "properties": {
        "serviceName": {"type": "string"},
        **{
            kind: {"type": "object", "properties": {name: {"type": "string"} for name in names}, "required": names}
            for kind, names in CREDENTIALS.items()
        },
    },
}
SUBSCRIPTIONS: dict[str, dict[str, str]] = {
    **{f"{kind}.deployWithLogs": {f"{kind}Id": "+string"} for kind in DATABASES},
    "server.setupWithLogs": {"serverId": "!string1"},
    "backup.restoreBackupWithLogs": {
        "databaseId": "!string",
        "databaseType": "!databaseType",
        "backupType": "!backupType",
        "databaseName": "!string1",
        "backupFile": "!string1",
        "destinationId": "!string1",
        "metadata": "restoreMetadata",
    },
    "volumeBackups.restoreVolumeBackupWithLogs": {
        "backupFileName": "!string1",
        "destinationId": "!string1",
        "volumeName": "!volumeName",
        "id": "!string1",
        "serviceType": "!restoredType",
        "serverId": "string",
    },
}
RESTORED_TYPES = {
    "restoreMetadata": METADATA,
    "restoredType": {"type": "string", "enum": ["application", "compose"]},
}
