# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Another process that runs many operations at once, each on a thread and with a session of its own.

File locks belong to an open file, so that threads stand for forks. A thread that waits for a lock leaves a file in the
folder of the locks, named C(waits-...)."""

from __future__ import annotations

import fcntl
import importlib
import json
import os
import subprocess
import sys
import tempfile
import threading
from io import FileIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from dokploy_simulator import Simulator
from tests.support.host import Host

ROOT = Path(__file__).resolve().parents[2]
# The collection has its name by conftest.
PROGRAM = "import conftest; from tests.support.parallel_process import main; main()"
MODULES = "ansible_collections.community.dokploy.plugins.modules"
Task = tuple[str, dict[str, Any]]


class ParallelProcess:
    """Begins to run tasks, each the name of a module and its parameters."""

    def __init__(self, sim: Simulator, folder: Path, tasks: list[Task]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "NO_PROXY": "127.0.0.1"},
        )
        assert self._process.stdin is not None
        with self._process.stdin as request:
            json.dump({"url": sim.url, "key": sim.key, "folder": str(folder), "tasks": tasks}, request)

    def results(self) -> list[dict[str, Any]]:
        """The results in the order of the tasks, once all have ended."""
        assert self._process.stdout is not None
        results: list[dict[str, Any]] = json.load(self._process.stdout)
        return results

    @property
    def runs(self) -> bool:
        return self._process.poll() is None

    def end(self) -> None:
        self._process.kill()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()


def threads_that_wait(folder: Path) -> int:
    """How many threads of all these processes wait for a lock, or have done so."""
    return len(list(folder.glob("waits-*")))


def main() -> None:
    request = json.load(sys.stdin)
    tempfile.tempdir = request["folder"]
    flock = fcntl.flock

    def noted(file: FileIO, flags: int) -> None:
        try:
            flock(file, flags | fcntl.LOCK_NB)
        except BlockingIOError:
            if flags & fcntl.LOCK_NB:
                raise
            tempfile.mkstemp(prefix="waits-")
            flock(file, flags)

    fcntl.flock = noted
    results: list[Any] = [None] * len(request["tasks"])
    sim: Any = SimpleNamespace(url=request["url"], key=request["key"])

    # Imported here, since threads that import the same wait for each other.
    modules = {module: importlib.import_module(f"{MODULES}.{module}") for module, _params in request["tasks"]}

    def run(number: int, module: str, params: dict[str, Any]) -> None:
        host = Host(sim, direct=False)
        results[number] = host.run(modules[module].OPERATION, **params)
        host.close()

    threads = [threading.Thread(target=run, args=(number, *task)) for number, task in enumerate(request["tasks"])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    json.dump([{"changed": result.get("changed"), "msg": result.get("msg")} for result in results], sys.stdout)
