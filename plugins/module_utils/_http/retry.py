# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What may be tried again, when, and for how long.

Two kinds of patience, with two options:

- C(max_retries) counts the attempts after a failure that may pass: no connection, a cut answer, a 5xx. This is
  urllib3's C(Retry), mounted on the session's adapter. Reads are repeated in all these cases, writes only where
  urllib3 knows that nothing was sent (refused, name not found, no connection in time). A write whose effect is unknown
  is for the executor, which has to look at what it was to change before it is sent again.
- C(rate_limit_timeout) bounds in seconds how long a spent key is waited for: a 401 after a success, or a 429, and
  where the option is set any 401, since the first call of a process cannot tell a spent key from a wrong one. Nothing
  was done in either case, so reads and writes alike are repeated. C(Retry) cannot tell such a 401 from a bad key and
  would sleep a C(Retry-After) of a day, so the client's own loop does this with C(Patience).
"""

from __future__ import annotations

import email.utils
import re
import time
from datetime import timezone
from typing import Any, Callable, Mapping, Optional

from ansible_collections.community.dokploy.plugins.module_utils._http.failures import why_not
from ansible_collections.community.dokploy.plugins.module_utils._http.session import tunnel_status

try:
    from urllib3.exceptions import HTTPError, MaxRetryError, ProtocolError, SSLError
    from urllib3.util.retry import Retry
except ImportError:  # reported by the hosts, see _http/session.py
    Retry = object  # type: ignore[assignment,misc]
    HTTPError = MaxRetryError = ProtocolError = SSLError = Exception  # type: ignore[assignment,misc]

Random = Callable[[], float]

BACKOFF_FIRST = 0.25
BACKOFF_CAP = 8.0
RETRY_AFTER_CAP = 30.0
POLL_FIRST = 0.5
POLL_CAP = 5.0
# Seconds for which a key that was accepted before is waited for, unless the user says how long.
SPENT_WAIT = 30.0

# 501 and 505 say that it will never work.
_PASSING = frozenset(range(500, 600)) - {501, 505}
# What something in between says of a server that does not answer; 500 is the server's own word.
BETWEEN = _PASSING - {500}
_SECONDS = re.compile(r"[0-9]{1,9}\Z")
# urllib3 before 1.26 (RHEL 8) knows the option under its old name.
_METHODS_OPTION = "allowed_methods" if hasattr(Retry, "DEFAULT_ALLOWED_METHODS") else "method_whitelist"


# Takes the policy for the next attempt, and the seconds to wait before it.
Pause = Callable[["Policy", float], None]


class Policy(Retry):
    """urllib3's C(Retry) with a jitter, a cap and a pause of our own: 1.26 has no jitter, and tests must not sleep."""

    # 429 belongs to Patience; 413 never passes.
    RETRY_AFTER_STATUS_CODES = frozenset([503])

    do_pause: Pause = staticmethod(lambda policy, seconds: time.sleep(seconds))
    do_random: Random = staticmethod(lambda: 0.5)

    def with_hands(self, pause: Pause, random: Random) -> Policy:
        self.do_pause = pause
        self.do_random = random
        return self

    def new(self, **kw: Any) -> Policy:
        return super().new(**kw).with_hands(self.do_pause, self.do_random)

    def get_backoff_time(self) -> float:
        """Seconds before the next attempt: doubled each time, capped, and between half and all of it by chance."""
        failures = len(self.history)
        return backoff(failures - 1, BACKOFF_FIRST, BACKOFF_CAP, self.do_random) if failures else 0.0

    def get_retry_after(self, response: Any) -> Optional[float]:
        seconds = retry_after(response.headers)
        return None if seconds is None else min(seconds, RETRY_AFTER_CAP)

    def sleep(self, response: Any = None) -> None:
        pause = self.get_retry_after(response) if response is not None else None
        self.do_pause(self, self.get_backoff_time() if pause is None else pause)

    def increment(
        self,
        method: Optional[str] = None,
        url: Optional[str] = None,
        response: Any = None,
        error: Optional[Exception] = None,
        _pool: Any = None,
        _stacktrace: Any = None,
    ) -> Policy:
        if error is not None and not self._may_pass(error, method or ""):
            raise MaxRetryError(_pool, url or "", error)
        return super().increment(method, url, response, error, _pool, _stacktrace)

    def _may_pass(self, error: Exception, method: str) -> bool:
        """Whether asking again may help and can do no harm."""
        # urllib3 puts what went wrong on the way to a proxy into an error of its own, or two.
        causes = [error, getattr(error, "original_error", None), *error.args]
        if any(isinstance(cause, SSLError) for cause in causes):
            # A certificate does not become valid by asking again.
            return False
        status = next(filter(None, map(tunnel_status, causes)), None)
        if status is not None:
            return status >= 500
        # What is neither a failure to connect nor one to read is repeated by urllib3 whatever the method is; before
        # its release 2 that may be a write that a proxy had taken already.
        known = self._is_connection_error(error) or self._is_read_error(error)
        return known or self._is_method_retryable(method)

    def after_cut(self, method: str, url: str) -> Optional[Policy]:
        """The policy for another attempt after an answer broke off; C(None) when there is none. Does not sleep."""
        try:
            return self.increment(method, url, error=ProtocolError("the answer broke off"))
        except HTTPError:
            return None


def policy(max_retries: int, *, repeatable: bool, answers_500: bool, pause: Pause, random: Random) -> Policy:
    """The policy for one call.

    :param max_retries: attempts after the first.
    :param repeatable: a read, or a write that may safely be done twice.
    :param answers_500: for this procedure a 500 is an answer, not an accident.
    """
    options = {
        "total": max_retries,
        "redirect": False,
        "status_forcelist": BETWEEN if answers_500 else _PASSING,
        # The last answer is worth more than "too many 500 error responses".
        "raise_on_status": False,
        # An empty set would mean every method, so a write's policy names the other one.
        _METHODS_OPTION: frozenset(["GET", "POST"] if repeatable else ["GET"]),
    }
    return Policy(**options).with_hands(pause, random)  # type: ignore[arg-type]


class Patience:
    """The waits for a spent key: longer each time, never beyond the budget.

    :param budget: C(rate_limit_timeout), seconds in all; 0 means no wait, C(None) the default.
    """

    def __init__(self, budget: Optional[float], random: Random) -> None:
        self._left = SPENT_WAIT if budget is None else budget
        self._random = random
        self._polls = 0

    def next(self, wanted: Optional[float]) -> Optional[float]:
        """Seconds to wait before the next attempt, C(None) to give up.

        :param wanted: what C(Retry-After) asks for. More than is left: give up at once instead of waiting in vain.
        """
        if self._left <= 0 or (wanted is not None and wanted > self._left):
            return None
        pause = backoff(self._polls, POLL_FIRST, POLL_CAP, self._random)
        pause = min(pause if wanted is None else max(wanted, 0.1), self._left)
        self._polls += 1
        self._left -= pause
        return pause


def backoff(earlier: int, first: float, cap: float, random: Random) -> float:
    """Seconds: C(first) doubled C(earlier) times, at most C(cap), between half and all of that."""
    return min(cap, first * 2.0 ** min(earlier, 30)) * (0.5 + random() / 2)


def pause_before(attempt: int, wanted: Optional[float], random: Random) -> float:
    """Seconds before the n-th repetition of a request, from 1; C(wanted) is what C(Retry-After) asks for."""
    return backoff(attempt - 1, BACKOFF_FIRST, BACKOFF_CAP, random) if wanted is None else min(wanted, RETRY_AFTER_CAP)


def retry_after(headers: Mapping[str, str]) -> Optional[float]:
    """Seconds from C(Retry-After): a number, or a date seen from the answer's own C(Date). C(None): not said.

    better-auth names it C(X-Retry-After) (measured on its sign-in route).
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


# --- pauses ---
# The waits between the attempts at one request, and the lines that report them.


class Pauses:
    """Waits before a request is repeated.

    :param host: how messages name the server.
    :param sleep: waits that many seconds.
    :param notice: takes a line for each repetition.
    """

    def __init__(self, host: str, sleep: Callable[[float], None], notice: Optional[Callable[[str], None]]) -> None:
        self._host, self._sleep, self._notice = host, sleep, notice

    def wait(self, procedure: str, attempts: Policy, timeout: float, seconds: Optional[float] = None) -> None:
        """Report the last failure, and wait.

        :param attempts: the policy for the next attempt, with a history of at least one failure.
        :param timeout: seconds that an answer may take. :param seconds: to wait, instead of what the policy says.
        """
        seconds = attempts.get_backoff_time() if seconds is None else seconds
        if self._notice is not None:
            last = attempts.history[-1]
            why = "HTTP %s" % last.status if last.error is None else why_not(last.error, timeout)
            made = len(attempts.history)
            self._notice(
                "%s on %s failed: %s. Attempt %d of %d follows in %.1f s."
                % (procedure, self._host, why, made + 1, made + 1 + int(attempts.total or 0), seconds)
            )
        self._sleep(seconds)
