# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Jobs as AWX starts them: ansible-runner runs a folder that is made of a job template, a credential and answers."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from tests.support.awx import Injected, extra_vars_file, filled_in, inject, job_variables
from tests.support.awx_files import INJECTORS, INPUTS, PROJECT
from tools import workspace
from tools.workspace import NAMESPACE, ROOT, VENV

# Only ends a test that hangs; seconds.
TIMEOUT = 3600
LOCALHOST = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}


class Job:
    """A job that has ended.

    :ivar events: what AWX stores of each event, in their order.
    :ivar stdout: what AWX shows.
    """

    def __init__(self, folder: Path, shown_env: dict[str, str]) -> None:
        self.folder, self.shown_env = folder, shown_env
        self.artifacts = folder / "artifacts/1"
        self.status = (self.artifacts / "status").read_text()
        files = (self.artifacts / "job_events").glob("*.json")
        self.events: list[dict[str, Any]] = sorted(
            (json.loads(file.read_text()) for file in files), key=lambda event: int(event["counter"])
        )
        self.stdout = "\r\n".join(event["stdout"] for event in self.events if event["stdout"])

    def results(self, *modules: str) -> Iterator[dict[str, Any]]:
        """The results of the tasks with these modules of the collection, those of the items of a loop one by one."""
        for event in self.events:
            data = event.get("event_data", {})
            known = data.get("resolved_action") in [f"community.dokploy.{module}" for module in modules]
            if known and "results" not in data.get("res", {"results": None}):
                yield data["res"]

    def changes(self) -> int:
        """How many tasks changed something, as AWX counts them."""
        (stats,) = [event for event in self.events if event["event"] == "playbook_on_stats"]
        return sum(stats["event_data"]["changed"].values())

    def passed_on(self) -> dict[str, Any]:
        """What AWX passes on to the jobs that follow in a workflow: the data of C(set_stats)."""
        (stats,) = [event for event in self.events if event["event"] == "playbook_on_stats"]
        data: dict[str, Any] = stats["event_data"]["artifact_data"]
        return data

    def kept(self) -> dict[str, str]:
        """What is left of the job, by file. C(command) is ansible-runner's own record of what it ran, with the
        environment: AWX masks it and removes the folder."""
        files = (path for path in self.artifacts.rglob("*") if path.is_file() and path.name != "command")
        return {str(path): path.read_text(errors="replace") for path in files}


def project(folder: Path, files: dict[str, str] | None = None) -> Path:
    """A project as AWX has it after an update: the example of the collection, with some files of its own."""
    made = folder / "project"
    shutil.copytree(PROJECT, made)
    for name, text in (files or {}).items():
        (made / name).write_text(text)
    return made


def prepare(
    folder: Path, credential: dict[str, Any], files: dict[str, str] | None = None
) -> tuple[Injected, dict[str, str]]:
    """The private data directory with a project; what its credential adds, and the environment of what runs there."""
    for name in ("env", "inventory", "requirements_collections"):
        (folder / name).mkdir(parents=True)
    project(folder, files)
    link = folder / "requirements_collections" / NAMESPACE
    link.parent.mkdir(parents=True)
    link.symlink_to(ROOT)
    injected = inject(INPUTS, INJECTORS, credential, folder)
    env = workspace.environment()
    for name in [name for name in env if name.startswith("ANSIBLE_")]:
        del env[name]
    env.update(
        injected.env,
        JOB_ID="1",
        INVENTORY_ID="1",
        ANSIBLE_HOME=str(folder / "home"),
        ANSIBLE_FORCE_COLOR="True",
        ANSIBLE_HOST_KEY_CHECKING="False",
        ANSIBLE_INVENTORY_UNPARSED_FAILED="True",
        ANSIBLE_RETRY_FILES_ENABLED="False",
        ANSIBLE_COLLECTIONS_PATH=str(folder / "requirements_collections"),
        AWX_PRIVATE_DATA_DIR=str(folder),
    )
    env.pop("NO_COLOR")
    return injected, env


def inventory_update(folder: Path, credential: dict[str, Any], source: str) -> dict[str, Any]:
    """What AWX reads from an inventory source of the project."""
    _injected, env = prepare(folder, credential)
    command: list[str | Path] = [
        VENV / "bin/ansible-inventory",
        "--list",
        "--export",
        "-i",
        folder / "project" / source,
    ]
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=TIMEOUT, check=False)
    assert done.returncode == 0, done.stderr
    read: dict[str, Any] = json.loads(done.stdout)
    return read


def run(
    folder: Path,
    template: dict[str, Any],
    credential: dict[str, Any],
    answers: dict[str, Any] | None = None,
    *,
    args: Iterable[str] = (),
    of_workflow: dict[str, Any] | None = None,
    files: dict[str, str] | None = None,
    host: dict[str, Any] | None = None,
    hosts: dict[str, dict[str, Any]] | None = None,
    job_id: int = 1,
) -> Job:
    """Run a job.

    :param folder: where its private data directory is made.
    :param template: a job template; C(playbook), C(extra_vars) and C(survey_spec) are used.
    :param credential: the values of a credential of the collection's type.
    :param answers: those that differ from what the form of the survey shows at first.
    :param args: further arguments of C(ansible-playbook).
    :param of_workflow: the variables of the workflow that starts it.
    :param files: files of the project, by name, beside or in place of those of the example.
    :param host: variables of localhost in the inventory, beside those for a local connection.
    :param hosts: the hosts of a slice of the job, with their variables, in place of localhost.
    :raises NotStarted: AWX refuses the answers.
    """
    if of_workflow is None and template.get("survey_spec"):
        answers = filled_in(template["survey_spec"], answers or {})
    variables, safe = job_variables(template, answers or {}, of_workflow)
    variables.update(awx_job_id=job_id, tower_job_id=job_id, awx_job_launch_type="manual", awx_user_name="admin")
    injected, env = prepare(folder, credential, files)
    (folder / "env/extravars").write_text(extra_vars_file(variables, safe))
    (folder / "env/cmdline").write_text(shlex.join(["-u", "root", *args, *injected.args]))
    (folder / "env/settings").write_text(json.dumps({"suppress_ansible_output": True, "suppress_output_file": True}))
    known = {name: {**LOCALHOST, **own} for name, own in (hosts or {"localhost": host or {}}).items()}
    inventory = {"all": {"hosts": list(known)}, "_meta": {"hostvars": known}}
    script = folder / "inventory/hosts"
    script.write_text(f"#!{sys.executable}\nprint({json.dumps(inventory)!r})\n")
    script.chmod(0o700)
    command = [sys.executable, "-m", "ansible_runner", "run", ".", "-p", template["playbook"], "--ident", "1"]
    done = subprocess.run(
        command, cwd=folder, env=env, stdin=subprocess.DEVNULL, capture_output=True, timeout=TIMEOUT, check=False
    )
    # ansible-runner itself prints nothing then, as in AWX.
    assert os.path.isdir(folder / "artifacts/1/job_events"), done.stderr.decode()
    return Job(folder, injected.shown)
