# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""One child of a resource, whose siblings stay as they are, and the operation of its module."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import partial
from types import MappingProxyType
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence, Tuple

from .._errors import DokployError, NotFoundError, OptionError, ReferenceNotFound, they_are
from .._model.argspec import Spec, child_spec, given, merged_specs, parent_spec
from .._model.child import Child, Generated
from .._model.resource import Resource
from .._model.states import Transition
from .._reads.reads import Reads
from .._values.codec import GENERATED
from .._values.marks import FromResponse, is_marked, substituted
from .apply import brought
from .desired import Desired, Item, desired_item, find_one, matching
from .diff import ChildChange, Diff, Row, child_removal, compare_key, compare_one, is_doubled
from .flow import ResourcePlan, check, confirm, plan
from .kinds import chosen, refuse_kinds
from .lookup import Target, find_parent, refuse_generated, resolved
from .plan import WHOLE, Outcome, Step, Write
from .runner import Context, Operation
from .state import Node, State, with_rows
from .view import Difference, child_view, predicted

Result = Dict[str, Any]


@dataclass(frozen=True)
class ChildActions:
    """Further states of a child.

    :param transitions: the functions that make them, of the child, the target of its parent, and the parameters.
    :param options: those that only these states read.
    """

    transitions: Mapping[str, Callable[..., Transition]] = field(default_factory=dict)
    options: Spec = field(default_factory=dict)


NO_ACTIONS = ChildActions()


def child_operation(
    *parents: Tuple[Resource, Child],
    without: Mapping[str, str] = MappingProxyType({}),
    actions: ChildActions = NO_ACTIONS,
) -> Operation:
    """The operation C(dokploy_<child>).

    :param parents: the resources that it can belong to, each with what it is there.
    :param without: the kinds of services that have no such child, each with the reason as a sentence.
    """
    child = parents[0][1]
    resources = tuple(resource for resource, _child in parents)
    locators = parent_spec(*resources)
    options: Spec = {
        "state": {"type": "str", "choices": ["present", "absent", *actions.transitions], "default": "present"},
        # One option may select among the parents, and be one of a child.
        **merged_specs([locators, *(child_spec(variant) for _resource, variant in parents)]),
    }
    options.update(actions.options)
    if actions.transitions:
        options["wait_timeout"] = {"type": "float", "default": 600.0}
        options["log_lines"] = {"type": "int", "default": 50}
    owners = list(
        dict.fromkeys(name for parent in resources for name in (parent.name, parent.id_option) if name in locators)
    )
    firsts = dict.fromkeys(variant.key_fields[0].name for _resource, variant in parents)
    keys = [*firsts, child.id_option] + (["generate"] if child.generates else [])
    return Operation(
        name="dokploy_%s" % child.singular,
        options=options,
        perform=partial(manage_child, parents, without, actions),
        resources=resources,
        rules={"required_one_of": [owners, keys]},
        option_names={field.api: field.name for _resource, variant in parents for field in reversed(variant.fields)},
    )


def manage_child(
    parents: Sequence[Tuple[Resource, Child]], without: Mapping[str, str], actions: ChildActions, context: Context
) -> Result:
    """Bring one child into its C(state); raises C(Ambiguous) if several have its natural key."""
    params, reads = context.params, context.reads
    resource, child = parents[0]
    try:
        resource = chosen([resource for resource, _child in parents], params, reads)
        child = next(child for parent, child in parents if parent is resource)
        _refuse_foreign(resource, child, parents, params)
        target = find_parent(resource, params, reads)
    except (ReferenceNotFound, NotFoundError) as error:
        if params["state"] == "absent":
            # Nothing is in a parent that does not exist.
            return Difference(error.message, {}, {}).result(**{resource.id_option: None, child.singular: None})
        target = _missing_parent(resource, error, without, context)
    action = actions.transitions.get(params["state"])
    if action is None and given(actions.options, params):
        unread = they_are(given(actions.options, params))
        raise OptionError("%s not supported with state=%s" % (unread, params["state"]))
    if action is not None:
        return brought(Node(resource, params, transition=action(child, target, params)), context)
    (only,) = observe_children([Node(resource, params)], context, child, target)
    return _brought(only, context)


def observe_children(
    nodes: Sequence[Node], context: Context, child: Child, parent: Optional[Target] = None
) -> List[OnlyChild]:
    """One child of the resource of each node, as the parameters name it; their parents are read in few requests.

    :param parent: the resource of the only node, where it is known already.
    :raises ReferenceNotFound: there is no such resource, or in a real run no such child.
    :raises NotFoundError: the resource does not exist any more.
    """
    generated, states = [], []
    for node in nodes:
        target = parent or find_parent(node.resource, node.params, context.reads)
        child_id = _stated_id(child, node.params, context)
        generated.append(_asked_for(child, node.params))
        # Nothing is desired yet.
        desired, whole = Desired((), {child.option: ()}), child.listing is None or not child.applies_immediately
        states.append(State(node.resource, target, desired, {}, whole=whole, child_id=child_id))
    known = zip(nodes, with_rows(states, context.reads), generated)
    return [_only_child(child, state, node.params, generates, context) for node, state, generates in known]


def _only_child(
    child: Child, state: State, params: Mapping[str, Any], generates: Optional[Generated], context: Context
) -> OnlyChild:
    """:param state: of the parent, with the rows of its children."""
    if state.row is None and state.target.resource_id is not None:
        raise NotFoundError("%s does not exist any more" % state.target.label)
    present, resource_id = params["state"] != "absent", state.child_id
    rows = [] if resource_id == GENERATED else _rows(child, state.row)
    item, tests = _stated(child, generates, params, state.row, rows)
    desired = Desired((), {child.option: (item,)})
    # What refers to something that does not exist is absent.
    missing = context.executor.parent_missing if present else lambda _error: None
    desired, names = resolved(context.reads, desired, missing)
    (wants,) = desired.children[child.option]
    state = replace(state, desired=desired if present else state.desired, names=names)
    return OnlyChild(state, child, wants, rows, None if resource_id == GENERATED else resource_id, present, tests)


@dataclass(frozen=True)
class OnlyChild:
    """The only child that is stated.

    :param parent: the state of its parent. :param rows: those of it and its siblings.
    :param resource_id: its ID, if that is stated instead of its natural key.
    :param tests: the steps before the first write.
    """

    parent: State
    child: Child
    wants: Item
    rows: List[Row]
    resource_id: Optional[str]
    present: bool
    tests: Tuple[Step, ...]

    @property
    def names(self) -> Mapping[str, str]:
        return self.parent.names

    def row(self) -> Optional[Row]:
        return find_one(self.child, self.wants, self.rows, self.resource_id, self.names)

    def changes(self, written: Optional[Row] = None) -> Sequence[ChildChange]:
        """What brings it into its state.

        :param written: its parent, if this run has written to it before. Others may have created the same, and one of
            each is enough.
        """
        if written is not None and self.present and self.resource_id is None:
            doubles = compare_key(self.child, self.wants, self.rows)
            if all(is_doubled(double, (self.wants,), written) for double in doubles):
                return doubles
        if not self.present:
            row = self.row() if matching(self.child, self.wants, self.rows, self.resource_id) else None
            return () if row is None else (child_removal(self.child, row),)
        change = compare_one(self.child, self.wants, self.rows, self.resource_id, self.names)
        return () if change is None else (change,)

    def left(self, change: ChildChange, rows: List[Row]) -> Diff:
        """What is left to do after a change, of which the rows are read back."""
        after = replace(self, rows=rows, resource_id=self.id_after(change))
        return _diff(compare_key(self.child, self.wants, rows) if after.resource_id is None else after.changes())

    def id_after(self, change: ChildChange) -> Optional[str]:
        """The ID of the child after a change, where it is known."""
        known = change.row is not None and (change.action == "update" or not self.present)
        return str((change.row or {})[self.child.id_key]) if known else None


def plan_child(only: OnlyChild, context: Context) -> ResourcePlan:
    """The plan that brings a child into its state, after what it needs to know of the server."""
    diff = _diff(only.changes(only.parent.row if context.executor.sent else None))
    return check(plan(only.parent, replace(diff, tests=only.tests)), context)


def written_child(only: OnlyChild, reads: Reads) -> Row:
    """The row of a child that was just created."""
    state = only.parent
    after = dict(with_rows([replace(state, row=None)], reads)[0].row or {})
    row = find_one(only.child, only.wants, _rows(only.child, after), None, only.names)
    if row is None:
        message = "%s: Dokploy does not show the %s that was created" % (state.target.label, only.child.singular)
        raise NotFoundError(message, hint="Run the task again.")
    return row


def _brought(only: OnlyChild, context: Context) -> Result:
    """The result of bringing a child into its state."""
    child, state = only.child, only.parent
    resource, target = state.resource, state.target
    planned = plan_child(only, context)
    first = context.first_plan(planned)
    outcome = context.executor.run(planned)
    only, with_value = _known(only, outcome)
    after, kept = _after(only, planned, outcome, context)
    record = None if kept is None else child_view(child, kept, only.names)
    parent_id = target.resource_id or (GENERATED if only.present else None)
    result = first.difference.result(**{resource.id_option: parent_id, child.singular: record})
    needed = resource.deployable.deploy_needed
    if not child.applies_immediately and only.present and needed is not None:
        result["deploy_needed"] = needed(resource, first.diff, after, target.label, context)
    return with_value(result)


def _after(only: OnlyChild, planned: ResourcePlan, outcome: Outcome, context: Context) -> Tuple[Row, Optional[Row]]:
    """The rows of the parent and of the child after the plan; C(None) for one that is absent."""
    child, state, changes = only.child, planned.state, planned.diff.children
    if not changes:
        return state.row or {}, only.row() if only.present else None
    if not outcome.sent:
        after: Row = predicted(state.resource, state.row, planned.diff)
        # What is added or changed comes last.
        return after, _rows(child, after)[-1] if only.present else None
    after = confirm(planned, outcome, context, lambda row: only.left(changes[0], _rows(child, row)))
    child_id = only.id_after(changes[0])
    return after, find_one(child, only.wants, _rows(child, after), child_id, only.names) if only.present else None


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
    options = merged_specs(child_spec(variant) for _parent, variant in parents)
    others = {name: option for name, option in options.items() if name not in own}
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


def _stated(
    child: Child, generates: Optional[Generated], params: Mapping[str, Any], row: Optional[Row], rows: List[Row]
) -> Tuple[Item, Tuple[Step, ...]]:
    """What is stated of the child, and the steps before the first write.

    A value that the server generated before is used again. A new one is promised, and generated by a step, which stores
    nothing. Where none is needed, its label stands for it.
    """
    whole = params.get(child.id_option) is None
    if generates is None:
        return desired_item(child, params, whole=whole), ()
    field = next(f for f in child.fields if f.name == generates.field)
    generated = _generated(generates, row or {}, [str(other.get(field.api) or "") for other in rows])
    item = desired_item(child, {**params, field.name: generated or generates.label}, whole=whole)
    if generated or row is None or params["state"] == "absent":
        return item, ()
    promise = FromResponse(generates.procedure, WHOLE)
    item = tuple(replace(want, value=promise) if want.field is field else want for want in item)
    body = {key: row.get(column) for key, column in generates.body.items() if row.get(column)}
    return item, (Write(generates.procedure, body, saves=generates.procedure, writes=False),)


def _generated(generates: Generated, row: Row, values: List[str]) -> Optional[str]:
    """The value that the server has generated before."""
    prefix = re.escape(str(row.get(generates.prefix) or "")[: generates.longest])
    return next((value for value in values if re.match(generates.pattern % prefix, value)), None)


def _known(only: OnlyChild, outcome: Outcome) -> Tuple[OnlyChild, Callable[[Result], Result]]:
    """The child with the generated value, and what puts it, or in check mode its label, into results."""
    generates = only.child.generates
    if generates is None:
        return only, lambda result: result
    stated = next((want.value for want in only.wants if want.field.name == generates.field), None)
    value = (outcome.rows.get(generates.procedure) or generates.label) if is_marked(stated) else stated
    known: Callable[[Any], Any] = partial(substituted, find=lambda _saved, _key: value)
    return replace(only, wants=tuple(replace(want, value=known(want.value)) for want in only.wants)), known
