# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The plans for the states of a service, from what was observed alone."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._engine.plan import Write
from ansible_collections.community.dokploy.plugins.module_utils._errors import Refused
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import APPLICATION
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.compose import COMPOSE
from ansible_collections.community.dokploy.plugins.module_utils._swarm.states import PLANS, ServiceState, StatePlan
from ansible_collections.community.dokploy.plugins.module_utils._swarm.tasks import Service
from tests.support.sample_rows import APPLICATION_ID, application

DEPLOYED = {"deployments": [{"status": "done"}], "applicationStatus": "idle"}
BODY, RELOADED = {"applicationId": APPLICATION_ID}, {"applicationId": APPLICATION_ID, "appName": "web-1"}


def task(number: int, current: str = "Running 3 seconds ago", state: str = "running") -> dict[str, Any]:
    return {"containerId": f"task{number}", "name": f"web-1.{number}", "state": state, "currentState": current}


STARTING = task(1, "Preparing 1 second ago")


def planned(state: str, row: dict[str, Any], tasks: list[dict[str, Any]]) -> StatePlan:
    service = Service(APPLICATION, application(appName="web-1", **{**DEPLOYED, **row}), "application web")
    return PLANS[state](ServiceState(service, tasks))


@pytest.mark.parametrize(
    ("state", "row", "tasks", "request_", "before", "after", "running"),
    [
        ("started", {}, [task(1)], None, 1, 1, 1),
        ("started", {}, [STARTING], None, 1, 1, 0),
        ("started", {}, [], ("application.start", BODY), 0, 1, 1),
        ("started", {"replicas": 2}, [task(1)], ("application.reload", RELOADED), 1, 2, 2),
        ("started", {"applicationStatus": "done"}, [], ("application.reload", RELOADED), 0, 1, 1),
        ("stopped", {}, [], None, 0, 0, 0),
        ("stopped", {}, [STARTING], ("application.stop", BODY), 1, 0, 0),
        ("reloaded", {}, [task(1)], ("application.reload", RELOADED), 1, "1 (new ones)", 1),
        ("reloaded", {"replicas": 0}, [], ("application.reload", RELOADED), 0, "0 (new ones)", 0),
        (
            "reloaded",
            {"modeSwarm": {"ReplicatedJob": {}}},
            [],
            ("application.reload", RELOADED),
            0,
            "a job (new ones)",
            1,
        ),
    ],
)
def test_the_plan_of_a_state(
    state: str, row: dict[str, Any], tasks: list[Any], request_: Any, before: Any, after: Any, running: int
) -> None:
    found = planned(state, row, tasks)
    assert [(step.procedure, step.body) for step in found.steps if isinstance(step, Write)] == [request_] * len(
        found.steps
    )
    assert len(found.steps) == (request_ is not None)
    assert (found.difference.before, found.difference.after) == ({"running": before}, {"running": after})
    assert found.difference.changed == (request_ is not None)
    assert found.facts["replicas_running"] == running
    assert found.obstacle is None


def test_an_obstacle_is_part_of_the_plan() -> None:
    for state, row, promise in (
        ("started", {"deployments": []}, "deploys it"),
        ("reloaded", {"deployments": []}, "deploys it"),
        ("started", {"replicas": 0}, "sets replicas"),
    ):
        found = planned(state, row, [])
        assert found.obstacle is not None and found.obstacle[1] == promise
        assert len(found.steps) == 1


def test_a_stack_with_services_that_have_ended_is_running() -> None:
    row = {"composeId": "c", "name": "web", "appName": "web-1", "composeType": "docker-compose", "sourceType": "raw"}
    finished = {**task(2, "Complete 3 seconds ago", "shutdown"), "keepsId": True}
    found = PLANS["started"](ServiceState(Service(COMPOSE, row, "stack web"), [task(1), finished]))
    assert (found.steps, found.after, found.polls) == ((), 1, None)


def test_what_docker_does_not_support_is_refused() -> None:
    with pytest.raises(Refused, match="global mode"):
        planned("stopped", {"modeSwarm": {"Global": {}}}, [task(1)])
    with pytest.raises(Refused, match="a job of Docker's"):
        planned("started", {"modeSwarm": {"ReplicatedJob": {}}}, [])
