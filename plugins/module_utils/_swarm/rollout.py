# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Waiting until enough new tasks of a service run, or until it is certain that they will not.

A deployment that is C(done) has an image and a service that Docker has accepted. A container that exits at once leaves
the deployment and the application C(done) (measured on 0.30.2).
"""

from __future__ import annotations

from collections import Counter
from typing import Any, Dict, FrozenSet, List, Mapping, Optional, Sequence, Tuple

from .._api.client import Call, Client
from .._engine.wait import Poll, Waiter
from .._errors import DokployError, NotRunning, WaitTimeout
from .._reads.rows import valid
from .logs import log_of_task
from .tasks import (
    Row,
    Service,
    container_specs,
    ended,
    finished_slots,
    inspect,
    inspect_calls,
    inspected,
    live_slots,
    live_tasks,
    newest_tasks,
    running_facts,
    running_slots,
    task_text,
    tasks_call,
    tasks_in,
)

# How many lines of a container's log a failure shows.
LOG_LINES = 20
# Seconds without a new task after one has failed, before the service counts as failed.
SETTLED = 5.0
# Whose log is shown where that of one task cannot be read, or that there is none.
_RUNNING_LOG = "the log of what still runs, which may have run before"
_ANY_LOG = "the log of its containers, which may be of an earlier version"
_NO_LOG = "%s has left no log."
_FORGOTTEN = "Docker has forgotten the tasks of the deployed version and their logs; those that it shows are older."
# What Docker does when a new task fails.
KEPT, WENT_BACK = "keeps what ran before", "went back to the version before"


class Rollout(Poll):
    """The new tasks of a service after a deployment or a start, until enough of them run.

    :param old: the IDs of the tasks that do not count.
    :param failed: the IDs of the ended tasks that do not count.
    :param reloaded: the service may have another configuration than before, and Docker may go back to the old one.
    :param period: seconds for which enough tasks have to run without a change after a deployment. Tasks of an earlier
        version of the service do not count then: one whose containers keep exiting makes new ones during a build.
    """

    def __init__(
        self,
        service: Service,
        client: Client,
        waiter: Waiter,
        old: FrozenSet[str] = frozenset(),
        failed: FrozenSet[str] = frozenset(),
        reloaded: bool = False,
        period: Optional[float] = None,
    ) -> None:
        self.label = service.label
        self._service, self._client, self._waiter = service, client, waiter
        self._mode = service.mode
        self._stack = self._mode.name == "stack"
        self._old, self._failed, self._period = old, failed, period
        self._reloaded = reloaded or period is not None
        self._tasks: List[Row] = []
        # The new tasks whose version was read, all of them where the old ones are unknown.
        self._any, self._known = not old, old
        self._versions: Dict[str, Any] = {}
        self._settled: Optional[float] = None
        self._running: Dict[str, str] = {}
        self._since = 0.0

    def calls(self) -> List[Call]:
        return [tasks_call(self._service)]

    def further(self, answers: Sequence[Any]) -> List[Call]:
        """The new tasks, and then their service."""
        if self._period is None or self._stack or isinstance(answers[0], DokployError):
            return []
        ids = self._new_ids(tasks_in(answers[0]))
        if len(answers) == 1:
            return inspect_calls(self._service.row, ids)
        service = _service_of(inspected(answers[1:]))
        return inspect_calls(self._service.row, [service]) if service and len(answers) == 1 + len(ids) else []

    def judge(self, answers: Sequence[Any], elapsed: float) -> Optional[Any]:
        self._tasks = tasks_in(valid(answers[0]))
        if self._period is not None:
            self._leave_out_earlier(inspected(answers[1:]))
        if not self._enough(elapsed):
            self._running, self.state = {}, "starting"
            return None
        running = {str(task.get("name")): _id(task) for task in reversed(self._new()) if running_slots([task])}
        if running != self._running:
            self._running, self._since = running, elapsed
        if elapsed - self._since < (self._period or 0):
            self.state = "running for %d s" % (elapsed - self._since)
            return None
        return self._tasks

    def expired(self, timeout: float) -> DokployError:
        new, running = self._new(), running_slots(self._new())
        behind = [task for task in new if str(task.get("name")) not in running] or new
        seen = "the newest task: %s" % self._described(behind[0]) if behind else "no task of it has come up"
        count = "%d of %d run after %g s" % (len(running), self._minimum(self._bad()), timeout)
        if self._running and self._period is not None:
            count += ", but not for %g seconds without a restart" % self._period
        return late(self._service, "%s (%s)" % (count, seen), self._tasks)

    def _new(self) -> List[Row]:
        # A deployment of a stack leaves the unchanged services alone.
        kept = live_tasks(self._tasks) if self._stack else []
        return [task for task in self._tasks if _id(task) not in self._old or task in kept]

    def _bad(self) -> List[Row]:
        """The ended tasks that count. A service of a stack may run once and end without an error."""
        finished = finished_slots(self._tasks) if self._stack else ()
        bad = [task for task in ended(self._new()) if _id(task) not in self._failed]
        return [task for task in bad if str(task.get("name")) not in finished]

    def _minimum(self, bad: Sequence[Row]) -> int:
        """The number of tasks that have to run. How many these are of a stack shows only in Docker."""
        if not self._stack:
            return self._mode.minimum
        return len(live_slots(self._new()) | {str(task.get("name")) for task in bad}) if self._tasks else 1

    def _described(self, task: Row) -> str:
        return "%s: %s" % (task.get("name"), task_text(task)) if self._stack else task_text(task)

    def _enough(self, elapsed: float) -> bool:
        """Whether enough new tasks run."""
        new, bad = self._new(), self._bad()
        minimum, running = self._minimum(bad), running_slots(new)
        self._waiter.progress("%s: %d of %d run" % (self.label, len(running), minimum), self.label)
        if len(running) >= minimum:
            if bad and self._reloaded and not self._stack and self._is_other_version(bad[0], new):
                raise self._not_running(bad, WENT_BACK)
            return True
        if any(count > 1 for slot, count in Counter(task.get("name") for task in bad).items() if slot not in running):
            raise self._not_running(bad)
        # By default Docker goes back as soon as one new task fails: to the version before, which is no task at all for
        # a stopped service. Slots that it did not reach keep their old task. Between two attempts of a crash loop there
        # is always a task that is C(ready); a container is C(restarting) then.
        running = running_slots(self._tasks)
        if not bad or live_slots([task for task in self._tasks if task not in bad]) != running:
            self._settled = None
        elif self._settled is None:
            self._settled = elapsed
        elif elapsed - self._settled >= SETTLED:
            raise self._not_running(bad, KEPT if len(running) >= minimum else "")
        return False

    def _inspect(self, ids: Sequence[str]) -> List[Row]:
        return inspect(self._client, self._service.row, ids)

    def _is_other_version(self, bad: Row, new: Sequence[Row]) -> bool:
        """Whether a failed task is of another version of the service than a running one."""
        running = next(task for task in new if running_slots([task]))
        specs = [config.get("Spec") for config in self._inspect([_id(bad), _id(running)])]
        return all(specs) and specs[0] != specs[1]

    def _new_ids(self, tasks: Sequence[Row]) -> List[str]:
        """The IDs of the tasks whose version is to be read."""
        candidates = tasks if self._any else ended(tasks)
        return [task_id for task_id in map(_id, candidates) if task_id not in self._known]

    def _leave_out_earlier(self, configs: Sequence[Row]) -> None:
        """Leave out tasks of an earlier version of the service that have come since the old tasks were read.

        :param configs: the new tasks, and their service, as Docker shows them.
        :raises NotRunning: Docker has returned to an earlier version, whose tasks may end as well.
        """
        if self._stack:
            self._leave_out_replaced()
            return
        ids = self._new_ids(self._tasks)
        if not ids:
            return
        self._known |= set(ids)
        self._versions.update(
            (task_id, _version(config)) for task_id, config in zip(ids, configs) if _version(config) is not None
        )
        current = _version(configs[len(ids)]) if len(configs) > len(ids) else None
        if current is None:
            return
        # A service that Docker has taken back has a lower one than the tasks that were deployed.
        deployed = max([current, *self._versions.values()])
        self._old |= {task_id for task_id, version in self._versions.items() if version < deployed}
        bad = self._bad()
        if bad and current < deployed:
            fails = not running_slots(self._tasks) and len(ended(self._tasks)) > len(bad)
            raise self._not_running(bad, WENT_BACK + (", which does not stay up either" if fails else ""))

    def _leave_out_replaced(self) -> None:
        """Leave out tasks of a stack that have ended and were of another version than the next one in their slot.

        :raises NotRunning: they are of the version that was deployed, and Docker has returned to the previous one.
        """
        newest = newest_tasks(self._tasks)
        pairs = [(task, newest[str(task.get("name"))]) for task in ended(self._new())]
        for pair in [pair for pair in pairs if pair[0] is not pair[1] and _id(pair[0]) not in self._known]:
            self._known |= {_id(pair[0])}
            configs = self._inspect([_id(task) for task in pair])
            specs = [config.get("Spec") for config in configs]
            if not all(specs) or specs[0] == specs[1]:
                continue
            (service,) = self._inspect([str(configs[0].get("ServiceID"))])
            if str((service.get("UpdateStatus") or {}).get("State")).startswith("rollback"):
                raise self._not_running([pair[0]], WENT_BACK)
            self._old |= {_id(pair[0])}

    def _not_running(self, bad: List[Row], instead: str = "") -> DokployError:
        """:param instead: what Docker did when it gave up the new version."""
        own = self._of_deployed_version(bad)
        log, whose = self._log(own[0]) if own else ([], "")
        task = (own or bad)[0]
        what = "does not stay up" if self._stack else "does not stay up: %d of its tasks have ended" % len(bad)
        if instead:
            what = "does not run as it is configured: a new task has ended, and Docker %s" % instead
        message = "%s %s (%s)" % (self.label, what, self._described(task))
        if log:
            message += "\nThe end of %s:\n%s" % (whose, "\n".join(log))
        else:
            message += "\n%s" % (_NO_LOG % _container(task) if own else _FORGOTTEN)
        return NotRunning(message, details={"running": running_facts(self._mode, self._tasks), "log": log})

    def _of_deployed_version(self, bad: List[Row]) -> List[Row]:
        """Those of the ended tasks that are not of another version, as the fingerprint in their labels tells.

        Docker keeps five tasks of a slot. When the version before keeps exiting as well, it may have forgotten the
        deployed one before anything has looked at it.
        """
        store = self._service.resource.deployable.fingerprint
        text = store.get(self._service.row.get(store.column)) if store.column else ""
        if self._period is None or self._stack or not text:
            return bad
        specs = container_specs(self._client, self._service.row, bad)
        return [task for task, spec in zip(bad, specs) if not spec or store.get(spec.get("Labels")) == text]

    def _log(self, bad: Row) -> Tuple[List[str], str]:
        """The log of an ended task, or of all containers, and which of them it is."""
        log, own = log_of_task(self._client, self._service, _id(bad), LOG_LINES)
        if own:
            return log, "the log of %s (%s)" % (_container(bad), bad.get("currentState"))
        # The server reads any container that runs, one that is about to end as well (measured on 0.30.2).
        others = any(str(task.get("currentState")).startswith("Running") for task in self._tasks if task is not bad)
        return log, _RUNNING_LOG if others else _ANY_LOG


def _container(task: Row) -> str:
    """The name of the container of a task, as C(docker ps) shows it."""
    name = str(task.get("name"))
    return name if task.get("keepsId") else "%s.%s" % (name, _id(task))


def _id(task: Row) -> str:
    return str(task.get("containerId"))


def _service_of(configs: Sequence[Row]) -> Optional[str]:
    """The ID of the service of tasks, as Docker shows them."""
    return next((config["ServiceID"] for config in configs if config.get("ServiceID")), None)


def _version(config: Row) -> Any:
    """The number that Dokploy raises in a service with each deployment, and that Docker lowers when it goes back."""
    spec: Mapping[str, Any] = config.get("Spec") or {}
    return (spec.get("TaskTemplate") or spec).get("ForceUpdate")


def late(service: Service, what: str, tasks: Sequence[Row]) -> DokployError:
    """The error for tasks that are not as wanted in time."""
    return WaitTimeout(
        "%s: %s" % (service.label, what),
        hint="Docker goes on trying; raise wait_timeout.",
        details={"running": running_facts(service.mode, tasks)},
    )
