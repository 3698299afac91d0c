# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which requests are sent again, how often and after how long; no test sleeps."""

from __future__ import annotations

import ssl
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from urllib3.exceptions import ConnectTimeoutError, ProtocolError, ProxyError, ReadTimeoutError

from ansible_collections.community.dokploy.plugins.module_utils._http.connection import ClientConfig, Request
from ansible_collections.community.dokploy.plugins.module_utils._http.failures import explain
from ansible_collections.community.dokploy.plugins.module_utils._http.transport import (
    BACKOFF_CAP,
    GATEWAY,
    TRANSIENT,
    Attempts,
    RateLimitWaits,
    backoff,
    retry_after,
)


def repeated(error: Exception, *, write: bool = False) -> bool:
    config = ClientConfig("https://dokploy.example.com", "key")
    request = Request("POST", "/project.all", "project.all", write=write)
    return explain(error, request, "dokploy.example.com", config)[1]


FAILURES = {
    "no connection": lambda: ConnectTimeoutError("x"),
    "reset": lambda: ProtocolError("x"),
    "no answer": lambda: ReadTimeoutError(None, "/", "x"),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("failure", FAILURES)
def test_which_failures_are_repeated(failure: str) -> None:
    assert repeated(FAILURES[failure]())
    assert repeated(FAILURES[failure](), write=True) == (failure == "no connection")


@pytest.mark.parametrize("write", [False, True])
def test_a_tls_failure_is_not_repeated(write: bool) -> None:
    assert not repeated(ssl.SSLCertVerificationError("x"), write=write)
    assert not repeated(ProxyError("x", ssl.SSLError("x")), write=write)


TUNNEL = "Tunnel connection failed: %d Reason"
BY_PROXY = {
    "by urllib3 2": lambda status: ProtocolError("Connection aborted.", OSError(TUNNEL % status)),
    "by urllib3 1": lambda status: ProxyError("Cannot connect to proxy.", OSError(TUNNEL % status)),
}


@pytest.mark.parametrize("made", BY_PROXY)
@pytest.mark.parametrize("status", [403, 407, 502, 503])
@pytest.mark.parametrize("write", [False, True])
def test_a_proxy_that_makes_no_tunnel(made: str, status: int, write: bool) -> None:
    # Nothing was sent to the server.
    assert repeated(BY_PROXY[made](status), write=write) == (status >= 500)


@pytest.mark.parametrize("cause", [ConnectionResetError("x"), OSError("x"), TimeoutError("x")])
def test_a_write_that_a_proxy_may_have_taken_is_not_repeated(cause: OSError) -> None:
    # Before urllib3 2 this is what a connection to a proxy becomes that breaks after all was sent.
    error = ProxyError("Cannot connect to proxy.", cause)
    assert repeated(error)
    assert not repeated(error, write=True)


def test_a_proxy_that_is_not_reached_was_sent_nothing() -> None:
    assert repeated(ProxyError("Cannot connect to proxy.", ConnectTimeoutError("x")), write=True)


def test_which_statuses_may_pass() -> None:
    assert {500, 502, 503, 504, 520, 599} < TRANSIENT
    assert {502, 503, 504, 520, 599} < GATEWAY
    assert not TRANSIENT & {200, 301, 400, 401, 404, 413, 429, 501, 505}
    assert 500 not in GATEWAY


def attempts(count: int, slept: list[float], chance: float = 1.0) -> Attempts:
    return Attempts(count, sleep=slept.append, random=lambda: chance)


@pytest.mark.parametrize("count", [0, 1, 5])
def test_the_number_of_attempts(count: int) -> None:
    slept: list[float] = []
    current = attempts(count, slept)
    assert [current.wait("x") for _attempt in range(count + 2)] == [True] * count + [False, False]
    assert len(slept) == count


@pytest.mark.parametrize(
    ("chance", "pauses"),
    [(1.0, [0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0]), (0.0, [0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 4.0, 4.0])],
)
def test_the_pauses_grow_to_a_cap(chance: float, pauses: list[float]) -> None:
    slept: list[float] = []
    current = attempts(8, slept, chance)
    while current.wait("x"):
        pass
    assert slept == pauses


def test_retry_after_goes_before_the_backoff_and_has_a_cap() -> None:
    slept: list[float] = []
    current = attempts(3, slept)
    for wanted in (3.0, 99999.0, None):
        assert current.wait("x", wanted)
    assert slept == [3.0, 30.0, 1.0]


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


def test_a_used_up_key_is_polled_until_the_budget_is_used() -> None:
    waits = RateLimitWaits(10.0, lambda: 1.0)
    assert [waits.next(None) for _poll in range(7)] == [0.5, 1.0, 2.0, 4.0, 2.5, None, None]


def test_the_wait_is_as_told_but_not_in_vain() -> None:
    waits = RateLimitWaits(10.0, lambda: 1.0)
    assert waits.next(8.0) == 8.0
    assert waits.next(3.0) is None
    assert waits.next(2.0) == 2.0
    assert waits.next(0.0) is None


def test_a_retry_after_of_zero_does_not_spin() -> None:
    waits = RateLimitWaits(1.0, lambda: 1.0)
    pauses: list[Any] = []
    while (pause := waits.next(0.0)) is not None:
        pauses.append(pause)
    assert len(pauses) <= 11
    assert sum(pauses) == pytest.approx(1.0)


def test_a_budget_of_zero() -> None:
    assert RateLimitWaits(0, lambda: 1.0).next(None) is None
    assert RateLimitWaits(0, lambda: 1.0).next(0.0) is None


@given(st.floats(0, 120), st.lists(st.none() | st.floats(0, 200), max_size=60), st.floats(0, 1))
def test_the_waits_never_exceed_the_budget(budget: float, wanted: list[float | None], chance: float) -> None:
    waits = RateLimitWaits(budget, lambda: chance)
    pauses = [pause for pause in (waits.next(one) for one in wanted) if pause is not None]
    assert all(pause > 0 for pause in pauses)
    assert sum(pauses) <= budget * 1.000001


@given(st.integers(0, 10**6), st.floats(0, 1))
def test_the_backoff_has_a_cap(earlier: int, chance: float) -> None:
    assert 0 < backoff(earlier, 0.25, BACKOFF_CAP, lambda: chance) <= BACKOFF_CAP
