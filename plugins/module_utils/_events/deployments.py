# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The deployments of an organization as events: which of them are news since the last look."""

from __future__ import annotations

import datetime
from typing import Any, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple

from .._api.client import Call, Client
from .._deployment.queue import commit_of
from .._errors import NotFoundError, UnknownProcedure
from .._model.responses import ANSWERS, DEPLOYMENT
from .._reads.rows import valid
from .._resources.services.kinds import BUILT
from .._secrets.masking import Scrubber, hide_credentials
from .._values.schema import TEXT, both, list_of, needed, object_of
from .._values.timestamps import instant
from .notifications import masked_notification

Row = Mapping[str, Any]

ALL = "deployment.allCentralized"
_PLACE = object_of(
    name=TEXT, environment=object_of(environmentId=TEXT, name=TEXT, project=object_of(projectId=TEXT, name=TEXT))
)
_ROWS = needed(list_of(DEPLOYMENT))
# As many as are remembered beside those that the server lists: it keeps eleven of each service.
_REMEMBERED = 50_000


class Reader:
    """Reads the deployments of all applications and stacks that the key may see, in any order.

    One request, from Dokploy 0.28.3 on. Older servers cannot list all deployments: there it takes the list of projects
    and batches of up to 100 services.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._lists_all = True
        rows = both(_ROWS, needed(list_of(object_of(**dict.fromkeys(BUILT, _PLACE)))))
        client.expect({**ANSWERS, **{resource.deployable.history: _ROWS for resource in BUILT.values()}, ALL: rows})

    def read(self) -> List[Row]:
        """:raises DokployError: it cannot be read."""
        if self._lists_all:
            try:
                return list(self._client.query(ALL))
            except UnknownProcedure:
                self._lists_all = False
        services = list(self._services())
        calls = [Call(BUILT[kind].deployable.history, {key: row[key]}) for kind, key, row in services]
        return [
            {**deployment, kind: row}
            for (kind, _key, row), answer in zip(services, self._client.call_many(calls))
            for deployment in _existing(answer)
        ]

    def _services(self) -> Iterator[Tuple[str, str, Row]]:
        """The kind, the key of the ID and the row of each service, with what it is in as C(ALL) has it."""
        for project in self._client.query("project.all"):
            for environment in project.get("environments") or ():
                place = {**environment, "project": project}
                for kind, resource in BUILT.items():
                    for row in environment.get(resource.listing.key) or ():
                        yield kind, resource.listing.id_key, {**row, "environment": place}


def _existing(answer: Any) -> Sequence[Row]:
    """The deployments of a service, none of one that was removed meanwhile."""
    return () if isinstance(answer, NotFoundError) else list(valid(answer))


class Watch:
    """Tells which deployments are news: each once for each status that it takes.

    :param statuses: those that are wanted.
    :param since: also what ended, or began, at this moment or later. With C(None) what the server lists at first is
        not news. Neither is, later, what is older than the newest of that: it appears when a key gets more permissions.
    """

    def __init__(self, statuses: Sequence[str], since: Optional[datetime.datetime] = None) -> None:
        self._statuses, self._since = frozenset(statuses), since
        self._first = True
        self._known: Dict[str, str] = {}
        self._start = ""

    def news(self, rows: Sequence[Row]) -> List[Row]:
        """The rows that are news, the oldest first."""
        fresh = [row for row in rows if self._is_news(row)]
        if self._first:
            self._first = False
            # Dokploy writes all its times in one form, which sorts as text.
            self._start = max((row.get("createdAt") or "" for row in rows), default="")
        now = {row["deploymentId"]: row.get("status") or "" for row in rows}
        if len(self._known) > _REMEMBERED + len(now):
            self._known.clear()
        self._known.update(now)
        return sorted(fresh, key=lambda row: row.get("finishedAt") or row.get("createdAt") or "")

    def _is_news(self, row: Row) -> bool:
        known, status = self._known.get(row["deploymentId"]), row.get("status")
        if status == known or status not in self._statuses:
            return False
        if self._first:
            return self._since is not None and _moment(row) >= self._since
        return known is not None or (row.get("createdAt") or "") >= self._start


def _moment(row: Row) -> datetime.datetime:
    try:
        return instant(row.get("finishedAt") or row.get("createdAt"))
    except ValueError:
        return datetime.datetime.min.replace(tzinfo=datetime.timezone.utc)


def deployment_event(row: Row) -> Dict[str, Any]:
    return {"type": "deployment", "deployment": facts(row)}


def facts(row: Row) -> Dict[str, Any]:
    """A deployment with the names and IDs of its service, and of what that is in; C(kind) is the kind of service."""
    kind = next((name for name in BUILT if row.get(name)), None)
    service: Row = row[kind] if kind else {}
    environment = service.get("environment") or {}
    project = environment.get("project") or {}
    return {
        "deployment_id": row["deploymentId"],
        "kind": kind,
        "project": project.get("name"),
        "project_id": project.get("projectId"),
        "environment": environment.get("name"),
        "environment_id": environment.get("environmentId"),
        "service": service.get("name"),
        "service_id": service.get(BUILT[kind].listing.id_key) if kind else None,
        "title": hide_credentials(row.get("title") or ""),
        "description": hide_credentials(row.get("description") or ""),
        "commit": commit_of(row),
        "status": row.get("status"),
        "created_at": row.get("createdAt"),
        "started_at": row.get("startedAt"),
        "finished_at": row.get("finishedAt"),
        "error_message": masked_notification(str(row.get("errorMessage") or ""), Scrubber()),
        "log_path": row.get("logPath") or "",
    }
