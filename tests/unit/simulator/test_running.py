# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What really runs: the service's spec, tasks, start, stop, reload, what Docker refuses, the containers' log."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from tests.support.simulator_client import Api

NGINX = {"sourceType": "docker", "dockerImage": "nginx:1"}


def name_of(api: Api, application: str) -> str:
    return str(api.get("application.one", applicationId=application).json()["appName"])


def deployed(api: Api, **fields: Any) -> tuple[str, str]:
    application = api.application(**NGINX, **fields)
    deploy(api, application)
    return application, name_of(api, application)


def deploy(api: Api, application: str) -> dict[str, Any]:
    api.post("application.deploy", applicationId=application)
    api.idle()
    return api.deployments(application)[0]


def reload(api: Api, application: str) -> requests.Response:
    return api.post("application.reload", applicationId=application, appName="whatever")


def tasks(api: Api, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.get("docker.getServiceContainersByAppName", appName=name).json()
    return found


def spec(api: Api, name: str) -> dict[str, Any]:
    found: dict[str, Any] = api.get("docker.getConfig", containerId=name).json()["Spec"]
    return found


def test_every_swarm_column_reaches_docker(api: Api) -> None:
    swarm = {
        "healthCheckSwarm": {"Test": ["CMD", "true"], "Interval": 30_000_000_000, "Retries": 2},
        "restartPolicySwarm": {"Condition": "on-failure", "Delay": 5_000_000_000},
        "placementSwarm": {"Constraints": ["node.role==manager"], "MaxReplicas": 3},
        "updateConfigSwarm": {"Parallelism": 2, "Order": "stop-first"},
        "rollbackConfigSwarm": {"Parallelism": 3, "Order": "stop-first"},
        "labelsSwarm": {"k": "v"},
        "stopGracePeriodSwarm": 30_000_000_000,
        "ulimitsSwarm": [{"Name": "nofile", "Soft": 10, "Hard": 20}],
    }
    limits = {"memoryLimit": "67108864", "cpuLimit": "500000000", "memoryReservation": "33554432"}
    application = api.application(**NGINX, **swarm, **limits, command="sleep 10", args=["a b"], replicas=2)
    mount = {"type": "volume", "volumeName": "data", "mountPath": "/data"}
    api.post("mounts.create", serviceId=application, serviceType="application", **mount)
    api.post("port.create", applicationId=application, publishedPort=8080, targetPort=80)
    assert reload(api, application).json() is True
    name = name_of(api, application)
    seen = spec(api, name)
    container = seen["TaskTemplate"]["ContainerSpec"]
    assert container == {
        "Image": "nginx:1",
        "Labels": {"k": "v"},
        "Command": ["sleep", "10"],
        "Args": ["a b"],
        "Mounts": [{"Type": "volume", "Source": "data", "Target": "/data"}],
        "StopGracePeriod": 30_000_000_000,
        "Healthcheck": swarm["healthCheckSwarm"],
        "Isolation": "default",
        "Ulimits": swarm["ulimitsSwarm"],
    }
    resources = {"Limits": {"NanoCPUs": 500_000_000, "MemoryBytes": 67_108_864}}
    assert seen["TaskTemplate"]["Resources"] == {**resources, "Reservations": {"MemoryBytes": 33_554_432}}
    assert seen["TaskTemplate"]["RestartPolicy"] == swarm["restartPolicySwarm"]
    assert seen["TaskTemplate"]["Placement"] == swarm["placementSwarm"]
    assert (seen["UpdateConfig"], seen["Mode"]) == (swarm["updateConfigSwarm"], {"Replicated": {"Replicas": 2}})
    port = {"Protocol": "tcp", "TargetPort": 80, "PublishedPort": 8080, "PublishMode": "ingress"}
    assert seen["EndpointSpec"] == {"Mode": "vip", "Ports": [port]}
    task = api.get("docker.getConfig", containerId=tasks(api, name)[0]["containerId"]).json()
    assert task["Spec"]["ContainerSpec"] == container
    # What is written now reaches the service with the next reload only.
    api.post("application.update", applicationId=application, labelsSwarm={"k": "w"})
    assert spec(api, name)["TaskTemplate"]["ContainerSpec"]["Labels"] == {"k": "v"}
    reload(api, application)
    assert spec(api, name)["TaskTemplate"]["ContainerSpec"]["Labels"] == {"k": "w"}


def test_the_environment_of_a_container(api: Api) -> None:
    made = api.post("project.create", name="p", env="HOST=db").json()
    home = made["environment"]["environmentId"]
    api.post("environment.update", environmentId=home, env="STAGE=live")
    application = api.post("application.create", name="web", environmentId=home).json()["applicationId"]
    text = (
        'A=a#b\n#NO=1\nQ="two # words"\nN="1\\n2"\nNOEQ\nA=again\nURL=${{project.HOST}}/${{environment.STAGE}}/${{Q}}'
    )
    api.post("application.update", applicationId=application, **NGINX, env=text)
    reload(api, application)
    env = spec(api, name_of(api, application))["TaskTemplate"]["ContainerSpec"]["Env"]
    assert env == ["A=again", "Q=two # words", "N=1\n2", "URL=db/live/two # words"]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"memoryLimit": "512m"}, "invalid memory value 512: Must be at least 4MiB"),
        ({"memoryReservation": "4194303"}, "Must be at least 4MiB"),
        ({"cpuLimit": "100"}, "invalid cpu value 1e-07: Must be at least 0.001"),
        ({"env": "A=${{nope}}"}, "Invalid service environment variable: nope"),
        ({"env": "A=${{project.nope}}"}, "Invalid project environment variable: project.nope"),
        ({"networkSwarm": [{"Target": "nope"}]}, "network nope not found"),
        ({"replicas": -1}, "cannot unmarshal number"),
    ],
)
def test_what_docker_refuses(api: Api, fields: dict[str, Any], words: str) -> None:
    application = api.application(**NGINX, **fields)
    row = deploy(api, application)
    log = api.get("deployment.readLogs", deploymentId=row["deploymentId"]).json()
    assert row["status"] == "error" and words in log
    assert log.endswith(" \nError occurred ❌, check the logs for details.\n") or "environment variable" in words
    assert api.get("application.one", applicationId=application).json()["applicationStatus"] == "error"
    failed = reload(api, application)
    assert (failed.status_code, failed.json()["message"]) == (500, "Error reloading application")
    assert api.sim.services() == {}


def test_the_mode_of_a_service_cannot_change(api: Api) -> None:
    application, name = deployed(api)
    api.post("application.update", applicationId=application, modeSwarm={"Global": {}})
    assert reload(api, application).status_code == 500
    log = api.get("deployment.readLogs", deploymentId=deploy(api, application)["deploymentId"]).json()
    assert f"name conflicts with an existing object: service {name} already exists" in log


def test_a_global_service_is_neither_started_nor_stopped(api: Api) -> None:
    application, name = deployed(api, modeSwarm={"Global": {}})
    refused = api.post("application.start", applicationId=application)
    assert refused.status_code == 500
    assert refused.json()["message"].endswith(
        f"{name}: scale can only be used with replicated or replicated-job mode\n"
    )
    assert api.post("application.stop", applicationId=application).status_code == 200
    assert api.get("application.one", applicationId=application).json()["applicationStatus"] == "idle"
    assert [task["state"] for task in tasks(api, name)] == ["running"]


def test_containers_live_on_for_a_while(api: Api) -> None:
    application, name = deployed(api, replicas=2)
    api.sim.config(linger_seconds=3600)
    reload(api, application)
    assert [(task["name"][-1], task["state"]) for task in tasks(api, name)] == [
        *(("1", "running"), ("1", "shutdown"), ("2", "running"), ("2", "shutdown"))
    ]
    old = api.post("application.stop", applicationId=application).json()
    assert old["applicationStatus"] == "done"
    assert {task["state"] for task in tasks(api, name) if task["currentState"].startswith("Running")} == {
        *("remove", "shutdown")
    }
    api.sim.config(linger_seconds=0)
    other, other_name = deployed(api)
    api.post("application.stop", applicationId=other)
    assert tasks(api, other_name) == []
    # Repeated, and never deployed, it is fine too.
    assert api.post("application.stop", applicationId=other).status_code == 200
    assert api.post("application.stop", applicationId=api.application()).status_code == 200


@pytest.mark.parametrize("fields", [{"command": "false"}, {"dockerImage": "registry/missing:1"}])
def test_a_start_that_never_ends(api: Api, fields: dict[str, str]) -> None:
    application, name = deployed(api)
    api.post("application.update", applicationId=application, **fields)
    reload(api, application)
    api.post("application.stop", applicationId=application)
    with pytest.raises(requests.Timeout):
        api.session.post(f"{api.sim.url}/api/application.start", json={"applicationId": application}, timeout=0.2)
    assert api.get("application.one", applicationId=application).json()["applicationStatus"] == "idle"
    assert not any(task["currentState"].startswith("Running") for task in tasks(api, name))
    api.sim.config(block_seconds=0)
    assert api.post("application.start", applicationId=application).status_code == 200


def test_start_wants_a_service(api: Api) -> None:
    application = api.application(**NGINX)
    refused = api.post("application.start", applicationId=application)
    assert refused.status_code == 500 and refused.json()["message"].endswith(" not found\n")
    assert reload(api, application).json() is True
    assert api.post("application.start", applicationId=application).status_code == 200


def test_containers_by_name_and_label(api: Api) -> None:
    _application, name = deployed(api)
    (container,) = api.get("docker.getContainersByAppNameMatch", appName=name[:-2]).json()
    assert container["name"].startswith(f"{name}.1.") and container["state"] == "running"
    (labelled,) = api.get("docker.getContainersByAppLabel", appName=name, type="swarm").json()
    assert labelled == {key: container[key] for key in ("containerId", "name", "state")}
    assert api.get("docker.getContainersByAppLabel", appName=name[:-2], type="swarm").json() == []
    assert len(api.get("docker.getContainersByAppLabel", appName=name[:-2], type="standalone").json()) == 1
    assert api.get("docker.getConfig", containerId="nope").content == b""


def test_the_log_of_containers(api: Api) -> None:
    application, name = deployed(api)
    api.sim.act(say=application, lines=["GET /", "error: no disk", "GET /x"])
    key = {"applicationId": application}

    def lines(**params: str) -> list[str]:
        text: str = api.get("application.readLogs", **key, **params).json()
        return [line.partition(" ")[2] for line in text.splitlines()]

    assert lines() == [f"{name} is listening", "GET /", "error: no disk", "GET /x"]
    assert lines(tail="2") == ["error: no disk", "GET /x"]
    assert lines(search="ERROR") == ["error: no disk"]
    assert lines(since="1h") == lines() and lines(since="0s") == []
    assert api.get("application.readLogs", **key, since="5x").status_code == 400
    nothing = api.get("application.readLogs", **key, search="zzz")
    assert nothing.status_code == 500 and "grep -iF 'zzz'" in nothing.json()["message"]
    api.sim.act(crash=application)
    assert api.get("application.readLogs", **key).json() == ""
    fresh = api.get("application.readLogs", applicationId=api.application())
    assert fresh.status_code == 500 and fresh.json()["message"].startswith("No container or service found for: ")


def test_monitoring(api: Api) -> None:
    application, name = deployed(api)
    empty: dict[str, list[Any]] = {kind: [] for kind in ("cpu", "memory", "disk", "network", "block")}
    assert api.get("application.readAppMonitoring", appName=name).json() == empty
    api.post("application.stop", applicationId=application)
    assert api.get("application.readAppMonitoring", appName=name).json() is None


def test_a_network_in_use_stays(api: Api) -> None:
    made = api.post("network.create", name="n", driver="overlay").json()
    application = api.application(**NGINX, networkIds=[made["networkId"]])
    reload(api, application)
    assert len(spec(api, name_of(api, application))["TaskTemplate"]["Networks"]) == 2
    busy = api.post("network.remove", networkId=made["networkId"])
    assert busy.status_code == 400 and "is in use by service" in busy.json()["message"]
    api.post("application.update", applicationId=application, detachDokployNetwork=True, networkIds=[])
    reload(api, application)
    assert spec(api, name_of(api, application))["TaskTemplate"]["Networks"] == []
    assert api.post("network.remove", networkId=made["networkId"]).json()["name"] == "n"


def test_a_crash_loop_can_be_stopped(api: Api) -> None:
    application, name = deployed(api, command="false")
    assert {task["state"] for task in tasks(api, name)} == {"ready", "shutdown"}
    assert api.post("application.stop", applicationId=application).status_code == 200
    assert not [task for task in tasks(api, name) if task["state"] in ("ready", "running")]
