# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes whose response is lost: the operation reads again, and continues with what is left to do."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from dokploy_simulator import Simulator
from tests.support.effort import THOROUGH, sampled
from tests.system.fault_injection.case import CaseRunner
from tests.system.fault_injection.deployment_scenarios import FILES, archive
from tests.system.fault_injection.resource_scenarios import (
    APPLICATION,
    CHILDREN,
    CREATE,
    HOME,
    UPDATE,
    WEB,
    existing,
    others,
    play,
)
from tests.system.fault_injection.server_state import differences, state_of
from tests.system.fault_injection.task_runner import Scenario, Task, TaskRunner

# What a proxy says of a server that does not answer, before or after the server has carried it out.
LOST: dict[str, dict[str, Any]] = {
    "502": {"kind": "html", "status": 502},
    "503": {"kind": "status", "status": 503, "body": "", "headers": {"Retry-After": "1"}},
    "504": {"kind": "status", "status": 504, "body": "Gateway Timeout", "content_type": "text/plain"},
    "cut": {"kind": "cut_body"},
}
ALL_GONE: tuple[Task, ...] = (
    ("dokploy_application", {**HOME, "name": "web", "state": "absent"}),
    ("dokploy_project", {"name": "shop", "state": "absent", "force": True}),
)
DEPLOY: tuple[Task, ...] = (("dokploy_deployment", {**WEB, "title": "Ours"}),)


@pytest.fixture(scope="module")
def stage() -> Iterator[CaseRunner]:
    """One for all, since it keeps what a scenario comes to without a fault."""
    with Simulator() as sim:
        yield CaseRunner(sim)


def lose(sim: Simulator, share: float, seed: int) -> None:
    """Each request meets a 502 by that chance, half of them after the server has carried it out."""
    chance = random.Random(seed)
    for nth in range(1, 1500):
        if chance.random() < share:
            sim.fault(kind="html", status=502, nth=nth, after=chance.random() < 0.5)


PLAYS: dict[str, tuple[tuple[Task, ...], Callable[[Simulator], None]]] = {
    "create": (CREATE, others),
    "update": (UPDATE, existing),
    "absent": (ALL_GONE, existing),
    "deployment": (DEPLOY, existing),
    "children": (
        (
            ("dokploy_port", {**WEB, **CHILDREN["ports"][0]}),
            ("dokploy_basic_auth", {**WEB, **CHILDREN["basic_auth"][0]}),
            ("dokploy_mount", {**WEB, **CHILDREN["mounts"][1]}),
            ("dokploy_patch", {**WEB, "path": "a.txt", "content": "one\n"}),
        ),
        lambda sim: play(sim, *CREATE[:2], ("dokploy_application", APPLICATION)),
    ),
}


@pytest.mark.parametrize("seed", [1, 2] if THOROUGH else [1])
@pytest.mark.parametrize("name", sampled(sorted(PLAYS), 2))
def test_a_play_gets_through_when_two_of_three_requests_fail(name: str, seed: int, stage: CaseRunner) -> None:
    tasks, prepare = PLAYS[name]
    scenario, sim = Scenario("play: " + name, tasks, prepare), stage.sim
    wanted = stage.reference(scenario)
    stage.begin(wanted.snapshot, scenario)
    lose(sim, 2 / 3, seed)
    results = TaskRunner(sim, retries=30).all(tasks)
    assert [result.get("msg") for result in results] == [None] * len(tasks)
    assert all(result["changed"] for result in results)
    sim.reset(state=False)
    sim.settle()
    assert not differences(state_of(sim), wanted.end)
    again = TaskRunner(sim).all(tasks)
    assert not any(result["changed"] for result in again), again


# --- one write, and what its answer becomes --------------------------------------------------------------------------

ONE: dict[str, tuple[str, Task, Callable[[Simulator], None]]] = {
    "project": ("project.create", ("dokploy_project", {"name": "new", "description": "New"}), others),
    "application": ("application.create", ("dokploy_application", {**HOME, "name": "new"}), existing),
    "update": ("application.update", ("dokploy_application", {**HOME, "name": "web", "replicas": 5}), existing),
    "child": ("port.create", ("dokploy_port", {**WEB, "published_port": 1, "target_port": 1}), existing),
    "children": (
        "domain.create",
        ("dokploy_application", {**HOME, "name": "web", "domains": [{"host": "b.example.com"}]}),
        existing,
    ),
    "absent": ("application.delete", ("dokploy_application", {**HOME, "name": "web", "state": "absent"}), existing),
    "deployed": ("application.deploy", DEPLOY[0], existing),
    "redeployed": ("application.redeploy", ("dokploy_deployment", {**WEB, "state": "redeployed"}), existing),
    "archive": (
        "application.dropDeployment",
        ("dokploy_deployment", {**HOME, "application": "files", "archive": archive()}),
        lambda sim: play(sim, *CREATE[:2], FILES),
    ),
    "traefik": (
        "application.updateTraefikConfig",
        ("dokploy_traefik_config", {**WEB, "content": {"http": {"routers": {"own": {"rule": "Host(`a`)"}}}}}),
        existing,
    ),
}


@pytest.mark.parametrize("how", [*LOST, *(how + " after" for how in LOST if how != "cut")])
@pytest.mark.parametrize("name", sampled(sorted(ONE), 2))
def test_one_lost_answer(name: str, how: str, stage: CaseRunner) -> None:
    """It is sent again only where it had no effect; the result is that of a run without a fault."""
    procedure, task, prepare = ONE[name]
    scenario, sim = Scenario(name, (task,), prepare, idempotent=name != "redeployed"), stage.sim
    wanted = stage.reference(scenario)
    stage.begin(wanted.snapshot, scenario)
    undisturbed = TaskRunner(sim).run(task)
    stage.begin(wanted.snapshot, scenario)
    fault, _blank, after = how.partition(" ")
    sim.fault(**LOST[fault], procedure=procedure, **({"after": True} if after else {}))
    result = TaskRunner(sim, retries=1).run(task)
    assert not result.get("failed"), result["msg"]
    assert result["changed"]
    assert result["diff"]["before_header"] == undisturbed["diff"]["before_header"]
    assert without_ids(result["diff"]["after"]) == without_ids(undisturbed["diff"]["after"])
    assert result.get("deploy_needed") == undisturbed.get("deploy_needed")
    sim.settle()
    assert not differences(state_of(sim), wanted.end)
    carried_out = sim.calls("mutation").count(procedure)
    assert carried_out == (1 if after or how == "cut" else 2)


@pytest.fixture
def shop(sim: Simulator) -> Simulator:
    existing(sim)
    sim.reset_stats()
    return sim


def without_ids(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_ids(item) for key, item in value.items() if not key.endswith("_id")}
    return value


def test_it_is_sent_again_no_more_often_than_is_allowed(shop: Simulator) -> None:
    shop.fault(**LOST["502"], procedure="application.update", times=-1)
    result = TaskRunner(shop, retries=3).run(("dokploy_application", {**HOME, "name": "web", "replicas": 5}))
    assert "HTTP 502" in result["msg"]
    assert "whether it took effect is unknown, after 4 attempts" in result["msg"]
    assert shop.calls("mutation").count("application.update") == 4


@pytest.mark.parametrize(
    ("procedure", "task"),
    [
        ("project.create", ("dokploy_api", {"procedure": "project.create", "input": {"name": "raw"}})),
        ("application.refreshToken", ("dokploy_application_action", {**WEB, "action": "refresh_token"})),
    ],
)
def test_a_write_whose_effect_cannot_be_read_fails(procedure: str, task: Task, shop: Simulator) -> None:
    shop.fault(**LOST["502"], procedure=procedure, after=True)
    result = TaskRunner(shop, retries=5).run(task)
    assert result["failed"]
    assert result["changed"]
    assert "whether it took effect is unknown" in result["msg"]
    assert shop.calls("mutation").count(procedure) == 1


def test_a_run_without_an_answer_is_found_by_its_record(shop: Simulator) -> None:
    shop.fault(**LOST["502"], procedure="schedule.runManually", after=True)
    result = TaskRunner(shop, retries=5).run(("dokploy_schedule", {**WEB, "name": "cleanup", "state": "executed"}))
    # The application has no container in which the command could run.
    assert (result["changed"], result["run"]["status"]) == (True, "error")
    assert "unknown" not in result["msg"]
    assert shop.calls("mutation").count("schedule.runManually") == 1


def test_no_answer_in_time_is_no_reason_to_send_it_again(shop: Simulator) -> None:
    """The server may be at it still."""
    shop.fault(kind="hang", procedure="application.update")
    one = TaskRunner(shop, retries=5)
    one._connection["request_timeout"] = 0.2
    result = one.run(("dokploy_application", {**HOME, "name": "web", "replicas": 5}))
    assert "whether it took effect is unknown" in result["msg"]
    assert shop.calls("mutation").count("application.update") == 1
