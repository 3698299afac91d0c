# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Following one deployment: from the queue, where it has no row yet, to the end of its row."""

from __future__ import annotations

from typing import Any, Callable, List, Optional, Sequence, Tuple

from ansible_collections.community.dokploy.plugins.module_utils._api.client import Call, Client
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
from ansible_collections.community.dokploy.plugins.module_utils._engine.reads import shaped
from ansible_collections.community.dokploy.plugins.module_utils._engine.wait import Look, Waiter
from ansible_collections.community.dokploy.plugins.module_utils._errors import (
    DokployError,
    UnknownProcedure,
    WaitTimeout,
)
from ansible_collections.community.dokploy.plugins.module_utils._swarm.logs import clean, masker

# How long a job may be neither in the queue nor have a row before it counts as lost: a restart drops the queue.
LOST_AFTER = 15.0


class Following:
    """One deployment of whatever has deployments.

    :param before: what there was before it was triggered.
    :param title: the one it was given, if it is known.
    :param row: its row, where it is known already.
    """

    def __init__(
        self, label: str, waiter: Waiter, before: Snapshot, title: Optional[str], row: Optional[Row] = None
    ) -> None:
        self.label, self.before, self.title, self.row = label, before, title, row
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
            "%s: the deployment has not ended after %g s (%s)" % (self.label, timeout, status),
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
            "%s: the deployment %s is there no more" % (self.label, facts["deployment_id"]),
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
                "%s: the deployment is neither in the server's queue nor among the deployments" % self.label,
                hint="A restart of Dokploy loses its queue; run the deployment again.",
                details={"deployment": None, "status": "lost"},
            )

    def _say(self, state: str) -> None:
        self.state = state
        self._waiter.progress("%s: %s" % (self.label, state), self.label)


class DeploymentLook(Look):
    """A deployment of an application as something to wait for: its final row.

    :param stream: takes the log while it grows.
    """

    def __init__(self, application_id: str, following: Following, stream: Optional[LogStream] = None) -> None:
        self.label = following.label
        self._resource_id, self._following, self._stream = application_id, following, stream

    @property
    def log_shown(self) -> bool:
        """Whether people have seen the whole log."""
        return self._stream is not None and self._stream.complete

    def calls(self) -> List[Call]:
        calls = [Call("deployment.all", {"applicationId": self._resource_id}), Call("deployment.queueList", {})]
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
        queue = read_queue(jobs, self._resource_id, previews=False)
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
    label: str,
) -> Row:
    """Wait for a deployment to end and give its final row.

    :param look_once: gives the deployments, newest first, and what the queue holds of them.
    :raises WaitTimeout: it did not end in time, or the queue lost it.
    """
    following = Following(label, waiter, before, title)
    final: Row = waiter.until(
        timeout, lambda passed: following.step(*look_once(), passed), lambda: following.late(timeout)
    )
    return final


# --- log stream ---
# A build log while it grows: its new lines, each once, masked.
#
# The server gives the last lines of a log and no position in it (C(deployment.readLogs), 0.29.5 and newer), so what
# is new is found by laying one answer over the one before.


# How many lines one look asks for; more than come between two looks.
TAIL = 1000
SKIPPED = "(lines were written too fast to be shown)"


class LogStream:
    """The log of one deployment.

    :param tell: takes a line. :param prefix: stands before each.
    :param application: the answer of C(application.one), whose values are masked.
    """

    def __init__(self, client: Client, tell: Callable[[str], None], prefix: str, application: Row) -> None:
        self._client, self._tell, self._prefix, self._masked = client, tell, prefix, masker(application)
        self._seen: List[str] = []
        #: Whether there is anything to ask for; a server that cannot read logs is asked once.
        self.open = True
        #: Whether the whole log has been told.
        self.complete = False

    def call(self, deployment_id: str) -> Call:
        """The query whose answer is for C(take)."""
        return Call("deployment.readLogs", {"deploymentId": deployment_id, "tail": TAIL})

    def take(self, answer: Any, last: bool = False) -> None:
        """Tell what is new in an answer.

        :param last: the log is complete, so that a line without an end is one as well.
        """
        if isinstance(answer, DokployError):
            # A log that cannot be read is no reason to let go of the deployment.
            self.open = False
            return
        # A line break alone says that there is no log, as for one on a build server.
        lines = [""] if answer == "\n" else str(answer or "").split("\n")
        # What stands behind the last line break is still being written.
        rest = lines.pop()
        if last and rest:
            lines.append(rest)
        fresh = new_lines(self._seen, lines)
        if fresh is None:
            self._tell("%s | %s" % (self._prefix, SKIPPED))
            fresh = lines
        if lines:
            self._seen = lines[-TAIL:]
        # Colours may stand in the middle of a secret, so they go first.
        text = self._masked("\n".join(clean(line) for line in fresh))
        for line in text.split("\n") if fresh else ():
            self._tell("%s | %s" % (self._prefix, line))

    def finish(self, deployment_id: str) -> None:
        """Tell what came since the last look."""
        if not self.open:
            return
        call = self.call(deployment_id)
        try:
            self.take(self._client.query(call.procedure, call.input), last=True)
        except DokployError:
            self.open = False
        self.complete = self.open and bool(self._seen)


def new_lines(seen: Sequence[str], lines: Sequence[str]) -> Optional[List[str]]:
    """What of C(lines) comes after C(seen), the end of the same log at an earlier time; C(None) when they do not meet.

    Both are whole as long as they are short, and cut at the front when they are not.
    """
    if not seen:
        return list(lines)
    for overlap in range(min(len(seen), len(lines)), 0, -1):
        if list(seen[-overlap:]) == list(lines[:overlap]):
            return list(lines[overlap:])
    # An answer that is shorter than what was seen is of a log that was cleared.
    return [] if not lines else None
