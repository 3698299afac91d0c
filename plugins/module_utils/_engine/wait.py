# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Waiting: the clock of it, and for builds to be over."""

from __future__ import annotations

import time
from typing import Any, Callable, Iterator, Optional, Set

from ansible_collections.community.dokploy.plugins.module_utils._api.client import Client
from ansible_collections.community.dokploy.plugins.module_utils._deployment.queue import (
    RUNNING,
    look_at,
    look_at_preview,
)
from ansible_collections.community.dokploy.plugins.module_utils._engine.plan import BuildsOver
from ansible_collections.community.dokploy.plugins.module_utils._errors import (
    DokployError,
    NotFoundError,
    WaitTimeout,
)

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


def builds_over(client: Client, waiter: Waiter, step: BuildsOver) -> None:
    """Wait until no deployment of an application, or of one preview of it, runs and no job of it is active.

    :raises WaitTimeout: one still runs after the step's timeout.
    """

    def look(passed: float) -> Optional[bool]:
        try:
            if step.preview_id is None:
                rows, queue = look_at(client, step.application_id)
            else:
                rows, queue = look_at_preview(client, step.application_id, step.preview_id)
        except NotFoundError:
            return True
        if queue.active or any(row.get("status") == RUNNING for row in rows):
            waiter.progress("%s: waiting for its build to end" % step.words)
            return None
        return True

    def expired() -> DokployError:
        return WaitTimeout(
            "%s is still being built after %g s; it was not deleted" % (step.words, step.timeout),
            hint="Deleting it during a build would leave a service that belongs to nothing. Raise wait_timeout.",
        )

    waiter.until(step.timeout, look, expired)
