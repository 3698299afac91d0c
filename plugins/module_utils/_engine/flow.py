# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The steps from parameters to a result: observe, plan, check, execute, read back.

C(observe) only reads and C(plan) is pure, so that both can be used without a write, and for many resources at once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType
from typing import Any, Callable, Iterator, List, Mapping, Optional, Sequence, Tuple

from .._api.client import Client
from .._errors import DokployError, NotApplied, NotFoundError, ReferenceNotFound, with_article
from .._model.field import Field
from .._model.resource import Resource
from .._values.codec import GENERATED, IDENTIFIER, is_empty
from .desired import Desired, DesiredField, desire, dotted
from .diff import Change, ChildChange, Diff, Difference, Row, compare, difference, is_doubled
from .execute import EnsureUnique, FindCreated, ReadCreated
from .lookup import Target, locate, read, read_again, stated
from .plan import SELF, FromResponse, Outcome, Plan, Precondition, Step, Write
from .reads import Reads, answers_of_queries, read_back, read_call, row_in, rows_of, with_children
from .references import resolved
from .replacement import CreateInstead, MoveReferences
from .requirements import free_name, need, needs_server, without_effect
from .runner import Context


@dataclass(frozen=True)
class State:
    """One resource: what is desired of it, and what there is.

    :param names: the names of the IDs that were met.
    :param row: its current row, with the children that are stated; C(None) if it does not exist.
    :param whole: whether the row is needed; otherwise only its children are read.
    :param child_id: the ID of the only child that is stated, instead of its natural key.
    """

    resource: Resource
    target: Target
    desired: Desired
    names: Mapping[str, str]
    row: Optional[Row] = None
    whole: bool = True
    child_id: Optional[str] = None

    @property
    def children(self) -> Tuple[str, ...]:
        """The options of the children that are stated."""
        return tuple(self.desired.children)


def observe(
    items: Sequence[Tuple[Resource, Mapping[str, Any]]],
    reads: Reads,
    parent_missing: Optional[Callable[[DokployError], None]] = None,
) -> List[State]:
    """The state of each resource; several are read in few requests.

    :param items: each resource with the parameters of its module.
    :param parent_missing: raises the error for a parent that does not exist, or accepts it in check mode.
    :raises OptionError: a value that cannot be right.
    :raises ReferenceNotFound: a name that is not known.
    :raises NotFoundError: there is no resource of an ID.
    """
    states = with_rows([_located(resource, params, reads, parent_missing) for resource, params in items], reads)
    for state, (resource, params) in zip(states, items):
        option = resource.id_option
        if state.row is None and params.get(option) not in (None, GENERATED):
            raise NotFoundError("%s: there is no %s %r" % (option, resource.noun, params[option]))
    return states


def _located(
    resource: Resource,
    params: Mapping[str, Any],
    reads: Reads,
    parent_missing: Optional[Callable[[DokployError], None]],
) -> State:
    row: Optional[Row] = None
    try:
        target = locate(resource, params, reads)
    except ReferenceNotFound as error:
        if parent_missing is None:
            raise
        parent_missing(error)
        target = Target("%s %r" % (resource.noun, params.get(resource.name_option) or params.get(resource.id_option)))
        # What comes with its parent need not be created.
        if resource.default_child and params.get("name") == resource.default_child["name"]:
            row = resource.default_child
    desired, names = resolved(reads, desire(resource, stated(resource, params, target)), parent_missing)
    if params.get(resource.id_option) is not None and target.parent is not None and target.parent_id:
        # A resource that is addressed by its ID moves to the parent that is stated.
        listing = resource.parents[-1]
        parent = Field(listing.label, listing.id_key, IDENTIFIER, reference=listing)
        names[target.parent_id] = str(target.parent.get("name"))
        desired = replace(desired, fields=(*desired.fields, DesiredField((parent.name,), parent, target.parent_id)))
    return State(resource, target, desired, names, row)


def with_rows(states: Sequence[State], reads: Reads) -> List[State]:
    """The states with their current rows and the children that are stated."""
    rows = [state.row if row is None else row for state, row in zip(states, _current_rows(states, reads))]
    there = [number for number, row in enumerate(rows) if row and states[number].target.resource_id is not None]
    wanted = [(states[number].resource, states[number].children, rows[number] or {}) for number in there]
    whole = dict(zip(there, with_children(wanted, reads.client)))
    for number, row in whole.items():
        row.update(answers_of_queries([want.field for want in states[number].desired.fields], reads.client))
    return [replace(state, row=whole.get(number, rows[number])) for number, state in enumerate(states)]


def _current_rows(states: Sequence[State], reads: Reads) -> List[Optional[Row]]:
    rows: List[Optional[Row]] = []
    unread: List[int] = []
    for number, state in enumerate(states):
        own = {state.resource.id_key: state.target.resource_id}
        listed = state.target.resource_id is None or state.resource.readable == "in_listing"
        rows.append(state.target.row if listed else own)
        if not listed:
            reads.note(str(state.target.resource_id))
            if state.whole:
                unread.append(number)
    if len(unread) == 1:
        # A loop reads ahead.
        state = states[unread[0]]
        rows[unread[0]] = read(state.resource, state.target, reads)
    else:
        wanted = [(states[number].resource, str(states[number].target.resource_id)) for number in unread]
        for number, row in zip(unread, rows_of(wanted, reads.client)):
            state = states[number]
            rows[number] = read_again(state.resource, state.target, reads) if row is None else row
    return rows


@dataclass(frozen=True)
class ResourcePlan(Plan):
    """The changes of one resource and its children, and the writes that make them."""

    state: State
    diff: Diff

    @property
    def difference(self) -> Difference:
        return difference(self.diff, self.state.names, self.state.target.label)


def plan(state: State, diff: Optional[Diff] = None) -> ResourcePlan:
    """The writes that make the current state the desired one: pure, in their order, as few as possible.

    :param diff: other changes than those of the whole resource.
    :raises Refused: Dokploy cannot change this of an existing resource.
    :raises OptionError: a needed option is neither stated nor set.
    """
    resource, target = state.resource, state.target
    diff = compare(resource, state.desired, state.row) if diff is None else diff
    if diff.action == "replace":
        diff = replace(diff, changes=(*diff.changes, *_initial(state, diff)))
    steps = plan_present(resource, diff, target.resource_id, target.parent_id, state.children, state.row or {})
    return ResourcePlan(tuple(steps), state, diff)


def _initial(state: State, diff: Diff) -> Iterator[Change]:
    """What is stated for new records only, as the record that replaces another one is."""
    known = {change.field.api for change in diff.changes}
    for want in (one for one in state.desired.fields if one.field.initial and one.field.api not in known):
        yield Change(want.path, want.field, (state.row or {}).get(want.field.api), want.value)


def plan_present(
    resource: Resource,
    diff: Diff,
    target_id: Optional[str],
    parent_id: Optional[str],
    stated: Tuple[str, ...] = (),
    row: Row = MappingProxyType({}),
) -> List[Step]:
    """The writes of a diff.

    :param target_id: the ID of the existing resource; C(None) when it is to be created under C(parent_id).
    :param stated: the options of its children that are stated.
    :param row: its current row.
    """
    # Without the own steps and procedures of some changes.
    steps: List[Step] = [change.step for change in diff.changes if change.step is not None]
    last: List[Step] = []
    others = [change for change in diff.changes if change.step is None]
    apart = [change for change in others if change.field.procedure]
    values = {change.field.api: change.after for change in others if not change.field.procedure}
    resource_id: Any = target_id
    always = {key: resource.sent(key, row.get(key)) for key in resource.always_sent}
    root = resource.levels[0].procedures[0]
    if diff.action == "replace":
        return _replacement(resource, diff, target_id, parent_id, row)
    if diff.action == "create":
        taken = {change.field.api: change.after for change in apart if change.field.api in resource.create_takes}
        apart = [change for change in apart if change.field.api not in taken]
        body = {**taken, **{key: value for key, value in values.items() if key in resource.create_takes}}
        body = {**resource.create_defaults, **body}
        if resource.parent_key is not None and not (parent_id is None and resource.parents[-1].optional):
            body[resource.parent_key] = parent_id
        name = str(body.get(resource.listing.name_key))
        creation = Write(
            resource.create,
            resource.body({**body, **resource.implied(body)}),
            saves=SELF,
            row=resource.created or (),
            precondition=Precondition((resource.create, parent_id, name), root),
            timeout=resource.timeouts.get(resource.create),
            once=bool(resource.shown_once),
            hides=tuple(resource.shown_once.values()),
        )
        steps += [creation, *diff.keeping]
        if resource.created is None or resource.created_unnamed:
            steps.append(FindCreated(resource, parent_id, name))
        unique = EnsureUnique(resource, parent_id, name, stated)
        last.append(ReadCreated(resource, stated) if resource.shown_once or resource.unique else unique)
        resource_id = FromResponse(SELF, resource.id_key)
        always = {key: body.get(key, value) for key, value in always.items()}
        values = {key: value for key, value in values.items() if key not in resource.create_takes}
    if values:
        # Other runs may find what was just created, and write to it before this update.
        built = any(change.built for change in diff.changes) or (always and target_id)
        read_with = target_id if target_id and resource.readable != "in_listing" else root
        precondition = Precondition((resource_id,), read_with) if built else None
        body = {**resource.own(resource_id), **resource.body({**always, **values})}
        shown = partial(_shows, resource, values) if resource.refusal_stores and target_id else None
        timeout = resource.timeouts.get(resource.update)
        steps.append(Write(resource.update, body, precondition=precondition, timeout=timeout, refusal_stored=shown))
    for change in apart:
        own, key = resource.own(resource_id), resource.remove_id_key
        if key:
            own = {key: row[key] if target_id else FromResponse(SELF, key)}
        body = own if change.field.elected else {**own, change.field.sent_as or change.field.api: change.after}
        steps.append(Write(change.field.procedure, body, timeout=resource.timeouts.get(change.field.procedure)))
    return steps + _children_steps(diff, resource_id, root) + last


def _shows(resource: Resource, values: Mapping[str, Any], client: Client, body: Mapping[str, Any]) -> bool:
    """Whether the server shows the values of an update that it refused."""
    resource_id = str(body[resource.own_key])
    row = row_in(resource, client.query(*read_call(resource, resource_id)), resource_id) or {}
    return all(row.get(key) == value for key, value in values.items())


def _replacement(
    resource: Resource, diff: Diff, target_id: Optional[str], parent_id: Optional[str], row: Row
) -> List[Step]:
    """The writes that create a record again with changes, move the references to it, and remove the old one."""
    fields = [Change(path, one, None, row.get(one.api)) for path, one, _group in resource.fields()]
    fields = [change for change in fields if not is_empty(change.after) and not change.field.initial]
    changed = {change.field.api: change for change in diff.changes}
    place = changed.pop(resource.parent_key or "", None)
    parent_id = row.get(resource.parent_key or "") if place is None else place.after
    kept = [one for one in fields if one.field.api not in changed]
    new = plan_present(resource, Diff("create", (*kept, *changed.values()), keeping=diff.keeping), None, parent_id)
    # Others of its name may have been there before, and stay.
    new = [*new[:-1], ReadCreated(resource)]
    move = MoveReferences(resource, str(target_id))
    removal = Write(resource.remove, resource.removed(row), missing_ok=True)
    if resource.replacement is None or not resource.replacement.removed_first:
        return [*new, move, removal]
    as_before = plan_present(resource, Diff("create", tuple(fields)), None, row.get(resource.parent_key or ""))[:-1]
    # This run has just tried to write that name, which is no conflict.
    again = [replace(step, precondition=None) if isinstance(step, Write) else step for step in as_before]
    return [removal, CreateInstead((*new, move), (*again, move))]


def _children_steps(diff: Diff, parent_id: Any, root: str) -> List[Step]:
    steps: List[Step] = []
    valid: List[Step] = [] if diff.file is None else [replace(diff.file, parent_id=parent_id)]
    for number, change in enumerate(sorted(diff.children, key=_order)):
        if change.child.traefik_role == "user":
            steps, valid = steps + valid, []
        steps.extend(_child_steps(change, parent_id, "child%d" % number, root))
    return steps + valid


def _order(change: ChildChange) -> Tuple[bool, bool]:
    """Removals come last, so that a renamed domain answers under one of its names at any time.

    The entries of a file come first and are removed last, since they are needed while others change.
    """
    gone = change.action == "remove"
    return gone, (change.child.traefik_role == "entry") == gone


def _child_steps(change: ChildChange, parent_id: Any, saved: str, root: str) -> List[Step]:
    """The writes of one child.

    :param saved: the name under which the answer of its creation is kept. :param root: what the tree was read with.
    """
    child, exclusive = change.child, change.child.exclusive
    row = change.row or {}
    # What was just created was not read: other runs can only have written to it after the tree was.
    read = parent_id if isinstance(parent_id, str) else root
    own = {child.id_key: row.get(child.id_key)}
    removal = Write(child.remove, own, missing_ok=True, exclusive=exclusive)
    if change.action == "remove":
        return [removal]
    if change.action == "update":
        body = {**own, **{key: row.get(key) for key in child.always_sent}}
        body.update({one.field.api: one.after for one in change.changes})
        unchanged = Precondition((row.get(child.id_key),), read)
        return [Write(child.update, body, exclusive=exclusive, precondition=unchanged)]
    values = {field.api: row[field.api] for field in child.key_fields if row.get(field.api) is not None}
    values.update({want.field.api: want.value for want in change.item if want.value is not None})
    ignored = child.create_ignores
    body = {key: parent_id if value == "$parent" else value for key, value in child.parent.items()}
    body.update({key: value for key, value in values.items() if key not in ignored})
    late = {key: value for key, value in values.items() if key in ignored and value != ignored[key]}
    precondition = Precondition((child.create, parent_id, change.label), read)
    steps: List[Step] = [removal] if change.action == "replace" else []
    steps.append(Write(child.create, body, saves=saved, exclusive=exclusive, precondition=precondition))
    if late:
        always = {key: values.get(key) for key in child.always_sent}
        body = {child.id_key: FromResponse(saved, child.id_key), **always, **late}
        steps.append(Write(child.update, body, exclusive=exclusive))
    return steps


def check(planned: ResourcePlan, context: Context) -> ResourcePlan:
    """The plan after what its changes need to know of the server, before anything is written.

    :raises Refused: an option needs a newer Dokploy.
    """
    state, diff = planned.state, planned.diff
    if state.row is None and state.resource.since is not None:
        need(context.client, "Creating %s" % with_article(state.resource.label), state.resource.since)
    needs_server(diff, state.row, context.client)
    context.warn(without_effect(state.resource, state.desired, state.row, state.child_id))
    # In each server, names are unique by themselves.
    if state.resource.unique and not state.resource.parents:
        free_name(state.resource, diff, state.row or {}, context.reads)
    for further in state.resource.checks:
        diff = further(state.resource, state.children, diff, state.row, context)
    return planned if diff is planned.diff else plan(state, diff)


def confirm(planned: ResourcePlan, outcome: Outcome, context: Context, left: Callable[[Row], Diff]) -> Row:
    """The row that the server shows after the writes.

    :param left: what still differs from the desired state.
    :raises NotApplied: an option was not stored; an older server silently drops what it does not know.
    """
    state, reads, resource = planned.state, context.reads, planned.state.resource
    created = outcome.rows.get(SELF)
    if created is not None:
        row = resource.listing.flat(created)
        state = replace(state, target=replace(state.target, resource_id=str(row[resource.id_key]), row=row))
        tree = reads.tree(resource.levels)
        if planned.diff.action == "replace":
            tree.forget(resource.levels, str(planned.state.target.resource_id))
        tree.enter(resource.levels, row, row.get(resource.parent_key or "", state.target.parent_id))
    after = outcome.shown
    if after is None and state.whole:
        (after, _answers) = read_back(resource, str(state.target.resource_id), state.children, reads)
    elif after is None:
        after = dict(with_rows([replace(state, row=None)], reads)[0].row or {})
    if after is None:
        raise NotApplied("%s was written, but the server does not show it any more" % state.target.label)
    after = {**after, **answers_of_queries([want.field for want in state.desired.fields], reads.client)}
    reads.refresh(resource, after)
    if any(change.field.elected for change in planned.diff.changes):
        # Another record has changed, too.
        reads.forget()
    for child in resource.children:
        # So that a loop need not ask for it.
        if child.everywhere is not None and child.embedded in after:
            reads.remember_children(child.everywhere.listing, str(after[resource.id_key]), after[child.embedded] or [])
    diff = left(after)
    if diff.empty:
        return after
    if not diff.changes and all(
        is_doubled(one, state.desired.children[one.child.option], after) for one in diff.children
    ):
        # Another run, or the server, has added the same at the same time: one of each is enough.
        again = plan(replace(state, row=after), diff)
        removed = context.executor.run(again)
        if removed.sent:
            return confirm(again, removed, context, left)
    options = [dotted(change.path) for change in diff.changes]
    options += ["%s (%s)" % (change.child.option, _which(change)) for change in diff.children]
    raise NotApplied(
        "%s: the server accepted the write, but these options did not stick: %s"
        % (state.target.label, ", ".join(options)),
        hint="An older Dokploy drops what it does not know, and another process may have written at the same time.",
        details={"options": options},
    )


def _which(change: ChildChange) -> str:
    """A child in words; one that is not stated with its ID, so that you can remove it."""
    if change.action != "remove" or change.row is None:
        return change.label
    return "%s, which is there as %s %s" % (change.label, change.child.id_option, change.row.get(change.child.id_key))
