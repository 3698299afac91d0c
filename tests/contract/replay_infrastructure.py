# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The recording of what a 0.30.2 has besides services: each section on a simulator of its own."""

from __future__ import annotations

from typing import Any

from requests import Response

from . import exceptions_access, exceptions_infrastructure, exceptions_integrations
from .recording_player import CLOSED, Player, Record, made_up

FILE = "pairs-infrastructure.jsonl"
KEY, PASSWORD = "<secret:1>", "<secret:2>"
# The recording's own account, organization and membership, which sections after the first one name.
USER, ORGANIZATION, MEMBER = "LhvpKPbBpKZK1dcmI1NN6RbJPSOZoCyU", "1CksJdNMCHsJ6rbtiEgyC", "Th5RLjnleVZTSe2LgsVaC"
FIRST = "i-bootstrap"
PARTS = (exceptions_infrastructure, exceptions_access, exceptions_integrations)
SECTIONS = {section: reason for part in PARTS for section, reason in part.SECTIONS.items()}
RECORDS = {key: exception for part in PARTS for key, exception in part.RECORDS.items()}
PREPARE = {key: calls for part in PARTS for key, calls in part.PREPARE.items()}
SETTINGS: dict[str, dict[str, Any]] = {
    section: settings for part in PARTS for section, settings in part.SETTINGS.items()
}
SECRETS = {PASSWORD: made_up(PASSWORD)} | {name: value for part in PARTS for name, value in part.SECRETS.items()}
MORE = ": missing [], not recorded "


class Section(Player):
    private_keys = ()

    def __init__(self, section: str) -> None:
        """Every section but the first one begins when the administrator and the first API key exist."""
        account = {"admin_email": "admin@r2.example", "admin_password": SECRETS[PASSWORD], "fresh": section == FIRST}
        super().__init__(KEY, **{"build_seconds": 0.01, "row_delay": 0.0, **account, **SETTINGS.get(section, {})})
        for name, value in SECRETS.items():
            self.names.learn(name, value)
        if section != FIRST:
            self.names.learn(KEY, self.sim.key)
            organization = self.query("organization.all", {})[0]
            self.names.learn(USER, organization["ownerId"])
            self.names.learn(ORGANIZATION, organization["id"])
            self.names.learn(MEMBER, organization["members"][0]["id"])

    def judge(self, record: Record, response: Response) -> list[str]:
        """Of some answers the recording kept a part."""
        problems = super().judge(record, response)
        trimmed = "trimmed" in record.data["note"]
        return [problem for problem in problems if not (trimmed and MORE in problem)]

    def send(self, record: Record) -> Response:
        """Of a stream the note tells whether the server ended it."""
        if "; stream: " in record.data["note"]:
            record.data["stream_end"] = CLOSED if "closed by the server" in record.data["note"] else "idle"
        return super().send(record)

    def play(self, records: list[Record]) -> None:
        for record in records:
            self.play_record(record, PREPARE.get(record.key, ()))
