# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Tracking one deployment: from the queue, where it has no row yet, to the end of its row, with its log."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Callable, List, Optional, Sequence

from .._api.client import Call, Client
from .._engine.wait import Poll, Waiter
from .._errors import DokployError, WaitTimeout
from .._model.resource import Resource
from .._swarm.logs import clean, masker
from .queue import FINAL, DeploymentQuery, Queue, Row, Snapshot, deployment_facts

# How long a job may be neither in the queue nor have a row before it counts as lost: a restart drops the queue.
LOST_AFTER = 15.0
# How many lines of a log one query asks for; more than are written between two of them.
TAIL = 1000
SKIPPED = "(lines were written too fast to be shown)"


@dataclass
class DeploymentTracker(Poll):
    """One deployment to wait for; it ends with its final row.

    :param title: the title that it was given, where it is known. :param row: its row, where it is known already.
    """

    label: str
    resource: Resource
    query: DeploymentQuery
    waiter: Waiter
    before: Snapshot
    title: Optional[str]
    row: Optional[Row] = None
    log: Optional[LogStream] = None
    state: str = field(default="queued", init=False)
    _queue: Optional[Queue] = field(default=None, init=False)
    _unseen: Optional[float] = field(default=None, init=False)

    @property
    def log_shown(self) -> bool:
        """Whether the user has seen the whole log."""
        return self.log is not None and self.log.complete

    def calls(self) -> List[Call]:
        calls = self.query.calls
        if self.row is not None and self.log is not None and self.log.open:
            calls.append(self.log.call(self._id))
        return calls

    def judge(self, answers: Sequence[Any], elapsed: float) -> Optional[Any]:
        deployments = self.query.read(answers)
        self._queue = deployments.queue
        self.row = self._refreshed(deployments.rows) if self.row else deployments.triggered(self.before, self.title)
        if self.row is None:
            self._check_queued(self._queue, elapsed)
            return None
        final = self.row.get("status") in FINAL
        self._report("deployment %s" % self.row.get("status") if final else "building")
        if self.log is not None:
            if len(answers) > 2:
                self.log.take(answers[2])
            if final:
                self.log.finish(self._id)
        return self.row if final else None

    def expired(self, timeout: float) -> WaitTimeout:
        """The error of a deployment that has not ended in time; its details hold the last state seen."""
        queue, status = self._queue, "unknown"
        if self.row is not None:
            status = str(self.row.get("status"))
        elif queue is not None and queue.waiting:
            status = "queued behind %d" % queue.ahead
        hint = "It continues on the server. Raise wait_timeout, or watch it with dokploy_deployment_info."
        return self._error("the deployment has not ended after %g s (%s)" % (timeout, status), hint, status)

    @property
    def _id(self) -> str:
        return str((self.row or {}).get("deploymentId"))

    def _refreshed(self, rows: Sequence[Row]) -> Row:
        own = next((row for row in rows if str(row.get("deploymentId")) == self._id), None)
        if own is None:
            hint = "It was removed with its service, or because there are newer ones."
            raise self._error("the deployment %s does not exist any more" % self._id, hint)
        return own

    def _check_queued(self, queue: Queue, elapsed: float) -> None:
        if queue.waiting:
            self._report("queued behind %d" % queue.ahead if queue.ahead else "queued")
        if queue.waiting or queue.active or not queue.known:
            self._unseen = None
            return
        self.state = "in no queue"
        if self._unseen is None:
            self._unseen = elapsed
        elif elapsed - self._unseen > LOST_AFTER:
            hint = "A restart of Dokploy loses its queue. Run the deployment again."
            raise self._error("the deployment is neither in the server's queue nor among the deployments", hint)

    def _report(self, state: str) -> None:
        self.state = state
        self.waiter.progress("%s: %s" % (self.label, state), self.label)

    def _error(self, message: str, hint: str, status: str = "lost") -> WaitTimeout:
        facts = None if self.row is None else deployment_facts(self.resource, self.row)
        return WaitTimeout("%s: %s" % (self.label, message), hint=hint, details={"deployment": facts, "status": status})


class LogStream:
    """The log of one deployment while it grows: its new lines, each once, masked.

    C(deployment.readLogs) (0.29.5 and newer) answers the last lines of a log without their position, so new lines are
    found by laying one answer over the one before.

    :param row: the row of the service, whose values are masked.
    :ivar open: false once the log cannot be read. :ivar complete: whether the whole log has been told.
    """

    def __init__(self, client: Client, tell: Callable[[str], None], prefix: str, row: Row) -> None:
        self._client, self._tell, self._prefix, self._masked = client, tell, prefix, masker(row)
        self._seen: List[str] = []
        self.open = True
        self.complete = False

    def call(self, deployment_id: str) -> Call:
        """The query whose answer is for C(take)."""
        return Call("deployment.readLogs", {"deploymentId": deployment_id, "tail": TAIL})

    def take(self, answer: Any, last: bool = False) -> None:
        """Tell what is new in an answer; the C(last) one needs no line break at its end."""
        if isinstance(answer, DokployError):
            # The deployment goes on, whether its log can be read or not.
            self.open = False
            return
        # The answer is a line break when there is no log, as for one on a build server.
        lines = [""] if answer == "\n" else str(answer or "").split("\n")
        # The line after the last line break is still being written.
        rest = lines.pop()
        if last and rest:
            lines.append(rest)
        new = new_lines(self._seen, lines)
        if new is None:
            self._tell("%s | %s" % (self._prefix, SKIPPED))
            new = lines
        if lines:
            self._seen = lines[-TAIL:]
        # Colours may stand in the middle of a secret, so they are removed first.
        text = self._masked("\n".join(clean(line) for line in new))
        for line in text.split("\n") if new else ():
            self._tell("%s | %s" % (self._prefix, line))

    def finish(self, deployment_id: str) -> None:
        """Tell what was written since the last answer."""
        if not self.open:
            return
        call = self.call(deployment_id)
        try:
            self.take(self._client.query(call.procedure, call.input), last=True)
        except DokployError:
            self.open = False
        self.complete = self.open and bool(self._seen)


def new_lines(seen: Sequence[str], lines: Sequence[str]) -> Optional[List[str]]:
    """The C(lines) that come after C(seen), the end of the same log earlier; C(None) when the two do not meet.

    Both are whole as long as they are short, and cut at the front when they are not.
    """
    if not seen:
        return list(lines)
    for overlap in range(min(len(seen), len(lines)), 0, -1):
        if list(seen[-overlap:]) == list(lines[:overlap]):
            return list(lines[overlap:])
    # A log that is shorter than what was seen was cleared.
    return [] if not lines else None
