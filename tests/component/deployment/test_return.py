# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""C(on_failure=return): after a deployment that fails, what ran before runs again."""

from __future__ import annotations

import time
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._deployment import deployed as waiting
from ansible_collections.community.dokploy.plugins.module_utils._deployment import rollback
from ansible_collections.community.dokploy.plugins.module_utils._deployment.earlier import UNVERIFIED, stored_earlier
from ansible_collections.community.dokploy.plugins.module_utils._resources.actions.deployment import (
    OPERATION as DEPLOYMENT,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.infrastructure.registry import (
    OPERATION as REGISTRY,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.projects.project import OPERATION as PROJECT
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import (
    APPLICATION as APPLICATION_RESOURCE,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import (
    OPERATION as APPLICATION,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.compose import (
    COMPOSE as COMPOSE_RESOURCE,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.compose import OPERATION as COMPOSE
from ansible_collections.community.dokploy.plugins.module_utils._swarm import rollout
from ansible_collections.community.dokploy.plugins.module_utils._swarm.tasks import Service
from tests.support.builders import wait_until_building, wait_until_idle
from tests.support.effort import sampled, slow
from tests.support.host import Host
from tests.support.module_docs import documentation, undocumented

GIT = {"url": "https://git.example.com/shop.git", "branch": "main"}
QUICK = {"verify_period": 0.2, "wait_timeout": 30.0}
GOOD = "services:\n  web:\n    image: nginx:1\n  worker:\n    image: nginx:1\n"
BAD = {
    "missing image": GOOD.replace("web:\n    image: nginx:1", "web:\n    image: missing:1"),
    "crash": GOOD.replace(
        "web:\n    image: nginx:1", 'web:\n    image: nginx:1\n    command: "false"\n    restart: always'
    ),
    "unknown key": GOOD.replace("web:\n    image: nginx:1", "web:\n    image: nginx:1\n    invented: true"),
}


def web(host: Host, image: str, **options: Any) -> str:
    host.new_task()
    made = host.ok(APPLICATION, project="shop", name="web", docker={"image": image}, **options)
    return str(made["application"]["application_id"])


def stack(host: Host, content: str, kind: str, **options: Any) -> str:
    host.new_task()
    made = host.ok(COMPOSE, project="shop", name="stack", type=kind, raw={"content": content}, **options)
    return str(made["compose"]["compose_id"])


def deployed(host: Host, fails: bool = False, **options: Any) -> dict[str, Any]:
    host.new_task()
    host.sim.reset_stats()
    result = (host.failed if fails else host.ok)(DEPLOYMENT, project="shop", on_failure="return", **QUICK, **options)
    wait_until_idle(host)
    return result


def image_of(host: Host, resource_id: str) -> tuple[str, str]:
    """The image that is configured, and the one that runs."""
    row = host.read("application.one", applicationId=resource_id)
    return str(row["dockerImage"]), str(host.sim.services()[row["appName"]]["image"])


def record_of(host: Host, resource_id: str, compose: bool = False) -> Any:
    procedure, resource = ("compose.one", COMPOSE_RESOURCE) if compose else ("application.one", APPLICATION_RESOURCE)
    return stored_earlier(Service(resource, host.read(procedure, **{resource.id_key: resource_id})))


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rollout, "SETTLED", 0.2)


@pytest.fixture
def shop(host: Host) -> Host:
    host.ok(PROJECT, name="shop")
    return host


def test_an_image_that_does_not_stay_up_goes_back_by_its_digest(shop: Host) -> None:
    own = web(shop, "ghcr.io/acme/web:1")
    assert deployed(shop, application="web")["changed"]
    assert record_of(shop, own) is None
    shop.sim.config(rolls_back=False, builds=[{"image": "ghcr.io/acme/web:2", "crash_after": 0.05}])
    web(shop, "ghcr.io/acme/web:2")
    result = deployed(shop, fails=True, application="web")
    assert result["error"]["kind"] == "not_running" and result["returned"]["runs"]
    configured, running = image_of(shop, own)
    assert configured == running and configured.startswith("ghcr.io/acme/web@sha256:")
    assert "the image %s runs again" % configured in result["msg"]
    assert record_of(shop, own) is None
    assert undocumented(result, documentation()["dokploy_deployment"]["return"]) == []
    # Nothing is left to do until the configuration changes.
    shop.sim.config(builds=[])
    assert not deployed(shop, application="web")["changed"]
    web(shop, "ghcr.io/acme/web:2")
    assert deployed(shop, application="web")["changed"]


@slow
def test_a_tag_that_has_moved_goes_back_by_the_digest(shop: Host) -> None:
    own = web(shop, "ghcr.io/acme/web:latest")
    deployed(shop, application="web")
    moved = {"image": "ghcr.io/acme/web:latest", "crash_after": 0.05, "digest": "sha256:" + 64 * "b"}
    shop.sim.config(rolls_back=False, builds=[moved])
    result = deployed(shop, fails=True, application="web", trigger="always")
    assert result["returned"]["runs"]
    assert image_of(shop, own)[1].startswith("ghcr.io/acme/web@sha256:") and 64 * "b" not in image_of(shop, own)[1]


@slow
def test_what_dokploy_keeps_comes_back_by_a_rollback(shop: Host) -> None:
    shop.ok(REGISTRY, name="own", url="registry.example.com", username="acme", password="pass-of-registry")
    kept = {"rollback": {"enabled": True, "registry": "own"}, "git": GIT}
    shop.ok(APPLICATION, project="shop", name="web", **kept)
    deployed(shop, application="web")
    shop.sim.config(rolls_back=False, builds=[{"application": "web", "crash_after": 0.05}])
    result = deployed(shop, fails=True, application="web", trigger="always")
    assert "what the deployment" in result["msg"] and "has left" in result["msg"], result["msg"]


def test_what_docker_has_brought_back_by_itself_is_told(shop: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.ok(REGISTRY, name="own", url="registry.example.com", username="acme", password="pass-of-registry")
    kept = {"rollback": {"enabled": True, "registry": "own"}, "git": GIT}
    own = shop.ok(APPLICATION, project="shop", name="web", **kept)["application"]["app_name"]
    deployed(shop, application="web")
    shop.sim.config(rolls_back=True)
    shop.ok(APPLICATION, project="shop", name="web", command="false")
    # Docker has come to its end before anything looks at what runs.
    monkeypatch.setattr(rollback, "_running_image", lambda *_known: "%s:v1" % own)
    result = deployed(shop, fails=True, application="web")
    returned = result["returned"]
    assert "went back to the version before" in result["msg"] and returned["runs"], result["msg"]
    assert returned["running"]["replicas_wanted"] == 1 and returned["running"]["commit"]


def test_a_build_that_is_not_kept_says_so_before_it_is_replaced(shop: Host) -> None:
    shop.ok(APPLICATION, project="shop", name="web", git=GIT)
    assert "warnings" not in deployed(shop, application="web")
    result = deployed(shop, application="web", trigger="always")
    assert any("rollback.registry" in warning for warning in result["warnings"]), result["warnings"]


def test_an_image_that_is_missing_leaves_what_runs_and_puts_the_configuration_back(shop: Host) -> None:
    own = web(shop, "ghcr.io/acme/web:1")
    deployed(shop, application="web")
    tasks = shop.sim.services()
    web(shop, "ghcr.io/acme/missing:2")
    result = deployed(shop, fails=True, application="web")
    assert result["error"]["kind"] == "deployment" and result["returned"]["runs"]
    assert "still runs and is configured again" in result["msg"]
    configured, running = image_of(shop, own)
    assert configured.startswith("ghcr.io/acme/web@sha256:") and running == "ghcr.io/acme/web:1"
    assert shop.sim.services() == tasks
    # The next plan wants the new image again.
    shop.new_task()
    assert shop.ok(APPLICATION, check=True, project="shop", name="web", docker={"image": "ghcr.io/acme/web:2"})[
        "changed"
    ]


@pytest.mark.parametrize("problem", sampled(list(BAD), 3))
@pytest.mark.parametrize("kind", ["docker-compose", "stack"])
def test_a_stack_gets_back_the_content_that_stayed_up(shop: Host, kind: str, problem: str) -> None:
    own = stack(shop, GOOD, kind, env="A=1")
    assert deployed(shop, compose="stack")["changed"]
    shop.new_task()
    assert not deployed(shop, compose="stack")["changed"]
    stack(shop, BAD[problem], kind, env="A=2")
    result = deployed(shop, fails=True, compose="stack")
    assert result["returned"]["runs"], result["msg"]
    row = shop.read("compose.one", composeId=own)
    assert row["composeFile"] == GOOD and "A=1" in row["env"]
    # The next failure returns to it as well.
    stack(shop, BAD[problem], kind, env="A=3")
    assert deployed(shop, fails=True, compose="stack")["returned"]["runs"]
    # What was wanted is a change of the next run, and what runs is deployed.
    shop.new_task()
    assert not deployed(shop, compose="stack")["changed"]
    shop.new_task()
    again = shop.ok(COMPOSE, check=True, project="shop", name="stack", type=kind, raw={"content": BAD[problem]})
    assert again["changed"]


@slow
@pytest.mark.parametrize("kind", ["application", "compose"])
def test_a_run_that_was_killed_is_made_up_for(shop: Host, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process ends while it waits: nothing has seen whether the deployment stays up."""

    def killed(*_args: Any) -> Any:
        raise KeyboardInterrupt

    def state(number: int) -> str:
        if kind == "application":
            return web(shop, f"ghcr.io/acme/web:{number}")
        return stack(shop, GOOD if number == 1 else BAD["crash"], "stack")

    named = {kind: "web" if kind == "application" else "stack"}
    own = state(1)
    deployed(shop, **named)
    shop.sim.config(rolls_back=False, builds=[{"image": "ghcr.io/acme/web:2", "crash_after": 0.05}])
    state(2)
    with monkeypatch.context() as patch:
        patch.setattr(waiting, "completed", killed)
        with pytest.raises(KeyboardInterrupt):
            deployed(shop, **named)
    wait_until_idle(shop)
    assert record_of(shop, own, kind == "compose").kind == ("image" if kind == "application" else "content")
    predicted = shop.ok(DEPLOYMENT, check=True, project="shop", on_failure="return", **named)
    assert predicted["reason"] == UNVERIFIED
    if kind == "compose":
        # A stack that crashes again and again is watched for half a minute, of which ten seconds pass in one.
        shop.clock = lambda: 10 * time.monotonic()
    result = deployed(shop, fails=True, **named)
    assert result["returned"]["runs"], result["msg"]
    if kind == "application":
        assert image_of(shop, own)[1].startswith("ghcr.io/acme/web@sha256:")
    else:
        assert shop.read("compose.one", composeId=own)["composeFile"] == GOOD


@slow
def test_a_killed_run_whose_deployment_still_runs_is_joined(shop: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_args: Any) -> Any:
        raise KeyboardInterrupt

    own = stack(shop, GOOD, "docker-compose")
    deployed(shop, compose="stack")
    stack(shop, BAD["crash"], "docker-compose")
    shop.sim.config(build_seconds=600.0)
    shop.new_task()
    with monkeypatch.context() as patch:
        patch.setattr(waiting, "completed", killed)
        with pytest.raises(KeyboardInterrupt):
            shop.run(DEPLOYMENT, project="shop", compose="stack", on_failure="return", **QUICK)
    wait_until_building(shop, composeId=own)
    patched = waiting.completed

    def finished(*args: Any) -> Any:
        # It ends while the next run waits for it.
        shop.sim.act(finish=True)
        shop.sim.config(build_seconds=0.0)
        return patched(*args)

    monkeypatch.setattr(waiting, "completed", finished)
    result = deployed(shop, fails=True, compose="stack")
    assert shop.sim.calls("mutation").count("compose.deploy") == 1 and result["returned"]["runs"], result["msg"]
    assert shop.read("compose.one", composeId=own)["composeFile"] == GOOD


def test_check_mode_writes_nothing(shop: Host) -> None:
    web(shop, "ghcr.io/acme/web:1")
    shop.new_task()
    shop.sim.reset_stats()
    shop.ok(DEPLOYMENT, check=True, project="shop", application="web", on_failure="return")
    assert shop.sim.calls("mutation") == []


def test_without_the_option_no_request_is_made_for_it(shop: Host) -> None:
    web(shop, "ghcr.io/acme/web:1")
    shop.new_task()
    shop.sim.reset_stats()
    shop.ok(DEPLOYMENT, project="shop", application="web", verify=False)
    assert shop.sim.calls("mutation") == ["application.update", "application.deploy"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"state": "rolled_back", "application": "web"}, "not supported with state=rolled_back"),
        ({"wait": False, "application": "web"}, "needs wait=true"),
    ],
)
def test_what_cannot_return_is_refused(shop: Host, options: dict[str, Any], words: str) -> None:
    web(shop, "nginx:1")
    shop.new_task()
    assert words in shop.failed(DEPLOYMENT, project="shop", on_failure="return", **options)["msg"]


def test_the_first_deployment_has_nothing_to_return_to(shop: Host) -> None:
    web(shop, "nginx:1", command="false")
    result = deployed(shop, fails=True, application="web")
    assert "nothing has come back" in result["msg"] and result["returned"]["what"] is None
