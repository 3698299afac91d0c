# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The waits between the attempts at one request, and the lines that report them."""

from __future__ import annotations

from typing import Callable, Optional

from ansible_collections.community.dokploy.plugins.module_utils._http.failures import why_not
from ansible_collections.community.dokploy.plugins.module_utils._http.retry import Policy


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
