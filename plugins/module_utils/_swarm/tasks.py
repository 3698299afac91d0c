# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The tasks of an application's swarm service: what Docker itself says of it.

C(applicationStatus) says nothing about containers: a crash loop stays C(done), and C(idle) is what a stopped and a
fresh application have in common (measured on Dokploy 0.30.2).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, FrozenSet, List, Mapping, Optional, Sequence, Set

from ansible_collections.community.dokploy.plugins.module_utils._api.client import Call, Client
from ansible_collections.community.dokploy.plugins.module_utils._engine.reads import shaped

Row = Mapping[str, Any]

# What Docker wants of a task that is to run: a task behind another one, or between two attempts, is wanted C(ready).
_LIVE = ("running", "ready")
_ENDED = ("Failed", "Rejected", "Complete", "Orphaned")
# Seconds for which Docker watches a new task when the update does not say.
MONITOR = 5.0


@dataclass(frozen=True)
class Wanted:
    """How many tasks a service is to have.

    :param mode: C(replicated), C(global) or C(job).
    :param replicas: C(None) in the modes in which the swarm decides.
    """

    mode: str
    replicas: Optional[int]

    @property
    def least(self) -> int:
        """The number that has to run; a global service runs where the swarm has nodes for it."""
        return 1 if self.replicas is None else self.replicas


def wanted_of(row: Row) -> Wanted:
    """What a row asks for: C(modeSwarm) overrides C(replicas)."""
    mode = row.get("modeSwarm") or {}
    if "Global" in mode:
        return Wanted("global", None)
    if "ReplicatedJob" in mode or "GlobalJob" in mode:
        return Wanted("job", None)
    replicas = row.get("replicas")
    if "Replicated" in mode:
        replicas = (mode["Replicated"] or {}).get("Replicas")
    return Wanted("replicated", 1 if replicas is None else int(replicas))


def monitored(row: Row) -> float:
    """Seconds for which Docker watches a new task, to roll the update back when it fails; 0 where it never does."""
    update = row.get("updateConfigSwarm")
    if update is None:
        # Dokploy's own default, from 0.29.0 on.
        return MONITOR
    if update.get("FailureAction") != "rollback":
        return 0.0
    return (update.get("Monitor") or 0) / 1e9 or MONITOR


def tasks_call(row: Row) -> Call:
    """The query for the tasks of an application's service, where it runs."""
    input = {"appName": row.get("appName")}
    if row.get("serverId"):
        input["serverId"] = row["serverId"]
    return Call("docker.getServiceContainersByAppName", input)


def inspect_call(row: Row, resource_id: str) -> Call:
    """The query for what Docker knows of a task or a service, where an application runs."""
    input = {"containerId": resource_id}
    if row.get("serverId"):
        input["serverId"] = row["serverId"]
    return Call("docker.getConfig", input)


def read_tasks(client: Client, row: Row) -> List[Row]:
    """The tasks of an application's service, newest first within a slot; none when there is no service.

    :raises PermissionDenied: the key may not look at Docker.
    """
    call = tasks_call(row)
    tasks: List[Row] = shaped(client.query(call.procedure, call.input), list, call.procedure)
    return tasks


def running_slots(tasks: Sequence[Row], settled: bool = True) -> Set[str]:
    """The slots of which a task runs.

    For the first second that says nothing, since a container that exits at once is seen running as well.

    :param settled: leave out those in their first second.
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
    """The slots of which a task runs or is about to."""
    return {str(task.get("name")) for task in live_tasks(tasks)}


def ended(tasks: Sequence[Row]) -> List[Row]:
    """The tasks that came to an end by themselves."""
    return [task for task in tasks if str(task.get("currentState")).startswith(_ENDED)]


def running_facts(wanted: Wanted, tasks: Sequence[Row], running: Optional[int] = None) -> Dict[str, Any]:
    """The tasks in our words; C(replicas_wanted) is C(None) for a service that is global or a job."""
    return {
        "replicas_wanted": wanted.replicas,
        "replicas_running": len(running_slots(tasks)) if running is None else running,
        "tasks": [
            {
                "name": task.get("name"),
                "state": task.get("state"),
                "current_state": task.get("currentState"),
                "error": why(task),
                "node": task.get("node"),
            }
            for task in tasks
        ],
    }


def ids_of(tasks: Sequence[Row]) -> FrozenSet[str]:
    return frozenset(str(task.get("containerId")) for task in tasks)


def why(task: Row) -> str:
    """Docker's words for what is wrong with a task, without their quotes; the word C(Error:) alone means nothing."""
    error = str(task.get("error") or "")
    return "" if error == "Error:" else error.strip('"')


def in_words(task: Row) -> str:
    """C(Failed 3 seconds ago: task: non-zero exit (1))."""
    return ": ".join(part for part in (str(task.get("currentState")), why(task)) if part)
