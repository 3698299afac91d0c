# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The verification and the cancellation of deployments of compose stacks, and their history, on the simulator."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._resources.actions.deployment import (
    OPERATION as DEPLOYMENT,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.actions.deployment_history import (
    INFO_OPERATION as INFO,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.projects.project import OPERATION as PROJECT
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import (
    OPERATION as APPLICATION,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.compose import OPERATION as COMPOSE
from ansible_collections.community.dokploy.plugins.module_utils._swarm import rollout
from tests.support.builders import wait_until_building, wait_until_idle
from tests.support.host import Host
from tests.support.module_docs import documentation, undocumented

PLACE: dict[str, Any] = {"project": "shop", "environment": "production"}
STACK: dict[str, Any] = {**PLACE, "compose": "metrics", "verify_period": 0.1}
FILE = "services:\n  web:\n    image: nginx:1\n  db:\n    image: postgres:15\n"
JOB = FILE + "  migrate:\n    image: shop:1\n    command: exit 0\n"


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rollout, "SETTLED", 0.2)


@pytest.fixture
def shop(host: Host) -> Host:
    host.ok(PROJECT, name="shop")
    return host


def state(host: Host, content: str = FILE, **options: Any) -> str:
    host.new_task()
    made = host.ok(COMPOSE, **PLACE, name="metrics", raw={"content": content}, **options)
    host.new_task()
    host.sim.reset_stats()
    return str(made["compose"]["compose_id"])


@pytest.mark.parametrize("kind", ["docker-compose", "stack"])
def test_all_containers_are_verified(shop: Host, kind: str) -> None:
    state(shop, type=kind)
    result = shop.ok(DEPLOYMENT, **STACK)
    names = {
        task["name"].split("-")[-2 if kind == "docker-compose" else -1].split("_")[-1]
        for task in result["running"]["tasks"]
    }
    assert names == ({"web", "db"} if kind == "docker-compose" else {"web.1", "db.1"})
    assert (result["running"]["replicas_wanted"], result["running"]["replicas_running"]) == (2, 2)
    assert undocumented(result, documentation()["dokploy_deployment"]["return"]) == []


def test_a_service_that_runs_once(shop: Host) -> None:
    state(shop, JOB)
    result = shop.ok(DEPLOYMENT, **STACK)
    assert [one["current_state"].split()[0] for one in result["running"]["tasks"] if "migrate" in one["name"]] == [
        "Complete"
    ]
    assert not shop.ok(DEPLOYMENT, **STACK)["changed"]


@pytest.mark.parametrize(
    ("becomes", "shown"),
    [("restarting", "exit code 1"), ("exited", "exit code 1"), ("unhealthy", "unhealthy")],
)
def test_containers_that_do_not_stay_up(shop: Host, becomes: str, shown: str) -> None:
    compose_id = state(shop)
    shop.sim.config(builds=[{"compose": "metrics", "services": {"web": becomes}}])
    failed = shop.failed(DEPLOYMENT, **STACK)
    assert (failed["error"]["kind"], failed["deployment"]["status"]) == ("not_running", "done")
    assert "compose 'metrics' in shop/production does not stay up (" in failed["msg"]
    assert f"{shown})\nThe end of the log of " in failed["msg"] and "-web-1 (" in failed["msg"]
    assert failed["log"][-1].endswith("-web-1 is listening")
    # The next run deploys again.
    shop.sim.config(builds=[])
    # An unchanged container that restarts again and again is left alone by a deployment.
    shop.sim.act(crash=compose_id, service_name="web", state="running")
    shop.new_task()
    again = shop.ok(DEPLOYMENT, **STACK)
    assert again["reason"] == "last deployment failed verification or was rolled back"
    wait_until_idle(shop)
    assert len(shop.read("deployment.allByCompose", composeId=compose_id)) == 2


def test_an_older_server_does_not_show_the_log_of_a_container(shop: Host) -> None:
    shop.sim.config(version="0.28.8")
    state(shop)
    shop.sim.config(builds=[{"compose": "metrics", "services": {"web": "exited"}}])
    failed = shop.failed(DEPLOYMENT, **STACK)
    assert failed["error"]["kind"] == "not_running"
    assert "(the log cannot be read: compose.readLogs" in failed["msg"]


def test_a_loop_of_a_stack(shop: Host) -> None:
    state(shop, "services:\n  web:\n    image: nginx:1\n    command: exit 3\n", type="stack")
    failed = shop.failed(DEPLOYMENT, **STACK)
    assert (failed["error"]["kind"], failed["deployment"]["status"]) == ("not_running", "done")
    assert "_web.1: Failed" in failed["msg"]


def test_a_missing_image_of_a_stack(shop: Host) -> None:
    state(shop, "services:\n  web:\n    image: missing:1\n", type="stack")
    failed = shop.failed(DEPLOYMENT, **STACK)
    assert (failed["error"]["kind"], failed["deployment"]["status"]) == ("not_running", "done")
    assert "_web.1: Failed" in failed["msg"]


def test_the_variables_are_masked_in_the_log(shop: Host) -> None:
    compose_id = state(shop, env={"TOKEN": "hunter2-secret"})
    shop.sim.config(builds=[{"compose": "metrics", "services": {"web": "exited"}}])
    shop.failed(DEPLOYMENT, **STACK)
    shop.sim.act(say=compose_id, lines=["the token is hunter2-secret"], service_name="web")
    shop.new_task()
    failed = shop.failed(DEPLOYMENT, **STACK)
    assert any("the token is " in line for line in failed["log"])
    assert "hunter2-secret" not in str(failed)


def test_the_log_of_a_deployment_is_followed(shop: Host) -> None:
    lines: list[str] = []
    shop.line = lines.append
    state(shop, env={"TOKEN": "hunter2-secret"})
    shop.sim.config(builds=[{"compose": "metrics", "log": ["the token is hunter2-secret"]}])
    shop.ok(DEPLOYMENT, **STACK, verify=False, follow=True)
    assert all(line.startswith("shop/production/metrics | ") for line in lines)
    assert lines[-1].endswith("Docker Compose Deployed: ✅")
    assert any("the token is ****" in line for line in lines)


def test_without_verification_a_loop_is_not_noticed(shop: Host) -> None:
    state(shop)
    shop.sim.config(builds=[{"compose": "metrics", "services": {"web": "restarting"}}])
    assert shop.ok(DEPLOYMENT, **STACK, verify=False)["running"] is None


def test_the_http_check_uses_the_domain_of_the_stack(shop: Host) -> None:
    state(shop)
    failed = shop.failed(DEPLOYMENT, **STACK, http_check={})
    assert "http_check needs a url, since compose 'metrics' in shop/production has no domain" in failed["msg"]
    assert shop.sim.calls("mutation") == []


# --- cancelled -------------------------------------------------------------------------------------------------------


def test_cancelled(shop: Host) -> None:
    compose_id = state(shop)
    shop.sim.config(build_seconds=3600)
    for _job in range(3):
        shop.sim.act(deploy=compose_id)
    wait_until_building(shop, composeId=compose_id)
    options = {**PLACE, "compose": "metrics", "state": "cancelled"}
    checked = shop.ok(DEPLOYMENT, check=True, **options)
    assert (checked["changed"], checked["cancelled"], shop.sim.calls("mutation")) == (True, 2, [])
    result = shop.ok(DEPLOYMENT, **options)
    assert (result["changed"], result["cancelled"], result["compose_id"]) == (True, 2, compose_id)
    assert "a build is running and goes on" in result["warnings"][0]
    assert shop.sim.calls("mutation") == ["compose.cleanQueues"]
    killed = shop.ok(DEPLOYMENT, **options, kill_build=True)
    assert [one["status"] for one in killed["stopped"]] == ["error"]
    assert shop.sim.calls("mutation") == ["compose.cleanQueues", "compose.killBuild"]
    assert undocumented(killed, documentation()["dokploy_deployment"]["return"]) == []
    wait_until_idle(shop)
    assert not shop.ok(DEPLOYMENT, **options, kill_build=True)["changed"]


# --- listed ----------------------------------------------------------------------------------------------------------


def listed(host: Host, **options: Any) -> dict[str, Any]:
    host.new_task()
    host.sim.reset_stats()
    return host.ok(INFO, **options)


def test_the_history_of_a_stack(shop: Host) -> None:
    compose_id = state(shop)
    shop.ok(DEPLOYMENT, **STACK)
    wait_until_idle(shop)
    for options in ({**PLACE, "compose": "metrics"}, {"compose_id": compose_id}):
        found = listed(shop, **options, log_lines=5)
        assert (found["compose_id"], found["application_id"], found["applications"]) == (compose_id, None, [])
        (one,) = found["deployments"]
        assert (one["compose"], one["compose_id"], one["application"]) == ("metrics", compose_id, None)
        assert (one["project"], one["environment"], one["status"]) == ("shop", "production", "done")
        assert one["log"][-1] == "Docker Compose Deployed: ✅"
        assert found["compose_stacks"][0]["newest"]["deployment_id"] == one["deployment_id"]
        assert found["queue"] == {"waiting": 0, "active": 0, "ahead": 0}
        assert undocumented(found, documentation()["dokploy_deployment_info"]["return"]) == []


def test_the_history_of_all_services(shop: Host) -> None:
    state(shop)
    shop.ok(DEPLOYMENT, **STACK)
    shop.sim.seed(applications=2, project="other")
    shop.ok(APPLICATION, **PLACE, name="web", docker={"image": "nginx"})
    shop.ok(DEPLOYMENT, project="shop", application="web", verify=False)
    wait_until_idle(shop)
    found = listed(shop, project="shop")
    assert shop.sim.stats()["http"] == 2
    assert [one["compose"] or one["application"] for one in found["deployments"]] == ["web", "metrics"]
    assert [one["application"] for one in found["applications"]] == ["web"]
    assert [one["compose"] for one in found["compose_stacks"]] == ["metrics"]
    assert (found["compose_id"], found["application_id"], found["queue"]) == (None, None, None)
    assert undocumented(found, documentation()["dokploy_deployment_info"]["return"]) == []
    failed = shop.failed(INFO, project="shop", compose="metrics", application="web")
    assert failed["msg"] == "application and compose are mutually exclusive"
