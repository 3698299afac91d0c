# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the simulator does not do of the recorded compose stacks, and what the recording left out.

The names mean the same as in ``exceptions``: sections that are not played, places of records that may differ, calls to
make before a record, settings of a section's simulator, records after which a build is running on purpose.
"""

from __future__ import annotations

from typing import Any

ANYTHING = r".*"
RANDOM = "the random values of a template"
ORDER = "docker compose brings its containers up side by side, in any order"
GIT = "the log names the clone, without the output of git"

SECTIONS: dict[str, str] = {}
RECORDS: dict[str, tuple[str, str]] = {
    "s-compose-create#16": (r"message", "a random appName"),
    "s-compose-update#25": (r"data\.zodError.*|issues.*", "an absent boolean of an object in a list is not coerced"),
    "s-compose-update#60": (r"body", "a random suffix"),
    "s-compose-update#76": (r"message", "what git says is played, Dokploy's shell script before it is not"),
    "s-compose-life#7": (r"body", ORDER),
    "s-compose-life#31": (ANYTHING, "no record tells the id of the container"),
    "s-compose-domains#14": (ANYTHING, "no record tells the id of the container"),
    "s-compose-domains#27": (r"body", ORDER),
    "s-compose-path#6": (r"body", ORDER),
    "s-compose-git#9": (r"body", GIT),
    "s-compose-git#19": (r"body", GIT),
    "s-compose-stack#10": (r"\[\]", "the recording's Docker put the word Error behind the state of a task that runs"),
    "s-compose-queue#14": (r"body", "the log of a build without the output of BuildKit"),
    "s-compose-queue#24": (
        r"\[\]",
        "a container that a build leaves behind is new here, and not one in place of another",
    ),
    "s-compose-templates#8": (r"env", RANDOM),
    "s-compose-templates#9": (r"env|mounts\[\]|domains\[\]", RANDOM),
    "s-compose-templates#15": (r"template\..*", RANDOM),
    "s-compose-templates#16": (r"template\..*", RANDOM),
    "s-compose-templates#20": (r"changed\.(env|mounts|domains)", RANDOM),
    "s-compose-templates#21": (r"env|mounts\[\]|domains\[\]", RANDOM),
}

LISTED, UPDATED = "5gB7CvSjTZr6jftbL8lIQ", "ZsslICsLdc2J7ioT3jZRm"
RUNNING, FINISH, IDLE = ("running", None), ("finish", None), ("idle", None)
MORE = ("compose.create", {"name": "c", "environmentId": LISTED})

PREPARE: dict[str, list[tuple[str, Any]]] = {
    "s-compose-create#19": [
        *[MORE] * 8,
        ("compose.create", {"name": "c", "environmentId": LISTED, "description": ""}),
        MORE,
    ],
    "s-compose-update#34": [("compose.update", {"composeId": UPDATED, "env": None, "serviceNetworks": None})],
    "s-compose-update#45": [
        ("compose.update", {"composeId": UPDATED, "command": "", "composeType": "docker-compose"}),
    ],
    "s-compose-fail#26": [("compose.deploy", {"composeId": "3q3Al4eT8n4BOrUSNwlk6"})],
    "s-compose-fail#29": [("compose.deploy", {"composeId": "q8HTgCJhJgyz_n51Z9gqJ"})],
    "s-compose-domains#11": [
        ("domain.delete", {"domainId": "cPi4U-RLFXFAh2gF72lrl"}),
        ("domain.delete", {"domainId": "WixkmEHuVM-gPNymWv1fN"}),
    ],
    "s-compose-domains#23": [
        ("domain.delete", {"domainId": "Wg5pKFMiGm2M1-1t1Ox1X"}),
        ("domain.delete", {"domainId": "97aXfcAWV43DIetJ91bXz"}),
    ],
    "s-compose-queue#6": [RUNNING],
    "s-compose-queue#13": [IDLE],
    "s-compose-queue#17": [RUNNING],
    "s-compose-queue#19": [FINISH],
    "s-compose-queue#23": [RUNNING],
    "s-compose-queue#24": [FINISH],
    "s-compose-templates#10": [("compose.deploy", {"composeId": "mg8w4I5SCO7lplZfm767w"})],
}
SETTINGS: dict[str, dict[str, Any]] = {
    "s-compose-queue": {"build_seconds": 60},
    "s-compose-fail": {"host_ports": [5055]},
}
BESIDE = frozenset(f"s-compose-queue#{number}" for number in (3, 4, 5, 16, 22))
