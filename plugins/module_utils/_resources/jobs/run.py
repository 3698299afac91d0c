# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""One run of a job: an application is created and started, its command ends, and it is removed.

A reload starts it: that makes its service as a deployment does (source of 0.30.2), but at once, without a place in
the queue of builds. Docker pulls the image then. Only a deployment pulls it with the logins of the server, so that is
what follows where Docker does not get it.

A run that is killed leaves its application. The next run of that name waits until the command has ended, since another
run may wait for it too, and removes it. So jobs of one name never run side by side.
"""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass
from functools import partial
from typing import Any, Dict, List, Optional, Sequence, Tuple

from ..._api.client import Call
from ..._deployment.completion import failure
from ..._deployment.queue import DeploymentQuery, Snapshot, deployment_facts
from ..._deployment.tracker import DeploymentTracker
from ..._engine.apply import PRESENT
from ..._engine.diff import compare
from ..._engine.execute import Executor
from ..._engine.flow import ResourcePlan, fulfil, not_stored
from ..._engine.plan import SELF, Outcome, Plan, Step, Write
from ..._engine.runner import Context
from ..._engine.state import Node, State
from ..._engine.threads import in_thread
from ..._engine.view import ChangePlan, Difference
from ..._engine.wait import Poll, Polls
from ..._errors import DeploymentFailed, DokployError, NotFoundError, Refused, ServerError, WaitTimeout
from ..._model.states import Transition
from ..._reads.rows import valid
from ..._swarm.logs import container_log, without_time
from ..._swarm.tasks import Row, Service, live_tasks, task_text, tasks_call, tasks_in
from ..._values.marks import FromResponse
from ..services.application import APPLICATION
from .former import EndFormer, remove_service

# What an application is named that is a job.
PREFIX = "job-"
# The description of an application that is a job, by which it is told from others of that name.
MARK = "A job of community.dokploy, which is removed when its command has ended."
_TITLE = "Job"
# Seconds after which a reload without an answer has made no task any more.
_STARTS = 30.0
_EXIT_CODE = re.compile(r"non-zero exit \((\d+)\)")
# How many of the steps of a plan run the job.
_OF_RUN = 2
# Under these names the outcome has the row of its application, and whether its command was started.
_ROW, _STARTED = "row", "started"
#: The parameter of a job of which nothing is read but why it has failed.
QUIET = "quiet"


@dataclass(frozen=True)
class JobPlan(ChangePlan):
    """The run of a job. :param service: the application that another run has left instead, which ends first."""

    label: str
    former: Optional[Service] = None

    @property
    def parts(self) -> Tuple[Plan, Plan]:
        """What creates its application, and what runs it then, for a job before whose run something else happens."""
        if self.former is not None:
            return self, Plan(())
        return Plan(self.steps[:-_OF_RUN]), Plan(self.steps[-_OF_RUN:])


@dataclass(frozen=True)
class JobEnd:
    """How a job ended.

    :param exit_code: C(None) where its container did not start, or was killed by Docker. :param task: Docker's words.
    """

    exit_code: Optional[int]
    task: str
    lines: List[str]
    seconds: float


def _observe(nodes: Sequence[Node], context: Context) -> List[State]:
    return list(PRESENT.observe(nodes, context))


def _plan(state: State, context: Context) -> JobPlan:
    """:raises Refused: there is an application of that name that is no job."""
    label = "job %s" % context.params["name"][len(PREFIX) :]
    difference = Difference(label, {"run": ""}, {"run": "(a new one)"}, action="run")
    if state.row is not None:
        if state.row.get("description") != MARK:
            raise Refused(
                "%s exists, and is no job" % state.target.label,
                hint="Give the job another name, or rename the application.",
            )
        former = Service(APPLICATION, state.row, label)
        return JobPlan((EndFormer(former, context.params["timeout"]),), difference, label, former)
    created = PRESENT.plan(state, context)
    body = {name: FromResponse(SELF, name) for name in (APPLICATION.id_key, "appName")}
    start = Start(APPLICATION.deployable.reload, body, once=True, confirm_by_polling=True)
    return JobPlan((*created.steps, EnsureStored(created), start, RemoveAfterFailure()), difference, label)


@dataclass(frozen=True)
class EnsureStored(Step):
    """Check that the application of a job is as stated before its command runs.

    A command without one of its mounts writes into its container, and ends well.
    """

    created: ResourcePlan

    def run(self, executor: Executor, outcome: Outcome) -> None:
        """:raises NotApplied: the server has accepted a write, and dropped what it says."""
        state, row = fulfil(self.created, outcome).state, outcome.shown
        if row is None:
            resource_id = str(outcome.rows[SELF][APPLICATION.id_key])
            row, _answers = executor.reads.current.read_back(APPLICATION, resource_id, state.children)
        outcome.rows[_ROW] = row
        diff = compare(APPLICATION, state.desired, row or {}, written=True)
        if not diff.empty:
            remove(outcome.rows[SELF], executor)
            raise not_stored(state, diff)


@dataclass(frozen=True)
class Start(Write):
    """Start the command of a job."""

    def run(self, executor: Executor, outcome: Outcome) -> None:
        """:raises ServerError: Docker has refused its service; its application is removed."""
        try:
            super().run(executor, outcome)
        except ServerError:
            with contextlib.suppress(DokployError):
                remove(outcome.rows[SELF], executor)
            raise
        outcome.rows[_STARTED] = True


@dataclass(frozen=True)
class RemoveAfterFailure(Step):
    """Remove the application of a job that was not started."""

    def runs_after_failure(self, outcome: Outcome) -> bool:
        return bool(outcome.rows.get(SELF))

    def run(self, executor: Executor, outcome: Outcome) -> None:
        if not outcome.rows.get(_STARTED):
            remove(outcome.rows[SELF], executor)


def remove(row: Row, executor: Executor, queued: bool = True) -> None:
    """Remove the application of a job, with its container. :param queued: its deployment may not have ended."""
    remove_service(APPLICATION, row, executor, queued)


class _Start(DeploymentTracker):
    """Waits for the end of the deployment that gets the image of a job, and starts its command."""

    def expired(self, timeout: float) -> WaitTimeout:
        return _not_started(self.label, timeout, self.state)


class _Command(Poll):
    """Waits for the end of the command of a job; the result is its last task.

    :param timeout: the seconds that the job may take in all, for the message. :param earlier: a task that is not it.
    :ivar has_begun: whether Docker has made a task for it.
    """

    def __init__(self, service: Service, timeout: float, earlier: Optional[Row] = None) -> None:
        self.label, self.service, self._timeout, self.state = service.label, service, timeout, "starts"
        self.has_begun, self._not_it = False, {None if earlier is None else earlier["containerId"]} - {None}

    def calls(self) -> List[Call]:
        return [tasks_call(self.service)]

    def judge(self, answers: Sequence[Any], elapsed: float) -> Optional[Row]:
        """:raises Refused: its application is gone. :raises WaitTimeout: it has not started."""
        tasks = [task for task in tasks_in(valid(answers[0])) if task.get("containerId") not in self._not_it]
        if self.has_begun and not tasks:
            raise _taken(self.service)
        if not tasks and elapsed >= _STARTS:
            raise _not_started(self.label, elapsed, "Docker has no task of it", "Run the task again.")
        self.has_begun = bool(tasks)
        self.state = task_text(tasks[0]) if tasks else "starts"
        return tasks[0] if tasks and not live_tasks(tasks) else None

    def expired(self, _left: float) -> DokployError:
        if not self.has_begun:
            return _not_started(self.label, self._timeout, self.state)
        message = "%s: its command has not ended after %g s (%s)" % (self.label, self._timeout, self.state)
        return WaitTimeout(message, hint="It was ended, and what it has written so far stays. Raise timeout.")


def _not_started(label: str, seconds: float, state: str, hint: str = "Raise timeout.") -> WaitTimeout:
    message = "%s: its command has not started after %g s (%s)" % (label, round(seconds, 1), state)
    return WaitTimeout(message, hint=hint)


def _polls(planned: JobPlan, outcome: Outcome, context: Context) -> Polls:
    """How the job ended; its application is removed then, whatever has come of it."""
    created = outcome.rows.get(SELF)
    if created is None:
        return None
    try:
        end = yield from _ended(Service(APPLICATION, outcome.rows[_ROW], planned.label), context)
    except BaseException:
        _remove_now(created, planned.label, context)
        raise
    yield from in_thread(planned.label, "removal", partial(_remove_now, created, planned.label, context, queued=False))
    return end


def _ended(service: Service, context: Context) -> Polls:
    """How the job ended. :raises DokployError: it was not started, or has not ended in time."""
    begin, timeout = context.waiter.clock(), float(context.params["timeout"])

    def left() -> float:
        return timeout - (context.waiter.clock() - begin)

    task = yield from _last_task(_Command(service, timeout), left(), context)
    if _lacks_image(task):
        yield from _deployed(service, left(), context)
        task = yield from _last_task(_Command(service, timeout, earlier=task), left(), context)
    exit_code, seconds = _exit_code(task), context.waiter.clock() - begin
    lines: List[str] = []
    if exit_code != 0 or not context.params.get(QUIET):
        lines = yield from in_thread(service.label, "log", partial(_log, service, context))
    return JobEnd(exit_code, task_text(task), lines, seconds)


def _last_task(command: _Command, timeout: float, context: Context) -> Polls:
    """The last task of a command. :raises WaitTimeout: it has not ended in time."""
    try:
        return (yield command, timeout)
    except WaitTimeout as error:
        if command.has_begun:
            lines = _log(command.service, context)
            error.details["job"] = _facts(JobEnd(None, error.message, lines, context.params["timeout"]))
        raise


def _lacks_image(task: Row) -> bool:
    """Whether Docker did not get the image of a task, and so has not made its container."""
    rejected = str(task.get("currentState")).startswith("Rejected")
    return rejected and "No such image" in str(task.get("error"))


def _remove_now(created: Row, label: str, context: Context, queued: bool = True) -> None:
    """Remove the application of a job. How the job has ended matters more than a failure of it.

    :param queued: its deployment may not have ended.
    """
    for is_last in (False, True):
        try:
            remove(created, context.executor, queued)
            return
        except DokployError as error:
            text = "%s: its application stays until the next job of this name, since it cannot be removed: %s"
            context.warn([text % (label, error.message)] if is_last else ())


def _deployed(service: Service, timeout: float, context: Context) -> Polls:
    """Deploy the application of a job.

    :raises DeploymentFailed: the image cannot be had; the message ends with the end of the log.
    :raises WaitTimeout: the command has not started in time, or the deployment is lost.
    """
    body = service.input(title=_TITLE)
    deploy = Write(APPLICATION.deployable.deploy, body, once=True, confirm_by_polling=True)
    yield from in_thread(service.label, "deployment", partial(context.executor.run, Plan((deploy,))))
    query, nothing = DeploymentQuery(APPLICATION, service.id), Snapshot(frozenset(), 0)
    tracker = _Start(service.label, APPLICATION, query, context.waiter, nothing, _TITLE)
    try:
        facts = deployment_facts(APPLICATION, (yield tracker, timeout))
        if facts["status"] != "done":
            raise failure(APPLICATION, service.label, {**facts, APPLICATION.id_option: service.id}, context)
    except (DeploymentFailed, WaitTimeout) as error:
        # The application is removed, so that what is known of its deployment is of no use.
        for name in ("deployment", "status"):
            error.details.pop(name, None)
        raise


def _log(service: Service, context: Context) -> List[str]:
    """:raises Refused: its application is gone."""
    try:
        lines = container_log(context.client, service, context.params["log_lines"])
    except NotFoundError:
        raise _taken(service) from None
    return [without_time(line) for line in lines]


def _taken(service: Service) -> Refused:
    """What a run is told whose application another one has taken for one that was left."""
    message = "%s: another run has removed its application before its output was read"
    return Refused(message % service.label, hint="Give jobs that run at the same time different names.")


def _exit_code(task: Row) -> Optional[int]:
    """The exit code of a task that has ended."""
    failed = _EXIT_CODE.search(str(task.get("error") or ""))
    ended_well = str(task.get("currentState")).startswith("Complete")
    return int(failed.group(1)) if failed is not None else 0 if ended_well else None


def _facts(end: JobEnd) -> Dict[str, Any]:
    """What results show of an end."""
    output = {"output": "\n".join(end.lines), "output_lines": end.lines}
    return {"exit_code": end.exit_code, **output, "seconds": round(end.seconds, 3)}


def _finish(first: JobPlan, _planned: JobPlan, outcome: Outcome, context: Context) -> Dict[str, Any]:
    """:raises DeploymentFailed: it ended with an exit code that is not among the expected ones."""
    end: Optional[JobEnd] = outcome.ended
    if end is None:
        return first.difference.result(job=None)
    job = _facts(end)
    if end.exit_code not in context.params["exit_codes"]:
        how = "did not start" if end.exit_code is None else "ended with the exit code %d" % end.exit_code
        message = "%s %s (%s)" % (first.label, how, end.task)
        message += "\nThe end of its output:\n%s" % job["output"] if end.lines else ""
        raise DeploymentFailed(message, details={"job": job})
    return first.difference.result(job=job)


#: A command has run, and nothing of it is left.
JOB = Transition(_observe, _plan, _finish, configures=False, polls=_polls)
