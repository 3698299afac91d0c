# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Databases beyond the recording: what happens to their data and passwords, how their deployments fail."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from dokploy_simulator.api.releases import NEWEST_MEASURED
from tests.support.simulator_client import Api

IMAGES = {"postgres": "postgres:18", "mysql": "mysql:8", "mongo": "mongo:7", "redis": "redis:8"}


class Database:
    """A database of a kind, deployed."""

    def __init__(self, api: Api, kind: str, **fields: Any) -> None:
        self.api, self.kind = api, kind
        environment = api.post("project.create", name="shop").json()["environment"]["environmentId"]
        login = {"databaseName": "u", "databaseUser": "u", "databasePassword": "first"}
        row = api.post(f"{kind}.create", name="db", environmentId=environment, **login).json()
        self.key = {f"{kind}Id": row[f"{kind}Id"]}
        self.name = row["appName"]
        self.does("update", dockerImage=IMAGES[kind], **fields)
        self.does("deploy")

    def does(self, verb: str, status: int = 200, **values: Any) -> Any:
        response = self.api.post(f"{self.kind}.{verb}", **self.key, **values)
        assert response.status_code == status, response.text
        return response.json()

    @property
    def row(self) -> dict[str, Any]:
        row: dict[str, Any] = self.api.get(f"{self.kind}.one", **self.key).json()
        return row

    @property
    def password(self) -> str:
        return str(self.api.sim.logins()[self.name]["databasePassword"])

    @property
    def data(self) -> str | None:
        return self.api.sim.volumes().get(f"{self.name}-data")

    def tasks(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.api.get("docker.getServiceContainersByAppName", appName=self.name).json()
        return found

    def labels(self) -> dict[str, str]:
        task = self.api.get("docker.getConfig", containerId=self.tasks()[0]["containerId"]).json()
        found: dict[str, str] = task["Spec"]["ContainerSpec"]["Labels"]
        return found


@pytest.mark.parametrize("kind", IMAGES)
def test_only_a_rebuild_destroys_the_data(api: Api, kind: str) -> None:
    database = Database(api, kind)
    data = database.data
    for verb, values in (("stop", {}), ("start", {}), ("deploy", {}), ("reload", {"appName": "any"})):
        database.does(verb, **values)
        assert data and database.data == data, verb
    database.does("rebuild")
    assert database.data not in (None, data)
    data = database.data
    database.does("remove")
    assert database.data == data


@pytest.mark.parametrize(("kind", "after_deploy"), [("postgres", "first"), ("mysql", "first"), ("redis", "second")])
def test_a_password_of_the_row_reaches_an_initialised_engine_only_where_it_has_none(
    api: Api, kind: str, after_deploy: str
) -> None:
    database = Database(api, kind)
    database.does("update", databasePassword="second")
    assert database.password == "first"
    database.does("deploy")
    assert database.password == after_deploy
    database.does("rebuild")
    assert database.password == "second"


@pytest.mark.parametrize("kind", IMAGES)
def test_change_password_reaches_the_engine(api: Api, kind: str) -> None:
    database = Database(api, kind)
    database.does("changePassword", password="second")
    assert (database.password, database.row["databasePassword"]) == ("second", "second")
    database.does("reload", appName="any")
    assert database.password == ("first" if kind == "redis" else "second")


def test_redis_says_yes_to_a_change_of_a_password_that_it_does_not_take(api: Api) -> None:
    database = Database(api, "redis")
    database.does("update", databasePassword="second")
    assert database.does("changePassword", password="third") is True
    assert (database.password, database.row["databasePassword"]) == ("first", "third")


def test_a_root_password_that_the_engine_does_not_take(api: Api) -> None:
    database = Database(api, "mysql", databaseRootPassword="root")
    database.does("update", databaseRootPassword="other")
    message = database.does("changePassword", 500, password="second")["message"]
    assert "Access denied" in message and "second" in message and "other" in message
    assert database.row["databasePassword"] == "first"


def test_a_pull_that_fails_leaves_the_service(api: Api) -> None:
    database = Database(api, "postgres")
    before = database.tasks()
    api.sim.config(builds=[{"database": "db", "result": "error"}])
    assert "manifest for postgres:18 not found" in database.does("deploy", 500)["message"]
    assert database.row["applicationStatus"] == "error"
    assert [task["containerId"] for task in database.tasks()] == [task["containerId"] for task in before]


@pytest.mark.parametrize("how", [{"command": "false"}, {}])
def test_a_deployment_that_docker_takes_back_is_done_all_the_same(api: Api, how: dict[str, str]) -> None:
    database = Database(api, "postgres", labelsSwarm={"state": "old"})
    api.sim.config(rolls_back=True, builds=[] if how else [{"database": "db", "crash_after": 0.0}])
    database.does("update", labelsSwarm={"state": "new"}, **how)
    database.does("deploy")
    assert database.row["applicationStatus"] == "done"
    api.until(lambda: database.labels() == {"state": "old"})
    states = [(task["state"], task["currentState"].split()[0]) for task in database.tasks()]
    assert states[0] == ("running", "Running") and ("shutdown", "Failed") in states


def test_a_start_that_crashes_does_not_come_back(api: Api) -> None:
    database = Database(api, "redis")
    api.sim.act(crash="db")
    assert not api.sim.services()[database.name]["running"]
    api.sim.config(block_seconds=0.01)
    database.does("start")
    assert not api.sim.services()[database.name]["running"]


def test_a_task_with_a_health_check_starts_for_a_while(api: Api) -> None:
    api.sim.config(healthy_seconds=0.2, version=NEWEST_MEASURED)
    database = Database(api, "postgres", healthCheckSwarm={"Test": ["CMD-SHELL", "true"]})
    assert database.tasks()[0]["currentState"].startswith("Starting")
    assert database.password == "first"
    api.until(lambda: database.tasks()[0]["currentState"].startswith("Running"))


def test_ports_of_others(api: Api) -> None:
    first, second = Database(api, "postgres"), Database(api, "redis")
    first.does("saveExternalPort", externalPort=5432)
    assert "in use by container" in second.does("saveExternalPort", 409, externalPort=5432)["message"]
    first.does("stop")
    second.does("saveExternalPort", externalPort=5432)
    api.sim.config(host_ports=[6379])
    assert "host-level service" in second.does("saveExternalPort", 409, externalPort=6379)["message"]


def test_a_deployment_waits_for_its_tasks(api: Api) -> None:
    api.sim.config(healthy_seconds=0.2)
    database = Database(api, "postgres", healthCheckSwarm={"Test": ["CMD-SHELL", "true"]})
    assert database.tasks()[0]["currentState"].startswith("Running")
    api.sim.config(healthy_seconds=3600, converge_seconds=0.05)
    assert "0/1 tasks running (last state: starting)" in database.does("deploy", 500)["message"]
    assert database.row["applicationStatus"] == "error"
    database.does("update", command="false", healthCheckSwarm=None)
    failed = database.does("deploy", 500)["message"]
    assert failed.startswith(
        f"Error on deploy postgresError: Service {database.name} did not converge within 45000ms: "
    )
    api.sim.config(version=NEWEST_MEASURED)
    database.does("deploy")
    assert database.row["applicationStatus"] == "done"


def test_a_deployment_waits_for_no_service_that_a_reset_has_removed(api: Api) -> None:
    database = Database(api, "postgres", healthCheckSwarm={"Test": ["CMD-SHELL", "true"]})
    service = api.sim.server.docker.services[database.name]
    last = service.tasks[-1]
    api.sim.config(healthy_seconds=3600, converge_seconds=0)
    with ThreadPoolExecutor(1) as pool:
        deployment = pool.submit(database.does, "deploy", 200)
        api.until(lambda: service.tasks[-1] is not last)
        api.sim.reset()
        deployment.result()
    assert api.sim.server.in_flight == set()


def test_a_port_that_a_container_has_keeps_a_task_pending(api: Api) -> None:
    api.sim.config(version=NEWEST_MEASURED)
    first, second = Database(api, "postgres"), Database(api, "redis")
    first.does("saveExternalPort", externalPort=5432)
    second.does("update", externalPort=5432)
    second.does("deploy")
    assert second.row["applicationStatus"] == "done"
    assert second.tasks()[0]["currentState"].startswith("Pending")
    assert "host-mode port already in use" in second.tasks()[0]["error"]
    first.does("stop")
    second.does("deploy")
    assert second.tasks()[0]["currentState"].startswith("Running")


def test_a_volume_is_in_use_until_its_containers_are_gone(api: Api) -> None:
    database = Database(api, "postgres")
    volume = {"volumeName": f"{database.name}-data"}
    api.sim.config(linger_seconds=0.2)
    assert "volume is in use" in api.post("dockerVolume.removeVolume", **volume).json()["message"]
    database.does("remove")
    assert api.post("dockerVolume.removeVolume", **volume).status_code == 500
    api.until(lambda: api.post("dockerVolume.removeVolume", **volume).status_code == 200)
    assert database.data is None
    assert "no such volume" in api.post("dockerVolume.removeVolume", **volume).json()["message"]


def test_a_rebuild_leaves_the_data_when_the_container_ends_slowly(api: Api) -> None:
    database = Database(api, "postgres")
    data = database.data
    api.sim.config(linger_seconds=3600)
    refused = database.does("rebuild", status=500)["message"]
    assert f"docker volume rm {database.name}-data --force" in refused and "volume is in use - [" in refused
    assert api.sim.services() == {} and database.tasks() == [] and database.data == data
    (container,) = api.get("docker.getContainersByAppNameMatch", appName=database.name).json()
    assert container["name"].startswith(f"{database.name}.1.") and container["state"] == "running"


def test_a_user_deploys_a_database(api: Api) -> None:
    database = Database(api, "postgres")
    api.sim.act(set="db", fields={"labelsSwarm": {"state": "new"}})
    api.sim.act(deploy="db")
    api.until(lambda: database.labels() == {"state": "new"})


def test_a_deployment_takes_its_time(api: Api) -> None:
    api.sim.config(deploy_seconds=0.2)
    database = Database(api, "redis")
    api.sim.act(call="redis.deploy", input={"redisId": "db"})
    api.until(lambda: database.row["applicationStatus"] == "running")
    api.until(lambda: database.row["applicationStatus"] == "done")


def test_older_releases(api: Api) -> None:
    api.sim.config(version="0.28.8")
    database = Database(api, "postgres")
    assert "networkIds" not in database.row
    assert api.get("libsql.one", libsqlId="x").status_code == 404
    assert api.post("postgres.changePassword", **database.key, password="x").status_code == 404
