# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Real runs of ``ansible-playbook`` at the same time, against a simulator that this process controls."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dokploy_simulator import Simulator
from tools import ansible_warnings, workspace
from tools.workspace import ROOT, VENV

# Only ends a test that hangs; seconds.
TIMEOUT = 3600
FORKS = 20


@dataclass
class Playbook:
    """One playbook: its tasks on so many hosts.

    :param path: ``action``, in process, or ``module``, as packaged modules.
    :param apart: the folder for locks is another one than that of other plays, as on another controller; as modules,
        each host has its own.
    """

    tasks: list[dict[str, Any]]
    hosts: int = 1
    strategy: str = "linear"
    path: str = "action"
    apart: bool = False
    check: bool = False
    ignore_errors: bool = True
    results: list[dict[str, Any]] = field(default_factory=list)
    output: str = ""
    status: int = -1

    def failed(self) -> list[dict[str, Any]]:
        return [row["result"] for row in self.results if row["status"] == "failed"]

    def of(self, task: str) -> list[dict[str, Any]]:
        """The results of a task, in no order."""
        return [row["result"] for row in self.results if row["task"] == task]


def task(heading: str, module: str, /, **params: Any) -> dict[str, Any]:
    return {"name": heading, f"community.dokploy.{module}": params}


def start(play: Playbook, sim: Simulator, folder: Path, own: Path) -> subprocess.Popen[bytes]:
    """Begin to run it.

    :param own: the folder for temporary files, locks among them; its path is short, since sockets lie in it.
    """
    folder.mkdir(parents=True)
    host = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    hosts = {f"host{index:02d}": host for index in range(play.hosts)}
    shared: dict[str, Any] = {"dokploy_in_process": play.path == "action"}
    (folder / "inventory.json").write_text(json.dumps({"all": {"hosts": hosts, "vars": shared}}))
    connection = {"dokploy_url": sim.url, "dokploy_api_key": sim.key}
    whole: dict[str, Any] = {
        "hosts": "all",
        "gather_facts": False,
        "strategy": play.strategy,
        "module_defaults": {"group/community.dokploy.dokploy": connection},
        "ignore_errors": play.ignore_errors,
        "tasks": play.tasks,
    }
    own.mkdir(exist_ok=True)
    if play.apart and play.path == "module":
        for name in hosts:
            (own / name).mkdir()
        whole["environment"] = {"TMPDIR": str(own) + "/{{ inventory_hostname }}"}
    (folder / "playbook.json").write_text(json.dumps([whole], indent=1))
    record = folder / "record.jsonl"
    record.touch()
    env = workspace.environment() | {"TMPDIR": str(own), "NO_PROXY": "127.0.0.1"}
    env.update(
        ANSIBLE_INVENTORY_ENABLED="yaml",
        ANSIBLE_PIPELINING="true",
        ANSIBLE_FORKS=str(FORKS),
        ANSIBLE_CALLBACK_PLUGINS=str(ROOT / "tools/callback"),
        ANSIBLE_CALLBACKS_ENABLED="dokploy_record",
        DOKPLOY_RECORD=str(record),
    )
    command: list[str | Path] = [VENV / "bin/ansible-playbook", "-i", "inventory.json", "playbook.json"]
    if play.check:
        command.append("--check")
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            command, cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
        )


def run(sim: Simulator, folder: Path, *plays: Playbook) -> None:
    """Run playbooks at the same time, and fill in their results."""
    with tempfile.TemporaryDirectory(prefix="dokploy-", dir="/tmp") as short:
        _run(sim, folder, Path(short), plays)


def _run(sim: Simulator, folder: Path, short: Path, plays: Sequence[Playbook]) -> None:
    processes = [
        start(play, sim, folder / str(number), short / (str(number) if play.apart else "shared"))
        for number, play in enumerate(plays)
    ]
    try:
        for number, (play, process) in enumerate(zip(plays, processes, strict=True)):
            play.status = process.wait(TIMEOUT)
            play.output = (folder / str(number) / "log").read_text(errors="replace")
            lines = (folder / str(number) / "record.jsonl").read_text().splitlines()
            play.results = [json.loads(line) for line in lines]
            for row in play.results:
                # The callback is given what is left of a result when its status is known.
                row["result"]["failed"] = row["status"] == "failed"
            assert "Traceback" not in play.output, play.output[-6000:]
            assert play.status in ((0, 2) if not play.ignore_errors else (0,)), play.output[-6000:]
            assert play.results, play.output[-6000:]
            assert ansible_warnings.unexpected(play.output) == []
    finally:
        for process in processes:
            if process.poll() is None:
                process.kill()
                process.wait()


class ServerState:
    """What is on the simulated server."""

    def __init__(self, sim: Simulator) -> None:
        self.sim = sim

    @property
    def store(self) -> Any:
        return self.sim.server.store

    def named(self, kind: str, name: str) -> list[dict[str, Any]]:
        table = {"project": "projects", "environment": "environments", "application": "applications"}[kind]
        return [row for row in getattr(self.store, table) if row["name"] == name]

    def one(self, kind: str, name: str) -> dict[str, Any]:
        (row,) = self.named(kind, name)
        return row

    def count(self, procedure: str) -> int:
        """How often it was carried out."""
        done = [call for call in self.sim.stats()["journal"] if call["procedure"] == procedure]
        return sum(call["status"] == 200 for call in done)
