# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The queue of deployments and their rows, and which of them is ours.

Dokploy's C(application.deploy) answers with an empty body. The row of the deployment appears when a worker picks the
job up: after 70 to 200 ms on an idle server, and behind every other build otherwise, since a server builds one thing at
a time. Until then an application still shows its old deployment, which may say C(done) (measured on 0.30.2). So the
rows that were there before are remembered, and only a new one counts.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any, Dict, FrozenSet, List, Mapping, Optional, Sequence, Tuple

from ansible_collections.community.dokploy.plugins.module_utils._api.client import Call, Client
from ansible_collections.community.dokploy.plugins.module_utils._engine.reads import shaped
from ansible_collections.community.dokploy.plugins.module_utils._errors import (
    DokployError,
    NotFoundError,
    UnknownProcedure,
)

Row = Mapping[str, Any]

RUNNING = "running"
FINAL = ("done", "error", "cancelled")


@dataclass(frozen=True)
class Queue:
    """What the queue holds of one application: how many jobs wait and run, and how many are ahead of its last one.

    :param taken: when a worker took up each of the running ones, in milliseconds since 1970.
    """

    waiting: int
    active: int
    ahead: int
    known: bool = True
    taken: Tuple[float, ...] = ()


def read_queue(jobs: Any, resource_id: str, key: str = "applicationId", previews: bool = True) -> Queue:
    """The queue as C(deployment.queueList) answers it (newest first); servers before 0.28.3 have no such list.

    :param key: what C(resource_id) is the id of. The jobs of an application are those of its previews as well.
    :param previews: whether those count.
    """
    if not isinstance(jobs, list):
        return Queue(0, 0, 0, known=False)

    def is_mine(data: Mapping[str, Any]) -> bool:
        return data.get(key) == resource_id and (previews or not data.get("previewDeploymentId"))

    mine = [position for position, job in enumerate(jobs) if is_mine(job.get("data") or {})]
    ahead = len(jobs) - 1 - mine[0] if mine else 0
    states = [jobs[position].get("state") for position in mine]
    taken = [jobs[position].get("processedOn") or 0 for position in mine if jobs[position].get("state") == "active"]
    return Queue(states.count("waiting"), states.count("active"), ahead, taken=tuple(taken))


def newest_first(rows: Sequence[Row]) -> List[Row]:
    """Deployments in the order that counts; C(application.one) lists them in none."""
    return sorted(rows, key=lambda row: str(row.get("createdAt")), reverse=True)


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
    rows, jobs = _with_queue(client, "deployment.all", application_id)
    return rows, read_queue(jobs, application_id)


def look_at_previews(client: Client, application_id: str) -> Tuple[List[Row], Any]:
    """The previews of an application, newest first, each with its C(deployments), and the jobs for C(read_queue)."""
    return _with_queue(client, "previewDeployment.all", application_id)


def look_at_preview(client: Client, application_id: str, preview_id: str) -> Tuple[List[Row], Queue]:
    """The same as C(look_at) for one preview of an application.

    :raises NotFoundError: the preview is gone.
    """
    previews, jobs = look_at_previews(client, application_id)
    for row in previews:
        if row.get("previewDeploymentId") == preview_id:
            return list(row.get("deployments") or []), read_queue(jobs, preview_id, "previewDeploymentId")
    raise NotFoundError("there is no preview deployment %r any more" % preview_id)


def _with_queue(client: Client, procedure: str, application_id: str) -> Tuple[List[Row], Any]:
    rows, jobs = client.call_many(
        [Call(procedure, {"applicationId": application_id}), Call("deployment.queueList", {})]
    )
    if isinstance(rows, DokployError):
        raise rows
    if isinstance(jobs, DokployError) and not isinstance(jobs, UnknownProcedure):
        raise jobs
    return shaped(rows, list, procedure), jobs


def without_row(rows: Sequence[Row], queue: Queue) -> int:
    """How many jobs of the application have no row yet: those that wait, and one that a worker has just picked up."""
    if any(row.get("status") == RUNNING for row in rows):
        return queue.waiting
    created = [_instant(row["createdAt"]) * 1000 for row in rows if row.get("createdAt")]
    # A job stays active until its notifications are sent, which is after its row became final (measured on 0.30.2).
    return queue.waiting + sum(1 for taken in queue.taken if not any(when >= taken for when in created))


def snapshot(rows: Sequence[Row], queue: Queue) -> Snapshot:
    return Snapshot(frozenset(str(row.get("deploymentId")) for row in rows), without_row(rows, queue))


def has_begun(rows: Sequence[Row], queue: Queue, before: Snapshot) -> Optional[bool]:
    """Whether one was triggered after C(before); C(None) when it has no row yet and there is no queue to look into."""
    fresh = sum(1 for row in rows if str(row.get("deploymentId")) not in before.ids)
    if fresh + without_row(rows, queue) > before.ahead:
        return True
    return False if queue.known else None


def find_ours(rows: Sequence[Row], before: Snapshot, title: Optional[str], pending: int = 0) -> Optional[Row]:
    """The row of the deployment that was triggered after C(before), or C(None) while it has none.

    The queue is first in, first out: the jobs that waited before ours get their rows first. Of what came after them a
    row with our title is ours. One with another title is somebody else's as long as a job without a row may be ours
    (C(pending)); the commit replaces a git source's title only when the build has ended. When nothing is pending any
    more, a job before ours may have been dropped.
    """
    fresh = [row for row in rows if str(row.get("deploymentId")) not in before.ids]
    fresh.sort(key=lambda row: str(row.get("createdAt")))
    later = fresh[before.ahead :]
    titled = [row for row in later if title is not None and row.get("title") == title]
    if titled:
        return titled[0]
    if pending:
        return later[0] if later and title is None else None
    earlier = [row for row in fresh[: before.ahead] if title is not None and row.get("title") == title]
    if later or earlier:
        return later[0] if later else earlier[-1]
    return fresh[-1] if fresh else None


def last_good(rows: Sequence[Row]) -> Optional[Row]:
    """The newest deployment that ended well, of rows from the newest on."""
    return next((row for row in rows if row.get("status") == "done"), None)


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
