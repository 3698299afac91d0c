# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs of several targets in one ansible-playbook, against one server."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import secrets
import shutil
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from tools import workspace
from tools.integration import releases, targets
from tools.integration.job import ENDED, MARK, Job
from tools.workspace import ROOT, VENV

#: How long one target may take, and the start of a simulator, which takes a second on an idle machine, in seconds.
TIMEOUT, START_TIMEOUT = 3600, 600
PLAYBOOK: tuple[str | Path, ...] = (VENV / "bin/ansible-playbook",)


@functools.cache
def version(url: str, key: str) -> str:
    """The release that a server is, without the letter v; some targets expect less of an older one."""
    request = urllib.request.Request(f"{url.rstrip('/')}/api/settings.getDokployVersion", headers={"x-api-key": key})
    with urllib.request.urlopen(request, timeout=60) as response:
        return str(json.load(response)).lstrip("v")


def _of_release(number: str) -> dict[str, Any]:
    """The variables by which a target expects less of an older server."""
    return {"dokploy_test_version": number, "dokploy_test_lacks": releases.lacking(number)}


@contextlib.contextmanager
def server(folder: Path) -> Iterator[dict[str, Any]]:
    """The connection's variables: those of the environment, or of a simulator that lives as long as the context."""
    if os.environ.get("DOKPLOY_URL"):
        url, key = os.environ["DOKPLOY_URL"], os.environ.get("DOKPLOY_API_KEY", "")
        yield {"dokploy_url": url, "dokploy_api_key": key, "dokploy_simulator": "", **_of_release(version(url, key))}
        return
    key = MARK + secrets.token_hex(16)
    ready = folder / "simulator.json"
    with (folder / "simulator.log").open("w") as log:
        process = subprocess.Popen(
            [
                VENV / "bin/python",
                "-m",
                "dokploy_simulator",
                "--port",
                "0",
                "--port-file",
                ready,
                "--api-key",
                key,
                "--parent-pid",
                str(os.getpid()),
            ],
            cwd=ROOT,
            env=workspace.environment(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        deadline = time.monotonic() + START_TIMEOUT
        while not ready.exists() or not ready.read_text().strip():
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the simulator did not start:\n" + (folder / "simulator.log").read_text())
            time.sleep(0.05)
        url = f"http://127.0.0.1:{int(ready.read_text())}"
        yield {
            "dokploy_url": url,
            "dokploy_api_key": key,
            "dokploy_simulator": url + "/_sim",
            **_of_release(version(url, key)),
        }
    finally:
        process.terminate()
        process.wait(timeout=30)


def run(jobs: list[Job], folder: Path) -> None:
    """Run the jobs of one path one after the other against one server, and note the problems of each.

    :param folder: where ansible-playbook and the simulator run.
    """
    folder.mkdir(parents=True, mode=0o700)
    for job in jobs:
        shutil.rmtree(job.folder, ignore_errors=True)
        job.folder.mkdir(parents=True, mode=0o700)
    with server(folder) as connection:
        rest = jobs
        while rest:
            started = _play(rest, folder, connection)
            if not started and len(rest) > 1:
                # A target that cannot be read keeps the others from being read.
                for job in rest:
                    _play([job], folder, connection)
            # A play that fails ends its playbook: what follows it runs in another one.
            rest = rest[started:] if started else []


def _play(jobs: list[Job], folder: Path, connection: dict[str, Any]) -> int:
    """Run the targets of these jobs in one playbook; returns how many of them began, the last of which may have failed.

    Where none of several began, no problem is noted.
    """
    _write(jobs, folder, connection)
    output = _Output(jobs)
    status = output.read(folder)
    last = jobs[max(output.started, 1) - 1]
    if output.late:
        last.problems.append(f"not done after {TIMEOUT} seconds")
    elif (status or output.started < len(jobs)) and (output.started or len(jobs) == 1):
        last.problems.append(f"{ENDED} {status}")
    recorded = (folder / "record.jsonl").read_text().splitlines()
    for job in jobs[: output.started]:
        lines = [line for line in recorded if json.loads(line)["play"] == job.target]
        (job.folder / "record.jsonl").write_text("".join(line + "\n" for line in lines))
        job.judge(connection["dokploy_api_key"])
    return output.started


def _write(jobs: list[Job], folder: Path, connection: dict[str, Any]) -> None:
    """The playbook, its inventory and its variables, and the variables of each job in its own folder."""
    path = jobs[0].path
    hosts = {}
    for job in jobs:
        own = {
            **connection,
            "dokploy_test_prefix": job.prefix,
            "dokploy_test_path": path,
            "dokploy_test_quick": job.quick,
            "dokploy_test_secret": MARK + "one-" + secrets.token_hex(8),
            "dokploy_test_secret_2": MARK + "two-" + secrets.token_hex(8),
            "dokploy_test_folder": str(job.folder),
        }
        (job.folder / "vars.json").write_text(json.dumps(own, indent=1))
        hosts[job.target] = own
    shared = {
        "ansible_connection": "local",
        "ansible_python_interpreter": "{{ ansible_playbook_python }}",
        # For all hosts, also those a target adds, and open to be set otherwise by a task.
        **({} if path == "action" else {"dokploy_in_process": False}),
    }
    (folder / "inventory.json").write_text(json.dumps({"all": {"hosts": hosts, "vars": shared}}))
    plays = [
        {
            "name": job.target,
            "hosts": job.target,
            "gather_facts": False,
            "vars": {"dokploy_record_reset": connection["dokploy_simulator"]},
            "roles": [job.target],
        }
        for job in jobs
    ]
    (folder / "playbook.yml").write_text(json.dumps(plays, indent=1))
    (folder / "record.jsonl").write_text("")


class _Output:
    """The output of one ansible-playbook, divided among the logs of the jobs."""

    def __init__(self, jobs: list[Job]) -> None:
        self.jobs = jobs
        #: How many of the plays began.
        self.started = 0
        #: Whether the last of them took too long.
        self.late = False

    def read(self, folder: Path) -> int:
        """Run ansible-playbook to its end; returns its status."""
        with subprocess.Popen(
            [*PLAYBOOK, "-i", "inventory.json", "-vvvv", "--diff", "playbook.yml"],
            cwd=folder,
            env=_environment(folder / "record.jsonl"),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        ) as process:
            assert process.stdout is not None
            heads = [f"PLAY [{job.target}] *" for job in self.jobs]
            with contextlib.ExitStack() as stack:
                log = stack.enter_context(self._begin(process, self.jobs[0]))
                for line in process.stdout:
                    if self.started < len(heads) and line.startswith(heads[self.started]):
                        if self.started:
                            stack.close()
                            log = stack.enter_context(self._begin(process, self.jobs[self.started]))
                        self.started += 1
                    log.write(line)
            return process.wait()

    @contextlib.contextmanager
    def _begin(self, process: subprocess.Popen[str], job: Job) -> Iterator[TextIO]:
        """The log of a job, as long as it runs."""

        def end() -> None:
            self.late = True
            process.kill()

        start = time.monotonic()
        timer = threading.Timer(TIMEOUT, end)
        timer.start()
        try:
            with job.log.open("w") as log:
                yield log
        finally:
            timer.cancel()
            job.seconds = time.monotonic() - start


def _environment(record: Path) -> dict[str, str]:
    # Ansible names the words of a boolean in the order of a set: the same on both paths.
    return workspace.environment() | {
        "PYTHONHASHSEED": "0",
        "ANSIBLE_ROLES_PATH": str(targets.TARGETS),
        "ANSIBLE_INVENTORY_ENABLED": "yaml",
        "ANSIBLE_PIPELINING": "true",
        "ANSIBLE_RETRY_FILES_ENABLED": "false",
        # Ansible warns of arguments in a variable otherwise. No target gathers facts.
        "ANSIBLE_INJECT_FACT_VARS": "false",
        "ANSIBLE_CALLBACK_PLUGINS": str(ROOT / "tools/callback"),
        "ANSIBLE_CALLBACKS_ENABLED": "dokploy_record",
        "DOKPLOY_RECORD": str(record),
    }
