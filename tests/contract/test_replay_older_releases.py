# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulator answers as six older releases were recorded to answer: each call of the probe, on each of them."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from .exceptions_older_releases import FORGIVEN, Exemption
from .older_releases import FILE, VERSIONS, WHOLE, Call, Probe, calls, release_of
from .recording_player import Record, contract_dir, records

DIRECTORY = contract_dir()
if DIRECTORY is not None and not (DIRECTORY / FILE).is_file():
    DIRECTORY = None
CALLS = calls(DIRECTORY) if DIRECTORY else []
SECTIONS = list(dict.fromkeys(call.section for call in CALLS)) or ["none"]

pytestmark = pytest.mark.skipif(
    DIRECTORY is None, reason="no recorded contract: set DOKPLOY_CONTRACT_DIR to the folder of pairs-older.jsonl"
)


def directory() -> Path:
    assert DIRECTORY is not None
    return DIRECTORY


@cache
def played(version: str) -> Probe:
    """The whole probe, played once."""
    probe = Probe(directory(), version)
    try:
        probe.play()
    finally:
        probe.close()
    return probe


def unforgiven(probe: Probe, record: Record) -> list[str]:
    exemption = probe.exemption(record)
    problems = probe.results[record.key]
    return [one for one in problems if exemption is None or not re.fullmatch(exemption.places, one.split(": ")[0])]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("section", SECTIONS)
def test_section(section: str, version: str) -> None:
    probe = played(version)
    wrong = []
    for call, record in probe.played:
        problems = unforgiven(probe, record) if call.section == section else []
        if problems:
            wrong.append("\n  ".join([str(record), *problems]))
    assert not wrong, "\n" + "\n".join(wrong)


@pytest.mark.parametrize("version", VERSIONS)
def test_every_record_of_the_release_is_played(version: str) -> None:
    own = {record.key for record in records(directory() / FILE) if release_of(record) == version}
    judged = {record.key for _call, record in played(version).played}
    assert own <= judged
    print(f"\n{version}: {len(own)} records of its own, {len(judged)} calls in all, {count(version)} exempted")


def count(version: str) -> int:
    """How many records an exemption was needed for."""
    probe = played(version)
    return sum(bool(probe.results[record.key]) for _call, record in probe.played)


def used(exemption: Exemption) -> bool:
    return any(
        probe.exemption(record) is exemption and probe.results[record.key]
        for probe in map(played, VERSIONS)
        for _call, record in probe.played
    )


def test_every_exemption_is_needed() -> None:
    assert [one for one in FORGIVEN if not (used(one) or one.by_chance)] == []
    assert all(one.reason for one in FORGIVEN)


def test_composed_as_the_recording_says() -> None:
    """The newest record that is not newer; the oldest release differs from the one that is recorded whole."""
    call = next(one for one in CALLS if {"0.25.0", WHOLE, "0.26.7"} == one.by_version.keys())
    for version, expected in [("0.25.0", "0.25.0"), (WHOLE, WHOLE), ("0.26.7", "0.26.7"), ("0.29.8", "0.26.7")]:
        record = call.of(version)
        assert record is not None and release_of(record) == expected
    alone = next(one for one in CALLS if one.by_version.keys() == {WHOLE})
    assert all(alone.of(version) is alone.by_version[WHOLE] for version in VERSIONS)
    assert Call(("nothing",)).of("0.29.8") is None
