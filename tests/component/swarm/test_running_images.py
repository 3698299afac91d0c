# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The images, digests and commits of what runs."""

from __future__ import annotations

from typing import Any

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
    INFO_OPERATION as APPLICATION_INFO,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import (
    OPERATION as APPLICATION,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.compose import (
    INFO_OPERATION as COMPOSE_INFO,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.compose import OPERATION as COMPOSE
from ansible_collections.community.dokploy.plugins.module_utils._swarm.images import RunningImage, repository
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
