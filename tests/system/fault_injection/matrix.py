# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All cases of the matrix, or a sample of them, and their verdicts."""

from __future__ import annotations

import random
import zlib
from collections.abc import Iterator

from dokploy_simulator import Simulator
from tests.system.fault_injection.case import Case, CaseRunner, Verdict
from tests.system.fault_injection.data_scenarios import SCENARIOS as DATA
from tests.system.fault_injection.deployment_scenarios import SCENARIOS as DEPLOYMENTS
from tests.system.fault_injection.faults import CLIENT_FAULTS, FAULTS
from tests.system.fault_injection.playbooks import SIGNALS, PlaybookRunner
from tests.system.fault_injection.resource_scenarios import SCENARIOS as RESOURCES
from tests.system.fault_injection.task_runner import Scenario

SCENARIOS: dict[str, Scenario] = {scenario.name: scenario for scenario in (*RESOURCES, *DEPLOYMENTS, *DATA)}
DEFAULT_RETRIES = 5
# Of the faults at a read one in so many is in the sample, of those at a write one in so many; at each request others.
READS, WRITES = 12, 5
# Of the cases in the sample one in so many has a run at the end that must change nothing: with the same state on the
# server as without a fault, it is the run that the scenario itself has.
THOROUGH = 4

_stage: list[CaseRunner] = []


def stage() -> CaseRunner:
    """The one of this process."""
    if not _stage:
        _stage.append(CaseRunner(Simulator().start()))
    return _stage[0]


def cases(scenario: Scenario, whole: bool) -> Iterator[Case]:
    """The cases of a scenario, in a fixed order."""
    reference = stage().reference(scenario)
    start = zlib.crc32(scenario.name.encode())
    for request, writes in enumerate(reference.writes, 1):
        often = WRITES if writes else READS
        for number, fault in enumerate((*FAULTS, *(CLIENT_FAULTS if scenario.killed else ()))):
            for retries in (DEFAULT_RETRIES,) if fault.client else (0, DEFAULT_RETRIES):
                turn = start + request * 7 + number + (retries and 3)
                for hasty in (False, True) if scenario.builds else (False,):
                    if whole or (turn + hasty) % (often * scenario.sampled) == 0:
                        yield Case(scenario, request, fault, retries, hasty)


Row = tuple[str, str, Verdict]


def played(name: str, part: int, parts: int, whole: bool) -> list[Row]:
    """One share of a scenario's cases: scenario, kind and verdict of each."""
    found = []
    for number, case in enumerate(cases(SCENARIOS[name], whole)):
        if number % parts == part:
            verdict = stage().play(case, thorough=whole or number % THOROUGH == 0)
            found.append((name, case.fault.name, verdict))
    return found


# --- real playbooks --------------------------------------------------------------------------------------------------

_theatre: list[PlaybookRunner] = []
SEED = 20261
# What a real playbook may meet: all but what only the process of the simulator can bring, or what takes long.
MET = tuple(fault for fault in FAULTS if not fault.silent and fault.name not in ("refused", "key spent for good"))


def playbook_runner() -> PlaybookRunner:
    """The one of this process."""
    if not _theatre:
        _theatre.append(PlaybookRunner(Simulator().start()))
    return _theatre[0]


# How many kills and how many faults are in the sample; a playbook as modules takes longer.
SAMPLE = {"action": (3, 2), "module": (1, 1)}
# Of these a run that was killed is waited for, a minute each time.
WAITED_FOR = frozenset(("backup", "recover", "clone", "overwrite"))


def drawn(name: str, path: str, seed: int, sizes: tuple[int, int], part: int = 0, parts: int = 1) -> list[Row]:
    """One share of so many kills and so many faults of one playbook, drawn by a seed from all there can be."""
    chance = random.Random(f"{seed} {name} {path}")
    requests = range(1, playbook_runner().reference(name, path).requests + 1)
    kills = [(request, stage, number) for request in requests for stage in ("before", "after") for number in SIGNALS]
    faults = [(request, fault) for request in requests for fault in MET]
    chance.shuffle(kills)
    chance.shuffle(faults)
    # The signals in turn, so that a few are one of each.
    turns = [[kill for kill in kills if kill[2] is number] for number in SIGNALS]
    kills = [kill for turn in zip(*turns, strict=True) for kill in turn]
    rows: list[Row] = []
    for request, stage, number in kills[part : sizes[0] : parts]:
        verdict = playbook_runner().kill(name, path, request, stage, number)
        rows.append((f"{name} ({path})", f"{number.name} {stage}", verdict))
    for request, fault in faults[part : sizes[1] : parts]:
        verdict = playbook_runner().meet(name, path, request, fault)
        rows.append((f"{name} ({path})", fault.name, verdict))
    return rows
