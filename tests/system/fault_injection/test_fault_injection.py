# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every request of every scenario meets every fault, and playbooks are killed: nothing is lost. See README.md."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from tests.system.fault_injection import matrix
from tests.system.fault_injection.playbooks import PATHS, PLAYBOOKS

Record = Callable[[str, object], None]

# A scenario is several tests, so that the processes of pytest-xdist share it.
PARTS = 4


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "share" in metafunc.fixturenames:
        many = metafunc.config.getoption("--all-faults") or metafunc.config.getoption("--playbook-faults")
        metafunc.parametrize("share", [(part, PARTS) for part in range(PARTS)] if many else [(0, 1)], ids=str)


def no_survivor(rows: list[matrix.Row]) -> None:
    assert [f"{verdict.words}: {problem}" for _name, _kind, verdict in rows for problem in verdict.problems] == []


def counted(rows: list[matrix.Row]) -> list[tuple[str, str, str, int]]:
    return [(name, fault, verdict.outcome, len(verdict.problems)) for name, fault, verdict in rows]


@pytest.mark.parametrize("path", PATHS[::-1])
@pytest.mark.parametrize("name", PLAYBOOKS)
def test_a_playbook_that_is_killed_or_meets_a_fault(
    name: str, path: str, share: tuple[int, int], pytestconfig: pytest.Config, record_property: Record
) -> None:
    number = sys.maxsize if pytestconfig.getoption("--all-faults") else pytestconfig.getoption("--playbook-faults")
    few = (1, 1) if name in matrix.WAITED_FOR else matrix.SAMPLE[path]
    sizes = (number, number) if number else few
    rows = matrix.drawn(name, path, pytestconfig.getoption("--fault-seed"), sizes, *share)
    record_property("playbooks", counted(rows))
    no_survivor(rows)


# What a killed run leaves, its generators and connections, is collected later, when no process is there to use it.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
# A kill may come to a thread that reads a log.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("name", matrix.SCENARIOS)
def test_requests_that_meet_faults(name: str, part: int, pytestconfig: pytest.Config, record_property: Record) -> None:
    rows = matrix.played(name, part, PARTS, pytestconfig.getoption("--all-faults"))
    record_property("requests", counted(rows))
    no_survivor(rows)
