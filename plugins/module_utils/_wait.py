# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Waiting: for a deployment to end, and for builds to be over."""

from __future__ import annotations

import time
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

from ansible_collections.community.dokploy.plugins.module_utils._client import Client
from ansible_collections.community.dokploy.plugins.module_utils._errors import (
    DokployError,
    NotFoundError,
    WaitTimeout,
)
from ansible_collections.community.dokploy.plugins.module_utils._plan import BuildsOver
from ansible_collections.community.dokploy.plugins.module_utils._queue import (
    FINAL,
    RUNNING,
    Queue,
    Row,
    Snapshot,
    deployment_facts,
    find_ours,
    look_at,
    look_at_preview,
    without_row,
)

# Seconds between two looks: short at first, since most deployments of an image end within a second, then growing to a
# second or 2 % of what has passed, so that an end is noticed soon in proportion to the build.
POLL_FIRST, POLL_STEADY, POLL_MAX, POLL_SHARE = 0.25, 1.0, 5.0, 0.02
# How long a job may be neither in the queue nor have a row before it counts as lost: a restart drops the queue.
LOST_AFTER = 15.0


class Waiter:
    """Time, as a thing that tests can replace.

    :param clock: seconds, monotonic.
    :param sleep: waits for seconds.
    :param progress: takes one line a change of what is waited for.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        progress: Optional[Callable[[str], None]] = None,
    ) -> None:
        self.clock = clock
        self.sleep = sleep
        self._progress = progress
        self._said = ""

    def progress(self, line: str) -> None:
        if self._progress is not None and line != self._said:
            self._progress(line)
        self._said = line

    def until(self, timeout: float, look: Callable[[float], Optional[Any]], expired: Callable[[], DokployError]) -> Any:
        """What C(look) gives as soon as it is not C(None); it gets the seconds that have passed.

        :raises DokployError: what C(expired) makes, when C(timeout) seconds have passed.
        """
        start = self.clock()
        pause = POLL_FIRST
        while True:
            passed = self.clock() - start
            found = look(passed)
            if found is not None:
                return found
            left = timeout - (self.clock() - start)
            if left <= 0:
                raise expired()
            self.sleep(min(pause, left))
            pause = min(pause * 1.5, max(POLL_STEADY, passed * POLL_SHARE), POLL_MAX)


def follow(
    client: Client,
    waiter: Waiter,
    application_id: str,
    before: Snapshot,
    title: Optional[str],
    timeout: float,
    words: str,
) -> Row:
    """Wait for the triggered deployment of an application to end, and give its final row.

    :raises WaitTimeout: it did not end in time, or the queue lost it; details hold the last state seen.
    """
    return follow_looks(lambda: look_at(client, application_id), waiter, before, title, timeout, words)


def follow_looks(
    look_once: Callable[[], Tuple[List[Row], Queue]],
    waiter: Waiter,
    before: Snapshot,
    title: Optional[str],
    timeout: float,
    words: str,
) -> Row:
    """The same for whatever has deployments: C(look_once) gives them, newest first, and its jobs in the queue."""
    state: Dict[str, Any] = {"row": None, "queue": None, "unseen": None}

    def say(line: str) -> None:
        waiter.progress("%s: %s" % (words, line))

    def look(passed: float) -> Optional[Row]:
        rows, queue = look_once()
        state["queue"] = queue
        row: Optional[Row] = state["row"]
        if row is None:
            row = find_ours(rows, before, title, without_row(rows, queue))
        else:
            row = _same_row(rows, row)
        state["row"] = row
        if row is None:
            _still_queued(state, queue, passed, say, words)
            return None
        if row.get("status") in FINAL:
            say("deployment %s" % row.get("status"))
            return row
        say("building")
        return None

    def expired() -> DokployError:
        row, queue = state["row"], state["queue"]
        status = (
            row.get("status") if row else "queued behind %d" % queue.ahead if queue and queue.waiting else "unknown"
        )
        return WaitTimeout(
            "%s: the deployment has not ended after %g s (%s)" % (words, timeout, status),
            hint="It goes on at the server; raise wait_timeout, or look with dokploy_deployment_info.",
            details={"deployment": dict(deployment_facts(row)) if row else None, "status": status},
        )

    final: Row = waiter.until(timeout, look, expired)
    return final


def _still_queued(state: Dict[str, Any], queue: Queue, passed: float, say: Callable[[str], None], words: str) -> None:
    if queue.waiting:
        state["unseen"] = None
        say("queued behind %d" % queue.ahead if queue.ahead else "queued")
        return
    if not queue.known or queue.active:
        return
    if state["unseen"] is None:
        state["unseen"] = passed
    elif passed - state["unseen"] > LOST_AFTER:
        raise WaitTimeout(
            "%s: the deployment is neither in the server's queue nor among the deployments" % words,
            hint="A restart of Dokploy loses its queue; run the deployment again.",
            details={"deployment": None, "status": "lost"},
        )


def _same_row(rows: Sequence[Row], row: Row) -> Row:
    return next((item for item in rows if item.get("deploymentId") == row.get("deploymentId")), row)


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
