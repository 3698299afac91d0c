# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""One child of a resource, whose siblings stay as they are, and the operation of its module."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from .._errors import DokployError, NotFoundError, OptionError, ProtocolError, ReferenceNotFound, they_are
from .._model.argspec import Spec, child_spec, given, merged, parent_spec
from .._model.child import Child, Generated
from .._model.resource import Resource
from .._values.codec import GENERATED
from .desired import Desired, Item, desired_item
from .diff import ChildChange, Diff, Row, compare_key, compare_one, is_doubled
from .difference import Difference
from .flow import ResourcePlan, check, confirm, plan, with_rows
from .keys import find_one, matching
from .kinds import chosen, refuse_kinds
from .lookup import Target, find_parent
from .plan import SELF, Outcome, Plan, Write
from .reads import Reads
from .references import refuse_generated, resolved
from .runner import Context, Operation
from .state import State
from .view import child_view, predicted

Result = Dict[str, Any]


def child_operation(*parents: Tuple[Resource, Child], without: Mapping[str, str] = MappingProxyType({})) -> Operation:
    """The operation C(dokploy_<child>).

    :param parents: the resources that it can belong to, each with what it is there.
    :param without: the kinds of services that have no such child, each with the reason as a sentence.
    """
    child = parents[0][1]
    resources = tuple(resource for resource, _child in parents)
    locators = parent_spec(*resources)
    options: Spec = {
        "state": {"type": "str", "choices": ["present", "absent", *child.actions], "default": "present"},
        # One option may select among the parents, and be one of a child.
        **merged([locators, *(child_spec(one) for _resource, one in parents)]),
    }
    if child.actions:
        options["wait_timeout"] = {"type": "float", "default": 600.0}
        options["log_lines"] = {"type": "int", "default": 50}
    owners = list(dict.fromkeys(name for one in resources for name in (one.name, one.id_option) if name in locators))
    firsts = dict.fromkeys(one.key_fields[0].name for _resource, one in parents)
    keys = [*firsts, child.id_option] + (["generate"] if child.generates else [])
    return Operation(
        name="dokploy_%s" % child.singular,
        options=options,
        perform=partial(manage_child, parents, without),
        resources=resources,
        rules={"required_one_of": [owners, keys]},
        option_names={field.api: field.name for _resource, one in parents for field in reversed(one.fields)},
    )


def manage_child(parents: Sequence[Tuple[Resource, Child]], without: Mapping[str, str], context: Context) -> Result:
    """Bring one child into its C(state); raises C(Ambiguous) if several have its natural key."""
    params, reads = context.params, context.reads
    present = params["state"] != "absent"
    resource, child = parents[0]
    try:
        resource = chosen([resource for resource, _child in parents], params, reads)
        child = next(child for parent, child in parents if parent is resource)
        _refuse_foreign(resource, child, parents, params)
        target = find_parent(resource, params, reads)
    except (ReferenceNotFound, NotFoundError) as error:
        if not present:
            # Nothing is in a parent that does not exist.
            return Difference(error.message, {}, {}).result(**{resource.id_option: None, child.singular: None})
        target = _missing_parent(resource, error, without, context)
    resource_id = _stated_id(child, params, context)
    generate = _asked_for(child, params)
    state = _observed(resource, child, target, resource_id, reads)
    rows = [] if resource_id == GENERATED else _rows(child, state.row)
    if generate is not None:
        params = {**params, generate.field: _generated(child, generate, state.row, rows, context, present)}
    desired = Desired((), {child.option: (desired_item(child, params, whole=resource_id is None),)})
    # What refers to something that does not exist is absent.
    missing = context.executor.parent_missing if present else lambda _error: None
    desired, names = resolved(reads, desired, missing)
    (wants,) = desired.children[child.option]
    only = _Only(child, wants, rows, None if resource_id == GENERATED else resource_id, names, present)
    action = child.actions.get(params["state"])
    if action is not None:
        return action(resource, child, only.found(names), target, context)
    return _brought(only, replace(state, desired=desired if present else state.desired, names=names), context)


@dataclass(frozen=True)
class _Only:
    """The only child that is stated.

    :param rows: those of its parent. :param resource_id: its ID, if that is stated instead of its natural key.
    """

    child: Child
    wants: Item
    rows: List[Row]
    resource_id: Optional[str]
    names: Mapping[str, str]
    present: bool

    def found(self, names: Mapping[str, str] = MappingProxyType({})) -> Optional[Row]:
        return find_one(self.child, self.wants, self.rows, self.resource_id, names)

    def changes(self, written: Optional[Row] = None) -> Sequence[ChildChange]:
        """What brings it into its state.

        :param written: its parent, if this run has written to it before. Others may have created the same, and one of
            each is enough.
        """
        if written is not None and self.present and self.resource_id is None:
            doubles = compare_key(self.child, self.wants, self.rows)
            if all(is_doubled(one, (self.wants,), written) for one in doubles):
                return doubles
        if not self.present and not matching(self.child, self.wants, self.rows, self.resource_id):
            return ()
        change = compare_one(self.child, self.wants, self.rows, self.resource_id, self.present, self.names)
        return () if change is None else (change,)

    def left(self, change: ChildChange, rows: List[Row]) -> Diff:
        """What is left to do after a change, of which the rows are read back."""
        after = replace(self, rows=rows, resource_id=self.id_after(change))
        return _diff(compare_key(self.child, self.wants, rows) if after.resource_id is None else after.changes())

    def id_after(self, change: ChildChange) -> Optional[str]:
        """The ID of the child after a change, where it is known."""
        known = change.row is not None and (change.action == "update" or not self.present)
        return str((change.row or {})[self.child.id_key]) if known else None


def _brought(only: _Only, state: State, context: Context) -> Result:
    """The result of bringing a child into its state."""
    child, resource, target = only.child, state.resource, state.target
    changes = only.changes(state.row if context.executor.sent else None)
    planned = check(plan(state, _diff(changes)), context)
    first = context.first_plan(planned)
    outcome = context.executor.run(planned)
    after, kept = _after(only, planned, outcome, context)
    shown = None if kept is None else child_view(child, kept, only.names)
    parent_id = target.resource_id or (GENERATED if only.present else None)
    result = first.difference.result(**{resource.id_option: parent_id, child.singular: shown})
    needed = resource.deployable.deploy_needed
    if not child.applies_immediately and only.present and needed is not None:
        result["deploy_needed"] = needed(resource, first.diff, after, target.label, context)
    return result


def _after(only: _Only, planned: ResourcePlan, outcome: Outcome, context: Context) -> Tuple[Row, Optional[Row]]:
    """The rows of the parent and of the child after the plan; C(None) for one that is absent."""
    child, state, changes = only.child, planned.state, planned.diff.children
    if not changes:
        return state.row or {}, only.found() if only.present else None
    if not outcome.sent:
        after: Row = predicted(state.resource, state.row, planned.diff)
        # What is added or changed comes last.
        return after, _rows(child, after)[-1] if only.present else None
    after = confirm(planned, outcome, context, lambda row: only.left(changes[0], _rows(child, row)))
    child_id = only.id_after(changes[0])
    return after, find_one(child, only.wants, _rows(child, after), child_id) if only.present else None


def _missing_parent(resource: Resource, error: DokployError, without: Mapping[str, str], context: Context) -> Target:
    """The target for a parent that check mode takes for granted.

    :raises DokployError: the run is real, or there is no such parent.
    """
    params = context.params
    refuse_kinds(resource, params, context.reads, without)
    if isinstance(error, NotFoundError):
        raise error
    context.executor.parent_missing(error)
    return Target("%s %r" % (resource.noun, params.get(resource.name) or params.get(resource.id_option)))


def _observed(resource: Resource, child: Child, target: Target, child_id: Optional[str], reads: Reads) -> State:
    """The parent with the rows of its children. Nothing is desired yet."""
    whole = child.listing is None or not child.applies_immediately
    state = State(resource, target, Desired((), {child.option: ()}), {}, whole=whole, child_id=child_id)
    (state,) = with_rows([state], reads)
    if state.row is None and target.resource_id is not None:
        raise NotFoundError("%s does not exist any more" % target.label)
    return state


def _stated_id(child: Child, params: Mapping[str, Any], context: Context) -> Optional[str]:
    """The ID of the child that the parameters name; C(GENERATED) in check mode, for one that an earlier task creates.

    :raises ReferenceNotFound: the run is real, where there is no such ID.
    """
    stated: Optional[str] = params.get(child.id_option)
    try:
        refuse_generated(child.id_option, stated)
    except ReferenceNotFound as error:
        context.executor.parent_missing(error)
    return stated


def _refuse_foreign(
    resource: Resource, child: Child, parents: Sequence[Tuple[Resource, Child]], params: Mapping[str, Any]
) -> None:
    """:raises OptionError: an option is stated that only children of other resources have."""
    own = {**child_spec(child), **parent_spec(resource)}
    others = {name: one for name, one in merged(child_spec(one) for _parent, one in parents).items() if name not in own}
    foreign = given(others, params)
    if foreign:
        raise OptionError("%s not supported for %s" % (they_are(sorted(foreign)), resource.labels))


def _rows(child: Child, row: Optional[Row]) -> List[Row]:
    return list((row or {}).get(child.embedded) or [])


def _diff(changes: Sequence[ChildChange]) -> Diff:
    return Diff("update" if changes else "none", children=tuple(changes))


def _asked_for(child: Child, params: Mapping[str, Any]) -> Optional[Generated]:
    """How the server generates the key, if the parameters ask for it; raises C(OptionError) if they name no child."""
    options = [child.key_fields[0].name, child.id_option]
    stated = [option for option in options if params.get(option) is not None]
    if params.get("generate") and stated:
        raise OptionError("generate and %s are mutually exclusive" % stated[0])
    if not params.get("generate") and not stated:
        options += ["generate=true"] if child.generates else []
        *others, last = options
        raise OptionError("one of %s and %s is needed" % (", ".join(others), last))
    return child.generates if params.get("generate") else None


def _generated(
    child: Child, generated: Generated, row: Optional[Row], rows: List[Row], context: Context, present: bool
) -> str:
    """The value that the server generated before, or a new one: to generate one stores nothing and is no change."""
    field = next(f for f in child.fields if f.name == generated.field)
    prefix = re.escape(str((row or {}).get(generated.prefix) or "")[: generated.longest])
    for item in rows:
        if re.match(generated.pattern % prefix, str(item.get(field.api) or "")):
            return str(item[field.api])
    if row is None or not present:
        return generated.label
    body = {key: row.get(column) for key, column in generated.body.items() if row.get(column)}
    outcome = context.executor.run(Plan((Write(generated.procedure, body, saves=SELF, writes=False),)))
    answer = outcome.rows.get(SELF)
    if outcome.sent and not answer:
        raise ProtocolError("%s answered nothing" % generated.procedure, procedure=generated.procedure)
    return str(answer or generated.label)
