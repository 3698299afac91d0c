# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What is lost with what a document removes, read in one batch for all of it, and what begins without its data."""

from __future__ import annotations

from typing import Any, Dict, Iterator, List, Mapping, Sequence, Tuple

from .._engine.apply import RemovalPlan
from .._engine.planned import Planned
from .._errors import DokployError, NotFoundError, PermissionDenied, UnknownProcedure, enumerated
from .._model.resource import ENVIRONMENTS, PROJECTS, Resource
from .._reads.reads import Reads
from .._reads.rows import listed_children, read_back_calls
from .._resources.infrastructure.destination import DESTINATION, backups_to
from .._resources.projects.contents import services_of
from .._resources.services.losses import BACKUPS, losses
from .._values.paths import split, unescaped
from .sections import all_sections

Row = Mapping[str, Any]

# Dokploy never shows it again.
_PRIVATE_KEYS = ("ssh_key", "certificate")
_SERVICES: Mapping[str, Resource] = {
    resource.kind or resource.name: resource
    for section in all_sections()
    for resource in section.operation.resources
    if resource.runs
}
_DATABASE = "database"
# A database of another name is another one, and nothing moves the data.
_EMPTY, _NOT_MOVED = "begins empty, without the data of %s", "the data is not moved to %s, which begins empty"
# What the key may not read, or the release does not have, is not told.
_UNTOLD = (NotFoundError, PermissionDenied, UnknownProcedure)


def reasons_of(plans: Sequence[Planned], reads: Reads, paths: Mapping[str, str]) -> Dict[str, str]:
    """What the plan says of the data, by key: what is lost with what is removed, and which databases begin empty.

    :param paths: those of the entries, by key.
    """
    reasons = losses_of(plans, reads)
    for key, text in _of_new_names(plans, paths).items():
        reasons[key] = "; ".join([reasons[key], text]) if key in reasons else text
    return reasons


def losses_of(plans: Sequence[Planned], reads: Reads) -> Dict[str, str]:
    """What is lost with each that is removed, and what stays of it, by key; without those that lose nothing."""
    removals = [
        (planned.node.key, planned.plan)
        for planned in plans
        if isinstance(planned.plan, RemovalPlan) and planned.plan.steps
    ]
    services = [(key, plan, *service) for key, plan in removals for service in _services(plan.state.resource, plan)]
    if not removals:
        return {}
    # A planned removal is in no listing any more.
    gone: List[Any] = [plan.state.target.row for _key, plan in removals if plan.state.resource is DESTINATION]
    names = {
        str(destination[DESTINATION.id_key]): str(destination.get("name"))
        for destination in (*_destinations(reads), *gone)
    }
    lost: Dict[str, List[str]] = {}
    rows = _whole([(resource, str(row[resource.id_key])) for _key, _plan, resource, row, _place in services], reads)
    for (key, plan, _resource, _row, place), row in zip(services, rows):
        state = plan.state
        texts = list(losses(row, {} if place else state.params, {} if place else state.known, names))
        if texts:
            lost.setdefault(key, []).append((place % row.get("name") if place else "") + "; ".join(texts))
    for key, plan in removals:
        lost.setdefault(key, []).extend(_of_others(plan, reads))
    return {key: "; ".join(texts) for key, texts in lost.items() if texts}


def _of_new_names(plans: Sequence[Planned], paths: Mapping[str, str]) -> Dict[str, str]:
    """What is to be known of databases that are created where others of their type are removed, by the keys of both.

    One that gets another name in the document is such a pair.
    """
    groups: Dict[Tuple[str, Tuple[str, ...]], Dict[str, List[str]]] = {}
    for planned in plans:
        action, key, resource = planned.change["action"], planned.node.key, planned.node.resource
        if resource.name == _DATABASE and action in ("create", "remove"):
            place = (resource.kind, tuple(split(paths[key])[:-1]))
            groups.setdefault(place, {"create": [], "remove": []})[action].append(key)
    notes: Dict[str, str] = {}
    for keys in groups.values():
        created, removed = keys["create"], keys["remove"]
        if created and removed:
            notes.update(dict.fromkeys(created, _EMPTY % _names(removed, paths)))
            notes.update(dict.fromkeys(removed, _NOT_MOVED % _names(created, paths)))
    return notes


def _names(keys: Sequence[str], paths: Mapping[str, str]) -> str:
    return enumerated(sorted(unescaped(split(paths[key])[-1]) for key in keys))


def _services(resource: Resource, plan: RemovalPlan) -> Iterator[Tuple[Resource, Row, str]]:
    """The services that a removal deletes, each with its place if it is in what is removed."""
    row: Any = plan.state.target.row
    if resource.runs:
        yield resource, row, ""
    if resource.listing not in (PROJECTS, ENVIRONMENTS):
        return
    for environment in row.get("environments") or () if resource.listing == PROJECTS else [row]:
        for listing, service in services_of(environment):
            yield _SERVICES[listing.label], service, "%s %s/%%s " % (listing.label, environment.get("name"))


def _whole(wanted: Sequence[Tuple[Resource, str]], reads: Reads) -> Iterator[Row]:
    """The rows with their backups, as far as they can be read."""
    calls = [read_back_calls(resource, resource_id, BACKUPS) for resource, resource_id in wanted]
    answers = reads.client.call_many([call for of_one in calls for call in of_one]) if calls else []
    for (resource, _resource_id), of_one in zip(wanted, calls):
        own, answers = [_answered(answer) for answer in answers[: len(of_one)]], answers[len(of_one) :]
        row = dict(own[0] or {})
        row.update((child.embedded, rows or []) for child, rows in zip(listed_children(resource, BACKUPS), own[1:]))
        yield row


def _answered(answer: Any) -> Any:
    if isinstance(answer, DokployError) and not isinstance(answer, _UNTOLD):
        raise answer
    return None if isinstance(answer, DokployError) else answer


def _destinations(reads: Reads) -> Sequence[Row]:
    try:
        return reads.listings.rows(DESTINATION.listing.procedures)
    except _UNTOLD:
        return ()


def _of_others(plan: RemovalPlan, reads: Reads) -> Iterator[str]:
    """What is lost with what is no service."""
    state = plan.state
    resource, row = state.resource, state.target.row or {}
    if resource.name in _PRIVATE_KEYS:
        yield "deletes its private key"
    if resource is DESTINATION:
        users = backups_to(resource, str(row[resource.id_key]), reads.client) if state.params["force"] else []
        ended = [user for user, owner, key in users if reads.promises.released_by(owner, key) is None]
        if ended:
            yield "ends %s" % enumerated(ended)
        yield "the files in the bucket %s stay" % row.get("bucket")
