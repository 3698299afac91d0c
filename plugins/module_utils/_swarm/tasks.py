# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Services in Docker Swarm and their tasks, as Docker shows them, and containers of a stack as if they were tasks.

The status that Dokploy stores does not describe containers: it stays C(done) in a crash loop, and both a stopped and a
new application are C(idle) (measured on Dokploy 0.30.2).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any, Dict, FrozenSet, Iterable, List, Mapping, Optional, Sequence, Set

from .._api.client import Call, Client
from .._model.resource import Resource

Row = Mapping[str, Any]

# Docker's desired states of a task that is to run: C(ready) is one behind another task, or between two attempts.
_LIVE = ("running", "ready")
_ENDED = ("Failed", "Rejected", "Complete", "Orphaned")
# Docker's state of a container -> the desired and the current state of a task like it.
_CONTAINER_STATES = {
    "running": ("running", "Running"),
    "paused": ("running", "Paused"),
    "restarting": ("ready", "Failed"),
    "exited": ("shutdown", "Failed"),
    "created": ("shutdown", "Rejected"),
}
# C(Up 3 seconds (healthy)), C(Exited (1) 3 seconds ago), C(Created).
_CONTAINER_STATUS = re.compile(r"\w+(?: \((?P<code>\d+)\))? ?(?P<age>.*?)(?: ago)?(?: \((?P<health>[^()]*)\))?\Z")
# Modes of services whose tasks end: Docker's own jobs, and tasks that Docker does not start again.
JOB, ONCE = "job", "once"
# Docker's default for C(Monitor) of an update.
MONITOR = 5.0


@dataclass(frozen=True)
class Service:
    """A service of Dokploy: the answer of its read, and its label in messages."""

    resource: Resource
    row: Row
    label: str = ""

    @property
    def id(self) -> str:
        return str(self.row.get(self.resource.id_key))

    @property
    def mode(self) -> ServiceMode:
        deployable = self.resource.deployable
        if deployable.containers is not None:
            return ServiceMode("stack", None)
        mode = mode_of(self.row)
        return replace(mode, name=ONCE) if deployable.runs_once(self.row) and mode.name != JOB else mode

    @property
    def path(self) -> str:
        """Its name and those of what it is in, as C(shop/production/web)."""
        environment = self.row.get("environment") or {}
        names = ((environment.get("project") or {}).get("name"), environment.get("name"), self.row.get("name"))
        return "/".join(str(name) for name in names if name)

    def input(self, **more: Any) -> Dict[str, Any]:
        """The input of a procedure that takes its ID."""
        return {self.resource.id_key: self.id, **more}


@dataclass(frozen=True)
class ServiceMode:
    """The mode of a service: Docker's C(replicated), C(global) or C(job), C(once) for tasks that end, of either of the
    first two, or C(stack) for several services.

    :param replicas: the desired number of tasks; C(None) where the swarm decides.
    """

    name: str
    replicas: Optional[int]

    @property
    def ends(self) -> bool:
        """Whether its tasks run to their end."""
        return self.name in (JOB, ONCE)

    @property
    def minimum(self) -> int:
        """The number of tasks that have to run."""
        return 1 if self.replicas is None else self.replicas


def mode_of(row: Row) -> ServiceMode:
    """The mode in a service's row: C(modeSwarm) overrides C(replicas)."""
    mode = row.get("modeSwarm") or {}
    if "Global" in mode:
        return ServiceMode("global", None)
    if "ReplicatedJob" in mode or "GlobalJob" in mode:
        return ServiceMode(JOB, None)
    replicas = row.get("replicas")
    if "Replicated" in mode:
        replicas = (mode["Replicated"] or {}).get("Replicas")
    return ServiceMode("replicated", 1 if replicas is None else int(replicas))


def can_run(service: Service) -> bool:
    """Whether tasks of a service run permanently: its deployment starts some, and they do not end."""
    return not service.mode.ends and starts_tasks(service)


def starts_tasks(service: Service) -> bool:
    """Whether a deployment of a service starts tasks. Docker's jobs cannot be deployed."""
    mode = service.mode
    return mode.name != JOB and mode.minimum > 0 and service.resource.deployable.starts(service.row)


def monitored(service: Service) -> float:
    """Seconds for which Docker watches a new task, to roll the update back when it fails; 0 without a rollback."""
    update = service.row.get("updateConfigSwarm")
    if service.mode.name == "stack":
        return 0.0
    if update is None:
        # Dokploy's own default, from 0.29.0 on.
        return MONITOR
    if update.get("FailureAction") != "rollback":
        return 0.0
    return (update.get("Monitor") or 0) / 1e9 or MONITOR


def docker_call(procedure: str, row: Row, **input: Any) -> Call:
    """A query about Docker on the server of a service."""
    return Call(procedure, {**input, **({"serverId": row["serverId"]} if row.get("serverId") else {})})


def tasks_call(service: Service) -> Call:
    """The query for the tasks of a service; its answer is for C(tasks_in)."""
    containers, row = service.resource.deployable.containers, service.row
    procedure, more = containers(row) if containers is not None else ("docker.getServiceContainersByAppName", {})
    return docker_call(procedure, row, appName=row.get("appName"), **more)


def tasks_in(answer: Any) -> List[Row]:
    """The tasks of a service, newest first within a slot; a container is a slot with one task."""
    return [task if "currentState" in task else _task_of(task) for task in answer or ()]


def _task_of(container: Row) -> Row:
    """A container outside of the swarm as a task, which keeps its ID when it restarts."""
    state, current = _CONTAINER_STATES.get(str(container.get("state")), ("remove", "Shutdown"))
    status = _CONTAINER_STATUS.match(str(container.get("status") or ""))
    code, age, health = status.group("code", "age", "health") if status else (None, "", None)
    error = ""
    if container.get("state") == "exited" and code in ("0", None):
        # A server that shows no status does not tell how it has ended.
        current = "Complete"
    elif code is not None:
        error = "exit code %s" % code
    elif current == "Rejected":
        error = "created, but not started"
    elif health == "unhealthy":
        current, error = "Failed", health
    elif "starting" in (health or ""):
        current = "Starting"
    age = "%s ago" % age.lower() if age and state != "remove" else ""
    facts = {"name": container.get("name"), "state": state, "node": None, "error": error}
    return {
        **facts,
        "containerId": container.get("containerId"),
        "currentState": " ".join(filter(None, (current, age))),
        "keepsId": True,
    }


def read_tasks(client: Client, service: Service) -> List[Row]:
    """The tasks of a service, as C(tasks_in) gives them; none when there is no service.

    :raises PermissionDenied: the key may not read Docker.
    """
    return tasks_in(client.query(*tasks_call(service)))


def inspect(client: Client, row: Row, ids: Iterable[str]) -> List[Row]:
    """Tasks or services of Docker's; an empty one where Docker has forgotten it or the server does not show it."""
    calls = inspect_calls(row, ids)
    return inspected(client.call_many(calls) if calls else ())


def inspect_calls(row: Row, ids: Iterable[str]) -> List[Call]:
    """The queries for tasks, services, networks or images of Docker's; their answers are for C(inspected)."""
    return [docker_call("docker.getConfig", row, containerId=resource_id) for resource_id in ids]


def inspected(answers: Iterable[Any]) -> List[Row]:
    """What Docker shows; empty where it has forgotten it, or the server does not show it."""
    return [answer if isinstance(answer, Mapping) else {} for answer in answers]


def container_specs(client: Client, row: Row, tasks: Sequence[Row]) -> List[Row]:
    """The C(ContainerSpec) of tasks, empty where it is unknown."""
    configs = inspect(client, row, [str(task.get("containerId")) for task in tasks])
    return [(config.get("Spec") or {}).get("ContainerSpec") or {} for config in configs]


def running_slots(tasks: Sequence[Row], settled: bool = True) -> Set[str]:
    """The slots with a running task.

    :param settled: without tasks in their first second, since a container that exits at once is seen running as well.
    """
    return {
        str(task.get("name"))
        for task in tasks
        if task.get("state") == "running"
        and str(task.get("currentState")).startswith("Running")
        and not (settled and "less than a second" in str(task.get("currentState")))
    }


def live_tasks(tasks: Sequence[Row]) -> List[Row]:
    """The tasks that run or are about to. Those of a stopped service linger, as C(remove) or C(shutdown)."""
    return [task for task in tasks if task.get("state") in _LIVE]


def live_slots(tasks: Sequence[Row]) -> Set[str]:
    """The slots with a task that runs or is about to."""
    return {str(task.get("name")) for task in live_tasks(tasks)}


def ended(tasks: Sequence[Row]) -> List[Row]:
    """The tasks that ended by themselves."""
    return [task for task in tasks if str(task.get("currentState")).startswith(_ENDED)]


def newest_tasks(tasks: Sequence[Row]) -> Dict[str, Row]:
    """The newest task of each slot."""
    return {str(task.get("name")): task for task in reversed(tasks)}


def finished_slots(tasks: Sequence[Row]) -> Set[str]:
    """The slots whose last task has ended without an error and is not started again."""
    live, newest = live_slots(tasks), newest_tasks(tasks)
    return {name for name, task in newest.items() if str(task.get("currentState")).startswith("Complete")} - live


def wanted_slots(tasks: Sequence[Row]) -> Set[str]:
    """The slots of a stack with a task that runs or is about to, or whose last task has ended with an error."""
    last = {name for name, task in newest_tasks(tasks).items() if ended([task])}
    return live_slots(tasks) | (last - finished_slots(tasks))


def ids_of(tasks: Sequence[Row]) -> FrozenSet[str]:
    """The IDs that tell tasks from later ones; a container that restarts keeps its own."""
    return frozenset(str(task.get("containerId")) for task in tasks if not task.get("keepsId"))


def running_facts(mode: ServiceMode, tasks: Sequence[Row], running: Optional[int] = None) -> Dict[str, Any]:
    """The tasks as results show them; C(replicas_wanted) is C(None) for a service that is global or runs to
    its end."""
    wanted = None if mode.ends else mode.replicas
    if mode.name == "stack":
        wanted = len(wanted_slots(tasks)) if running is None else running
    return {
        "replicas_wanted": wanted,
        "replicas_running": len(running_slots(tasks)) if running is None else running,
        "tasks": [
            {
                "name": task.get("name"),
                "desired_state": task.get("state"),
                "current_state": task.get("currentState"),
                "error": _error(task),
                "node": task.get("node"),
            }
            for task in tasks
        ],
    }


def _error(task: Row) -> str:
    """Docker's error of a task, without its quotes; C(Error:) alone is no error."""
    error = str(task.get("error") or "")
    return "" if error == "Error:" else error.strip('"')


def task_text(task: Row) -> str:
    """C(Failed 3 seconds ago: task: non-zero exit (1))."""
    return ": ".join(part for part in (str(task.get("currentState")), _error(task)) if part)
