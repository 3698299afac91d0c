# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The deployments of a service, the server's queue of them, and which of them a task has triggered.

A trigger answers with an empty body. The row of the deployment appears when a worker picks up the job: after 70 to
200 ms on an idle server, and behind every other build otherwise, since a server builds one thing at a time. Until then
the newest row is that of the previous deployment, which may be C(done) (measured on 0.30.2). So a snapshot of the rows
is taken before the trigger, and only a new row counts.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any, Dict, FrozenSet, List, Mapping, Optional, Sequence, Tuple, Union

from .._api.client import Call, Client
from .._errors import NotFoundError, UnknownProcedure
from .._model.resource import Resource, ServiceKind
from .._reads.rows import valid
from .._values.timestamps import instant

Row = Mapping[str, Any]

RUNNING = "running"
FINAL = ("done", "error", "cancelled")
# The reason for a deployment that a task asks for without looking whether one is needed.
REDEPLOYMENT = "redeployment requested"
QUEUE = Call("deployment.queueList", {})
PREVIEW_KEY = "previewDeploymentId"


@dataclass(frozen=True)
class Queue:
    """The jobs of one service in the queue: how many wait and run, and how many are ahead of its last one.

    :param known: false on servers before 0.28.3, which do not list their queue.
    :param taken: when a worker took up each running job, in milliseconds since 1970.
    """

    waiting: int
    active: int
    ahead: int
    known: bool = True
    taken: Tuple[float, ...] = ()


def read_queue(jobs: Any, wanted: Row) -> Queue:
    """The jobs whose data hold the C(wanted) values.

    :param jobs: the answer of C(deployment.queueList), newest first, or its error.
    """
    if jobs is None or isinstance(jobs, UnknownProcedure):
        return Queue(0, 0, 0, known=False)
    matching = [
        (position, job)
        for position, job in enumerate(valid(jobs))
        if all((job.get("data") or {}).get(key) == value for key, value in wanted.items())
    ]
    ahead = len(jobs) - 1 - matching[0][0] if matching else 0
    waiting = sum(job.get("state") == "waiting" for _position, job in matching)
    taken = tuple(job.get("processedOn") or 0 for _position, job in matching if job.get("state") == "active")
    return Queue(waiting, len(taken), ahead, taken=taken)


@dataclass(frozen=True)
class Snapshot:
    """What there was before a deployment was triggered.

    :param ids: the deployments that had a row.
    :param ahead: how many jobs of the service were queued without a row; their rows come before that of the next one.
    """

    ids: FrozenSet[str]
    ahead: int


@dataclass(frozen=True)
class Deployments:
    """The deployments of a service, newest first, and its jobs in the queue."""

    rows: List[Row]
    queue: Queue

    @property
    def newest(self) -> Optional[Row]:
        return self.rows[0] if self.rows else None

    @property
    def running(self) -> Optional[Row]:
        return next((row for row in self.rows if row.get("status") == RUNNING), None)

    @property
    def queued(self) -> int:
        """How many jobs have no row yet: those that wait, and one that a worker has just picked up."""
        if self.running is not None:
            return self.queue.waiting
        created = [when.timestamp() * 1000 for when in map(created_at, self.rows) if when is not None]
        # A job stays active until its notifications are sent, which is after its row became final (measured on 0.30.2).
        return self.queue.waiting + sum(all(when < taken for when in created) for taken in self.queue.taken)

    @property
    def snapshot(self) -> Snapshot:
        return Snapshot(frozenset(str(row.get("deploymentId")) for row in self.rows), self.queued)

    def has_begun(self, before: Snapshot) -> Optional[bool]:
        """As C(DeploymentQuery.has_begun)."""
        if len(self._after(before)) + self.queued > before.ahead:
            return True
        return False if self.queue.known else None

    def triggered(self, before: Snapshot, title: Optional[str]) -> Optional[Row]:
        """The row of the deployment that was triggered after C(before), or C(None) while it has none.

        The queue is first in, first out: the jobs that waited before get their rows first. Of the rows after them, one
        with C(title) is the wanted one. One with another title is not as long as a job without a row may be; a commit's
        message replaces the title of a git source only when the build has ended. When no job is queued, one that waited
        before may have been dropped.
        """
        new = self._after(before)
        earlier, later = new[: before.ahead], new[before.ahead :]
        titled = [row for row in later if row.get("title") == title]
        if later and (titled or title is None or not self.queued):
            return (titled or later)[0]
        if self.queued or not earlier:
            return None
        return ([row for row in earlier if row.get("title") == title] or earlier)[-1]

    def _after(self, before: Snapshot) -> List[Row]:
        new = [row for row in self.rows if str(row.get("deploymentId")) not in before.ids]
        return sorted(new, key=lambda row: str(row.get("createdAt")))


@dataclass(frozen=True)
class DeploymentQuery:
    """Reads the deployments of a service and its jobs in the queue.

    :param with_previews: the queue includes the jobs of the service's previews.
    :param preview_id: read those of this preview instead.
    """

    kind: Union[Resource, ServiceKind]
    resource_id: str
    with_previews: bool = False
    preview_id: Optional[str] = None

    @property
    def _input(self) -> Dict[str, str]:
        return {self.kind.listing.id_key: self.resource_id}

    @property
    def calls(self) -> List[Call]:
        deployable = self.kind.deployable
        return [Call(deployable.previews if self.preview_id is not None else deployable.history, self._input), QUEUE]

    def read(self, answers: Sequence[Any]) -> Deployments:
        """:raises NotFoundError: the service or preview does not exist any more."""
        rows, jobs = valid(answers[0]), answers[1]
        if self.preview_id is not None:
            rows = next((row.get("deployments") or [] for row in rows if row.get(PREVIEW_KEY) == self.preview_id), None)
            if rows is None:
                raise NotFoundError("there is no preview deployment %r any more" % self.preview_id)
            return Deployments(list(rows), read_queue(jobs, {PREVIEW_KEY: self.preview_id}))
        own = {} if self.with_previews else {PREVIEW_KEY: None}
        return Deployments(list(rows), read_queue(jobs, {**self._input, **own}))

    def ask(self, client: Client) -> Deployments:
        """Read them in one request."""
        return self.read(client.call_many(self.calls))

    def has_begun(self, client: Client, before: Snapshot) -> Optional[bool]:
        """Whether a deployment was triggered after C(before); C(None) when the server cannot tell yet."""
        return self.ask(client).has_begun(before)


def created_at(row: Row) -> Optional[datetime.datetime]:
    """When a deployment got its row; C(None) where the server shows no date."""
    try:
        return instant(row.get("createdAt"))
    except ValueError:
        return None


def commit_of(row: Row) -> Optional[str]:
    """The commit that a deployment has built, as its description says when the build has ended."""
    label, _colon, commit = str(row.get("description") or "").partition(":")
    return commit.strip() if label == "Commit" else None


def deployment_facts(resource: Resource, row: Row) -> Dict[str, Any]:
    """A deployment as results show it; C(duration) in seconds, C(None) while it runs."""
    start, end = row.get("startedAt"), row.get("finishedAt")
    try:
        duration = round((instant(end) - instant(start)).total_seconds(), 3)
    except ValueError:
        # One of them is missing, or no date.
        duration = None
    return {
        "deployment_id": row.get("deploymentId"),
        resource.id_option: row.get(resource.id_key),
        "title": row.get("title") or "",
        "description": row.get("description") or "",
        "status": row.get("status"),
        "commit": commit_of(row),
        "created_at": row.get("createdAt"),
        "started_at": start,
        "finished_at": end,
        "duration": duration,
        "error_message": row.get("errorMessage") or "",
        "log_path": row.get("logPath") or "",
    }


def queue_position(row: Optional[Row]) -> str:
    """A deployment as diffs show it: C(Manual deployment, 2026-07-09T20:23:16.000Z, done)."""
    if row is None:
        return "(none)"
    return ", ".join(str(row[key]) for key in ("title", "createdAt", "status") if row.get(key))


def new_in_words(reason: str) -> str:
    """A deployment that is about to be started, as diffs show it."""
    return "(a new one: %s)" % reason
