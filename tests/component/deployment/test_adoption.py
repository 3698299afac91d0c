# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What runs is recorded as deployed without a deployment, and what was stopped needs one, on the simulator."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._resources.actions.deployment import (
    OPERATION as DEPLOYMENT,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.databases.database import DATABASES
from ansible_collections.community.dokploy.plugins.module_utils._resources.databases.database import (
    OPERATION as DATABASE,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.infrastructure.network import (
    OPERATION as NETWORK,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.projects.project import OPERATION as PROJECT
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import (
    OPERATION as APPLICATION,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.compose import OPERATION as COMPOSE
from tests.support.builders import wait_until_idle
from tests.support.host import Host

PLACE: dict[str, Any] = {"project": "shop", "environment": "production"}
NO_RECORD = "no record of the last deployment"
RECORD_LOST = f"{NO_RECORD}, and what runs is what is configured"
FILE = (
    "services:\n  web:\n    image: nginx:${TAG:-1}\n    environment:\n      A: ${A}\n      B: b$$\n      C: ${D?x}\n"
    "  job:\n    image: busybox:1\n    environment: [X=1]\n    labels: {app: job}\n    deploy: {labels: [l=1]}\n"
)
DOCKER: dict[str, Any] = {
    "docker": {"image": "nginx:1"},
    "env": {"A": "1", "B": "${{project.CURRENCY}}", "C": "${{A}}", "D": "a b # c"},
}
SWARM: dict[str, Any] = {
    "command": "nginx -g",
    "args": ["daemon off;"],
    "replicas": 2,
    "memory_limit": "256M",
    "cpu_reservation": 0.5,
    "healthcheck": {"test": "true", "interval": "10s"},
    "restart_policy": {"condition": "on-failure", "max_attempts": 3},
    "placement": {"constraints": ["node.role==manager", "node.labels.a==b"]},
    "update_config": {"parallelism": 2, "order": "stop-first", "failure_action": "pause"},
    "rollback_config": {"parallelism": 1},
    "labels": {"team": "shop"},
    "networks": ["internal"],
    "stop_grace_period": "20s",
    "ulimits": [{"name": "nofile", "soft": 1024}],
    "mounts": [
        {"path": "/data", "type": "volume", "name": "data"},
        {"path": "/host", "type": "bind", "host_path": "/srv"},
        {"path": "/etc/web.conf", "type": "file", "file_path": "web.conf", "content": "x"},
    ],
    "ports": [{"published_port": 8080, "target_port": 80, "publish_mode": "host"}],
}
# What a user edits in the web interface without a deployment, and how a difference of it is named.
EDITS: list[tuple[dict[str, Any], str]] = [
    ({"dockerImage": "nginx:2"}, "docker.image"),
    ({"env": "A=2\nB=${{project.CURRENCY}}\nC=${{A}}\nD='a b # c'\nE=5"}, "env (A, C, E)"),
    ({"command": "nginx"}, "command"),
    ({"args": None}, "args"),
    ({"replicas": 3}, "replicas"),
    ({"modeSwarm": {"Global": {}}}, "mode"),
    ({"memoryLimit": None}, "memory_limit"),
    ({"cpuReservation": "1000000000"}, "cpu_reservation"),
    ({"healthCheckSwarm": None}, "healthcheck"),
    ({"restartPolicySwarm": None}, "restart_policy"),
    ({"placementSwarm": None}, "placement"),
    ({"updateConfigSwarm": None}, "update_config"),
    ({"rollbackConfigSwarm": {"Parallelism": 2, "Order": "stop-first"}}, "rollback_config"),
    ({"labelsSwarm": {"team": "other"}}, "labels (team)"),
    ({"networkIds": []}, "networks"),
    ({"detachDokployNetwork": True}, "networks"),
    ({"networkSwarm": [{"Target": "other", "Aliases": ["a"]}]}, "networks"),
    ({"stopGracePeriodSwarm": None}, "stop_grace_period"),
    ({"ulimitsSwarm": None}, "ulimits"),
    ({"endpointSpecSwarm": {"Mode": "dnsrr"}}, "endpoint_spec"),
]


@pytest.fixture
def shop(host: Host) -> Host:
    host.sim.config(scale_seconds=0, linger_seconds=0, deploy_seconds=0, block_seconds=0)
    host.ok(PROJECT, name="shop", env={"CURRENCY": "EUR"})
    return host


def deploy(host: Host, check: bool = False, fails: bool = False, **options: Any) -> dict[str, Any]:
    """One task that deploys or adopts, with C(writes) in the result."""
    host.new_task()
    host.sim.reset_stats()
    run = host.failed if fails else host.ok
    result = run(DEPLOYMENT, check=check, **{**PLACE, "verify": False, **options})
    return {**result, "writes": host.sim.calls("mutation")}


def both(host: Host, **options: Any) -> dict[str, Any]:
    """What check mode predicts without a write."""
    predicted, real = deploy(host, check=True, **options), deploy(host, **options)
    assert predicted["writes"] == []
    assert {**predicted, "writes": None, "handle": None} == {**real, "writes": None, "handle": None}
    return real


def by_hand(host: Host, operation: Any, name: str, **options: Any) -> str:
    """A service that was configured and deployed without a record."""
    made = host.ok(operation, **PLACE, name=name, **options)
    kind = "application" if operation is APPLICATION else "compose"
    service_id = str(made[kind][f"{kind}_id"])
    host.call(f"{kind}.deploy", **{f"{kind}Id": service_id})
    wait_until_idle(host)
    return service_id


@pytest.mark.parametrize("swarm", [False, True])
def test_an_application_is_adopted_and_not_deployed(shop: Host, swarm: bool) -> None:
    shop.ok(NETWORK, name="internal", driver="overlay")
    by_hand(shop, APPLICATION, "web", **DOCKER, **(SWARM if swarm else {}))
    assert deploy(shop, check=True, application="web")["reason"] == (NO_RECORD if swarm else RECORD_LOST)
    adopted = both(shop, application="web", trigger="adopt")
    assert adopted["changed"] and adopted["reason"] == "no record of the last deployment"
    assert adopted["writes"] == ["application.update"] and adopted["diff"]["after"]["recorded"] is True
    assert {"docker.image", "env", "mounts", "networks", "replicas"} <= set(adopted["adopted"]["compared"])
    assert adopted["adopted"]["not_compared"] == (["mounts (content of files)"] if swarm else [])
    for trigger in ("changed", "adopt"):
        again = both(shop, application="web", trigger=trigger)
        assert not again["changed"] and again["writes"] == [] and again["adopted"] is None
    shop.new_task()
    assert not shop.ok(APPLICATION, **PLACE, name="web", **DOCKER)["deploy_needed"]
    shop.ok(APPLICATION, **PLACE, name="web", env={"A": "2"})
    changed = deploy(shop, application="web")
    assert changed["reason"] == "configuration changed" and changed["writes"][-1] == "application.deploy"


def test_what_runs_otherwise_is_not_adopted(shop: Host) -> None:
    shop.ok(NETWORK, name="internal", driver="overlay")
    service_id = by_hand(shop, APPLICATION, "web", **DOCKER, **SWARM)
    row = shop.read("application.one", applicationId=service_id)
    for edit, name in EDITS:
        shop.call("application.update", applicationId=service_id, **edit)
        for check in (True, False):
            refused = deploy(shop, check=check, fails=True, application="web", trigger="adopt")
            assert refused["different"] == [name] and refused["writes"] == [] and name in refused["msg"], edit
            assert "Nothing was recorded" in refused["msg"] and not refused["changed"]
        shop.call("application.update", applicationId=service_id, **{column: row[column] for column in edit})
    shop.call("port.delete", portId=row["ports"][0]["portId"])
    shop.call("mounts.remove", mountId=row["mounts"][0]["mountId"])
    refused = deploy(shop, fails=True, application="web", trigger="adopt")
    assert refused["different"] == ["mounts", "ports"]


def test_what_is_built_is_adopted_by_the_record_of_its_last_deployment(shop: Host) -> None:
    git = {"git": {"url": "https://git.example.com/web.git", "branch": "main"}, "build": {"type": "dockerfile"}}
    by_hand(shop, APPLICATION, "web", **git)
    commit = deploy(shop, check=True, application="web", trigger="adopt")["deployment"]["commit"]
    other = deploy(shop, fails=True, application="web", trigger="adopt", revision="0" * 40)
    assert "0000" in other["msg"] and other["writes"] == []
    adopted = both(shop, application="web", trigger="adopt", revision=commit)
    assert adopted["changed"] and {"git", "build", "build_args"} <= set(adopted["adopted"]["not_compared"])
    assert not deploy(shop, application="web")["changed"]


def test_what_cannot_be_adopted(shop: Host) -> None:
    service_id = str(
        shop.ok(APPLICATION, **PLACE, name="web", docker={"image": "nginx:missing"})["application"]["application_id"]
    )
    refused = deploy(shop, fails=True, application="web", trigger="adopt")
    assert "it was never deployed" in refused["msg"] and refused["writes"] == []
    shop.call("application.deploy", applicationId=service_id)
    wait_until_idle(shop)
    assert "its last deployment failed" in deploy(shop, fails=True, application="web", trigger="adopt")["msg"]
    shop.call("application.update", applicationId=service_id, dockerImage="nginx:1")
    shop.call("application.deploy", applicationId=service_id)
    wait_until_idle(shop)
    shop.call("application.stop", applicationId=service_id)
    assert "nothing of it runs" in deploy(shop, fails=True, application="web", trigger="adopt")["msg"]
    for options in ({"state": "redeployed"}, {"path": "."}):
        refused = deploy(shop, fails=True, application="web", trigger="adopt", **options)
        assert "trigger=adopt is not supported" in refused["msg"], refused["msg"]


@pytest.mark.parametrize("kind", ["docker-compose", "stack"])
def test_a_stack_is_adopted(shop: Host, kind: str) -> None:
    domains = [{"host": "a.example.com", "service": "web", "port": 80}]
    stack = {"type": kind, "raw": {"content": FILE}, "env": {"A": "1", "D": "2"}, "domains": domains}
    service_id = by_hand(shop, COMPOSE, "metrics", **stack)
    row = shop.read("compose.one", composeId=service_id)
    for edit, different in (
        ({"composeFile": FILE.replace("busybox:1", "busybox:2")}, ["job (image)"]),
        ({"composeFile": FILE.replace("X=1", "X=2")}, ["job (environment: X)"]),
        ({"composeFile": FILE.replace("l=1", "l=2") if kind == "stack" else FILE.replace("app: job", "app: x")}, None),
        (
            {"composeFile": FILE.replace("  job:", "  task:")},
            ["job (is not in the Compose file)", "task (does not run)"],
        ),
        ({"env": "A=2\nD=2"}, ["web (environment: A)"]),
        ({"env": "A=1\nD=2\nTAG=2"}, ["web (image)"]),
    ):
        shop.call("compose.update", composeId=service_id, **edit)
        refused = deploy(shop, fails=True, compose="metrics", trigger="adopt")
        assert refused["different"] == different or (different is None and "labels" in refused["different"][0]), edit
        assert refused["writes"] == []
        shop.call("compose.update", composeId=service_id, **{column: row[column] for column in edit})
    adopted = both(shop, compose="metrics", trigger="adopt")
    assert adopted["changed"] and adopted["writes"] == ["compose.update"]
    assert "environment (C)" in adopted["adopted"]["not_compared"]
    assert not deploy(shop, compose="metrics")["changed"]


@pytest.mark.parametrize("case", ["application", "docker-compose", "stack"])
def test_what_was_stopped_needs_a_deployment(shop: Host, case: str) -> None:
    operation, name = (APPLICATION, "application") if case == "application" else (COMPOSE, "compose")
    options = DOCKER if case == "application" else {"type": case, "raw": {"content": FILE}, "env": {"A": "1", "D": "2"}}
    shop.ok(operation, **PLACE, name="web", **options)
    assert deploy(shop, **{name: "web"})["changed"]
    shop.new_task()
    assert not shop.ok(operation, **PLACE, name="web")["deploy_needed"]
    shop.ok(operation, **PLACE, name="web", state="stopped")
    shop.new_task()
    assert shop.ok(operation, **PLACE, name="web")["deploy_needed"]
    again = both(shop, **{name: "web"}, wait=False)
    assert again["reason"] == "stopped" and again["writes"] == [f"{name}.deploy"]
    wait_until_idle(shop)
    assert not deploy(shop, **{name: "web"})["changed"]


# --- databases -------------------------------------------------------------------------------------------------------

NEEDED: dict[str, dict[str, Any]] = {
    "postgres": {"database": "shop", "user": "shop"},
    "mysql": {"database": "shop", "user": "shop"},
    "mariadb": {"database": "shop", "user": "shop", "image": "mariadb:11"},
    "mongo": {"user": "shop", "image": "mongo:8"},
    "redis": {},
    "libsql": {"user": "shop"},
}


def database(host: Host, kind: str, check: bool = False, fails: bool = False, **more: Any) -> dict[str, Any]:
    host.new_task()
    host.sim.reset_stats()
    options = {"state": "deployed", "verify_period": 0, "type": kind, "name": "db", **NEEDED[kind], **more}
    result = (host.failed if fails else host.ok)(DATABASE, check=check, **PLACE, **options)
    return {**result, "writes": host.sim.calls("mutation")}


def database_by_hand(host: Host, kind: str, **more: Any) -> str:
    made = database(host, kind, state="present", **more)["database"]
    host.call(f"{kind}.deploy", **{f"{kind}Id": made["database_id"]})
    return str(made["database_id"])


@pytest.mark.parametrize("kind", [resource.kind for resource in DATABASES])
def test_a_database_is_adopted_and_not_deployed(shop: Host, kind: str) -> None:
    more: dict[str, Any] = {"replica_sets": True} if kind == "mongo" else {}
    described = {"env": {"A": "1", "B": "${{project.CURRENCY}}"}, "external_port": 5999, "memory_limit": "1G", **more}
    database_by_hand(shop, kind, **described)
    unrecorded = database(shop, kind, check=True, **described)
    if kind == "mongo":
        # With replica sets its command cannot be compared.
        assert unrecorded["reason"] == NO_RECORD
        assert unrecorded["diff"]["after"]["deployment"] == f"(a new one: {NO_RECORD})"
        assert unrecorded["deployed"] and unrecorded["deploy_needed"]
        assert any("trigger=adopt" in warning for warning in unrecorded["warnings"])
    else:
        assert unrecorded["reason"] == RECORD_LOST and unrecorded["diff"]["after"] == {"recorded": True}
        assert not unrecorded["deployed"] and not unrecorded["deploy_needed"]
        assert "warnings" not in unrecorded
    predicted = database(shop, kind, check=True, trigger="adopt", **described)
    real = database(shop, kind, trigger="adopt", **described)
    # A task of the first second does not count as running yet.
    assert {**predicted, "writes": real["writes"], "running": real["running"]} == real and predicted["writes"] == []
    assert real["writes"] == [f"{kind}.update"] and real["changed"] and not real["deployed"]
    assert not real["deploy_needed"] and real["reason"] == "no record of the last deployment"
    assert "env" in real["adopted"]["compared"] and real["diff"]["after"]["recorded"] is True
    for trigger in ("changed", "adopt"):
        again = database(shop, kind, trigger=trigger, **described)
        assert (again["changed"], again["reason"], again["adopted"], again["writes"]) == (False, None, None, [])
    assert not database(shop, kind, state="present", **described)["deploy_needed"]
    later = database(shop, kind, **{**described, "env": {"A": "2"}})
    assert later["deployed"] and later["reason"] == "configuration changed"
    assert not database(shop, kind, **{**described, "env": {"A": "2"}})["changed"]


def test_a_database_whose_labels_were_replaced_is_recorded_and_not_replaced(shop: Host) -> None:
    described = {"env": {"A": "1"}}
    database(shop, "postgres", **described)
    (row,) = shop.sim.server.store.services["postgres"].rows.values()
    shop.sim.act(set=row["postgresId"], fields={"labelsSwarm": None})
    predicted = database(shop, "postgres", check=True, **described)
    found = database(shop, "postgres", **described)
    assert predicted["reason"] == found["reason"] == RECORD_LOST and found["writes"] == ["postgres.update"]
    assert found["changed"] and not found["deployed"] and "image" in found["adopted"]["compared"]
    again = database(shop, "postgres", **described)
    assert (again["changed"], again["reason"], again["writes"]) == (False, None, [])


def test_a_database_that_runs_otherwise_is_not_adopted_and_not_changed(shop: Host) -> None:
    database_by_hand(shop, "redis", env={"A": "1"})
    for options, different in (
        ({"env": {"A": "2", "B": "1"}}, ["env (A, B)"]),
        ({"env": {"A": "1"}, "external_port": 6000}, ["external_port"]),
        ({"password": "An0ther-one"}, ["args", "env (REDIS_PASSWORD)"]),
        ({"image": "redis:7"}, ["image"]),
    ):
        for check in (True, False):
            refused = database(shop, "redis", check=check, fails=True, trigger="adopt", **options)
            assert refused["different"] == different and refused["writes"] == []
            assert "An0ther-one" not in repr(refused)
    # What is stored, but does not run, may be described as it runs.
    row = next(iter(shop.sim.server.store.services["redis"].rows.values()))
    shop.call("redis.update", redisId=row["redisId"], env="A=7")
    adopted = database(shop, "redis", trigger="adopt", env={"A": "1"})
    assert adopted["writes"] == ["redis.update", "redis.update"] and not adopted["deployed"]
    assert not database(shop, "redis", env={"A": "1"})["changed"]


def test_what_cannot_be_adopted_of_databases(shop: Host) -> None:
    assert "none that could be adopted" in database(shop, "redis", fails=True, trigger="adopt")["msg"]
    made = database(shop, "redis", state="present")
    assert "nothing of it runs" in database(shop, "redis", fails=True, trigger="adopt")["msg"]
    refused = database(shop, "redis", fails=True, trigger="adopt", state="rebuilt", force=True)
    assert "is not supported with state=rebuilt" in refused["msg"]
    shop.call("redis.changeStatus", redisId=made["database"]["database_id"], applicationStatus="error")
    assert "its last deployment failed" in database(shop, "redis", fails=True, trigger="adopt")["msg"]


def test_the_reason_of_a_deployment_of_a_database(shop: Host) -> None:
    assert database(shop, "redis")["reason"] == "never deployed"
    assert database(shop, "redis")["reason"] is None
    assert database(shop, "redis", trigger="always")["reason"] == "deployment requested"
    assert database(shop, "redis", state="rebuilt", force=True)["reason"] == "rebuild requested"
    shop.ok(DATABASE, **PLACE, type="redis", name="db", state="stopped")
    assert database(shop, "redis", state="present")["deploy_needed"]
    stopped = database(shop, "redis")
    assert stopped["reason"] == "stopped" and not stopped["deploy_needed"] and not stopped.get("warnings")
