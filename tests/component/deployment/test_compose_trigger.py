# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When a deployment of a compose stack is triggered, on the simulator."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._resources.actions.deployment import (
    OPERATION as DEPLOYMENT,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.projects.project import OPERATION as PROJECT
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.compose import (
    INFO_OPERATION as COMPOSE_INFO,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.compose import OPERATION as COMPOSE
from ansible_collections.community.dokploy.plugins.module_utils._values.codec import FINGERPRINT_LABEL, GENERATED
from tests.support.builders import finish_on, wait_until_building, wait_until_idle
from tests.support.host import Host
from tests.support.module_docs import documentation, undocumented

PLACE: dict[str, Any] = {"project": "shop", "environment": "production"}
STACK: dict[str, Any] = {**PLACE, "compose": "metrics", "verify": False}
FILE = "services:\n  web:\n    image: nginx:1\n    environment:\n      A: ${A}\n"
GIT = {"git": {"url": "https://git.example.com/metrics.git", "branch": "main"}}
DEPLOYED = ["compose.update", "compose.deploy"]
LOOK = ["project.all", "compose.one", "deployment.queueList"]


def state(host: Host, **options: Any) -> dict[str, Any]:
    """A task that configures the compose stack."""
    host.new_task()
    return host.ok(COMPOSE, **PLACE, name="metrics", **options)


@pytest.fixture
def stack(host: Host) -> str:
    """The compose stack, configured and not deployed."""
    host.ok(PROJECT, name="shop")
    return str(state(host, raw={"content": FILE})["compose"]["compose_id"])


def deploy(host: Host, check: bool = False, **options: Any) -> dict[str, Any]:
    """A task that deploys; ``calls`` are the procedures that it called."""
    host.new_task()
    host.sim.reset_stats()
    result = host.ok(DEPLOYMENT, check=check, **{**STACK, **options})
    result["calls"], result["writes"] = host.sim.calls(), host.sim.calls("mutation")
    assert not check or result["writes"] == []
    return result


def both(host: Host, **options: Any) -> dict[str, Any]:
    """A deployment that check mode predicts first."""
    predicted = deploy(host, check=True, **options)
    real = deploy(host, **options)
    for key in ("changed", "diff", "reason"):
        assert predicted[key] == real[key]
    wait_until_idle(host)
    return real


def nothing_to_do(host: Host, **options: Any) -> None:
    again = deploy(host, **options)
    assert (again["changed"], again["reason"]) == (False, None)
    assert again["calls"] == LOOK
    assert again["deployment"]["status"] == "done"


def env_of(host: Host, compose_id: str) -> str:
    return str(host.read("compose.one", composeId=compose_id)["env"] or "")


def test_a_new_stack_is_deployed_once(host: Host, stack: str) -> None:
    first = both(host)
    assert (first["changed"], first["reason"], first["compose_id"]) == (True, "never deployed", stack)
    assert first["writes"] == DEPLOYED
    assert first["deployment"]["compose_id"] == stack
    assert first["deployment"]["title"] == "Deployed by Ansible"
    nothing_to_do(host)
    host.new_task()
    host.sim.reset_stats()
    again = host.ok(DEPLOYMENT, **STACK)
    host.ok(DEPLOYMENT, **STACK)
    # The second item of a loop reuses the tree.
    assert host.sim.stats()["http"] == 3
    assert undocumented(again, documentation()["dokploy_deployment"]["return"]) == []


def test_a_stack_by_its_id(host: Host, stack: str) -> None:
    both(host)
    host.new_task()
    host.sim.reset_stats()
    assert not host.ok(DEPLOYMENT, compose_id=stack, verify=False)["changed"]
    assert host.sim.stats()["http"] == 1


# --- the fingerprint -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["replace", "merge"])
def test_the_variables_keep_the_fingerprint_and_do_not_show_it(host: Host, stack: str, mode: str) -> None:
    both(host)
    fingerprint = env_of(host, stack)
    assert fingerprint.startswith(f"# {FINGERPRINT_LABEL}=")
    assert state(host, env={"A": "1"}, env_mode=mode)["changed"]
    assert env_of(host, stack) == fingerprint + "A=1"
    assert not state(host, env={"A": "1"}, env_mode=mode)["changed"]
    assert both(host)["reason"] == "configuration changed"
    nothing_to_do(host)
    # The comment reaches neither the containers nor the user.
    (running,) = host.read(
        "docker.getContainersByAppNameMatch",
        appName=host.read("compose.one", composeId=stack)["appName"],
        appType="docker-compose",
    )
    inspected = host.read("docker.getConfig", containerId=running["containerId"])
    assert "A=1" in inspected["Config"]["Env"]
    assert FINGERPRINT_LABEL not in str(inspected)
    host.new_task()
    (shown,) = host.ok(COMPOSE_INFO, **PLACE, include_secrets=True)["compose_stacks"]
    assert shown["env"] == {"A": "1"}


def test_cleared_variables_keep_the_fingerprint(host: Host, stack: str) -> None:
    state(host, env={"A": "1"})
    both(host)
    assert state(host, env={})["changed"]
    assert env_of(host, stack).startswith(f"# {FINGERPRINT_LABEL}=")
    assert both(host)["reason"] == "configuration changed"
    nothing_to_do(host)
    assert not state(host, env={})["changed"]


def test_a_user_who_replaces_the_variables_loses_the_fingerprint(host: Host, stack: str) -> None:
    both(host)
    host.sim.act(set=stack, fields={"env": "B=2"})
    assert both(host)["reason"] == "no record of the last deployment"
    assert env_of(host, stack).endswith("B=2")
    nothing_to_do(host)


# --- changes ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"raw": {"content": FILE.replace("nginx:1", "nginx:2")}}, "source changed"),
        ({"env": {"A": "2"}}, "configuration changed"),
        ({"command": "compose -p x up -d"}, "configuration changed"),
        ({"domains": [{"host": "shop.example.com", "service": "web", "port": 80}]}, "configuration changed"),
        ({"mounts": [{"file_path": "web.env", "content": "A=1"}]}, "configuration changed"),
        ({"isolated_deployment": True}, "configuration changed"),
    ],
)
def test_a_change_that_needs_a_deployment(host: Host, stack: str, options: dict[str, Any], reason: str) -> None:
    both(host)
    assert state(host, **options)["changed"]
    result = deploy(host, check=True)
    assert (result["changed"], result["reason"]) == (True, reason)
    deploy(host)
    wait_until_idle(host)
    nothing_to_do(host)


def test_a_change_that_applies_immediately(host: Host, stack: str) -> None:
    both(host)
    state(host, description="d", auto_deploy=False, webhook_token="another")
    nothing_to_do(host)


def test_a_shared_variable_with_a_reference_counts(host: Host, stack: str) -> None:
    state(host, env={"A": "${{project.URL}}"})
    host.ok(PROJECT, name="shop", env={"URL": "one", "OTHER": "1"})
    both(host)
    host.ok(PROJECT, name="shop", env={"URL": "one", "OTHER": "2"})
    nothing_to_do(host)
    host.ok(PROJECT, name="shop", env={"URL": "two", "OTHER": "2"})
    both(host)
    nothing_to_do(host)


def test_trigger_always_and_a_rebuild(host: Host, stack: str) -> None:
    both(host)
    again = both(host, trigger="always")
    assert (again["reason"], again["writes"]) == ("deployment requested", ["compose.deploy"])
    rebuilt = both(host, state="redeployed")
    assert (rebuilt["reason"], rebuilt["writes"]) == ("redeployment requested", ["compose.redeploy"])
    assert rebuilt["deployment"]["title"] == "Rebuilt by Ansible"
    nothing_to_do(host)


def test_a_failed_deployment_shows_its_log_and_is_repeated(host: Host, stack: str) -> None:
    state(host, raw={"content": FILE.replace("nginx:1", "missing:1")})
    host.new_task()
    failed = host.failed(DEPLOYMENT, **STACK)
    assert failed["error"]["kind"] == "deployment"
    assert "compose 'metrics' in shop/production: the deployment ended in error" in failed["msg"]
    assert any("missing" in line for line in failed["log"])
    state(host, raw={"content": FILE})
    wait_until_idle(host)
    assert both(host)["reason"] == "last deployment failed"
    nothing_to_do(host)


# --- git -------------------------------------------------------------------------------------------------------------


def test_the_revision_of_a_repository(host: Host, stack: str) -> None:
    state(host, **GIT)
    first = both(host)
    commit = first["deployment"]["commit"]
    assert commit is not None
    nothing_to_do(host, revision=commit[:8])
    host.new_task()
    failed = host.failed(DEPLOYMENT, **STACK, revision="0123456789")
    assert failed["error"]["kind"] == "revision"
    wait_until_idle(host)
    host.sim.act(push="main", hash="0123456789" * 4)
    assert both(host, revision="0123456789")["changed"]
    nothing_to_do(host, revision="0123456789")


def test_a_stated_file_has_no_revision(host: Host, stack: str) -> None:
    host.new_task()
    failed = host.failed(DEPLOYMENT, **STACK, revision="0123456789")
    assert failed["msg"] == ("revision: compose 'metrics' in shop/production is made of a stated file, which has none")


def test_a_missing_source_is_an_error_before_any_write(host: Host) -> None:
    host.ok(PROJECT, name="shop")
    state(host)
    host.new_task()
    host.sim.reset_stats()
    failed = host.failed(DEPLOYMENT, **STACK)
    assert failed["error"]["kind"] == "refused"
    assert (
        "compose 'metrics' in shop/production has no source to deploy. Set one with dokploy_compose: raw"
        in (failed["msg"])
    )
    assert "archive" not in failed["msg"]
    assert host.sim.calls("mutation") == []
    predicted = deploy(host, check=True)
    assert predicted["changed"]
    assert "an earlier task sets the source" in predicted["warnings"][0]


# --- what a stack does not have --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"archive": "a.zip"}, "archive is not possible with compose: Dokploy takes no uploaded files for it"),
        ({"path": "files"}, "path is not possible with compose: Dokploy takes no uploaded files for it"),
        (
            {"state": "rolled_back"},
            "state=rolled_back is not possible with compose: Dokploy keeps nothing of its earlier deployments",
        ),
        ({"fresh_volumes": True}, "fresh_volumes deletes data with each deployment, so it needs trigger=always"),
        (
            {"fresh_volumes": True, "trigger": "always", "compose": None, "application": "web"},
            "fresh_volumes is not possible with application",
        ),
        ({"fresh_volumes": True, "state": "cancelled"}, "fresh_volumes is not supported with state=cancelled"),
        ({"application": "web"}, "application and compose are mutually exclusive"),
        ({"compose": ""}, "compose must not be empty"),
        (
            {"compose": None},
            "one of application, application_id, compose, compose_id is needed with state=deployed",
        ),
    ],
)
def test_refused_options(host: Host, options: dict[str, Any], message: str) -> None:
    host.sim.reset_stats()
    assert host.failed(DEPLOYMENT, **{**STACK, **options})["msg"].startswith(message)
    assert host.sim.calls("mutation") == []


FRESH: dict[str, Any] = {"fresh_volumes": True, "trigger": "always"}


def test_an_older_server_that_ignores_fresh_volumes_is_refused(host: Host, stack: str) -> None:
    host.sim.reset_stats()
    host.sim.config(version="0.30.2")
    for check in (True, False):
        failed = host.failed(DEPLOYMENT, check=check, **STACK, **FRESH)
        assert failed["msg"].startswith("fresh_volumes needs Dokploy 0.30.5 or newer; this server is 0.30.2")
    assert host.sim.calls("mutation") == []


def test_fresh_volumes(host: Host, stack: str) -> None:
    for options in (FRESH, {"fresh_volumes": True, "state": "redeployed"}, {"trigger": "always"}):
        assert deploy(host, **options)["changed"]
        sent = host.sim.stats()["journal"][
            [call["procedure"] for call in host.sim.stats()["journal"]].index(
                "compose.redeploy" if "state" in options else "compose.deploy"
            )
        ]
        assert ("freshVolumes" in sent["fields"]) == ("fresh_volumes" in options)
        wait_until_idle(host)


def test_a_stack_of_docker_swarm_keeps_its_volumes(host: Host, stack: str) -> None:
    state(host, type="stack")
    failed = host.failed(DEPLOYMENT, **STACK, **FRESH)
    assert failed["msg"] == "fresh_volumes is not possible: the type of the stack is not docker-compose"


def test_an_unknown_stack(host: Host, stack: str) -> None:
    missing = host.failed(DEPLOYMENT, **{**STACK, "compose": "metric"})
    assert missing["msg"].startswith("compose: no Compose stack is named 'metric' in shop/production")
    predicted = host.ok(DEPLOYMENT, check=True, **{**STACK, "compose": "metric"})
    assert (predicted["changed"], predicted["compose_id"]) == (True, GENERATED)
    again = host.ok(DEPLOYMENT, check=True, compose_id=GENERATED)
    assert again["changed"] and again["compose_id"] == GENERATED
    assert host.failed(DEPLOYMENT, compose_id=GENERATED)["error"]["kind"] == "reference"
    unknown = host.failed(DEPLOYMENT, compose_id="V1StGXR8_Z5jdHi6B-myT")
    assert unknown["error"]["kind"] == "not_found"


# --- a deployment in progress, and lost answers ----------------------------------------------------------------------


def test_a_deployment_in_progress_of_the_same_configuration_is_joined(host: Host, stack: str) -> None:
    finish_on(host)
    handle = deploy(host, wait=False)["handle"]
    assert (handle["compose_id"], handle["compose"]) == (stack, "compose 'metrics' in shop/production")
    assert "application_id" not in handle
    wait_until_building(host, composeId=stack)
    joined = deploy(host)
    assert (joined["changed"], joined["writes"], joined["deployment"]["status"]) == (False, [], "done")
    finished = host.ok(DEPLOYMENT, state="finished", handles=[handle], verify=False)
    assert [(one["compose_id"], one["status"]) for one in finished["deployments"]] == [(stack, "done")]
    assert undocumented(finished, documentation()["dokploy_deployment"]["return"]) == []


def test_handles_of_an_application_and_a_stack(host: Host, stack: str) -> None:
    host.sim.seed(applications=1, project="other", name="web", fields={"sourceType": "docker", "dockerImage": "nginx"})
    host.new_task()
    other = host.ok(DEPLOYMENT, project="other", application="web", wait=False, verify=False)["handle"]
    own = deploy(host, wait=False)["handle"]
    finished = host.ok(DEPLOYMENT, state="finished", handles=[other, own], verify=False)
    assert [one.get("compose") or one["application"] for one in finished["deployments"]] == [
        "other/production/web",
        "shop/production/metrics",
    ]


def test_a_run_that_ends_between_the_fingerprint_and_the_deployment(host: Host, stack: str) -> None:
    both(host)
    state(host, env={"A": "1"})
    host.new_task()
    host.sim.fault("reset_before", "compose.deploy", times=1)
    failed = host.failed(DEPLOYMENT, **STACK)
    assert (failed["error"]["kind"], failed["changed"]) == ("connection", True)
    again = both(host)
    assert again["reason"] == "last deployment did not start"
    assert again["writes"] == ["compose.deploy"]
    nothing_to_do(host)


@pytest.mark.parametrize("procedure", ["compose.update", "compose.deploy"])
def test_a_lost_answer_makes_no_second_deployment(host: Host, stack: str, procedure: str) -> None:
    host.connection["max_retries"] = 2
    host.new_task()
    host.sim.fault("reset_after", procedure, times=1)
    result = host.ok(DEPLOYMENT, **STACK)
    assert (result["changed"], result["deployment"]["status"]) == (True, "done")
    wait_until_idle(host)
    assert len(host.read("deployment.allByCompose", composeId=stack)) == 1
    nothing_to_do(host)
