# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One case of the matrix: a scenario, one of its requests, a fault; played, judged, and played again."""

from __future__ import annotations

import re
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from dokploy_simulator import Simulator
from dokploy_simulator.api import facts
from dokploy_simulator.world.config import Config
from tests.system.fault_injection.faults import BESIDE, INTERRUPTED, KILLED, Fault
from tests.system.fault_injection.server_state import Snapshot, differences, state_of
from tests.system.fault_injection.task_runner import ALL, Killed, Scenario, Task, TaskRunner

# What belongs to a programming error, or to another user's page.
_STRANGE = re.compile(
    r"Traceback|Unexpected|NoneType|object has no|KeyError|TypeError|IndexError|<html|urllib3|Max retries|site-packages"
)
# What happened, in the words of the engine.
_WHAT = re.compile(
    r"HTTP \d{3}|no answer|connection (?:is refused|broke)|breaks off|did not stick|is not as stated|not ended|"
    r"neither in the server's queue|deployment ended|does not say|does not show|does not list|found no such record|"
    r"answered something that is not|answered no (?:stream|version|log)|returned an unexpected response|"
    r"has another one|has no task of it|ended its stream too early|ended with the exit code|run after \d+ s|"
    r"there no more|being built"
)
# A further sentence, which may begin with the name of an option.
_HINT = re.compile(r"[.!?] [A-Za-z]|run it again")
SENT = frozenset(facts.procedures_of(Config().version))
SUCCEEDED, FAILED, MISSED = "succeeded", "failed", "not met"
# Seconds for which a run waits for another one that begins at one of its requests.
BESIDE_SECONDS = 1.0


@dataclass
class Case:
    """:param request: the number of the HTTP request that the fault strikes, from 1.

    :param hasty: whether the run after a failed one meets what that left behind at once, such as builds that continue.
    """

    scenario: Scenario
    request: int
    fault: Fault
    retries: int
    hasty: bool = False

    @property
    def words(self) -> str:
        words = f"{self.scenario.name}, request {self.request}, {self.fault.name}, {self.retries} retries"
        return words + (", run again at once" if self.hasty else "")


@dataclass
class Verdict:
    words: str
    outcome: str
    message: str = ""
    problems: list[str] = field(default_factory=list)


@dataclass
class Reference:
    """A scenario without a fault: the procedures of each HTTP request, what each task changed, the states."""

    snapshot: Snapshot
    requests: list[str]
    writes: list[bool]
    changed: list[bool]
    end: dict[str, Any]
    end_without_past: dict[str, Any]


class CaseRunner:
    """A simulator to play cases on."""

    def __init__(self, sim: Simulator) -> None:
        self.sim = sim
        self._references: dict[str, Reference] = {}

    def reference(self, scenario: Scenario) -> Reference:
        """Play the scenario without a fault, twice.

        :raises AssertionError: it does not work, or is not idempotent where it should be.
        """
        if scenario.name not in self._references:
            self._references[scenario.name] = self._refer(scenario)
        return self._references[scenario.name]

    def _refer(self, scenario: Scenario) -> Reference:
        sim = self.sim
        sim.reset(config=True)
        # Builds end when time passes, not by themselves.
        sim.config(build_seconds=86400.0, row_delay=0.0)
        scenario.prepare(sim)
        sim.settle()
        snapshot = sim.apart(lambda: Snapshot(sim.server))
        self.begin(snapshot, scenario)
        results = TaskRunner(sim).all(scenario.tasks)
        assert not results[-1].get("failed"), f"{scenario.name}: {results[-1].get('msg')}"
        requests: dict[int, list[str]] = {}
        writing = set()
        for call in sim.stats()["journal"]:
            requests.setdefault(call["http"], []).append(call["procedure"])
            if call["kind"] == "mutation":
                writing.add(call["http"])
        sim.settle()
        end, without = state_of(sim), state_of(sim, past=False)
        again = TaskRunner(sim).all(scenario.tasks)
        assert not again[-1].get("failed"), f"{scenario.name}, again: {again[-1].get('msg')}"
        if scenario.idempotent:
            assert not any(result["changed"] for result in again), f"{scenario.name} is not idempotent"
        names = [",".join(requests[number]) for number in sorted(requests)]
        writes = [number in writing for number in sorted(requests)]
        return Reference(snapshot, names, writes, [result["changed"] for result in results], end, without)

    def begin(self, snapshot: Snapshot, scenario: Scenario) -> None:
        """The state there was before, without faults, nothing counted."""
        self.sim.reset(state=False)
        self.sim.apart(lambda: snapshot.restore(self.sim.server))
        scenario.begin(self.sim)

    # --- one case ---------------------------------------------------------------------------------------------------

    def play(self, case: Case, thorough: bool = True) -> Verdict:
        """:param thorough: with a run at the end that has to change nothing."""
        verdict = Verdict(case.words, MISSED)
        try:
            self._play(case, thorough, verdict)
        except Exception:  # pylint: disable=broad-except
            verdict.problems.append("an exception came through: " + traceback.format_exc()[-1500:])
            self.sim.reset(state=False)
            self.sim.settle()
        return verdict

    def _play(self, case: Case, thorough: bool, verdict: Verdict) -> None:
        sim, scenario, fault = self.sim, case.scenario, case.fault
        reference = self.reference(scenario)
        self.begin(reference.snapshot, scenario)
        strike = Strike(self, case) if fault.client else None
        if strike is None:
            sim.fault(**fault.settings, nth=case.request)
        one = TaskRunner(sim, case.retries, case.request if fault.silent else 0, strike)
        failed: dict[str, Any] | None = None
        for task, changes in zip(scenario.tasks, reference.changed, strict=True):
            before, writes = state_of(sim), sim.stats()["writes"]
            try:
                result = one.run(task)
            except (Killed, KeyboardInterrupt):
                result = {"failed": True, "msg": fault.client}
            if result.get("failed"):
                failed = result
                break
            if result["changed"] != changes and scenario.converges:
                verdict.problems.append(f"{task[0]} says changed={result['changed']}")
        met = any(fault["struck"] for fault in sim.server.faults.as_list()) if strike is None else strike.ended()
        sim.reset(state=False, stats=False)
        sim.settle(builds=failed is None or not case.hasty)
        after = state_of(sim)
        if failed is not None:
            verdict.outcome, verdict.message = FAILED, str(failed.get("msg"))
            sent = sim.stats()["writes"] > writes
            # What others do beside it, such as builds that continue, is no change of ours.
            differs = before != after and scenario.converges
            if not fault.client:
                verdict.problems += complaints(task, failed, differs, sent)
            elif fault.client == BESIDE and (_STRANGE.search(verdict.message) or not _HINT.search(verdict.message)):
                verdict.problems.append(f"no message for people: {verdict.message[:300]}")
        elif met:
            verdict.outcome = SUCCEEDED
        # What could not be tidied up is said, and goes with the next run.
        left = any("stays until the next" in warning for warning in result.get("warnings") or ())
        self._compare("after success", case, reference, verdict, left or failed is not None)
        if left or failed is not None:
            self._again(case, reference, verdict)
        if thorough and scenario.idempotent and not verdict.problems:
            results = TaskRunner(sim).all(scenario.tasks)
            if results[-1].get("failed") or any(result["changed"] for result in results):
                said = [result.get("msg") or result["changed"] for result in results]
                verdict.problems.append(f"the last run changed something: {said}")
            self._compare("after the last run", case, reference, verdict, False)

    def _again(self, case: Case, reference: Reference, verdict: Verdict) -> None:
        """A clean run brings what the first one did not."""
        results = TaskRunner(self.sim).all(case.scenario.tasks)
        if case.scenario.converges and self.sim.jobs() and not results[-1].get("failed"):
            verdict.problems.append("the run after it did not wait for what is built")
        self.sim.settle()
        if results[-1].get("failed"):
            verdict.problems.append(f"the run after it failed: {results[-1].get('msg')}")
            return
        self._compare("after the run after it", case, reference, verdict, False)

    def _compare(self, when: str, case: Case, reference: Reference, verdict: Verdict, skip: bool) -> None:
        if skip or not case.scenario.converges:
            return
        past = not case.fault.loses
        found, end = state_of(self.sim, past=past), reference.end if past else reference.end_without_past
        if not case.scenario.idempotent:
            found, end = ({**state, "deployments": None} for state in (found, end))
        verdict.problems += [f"{when}: {line}" for line in differences(found, end)]


class Strike:
    """What happens to a client at one of its requests."""

    def __init__(self, stage: CaseRunner, case: Case) -> None:
        self._stage, self._case, self._struck = stage, case, False
        self._other: threading.Thread | None = None

    def __call__(self, number: int, send: Callable[[], Any]) -> Any:
        """Send a request. :raises Killed: the process is gone, and sends nothing more."""
        fault, due = self._case.fault, number == self._case.request and not self._struck
        if self._struck and fault.client == KILLED:
            raise Killed
        if not due:
            return send()
        self._struck = True
        answer = send() if fault.after else None
        if fault.client == KILLED:
            raise Killed
        if fault.client == INTERRUPTED:
            raise KeyboardInterrupt
        self._other = threading.Thread(target=self._run, daemon=True)
        self._other.start()
        # Where it waits for this run, this one goes on.
        self._other.join(BESIDE_SECONDS)
        return answer if fault.after else send()

    def _run(self) -> None:
        TaskRunner(self._stage.sim).all(self._case.scenario.tasks)

    def ended(self) -> bool:
        """Whether it has happened; waits for the other run."""
        if self._other is not None:
            self._other.join()
        return self._struck


def complaints(task: Task, result: dict[str, Any], differs: bool, sent: bool) -> list[str]:
    """What is wrong with a failed result.

    :param differs: whether the server's state is another than before. :param sent: whether a write has reached it.
    """
    msg = result.get("msg")
    if not isinstance(msg, str) or not msg:
        return [f"no message: {result}"]
    found = []
    strange = _STRANGE.search(msg)
    if strange or "exception" in result:
        found.append(f"no message for people: {msg[:300]}")
    errors = [result.get("error") or {}, *(one["error"] for one in result.get("failures") or ())]
    procedures = [one["procedure"] for one in errors if one.get("procedure")]
    # Of one of many nodes only the message names it.
    procedures += [word.strip(":,") for word in msg.split() if word.strip(":,") in SENT]
    operation = ALL[task[0]]
    options = {*operation.options, *(child.option for one in operation.resources for child in one.children)}
    options |= {option.replace("_", " ") for option in options}
    # One of several, such as a job.
    options |= {option[:-1] for option in options if option.endswith("s")}
    if not any(one in msg for one in procedures) and not any(option in msg for option in options):
        found.append(f"names neither procedure nor option: {msg[:300]}")
    if not _WHAT.search(msg):
        found.append(f"does not say what happened: {msg[:300]}")
    if not _HINT.search(msg):
        found.append(f"does not say what to do: {msg[:300]}")
    if differs and not result.get("changed"):
        found.append(f"changed=false, but the server has changed: {msg[:300]}")
    if result.get("changed") and not sent:
        found.append(f"changed=true, but no write was sent: {msg[:300]}")
    return found
