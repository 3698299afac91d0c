# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A process ends when what takes its result has died, and cleans up on its way out."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._host import ending
from tests.support.effort import slow

# Prints when it works, and leaves a file when it is interrupted.
_WORK = """
import pathlib, sys, time
from ending import *
def work(has_died):
    end_when(has_died, 0.05)
    end_when(has_died, 0.05)
    print("works", flush=True)
    try:
        time.sleep(60)
    except KeyboardInterrupt:
        pathlib.Path(sys.argv[1]).write_text("interrupted")
"""
_MODULE = f"{_WORK}\nwork(reader_has_died)"
_WORKER = f"""{_WORK}
import multiprocessing
if __name__ == "__main__":
    multiprocessing.get_context("fork").Process(target=work, args=(parent_has_died,)).start()
    time.sleep(60)
"""


def _started(script: str, file: Path) -> subprocess.Popen[str]:
    env = {**os.environ, "PYTHONPATH": str(Path(ending.__file__).parent)}
    words = [sys.executable, "-c", script, str(file)]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=env, start_new_session=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "works\n"
    return process


def _is_written(file: Path) -> bool:
    for _attempt in range(200):
        if file.exists():
            return True
        time.sleep(0.05)
    return False


def test_a_worker_whose_playbook_is_killed_is_interrupted(tmp_path: Path) -> None:
    process = _started(_WORKER, tmp_path / "end")
    try:
        process.kill()
        process.wait()
        assert _is_written(tmp_path / "end")
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        assert process.stdout is not None
        process.stdout.close()


@slow
@pytest.mark.parametrize("closes", [True, False])
def test_a_module_whose_output_nobody_reads_is_interrupted(closes: bool, tmp_path: Path) -> None:
    process = _started(_MODULE, tmp_path / "end")
    assert process.stdout is not None
    try:
        if closes:
            process.stdout.close()
            process.wait(30)
        else:
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(0.5)
        assert (tmp_path / "end").exists() is closes
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_what_was_not_forked_has_no_parent_to_lose() -> None:
    assert ending.parent_has_died() is False
