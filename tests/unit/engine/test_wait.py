# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waiting, on a clock that only moves when a user sleeps and with scripted answers of the server."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._deployment.queue import (
    DeploymentQuery,
    Deployments,
    Queue,
    Snapshot,
    deployment_facts,
    read_queue,
)
from ansible_collections.community.dokploy.plugins.module_utils._deployment.removal import BuildsOver
from ansible_collections.community.dokploy.plugins.module_utils._deployment.tracker import DeploymentTracker
from ansible_collections.community.dokploy.plugins.module_utils._engine.plan import Outcome
from ansible_collections.community.dokploy.plugins.module_utils._engine.wait import Waiter, wait_for
from ansible_collections.community.dokploy.plugins.module_utils._errors import (
    DokployError,
    NotFoundError,
    ServerError,
    UnknownProcedure,
    WaitTimeout,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import APPLICATION
from tests.support.fake_clients import Expect, FakeClock, ScriptedClient, batch
from tests.support.sample_rows import APPLICATION_ID, deployment, job

OTHER = "Qyd5ffZgmU14LM8F0yLfx"
NO_LIST = UnknownProcedure("this server does not know deployment.queueList")


OWN = {"applicationId": APPLICATION_ID}
NOTHING = Snapshot(frozenset(), 0)


def look(rows: Any, jobs: Any = ()) -> Expect:
    """One look: the deployments and the queue, in one request."""
    queue = jobs if isinstance(jobs, DokployError) else list(jobs)
    return batch(("deployment.all", {"applicationId": APPLICATION_ID}, rows), ("deployment.queueList", {}, queue))


def follow(
    client: Any, waiter: Waiter, resource_id: str, before: Snapshot, title: str | None, timeout: float, words: str
) -> Any:
    """One deployment to its end, as the engine follows it among others."""
    query = DeploymentQuery(APPLICATION, resource_id)
    found = wait_for(client, waiter, [DeploymentTracker(words, APPLICATION, query, waiter, before, title)], timeout)[0]
    if isinstance(found, DokployError):
        raise found
    return found


def followed(
    *script: Expect, before: Snapshot = NOTHING, title: str | None = None, timeout: float = 600
) -> tuple[Any, FakeClock, list[str]]:
    clock, said = FakeClock(), []
    client: Any = ScriptedClient(*script)
    waiter = Waiter(clock, clock.sleep, said.append)
    row = follow(client, waiter, APPLICATION_ID, before, title, timeout, "application 'web'")
    client.done()
    return row, clock, said


OLD = deployment(1)
SEEN = Snapshot(frozenset([OLD["deploymentId"]]), 0)


def test_the_old_deployment_that_is_done_is_never_taken_for_the_new_one() -> None:
    """Between the answer and the row, reads show the old one as done."""
    new = deployment(2, status="running")
    row, _clock, said = followed(
        look([OLD], [job(7, "active")]),
        look([OLD], [job(7, "active")]),
        look([new, OLD], [job(7, "active")]),
        look([deployment(2), OLD]),
        before=SEEN,
    )
    assert row["deploymentId"] == new["deploymentId"]
    assert row["status"] == "done"
    assert said == ["application 'web': building", "application 'web': deployment done"]


@pytest.mark.parametrize("status", ["done", "error", "cancelled"])
def test_every_final_status_ends_the_wait(status: str) -> None:
    row, clock, _said = followed(look([deployment(1, status=status)]))
    assert row["status"] == status
    assert clock.pauses == []


def test_a_job_that_waits_behind_others_is_reported_once_a_change() -> None:
    behind_two = [job(9, "waiting"), job(8, "waiting", OTHER), job(7, "active", OTHER)]
    behind_one = [job(9, "waiting"), job(8, "active", OTHER)]
    row, _clock, said = followed(
        look([], behind_two),
        look([], behind_two),
        look([], behind_one),
        look([deployment(1, status="running")], [job(9, "active")]),
        look([deployment(1)]),
    )
    assert row["status"] == "done"
    assert [line.partition(": ")[2] for line in said] == [
        "queued behind 2",
        "queued behind 1",
        "building",
        "deployment done",
    ]


def test_the_deployments_that_were_queued_before_ours_come_first() -> None:
    """Another user's two jobs of the same application waited: the third new row is ours."""
    before = Deployments([OLD], read_queue([job(8, "waiting"), job(7, "waiting")], OWN)).snapshot
    rows = [deployment(number) for number in (4, 3, 2, 1)]
    row, _clock, _said = followed(
        look([deployment(2), OLD], [job(9, "waiting"), job(8, "active")]),
        look(rows[1:], [job(9, "active")]),
        look(rows),
        before=before,
    )
    assert row["deploymentId"] == deployment(4)["deploymentId"]


def test_a_deployment_after_ours_is_not_taken_for_ours() -> None:
    rows = [deployment(3, status="error"), deployment(2, status="running"), OLD]
    row, _clock, _said = followed(look(rows), look([deployment(3, status="error"), deployment(2), OLD]), before=SEEN)
    assert row["deploymentId"] == deployment(2)["deploymentId"]
    assert row["status"] == "done"


def test_a_row_that_is_found_is_followed_though_its_title_changes() -> None:
    """A git source replaces the title by the commit's message."""
    row, _clock, _said = followed(
        look([deployment(2, status="running", title="mine"), OLD]),
        look([deployment(2, title="first commit"), OLD]),
        before=SEEN,
        title="mine",
    )
    assert row["title"] == "first commit"


@pytest.mark.parametrize(
    ("rows", "before", "title", "pending", "ours"),
    [
        ([], SEEN, None, 1, None),
        ([OLD], SEEN, None, 0, None),
        ([OLD], SEEN, "Manual deployment", 0, None),
        ([deployment(2), OLD], SEEN, None, 0, 2),
        ([deployment(2), OLD], SEEN, None, 1, 2),
        ([deployment(3), deployment(2), OLD], SEEN, None, 0, 2),
        ([deployment(3, title="mine"), deployment(2), OLD], SEEN, "mine", 0, 3),
        # A user was faster between the look and the trigger: a row with another title is not ours while a job waits.
        ([deployment(2, title="theirs"), OLD], SEEN, "mine", 1, None),
        # The commit has replaced the title.
        ([deployment(2, title="first commit"), OLD], SEEN, "mine", 0, 2),
        # One job waits before ours: the first new row is not ours,
        ([deployment(2), OLD], Snapshot(SEEN.ids, 1), None, 1, None),
        ([deployment(2, title="mine"), OLD], Snapshot(SEEN.ids, 1), "mine", 1, None),
        ([deployment(3), deployment(2), OLD], Snapshot(SEEN.ids, 1), None, 0, 3),
        # unless that job was dropped from the queue.
        ([deployment(2), OLD], Snapshot(SEEN.ids, 1), None, 0, 2),
        ([deployment(2, title="mine"), OLD], Snapshot(SEEN.ids, 1), "mine", 0, 2),
    ],
)
def test_the_triggered_deployment(
    rows: Sequence[Any], before: Snapshot, title: str | None, pending: int, ours: int | None
) -> None:
    found = Deployments(list(rows), Queue(pending, 0, 0)).triggered(before, title)
    assert (found and found["deploymentId"]) == (ours and deployment(ours)["deploymentId"])


def test_an_earlier_job_with_our_title_is_not_ours() -> None:
    rows = [deployment(3, title="by Ansible"), deployment(2, title="by Ansible"), OLD]
    found = Deployments(rows, Queue(0, 0, 0)).triggered(Snapshot(SEEN.ids, 1), "by Ansible")
    assert found is not None
    assert found["deploymentId"] == deployment(3)["deploymentId"]


def test_a_job_that_the_queue_lost_ends_the_wait_early() -> None:
    clock, said = FakeClock(), []
    client: Any = ScriptedClient(look([OLD], [job(7, "waiting")]), *[look([OLD])] * 200)
    waiter = Waiter(clock, clock.sleep, said.append)
    with pytest.raises(WaitTimeout) as caught:
        follow(client, waiter, APPLICATION_ID, SEEN, None, 600, "application 'web'")
    assert 15 < clock.now - 1000 < 17
    assert caught.value.details["status"] == "lost"
    assert "A restart of Dokploy loses its queue" in str(caught.value)


def test_a_server_without_a_queue_list_is_waited_for_to_the_end() -> None:
    """Before 0.28.3 no one can tell a lost job from one that waits."""
    clock = FakeClock()
    client: Any = ScriptedClient(*[look([OLD], NO_LIST)] * 500)
    with pytest.raises(WaitTimeout) as caught:
        follow(client, Waiter(clock, clock.sleep), APPLICATION_ID, SEEN, None, 60, "w")
    assert clock.now - 1000 == pytest.approx(60)
    assert caught.value.details == {"deployment": None, "status": "unknown"}


@pytest.mark.parametrize(
    ("rows", "jobs", "status"),
    [
        ([deployment(2, status="running"), OLD], [job(9, "active")], "running"),
        ([OLD], [job(9, "waiting"), job(8, "active", OTHER)], "queued behind 1"),
    ],
)
def test_a_timeout_says_what_was_seen_last(rows: Any, jobs: Any, status: str) -> None:
    clock = FakeClock()
    client: Any = ScriptedClient(*[look(rows, jobs)] * 500)
    with pytest.raises(WaitTimeout) as caught:
        follow(client, Waiter(clock, clock.sleep), APPLICATION_ID, SEEN, None, 30, "application 'web'")
    assert str(caught.value).startswith("application 'web': the deployment has not ended after 30 s (%s)" % status)
    assert caught.value.details["status"] == status
    assert clock.now - 1000 == pytest.approx(30)


@pytest.mark.parametrize("timeout", [0, 1, 30, 3600])
def test_pauses_are_short_at_first_and_bounded(timeout: float) -> None:
    clock = FakeClock()
    looks: list[float] = []

    def never(passed: float) -> None:
        looks.append(passed)

    with pytest.raises(WaitTimeout):
        Waiter(clock, clock.sleep).until(timeout, never, lambda: WaitTimeout("too late"))
    assert sum(clock.pauses) == pytest.approx(timeout)
    # One more look when the time is up.
    assert looks[-1] == pytest.approx(timeout)
    assert len(looks) == len(clock.pauses) + 1
    assert all(0.25 <= pause <= 5 for pause in clock.pauses[:-1])
    if timeout >= 3600:
        assert max(clock.pauses) == 5
        assert len(looks) < 1000


def test_an_error_of_the_server_ends_the_wait() -> None:
    with pytest.raises(ServerError):
        followed(look(ServerError("500")))
    with pytest.raises(ServerError):
        followed(look([], ServerError("500")))
    with pytest.raises(NotFoundError):
        followed(look(NotFoundError("Application not found")))


# --- the queue and rows ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("jobs", "expected"),
    [
        ([], (0, 0, 0, True)),
        (None, (0, 0, 0, False)),
        (NO_LIST, (0, 0, 0, False)),
        ([job(1, "active")], (0, 1, 0, True)),
        ([job(3, "waiting"), job(2, "waiting", OTHER), job(1, "active")], (1, 1, 2, True)),
        ([job(3, "waiting", OTHER), job(2, "waiting"), job(1, "active", OTHER)], (1, 0, 1, True)),
        ([{"id": "job-1", "state": "waiting"}], (0, 0, 0, True)),
    ],
)
def test_read_queue(jobs: Any, expected: tuple[int, int, int, bool]) -> None:
    queue = read_queue(jobs, OWN)
    assert (queue.waiting, queue.active, queue.ahead, queue.known) == expected


@pytest.mark.parametrize(
    ("rows", "jobs", "ahead"),
    [
        ([OLD], [], 0),
        ([OLD], [job(2, "waiting"), job(1, "waiting")], 2),
        # An active job without a running row yet will get one; one with a row is among the ids.
        ([OLD], [job(1, "active")], 1),
        ([deployment(2, status="running"), OLD], [job(1, "active")], 0),
        ([deployment(2, status="running"), OLD], [job(2, "waiting"), job(1, "active")], 1),
        ([OLD], [job(2, "waiting", OTHER)], 0),
        ([{**OLD, "createdAt": "yesterday"}], [job(1, "active")], 1),
        ([{**OLD, "createdAt": None}], [job(1, "active")], 1),
    ],
)
def test_snapshot(rows: Any, jobs: Any, ahead: int) -> None:
    taken = Deployments(rows, read_queue(jobs, OWN)).snapshot
    assert taken == Snapshot(frozenset(row["deploymentId"] for row in rows), ahead)


ENDED = deployment(2, status="error", createdAt="2026-11-24T14:00:04.400Z")
"""The row of job 1 below, which was taken up at 14:00:04.345."""


def test_an_active_job_whose_row_is_final_has_a_row() -> None:
    """A job stays in the queue for a moment after its row is final, until the notifications are sent."""
    taken = Deployments([ENDED, OLD], read_queue([job(1, "active")], OWN)).snapshot
    assert taken.ahead == 0


def test_a_new_row_is_not_lost_behind_a_job_that_has_gone() -> None:
    """The job that waited before ours was dropped from the queue, and so never gets a row."""
    clock = FakeClock()
    client: Any = ScriptedClient(*[look([deployment(2), OLD])] * 200)
    row = follow(client, Waiter(clock, clock.sleep), APPLICATION_ID, Snapshot(SEEN.ids, 1), None, 600, "w")
    assert row["deploymentId"] == deployment(2)["deploymentId"]


def test_deployment_facts() -> None:
    row = deployment(7, description="Commit: 55535fa801027e9db17c59d2b403bd9691fad457", title="first commit: hello")
    facts = deployment_facts(APPLICATION, row)
    assert facts["commit"] == "55535fa801027e9db17c59d2b403bd9691fad457"
    assert facts["duration"] == 0.129
    assert (facts["status"], facts["title"], facts["error_message"]) == ("done", "first commit: hello", "")
    running = deployment_facts(APPLICATION, deployment(7, status="running"))
    assert (running["duration"], running["commit"], running["finished_at"]) == (None, None, None)


# --- builds that must end first --------------------------------------------------------------------------------------

STEP = BuildsOver(DeploymentQuery(APPLICATION, APPLICATION_ID), "application web", 60.0)


def test_a_removal_waits_for_the_running_build() -> None:
    clock, said = FakeClock(), []
    running = [deployment(2, status="running"), OLD]
    client: Any = ScriptedClient(look([OLD], [job(1, "active")]), look(running), look([deployment(2), OLD]))
    STEP.run(SimpleNamespace(client=client, waiter=Waiter(clock, clock.sleep, said.append)), Outcome())
    client.done()
    assert len(clock.pauses) == 2
    assert said[0] == "application web: waiting for its build to end"


def test_a_removal_does_not_wait_for_a_build_of_something_else() -> None:
    client: Any = ScriptedClient(look([OLD], [job(1, "active", OTHER)]))
    STEP.run(SimpleNamespace(client=client, waiter=Waiter(sleep=lambda _seconds: pytest.fail("slept"))), Outcome())
    client.done()


def test_an_application_that_is_gone_builds_nothing() -> None:
    client: Any = ScriptedClient(look(NotFoundError("Application not found")))
    STEP.run(SimpleNamespace(client=client, waiter=Waiter(sleep=lambda _seconds: pytest.fail("slept"))), Outcome())


def test_a_build_that_does_not_end_is_a_timeout() -> None:
    clock = FakeClock()
    client: Any = ScriptedClient(*[look([deployment(2, status="running")])] * 200)
    with pytest.raises(WaitTimeout, match="application web is still being built after 60 s; it was not deleted"):
        STEP.run(SimpleNamespace(client=client, waiter=Waiter(clock, clock.sleep)), Outcome())
    assert clock.now - 1000 == pytest.approx(60)
