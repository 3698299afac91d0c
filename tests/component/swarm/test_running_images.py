# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The images, digests and commits of what runs."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._api.client import Client
from ansible_collections.community.dokploy.plugins.module_utils._errors import (
    ConnectionFailed,
    DokployError,
    NotFoundError,
)
from ansible_collections.community.dokploy.plugins.module_utils._manifest.manifest import OPERATION as MANIFEST
from ansible_collections.community.dokploy.plugins.module_utils._resources.actions.deployment import (
    OPERATION as DEPLOYMENT,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.databases.database import (
    INFO_OPERATION as DATABASE_INFO,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.databases.database import (
    OPERATION as DATABASE,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.infrastructure.registry import (
    OPERATION as REGISTRY,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.projects.project import OPERATION as PROJECT
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import (
    APPLICATION as RESOURCE,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import (
    INFO_OPERATION as APPLICATION_INFO,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import (
    OPERATION as APPLICATION,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.compose import (
    INFO_OPERATION as COMPOSE_INFO,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.compose import OPERATION as COMPOSE
from ansible_collections.community.dokploy.plugins.module_utils._swarm import images as image_reading
from ansible_collections.community.dokploy.plugins.module_utils._swarm import rollout
from ansible_collections.community.dokploy.plugins.module_utils._swarm.images import (
    RunningImage,
    repository,
    running_images,
)
from ansible_collections.community.dokploy.plugins.module_utils._swarm.tasks import Service
from tests.support.fake_clients import ScriptedClient, batch
from tests.support.host import Host
from tests.support.module_docs import documentation, undocumented

GIT = {"url": "https://git.example.com/shop.git", "branch": "main"}
FILE = "services:\n  web:\n    image: nginx:1\n  db:\n    image: postgres:17\n"


def application(host: Host, name: str, **options: Any) -> str:
    host.new_task()
    made = host.ok(APPLICATION, project="shop", name=name, **options)
    host.ok(DEPLOYMENT, project="shop", application=name, verify=False)
    return str(made["application"]["application_id"])


def running_applications(host: Host) -> dict[str, Any]:
    host.new_task()
    result = host.ok(APPLICATION_INFO, include=["images"])
    assert undocumented(result, documentation()["dokploy_application_info"]["return"]) == []
    return {row["name"]: row["running"] for row in result["applications"]}


def test_an_image_from_a_registry_has_its_digest(host: Host) -> None:
    host.ok(PROJECT, name="shop")
    application(host, "web", docker={"image": "ghcr.io/acme/web:1"})
    (image,) = running_applications(host)["web"]["images"]
    assert image["image"] == "ghcr.io/acme/web:1" and "service" not in image
    assert image["digest"].startswith("ghcr.io/acme/web@sha256:")
    # The same image by its digest has the same ID.
    application(host, "copy", docker={"image": image["digest"]})
    (copy,) = running_applications(host)["copy"]["images"]
    assert (copy["image"], copy["image_id"]) == (image["digest"], image["image_id"])
    assert copy["digest"] == image["digest"]


def test_a_tag_that_moves_leaves_what_runs(host: Host) -> None:
    host.ok(PROJECT, name="shop")
    application(host, "web", docker={"image": "ghcr.io/acme/web:1"})
    before = running_applications(host)["web"]["images"]
    host.sim.config(builds=[{"image": "ghcr.io/acme/web:1", "digest": "sha256:" + 64 * "b"}])
    application(host, "other", docker={"image": "ghcr.io/acme/web:1"})
    now = running_applications(host)
    assert now["web"]["images"] == before
    assert now["other"]["images"][0]["digest"] == "ghcr.io/acme/web@sha256:" + 64 * "b"


def test_what_was_built_has_a_commit_and_a_digest_only_in_a_registry(host: Host) -> None:
    host.ok(PROJECT, name="shop")
    registry = {"name": "own", "url": "registry.example.com", "username": "acme", "password": "pass-of-registry"}
    host.ok(REGISTRY, **registry)
    application(host, "local", git=GIT)
    application(host, "pushed", git=GIT, registry="own")
    now = running_applications(host)
    assert now["local"]["images"][0]["digest"] is None and now["local"]["images"][0]["image_id"].startswith("sha256:")
    assert now["local"]["commit"] is not None
    assert now["local"]["commit"] == now["pushed"]["commit"]
    assert now["pushed"]["images"][0]["digest"].startswith("registry.example.com/acme/")


def test_the_services_of_stacks_and_databases(host: Host) -> None:
    host.ok(PROJECT, name="shop")
    for kind in ("docker-compose", "stack"):
        host.ok(COMPOSE, project="shop", name=kind, type=kind, raw={"content": FILE})
        host.ok(DEPLOYMENT, project="shop", compose=kind, verify=False)
    host.ok(
        DATABASE,
        project="shop",
        name="db",
        type="postgres",
        database="shop",
        user="shop",
        password="pass-of-db",
        state="deployed",
    )
    host.new_task()
    result = host.ok(COMPOSE_INFO, include=["images"])
    assert undocumented(result, documentation()["dokploy_compose_info"]["return"]) == []
    for row in result["compose_stacks"]:
        images = [(image["service"], image["image"], bool(image["digest"])) for image in row["running"]["images"]]
        assert images == [("db", "postgres:17", True), ("web", "nginx:1", True)], row["name"]
    (db,) = host.ok(DATABASE_INFO, include=["images"])["databases"]
    assert db["running"]["images"][0]["digest"].startswith("postgres@sha256:") and "commit" not in db["running"]


def test_one_image_of_several_services_is_looked_at_once(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    host.ok(PROJECT, name="shop")
    for name in ("web", "api", "jobs"):
        application(host, name, docker={"image": "ghcr.io/acme/web:1"})
    sent: list[list[str]] = []
    call_many = Client.call_many

    def counted(self: Client, calls: Any) -> Any:
        sent.append([str(call.input["containerId"]) for call in calls if call.procedure == "docker.getConfig"])
        return call_many(self, calls)

    monkeypatch.setattr(Client, "call_many", counted)
    images = {name: running["images"] for name, running in running_applications(host).items()}
    assert images["web"] == images["api"] == images["jobs"] != []
    # Each task, each container, and the image.
    assert [len(ids) for ids in sent if ids] == [3, 3, 1]


def test_the_requests_are_few_and_only_on_demand(host: Host) -> None:
    host.ok(PROJECT, name="shop")
    for name in ("web", "api"):
        application(host, name, docker={"image": f"ghcr.io/acme/{name}:1"})

    def requests(*include: str) -> int:
        host.new_task()
        host.sim.reset_stats()
        host.ok(APPLICATION_INFO, include=list(include))
        return int(host.sim.stats()["http"])

    assert requests("running") == requests() + 1
    assert requests("images") == requests("running", "images") == requests() + 4


def test_nothing_that_runs_has_no_image(host: Host) -> None:
    host.ok(PROJECT, name="shop")
    host.ok(APPLICATION, project="shop", name="web", docker={"image": "nginx:1"})
    assert running_applications(host)["web"]["images"] == []


def test_the_digest_is_that_of_the_configured_repository() -> None:
    digests = ("ghcr.io/acme/web@sha256:1", "nginx@sha256:2")
    for name in ("nginx:1.29", "docker.io/library/nginx", "nginx@sha256:2"):
        assert RunningImage("", name, "sha256:3", digests).digest == "nginx@sha256:2"
    assert RunningImage("", "other:5000/web:1", "sha256:3", digests).digest == digests[0]
    assert repository("localhost:5000/acme/web:1@sha256:4") == "localhost:5000/acme/web"


# --- after a deployment -----------------------------------------------------------------------------------------------

QUICK = {"verify_period": 0.2, "wait_timeout": 30.0}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many requests each look at the images has sent."""
    counts: list[int] = []
    original = image_reading.running_images

    def counted(services: Any, client: Any, tasks: Any = None) -> Any:
        sent: list[int] = []

        class Counting:
            @staticmethod
            def call_many(calls: Any) -> Any:
                sent.append(len(calls))
                return client.call_many(calls)

        images = original(services, Counting(), tasks)
        counts.append(len(sent))
        return images

    monkeypatch.setattr(image_reading, "running_images", counted)
    monkeypatch.setattr(rollout, "SETTLED", 0.2)
    return counts


def deployed(host: Host, fails: bool = False, **options: Any) -> dict[str, Any]:
    host.new_task()
    result = (host.failed if fails else host.ok)(DEPLOYMENT, project="shop", **{**QUICK, **options})
    assert undocumented(result, documentation()["dokploy_deployment"]["return"]) == []
    return result


def test_a_verified_deployment_tells_the_digest_for_three_requests(host: Host, asked: list[int]) -> None:
    host.ok(PROJECT, name="shop")
    host.ok(APPLICATION, project="shop", name="web", docker={"image": "ghcr.io/acme/web:1"}, replicas=2)
    predicted = host.ok(DEPLOYMENT, check=True, project="shop", application="web", **QUICK)
    assert predicted["running"] is None and asked == []
    running = deployed(host, application="web")["running"]
    assert asked == [3] and running["replicas_running"] == 2 and running["commit"] is None
    assert running["images"] == running_applications(host)["web"]["images"]
    # What is not verified, or not deployed, costs nothing.
    asked.clear()
    assert deployed(host, application="web")["running"] is None
    assert deployed(host, application="web", trigger="always", verify=False)["running"] is None
    assert asked == []


def test_a_build_tells_its_commit_and_whether_a_registry_has_it(host: Host, asked: list[int]) -> None:
    host.ok(PROJECT, name="shop")
    host.ok(REGISTRY, name="own", url="registry.example.com", username="acme", password="pass-of-registry")
    for name, options in (("local", {}), ("pushed", {"registry": "own"})):
        host.ok(APPLICATION, project="shop", name=name, git=GIT, **options)
        host.sim.act(push="main", message="another one", hash=40 * "a")
        running = deployed(host, application=name)["running"]
        (image,) = running["images"]
        assert running["commit"] == 40 * "a" and image["image_id"].startswith("sha256:")
        assert bool(image["digest"]) is (name == "pushed")


@pytest.mark.parametrize(("kind", "requests"), [("docker-compose", 2), ("stack", 3)])
def test_a_stack_tells_the_images_of_each_service(host: Host, asked: list[int], kind: str, requests: int) -> None:
    host.ok(PROJECT, name="shop")
    host.ok(COMPOSE, project="shop", name="stack", type=kind, raw={"content": FILE})
    running = deployed(host, compose="stack")["running"]
    images = [(image["service"], image["image"], bool(image["digest"])) for image in running["images"]]
    assert images == [("db", "postgres:17", True), ("web", "nginx:1", True)]
    assert asked == [requests]
    host.new_task()
    assert "images" not in host.ok(COMPOSE, project="shop", name="stack", state="started")["running"]


def test_several_handles_share_the_requests(host: Host, asked: list[int]) -> None:
    host.ok(PROJECT, name="shop")
    handles = []
    for name in ("web", "api"):
        host.ok(APPLICATION, project="shop", name=name, docker={"image": f"ghcr.io/acme/{name}:1"})
        handles.append(deployed(host, application=name, wait=False)["handle"])
    reports = host.ok(DEPLOYMENT, state="finished", handles=handles, **QUICK)["deployments"]
    digests = [report["running"]["images"][0]["digest"].partition("@")[0] for report in reports]
    assert digests == ["ghcr.io/acme/web", "ghcr.io/acme/api"] and asked == [3]


def test_what_comes_back_tells_its_digest(host: Host, asked: list[int]) -> None:
    host.ok(PROJECT, name="shop")
    application(host, "web", docker={"image": "ghcr.io/acme/web:1"})
    (before,) = running_applications(host)["web"]["images"]
    host.sim.config(rolls_back=False, builds=[{"image": "ghcr.io/acme/web:2", "crash_after": 0.05}])
    host.ok(APPLICATION, project="shop", name="web", docker={"image": "ghcr.io/acme/web:2"})
    asked.clear()
    (back,) = deployed(host, fails=True, application="web", on_failure="return")["returned"]["running"]["images"]
    assert (back["image_id"], back["digest"]) == (before["image_id"], before["digest"])
    assert asked == [4]


def test_what_was_started_tells_its_digest_where_it_was_waited_for(host: Host, asked: list[int]) -> None:
    host.ok(PROJECT, name="shop")
    application(host, "web", docker={"image": "ghcr.io/acme/web:1"})

    def state(wanted: str) -> Any:
        host.new_task()
        result = host.ok(APPLICATION, project="shop", name="web", state=wanted)
        assert undocumented(result, documentation()["dokploy_application"]["return"]) == []
        return result["running"]

    assert "images" not in state("stopped") and asked == []
    assert state("started")["images"][0]["digest"].startswith("ghcr.io/acme/web@sha256:")
    assert "images" not in state("started")
    assert state("reloaded")["images"] and asked == [3, 3]


def test_a_deployment_whose_images_cannot_be_read_is_good(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_args: Any) -> Any:
        raise ConnectionFailed("cut")

    host.ok(PROJECT, name="shop")
    host.ok(APPLICATION, project="shop", name="web", docker={"image": "ghcr.io/acme/web:1"})
    monkeypatch.setattr(image_reading, "running_images", broken)
    result = deployed(host, application="web")
    assert result["running"]["replicas_running"] == 1 and "images" not in result["running"]
    assert any("the images that run cannot be read: cut" in warning for warning in result["warnings"])


def test_a_document_reads_the_images_of_all_its_deployments_once(host: Host, asked: list[int]) -> None:
    applications = [{"name": name, "docker": {"image": f"ghcr.io/acme/{name}:1"}} for name in ("web", "api")]
    stack = {"name": "stack", "raw": {"content": FILE}}
    database = {"name": "db", "type": "postgres", "database": "shop", "user": "shop", "password": "pass-of-db"}
    services = {"applications": applications, "compose": [stack], "databases": [database]}
    document = {"projects": [{"name": "shop", "environments": [{"name": "production", **services}]}]}

    def applied(**options: Any) -> dict[str, Any]:
        host.new_task()
        asked.clear()
        result = host.ok(MANIFEST, **document, **{**QUICK, **options})
        assert undocumented(result, documentation()["dokploy_manifest"]["return"]) == []
        return {report["path"].rpartition("/")[2]: report for report in result["deployments"]}

    reports = applied()
    # Beside one that reads their rows.
    assert asked == [4]
    assert reports["web"]["images"][0]["digest"].startswith("ghcr.io/acme/web@sha256:")
    assert [image["service"] for image in reports["stack"]["images"]] == ["db", "web"]
    assert reports["db"]["images"][0]["digest"].startswith("postgres@sha256:")
    assert applied() == {} and asked == []
    assert "images" not in applied(deploy="always", verify=False)["web"] and asked == []


def _tasks(count: int) -> list[dict[str, Any]]:
    running = {"state": "running", "currentState": "Running 1 minute ago"}
    return [{"containerId": f"task{number}", "name": f"web.{number}", **running} for number in range(count)]


def _task(container: str) -> dict[str, Any]:
    status = {"ContainerStatus": {"ContainerID": container}}
    return {"Spec": {"ContainerSpec": {"Image": "acme/web:latest"}}, "Status": status}


def test_replicas_with_different_images_on_a_remote_server() -> None:
    """The tag has moved between their starts; the container of the third is on another node, which shows nothing."""
    row = {"applicationId": "app", "appName": "web", "serverId": "remote", "replicas": 3}
    first, second = (f"sha256:{64 * digit}" for digit in "12")

    def look(*pairs: tuple[str, Any]) -> Any:
        asked = [("docker.getConfig", {"containerId": name, "serverId": "remote"}, answer) for name, answer in pairs]
        return batch(*asked)

    client = ScriptedClient(
        look(("task0", _task("c0")), ("task1", _task("c1")), ("task2", _task("c2"))),
        look(("c0", {"Image": first}), ("c1", {"Image": second}), ("c2", NotFoundError("no such container"))),
        look((64 * "1", {"RepoDigests": ["acme/web@sha256:3"]}), (64 * "2", {"RepoDigests": []})),
    )
    (images,) = running_images([Service(RESOURCE, row)], client, [_tasks(3)])  # type: ignore[arg-type]
    client.done()
    assert not isinstance(images, DokployError)
    assert [(image.image, image.image_id, image.digest) for image in images] == [
        ("acme/web:latest", "", None),
        ("acme/web:latest", first, "acme/web@sha256:3"),
        ("acme/web:latest", second, None),
    ]
    assert images[0].facts()["image_id"] is None
