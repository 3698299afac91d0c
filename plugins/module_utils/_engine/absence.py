# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""One resource made absent: observed, planned, removed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Dict, List, Mapping, Optional

from .._api.client import Client
from .._errors import NotApplied, ReferenceNotFound
from .._model.resource import DELETE_TIMEOUT, Removal, Resource
from .diff import Diff, Row
from .difference import Difference, difference
from .kinds import other_kinds
from .lookup import Target, locate
from .plan import Outcome, Plan, Step, Write
from .reads import Reads
from .rows import siblings_call
from .runner import Context


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
class RemovalPlan(Plan):
    """What removes a resource, and all that belongs to it."""

    state: Removed

    @property
    def row(self) -> Optional[Row]:
        return self.state.target.row

    @property
    def difference(self) -> Difference:
        return difference(Diff("none" if self.row is None else "remove"), {}, self.state.target.label)

    @property
    def facts(self) -> Optional[Dict[str, Any]]:
        """What the result shows of it. It has no kind, so that a later attempt may look at another one."""
        resource, row = self.state.resource, self.row
        named = {resource.name_option: row.get(resource.listing.name_key)} if row else {}
        return {resource.id_option: row[resource.id_key], **named} if row else None


def observe_removal(resource: Resource, params: Mapping[str, Any], reads: Reads) -> Removed:
    """What is to be removed, with what its removal has to know."""
    target = _located(resource, params, reads)
    if target.row is None:
        return Removed(resource, target, params)
    return Removed(resource, target, params, _removal_of(resource).observe(resource, target.row, params, reads))


def plan_removal(state: Removed) -> RemovalPlan:
    """The steps that remove a resource; none if it does not exist. Pure.

    :raises Refused: it cannot be removed like that.
    """
    row, removal = state.target.row, _removal_of(state.resource)
    steps: List[Step] = [] if row is None else removal.steps(state.resource, row, state.params, state.known)
    return RemovalPlan(tuple(steps), state)


def absent(resource: Resource, context: Context) -> Dict[str, Any]:
    """The resource is gone, and nothing that belonged to it runs on."""
    planned = plan_removal(observe_removal(resource, context.params, context.reads))
    warn_of_kinds(planned, context)
    first = context.first_plan(planned)
    outcome = context.executor.run(planned)
    return removed(first, planned, outcome, context)


def warn_of_kinds(planned: RemovalPlan, context: Context) -> None:
    """Warn of records of other kinds with the name of what does not exist."""
    resource, target = planned.state.resource, planned.state.target
    kinds = other_kinds(resource, target, context.params, context.reads) if target.row is None else []
    if kinds:
        text = "%s of type %s does not exist. That of type %s stays."
        context.warn([text % (target.label, resource.kind, " and ".join(kinds))])


def removed(first: RemovalPlan, planned: RemovalPlan, outcome: Outcome, context: Context) -> Dict[str, Any]:
    """The result of C(absent), after the plan was carried out."""
    resource, row = planned.state.resource, planned.row
    if row is not None:
        if outcome.sent and resource.removal_unanswered:
            _ensure_gone(resource, row, planned.state.target.label, context.client)
        context.reads.tree(resource.levels).forget(resource.levels, str(row[resource.id_key]))
    return first.difference.result(**{resource.name: first.facts})


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


def _removal_of(resource: Resource) -> Removal:
    return _ALONE if resource.removal is None else resource.removal


def _steps(resource: Resource, row: Row, _params: Mapping[str, Any], _known: Mapping[str, Any]) -> List[Step]:
    """The removal of a record that nothing is in."""
    timeout = resource.timeouts.get(resource.remove, DELETE_TIMEOUT)
    return [Write(resource.remove, resource.removed(row), missing_ok=True, timeout=timeout)]


_ALONE = Removal(_steps)
