# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the simulator does not do of the recorded compose stacks, and what the recording left out.

The names mean the same as in ``exceptions``: sections that are not played, places of records that may differ, calls to
make before a record, settings of a section's simulator, records after which a build is running on purpose.
"""

from __future__ import annotations

from typing import Any

NO_ROUTER = "no router yet"
SECTIONS: dict[str, str] = {
    "s-compose-create": NO_ROUTER,
    "s-compose-update": NO_ROUTER,
    "s-compose-life": NO_ROUTER,
    "s-compose-fail": NO_ROUTER,
    "s-compose-domains": NO_ROUTER,
    "s-compose-stack": NO_ROUTER,
    "s-compose-git": NO_ROUTER,
    "s-compose-queue": NO_ROUTER,
    "s-compose-path": NO_ROUTER,
    "s-compose-providers": NO_ROUTER,
    "s-compose-templates": NO_ROUTER,
}
RECORDS: dict[str, tuple[str, str]] = {}
PREPARE: dict[str, list[tuple[str, Any]]] = {}
SETTINGS: dict[str, dict[str, Any]] = {}
BESIDE: frozenset[str] = frozenset()
