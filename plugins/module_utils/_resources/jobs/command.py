# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The command of a job from its start to its end."""

from __future__ import annotations

from functools import partial
from typing import Any, List, Optional, Sequence

from ..._api.client import Call
from ..._deployment.completion import failure
from ..._deployment.queue import DeploymentQuery, Snapshot, deployment_facts
from ..._deployment.tracker import DeploymentTracker
from ..._engine.plan import Plan, Write
from ..._engine.runner import Context
from ..._engine.threads import in_thread
from ..._engine.wait import Poll, Polls
from ..._errors import DeploymentFailed, DokployError, NotFoundError, Refused, WaitTimeout
from ..._reads.rows import valid
from ..._swarm.logs import container_log, without_time
from ..._swarm.run_to_end import RunEnd, exit_code
from ..._swarm.tasks import Row, Service, live_tasks, task_text, tasks_call, tasks_in

_TITLE = "Job"
# Seconds after which a reload without an answer has made no task any more.
_STARTS = 30.0
#: The parameter of a job of which nothing is read but why it has failed.
QUIET = "quiet"


def ended(service: Service, context: Context) -> Polls:
    """How the job ended. :raises DokployError: it was not started, or has not ended in time."""
    begin, timeout = context.waiter.clock(), float(context.params["timeout"])

    def left() -> float:
        return timeout - (context.waiter.clock() - begin)

    task = yield from _last_task(Command(service, timeout), left(), context)
    if _lacks_image(task):
        yield from _deployed(service, left(), context)
        task = yield from _last_task(Command(service, timeout, earlier=task["containerId"]), left(), context)
    code, seconds = exit_code(task), context.waiter.clock() - begin
    lines: List[str] = []
    if code != 0 or not context.params.get(QUIET):
        lines = yield from in_thread(service.label, "log", partial(_log, service, context))
    return RunEnd(code, task_text(task), lines, seconds)


def _last_task(command: Command, timeout: float, context: Context) -> Polls:
    """The last task of a command. :raises WaitTimeout: it has not ended in time."""
    try:
        return (yield command, timeout)
    except WaitTimeout as error:
        if command.has_begun:
            lines = _log(command.service, context)
            error.details["job"] = RunEnd(None, error.message, lines, context.params["timeout"]).facts()
        raise


def _lacks_image(task: Row) -> bool:
    """Whether Docker did not get the image of a task, and so has not made its container."""
    rejected = str(task.get("currentState")).startswith("Rejected")
    return rejected and "No such image" in str(task.get("error"))


class _Deployment(DeploymentTracker):
    """Waits for the end of the deployment that gets the image of a job, and starts its command."""

    def expired(self, timeout: float) -> WaitTimeout:
        return _not_started(self.label, timeout, self.resource.deployable.deploy, self.state)


class Command(Poll):
    """Waits for the end of the command of a job; the result is its last task.

    :param timeout: the seconds that the job may take in all, for the message.
    :param earlier: the ID of a task that is not it.
    :ivar has_begun: whether Docker has made a task for it.
    """

    def __init__(self, service: Service, timeout: float, earlier: str = "") -> None:
        self.label, self.service, self._timeout, self.state = service.label, service, timeout, "starts"
        self.has_begun, self._earlier, self._start = False, earlier, service.resource.deployable.reload

    def calls(self) -> List[Call]:
        return [tasks_call(self.service)]

    def judge(self, answers: Sequence[Any], elapsed: float) -> Optional[Row]:
        """:raises Refused: its application is gone. :raises WaitTimeout: it has not started."""
        tasks = [task for task in tasks_in(valid(answers[0])) if task.get("containerId") != self._earlier]
        if self.has_begun and not tasks:
            raise _taken(self.service)
        if not tasks and elapsed >= _STARTS:
            raise _not_started(self.label, elapsed, self._start, "Docker has no task of it", "Run the task again.")
        self.has_begun = bool(tasks)
        self.state = task_text(tasks[0]) if tasks else "starts"
        return tasks[0] if tasks and not live_tasks(tasks) else None

    def expired(self, _left: float) -> DokployError:
        if not self.has_begun:
            return _not_started(self.label, self._timeout, self._start, self.state)
        message = "%s: its command has not ended after %g s (%s)" % (self.label, self._timeout, self.state)
        return WaitTimeout(message, hint="It was ended, and what it has written so far stays. Raise timeout.")


def _not_started(label: str, seconds: float, procedure: str, state: str, hint: str = "Raise timeout.") -> WaitTimeout:
    """:param procedure: what was to start the command."""
    message = "%s: its command has not started %g s after %s (%s)" % (label, round(seconds, 1), procedure, state)
    return WaitTimeout(message, hint=hint)


def _deployed(service: Service, timeout: float, context: Context) -> Polls:
    """Deploy the application of a job.

    :raises DeploymentFailed: the image cannot be had; the message ends with the end of the log.
    :raises WaitTimeout: the command has not started in time, or the deployment is lost.
    """
    body = service.input(title=_TITLE)
    deploy = Write(service.resource.deployable.deploy, body, once=True, confirm_by_polling=True)
    yield from in_thread(service.label, "deployment", partial(context.executor.run, Plan((deploy,))))
    query, nothing = DeploymentQuery(service.resource, service.id), Snapshot(frozenset(), 0)
    tracker = _Deployment(service.label, service.resource, query, context.waiter, nothing, _TITLE)
    try:
        facts = deployment_facts(service.resource, (yield tracker, timeout))
        if facts["status"] != "done":
            raise failure(service.resource, service.label, {**facts, service.resource.id_option: service.id}, context)
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
