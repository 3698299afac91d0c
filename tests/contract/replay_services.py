# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The recording of databases, compose stacks and backups of 0.30.2: each section on a simulator of its own."""

from __future__ import annotations

from typing import Any

from requests import Response

from . import exceptions_backups, exceptions_compose, exceptions_databases
from .recording_player import Player, Record

FILE = "pairs-services.jsonl"
KEY = "<secret:1>"
PARTS = (exceptions_databases, exceptions_compose, exceptions_backups)
SECTIONS = {section: reason for part in PARTS for section, reason in part.SECTIONS.items()}
RECORDS = {key: exception for part in PARTS for key, exception in part.RECORDS.items()}
PREPARE = {key: calls for part in PARTS for key, calls in part.PREPARE.items()}
SETTINGS: dict[str, dict[str, Any]] = {
    section: settings for part in PARTS for section, settings in part.SETTINGS.items()
}
# Records after which a build is running on purpose.
BESIDE = frozenset(key for part in PARTS for key in part.BESIDE)
# Record -> the one that it was sent before, although it was answered later.
MOVED = {"s-database-blocking#5": "s-database-blocking#3"}
MORE = ": missing [], not recorded "


class Section(Player):
    private_keys = ()

    def __init__(self, section: str) -> None:
        super().__init__(KEY, **{"build_seconds": 0.01, "row_delay": 0.0, **SETTINGS.get(section, {})})
        self.names.learn(KEY, self.sim.key)

    def judge(self, record: Record, response: Response) -> list[str]:
        """Of some objects the recording kept a part."""
        problems = super().judge(record, response)
        trimmed = "(trimmed" in record.data["note"]
        return [problem for problem in problems if not (trimmed and MORE in problem)]

    def play(self, records: list[Record]) -> None:
        earlier = {MOVED[record.key]: record for record in records if record.key in MOVED}
        for record in records:
            if record.key in earlier:
                self._play(earlier[record.key])
            if record.key not in MOVED:
                self._play(record)

    def _play(self, record: Record) -> None:
        self.play_record(record, PREPARE.get(record.key, ()), record.key not in BESIDE)
