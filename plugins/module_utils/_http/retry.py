# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""When a request is sent again, and how long the client waits before.

- After a transient failure (no connection, a response that breaks off, a 5xx): reads always, writes only if nothing was
  sent. C(Retry) of urllib3 does not see a body that breaks off, and its releases disagree about a proxy that fails.
- While the key's rate limit is used up (a 401 after a success, a 429, and with C(rate_limit_timeout) any 401): reads
  and writes alike, since the server did nothing.
"""

from __future__ import annotations

import email.utils
import random
import re
import time
from datetime import timezone
from typing import Callable, Mapping, Optional

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
