# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whole runs of C(ansible-playbook), and everything that they write, by channel."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tools import ansible_warnings, workspace
from tools.workspace import ROOT, VENV

# That of the files in a vault.
VAULT_PASSWORD = "made-up"
# Only ends a test that hangs; seconds.
TIMEOUT = 3600

# How a run is made: the host, how often the server quotes what it was sent (as many times as it has layouts, or fewer),
# the form of the output, and whether ansible-runner makes it.
RUNS: dict[str, dict[str, Any]] = {
    "in process": {"host": "action"},
    "in process, YAML": {"host": "action", "turns": 8, "env": {"ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml"}},
    "as modules": {"host": "module", "turns": 2},
    "ansible-runner": {"host": "action", "turns": 12, "runner": True},
}


class PlaybookRun:
    """One run: where it left what."""

    def __init__(self, folder: Path, status: int) -> None:
        self.folder, self.status = folder, status

    def channels(self) -> Iterator[tuple[str, str]]:
        """The name and the text of each channel that there is."""
        for name in ("stdout", "stderr", "log", "dump"):
            if (self.folder / name).exists():
                yield name, (self.folder / name).read_text(errors="replace")
        for name in ("junit", "facts", "async", "artifacts"):
            files = sorted(path for path in (self.folder / name).rglob("*") if path.is_file())
            if files:
                yield name, "\n".join(path.read_text(errors="replace") for path in files)

    def end(self, lines: int = 30) -> str:
        return "\n".join((self.folder / "stdout").read_text(errors="replace").splitlines()[-lines:])[-3000:]


def playbook(
    folder: Path, plays: list[dict[str, Any]], variables: dict[str, Any], name: str, expected: Sequence[str] = ()
) -> PlaybookRun:
    """Run plays on localhost in one of C(RUNS). The variables come from a file, as those of a vault do."""
    how = RUNS[name]
    folder.mkdir(parents=True)
    (folder / "home").mkdir()
    (folder / "vault_password").write_text(VAULT_PASSWORD)
    host = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    host["ansible_async_dir"] = str(folder / "async")
    shared = {"dokploy_in_process": how["host"] == "action"}
    (folder / "inventory.json").write_text(json.dumps({"all": {"hosts": {"localhost": host}, "vars": shared}}))
    (folder / "secret_variables.json").write_text(json.dumps(variables))
    for play in plays:
        play.update(hosts="localhost", gather_facts=False, vars_files=[str(folder / "secret_variables.json")])
    (folder / "play.yml").write_text(json.dumps(plays))
    env = workspace.environment() | {
        "ANSIBLE_HOME": str(folder / "home"),
        "ANSIBLE_INVENTORY_ENABLED": "yaml",
        "ANSIBLE_VAULT_PASSWORD_FILE": str(folder / "vault_password"),
        "ANSIBLE_PIPELINING": "true",
        "ANSIBLE_CALLBACK_PLUGINS": str(ROOT / "tests/system/secrets/callback"),
        "ANSIBLE_CALLBACKS_ENABLED": "result_dump,ansible.builtin.junit",
        "RESULT_DUMP": str(folder / "dump"),
        "JUNIT_OUTPUT_DIR": str(folder / "junit"),
        "ANSIBLE_LOG_PATH": str(folder / "log"),
        "ANSIBLE_CACHE_PLUGIN": "jsonfile",
        "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(folder / "facts"),
        **how.get("env", {}),
    }
    command: list[Any] = [VENV / "bin/ansible-playbook", "-i", "inventory.json", "-vvvv", "--diff", "play.yml"]
    if how.get("runner"):
        for inner in ("project", "inventory"):
            (folder / inner).mkdir()
        os.replace(folder / "play.yml", folder / "project/play.yml")
        os.replace(folder / "inventory.json", folder / "inventory/hosts.json")
        command = [sys.executable, "-m", "ansible_runner", "run", ".", "-p", "play.yml", "--cmdline=-vvvv --diff"]
    with (folder / "stdout").open("w") as out, (folder / "stderr").open("w") as err:
        status = subprocess.run(
            command, cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=err, timeout=TIMEOUT, check=False
        ).returncode
    ran = PlaybookRun(folder, status)
    found = ansible_warnings.unexpected(
        "".join(text for name, text in ran.channels() if name in ("stdout", "stderr")), expected
    )
    assert found == [], found
    return ran
