# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Real playbooks that meet a fault, or are killed, at one of their requests; then they are run again.

The moment is a request's number and not a time: for a kill, the simulator holds that request until the processes are
gone.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dokploy_simulator import Simulator
from tests.support import processes
from tests.support.processes import LIMIT
from tests.system.fault_injection.case import FAILED, MISSED, SUCCEEDED, Verdict
from tests.system.fault_injection.data_scenarios import (
    APPLY,
    MASK,
    RULES,
    SAVED,
    SET,
    lost,
    original,
    outdated,
    shop,
)
from tests.system.fault_injection.faults import Fault
from tests.system.fault_injection.resource_scenarios import others
from tests.system.fault_injection.server_state import Snapshot, differences, state_of
from tools import ansible_warnings
from tools.demo import EXAMPLE
from tools.workspace import CACHE, VENV

PATHS = ("action", "module")
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)
_RECAP = re.compile(r"^(first|second) +: +ok=\d+ +changed=(\d+) +unreachable=\d+ +failed=(\d+)", re.M)
STRANGE = re.compile(r"Traceback \(most recent call last\)|Unexpected (?:failure|Exception)|An exception occurred")


def _setup(_folder: Path) -> dict[str, Any]:
    """The example that the demo sets up; what runs of it is verified in no time."""
    role = {"role": "community.dokploy.setup", "vars": {"setup_deploy_verify_period": 0}}
    return {"vars_files": [str(EXAMPLE)], "roles": [role]}


def _upload(folder: Path) -> dict[str, Any]:
    files = folder / "files"
    files.mkdir(exist_ok=True)
    (files / "Dockerfile").write_text("FROM scratch\n")
    (files / "index.html").write_text("<p>Hello</p>\n" * 1000)
    home = {"project": "shop", "environment": "production"}
    deployment = {**home, "application": "files", "path": str(files), "verify_period": 0}
    return {
        "tasks": [
            {"community.dokploy.dokploy_project": {"name": "shop"}},
            {"community.dokploy.dokploy_application": {**home, "name": "files", "drop": {}}},
            {"community.dokploy.dokploy_deployment": deployment},
        ]
    }


def _backup(folder: Path) -> dict[str, Any]:
    module, options = SET
    files = {"dest": str(folder / "set"), "secrets": "names_only"}
    return {"tasks": [{f"community.dokploy.{module}": {**options, **files}}]}


def _recover(folder: Path) -> dict[str, Any]:
    module, options = APPLY
    (folder / "archives.yml").write_text(json.dumps(SAVED))
    return {"tasks": [{f"community.dokploy.{module}": {**options, "archives": str(folder / "archives.yml")}}]}


def _clone(folder: Path) -> dict[str, Any]:
    """The playbook clone, with masks and passwords of its own."""
    (folder / "archives.yml").write_text(json.dumps(SAVED))
    options = {
        "clone_from": "shop/production",
        "clone_to": "shop/staging",
        "clone_volumes": RULES["volumes"],
        "clone_paths": RULES["paths"],
        "clone_secrets": "new",
        "clone_set": str(folder),
        "clone_masks": [{**MASK, "service": "db"}],
        # A job that a killed run has left is none of the services of the original.
        "clone_prune": ["application"],
    }
    return {"import_playbook": "community.dokploy.clone", "vars": options}


def _overwrite(folder: Path) -> dict[str, Any]:
    """The same, for a copy whose data is replaced."""
    play = _clone(folder)
    return {**play, "vars": {**play["vars"], "clone_secrets": "keep", "clone_overwrite": True}}


PLAYBOOKS = {
    "setup": _setup,
    "upload": _upload,
    "backup": _backup,
    "recover": _recover,
    "clone": _clone,
    "overwrite": _overwrite,
}
# What there is before, where it is more than what others have.
BEFORE = {"backup": shop, "recover": lost, "clone": original, "overwrite": outdated}
# Those that do the same in each run.
REPEATED = frozenset(("backup",))


@dataclass
class Run:
    """One run of C(ansible-playbook)."""

    status: int | None
    text: str
    changed: dict[str, int] = field(default_factory=dict)


@dataclass
class Reference:
    snapshot: Snapshot
    requests: int
    end: dict[str, Any]


class PlaybookRunner:
    """A simulator, and playbooks in front of it."""

    def __init__(self, sim: Simulator) -> None:
        self.sim = sim
        self.folder = CACHE / "fault_injection" / str(os.getpid())
        self._references: dict[tuple[str, str], Reference] = {}

    def reference(self, name: str, path: str) -> Reference:
        """Play it without a fault, twice."""
        if (name, path) not in self._references:
            sim = self.sim
            sim.reset(config=True)
            BEFORE.get(name, others)(sim)
            snapshot = sim.apart(lambda: Snapshot(sim.server))
            sim.reset_stats()
            self._write(name, path)
            one = self._end(self.start("first"))
            assert one.status == 0, one.text[-3000:]
            requests = sim.stats()["http"]
            again = self._end(self.start("second"))
            assert again.status == 0 and again.changed == {"second": int(name in REPEATED)}, again.text[-3000:]
            # What a Redis loses when it stops is replaced.
            found = [
                line
                for line in ansible_warnings.unexpected(one.text + again.text)
                if "what Redis has not saved" not in line
            ]
            assert found == [], found
            sim.settle()
            self._references[name, path] = Reference(snapshot, requests, _state(name, sim, past=True))
        return self._references[name, path]

    def meet(self, name: str, path: str, request: int, fault: Fault) -> Verdict:
        """A playbook of which one request meets a fault."""
        reference = self.begin(name, path)
        verdict = Verdict(f"{name} ({path}), request {request}, {fault.name}", MISSED)
        self.sim.fault(**fault.settings, nth=request)
        run = self._end(self.start("first"))
        if any(fault["struck"] for fault in self.sim.server.faults.as_list()):
            verdict.outcome = FAILED if run.status else SUCCEEDED
        self.sim.reset(state=False)
        self.sim.settle()
        strange = STRANGE.search(run.text)
        if strange:
            verdict.problems.append(f"the output has {strange[0]!r}")
        if run.status == 0:
            self._compare("after success", name, reference, verdict, past=not fault.loses)
        elif '"msg": ' not in run.text and "fatal: " not in run.text and "failed: " not in run.text:
            verdict.problems.append(f"no message: {run.text[-500:]}")
        self.converge(name, reference, verdict, past=not fault.loses)
        return verdict

    def kill(self, name: str, path: str, request: int, stage: str, number: signal.Signals) -> Verdict:
        """A playbook that is killed while one of its requests is under way."""
        reference = self.begin(name, path)
        verdict = Verdict(f"{name} ({path}), {number.name} {stage} the effect of request {request}", MISSED)
        self.sim.hold("*", nth=request, stage=stage, until="told", seconds=LIMIT)
        process = self.start("first")
        came = processes.held(self.sim, process)
        family = processes.family(process)
        if came:
            verdict.outcome = FAILED
            if number is signal.SIGKILL:
                processes.kill(family)
            else:
                # As a terminal and a service manager do it: all of the group.
                os.killpg(process.pid, number)
                self._leave(process, family)
        self.sim.reset(state=False, stats=False)
        run = self._end(process)
        _gone(family)
        self.sim.settle()
        strange = STRANGE.search(run.text)
        if strange and number is signal.SIGINT:
            verdict.problems.append(f"the output has {strange[0]!r}: {run.text[strange.start() :][:700]}")
        if came and run.status == 0:
            verdict.problems.append("it ended as if nothing had been")
        # What Ansible itself makes, it leaves behind where it is killed.
        left = sorted(file.name for file in self._temporary().rglob("community.dokploy-*") if file.suffix != ".lock")
        if left:
            verdict.problems.append(f"left behind: {left}")
        self.converge(name, reference, verdict, past=True)
        return verdict

    # --- steps ------------------------------------------------------------------------------------------------------

    def begin(self, name: str, path: str) -> Reference:
        reference = self.reference(name, path)
        self.sim.reset(state=False)
        self.sim.apart(lambda: reference.snapshot.restore(self.sim.server))
        self._write(name, path)
        return reference

    def converge(self, name: str, reference: Reference, verdict: Verdict, past: bool) -> None:
        """Run it again, twice: the first brings what is missing, the second changes nothing."""
        run = self._end(self.start("first,second"))
        self.sim.settle()
        if run.status != 0:
            verdict.problems.append(f"the run after it ended with {run.status}: {run.text[-1500:]}")
        elif run.changed.get("second") != int(name in REPEATED):
            verdict.problems.append(f"the last run changed something: {run.text[-1500:]}")
        self._compare("after the runs after it", name, reference, verdict, past)
        secret = sorted(folder.name for folder in self._temporary().glob("dokploy-*"))
        if secret:
            verdict.problems.append(f"folders with secrets are left: {secret}")

    def _compare(self, when: str, name: str, reference: Reference, verdict: Verdict, past: bool) -> None:
        found, end = _state(name, self.sim, past=past), reference.end
        verdict.problems += [f"{when}: {line}" for line in differences(found, end)]

    def _temporary(self) -> Path:
        return self.folder / "tmp"

    def _write(self, name: str, path: str) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        self._temporary().mkdir(parents=True)
        local = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
        hosts = {host: {**local, "dokploy_in_process": path == "action"} for host in ("first", "second")}
        (self.folder / "inventory.json").write_text(json.dumps({"all": {"hosts": hosts}}))
        plays = [_play(f"{name}, {host}", host, PLAYBOOKS[name](self.folder)) for host in hosts]
        (self.folder / "playbook.yml").write_text(json.dumps(plays))

    def start(self, hosts: str) -> subprocess.Popen[str]:
        own = {
            "ANSIBLE_INVENTORY_ENABLED": "yaml",
            "ANSIBLE_PIPELINING": "false",
            "SHOP_DATABASE_PASSWORD": "s3cret-of-the-shop",
        }
        env = {**processes.environment(self.sim, self._temporary()), **own}
        words = [str(VENV / "bin/ansible-playbook"), "-i", "inventory.json", "--limit", hosts, "playbook.yml"]
        return processes.started(words, self.folder, env, self.folder / "log")

    def _end(self, process: subprocess.Popen[str]) -> Run:
        try:
            status: int | None = process.wait(LIMIT)
        except subprocess.TimeoutExpired:
            processes.kill(processes.family(process))
            process.wait()
            status = None
        text = (self.folder / "log").read_text(errors="replace")
        return Run(status, text, {host: int(changed) for host, changed, _failed in _RECAP.findall(text)})

    def _leave(self, process: subprocess.Popen[str], family: list[int]) -> None:
        """Let it end by itself; what does not, because it waits for the held request, continues when that does."""
        end = time.monotonic() + 10
        while process.poll() is None and any(map(processes.lives, family)) and time.monotonic() < end:
            time.sleep(0.01)


def _play(name: str, host: str, play: dict[str, Any]) -> dict[str, Any]:
    """A play, or a playbook of the collection, for one host."""
    if "import_playbook" in play:
        return {"name": name, **play, "vars": {**play["vars"], "dokploy_hosts": host}}
    return {"name": name, "hosts": host, "gather_facts": False, **play}


def _state(name: str, sim: Simulator, past: bool) -> dict[str, Any]:
    """The state of the server. How often something was done that is done in each run does not count."""
    state = state_of(sim, past=past)
    return {**state, "deployments": None} if name in REPEATED else state


def _gone(family: list[int]) -> None:
    """Wait for the workers that their parent left behind; they end when their request is answered."""
    end = time.monotonic() + 30
    while any(map(processes.lives, family)) and time.monotonic() < end:
        time.sleep(0.01)
    processes.kill(list(filter(processes.lives, family)))
