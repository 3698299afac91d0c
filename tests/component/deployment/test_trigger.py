# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When a deployment is started and when not, on the simulator: whoever changed what, and wherever a run ended."""

from __future__ import annotations

import time
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._resources.application import OPERATION as APPLICATION
from ansible_collections.community.dokploy.plugins.module_utils._resources.application import PATCH_OPERATION as PATCH
from ansible_collections.community.dokploy.plugins.module_utils._resources.deployment import OPERATION as DEPLOYMENT
from ansible_collections.community.dokploy.plugins.module_utils._resources.project import OPERATION as PROJECT
from ansible_collections.community.dokploy.plugins.module_utils._values.names import FINGERPRINT_LABEL
from tests.simulator import docker_views
from tests.support.builders import wait_until_idle
from tests.support.host import Host

PLACE: dict[str, Any] = {"project": "shop", "environment": "production"}
WEB: dict[str, Any] = {**PLACE, "application": "web", "verify": False}
GIT = {"git": {"url": "https://git.example.com/web.git", "branch": "main"}, "build": {"type": "dockerfile"}}
DENIED = {"message": "You don't have access", "code": "UNAUTHORIZED", "data": {"code": "UNAUTHORIZED"}}
LOOK = ["project.all", "application.one", "deployment.queueList", "patch.byEntityId"]


def state(host: Host, **options: Any) -> dict[str, Any]:
    """A task that states the application."""
    host.new_task()
    return host.ok(APPLICATION, **PLACE, name="web", **options)


@pytest.fixture
def web(host: Host) -> str:
    """The application, stated and not deployed."""
    host.ok(PROJECT, name="shop")
    return str(state(host, docker={"image": "nginx:1"})["application"]["application_id"])


def deploy(host: Host, check: bool = False, **options: Any) -> dict[str, Any]:
    """A task that deploys; ``calls`` are the procedures it called."""
    host.new_task()
    host.sim.reset_stats()
    result = host.ok(DEPLOYMENT, check=check, **{**WEB, **options})
    result["calls"], result["writes"] = host.sim.calls(), host.sim.calls("mutation")
    assert not check or result["writes"] == []
    return result


def both(host: Host, **options: Any) -> dict[str, Any]:
    """Foretold by check mode, then done."""
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
    assert again["diff"]["before"] == again["diff"]["after"]


def test_what_was_never_deployed_is_and_then_nothing_is_to_do(host: Host, web: str) -> None:
    first = both(host)
    assert (first["changed"], first["reason"]) == (True, "never deployed")
    assert first["writes"] == ["application.update", "application.deploy"]
    nothing_to_do(host)
    assert deploy(host)["deployment"]["deployment_id"] == first["deployment"]["deployment_id"]


def test_it_costs_one_request_beside_the_tree_to_see_that_nothing_is_to_do(host: Host, web: str) -> None:
    both(host)
    host.new_task()
    host.sim.reset_stats()
    host.ok(DEPLOYMENT, **WEB)
    host.ok(DEPLOYMENT, **WEB)
    # The second item of a loop has the tree already.
    assert host.sim.stats()["http"] == 3


@pytest.mark.parametrize("result", ["error", "cancelled"])
def test_a_deployment_that_failed_is_made_good(host: Host, web: str, result: str) -> None:
    both(host)
    state(host, env={"A": "1"})
    host.sim.config(build_seconds=30 if result == "cancelled" else 0.05, next_results=["error"])
    if result == "cancelled":
        host.sim.act(deploy=web)
        until_it_builds(host, web)
        host.sim.act(restart=True)
        host.sim.config(build_seconds=0.05, next_results=[])
    else:
        assert host.failed(DEPLOYMENT, **WEB)["error"]["kind"] == "deployment"
    wait_until_idle(host)
    again = both(host)
    assert again["reason"] == {"error": "last deployment failed", "cancelled": "last deployment was cancelled"}[result]
    nothing_to_do(host)


def test_a_play_that_ends_between_configuring_and_deploying(host: Host, web: str) -> None:
    both(host)
    changed = state(host, env={"A": "1"})
    assert changed["deploy_needed"]
    again = state(host, env={"A": "1"})
    assert (again["changed"], again["deploy_needed"]) == (False, True)
    assert both(host)["reason"] == "configuration changed"
    nothing_to_do(host)
    assert not state(host, env={"A": "1"})["deploy_needed"]


def test_a_run_that_ends_between_the_mark_and_the_deployment(host: Host, web: str) -> None:
    both(host)
    state(host, env={"A": "1"})
    host.new_task()
    host.sim.fault("reset_before", "application.deploy", times=1)
    failed = host.failed(DEPLOYMENT, **WEB)
    assert (failed["error"]["kind"], failed["changed"]) == ("connection", True)
    assert state(host, env={"A": "1"})["deploy_needed"]
    again = both(host)
    assert again["reason"] == "last deployment did not start"
    # The mark says it already.
    assert again["writes"] == ["application.deploy"]
    nothing_to_do(host)


def test_a_queue_that_is_lost_in_a_restart(host: Host, web: str) -> None:
    both(host)
    host.sim.config(build_seconds=30)
    host.sim.seed(applications=1, project="other", name="busy", fields={"sourceType": "docker", "dockerImage": "nginx"})
    host.sim.act(deploy="busy")
    state(host, env={"A": "1"})
    deploy(host, wait=False)
    host.sim.act(restart=True)
    host.sim.config(build_seconds=0.05)
    assert both(host)["reason"] == "last deployment did not start"
    nothing_to_do(host)


@pytest.mark.parametrize(
    "fields", [{"env": "A=1"}, {"dockerImage": "nginx:2"}, {"memoryLimit": "536870912"}, {"labelsSwarm": None}]
)
def test_somebody_edits_it_in_the_web_page(host: Host, web: str, fields: dict[str, Any]) -> None:
    both(host)
    host.sim.act(set=web, fields=fields)
    reason = both(host)["reason"]
    assert reason == (
        "no record of the last deployment"
        if "labelsSwarm" in fields
        else "source changed"
        if "dockerImage" in fields
        else "configuration changed"
    )
    nothing_to_do(host)


def test_somebody_changes_what_takes_effect_at_once(host: Host, web: str) -> None:
    both(host)
    host.sim.act(set=web, fields={"description": "d", "autoDeploy": False, "name": "web"})
    state(host, domains=[{"host": "shop.example.com"}], webhook_token="another")
    nothing_to_do(host)


def test_somebody_deploys_it_from_the_web_page(host: Host, web: str) -> None:
    both(host)
    host.sim.act(deploy=web)
    wait_until_idle(host)
    nothing_to_do(host)


def test_an_application_that_others_have_deployed_is_deployed_once(host: Host, web: str) -> None:
    host.sim.act(deploy=web)
    wait_until_idle(host)
    assert both(host)["reason"] == "no record of the last deployment"
    nothing_to_do(host)


def test_mounts_ports_and_patches_count(host: Host, web: str) -> None:
    both(host)
    state(host, mounts=[{"type": "volume", "name": "data", "path": "/data"}])
    both(host)
    nothing_to_do(host)
    state(host, ports=[{"published_port": 8080, "target_port": 80}])
    both(host)
    nothing_to_do(host)
    state(host, **GIT)
    both(host)
    host.new_task()
    host.ok(PATCH, **PLACE, application="web", path="a.txt", content="x")
    assert both(host)["reason"] == "patches changed"
    nothing_to_do(host)
    assert not state(host, patches=[{"path": "a.txt", "content": "x"}])["deploy_needed"]
    assert state(host, patches=[])["deploy_needed"]


def test_a_shared_variable_that_is_referred_to_counts(host: Host, web: str) -> None:
    state(host, env={"URL": "${{project.URL}}"})
    host.ok(PROJECT, name="shop", env={"URL": "one", "OTHER": "1"})
    both(host)
    host.ok(PROJECT, name="shop", env={"URL": "one", "OTHER": "2"})
    nothing_to_do(host)
    host.ok(PROJECT, name="shop", env={"URL": "two", "OTHER": "2"})
    both(host)
    nothing_to_do(host)


def test_what_has_no_source_is_refused_before_anything_is_written(host: Host) -> None:
    host.ok(PROJECT, name="shop")
    state(host)
    for options in ({}, {"state": "redeployed"}, {"trigger": "always"}):
        host.new_task()
        host.sim.reset_stats()
        failed = host.failed(DEPLOYMENT, **WEB, **options)
        assert failed["error"]["kind"] == "refused"
        assert "application 'web' in shop/production has no source to deploy" in failed["msg"]
        assert not failed["changed"]
        assert host.sim.calls("mutation") == []
    # An earlier task of the play may have promised one.
    predicted = deploy(host, check=True)
    assert predicted["changed"]
    assert "an earlier task sets the source" in predicted["warnings"][0]


def test_what_has_lost_its_source_is_refused_unless_it_is_built_again(host: Host, web: str) -> None:
    state(host, **GIT)
    both(host)
    host.sim.act(set=web, fields={"sourceType": "github"})
    host.new_task()
    assert "has no source to deploy" in host.failed(DEPLOYMENT, **WEB)["msg"]
    assert deploy(host, state="redeployed")["changed"]


@pytest.mark.parametrize("version", ["0.25.0", "0.25.6", "0.26.7", "0.27.1", "0.28.8", "0.29.8", "0.29.14"])
def test_older_servers_remember_it_as_well(host: Host, version: str) -> None:
    host.sim.config(version=version)
    host.ok(PROJECT, name="shop")
    resource_id = str(state(host, docker={"image": "nginx:1"})["application"]["application_id"])

    def ends() -> None:
        """Before 0.28.3 there is no list of the queue to look at."""
        end = time.monotonic() + 20
        while any(row["status"] == "running" for row in host.read("deployment.all", applicationId=resource_id)):
            assert time.monotonic() < end

    first = deploy(host)
    assert (first["changed"], first["reason"]) == (True, "never deployed")
    ends()
    assert not deploy(host)["changed"]
    state(host, env={"A": "1"})
    assert deploy(host)["reason"] == "configuration changed"
    ends()
    # A newer server with more columns makes nothing different.
    host.sim.config(version="0.30.2")
    again = deploy(host)
    assert (again["changed"], again["reason"]) == (False, None)


def test_always_is_each_time(host: Host, web: str) -> None:
    assert both(host, trigger="always")["writes"] == ["application.update", "application.deploy"]
    again = both(host, trigger="always")
    assert (again["changed"], again["writes"]) == (True, ["application.deploy"])
    assert again["reason"] == "deployment requested"
    nothing_to_do(host)


def test_a_rebuild_does_not_count_as_a_deployment_of_what_was_changed(host: Host, web: str) -> None:
    both(host)
    state(host, docker={"image": "nginx:2"})
    assert both(host, state="redeployed")["writes"] == ["application.update", "application.redeploy"]
    assert both(host)["reason"] == "no record of the last deployment"
    nothing_to_do(host)


def test_a_rebuild_brings_what_was_configured_beside_the_source(host: Host, web: str) -> None:
    both(host)
    state(host, env={"A": "1"})
    assert both(host, state="redeployed")["writes"] == ["application.update", "application.redeploy"]
    nothing_to_do(host)
    assert both(host, state="redeployed")["writes"] == ["application.redeploy"]


def test_a_rebuild_of_what_could_not_be_fetched_is_no_deployment(host: Host, web: str) -> None:
    both(host)
    host.sim.config(next_results=["error"])
    state(host, docker={"image": "nginx:2"})
    host.failed(DEPLOYMENT, **WEB)
    wait_until_idle(host)
    both(host, state="redeployed")
    assert both(host)["changed"]
    nothing_to_do(host)


# --- a deployment that is under way ----------------------------------------------------------------------------------


def busy(host: Host) -> None:
    """Somebody else's build occupies the server until it is told to end."""
    host.sim.config(build_seconds=30)
    host.sim.seed(applications=1, project="other", name="busy", fields={"sourceType": "docker", "dockerImage": "nginx"})
    host.sim.act(deploy="busy")


def until_it_builds(host: Host, resource_id: str) -> None:
    end = time.monotonic() + 20
    while not any(row["status"] == "running" for row in host.read("deployment.all", applicationId=resource_id)):
        assert time.monotonic() < end
        time.sleep(0.005)


@pytest.mark.parametrize("waits", [True, False])
def test_a_deployment_of_the_same_that_is_under_way_is_waited_for(host: Host, web: str, waits: bool) -> None:
    """The play was killed while it waited, and is run again."""
    if waits:
        busy(host)
    else:
        host.sim.config(build_seconds=0.3)
    first = deploy(host, wait=False)
    assert first["handle"]
    if waits:
        host.sim.config(build_seconds=0.05)
        host.sim.act(finish=True)
    else:
        until_it_builds(host, web)
    joined = deploy(host)
    assert (joined["changed"], joined["reason"], joined["writes"]) == (False, None, [])
    assert joined["deployment"]["status"] == "done"
    wait_until_idle(host)
    assert len(host.read("deployment.all", applicationId=web)) == 1
    nothing_to_do(host)


def test_a_deployment_of_something_else_that_is_under_way_is_not(host: Host, web: str) -> None:
    host.sim.config(build_seconds=0.3)
    deploy(host, wait=False)
    until_it_builds(host, web)
    state(host, env={"A": "1"})
    again = deploy(host)
    assert again["changed"]
    assert len(host.read("deployment.all", applicationId=web)) == 2
    wait_until_idle(host)
    nothing_to_do(host)


def test_a_deployment_that_began_before_the_mark_does_not_count(host: Host, web: str) -> None:
    """Somebody's build has begun with the configuration of before."""
    both(host)
    host.sim.config(build_seconds=0.3)
    host.sim.act(deploy=web)
    until_it_builds(host, web)
    state(host, env={"A": "1"})
    host.new_task()
    host.sim.fault("reset_before", "application.deploy", times=1)
    host.failed(DEPLOYMENT, **WEB)
    wait_until_idle(host)
    assert both(host)["reason"] == "last deployment did not start"


def test_one_that_is_under_way_and_fails_fails_the_task(host: Host, web: str) -> None:
    host.sim.config(build_seconds=0.3, next_results=["error"])
    deploy(host, wait=False)
    until_it_builds(host, web)
    host.new_task()
    failed = host.failed(DEPLOYMENT, **WEB)
    assert (failed["error"]["kind"], failed["changed"]) == ("deployment", False)


def test_one_that_is_under_way_can_be_handed_on(host: Host, web: str) -> None:
    host.sim.config(build_seconds=0.3)
    deploy(host, wait=False)
    until_it_builds(host, web)
    handle = deploy(host, wait=False)["handle"]
    assert handle["deployment_id"] == host.read("deployment.all", applicationId=web)[0]["deploymentId"]
    host.new_task()
    ended = host.ok(DEPLOYMENT, state="finished", handles=[handle], verify=False)
    assert [report["status"] for report in ended["deployments"]] == ["done"]


# --- the label -------------------------------------------------------------------------------------------------------


def test_check_mode_sees_what_is_stored_and_the_guide_passes_on_the_rest(host: Host, web: str) -> None:
    """As the guide to check mode says."""
    both(host)
    host.new_task()
    changed = host.ok(APPLICATION, check=True, **PLACE, name="web", env={"A": "1"})
    assert changed["changed"] and changed["deploy_needed"]
    assert not deploy(host, check=True)["changed"]
    trigger = "always" if changed["changed"] and changed["deploy_needed"] else "changed"
    assert deploy(host, check=True, trigger=trigger)["changed"]
    state(host, env={"A": "1"})
    assert deploy(host, check=True)["reason"] == "configuration changed"


# --- what Docker rolls back -------------------------------------------------------------------------------------------

LOOKED = [*LOOK, "docker.getServiceContainersByAppName", "docker.getConfig"]
MONITORED: dict[str, Any] = {"update_config": {"failure_action": "rollback", "monitor": "1h"}}


@pytest.fixture
def seen_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first second of a container says nothing, and takes its time."""
    monkeypatch.setattr(docker_views, "ago", lambda seconds: f"{int(seconds) + 2} seconds ago")


@pytest.mark.usefixtures("seen_at_once")
def test_what_docker_rolls_back_later_is_deployed_again(host: Host, web: str) -> None:
    look: dict[str, Any] = {"verify": True, "verify_period": 0}
    state(host, **MONITORED)
    both(host, **look)
    first = deploy(host, **look)
    assert (first["changed"], first["calls"]) == (False, LOOKED)
    state(host, docker={"image": "nginx:2"})
    bad = deploy(host, **look)["deployment"]["deployment_id"]
    host.sim.act(take_back=web)
    assert state(host, docker={"image": "nginx:2"})["deploy_needed"]
    again = both(host, **look)
    assert (again["changed"], again["reason"]) == (True, "rolled back by Docker")
    assert not state(host, docker={"image": "nginx:2"})["deploy_needed"]
    assert not deploy(host, **look)["changed"]
    assert bad in host.read("application.one", applicationId=web)["labelsSwarm"][FINGERPRINT_LABEL]


@pytest.mark.usefixtures("seen_at_once")
def test_the_same_again_that_docker_rolls_back_is_told_from_the_one_before(host: Host, web: str) -> None:
    look: dict[str, Any] = {"verify": True, "verify_period": 0}
    state(host, **MONITORED)
    both(host, **look)
    assert deploy(host, trigger="always", **look)["writes"] == ["application.update", "application.deploy"]
    assert not deploy(host, **look)["changed"]
    host.sim.act(take_back=web)
    assert both(host, **look)["reason"] == "rolled back by Docker"


@pytest.mark.usefixtures("seen_at_once")
@pytest.mark.parametrize(
    ("options", "verify"),
    [
        ({"update_config": {"failure_action": "rollback", "monitor": "10ms"}}, True),
        ({"update_config": {"failure_action": "pause", "monitor": "1h"}}, True),
        ({"replicas": 0}, True),
        (MONITORED, False),
    ],
)
def test_what_docker_cannot_roll_back_unseen_costs_no_look(
    host: Host, web: str, options: dict[str, Any], verify: bool
) -> None:
    state(host, **options)
    both(host, verify=verify, verify_period=0.01)
    nothing_to_do(host, verify=verify, verify_period=0.01)


@pytest.mark.usefixtures("seen_at_once")
def test_a_key_that_may_not_look_at_docker_says_so(host: Host, web: str) -> None:
    look: dict[str, Any] = {"verify": True, "verify_period": 0}
    both(host, **look)
    host.sim.fault("status", "docker.getServiceContainersByAppName", status=401, body=DENIED, times=-1)
    again = deploy(host, **look)
    assert not again["changed"]
    assert "it is unknown whether Docker has rolled it back" in again["warnings"][0]


def test_the_mark_is_left_alone_and_not_shown(host: Host, web: str) -> None:
    both(host)
    labels = host.read("application.one", applicationId=web)["labelsSwarm"]
    assert set(labels) == {FINGERPRINT_LABEL}
    changed = state(host, labels={"own": "1"})
    assert changed["application"]["labels"] == {"own": "1"}
    assert changed["diff"]["before"] == {"labels": {}}
    assert host.read("application.one", applicationId=web)["labelsSwarm"] == {**labels, "own": "1"}
    assert not state(host, labels={"own": "1"})["changed"]
    cleared = state(host, labels={})
    assert cleared["changed"]
    assert host.read("application.one", applicationId=web)["labelsSwarm"] == labels
    assert not state(host, labels={})["changed"]


def test_the_label_is_on_what_runs(host: Host, web: str) -> None:
    both(host)
    row = host.read("application.one", applicationId=web)
    task = host.read("docker.getServiceContainersByAppName", appName=row["appName"])[0]
    spec = host.read("docker.getConfig", containerId=task["containerId"])["Spec"]["ContainerSpec"]
    assert spec["Labels"] == row["labelsSwarm"]


def test_nobody_else_states_the_label(host: Host, web: str) -> None:
    host.new_task()
    failed = host.failed(APPLICATION, **PLACE, name="web", labels={FINGERPRINT_LABEL: "x"})
    assert failed["error"]["kind"] == "option"
    assert failed["msg"].startswith("labels: community.dokploy.deployment is the label that dokploy_deployment keeps")


def test_a_key_that_may_not_change_the_application_may_still_deploy(host: Host, web: str) -> None:
    host.sim.fault("status", "application.update", status=401, body=DENIED, times=-1)
    result = deploy(host)
    assert result["deployment"]["status"] == "done"
    assert "the API key may not change the application" in result["warnings"][0]
    wait_until_idle(host)
    assert deploy(host)["changed"]


# --- options ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"state": "redeployed", "revision": "abc1234"}, "revision means nothing with state=redeployed"),
        ({"state": "cancelled", "archive": "/a.zip"}, "archive means nothing with state=cancelled"),
        ({"deployment_id": "x"}, "deployment_id means nothing with state=deployed"),
        ({"kill_build": True}, "kill_build means nothing with state=deployed"),
        ({"handles": []}, "handles means nothing with state=deployed"),
        ({"state": "finished"}, "state=finished needs handles"),
        ({"ignore": ["a"]}, "ignore is for the files of a path"),
        ({"health_check": {"status_codes": []}}, "health_check.status_codes"),
        ({"health_check": {"status_codes": [99]}}, "health_check.status_codes"),
        ({"health_check": {"url": "shop.example.com"}}, "health_check.url must be an address"),
        ({"health_check": {"url": "http://[half"}}, "health_check.url must be an address"),
        ({"health_check": {"url": "http://a b"}}, "health_check.url must be an address"),
        ({"health_check": {"host": "a\nb"}}, "health_check.host must be a host name"),
        ({"health_check": {"retries": -1}}, "health_check.retries is -1"),
        ({"health_check": {}}, "health_check needs a url, since"),
        ({"revision": "not a tag"}, "revision: 'not a tag' is neither"),
        ({"revision": "sha256:12"}, "revision: 'sha256:12' is no digest"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_written(
    host: Host, web: str, options: dict[str, Any], words: str
) -> None:
    host.new_task()
    host.sim.reset_stats()
    failed = host.failed(DEPLOYMENT, **{**WEB, **options})
    assert failed["msg"].startswith(words)
    assert failed["error"]["kind"] == "option"
    assert "\n" not in failed["msg"]
    assert host.sim.calls("mutation") == []
