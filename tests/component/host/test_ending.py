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
from pathlib import Path

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._host import ending

# Tells when nothing has ended it in many looks, and leaves a file when it is interrupted.
_WORK = """
import functools, multiprocessing, os, pathlib, sys, time
from ending import *
def work(has_died):
    looks = []
    def looked():
        looks.append(has_died())
        return looks[-1]
    try:
        end_when(looked, 0.01)
        end_when(lambda: True, 0.01)
        while len(looks) < 10:
            time.sleep(0.01)
        print("works", file=sys.stderr, flush=True)
        for _pause in range(600):
            time.sleep(0.1)
    except KeyboardInterrupt:
        pathlib.Path(sys.argv[1]).write_text("interrupted")
"""
_MODULE = f"{_WORK}\nwork(reader_has_died)"
_WORKER = f"""{_WORK}
def work_for_parent():
    work(functools.partial(parent_has_died, os.getppid()))
if __name__ == "__main__":
    multiprocessing.get_context("fork").Process(target=work_for_parent).start()
    time.sleep(60)
"""
_ENV = {**os.environ, "PYTHONPATH": str(Path(ending.__file__).parent)}


def _started(script: str, file: Path) -> subprocess.Popen[str]:
    """A process that works, and that looks whether it has to end."""
    words, pipe = [sys.executable, "-c", script, str(file)], subprocess.PIPE
    process = subprocess.Popen(words, stdout=pipe, stderr=pipe, text=True, env=_ENV, start_new_session=True)
    assert process.stderr is not None
    assert process.stderr.readline() == "works\n"
    return process


def _ended(process: subprocess.Popen[str], file: Path) -> None:
    """Wait until neither the process nor its fork has the pipe, and check why."""
    try:
        assert process.stderr is not None
        assert process.stderr.read() == ""
        assert file.read_text() == "interrupted"
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def test_a_worker_whose_playbook_is_killed_is_interrupted(tmp_path: Path) -> None:
    process = _started(_WORKER, tmp_path / "end")
    process.kill()
    _ended(process, tmp_path / "end")


def test_a_module_whose_output_nobody_reads_is_interrupted(tmp_path: Path) -> None:
    process = _started(_MODULE, tmp_path / "end")
    assert process.stdout is not None
    process.stdout.close()
    _ended(process, tmp_path / "end")


@pytest.mark.parametrize("redirection", ["> file", "> /dev/null", ">&-", "| cat"])
def test_output_that_needs_no_reader_ends_nothing(redirection: str, tmp_path: Path) -> None:
    script = "import ending, sys; sys.exit(ending.reader_has_died())"
    command = f'set -o pipefail; "$@" {redirection}'
    words = ["bash", "-c", command, "bash", sys.executable, "-c", script]
    assert subprocess.run(words, cwd=tmp_path, env=_ENV, check=False).returncode == 0
