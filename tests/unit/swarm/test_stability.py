# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rollouts, with tasks that change by a clock that only moves during pauses."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.community.dokploy.plugins.module_utils._engine.wait import INTERVAL_MAX, Waiter, wait_for
from ansible_collections.community.dokploy.plugins.module_utils._errors import (
    ConnectionFailed,
    DokployError,
    NotFoundError,
    NotRunning,
    PermissionDenied,
    ServerError,
    WaitTimeout,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import APPLICATION
from ansible_collections.community.dokploy.plugins.module_utils._swarm.rollout import SETTLED, Rollout
from ansible_collections.community.dokploy.plugins.module_utils._swarm.tasks import Service, can_run
from tests.support.fake_clients import FakeClock, ScriptedClient, TimedAnswer, TimedClient, reads
from tests.support.sample_rows import APPLICATION_ID, application

APP = application()["appName"]
UP, YOUNG = "Running 3 seconds ago", "Running less than a second ago"
FAILED = '"task: non-zero exit (1)"'
NEW, OLD = {"Spec": {"ContainerSpec": {"Image": "web:2"}}}, {"Spec": {"ContainerSpec": {"Image": "web:1"}}}
PERIOD = 5.0


def task(number: int, current: str = UP, state: str = "running", slot: Any = 1, error: str = "") -> dict[str, Any]:
    return {
        "containerId": f"task{number}",
        "name": f"{APP}.{slot}",
        "state": state,
        "currentState": current,
        "node": "vm",
        "error": error,
    }


def failed(number: int, slot: Any = 1, current: str = "Failed 1 second ago") -> dict[str, Any]:
    return task(number, current, "shutdown", slot, FAILED)


def ready(number: int, slot: Any = 1) -> dict[str, Any]:
    return task(number, "Ready 1 second ago", "ready", slot)


class Watched:
    """One rollout: what was ``found``, the ``error``, and when."""

    def __init__(
        self,
        tasks: Any,
        *,
        old: frozenset[str] = frozenset(["old"]),
        period: float = PERIOD,
        timeout: float = 35,
        log: Any = "",
        own_log: str | None = None,
        specs: Any = (),
        row: dict[str, Any] | None = None,
    ) -> None:
        clock = FakeClock()
        self.client: Any = TimedClient(
            clock, docker__getServiceContainersByAppName=tasks, application__readLogs=log, docker__getConfig=None
        )
        self.client.log = own_log
        for number, spec in dict(specs).items():
            self.client.answers[f"docker.getConfig {number if number == 'service' else f'task{number}'}"] = spec
        self.said: list[str] = []
        waiter = Waiter(clock, clock.sleep, self.said.append)
        service = Service(APPLICATION, row or application(), "web")
        rollout = Rollout(service, self.client, waiter, old, period=period)
        (found,) = wait_for(self.client, waiter, [rollout], timeout)
        self.error: Any = found if isinstance(found, DokployError) else None
        self.found: Any = None if self.error else found
        self.state = rollout.state

    @property
    def passed(self) -> float:
        passed: float = self.client.passed
        return passed


def after(seconds: float, passed: float) -> bool:
    """Whether the wait ended then, at the next poll."""
    return seconds <= passed <= seconds + 1.5


# --- which are looked at ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "can"),
    [
        ({}, True),
        ({"replicas": 3}, True),
        ({"replicas": 0}, False),
        ({"replicas": 0, "modeSwarm": {"Replicated": {"Replicas": 2}}}, True),
        ({"replicas": 2, "modeSwarm": {"Replicated": {"Replicas": 0}}}, False),
        ({"modeSwarm": {"Global": {}}}, True),
        ({"replicas": 0, "modeSwarm": {"Global": {}}}, True),
        ({"modeSwarm": {"ReplicatedJob": {}}}, False),
        ({"modeSwarm": {"GlobalJob": {}}}, False),
    ],
)
def test_can_run(values: dict[str, Any], can: bool) -> None:
    assert can_run(Service(APPLICATION, application(**values))) is can


# --- what stays up ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("period", [0, 0.5, 5, 60])
def test_the_tasks_have_to_run_for_the_period(period: float) -> None:
    watched = Watched(TimedAnswer((0, []), (2, [task(1, YOUNG)]), (3, [task(1)])), period=period, timeout=period + 30)
    assert watched.error is None
    assert [item["containerId"] for item in watched.found] == ["task1"]
    assert after(3 + period, watched.passed)


def test_a_new_container_does_not_count_yet() -> None:
    """One that exits at once is seen running as well."""
    watched = Watched([task(1, YOUNG)], period=0, timeout=20)
    assert isinstance(watched.error, WaitTimeout)
    assert "0 of 1 run after 20 s (the newest task: Running less than a second ago)" in str(watched.error)


def test_old_tasks_do_not_count() -> None:
    old = {**task(9), "containerId": "old"}
    watched = Watched(TimedAnswer((0, [old]), (4, [task(1), {**old, "state": "shutdown"}])))
    assert watched.error is None
    assert after(4 + PERIOD, watched.passed)


def test_a_replaced_task_restarts_the_period() -> None:
    watched = Watched(TimedAnswer((0, [task(1)]), (4, [task(2)])))
    assert watched.error is None
    assert after(4 + PERIOD, watched.passed)


def test_an_interruption_restarts_the_period() -> None:
    watched = Watched(TimedAnswer((0, [task(1)]), (3, []), (6, [task(2)])))
    assert watched.error is None
    assert after(6 + PERIOD, watched.passed)


def test_a_task_that_was_unreachable_restarts_the_period() -> None:
    """Its node could not be reached for a moment."""
    watched = Watched(TimedAnswer((0, [task(1)]), (3, [task(1, "Orphaned 1 second ago")]), (6, [task(1)])))
    assert watched.error is None
    assert after(6 + PERIOD, watched.passed)


def test_all_replicas_have_to_run_and_each_restarts_the_period() -> None:
    first, second = task(1, slot=1), task(2, slot=2)
    row = application(replicas=2)
    watched = Watched(TimedAnswer((0, [first]), (3, [first, second]), (6, [first, task(3, slot=2)])), row=row)
    assert watched.error is None
    assert after(6 + PERIOD, watched.passed)
    assert "web: 1 of 2 run" in watched.said
    assert watched.said[-1] == "web: 2 of 2 run"


def test_a_global_service_has_to_run_somewhere() -> None:
    row = application(replicas=5, modeSwarm={"Global": {}})
    watched = Watched(TimedAnswer((0, []), (2, [task(1, slot="node")])), row=row)
    assert watched.error is None
    assert after(2 + PERIOD, watched.passed)


def test_a_new_node_restarts_the_period() -> None:
    row = application(modeSwarm={"Global": {}})
    first, second = task(1, slot="node-1"), task(2, slot="node-2")
    watched = Watched(TimedAnswer((0, [first]), (4, [first, second])), row=row)
    assert after(4 + PERIOD, watched.passed)


def test_the_result_is_the_tasks_of_the_last_poll() -> None:
    old = {**task(9, state="shutdown"), "containerId": "old"}
    assert Watched([task(1), old], period=0).found == [task(1), old]


@given(st.lists(st.integers(1, 8), max_size=6))
def test_the_wait_ends_one_period_after_the_last_change(gaps: list[int]) -> None:
    """Docker replaces the task several times, and none fails."""
    moments = [sum(gaps[:number]) for number in range(len(gaps) + 1)]
    steps = [(float(when), [task(number)]) for number, when in enumerate(moments)]
    quiet = next(when for when, gap in zip(moments, [*gaps, 99], strict=True) if gap > PERIOD + 2.5)
    watched = Watched(TimedAnswer(*steps), timeout=100)
    assert watched.error is None
    # A gap of about the period may be enough.
    enough = [when for when, gap in zip(moments, [*gaps, 99], strict=True) if gap >= PERIOD]
    assert enough[0] + PERIOD <= watched.passed <= quiet + PERIOD + 2.5


# --- what does not ---------------------------------------------------------------------------------------------------

AT = "2026-11-25T18:37:19.637034778Z "
LOG = f"{AT}\x1b[31mno database\x1b[0m at hunter2\r\n{AT}bye\r\n"


def test_a_crash_loop_fails_with_the_end_of_its_log() -> None:
    row = application(env="TOKEN=hunter2")
    begin: tuple[float, Any] = (0, [task(1, "Starting 1 second ago")])
    tasks = TimedAnswer(begin, (2, [ready(2), failed(1)]), (6, [ready(3), failed(2), failed(1)]))
    watched = Watched(tasks, own_log=LOG, row=row)
    assert isinstance(watched.error, NotRunning)
    assert after(6, watched.passed)
    assert str(watched.error).splitlines() == [
        "web does not stay up: 2 of its tasks have ended (Failed 1 second ago: task: non-zero exit (1))",
        f"The end of the log of {APP}.1.task2 (Failed 1 second ago):",
        f"{AT}no database at ********",
        f"{AT}bye",
    ]
    assert watched.error.details["log"] == [f"{AT}no database at ********", f"{AT}bye"]
    running = watched.error.details["running"]
    assert (running["replicas_wanted"], running["replicas_running"], len(running["tasks"])) == (1, 0, 3)
    ((path, asked),) = watched.client.listened
    assert (path, asked["containerId"], asked["runType"]) == ("docker-container-logs", "task2", "swarm")
    assert (asked["serviceId"], asked["tail"], "serverId" in asked) == (APPLICATION_ID, "20", False)


ANY = "The end of the log of its containers, which may be of an earlier version:"


@pytest.mark.parametrize(
    ("own_log", "words"),
    [
        (None, [ANY, "all of them"]),
        ("no such task or service: task2\r\n", [ANY, "all of them"]),
        ("", [f"{APP}.1.task2 has left no log."]),
    ],
)
def test_a_task_whose_log_cannot_be_read_or_is_empty(own_log: str | None, words: list[str]) -> None:
    tasks = TimedAnswer((0, [ready(2), failed(1)]), (4, [ready(3), failed(2), failed(1)]))
    watched = Watched(tasks, own_log=own_log, log="all of them\n", row=application(serverId="srv"))
    assert str(watched.error).splitlines()[1:] == words
    assert watched.client.listened[0][1]["serverId"] == "srv"


def test_a_crash_after_it_ran_for_a_while_is_seen_within_the_period() -> None:
    tasks = TimedAnswer((0, [task(1)]), (3, [ready(2), failed(1)]), (4, [ready(3), failed(2), failed(1)]))
    watched = Watched(tasks)
    assert isinstance(watched.error, NotRunning)
    assert after(4, watched.passed)


def test_one_slot_that_crashes_is_enough() -> None:
    up = task(1, slot=1)
    watched = Watched([up, ready(4, slot=2), failed(3, slot=2), failed(2, slot=2)], row=application(replicas=2))
    assert isinstance(watched.error, NotRunning)
    assert watched.error.details["running"]["replicas_running"] == 1


def test_an_image_that_cannot_be_pulled() -> None:
    rejected = task(1, "Rejected 1 second ago", "shutdown", error='"No such image: web:2"')
    again = {**rejected, "containerId": "task2"}
    watched = Watched(TimedAnswer((0, [ready(2), rejected]), (5, [ready(3), again, rejected])))
    assert isinstance(watched.error, NotRunning)
    assert "No such image: web:2" in str(watched.error)


def test_one_failure_before_it_runs_is_no_error() -> None:
    """A container may be killed once for another reason than what is in it."""
    tasks = TimedAnswer((0, [ready(2), failed(1)]), (2, [task(2), failed(1)]))
    watched = Watched(tasks, specs={1: NEW, 2: NEW})
    assert watched.error is None
    assert after(2 + PERIOD, watched.passed)


def test_a_rollback_by_docker_is_an_error() -> None:
    """The new task has ended, and a newer one of the old version has taken its place."""
    tasks = TimedAnswer((0, [task(1, YOUNG)]), (3, [task(2), failed(1)]))
    watched = Watched(tasks, specs={1: NEW, 2: OLD}, log="old version\n")
    assert isinstance(watched.error, NotRunning)
    assert after(3, watched.passed)
    assert (
        "does not run as it is configured: a new task has ended, and Docker went back to the version before ("
        in str(watched.error)
    )


def test_a_service_on_a_remote_server() -> None:
    row = application(serverId="srv")
    watched = Watched([task(2), failed(1)], specs={1: NEW, 2: OLD}, row=row)
    assert isinstance(watched.error, NotRunning)
    inputs = [input for request in watched.client.asked for name, input in request if name.startswith("docker.")]
    assert inputs
    assert all(input["serverId"] == "srv" for input in inputs)


@pytest.mark.parametrize("forgotten", [None, {}, NotFoundError("404"), ServerError("500")])
@pytest.mark.parametrize("which", [1, 2])
def test_a_task_that_docker_has_forgotten_is_no_rollback(forgotten: Any, which: int) -> None:
    """Of what is not there the server answers nothing at all."""
    specs = {1: NEW, 2: OLD, which: forgotten}
    assert Watched([task(2), failed(1)], specs=specs).error is None


def test_slots_that_docker_did_not_reach_keep_their_tasks() -> None:
    kept = {**task(9, slot=2), "containerId": "old"}
    watched = Watched([task(2), failed(1), kept], specs={1: NEW, 2: OLD}, row=application(replicas=2))
    assert isinstance(watched.error, NotRunning)
    assert after(SETTLED, watched.passed)
    assert "Docker keeps what ran before" in str(watched.error)


def test_a_rejected_task_with_start_first_is_an_error() -> None:
    """With start-first the old task continues, and the new one was rejected."""
    rejected = task(1, "Rejected 1 second ago", "shutdown", error='"No such image"')
    watched = Watched([rejected, {**task(9), "containerId": "old"}])
    assert isinstance(watched.error, NotRunning)
    assert after(SETTLED, watched.passed)


def test_a_rollback_to_a_stopped_service_leaves_no_task() -> None:
    watched = Watched([failed(1)])
    assert isinstance(watched.error, NotRunning)
    assert after(SETTLED, watched.passed)
    assert "does not stay up: 1 of its tasks have ended" in str(watched.error)


def test_a_log_that_cannot_be_read_does_not_hide_the_crash() -> None:
    watched = Watched([failed(2), failed(1)], log=ServerError("the server failed"))
    assert isinstance(watched.error, NotRunning)
    assert watched.error.details["log"] == ["(the log cannot be read: the server failed)"]


# --- versions of the service -----------------------------------------------------------------------------------------


def version(number: int) -> dict[str, Any]:
    """What Docker says of a task of this version of the service."""
    return {"ServiceID": "service", "Spec": {"ContainerSpec": {"Image": f"web:{number}"}, "ForceUpdate": number}}


def service(number: int) -> dict[str, Any]:
    return {"ID": "service", "Spec": {"TaskTemplate": {"ForceUpdate": number}}}


# A crash loop went on during the build: these tasks are new.
LOOP = [ready(5), failed(4), failed(3)]
LOOPED = {number: version(1) for number in (3, 4, 5)}


def test_an_earlier_crash_loop_does_not_count() -> None:
    tasks = TimedAnswer(
        (0, LOOP), (1, [task(6, "Starting"), failed(5), *LOOP[1:]]), (3, [task(6), failed(5), *LOOP[1:]])
    )
    watched = Watched(tasks, specs={**LOOPED, 6: version(2), "service": service(2)})
    assert watched.error is None
    assert after(3 + PERIOD, watched.passed)
    asked = [input["containerId"] for request in watched.client.asked for name, input in request if "Config" in name]
    # Each is asked about once, and the service with them.
    assert asked == ["task4", "task3", "service", "task5", "service"]


def test_a_crash_loop_of_the_new_version_is_an_error() -> None:
    tasks = TimedAnswer((0, LOOP), (2, [ready(8), failed(7), failed(6), *LOOP[1:]]))
    watched = Watched(tasks, specs={**LOOPED, 6: version(2), 7: version(2), "service": service(2)})
    assert isinstance(watched.error, NotRunning)
    assert after(2, watched.passed)
    assert "2 of its tasks have ended" in str(watched.error)


def test_a_rolled_back_service_has_the_earlier_version() -> None:
    tasks = TimedAnswer((0, [task(1, YOUNG)]), (3, [task(2), failed(1)]))
    watched = Watched(tasks, specs={1: version(2), 2: version(1), "service": service(1)})
    assert isinstance(watched.error, NotRunning)
    assert "Docker went back to the version before (Failed 1 second ago" in str(watched.error)


def test_a_deployment_over_a_crash_loop_is_to_blame_when_docker_has_gone_back_to_it() -> None:
    """The crash loop ended with 1 before and ends with 1 after the deployed version, which ends with 7."""
    bad = {**failed(6), "error": '"task: non-zero exit (7)"'}
    tasks = TimedAnswer((0, [task(6, "Starting"), failed(5)]), (2, [ready(9), failed(8), failed(7), bad, failed(5)]))
    specs = {**{number: version(1) for number in (5, 7, 8, 9)}, 6: version(2)}
    back = TimedAnswer((0, service(2)), (1.2, service(1)))
    watched = Watched(tasks, specs={**specs, "service": back}, own_log=f"{AT}CRASH-B\r\n")
    assert isinstance(watched.error, NotRunning)
    assert after(2, watched.passed)
    assert str(watched.error).splitlines() == [
        "web does not run as it is configured: a new task has ended, and Docker went back to the version before, which "
        "does not stay up either (Failed 1 second ago: task: non-zero exit (7))",
        f"The end of the log of {APP}.1.task6 (Failed 1 second ago):",
        f"{AT}CRASH-B",
    ]
    ((_path, asked),) = watched.client.listened
    assert asked["containerId"] == "task6"


def test_without_old_tasks_the_version_tells_the_new_ones() -> None:
    """A deployment of another run is joined: the tasks meanwhile are old ones."""
    before = [task(1), failed(0)]
    tasks = TimedAnswer((0, before), (8, [task(2), {**before[0], "state": "shutdown"}, before[1]]))
    specs = {0: version(1), 1: version(1), 2: version(2), "service": service(2)}
    watched = Watched(tasks, old=frozenset(), specs=specs)
    assert watched.error is None
    assert after(8 + PERIOD, watched.passed)


@pytest.mark.parametrize(
    "specs",
    [
        {},
        {3: version(1), 4: version(1)},
        {3: version(1), 4: version(1), "service": None},
        {3: version(1), 4: version(1), "service": PermissionDenied("no")},
        {3: {"Spec": {}}, 4: {"Spec": None}, "service": service(2)},
        {3: {"ServiceID": "service"}, 4: None, "service": service(2)},
        {3: version(2), 4: version(2), "service": service(2)},
    ],
)
def test_without_a_version_every_new_task_counts(specs: Any) -> None:
    watched = Watched(LOOP, specs=specs)
    assert isinstance(watched.error, NotRunning)
    assert watched.passed == 0


# --- unknown tasks ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [PermissionDenied("not permitted"), ServerError("500")])
def test_missing_permissions_end_the_wait(error: DokployError) -> None:
    watched = Watched(error)
    assert watched.error is error
    assert watched.passed == 0


def test_a_service_that_never_comes_up() -> None:
    pending = task(1, "Pending 9 seconds ago", error='"no suitable node"')
    watched = Watched([pending])
    assert isinstance(watched.error, WaitTimeout)
    assert watched.passed == pytest.approx(35)
    assert str(watched.error).startswith(
        "web: 0 of 1 run after 35 s (the newest task: Pending 9 seconds ago: no suitable node)."
    )
    assert watched.error.details["running"]["tasks"][0]["error"] == "no suitable node"
    assert "no task of it has come up" in str(Watched([]).error)
    assert watched.state == "starting"


def test_tasks_that_never_run_for_the_period() -> None:
    """It is replaced all the time, and none of the tasks has failed."""
    tasks = TimedAnswer(*((float(3 * number), [task(number)]) for number in range(20)))
    watched = Watched(tasks)
    assert isinstance(watched.error, WaitTimeout)
    assert (
        "1 of 1 run after 35 s, but not for 5 seconds without a restart (the newest task: Running 3 seconds ago)"
        in str(watched.error)
    )
    assert watched.state.startswith("running for ")


def test_an_unreachable_server_during_the_read_of_versions() -> None:
    gone = TimedAnswer((0, ConnectionFailed("refused")), (4, version(2)))
    watched = Watched([task(2), failed(1)], specs={1: gone, 2: version(2), "service": service(2)})
    assert watched.error is None
    assert after(4 + PERIOD, watched.passed)


def test_an_unreachable_server_is_waited_for() -> None:
    clock = FakeClock()
    client: Any = TimedClient(clock, docker__getServiceContainersByAppName=[task(1)], docker__getConfig=None)
    client.answers["*"] = TimedAnswer((0, None), (2, ConnectionFailed("refused")), (20, None))
    waiter = Waiter(clock, clock.sleep)
    look = Rollout(Service(APPLICATION, application(), "web"), client, waiter, period=PERIOD)
    assert wait_for(client, waiter, [look], 60) == [[task(1)]]
    assert 20 <= client.passed <= 20 + INTERVAL_MAX


def test_the_log_of_other_containers_is_called_so() -> None:
    """The server reads the log of any container that runs."""
    failed = {"name": "web.1", "state": "shutdown", "currentState": "Failed 3 seconds ago", "containerId": "new"}
    before = {"name": "web.1", "state": "running", "currentState": "Running 2 minutes ago", "containerId": "old"}
    for others, words in (
        ([before], "The end of the log of what still runs, which may have run before:\nsaid"),
        ([], f"{ANY}\nsaid"),
    ):
        client: Any = ScriptedClient(
            reads("application.readLogs", "said\n", applicationId=application()["applicationId"], tail=20)
        )
        rollout = Rollout(Service(APPLICATION, application(), "application 'web'"), client, Waiter())
        rollout._tasks = [failed, *others]
        assert str(rollout._not_running([failed], "keeps what ran before")).endswith(words)


LABEL = "community.dokploy.deployment"


def labelled(text: str) -> dict[str, Any]:
    return {"ServiceID": "service", "Spec": {"ForceUpdate": 1, "ContainerSpec": {"Labels": {LABEL: text}}}}


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        # Docker has gone back, and has forgotten what was deployed.
        (
            {1: "old", 2: "old"},
            ["Docker has forgotten the tasks of the deployed version and their logs; "],
        ),
        ({1: "new", 2: "old"}, [f"The end of the log of {APP}.1.task1 (Failed 9 seconds ago):", f"{AT}bye"]),
        ({1: "new", 2: "new"}, [f"The end of the log of {APP}.1.task2 (Failed 1 second ago):", f"{AT}bye"]),
        # Docker has forgotten one that it has just listed.
        ({1: "old"}, [f"The end of the log of {APP}.1.task2 (Failed 1 second ago):", f"{AT}bye"]),
    ],
)
def test_the_log_is_that_of_the_deployed_version_or_there_is_none(labels: dict[int, str], words: list[str]) -> None:
    first = failed(1, current="Failed 9 seconds ago")
    tasks = TimedAnswer((0, [task(1, "Starting 1 second ago")]), (2, [ready(3), failed(2), first]))
    specs = {number: labelled(text) for number, text in labels.items()}
    row = application(labelsSwarm={LABEL: "new"})
    watched = Watched(tasks, own_log=f"{AT}bye\r\n", row=row, specs=specs)
    lines = str(watched.error).splitlines()[1:]
    assert [line[: len(word)] for line, word in zip(lines, words, strict=True)] == words
    assert watched.error.details["log"] == ([f"{AT}bye"] if len(words) > 1 else [])
