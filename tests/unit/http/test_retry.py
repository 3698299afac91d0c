# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is tried again, how often and after how long; no test sleeps."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    MaxRetryError,
    ProtocolError,
    ProxyError,
    ReadTimeoutError,
    SSLError,
)

from ansible_collections.community.dokploy.plugins.module_utils._http.retry import (
    BACKOFF_CAP,
    Patience,
    Policy,
    backoff,
    policy,
    retry_after,
)


class Answer:
    """As much of urllib3's response as a policy looks at."""

    def __init__(self, status: int, **headers: str) -> None:
        self.status = status
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}

    def get_redirect_location(self) -> bool:
        return False


def make(
    count: int = 3, *, repeatable: bool = True, answers_500: bool = False, chance: float = 1.0
) -> tuple[Policy, list[float]]:
    slept: list[float] = []
    return policy(
        count,
        repeatable=repeatable,
        answers_500=answers_500,
        pause=lambda _attempts, seconds: slept.append(seconds),
        random=lambda: chance,
    ), slept


FAILURES = {
    "no connection": lambda: ConnectTimeoutError("x"),
    "reset": lambda: ProtocolError("x"),
    "no answer": lambda: ReadTimeoutError(None, "/", "x"),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize(
    ("method", "repeatable", "sent_matters"), [("GET", True, False), ("POST", True, False), ("POST", False, True)]
)
def test_which_failures_are_repeated(failure: str, method: str, repeatable: bool, sent_matters: bool) -> None:
    start, _slept = make(repeatable=repeatable)
    error = FAILURES[failure]()
    if sent_matters and failure != "no connection":
        with pytest.raises(type(error)):
            start.increment(method, "/", error=error)
    else:
        assert start.increment(method, "/", error=error).total == 2


def test_a_certificate_is_not_asked_for_again() -> None:
    start, _slept = make()
    with pytest.raises(MaxRetryError) as caught:
        start.increment("GET", "/", error=SSLError("x"))
    assert isinstance(caught.value.reason, SSLError)


TUNNEL = "Tunnel connection failed: %d Words"
BY_PROXY = {
    "by urllib3 2": lambda status: ProtocolError("Connection aborted.", OSError(TUNNEL % status)),
    "by urllib3 1": lambda status: ProxyError("Cannot connect to proxy.", OSError(TUNNEL % status)),
}


@pytest.mark.parametrize("made", BY_PROXY)
@pytest.mark.parametrize("status", [403, 407, 502, 503])
def test_a_proxy_that_makes_no_tunnel(made: str, status: int) -> None:
    start, _slept = make()
    error = BY_PROXY[made](status)
    if status < 500:
        with pytest.raises(MaxRetryError) as caught:
            start.increment("GET", "/", error=error)
        assert caught.value.reason is error
    else:
        assert start.increment("GET", "/", error=error).total == 2


@pytest.mark.parametrize("cause", [ConnectionResetError("x"), OSError("x"), TimeoutError("x")])
def test_a_write_that_a_proxy_may_have_taken_is_not_repeated(cause: OSError) -> None:
    # Before urllib3 2 this is what a connection to a proxy becomes that breaks after all was sent.
    error = ProxyError("Cannot connect to proxy.", cause)
    with pytest.raises(MaxRetryError):
        make(repeatable=False)[0].increment("POST", "/", error=error)
    assert make()[0].increment("GET", "/", error=error).total == 2


def test_a_proxy_that_is_not_reached_was_sent_nothing() -> None:
    error = ProxyError("Cannot connect to proxy.", ConnectTimeoutError("x"))
    assert make(repeatable=False)[0].increment("POST", "/", error=error).total == 2


def test_the_certificate_of_a_proxy_is_not_asked_for_again() -> None:
    with pytest.raises(MaxRetryError):
        make()[0].increment("GET", "/", error=ProxyError("x", SSLError("x")))


@pytest.mark.parametrize("status", [500, 502, 503, 504, 520, 599])
def test_which_answers_are_repeated(status: int) -> None:
    assert make()[0].is_retry("GET", status)
    assert make()[0].is_retry("POST", status)
    assert not make(repeatable=False)[0].is_retry("POST", status)
    assert not make(repeatable=False)[0].is_retry("POST", status, has_retry_after=True)


@pytest.mark.parametrize("status", [200, 301, 400, 401, 404, 413, 429, 501, 505])
def test_which_answers_are_final(status: int) -> None:
    assert not make()[0].is_retry("GET", status, has_retry_after=True)


def test_a_500_may_be_an_answer() -> None:
    start, _slept = make(answers_500=True)
    assert not start.is_retry("GET", 500)
    assert start.is_retry("GET", 502)


@pytest.mark.parametrize("count", [0, 1, 5])
def test_the_count_is_kept(count: int) -> None:
    current, _slept = make(count)
    for _attempt in range(count):
        current = current.increment("GET", "/", error=ProtocolError("x"))
    with pytest.raises(MaxRetryError):
        current.increment("GET", "/", error=ProtocolError("x"))


@pytest.mark.parametrize(
    ("chance", "pauses"),
    [(1.0, [0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0]), (0.0, [0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 4.0, 4.0])],
)
def test_the_pauses_grow_to_a_cap(chance: float, pauses: list[float]) -> None:
    current, slept = make(8, chance=chance)
    assert current.get_backoff_time() == 0
    for _pause in pauses:
        current = current.increment("GET", "/", error=ProtocolError("x"))
        current.sleep()
    assert slept == pauses


def test_retry_after_goes_before_the_backoff_and_has_a_cap() -> None:
    current, slept = make()
    for answer in (Answer(503, Retry_After="3"), Answer(503, Retry_After="99999"), Answer(503)):
        current = current.increment("GET", "/", response=answer)
        current.sleep(answer)
    assert slept == [3.0, 30.0, 1.0]


def test_a_cut_answer_counts_and_does_not_sleep() -> None:
    current, slept = make(1)
    following = current.after_cut("GET", "/")
    assert following is not None
    assert following.total == 0
    assert following.after_cut("GET", "/") is None
    assert slept == []


def test_a_cut_answer_of_a_write_is_not_asked_for_again() -> None:
    current, _slept = make(repeatable=False)
    assert current.after_cut("POST", "/") is None
    assert make()[0].after_cut("POST", "/") is not None


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": "10"}, 10.0),
        ({"Retry-After": " 0 "}, 0.0),
        ({"X-Retry-After": "10"}, 10.0),
        ({"Retry-After": "5", "X-Retry-After": "10"}, 5.0),
        ({"Retry-After": "-1"}, None),
        ({"Retry-After": "1.5"}, None),
        ({"Retry-After": "\u00b2"}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "9" * 400}, None),
        ({"Retry-After": "Tue, 24 Nov 2026 14:00:30 GMT", "Date": "Tue, 24 Nov 2026 14:00:00 GMT"}, 30.0),
        ({"Retry-After": "Tue, 24 Nov 2026 13:00:00 GMT", "Date": "Tue, 24 Nov 2026 14:00:00 GMT"}, 0.0),
        ({"Retry-After": "Tue, 24 Nov 2020 13:00:00 GMT"}, 0.0),
        ({"Retry-After": "Tue, 99 Nov 2026 99:00:00 GMT"}, None),
    ],
)
def test_retry_after_in_its_forms(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers) == seconds


@given(st.text(max_size=40))
def test_any_retry_after_is_seconds_or_nothing(value: str) -> None:
    seconds = retry_after({"Retry-After": value})
    assert seconds is None or seconds >= 0


def test_patience_polls_until_its_budget_is_used() -> None:
    patience = Patience(10.0, lambda: 1.0)
    assert [patience.next(None) for _poll in range(7)] == [0.5, 1.0, 2.0, 4.0, 2.5, None, None]


def test_patience_waits_as_told_but_not_in_vain() -> None:
    patience = Patience(10.0, lambda: 1.0)
    assert patience.next(8.0) == 8.0
    assert patience.next(3.0) is None
    assert patience.next(2.0) == 2.0
    assert patience.next(0.0) is None


def test_patience_does_not_spin_on_zero() -> None:
    patience = Patience(1.0, lambda: 1.0)
    pauses: list[Any] = []
    while (pause := patience.next(0.0)) is not None:
        pauses.append(pause)
    assert len(pauses) <= 11
    assert sum(pauses) == pytest.approx(1.0)


def test_no_patience() -> None:
    assert Patience(0, lambda: 1.0).next(None) is None
    assert Patience(0, lambda: 1.0).next(0.0) is None


@given(st.floats(0, 120), st.lists(st.none() | st.floats(0, 200), max_size=60), st.floats(0, 1))
def test_patience_never_exceeds_its_budget(budget: float, wanted: list[float | None], chance: float) -> None:
    patience = Patience(budget, lambda: chance)
    pauses = [pause for pause in (patience.next(one) for one in wanted) if pause is not None]
    assert all(pause > 0 for pause in pauses)
    assert sum(pauses) <= budget * 1.000001


@given(st.integers(0, 10**6), st.floats(0, 1))
def test_the_backoff_has_a_cap(earlier: int, chance: float) -> None:
    assert 0 < backoff(earlier, 0.25, BACKOFF_CAP, lambda: chance) <= BACKOFF_CAP


def test_giving_up_is_an_error_of_urllib3() -> None:
    # after_cut relies on it.
    assert issubclass(MaxRetryError, HTTPError)
    assert issubclass(ProtocolError, HTTPError)
