# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Waiting: one thing, or several things that are polled in one request."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass, field
from typing import Any, Callable, Generator, Iterator, List, Optional, Sequence, Set, Tuple

from .._api.client import Call, Client
from .._errors import Conflict, ConnectionFailed, DokployError, ProtocolError, TLSError, WaitTimeout, enumerated

# Seconds between two polls: short at first, since most deployments of an image end within a second, then up to a second
# or 2 % of the elapsed time, so that the delay is small compared to the build.
INTERVAL_MIN, INTERVAL_STEADY, INTERVAL_MAX, INTERVAL_SHARE = 0.25, 1.0, 5.0, 0.02
# Seconds that are as good as none.
LEAST = 0.001
# What is due within so many seconds is polled together.
_SLACK = 0.1
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
        self._reported = {reported for reported in self._reported if not reported.startswith(about + "\n")} | {said}

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
            result = poll(elapsed)
            if result is not None:
                return result
        raise expired()


class Poll:
    """One thing that is waited for, with its name in messages and its current state for notices.

    :ivar seconds: how long the wait for its result took. :ivar interval: seconds between its first two polls.
    """

    label: str
    state: str = ""
    seconds: float = 0.0
    interval: float = INTERVAL_MIN

    def calls(self) -> List[Call]:
        """The queries of the next poll."""
        raise NotImplementedError

    def further(self, answers: Sequence[Any]) -> List[Call]:
        """The queries of the same poll that depend on the answers so far; theirs follow these."""
        return []

    def judge(self, answers: Sequence[Any], elapsed: float) -> Optional[Any]:
        """The result, or C(None) to wait on.

        :param answers: those of the queries, in order; the error of a single one is an object among them.
        :raises DokployError: it failed.
        """
        raise NotImplementedError

    def expired(self, timeout: float) -> DokployError:
        """The error if there is no result after C(timeout) seconds."""
        raise NotImplementedError


class Pause(Poll):
    """Lets some seconds pass."""

    def __init__(self, label: str, seconds: float) -> None:
        self.label, self.state, self.interval, self._left = label, "waits", seconds, seconds

    def calls(self) -> List[Call]:
        return []

    def judge(self, answers: Sequence[Any], elapsed: float) -> Optional[bool]:
        return True if elapsed >= self._left else None

    def expired(self, timeout: float) -> DokployError:
        return WaitTimeout("%s: waited for %g s" % (self.label, timeout))


#: What is waited for one after the other: each poll with its seconds, which gets the result, or raises the error. What
#: it returns is the result of all.
Polls = Generator[Tuple[Poll, float], Any, Any]


def wait_for(client: Client, waiter: Waiter, polls: Sequence[Poll], timeout: float) -> List[Any]:
    """The result of each poll, in order; a failed one has its error as an object, and the wait for the others goes on.

    :raises DokployError: what concerns all of them, such as a refused API key, or a server that stays unreachable.
    """
    return wait_together(client, waiter, [_only(poll, timeout) for poll in polls])


def _only(poll: Poll, timeout: float) -> Polls:
    return (yield poll, timeout)


class _Course:
    """How far one of several waits is.

    :ivar poll: what is polled now, for C(timeout) seconds from C(begin) on. :ivar fresh: it was not polled yet.
    :ivar due: when it is polled next. :ivar ended: whether there is a C(result), which may be an error.
    """

    poll: Poll
    timeout: float
    begin: float
    due: float
    _interval: float
    result: Any = None

    def __init__(self, polls: Polls, clock: Callable[[], float]) -> None:
        self._polls, self._clock = polls, clock
        self.ended, self.fresh = False, True
        self._go_on(lambda: next(polls))

    @property
    def elapsed(self) -> float:
        return self._clock() - self.begin

    @property
    def left(self) -> float:
        return self.timeout - self.elapsed

    def judge(self, answers: Sequence[Any], elapsed: float) -> None:
        result = _judged(self.poll, answers, elapsed)
        if result is not None:
            self._take(result)

    def pause(self, took: float) -> None:
        """Poll it again after its interval, which grows, and not before the server was left alone for as long as it
        took to answer; at the latest when its time is over."""
        self.due = min(self._clock() + max(self._interval, took), self.begin + self.timeout)
        steady = max(INTERVAL_STEADY, self.elapsed * INTERVAL_SHARE)
        self._interval = min(self._interval * 1.5, steady, INTERVAL_MAX)

    def expire(self) -> None:
        """End the poll if its time is over."""
        if not self.ended and not self.fresh and self.left < LEAST:
            self._take(self.poll.expired(self.timeout))

    def close(self) -> None:
        """End it without a result. How the wait has ended matters more than a failure of this."""
        with contextlib.suppress(DokployError, Conflict):
            self._polls.close()

    def _take(self, result: Any) -> None:
        failed = isinstance(result, (DokployError, Conflict))
        self._go_on(lambda: self._polls.throw(result) if failed else self._polls.send(result))

    def _go_on(self, step: Callable[[], Tuple[Poll, float]]) -> None:
        try:
            self.poll, self.timeout = step()
            self.begin, self.fresh = self._clock(), True
            self.due, self._interval = self.begin, self.poll.interval
        except StopIteration as end:
            self.ended, self.result = True, end.value
        except (DokployError, Conflict) as error:
            self.ended, self.result = True, error


def wait_together(client: Client, waiter: Waiter, waits: Sequence[Polls]) -> List[Any]:
    """The result of each wait, in order, or its error as an object. What is polled at the same time shares a request.

    :raises DokployError: what concerns all of them, such as a refused API key, or a server that stays unreachable. Each
        that has not ended is closed then, so that it leaves things as they were.
    """
    courses = [_Course(polls, waiter.clock) for polls in waits]
    try:
        return _results(courses, client, waiter)
    except BaseException:
        for course in courses:
            course.close()
        raise


def _results(courses: Sequence[_Course], client: Client, waiter: Waiter) -> List[Any]:
    notices, outage, begin = _Notices(waiter, len(courses)), _Outage(client, waiter), waiter.clock()
    going = _going(courses)
    while going:
        asked = waiter.clock()
        with outage.bridged(asked - begin):
            _ask_all(going, client, asked)
            notices.give(_going(going), asked - begin)
        for course in going:
            if course.due <= asked + _SLACK and not course.fresh:
                course.pause(waiter.clock() - asked)
            course.expire()
        going = _going(going)
        # What comes next may be there already.
        if going and not any(course.fresh for course in going):
            now = waiter.clock()
            waiter.sleep(max(LEAST, min(min(course.due - now, course.left) for course in going)))
    return [course.result for course in courses]


def _going(courses: Sequence[_Course]) -> List[_Course]:
    return [course for course in courses if not course.ended]


class _Outage:
    """The time for which the server does not answer during a wait."""

    def __init__(self, client: Client, waiter: Waiter) -> None:
        self._client, self._waiter, self._since = client, waiter, float("inf")

    @contextlib.contextmanager
    def bridged(self, elapsed: float) -> Iterator[None]:
        """An error inside is no failure as long as the server may answer again soon."""
        try:
            yield
            self._since = float("inf")
        except DokployError as error:
            self._since = min(self._since, elapsed)
            if not _is_transient(error, elapsed - self._since):
                raise
            self._waiter.progress("%s does not answer" % self._client.base_url)


class _Notices:
    """What is told now and then during a long wait. :param total: how many things are waited for."""

    def __init__(self, waiter: Waiter, total: int) -> None:
        self._waiter, self._total, self._next = waiter, total, NOTICE_FIRST

    def give(self, pending: Sequence[_Course], elapsed: float) -> None:
        if pending and self._waiter.notice is not None and elapsed >= self._next:
            self._next = elapsed + min(max(elapsed / 2, NOTICE_FIRST), NOTICE_MAX)
            self._waiter.notice(_notice([course.poll for course in pending], self._total, elapsed))


def _ask_all(going: Sequence[_Course], client: Client, now: float) -> None:
    """Poll all that are due at once, and what asks nothing, and judge the answers."""
    wanted = [(course, course.poll.calls()) for course in going]
    asked = [(course, calls) for course, calls in wanted if course.due <= now + _SLACK or not calls]
    for course, _calls in asked:
        course.fresh = False
    elapsed = [course.elapsed for course, _calls in asked]
    answers = asked_together(client, [calls for _course, calls in asked])
    while any(further := [course.poll.further(own) for (course, _calls), own in zip(asked, answers)]):
        answers = [own + more for own, more in zip(answers, asked_together(client, further))]
    for (course, _calls), own, seconds in zip(asked, answers, elapsed):
        course.judge(own, seconds)


def _judged(poll: Poll, answers: Sequence[Any], elapsed: float) -> Any:
    """The result of a poll, its error as an object, or C(None) to wait on."""
    poll.seconds = elapsed
    try:
        return poll.judge(answers, elapsed)
    except DokployError as error:
        # Its further requests may fail for a while as well.
        return None if _is_transient(error) else error


def asked_together(client: Client, wanted: Sequence[Sequence[Call]]) -> List[List[Any]]:
    """The answers to the queries of each, all in one batch; equal queries are sent once."""
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
