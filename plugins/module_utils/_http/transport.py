# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Requests to one server over one session: when one is sent again, and how long the client waits before.

- After a transient failure (no connection, a response that breaks off, a 5xx): reads always, writes only if nothing was
  sent. C(Retry) of urllib3 does not see a body that breaks off, and its releases disagree about a proxy that fails.
- While the key's rate limit is used up (a 401 after a success, a 429, and with C(rate_limit_timeout) any 401): reads
  and writes alike, since the server did nothing.
"""

from __future__ import annotations

import contextlib
import email.utils
import random
import re
import socket
import threading
import time
from datetime import timezone
from typing import Any, Callable, Mapping, NamedTuple, Optional
from urllib.parse import urlsplit

from .._errors import ConfigurationError, ProtocolError, size_in_words
from .connection import CONNECT_TIMEOUT, FAILURES, HAS_REQUESTS, ClientConfig, Request, open_session, start
from .failures import explain

Clock = Callable[[], float]
Sleep = Callable[[float], None]
Random = Callable[[], float]
Notice = Optional[Callable[[str], None]]

# Not the generator that the whole process shares, which is not this package's to draw from.
RANDOM: Random = random.SystemRandom().random

BACKOFF_FIRST = 0.25
BACKOFF_CAP = 8.0
RETRY_AFTER_CAP = 30.0
POLL_FIRST = 0.5
POLL_CAP = 5.0
# Seconds to wait for a key that was accepted before, unless the user says how long.
DEFAULT_RATE_LIMIT_TIMEOUT = 30.0
# The same once the client has written something: what is half-made is worth a whole window of the key, which begins
# again with each accepted request. No refused request can ask how long it is, and asking before would cost each task a
# request. Dokploy's web interface offers windows of 1, 5 and more minutes; this is one of 5, and a poll.
RATE_LIMIT_TIMEOUT_HALF_MADE = 310.0

# 501 and 505 are permanent.
TRANSIENT = frozenset(range(500, 600)) - {501, 505}
# What a proxy says of a server that does not answer; 500 is the server's own.
GATEWAY = TRANSIENT - {500}
_SECONDS = re.compile(r"[0-9]{1,9}\Z")
# Dokploy closes a connection after five idle seconds. A request sent at that moment is lost, and the client cannot
# tell whether it was read; so an older connection is not used any more.
IDLE = 4.0
# A hundred applications in one batch, with more than a megabyte of text each.
LARGEST = 128 * 1024 * 1024
_BLOCK = 16 * 1024


class Response(NamedTuple):
    status: int
    headers: Mapping[str, str]
    body: bytes


class Transport:
    """Sends requests to one server; opens the session for the first one.

    :param sleep: waits that many seconds. :param random: 0 to 1. :param notice: takes a line for each repetition.
    :raises ConfigurationError: C(requests) is missing; the hosts check C(HAS_REQUESTS) before.
    """

    def __init__(
        self, base_url: str, config: ClientConfig, *, clock: Clock, sleep: Sleep, random: Random, notice: Notice
    ) -> None:
        if not HAS_REQUESTS:
            raise ConfigurationError("the Python library requests is missing")
        self._base_url, self._host, self._config = base_url, urlsplit(base_url).netloc, config
        self._clock, self._sleep, self._random, self._notice = clock, sleep, random, notice
        self._session: Any = None
        self._lock = threading.Lock()
        self.last_used: Optional[float] = None
        self.requests_made = 0
        #: When the server sent the last response, by its own clock: seconds since the epoch.
        self.date: Optional[float] = None

    def attempts(self, more: Optional[int] = None) -> Attempts:
        """A new count of attempts for one request; C(more) than the first one, C(max_retries) by default."""
        more = self._config.max_retries if more is None else more
        return Attempts(more, sleep=self._sleep, random=self._random, notice=self._notice)

    def send(self, request: Request, attempts: Attempts) -> Response:
        """The complete response, whatever its status.

        :raises DokployError: there was none after all attempts, or the file of an upload cannot be read.
        """
        while True:
            self.requests_made += 1
            raw = None
            try:
                with request.form or contextlib.nullcontext():
                    raw = self._start(request)
                body = self._read(raw, request)
            except FAILURES as error:  # pylint: disable=catching-non-exception
                self._repeat(error, request, attempts, partial=raw is not None)
                continue
            finally:
                if raw is not None:
                    raw.close()
            self.last_used = self._clock()
            self.date = _moment(raw.headers.get("Date") or "")
            if raw.status_code < 200:
                # The final response may still come; the next request must not take it for its own.
                self._session.close()
            lasting = raw.status_code == 500 and request.lasting
            why = "%s on %s failed: HTTP %d" % (request.procedure, self._host, raw.status_code)
            repeat = raw.status_code in TRANSIENT and not request.write and not lasting
            if not (repeat and attempts.wait(why, retry_after(raw.headers))):
                return Response(raw.status_code, raw.headers, body)

    def open(self, request: Request, attempts: Attempts) -> Any:
        """The response of requests with its head only: read it by its blocks or with C(read), and close it.

        :raises DokployError: there was none after all attempts.
        """
        while True:
            self.requests_made += 1
            try:
                return self._start(request)
            except FAILURES as error:  # pylint: disable=catching-non-exception
                self._repeat(error, request, attempts)

    def read(self, response: Any, request: Request) -> Response:
        """The rest of a response that C(open) gave. :raises DokployError: it is not complete."""
        try:
            return Response(response.status_code, response.headers, self._read(response, request))
        except FAILURES as error:  # pylint: disable=catching-non-exception
            raise explain(error, request, self._host, self._config, partial=True)[0] from None

    def _repeat(self, error: BaseException, request: Request, attempts: Attempts, partial: bool = False) -> None:
        """Wait for the next attempt. :raises DokployError: there is none."""
        failure, transient = explain(
            error, request, self._host, self._config, partial=partial, first=self.last_used is None
        )
        if not transient or not attempts.wait(failure.message):
            failure.message += attempts.count
            raise failure from None

    def close(self) -> None:
        """Close the connections; the next request opens new ones."""
        if self._session is not None:
            self._session.close()
        self.last_used = None

    def forget_cookies(self) -> None:
        """Forget a sign-in."""
        if self._session is not None:
            self._session.cookies.clear()

    def _start(self, request: Request) -> Any:
        with self._lock:
            if self._session is None:
                self._session = open_session(self._config)
            elif self.last_used is not None and self._clock() - self.last_used > IDLE:
                self._session.close()
                # Another thread takes a connection that this one opens.
                self.last_used = self._clock()
        seconds = request.seconds(self._config)
        connect, body, headers = min(CONNECT_TIMEOUT, seconds), request.body, {}
        if request.form is not None:
            # urllib3 applies the connect timeout to each block that is sent as well, and a busy server may be slow.
            connect, body, headers["Content-Type"] = seconds, request.form, request.form.content_type
        elif body is not None:
            headers["Content-Type"] = "application/json"
        base_url = self._base_url[: -len("/api")] if request.page else self._base_url
        url, timeout = base_url + request.path, (connect, seconds)
        return start(
            self._session, request.method, url, self._config, timeout, params=request.params, data=body, headers=headers
        )

    def _read(self, response: Any, request: Request) -> bytes:
        """The body, which has to be complete in time and of a size that fits into the memory."""
        # Before urllib3 2 a body that breaks off would pass for a shorter one.
        response.raw.enforce_content_length = True
        end = time.monotonic() + request.seconds(self._config)
        blocks, size = [], 0
        for block in response.iter_content(_BLOCK):
            size += len(block)
            if size > LARGEST:
                raise ProtocolError(
                    "%s on %s answers more than %s" % (request.procedure, self._host, size_in_words(LARGEST)),
                    hint="The rest is not read. Check that dokploy_url is the address of Dokploy itself.",
                    procedure=request.procedure,
                    details={"effect_unknown": request.write},
                )
            if time.monotonic() > end:
                raise socket.timeout
            blocks.append(block)
        return b"".join(blocks)


class Attempts:
    """The attempts at one request.

    :param left: how many may follow a failed one. :param random: 0 to 1, for the jitter.
    :param notice: takes a line before each further attempt.
    """

    def __init__(self, left: int, *, sleep: Sleep, random: Random, notice: Notice = None) -> None:
        self._made, self._left = 1, left
        self._sleep, self._random, self._notice = sleep, random, notice

    @property
    def count(self) -> str:
        """The end of the message of a failure: how many attempts there were, if more than one."""
        return ", after %d attempts" % self._made if self._made > 1 else ""

    def wait(self, failure: str, wanted: Optional[float] = None) -> bool:
        """Report a failure and wait for the next attempt; C(False), without a wait, if there is none left.

        :param wanted: seconds that the server asked for in C(Retry-After).
        """
        if self._left <= 0:
            return False
        pause = pause_before(self._made, wanted, self._random)
        if self._notice is not None:
            last = self._made + self._left
            self._notice("%s. Attempt %d of %d follows in %.1f s." % (failure, self._made + 1, last, pause))
        self._sleep(pause)
        self._made += 1
        self._left -= 1
        return True


class RateLimitWaits:
    """The waits for a key whose rate limit is used up: longer each time, never beyond the budget.

    :param budget: C(rate_limit_timeout), seconds in total; 0 means no wait, C(None) the default.
    :param wrote: the client has written something.
    :ivar budget: seconds in total. :ivar polls: how many waits there were.
    """

    def __init__(self, budget: Optional[float], random: Random, wrote: bool = False) -> None:
        if budget is None:
            budget = RATE_LIMIT_TIMEOUT_HALF_MADE if wrote else DEFAULT_RATE_LIMIT_TIMEOUT
        self.budget = self._left = budget
        self._random = random
        self.polls = 0

    def next(self, wanted: Optional[float]) -> Optional[float]:
        """Seconds to wait before the next attempt, C(None) to give up.

        :param wanted: what C(Retry-After) asks for. If it is more than what is left, there is no wait at all.
        """
        if self._left <= 0 or (wanted is not None and wanted > self._left):
            return None
        pause = backoff(self.polls, POLL_FIRST, POLL_CAP, self._random)
        pause = min(pause if wanted is None else max(wanted, 0.1), self._left)
        self.polls += 1
        self._left -= pause
        return pause


def backoff(earlier: int, first: float, cap: float, random: Random) -> float:
    """Seconds: C(first) doubled C(earlier) times, at most C(cap), between half and all of that."""
    return min(cap, first * 2.0 ** min(earlier, 30)) * (0.5 + random() / 2)


def pause_before(attempt: int, wanted: Optional[float], random: Random) -> float:
    """Seconds before the n-th repetition of a request, from 1; C(wanted) is what C(Retry-After) asks for."""
    return backoff(attempt - 1, BACKOFF_FIRST, BACKOFF_CAP, random) if wanted is None else min(wanted, RETRY_AFTER_CAP)


def retry_after(headers: Mapping[str, str]) -> Optional[float]:
    """Seconds from C(Retry-After), a number or a date relative to the C(Date) of the same response; C(None) without.

    better-auth calls it C(X-Retry-After) (measured on its sign-in route).
    """
    value = (headers.get("Retry-After") or headers.get("X-Retry-After") or "").strip()
    if _SECONDS.match(value):
        return float(value)
    moment = _moment(value)
    if moment is None:
        return None
    now = _moment(headers.get("Date") or "")
    return max(0.0, moment - (time.time() if now is None else now))


def _moment(value: str) -> Optional[float]:
    try:
        moment = email.utils.parsedate_to_datetime(value)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    # HTTP dates are GMT; "-0000" parses as a date without a zone.
    return (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp()
