# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Parallel runs on one machine that all read before one of them writes: nothing is created twice or lost."""

from __future__ import annotations

import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._engine import concurrency
from ansible_collections.community.dokploy.plugins.module_utils._engine.runner import MAX_ATTEMPTS, Operation, repeated
from ansible_collections.community.dokploy.plugins.module_utils._errors import Conflict, Refused
from tests.support.builders import wait_until_idle
from tests.support.host import Host
from tests.support.operations import OPERATIONS
from tests.support.parallel import run_in_parallel, task_of
from tests.support.waiting import until

PROJECT, ENVIRONMENT, APPLICATION, DEPLOYMENT, PORT = (
    OPERATIONS["dokploy_" + name] for name in ("project", "environment", "application", "deployment", "port")
)
COUNT = 8
WEB = {"project": "shop", "environment": "production", "application": "web"}
SELF = {"project": "shop", "environment": "production", "name": "web"}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


@pytest.fixture
def web(host: Host) -> str:
    """shop/production/web; its id."""
    host.ok(PROJECT, name="shop")
    resource_id = str(host.ok(APPLICATION, **SELF, docker={"image": "nginx:1"})["application"]["application_id"])
    host.new_task()
    host.sim.reset_stats()
    return resource_id


def all_have_read(host: Host, procedure: str, count: int = COUNT) -> None:
    """No run continues before all have read."""
    host.sim.hold(procedure, count=count, stage="after", seconds=60)


def writes(host: Host, procedure: str) -> int:
    return host.sim.calls("mutation").count(procedure)


@pytest.mark.parametrize(
    ("operation", "params"),
    [
        (PROJECT, {"name": "new"}),
        (ENVIRONMENT, {"project": "shop", "name": "new"}),
        (APPLICATION, {**SELF, "name": "new"}),
    ],
)
def test_parallel_creations_of_one_name_create_one(
    web: str, host: Host, operation: Operation, params: dict[str, Any]
) -> None:
    all_have_read(host, "project.all")
    results = run_in_parallel(host.sim, *[task_of(operation, **params)] * COUNT)
    level = operation.name.removeprefix("dokploy_")
    assert [result.get("msg") for result in results] == [None] * COUNT
    assert writes(host, level + ".create") == 1
    assert sum(result["changed"] for result in results) == 1
    assert len({result[level][level + "_id"] for result in results}) == 1
    assert host.sim.holds()[0]["released"] == "all"


def test_parallel_creations_of_other_names_create_all(web: str, host: Host) -> None:
    all_have_read(host, "project.all")
    works = [task_of(APPLICATION, **{**SELF, "name": "web-%d" % number}) for number in range(COUNT)]
    results = run_in_parallel(host.sim, *works)
    assert all(result["changed"] for result in results)
    assert len({result["application"]["application_id"] for result in results}) == COUNT


CHILDREN: dict[str, tuple[dict[str, Any], str, str]] = {
    "domain": ({"host": "a.example.com"}, "application.one", "domain.create"),
    "mount": ({"type": "volume", "name": "v", "path": "/d"}, "application.one", "mounts.create"),
    "port": ({"published_port": 80, "target_port": 80}, "application.one", "port.create"),
    "redirect": ({"regex": "^/a", "replacement": "/b"}, "application.one", "redirects.create"),
    "basic_auth": ({"username": "u", "password": "s3cret-p"}, "application.one", "security.create"),
    "schedule": ({"name": "s", "cron": "0 4 * * *", "command": "echo"}, "schedule.list", "schedule.create"),
    "patch": ({"path": "Dockerfile", "content": "FROM scratch"}, "patch.byEntityId", "patch.create"),
    "volume_backup": (
        {"name": "b", "volume": "v", "destination": "s3", "cron": "0 4 * * *"},
        "volumeBackups.list",
        "volumeBackups.create",
    ),
}


@pytest.mark.parametrize("name", sorted(CHILDREN))
def test_parallel_creations_of_one_child_create_one(name: str, web: str, host: Host) -> None:
    params, reading, create = CHILDREN[name]
    operation = OPERATIONS["dokploy_" + name]
    host.sim.act(destination="s3")
    if name in ("redirect", "basic_auth"):
        # Without a domain the server's file is repaired first, which another run than the creating one may do.
        host.ok(OPERATIONS["dokploy_domain"], **WEB, host="web.example.com")
        host.new_task()
        host.sim.reset_stats()
    all_have_read(host, reading)
    results = run_in_parallel(host.sim, *[task_of(operation, **WEB, **params)] * COUNT)
    assert [result.get("msg") for result in results] == [None] * COUNT
    assert writes(host, create) == 1
    assert sum(result["changed"] for result in results) == 1


def test_parallel_lists_with_the_same_domains_create_each_once(web: str, host: Host) -> None:
    all_have_read(host, "application.one")
    wanted = [{"host": "a.example.com"}, {"host": "b.example.com"}]
    results = run_in_parallel(host.sim, *[task_of(APPLICATION, **SELF, domains=wanted)] * COUNT)
    assert [result.get("msg") for result in results] == [None] * COUNT
    assert writes(host, "domain.create") == 2


def test_parallel_merges_of_variables_lose_none(web: str, host: Host) -> None:
    all_have_read(host, "application.one")
    works = [task_of(APPLICATION, **SELF, env={"V%d" % number: "1"}, env_mode="merge") for number in range(COUNT)]
    results = run_in_parallel(host.sim, *works)
    assert all(result["changed"] for result in results), [result.get("msg") for result in results]
    text = host.read("application.one", applicationId=web)["env"]
    assert sorted(text.split()) == ["V%d=1" % number for number in range(COUNT)]


NEW = {
    **SELF,
    "name": "new",
    "env_mode": "merge",
    "domains": [{"host": "a.example.com"}],
    "basic_auth": [{"username": "u", "password": "s3cret-p"}],
}


def came(host: Host, name: str) -> None:
    """Wait until a request is held."""
    until(lambda: any(hold["name"] == name and hold["came"] for hold in host.sim.holds()), host.sim.holds)


@pytest.mark.parametrize("first", ["creator", "finder"])
def test_nothing_is_lost_of_a_new_resource(first: str, web: str, host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another run finds the application while its creator has yet to write the rest; one of them writes it first."""
    # None of these turns waits for another one by chance.
    monkeypatch.setattr(concurrency, "BUCKETS", 2**64)
    held = {"stage": "after", "until": "told", "seconds": 60}
    host.sim.hold("application.create", name="created", **held)

    def create(there: Host) -> dict[str, Any]:
        result = there.run(APPLICATION, **NEW, env={"CREATOR": "1"})
        if first == "creator":
            host.sim.release("read")
        return result

    def find(there: Host) -> dict[str, Any]:
        came(host, "created")
        if first == "creator":
            host.sim.hold("application.one", name="read", **held)
        result = there.run(APPLICATION, **NEW, env={"FINDER": "1"})
        if first == "finder":
            host.sim.release("created")
        return result

    def during() -> None:
        if first == "creator":
            came(host, "read")
            host.sim.release("created")

    results = run_in_parallel(host.sim, create, find, during=during)
    assert [result.get("msg") for result in results] == [None, None]
    assert all(result["changed"] for result in results)
    row = host.read("application.one", applicationId=results[0]["application"]["application_id"])
    assert sorted(row["env"].split()) == ["CREATOR=1", "FINDER=1"]
    assert [len(row[key]) for key in ("domains", "security")] == [1, 1]
    assert [writes(host, procedure) for procedure in ("domain.create", "security.create")] == [1, 1]


def test_parallel_changes_of_one_port_lose_nothing(web: str, host: Host) -> None:
    host.ok(PORT, **WEB, published_port=80, target_port=80)
    host.new_task()
    all_have_read(host, "application.one", 2)
    # Both want one target port: with two, the first one could read back that of the second one, which is an error.
    port = {**WEB, "published_port": 80, "target_port": 81}
    results = run_in_parallel(host.sim, task_of(PORT, **port), task_of(PORT, **port, publish_mode="host"))
    assert not any(result.get("failed") for result in results), results
    (row,) = host.read("application.one", applicationId=web)["ports"]
    assert (row["targetPort"], row["publishMode"]) == (81, "host")


def test_a_label_and_the_fingerprint_of_a_deployment(web: str, host: Host) -> None:
    host.sim.hold("application.one", count=2, stage="after", seconds=60)
    deployed, labelled = run_in_parallel(
        host.sim, task_of(DEPLOYMENT, **WEB, verify=False), task_of(APPLICATION, **SELF, labels={"team": "a"})
    )
    assert deployed["changed"]
    assert labelled["changed"]
    labels = host.read("application.one", applicationId=web)["labelsSwarm"]
    assert labels.pop("team") == "a"
    assert len(labels) == 1


@pytest.mark.parametrize("version", ["0.30.2", "0.28.8"])
def test_parallel_deployments_where_needed_deploy_once(web: str, host: Host, version: str) -> None:
    host.sim.config(version=version)
    all_have_read(host, "application.one", 4)
    results = run_in_parallel(host.sim, *[task_of(DEPLOYMENT, **WEB, verify=False)] * 4)
    assert [result.get("msg") for result in results] == [None] * 4
    assert sum(result["changed"] for result in results) == 1
    wait_until_idle(host)
    assert len(host.read("deployment.all", applicationId=web)) == 1
    assert len({result["deployment"]["deployment_id"] for result in results}) == 1


def test_parallel_deployments_with_trigger_always_deploy_each(web: str, host: Host) -> None:
    all_have_read(host, "application.one", 3)
    results = run_in_parallel(host.sim, *[task_of(DEPLOYMENT, **WEB, trigger="always", verify=False)] * 3)
    assert all(result["changed"] for result in results), [result.get("msg") for result in results]
    wait_until_idle(host)
    assert len(host.read("deployment.all", applicationId=web)) == 3


# --- Traefik's files, which the server reads, changes and writes whole -----------------------------------------------


def routers(host: Host, resource_id: str) -> int:
    text = host.read("application.readTraefikConfig", applicationId=resource_id) or ""
    return sum("Host(`" in line for line in text.splitlines())


def many_domains(web: str, host: Host, seconds: float = 0.02) -> list[dict[str, Any]]:
    """:param seconds: how long the server takes to write a file of Traefik."""
    host.sim.config(traefik_seconds=seconds)
    all_have_read(host, "application.one")
    domain = OPERATIONS["dokploy_domain"]
    works = [task_of(domain, **WEB, host="%d.example.com" % number) for number in range(COUNT)]
    results = run_in_parallel(host.sim, *works)
    assert all(result["changed"] for result in results)
    assert len(host.read("application.one", applicationId=web)["domains"]) == COUNT
    return results


def test_no_router_is_lost_on_one_machine(web: str, host: Host) -> None:
    many_domains(web, host)
    assert routers(host, web) == COUNT


def test_without_locks_the_server_loses_routers(web: str, host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the lock is for, and what cannot be excluded on several machines."""
    monkeypatch.setattr(concurrency, "lock_file", lambda *_what: None)
    # Long enough for all to write meanwhile, on a busy machine too.
    many_domains(web, host, seconds=0.5)
    assert routers(host, web) < COUNT


def test_an_operation_that_meets_nothing_but_conflicts_gives_up() -> None:
    attempts: list[int] = []
    forgotten: list[int] = []
    context: Any = SimpleNamespace(reads=SimpleNamespace(forget=lambda listings: forgotten.append(len(attempts))))

    def perform() -> dict[str, Any]:
        attempts.append(1)
        if len(attempts) <= conflicts:
            raise Conflict
        return {"changed": True}

    conflicts = MAX_ATTEMPTS
    with pytest.raises(Refused, match=r"application 'web': Gave up after 50 attempts because another process kept mod"):
        repeated(perform, context, "application 'web'")
    assert forgotten == list(range(1, 51))
    attempts.clear()
    conflicts = 2
    assert repeated(perform, context, "it") == {"changed": True}
