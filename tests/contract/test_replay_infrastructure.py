# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulator answers for registries, keys, accounts and the like as Dokploy 0.30.2 was recorded to answer."""

from __future__ import annotations

import pytest

from .recording_player import Record, contract_dir, records, verdict
from .replay_infrastructure import FILE, PREPARE, RECORDS, SECTIONS, SETTINGS, Section

DIRECTORY = contract_dir()
if DIRECTORY is not None and not (DIRECTORY / FILE).is_file():
    DIRECTORY = None
BY_SECTION: dict[str, list[Record]] = {}
for _record in records(DIRECTORY / FILE) if DIRECTORY else ():
    BY_SECTION.setdefault(_record.section, []).append(_record)

pytestmark = pytest.mark.skipif(
    DIRECTORY is None, reason=f"no recorded contract: set DOKPLOY_CONTRACT_DIR to the folder of {FILE}"
)


@pytest.mark.parametrize("section", [section for section in BY_SECTION if section not in SECTIONS] or ["none"])
def test_section(section: str) -> None:
    played = BY_SECTION.get(section, [])
    player = Section(section)
    try:
        player.play(played)
    finally:
        player.close()
    problems = verdict(played, player.results, RECORDS)
    assert not problems, f"\n{problems}"


def test_exceptions_name_what_there_is() -> None:
    keys = {record.key for found in BY_SECTION.values() for record in found}
    assert SECTIONS.keys() | SETTINGS.keys() <= BY_SECTION.keys()
    assert RECORDS.keys() | PREPARE.keys() <= keys
    assert all(SECTIONS.values()) and all(reason for _places, reason in RECORDS.values())
