# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the simulator does not do of the recorded databases, and what the recording left out.

The names mean the same as in ``exceptions``: sections that are not played, places of records that may differ, calls to
make before a record, settings of a section's simulator, records after which a build is running on purpose.
"""

from __future__ import annotations

from typing import Any

NO_ROUTER = "no router yet"
SECTIONS: dict[str, str] = {
    "s-services-environment": NO_ROUTER,
    "s-postgres-create": NO_ROUTER,
    "s-postgres-update": NO_ROUTER,
    "s-postgres-life": NO_ROUTER,
    "s-postgres-password": NO_ROUTER,
    "s-postgres-swarm": NO_ROUTER,
    "s-redis-password": NO_ROUTER,
    "s-database-blocking": NO_ROUTER,
    "s-mysql-create": NO_ROUTER,
    "s-mysql-update": NO_ROUTER,
    "s-mysql-life": NO_ROUTER,
    "s-mariadb-create": NO_ROUTER,
    "s-mariadb-update": NO_ROUTER,
    "s-mariadb-life": NO_ROUTER,
    "s-mongo-create": NO_ROUTER,
    "s-mongo-update": NO_ROUTER,
    "s-mongo-life": NO_ROUTER,
    "s-redis-create": NO_ROUTER,
    "s-redis-update": NO_ROUTER,
    "s-redis-life": NO_ROUTER,
    "s-libsql-create": NO_ROUTER,
    "s-libsql-update": NO_ROUTER,
    "s-libsql-life": NO_ROUTER,
    "s-libsql-reset": NO_ROUTER,
}
RECORDS: dict[str, tuple[str, str]] = {}
PREPARE: dict[str, list[tuple[str, Any]]] = {}
SETTINGS: dict[str, dict[str, Any]] = {}
BESIDE: frozenset[str] = frozenset()
