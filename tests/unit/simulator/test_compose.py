# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Compose stacks, beyond the recording: what tests may set, what reaches the containers, templates of other servers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from tests.support.simulator_client import Api

FILE = """services:
  web:
    image: shop:${TAG:-1}
    environment: {A: "${A:-none}", B: $$5}
    depends_on: [db]
    volumes: [data:/data, ../files/app.conf:/etc/app.conf]
  db:
    image: postgres:15
volumes:
  data: {}
"""


class Compose:
    """A raw compose in a project of its own."""

    def __init__(self, api: Api, **fields: Any) -> None:
        self.api = api
        environment = api.post("project.create", name="shop", env="SHARED=s").json()["environment"]["environmentId"]
        values = {"name": "shop", "appName": "shop", "sourceType": "raw", "composeFile": FILE}
        made = api.post("compose.create", environmentId=environment, **values).json()
        self.id, self.app = made["composeId"], made["appName"]
        if fields:
            assert api.post("compose.update", composeId=self.id, **fields).status_code == 200

    def post(self, verb: str, **body: Any) -> Any:
        response = self.api.post(f"compose.{verb}", composeId=self.id, **body)
        return response.json() if response.content else response

    def deploy(self, verb: str = "deploy", **body: Any) -> str:
        self.post(verb, **body)
        self.api.idle()
        return str(self.rows()[0]["status"])

    def rows(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.api.get("deployment.allByCompose", composeId=self.id).json()
        return rows

    def log(self) -> str:
        return str(self.api.get("deployment.readLogs", deploymentId=self.rows()[0]["deploymentId"]).json())

    def containers(self) -> dict[str, str]:
        rows = self.api.get("docker.getContainersByAppNameMatch", appName=self.app, appType="docker-compose").json()
        return {row["name"].removeprefix(f"{self.app}-").removesuffix("-1"): row["state"] for row in rows}

    def inspect(self, service: str) -> dict[str, Any]:
        found: dict[str, Any] = self.api.get("docker.getConfig", containerId=f"{self.app}-{service}-1").json()
        return found


def test_variables_reach_a_container_by_the_file_and_a_deployment(api: Api) -> None:
    compose = Compose(api, env="# note\nTAG=2\nA=${{project.SHARED}}\n")
    assert compose.deploy() == "done"
    first = compose.inspect("web")
    assert first["Config"]["Image"] == "shop:2"
    assert first["Config"]["Env"][:2] == ["A=s", "B=$5"]
    other = compose.inspect("db")["Id"]
    compose.post("saveEnvironment", env="TAG=3")
    assert compose.post("start") is True
    assert compose.inspect("web") == first, "a start brings nothing new"
    assert compose.deploy("redeploy") == "done"
    assert compose.inspect("web")["Config"]["Image"] == "shop:3"
    assert compose.inspect("db")["Id"] == other, "what is as it was stays"
    compose.post("update", createEnvFile=False)
    assert compose.deploy() == "done"
    assert compose.inspect("web")["Config"]["Image"] == "shop:1"


def test_fetching_the_services_empties_the_code_folder(api: Api) -> None:
    compose = Compose(api, env="TAG=2")
    compose.deploy()
    assert api.get("compose.loadServices", composeId=compose.id).json() == ["web", "db"]
    compose.post("start")
    assert compose.inspect("web")["Config"]["Image"] == "shop:2"
    api.get("compose.loadServices", composeId=compose.id, type="fetch")
    compose.post("start")
    assert compose.inspect("web")["Config"]["Image"] == "shop:1"


@pytest.mark.parametrize(
    "file, words",
    [
        ("services:\n  web:\n    image: missing:1\n", "manifest for missing:1 not found"),
        ("services:\n  web: {}\n", "neither an image nor a build context"),
        ("services:\n  web:\n    image: a\n    depends_on: [db]\n", 'depends on undefined service "db"'),
        ("services:\n  web:\n    image: a\n    volumes: [d:/d]\n", "refers to undefined volume d"),
        ("services:\n  web:\n    image: a:${NOPE:?is needed}\n", "NOPE is missing a value: is needed"),
        ("services: {}\n", "no service selected"),
        ("- a\n", "must be a mapping"),
        ("a: 1\na: 2\n", "Map keys must be unique"),
    ],
)
def test_a_file_that_docker_refuses_is_an_error_of_the_deployment(api: Api, file: str, words: str) -> None:
    compose = Compose(api, composeFile=file)
    assert compose.deploy() == "error"
    assert words in compose.log()
    assert api.get("compose.one", composeId=compose.id).json()["composeStatus"] == "error"
    assert compose.containers() == {}


def test_a_published_port_belongs_to_one(api: Api) -> None:
    ports = "services:\n  web:\n    image: a\n    ports: ['127.0.0.1:8080:80']\n"
    assert Compose(api, composeFile=ports).deploy() == "done"
    other = Compose(api, composeFile=ports)
    assert other.deploy() == "error"
    assert "address already in use" in other.log()


def test_a_rule_says_how_a_deployment_ends_and_what_becomes_of_the_containers(api: Api) -> None:
    api.sim.config(builds=[{"compose": "sh*", "services": {"db": "unhealthy", "web": "restarting"}}])
    compose = Compose(api)
    assert compose.deploy() == "done"
    assert compose.containers() == {"web": "restarting", "db": "running"}
    assert compose.inspect("db")["State"]["Health"] == {"Status": "unhealthy"}
    api.sim.config(builds=[{"compose": "shop", "result": "error", "log": ["pulling"]}])
    assert compose.deploy() == "error"
    assert "\npulling\n" in compose.log()
    api.sim.config(builds=[{"application": "shop", "result": "error"}], next_results=["done", "error"])
    assert [compose.deploy(), compose.deploy(), compose.deploy()] == ["done", "error", "done"]
    with pytest.raises(ValueError, match="a rule's services"):
        api.sim.config(builds=[{"services": {"web": "gone"}}])


def test_containers_crash_when_they_are_told_to(api: Api) -> None:
    compose = Compose(api)
    compose.deploy()
    api.sim.act(crash="shop", service_name="db", state="exited")
    assert compose.containers() == {"web": "running", "db": "exited"}
    assert compose.deploy() == "done"
    assert compose.containers() == {"web": "running", "db": "running"}
    api.sim.act(crash=compose.id)
    assert set(compose.containers().values()) == {"restarting"}
    api.sim.config(builds=[{"compose": "shop", "crash_after": 0.05}])
    compose.post("update", composeFile=FILE.replace("postgres:15", "postgres:16"))
    compose.deploy()
    api.until(lambda: compose.containers()["db"] == "restarting")
    with pytest.raises(ValueError, match="has no container of cache"):
        api.sim.act(crash="shop", service_name="cache")


def test_a_service_may_have_several_containers_and_a_name_of_its_own(api: Api) -> None:
    file = "services:\n  web:\n    image: a\n    scale: 2\n    healthcheck: {test: [CMD, curl, localhost]}\n"
    compose = Compose(api, composeFile=file + "  db:\n    image: b\n    container_name: shop-db\n")
    compose.deploy()
    listed = api.get("docker.getContainersByAppNameMatch", appName=compose.app, appType="docker-compose").json()
    assert [row["name"] for row in listed] == ["shop-db", f"{compose.app}-web-2", f"{compose.app}-web-1"]
    assert [row["status"].partition("(")[2] for row in listed] == ["", "healthy)", "healthy)"]
    api.sim.act(crash="shop", service_name="web", state="starting")
    listed = api.get("docker.getContainersByAppNameMatch", appName=compose.app, appType="docker-compose").json()
    assert listed[1]["status"].endswith("(health: starting)")
    compose.post("update", composeFile=file.replace("scale: 2", "scale: 1"))
    compose.deploy()
    assert list(compose.containers()) == ["web"]


def test_containers_log_what_they_say(api: Api) -> None:
    compose = Compose(api)
    compose.deploy()
    api.sim.act(say="shop", service_name="web", lines=["one", "two"])
    name = f"{compose.app}-web-1"
    text = api.get("compose.readLogs", composeId=compose.id, containerId=name, tail="1").json()
    assert text.endswith("Z two\n") and "one" not in text
    failed = api.get("compose.readLogs", composeId=compose.id, containerId=name, search="three")
    assert failed.status_code == 500


def test_a_push_changes_the_title_and_the_repository_has_the_files_of_the_settings(api: Api) -> None:
    git = {"sourceType": "git", "customGitUrl": "https://git.example.com/shop.git", "customGitBranch": "main"}
    compose = Compose(api, **git, composePath="./deploy/shop.yml")
    api.sim.config(repository_files={"deploy/shop.yml": "services:\n  shop:\n    image: shop:1\n"})
    api.sim.act(push="main", message="Sell more", hash="c0ffee")
    assert compose.deploy(title="mine") == "done"
    assert (compose.rows()[0]["title"], compose.rows()[0]["description"]) == ("Sell more", "Commit: c0ffee")
    assert list(compose.containers()) == ["shop"]
    compose.post("update", composePath="./missing.yml")
    assert compose.deploy() == "error"
    assert "Compose file not found" in compose.log()
    compose.post("update", composePath="./other.yml")
    assert compose.deploy("redeploy") == "error", "a redeployment does not clone"
    assert compose.deploy() == "done"
    assert list(compose.containers()) == ["web"]


def test_volumes_go_only_when_they_are_told_to(api: Api) -> None:
    kept, gone = Compose(api), Compose(api)
    for compose in (kept, gone):
        compose.deploy()
    assert list(api.sim.volumes()) == [f"{item.app}_data" for item in (kept, gone)]
    kept.post("delete", deleteVolumes=False)
    gone.post("delete", deleteVolumes=True)
    assert list(api.sim.volumes()) == [f"{kept.app}_data"]
    assert kept.containers() == gone.containers() == {}


def test_a_stack_runs_in_the_swarm(api: Api) -> None:
    compose = Compose(api, composeType="stack", env="A=x")
    assert compose.deploy() == "done"
    web = f"{compose.app}_web"
    assert api.sim.services()[web] == {"replicas": 1, "running": 1, "image": "shop:1"}
    task = api.get("docker.getServiceContainersByAppName", appName=web).json()[0]["containerId"]
    assert compose.deploy() == "done"
    assert api.get("docker.getServiceContainersByAppName", appName=web).json()[0]["containerId"] == task
    api.sim.act(crash="shop", service_name="web")
    states = [row["state"] for row in api.get("docker.getStackContainersByAppName", appName=compose.app).json()]
    assert "shutdown" in states
    compose.post("update", composeFile="services:\n  web:\n    image: missing:1\n")
    assert compose.deploy() == "done", "nothing is waited for"
    assert list(api.sim.services()) == [web]
    compose.post("stop")
    assert api.sim.services() == {}


def test_the_labels_of_domains_reach_the_containers_with_a_deployment(api: Api) -> None:
    compose = Compose(api)
    compose.deploy()
    other = compose.inspect("db")["Id"]
    values = {"host": "shop.example.com", "port": 80, "https": True, "path": "/api", "stripPath": True}
    values |= {"certificateType": "letsencrypt", "middlewares": ["auth@file"], "domainType": "compose"}
    made = api.post("domain.create", composeId=compose.id, serviceName="web", **values).json()
    name, traefik = f"{compose.app}-{made['uniqueConfigKey']}", "traefik.http.routers"

    def labels() -> dict[str, str]:
        found = compose.inspect("web")["Config"]["Labels"]
        return {key: value for key, value in found.items() if key.startswith("traefik.")}

    assert labels() == {}
    assert compose.deploy() == "done"
    rule = "Host(`shop.example.com`) && PathPrefix(`/api`)"
    assert labels()[f"{traefik}.{name}-web.middlewares"] == "redirect-to-https@file"
    assert labels()[f"{traefik}.{name}-websecure.rule"] == rule
    assert labels()[f"{traefik}.{name}-websecure.middlewares"] == f"stripprefix-{name},auth@file"
    assert labels()[f"{traefik}.{name}-websecure.tls.certresolver"] == "letsencrypt"
    assert compose.inspect("db")["Id"] == other
    api.post("domain.toggleEnable", domainId=made["domainId"], enabled=False)
    compose.deploy("redeploy")
    assert labels() == {}


def test_a_schedule_runs_in_a_service(api: Api) -> None:
    compose = Compose(api)
    compose.deploy()
    body = {"name": "s", "command": "echo hi", "cronExpression": "0 0 * * *", "scheduleType": "compose"}
    made = api.post("schedule.create", composeId=compose.id, serviceName="web", **body).json()
    assert api.post("schedule.runManually", scheduleId=made["scheduleId"]).json()["status"] == "done"
    api.post("schedule.update", **{**body, "scheduleId": made["scheduleId"], "serviceName": "gone"})
    assert api.post("schedule.runManually", scheduleId=made["scheduleId"]).json()["status"] == "error"
    (listed,) = api.get("schedule.list", id=compose.id, scheduleType="compose").json()
    assert len(listed["deployments"]) == 2


@pytest.fixture
def index(tmp_path: Path) -> Iterator[str]:
    """A server of one template."""
    folder = tmp_path / "blueprints" / "shop"
    folder.mkdir(parents=True)
    (tmp_path / "meta.json").write_text(json.dumps([{"id": "shop", "name": "Shop", "tags": ["a"], "more": 1}]))
    (folder / "docker-compose.yml").write_text("services:\n  web:\n    image: shop:1\n")
    (folder / "template.toml").write_text('[variables]\np = "${password:12}"\n[config.env]\nP = "${p}"\nQ = "${p}"\n')

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path)))
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_templates_of_a_server_on_loopback(api: Api, index: str) -> None:
    assert api.get("compose.templates", baseUrl=index).json() == [{"id": "shop", "name": "Shop", "tags": ["a"]}]
    environment = api.post("project.create", name="My shop").json()["environment"]["environmentId"]
    made = api.post("compose.deployTemplate", environmentId=environment, id="shop", baseUrl=index).json()
    assert made["appName"].startswith("my-shop-shop-")
    first, second = made["env"].split("\n")
    assert (len(first), first[2:]) == (14, second[2:])
    assert api.get("compose.templates", baseUrl=index + "0").json() == []


def test_templates_that_are_built_in(api: Api) -> None:
    assert [entry["id"] for entry in api.get("compose.templates").json()] == ["mini", "bare"]
    assert api.get("compose.templates", baseUrl="https://missing.example.com").json() == []


def test_the_network_of_a_stack_outlives_its_stop(api: Api) -> None:
    """A deployment takes it for its own, and it goes with the last container."""
    compose = Compose(api, composeType="stack", env="A=x")
    assert compose.deploy() == "done"
    network = f"{compose.app}_default"
    assert api.get("docker.getConfig", containerId=network).json()["Labels"] == {
        "com.docker.stack.namespace": compose.app
    }
    api.sim.config(linger_seconds=60)
    compose.post("stop")
    assert compose.deploy() == "error"
    assert f"Error response from daemon: network {network} not found\n" in compose.log()
    api.sim.server.docker.networks.end(network)
    assert compose.deploy() == "done"
