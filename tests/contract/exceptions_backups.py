# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the simulator does not do of the recorded backups and destinations, and what the recording left out.

The names mean the same as in ``exceptions``: sections that are not played, places of records that may differ, calls to
make before a record, settings of a section's simulator, records after which a build is running on purpose.
"""

from __future__ import annotations

from typing import Any

SECTIONS: dict[str, str] = {}
OTHERS = "the recording's bucket had files of other sections"
PARENT = "the backup was created by a call that was left out, so its ID is not known"
RECORDS: dict[str, tuple[str, str]] = {
    "s-backup#37": ("body", OTHERS),
    "s-backup-engines#12": (".*", PARENT),
    "s-backup-engines#13": ("body", PARENT),
    "s-backup-compose#19": ("body", "no record tells the name of the file"),
    "s-backup-web#11": ("body", "the name of a temporary directory"),
    "s-backup-misc#6": ("result", OTHERS),
    "s-volumeBackups#38": ("body", "the progress bars of Docker are played once each"),
    "s-volumeBackups#66": ("body", "what runs on a volume has written to it"),
    "s-volumeBackups#46": ("body", "Docker lists tasks that have ended for a while"),
}
BACKUP, DESTINATION = "psJKRa0WLgWrTfHYo-qGt", "O2SOLwcdZNV11Et_ZVbXM"
VOLUME_BACKUP, KEPT = "-YCi0R10uRmHXnj_PUkhC", "TBWTCI49u1uwvefePwmED"


def backup(backup_id: str, destination: str, **values: Any) -> tuple[str, dict[str, Any]]:
    """An update that was left out."""
    given: dict[str, Any] = {
        "backupId": backup_id,
        "schedule": "0 4 * * *",
        "destinationId": destination,
        "database": "db",
    }
    given |= {"databaseType": "postgres", "serviceName": None, "metadata": None}
    return "backup.update", given | values


PREPARE: dict[str, list[tuple[str, Any]]] = {
    "s-backup#19": [backup(BACKUP, DESTINATION, enabled=True, prefix="p", keepLatestCount=None)],
    "s-backup#39": [backup(BACKUP, DESTINATION, enabled=True, prefix="/deep/er/", keepLatestCount=None)],
    "s-backup-engines#22": [
        ("mysql.remove", {"mysqlId": "IdrUYmN0UCCOQxMpi3TpA"}),
        ("mariadb.remove", {"mariadbId": "sVsS15rDnYjJDFTt-qG4K"}),
        ("mongo.remove", {"mongoId": "BPvggDKAzU__dKh-x27qY"}),
    ],
    "s-backup-compose#15": [
        backup(
            KEPT,
            "67g0EgYkpytddVmmZGfiH",
            schedule="0 3 * * *",
            enabled=False,
            prefix="k",
            keepLatestCount=1,
            serviceName="db",
            metadata={"postgres": {"databaseUser": "u"}},
        )
    ],
    "s-backup-web#6": [("config", {"own_database": False})],
    "s-backup-web#9": [("config", {"own_database": True})],
    "s-backup-misc#13": [("act", {"put": "bkm-nxmnrn/big.sql.gz", "destination": "r1-dest", "data": "big"})],
    "s-volumeBackups#70": [("volumeBackups.delete", {"volumeBackupId": VOLUME_BACKUP})],
}
SETTINGS: dict[str, dict[str, Any]] = {"s-backup-misc": {"restore_seconds": 0.2}}
BESIDE: frozenset[str] = frozenset()
