# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The set-up that installs on a server what Dokploy needs.

The set-up is a stream of lines that never ends by itself. Dokploy ignores how its script ends, and reports success
whenever it could connect (measured on 0.30.2), so that only a validation tells what the set-up has achieved.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from typing import Any, Callable, Deque, Dict, List, Mapping, Optional, Sequence

from ..._api.client import Call, Client
from ..._deployment.queue import FINAL
from ..._engine.apply import PRESENT
from ..._engine.execute import Executor
from ..._engine.plan import Outcome, Plan, Step
from ..._engine.runner import Context
from ..._engine.state import State
from ..._engine.threads import ENDS, ends, subscribed
from ..._engine.wait import Poll, Polls
from ..._errors import DeploymentFailed, StreamInterrupted, WaitTimeout
from ..._model.resource import FORCE, Resource
from ..._model.responses import DEPLOYMENT
from ..._model.states import Transition
from ..._reads.rows import need, valid
from ..._swarm.logs import check_lines, clean
from ..._values.schema import list_of, needed
from .server_validation import ANSWERS as VALIDATION
from .server_validation import COMPONENTS, ValidatedPlan, configured, plan_validated

OPTIONS: Mapping[str, Mapping[str, Any]] = {
    "required_components": {"type": "list", "elements": "str", "choices": list(COMPONENTS)},
    "wait_timeout": {"type": "float", "default": 1800.0},
    "log_lines": {"type": "int", "default": 50},
    "follow": {"type": "bool", "default": False},
    **FORCE,
}

ANSWERS = {**VALIDATION, "deployment.allByServer": needed(list_of(DEPLOYMENT))}

_SUCCESS = "Setup Server: ✅"
# What a diff shows of a set-up, before and after.
_NEW = {"setup": ""}, {"setup": "(a new one)"}


@dataclass(frozen=True)
class Setup(Step):
    """Run the set-up script of a server, with its lines as they come.

    :param show: takes each line; C(None) if they are not followed.
    """

    server_id: str
    label: str
    timeout: float
    lines: Deque[str]
    show: Optional[Callable[[str], None]]

    def run(self, executor: Executor, outcome: Outcome) -> None:
        """Begin it with what follows, as C(ENDS)."""
        outcome.rows[ENDS] = self._ends(executor, outcome)

    def _ends(self, executor: Executor, outcome: Outcome) -> Polls:
        """:raises DeploymentFailed: Dokploy could not connect. :raises WaitTimeout: it has not ended in time."""

        def take(text: str) -> None:
            line = clean(text).strip()
            if line:
                self.lines.append(line)
                if self.show is not None:
                    self.show("%s | %s" % (self.label, line))

        status, call = _Status(self, executor.client), Call("server.setupWithLogs", {"serverId": self.server_id})
        try:
            yield from subscribed(executor, self.label, call, self.timeout, take, _is_last)
        except StreamInterrupted:
            # The server works on.
            executor.waiter.progress("%s: the connection broke, the set-up continues" % self.label)
        executor.sent = outcome.sent = True
        if (yield status, self.timeout) == "error":
            raise self.failed("the set-up failed")

    def failed(self, what: str, **details: Any) -> DeploymentFailed:
        log = list(self.lines)
        end = "\nThe end of its log:\n%s" % "\n".join(log) if log else ""
        return DeploymentFailed("%s: %s%s" % (self.label, what, end), details={"log": log, **details})


def _is_last(text: str) -> bool:
    line = clean(text).strip()
    return line == _SUCCESS or line.endswith(" ❌")


class _Status(Poll):
    """Waits for the end of a set-up that begins after this was made. Its result is the status."""

    def __init__(self, setup: Setup, client: Client) -> None:
        self.label, self.state = setup.label, "the set-up runs"
        self._call = Call("deployment.allByServer", {"serverId": setup.server_id})
        self._before = {row.get("deploymentId") for row in client.query(*self._call)}

    def calls(self) -> List[Call]:
        return [self._call]

    def judge(self, answers: Sequence[Any], elapsed: float) -> Optional[Any]:
        new = [row for row in valid(answers[0]) if row.get("deploymentId") not in self._before]
        newest = sorted(new, key=lambda row: str(row.get("createdAt")))[-1:]
        return newest[0]["status"] if newest and newest[0].get("status") in FINAL else None

    def expired(self, timeout: float) -> WaitTimeout:
        message = "%s: the set-up has not ended after %g s" % (self.label, timeout)
        return WaitTimeout(message, hint="It continues on the server. Raise wait_timeout.")


def _plan_setup(state: State, context: Context) -> ValidatedPlan:
    """As C(validated), after the set-up script if something is missing or the script has changed.

    What a server lacks that is about to change is only known after that; until then the plan has a set-up.
    """
    need(context.client.version(), "state=setup", (0, 28, 0))
    planned = plan_validated(state, context)
    facts = planned.validation.facts
    if facts and not facts["missing"]:
        return planned
    if planned.diff.empty:
        planned = replace(planned, difference=replace(planned.difference, action="setup"))
    return planned.also((), *_NEW)


def _polls_setup(planned: ValidatedPlan, outcome: Outcome, context: Context) -> Polls:
    """What is configured as a result, what the server has, whether a set-up was needed, and the last lines of it.

    :raises DeploymentFailed: something is missing after the script.
    :raises WaitTimeout: the script has not ended in time.
    """
    params, first = context.params, context.first_plan(planned)
    result, validation = configured(first, planned, outcome, context)
    lines: Deque[str] = deque(maxlen=params["log_lines"])
    needed = not validation.facts or bool(validation.facts["missing"]) or "command" in first.difference.after
    if needed:
        show = context.waiter.line if params["follow"] else None
        server_id = str(validation.row.get(planned.state.resource.id_key))
        setup = Setup(server_id, validation.label, params["wait_timeout"], lines, show)
        of_setup = context.executor.run(Plan((setup,)))
        yield from ends(setup, of_setup, context)
        if of_setup.sent:
            validation.look(context.client)
            if validation.problem:
                what = "the set-up ended, but %s" % validation.problem
                raise setup.failed(what, validation=validation.facts)
        else:
            validation.facts.clear()
    return result, validation, needed, list(lines)


def _finish_setup(
    _first: ValidatedPlan, _planned: ValidatedPlan, outcome: Outcome, _context: Context
) -> Dict[str, Any]:
    result, validation, needed, lines = outcome.ended
    for side, entry in zip(("before", "after"), _NEW):
        known = {name: value for name, value in result["diff"][side].items() if name not in entry}
        result["diff"][side] = {**known, **(entry if needed else {})}
    return {**result, "validation": validation.facts or None, "set_up": needed, "log": lines}


def _refuse(_resource: Resource, params: Mapping[str, Any]) -> None:
    check_lines(params["log_lines"], least=1)


SETUP = Transition(PRESENT.observe, _plan_setup, _finish_setup, _refuse, polls=_polls_setup)
