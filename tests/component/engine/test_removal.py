# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Removal: what lives in a thing is taken down first, and nothing runs on."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._deployment.queue import DeploymentQuery
from ansible_collections.community.dokploy.plugins.module_utils._deployment.removal import BuildsOver, service_removal
from ansible_collections.community.dokploy.plugins.module_utils._engine.plan import Write
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import (
    DELETE_TIMEOUT,
    SERVICES,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.projects.contents import (
    service_labels,
    services_of,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.projects.project import (
    ENVIRONMENT_OPERATION as ENVIRONMENT,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.projects.project import OPERATION as PROJECT
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import (
    OPERATION as APPLICATION,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.kinds import KINDS
from dokploy_simulator import Simulator
from tests.support import sample_rows
from tests.support.builders import finish_on
from tests.support.host import Host

SHOP: dict[str, Any] = {"project": "shop", "environment": "production"}
DOCKER = {"sourceType": "docker", "dockerImage": "nginx"}


def seeded(sim: Simulator, *names: str) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name in names or ("web",):
        made = sim.seed(applications=1, project="shop", name=name, fields=DOCKER, deployed=True)
    sim.reset_stats()
    return made


# --- steps -----------------------------------------------------------------------------------------------------------


def test_every_kind_of_service_of_a_row_is_listed() -> None:
    kinds = ("applications", "compose", "postgres", "mysql", "mariadb", "mongo", "redis", "libsql")
    assert tuple(service.key for service in SERVICES.values()) == kinds
    assert set(sample_rows.environment()) >= set(kinds)
    row = sample_rows.environment(
        applications=[sample_rows.service("web", "a")], postgres=[{"postgresId": "p", "name": "db"}]
    )
    assert service_labels(row) == ["application production/web", "postgres production/db"]
    # An older server does not know every kind.
    assert services_of({"name": "x"}) == []


def test_the_steps_that_end_an_application() -> None:
    row = sample_rows.service("web", "a")
    assert service_removal(KINDS["application"], row, 60) == [
        Write("application.cleanQueues", {"applicationId": "a"}, missing_ok=True),
        BuildsOver(DeploymentQuery(KINDS["application"], "a", with_previews=True), "application web", 60),
        Write(
            "application.delete",
            {"applicationId": "a"},
            missing_ok=True,
            timeout=DELETE_TIMEOUT,
            in_flight={"application.delete": 1},
        ),
    ]
    # On Dokploy's own host, the file of middlewares is written at once.
    for server, limits in ((None, {}), ("s", {"application.delete": 1})):
        removal = service_removal(KINDS["application"], {**row, "serverId": server}, 60)[-1]
        assert isinstance(removal, Write)
        assert removal.in_flight == limits
    # The deployment of a job that has ended.
    assert [type(step) for step in service_removal(KINDS["application"], row, 60, queued=False)] == [Write]


@pytest.mark.parametrize(
    ("kind", "procedures"),
    [
        ("compose", ["compose.cleanQueues", "compose.delete"]),
        ("postgres", ["postgres.remove"]),
        ("libsql", ["libsql.remove"]),
    ],
)
def test_the_steps_that_end_another_service(kind: str, procedures: list[str]) -> None:
    steps = service_removal(KINDS[kind], {f"{kind}Id": "i", "name": "n"}, 60)
    writes = [step for step in steps if isinstance(step, Write)]
    assert [write.procedure for write in writes] == procedures
    # Only a stack has builds to wait for.
    assert len(steps) - len(writes) == (kind == "compose")
    # compose.delete requires deleteVolumes; the volumes are kept.
    assert writes[-1].body.get("deleteVolumes") == (False if kind == "compose" else None)


# --- an application --------------------------------------------------------------------------------------------------


def test_an_application_is_removed_and_leaves_nothing(host: Host, sim: Simulator) -> None:
    seeded(sim)
    result = host.ok(APPLICATION, **SHOP, name="web", state="absent")
    assert result["changed"]
    assert result["diff"]["after"] == {"state": "absent"}
    assert sim.calls() == [
        "project.all",
        "application.cleanQueues",
        "deployment.all",
        "deployment.queueList",
        "application.delete",
    ]
    assert sim.services() == {}
    assert not host.ok(APPLICATION, **SHOP, name="web", state="absent")["changed"]
    assert sim.calls("mutation").count("application.delete") == 1


def test_a_removal_in_check_mode_removes_nothing(host: Host, sim: Simulator) -> None:
    seeded(sim)
    assert host.ok(APPLICATION, check=True, **SHOP, name="web", state="absent")["changed"]
    assert sim.calls("mutation") == []


def test_a_removal_drops_the_queue_and_waits_for_the_running_build(host: Host, sim: Simulator) -> None:
    """Deleted during its build, an application would leave a service that belongs to nothing."""
    seeded(sim)
    finish_on(host, "waiting for its build to end")
    for _job in range(3):
        sim.act(deploy="web")
    assert host.ok(APPLICATION, **SHOP, name="web", state="absent")["changed"]
    assert host.read("deployment.queueList") == []
    assert sim.services() == {}
    assert any("waiting for its build to end" in line for line in host.progress)


def test_a_build_that_does_not_end_stops_the_removal(host: Host, sim: Simulator) -> None:
    seeded(sim)
    sim.config(build_seconds=3600)
    sim.act(deploy="web")
    result = host.failed(APPLICATION, **SHOP, name="web", state="absent", wait_timeout=0.1)
    assert result["error"]["kind"] == "timeout"
    assert "it was not deleted" in result["msg"]
    assert "application.delete" not in sim.calls()


def test_nothing_can_be_in_a_place_that_does_not_exist(host: Host) -> None:
    for params in (SHOP, {"project": "shop"}):
        result = host.ok(APPLICATION, **params, name="web", state="absent")
        assert (result["changed"], result["application"]) == (False, None)
    assert not host.ok(ENVIRONMENT, project="shop", name="staging", state="absent")["changed"]
    assert not host.ok(PROJECT, name="shop", state="absent")["changed"]
    assert not host.ok(APPLICATION, application_id="V1StGXR8_Z5jdHi6B-myT", state="absent")["changed"]


def test_somebody_else_was_faster(host: Host, sim: Simulator) -> None:
    """The tree still shows it, and that it is gone is what was wanted."""
    seeded(sim, "web", "other")
    host.ok(APPLICATION, **SHOP, name="other")
    sim.act(remove="web")
    assert host.ok(APPLICATION, **SHOP, name="web", state="absent")["changed"]


def test_an_unknown_procedure_is_never_taken_for_already_gone(host: Host, sim: Simulator) -> None:
    seeded(sim)
    body = {"message": "Not found", "code": "NOT_FOUND", "data": {"code": "NOT_FOUND", "httpStatus": 404}}
    sim.fault("status", "application.delete", status=404, body=body)
    assert host.failed(APPLICATION, **SHOP, name="web", state="absent")["error"]["kind"] == "unknown_procedure"


# --- what holds services ---------------------------------------------------------------------------------------------


def full_house(host: Host, sim: Simulator) -> None:
    """A project with one service of each kind that the simulator plays."""
    home = seeded(sim)["environmentId"]
    common = {"environmentId": home, "databasePassword": "passw0rd"}
    host.call("compose.create", name="stack", environmentId=home, composeFile="services: {}", sourceType="raw")
    for kind in ("postgres", "mysql", "mariadb"):
        host.call(
            kind + ".create", name=kind, databaseName="d", databaseUser="u", databaseRootPassword="passw0rd", **common
        )
    host.call("mongo.create", name="mongo", databaseUser="u", **common)
    host.call("redis.create", name="redis", **common)
    host.new_task()
    sim.reset_stats()


def test_a_project_with_services_is_refused(host: Host, sim: Simulator) -> None:
    full_house(host, sim)
    result = host.failed(PROJECT, name="shop", state="absent")
    assert result["error"]["kind"] == "refused"
    assert result["services"] == sorted(
        [
            "application production/web",
            "compose production/stack",
            "postgres production/postgres",
            "mysql production/mysql",
            "mariadb production/mariadb",
            "mongo production/mongo",
            "redis production/redis",
        ]
    )
    assert "force=true" in result["msg"]
    assert "shop' still has 7 services: application production/web, compose production/stack, " in result["msg"]
    # The tree has only the ids of databases.
    assert sim.calls() == ["project.all", "environment.one"]


def test_a_long_list_of_services_says_how_many_it_leaves_out(host: Host, sim: Simulator) -> None:
    full_house(host, sim)
    sim.seed(applications=6, project="shop")
    result = host.failed(PROJECT, name="shop", state="absent")
    assert "still has 13 services: " in result["msg"]
    assert ", and 3 more. " in result["msg"]
    assert len(result["services"]) == 13


def test_a_project_is_removed_by_force_with_each_service_deleted_first(host: Host, sim: Simulator) -> None:
    full_house(host, sim)
    assert host.ok(PROJECT, name="shop", state="absent", force=True)["changed"]
    expected = [
        "application.cleanQueues",
        "application.delete",
        "compose.cleanQueues",
        "compose.delete",
    ]
    for kind in ("postgres", "mysql", "mariadb", "mongo", "redis"):
        expected.append(kind + ".remove")
    assert sim.calls("mutation") == [*expected, "project.remove"]
    assert sim.services() == {}
    assert host.read("project.all") == []


def test_a_key_that_does_not_show_every_service_removes_no_project(sim: Simulator) -> None:
    """Dokploy deletes the rows of the hidden ones, and their containers run on."""
    made = seeded(sim, "web", "hidden")
    (web,) = [
        row["applicationId"]
        for row in sim.execute("environment.one", environmentId=made["environmentId"])["applications"]
        if row["name"] == "web"
    ]
    sim.act(
        member="m@example.com",
        key="members-key",
        projects=[made["projectId"]],
        environments=[made["environmentId"]],
        services=[web],
    )
    limited = Host(sim, dokploy_api_key="members-key")
    try:
        for force in (True, False):
            for check in (True, False):
                result = limited.failed(PROJECT, check=check, name="shop", state="absent", force=force)
                assert result["error"]["kind"] == "refused"
        assert "still has 1 service: application production/web." in result["msg"]
        sim.act(remove="web")
        limited.new_task()
        for force in (True, False):
            result = limited.failed(PROJECT, name="shop", state="absent", force=force)
            assert "with the role 'member'" in result["msg"]
        assert sim.calls("mutation") == []
        assert len(sim.execute("environment.one", environmentId=made["environmentId"])["applications"]) == 1
    finally:
        limited.close()


def test_an_owner_who_removes_a_project_costs_one_read_more(host: Host, sim: Simulator) -> None:
    host.ok(PROJECT, name="shop")
    host.new_task()
    sim.reset_stats()
    assert host.ok(PROJECT, name="shop", state="absent")["changed"]
    assert sim.calls() == ["project.all", "user.get", "project.remove"]
    # An environment with services, seen or not, is refused by the server.
    host.ok(PROJECT, name="shop")
    host.ok(ENVIRONMENT, project="shop", name="staging")
    sim.reset_stats()
    assert host.ok(ENVIRONMENT, project="shop", name="staging", state="absent", force=True)["changed"]
    assert sim.calls() == ["environment.remove"]


def test_an_environment_with_services(host: Host, sim: Simulator) -> None:
    host.ok(PROJECT, name="shop")
    sim.seed(applications=1, project="shop", environment="staging", name="web", fields=DOCKER)
    host.new_task()
    sim.reset_stats()
    refused = host.failed(ENVIRONMENT, project="shop", name="staging", state="absent")
    assert (refused["error"]["kind"], refused["services"]) == ("refused", ["application staging/web"])
    assert host.ok(ENVIRONMENT, project="shop", name="staging", state="absent", force=True)["changed"]
    assert sim.calls("mutation")[-1] == "environment.remove"
    assert not host.ok(ENVIRONMENT, project="shop", name="staging", state="absent")["changed"]


def test_the_default_environment_is_never_removed(host: Host, sim: Simulator) -> None:
    seeded(sim)
    for force in (False, True):
        result = host.failed(ENVIRONMENT, project="shop", name="production", state="absent", force=force)
        assert result["error"]["kind"] == "refused"
        assert "is the default environment" in result["msg"]
    assert sim.calls("mutation") == []


def test_a_loop_that_removes_and_creates_stays_right(host: Host, sim: Simulator) -> None:
    seeded(sim)
    assert host.ok(APPLICATION, **SHOP, name="web", state="absent")["changed"]
    assert host.ok(APPLICATION, **SHOP, name="web")["changed"]
    assert not host.ok(APPLICATION, **SHOP, name="web")["changed"]
    assert host.ok(APPLICATION, **SHOP, name="web", state="absent")["changed"]
    assert sim.calls().count("project.all") == 1
