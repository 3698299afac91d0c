# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Actions on an application, on the simulator, and what is looked at on scripted answers."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._engine.runner import Context
from ansible_collections.community.dokploy.plugins.module_utils._errors import (
    DokployError,
    OptionError,
    PermissionDenied,
    Refused,
    ServerError,
    UnknownProcedure,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.application import APPLICATION
from ansible_collections.community.dokploy.plugins.module_utils._resources.application_actions import (
    ACTIONS,
    DISCONNECTED,
    OPERATION,
    webhook_of,
)
from ansible_collections.community.dokploy.plugins.module_utils._swarm.live_facts import LIVE_FACTS, live_facts
from ansible_collections.community.dokploy.plugins.module_utils._swarm.tasks import Service
from tests.support import sample_rows
from tests.support.builders import wait_until_idle
from tests.support.fake_clients import ScriptedClient, batch
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


def test_a_fresh_application_has_no_provider(host: Host) -> None:
    web(host, description="fresh")
    assert acts(host, "disconnect_git_provider")["changed"] is False


@pytest.mark.parametrize("source", ["docker", "drop"])
def test_what_is_no_repository_is_not_made_an_empty_one(host: Host, source: str) -> None:
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


def test_killing_builds_wants_to_be_meant(host: Host) -> None:
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


def test_removing_a_deployment_that_runs_is_warned_of(host: Host) -> None:
    resource_id = web(host)
    host.sim.config(build_seconds=600.0)
    host.sim.act(deploy="web")
    rows: list[Any] = []
    while not rows:
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
    assert predicted["application_id"] is None
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
def test_an_older_server_is_told_apart(host: Host, action: str, version: str, needed: str) -> None:
    web(host)
    host.sim.config(version=version)
    for check in (True, False):
        host.new_task()
        result = host.failed(OPERATION, check=check, **WEB, action=action, deployment_id="d", kill_every_build=True)
        assert result["error"]["kind"] == "refused"
        assert f"action={action} needs Dokploy {needed} or newer; this server is {version}" in result["msg"]


# --- what is looked at ------------------------------------------------------------------------------------------------

PARAMS: dict[str, Any] = {"include_secrets": False, "log_lines": 100, "log_since": None, "log_search": None}
ROW = sample_rows.application(env="TOKEN=hunter2")
PATCHES = [{"content": "password = one-of-a-patch\n"}]
OWN = {"applicationId": sample_rows.APPLICATION_ID}
LOGS = {**OWN, "tail": 100}


def looked(name: str, input: dict[str, Any], answer: Any, row: Any = None, **params: Any) -> Any:
    row = ROW if row is None else row
    procedure = LIVE_FACTS[name][0](Service(APPLICATION, row), {**PARAMS, **params}).procedure
    masked = [("patch.byEntityId", {"id": sample_rows.APPLICATION_ID, "type": "application"}, PATCHES)]
    client: Any = ScriptedClient(batch((procedure, input, answer), *(masked if name == "logs" else ())))
    nothing: Any = None
    value = live_facts(APPLICATION, [name], [row], Context({**PARAMS, **params}, client, nothing, nothing, nothing))[0][
        name
    ]
    client.done()
    return value


def test_the_log_is_cut_and_masked() -> None:
    assert looked("logs", LOGS, "one\ntoken hunter2\n\n") == ["one", "token ********"]
    assert looked("logs", LOGS, "one\n  password = one-of-a-patch\n") == ["one", "  ********"]
    options = {"log_lines": 2, "log_since": "5m", "log_search": "a b"}
    found = looked("logs", {**OWN, "tail": 2, "since": "5m", "search": "a b"}, "1\n2\n3\n", **options)
    assert found == ["2", "3"]
    assert looked("logs", LOGS, "") == []


def test_there_is_no_log_of_what_does_not_run_nor_of_what_is_not_found() -> None:
    nothing = ServerError("the server failed", server_message="No container or service found for: app")
    assert looked("logs", LOGS, nothing) == []
    empty = ServerError("the server failed", server_message="Command failed: docker logs 2>&1 | grep -iF 'x'")
    assert looked("logs", {**LOGS, "search": "x"}, empty, log_search="x") == []
    with pytest.raises(ServerError):
        looked("logs", LOGS, empty)


def test_an_older_server_has_no_logs() -> None:
    with pytest.raises(Refused, match=r"0\.29\.0"):
        looked("logs", LOGS, UnknownProcedure("404"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"log_lines": 0},
        {"log_lines": 10001},
        {"log_since": "yesterday"},
        {"log_since": "5m\n"},
        {"log_search": "a;b"},
        {"log_search": "x" * 501},
    ],
)
def test_options_of_the_log_that_cannot_be(wrong: dict[str, Any]) -> None:
    client: Any = ScriptedClient()
    nothing: Any = None
    context = Context({**PARAMS, **wrong}, client, nothing, nothing, nothing)
    with pytest.raises(OptionError, match=next(iter(wrong))):
        live_facts(APPLICATION, ["logs"], [ROW], context)
    # They matter for the logs only.
    assert live_facts(APPLICATION, [], [ROW], context) == [{}]


def test_monitoring() -> None:
    measured = {"cpu": [], "memory": [], "disk": [], "network": [], "block": []}
    of = {"appName": ROW["appName"]}
    assert looked("monitoring", of, measured) == measured
    assert looked("monitoring", of, None) is None
    cloud = PermissionDenied("no", server_message="Functionality not available in cloud version")
    assert looked("monitoring", of, cloud) is None
    with pytest.raises(PermissionDenied):
        looked("monitoring", of, PermissionDenied("no", server_message="unauthorized to access"))


def test_what_runs() -> None:
    of = {"appName": ROW["appName"]}
    assert looked("running", of, []) == {"replicas_wanted": 1, "replicas_running": 0, "tasks": []}
    remote = {**ROW, "serverId": "srv"}
    assert looked("running", {**of, "serverId": "srv"}, [], remote)["tasks"] == []


def test_the_traefik_configuration() -> None:
    text = "http:\n  middlewares:\n    a:\n      basicAuth:\n        users:\n          - me:$2b$10$abcdefghijk\n"
    assert looked("traefik_config", OWN, text) == text.replace("$2b$10$abcdefghijk", "********")
    assert looked("traefik_config", OWN, text, include_secrets=True) == text
    assert looked("traefik_config", OWN, None) is None


def test_many_rows_take_one_request() -> None:
    other = {**ROW, "applicationId": "other", "appName": "other-app"}
    names = ["running", "traefik_config"]
    items = []
    for row in (ROW, other):
        items.append(("docker.getServiceContainersByAppName", {"appName": row["appName"]}, []))
        items.append(("application.readTraefikConfig", {"applicationId": row["applicationId"]}, row["appName"]))
    client: Any = ScriptedClient(batch(*items))
    nothing: Any = None
    found = live_facts(APPLICATION, names, [ROW, other], Context(PARAMS, client, nothing, nothing, nothing))
    assert [one["traefik_config"] for one in found] == [ROW["appName"], "other-app"]
    assert [one["running"]["tasks"] for one in found] == [[], []]


def test_the_looks_on_the_simulator(host: Host) -> None:
    made = host.sim.seed(project="shop", applications=1, name="web", deployed=True)
    row = host.read("application.one", applicationId=made["applicationIds"][0])
    nothing: Any = None
    client = host.api()
    try:
        found = live_facts(APPLICATION, sorted(LIVE_FACTS), [row], Context(PARAMS, client, nothing, nothing, nothing))[
            0
        ]
    finally:
        client.close()
    assert isinstance(found["logs"], list)
    assert set(found["monitoring"]) == {"cpu", "memory", "disk", "network", "block"}
    assert found["running"]["replicas_wanted"] == 1
    assert len(found["running"]["tasks"]) == 1
    assert found["traefik_config"] is None


def test_another_error_is_raised() -> None:
    for name, input in (("running", {"appName": ROW["appName"]}), ("traefik_config", OWN)):
        with pytest.raises(DokployError):
            looked(name, input, ServerError("boom"))
