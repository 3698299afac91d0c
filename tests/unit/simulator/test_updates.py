# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Updates of a service that fail: Docker goes back, or the containers crash again and again; at once or later."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.simulator_client import Api

NGINX = {"sourceType": "docker", "dockerImage": "nginx:1"}
FAILED = '"task: non-zero exit (1)"'


def name_of(api: Api, application: str) -> str:
    return str(api.get("application.one", applicationId=application).json()["appName"])


def change(api: Api, application: str, **fields: Any) -> None:
    assert api.post("application.update", applicationId=application, **fields).json() is True


def start(api: Api, application: str, verb: str = "reload") -> None:
    """Deploy or reload, to the end."""
    body = {"appName": "x"} if verb == "reload" else {}
    assert api.post(f"application.{verb}", applicationId=application, **body).status_code == 200
    api.idle()


def deployed(api: Api, **fields: Any) -> tuple[str, str]:
    application = api.application(**NGINX, **fields)
    start(api, application, "deploy")
    return application, name_of(api, application)


def tasks(api: Api, name: str) -> list[tuple[str, str, str]]:
    """Slot, desired state and first word of the current state of each task."""
    rows = api.get("docker.getServiceContainersByAppName", appName=name).json()
    return [(row["name"][-1], row["state"], row["currentState"].split()[0]) for row in rows]


def ids(api: Api, name: str) -> list[str]:
    return [row["containerId"] for row in api.get("docker.getServiceContainersByAppName", appName=name).json()]


def config(api: Api, wanted: str) -> dict[str, Any]:
    found: dict[str, Any] = api.get("docker.getConfig", containerId=wanted).json()["Spec"]
    return found


RUNS, OLD, BAD, READY = ("running", "Running"), ("shutdown", "Shutdown"), ("shutdown", "Failed"), ("ready", "Ready")


@pytest.mark.parametrize("verb", ["deploy", "reload", "redeploy"])
def test_docker_goes_back(api: Api, verb: str) -> None:
    api.sim.config(rolls_back=True)
    application, name = deployed(api, replicas=2)
    before, old = config(api, name), ids(api, name)
    change(api, application, command="exit 1", replicas=3)
    start(api, application, verb)
    assert config(api, name) == before
    # The first slot has come up and failed, so it runs a new task of the old kind; the second was not reached.
    assert tasks(api, name) == [("1", *RUNS), ("1", *BAD), ("1", *OLD), ("2", *RUNS)]
    first, bad, gone, second = ids(api, name)
    assert (gone, second) == tuple(old) and first not in old
    assert config(api, first) == config(api, second) | {"ForceUpdate": 0} != config(api, bad)
    assert config(api, bad)["ContainerSpec"]["Command"] == ["exit", "1"]
    # Neither Dokploy's row nor its deployment tells.
    row = api.get("application.one", applicationId=application).json()
    assert (row["applicationStatus"], row["command"]) == ("done", "exit 1")
    assert {deployment["status"] for deployment in row["deployments"]} == {"done"}
    change(api, application, command=None)
    start(api, application)
    assert [task[:2] for task in tasks(api, name) if task[1] == "running"] == [(n, "running") for n in "123"]


def test_all_at_a_time(api: Api) -> None:
    api.sim.config(rolls_back=True)
    update = {"Parallelism": 0, "FailureAction": "rollback", "Order": "stop-first"}
    application, name = deployed(api, replicas=2, updateConfigSwarm=update)
    change(api, application, command="false")
    start(api, application)
    assert tasks(api, name) == [(slot, *state) for slot in "12" for state in (RUNS, BAD, OLD)]


def test_going_back_to_a_stopped_service_leaves_nothing(api: Api) -> None:
    api.sim.config(rolls_back=True)
    application, name = deployed(api)
    api.post("application.stop", applicationId=application)
    change(api, application, command="false", replicas=2)
    start(api, application)
    assert tasks(api, name) == [("1", *BAD), ("2", *BAD)]
    assert config(api, name)["Mode"] == {"Replicated": {"Replicas": 0}}


def test_an_image_that_is_not_there_ends_no_task(api: Api) -> None:
    api.sim.config(rolls_back=True)
    application, name = deployed(api)
    old = ids(api, name)
    change(api, application, dockerImage="registry/missing:1")
    for _unused in range(6):
        start(api, application)
    assert tasks(api, name)[:2] == [("1", *RUNS), ("1", "shutdown", "Rejected")]
    assert ids(api, name)[0] == old[0]
    assert api.sim.services()[name]["image"] == "nginx:1"


@pytest.mark.parametrize("action", ["pause", "continue", None])
def test_other_failure_actions_go_on(api: Api, action: str | None) -> None:
    api.sim.config(rolls_back=True)
    update = {"Parallelism": 1, "Order": "start-first", **({"FailureAction": action} if action else {})}
    application, name = deployed(api, updateConfigSwarm=update)
    change(api, application, command="false")
    start(api, application)
    assert tasks(api, name) == [("1", *READY), ("1", *BAD), ("1", *BAD), ("1", *OLD)]
    assert config(api, name)["TaskTemplate"]["ContainerSpec"]["Command"] == ["false"]


def test_a_first_deployment_has_nothing_to_go_back_to_and_a_crash_loop_has(api: Api) -> None:
    api.sim.config(rolls_back=True)
    application, name = deployed(api, command="false")
    assert tasks(api, name) == [("1", *READY), ("1", *BAD), ("1", *BAD)]
    before = config(api, name)
    change(api, application, command="exit 1")
    start(api, application)
    assert tasks(api, name) == [("1", *READY), *[("1", *BAD)] * 5]
    assert config(api, name) == before
    commands = [config(api, one)["ContainerSpec"]["Command"] for one in ids(api, name)]
    # The one that was deployed stands between those of the version before.
    assert commands == [["false"], ["false"], ["false"], ["exit", "1"], ["false"], ["false"]]


def test_without_the_setting_it_crashes_on(api: Api) -> None:
    application, name = deployed(api)
    change(api, application, command="false")
    start(api, application)
    assert tasks(api, name)[0] == ("1", *READY)


def test_containers_that_run_for_a_while(api: Api) -> None:
    api.sim.config(builds=[{"image": "nginx*", "crash_after": 1}])
    _application, name = deployed(api, replicas=2)
    assert tasks(api, name) == [("1", *RUNS), ("2", *RUNS)]
    came_up = ids(api, name)

    def failed() -> set[str | None]:
        rows = api.get("docker.getServiceContainersByAppName", appName=name).json()
        errors = {row["containerId"]: row["error"] for row in rows if row["currentState"].startswith("Failed")}
        return {errors.get(task) for task in came_up}

    api.until(lambda: failed() == {FAILED})
    for slot in "12":
        api.until(lambda slot=slot: (slot, *READY) in tasks(api, name))


def test_each_start_begins_the_time_anew(api: Api) -> None:
    api.sim.config(builds=[{"image": "nginx:1", "crash_after": 0.01}])
    application, name = deployed(api, replicas=0)
    assert tasks(api, name) == []
    api.post("application.start", applicationId=application)
    api.until(lambda: tasks(api, name)[0] == ("1", *READY))
    api.sim.config(builds=[{"image": "nginx:1", "crash_after": 3600}])
    change(api, application, replicas=1)
    start(api, application)
    assert tasks(api, name)[0] == ("1", *RUNS)


def test_a_better_image_ends_the_time_of_the_one_before(api: Api) -> None:
    api.sim.config(builds=[{"image": "nginx:1", "crash_after": 0.3}])
    application, name = deployed(api)
    change(api, application, dockerImage="nginx:2")
    start(api, application)
    (newest, *_old) = ids(api, name)
    # Longer than the first one would have lived: another one that does crash says so.
    _other, other_name = deployed(api)
    api.until(lambda: tasks(api, other_name)[0] == ("1", *READY))
    assert (tasks(api, name)[0], ids(api, name)[0]) == (("1", *RUNS), newest)


def test_docker_goes_back_after_a_while(api: Api) -> None:
    api.sim.config(rolls_back=True, builds=[{"image": "nginx:2", "crash_after": 0.3}])
    application, name = deployed(api, replicas=2)
    before, old = config(api, name), ids(api, name)
    change(api, application, dockerImage="nginx:2")
    start(api, application)
    new = [task for task in ids(api, name) if task not in old]
    assert len(new) == 2
    api.until(lambda: config(api, name) == before)
    assert tasks(api, name) == [(slot, *state) for slot in "12" for state in (RUNS, BAD, OLD)]
    assert not {ids(api, name)[0], ids(api, name)[3]} & {*old, *new}


def test_a_failure_after_the_time_of_watching_is_no_failed_update(api: Api) -> None:
    api.sim.config(rolls_back=True, builds=[{"image": "nginx:2", "crash_after": 0.05}])
    update = {"Parallelism": 1, "Order": "start-first", "FailureAction": "rollback", "Monitor": 10_000_000}
    application, name = deployed(api, updateConfigSwarm=update)
    change(api, application, dockerImage="nginx:2")
    start(api, application)
    api.until(lambda: tasks(api, name)[0] == ("1", *READY))
    assert api.sim.services()[name]["image"] == "nginx:2"


def test_a_rollback_of_dokploy_is_an_update_too(api: Api) -> None:
    registry = api.sim.act(registry="hub")["registryId"]
    api.sim.config(rolls_back=True)
    application, name = deployed(api, rollbackActive=True, rollbackRegistryId=registry)
    (row,) = api.deployments(application)
    assert row["rollbackId"]
    (shown,) = api.get("application.one", applicationId=application).json()["deployments"]
    assert shown["rollbackId"] == row["rollbackId"]
    before = config(api, name)
    api.sim.config(builds=[{"application": "web", "crash_after": 0.3}])
    assert api.post("rollback.rollback", rollbackId=row["rollbackId"]).content == b""
    assert config(api, name)["TaskTemplate"]["ContainerSpec"]["Image"].endswith(":v1")
    api.until(lambda: config(api, name) == before)


def test_a_rollback_keeps_what_it_knows_only(api: Api) -> None:
    registry = api.sim.act(registry="hub")["registryId"]
    endpoint = {"Mode": "dnsrr"}
    grace = 30_000_000_000
    values = {"rollbackActive": True, "rollbackRegistryId": registry, "stopGracePeriodSwarm": grace}
    application = api.application(**NGINX, **values, endpointSpecSwarm=endpoint)
    mount = {"type": "file", "filePath": "a", "content": "a", "mountPath": "/a"}
    made = api.post("mounts.create", serviceId=application, serviceType="application", **mount).json()
    volume = {"type": "volume", "volumeName": "data", "mountPath": "/data"}
    kept = api.post("mounts.create", serviceId=application, serviceType="application", **volume).json()
    start(api, application, "deploy")
    name = name_of(api, application)
    assert len(config(api, name)["TaskTemplate"]["ContainerSpec"]["Mounts"]) == 2
    # What is changed later does not reach the copy.
    api.post("mounts.update", mountId=kept["mountId"], mountPath="/other")
    assert made["mountId"]
    (row,) = api.deployments(application)
    api.post("rollback.rollback", rollbackId=row["rollbackId"])
    task = config(api, name)["TaskTemplate"]
    assert task["ContainerSpec"]["Mounts"] == [{"Type": "volume", "Source": "data", "Target": "/data"}]
    assert "StopGracePeriod" not in task["ContainerSpec"] and config(api, name)["EndpointSpec"] == {"Mode": "vip"}
    assert task["Placement"] == {"Constraints": ["node.role==manager"]}


def test_a_rollback_needs_its_registry(api: Api) -> None:
    registry = api.sim.act(registry="hub", registryUrl="missing.example.com")["registryId"]
    application, name = deployed(api, rollbackActive=True, rollbackRegistryId=registry)
    (row,) = api.deployments(application)
    refused = api.post("rollback.rollback", rollbackId=row["rollbackId"])
    assert (refused.status_code, refused.json()["message"]) == (400, "Error input: Rolling back")
    assert api.sim.services()[name]["image"] == "nginx:1"
    for verb, message in (("delete", "Rollback not found"), ("rollback", "Error input: Rolling back")):
        unknown = api.post(f"rollback.{verb}", rollbackId="nope")
        assert (unknown.status_code, unknown.json()["message"]) == (400, message)


@pytest.mark.parametrize("values", [{"rollbackActive": True}, {"rollbackActive": False, "rollbackRegistryId": ""}])
def test_no_rollback_without_its_registry_or_when_it_is_off(api: Api, values: dict[str, Any]) -> None:
    if "rollbackRegistryId" in values:
        values = {**values, "rollbackRegistryId": api.sim.act(registry="hub")["registryId"]}
    application, _name = deployed(api, **values)
    assert [row["rollbackId"] for row in api.deployments(application)] == [None]
