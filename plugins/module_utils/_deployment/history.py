# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The deployments of one application or of many: how they went, and what still waits.

Whatever is asked for, one batch reads the deployments of all applications together with the server's queue, and one
more reads their logs.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Optional, Sequence

from ansible_collections.community.dokploy.plugins.module_utils._api.client import Call, Client
from ansible_collections.community.dokploy.plugins.module_utils._deployment.queue import (
    QUEUE,
    Queue,
    deployment_facts,
    read_queue,
)
from ansible_collections.community.dokploy.plugins.module_utils._engine.lookup import (
    find_parent,
    locate,
    parent_path,
    paths_of,
    read,
)
from ansible_collections.community.dokploy.plugins.module_utils._engine.runner import Context
from ansible_collections.community.dokploy.plugins.module_utils._errors import (
    DokployError,
    NotFoundError,
    OptionError,
)
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Resource
from ansible_collections.community.dokploy.plugins.module_utils._swarm.logs import build_logs, listed
from ansible_collections.community.dokploy.plugins.module_utils._values.timestamps import instant, since

Row = Mapping[str, Any]
Facts = Dict[str, Any]
Result = Dict[str, Any]

STATUSES = ("running", "done", "error", "cancelled")
# What the server lets C(deployment.readLogs) read.
_MOST_LINES = 10000
_ALL = "deployment.all"


@dataclass(frozen=True)
class Place:
    """An application, by its id and the names on the way to it; C(None) where the server does not say."""

    resource_id: str
    application: Optional[str]
    environment: Optional[str]
    project: Optional[str]

    @property
    def names(self) -> Facts:
        return {"application": self.application, "environment": self.environment, "project": self.project}


@dataclass(frozen=True)
class History:
    """What was read of one application.

    :param rows: its deployments, newest first.
    """

    place: Place
    rows: List[Row]
    queue: Queue


def list_deployments(resource: Resource, context: Context) -> Result:
    """The operation C(dokploy_deployment_info).

    :raises OptionError: an option cannot be, or the address is incomplete; nothing was read.
    :raises ReferenceNotFound: what was named does not exist; the message lists similar names.
    :raises Ambiguous: a name is borne by several; the message lists the ids.
    :raises NotFoundError: there is no application of the id, or the one that was named is gone.
    """
    params = context.params
    start = _checked(params)
    places = _chosen(resource, context)
    single = params["application"] is not None or params["application_id"] is not None
    histories = _histories(resource, places, context.client, needed=single)
    shown = [_shown(resource, history, params, start) for history in histories]
    if params["log_lines"] > 0:
        newest = [of_one[0] for of_one in shown if of_one]
        ids = [(facts[resource.id_option], facts["deployment_id"]) for facts in newest]
        for facts, log in zip(newest, build_logs(context.client, resource, ids, params["log_lines"])):
            facts["log"] = listed(log)
    deployments = [facts for of_one in shown for facts in of_one]
    # Dokploy writes all its times in one form, which sorts as text.
    deployments.sort(key=lambda facts: facts["created_at"] or "", reverse=True)
    return {
        "changed": False,
        "application_id": histories[0].place.resource_id if single else None,
        "deployments": deployments,
        "applications": [_summary(resource, history) for history in histories],
        "queue": _queue_facts(histories[0].queue) if single else None,
    }


def _checked(params: Row) -> Optional[datetime.datetime]:
    """The moment that C(since) means, when all options can be."""
    for option in ("application_id", "application", "project", "environment", "deployment_id"):
        if params[option] == "":
            raise OptionError("%s must not be empty" % option)
    if params["limit"] is not None and params["limit"] < 1:
        raise OptionError("limit is %d; it must be 1 or more" % params["limit"])
    if not 0 <= params["log_lines"] <= _MOST_LINES:
        raise OptionError("log_lines is %d; it must be 0 to %d" % (params["log_lines"], _MOST_LINES))
    if params["since"] is None:
        return None
    return since("since", params["since"], datetime.datetime.now(datetime.timezone.utc))


# --- which applications ----------------------------------------------------------------------------------------------


def _chosen(resource: Resource, context: Context) -> List[Place]:
    """The applications that the address means, sorted by the names of project, environment and their own."""
    params, reads = context.params, context.reads
    if params["application_id"] is not None:
        return [_by_id(resource, context)]
    if params["application"] is not None:
        target = find_parent(resource, params, reads)
        project, environment = parent_path(resource, params, reads)
        return [_place(target.row or {}, environment, project)]
    if params["project"] is None:
        raise OptionError("project is needed to find the environment %r by its name" % params["environment"])
    return [_place(row, environment, project) for project, environment, row in paths_of(resource, params, reads)]


def _by_id(resource: Resource, context: Context) -> Place:
    # Whether it exists has to be asked anyway, since deployment.all answers an empty list for what does not; and the
    # answer names what the application is in, which saves the tree.
    row = read(resource, locate(resource, context.params, context.reads, "application"), context.reads)
    if row is None:
        raise NotFoundError("application_id: there is no application %r" % context.params["application_id"])
    environment = row.get("environment") or {}
    return _place(row, environment, environment.get("project") or {})


def _place(application: Row, environment: Row, project: Row) -> Place:
    resource_id = str(application.get("applicationId"))
    return Place(resource_id, application.get("name"), environment.get("name"), project.get("name"))


# --- what there is of them -------------------------------------------------------------------------------------------


def _histories(resource: Resource, places: Sequence[Place], client: Client, needed: bool) -> List[History]:
    """The deployments of each application and its part of the queue, in one batch.

    :param needed: an application that was removed meanwhile is an error and not left out.
    """
    if not places:
        return []
    calls = [Call(_ALL, {"applicationId": place.resource_id}) for place in places]
    *answers, jobs = client.call_many([*calls, QUEUE])
    found = []
    for place, answer in zip(places, answers):
        if isinstance(answer, DokployError):
            if needed or not isinstance(answer, NotFoundError):
                raise answer
            continue
        rows = sorted(answer, key=lambda row: row.get("createdAt") or "", reverse=True)
        found.append(History(place, rows, read_queue(jobs, {resource.id_key: place.resource_id})))
    return found


def _shown(resource: Resource, history: History, params: Row, start: Optional[datetime.datetime]) -> List[Facts]:
    """The deployments of one application that the filters let through, newest first."""
    wanted = [row for row in history.rows if _wanted(row, params, start)]
    return [{**deployment_facts(resource, row), **history.place.names} for row in wanted[: params["limit"]]]


def _wanted(row: Row, params: Row, start: Optional[datetime.datetime]) -> bool:
    if params["deployment_id"] is not None and row.get("deploymentId") != params["deployment_id"]:
        return False
    if params["status"] and row.get("status") not in params["status"]:
        return False
    return start is None or _begun(row.get("createdAt"), start)


def _begun(when: Any, start: datetime.datetime) -> bool:
    try:
        return instant(when) >= start
    except ValueError:
        return False


def _summary(resource: Resource, history: History) -> Facts:
    good = [row for row in history.rows if row.get("status") == "done"]
    return {
        "application_id": history.place.resource_id,
        **history.place.names,
        "newest": deployment_facts(resource, history.rows[0]) if history.rows else None,
        "newest_good": deployment_facts(resource, good[0]) if good else None,
        "queue": _queue_facts(history.queue),
    }


def _queue_facts(queue: Queue) -> Optional[Facts]:
    return {"waiting": queue.waiting, "active": queue.active, "ahead": queue.ahead} if queue.known else None
