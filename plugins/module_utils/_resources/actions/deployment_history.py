# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""The history of deployments of one service or many, and what waits in the queue.

One batch reads the deployments of all services together with the server's queue, and one more reads their logs.
"""

from __future__ import annotations

import datetime
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from ..._api.client import Client
from ..._deployment.queue import QUEUE, DeploymentQuery, Deployments, Row, created_at, deployment_facts
from ..._deployment.state import last_good, newest_first
from ..._engine.kinds import chosen, names_one
from ..._engine.lookup import find_parent, locate, parent_path, paths_of, read_row
from ..._engine.runner import Context, action_operation
from ..._errors import NotFoundError, OptionError
from ..._model.resource import Resource
from ..._reads.rows import valid
from ..._swarm.logs import build_logs, check_lines, listed
from ..._values.timestamps import since
from .deployment import DEPLOYABLES

Facts = Dict[str, Any]
Params = Mapping[str, Any]

STATUSES = ("running", "done", "error", "cancelled")


def list_deployments(resources: Sequence[Resource], context: Context) -> Dict[str, Any]:
    """The operation C(dokploy_deployment_info).

    :raises OptionError: an option is invalid or missing. :raises Ambiguous: several have the name.
    :raises ReferenceNotFound: a name does not exist. :raises NotFoundError: the ID does not exist.
    """
    params = context.params
    start = _checked(resources, params)
    single = names_one(resources, params)
    wanted = [chosen(resources, params, context.reads)] if single else resources
    services = [(resource, path) for resource in wanted for path in _paths(resource, context)]
    histories = _histories(services, context.client, needed=single)
    # Those of the other kinds, so that a list has the same keys in all its entries.
    others = {key: None for resource in resources for key in (resource.id_option, resource.name)}
    listings = [
        (resource, [{**others, **facts} for facts in _shown(resource, names, history.rows, params, start)])
        for resource, names, history in histories
    ]
    if params["log_lines"] > 0:
        _add_logs([(resource, facts[0]) for resource, facts in listings if facts], context)
    # Dokploy writes all its times in one form, which sorts as text.
    deployments = [deployment for _resource, facts in listings for deployment in facts]
    summaries = [(resource, _summary(resource, names, history)) for resource, names, history in histories]
    newest_first = sorted(deployments, key=lambda facts: facts["created_at"] or "", reverse=True)
    queue = summaries[0][1]["queue"] if single else None
    result = {"changed": False, "deployments": newest_first, "queue": queue}
    for resource in resources:
        own = [summary for kind, summary in summaries if kind is resource]
        result.update(_of_kind(resource, own, single))
    return result


def _of_kind(resource: Resource, own: List[Dict[str, Any]], single: bool) -> Dict[str, Any]:
    """What the result has of the services of one kind."""
    resource_id = own[0][resource.id_option] if single and own else None
    return {resource.id_option: resource_id, resource.listing.results: own}


def _add_logs(newest: Sequence[Tuple[Resource, Dict[str, Any]]], context: Context) -> None:
    """Enter the end of its log into each of these deployments."""
    ids = [(resource, facts[resource.id_option], facts["deployment_id"]) for resource, facts in newest]
    logs = build_logs(context.client, ids, context.params["log_lines"])
    for (_resource, facts), log in zip(newest, logs):
        facts["log"] = listed(log)


def _checked(resources: Sequence[Resource], params: Params) -> Optional[datetime.datetime]:
    """The moment of C(since), after all options were checked."""
    levels = [(resource.id_option, *(listing.label for listing in resource.levels)) for resource in resources]
    for option in (*(option for options in levels for option in options), "deployment_id"):
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
        row = read_row(resource, locate(resource, params, reads, resource.name), reads)
        if row is None:
            wanted = params[resource.id_option]
            raise NotFoundError("%s: there is no %s %r" % (resource.id_option, resource.name, wanted))
        environment = row.get("environment") or {}
        return [(environment.get("project") or {}, environment, row)]
    if params[resource.name] is not None:
        target = find_parent(resource, params, reads)
        return [(*parent_path(resource, params, reads), target.row or {})]
    if params["project"] is None:
        raise OptionError("project is needed to find the environment %r by its name" % params["environment"])
    return paths_of(resource, params, reads)


def _histories(
    services: Sequence[Tuple[Resource, Sequence[Row]]], client: Client, needed: bool
) -> List[Tuple[Resource, Facts, Deployments]]:
    """The description of each service, its ID and names, and its deployments and jobs, in one batch.

    :param needed: a service that was removed meanwhile is an error and not left out.
    """
    queries = [DeploymentQuery(kind, str(path[-1].get(kind.id_key)), with_previews=True) for kind, path in services]
    answers = client.call_many([*(query.calls[0] for query in queries), QUEUE]) if queries else []
    histories = []
    for query, (resource, path), answer in zip(queries, services, answers):
        if needed or not isinstance(answer, NotFoundError):
            names = {listing.label: row.get("name") for listing, row in zip(resource.levels, path)}
            deployments = query.read((newest_first(valid(answer)), answers[-1]))
            histories.append((resource, {resource.id_option: query.resource_id, **names}, deployments))
    return histories


def _shown(
    resource: Resource, names: Facts, rows: Sequence[Row], params: Params, start: Optional[datetime.datetime]
) -> List[Facts]:
    """The deployments of one service that the filters let through, newest first."""

    def is_since(row: Row) -> bool:
        created = created_at(row)
        return start is None or (created is not None and created >= start)

    wanted = [
        row
        for row in rows
        if params["deployment_id"] in (None, row.get("deploymentId"))
        and (not params["status"] or row.get("status") in params["status"])
        and is_since(row)
    ]
    return [{**deployment_facts(resource, row), **names} for row in wanted[: params["limit"]]]


def _summary(resource: Resource, names: Facts, history: Deployments) -> Facts:
    newest, good, queue = history.newest, last_good(history.rows), history.queue
    return {
        **names,
        "newest": deployment_facts(resource, newest) if newest else None,
        "newest_good": deployment_facts(resource, good) if good else None,
        "queue": {"waiting": queue.waiting, "active": queue.active, "ahead": queue.ahead} if queue.known else None,
    }


_NAMES = [option for service in DEPLOYABLES for option in (service.name, service.id_option)]

INFO_OPERATION = action_operation(
    "dokploy_deployment_info",
    DEPLOYABLES,
    list_deployments,
    {
        "deployment_id": {"type": "str"},
        "status": {"type": "list", "elements": "str", "choices": list(STATUSES), "default": []},
        "since": {"type": "str"},
        "limit": {"type": "int"},
        "log_lines": {"type": "int", "default": 0},
    },
    {"required_one_of": [[*_NAMES, "environment", "project"]]},
)
