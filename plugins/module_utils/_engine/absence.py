# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""One resource made absent: observed, planned, removed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Dict, List, Mapping, Optional, Sequence

from .._api.client import Client
from .._errors import NotApplied, ReferenceNotFound
from .._model.resource import DELETE_TIMEOUT, Removal, Resource, Transition
from .diff import Diff, Row
from .kinds import other_kinds
from .lookup import Target, locate
from .plan import Outcome, Step, Write
from .reads import Reads
from .rows import siblings_call
from .runner import Context
from .state import Node
from .view import ChangePlan, difference


@dataclass(frozen=True)
class Removed:
    """One resource that is to be absent.

    :param target: what the parameters mean, with its row in the tree if it exists.
    :param known: what was observed for its removal.
    """

    resource: Resource
    target: Target
    params: Mapping[str, Any]
    known: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class RemovalPlan(ChangePlan):
    """What removes a resource, and all that belongs to it.

    :param facts: what the result shows of it. It has no kind, so that a later attempt may look at another one.
    """

    state: Removed
    facts: Optional[Dict[str, Any]]


def _observe(nodes: Sequence[Node], context: Context) -> List[Removed]:
    """What is to be removed, with what its removal has to know."""
    found = []
    for resource, params in ((node.resource, node.params) for node in nodes):
        target = _located(resource, params, context.reads)
        removal = resource.removal if target.row is not None else None
        known = {} if removal is None else removal.observe(resource, target.row, params, context.reads)
        found.append(Removed(resource, target, params, known))
    return found


def _plan(state: Removed, context: Context) -> RemovalPlan:
    """The steps, or none; a warning names records of other kinds with the name of what does not exist.

    :raises Refused: it cannot be removed like that.
    """
    resource, row, label = state.resource, state.target.row, state.target.label
    if row is not None:
        steps = (resource.removal or _ALONE).steps(resource, row, state.params, state.known)
        facts = {resource.id_option: row[resource.id_key], resource.name_option: row.get(resource.listing.name_key)}
        return RemovalPlan(tuple(steps), difference(Diff("remove"), {}, label), state, facts)
    kinds = other_kinds(resource, state.target, context.params, context.reads)
    if kinds:
        text = "%s of type %s does not exist. That of type %s stays."
        context.warn([text % (label, resource.kind, " and ".join(kinds))])
    return RemovalPlan((), difference(Diff("none"), {}, label), state, None)


def _finish(first: RemovalPlan, planned: RemovalPlan, outcome: Outcome, context: Context) -> Dict[str, Any]:
    resource, row = planned.state.resource, planned.state.target.row
    if row is not None:
        if outcome.sent and resource.removal_unanswered:
            _ensure_gone(resource, row, planned.state.target.label, context.client)
        context.reads.tree(resource.levels).forget(resource.levels, str(row[resource.id_key]))
    return first.difference.result(**{resource.name: first.facts})


#: The resource is gone, and nothing that belonged to it runs on.
ABSENT = Transition(_observe, _plan, _finish)


def _located(resource: Resource, params: Mapping[str, Any], reads: Reads) -> Target:
    """What is to be removed, with its row in the tree."""
    try:
        target = locate(resource, params, reads)
    except ReferenceNotFound:
        # Nothing can be in a place that does not exist.
        return Target("%s %r" % (resource.noun, params.get(resource.name_option) or params.get(resource.id_option)))
    if target.row is not None or target.resource_id is None:
        return target
    path = reads.tree(resource.levels).path(resource.levels, target.resource_id)
    if path[:-1]:
        reads.complete([path[:-1]], resource.levels)
    return replace(target, row=path[-1] if path else None)


def _ensure_gone(resource: Resource, row: Row, label: str, client: Client) -> None:
    """:raises NotApplied: the listing still shows what was removed."""
    answer = client.query(*siblings_call(resource.levels, None))
    if any(
        one[resource.id_key] == row[resource.id_key] for one in resource.listing.own(resource.listing.listed(answer))
    ):
        raise NotApplied(
            "%s: %s was accepted, but %s still lists it" % (label, resource.remove, resource.listing.procedures[0]),
            hint="Run the task again.",
            procedure=resource.remove,
        )


def _steps(resource: Resource, row: Row, _params: Mapping[str, Any], _known: Mapping[str, Any]) -> List[Step]:
    """The removal of a record that nothing is in."""
    timeout = resource.timeouts.get(resource.remove, DELETE_TIMEOUT)
    return [Write(resource.remove, resource.removed(row), missing_ok=True, timeout=timeout)]


_ALONE = Removal(_steps)
