# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What ``make record`` has recorded of a release, played against the simulator."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .exceptions_recorded import EXCEPTIONS, OF_RELEASES
from .recording_player import Player, Record, unforgiven

KEY = "<secret:1>"


class Recorded(Player):
    """A release, with the key of its administrator. All records are played in one go: later ones use earlier ones."""

    private_keys = ()

    def __init__(self, release: str, pairs: Mapping[tuple[str, int], dict[str, Any]]) -> None:
        self.records = [
            Record(f"{section}#{number}", section, {"section": section, **pair})
            for (section, number), pair in pairs.items()
        ]
        super().__init__(KEY, version=release, world="strict")
        self.names.learn(KEY, self.sim.key)

    def play(self) -> None:
        for record in self.records:
            self.play_record(record)


def unexpected(release: str, player: Recorded) -> dict[str, list[str]]:
    """What differs without an exception, by record: as a person reads it."""
    exceptions = EXCEPTIONS | OF_RELEASES.get(release, {})
    differing = {}
    for record in player.records:
        problems = unforgiven(exceptions, record, player.results.get(record.key, []))
        if problems:
            differing[str(record)] = problems
    return differing


def unneeded(release: str, player: Recorded) -> list[str]:
    """The exceptions of the release without which its records would agree."""
    return [key for key in OF_RELEASES.get(release, {}) if not player.results.get(key)]
