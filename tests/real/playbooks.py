# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs of C(ansible-playbook) against a real server."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support import processes
from tools import workspace
from tools.workspace import ROOT, VENV

# Only ends a test that hangs; seconds.
TIMEOUT = 1800
_CHANGED = re.compile(r"^localhost +: +ok=\d+ +changed=(\d+) ", re.M)


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

    def plans(self) -> list[tuple[str, list[dict[str, Any]]]]:
        """The changes of each plan that has some, by the task."""
        plans = ((row["task"], row["result"].get("plan")) for row in self.results)
        return [(name, plan["changes"]) for name, plan in plans if isinstance(plan, dict) and plan["changes"]]

    @property
    def count(self) -> int:
        """How many tasks have changed something, those of others included; -1 where it did not come to its end."""
        counted = _CHANGED.search(self.output)
        return int(counted[1]) if counted else -1

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
        """End it and all that it has started, at once. Ansible's workers have sessions of their own."""
        processes.kill(processes.family(self.process))

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
    return _begin(folder, ["playbook.yml", *(["--check"] if check else [])])


def start_playbook(
    name: str, folder: Path, variables: Mapping[str, Any], *words: str, enter: Sequence[str] = ()
) -> Running:
    """Begin a playbook of the collection.

    :param folder: of this run alone. :param words: of its command line. :param enter: words before the command.
    """
    folder.mkdir(parents=True)
    file = folder / "variables.json"
    file.touch(0o600)
    file.write_text(json.dumps(variables))
    return _begin(folder, [f"community.dokploy.{name}", "-e", f"@{file}", *words], enter)


def _begin(folder: Path, words: Sequence[str], enter: Sequence[str] = ()) -> Running:
    record = folder / "record.jsonl"
    environment = {
        **workspace.environment(),
        "ANSIBLE_CALLBACK_PLUGINS": str(ROOT / "tools/callback"),
        "ANSIBLE_CALLBACKS_ENABLED": "dokploy_record",
        "ANSIBLE_LOCAL_TEMP": str(folder / "tmp"),
        "DOKPLOY_RECORD": str(record),
    }
    command = [*enter, str(VENV / "bin/ansible-playbook"), *words]
    return Running(processes.started(command, folder, environment), record)


def run(
    server: Server, folder: Path, tasks: Sequence[dict[str, Any]], path: str = "action", check: bool = False
) -> Play:
    return start(server, folder, tasks, path, check).end()


def remove(server: Server, folder: Path) -> None:
    """Remove the project of a test, and the destination of the same name. :param folder: of this run alone."""
    removal = [
        task("remove", "dokploy_project", name=server.project, state="absent", force=True),
        task("forget", "dokploy_destination", name=server.project, state="absent", force=True),
    ]
    play = run(server, folder, removal)
    assert play.status == 0, play.output
