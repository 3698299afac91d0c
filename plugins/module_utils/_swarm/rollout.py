# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Watching a service's tasks until enough of them run, or until it is plain that they will not."""

from __future__ import annotations

from typing import Any, Callable, Dict, FrozenSet, List, Mapping, Optional, Sequence, Tuple

from ansible_collections.community.dokploy.plugins.module_utils._api.client import Call, Client
from ansible_collections.community.dokploy.plugins.module_utils._engine.reads import shaped
from ansible_collections.community.dokploy.plugins.module_utils._engine.wait import Look, Waiter
from ansible_collections.community.dokploy.plugins.module_utils._errors import (
    DokployError,
    NotFoundError,
    NotRunning,
    ServerError,
    WaitTimeout,
)
from ansible_collections.community.dokploy.plugins.module_utils._swarm.logs import container_log, task_log
from ansible_collections.community.dokploy.plugins.module_utils._swarm.tasks import (
    ended,
    ids_of,
    in_words,
    inspect_call,
    live_slots,
    read_tasks,
    running_facts,
    running_slots,
    tasks_call,
    wanted_of,
)

Row = Mapping[str, Any]

# Seconds after which a stop is sent again: when an update of the service fails meanwhile, Docker rolls all of it back,
# the scaling to nothing included (measured).
STOP_AGAIN = 15.0
# How many lines of a container's log a failure shows.
LOG_LINES = 20
# Seconds for which nothing new may come after a task has failed, before that counts as the end of it.
SETTLED = 5.0


class Watch:
    """One service, watched after something was done to it.

    :param row: the answer of C(application.one).
    :param timeout: seconds to watch at most.
    """

    def __init__(self, label: str, row: Row, client: Client, waiter: Waiter, timeout: float) -> None:
        self.label, self.row, self.timeout = label, row, timeout
        self.client, self.waiter = client, waiter
        self.wanted = wanted_of(row)

    def until_running(
        self, old: FrozenSet[str], failed: FrozenSet[str] = frozenset(), reloaded: bool = False
    ) -> List[Row]:
        """The tasks, as soon as enough of those run that were not there before.

        :param old: the ids of those that do not count.
        :param failed: the ids of those whose end is known.
        :param reloaded: the configuration may be another one than before, and Docker may go back to the old one.
        """
        coming = Coming(self, old, failed, reloaded)
        found: List[Row] = self.waiter.until(
            self.timeout,
            lambda passed: coming.step(read_tasks(self.client, self.row), passed),
            lambda: coming.late(self.timeout),
        )
        return found

    def until_stopped(self, stop_again: Callable[[], Any]) -> List[Row]:
        """The tasks, as soon as none of them runs or is about to.

        :param stop_again: stops the service once more.
        """
        state: Dict[str, Any] = {"tasks": [], "sent": 0.0}

        def look(passed: float) -> Optional[List[Row]]:
            tasks = state["tasks"] = read_tasks(self.client, self.row)
            if not live_slots(tasks):
                return tasks
            if passed - state["sent"] >= STOP_AGAIN:
                stop_again()
                state["sent"] = passed
            return None

        def expired() -> DokployError:
            return self.late("it still runs %g s after it was told to stop" % self.timeout, state["tasks"])

        found: List[Row] = self.waiter.until(self.timeout, look, expired)
        return found

    def other_spec(self, bad: Row, ours: Sequence[Row]) -> bool:
        """Whether what failed is another version of the service than what runs."""
        running = next(task for task in ours if task.get("name") in running_slots([task]))
        specs = []
        for task in (bad, running):
            call = inspect_call(self.row, str(task.get("containerId")))
            try:
                config = self.client.query(call.procedure, call.input)
            except (NotFoundError, ServerError):
                config = None
            if not config:
                # Docker forgets old tasks, of which the server then answers nothing.
                return False
            specs.append(config.get("Spec"))
        return bool(specs[0] != specs[1])

    def earlier(self, tasks: Sequence[Row]) -> FrozenSet[str]:
        """The ids of those that are of an earlier version of the service than it has now, as far as Docker tells.

        Dokploy raises a number in the service with each deployment, and Docker lowers it again when it goes back.
        """
        inspected = [inspect_call(self.row, str(task.get("containerId"))) for task in tasks]
        numbers = self._numbers(inspected)
        service = next((own for _number, own in numbers if own), None)
        now = self._numbers([inspect_call(self.row, service)])[0][0] if service is not None else None
        if now is None:
            return frozenset()
        return frozenset(
            str(task.get("containerId"))
            for task, (number, _own) in zip(tasks, numbers)
            if number is not None and number < now
        )

    def _numbers(self, calls: Sequence[Call]) -> List[Tuple[Optional[int], Optional[str]]]:
        """Of tasks or services the number of their version, and the service that a task belongs to."""
        found: List[Tuple[Optional[int], Optional[str]]] = []
        for answer in self.client.call_many(calls):
            # Docker forgets old tasks, of which the server then answers nothing.
            config = answer if isinstance(answer, Mapping) else {}
            spec = config.get("Spec") or {}
            template = spec.get("TaskTemplate") or spec
            found.append((template.get("ForceUpdate"), config.get("ServiceID")))
        return found

    def crashes(self, bad: List[Row], tasks: List[Row]) -> DokployError:
        return self._not_running("does not stay up: %d of its tasks have ended" % len(bad), bad, tasks)

    def rolled_back(self, bad: List[Row], tasks: List[Row]) -> DokployError:
        return self._not_running(
            "does not run as it is configured: a new task has ended, and Docker keeps what ran before", bad, tasks
        )

    def _not_running(self, what: str, bad: List[Row], tasks: List[Row]) -> DokployError:
        log, whose = task_log(self.client, self.row, str(bad[0].get("containerId")), LOG_LINES), "its log"
        if log is None:
            log, whose = self._any_log(bad, tasks)
        message = "%s %s (%s)" % (self.label, what, in_words(bad[0]))
        message += "\nThe end of %s:\n%s" % (whose, "\n".join(log)) if log else "\nIt has left no log."
        return NotRunning(message, details={"running": running_facts(self.wanted, tasks), "log": log})

    def _any_log(self, bad: List[Row], tasks: List[Row]) -> Tuple[List[str], str]:
        """The log that the server gives of all containers, and whose that is."""
        try:
            log = container_log(self.client, self.row, LOG_LINES)
        except DokployError as error:
            # What counts is that it does not run, not that its log cannot be read.
            log = ["(the log cannot be read: %s)" % error]
        # The server reads any container that runs, one that is about to end as well (measured on 0.30.2).
        others = any(str(task.get("currentState")).startswith("Running") for task in tasks if task not in bad)
        return log, "the log of what still runs, which may have run before" if others else "the log of its containers"

    def late(self, what: str, tasks: Sequence[Row]) -> DokployError:
        """The error for what did not come in time."""
        return WaitTimeout(
            "%s: %s" % (self.label, what),
            hint="Docker goes on trying; raise wait_timeout.",
            details={"running": running_facts(self.wanted, tasks)},
        )


class Coming:
    """The tasks of a service that come up after something was done to it, judged look by look."""

    def __init__(
        self, watch: Watch, old: FrozenSet[str], failed: FrozenSet[str] = frozenset(), reloaded: bool = False
    ) -> None:
        self._watch, self._old, self._failed, self._reloaded = watch, old, failed, reloaded
        self._tasks: List[Row] = []
        self._settled: Optional[float] = None

    def leave_out(self, ids: FrozenSet[str]) -> None:
        """These do not count either."""
        self._old |= ids

    def ours(self) -> List[Row]:
        """The tasks of the last look that were not there before."""
        return [task for task in self._tasks if task.get("containerId") not in self._old]

    def step(self, tasks: List[Row], passed: float) -> Optional[List[Row]]:
        """The tasks, when enough of those run that were not there before.

        :param passed: seconds since the first step.
        :raises NotRunning: they keep exiting, or Docker has gone back to what ran before.
        """
        watch, wanted = self._watch, self._watch.wanted.least
        self._tasks = tasks
        ours = self.ours()
        bad = [task for task in ended(ours) if task.get("containerId") not in self._failed]
        running = running_slots(ours)
        watch.waiter.progress("%s: %d of %d run" % (watch.label, len(running), wanted), watch.label)
        if len(running) >= wanted:
            if bad and self._reloaded and watch.other_spec(bad[0], ours):
                raise watch.rolled_back(bad, tasks)
            return tasks
        for slot in {task.get("name") for task in bad} - running:
            if len([task for task in bad if task.get("name") == slot]) > 1:
                raise watch.crashes(bad, tasks)
        self._settles(passed, bad)
        return None

    def _settles(self, passed: float, bad: List[Row]) -> None:
        """Find out that nothing more will come.

        Dokploy's default is to go back as soon as one new task fails: to what ran before, which is nothing when the
        service was stopped. Slots that were not reached yet keep their old task. Between two attempts of a crash loop
        there is always a task that is wanted ready.

        :raises NotRunning: tasks have failed, and none has been on its way for a while.
        """
        watch, tasks = self._watch, self._tasks
        running = running_slots(tasks)
        if not bad or live_slots(tasks) != running:
            self._settled = None
        elif self._settled is None:
            self._settled = passed
        elif passed - self._settled >= SETTLED:
            raise watch.rolled_back(bad, tasks) if len(running) >= watch.wanted.least else watch.crashes(bad, tasks)

    def late(self, timeout: float, period: Optional[float] = None) -> DokployError:
        """The error when not enough of them run in time.

        :param period: enough of them run, and have not done so for these seconds yet.
        """
        ours = self.ours()
        seen = "the newest task: %s" % in_words(ours[0]) if ours else "no task of it has come up"
        count = "%d of %d run after %g s" % (len(running_slots(ours)), self._watch.wanted.least, timeout)
        if period is not None:
            count += ", but not for %g s on end" % period
        return self._watch.late("%s (%s)" % (count, seen), self._tasks)


# --- stability ---
# Whether what was deployed runs, and goes on running for a while.
#
# A deployment that says C(done) has an image, and a service that Docker has accepted. A container that exits at once
# leaves it C(done), and the application as well (measured on 0.30.2).


def can_run(row: Row) -> bool:
    """Whether tasks of an application are to run on and on: it has replicas, and is no job."""
    wanted = wanted_of(row)
    return wanted.mode != "job" and wanted.least > 0


class Stable(Look):
    """The new tasks of a service, until enough of them have run for C(period) seconds without a change.

    :param old: the ids of the tasks that there were before; none when nobody could look in time.
    """

    def __init__(self, watch: Watch, old: FrozenSet[str], period: float) -> None:
        self.label = watch.label
        self._coming = Coming(watch, old, reloaded=True)
        self._watch, self._period = watch, period
        self._any, self._judged = not old, set(old)
        self._same: Dict[str, str] = {}
        self._since = 0.0

    def calls(self) -> List[Call]:
        return [tasks_call(self._watch.row)]

    def judge(self, answers: Sequence[Any], passed: float) -> Optional[Any]:
        if isinstance(answers[0], DokployError):
            raise answers[0]
        found = shaped(answers[0], list, "docker.getServiceContainersByAppName")
        self._sort_out(found)
        tasks = self._coming.step(found, passed)
        if tasks is None:
            self._same, self.state = {}, "starting"
            return None
        ours = self._coming.ours()
        same = {str(task.get("name")): str(task.get("containerId")) for task in reversed(ours) if running_slots([task])}
        if same != self._same:
            self._same, self._since = same, passed
        if passed - self._since < self._period:
            self.state = "running for %d s" % (passed - self._since)
            return None
        return tasks

    def _sort_out(self, tasks: Sequence[Row]) -> None:
        """Leave out tasks of an earlier version that have come since somebody looked.

        A service whose containers keep exiting goes on with that while what helps it is being built.
        """
        news = [task for task in (tasks if self._any else ended(tasks)) if task.get("containerId") not in self._judged]
        if news:
            self._coming.leave_out(self._watch.earlier(news))
            self._judged |= ids_of(news)

    def late(self, timeout: float) -> DokployError:
        return self._coming.late(timeout, self._period if self._same else None)
