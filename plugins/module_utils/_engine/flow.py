# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The steps from parameters to a result: observe, plan, check, execute, read back.

C(observe) only reads and C(plan) is pure, so that both can be used without a write, and for many resources at once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Callable, Iterator, List, Optional, Sequence, Tuple

from .._api.client import Call
from .._errors import Conflict, NotApplied, NotFoundError, ReferenceNotFound
from .._model.field import Field, Listing
from .._values.codec import GENERATED, IDENTIFIER
from .desired import DesiredField, all_fields, desire, dotted, with_values
from .diff import Change, ChildChange, Diff, Row, compare, is_doubled
from .lookup import Target, locate, read, read_again, stated
from .plan import SELF, FromResponse, Outcome, is_promise, shown, sources_in
from .planning import plan_present
from .reads import Reads, read_back
from .references import resolved
from .requirements import REQUIREMENTS
from .rows import answers_of_queries, read_back_calls, rows_of, with_children
from .runner import Context
from .state import Node, State
from .view import ChangePlan, difference


def observe(nodes: Sequence[Node], context: Context) -> List[State]:
    """The state of each resource without a mistake; several are read in few requests.

    :param nodes: those that others are in come before these. What does not exist is promised to the others.
    :raises OptionError: a value that cannot be right.
    :raises ReferenceNotFound: a name that is not known.
    :raises NotFoundError: there is no resource of an ID.
    """
    located: List[Tuple[Node, State]] = []
    referring: List[Tuple[Node, State]] = []
    found: List[State] = []
    for node in nodes:
        with context.judging(node.key):
            located.append((node, _located(node, context)))
    for node, state in located:
        with context.judging(node.key):
            referring.append((node, _referring(state, node, context)))
    whole = with_rows([state for _node, state in referring], context.reads)
    for node, state in zip([node for node, _state in referring], whole):
        with context.judging(node.key):
            option = node.resource.id_option
            if state.row is None and node.params.get(option) not in (None, GENERATED):
                raise NotFoundError("%s: there is no %s %r" % (option, node.resource.noun, node.params[option]))
            found.append(state)
    return found


def _located(node: Node, context: Context) -> State:
    """Where a resource is, and what is desired of it, with names in place of IDs."""
    resource, params, reads = node.resource, node.params, context.reads
    row: Optional[Row] = None
    try:
        target = locate(resource, params, reads)
    except ReferenceNotFound as error:
        context.executor.parent_missing(error)
        target = Target("%s %r" % (resource.noun, params.get(resource.name_option) or params.get(resource.id_option)))
        # What comes with its parent need not be created.
        if resource.listing.default and params.get("name") == resource.listing.default["name"]:
            row = resource.listing.default
    state = State(resource, target, desire(resource, stated(resource, params, target)), {}, row, key=node.key)
    if node.key != SELF and target.resource_id is None and row is None:
        _promise(state, reads)
    return state


def default_key(key: str, listing: Listing) -> str:
    """The name of the row of what is created with its parent."""
    return "%s/%s" % (key, listing.default["name"])


def _promise(state: State, reads: Reads) -> None:
    """Promise a resource, and what is created with it, to the other nodes."""
    resource = state.resource
    row = {
        **resource.create_defaults,
        **{want.field.api: want.value for want in state.desired.fields},
        resource.id_key: FromResponse(state.key, resource.id_key),
    }
    for inner in resource.inner_defaults:
        row[inner.key] = [{**inner.default, inner.id_key: FromResponse(default_key(state.key, inner), inner.id_key)}]
    reads.tree(resource.levels).enter(resource.levels, row, state.target.parent_id)
    reads.promises.created.setdefault(resource.id_key, []).append(row)


def _referring(state: State, node: Node, context: Context) -> State:
    """The state with IDs, or promises of these, in place of names."""
    resource, target = state.resource, state.target
    desired, names = resolved(context.reads, state.desired, context.executor.parent_missing)
    if node.params.get(resource.id_option) is not None and target.parent is not None and target.parent_id:
        # A resource that is addressed by its ID moves to the parent that is stated.
        listing = resource.parents[-1]
        parent = Field(listing.label, listing.id_key, IDENTIFIER, reference=listing)
        names[target.parent_id] = str(target.parent.get("name"))
        desired = replace(desired, fields=(*desired.fields, DesiredField((parent.name,), parent, target.parent_id)))
    return replace(state, desired=desired, names=names)


def with_rows(states: Sequence[State], reads: Reads) -> List[State]:
    """The states with their current rows and the children that are stated."""
    rows = [state.row if row is None else row for state, row in zip(states, _current_rows(states, reads))]
    there = [number for number, row in enumerate(rows) if row and _exists(states[number])]
    wanted = [(states[number].resource, states[number].children, rows[number] or {}) for number in there]
    whole = dict(zip(there, with_children(wanted, reads.client)))
    for number, row in whole.items():
        row.update(answers_of_queries([want.field for want in states[number].desired.fields], reads.client))
    return [replace(state, row=whole.get(number, rows[number])) for number, state in enumerate(states)]


def _exists(state: State) -> bool:
    return state.target.resource_id is not None and not is_promise(state.target.resource_id)


def _current_rows(states: Sequence[State], reads: Reads) -> List[Optional[Row]]:
    rows: List[Optional[Row]] = []
    unread: List[int] = []
    for number, state in enumerate(states):
        own = {state.resource.id_key: state.target.resource_id}
        listed = not _exists(state) or state.resource.readable == "in_listing"
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
class ResourcePlan(ChangePlan):
    """The changes of one resource and its children, and the writes that make them."""

    state: State
    diff: Diff

    def uses(self) -> Sequence[Any]:
        target = self.state.target
        return [target.resource_id, target.parent_id, *(want.value for want in all_fields(self.state.desired))]

    def changed(self) -> Sequence[Tuple[str, str]]:
        return [(str(self.state.target.resource_id), change.field.api) for change in self.diff.changes]

    def read_back(self, outcome: Outcome) -> Sequence[Call]:
        state = self.state
        if self.diff.empty or not outcome.sent or outcome.shown is not None:
            return ()
        return read_back_calls(state.resource, str(outcome.value(state.target.resource_id)), state.children)


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
    return ResourcePlan((*diff.tests, *steps), difference(diff, state.names, target.label), state, diff)


def _initial(state: State, diff: Diff) -> Iterator[Change]:
    """What is stated for new records only, as the record that replaces another one is."""
    known = {change.field.api for change in diff.changes}
    for want in (one for one in state.desired.fields if one.field.initial and one.field.api not in known):
        yield Change(want.path, want.field, (state.row or {}).get(want.field.api), want.value)


def check(planned: ResourcePlan, context: Context) -> ResourcePlan:
    """The plan after what its changes need to know of the server, before anything is written.

    Each check is observed and judged before the next one, so that what is refused asks for nothing else.

    :raises Refused: it cannot be done like that. :raises OptionError: a value that cannot be right.
    """
    state, diff, params, reads = planned.state, planned.diff, context.params, context.reads
    state = replace(state, sent_before=context.executor.sent)
    for one in (*REQUIREMENTS, *state.resource.checks):
        judged = one.judge(state, diff, params, one.observe(state, diff, params, reads))
        if judged.warnings:
            context.warn("%s: %s" % (context.key, one) if context.key else one for one in judged.warnings)
        for listing, parent, rows in judged.noted:
            reads.remember_children(listing, parent, rows)
        diff = judged.diff
    return planned if diff is planned.diff else plan(state, diff)


def fulfil(planned: ResourcePlan, outcome: Outcome) -> ResourcePlan:
    """The plan with what its promises stand for, or what results of check mode show of these."""
    state = planned.state
    if state.key == SELF:
        return planned

    def is_known(one: Any) -> bool:
        return all(source in outcome.rows for source in sources_in(one))

    def value(one: Any) -> Any:
        return outcome.value(one) if is_known(one) else shown(one)

    target = state.target
    desired = with_values(state.desired, {want.path: value(want.value) for want in all_fields(state.desired)})
    names = {value(one): name for one, name in state.names.items() if is_known(one)}
    # What came with its parent has its row there.
    came = [outcome.rows[source] for source in sources_in(target.resource_id) if source in outcome.rows]
    row = {**state.row, **came[0]} if came and state.row else state.row
    target = replace(target, resource_id=value(target.resource_id), parent_id=value(target.parent_id))
    return replace(planned, state=replace(state, target=target, desired=desired, names=names, row=row))


def confirm(planned: ResourcePlan, outcome: Outcome, context: Context, left: Callable[[Row], Diff]) -> Row:
    """The row that the server shows after the writes.

    :param left: what still differs from the desired state.
    :raises NotApplied: an option was not stored; an older server silently drops what it does not know.
    :raises Conflict: another run, or the server, has added the same children at the same time. One of each is enough,
        which is what the next attempt plans.
    """
    state, reads = planned.state, context.reads
    if outcome.rows.get(SELF) is not None:
        state = entered(planned, outcome.rows[SELF], reads)
    after = _read_back(state, outcome, reads)
    _remember(planned, after, reads)
    diff = left(after)
    if diff.empty:
        return after
    doubled = (is_doubled(one, state.desired.children[one.child.option], after) for one in diff.children)
    if not diff.changes and all(doubled):
        raise Conflict
    raise _not_stored(state, diff)


def entered(planned: ResourcePlan, created: Row, reads: Reads) -> State:
    """The state with what was created, which is entered into the tree."""
    state, resource = planned.state, planned.state.resource
    row = resource.listing.flat(created)
    tree = reads.tree(resource.levels)
    if state.key != SELF:
        promised = FromResponse(state.key, resource.id_key)
        tree.refresh(resource.levels, row, whole=True, known_as=promised)
        reads.promises.keep(promised, resource.id_key, row)
    if planned.diff.action == "replace":
        tree.forget(resource.levels, str(state.target.resource_id))
    tree.enter(resource.levels, row, row.get(resource.parent_key or "", state.target.parent_id))
    return replace(state, target=replace(state.target, resource_id=str(row[resource.id_key]), row=row))


def _read_back(state: State, outcome: Outcome, reads: Reads) -> Row:
    """The row after the writes; raises C(NotApplied) if there is none."""
    after = outcome.shown
    if after is None and state.whole:
        (after, _answers) = read_back(state.resource, str(state.target.resource_id), state.children, reads)
    elif after is None:
        after = dict(with_rows([replace(state, row=None)], reads)[0].row or {})
    if after is None:
        raise NotApplied("%s was written, but the server does not show it any more" % state.target.label)
    return {**after, **answers_of_queries([want.field for want in state.desired.fields], reads.client)}


def _remember(planned: ResourcePlan, after: Row, reads: Reads) -> None:
    """Bring what was read before up to date, so that a loop need not ask for it."""
    resource = planned.state.resource
    reads.refresh(resource, dict(after))
    if any(change.field.elected for change in planned.diff.changes):
        # Another record has changed, too.
        reads.forget()
    for child in resource.children:
        if child.everywhere is not None and child.embedded in after:
            reads.remember_children(child.everywhere.listing, str(after[resource.id_key]), after[child.embedded] or [])


def _not_stored(state: State, diff: Diff) -> NotApplied:
    options = [dotted(change.path) for change in diff.changes]
    options += ["%s (%s)" % (change.child.option, _which(change)) for change in diff.children]
    return NotApplied(
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
