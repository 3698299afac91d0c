# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Waiting: one thing, or several things that are polled in one request."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any, Callable, Iterator, List, Optional, Sequence, Set

from .._api.client import Call, Client
from .._errors import ConnectionFailed, DokployError, ProtocolError, TLSError, enumerated

# Seconds between two polls: short at first, since most deployments of an image end within a second, then up to a second
# or 2 % of the elapsed time, so that the delay is small compared to the build.
INTERVAL_MIN, INTERVAL_STEADY, INTERVAL_MAX, INTERVAL_SHARE = 0.25, 1.0, 5.0, 0.02
# Seconds for which the server may be unreachable during a wait: a restart of Dokploy takes less, and the result of the
# deployment matters more than the outage.
OUTAGE = 120.0
# Seconds until the first notice, and the most between two of them.
NOTICE_FIRST, NOTICE_MAX = 10.0, 60.0


@dataclass
class Waiter:
    """The clock of a wait, and where its progress is reported.

    :param report: takes a line for each change.
    :param notice: takes a line now and then, for display during a long wait.
    :param line: takes the lines of a followed log.
    """

    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    report: Optional[Callable[[str], None]] = None
    notice: Optional[Callable[[str], None]] = None
    line: Optional[Callable[[str], None]] = None
    _reported: Set[str] = field(default_factory=set, init=False)

    def progress(self, line: str, about: str = "") -> None:
        """Report a change of one of several things (C(about)), whose last line is not repeated."""
        said = "%s\n%s" % (about, line)
        if self.report is not None and said not in self._reported:
            self.report(line)
        self._reported = {one for one in self._reported if not one.startswith(about + "\n")} | {said}

    def polls(self, timeout: float) -> Iterator[float]:
        """The elapsed seconds at each poll; the last one is at the timeout."""
        start, interval = self.clock(), INTERVAL_MIN
        while True:
            elapsed = self.clock() - start
            yield elapsed
            left = timeout - (self.clock() - start)
            if left <= 0:
                return
            self.sleep(min(interval, left))
            interval = min(interval * 1.5, max(INTERVAL_STEADY, elapsed * INTERVAL_SHARE), INTERVAL_MAX)

    def until(self, timeout: float, poll: Callable[[float], Optional[Any]], expired: Callable[[], DokployError]) -> Any:
        """The first result of C(poll) of the elapsed seconds that is not C(None); raises the one of C(expired)."""
        for elapsed in self.polls(timeout):
            found = poll(elapsed)
            if found is not None:
                return found
        raise expired()


class Poll:
    """One thing that is waited for, with its name in messages and its current state for notices.

    :ivar seconds: how long the wait for its result took.
    """

    label: str
    state: str = ""
    seconds: float = 0.0

    def calls(self) -> List[Call]:
        """The queries of the next poll."""
        raise NotImplementedError

    def judge(self, answers: Sequence[Any], elapsed: float) -> Optional[Any]:
        """The result, or C(None) to wait on.

        :param answers: those of the queries, in order; the error of a single one is an object among them.
        :raises DokployError: it failed.
        """
        raise NotImplementedError

    def expired(self, timeout: float) -> DokployError:
        """The error if there is no result after C(timeout) seconds."""
        raise NotImplementedError


def wait_for(client: Client, waiter: Waiter, polls: Sequence[Poll], timeout: float) -> List[Any]:
    """The result of each poll, in order; a failed one has its error as an object, and the wait for the others goes on.

    :raises DokployError: what concerns all of them, such as a refused API key, or a server that stays unreachable.
    """
    found: List[Any] = [None] * len(polls)
    silent_since = float("inf")
    next_notice = NOTICE_FIRST
    for elapsed in waiter.polls(timeout):
        pending = [number for number, one in enumerate(found) if one is None]
        try:
            answers = _ask(client, [polls[number].calls() for number in pending])
        except DokployError as error:
            silent_since = min(silent_since, elapsed)
            if not _is_transient(error, elapsed - silent_since):
                raise
            waiter.progress("%s does not answer" % client.base_url)
            continue
        silent_since = float("inf")
        for number, own in zip(pending, answers):
            found[number] = _judged(polls[number], own, elapsed)
        left = [poll for poll, one in zip(polls, found) if one is None]
        if not left:
            return found
        if waiter.notice is not None and elapsed >= next_notice:
            next_notice = elapsed + min(max(elapsed / 2, NOTICE_FIRST), NOTICE_MAX)
            waiter.notice(_notice(left, len(polls), elapsed))
    return [poll.expired(timeout) if one is None else one for poll, one in zip(polls, found)]


def _judged(poll: Poll, answers: Sequence[Any], elapsed: float) -> Any:
    """The result of a poll, its error as an object, or C(None) to wait on."""
    poll.seconds = elapsed
    try:
        return poll.judge(answers, elapsed)
    except DokployError as error:
        # Its further requests may fail for a while as well.
        return None if _is_transient(error) else error


def _ask(client: Client, wanted: Sequence[Sequence[Call]]) -> List[List[Any]]:
    """The answers to all queries in one batch; equal queries are sent once."""
    calls = {repr(call): call for own in wanted for call in own}
    answers = dict(zip(calls, client.call_many(list(calls.values()))))
    return [[answers[repr(call)] for call in own] for own in wanted]


def _is_transient(error: DokployError, seconds: float = 0.0) -> bool:
    """Whether the server may answer again soon: it is unreachable, or a proxy says so, but not for too many seconds."""
    if seconds >= OUTAGE:
        return False
    if isinstance(error, ProtocolError):
        return error.cut
    return (isinstance(error, ConnectionFailed) and not isinstance(error, TLSError)) or error.status in (502, 503, 504)


def _notice(left: Sequence[Poll], total: int, elapsed: float) -> str:
    states = ["%s: %s" % (poll.label, poll.state) for poll in left]
    if total == 1:
        return "%s, %d s" % (states[0], elapsed)
    return "%d of %d still pending after %d s (%s)" % (len(left), total, elapsed, enumerated(states, 3, joint="; "))
