# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two recordings of 0.30.2, of services and of what else there is: each section on a simulator of its own."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from requests import Response

from . import (
    exceptions_access,
    exceptions_backups,
    exceptions_compose,
    exceptions_databases,
    exceptions_infrastructure,
    exceptions_integrations,
)
from .recording_player import CLOSED, Player, Record, made_up

INFRASTRUCTURE = (exceptions_infrastructure, exceptions_access, exceptions_integrations)
SERVICES = (exceptions_databases, exceptions_compose, exceptions_backups)
FILES = {"pairs-infrastructure.jsonl": INFRASTRUCTURE, "pairs-services.jsonl": SERVICES}
KEY, PASSWORD = "<secret:1>", "<secret:2>"
# The account, organization and membership of the first recording, which sections after the first one name.
USER, ORGANIZATION, MEMBER = "LhvpKPbBpKZK1dcmI1NN6RbJPSOZoCyU", "1CksJdNMCHsJ6rbtiEgyC", "Th5RLjnleVZTSe2LgsVaC"
FIRST = "i-bootstrap"
# Record -> the one that it was sent before, although it was answered later.
MOVED = {"s-database-blocking#5": "s-database-blocking#3"}
MORE = ": missing [], not recorded "


def merged(parts: tuple[ModuleType, ...], name: str) -> dict[str, Any]:
    """What the files of exceptions have under one name; C(BESIDE), which is a set, with C(True) for each record."""
    values = [getattr(part, name, {}) for part in parts]
    return {key: value[key] if isinstance(value, dict) else True for value in values for key in value}


SECRETS = {PASSWORD: made_up(PASSWORD)} | merged(INFRASTRUCTURE, "SECRETS")


class Section(Player):
    private_keys = ()

    def __init__(self, section: str, parts: tuple[ModuleType, ...]) -> None:
        """Every section of infrastructure but the first one begins when there are an administrator and an API key."""
        settings: dict[str, Any] = {"build_seconds": 0.01, "row_delay": 0.0}
        if parts is INFRASTRUCTURE:
            settings |= {"admin_email": "admin@r2.example", "admin_password": SECRETS[PASSWORD]}
            settings["fresh"] = section == FIRST
        super().__init__(KEY, **{**settings, **merged(parts, "SETTINGS").get(section, {})})
        self.prepare, self.beside = merged(parts, "PREPARE"), merged(parts, "BESIDE")
        for name, value in SECRETS.items() if parts is INFRASTRUCTURE else ():
            self.names.learn(name, value)
        if section != FIRST:
            self.names.learn(KEY, self.sim.key)
        if section != FIRST and parts is INFRASTRUCTURE:
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
        earlier = {MOVED[record.key]: record for record in records if record.key in MOVED}
        for record in records:
            if record.key in earlier:
                self._play(earlier[record.key])
            if record.key not in MOVED:
                self._play(record)

    def _play(self, record: Record) -> None:
        self.play_record(record, self.prepare.get(record.key, ()), record.key not in self.beside)
