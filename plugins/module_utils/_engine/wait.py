# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Waiting: the clock of it, and for builds to be over."""

from __future__ import annotations

import time
from typing import Any, Callable, Dict, Iterator, List, Optional, Sequence, Set, Tuple

from ansible_collections.community.dokploy.plugins.module_utils._api.client import Call, Client
from ansible_collections.community.dokploy.plugins.module_utils._errors import (
    ConnectionFailed,
    DokployError,
    ProtocolError,
    TLSError,
)
from ansible_collections.community.dokploy.plugins.module_utils._values.hints import enumerated

# Seconds between two looks: short at first, since most deployments of an image end within a second, then growing to a
# second or 2 % of what has passed, so that an end is noticed soon in proportion to the build.
POLL_FIRST, POLL_STEADY, POLL_MAX, POLL_SHARE = 0.25, 1.0, 5.0, 0.02


class Waiter:
    """Time, as a thing that tests can replace, and where a long wait says how it goes.

    :param clock: seconds, monotonic.
    :param sleep: waits for seconds.
    :param progress: takes one line a change of what is waited for.
    :param notice: takes a line now and then, for people who wait.
    :param line: takes the lines of logs that are followed.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        progress: Optional[Callable[[str], None]] = None,
        notice: Optional[Callable[[str], None]] = None,
        line: Optional[Callable[[str], None]] = None,
    ) -> None:
        self.clock = clock
        self.sleep = sleep
        self.line = line
        self.notice = notice
        self._progress = progress
        self._said: Set[str] = set()

    def progress(self, line: str, about: str = "") -> None:
        """Say what is new.

        :param about: one of several things that are waited for at once; what was last said of each is not said again.
        """
        said = "%s\n%s" % (about, line)
        if self._progress is not None and said not in self._said:
            self._progress(line)
        self._said = {one for one in self._said if not one.startswith(about + "\n")} | {said}

    def polls(self, timeout: float) -> Iterator[float]:
        """The moments to look, as seconds that have passed; the last one is when C(timeout) seconds are over."""
        start = self.clock()
        pause = POLL_FIRST
        while True:
            passed = self.clock() - start
            yield passed
            left = timeout - (self.clock() - start)
            if left <= 0:
                return
            self.sleep(min(pause, left))
            pause = min(pause * 1.5, max(POLL_STEADY, passed * POLL_SHARE), POLL_MAX)

    def until(self, timeout: float, look: Callable[[float], Optional[Any]], expired: Callable[[], DokployError]) -> Any:
        """What C(look) gives as soon as it is not C(None); it gets the seconds that have passed.

        :raises DokployError: what C(expired) makes, when C(timeout) seconds have passed.
        """
        for passed in self.polls(timeout):
            found = look(passed)
            if found is not None:
                return found
        raise expired()


# --- poll ---
# Waiting for several things at once: all that is still open is looked at in one request.


# Seconds for which a server may be out of reach while something is waited for: Dokploy restarts in less, and what it
# then has to say of the deployment is worth more than that it was away.
OUTAGE = 120.0
# What proxies answer for a server that is away.
_AWAY = (502, 503, 504)
# Seconds until people are told for the first time how it goes, and at most between two times.
NOTICE_FIRST, NOTICE_MAX = 10.0, 60.0
# How many things one line names.
_NAMED = 3


class Look:
    """One thing that is waited for.

    :ivar words: what messages call it.
    :ivar state: what it is doing, for people who wait.
    """

    label: str = ""
    state: str = ""

    def calls(self) -> List[Call]:
        """The queries of the next look."""
        raise NotImplementedError

    def judge(self, answers: Sequence[Any], passed: float) -> Optional[Any]:
        """What came of it, C(None) while it goes on.

        :param answers: those of the queries, in order; the error of a single one is an object among them.
        :param passed: seconds since the first look.
        :raises DokployError: it came to nothing.
        """
        raise NotImplementedError

    def late(self, timeout: float) -> DokployError:
        """The error for what did not come in C(timeout) seconds."""
        raise NotImplementedError


def wait_for(client: Client, waiter: Waiter, looks: Sequence[Look], timeout: float) -> List[Any]:
    """What came of each, in order; the error of one is an object in its place, and the others are waited for.

    :raises DokployError: what concerns them all, such as a key that is refused, or a server that stays out of reach.
    """
    found: List[Any] = [None] * len(looks)
    news = _News(waiter, looks)
    away: Optional[float] = None
    for passed in waiter.polls(timeout):
        pending = [number for number in range(len(looks)) if found[number] is None]
        try:
            answers = _ask(client, [looks[number].calls() for number in pending])
        except DokployError as error:
            away = passed if away is None else away
            if not _passes(error) or passed - away >= OUTAGE:
                raise
            waiter.progress("%s does not answer" % client.base_url)
            continue
        away = None
        for number, own in zip(pending, answers):
            try:
                found[number] = looks[number].judge(own, passed)
            except DokployError as error:
                # What it asks beside its queries may fail for a while as well.
                found[number] = None if _passes(error) else error
        if all(one is not None for one in found):
            return found
        news.tell(passed, [look for look, one in zip(looks, found) if one is None])
    return [look.late(timeout) if one is None else one for look, one in zip(looks, found)]


def _ask(client: Client, wanted: Sequence[List[Call]]) -> List[List[Any]]:
    """The answers to all queries in one batch; what several ask is asked once."""
    calls: Dict[Tuple[str, ...], Call] = {}
    for own in wanted:
        for call in own:
            calls.setdefault(_same(call), call)
    answers = dict(zip(calls, client.call_many(list(calls.values()))))
    return [[answers[_same(call)] for call in own] for own in wanted]


def _same(call: Call) -> Tuple[str, ...]:
    """What is equal for equal queries."""
    return (call.procedure, *sorted("%s=%r" % item for item in call.input.items()))


def _passes(error: DokployError) -> bool:
    """Whether the server may be back in a while."""
    if isinstance(error, ProtocolError):
        return error.cut
    return (isinstance(error, ConnectionFailed) and not isinstance(error, TLSError)) or error.status in _AWAY


class _News:
    """A line now and then, more seldom the longer it takes."""

    def __init__(self, waiter: Waiter, looks: Sequence[Look]) -> None:
        self._tell = waiter.notice
        self._all = len(looks)
        self._next = NOTICE_FIRST

    def tell(self, passed: float, left: Sequence[Look]) -> None:
        if self._tell is None or passed < self._next:
            return
        self._next = passed + min(max(passed / 2, NOTICE_FIRST), NOTICE_MAX)
        told = ["%s: %s" % (look.label, look.state) for look in left]
        if self._all == 1:
            self._tell("%s, %d s" % (told[0], passed))
            return
        self._tell(
            "%d of %d go on after %d s (%s)" % (len(left), self._all, passed, enumerated(told, _NAMED, joint="; "))
        )
