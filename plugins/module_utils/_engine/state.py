# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""One resource as it is observed, of which plans are made. Nothing is written, and many are read in few requests."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Callable, Dict, FrozenSet, List, Mapping, Optional, Sequence, Tuple

from .._errors import NotFoundError, ReferenceNotFound
from .._model.field import Field, Listing
from .._model.resource import Resource
from .._model.states import Transition
from .._reads.reads import Reads
from .._reads.rows import answers_of_queries, rows_of, with_children
from .._values.codec import GENERATED, IDENTIFIER
from .._values.marks import FromResponse, is_marked
from .._values.paths import joined
from .desired import Desired, DesiredField, desire
from .diff import Row
from .lookup import Missing, Target, locate, read_again, read_row, resolved, stated
from .plan import SELF
from .runner import Context
from .unstated import KEEP, Unstated, unstated_of, with_defaults, with_lists


@dataclass(frozen=True)
class Node:
    """One resource that a run is about.

    :param params: the parameters of its module.
    :param key: what stands for it among the others: its row is kept under this name for C(FromResponse).
    :param takes: the keys of the nodes of which the parameters take facts.
    :param transition: how it is brought into its state, where the resource does not say so.
    :param label: what messages call it instead of its name.
    :param own_facts: makes of it and its row the parameters with the facts that they take of itself, if they do.
    """

    resource: Resource
    params: Mapping[str, Any]
    key: str = SELF
    takes: FrozenSet[str] = frozenset()
    transition: Optional[Transition] = None
    label: str = ""
    own_facts: Optional[Callable[[Node, Optional[Row]], Mapping[str, Any]]] = None


@dataclass(frozen=True)
class State:
    """One resource: what is desired of it, and what there is.

    :param names: the names of the IDs that were met.
    :param row: its current row, with the children that are stated; C(None) if it does not exist.
    :param whole: whether the row is needed; otherwise only its children are read.
    :param child_id: the ID of the only child that is stated, instead of its natural key.
    :param key: that of its node.
    :param sent_before: whether this run had written anything before.
    :param unstated: what becomes of options that are not stated.
    """

    resource: Resource
    target: Target
    desired: Desired
    names: Mapping[str, str]
    row: Optional[Row] = None
    whole: bool = True
    child_id: Optional[str] = None
    key: str = SELF
    sent_before: bool = False
    unstated: Unstated = Unstated()

    @property
    def children(self) -> Tuple[str, ...]:
        """The options of the children that are stated."""
        return tuple(self.desired.children)


def observe(nodes: Sequence[Node], context: Context) -> List[State]:
    """The state of each resource without a mistake; several are read in few requests.

    :param nodes: those that others are in come before these. What does not exist is promised to the others.
    :raises OptionError: a value that cannot be right.
    :raises ReferenceNotFound: a name that is not known.
    :raises NotFoundError: there is no resource of an ID.
    """
    located: List[Tuple[Node, State]] = []
    referring: List[Tuple[Node, State]] = []
    states: List[State] = []
    for node in nodes:
        with context.judging(node.key):
            located.append((node, _located(node, context)))
    for node, state in located:
        with context.judging(node.key):
            accept = context.executor.parent_missing
            referring.append((node, _referring(state, node.params, context.reads, accept)))
    whole = with_rows([state for _node, state in referring], context.reads)
    for node, state in zip([node for node, _state in referring], whole):
        with context.judging(node.key):
            option = node.resource.id_option
            if state.row is None and node.params.get(option) not in (None, GENERATED):
                raise NotFoundError("%s: there is no %s %r" % (option, node.resource.noun, node.params[option]))
            completed = restated(node, state, context.reads) if node.own_facts else _with_defaults(state, context.reads)
            states.append(_with_former_place(completed, context.reads))
    return states


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
    if params.get("ignore") or params.get("unstated") not in (None, KEEP):
        state = replace(state, unstated=unstated_of(resource, params))
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
        **resource.creation.defaults,
        **{want.field.api: want.value for want in state.desired.fields},
        resource.id_key: FromResponse(state.key, resource.id_key),
    }
    for inner in resource.inner_defaults:
        row[inner.key] = [{**inner.default, inner.id_key: FromResponse(default_key(state.key, inner), inner.id_key)}]
    reads.trees.of(resource.levels).enter(resource.levels, row, state.target.parent_id)
    reads.promises.created.setdefault(resource.id_key, []).append(row)


def restated(node: Node, state: State, reads: Reads) -> State:
    """The state of a node with what its parameters are now."""
    params = node.params if node.own_facts is None else node.own_facts(node, state.row)
    desired = desire(node.resource, stated(node.resource, params, state.target))
    now = _referring(replace(state, desired=desired), params, reads)
    if state.row is not None:
        now = _with_defaults(_with_lists(now, state.row, reads), reads)
    return replace(now, names={**state.names, **now.names})


def _referring(
    state: State,
    params: Mapping[str, Any],
    reads: Reads,
    accept: Optional[Missing] = None,
) -> State:
    """The state with IDs, or promises of these, in place of names.

    :param accept: raises the error for a name that no record has, or accepts it.
    """
    resource, target = state.resource, state.target
    desired, names = resolved(reads, state.desired, accept)
    if params.get(resource.id_option) is not None and target.parent is not None and target.parent_id:
        # A resource that is addressed by its ID moves to the parent that is stated.
        listing = resource.parents[-1]
        parent = Field(listing.label, listing.id_key, IDENTIFIER, reference=listing)
        names[target.parent_id] = str(target.parent.get("name"))
        desired = replace(desired, fields=(*desired.fields, DesiredField((parent.name,), parent, target.parent_id)))
    return replace(state, desired=desired, names=names)


def with_rows(states: Sequence[State], reads: Reads) -> List[State]:
    """The states with their current rows and the children that are desired."""
    rows = [state.row if row is None else row for state, row in zip(states, _current_rows(states, reads))]
    states = [_with_lists(state, row, reads) for state, row in zip(states, rows)]
    there = [number for number, row in enumerate(rows) if row and _exists(states[number])]
    wanted = [(states[number].resource, states[number].children, rows[number] or {}) for number in there]
    whole = dict(zip(there, with_children(wanted, reads.client)))
    for number, row in whole.items():
        row.update(answers_of_queries([want.field for want in states[number].desired.fields], reads.client))
    return [replace(state, row=whole.get(number, rows[number])) for number, state in enumerate(states)]


def _with_lists(state: State, row: Optional[Row], reads: Reads) -> State:
    """The state of an existing resource with the lists that are not stated."""
    if state.unstated == Unstated() or row is None or not _exists(state):
        return state
    version = reads.client.version()
    return replace(state, desired=with_lists(state.desired, state.resource, row, state.unstated, version))


def _with_defaults(state: State, reads: Reads) -> State:
    """The state of an existing resource with the options that are not stated."""
    if state.unstated == Unstated() or state.row is None or not _exists(state):
        return state
    version = reads.client.version()
    desired = with_defaults(state.desired, state.resource, state.row, state.unstated, version)
    return replace(state, desired=desired, names={**_former_names(desired, state.row, reads), **state.names})


def _with_former_place(state: State, reads: Reads) -> State:
    """The state of what is moved with the names of both places, or with their paths where it leaves its project."""
    parent = state.resource.parent_key
    wanted = [want for want in state.desired.fields if want.field.api == parent]
    former = (state.row or {}).get(parent or "")
    if not wanted or former is None or former == wanted[0].value:
        return state
    known = [place for place in (former, wanted[0].value) if not is_marked(place)]
    return replace(state, names={**state.names, **_places(known, state.resource, reads)})


def _places(wanted: Sequence[str], resource: Resource, reads: Reads) -> Dict[str, str]:
    """The names of the environments with these IDs, with those of their projects if they are in several."""
    paths = {place: reads.trees.of().path(resource.parents, place) for place in wanted}
    known = {place: path for place, path in paths.items() if path}
    alone = len({path[0].get(resource.parents[0].id_key) for path in known.values()}) == 1
    return {place: joined(str(row["name"]) for row in (path[-1:] if alone else path)) for place, path in known.items()}


def _former_names(desired: Desired, row: Row, reads: Reads) -> Dict[str, str]:
    """The names of the records to which a row refers in options that are not stated."""
    names: Dict[str, str] = {}
    for field in (want.field for want in desired.fields if want.unstated and row.get(want.field.api)):
        listing = field.reference
        if listing is not None and not listing.on_servers:
            rows = listing.rows(listing.listed(reads.listings.rows(listing.procedures)))
            names.update({str(known[listing.id_key]): str(known[listing.name_key]) for known in rows})
    return names


def _exists(state: State) -> bool:
    return state.target.resource_id is not None and not is_marked(state.target.resource_id)


def _current_rows(states: Sequence[State], reads: Reads) -> List[Optional[Row]]:
    rows: List[Optional[Row]] = []
    unread: List[int] = []
    for number, state in enumerate(states):
        own = {state.resource.id_key: state.target.resource_id}
        listed = not _exists(state) or state.resource.reading.in_listing
        rows.append(state.target.row if listed else own)
        if not listed:
            reads.times.note(str(state.target.resource_id))
            if state.whole:
                unread.append(number)
    if len(unread) == 1:
        # A loop reads ahead.
        state = states[unread[0]]
        rows[unread[0]] = read_row(state.resource, state.target, reads)
    else:
        wanted = [(states[number].resource, str(states[number].target.resource_id)) for number in unread]
        for number, row in zip(unread, rows_of(wanted, reads.client)):
            state = states[number]
            rows[number] = read_again(state.resource, state.target, reads) if row is None else row
    return rows
