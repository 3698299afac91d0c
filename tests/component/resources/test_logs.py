# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Logs that are read and followed, on a scripted Docker with a clock and on the simulator."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.community.dokploy.plugins.module_utils._engine.wait import Waiter
from ansible_collections.community.dokploy.plugins.module_utils._errors import (
    DokployError,
    OptionError,
    PermissionDenied,
    Refused,
    ServerError,
    UnknownProcedure,
    WaitTimeout,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.actions.deployment import (
    OPERATION as DEPLOYMENT,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.actions.log_following import (
    SKIPPED,
    Logs,
    LogSource,
    _service_in,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.actions.logs import INFO_OPERATION
from ansible_collections.community.dokploy.plugins.module_utils._resources.databases.database import (
    OPERATION as DATABASE,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import APPLICATION
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.compose import COMPOSE
from ansible_collections.community.dokploy.plugins.module_utils._swarm.logs import MAX_LINES
from ansible_collections.community.dokploy.plugins.module_utils._swarm.tasks import Service
from tests.support.builders import create_stack, wait_until_idle
from tests.support.fake_clients import FakeClock, TimedAnswer, TimedClient, context_of
from tests.support.host import Host
from tests.support.module_docs import documentation, undocumented
from tests.support.sample_rows import application

SECRET = "hunter2-of-web"
APP = application()["appName"]
WEB: dict[str, Any] = {"project": "shop", "application": "web"}
PARAMS: dict[str, Any] = {
    "lines": 100,
    "since": None,
    "search": None,
    "service": None,
    "follow": True,
    "wait_timeout": 10.0,
}
NOTHING = ServerError("the server failed", server_message=f"No container or service found for: {APP}")


def line(moment: float, text: str) -> str:
    """A line as Docker shows it, written at this second of the test."""
    return f"2026-11-26T09:{int(moment) // 60:02}:{moment % 60:012.9f}Z {text}"


def task(state: str = "running", name: str = f"{APP}.1", task_id: str = "task1") -> dict[str, Any]:
    current = {"running": "Running 9 seconds ago", "shutdown": "Complete 1 second ago"}[state]
    return {"containerId": task_id, "name": name, "state": state, "currentState": current, "error": "", "node": "n"}


class Log:
    """The log of one container: ``(second, text)``; the seconds count from the beginning of the follow."""

    def __init__(self, clock: FakeClock, *written: tuple[float, str], late: int = 0) -> None:
        """:param late: the number of the query that is repeated for 30 seconds."""
        self._clock, self._written, self._began, self._late = clock, written, clock.now, late
        self.asked: list[dict[str, Any]] = []

    def __call__(self, input: dict[str, Any]) -> str:
        self.asked.append(dict(input))
        if len(self.asked) == self._late:
            self._clock.sleep(30)
        passed = self._clock.now - self._began
        since = input.get("since", "all")
        begin = -1e9 if since == "all" else passed - int(since[:-1])
        there = [line(100 + when, text) for when, text in self._written if begin <= when <= passed]
        return "".join(f"{one}\n" for one in there[-input["tail"] :])


class Followed:
    """One follow of an application: its ``result`` or ``error``, and the lines ``told``."""

    def __init__(self, *written: tuple[float, str], until: str | None = None, check: bool = False, **more: Any) -> None:
        clock = FakeClock()
        self.log = more.pop("log", None) or Log(clock, *written, late=more.pop("late", 0))
        self.told: list[str] = []
        tasks = more.pop("tasks", [task()])
        answers = {"docker__getServiceContainersByAppName": tasks, "application__readLogs": self.log}
        self.client: Any = TimedClient(clock, **answers)
        context = context_of(self.client, check=check, **{**PARAMS, **more})
        context.waiter = Waiter(clock=clock, sleep=clock.sleep, line=self.told.append)
        service = Service(APPLICATION, application(env=f"TOKEN={SECRET}"), "web")
        self.warnings = context.executor.warnings
        self.result: dict[str, Any] = {}
        self.error: DokployError | None = None
        try:
            self.result = Logs(service, context).follow(None if until is None else re.compile(until))
        except DokployError as error:
            self.error = error
        self.seconds = clock.now - 1000
        assert SECRET not in repr((self.result, self.told, self.warnings, self.error and self.error.details))

    @property
    def texts(self) -> list[str]:
        lines = self.result["lines"] if self.result else self.error and self.error.details["lines"]
        assert [one.partition(" | ")[2] for one in self.told] == lines
        return [one.partition("Z ")[2] for one in lines]


# --- each line once --------------------------------------------------------------------------------------------------


@given(st.lists(st.integers(0, 9000), max_size=40), st.sampled_from([1, 5, 100]))
def test_each_line_is_told_once(moments: list[int], lines: int) -> None:
    """However often several of them are written at one moment, and with equal texts."""
    written = [(moment / 1000, f"line {moment % 3}") for moment in sorted(moments)]
    done = Followed((-30, "old"), (-20, "older"), *written, lines=lines)
    before = (["old", "older", *(text for when, text in written if when == 0)])[-lines:]
    assert done.texts == [*before, *(text for when, text in written if when > 0)]


def test_later_queries_ask_for_what_is_new() -> None:
    done = Followed((-30, "old"), (1, "new"), wait_timeout=3.0)
    first, *later = done.log.asked
    assert (first["tail"], first.get("since")) == (MAX_LINES, None)
    assert {one["since"] for one in later} <= {"10s", "11s"}


def test_old_lines_are_left_out() -> None:
    written = ((-90, "a"), (-5, "b"), (0.1, "c"))
    assert Followed(*written).texts == ["a", "b", "c"]
    assert Followed(*written, lines=1).texts == ["b", "c"]
    assert Followed(*written, since="0s").texts == ["c"]
    assert Followed(*written, since="30s").texts == ["b", "c"]
    assert Followed(*written, since="all").texts == ["a", "b", "c"]
    # Both of them are in the first answers, and none of them is new in a later one.
    assert Followed((-5, "a"), (-4, "b"), since="30s", lines=1).texts == ["b"]


def test_no_line_is_lost_while_a_query_is_repeated() -> None:
    written = [(float(second), f"line {second}") for second in range(60)]
    done = Followed(*written, late=4, wait_timeout=60.0)
    assert [one.partition("Z ")[2] for one in done.result["lines"]] == [text for _when, text in written]


def test_lines_that_were_missed_are_named() -> None:
    burst = tuple((5.0, "x") for _unused in range(MAX_LINES + 1))
    done = Followed((1, "a"), *burst, (8, "b"))
    assert [one for one in done.told if one.endswith(f"Z {SKIPPED}")]
    assert len(done.result["lines"]) == MAX_LINES


def test_an_error_in_the_place_of_a_log_is_no_line() -> None:
    assert Followed(log=lambda input: "Error response from daemon: No such container: a\n").texts == []


def test_the_same_line_of_another_container() -> None:
    source = LogSource()
    assert source.unseen(["a", "a", "b"]) == ["a", "a", "b"]
    assert source.unseen(["a", "a", "a", "b"]) == ["a"]


# --- the end ---------------------------------------------------------------------------------------------------------


def test_the_end_is_a_line() -> None:
    done = Followed((-5, "starting"), (2, f"token {SECRET}"), (3, "ready on 3000"), (9, "later"), until=r"ready on \d+")
    assert done.texts == ["starting", "token ********", "ready on 3000"]
    assert (done.result["ended_by"], done.result["matched"]) == ("pattern", line(103, "ready on 3000"))
    assert done.seconds < 5
    # What was written before counts.
    assert Followed((-5, "ready"), until="ready").seconds == 0


def test_the_end_is_a_time() -> None:
    done = Followed((1, "a"), wait_timeout=4.0)
    assert (done.result["ended_by"], done.result["matched"], done.seconds) == ("timeout", None, 4.0)
    assert Followed((-1, "a"), wait_timeout=0.0).texts == ["a"]


def test_no_line_matches_in_time() -> None:
    done = Followed((1, "a"), until="never", wait_timeout=4.0)
    assert isinstance(done.error, WaitTimeout)
    assert "web: no line of the log matches 'never' in 4 s" in str(done.error)
    assert done.texts == ["a"]
    assert done.error.details["ended_by"] == "timeout"


def test_check_mode_warns_of_it() -> None:
    done = Followed((1, "a"), until="never", wait_timeout=4.0, check=True)
    assert done.result["ended_by"] == "timeout"
    assert "an earlier task writes such a line" in done.warnings[0]


def test_the_end_is_that_nothing_runs() -> None:
    tasks = TimedAnswer((0, [task()]), (3, [task("shutdown")]))
    done = Followed((1, "a"), (3.5, "the last words"), tasks=tasks)
    assert (done.texts, done.result["ended_by"]) == (["a", "the last words"], "end")
    assert done.seconds < 6
    failed = Followed((1, "a"), tasks=tasks, until="never")
    assert "no line of the log matches 'never' before its containers have ended" in str(failed.error)


def test_what_is_stopped_has_ended() -> None:
    assert Followed((-60, "a"), tasks=[task("shutdown")]).result["ended_by"] == "end"
    # Docker forgets the tasks of a service that is removed.
    assert Followed(tasks=TimedAnswer((0, [task()]), (2, []))).result["ended_by"] == "end"


def test_what_does_not_run_yet_is_waited_for() -> None:
    log = Log(FakeClock())
    answers = TimedAnswer((0, NOTHING), (4, line(104, "hello")))
    done = Followed(tasks=TimedAnswer((0, []), (4, [task()])), log=answers, until="hello")
    assert done.texts == ["hello"]
    assert log.asked == []


def test_without_docker_permissions_the_end_is_unknown() -> None:
    for error in (PermissionDenied("no"), UnknownProcedure("404")):
        assert Followed((1, "a"), tasks=error).result["ended_by"] == "timeout"


def test_an_older_server_has_no_logs() -> None:
    error = Followed(log=UnknownProcedure("404")).error
    assert isinstance(error, Refused)
    assert str(error) == "dokploy_logs_info needs Dokploy 0.29.0 or newer. Update the server."


def test_another_error_ends_it() -> None:
    assert isinstance(Followed(log=ServerError("boom", status=500)).error, ServerError)


# --- stacks ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "service"),
    [
        ("shop-ab12-web-1", "web"),
        ("shop-ab12-web-api-12", "web-api"),
        ("shop-ab12_web.2", "web"),
        ("shop-ab12_web_1", "web"),
        ("own", None),
        ("shop-ab123-web-1", None),
    ],
)
def test_the_service_in_the_name_of_a_container(name: str, service: str | None) -> None:
    assert _service_in(name, "shop-ab12") == service


def container(name: str, state: str = "running") -> dict[str, Any]:
    status = {"running": "Up 9 seconds", "exited": "Exited (0) 1 second ago"}[state]
    return {"containerId": f"id-{name}", "name": f"{APP}-{name}", "state": state, "status": status}


def test_a_container_that_begins_later_is_followed() -> None:
    clock = FakeClock()
    logs = {
        "id-db-1": Log(clock, (-60, "old"), (-50, "older"), (2, "db")),
        "id-web-1": Log(clock, (4.1, "web"), (4.2, "web again")),
    }
    both = [container("db-1"), container("web-1")]
    ended = [container("db-1", "exited"), container("web-1", "exited")]
    client: Any = TimedClient(
        clock,
        docker__getContainersByAppNameMatch=TimedAnswer((0, both[:1]), (5, both), (8, ended)),
        compose__readLogs=lambda input: logs[input["containerId"]](input),
    )
    context = context_of(client, **{**PARAMS, "lines": 1, "wait_timeout": 60.0})
    context.waiter = Waiter(clock=clock, sleep=clock.sleep)
    row = {"composeId": "c", "appName": APP, "composeType": "docker-compose", "env": f"A={SECRET}"}
    result = Logs(Service(COMPOSE, row, "metrics"), context).follow(None)
    assert result["ended_by"] == "end"
    assert [(one["service"], [text.partition("Z ")[2] for text in one["lines"]]) for one in result["containers"]] == [
        ("db", ["older", "db"]),
        ("web", ["web", "web again"]),
    ]
    assert [text.partition("Z ")[2] for text in result["lines"]] == ["older", "db", "web", "web again"]


# --- on the simulator ------------------------------------------------------------------------------------------------


def look(host: Host, fails: bool = False, **options: Any) -> dict[str, Any]:
    host.new_task()
    result = (host.failed if fails else host.ok)(INFO_OPERATION, **options)
    assert undocumented(result, documentation()["dokploy_logs_info"]["return"]) == []
    return result


def texts(result: dict[str, Any]) -> list[str]:
    return [one.partition("Z ")[2] for one in result["lines"]]


@pytest.fixture
def web(host: Host) -> str:
    made = host.sim.seed(project="shop", applications=1, name="web", deployed=True)
    host.sim.act(set="web", fields={"env": f"TOKEN={SECRET}"})
    host.sim.act(say="web", lines=["one", f"token {SECRET}", "three"])
    return str(made["applicationIds"][0])


def test_the_log_of_an_application(host: Host, web: str) -> None:
    found = look(host, **WEB, lines=2)
    assert texts(found) == ["token ********", "three"]
    assert (found["application_id"], found["compose_id"], found["database_id"]) == (web, None, None)
    assert (found["containers"], found["ended_by"], found["matched"], found["changed"]) == ([], None, None, False)
    assert texts(look(host, application_id=web, search="ONE", lines=1)) == ["one"]
    assert texts(look(host, **WEB, search="nowhere")) == []


def test_what_never_ran_has_no_log_and_names_its_failure(host: Host) -> None:
    host.sim.config(deploy_seconds=0, block_seconds=0, build_seconds=0)
    ids = host.sim.seed(project="shop", applications=1, name="web")["applicationIds"]
    found = look(host, **WEB)
    assert (texts(found), found["warnings"]) == (
        [],
        ["application 'web' in shop/production has no log, since it was never deployed"],
    )
    host.sim.act(set="web", fields={"dockerImage": "nginx:missing"})
    host.call("application.deploy", applicationId=ids[0])
    wait_until_idle(host)
    (warning,) = look(host, **WEB)["warnings"]
    assert "no deployment of it has succeeded so far. The status of the last one is error." in warning
    assert f"dokploy_deployment_info with application_id: {ids[0]} and log_lines: 50" in warning


def test_a_follow_and_its_live_lines(host: Host, web: str) -> None:
    told: list[str] = []

    def tell(text: str) -> None:
        if not told:
            host.sim.act(say="web", lines=["four"])
        told.append(text)

    host.line = tell
    found = look(host, **WEB, lines=1, follow=True, until="four")
    assert texts(found) == ["three", "four"]
    assert told == [f"shop/production/web | {one}" for one in found["lines"]]
    host.line = None
    assert look(host, **WEB, lines=2, follow=True, until="four")["lines"] == found["lines"]


def test_the_log_of_a_database(host: Host) -> None:
    host.sim.seed(project="shop")
    login: dict[str, Any] = {"database": "shop", "user": "shop", "password": "password-of-db"}
    host.ok(DATABASE, project="shop", name="db", type="postgres", state="deployed", verify_period=0, **login)
    host.sim.act(say="db", lines=["password-of-db", "ready"])
    found = look(host, project="shop", database="db", follow=True, until="ready")
    assert texts(found)[-2:] == ["********", "ready"]
    assert found["database_id"]
    # Only what is built has patches.
    assert "patch.byEntityId" not in host.sim.calls()


@pytest.mark.parametrize("type", ["docker-compose", "stack"])
def test_the_logs_of_a_stack(host: Host, type: str) -> None:
    host.sim.seed(project="shop")
    create_stack(host, type=type)
    host.ok(DEPLOYMENT, project="shop", compose="metrics", verify=False)
    for name in ("web", "db"):
        host.sim.act(say="metrics", lines=[f"of {name}"], service_name=name)
    found = look(host, project="shop", compose="metrics")
    assert {one["service"]: one["lines"][-1].partition("Z ")[2] for one in found["containers"]} == {
        "db": "of db",
        "web": "of web",
    }
    assert sorted(found["lines"]) == sorted(line for one in found["containers"] for line in one["lines"])
    only = look(host, project="shop", compose="metrics", service="db", follow=True, until="of db")
    assert [one["service"] for one in only["containers"]] == ["db"]
    assert (
        "no container of a service 'dbs'" in look(host, True, project="shop", compose="metrics", service="dbs")["msg"]
    )


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"lines": 0}, "lines is 0; it must be 1 to 10000"),
        ({"lines": 10001}, "lines is 10001"),
        ({"since": "yesterday"}, "since is 'yesterday'"),
        ({"search": "a;b"}, "search may hold only"),
        ({"service": ""}, "service must not be empty"),
        ({"service": "db"}, "service is for the services of a stack"),
        ({"until": "a"}, "until is not supported without follow=true"),
        ({"until": "", "follow": True}, "until must not be empty"),
        ({"until": "(", "follow": True}, "until is not a regular expression: missing )"),
    ],
)
def test_invalid_options(host: Host, web: str, options: dict[str, Any], words: str) -> None:
    failed = look(host, True, **WEB, **options)
    assert failed["error"]["kind"] == OptionError.kind
    assert words in failed["msg"]
