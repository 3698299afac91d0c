# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Containers outside of the swarm as tasks, and rollouts of several services."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._engine.wait import Waiter, wait_for
from ansible_collections.community.dokploy.plugins.module_utils._errors import DokployError, NotRunning, WaitTimeout
from ansible_collections.community.dokploy.plugins.module_utils._model.deployable import Deployable
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Resource
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import APPLICATION
from ansible_collections.community.dokploy.plugins.module_utils._swarm.rollout import SETTLED, Rollout
from ansible_collections.community.dokploy.plugins.module_utils._swarm.tasks import (
    Service,
    finished_slots,
    ids_of,
    live_slots,
    running_slots,
    tasks_in,
    wanted_slots,
)
from tests.support.fake_clients import FakeClock, TimedAnswer, TimedClient
from tests.support.sample_rows import application

QUERY = "docker.getContainersByAppNameMatch"
PERIOD = 5.0


def stack_of(query: str) -> Resource:
    deployable = Deployable(containers=lambda row: (query, {"appType": "docker-compose"}), logs="compose.readLogs")
    return replace(APPLICATION, deployable=deployable)


def container(name: str, status: str = "Up 3 seconds") -> dict[str, Any]:
    state = {"Up": "running", "Exited": "exited", "Restarting": "restarting", "Created": "created", "Dead": "dead"}
    found = "paused" if "Paused" in status else state[status.split(" ")[0]]
    return {"containerId": f"id-{name}", "name": f"shop-{name}-1", "state": found, "status": status}


def task(number: int, slot: str, current: str = "Running 3 seconds ago", state: str = "running") -> dict[str, Any]:
    name, error = f"shop_{slot}", "task: non-zero exit (1)" if current.startswith("Failed") else ""
    shown = {"name": name, "state": state, "currentState": current, "node": "vm", "error": error}
    return {"containerId": f"task{number}", **shown}


@pytest.mark.parametrize(
    ("status", "state", "current", "error"),
    [
        ("Up 3 seconds", "running", "Running 3 seconds ago", ""),
        ("Up Less than a second", "running", "Running less than a second ago", ""),
        ("Up About a minute (healthy)", "running", "Running about a minute ago", ""),
        ("Up 3 seconds (health: starting)", "running", "Starting 3 seconds ago", ""),
        ("Up 3 hours (unhealthy)", "running", "Failed 3 hours ago", "unhealthy"),
        ("Up 2 minutes (Paused)", "running", "Paused 2 minutes ago", ""),
        ("Restarting (1) 3 seconds ago", "ready", "Failed 3 seconds ago", "exit code 1"),
        ("Restarting (0) 3 seconds ago", "ready", "Failed 3 seconds ago", "exit code 0"),
        ("Exited (0) 4 seconds ago", "shutdown", "Complete 4 seconds ago", ""),
        ("Exited (137) About an hour ago", "shutdown", "Failed about an hour ago", "exit code 137"),
        ("Created", "shutdown", "Rejected", "created, but not started"),
        ("Dead", "remove", "Shutdown", ""),
    ],
)
def test_a_container_as_a_task(status: str, state: str, current: str, error: str) -> None:
    (found,) = tasks_in([container("web", status)])
    assert (found["state"], found["currentState"], found["error"]) == (state, current, error)
    assert (found["containerId"], found["name"], found["node"]) == ("id-web", "shop-web-1", None)


def test_an_ended_container_without_a_status() -> None:
    (found,) = tasks_in([{"containerId": "a", "name": "shop-web-1", "state": "exited"}])
    assert (found["state"], found["currentState"], found["error"]) == ("shutdown", "Complete", "")


def test_the_sets_of_containers() -> None:
    found = tasks_in(
        [
            container("web"),
            container("slow", "Up 1 second (health: starting)"),
            container("loop", "Restarting (1) 1 second ago"),
            container("migrate", "Exited (0) 4 seconds ago"),
            container("gone", "Exited (1) 4 seconds ago"),
        ]
    )
    assert running_slots(found) == {"shop-web-1"}
    assert live_slots(found) == {"shop-web-1", "shop-slow-1", "shop-loop-1"}
    assert finished_slots(found) == {"shop-migrate-1"}
    assert wanted_slots(found) == {"shop-web-1", "shop-slow-1", "shop-loop-1", "shop-gone-1"}
    # A container that restarts keeps its ID, so that IDs do not tell old from new.
    assert ids_of(found) == frozenset()
    assert tasks_in(None) == []
    assert tasks_in([task(1, "web.1")]) == [task(1, "web.1")]


class Watched:
    """One rollout of a stack: what was ``found``, the ``error``, and when."""

    def __init__(self, tasks: Any, *, old: frozenset[str] = frozenset(), specs: Any = (), **answers: Any) -> None:
        clock = FakeClock()
        given = {QUERY.replace(".", "__"): tasks, "docker__getConfig": None, "compose__readLogs": "", **answers}
        self.client: Any = TimedClient(clock, **given)
        for number, spec in dict(specs).items():
            self.client.answers[f"docker.getConfig task{number}"] = spec
        waiter = Waiter(clock, clock.sleep)
        rollout = Rollout(Service(stack_of(QUERY), application(), "shop"), self.client, waiter, old, period=PERIOD)
        (found,) = wait_for(self.client, waiter, [rollout], 60)
        self.error: Any = found if isinstance(found, DokployError) else None
        self.passed: float = self.client.passed

    def ends(self, seconds: float) -> bool:
        return seconds <= self.passed <= seconds + 1.5


def test_all_containers_have_to_run_but_those_that_have_completed() -> None:
    young = [container("web", "Up 1 second (health: starting)"), container("migrate", "Up 1 second")]
    watched = Watched(TimedAnswer((0, young), (4, [container("web"), container("migrate", "Exited (0) 1 second ago")])))
    assert watched.error is None
    assert watched.ends(4 + PERIOD)


def test_a_stack_that_only_runs_once() -> None:
    watched = Watched([container("migrate", "Exited (0) 1 second ago")])
    assert watched.error is None
    assert watched.ends(PERIOD)


@pytest.mark.parametrize(
    ("status", "shown"),
    [
        ("Exited (3) 4 seconds ago", "Failed 4 seconds ago: exit code 3"),
        ("Restarting (1) 1 second ago", "Failed 1 second ago: exit code 1"),
        ("Up 9 seconds (unhealthy)", "Failed 9 seconds ago: unhealthy"),
        ("Created", "Rejected: created, but not started"),
    ],
)
def test_what_does_not_stay_up(status: str, shown: str) -> None:
    log = "2026-11-26T00:00:00.000000000Z it broke\n"
    watched = Watched([container("db"), container("web", status)], compose__readLogs=log)
    assert isinstance(watched.error, NotRunning)
    assert watched.ends(SETTLED)
    assert f"shop does not stay up (shop-web-1: {shown})\nThe end of the log of shop-web-1 (" in watched.error.message
    assert watched.error.details["log"] == ["2026-11-26T00:00:00.000000000Z it broke"]


def test_a_loop_with_moments_of_running() -> None:
    up, down = [container("web", "Up 1 second")], [container("web", "Restarting (1) 1 second ago")]
    watched = Watched(TimedAnswer((0, up), (2, down), (4, up), (6, down), (9, up), (11, down)))
    assert isinstance(watched.error, NotRunning)
    assert watched.passed < 13


def test_one_that_comes_up_at_the_second_attempt() -> None:
    watched = Watched(TimedAnswer((0, [container("web", "Restarting (1) 1 second ago")]), (2, [container("web")])))
    assert watched.error is None
    assert watched.ends(2 + PERIOD)


def test_nothing_comes_up() -> None:
    watched = Watched([])
    assert isinstance(watched.error, WaitTimeout)
    assert "0 of 1 run after 60 s (no task of it has come up)" in watched.error.message


def test_a_container_that_does_not_become_healthy() -> None:
    watched = Watched([container("db"), container("web", "Up 9 seconds (health: starting)")])
    assert isinstance(watched.error, WaitTimeout)
    assert "1 of 2 run after 60 s (the newest task: shop-web-1: Starting 9 seconds ago)" in watched.error.message


def test_a_container_without_a_log() -> None:
    message = "Error response from daemon: No such container: id-web\n"
    watched = Watched([container("web", "Exited (1) 1 second ago")], compose__readLogs=message)
    assert watched.error.message.endswith(" has left no log.")
    assert watched.error.details["log"] == []


# --- stacks of the swarm ---------------------------------------------------------------------------------------------


def test_unchanged_services_of_a_stack_keep_their_tasks() -> None:
    tasks = [task(1, "db.1"), task(3, "web.1"), task(2, "web.1", "Shutdown 3 seconds ago", "shutdown")]
    watched = Watched(tasks, old=frozenset({"task1", "task2"}))
    assert watched.error is None


def test_a_missing_image_of_a_stack() -> None:
    rejected = [task(number, "web.1", "Rejected 2 seconds ago", "shutdown") for number in (3, 2)]
    watched = Watched([task(1, "db.1"), task(4, "web.1", "Preparing 1 second ago"), *rejected])
    assert isinstance(watched.error, NotRunning)


def test_a_service_of_a_stack_that_runs_once_after_a_failure() -> None:
    ended = [
        task(3, "job.1", "Complete 1 second ago", "shutdown"),
        task(2, "job.1", "Failed 9 seconds ago", "shutdown"),
    ]
    watched = Watched([task(1, "db.1"), *ended])
    assert watched.error is None


def test_failed_tasks_of_the_version_before_do_not_count() -> None:
    failed = [task(number, "web.1", "Failed 2 seconds ago", "shutdown") for number in (3, 2)]
    tasks = TimedAnswer((0, [task(4, "web.1", "Preparing 1 second ago"), *failed]), (8, [task(4, "web.1"), *failed]))
    old, new = ({"Spec": {"Image": f"web:{number}"}, "ServiceID": "task9"} for number in (1, 2))
    watched = Watched(tasks, specs={2: old, 3: old, 4: new})
    assert watched.error is None
    assert watched.ends(8 + PERIOD)
    back = Watched(tasks, specs={2: old, 3: old, 4: new, 9: {"UpdateStatus": {"State": "rollback_started"}}})
    assert isinstance(back.error, NotRunning)
    assert "a new task has ended, and Docker went back to the version before (shop_web.1: Failed" in back.error.message


def test_the_log_of_a_task_is_that_of_its_container() -> None:
    failed = [task(number, "web.1", "Failed 2 seconds ago", "shutdown") for number in (3, 2)]
    spec = {"Spec": {}, "Status": {"ContainerStatus": {"ContainerID": "c0ffee"}}}
    watched = Watched(failed, specs={3: spec, 2: spec})
    assert isinstance(watched.error, NotRunning)
    (asked,) = [call for request in watched.client.asked for call in request if call[0] == "compose.readLogs"]
    assert asked[1]["containerId"] == "c0ffee"
