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

from dataclasses import dataclass
from typing import Any, Dict, FrozenSet, List, Mapping, Optional, Sequence, Tuple

from ansible_collections.community.dokploy.plugins.module_utils._api.client import Call, Client
from ansible_collections.community.dokploy.plugins.module_utils._engine.plan import Outcome, Step
from ansible_collections.community.dokploy.plugins.module_utils._engine.reads import valid
from ansible_collections.community.dokploy.plugins.module_utils._errors import (
    DokployError,
    NotFoundError,
    UnknownProcedure,
    WaitTimeout,
)
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Resource
from ansible_collections.community.dokploy.plugins.module_utils._values.timestamps import instant

Row = Mapping[str, Any]

RUNNING = "running"
FINAL = ("done", "error", "cancelled")
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
    if isinstance(jobs, DokployError):
        raise jobs

    def is_wanted(job: Row) -> bool:
        data = job.get("data") or {}
        return all(data.get(key) == value for key, value in wanted.items())

    found = [position for position, job in enumerate(jobs) if is_wanted(job)]
    ahead = len(jobs) - 1 - found[0] if found else 0
    states = [jobs[position].get("state") for position in found]
    taken = tuple(jobs[position].get("processedOn") or 0 for position in found if jobs[position]["state"] == "active")
    return Queue(states.count("waiting"), states.count("active"), ahead, taken=taken)


@dataclass(frozen=True)
class DeploymentQuery:
    """Reads the deployments of a service and its jobs in the queue.

    :param history: the query that lists them. :param id_key: the key of the service's ID.
    :param with_previews: the queue includes the jobs of the service's previews.
    :param preview_id: read those of one preview instead; C(history) lists the previews.
    """

    history: str
    id_key: str
    resource_id: str
    with_previews: bool = False
    preview_id: Optional[str] = None

    @property
    def calls(self) -> List[Call]:
        return [Call(self.history, {self.id_key: self.resource_id}), QUEUE]

    def read(self, answers: Sequence[Any]) -> Tuple[List[Row], Queue]:
        """The deployments, newest first, and the jobs.

        :param answers: those of C(calls).
        :raises NotFoundError: the service or preview does not exist any more.
        """
        rows, jobs = valid(answers[0]), answers[1]
        if self.preview_id is not None:
            rows = next((row.get("deployments") or [] for row in rows if row.get(PREVIEW_KEY) == self.preview_id), None)
            if rows is None:
                raise NotFoundError("there is no preview deployment %r any more" % self.preview_id)
            return list(rows), read_queue(jobs, {PREVIEW_KEY: self.preview_id})
        own = {} if self.with_previews else {PREVIEW_KEY: None}
        return list(rows), read_queue(jobs, {self.id_key: self.resource_id, **own})

    def ask(self, client: Client) -> Tuple[List[Row], Queue]:
        """The same in one request."""
        return self.read(client.call_many(self.calls))


def deployments_of(resource: Resource, resource_id: str, with_previews: bool = False) -> DeploymentQuery:
    return DeploymentQuery(resource.deployable.history, resource.id_key, resource_id, with_previews)


@dataclass(frozen=True)
class BuildsOver(Step):
    """Wait, at most C(timeout) seconds, until no build of a service runs any more.

    :param history: the query that lists its deployments, or its previews when there is a C(preview_id).
    :param id_key: the key of the service's ID.
    :param preview_id: only the builds of this preview count.
    """

    history: str
    id_key: str
    resource_id: str
    label: str
    timeout: float
    preview_id: Optional[str] = None

    def run(self, executor: Any, outcome: Outcome) -> None:
        """:raises WaitTimeout: a build still runs."""
        query = DeploymentQuery(self.history, self.id_key, self.resource_id, True, self.preview_id)

        def look(_passed: float) -> Optional[bool]:
            try:
                rows, queue = query.ask(executor.client)
            except NotFoundError:
                return True
            if queue.active or any(row.get("status") == RUNNING for row in rows):
                executor.waiter.progress("%s: waiting for its build to end" % self.label)
                return None
            return True

        def expired() -> DokployError:
            return WaitTimeout(
                "%s is still being built after %g s; it was not deleted" % (self.label, self.timeout),
                hint="If it is deleted during a build, its service stays in Docker Swarm. Raise wait_timeout.",
            )

        executor.waiter.until(self.timeout, look, expired)


def newest_first(rows: Sequence[Row]) -> List[Row]:
    """Deployments as the row of their service lists them, in no order."""
    return sorted(rows, key=lambda row: str(row.get("createdAt")), reverse=True)


def last_good(rows: Sequence[Row]) -> Optional[Row]:
    """The newest deployment that succeeded, of rows from the newest on."""
    return next((row for row in rows if row.get("status") == "done"), None)


@dataclass(frozen=True)
class Snapshot:
    """What there was before a deployment was triggered.

    :param ids: the deployments that had a row.
    :param ahead: how many jobs of the service were queued without a row; their rows come before that of the next one.
    """

    ids: FrozenSet[str]
    ahead: int


def snapshot(rows: Sequence[Row], queue: Queue) -> Snapshot:
    return Snapshot(frozenset(str(row.get("deploymentId")) for row in rows), without_row(rows, queue))


def without_row(rows: Sequence[Row], queue: Queue) -> int:
    """How many jobs have no row yet: those that wait, and one that a worker has just picked up."""
    if any(row.get("status") == RUNNING for row in rows):
        return queue.waiting
    created = [instant(row["createdAt"]).timestamp() * 1000 for row in rows if row.get("createdAt")]
    # A job stays active until its notifications are sent, which is after its row became final (measured on 0.30.2).
    return queue.waiting + sum(1 for taken in queue.taken if not any(when >= taken for when in created))


def has_begun(rows: Sequence[Row], queue: Queue, before: Snapshot) -> Optional[bool]:
    """Whether a deployment was triggered after C(before); C(None) when the server cannot tell yet."""
    new = sum(1 for row in rows if str(row.get("deploymentId")) not in before.ids)
    if new + without_row(rows, queue) > before.ahead:
        return True
    return False if queue.known else None


def find_triggered(rows: Sequence[Row], before: Snapshot, title: Optional[str], pending: int = 0) -> Optional[Row]:
    """The row of the deployment that was triggered after C(before), or C(None) while it has none.

    The queue is first in, first out: the jobs that waited before get their rows first. Of the rows after them, one with
    C(title) is the wanted one. One with another title is not, as long as a job without a row may be (C(pending)); a
    commit's message replaces the title of a git source only when the build has ended. When nothing is pending, a job
    that waited before may have been dropped.
    """
    new = [row for row in rows if str(row.get("deploymentId")) not in before.ids]
    new.sort(key=lambda row: str(row.get("createdAt")))
    earlier, later = new[: before.ahead], new[before.ahead :]
    titled = [row for row in later if title is not None and row.get("title") == title]
    if titled:
        return titled[0]
    if pending:
        return later[0] if later and title is None else None
    if later:
        return later[0]
    found = [row for row in earlier if title is not None and row.get("title") == title] or earlier
    return found[-1] if found else None


def commit_of(row: Row) -> Optional[str]:
    """The commit that a deployment has built, as its description says when the build has ended."""
    label, _colon, commit = str(row.get("description") or "").partition(":")
    return commit.strip() if label == "Commit" else None


def deployment_facts(resource: Resource, row: Row) -> Dict[str, Any]:
    """A deployment as results show it; C(duration) in seconds, C(None) while it runs."""
    start, end = row.get("startedAt"), row.get("finishedAt")
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
        "duration": round((instant(end) - instant(start)).total_seconds(), 3) if start and end else None,
        "error_message": row.get("errorMessage") or "",
        "log_path": row.get("logPath") or "",
    }
