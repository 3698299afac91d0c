# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Deployments through the operation, on the simulator and on scripted answers."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._errors import (
    DokployError,
    NotFoundError,
    PermissionDenied,
    ServerError,
    UnknownProcedure,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.actions.deployment import (
    OPERATION as DEPLOYMENT,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.projects.project import OPERATION as PROJECT
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import (
    APPLICATION as RESOURCE,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import (
    OPERATION as APPLICATION,
)
from ansible_collections.community.dokploy.plugins.module_utils._swarm.logs import build_logs
from tests.support import sample_rows
from tests.support.builders import wait_until_idle
from tests.support.fake_clients import Expect, ScriptedClient, batch
from tests.support.host import Host

# The verification of the tasks is tested in test_completion.py.
WEB: dict[str, Any] = {"project": "shop", "environment": "production", "application": "web", "verify": False}
DOCKER = {"docker": {"image": "nginx"}}
GIT = {"git": {"url": "https://git.example.com/web.git", "branch": "main"}, "build": {"type": "dockerfile"}}


def web(host: Host, **options: Any) -> str:
    """The ID of the application shop/production/web."""
    host.ok(PROJECT, name="shop")
    made = host.ok(APPLICATION, project="shop", environment="production", name="web", **(options or DOCKER))
    host.new_task()
    host.sim.reset_stats()
    return str(made["application"]["application_id"])


def test_a_deployment_that_succeeds(host: Host) -> None:
    resource_id = web(host)
    result = host.ok(DEPLOYMENT, **WEB, title="first", description="by hand")
    assert result["changed"]
    assert result["application_id"] == resource_id
    deployment = result["deployment"]
    assert (deployment["status"], deployment["title"], deployment["description"]) == ("done", "first", "by hand")
    assert deployment["duration"] >= 0
    assert deployment["commit"] is None
    assert host.sim.calls("mutation") == ["application.update", "application.deploy"]


def test_the_second_deployment_is_not_mistaken_for_the_first(host: Host) -> None:
    web(host)
    first = host.ok(DEPLOYMENT, **WEB)["deployment"]["deployment_id"]
    wait_until_idle(host)
    second = host.ok(DEPLOYMENT, **WEB, state="redeployed")["deployment"]["deployment_id"]
    assert first != second
    assert host.sim.calls("mutation") == ["application.update", "application.deploy", "application.redeploy"]


def test_a_git_deployment_waits_for_its_commit(host: Host) -> None:
    """The commit replaces title and description a moment after the row is final."""
    web(host, **GIT)
    deployment = host.ok(DEPLOYMENT, **WEB, title="mine")["deployment"]
    assert deployment["status"] == "done"
    assert deployment["commit"] is not None
    assert len(deployment["commit"]) == 40
    assert deployment["title"] == "work on main"


def test_without_waiting_only_the_trigger_is_sent(host: Host) -> None:
    web(host)
    result = host.ok(DEPLOYMENT, **WEB, wait=False)
    assert result["changed"]
    assert result["deployment"] is None
    assert host.sim.calls() == [
        "project.all",
        *("application.one", "deployment.queueList", "patch.byEntityId"),
        *("application.update", "application.deploy"),
    ]


def test_check_mode_triggers_nothing(host: Host) -> None:
    web(host)
    result = host.ok(DEPLOYMENT, check=True, **WEB)
    assert result["changed"]
    assert result["deployment"] is None
    assert host.sim.calls("mutation") == []


def test_a_failed_deployment_ends_with_its_log_and_without_secrets(host: Host) -> None:
    resource_id = web(host, docker={"image": "missing-hunter2", "password": "passw0rd"}, env={"A": "hunter2"})
    result = host.failed(DEPLOYMENT, **WEB)
    assert result["error"]["kind"] == "deployment"
    assert result["changed"]
    assert result["deployment"]["status"] == "error"
    assert result["deployment"]["application_id"] == resource_id
    lines = result["msg"].splitlines()
    why = "manifest for missing-******** not found: manifest unknown"
    assert lines[0] == f"application 'web' in shop/production: the deployment ended in error: {why}"
    assert lines[1] == "The end of its log:"
    assert lines[-1] == "❌ Pulling image failed"
    assert result["log"] == lines[2:]
    assert "Pulling missing-********" in result["msg"]
    assert "hunter2" not in repr(result)


def test_a_streamed_log_is_not_repeated_in_the_message(host: Host) -> None:
    lines: list[str] = []
    host.line = lines.append
    web(host, docker={"image": "missing"})
    failed = host.failed(DEPLOYMENT, **WEB, follow=True, log_lines=1)
    assert lines[-1] == "shop/production/web | Error occurred ❌, check the logs for details."
    why = "manifest for missing not found: manifest unknown"
    assert (
        failed["msg"]
        == f"application 'web' in shop/production: the deployment ended in error: {why}\nIts log is above."
    )
    assert failed["log"] == ["❌ Pulling image failed"]


def test_the_log_can_be_omitted_or_cut(host: Host) -> None:
    web(host, docker={"image": "missing"})
    omitted = host.failed(DEPLOYMENT, **WEB, log_lines=0)
    assert (omitted["log"], omitted["msg"].splitlines()[1:]) == ([], [])
    assert omitted["msg"].endswith("the deployment ended in error")
    assert "deployment.readLogs" not in host.sim.calls()
    wait_until_idle(host)
    assert host.failed(DEPLOYMENT, **WEB, log_lines=1)["log"] == ["❌ Pulling image failed"]


def test_a_deployment_behind_another_application(host: Host) -> None:
    web(host)
    host.sim.seed(applications=1, project="other", name="busy", fields={"sourceType": "docker", "dockerImage": "nginx"})

    class Ending(list[str]):
        """The lines of progress; the other build ends after the first one."""

        def append(self, line: str) -> None:
            if not self:
                host.sim.act(finish=True)
            super().append(line)

    host.progress = Ending()
    # How long a build takes is asked when its row is made, some time after it was queued.
    host.sim.config(builds=[{"application": "busy", "seconds": 3600}], build_seconds=0)
    host.sim.act(deploy="busy")
    assert host.ok(DEPLOYMENT, **WEB)["deployment"]["status"] == "done"
    assert any("queued behind 1" in line for line in host.progress)


def test_deployments_of_the_same_application_by_other_users(host: Host) -> None:
    web(host)
    host.sim.config(build_seconds=0.05)
    for title in ("theirs 1", "theirs 2"):
        host.sim.act(deploy="web", title=title)
    assert host.ok(DEPLOYMENT, **WEB)["deployment"]["title"] == "Deployed by Ansible"
    wait_until_idle(host)
    assert host.ok(DEPLOYMENT, **WEB, trigger="always", title="ours")["deployment"]["title"] == "ours"


def test_a_timeout_leaves_the_deployment_running(host: Host) -> None:
    web(host)
    host.sim.config(build_seconds=3600)
    result = host.failed(DEPLOYMENT, **WEB, wait_timeout=0.2)
    assert result["error"]["kind"] == "timeout"
    assert result["changed"]
    assert result["status"] in ("running", "unknown")
    assert "\n" not in result["msg"]


def test_queued_jobs_are_cancelled_and_the_running_build_continues(host: Host) -> None:
    resource_id = web(host)
    host.sim.config(build_seconds=3600)
    for _job in range(3):
        host.sim.act(deploy="web")
    checked = host.ok(DEPLOYMENT, check=True, **WEB, state="cancelled")
    assert checked["changed"]
    assert host.sim.calls("mutation") == []
    result = host.ok(DEPLOYMENT, **WEB, state="cancelled")
    assert (result["changed"], result["cancelled"]) == (True, 2)
    assert result["diff"]["before"] == {"waiting": 2}
    assert "a build is running and goes on" in result["warnings"][0]
    assert host.sim.calls("mutation") == ["application.cleanQueues"]
    assert [job["state"] for job in host.read("deployment.queueList")] == ["active"]
    again = host.ok(DEPLOYMENT, **WEB, state="cancelled")
    assert (again["changed"], again["cancelled"], again["application_id"]) == (False, 0, resource_id)


def test_an_unknown_application_lists_similar_names(host: Host) -> None:
    web(host)
    result = host.failed(DEPLOYMENT, **{**WEB, "application": "wep"})
    assert result["error"]["kind"] == "reference"
    assert result["msg"].startswith("application: no application is named 'wep' in shop/production")
    assert "Did you mean: 'web'?" in result["msg"]
    assert host.sim.calls("mutation") == []


@pytest.mark.parametrize("check", [True, False])
def test_an_unknown_id_is_an_error_before_any_write(host: Host, check: bool) -> None:
    result = host.failed(DEPLOYMENT, check=check, application_id="V1StGXR8_Z5jdHi6B-myT")
    assert result["error"]["kind"] == "not_found"
    assert not result["changed"]


# --- the log, on scripted answers ------------------------------------------------------------------------------------


def log_batch(text: Any, row: Any, patches: Any, lines: int) -> Expect:
    return batch(
        ("deployment.readLogs", {"deploymentId": "d", "tail": lines}, text),
        ("application.one", {"applicationId": "a"}, row),
        ("patch.byEntityId", {"id": "a", "type": "application"}, patches),
    )


def tail_of(answer: Any, row: Any = None, lines: int = 50, patches: Any = ()) -> str:
    client: Any = ScriptedClient(log_batch(answer, row or sample_rows.application(), patches, lines))
    (text,) = build_logs(client, [(RESOURCE, "a", "d")], lines)
    client.done()
    return text or ""


def test_the_log_is_cut_to_its_end() -> None:
    assert tail_of("one\ntwo\nthree\n\n", lines=2) == "two\nthree"
    assert tail_of("\n") == ""
    assert tail_of(None) == ""


def test_no_value_of_a_variable_is_in_the_log() -> None:
    row = sample_rows.application(
        env="LONG=hunter2-and-more\nSHORT=hunter2\nNODE=abc",
        buildArgs="B='build arg'",
        buildSecrets="S=s3cret",
        password="pass",
    )
    text = tail_of("hunter2-and-more hunter2 build arg s3cret pass abc", row)
    # A value of three characters would turn every text into stars.
    assert text == "******** ******** ******** ******** ******** abc"


def test_no_line_of_a_patch_is_in_the_log() -> None:
    patch = {"content": "[server]\ntoken = one-of-a-patch\ndone\n"}
    text = "2026-11-24T13:45:12Z    token = one-of-a-patch\ndone"
    assert tail_of(text, patches=[patch]) == "2026-11-24T13:45:12Z    ********\ndone"
    # Patches are no secrets: without access to them, the log is shown.
    for error in (PermissionDenied("no"), UnknownProcedure("404")):
        assert tail_of(text, patches=error) == text


@pytest.mark.parametrize("error", [UnknownProcedure("404"), NotFoundError("404")])
def test_an_unreadable_log_is_omitted(error: DokployError) -> None:
    assert tail_of(error) == ""


def test_an_unreadable_log_does_not_hide_the_failure(host: Host) -> None:
    web(host, docker={"image": "missing"})
    host.sim.fault("status", "deployment.readLogs", status=500, body={"message": "boom"}, times=-1)
    assert host.failed(DEPLOYMENT, **WEB)["error"]["kind"] == "deployment"


def test_no_log_is_shown_unmasked(host: Host) -> None:
    """If the variables cannot be read, the log is omitted."""
    client: Any = ScriptedClient(log_batch("hunter2", NotFoundError("Application not found"), [], 5))
    assert build_logs(client, [(RESOURCE, "a", "d")], 5) == [""]
    failing: Any = ScriptedClient(log_batch("hunter2", ServerError("500"), [], 5))
    try:
        assert build_logs(failing, [(RESOURCE, "a", "d")], 5) == [""]
    except ServerError as error:
        assert "hunter2" not in str(error)
