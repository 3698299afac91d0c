# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A log that is followed: each line once, however it grows between two looks, and none with a secret in it."""

from __future__ import annotations

import itertools
import time
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.community.dokploy.plugins.module_utils._deployment import tracker
from ansible_collections.community.dokploy.plugins.module_utils._deployment.tracker import (
    SKIPPED,
    TAIL,
    LogStream,
    new_lines,
)
from ansible_collections.community.dokploy.plugins.module_utils._engine.runner import run
from ansible_collections.community.dokploy.plugins.module_utils._engine.wait import Waiter
from ansible_collections.community.dokploy.plugins.module_utils._errors import (
    ConnectionFailed,
    DokployError,
    NotFoundError,
    PermissionDenied,
    ServerError,
    UnknownProcedure,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.application import OPERATION as APPLICATION
from ansible_collections.community.dokploy.plugins.module_utils._resources.deployment import OPERATION as DEPLOYMENT
from ansible_collections.community.dokploy.plugins.module_utils._resources.project import OPERATION as PROJECT
from ansible_collections.community.dokploy.plugins.module_utils._secrets.patterns import MASK
from tests.support.fake_clients import ScriptedClient, reads
from tests.support.host import Host, validated
from tests.support.sample_rows import application


def tail(log: str, lines: int) -> str:
    """``tail -n``: a part behind the last line break is a line as well."""
    whole = log.split("\n")
    rest = whole.pop()
    kept = [*(line + "\n" for line in whole), *([rest] if rest else [])]
    return "".join(kept[-lines:])


class Stream:
    """A stream and the lines that it told, without what stands before each."""

    def __init__(self, row: dict[str, Any] | None = None, *script: Any) -> None:
        self._told: list[str] = []
        self.client: Any = ScriptedClient(*script)
        self.log = LogStream(self.client, self._told.append, "shop/web", row or application())

    @property
    def told(self) -> list[str]:
        assert all(line.startswith("shop/web | ") for line in self._told)
        return [line.partition(" | ")[2] for line in self._told]

    def take(self, *answers: Any, last: bool = False) -> Stream:
        for number, answer in enumerate(answers):
            self.log.take(answer, last=last and number == len(answers) - 1)
        return self


# --- each line once --------------------------------------------------------------------------------------------------


_LINE = st.text("ab ", max_size=3)


@given(st.lists(_LINE, max_size=30), st.lists(st.integers(0, 130), max_size=8), st.booleans())
def test_each_line_of_a_short_log_is_told_once_wherever_it_is_cut(lines: list[str], cuts: list[int], end: bool) -> None:
    """Lines that are the same, blank ones, looks in the middle of a line: while a log is short, all of it comes."""
    log = "".join(line + "\n" for line in lines)
    log = log if end else log.rstrip("\n")
    looks = [log[:cut] for cut in sorted(cuts)]
    told = Stream().take(*looks, log, last=True).told
    # A log of a single line break is one that is not there.
    whole = [] if log in ("", "\n") else log.removesuffix("\n").split("\n")
    assert told == whole


@given(st.integers(0, 60), st.integers(2, 20), st.lists(st.integers(0, 600), max_size=8))
def test_each_line_of_a_long_log_is_told_once_or_it_is_said_that_some_are_missing(
    count: int, most: int, cuts: list[int]
) -> None:
    """Whatever the server's limit is, as long as no line comes twice: what is missing was never in an answer."""
    lines = [f"line {number}" for number in range(count)]
    log = "".join(line + "\n" for line in lines)
    stream, seen, expected = Stream(), -1, []
    for cut in [*sorted(cuts), len(log)]:
        answer = tail(log[:cut], most)
        stream.take(answer)
        whole = [int(line.split()[1]) for line in answer.split("\n")[:-1]]
        if whole and 0 <= seen < whole[0]:
            expected.append(SKIPPED)
        expected += [f"line {number}" for number in whole if number > seen]
        seen = max([seen, *whole])
    assert stream.told == expected
    if count <= most:
        assert expected == lines


def test_what_is_missing_is_said_where_it_is_missing() -> None:
    looks = [tail("".join(f"{number}\n" for number in range(count)), 3) for count in (2, 4, 9, 10)]
    assert Stream().take(*looks).told == ["0", "1", "2", "3", SKIPPED, "6", "7", "8", "9"]


def test_a_log_that_is_joined_late_begins_with_its_last_lines() -> None:
    log = "".join(f"{number}\n" for number in range(3 * TAIL))
    assert Stream().take(tail(log, TAIL)).told == [str(number) for number in range(2 * TAIL, 3 * TAIL)]


@pytest.mark.parametrize(
    ("seen", "lines", "fresh"),
    [
        ([], [], []),
        ([], ["a"], ["a"]),
        (["a"], ["a"], []),
        (["a"], ["a", "b"], ["b"]),
        (["a", "b", "c"], ["b", "c", "d"], ["d"]),
        (["a", "b"], ["b"], []),
        # The same line again and again: as few as can be are new.
        (["a", "a"], ["a", "a", "a"], ["a"]),
        (["x", "a", "a"], ["a", "a", "b"], ["b"]),
        # They do not meet.
        (["a"], ["b"], None),
        # There is no log any more.
        (["a"], [], []),
    ],
)
def test_what_is_new(seen: list[str], lines: list[str], fresh: list[str] | None) -> None:
    assert new_lines(seen, lines) == fresh


@given(st.lists(_LINE, max_size=12), st.integers(0, 12), st.integers(0, 12))
def test_what_is_new_ends_what_was_read(lines: list[str], cut: int, start: int) -> None:
    fresh = new_lines(lines[:cut], lines[start:])
    assert fresh is None or fresh == lines[start:][len(lines[start:]) - len(fresh) :]


# --- the lines -------------------------------------------------------------------------------------------------------


def test_a_line_is_told_when_it_is_whole() -> None:
    stream = Stream().take("one\ntw")
    assert stream.told == ["one"]
    assert stream.take("one\ntwo\n").told == ["one", "two"]


def test_the_last_line_need_not_end() -> None:
    assert Stream().take("one\ntw", "one\ntwo", last=True).told == ["one", "two"]


def test_progress_is_told_when_it_has_come_to_its_end() -> None:
    stream = Stream().take("Pulling\n10%\r", "Pulling\n10%\r50%\r")
    assert stream.told == ["Pulling"]
    assert stream.take("Pulling\n10%\r50%\r100%\nDone\n").told == ["Pulling", "100%", "Done"]


def test_colours_and_other_ends_of_lines_are_not_told() -> None:
    assert Stream().take("\x1b[32mok\x1b[0m\r\n\x1b]0;t\x07x\x00\r\n").told == ["ok", "x"]


def test_blank_lines_are_lines() -> None:
    assert Stream().take("\n\none\n\n", "\n\none\n\ntwo\n").told == ["", "", "one", "", "two"]


@pytest.mark.parametrize("nothing", [None, "", "\n"])
def test_a_log_that_is_not_there_has_no_lines(nothing: Any) -> None:
    """Of one on a build server the answer is a line break, from the beginning to the end."""
    assert Stream().take(nothing, nothing, last=True).told == []
    assert Stream().take(nothing, "one\n").told == ["one"]


def test_a_log_that_is_back_goes_on_where_it_was() -> None:
    assert Stream().take("one\n", "\n", "", "one\ntwo\n").told == ["one", "two"]


def test_a_log_that_is_removed_ends_there() -> None:
    assert Stream().take("one\n", "\n", "\n", last=True).told == ["one"]


# --- secrets ---------------------------------------------------------------------------------------------------------

PEM = "-----BEGIN KEY-----\nMIIEvgIBADANBgkq\n-----END KEY-----"
ROW = application(env=f'TOKEN=hunter2\nKEY="{PEM}"', buildSecrets="S=s3cret")


def test_no_secret_is_told() -> None:
    log = f"TOKEN is hunter2\nbuilt with s3cret\n{PEM}\nend\n"
    assert Stream(ROW).take(log).told == [f"TOKEN is {MASK}", f"built with {MASK}", MASK, "end"]


@given(st.lists(st.integers(0, 80), max_size=5))
def test_no_secret_is_told_wherever_a_look_cuts_it(cuts: list[int]) -> None:
    log = f"start hunter2 hunter2\n{PEM}\nhun\x1b[1mter2 end\n"
    told = "\n".join(Stream(ROW).take(*(log[:cut] for cut in sorted(cuts)), log, last=True).told)
    for secret in ("hunter2", *PEM.split("\n")[1:-1]):
        assert secret not in told
    assert told.startswith(f"start {MASK} {MASK}\n")
    assert told.endswith(f"\n{MASK} end")


def test_what_a_terminal_does_not_show_hides_no_secret() -> None:
    assert Stream(ROW).take("hun\x1b[1mter2 hun\x00ter2\n").told == [f"{MASK} {MASK}"]


# --- logs that cannot be read ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "error", [UnknownProcedure("404"), NotFoundError("404"), PermissionDenied("401"), ServerError("500")]
)
def test_what_cannot_be_read_is_not_asked_for_again(error: DokployError) -> None:
    stream = Stream().take(error)
    assert (stream.log.open, stream.told) == (False, [])
    stream.log.finish("d")
    assert stream.client.sent == []


@pytest.mark.parametrize("error", [ServerError("500"), ConnectionFailed("refused")])
def test_an_end_that_cannot_be_read_is_no_error(error: DokployError) -> None:
    stream = Stream(None, reads("deployment.readLogs", error, deploymentId="d", tail=TAIL))
    stream.take("one\n")
    stream.log.finish("d")
    assert (stream.log.open, stream.log.complete, stream.told) == (False, False, ["one"])
    stream.client.done()


def test_the_end_is_what_came_since_the_last_look() -> None:
    stream = Stream(None, reads("deployment.readLogs", "one\ntwo\nend", deploymentId="d", tail=TAIL))
    stream.take("one\n")
    stream.log.finish("d")
    assert stream.told == ["one", "two", "end"]
    assert stream.log.complete


def test_the_query() -> None:
    call = Stream().log.call("d")
    assert (call.procedure, call.input) == ("deployment.readLogs", {"deploymentId": "d", "tail": TAIL})


# --- in a real run ---------------------------------------------------------------------------------------------------

WEB: dict[str, Any] = {"project": "shop", "environment": "production", "application": "web", "verify": False}


def web(host: Host, **options: Any) -> str:
    host.ok(PROJECT, name="shop")
    made = host.ok(APPLICATION, project="shop", environment="production", name="web", **options)
    host.new_task()
    return str(made["application"]["application_id"])


def told(host: Host, **options: Any) -> tuple[dict[str, Any], list[str]]:
    lines: list[str] = []
    result = run(
        DEPLOYMENT,
        validated(DEPLOYMENT, **host.connection, **{**WEB, **options}),
        host.open,
        check_mode=False,
        diff_mode=False,
        waiter=Waiter(sleep=lambda seconds: time.sleep(min(seconds, 0.01)), line=lines.append),
    )
    return result, lines


def log_of(host: Host, resource_id: str) -> Sequence[str]:
    newest = host.read("deployment.all", applicationId=resource_id)[0]["deploymentId"]
    log: str = host.read("deployment.readLogs", deploymentId=newest)
    return log.rstrip("\n").split("\n")


def test_all_lines_of_a_build_are_told_with_the_application_before_them(host: Host) -> None:
    resource_id = web(host, docker={"image": "nginx"}, env={"TOKEN": "hunter2"})
    said = [f"step {number}" for number in range(40)]
    host.sim.config(builds=[{"image": "nginx", "log": [*said, "10%\r", "with hunter2"], "seconds": 0.3}])
    result, lines = told(host, follow=True)
    assert result["deployment"]["status"] == "done"
    assert all(line.startswith("shop/production/web | ") for line in lines)
    shown = [line.partition(" | ")[2] for line in lines]
    assert shown[-1] == "✅ Pulling image completed."
    assert [line for line in shown if line.startswith("step")] == said
    assert f"with {MASK}" in shown
    expected = [line.rpartition("\r")[2].replace("hunter2", MASK) for line in log_of(host, resource_id)]
    assert shown == expected


def test_a_build_that_fails_tells_its_log_and_ends_its_message_with_it(host: Host) -> None:
    resource_id = web(host, docker={"image": "missing"})
    result, lines = told(host, follow=True, log_lines=1)
    assert result["error"]["kind"] == "deployment"
    assert [line.partition(" | ")[2] for line in lines] == log_of(host, resource_id)
    assert result["log"] == [lines[-1].partition(" | ")[2]]


def test_nothing_is_told_without_the_option_or_without_anybody_who_listens(host: Host) -> None:
    web(host, docker={"image": "nginx"})
    host.sim.reset_stats()
    assert told(host, follow=False)[1] == []
    assert "deployment.readLogs" not in host.sim.calls()
    host.ok(DEPLOYMENT, **WEB, trigger="always", follow=True)
    assert "deployment.readLogs" not in host.sim.calls()


def test_a_server_that_has_no_logs_is_asked_once(host: Host) -> None:
    host.sim.config(version="0.29.4", build_seconds=0.2)
    web(host, docker={"image": "nginx"})
    host.sim.reset_stats()
    result, lines = told(host, follow=True)
    assert result["deployment"]["status"] == "done"
    assert lines == []
    unknown = [call for call in host.sim.stats()["journal"] if call["procedure"] == "deployment.readLogs"]
    assert len(unknown) == 1


def test_several_are_told_apart(host: Host) -> None:
    web(host, docker={"image": "nginx"})
    host.sim.seed(applications=1, project="other", name="api", fields={"sourceType": "docker", "dockerImage": "nginx"})
    handles = []
    for place in (WEB, {"project": "other", "application": "api"}):
        host.new_task()
        handles.append(host.ok(DEPLOYMENT, **{**place, "verify": False, "wait": False})["handle"])
    lines: list[str] = []
    params = validated(DEPLOYMENT, **host.connection, state="finished", handles=handles, verify=False, follow=True)
    waiter = Waiter(sleep=lambda seconds: time.sleep(min(seconds, 0.01)), line=lines.append)
    run(DEPLOYMENT, params, host.open, check_mode=False, diff_mode=False, waiter=waiter)
    names = [line.partition(" | ")[0] for line in lines]
    assert set(names) == {"shop/production/web", "other/production/api"}
    # The server builds one after the other.
    assert [name for name, _lines in itertools.groupby(names)] == ["shop/production/web", "other/production/api"]


def test_more_lines_than_one_look_holds(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracker, "TAIL", 5)
    web(host, docker={"image": "nginx"})
    host.sim.config(builds=[{"image": "nginx", "log": [f"step {number}" for number in range(50)], "seconds": 0}])
    result, lines = told(host, follow=True)
    assert result["deployment"]["status"] == "done"
    shown = [line.partition(" | ")[2] for line in lines]
    assert shown[-1] == "✅ Pulling image completed."
    assert len(shown) < 20
