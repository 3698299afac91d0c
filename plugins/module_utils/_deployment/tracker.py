# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Following one deployment: from the queue, where it has no row yet, to the end of its row."""

from __future__ import annotations

from typing import Any, Callable, List, Optional, Sequence, Tuple

from ansible_collections.community.dokploy.plugins.module_utils._api.client import Call
from ansible_collections.community.dokploy.plugins.module_utils._deployment.log_stream import LogStream
from ansible_collections.community.dokploy.plugins.module_utils._deployment.queue import (
    FINAL,
    Queue,
    Row,
    Snapshot,
    deployment_facts,
    find_ours,
    read_queue,
    without_row,
)
from ansible_collections.community.dokploy.plugins.module_utils._engine.poll import Look
from ansible_collections.community.dokploy.plugins.module_utils._engine.reads import shaped
from ansible_collections.community.dokploy.plugins.module_utils._engine.wait import Waiter
from ansible_collections.community.dokploy.plugins.module_utils._errors import (
    DokployError,
    UnknownProcedure,
    WaitTimeout,
)

# How long a job may be neither in the queue nor have a row before it counts as lost: a restart drops the queue.
LOST_AFTER = 15.0


class Following:
    """One deployment of whatever has deployments.

    :param before: what there was before it was triggered.
    :param title: the one it was given, if it is known.
    :param row: its row, where it is known already.
    """

    def __init__(
        self, words: str, waiter: Waiter, before: Snapshot, title: Optional[str], row: Optional[Row] = None
    ) -> None:
        self.words, self.before, self.title, self.row = words, before, title, row
        self.state = "queued"
        self._waiter = waiter
        self._queue: Optional[Queue] = None
        self._unseen: Optional[float] = None

    def step(self, rows: Sequence[Row], queue: Queue, passed: float) -> Optional[Row]:
        """Its row as soon as it is final.

        :param rows: the deployments there are, newest first. :param passed: seconds since the first step.
        :raises WaitTimeout: the queue has lost it, or somebody has removed its row.
        """
        self._queue = queue
        if self.row is None:
            self.row = find_ours(rows, self.before, self.title, without_row(rows, queue))
        else:
            self.row = self._same(rows, self.row)
        if self.row is None:
            self._still_queued(queue, passed)
            return None
        final = self.row.get("status") in FINAL
        self._say("deployment %s" % self.row.get("status") if final else "building")
        return self.row if final else None

    def late(self, timeout: float) -> WaitTimeout:
        """The error for one that has not ended in time; its details hold the last state seen."""
        row, queue = self.row, self._queue
        status = (
            row.get("status") if row else "queued behind %d" % queue.ahead if queue and queue.waiting else "unknown"
        )
        return WaitTimeout(
            "%s: the deployment has not ended after %g s (%s)" % (self.words, timeout, status),
            hint="It goes on at the server; raise wait_timeout, or look with dokploy_deployment_info.",
            details={"deployment": dict(deployment_facts(row)) if row else None, "status": status},
        )

    def _same(self, rows: Sequence[Row], known: Row) -> Row:
        """The known row as it is now. One that is gone never comes back: nobody would ever learn how it ended."""
        for row in rows:
            if row.get("deploymentId") == known.get("deploymentId"):
                return row
        facts = deployment_facts(known)
        raise WaitTimeout(
            "%s: the deployment %s is there no more" % (self.words, facts["deployment_id"]),
            hint="It was removed, with the application or since there are newer ones.",
            details={"deployment": facts, "status": "lost"},
        )

    def _still_queued(self, queue: Queue, passed: float) -> None:
        if queue.waiting:
            self._unseen = None
            self._say("queued behind %d" % queue.ahead if queue.ahead else "queued")
            return
        if not queue.known or queue.active:
            self._unseen = None
            return
        # What was last said of the queue holds no longer.
        self.state = "in no queue"
        if self._unseen is None:
            self._unseen = passed
        elif passed - self._unseen > LOST_AFTER:
            raise WaitTimeout(
                "%s: the deployment is neither in the server's queue nor among the deployments" % self.words,
                hint="A restart of Dokploy loses its queue; run the deployment again.",
                details={"deployment": None, "status": "lost"},
            )

    def _say(self, state: str) -> None:
        self.state = state
        self._waiter.progress("%s: %s" % (self.words, state), self.words)


class DeploymentLook(Look):
    """A deployment of an application as something to wait for: its final row.

    :param stream: takes the log while it grows.
    """

    def __init__(self, application_id: str, following: Following, stream: Optional[LogStream] = None) -> None:
        self.words = following.words
        self._own_id, self._following, self._stream = application_id, following, stream

    @property
    def log_shown(self) -> bool:
        """Whether people have seen the whole log."""
        return self._stream is not None and self._stream.complete

    def calls(self) -> List[Call]:
        calls = [Call("deployment.all", {"applicationId": self._own_id}), Call("deployment.queueList", {})]
        row = self._following.row
        if row is not None and self._stream is not None and self._stream.open:
            calls.append(self._stream.call(str(row.get("deploymentId"))))
        return calls

    def judge(self, answers: Sequence[Any], passed: float) -> Optional[Any]:
        rows, jobs = answers[:2]
        if isinstance(rows, DokployError):
            raise rows
        if isinstance(jobs, DokployError) and not isinstance(jobs, UnknownProcedure):
            raise jobs
        queue = read_queue(jobs, self._own_id, previews=False)
        final = self._following.step(shaped(rows, list, "deployment.all"), queue, passed)
        self.state = self._following.state
        if self._stream is not None:
            if len(answers) > 2:
                self._stream.take(answers[2])
            if final is not None:
                self._stream.finish(str(final.get("deploymentId")))
        return final

    def late(self, timeout: float) -> DokployError:
        return self._following.late(timeout)


def follow_looks(
    look_once: Callable[[], Tuple[List[Row], Queue]],
    waiter: Waiter,
    before: Snapshot,
    title: Optional[str],
    timeout: float,
    words: str,
) -> Row:
    """Wait for a deployment to end and give its final row.

    :param look_once: gives the deployments, newest first, and what the queue holds of them.
    :raises WaitTimeout: it did not end in time, or the queue lost it.
    """
    following = Following(words, waiter, before, title)
    final: Row = waiter.until(
        timeout, lambda passed: following.step(*look_once(), passed), lambda: following.late(timeout)
    )
    return final
