# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Cancelling deployments: waiting jobs are dropped, and builds are interrupted on request."""

from __future__ import annotations

import time
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._deployment.cancel import (
    CANCELLED,
    KILL_AGAIN,
    KILL_TIMEOUT,
)
from ansible_collections.community.dokploy.plugins.module_utils._engine.apply import brought
from ansible_collections.community.dokploy.plugins.module_utils._engine.runner import run
from ansible_collections.community.dokploy.plugins.module_utils._engine.state import Node
from ansible_collections.community.dokploy.plugins.module_utils._engine.wait import INTERVAL_MAX, Waiter
from ansible_collections.community.dokploy.plugins.module_utils._errors import (
    DokployError,
    Refused,
    UnknownProcedure,
    WaitTimeout,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.actions.application_actions import (
    OPERATION as ACTION,
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
from tests.support.builders import create_previews, wait_until_building, wait_until_idle
from tests.support.effort import slow
from tests.support.fake_clients import FakeClock, TimedAnswer, TimedClient, context_of
from tests.support.host import Host, validated
from tests.support.module_docs import documentation, undocumented
from tests.support.sample_rows import APPLICATION_ID, deployment, job
from tests.support.waiting import until

OLD = deployment(1)
# The row of a job 1 that was taken up: see shapes.job.
BUILDING = deployment(2, status="running", createdAt="2026-11-24T14:00:04.400Z")
ENDED = {**BUILDING, "status": "done", "finishedAt": "2026-11-24T14:00:09.400Z"}
STOPPED = {**ENDED, "status": "error"}
OTHER = "Qyd5ffZgmU14LM8F0yLfx"
GOES_ON = "web: a build is running and goes on; a self-hosted Dokploy can only drop the jobs that still wait"


class Cancelled:
    """One cancellation with scripted answers: its ``result`` or the ``error``."""

    def __init__(
        self,
        rows: Any,
        jobs: Any = (),
        *,
        kill: bool = False,
        wait: bool = True,
        check: bool = False,
        version: tuple[int, int, int] = (0, 30, 2),
        timeout: float = 900,
    ) -> None:
        queue = jobs if isinstance(jobs, (TimedAnswer, DokployError)) else list(jobs)
        self.client: Any = TimedClient(
            FakeClock(),
            version,
            application__one={"applicationId": APPLICATION_ID, "name": "web"},
            deployment__all=rows,
            deployment__queueList=queue,
            application__cleanQueues=None,
            application__killBuild=None,
        )
        options = {"kill_build": kill, "wait": wait, "wait_timeout": timeout}
        self.context = context_of(self.client, check=check, application_id=APPLICATION_ID, **options)
        self.result: dict[str, Any] = {}
        self.error: DokployError | None = None
        try:
            node = Node(RESOURCE, self.context.params, transition=CANCELLED, label="web")
            self.result = brought(node, self.context)
        except DokployError as error:
            self.error = error

    @property
    def writes(self) -> list[str]:
        names = [name.partition(".")[2] for name in self.client.called]
        return [name for name in names if name in ("cleanQueues", "killBuild")]

    @property
    def warnings(self) -> list[str]:
        found: list[str] = self.context.executor.warnings
        return found

    @property
    def passed(self) -> float:
        passed: float = self.client.passed
        return passed


# --- what waits ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("check", [True, False])
def test_waiting_jobs_are_dropped_and_the_build_goes_on(check: bool) -> None:
    jobs = [job(4, "waiting"), job(3, "waiting"), job(2, "waiting", OTHER), job(1, "active")]
    done = Cancelled([BUILDING, OLD], jobs, check=check)
    assert (done.result["changed"], done.result["cancelled"], done.result["stopped"]) == (True, 2, [])
    assert done.result["deployment"]["deployment_id"] == BUILDING["deploymentId"]
    assert (done.result["diff"]["before"], done.result["diff"]["after"]) == ({"waiting": 2}, {"waiting": 0})
    assert done.warnings == [GOES_ON]
    assert done.writes == ([] if check else ["cleanQueues"])


def test_an_empty_queue_is_left_alone() -> None:
    done = Cancelled([OLD], [job(1, "active", OTHER), job(2, "waiting", OTHER)])
    assert (done.result["changed"], done.result["cancelled"], done.result["deployment"]) == (False, 0, None)
    assert (done.writes, done.warnings) == ([], [])


def test_a_build_without_a_row_yet_goes_on_as_well() -> None:
    done = Cancelled([OLD], [job(1, "active")])
    assert (done.result["changed"], done.result["deployment"], done.warnings) == (False, None, [GOES_ON])


def test_a_job_with_an_ended_row_is_not_a_build() -> None:
    """It is in the queue until its notifications are sent."""
    done = Cancelled([ENDED, OLD], [job(1, "active")], kill=True)
    assert (done.result["changed"], done.writes, done.warnings) == (False, [], [])
    assert done.result["diff"]["before"] == {"waiting": 0, "building": False}


def test_the_jobs_of_previews_are_dropped_too() -> None:
    """The server knows them under the application's id."""
    waits = job(3, "waiting")
    waits["data"]["previewDeploymentId"] = "preview"
    assert Cancelled([OLD], [waits]).result["cancelled"] == 1


def test_an_unlisted_queue_is_dropped() -> None:
    """Servers before 0.28.3 do not list their queue."""
    done = Cancelled([OLD], UnknownProcedure("404"), version=(0, 27, 0))
    assert (done.result["changed"], done.result["cancelled"], done.writes) == (False, 0, ["cleanQueues"])


# --- what is being built ---------------------------------------------------------------------------------------------


def test_an_interrupted_build_is_waited_for() -> None:
    rows = TimedAnswer((0, [BUILDING, OLD]), (2, [STOPPED, OLD]))
    done = Cancelled(rows, TimedAnswer((0, [job(1, "active")]), (2, [])), kill=True)
    assert (done.result["changed"], done.writes, done.warnings) == (True, ["killBuild"], [])
    assert [facts["status"] for facts in done.result["stopped"]] == ["error"]
    assert done.result["deployment"] == done.result["stopped"][0]
    assert done.result["diff"]["before"] == {"waiting": 0, "building": True}
    assert done.result["diff"]["after"] == {"waiting": 0, "building": False}
    assert 2 <= done.passed <= 4


def test_waiting_jobs_are_dropped_before_the_build_is_interrupted() -> None:
    """The next one would begin otherwise."""
    rows = TimedAnswer((0, [BUILDING, OLD]), (1, [STOPPED, OLD]))
    done = Cancelled(rows, TimedAnswer((0, [job(2, "waiting"), job(1, "active")]), (1, [])), kill=True)
    assert (done.result["cancelled"], done.writes) == (1, ["cleanQueues", "killBuild"])


def test_a_build_is_interrupted_again_during_its_clone() -> None:
    rows = TimedAnswer((0, [BUILDING, OLD]), (12, [STOPPED, OLD]))
    done = Cancelled(rows, [job(1, "active")], kill=True)
    assert done.writes == ["killBuild"] * 3
    moments = [number for number, request in enumerate(done.client.asked) if request[0][0] == "application.killBuild"]
    assert len(moments) == 3
    assert KILL_AGAIN * 2 <= done.passed <= 12 + 2 * INTERVAL_MAX
    assert [facts["status"] for facts in done.result["stopped"]] == ["error"]


def test_notifications_of_an_interrupted_build_are_not_waited_for() -> None:
    rows = TimedAnswer((0, [BUILDING, OLD]), (1, [STOPPED, OLD]))
    done = Cancelled(rows, [job(1, "active")], kill=True)
    assert done.passed < 3


def test_a_new_build_gets_its_row_first() -> None:
    rows = TimedAnswer((0, [OLD]), (1, [BUILDING, OLD]), (3, [STOPPED, OLD]))
    done = Cancelled(rows, [job(1, "active")], kill=True)
    assert [facts["deployment_id"] for facts in done.result["stopped"]] == [BUILDING["deploymentId"]]


def test_the_build_of_a_preview_has_no_row_here() -> None:
    builds = job(3, "active")
    builds["data"]["previewDeploymentId"] = "preview"
    done = Cancelled([OLD], TimedAnswer((0, [builds]), (2, [])), kill=True)
    assert (done.result["changed"], done.result["stopped"], done.result["deployment"]) == (True, [], None)
    assert 2 <= done.passed <= 4


@pytest.mark.parametrize("timeout", [900, 10])
def test_a_build_that_goes_on_is_an_error(timeout: float) -> None:
    jobs = TimedAnswer((0, [job(2, "waiting"), job(1, "active")]), (0.1, [job(1, "active")]))
    done = Cancelled([BUILDING, OLD], jobs, kill=True, timeout=timeout)
    assert isinstance(done.error, WaitTimeout)
    assert str(done.error) == (
        "web: the build goes on, though it was interrupted."
        " Dokploy interrupts docker builds only, and neither buildpacks nor pulls."
    )
    assert done.error.details["deployment"]["status"] == "running"
    assert (done.error.details["cancelled"], done.error.details["stopped"]) == (1, [])
    assert done.passed == pytest.approx(min(timeout, KILL_TIMEOUT))
    assert done.context.executor.sent


def test_a_build_that_ended_before_the_interruption_is_deployed() -> None:
    rows = TimedAnswer((0, [BUILDING, OLD]), (1, [ENDED, OLD]))
    done = Cancelled(rows, [job(1, "active")], kill=True)
    assert (done.result["changed"], done.result["stopped"]) == (True, [])
    assert done.result["deployment"]["status"] == "done"
    assert done.warnings == ["web: the build had ended before it could be interrupted, and is deployed"]


def test_without_wait_the_build_is_only_interrupted() -> None:
    done = Cancelled([BUILDING, OLD], [job(1, "active")], kill=True, wait=False)
    assert (done.result["changed"], done.result["stopped"], done.writes) == (True, [], ["killBuild"])
    assert done.result["deployment"]["status"] == "running"
    assert done.passed == 0


def test_check_mode_foretells_it() -> None:
    rows = TimedAnswer((0, [BUILDING, OLD]), (1, [STOPPED, OLD]))
    jobs = [job(2, "waiting"), job(1, "active")]
    predicted = Cancelled(rows, jobs, kill=True, check=True)
    assert (predicted.writes, predicted.passed) == ([], 0)
    real = Cancelled(rows, TimedAnswer((0, jobs), (1, [])), kill=True)
    for key in ("changed", "cancelled", "diff"):
        assert predicted.result[key] == real.result[key]


def test_without_a_build_nothing_is_interrupted() -> None:
    """It would hit the builds of other applications only."""
    done = Cancelled([OLD], [job(2, "waiting"), job(1, "active", OTHER)], kill=True)
    assert (done.result["changed"], done.writes) == (True, ["cleanQueues"])
    assert Cancelled([OLD], [job(1, "active", OTHER)], kill=True).writes == []


@pytest.mark.parametrize("check", [True, False])
def test_an_old_server_cannot_interrupt_a_build(check: bool) -> None:
    done = Cancelled([BUILDING, OLD], [job(2, "waiting")], kill=True, check=check, version=(0, 25, 7))
    assert isinstance(done.error, Refused)
    assert "kill_build needs Dokploy 0.25.8 or newer; this server is 0.25.7" in str(done.error)
    assert done.writes == []
    # Where nothing is built there is nothing that it could not do.
    assert Cancelled([OLD], [], kill=True, check=check, version=(0, 25, 7)).error is None


# --- on the simulator ------------------------------------------------------------------------------------------------

WEB: dict[str, Any] = {"project": "shop", "environment": "production", "application": "web"}
GIT = {"git": {"url": "https://git.example.com/web.git", "branch": "main"}}


def web(host: Host, jobs: int = 0, **builds: Any) -> str:
    """The application, with a build that runs and some that wait."""
    host.ok(PROJECT, name="shop")
    made = host.ok(
        APPLICATION, project="shop", environment="production", name="web", **GIT, build={"type": "dockerfile"}
    )
    resource_id = str(made["application"]["application_id"])
    host.sim.config(build_seconds=3600, builds=[builds] if builds else [])
    for _job in range(jobs):
        host.sim.act(deploy="web")
    if jobs:
        wait_until_building(host, applicationId=resource_id)
    host.new_task()
    host.sim.reset_stats()
    return resource_id


def cancels(host: Host, clock: FakeClock | None = None, **options: Any) -> dict[str, Any]:
    """The result, after check mode has predicted it without writing anything."""
    host.new_task()
    predicted = host.ok(DEPLOYMENT, check=True, **WEB, state="cancelled", **options)
    assert host.sim.calls("mutation") == []
    host.new_task()
    clock = clock or FakeClock()
    params = validated(DEPLOYMENT, **host.connection, **WEB, state="cancelled", **options)

    def sleep(seconds: float) -> None:
        # An interrupted build ends in less time than this.
        until(lambda: not any(job.killed for job in host.sim.server.queue.active))
        clock.sleep(seconds)

    waiter = Waiter(clock, sleep)
    result = run(DEPLOYMENT, params, host.open, check_mode=False, diff_mode=True, waiter=waiter)
    for key in ("changed", "cancelled", "diff"):
        assert result.get("failed") or predicted[key] == result[key]
    return result


@slow
def test_the_builds_of_an_application_on_the_simulator(host: Host) -> None:
    resource_id = web(host, jobs=3)
    result = cancels(host)
    assert (result["changed"], result["cancelled"], result["stopped"]) == (True, 2, [])
    assert result["deployment"]["status"] == "running"
    assert "goes on" in result["warnings"][0]
    host.sim.reset_stats()
    killed = cancels(host, kill_build=True)
    assert (killed["changed"], killed["cancelled"]) == (True, 0)
    assert [facts["status"] for facts in killed["stopped"]] == ["error"]
    assert host.sim.calls("mutation") == ["application.killBuild"]
    assert [row["status"] for row in host.read("deployment.all", applicationId=resource_id)] == ["error"]
    wait_until_idle(host)
    host.sim.reset_stats()
    assert cancels(host, kill_build=True)["changed"] is False
    assert host.sim.calls("mutation") == []
    assert undocumented(killed, documentation()["dokploy_deployment"]["return"]) == []


def test_a_build_that_cannot_be_killed_on_the_simulator(host: Host) -> None:
    resource_id = web(host, jobs=2, application="web", killable=False)
    clock = FakeClock()
    result = cancels(host, clock, kill_build=True)
    assert (result["failed"], result["error"]["kind"], result["changed"]) == (True, "timeout", True)
    assert "neither buildpacks nor pulls" in result["msg"]
    assert (result["cancelled"], result["deployment"]["status"]) == (1, "running")
    assert clock.now - 1000 == pytest.approx(KILL_TIMEOUT)
    assert [row["status"] for row in host.read("deployment.all", applicationId=resource_id)] == ["running"]


def test_an_interruption_during_the_clone_on_the_simulator(host: Host) -> None:
    """An interruption that comes too early hits nothing."""
    web(host, jobs=1, application="web", clone_seconds=0.3)

    class Slow(FakeClock):
        """Its seconds are a twentieth of real ones, so that the clone ends at some time."""

        def sleep(self, seconds: float) -> None:
            super().sleep(seconds)
            time.sleep(seconds / 20)

    result = cancels(host, Slow(), kill_build=True)
    assert [facts["status"] for facts in result["stopped"]] == ["error"]


def test_previews_are_cancelled_with_the_application(host: Host) -> None:
    create_previews(host, 1, name="web")
    host.sim.config(build_seconds=3600)
    for number in (2, 3):
        host.sim.act(preview="web", branch=f"feature/{number}", pull_request=number)
    host.sim.reset_stats()
    result = cancels(host)
    assert (result["changed"], result["cancelled"]) == (True, 1)
    assert [job["state"] for job in host.read("deployment.queueList")] == ["active"]


def test_a_missing_application(host: Host) -> None:
    web(host)
    missing = host.failed(DEPLOYMENT, **{**WEB, "application": "wep"}, state="cancelled")
    assert missing["error"]["kind"] == "reference"
    for check in (True, False):
        unknown = host.failed(DEPLOYMENT, check=check, application_id="V1StGXR8_Z5jdHi6B-myT", state="cancelled")
        assert unknown["error"]["kind"] == "not_found"
    promised = host.ok(DEPLOYMENT, check=True, **{**WEB, "application": "wep"}, state="cancelled")
    # Of what an earlier task only promises to make nothing waits.
    assert promised["changed"] is False
    assert promised["warnings"]


def test_the_action_clean_queues_does_not_interrupt(host: Host) -> None:
    resource_id = web(host, jobs=2)
    for check in (True, False):
        host.new_task()
        result = host.ok(ACTION, check=check, **WEB, action="clean_queues")
        assert (result["changed"], result["cancelled"]) == (True, 1)
        assert (result["diff"]["before"], result["diff"]["after"]) == ({"waiting": 1}, {"waiting": 0})
        assert host.sim.calls("mutation") == ([] if check else ["application.cleanQueues"])
        assert "goes on" in result["warnings"][0]
    host.new_task()
    again = host.ok(ACTION, **WEB, action="clean_queues")
    assert (again["changed"], again["application_id"]) == (False, resource_id)


def test_an_option_of_another_state(host: Host) -> None:
    web(host)
    failed = host.failed(DEPLOYMENT, **WEB, kill_build=True)
    assert "kill_build is not supported with state=deployed" in failed["msg"]
