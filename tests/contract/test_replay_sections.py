# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulator answers for services, registries, keys, accounts and the like as Dokploy 0.30.2 was recorded to."""

from __future__ import annotations

import pytest

from .recording_player import Record, contract_dir, records, verdict
from .replay_sections import FILES, Section, merged

DIRECTORY = contract_dir()
RECORDED: dict[str, dict[str, list[Record]]] = {file: {} for file in FILES}
for _file, _sections in RECORDED.items():
    if DIRECTORY is not None and (DIRECTORY / _file).is_file():
        for _record in records(DIRECTORY / _file):
            _sections.setdefault(_record.section, []).append(_record)
PLAYED = [
    (file, section)
    for file, sections in RECORDED.items()
    for section in sections
    if section not in merged(FILES[file], "SECTIONS")
]

pytestmark = pytest.mark.skipif(
    not PLAYED, reason=f"no recorded contract: set DOKPLOY_CONTRACT_DIR to the folder of {' and '.join(FILES)}"
)


@pytest.mark.parametrize(("file", "section"), PLAYED or [("none", "none")])
def test_section(file: str, section: str) -> None:
    played, parts = RECORDED[file][section], FILES[file]
    player = Section(section, parts)
    try:
        player.play(played)
    finally:
        player.close()
    problems = verdict(played, player.results, merged(parts, "RECORDS"))
    assert not problems, f"\n{problems}"


@pytest.mark.parametrize("file", FILES)
def test_exceptions_name_what_there_is(file: str) -> None:
    sections, parts = RECORDED[file], FILES[file]
    keys = {record.key for found in sections.values() for record in found}
    left_out, exceptions = merged(parts, "SECTIONS"), merged(parts, "RECORDS")
    assert left_out.keys() | merged(parts, "SETTINGS").keys() <= sections.keys()
    assert exceptions.keys() | merged(parts, "PREPARE").keys() | merged(parts, "BESIDE").keys() <= keys
    assert all(left_out.values()) and all(reason for _places, reason in exceptions.values())
