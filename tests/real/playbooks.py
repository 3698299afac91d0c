# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs of C(ansible-playbook) against a real server."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.processes import family, kill, started
from tools import workspace
from tools.workspace import ROOT, VENV

# Only ends a test that hangs; seconds.
TIMEOUT = 1800


@dataclass(frozen=True)
class Server:
    """C(project) is the name of the project that a test makes there."""

    url: str
    key: str = field(repr=False)
    project: str


@dataclass
class Play:
    """A run that has ended: its status, its whole output, and the results of the collection's tasks."""

    status: int
    output: str
    results: list[dict[str, Any]] = field(default_factory=list)

    def of(self, name: str) -> dict[str, Any]:
        """The result of a task."""
        result: dict[str, Any] = next(row["result"] for row in self.results if row["task"] == name)
        return result

    @property
    def changed(self) -> list[str]:
        """The tasks that have changed something."""
        return [row["task"] for row in self.results if row["result"].get("changed")]


def task(title: str, module: str, /, **options: Any) -> dict[str, Any]:
    return {"name": title, f"community.dokploy.{module}": options}


@dataclass
class Running:
    process: subprocess.Popen[str]
    record: Path

    def kill(self) -> None:
        """End it and all that it has started, at once. A worker of Ansible has a session of its own."""
        kill(family(self.process))

    def end(self) -> Play:
        output = self.process.communicate(timeout=TIMEOUT)[0]
        lines = self.record.read_text().splitlines() if self.record.is_file() else []
        return Play(self.process.returncode, output, [json.loads(line) for line in lines])


def start(
    server: Server, folder: Path, tasks: Sequence[dict[str, Any]], path: str = "action", check: bool = False
) -> Running:
    """Begin to run tasks.

    :param folder: of this run alone. :param path: C(action), in process, or C(module), as packaged modules.
    """
    folder.mkdir(parents=True)
    # On a busy machine the removal of a service takes minutes.
    connection = {"dokploy_url": server.url, "dokploy_api_key": server.key, "request_timeout": 900}
    play = {
        "name": "real",
        "hosts": "localhost",
        "gather_facts": False,
        "module_defaults": {"group/community.dokploy.dokploy": connection},
        "vars": {} if path == "action" else {"dokploy_in_process": False},
        "tasks": list(tasks),
    }
    (folder / "playbook.yml").write_text(json.dumps([play]))
    record = folder / "record.jsonl"
    environment = {
        **workspace.environment(),
        "ANSIBLE_CALLBACK_PLUGINS": str(ROOT / "tools/callback"),
        "ANSIBLE_CALLBACKS_ENABLED": "dokploy_record",
        "ANSIBLE_LOCAL_TEMP": str(folder / "tmp"),
        "DOKPLOY_RECORD": str(record),
    }
    command = [str(VENV / "bin/ansible-playbook"), "playbook.yml", *(["--check"] if check else [])]
    return Running(started(command, folder, environment), record)


def run(
    server: Server, folder: Path, tasks: Sequence[dict[str, Any]], path: str = "action", check: bool = False
) -> Play:
    return start(server, folder, tasks, path, check).end()
