# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Where backups put their files: the destination, the folder of its bucket, and the pattern of their names."""

from __future__ import annotations

from typing import Any, Callable, Mapping, Tuple

from ..infrastructure.bucket_files import OWN_BACKUPS, folder_of, names_of_dumps, names_of_volume

Row = Mapping[str, Any]
#: The ID of the destination, the folder and the pattern of names, from the rows of what is backed up and of the backup.
Archives = Callable[[Row, Row], Tuple[str, str, str]]


def archives_of_dumps(owner: Row, backup: Row) -> Tuple[str, str, str]:
    """The files of a backup of a database, of one in a stack, or of Dokploy itself.

    :param owner: the row of what is backed up.
    """
    kind, destination_id = str(backup.get("databaseType")), str(backup.get("destinationId"))
    if kind == "web-server":
        # Its backup has a name of its own.
        return destination_id, folder_of(str(backup.get("appName")), backup.get("prefix")), OWN_BACKUPS
    inside = backup.get("serviceName") if backup.get("backupType") == "compose" else None
    return destination_id, folder_of(str(owner["appName"]), backup.get("prefix"), inside), names_of_dumps(kind)


def archives_of_volume(owner: Row, backup: Row) -> Tuple[str, str, str]:
    """The files of a volume backup of a service, whose row its own one embeds."""
    kind = str(backup.get("serviceType"))
    inside = backup.get("serviceName") if kind == "compose" else None
    folder = folder_of(str((backup.get(kind) or owner)["appName"]), backup.get("prefix"), inside)
    return str(backup.get("destinationId")), folder, names_of_volume(str(backup.get("volumeName")))
