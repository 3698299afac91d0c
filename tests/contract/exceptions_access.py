# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the simulator does not do of the recorded accounts, organizations and settings, and what was left out.

The names mean the same as in ``exceptions``: sections that are not played, places of records that may differ, calls to
make before a record, settings of a section's simulator. ``SECRETS``: values of the recording's secrets that must have a
certain form or are known to the world around the server.
"""

from __future__ import annotations

from typing import Any

SECTIONS: dict[str, str] = {}
PAGE = "the page itself was left out"
LATER = "a section before it has left its traces"
LEFT_OUT = "some API keys were created by calls that were left out"
PORT = "the recording's server had another port"
NOT_YET = "not simulated yet"
MONITORING = "there is no monitoring"
EVERYTHING = ".*"
RECORDS: dict[str, tuple[str, str]] = {
    "i-bootstrap#3": ("body", PAGE),
    "i-bootstrap#25": ("body", PAGE),
    "i-user#7": (r"\[0\]\.accessed\w+", LATER),
    "i-user#37": ("body", "recorded with a few of its columns"),
    **dict.fromkeys(("i-user#40", "i-user#87"), (r".*metadata", LATER)),
    "i-user#94": ("body", PORT),
    "i-apiKey#17": (r"user\.apiKeys.*", LEFT_OUT),
    "i-apiKey#24": ("total", LEFT_OUT),
    **{f"i-organization#{number}": (r".*metadata", LATER) for number in (1, 6, 9, 19, 34, 35)},
    **{f"i-settings#{number}": ("body", PORT) for number in (16, 54, 56)},
    **dict.fromkeys(("i-settings#18", "i-settings#19"), (EVERYTHING, NOT_YET)),
    **{f"i-settings#{number}": (EVERYTHING, MONITORING) for number in (21, *range(89, 95))},
    **dict.fromkeys(("i-settings#22", "i-settings#23"), (EVERYTHING, "depends on the recording's host")),
    **dict.fromkeys(
        ("i-settings#60", "i-settings#61"), ("https", "an absent boolean is false once a refused one was coerced")
    ),
    "i-settings#82": (r"\[\]", "recorded with one of its rows"),
    **dict.fromkeys(("i-settings#83", "i-settings#84"), ("message", "the name of the container")),
    **{f"i-license#{number}": (EVERYTHING, "there is no overview") for number in range(50, 53)},
}
OWNER = ("user.update", {"firstName": "R2", "lastName": "Admin"})
RENAMED_OWNER = ("user.update", {"firstName": "R2b", "lastName": "Adm"})
LATER_ON = ("act", {"pass": 11})
PREPARE: dict[str, list[tuple[str, Any]]] = {
    "i-bootstrap#23": [LATER_ON],
    "i-bootstrap#29": [LATER_ON],
    "i-bootstrap#31": [LATER_ON],
    "i-user#1": [OWNER],
    "i-apiKey#1": [RENAMED_OWNER],
    "i-organization#1": [RENAMED_OWNER],
    "i-settings#1": [RENAMED_OWNER],
    "i-settings#83": [("config", {"host_ports": [8080]})],
    "i-license#1": [RENAMED_OWNER],
}
SETTINGS: dict[str, dict[str, Any]] = {
    section: {"server_ip": "127.0.0.1"}
    for section in ("i-bootstrap", "i-user", "i-apiKey", "i-organization", "i-settings", "i-license")
}
SETTINGS["i-settings"]["own_service"] = False
SECRETS: dict[str, str] = {}
