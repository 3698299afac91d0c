# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook promote: several together or none, images that no registry has any more, and killed at its requests."""

from __future__ import annotations

import base64
import json
import shutil
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import (
    INFO_OPERATION as APPLICATION_INFO,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.compose import (
    INFO_OPERATION as COMPOSE_INFO,
)
from dokploy_simulator import Simulator
from tests.component.manifest.test_manifest import apply
from tests.support.effort import THOROUGH
from tests.support.host import Host
from tests.system.fault_injection.one_playbook import OnePlaybook, folder_of_tests

# Nothing but its own name is like this one.
PASSWORD = "canary-of-the-registry"
FILE = "services:\n  web:\n    image: nginx:%d\n"
NAMES = ("web", "worker", "search")
Row = dict[str, Any]


class Registry:
    """What a registry answers about manifests: to its own login, or to the token that this gets.

    :ivar gone: it does not have the image of the worker. :ivar refused: how many requests had no good login or token.
    """

    def __init__(self) -> None:
        self.gone = self.bearer = False
        self.refused = 0
        registry = self
        own = "Basic " + base64.b64encode(f"reader:{PASSWORD}".encode()).decode()

        class Handler(BaseHTTPRequestHandler):
            def do_HEAD(self) -> None:
                wanted = "Bearer a-token" if registry.bearer else own
                if self.headers.get("Authorization") == wanted:
                    self.send_response(404 if registry.gone and "/worker/" in self.path else 200)
                else:
                    registry.refused += not registry.bearer
                    self.send_response(401)
                    self.send_header(
                        "WWW-Authenticate", f'Bearer realm="http://{registry.address}/token",service="own"'
                    )
                self.end_headers()

            def do_GET(self) -> None:
                assert "scope=repository:acme/" in self.path and "service=own" in self.path, self.path
                body = json.dumps({"token": "a-token"}).encode()
                self.send_response(200 if self.headers.get("Authorization") == own else 401)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_words: Any) -> None:
                """Nothing is written down."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


def environment(address: str, name: str, number: int, **more: Any) -> Row:
    login = {"username": "reader", "password": PASSWORD, "registry_url": address}
    web, worker = ({"image": f"{address}/acme/{name}:{number}", **login} for name in ("web", "worker"))
    applications = [{"name": "web", "docker": web, **more}, {"name": "worker", "docker": worker, **more}]
    stack = {"name": "search", "raw": {"content": FILE % number}, **more}
    return {"name": name, "applications": applications, "compose": [stack]}


class Promotion(OnePlaybook):
    """What was tested, and what runs in production, each of two applications and a stack."""

    def __init__(self, sim: Simulator, folder: Path, address: str) -> None:
        super().__init__("promote", (sim,), folder, (PASSWORD, "a-token"))
        self.sim, self.host, self.address = sim, Host(sim), address
        environments = [environment(address, "tested", 2), environment(address, "live", 1)]
        home = {"name": "shop", "environments": environments}
        made = apply(self.host, {"projects": [home]}, deploy="changed", verify_period=0.0, on_failure="return")
        assert not made.get("failed"), made.get("msg")
        self.before = self.production()
        self.writes()

    def variables(self, **variables: Any) -> Row:
        promotions = [{"from": f"shop/tested/{name}", "to": f"shop/live/{name}"} for name in NAMES]
        return {"dokploy_promotions": promotions, "dokploy_deploy_verify_period": 0.2, **variables}

    def rows(self) -> dict[str, Row]:
        """The services of production by their names, as they are stored."""
        (project,) = self.host.read("project.all")
        (home,) = (own for own in project["environments"] if own["name"] == "live")
        rows = [self.host.read("application.one", applicationId=own["applicationId"]) for own in home["applications"]]
        rows += [self.host.read("compose.one", composeId=own["composeId"]) for own in home["compose"]]
        return {row["name"]: row for row in rows}

    def running(self, environment: str = "live") -> dict[str, Row]:
        """The one image of each service of an environment that runs, by the names of these."""
        self.host.new_task()
        options: dict[str, Any] = {"project": "shop", "environment": environment, "include": ["images"]}
        services = [*self.host.ok(APPLICATION_INFO, **options)["applications"]]
        services += self.host.ok(COMPOSE_INFO, **options)["compose_stacks"]
        return {service["name"]: image for service in services for (image,) in (service["running"]["images"],)}

    def crash(self) -> None:
        """The worker that was tested ends in production soon after it has come up; that of before does not."""
        image = self.running("tested")["worker"]["digest"]
        self.sim.config(rolls_back=False, builds=[{"image": image, "crash_after": 0.05}])

    def production(self) -> dict[str, Any]:
        """What there is, what runs, and the content of the stack. An image by its digest is the same as by its name."""
        rows, running = self.rows(), self.running()
        for name in ("web", "worker"):
            assert rows[name]["dockerImage"] in (f"{self.address}/acme/{name}:1", running[name]["digest"])
        images = {name: image["image_id"] for name, image in running.items()}
        return {"names": sorted(rows), "images": images, "content": rows["search"]["composeFile"]}

    def promoted(self) -> None:
        """Production runs what was tested, by its digest."""
        rows, now = self.rows(), self.production()
        assert now["names"] == sorted(NAMES), "an application for the pull is left"
        for name in ("web", "worker"):
            assert rows[name]["dockerImage"].startswith(f"{self.address}/acme/{name}@sha256:"), rows[name][
                "dockerImage"
            ]
            assert (rows[name]["username"], rows[name]["password"]) == ("reader", PASSWORD)
        assert now["content"] == FILE % 2
        assert all(image != self.before["images"][name] for name, image in now["images"].items())


@pytest.fixture(scope="module")
def server() -> Iterator[Simulator]:
    with Simulator() as sim:
        yield sim


@pytest.fixture
def registry() -> Iterator[Registry]:
    registry = Registry()
    yield registry
    registry.server.shutdown()
    registry.server.server_close()


@pytest.fixture
def promotion(server: Simulator, registry: Registry) -> Iterator[Promotion]:
    folder = folder_of_tests("promotions")
    yield Promotion(server, folder, registry.address)
    shutil.rmtree(folder, ignore_errors=True)


def test_a_promotion_from_its_plan_to_its_end(promotion: Promotion) -> None:
    planned = promotion.good("-vvvv", dokploy_promote_plan=True)
    assert f"image {promotion.address}/acme/web@sha256:" in planned.text
    promotion.good("--check", "--diff", "-vvvv")
    assert promotion.writes() == [0] and promotion.production() == promotion.before
    promotion.good("-vvvv")
    promotion.promoted()
    promotion.writes()
    assert promotion.good().changed == 0
    assert promotion.writes() == [0]


@pytest.mark.parametrize("bearer", [False, True])
def test_a_digest_that_no_registry_has_is_refused(promotion: Promotion, registry: Registry, bearer: bool) -> None:
    """The host still has the image, since what was tested runs on it, and Docker pulls it without its registry."""
    registry.gone, registry.bearer = True, bearer
    refused = promotion.refused("Nothing was promoted, and what runs has not changed. No registry has", "-vvvv")
    assert "acme/worker@sha256:" in refused.text and "acme/web@sha256:" not in refused.text.partition("No registry")[2]
    assert promotion.writes() == [0] and promotion.production() == promotion.before
    registry.gone = False
    promotion.good()
    promotion.promoted()
    assert registry.refused == 0


def test_a_login_that_the_registry_refuses_is_refused(promotion: Promotion, registry: Registry) -> None:
    promotion.sim.config(registry_logins={registry.address: {"reader": "another one"}})
    refused = promotion.refused("Nothing was promoted", "-vvvv")
    assert "cannot be pulled for shop/live/worker" in refused.text and "Login failed" in refused.text
    # Lines, and no escape for them.
    assert "has not changed.\\\\n" not in refused.text
    assert promotion.production() == promotion.before
    promotion.sim.config(registry_logins={registry.address: {"reader": PASSWORD}})
    promotion.good()
    promotion.promoted()


@pytest.mark.parametrize("failing", ["worker", "search"])
def test_all_are_promoted_or_none(promotion: Promotion, failing: str) -> None:
    if failing == "worker":
        promotion.crash()
    else:
        promotion.sim.config(rolls_back=False)
        # Its content is what crashes, not the stack of before.
        bad = {"name": "search", "raw": {"content": FILE % 2 + '    command: "false"\n    restart: always\n'}}
        tested = {"projects": [{"name": "shop", "environments": [{"name": "tested", "compose": [bad]}]}]}
        apply(promotion.host, tested, deploy="changed", verify=False)
    run = promotion.run()
    assert run.status != 0 and f"shop/live/{failing}" in run.text
    assert "runs again" in run.text
    assert promotion.production() == promotion.before
    assert promotion.run("--check").changed > 0


SAMPLE = (5, 12, 20, 30, 38)
ALL = range(2, 70, 3)


@pytest.mark.parametrize("request_number", ALL if THOROUGH else SAMPLE)
def test_a_promotion_that_is_killed_goes_on_with_the_next_run(promotion: Promotion, request_number: int) -> None:
    promotion.killed(promotion.sim, request_number)
    promotion.good()
    promotion.promoted()
    assert promotion.good().changed == 0


@pytest.mark.parametrize("request_number", ALL if THOROUGH else (25, 45, 60))
def test_a_return_that_is_killed_goes_on_with_the_next_run(promotion: Promotion, request_number: int) -> None:
    promotion.crash()
    promotion.killed(promotion.sim, request_number)
    assert promotion.run().status != 0
    assert promotion.production() == promotion.before
    promotion.sim.config(builds=[])
    promotion.good()
    promotion.promoted()
