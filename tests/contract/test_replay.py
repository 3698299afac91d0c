# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulator answers as Dokploy 0.30.2 was recorded to answer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .exceptions import BESIDE, PREPARE, RECORDS, SECTIONS
from .recording_player import contract_dir, records, verdict
from .replay import FILE, Recording

DIRECTORY = contract_dir()
ALL = list(dict.fromkeys(record.section for record in records(DIRECTORY / FILE))) if DIRECTORY else []

pytestmark = pytest.mark.skipif(
    DIRECTORY is None, reason="no recorded contract: set DOKPLOY_CONTRACT_DIR to the folder of pairs.jsonl"
)


@pytest.fixture(scope="module")
def player() -> Iterator[Recording]:
    assert DIRECTORY is not None
    playing = Recording(DIRECTORY)
    yield playing
    playing.close()


@pytest.mark.parametrize("section", [section for section in ALL if section not in SECTIONS] or ["none"])
def test_section(player: Recording, section: str) -> None:
    player.play(section)
    problems = verdict(player.by_section[section], player.results, RECORDS)
    assert not problems, f"\n{problems}"


def test_exceptions_name_what_there_is() -> None:
    assert DIRECTORY is not None
    keys = {record.key for record in records(DIRECTORY / FILE)}
    assert set(SECTIONS) <= set(ALL)
    assert (set(RECORDS) | set(PREPARE) | set(BESIDE)) <= keys
    assert all(SECTIONS.values()) and all(reason for _places, reason in RECORDS.values())


def test_sections_left_out_are_not_served(player: Recording) -> None:
    """A section that the simulator has come to serve must be played."""
    for section in SECTIONS:
        served = {record.procedure in player.sim.server.procedures for record in player.by_section[section]}
        assert served != {True}, section
