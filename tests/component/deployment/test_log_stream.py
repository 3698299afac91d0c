# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A streamed log: each line once, however it grows between two polls, and without secrets."""

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
from ansible_collections.community.dokploy.plugins.module_utils._resources.actions.deployment import (
    OPERATION as DEPLOYMENT,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.projects.project import OPERATION as PROJECT
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import (
    OPERATION as APPLICATION,
)
from ansible_collections.community.dokploy.plugins.module_utils._secrets.masking import MASK
from tests.support.fake_clients import ScriptedClient, reads
from tests.support.host import Host, validated
from tests.support.sample_rows import application


def tail(log: str, lines: int) -> str:
    """``tail -n``: the text after the last line break is a line, too."""
    whole = log.split("\n")
    rest = whole.pop()
    kept = [*(line + "\n" for line in whole), *([rest] if rest else [])]
    return "".join(kept[-lines:])


class Stream:
    """A stream and the lines that it has shown, without their prefix."""

    def __init__(self, row: dict[str, Any] | None = None, *script: Any) -> None:
        self._shown: list[str] = []
        self.client: Any = ScriptedClient(*script)
        self.log = LogStream(self.client, self._shown.append, "shop/web", row or application())

    @property
    def shown(self) -> list[str]:
        assert all(line.startswith("shop/web | ") for line in self._shown)
        return [line.partition(" | ")[2] for line in self._shown]

    def take(self, *answers: Any, last: bool = False) -> Stream:
        for number, answer in enumerate(answers):
            self.log.take(answer, last=last and number == len(answers) - 1)
        return self


# --- each line once --------------------------------------------------------------------------------------------------


_LINE = st.text("ab ", max_size=3)


@given(st.lists(_LINE, max_size=30), st.lists(st.integers(0, 130), max_size=8), st.booleans())
def test_each_line_of_a_short_log_is_shown_once(lines: list[str], cuts: list[int], end: bool) -> None:
    """With equal lines, blank lines, and polls in the middle of a line."""
    log = "".join(line + "\n" for line in lines)
    log = log if end else log.rstrip("\n")
    looks = [log[:cut] for cut in sorted(cuts)]
    text = Stream().take(*looks, log, last=True).shown
    # A single line break means that there is no log.
    whole = [] if log in ("", "\n") else log.removesuffix("\n").split("\n")
    assert text == whole


@given(st.integers(0, 60), st.integers(2, 20), st.lists(st.integers(0, 600), max_size=8))
def test_each_line_of_a_long_log_is_shown_once_or_reported_as_skipped(count: int, most: int, cuts: list[int]) -> None:
    """For every limit of the server: a skipped line was in no answer."""
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
    assert stream.shown == expected
    if count <= most:
        assert expected == lines


def test_skipped_lines_are_reported_in_their_place() -> None:
    looks = [tail("".join(f"{number}\n" for number in range(count)), 3) for count in (2, 4, 9, 10)]
    assert Stream().take(*looks).shown == ["0", "1", "2", "3", SKIPPED, "6", "7", "8", "9"]


def test_a_late_start_shows_the_last_lines() -> None:
    log = "".join(f"{number}\n" for number in range(3 * TAIL))
    assert Stream().take(tail(log, TAIL)).shown == [str(number) for number in range(2 * TAIL, 3 * TAIL)]


@pytest.mark.parametrize(
    ("seen", "lines", "new"),
    [
        ([], [], []),
        ([], ["a"], ["a"]),
        (["a"], ["a"], []),
        (["a"], ["a", "b"], ["b"]),
        (["a", "b", "c"], ["b", "c", "d"], ["d"]),
        (["a", "b"], ["b"], []),
        # Equal lines: as few as possible are new.
        (["a", "a"], ["a", "a", "a"], ["a"]),
        (["x", "a", "a"], ["a", "a", "b"], ["b"]),
        # Without an overlap.
        (["a"], ["b"], None),
        # The log was cleared.
        (["a"], [], []),
    ],
)
def test_new_lines(seen: list[str], lines: list[str], new: list[str] | None) -> None:
    assert new_lines(seen, lines) == new


@given(st.lists(_LINE, max_size=12), st.integers(0, 12), st.integers(0, 12))
def test_new_lines_are_the_end_of_the_answer(lines: list[str], cut: int, start: int) -> None:
    new = new_lines(lines[:cut], lines[start:])
    assert new is None or new == lines[start:][len(lines[start:]) - len(new) :]


# --- the lines -------------------------------------------------------------------------------------------------------


def test_a_line_is_shown_when_it_is_complete() -> None:
    stream = Stream().take("one\ntw")
    assert stream.shown == ["one"]
    assert stream.take("one\ntwo\n").shown == ["one", "two"]


def test_the_last_line_needs_no_line_break() -> None:
    assert Stream().take("one\ntw", "one\ntwo", last=True).shown == ["one", "two"]


def test_a_progress_bar_is_shown_when_it_has_ended() -> None:
    stream = Stream().take("Pulling\n10%\r", "Pulling\n10%\r50%\r")
    assert stream.shown == ["Pulling"]
    assert stream.take("Pulling\n10%\r50%\r100%\nDone\n").shown == ["Pulling", "100%", "Done"]


def test_colours_and_carriage_returns_are_removed() -> None:
    assert Stream().take("\x1b[32mok\x1b[0m\r\n\x1b]0;t\x07x\x00\r\n").shown == ["ok", "x"]


def test_blank_lines_are_shown() -> None:
    assert Stream().take("\n\none\n\n", "\n\none\n\ntwo\n").shown == ["", "", "one", "", "two"]


@pytest.mark.parametrize("nothing", [None, "", "\n"])
def test_a_missing_log_has_no_lines(nothing: Any) -> None:
    """For a deployment on a build server, every answer is a line break."""
    assert Stream().take(nothing, nothing, last=True).shown == []
    assert Stream().take(nothing, "one\n").shown == ["one"]


def test_a_log_that_reappears_continues() -> None:
    assert Stream().take("one\n", "\n", "", "one\ntwo\n").shown == ["one", "two"]


def test_a_removed_log_ends() -> None:
    assert Stream().take("one\n", "\n", "\n", last=True).shown == ["one"]


# --- secrets ---------------------------------------------------------------------------------------------------------

PEM = "-----BEGIN KEY-----\nMIIEvgIBADANBgkq\n-----END KEY-----"
ROW = application(env=f'TOKEN=hunter2\nKEY="{PEM}"', buildSecrets="S=s3cret")


def test_secrets_are_masked() -> None:
    log = f"TOKEN is hunter2\nbuilt with s3cret\n{PEM}\nend\n"
    assert Stream(ROW).take(log).shown == [f"TOKEN is {MASK}", f"built with {MASK}", MASK, "end"]


@given(st.lists(st.integers(0, 80), max_size=5))
def test_secrets_are_masked_wherever_a_poll_cuts_them(cuts: list[int]) -> None:
    log = f"start hunter2 hunter2\n{PEM}\nhun\x1b[1mter2 end\n"
    text = "\n".join(Stream(ROW).take(*(log[:cut] for cut in sorted(cuts)), log, last=True).shown)
    for secret in ("hunter2", *PEM.split("\n")[1:-1]):
        assert secret not in text
    assert text.startswith(f"start {MASK} {MASK}\n")
    assert text.endswith(f"\n{MASK} end")


def test_control_characters_do_not_prevent_masking() -> None:
    assert Stream(ROW).take("hun\x1b[1mter2 hun\x00ter2\n").shown == [f"{MASK} {MASK}"]


# --- logs that cannot be read ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "error", [UnknownProcedure("404"), NotFoundError("404"), PermissionDenied("401"), ServerError("500")]
)
def test_an_unreadable_log_is_not_queried_again(error: DokployError) -> None:
    stream = Stream().take(error)
    assert (stream.log.open, stream.shown) == (False, [])
    stream.log.finish("d")
    assert stream.client.sent == []


@pytest.mark.parametrize("error", [ServerError("500"), ConnectionFailed("refused")])
def test_an_unreadable_end_is_no_error(error: DokployError) -> None:
    stream = Stream(None, reads("deployment.readLogs", error, deploymentId="d", tail=TAIL))
    stream.take("one\n")
    stream.log.finish("d")
    assert (stream.log.open, stream.log.complete, stream.shown) == (False, False, ["one"])
    stream.client.done()


def test_the_end_shows_the_lines_since_the_last_poll() -> None:
    stream = Stream(None, reads("deployment.readLogs", "one\ntwo\nend", deploymentId="d", tail=TAIL))
    stream.take("one\n")
    stream.log.finish("d")
    assert stream.shown == ["one", "two", "end"]
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


def streamed(host: Host, **options: Any) -> tuple[dict[str, Any], list[str]]:
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


def test_all_lines_of_a_build_are_shown_with_the_path_of_the_application(host: Host) -> None:
    resource_id = web(host, docker={"image": "nginx"}, env={"TOKEN": "hunter2"})
    said = [f"step {number}" for number in range(40)]
    host.sim.config(builds=[{"image": "nginx", "log": [*said, "10%\r", "with hunter2"], "seconds": 0.3}])
    result, lines = streamed(host, follow=True)
    assert result["deployment"]["status"] == "done"
    assert all(line.startswith("shop/production/web | ") for line in lines)
    shown = [line.partition(" | ")[2] for line in lines]
    assert shown[-1] == "✅ Pulling image completed."
    assert [line for line in shown if line.startswith("step")] == said
    assert f"with {MASK}" in shown
    expected = [line.rpartition("\r")[2].replace("hunter2", MASK) for line in log_of(host, resource_id)]
    assert shown == expected


def test_a_failed_build_shows_its_log_and_ends_its_message_with_it(host: Host) -> None:
    resource_id = web(host, docker={"image": "missing"})
    result, lines = streamed(host, follow=True, log_lines=1)
    assert result["error"]["kind"] == "deployment"
    assert [line.partition(" | ")[2] for line in lines] == log_of(host, resource_id)
    # Without what Dokploy writes at the end of the log of each failed build.
    assert result["log"] == [lines[-3].partition(" | ")[2]] == ["❌ Pulling image failed"]


def test_no_log_is_read_without_the_option_or_an_output(host: Host) -> None:
    web(host, docker={"image": "nginx"})
    host.sim.reset_stats()
    assert streamed(host, follow=False)[1] == []
    assert "deployment.readLogs" not in host.sim.calls()
    host.ok(DEPLOYMENT, **WEB, trigger="always", follow=True)
    assert "deployment.readLogs" not in host.sim.calls()


def test_a_server_without_logs_is_queried_once(host: Host) -> None:
    host.sim.config(version="0.29.4", build_seconds=0.2)
    web(host, docker={"image": "nginx"})
    host.sim.reset_stats()
    result, lines = streamed(host, follow=True)
    assert result["deployment"]["status"] == "done"
    assert lines == []
    unknown = [call for call in host.sim.stats()["journal"] if call["procedure"] == "deployment.readLogs"]
    assert len(unknown) == 1


def test_several_logs_have_their_own_prefix(host: Host) -> None:
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


def test_more_lines_than_one_answer_holds(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracker, "TAIL", 5)
    web(host, docker={"image": "nginx"})
    host.sim.config(builds=[{"image": "nginx", "log": [f"step {number}" for number in range(50)], "seconds": 0}])
    result, lines = streamed(host, follow=True)
    assert result["deployment"]["status"] == "done"
    shown = [line.partition(" | ")[2] for line in lines]
    assert shown[-1] == "✅ Pulling image completed."
    assert len(shown) < 20
