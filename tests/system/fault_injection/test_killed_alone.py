# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A playbook that is killed without its workers, as by C(kill -9) or with its terminal: its workers end too."""

from __future__ import annotations

import time

import pytest

from tests.support import processes
from tests.support.effort import slow
from tests.system.fault_injection import matrix
from tests.system.fault_injection.case import MISSED, Verdict
from tests.system.fault_injection.playbooks import PATHS

# Seconds in which a worker has to end. It looks each second, and gives up its lease on the way out; the machine may be
# busy.
SOON = 60.0


@slow
@pytest.mark.parametrize("path", PATHS)
def test_the_worker_of_a_killed_recovery_ends_and_the_next_run_ends_well(path: str) -> None:
    runner = matrix.playbook_runner()
    reference = runner.begin("recover", path)
    # The restore of a dump takes long.
    runner.sim.hold("backup.restoreBackupWithLogs", stage="before", until="told", seconds=processes.LIMIT)
    process = runner.start("first")
    assert processes.held(runner.sim, process)
    workers = [pid for pid in processes.family(process) if pid != process.pid]
    assert any(map(processes.lives, workers))
    processes.kill([process.pid])
    process.wait()
    try:
        end = time.monotonic() + SOON
        while any(map(processes.lives, workers)) and time.monotonic() < end:
            time.sleep(0.05)
        assert not any(map(processes.lives, workers))
    finally:
        processes.kill(list(filter(processes.lives, workers)))
        runner.sim.reset(state=False, stats=False)
        runner.sim.settle()
    verdict = Verdict("killed alone", MISSED)
    runner.converge("recover", reference, verdict, past=True)
    assert verdict.problems == []
