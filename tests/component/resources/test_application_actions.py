# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The actions on an application, on the simulator."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._resources.actions.application_actions import (
    ACTIONS,
    DISCONNECTED,
    OPERATION,
    webhook_of,
)
from ansible_collections.community.dokploy.plugins.module_utils._values.codec import GENERATED
from tests.support.builders import wait_until_building, wait_until_idle
from tests.support.host import Host

WEB: dict[str, Any] = {"project": "shop", "environment": "production", "application": "web"}
GIT = {
    "sourceType": "git",
    "customGitUrl": "https://user:hunter2@git.example.com/web.git",
    "customGitBranch": "main",
    "watchPaths": ["src/**"],
    "enableSubmodules": True,
}


def web(host: Host, **fields: Any) -> str:
    """shop/production/web; returns its id."""
    docker = {"sourceType": "docker", "dockerImage": "nginx"}
    made = host.sim.seed(project="shop", applications=1, name="web", fields=fields or docker)
    host.new_task()
    host.sim.reset_stats()
    return str(made["applicationIds"][0])


def acts(host: Host, action: str, **params: Any) -> dict[str, Any]:
    """The result of an action, after check mode has predicted it without writing anything."""
    host.new_task()
    host.sim.reset_stats()
    predicted = host.ok(OPERATION, check=True, **WEB, action=action, **params)
    assert host.sim.calls("mutation") == []
    result = host.ok(OPERATION, **WEB, action=action, **params)
    assert (predicted["changed"], predicted["diff"]) == (result["changed"], result["diff"])
    return result


def test_a_new_webhook_token(host: Host) -> None:
    resource_id = web(host)
    old = host.read("application.one", applicationId=resource_id)["refreshToken"]
    result = acts(host, "refresh_token")
    assert result["changed"] is True
    assert result["webhook"] is None
    assert result["diff"]["before"] != result["diff"]["after"]
    assert host.sim.calls("mutation") == ["application.refreshToken"]
    new = host.read("application.one", applicationId=resource_id)["refreshToken"]
    assert new != old
    assert new not in repr(result)
    shown = host.ok(OPERATION, **WEB, action="refresh_token", include_secrets=True)["webhook"]
    token = host.read("application.one", applicationId=resource_id)["refreshToken"]
    assert shown == {
        "token": token,
        "path": f"/api/deploy/{token}",
        "url": f"{host.sim.url.rstrip('/').removesuffix('/api')}/api/deploy/{token}",
    }


def test_the_webhook_behind_a_prefix() -> None:
    client: Any = type("Client", (), {"base_url": "https://example.com/dokploy/api"})
    assert webhook_of({"refreshToken": "t"}, client.base_url)["url"] == "https://example.com/dokploy/api/deploy/t"


def test_clearing_the_build_logs(host: Host) -> None:
    resource_id = web(host)
    host.sim.act(deploy="web")
    wait_until_idle(host)
    (row,) = host.read("deployment.all", applicationId=resource_id)
    assert host.read("deployment.readLogs", deploymentId=row["deploymentId"])
    assert acts(host, "clear_deployments")["changed"] is True
    assert not host.read("deployment.readLogs", deploymentId=row["deploymentId"]).strip()
    assert len(host.read("deployment.all", applicationId=resource_id)) == 1
    assert acts(host, "clear_deployments")["changed"] is True


def test_cleaning_the_queue(host: Host) -> None:
    web(host)
    assert acts(host, "clean_queues")["changed"] is False
    assert host.sim.calls("mutation") == []
    host.sim.config(build_seconds=600.0)
    for _unused in range(3):
        host.sim.act(deploy="web")
    result = acts(host, "clean_queues")
    assert result["changed"] is True
    assert result["cancelled"] == 2
    assert result["diff"]["before"] == {"waiting": 2}
    assert result["diff"]["after"] == {"waiting": 0}
    assert host.sim.calls("mutation") == ["application.cleanQueues"]
    assert acts(host, "clean_queues")["changed"] is False


def test_disconnecting_the_git_provider(host: Host) -> None:
    resource_id = web(host, **GIT)
    result = acts(host, "disconnect_git_provider")
    assert result["changed"] is True
    assert set(result["diff"]["before"]) == set(GIT)
    assert "hunter2" not in repr(result)
    assert result["diff"]["after"] == {key: DISCONNECTED[key] for key in GIT}
    row = host.read("application.one", applicationId=resource_id)
    for key, value in DISCONNECTED.items():
        assert row[key] == value, key
    assert acts(host, "disconnect_git_provider")["changed"] is False
    assert host.sim.calls("mutation") == []


def test_a_new_application_has_no_provider(host: Host) -> None:
    web(host, description="fresh")
    assert acts(host, "disconnect_git_provider")["changed"] is False


@pytest.mark.parametrize("source", ["docker", "drop"])
def test_an_image_or_archive_is_not_disconnected(host: Host, source: str) -> None:
    web(host, sourceType=source, customGitUrl="https://git.example.com/left-over.git")
    assert acts(host, "disconnect_git_provider")["changed"] is False
    assert host.sim.calls("mutation") == []


def test_the_reset_columns_are_those_that_the_server_resets(host: Host) -> None:
    """What the server leaves behind is what counts as disconnected."""
    resource_id = web(host, **GIT)
    before = host.read("application.one", applicationId=resource_id)
    host.call("application.disconnectGitProvider", applicationId=resource_id)
    after = host.read("application.one", applicationId=resource_id)
    written = {key for key in after if before[key] != after[key]} - {"applicationStatus"}
    assert written <= set(DISCONNECTED)


def test_marking_as_running(host: Host) -> None:
    web(host)
    result = acts(host, "mark_running")
    assert result["changed"] is True
    assert result["diff"]["before"] == {"status": "idle"}
    assert result["diff"]["after"] == {"status": "running"}
    assert acts(host, "mark_running")["changed"] is False


def test_kill_build_needs_a_confirmation(host: Host) -> None:
    web(host)
    result = host.failed(OPERATION, **WEB, action="kill_build")
    assert result["error"]["kind"] == "option"
    assert "kill_every_build" in result["msg"]
    assert host.sim.calls() == []
    assert acts(host, "kill_build", kill_every_build=True)["changed"] is True
    assert host.sim.calls("mutation") == ["application.killBuild"]


def test_removing_a_deployment(host: Host) -> None:
    resource_id = web(host)
    host.sim.act(deploy="web", title="first")
    wait_until_idle(host)
    (row,) = host.read("deployment.all", applicationId=resource_id)
    result = acts(host, "remove_deployment", deployment_id=row["deploymentId"])
    assert result["changed"] is True
    assert result["diff"]["before"]["deployment_id"] == row["deploymentId"]
    assert result["diff"]["before"]["status"] == "done"
    assert result["diff"]["after"] == {}
    assert "warnings" not in result
    assert host.read("deployment.all", applicationId=resource_id) == []
    assert acts(host, "remove_deployment", deployment_id=row["deploymentId"])["changed"] is False


def test_removing_a_running_deployment_is_a_warning(host: Host) -> None:
    resource_id = web(host)
    host.sim.config(build_seconds=600.0)
    host.sim.act(deploy="web")
    wait_until_building(host, applicationId=resource_id)
    rows = host.read("deployment.all", applicationId=resource_id)
    result = host.ok(OPERATION, **WEB, action="remove_deployment", deployment_id=rows[0]["deploymentId"])
    assert "is running" in result["warnings"][0]


@pytest.mark.parametrize("action", sorted(ACTIONS))
def test_a_missing_application(host: Host, action: str) -> None:
    web(host)
    params = {**WEB, "application": "wed", "action": action, "deployment_id": "d", "kill_every_build": True}
    result = host.failed(OPERATION, **params)
    assert result["error"]["kind"] == "reference"
    assert "web" in result["msg"]
    predicted = host.ok(OPERATION, check=True, **params)
    assert predicted["changed"] is True
    assert predicted["application_id"] == GENERATED
    assert predicted["warnings"]
    assert host.sim.calls("mutation") == []


@pytest.mark.parametrize(
    ("action", "version", "needed"),
    [
        ("clear_deployments", "0.26.7", "0.27.1"),
        ("remove_deployment", "0.26.7", "0.27.1"),
        ("kill_build", "0.25.7", "0.25.8"),
    ],
)
def test_an_older_server_is_refused(host: Host, action: str, version: str, needed: str) -> None:
    web(host)
    host.sim.config(version=version)
    for check in (True, False):
        host.new_task()
        result = host.failed(OPERATION, check=check, **WEB, action=action, deployment_id="d", kill_every_build=True)
        assert result["error"]["kind"] == "refused"
        assert f"action={action} needs Dokploy {needed} or newer; this server is {version}" in result["msg"]
