# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The services in a scope, with all that tells what data they have and which backups have it.

All of them take two requests, and a further one for each hundred queries: the project tree, and their rows with the
volume backups and Compose files.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, List, Mapping, Sequence, Tuple, Union

from ..._api.client import Call
from ..._engine.runner import Context
from ..._errors import DokployError, NotFoundError, PermissionDenied, ServerError, UnknownProcedure
from ..._model.resource import Resource
from ..._reads.rows import Path, listing_call, read_call, row_in, valid
from ..._values.paths import joined
from ..databases.database import DATABASES
from ..infrastructure.destination import DESTINATION
from ..jobs.run import MARK
from ..projects.scope import Scope
from ..services.application import APPLICATION
from ..services.compose import COMPOSE
from .coverage import Service
from .runs import backup_lists
from .stack_data import StackData, stack_data

Row = Mapping[str, Any]

SERVICES: Tuple[Resource, ...] = (APPLICATION, COMPOSE, *DATABASES)
_KINDS = tuple(dict.fromkeys(resource.name for resource in SERVICES))


@dataclass(frozen=True)
class InScope:
    """What a scope selects.

    :param services: sorted by their paths. :param jobs: the rows of applications that are jobs.
    :param destinations: the rows of all, as far as the key shows them.
    """

    services: List[Service]
    jobs: List[Row]
    destinations: List[Row]


def services_in_scope(context: Context) -> InScope:
    """What C(scope) selects.

    :raises OptionError: a pattern selects nothing.
    """
    chosen = _chosen(context)
    calls = [call for resource, path in chosen for call in _calls(resource, str(path[-1][resource.id_key]))]
    listed, *results = context.client.call_many([Call(DESTINATION.listing.procedures[0], {}), *calls])
    answers = iter(results)
    services: List[Service] = []
    jobs: List[Row] = []
    for resource, path in chosen:
        own = [next(answers) for _call in _calls(resource, str(path[-1][resource.id_key]))]
        row = row_in(resource, own[0], str(path[-1][resource.id_key]))
        if row is not None and row.get("description") == MARK:
            jobs.append(row)
        elif row is not None:
            services.append(_service(resource, path, row, own[1:]))
    rows = [] if isinstance(listed, PermissionDenied) else valid(listed)
    return InScope(sorted(services, key=lambda service: service.path), jobs, rows)


def _chosen(context: Context) -> List[Tuple[Resource, Path]]:
    """The services in the scope, each after its project and its environment.

    :raises OptionError: a pattern selects nothing.
    """
    scope, reads = Scope(context.params["scope"], _KINDS), context.reads
    chosen: List[Tuple[Resource, Path]] = []
    known: List[Tuple[str, ...]] = []
    for resource in SERVICES:
        tree = reads.trees.of(resource.levels)
        if not scope.everything:
            # The tree has no names of databases; whole rows have them.
            reads.trees.complete(tree.paths(resource.parents), resource.levels)
        for path in tree.paths(resource.levels):
            if scope.everything or scope.has(resource.name, _names(resource, path), True):
                chosen.append((resource, path))
            known.append(_names(resource, path))
    if not scope.everything:
        for levels in (SERVICES[0].parents[:1], SERVICES[0].parents):
            for path in reads.trees.of(SERVICES[0].levels).paths(levels):
                names = tuple(str(row.get("name")) for row in path)
                # What is empty has no data.
                scope.has("", names, True)
                known.append(names)
        scope.refuse_unused(known)
    return chosen


def _names(resource: Resource, path: Path) -> Tuple[str, ...]:
    return (*(str(row.get("name")) for row in path[:-1]), str(path[-1].get("name") or path[-1][resource.id_key]))


def _calls(resource: Resource, resource_id: str) -> List[Call]:
    """The queries for a service: its row, its volume backups, and the file that a deployment of a stack would write."""
    lists = [listing_call(child, resource_id) for child in backup_lists(resource) if child.listing]
    file = [Call("compose.getConvertedCompose", {"composeId": resource_id})] if resource is COMPOSE else []
    return [read_call(resource, resource_id), *lists, *file]


def _service(resource: Resource, path: Path, row: Row, answers: Sequence[Any]) -> Service:
    """:param answers: those beside the row."""
    volume_backups = answers[0]
    rows = [] if isinstance(volume_backups, (UnknownProcedure, NotFoundError)) else valid(volume_backups)
    names = (*(str(outer.get("name")) for outer in path[:-1]), str(row.get("name")))
    stack = stack_of(row, answers[1]) if resource is COMPOSE else None
    return Service(resource.name, resource.kind or resource.name, joined(names), row, rows, stack)


def stack_of(row: Row, answer: Any) -> Union[StackData, str, None]:
    """What the Compose file of a stack names, or why that is not known; C(None) if it was never deployed."""
    # A domain of a service that does not exist is enough for the server to write no file.
    text = row.get("composeFile") if isinstance(answer, ServerError) and row.get("sourceType") == "raw" else answer
    try:
        return stack_data(str(valid(text)), row)
    except (DokployError, ValueError) as error:
        if not row.get("deployments"):
            return None
        return "cannot be read: %s" % error if isinstance(error, DokployError) else str(error)


def resource_of(service: Service) -> Resource:
    """The description of a service."""
    of_kind = (resource for resource in SERVICES if resource.name == service.kind)
    return next(resource for resource in of_kind if not resource.kind or resource.kind == service.type)
