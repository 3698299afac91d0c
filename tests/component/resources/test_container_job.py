# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Jobs: commands in containers that are made for them."""

from __future__ import annotations

import time
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._errors import Refused
from ansible_collections.community.dokploy.plugins.module_utils._resources.jobs import command, former, run
from ansible_collections.community.dokploy.plugins.module_utils._resources.jobs.job import OPERATION
from ansible_collections.community.dokploy.plugins.module_utils._resources.projects.project import OPERATION as PROJECT
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import (
    APPLICATION as RESOURCE,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import (
    OPERATION as APPLICATION,
)
from ansible_collections.community.dokploy.plugins.module_utils._swarm.tasks import Service
from dokploy_simulator.world.docker.docker import Docker
from tests.support.host import Host, judged

JOB: dict[str, Any] = {"project": "shop", "name": "count", "image": "postgres:18"}


@pytest.fixture
def shop(host: Host) -> Host:
    host.ok(PROJECT, name="shop")
    host.new_task()
    return host


def left(shop: Host) -> list[str]:
    """The names of the applications that there are."""
    (project,) = shop.read("project.all")
    return [app["name"] for environment in project["environments"] for app in environment["applications"]]


def test_a_command_runs_and_nothing_is_left(shop: Host) -> None:
    shop.sim.reset_stats()
    result = shop.ok(OPERATION, **JOB, script="echo 200000; echo done")
    assert result["changed"] is True
    assert (result["job"]["exit_code"], result["job"]["output_lines"]) == (0, ["200000", "done"])
    assert result["job"]["output"] == "200000\ndone"
    assert shop.sim.calls() == [
        "settings.getDokployVersion",
        "project.all",
        "application.create",
        "application.update",
        # The one that it is, and whether another run has created it too.
        "application.one",
        "environment.one",
        "application.reload",
        "docker.getServiceContainersByAppName",
        "application.readLogs",
        "application.delete",
    ]
    assert left(shop) == [] and shop.sim.services() == {}


def test_check_mode_runs_nothing(shop: Host) -> None:
    shop.sim.reset_stats()
    result = shop.ok(OPERATION, **JOB, command="true", check=True)
    assert (result["changed"], result["job"]) == (True, None)
    assert result["diff"]["after"] == {"run": "(a new one)"}
    assert shop.sim.calls("mutation") == []


def test_another_exit_code_is_a_failure(shop: Host) -> None:
    result = shop.failed(OPERATION, **JOB, script="echo no such table; exit 3")
    assert result["msg"].startswith("job count ended with the exit code 3 (")
    assert result["msg"].endswith("The end of its output:\nno such table")
    assert result["job"]["exit_code"] == 3
    assert left(shop) == []
    assert shop.ok(OPERATION, **JOB, script="exit 3", exit_codes=[0, 3])["job"]["exit_code"] == 3


def test_an_image_that_only_a_deployment_gets(shop: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """Dokploy's host is logged in to its registry: Docker pulls it with that login in a deployment only.

    The command runs once, although Docker takes its end for a failure of an update.
    """
    shop.sim.config(rolls_back=True)
    monkeypatch.setattr(Docker, "_rejected", lambda _docker, service: service.updates == 0)
    shop.sim.reset_stats()
    result = shop.ok(OPERATION, **JOB, script="echo 1")
    assert result["job"]["output"] == "1"
    assert shop.sim.calls("mutation")[2:] == ["application.reload", "application.deploy", "application.delete"]
    assert left(shop) == []


def test_an_image_that_cannot_be_had_is_a_failed_deployment(shop: Host) -> None:
    result = shop.failed(OPERATION, **{**JOB, "image": "missing:1"}, command="true")
    assert "the deployment ended in error" in result["msg"]
    assert left(shop) == []


def test_a_command_that_takes_too_long_is_ended(shop: Host) -> None:
    shop.clock = lambda: time.monotonic() + 3600 * shop.sim.calls().count("docker.getServiceContainersByAppName")
    result = shop.failed(OPERATION, **JOB, script="echo 1; sleep 30")
    assert "its command has not ended after 600 s (Running " in result["msg"]
    assert result["job"]["exit_code"] is None
    assert left(shop) == []


def test_a_command_whose_start_has_no_answer_and_no_effect(shop: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "_STARTS", 0.2)
    shop.sim.fault("reset_before", "application.reload")
    result = shop.failed(OPERATION, **JOB, script="echo 1")
    assert "job count: its command has not started " in result["msg"]
    assert "s after application.reload (Docker has no task of it). Run the task again." in result["msg"], result["msg"]
    assert left(shop) == []


def test_a_command_whose_start_has_no_answer_is_waited_for(shop: Host) -> None:
    shop.sim.fault("reset_after", "application.reload")
    assert shop.ok(OPERATION, **JOB, script="echo 1")["job"]["output"] == "1"
    assert shop.sim.calls().count("application.reload") == 1
    assert left(shop) == []


def test_a_service_that_docker_refuses_is_not_left(shop: Host) -> None:
    shop.sim.fault("status", "application.reload", status=500, body="Error reloading application")
    assert "Error reloading application" in shop.failed(OPERATION, **JOB, script="echo 1")["msg"]
    assert left(shop) == []


def test_a_command_that_is_not_started_in_time_stays_until_its_deployment_ends(
    shop: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(former, "DELETE_TIMEOUT", 0.05)
    shop.sim.config(build_seconds=3600)
    shop.clock = lambda: time.monotonic() + (3600 if "job count: building" in shop.progress else 0)
    result = shop.failed(OPERATION, **{**JOB, "image": "missing:1"}, script="true")
    assert "its command has not started 600 s after application.deploy (building). Raise timeout." in result["msg"]
    assert result["error"]["kind"] == "timeout"
    assert result.keys() == {"changed", "error", "failed", "msg", "warnings"}
    (warning,) = result["warnings"]
    assert warning.endswith("application job-count is still being built after 0.05 s; it was not deleted")
    assert left(shop) == ["job-count"]


def test_a_secret_of_its_variables_is_not_in_the_output(shop: Host) -> None:
    result = shop.ok(OPERATION, **JOB, env={"PASSWORD": "hunter2hunter2"}, script="echo hunter2hunter2")
    assert "hunter2" not in str(result)


def test_what_a_killed_run_has_left_is_removed_by_the_next(shop: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(former, "_READING", 0.05)

    def killed(*_args: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(run, "remove", killed)
        with pytest.raises(KeyboardInterrupt):
            shop.run(OPERATION, **JOB, script="echo 1")
    assert left(shop) == ["job-count"]
    shop.new_task()
    assert shop.ok(OPERATION, **JOB, script="echo 2")["job"]["output"] == "2"
    assert left(shop) == []


def test_what_was_killed_before_its_deployment_is_removed_too(shop: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(former, "_ABANDONED", 0.05)
    shop.ok(APPLICATION, project="shop", name="job-count", description=run.MARK)
    shop.new_task()
    assert shop.ok(OPERATION, **JOB, script="echo 2")["job"]["output"] == "2"
    assert left(shop) == []


def test_a_job_that_another_run_has_removed_says_so(shop: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two live jobs of one name: the other run has taken this one for one that a killed run has left."""
    read = command.container_log

    def removed(client: Any, service: Service, lines: int) -> list[str]:
        shop.call("application.delete", applicationId=service.id)
        return read(client, service, lines)

    monkeypatch.setattr(command, "container_log", removed)
    result = shop.failed(OPERATION, **JOB, script="true")
    assert "job count: another run has removed its application before its output was read" in result["msg"]
    assert "Give jobs that run at the same time different names." in result["msg"]
    service = Service(RESOURCE, {"applicationId": "1", "appName": "job-1"}, "job count")
    poll = command.Command(service, 60.0)
    task = {"state": "running", "currentState": "Running 1 second ago", "desiredState": "Running", "error": ""}
    assert poll.judge([[]], 0.0) is None
    assert poll.judge([[task]], 1.0) is None
    with pytest.raises(Refused, match="another run has removed its application"):
        poll.judge([[]], 2.0)


def test_a_job_whose_mount_is_not_stored_does_not_run(shop: Host) -> None:
    """Its command would write into its container, and end well."""
    shop.sim.fault("empty", "mounts.create")
    mounts = [{"type": "volume", "name": "data", "path": "/data"}]
    shop.sim.reset_stats()
    result = shop.failed(OPERATION, **JOB, script="echo 1 > /data/a", mounts=mounts)
    assert "the server accepted the write, but these options did not stick: mounts (" in result["msg"]
    assert "application.deploy" not in shop.sim.calls()
    assert left(shop) == []


def test_a_log_without_an_answer_is_no_output(shop: Host) -> None:
    """Who compares the output would take it for another one."""
    shop.sim.fault("empty", "application.readLogs")
    result = shop.failed(OPERATION, **JOB, script="echo 1")
    assert "application.readLogs of job count answered no log" in result["msg"]
    assert left(shop) == []


def test_an_application_that_is_no_job_stays(shop: Host) -> None:
    shop.ok(APPLICATION, project="shop", name="job-count")
    shop.new_task()
    assert "exists, and is no job" in shop.failed(OPERATION, **JOB, command="true")["msg"]
    assert left(shop) == ["job-count"]


def test_a_refused_option_leaves_nothing(shop: Host) -> None:
    shop.sim.fault("status", "application.update", status=403)
    shop.failed(OPERATION, **JOB, command="true")
    assert left(shop) == []


@pytest.mark.parametrize(
    "own, message",
    [
        ({"script": "true", "command": "sh"}, "mutually exclusive"),
        ({"timeout": 0, "command": "true"}, "timeout is 0; it must be more than 0"),
        ({"log_lines": -1, "command": "true"}, "log_lines is -1; it must be 0 to 10000"),
        ({"project": "nowhere", "command": "true"}, "no project is named 'nowhere'"),
    ],
)
def test_bad_options_are_named(shop: Host, own: dict[str, Any], message: str) -> None:
    checked = judged(OPERATION, {**shop.connection, **JOB, **own})
    assert message in (checked if isinstance(checked, str) else shop.failed(OPERATION, **{**JOB, **own})["msg"])
