# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""The history of deployments of one service or many, and what waits in the queue.

One batch reads the deployments of all services together with the server's queue, and one more reads their logs.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Optional, Sequence

from .._api.client import Call, Client
from .._engine.lookup import find_parent, locate, parent_path, paths_of, read
from .._engine.reads import valid
from .._engine.runner import Context
from .._errors import NotFoundError, OptionError
from .._model.resource import Resource
from .._swarm.logs import build_logs, check_lines, listed
from .._values.schema import instant
from .._values.units import since
from .queue import QUEUE, Queue, Row, deployment_facts, last_good, newest_first, read_queue

Facts = Dict[str, Any]
Params = Mapping[str, Any]

STATUSES = ("running", "done", "error", "cancelled")


@dataclass(frozen=True)
class History:
    """The deployments of one service, newest first, and its jobs.

    :param names: its name and those of what it is in; C(None) where the server does not tell.
    """

    resource: Resource
    resource_id: str
    names: Facts
    rows: List[Row]
    queue: Queue


def list_deployments(resource: Resource, context: Context) -> Dict[str, Any]:
    """The operation C(dokploy_deployment_info).

    :raises OptionError: an option is invalid, or the locator is incomplete; nothing was read.
    :raises ReferenceNotFound: a name does not exist; the message lists similar names.
    :raises Ambiguous: several have the name; the message lists the IDs.
    :raises NotFoundError: the service of the ID or name does not exist.
    """
    params = context.params
    start = _checked(resource, params)
    paths = _paths(resource, context)
    single = params[resource.name] is not None or params[resource.id_option] is not None
    histories = _histories(resource, paths, context.client, needed=single)
    shown = [_shown(history, params, start) for history in histories]
    newest = [facts[0] for facts in shown if facts] if params["log_lines"] > 0 else []
    ids = [(facts[resource.id_option], facts["deployment_id"]) for facts in newest]
    for facts, log in zip(newest, build_logs(context.client, resource, ids, params["log_lines"])):
        facts["log"] = listed(log)
    # Dokploy writes all its times in one form, which sorts as text.
    deployments = sorted((one for facts in shown for one in facts), key=_created, reverse=True)
    return {
        "changed": False,
        resource.id_option: histories[0].resource_id if single else None,
        "deployments": deployments,
        "%ss" % resource.name: [_summary(history) for history in histories],
        "queue": _queue_facts(histories[0].queue) if single else None,
    }


def _created(facts: Facts) -> str:
    return facts["created_at"] or ""


def _checked(resource: Resource, params: Params) -> Optional[datetime.datetime]:
    """The moment of C(since), after all options were checked."""
    for option in (resource.id_option, *(listing.label for listing in resource.levels), "deployment_id"):
        if params[option] == "":
            raise OptionError("%s must not be empty" % option)
    if params["limit"] is not None and params["limit"] < 1:
        raise OptionError("limit is %d; it must be 1 or more" % params["limit"])
    check_lines(params["log_lines"])
    if params["since"] is None:
        return None
    return since(params["since"], datetime.datetime.now(datetime.timezone.utc))


def _paths(resource: Resource, context: Context) -> Sequence[Sequence[Row]]:
    """The rows of the wanted services, each after those of what it is in, sorted by their names."""
    params, reads = context.params, context.reads
    if params[resource.id_option] is not None:
        # The query for deployments answers an empty list for an ID that does not exist. The row also names what the
        # service is in, which saves the tree.
        row = read(resource, locate(resource, params, reads, resource.name), reads)
        if row is None:
            raise NotFoundError(
                "%s: there is no %s %r" % (resource.id_option, resource.name, params[resource.id_option])
            )
        environment = row.get("environment") or {}
        return [(environment.get("project") or {}, environment, row)]
    if params[resource.name] is not None:
        target = find_parent(resource, params, reads)
        return [(*parent_path(resource, params, reads), target.row or {})]
    if params["project"] is None:
        raise OptionError("project is needed to find the environment %r by its name" % params["environment"])
    return paths_of(resource, params, reads)


def _histories(resource: Resource, paths: Sequence[Sequence[Row]], client: Client, needed: bool) -> List[History]:
    """The deployments of each service and its jobs, in one batch.

    :param needed: a service that was removed meanwhile is an error and not left out.
    """
    ids = [str(path[-1].get(resource.id_key)) for path in paths]
    calls = [Call(resource.deployable.history, {resource.id_key: resource_id}) for resource_id in ids]
    answers = client.call_many([*calls, QUEUE]) if ids else []
    found = []
    for resource_id, path, answer in zip(ids, paths, answers):
        if isinstance(answer, NotFoundError) and not needed:
            continue
        rows = newest_first(valid(answer))
        names = {listing.label: row.get("name") for listing, row in zip(resource.levels, path)}
        queue = read_queue(answers[-1], {resource.id_key: resource_id})
        found.append(History(resource, resource_id, names, rows, queue))
    return found


def _shown(history: History, params: Params, start: Optional[datetime.datetime]) -> List[Facts]:
    """The deployments of one service that the filters let through, newest first."""
    wanted = [
        row
        for row in history.rows
        if params["deployment_id"] in (None, row.get("deploymentId"))
        and (not params["status"] or row.get("status") in params["status"])
        and (start is None or (row.get("createdAt") and instant(row["createdAt"]) >= start))
    ]
    return [{**deployment_facts(history.resource, row), **history.names} for row in wanted[: params["limit"]]]


def _summary(history: History) -> Facts:
    newest, good = history.rows[0] if history.rows else None, last_good(history.rows)
    return {
        history.resource.id_option: history.resource_id,
        **history.names,
        "newest": deployment_facts(history.resource, newest) if newest else None,
        "newest_good": deployment_facts(history.resource, good) if good else None,
        "queue": _queue_facts(history.queue),
    }


def _queue_facts(queue: Queue) -> Optional[Facts]:
    return {"waiting": queue.waiting, "active": queue.active, "ahead": queue.ahead} if queue.known else None
