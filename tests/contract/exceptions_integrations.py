# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the simulator does not do of the recorded notifications and providers, and what was left out.

The names mean the same as in ``exceptions``: sections that are not played, places of records that may differ, calls to
make before a record, settings of a section's simulator. ``SECRETS``: values of the recording's secrets that must have a
certain form or are known to the world around the server.
"""

from __future__ import annotations

from typing import Any

NOT_YET = "not simulated yet"

SECTIONS: dict[str, str] = {
    "i-notification": NOT_YET,
    "i-gitProvider": NOT_YET,
    "i-github": NOT_YET,
    "i-vaultProvider": NOT_YET,
    "i-dnsProvider": NOT_YET,
    "i-ai": NOT_YET,
}
RECORDS: dict[str, tuple[str, str]] = {}
PREPARE: dict[str, list[tuple[str, Any]]] = {}
SETTINGS: dict[str, dict[str, Any]] = {}
SECRETS: dict[str, str] = {}
