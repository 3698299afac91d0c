# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tracking a deployment among those of other users, when it is lost, and during restarts; see test_wait.py."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._deployment.queue import (
    DeploymentQuery,
    Snapshot,
)
from ansible_collections.community.dokploy.plugins.module_utils._deployment.tracker import (
    LOST_AFTER,
    DeploymentTracker,
    LogStream,
)
from ansible_collections.community.dokploy.plugins.module_utils._engine.runner import run
from ansible_collections.community.dokploy.plugins.module_utils._engine.wait import Waiter, wait_for
from ansible_collections.community.dokploy.plugins.module_utils._errors import UnknownProcedure, WaitTimeout
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
from tests.support.builders import create_previews, wait_until_idle
from tests.support.fake_clients import CallbackOnLine, FakeClock, TimedAnswer, TimedClient
from tests.support.host import Host, validated
from tests.support.sample_rows import APPLICATION_ID, application, deployment, job

OLD = deployment(1)
SEEN = Snapshot(frozenset([OLD["deploymentId"]]), 0)
OURS = deployment(2, status="running")
OTHER = "Qyd5ffZgmU14LM8F0yLfx"


class Tracked:
    """One deployment tracked on scripted answers: its ``row`` or the ``error``, and what was ``said``."""

    def __init__(self, rows: Any, jobs: Any, own: Any = None, timeout: float = 600, log: Any = None) -> None:
        clock, self.said, self.lines, self.told = FakeClock(), [], [], []
        self.client: Any = TimedClient(
            clock, deployment__all=rows, deployment__queueList=jobs, deployment__readLogs=log
        )
        waiter = Waiter(clock, clock.sleep, self.said.append)

        def tell(line: str) -> None:
            self.lines.append(line)
            self.told.append(self.passed)

        stream = LogStream(self.client, tell, "web", application()) if log is not None else None
        query = DeploymentQuery(RESOURCE, APPLICATION_ID)
        look = DeploymentTracker("web", RESOURCE, query, waiter, SEEN, None, own, stream)
        (found,) = wait_for(self.client, waiter, [look], timeout)
        self.error = found if isinstance(found, Exception) else None
        self.row: Any = None if self.error else found
        self.state = look.state

    @property
    def passed(self) -> float:
        passed: float = self.client.passed
        return passed


def preview_job(number: int, state: str) -> dict[str, Any]:
    one = job(number, state)
    one["data"]["previewDeploymentId"] = "preview"
    return one


# --- scripted answers ------------------------------------------------------------------------------------------------


def test_a_known_row_is_tracked_from_the_beginning() -> None:
    done = deployment(2)
    tracked = Tracked(TimedAnswer((0, [OURS, OLD]), (4, [done, OLD])), [], own={"deploymentId": OURS["deploymentId"]})
    assert tracked.row == done
    assert tracked.said == ["web: building", "web: deployment done"]


def test_a_known_row_that_is_removed_ends_the_wait_at_once() -> None:
    """The application was deleted, or ten newer deployments have replaced it."""
    tracked = Tracked(TimedAnswer((0, [OURS, OLD]), (4, [OLD])), [])
    assert isinstance(tracked.error, WaitTimeout)
    assert tracked.passed < 6
    assert f"the deployment {OURS['deploymentId']} does not exist any more" in str(tracked.error)
    assert tracked.error.details["status"] == "lost"
    assert tracked.error.details["deployment"]["deployment_id"] == OURS["deploymentId"]


def test_a_deployment_of_a_handle_that_was_removed_ends_the_wait_at_once() -> None:
    tracked = Tracked([OLD], [], own={"deploymentId": "gone"})
    assert isinstance(tracked.error, WaitTimeout)
    assert tracked.passed == 0
    assert tracked.error.details["deployment"]["deployment_id"] == "gone"


@pytest.mark.parametrize("state", ["waiting", "active"])
def test_the_job_of_a_preview_does_not_count(state: str) -> None:
    """The jobs of previews have the application's ID, too, and never get a row among its deployments."""
    tracked = Tracked([OLD], [preview_job(9, state)])
    assert isinstance(tracked.error, WaitTimeout)
    assert tracked.error.details["status"] == "lost"
    assert LOST_AFTER < tracked.passed < LOST_AFTER + 3


def test_the_jobs_of_previews_are_counted_ahead() -> None:
    jobs = TimedAnswer(
        (0, [job(9, "waiting"), preview_job(8, "waiting"), preview_job(7, "active")]),
        (3, [job(9, "waiting"), preview_job(8, "active")]),
        (6, [job(9, "active")]),
    )
    tracked = Tracked(TimedAnswer((0, [OLD]), (6.5, [OURS, OLD]), (9, [deployment(2), OLD])), jobs)
    assert tracked.row["status"] == "done"
    assert [line.partition(": ")[2] for line in tracked.said] == [
        "queued behind 2",
        "queued behind 1",
        "building",
        "deployment done",
    ]


def test_the_job_of_a_preview_does_not_delay_the_row() -> None:
    """The queued job belongs to a preview, so that the new row is the tracked one."""
    tracked = Tracked(
        TimedAnswer((0, [OLD]), (2, [deployment(2, title="first commit"), OLD])),
        [preview_job(9, "waiting")],
    )
    assert tracked.row["title"] == "first commit"


def test_a_job_that_reappears_is_not_lost() -> None:
    """It is missing twice, each time for less than LOST_AFTER."""
    jobs = TimedAnswer((0, []), (10, [job(9, "active")]), (20, []))
    tracked = Tracked(TimedAnswer((0, [OLD]), (32, [OURS, OLD]), (40, [deployment(2), OLD])), jobs)
    assert tracked.row["status"] == "done"


def test_cancelled_by_a_restart() -> None:
    cancelled = deployment(2, status="cancelled", finishedAt=None)
    tracked = Tracked(TimedAnswer((0, [OURS, OLD]), (4, [cancelled, OLD])), [])
    assert tracked.row == cancelled
    assert tracked.said[-1] == "web: deployment cancelled"


def test_a_timeout_reports_the_place_in_the_queue() -> None:
    queued = [job(9, "waiting"), job(8, "waiting", OTHER), job(7, "active", OTHER)]
    tracked = Tracked([OLD], queued, timeout=20)
    assert isinstance(tracked.error, WaitTimeout)
    assert (tracked.error.details["status"], tracked.state) == ("queued behind 2", "queued behind 2")
    assert "Raise wait_timeout" in str(tracked.error)


# --- with a log ------------------------------------------------------------------------------------------------------


def test_the_log_is_queried_with_the_rows_as_soon_as_there_is_one() -> None:
    rows = TimedAnswer((0, [OLD]), (1, [OURS, OLD]), (3, [deployment(2), OLD]))
    tracked = Tracked(rows, [job(9, "active")], log="a\nb\n")
    asked = [tuple(name.partition(".")[2] for name, _input in request) for request in tracked.client.asked]
    assert asked[0] == ("all", "queueList")
    assert set(asked[1:]) == {("all", "queueList"), ("all", "queueList", "readLogs"), ("readLogs",)}
    # The lines after the last poll are queried once.
    assert asked.count(("readLogs",)) == 1
    assert tracked.lines == ["web | a", "web | b"]


def test_a_deployment_that_ends_before_the_first_poll_shows_its_log() -> None:
    tracked = Tracked([deployment(2), OLD], [], log="a\nb\n")
    assert tracked.lines == ["web | a", "web | b"]
    assert len(tracked.client.asked) == 2


def test_lines_are_shown_when_they_are_written() -> None:
    rows = TimedAnswer((0, [OURS, OLD]), (20, [deployment(2), OLD]))
    tracked = Tracked(rows, [job(9, "active")], log=TimedAnswer((0, "a\n"), (10, "a\nb\n"), (20, "a\nb\nc\n")))
    assert tracked.lines == ["web | a", "web | b", "web | c"]
    first, second, third = tracked.told
    assert first < 2
    assert 10 <= second < 12
    assert third >= 20


def test_an_unreadable_log_is_queried_once() -> None:
    rows = TimedAnswer((0, [OURS, OLD]), (20, [deployment(2), OLD]))
    tracked = Tracked(rows, [job(9, "active")], log=UnknownProcedure("404"))
    assert tracked.row["status"] == "done"
    assert tracked.client.called.count("deployment.readLogs") == 1
    assert tracked.lines == []


# --- previews --------------------------------------------------------------------------------------------------------


def test_deployments_of_previews_are_tracked_the_same_way() -> None:
    query = DeploymentQuery(RESOURCE, APPLICATION_ID, preview_id="preview")
    rows = TimedAnswer((0, [OLD]), (2, [OURS, OLD]), (7, [deployment(2, status="error"), OLD]))

    def tracked(timeout: float) -> Any:
        clock = FakeClock()
        previews = TimedAnswer(
            *((since, [{"previewDeploymentId": "preview", "deployments": found}]) for since, found in rows.steps)
        )
        client: Any = TimedClient(
            clock, previewDeployment__all=previews, deployment__queueList=[preview_job(9, "active")]
        )
        waiter = Waiter(clock, clock.sleep)
        tracker = DeploymentTracker("preview 1", RESOURCE, query, waiter, SEEN, None)
        return wait_for(client, waiter, [tracker], timeout)[0]

    assert tracked(60)["status"] == "error"
    assert str(tracked(3)).startswith("preview 1: the deployment has not ended after 3 s (running)")


# --- on the simulator ------------------------------------------------------------------------------------------------

WEB: dict[str, Any] = {"project": "shop", "environment": "production", "application": "web", "verify": False}


def web(host: Host) -> str:
    host.ok(PROJECT, name="shop")
    made = host.ok(APPLICATION, project="shop", environment="production", name="web", docker={"image": "nginx"})
    host.new_task()
    return str(made["application"]["application_id"])


@pytest.mark.parametrize("seconds", [0, 0.3])
def test_a_restart_in_the_middle_of_a_build(host: Host, seconds: float) -> None:
    """Dokploy is unreachable for a while, and then reports the build as cancelled."""
    resource_id = web(host)
    host.sim.config(build_seconds=3600)
    host.progress = CallbackOnLine(": building", lambda: host.sim.act(restart=True, seconds=seconds))
    failed = host.failed(DEPLOYMENT, **WEB)
    assert failed["error"]["kind"] == "deployment"
    assert failed["deployment"]["status"] == "cancelled"
    assert "ended in cancelled, as a build does that runs when Dokploy restarts" in failed["msg"]
    assert [row["status"] for row in host.read("deployment.all", applicationId=resource_id)] == ["cancelled"]


def test_a_restart_that_loses_the_queue(host: Host) -> None:
    resource_id = web(host)
    host.sim.config(build_seconds=3600)
    host.sim.seed(applications=1, project="other", name="busy", fields={"sourceType": "docker", "dockerImage": "nginx"})
    host.sim.act(deploy="busy")
    said = CallbackOnLine("queued behind 1", lambda: host.sim.act(restart=True))
    clock = FakeClock()
    failed = run(
        DEPLOYMENT,
        validated(DEPLOYMENT, **host.connection, **WEB),
        host.open,
        check_mode=False,
        diff_mode=False,
        waiter=Waiter(clock, clock.sleep, said.append),
    )
    assert (failed["failed"], failed["error"]["kind"], failed["status"]) == (True, "timeout", "lost")
    assert LOST_AFTER < clock.now - 1000 < LOST_AFTER + 5
    assert "Run the deployment again" in failed["msg"]
    assert host.read("deployment.all", applicationId=resource_id) == []


def test_a_deployment_behind_two_others_reports_its_place(host: Host) -> None:
    web(host)
    host.sim.config(build_seconds=3600)
    fields = {"sourceType": "docker", "dockerImage": "nginx"}
    for other in host.sim.seed(applications=2, project="other", name="busy-{}", fields=fields)["applicationIds"]:
        host.sim.act(deploy=other)

    def finish() -> None:
        host.sim.config(build_seconds=0.05)
        host.sim.act(finish=True)

    host.progress = CallbackOnLine("queued behind 2", finish)
    assert host.ok(DEPLOYMENT, **WEB)["deployment"]["status"] == "done"
    positions = [line.rpartition(": ")[2] for line in host.progress]
    assert positions[0] == "queued behind 2"
    assert positions[-1] == "deployment done"


def test_queued_previews_do_not_count(host: Host) -> None:
    resource_id = create_previews(host, 1, name="web")
    host.ok(DEPLOYMENT, **WEB)
    wait_until_idle(host)
    host.sim.config(build_seconds=3600)
    for number in (2, 3):
        host.sim.act(preview="web", branch=f"feature/{number}", pull_request=number)
    host.new_task()
    unchanged = host.ok(DEPLOYMENT, **WEB, wait=False)
    assert (unchanged["changed"], unchanged["handle"]) == (False, None)
    handle = host.ok(DEPLOYMENT, **WEB, wait=False, trigger="always")["handle"]
    assert handle["ahead"] == 0
    host.sim.config(build_seconds=0.05)
    host.sim.act(finish=True)
    ended = host.ok(DEPLOYMENT, state="finished", handles=[handle])
    assert ended["deployments"][0]["status"] == "done"
    rows = host.read("deployment.all", applicationId=resource_id)
    assert ended["deployments"][0]["deployment"]["deployment_id"] == rows[0]["deploymentId"]
    assert len(rows) == 2


def test_a_lost_queue_has_no_place() -> None:
    query = DeploymentQuery(RESOURCE, APPLICATION_ID)
    tracker = DeploymentTracker("web", RESOURCE, query, Waiter(), Snapshot(frozenset(), 0), None)
    tracker.judge([[], [job(9, "waiting"), job(8, "active", "another")]], 0)
    assert tracker.state == "queued behind 1"
    tracker.judge([[], []], 1)
    assert tracker.state == "in no queue"
