# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the simulator does not do of the recorded backups and destinations, and what the recording left out.

The names mean the same as in ``exceptions``: sections that are not played, places of records that may differ, calls to
make before a record, settings of a section's simulator, records after which a build is running on purpose.
"""

from __future__ import annotations

from typing import Any

NO_ROUTER = "no router yet"
SECTIONS: dict[str, str] = {
    "s-destination": NO_ROUTER,
    "s-backup": NO_ROUTER,
    "s-backup-engines": NO_ROUTER,
    "s-backup-compose": NO_ROUTER,
    "s-backup-web": NO_ROUTER,
    "s-backup-misc": NO_ROUTER,
    "s-volumeBackups": NO_ROUTER,
}
RECORDS: dict[str, tuple[str, str]] = {}
PREPARE: dict[str, list[tuple[str, Any]]] = {}
SETTINGS: dict[str, dict[str, Any]] = {}
BESIDE: frozenset[str] = frozenset()
