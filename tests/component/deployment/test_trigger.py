# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When a deployment is triggered, on the simulator: after any change, and after a run that ended at any point."""

from __future__ import annotations

import re
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._resources.actions.deployment import (
    OPERATION as DEPLOYMENT,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.projects.project import OPERATION as PROJECT
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import (
    OPERATION as APPLICATION,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import (
    PATCH_OPERATION as PATCH,
)
from ansible_collections.community.dokploy.plugins.module_utils._values.codec import FINGERPRINT_LABEL
from dokploy_simulator.api.releases import NEWEST
from dokploy_simulator.world.docker import docker_views
from tests.support.builders import finish_on, wait_until_building, wait_until_idle
from tests.support.host import Host
from tests.support.waiting import until

PLACE: dict[str, Any] = {"project": "shop", "environment": "production"}
RECORD_LOST = "no record of the last deployment, and what runs is what is configured"
WEB: dict[str, Any] = {**PLACE, "application": "web", "verify": False}
GIT = {"git": {"url": "https://git.example.com/web.git", "branch": "main"}, "build": {"type": "dockerfile"}}
DENIED = {"message": "You don't have access", "code": "UNAUTHORIZED", "data": {"code": "UNAUTHORIZED"}}
LOOK = ["project.all", "application.one", "deployment.queueList", "patch.byEntityId"]


def state(host: Host, **options: Any) -> dict[str, Any]:
    """A task that configures the application."""
    host.new_task()
    return host.ok(APPLICATION, **PLACE, name="web", **options)


@pytest.fixture
def web(host: Host) -> str:
    """The application, configured and not deployed."""
    host.ok(PROJECT, name="shop")
    return str(state(host, docker={"image": "nginx:1"})["application"]["application_id"])


def deploy(host: Host, check: bool = False, **options: Any) -> dict[str, Any]:
    """A task that deploys; ``calls`` are the procedures that it called."""
    host.new_task()
    host.sim.reset_stats()
    result = host.ok(DEPLOYMENT, check=check, **{**WEB, **options})
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
    assert again["diff"]["before"] == again["diff"]["after"]


def test_a_new_application_is_deployed_once(host: Host, web: str) -> None:
    first = both(host)
    assert (first["changed"], first["reason"]) == (True, "never deployed")
    assert first["writes"] == ["application.update", "application.deploy"]
    nothing_to_do(host)
    assert deploy(host)["deployment"]["deployment_id"] == first["deployment"]["deployment_id"]


def test_an_unchanged_application_takes_one_request_besides_the_tree(host: Host, web: str) -> None:
    both(host)
    host.new_task()
    host.sim.reset_stats()
    host.ok(DEPLOYMENT, **WEB)
    host.ok(DEPLOYMENT, **WEB)
    # The second item of a loop reuses the tree.
    assert host.sim.stats()["http"] == 3


@pytest.mark.parametrize("result", ["error", "cancelled"])
def test_a_failed_deployment_is_repeated(host: Host, web: str, result: str) -> None:
    both(host)
    state(host, env={"A": "1"})
    host.sim.config(build_seconds=3600 if result == "cancelled" else 0.05, next_results=["error"])
    if result == "cancelled":
        host.sim.act(deploy=web)
        wait_until_building(host, applicationId=web)
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


def test_a_run_that_ends_between_the_fingerprint_and_the_deployment(host: Host, web: str) -> None:
    both(host)
    state(host, env={"A": "1"})
    host.new_task()
    host.sim.fault("reset_before", "application.deploy", times=1)
    failed = host.failed(DEPLOYMENT, **WEB)
    assert (failed["error"]["kind"], failed["changed"]) == ("connection", True)
    assert state(host, env={"A": "1"})["deploy_needed"]
    again = both(host)
    assert again["reason"] == "last deployment did not start"
    # The fingerprint is stored already.
    assert again["writes"] == ["application.deploy"]
    nothing_to_do(host)


def test_a_restart_that_loses_the_queue(host: Host, web: str) -> None:
    both(host)
    host.sim.config(build_seconds=3600)
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
def test_a_change_in_the_web_ui(host: Host, web: str, fields: dict[str, Any]) -> None:
    both(host)
    host.sim.act(set=web, fields=fields)
    changed = both(host)
    assert changed["reason"] == (
        RECORD_LOST
        if "labelsSwarm" in fields
        else "source changed"
        if "dockerImage" in fields
        else "configuration changed"
    )
    # What runs is not replaced where only the record is gone.
    assert ("application.deploy" in changed["writes"]) == ("labelsSwarm" not in fields)
    nothing_to_do(host)


def test_a_change_that_applies_immediately(host: Host, web: str) -> None:
    both(host)
    host.sim.act(set=web, fields={"description": "d", "autoDeploy": False, "name": "web"})
    state(host, domains=[{"host": "shop.example.com"}], webhook_token="another")
    nothing_to_do(host)


def test_a_deployment_from_the_web_ui(host: Host, web: str) -> None:
    both(host)
    host.sim.act(deploy=web)
    wait_until_idle(host)
    nothing_to_do(host)


def test_an_application_without_a_fingerprint_is_recorded_once(host: Host, web: str) -> None:
    host.sim.act(deploy=web)
    wait_until_idle(host)
    found = both(host)
    assert found["reason"] == RECORD_LOST and found["writes"] == ["application.update"]
    assert "docker.image" in found["adopted"]["compared"]
    nothing_to_do(host)


def test_without_a_record_what_cannot_be_seen_in_what_runs_is_deployed(host: Host, web: str) -> None:
    state(host, **GIT)
    both(host)
    host.sim.act(set=web, fields={"labelsSwarm": None})
    found = both(host)
    assert found["reason"] == "no record of the last deployment" and "application.deploy" in found["writes"]
    nothing_to_do(host)


def test_without_a_record_what_runs_otherwise_is_deployed(host: Host, web: str) -> None:
    both(host)
    host.sim.act(set=web, fields={"labelsSwarm": None, "args": ["a"]})
    found = both(host)
    assert found["reason"] == "no record of the last deployment" and "application.deploy" in found["writes"]


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


def test_a_shared_variable_with_a_reference_counts(host: Host, web: str) -> None:
    state(host, env={"URL": "${{project.URL}}"})
    host.ok(PROJECT, name="shop", env={"URL": "one", "OTHER": "1"})
    both(host)
    host.ok(PROJECT, name="shop", env={"URL": "one", "OTHER": "2"})
    nothing_to_do(host)
    host.ok(PROJECT, name="shop", env={"URL": "two", "OTHER": "2"})
    both(host)
    nothing_to_do(host)


def test_a_missing_source_is_an_error_before_any_write(host: Host) -> None:
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
    # In check mode, an earlier task may set one.
    predicted = deploy(host, check=True)
    assert predicted["changed"]
    assert "an earlier task sets the source" in predicted["warnings"][0]


def test_a_lost_source_is_an_error_unless_for_a_rebuild(host: Host, web: str) -> None:
    state(host, **GIT)
    both(host)
    host.sim.act(set=web, fields={"sourceType": "github"})
    host.new_task()
    assert "has no source to deploy" in host.failed(DEPLOYMENT, **WEB)["msg"]
    assert deploy(host, state="redeployed")["changed"]


@pytest.mark.parametrize("version", ["0.25.0", "0.25.6", "0.26.7", "0.27.1", "0.28.8", "0.29.8", "0.29.14"])
def test_older_servers_store_the_fingerprint(host: Host, version: str) -> None:
    host.sim.config(version=version)
    host.ok(PROJECT, name="shop")
    resource_id = str(state(host, docker={"image": "nginx:1"})["application"]["application_id"])

    def ends() -> None:
        """Before 0.28.3 there is no list of the queue to look at."""
        rows = {"applicationId": resource_id}
        until(lambda: all(row["status"] != "running" for row in host.read("deployment.all", **rows)))

    first = deploy(host)
    assert (first["changed"], first["reason"]) == (True, "never deployed")
    ends()
    assert not deploy(host)["changed"]
    state(host, env={"A": "1"})
    assert deploy(host)["reason"] == "configuration changed"
    ends()
    # More columns of a newer server change nothing.
    host.sim.config(version=NEWEST)
    again = deploy(host)
    assert (again["changed"], again["reason"]) == (False, None)


def test_trigger_always(host: Host, web: str) -> None:
    assert both(host, trigger="always")["writes"] == ["application.update", "application.deploy"]
    again = both(host, trigger="always")
    assert (again["changed"], again["writes"]) == (True, ["application.deploy"])
    assert again["reason"] == "deployment requested"
    before, after = again["diff"]["before"]["deployment"], again["diff"]["after"]["deployment"]
    assert re.fullmatch(r"Deployed by Ansible, [\d-]+T[\d:.]+Z, done", before)
    assert after == "(a new one: deployment requested)"
    nothing_to_do(host)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({}, "never deployed"),
        ({"trigger": "always"}, "deployment requested"),
        ({"state": "redeployed"}, "redeployment requested"),
    ],
)
def test_the_first_deployment_is_predicted_in_the_words_of_the_real_one(
    host: Host, options: dict[str, Any], reason: str
) -> None:
    predicted = deploy(host, check=True, **options)["diff"]
    host.ok(PROJECT, name="shop")
    state(host, docker={"image": "nginx:1"})
    real = deploy(host, **options)["diff"]
    assert (predicted["before"], predicted["after"]) == (real["before"], real["after"])
    assert real["before"] == {"deployment": "(none)"} and real["after"] == {"deployment": "(a new one: %s)" % reason}


def test_a_rebuild_does_not_deploy_a_changed_source(host: Host, web: str) -> None:
    both(host)
    state(host, docker={"image": "nginx:2"})
    assert both(host, state="redeployed")["writes"] == ["application.update", "application.redeploy"]
    # It has taken the image that was stored.
    assert both(host)["reason"] == RECORD_LOST
    nothing_to_do(host)


def test_a_rebuild_deploys_changes_besides_the_source(host: Host, web: str) -> None:
    both(host)
    state(host, env={"A": "1"})
    assert both(host, state="redeployed")["writes"] == ["application.update", "application.redeploy"]
    nothing_to_do(host)
    assert both(host, state="redeployed")["writes"] == ["application.redeploy"]


def test_a_rebuild_after_a_failed_clone_is_no_deployment(host: Host, web: str) -> None:
    both(host)
    host.sim.config(next_results=["error"])
    state(host, docker={"image": "nginx:2"})
    host.failed(DEPLOYMENT, **WEB)
    wait_until_idle(host)
    both(host, state="redeployed")
    assert both(host)["changed"]
    nothing_to_do(host)


# --- a deployment in progress ----------------------------------------------------------------------------------------


def busy(host: Host) -> None:
    """Another user's build occupies the server until it is ended."""
    host.sim.config(build_seconds=3600)
    host.sim.seed(applications=1, project="other", name="busy", fields={"sourceType": "docker", "dockerImage": "nginx"})
    host.sim.act(deploy="busy")


@pytest.mark.parametrize("waits", [True, False])
def test_a_deployment_in_progress_of_the_same_configuration_is_joined(host: Host, web: str, waits: bool) -> None:
    """The play was killed while it waited, and runs again."""
    if waits:
        busy(host)
    else:
        finish_on(host)
    first = deploy(host, wait=False)
    assert first["handle"]
    if waits:
        host.sim.config(build_seconds=0.05)
        host.sim.act(finish=True)
    else:
        wait_until_building(host, applicationId=web)
    joined = deploy(host)
    assert (joined["changed"], joined["reason"], joined["writes"]) == (False, None, [])
    assert joined["deployment"]["status"] == "done"
    wait_until_idle(host)
    assert len(host.read("deployment.all", applicationId=web)) == 1
    nothing_to_do(host)


def test_a_deployment_in_progress_of_another_configuration_is_not_joined(host: Host, web: str) -> None:
    finish_on(host)
    deploy(host, wait=False)
    wait_until_building(host, applicationId=web)
    state(host, env={"A": "1"})
    again = deploy(host)
    assert again["changed"]
    assert len(host.read("deployment.all", applicationId=web)) == 2
    wait_until_idle(host)
    nothing_to_do(host)


def test_a_deployment_that_began_before_the_fingerprint_does_not_count(host: Host, web: str) -> None:
    """Another user's build uses the previous configuration."""
    both(host)
    host.sim.config(build_seconds=3600)
    host.sim.act(deploy=web)
    wait_until_building(host, applicationId=web)
    state(host, env={"A": "1"})
    host.new_task()
    host.sim.fault("reset_before", "application.deploy", times=1)
    host.failed(DEPLOYMENT, **WEB)
    host.sim.config(build_seconds=0.05)
    host.sim.act(finish=True)
    wait_until_idle(host)
    assert both(host)["reason"] == "last deployment did not start"


def test_a_joined_deployment_that_fails_fails_the_task(host: Host, web: str) -> None:
    finish_on(host)
    host.sim.config(next_results=["error"])
    deploy(host, wait=False)
    wait_until_building(host, applicationId=web)
    host.new_task()
    failed = host.failed(DEPLOYMENT, **WEB)
    assert (failed["error"]["kind"], failed["changed"]) == ("deployment", False)


def test_a_deployment_in_progress_can_be_joined_by_its_handle(host: Host, web: str) -> None:
    host.sim.config(build_seconds=3600)
    deploy(host, wait=False)
    wait_until_building(host, applicationId=web)
    handle = deploy(host, wait=False)["handle"]
    assert handle["deployment_id"] == host.read("deployment.all", applicationId=web)[0]["deploymentId"]
    host.new_task()
    host.sim.act(finish=True)
    ended = host.ok(DEPLOYMENT, state="finished", handles=[handle], verify=False)
    assert [report["status"] for report in ended["deployments"]] == ["done"]


# --- the label -------------------------------------------------------------------------------------------------------


def test_check_mode_predicts_as_the_guide_describes(host: Host, web: str) -> None:
    """See the guide to check mode."""
    both(host)
    host.new_task()
    changed = host.ok(APPLICATION, check=True, **PLACE, name="web", env={"A": "1"})
    assert changed["changed"] and changed["deploy_needed"]
    assert not deploy(host, check=True)["changed"]
    trigger = "always" if changed["changed"] and changed["deploy_needed"] else "changed"
    assert deploy(host, check=True, trigger=trigger)["changed"]
    state(host, env={"A": "1"})
    assert deploy(host, check=True)["reason"] == "configuration changed"


# --- rollbacks by Docker ----------------------------------------------------------------------------------------------

LOOKED = [*LOOK, "docker.getServiceContainersByAppName", "docker.getConfig"]
MONITORED: dict[str, Any] = {"update_config": {"failure_action": "rollback", "monitor": "1h"}}


@pytest.fixture
def seen_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first second of a container does not count, so that a test has to wait."""
    monkeypatch.setattr(docker_views, "ago", lambda seconds: f"{int(seconds) + 2} seconds ago")


@pytest.mark.usefixtures("seen_at_once")
def test_a_later_rollback_by_docker_is_deployed_again(host: Host, web: str) -> None:
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
def test_a_rollback_of_an_unchanged_deployment_is_noticed(host: Host, web: str) -> None:
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
def test_without_a_possible_rollback_no_tasks_are_read(
    host: Host, web: str, options: dict[str, Any], verify: bool
) -> None:
    state(host, **options)
    both(host, verify=verify, verify_period=0.01)
    nothing_to_do(host, verify=verify, verify_period=0.01)


@pytest.mark.usefixtures("seen_at_once")
def test_a_key_without_access_to_docker_causes_a_warning(host: Host, web: str) -> None:
    look: dict[str, Any] = {"verify": True, "verify_period": 0}
    both(host, **look)
    host.sim.fault("status", "docker.getServiceContainersByAppName", status=401, body=DENIED, times=-1)
    again = deploy(host, **look)
    assert not again["changed"]
    assert "it is unknown whether Docker has rolled it back" in again["warnings"][0]


def test_the_fingerprint_is_kept_and_not_shown(host: Host, web: str) -> None:
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


def test_the_label_is_on_the_containers(host: Host, web: str) -> None:
    both(host)
    row = host.read("application.one", applicationId=web)
    task = host.read("docker.getServiceContainersByAppName", appName=row["appName"])[0]
    spec = host.read("docker.getConfig", containerId=task["containerId"])["Spec"]["ContainerSpec"]
    assert spec["Labels"] == row["labelsSwarm"]


def test_the_label_cannot_be_set_by_an_option(host: Host, web: str) -> None:
    host.new_task()
    failed = host.failed(APPLICATION, **PLACE, name="web", labels={FINGERPRINT_LABEL: "x"})
    assert failed["error"]["kind"] == "option"
    assert failed["msg"].startswith("labels: community.dokploy.deployment is a label that community.dokploy keeps")


def test_a_key_that_may_not_update_the_application_can_deploy(host: Host, web: str) -> None:
    host.sim.fault("status", "application.update", status=401, body=DENIED, times=-1)
    result = deploy(host)
    assert result["deployment"]["status"] == "done"
    assert "the API key may not change the application" in result["warnings"][0]
    wait_until_idle(host)
    assert deploy(host)["changed"]


# --- options ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"state": "redeployed", "revision": "abc1234"}, "revision is not supported with state=redeployed"),
        ({"state": "cancelled", "archive": "/a.zip"}, "archive is not supported with state=cancelled"),
        ({"deployment_id": "x"}, "deployment_id is not supported with state=deployed"),
        ({"kill_build": True}, "kill_build is not supported with state=deployed"),
        ({"handles": []}, "handles is not supported with state=deployed"),
        ({"state": "finished"}, "state=finished needs handles"),
        ({"exclude": ["a"]}, "exclude is for the files of a path"),
        ({"http_check": {"status_codes": []}}, "http_check.status_codes"),
        ({"http_check": {"status_codes": [99]}}, "http_check.status_codes"),
        ({"http_check": {"url": "shop.example.com"}}, "http_check.url must be an address"),
        ({"http_check": {"url": "http://[half"}}, "http_check.url must be an address"),
        ({"http_check": {"url": "http://a b"}}, "http_check.url must be an address"),
        ({"http_check": {"host": "a\nb"}}, "http_check.host must be a host name"),
        ({"http_check": {"retries": -1}}, "http_check.retries is -1"),
        ({"http_check": {}}, "http_check needs a url, since"),
        ({"revision": "not a tag"}, "revision: 'not a tag' is neither"),
        ({"revision": "sha256:12"}, "revision: 'sha256:12' is no digest"),
    ],
)
def test_invalid_options_are_errors_before_any_write(
    host: Host, web: str, options: dict[str, Any], message: str
) -> None:
    host.new_task()
    host.sim.reset_stats()
    failed = host.failed(DEPLOYMENT, **{**WEB, **options})
    assert failed["msg"].startswith(message)
    assert failed["error"]["kind"] == "option"
    assert "\n" not in failed["msg"]
    assert host.sim.calls("mutation") == []
