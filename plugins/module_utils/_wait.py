# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Waiting: for a deployment to end, and for builds to be over.

Dokploy's C(application.deploy) answers with an empty body. The row of the deployment appears when a worker picks the
job up: after 70 to 200 ms on an idle server, and behind every other build otherwise, since a server builds one thing at
a time. Until then an application still shows its old deployment, which may say C(done) (measured on 0.30.2). So the
rows that were there before are remembered, and only a new one counts.
"""

from __future__ import annotations

import datetime
import time
from dataclasses import dataclass
from typing import Any, Callable, Dict, FrozenSet, List, Mapping, Optional, Sequence, Tuple

from ansible_collections.community.dokploy.plugins.module_utils._client import Call, Client
from ansible_collections.community.dokploy.plugins.module_utils._errors import (
    DokployError,
    NotFoundError,
    UnknownProcedure,
    WaitTimeout,
)
from ansible_collections.community.dokploy.plugins.module_utils._plan import BuildsOver

Row = Mapping[str, Any]

RUNNING = "running"
FINAL = ("done", "error", "cancelled")

# Seconds between two looks: short at first, since most deployments of an image end within a second, then 2 % of what
# has passed, so that an end is noticed soon in proportion to the build, within these bounds.
POLL_FIRST, POLL_MAX, POLL_SHARE = 0.25, 5.0, 0.02
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

    def progress(self, line: str) -> None:
        if self._progress is not None:
            self._progress(line)

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
            pause = min(POLL_MAX, max(pause * 1.5 if passed < 2 else POLL_FIRST, passed * POLL_SHARE, POLL_FIRST))


@dataclass(frozen=True)
class Queue:
    """What the queue holds of one application: how many jobs wait and run, and how many are ahead of its last one."""

    waiting: int
    active: int
    ahead: int
    known: bool = True


def read_queue(jobs: Any, application_id: str) -> Queue:
    """The queue as C(deployment.queueList) answers it (newest first); servers before 0.28.3 have no such list."""
    if not isinstance(jobs, list):
        return Queue(0, 0, 0, known=False)
    mine = [
        position for position, job in enumerate(jobs) if (job.get("data") or {}).get("applicationId") == application_id
    ]
    ahead = len(jobs) - 1 - mine[0] if mine else 0
    states = [jobs[position].get("state") for position in mine]
    return Queue(states.count("waiting"), states.count("active"), ahead)


@dataclass(frozen=True)
class Snapshot:
    """What there was before a deployment was triggered.

    :param ids: the deployments that had a row.
    :param ahead: how many jobs of this application had been queued without a row yet; their rows come before ours.
    """

    ids: FrozenSet[str]
    ahead: int


def look_at(client: Client, application_id: str) -> Tuple[List[Row], Queue]:
    """The application's deployments, newest first, and its jobs in the queue: one request.

    :raises NotFoundError: the application is gone.
    """
    rows, jobs = client.call_many(
        [Call("deployment.all", {"applicationId": application_id}), Call("deployment.queueList", {})]
    )
    if isinstance(rows, DokployError):
        raise rows
    if isinstance(jobs, DokployError) and not isinstance(jobs, UnknownProcedure):
        raise jobs
    return list(rows or []), read_queue(jobs, application_id)


def snapshot(rows: Sequence[Row], queue: Queue) -> Snapshot:
    running = any(row.get("status") == RUNNING for row in rows)
    without_row = queue.waiting + (queue.active if not running else 0)
    return Snapshot(frozenset(str(row.get("deploymentId")) for row in rows), without_row)


def find_ours(rows: Sequence[Row], before: Snapshot, title: Optional[str]) -> Optional[Row]:
    """The row of the deployment that was triggered after C(before), or C(None) while it has none.

    The queue is first in, first out: the jobs that waited before ours get their rows first. A title, where the source
    keeps it, settles it.
    """
    fresh = [row for row in rows if str(row.get("deploymentId")) not in before.ids]
    fresh.sort(key=lambda row: str(row.get("createdAt")))
    if title is not None:
        titled = [row for row in fresh if row.get("title") == title]
        if titled:
            return titled[0]
    return fresh[before.ahead] if len(fresh) > before.ahead else None


def follow(
    client: Client,
    waiter: Waiter,
    application_id: str,
    before: Snapshot,
    title: Optional[str],
    timeout: float,
    words: str,
) -> Row:
    """Wait for the triggered deployment to end, and give its final row.

    :raises WaitTimeout: it did not end in time, or the queue lost it; details hold the last state seen.
    """
    state: Dict[str, Any] = {"row": None, "queue": None, "unseen": None, "said": None}

    def say(line: str) -> None:
        if state["said"] != line:
            state["said"] = line
            waiter.progress("%s: %s" % (words, line))

    def look(passed: float) -> Optional[Row]:
        rows, queue = look_at(client, application_id)
        state["queue"] = queue
        row: Optional[Row] = state["row"]
        if row is None:
            row = find_ours(rows, before, title)
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


def deployment_facts(row: Row) -> Dict[str, Any]:
    """A deployment's row in our words; C(duration) in seconds, C(None) while it runs."""
    description = row.get("description") or ""
    commit = description[len("Commit:") :].strip() if description.startswith("Commit:") else None
    return {
        "deployment_id": row.get("deploymentId"),
        "application_id": row.get("applicationId"),
        "title": row.get("title") or "",
        "description": description,
        "status": row.get("status"),
        "commit": commit,
        "created_at": row.get("createdAt"),
        "started_at": row.get("startedAt"),
        "finished_at": row.get("finishedAt"),
        "duration": _seconds_between(row.get("startedAt"), row.get("finishedAt")),
        "error_message": row.get("errorMessage") or "",
        "log_path": row.get("logPath") or "",
    }


def _seconds_between(start: Any, end: Any) -> Optional[float]:
    try:
        return round((_instant(end) - _instant(start)), 3)
    except (TypeError, ValueError):
        return None


def _instant(text: Any) -> float:
    return datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=datetime.timezone.utc).timestamp()


def builds_over(client: Client, waiter: Waiter, step: BuildsOver) -> None:
    """Wait until no deployment of an application runs and no job of it is active.

    :raises WaitTimeout: one still runs after the step's timeout.
    """

    def look(passed: float) -> Optional[bool]:
        try:
            rows, queue = look_at(client, step.application_id)
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
