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

SECTIONS: dict[str, str] = {}
CLOCK = "a clock in seconds"
RECORDS: dict[str, tuple[str, str]] = {
    **{f"i-gitProvider#{number}": ("lastAuthenticatedAt", CLOCK) for number in (17, 23, 25)},
    "i-vaultProvider#34": (r"\[\d\]\.assignments", "updates that changed the assignments were left out"),
}
# Updates that were left out give what the ones before them had changed its first value again.
PREPARE: dict[str, list[tuple[str, Any]]] = {
    "i-gitProvider#39": [
        (
            "act",
            {"authorise": "gP-SkwxLQ2-co6eGjXQYQ", "accessToken": "<secret:40>", "refreshToken": "<secret:41>"},
        ),
    ],
    "i-notification#109": [
        (
            "notification.updateSlack",
            {
                "notificationId": "VfTafv0KGYInbEDEx5sGs",
                "slackId": "XajvgYIBILxQdSROpLOIY",
                "webhookUrl": "<secret:21>",
            },
        ),
        (
            "notification.updateTelegram",
            {"notificationId": "gvMUaP5PK26UkRy9jfnDs", "telegramId": "jMvz7ofKv68wLQ4tFnrG5", "chatId": "-100123"},
        ),
        (
            "notification.updateDiscord",
            {"notificationId": "IVhHR4dGeVZj81a0rGrDS", "discordId": "EIbXAhQb9fZDRmsVzMl-4", "decoration": True},
        ),
        (
            "notification.updateNtfy",
            {
                "notificationId": "QOY7mbBfxf_Uth10YBqj7",
                "ntfyId": "ZcJJCqyj3Fm46nzUX5mfS",
                "topic": "private",
                "accessToken": "<secret:29>",
            },
        ),
    ],
}
SETTINGS: dict[str, dict[str, Any]] = {}
# Those that the other side refuses, and addresses.
SECRETS: dict[str, str] = {
    **{f"<secret:{number}>": f"wrong-{number}-of-the-contract" for number in (24, 44, 49, 55, 57)},
    **{f"<secret:{number}>": f"http://127.0.0.1:8850/hook/200/{number}" for number in (21, 22, 25, 30, 31, 34, 35)},
}
