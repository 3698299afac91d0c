# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Polling several things in one request: the queries, the results, outages and notices."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.community.dokploy.plugins.module_utils._api.client import Call, Client, ClientConfig
from ansible_collections.community.dokploy.plugins.module_utils._engine.wait import (
    INTERVAL_MAX,
    NOTICE_FIRST,
    NOTICE_MAX,
    OUTAGE,
    Poll,
    Polls,
    Waiter,
    wait_for,
    wait_together,
)
from ansible_collections.community.dokploy.plugins.module_utils._errors import (
    AuthenticationError,
    ConnectionFailed,
    DokployError,
    NotFoundError,
    PermissionDenied,
    ProtocolError,
    RateLimitError,
    RedirectError,
    ServerError,
    TLSError,
    WaitTimeout,
)
from tests.support.fake_clients import FakeClock, TimedAnswer, TimedClient


class Thing(Poll):
    """A poll whose result is its answer; an error is raised."""

    def __init__(self, words: str, *asks: str, state: str = "going on") -> None:
        self.label, self.state = words, state
        self.bad: TimedAnswer | None = None
        self._asks = asks or (f"look.{words}",)

    def calls(self) -> list[Call]:
        return [Call(name, {}) for name in self._asks]

    def judge(self, answers: Sequence[Any], elapsed: float) -> Any:
        assert len(answers) == len(self._asks)
        if self.bad is not None and self.bad.at(elapsed) is not None:
            raise self.bad.at(elapsed)
        if isinstance(answers[0], DokployError):
            raise answers[0]
        return answers[0]

    def expired(self, timeout: float) -> DokployError:
        return WaitTimeout(f"{self.label}: not after {timeout:g} s")


class Waited:
    """One wait with its results, in ``found``, its requests, in ``client``, and its notices."""

    def __init__(
        self, looks: Sequence[Thing], timeout: float = 600, heard: bool = True, judges: Any = None, **answers: Any
    ) -> None:
        for look in looks:
            look.bad = judges
        self.clock = FakeClock()
        self.client: Any = TimedClient(self.clock)
        self.client.answers = answers
        self.progress: list[str] = []
        self.notices: list[tuple[float, str]] = []

        def notice(line: str) -> None:
            self.notices.append((self.client.passed, line))

        waiter = Waiter(self.clock, self.clock.sleep, self.progress.append, notice if heard else None)
        self.error: DokployError | None = None
        self.found: list[Any] = []
        try:
            self.found = wait_for(self.client, waiter, looks, timeout)
        except DokployError as error:
            self.error = error

    @property
    def passed(self) -> float:
        passed: float = self.client.passed
        return passed


class Chain(Thing):
    """A thing whose further queries depend on the answers before: each answer is the name of the next one."""

    def further(self, answers: Sequence[Any]) -> list[Call]:
        return [Call(f"look.{answers[-1]}", {})] if isinstance(answers[-1], str) else []

    def judge(self, answers: Sequence[Any], elapsed: float) -> Any:
        return list(answers)


def of(**answers: Any) -> dict[str, Any]:
    return {f"look.{name}": answer for name, answer in answers.items()}


# --- queries ---------------------------------------------------------------------------------------------------------


def test_further_queries_of_several_polls_share_requests() -> None:
    waited = Waited([Chain("a"), Thing("b"), Chain("c")], **of(a="x", b="done", c="y", x="z", y=1, z=2))
    assert waited.found == [["x", "z", 2], "done", ["y", 1]]
    asked = [[name for name, _input in request] for request in waited.client.asked]
    assert asked == [["look.a", "look.b", "look.c"], ["look.x", "look.y"], ["look.z"]]


def test_pending_polls_share_one_request_and_finished_ones_are_not_repeated() -> None:
    late = TimedAnswer((0, None), (5, "second"))
    waited = Waited([Thing("a"), Thing("b"), Thing("c")], **of(a="first", b=late, c=late))
    assert waited.found == ["first", "second", "second"]
    asked = [[name for name, _input in request] for request in waited.client.asked]
    assert asked[0] == ["look.a", "look.b", "look.c"]
    assert {tuple(request) for request in asked[1:]} == {("look.b", "look.c")}
    assert len(asked) > 3


def test_equal_queries_are_sent_once() -> None:
    looks = [Thing("a", "one.a", "all.queue"), Thing("b", "one.b", "all.queue"), Thing("c", "one.a", "all.queue")]
    waited = Waited(looks, **{"one.a": "a", "one.b": "b", "all.queue": None})
    assert waited.client.asked == [[("one.a", {}), ("all.queue", {}), ("one.b", {})]]
    assert waited.found == ["a", "b", "a"]


def test_every_poll_gets_its_own_answers_in_its_own_order() -> None:
    looks = [Thing("a", "one.a", "all.queue"), Thing("b", "all.queue", "one.b")]
    assert Waited(looks, **{"one.a": "a", "one.b": "b", "all.queue": "queue"}).found == ["a", "queue"]


def test_without_polls_there_is_no_request() -> None:
    client = Client(ClientConfig(url="http://127.0.0.1:1", api_key="k" * 20))
    assert wait_for(client, Waiter(sleep=lambda _seconds: pytest.fail("slept")), [], 600) == []
    assert client.transport.requests_made == 0


@pytest.mark.parametrize("empty", [[], {}, 0, False, ""])
def test_an_empty_result_ends_the_wait(empty: Any) -> None:
    waited = Waited([Thing("a")], **of(a=empty))
    assert (waited.found, waited.clock.pauses) == ([empty], [])


# --- results ---------------------------------------------------------------------------------------------------------


def test_the_error_of_one_does_not_stop_the_others() -> None:
    bad = NotFoundError("b is gone")
    waited = Waited([Thing("a"), Thing("b"), Thing("c")], **of(a=TimedAnswer((0, None), (9, 1)), b=bad, c=2))
    assert waited.found == [1, bad, 2]


def test_only_pending_polls_expire() -> None:
    waited = Waited([Thing("a"), Thing("b"), Thing("c")], timeout=30, **of(a=None, b="b", c=None))
    assert waited.found[1] == "b"
    assert [str(waited.found[number]) for number in (0, 2)] == ["a: not after 30 s", "c: not after 30 s"]
    assert waited.passed == pytest.approx(30)


def test_the_result_of_the_last_poll_counts() -> None:
    assert Waited([Thing("a")], timeout=30, **of(a=TimedAnswer((0, None), (29.99, "just")))).found == ["just"]


def test_a_timeout_of_zero_polls_once() -> None:
    waited = Waited([Thing("a"), Thing("b")], timeout=0, **of(a="a", b=None))
    assert waited.found[0] == "a"
    assert isinstance(waited.found[1], WaitTimeout)
    assert (len(waited.client.asked), waited.clock.pauses) == (1, [])


# Half seconds: a clock of floats that starts at 1000 knows no smaller ones than 1e-13.
_WHEN = st.integers(0, 120).map(lambda halves: halves / 2)


@given(st.lists(st.tuples(_WHEN, st.booleans()), min_size=1, max_size=6), _WHEN.map(lambda when: when + 0.25))
def test_the_results_are_in_order_whenever_they_come(plan: list[tuple[float, bool]], timeout: float) -> None:
    ends: dict[str, Any] = {}
    answers: dict[str, Any] = {}
    for number, (when, fails) in enumerate(plan):
        name = f"n{number}"
        ends[name] = NotFoundError(name) if fails else name
        answers[name] = TimedAnswer((0, None), (when, ends[name])) if when else ends[name]
    waited = Waited([Thing(name) for name in ends], timeout=timeout, **of(**answers))
    for (name, end), (when, _fails), found in zip(ends.items(), plan, waited.found, strict=True):
        if when < timeout:
            assert found is end
        else:
            assert str(found) == f"{name}: not after {timeout:g} s"
    assert waited.passed <= timeout + 1e-6


# --- outages ---------------------------------------------------------------------------------------------------------


def cut() -> ProtocolError:
    error = ProtocolError("the answer broke off")
    error.cut = True
    return error


AWAY = [
    ConnectionFailed("refused"),
    *(ServerError("a proxy", status=status) for status in (502, 503, 504)),
    cut(),
]


@pytest.mark.parametrize("error", AWAY)
@pytest.mark.parametrize("seconds", [1, OUTAGE - 2 * INTERVAL_MAX])
def test_a_short_outage_is_waited_out(error: DokployError, seconds: float) -> None:
    away = TimedAnswer((0, None), (3, error), (3 + seconds, None))
    waited = Waited([Thing("a"), Thing("b")], **{"*": away}, **of(a=TimedAnswer((0, None), (4, 1)), b=2))
    assert (waited.error, waited.found) == (None, [1, 2])
    assert waited.passed >= 3 + seconds
    assert waited.progress == ["https://dokploy.example.com/api does not answer"]


@pytest.mark.parametrize("error", AWAY)
def test_a_long_outage_ends_the_wait_with_its_error(error: DokployError) -> None:
    waited = Waited([Thing("a")], **{"*": TimedAnswer((0, None), (50, error))}, **of(a=None))
    assert waited.error is error
    assert OUTAGE <= waited.passed - 50 <= OUTAGE + 2 * INTERVAL_MAX


def test_an_outage_from_the_beginning_is_waited_out_as_long() -> None:
    assert Waited([Thing("a")], **{"*": TimedAnswer((0, AWAY[0]), (60, None))}, **of(a=1)).found == [1]
    waited = Waited([Thing("a")], **{"*": AWAY[0]}, **of(a=1))
    assert waited.error is AWAY[0]
    assert OUTAGE <= waited.passed <= OUTAGE + 2 * INTERVAL_MAX


@pytest.mark.parametrize("error", AWAY)
def test_a_transient_error_of_one_poll_is_waited_out(error: DokployError) -> None:
    """A poll may send further requests."""
    waited = Waited([Thing("a"), Thing("b")], **of(a=1, b=2), judges=TimedAnswer((0, error), (4, None)))
    assert waited.found == [1, 2]
    assert waited.passed >= 4


def test_two_outages_are_counted_separately() -> None:
    gone = TimedAnswer((0, None), (1, AWAY[0]), (100, None), (110, AWAY[1]), (220, None))
    assert Waited([Thing("a")], **{"*": gone}, **of(a=TimedAnswer((0, None), (200, 1)))).found == [1]


def test_the_timeout_ends_an_outage() -> None:
    waited = Waited(
        [Thing("a"), Thing("b")], timeout=40, **{"*": TimedAnswer((0, None), (5, AWAY[0]))}, **of(a=1, b=None)
    )
    assert waited.error is None
    assert waited.found[0] == 1
    assert str(waited.found[1]) == "b: not after 40 s"


@pytest.mark.parametrize(
    "error",
    [
        TLSError("the certificate does not verify"),
        AuthenticationError("the key is not accepted", status=401),
        RateLimitError("the key is spent", status=401),
        PermissionDenied("not permitted", status=401),
        ServerError("failed on the server", status=500),
        ServerError("failed on the server", status=501),
        ProtocolError("an HTML page", status=200),
        RedirectError("is redirected", status=302),
    ],
)
def test_other_errors_of_the_request_end_the_wait_at_once(error: DokployError) -> None:
    waited = Waited([Thing("a"), Thing("b")], **{"*": TimedAnswer((0, None), (5, error))}, **of(a=1, b=None))
    assert waited.error is error
    assert waited.passed <= 5 + INTERVAL_MAX


@pytest.mark.parametrize("error", [PermissionDenied("not permitted", status=401), KeyboardInterrupt()])
def test_what_is_interrupted_leaves_things_as_they_were(error: BaseException) -> None:
    """Each wait, also where tidying up fails for one of them."""
    left: list[str] = []

    def course(label: str) -> Polls:
        try:
            yield Thing(label), 600.0
        finally:
            left.append(label)
            raise NotFoundError("it is gone")

    clock = FakeClock()
    client: Any = TimedClient(clock)
    client.answers = {"*": TimedAnswer((0, None), (5, error)), **of(a=None, b=None)}
    with pytest.raises(type(error)):
        wait_together(client, Waiter(clock, clock.sleep), [course("a"), course("b")])
    assert left == ["a", "b"]


# --- notices ---------------------------------------------------------------------------------------------------------


def test_a_short_wait_has_no_notice() -> None:
    waited = Waited([Thing("a")], **of(a=TimedAnswer((0, None), (NOTICE_FIRST - 1, 1))))
    assert (waited.found, waited.notices) == ([1], [])


def test_a_notice_leaves_out_finished_polls() -> None:
    waited = Waited([Thing("a"), Thing("b")], **of(a=None, b=TimedAnswer((0, None), (NOTICE_FIRST - 1, 1))), timeout=12)
    assert [line.partition(" after")[0] for _when, line in waited.notices] == ["1 of 2 still pending"]


def test_notices_are_optional() -> None:
    waited = Waited([Thing("a")], heard=False, **of(a=TimedAnswer((0, None), (300, 1))))
    assert (waited.found, waited.notices) == ([1], [])


def test_the_interval_of_notices_grows() -> None:
    waited = Waited([Thing("a")], timeout=3600, **of(a=None))
    times = [when for when, _line in waited.notices]
    assert NOTICE_FIRST <= times[0] <= NOTICE_FIRST + INTERVAL_MAX
    gaps = [after - before for before, after in itertools.pairwise(times)]
    assert all(NOTICE_FIRST <= gap <= NOTICE_MAX + INTERVAL_MAX for gap in gaps)
    assert gaps[-1] >= NOTICE_MAX
    # Five minutes are told of in eight lines or so, and an hour in about sixty.
    assert len([when for when in times if when <= 300]) in range(6, 11)
    assert len(times) in range(50, 70)


def test_the_notice_of_one_poll_has_its_label_and_the_seconds() -> None:
    waited = Waited([Thing("web", state="building")], timeout=12, **of(web=None))
    (when, line), *more = waited.notices
    assert (line, more) == (f"web: building, {int(when)} s", [])


@pytest.mark.parametrize(
    ("count", "line"),
    [
        (2, "2 of 2 still pending after %d s (n0: going on; n1: going on)"),
        (3, "3 of 3 still pending after %d s (n0: going on; n1: going on; n2: going on)"),
        (4, "4 of 4 still pending after %d s (n0: going on; n1: going on; n2: going on; and 1 more)"),
        (9, "9 of 9 still pending after %d s (n0: going on; n1: going on; n2: going on; and 6 more)"),
    ],
)
def test_a_notice_names_three_polls(count: int, line: str) -> None:
    names = [f"n{number}" for number in range(count)]
    waited = Waited([Thing(name) for name in names], timeout=12, **of(**dict.fromkeys(names)))
    assert [told for _when, told in waited.notices] == [line % waited.notices[0][0]]


def test_the_notice_of_the_last_of_several_polls_has_the_total() -> None:
    waited = Waited([Thing("a"), Thing("b"), Thing("c")], timeout=12, **of(a=1, b=None, c=NotFoundError("c")))
    assert [line for _when, line in waited.notices] == [
        f"1 of 3 still pending after {waited.notices[0][0]:.0f} s (b: going on)"
    ]
