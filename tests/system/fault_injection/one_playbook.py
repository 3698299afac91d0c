# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A playbook of the collection on simulated servers, which may be killed at a request."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dokploy_simulator import Simulator
from tests.support import processes
from tests.support.processes import LIMIT
from tests.system.fault_injection.playbooks import STRANGE
from tools import workspace
from tools.workspace import VENV

_CHANGED = re.compile(r"^localhost +: +ok=\d+ +changed=(\d+) ", re.M)


@dataclass
class Run:
    """One run of C(ansible-playbook)."""

    status: int
    text: str
    changed: int


class OnePlaybook:
    """A playbook, its variables, and the servers that it writes to, of which the first one is that of the connection.

    :param folder: of the tests; nothing else is in it. :param secrets: what no output may show.
    """

    def __init__(self, name: str, servers: Sequence[Simulator], folder: Path, secrets: Sequence[str] = ()) -> None:
        self.name, self.servers, self.folder = name, servers, folder
        self.secrets = (*secrets, *(server.key for server in servers))
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "tmp").mkdir(parents=True)
        for server in servers:
            server.reset(config=True)

    def writes(self) -> list[int]:
        """How many writes each server has got since this was asked last."""
        counts = [len(server.calls("mutation")) for server in self.servers]
        for server in self.servers:
            server.reset_stats()
        return counts

    def variables(self, **variables: Any) -> dict[str, Any]:
        """Those of a run. :param variables: what the test says of it."""
        return variables

    def start(self, *words: str, **variables: Any) -> subprocess.Popen[str]:
        """Begin a run. :param words: of the command line."""
        (self.folder / "variables.json").write_text(json.dumps(self.variables(**variables)))
        env = processes.environment(self.servers[0], self.folder / "tmp")
        playbook = f"community.dokploy.{self.name}"
        command = [str(VENV / "bin/ansible-playbook"), playbook, "-e", "@variables.json", *words]
        return processes.started(command, self.folder, env, self.folder / "log")

    def end(self, process: subprocess.Popen[str]) -> Run:
        """The end of a run, whose output has no secret and no traceback."""
        status = process.wait(LIMIT)
        text = (self.folder / "log").read_text(errors="replace")
        assert STRANGE.search(text) is None, text[-3000:]
        for secret in self.secrets:
            assert secret not in text
        changed = _CHANGED.search(text)
        return Run(status, text, int(changed[1]) if changed else -1)

    def run(self, *words: str, **variables: Any) -> Run:
        return self.end(self.start(*words, **variables))

    def good(self, *words: str, **variables: Any) -> Run:
        """A run that succeeds."""
        run = self.run(*words, **variables)
        assert run.status == 0, run.text[-3000:]
        return run

    def refused(self, reason: str, *words: str, **variables: Any) -> Run:
        """A run that is refused, for this reason."""
        run = self.run(*words, **variables)
        assert run.status != 0
        assert reason in run.text, run.text[-3000:]
        return run

    def killed(self, server: Simulator, request: int, *words: str, **variables: Any) -> bool:
        """Kill a run at a request that one of the servers gets; whether that came."""
        server.hold("*", nth=request, stage="before", until="told", seconds=LIMIT)
        process = self.start(*words, **variables)
        came = processes.held(server, process)
        processes.kill(processes.family(process))
        process.wait()
        for own in self.servers:
            own.reset(state=False, stats=False)
            own.settle()
        return came


def folder_of_tests(name: str) -> Path:
    """A folder with a short path, since sockets of Ansible are in it."""
    return workspace.CACHE / name / str(os.getpid())
