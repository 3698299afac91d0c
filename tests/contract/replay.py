# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The recording of 0.30.2, section by section."""

from __future__ import annotations

from pathlib import Path

from .exceptions import BESIDE, PREPARE, SETTINGS
from .recording_player import Player, Record, made_up, records

FILE = "pairs.jsonl"
# From the table in the recording's README: the sections that must have been played before. (The environment that
# 5-databases reads was filled by two more, the project of 6-cascade got its env in 6-never-deployed.)
NEEDS = {
    "1-auth": "bootstrap",
    "2-ratelimit": "bootstrap",
    "3-app-create": "3-project-env",
    "3-app-update": "3-app-create 3-project-env",
    "3-app-save": "3-project-env",
    "4-deploy": "3-project-env",
    "4-deploy-git": "3-project-env",
    "3-drop": "3-project-env",
    "3-delete": "4-deploy-git",
    "misc": "3-project-env",
    "5-domain": "misc",
    "5-mounts": "misc",
    "5-port": "misc",
    "5-schedule": "misc",
    "5-volumeBackups": "5-destination misc",
    "5-patch": "misc",
    "5-registry": "misc",
    "5-sshKey": "bootstrap",
    "5-server": "3-project-env",
    "5-tag": "3-project-env",
    "5-compose": "3-project-env",
    "5-databases": "3-project-env 3-app-create 5-compose",
    "5-databases-remove": "5-databases",
    "6-env": "6-concurrency",
    "6-never-deployed": "6-concurrency",
    "6-cascade": "6-concurrency 6-env 6-never-deployed",
    "6-misc": "misc",
    "5-redirects": "9-trpc",
    "5-security": "9-trpc",
    "3-webhook": "9-trpc",
    "4-deploy-poll": "9-trpc",
}


class Recording(Player):
    def __init__(self, directory: Path) -> None:
        self.by_section: dict[str, list[Record]] = {}
        for record in records(directory / FILE):
            self.by_section.setdefault(record.section, []).append(record)
        self.played: set[str] = set()
        super().__init__("<secret:1>", builds=[{"branch": "slow", "seconds": 60}], admin_password=made_up("<secret:2>"))
        self.names.learn("<secret:1>", self.sim.key)
        self.names.learn("<secret:2>", made_up("<secret:2>"))
        # The address of a webhook that nothing listens to.
        self.names.learn("<secret:42>", "https://missing.example.com/webhook")

    def play(self, section: str) -> None:
        """Play a section once, the ones it needs before it. What differs is in ``results`` by record key."""
        if section in self.played:
            return
        self.played.add(section)
        for needed in ("bootstrap", *NEEDS.get(section, "").split()):
            self.play(needed)
        self.sim.config(**SETTINGS.get(section, {}))
        for record in self.by_section[section]:
            self.play_record(record, PREPARE.get(record.key, ()), record.key not in BESIDE)
