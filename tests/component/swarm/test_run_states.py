# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The states started, stopped and reloaded: with scripted answers in their order, and on the simulator."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._deployment import run_states
from ansible_collections.community.dokploy.plugins.module_utils._engine.apply import manage
from ansible_collections.community.dokploy.plugins.module_utils._engine.runner import run
from ansible_collections.community.dokploy.plugins.module_utils._engine.wait import Waiter
from ansible_collections.community.dokploy.plugins.module_utils._errors import (
    ConnectionFailed,
    NotFoundError,
    ServerError,
)
from ansible_collections.community.dokploy.plugins.module_utils._reads.reads import Reads
from ansible_collections.community.dokploy.plugins.module_utils._resources.actions.deployment import (
    OPERATION as DEPLOYMENT,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.projects.project import OPERATION as PROJECT
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import APPLICATION
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import (
    OPERATION as MANAGE,
)
from ansible_collections.community.dokploy.plugins.module_utils._swarm.rollout import SETTLED
from ansible_collections.community.dokploy.plugins.module_utils._swarm.states import (
    RELOAD_TIMEOUT,
    START_TIMEOUT,
    STATES,
    STOP_AGAIN,
    STOP_TIMEOUT,
)
from ansible_collections.community.dokploy.plugins.module_utils._swarm.tasks import (
    Service,
    mode_of,
    monitored,
    running_facts,
)
from tests.support import sample_rows
from tests.support.fake_clients import Expect, FakeClock, ScriptedClient, batch, reads, writes
from tests.support.host import Host, validated
from tests.support.sample_rows import APPLICATION_ID

OPERATION = replace(
    MANAGE,
    options={**MANAGE.options, "state": {"type": "str", "choices": list(STATES), "default": "started"}},
    perform=partial(manage, (APPLICATION,)),
)
APP_NAME = sample_rows.application()["appName"]
DONE = {"status": "done", "createdAt": sample_rows.CREATED_AT}


@pytest.fixture(autouse=True)
def _without_images(monkeypatch: pytest.MonkeyPatch) -> None:
    """The images that run are read after all that these tests are about (C(test_running_images))."""
    monkeypatch.setattr(run_states, "with_images", lambda _services, running, *_others: running)


# --- scripted answers ------------------------------------------------------------------------------------------------


def row(**values: Any) -> dict[str, Any]:
    return sample_rows.application(**{"deployments": [DONE], "applicationStatus": "idle", **values})


def task(number: int, current: str, state: str = "running", slot: int = 1, error: str = "") -> dict[str, Any]:
    return {
        "containerId": f"task{number}",
        "name": f"{APP_NAME}.{slot}",
        "state": state,
        "currentState": current,
        "node": "vm",
        "error": error,
    }


UP = "Running 3 seconds ago"
FAILED = {"state": "shutdown", "error": '"task: non-zero exit (1)"'}


def one(**values: Any) -> Expect:
    return reads("application.one", row(**values), applicationId=APPLICATION_ID)


def look(*tasks: dict[str, Any], **more: Any) -> Expect:
    return reads("docker.getServiceContainersByAppName", list(tasks), appName=APP_NAME, **more)


def start(answer: Any = None) -> Expect:
    return writes("application.start", answer, START_TIMEOUT, applicationId=APPLICATION_ID)


def stop(answer: Any = None) -> Expect:
    return writes("application.stop", answer, STOP_TIMEOUT, applicationId=APPLICATION_ID)


def reload(answer: Any = True) -> Expect:
    return writes("application.reload", answer, RELOAD_TIMEOUT, applicationId=APPLICATION_ID, appName=APP_NAME)


def log(answer: Any = "") -> Expect:
    return reads("application.readLogs", answer, applicationId=APPLICATION_ID, tail=20)


class Played:
    """One run against a script: its ``result``, the ``clock`` and what was ``said``."""

    def __init__(self, *script: Expect, check: bool = False, **params: Any) -> None:
        client: Any = ScriptedClient(*script)
        self.clock, self.said = FakeClock(), []

        class Session:
            def __init__(self) -> None:
                self.client, self.reads = client, Reads(client)

        connection = {"dokploy_url": "http://host", "dokploy_api_key": "k" * 20}
        params = validated(OPERATION, **connection, application_id=APPLICATION_ID, **params)
        waiter = Waiter(self.clock, self.clock.sleep, self.said.append)
        opened: Any = Session()
        self.result = run(OPERATION, params, lambda _params: opened, check_mode=check, diff_mode=True, waiter=waiter)
        client.done()


def ok(*script: Expect, **params: Any) -> dict[str, Any]:
    result = Played(*script, **params).result
    assert not result.get("failed"), result
    return result


def failed(*script: Expect, **params: Any) -> dict[str, Any]:
    result = Played(*script, **params).result
    assert result.get("failed"), result
    return result


def test_a_running_target_is_left_alone() -> None:
    result = ok(one(), look(task(1, UP)))
    assert result["changed"] is False
    assert result["diff"]["before"] == result["diff"]["after"] == {"running": 1}
    assert result["application"] == {"application_id": APPLICATION_ID, "name": "web", "app_name": APP_NAME}
    assert result["running"] == {
        "replicas_wanted": 1,
        "replicas_running": 1,
        "tasks": [
            {"name": f"{APP_NAME}.1", "desired_state": "running", "current_state": UP, "error": "", "node": "vm"}
        ],
    }


def test_one_replica_is_started_and_verified() -> None:
    result = ok(one(), look(), start(), look(task(1, UP)))
    assert result["changed"] is True
    assert result["diff"]["before"] == {"running": 0}
    assert result["diff"]["after"] == {"running": 1}


def test_tasks_from_before_the_stop_do_not_count() -> None:
    lingering = task(1, UP, state="remove")
    result = ok(one(), look(lingering), start(), look(lingering), look(task(2, UP), lingering))
    assert result["changed"] is True
    assert result["running"]["replicas_running"] == 1
    assert len(result["running"]["tasks"]) == 1


def test_a_task_does_not_count_in_its_first_second() -> None:
    """A container that exits at once is seen running too."""
    young = task(1, "Running less than a second ago")
    assert ok(one(), look(), start(), look(young), look(task(1, "Running 1 second ago")))["changed"] is True
    assert ok(one(), look(young), look(task(1, "Running 1 second ago")))["changed"] is False


def test_several_replicas_come_back_by_a_reload() -> None:
    two = [task(1, UP), task(2, UP, slot=2)]
    result = ok(one(replicas=2), look(), reload(), look(two[0]), look(*two))
    assert result["diff"]["after"] == {"running": 2}
    assert result["running"]["replicas_wanted"] == 2


def test_a_scaled_up_service_needs_a_reload() -> None:
    """After a start or a deployment the status is done: the tasks have ended for good, and a start changes nothing."""
    ended = task(1, "Complete 3 hours ago", state="shutdown")
    assert ok(one(applicationStatus="done"), look(ended), reload(), look(task(2, UP), ended))["changed"] is True


def test_a_starting_service_is_only_waited_for() -> None:
    assert ok(one(), look(task(1, "Preparing 2 seconds ago")), look(task(1, UP)))["changed"] is False


def test_a_start_without_an_answer_is_polled_for() -> None:
    lost = ConnectionFailed("no answer", details={"effect_unknown": True})
    assert ok(one(), look(), start(lost), look(task(1, UP)))["changed"] is True


def test_a_start_that_was_not_sent_fails() -> None:
    refused = ConnectionFailed("connection refused", details={"effect_unknown": False})
    result = failed(one(), look(), start(refused))
    assert result["error"]["kind"] == "connection"
    assert result["changed"] is False


def test_the_tasks_on_a_remote_server_are_asked_for_there() -> None:
    assert ok(one(serverId="srv"), look(task(1, UP), serverId="srv"))["changed"] is False


@pytest.mark.parametrize("deployments", [[], [{"status": "error"}]])
def test_nothing_was_ever_deployed(deployments: list[Any]) -> None:
    for state in ("started", "reloaded"):
        result = failed(one(deployments=deployments), look(), state=state)
        assert result["error"]["kind"] == "refused"
        assert "nothing of it was ever deployed" in result["msg"]
        assert result["changed"] is False


def test_in_check_mode_an_earlier_task_may_have_promised_the_deployment() -> None:
    result = ok(one(deployments=[]), look(), check=True)
    assert result["changed"] is True
    assert result["running"] == {"replicas_wanted": 1, "replicas_running": 1, "tasks": []}
    (warning,) = result["warnings"]
    assert "nothing of it was ever deployed." in warning
    assert "with dokploy_deployment. Check mode assumes that an earlier task deploys it" in warning


def test_a_dropped_deployment_may_have_succeeded() -> None:
    many = [{"status": "error"}] * 10
    assert ok(one(deployments=many), look(), start(), look(task(1, UP)))["changed"] is True
    gone = ServerError("the server failed", server_message="Command failed: service app not found", status=500)
    result = failed(one(deployments=many), look(), start(gone))
    assert result["error"]["kind"] == "refused"
    assert "nothing of it was ever deployed" in result["msg"]


def test_another_failure_of_the_start_is_shown() -> None:
    down = ServerError("the server failed", server_message="Cannot connect to the Docker daemon", status=500)
    assert "Docker daemon" in failed(one(), look(), start(down))["msg"]


def test_without_replicas_there_is_nothing_to_start() -> None:
    result = failed(one(replicas=0), look())
    assert "replicas: 0" in result["msg"]
    assert "state=present" in result["msg"]
    assert ok(one(replicas=0), look(), check=True)["warnings"]


def test_a_crash_loop_ends_the_wait_early_with_the_log() -> None:
    young, first = task(2, "Ready 1 second ago", "ready"), task(1, "Failed 7 seconds ago", **FAILED)
    second = task(2, "Failed 1 second ago", **FAILED)
    played = Played(
        one(env="TOKEN=hunter2"),
        look(),
        start(),
        look(task(1, "Running less than a second ago")),
        look(young, first),
        look(task(3, "Ready 1 second ago", "ready"), second, first),
        log("a\nb\ntoken hunter2\n"),
    )
    result = played.result
    assert result["failed"]
    assert result["changed"] is True
    assert result["error"]["kind"] == "not_running"
    assert result["log"] == ["a", "b", "token ********"]
    lines = result["msg"].splitlines()
    assert lines[0] == (
        f"application {APPLICATION_ID} does not stay up: 2 of its tasks have ended"
        " (Failed 1 second ago: task: non-zero exit (1))"
    )
    assert lines[1:] == [
        "The end of the log of its containers, which may be of an earlier version:",
        "a",
        "b",
        "token ********",
    ]
    assert len(result["running"]["tasks"]) == 3
    assert played.clock.now - 1000 < 5


def test_earlier_failures_do_not_count() -> None:
    old = [task(1, "Failed 1 hour ago", **FAILED), task(2, "Failed 1 hour ago", **FAILED)]
    assert ok(one(), look(*old), start(), look(task(3, UP), *old))["changed"] is True
    coming = task(3, "Starting 1 second ago")
    assert ok(one(), look(coming, *old), look(coming, *old), look(task(3, UP), *old))["changed"] is False


def test_an_earlier_crash_loop_that_goes_on_is_an_error() -> None:
    def ended(number: int) -> dict[str, Any]:
        return task(number, "Failed 1 second ago", **FAILED)

    ready = "Ready 1 second ago"
    result = failed(
        one(),
        look(task(2, ready, "ready"), ended(1)),
        look(task(3, ready, "ready"), ended(2), ended(1)),
        look(task(4, ready, "ready"), ended(3), ended(2), ended(1)),
        log(ServerError("the server failed", server_message="No container or service found for: app")),
    )
    assert result["error"]["kind"] == "not_running"
    assert result["changed"] is False
    assert result["log"] == []
    assert result["msg"].endswith(" has left no log.")


def test_a_log_that_cannot_be_read_does_not_hide_the_crash() -> None:
    bad = [task(1, "Rejected 2 seconds ago", **FAILED), task(2, "Rejected 1 second ago", **FAILED)]
    result = failed(one(), look(), start(), look(*bad), log(ServerError("the server failed")))
    assert result["error"]["kind"] == "not_running"
    assert "(the log cannot be read: the server failed)" in result["msg"]


def test_too_few_in_time() -> None:
    pending = task(1, "Pending 5 seconds ago", error='"no suitable node"')
    played = Played(one(), look(), start(), *[look(pending)] * 2, wait_timeout=0.2)
    result = played.result
    assert result["error"]["kind"] == "timeout"
    assert "0 of 1 run after 0.2 s (the newest task: Pending 5 seconds ago: no suitable node)" in result["msg"]
    assert result["running"]["tasks"][0]["error"] == "no suitable node"
    nothing = failed(one(), look(), start(), *[look()] * 2, wait_timeout=0.2)
    assert "no task of it has come up" in nothing["msg"]


def test_check_mode_starts_nothing() -> None:
    result = ok(one(replicas=2), look(), check=True)
    assert result["changed"] is True
    assert result["diff"]["after"] == {"running": 2}
    assert result["running"] == {"replicas_wanted": 2, "replicas_running": 2, "tasks": []}


# --- the server's mode -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "mode", "replicas"),
    [
        ({"replicas": 3}, "replicated", 3),
        ({"replicas": None}, "replicated", 1),
        ({"replicas": 3, "modeSwarm": {"Replicated": {"Replicas": 5}}}, "replicated", 5),
        ({"replicas": 3, "modeSwarm": {"Replicated": {}}}, "replicated", 1),
        ({"modeSwarm": {"Global": {}}}, "global", None),
        ({"modeSwarm": {"ReplicatedJob": {"MaxConcurrent": 1}}}, "job", None),
        ({"modeSwarm": {"GlobalJob": {}}}, "job", None),
    ],
)
def test_the_mode_of_a_row(values: dict[str, Any], mode: str, replicas: int | None) -> None:
    found = mode_of(row(**values))
    assert (found.name, found.replicas) == (mode, replicas)


@pytest.mark.parametrize(
    ("update", "seconds"),
    [
        (None, 5),
        ({}, 0),
        ({"FailureAction": "pause", "Monitor": 60_000_000_000}, 0),
        ({"FailureAction": "rollback"}, 5),
        ({"FailureAction": "rollback", "Monitor": 0}, 5),
        ({"FailureAction": "rollback", "Monitor": 60_000_000_000}, 60),
    ],
)
def test_how_long_docker_may_roll_an_update_back(update: Any, seconds: float) -> None:
    assert monitored(Service(APPLICATION, row(updateConfigSwarm=update))) == seconds


GLOBAL = {"modeSwarm": {"Global": {}}}


def test_a_global_service_needs_one_task_and_comes_back_by_a_reload() -> None:
    assert ok(one(**GLOBAL), look(task(1, UP)))["changed"] is False
    result = ok(one(**GLOBAL), look(), reload(), look(task(1, UP)))
    assert result["changed"] is True
    assert result["running"]["replicas_wanted"] is None


def test_a_global_service_cannot_be_stopped() -> None:
    result = failed(one(**GLOBAL), look(task(1, UP)), state="stopped")
    assert result["error"]["kind"] == "refused"
    assert "global mode" in result["msg"]
    assert ok(one(**GLOBAL), look(), state="stopped")["changed"] is False


def test_a_job_can_be_stopped_and_run_again_but_not_kept_running() -> None:
    job = {"modeSwarm": {"ReplicatedJob": {}}}
    assert "job" in failed(one(**job), look(task(1, UP)))["msg"]
    assert ok(one(**job), look(task(1, UP)), stop(), look(), state="stopped")["changed"] is True
    assert ok(one(**job), look(), reload(), look(task(1, UP)), state="reloaded")["changed"] is True


def test_the_error_of_healthy_tasks_is_empty() -> None:
    facts = running_facts(mode_of(row()), [task(1, UP, error="Error:")])
    assert facts["tasks"][0]["error"] == ""


# --- stopped ---------------------------------------------------------------------------------------------------------


def test_a_stopped_service_is_not_stopped_again() -> None:
    for tasks in ([], [task(1, UP, state="remove")], [task(1, "Failed 1 hour ago", **FAILED)]):
        result = ok(one(), look(*tasks), state="stopped")
        assert result["changed"] is False
        assert result["diff"]["before"] == result["diff"]["after"] == {"running": 0}


def test_a_running_service_is_stopped_and_verified() -> None:
    result = ok(one(), look(task(1, UP)), stop(), look(task(1, UP)), look(task(1, UP, state="remove")), state="stopped")
    assert result["changed"] is True
    assert result["diff"]["before"] == {"running": 1}
    assert result["diff"]["after"] == {"running": 0}
    assert result["running"]["replicas_running"] == 0


def looks_within(seconds: float) -> int:
    """How often the waiter looks before so much time has passed."""
    clock, seen = FakeClock(), []
    waiter = Waiter(clock=clock, sleep=clock.sleep)
    waiter.until(900.0, lambda passed: seen.append(passed) or (True if passed >= seconds else None), ValueError)
    return len(seen) - 1


def test_a_stop_that_docker_rolled_back_is_sent_again() -> None:
    """An update that fails meanwhile makes Docker roll back the scaling as well."""
    runs = look(task(1, UP))
    result = ok(one(), runs, stop(), *[runs] * (looks_within(STOP_AGAIN) + 1), stop(), look(), state="stopped")
    assert result["changed"] is True
    assert result["running"]["replicas_running"] == 0


def test_a_starting_service_is_stopped() -> None:
    result = ok(one(), look(task(1, "Ready 1 second ago", "ready")), stop(), look(), state="stopped")
    assert result["changed"] is True
    assert result["diff"]["before"] == {"running": 1}


def test_a_stop_that_does_not_stop() -> None:
    result = failed(one(), look(task(1, UP)), stop(), *[look(task(1, UP))] * 2, state="stopped", wait_timeout=0.2)
    assert result["error"]["kind"] == "timeout"
    assert result["changed"] is True
    assert "still runs 0.2 s after" in result["msg"]


def test_check_mode_stops_nothing() -> None:
    result = ok(one(), look(task(1, UP)), check=True, state="stopped")
    assert result["changed"] is True
    assert result["running"] == {"replicas_wanted": 1, "replicas_running": 0, "tasks": []}


# --- reloaded --------------------------------------------------------------------------------------------------------


def test_a_reload_waits_for_new_tasks() -> None:
    old = task(1, UP)
    result = ok(
        one(), look(old), reload(), look(old), look(task(2, UP), {**old, "state": "shutdown"}), state="reloaded"
    )
    assert result["changed"] is True
    assert result["diff"]["before"] == {"running": 1}
    assert result["diff"]["after"] == {"running": "1 (new ones)"}


def test_a_reload_of_no_replicas_waits_for_nothing() -> None:
    result = ok(one(replicas=0), look(), reload(), look(), state="reloaded")
    assert result["changed"] is True
    assert result["running"]["replicas_running"] == 0


def test_check_mode_reloads_nothing() -> None:
    assert ok(one(), look(task(1, UP)), check=True, state="reloaded")["changed"] is True
    assert ok(one(deployments=[]), look(), check=True, state="reloaded")["warnings"]


def configs(answers: dict[int, Any]) -> Expect:
    return batch(
        *(("docker.getConfig", {"containerId": f"task{number}"}, answer) for number, answer in answers.items())
    )


def test_a_reload_that_docker_rolls_back_is_an_error() -> None:
    """The service's default is to roll back: what ran before runs again, in new tasks, and the server says done."""
    old, bad = task(1, UP), task(2, "Failed 1 second ago", **FAILED)
    result = failed(
        one(),
        look(old),
        reload(),
        look(bad, old),
        look(task(3, UP), bad, {**old, "state": "shutdown"}),
        configs({2: {"Spec": {"ContainerSpec": {"Command": ["false"]}}}, 3: {"Spec": {"ContainerSpec": {}}}}),
        log(),
        state="reloaded",
    )
    assert result["error"]["kind"] == "not_running"
    assert "does not run as it is configured" in result["msg"]
    assert "Docker went back to the version before" in result["msg"]
    assert result["running"]["replicas_running"] == 1


def test_a_task_that_failed_once_and_then_came_up_is_no_failure() -> None:
    bad = task(2, "Failed 1 second ago", **FAILED)
    same = {"Spec": {"ForceUpdate": 1}}
    begin = [one(), look(task(1, UP)), reload(), look(task(3, UP), bad)]
    assert ok(*begin, configs({2: same, 3: same}), state="reloaded")["changed"] is True
    assert ok(*begin, configs({2: NotFoundError("gone"), 3: same}), state="reloaded")["changed"] is True


def test_slots_that_were_never_reached_end_the_wait_as_well() -> None:
    """With two replicas the second one keeps its old task when the first new one fails."""
    old, bad = [task(1, UP), task(2, UP, slot=2)], task(3, "Failed 1 second ago", **FAILED)
    again = [look(task(4, UP), bad, old[1])] * 12
    played = Played(one(replicas=2), look(*old), reload(), *again[:8], log(), state="reloaded")
    assert played.result["error"]["kind"] == "not_running"
    assert SETTLED <= played.clock.now - 1000 < SETTLED + 2


def test_a_rollback_to_a_stopped_service_leaves_no_task() -> None:
    bad = [task(1, "Failed 1 second ago", **FAILED), task(2, "Failed 1 second ago", slot=2, **FAILED)]
    played = Played(one(replicas=2), look(), reload(), *[look(*bad)] * 8, log())
    assert played.result["error"]["kind"] == "not_running"
    assert "does not stay up: 2 of its tasks have ended" in played.result["msg"]
    assert SETTLED <= played.clock.now - 1000 < SETTLED + 2


def test_one_failure_does_not_end_the_wait_for_a_new_task() -> None:
    bad, ready = task(1, "Failed 1 second ago", **FAILED), task(2, "Ready 1 second ago", "ready")
    assert ok(one(), look(), start(), *[look(ready, bad)] * 12, look(task(2, UP), bad))["changed"] is True


# --- the address -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "given", [{"env": {"A": "1"}}, {"replicas": 2}, {"docker": {"image": "a"}}, {"domains": []}, {"description": ""}]
)
def test_options_of_the_configuration_are_refused_by_name(given: dict[str, Any]) -> None:
    result = failed(**given)
    assert result["error"]["kind"] == "option"
    assert result["msg"].startswith(f"state=started changes no configuration; give {next(iter(given))}")


def test_an_unknown_id_is_an_error() -> None:
    error = NotFoundError("Application not found")
    result = failed(reads("application.one", error, applicationId=APPLICATION_ID), check=True)
    assert result["error"]["kind"] == "not_found"


# --- on the simulator ------------------------------------------------------------------------------------------------

WEB: dict[str, Any] = {"project": "shop", "environment": "production", "name": "web"}


def deployed(host: Host, **options: Any) -> str:
    """shop/production/web, deployed; returns its id."""
    host.ok(PROJECT, name="shop")
    made = host.ok(MANAGE, **WEB, docker={"image": "nginx"}, **options)
    host.ok(DEPLOYMENT, project="shop", environment="production", application="web", verify=False)
    host.new_task()
    host.sim.reset_stats()
    return str(made["application"]["application_id"])


def test_stop_start_and_reload_on_the_simulator(host: Host) -> None:
    resource_id = deployed(host)
    assert host.ok(OPERATION, **WEB, state="started")["changed"] is False
    assert host.sim.calls("mutation") == []
    assert host.sim.calls()[:3] == ["project.all", "application.one", "docker.getServiceContainersByAppName"]
    for check, calls in ((True, []), (False, ["application.stop"])):
        result = host.ok(OPERATION, check=check, **WEB, state="stopped")
        assert result["changed"] is True
        assert host.sim.calls("mutation") == calls
    assert host.ok(OPERATION, **WEB, state="stopped")["changed"] is False
    for check, calls in ((True, []), (False, ["application.start"])):
        host.new_task()
        host.sim.reset_stats()
        result = host.ok(OPERATION, check=check, **WEB, state="started")
        assert result["changed"] is True
        assert result["running"]["replicas_running"] == 1
        assert host.sim.calls("mutation") == calls
    assert host.ok(OPERATION, **WEB, state="started")["changed"] is False
    host.sim.reset_stats()
    assert host.ok(OPERATION, application_id=resource_id, state="reloaded")["changed"] is True
    assert host.sim.calls("mutation") == ["application.reload"]


def test_started_restores_the_replicas(host: Host) -> None:
    deployed(host, replicas=3)
    host.ok(OPERATION, **WEB, state="stopped")
    host.new_task()
    result = host.ok(OPERATION, **WEB, state="started")
    assert result["running"]["replicas_running"] == 3
    assert host.sim.calls("mutation") == ["application.stop", "application.reload"]


def test_a_running_service_needs_three_requests(host: Host) -> None:
    deployed(host)
    while "less than a second" in repr(host.ok(OPERATION, **WEB, state="started")):
        time.sleep(0.01)
    host.new_task()
    host.sim.reset_stats()
    assert host.ok(OPERATION, **WEB, state="started")["changed"] is False
    assert host.sim.calls() == ["project.all", "application.one", "docker.getServiceContainersByAppName"]


def test_a_crash_loop_on_the_simulator(host: Host) -> None:
    deployed(host, env={"A": "hunter2"})
    host.ok(OPERATION, **WEB, state="stopped")
    host.ok(MANAGE, **WEB, command="exit 1", replicas=2)
    host.new_task()
    result = host.failed(OPERATION, **WEB, state="started", wait_timeout=60)
    assert result["error"]["kind"] == "not_running"
    assert "task: non-zero exit (1)" in result["msg"]
    assert "hunter2" not in repr(result)


def test_never_deployed_on_the_simulator(host: Host) -> None:
    host.ok(PROJECT, name="shop")
    host.ok(MANAGE, **WEB, docker={"image": "nginx"})
    assert "nothing of it was ever deployed" in host.failed(OPERATION, **WEB, state="started")["msg"]
    assert host.ok(OPERATION, **WEB, state="stopped")["changed"] is False


def test_a_missing_application_lists_the_near_names(host: Host) -> None:
    deployed(host)
    for state in STATES:
        missing = {**WEB, "name": "wed", "state": state}
        result = host.failed(OPERATION, **missing)
        assert result["error"]["kind"] == "reference"
        assert "web" in result["msg"]
        promised = host.ok(OPERATION, check=True, **missing)
        assert promised["changed"] is True
        assert promised["application"]["application_id"] == "(generated)"
        assert promised["warnings"]
    assert host.sim.calls("mutation") == []
