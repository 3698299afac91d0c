# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Many resources in one run: one plan of all, which refer to each other before they exist, carried out in waves.

What is created comes after what it needs, and what is removed last and before what it is in. A failure is that of one
resource: those that depend on it are skipped, and the others go on.
"""

from __future__ import annotations

from typing import Any, Callable, Dict, Iterator, List, Mapping, Sequence, Set, Tuple

from .._errors import OWN_MISTAKES, OptionError, Refused, UnknownProcedure
from .._model.resource import PROJECTS
from .._reads.promises import Promises
from .._reads.reads import Reads
from .._reads.rows import known_since
from .._reads.tree import services_in
from .._values.marks import sources_in
from .._values.nested import texts_in
from .apply import planned_again, transition_of
from .facts import Facts, with_facts
from .planned import Planned, own_context, waves
from .runner import Context
from .state import Node, default_key
from .view import ChangePlan


def plan_nodes(nodes: Sequence[Node], context: Context) -> List[List[Planned]]:
    """The plans of all nodes without a mistake, in waves: each needs only what is in the waves before. Nothing is
    written.

    :raises OptionError: the nodes depend on each other in a circle, or a value cannot be right.
    :raises ReferenceNotFound: what is named neither exists nor is among the nodes.
    """
    forget_promised(context)
    removals = [node for node in nodes if node.params["state"] == "absent"]
    others = sorted((node for node in nodes if node.params["state"] != "absent"), key=_order)
    plans = _Plans(_observed(others, context), context).all()
    kept, inside = _kept_by(plans, context.reads), _moved_out(plans, context.reads)
    return waves(list(_with_needs(plans))) + waves(_removals(removals, kept, inside, context))


def forget_promised(context: Context) -> None:
    """A repeated run promises what is left: what the one before has created or removed may be so in the trees."""
    if context.reads.promises.created or context.reads.promises.removed:
        context.reads.forget()
    context.reads.promises = Promises()


class _Plans:
    """The plans of nodes, each after those whose facts it takes.

    :param observed: what there is of each node that has no mistake so far.
    """

    def __init__(self, observed: Sequence[Tuple[Node, Any]], context: Context) -> None:
        self._observed = {node.key: (node, state) for node, state in observed}
        self._context = context
        self._plans: Dict[str, Tuple[Node, ChangePlan]] = {}
        self._facts: Dict[str, Facts] = {}
        self._under_way: List[str] = []

    def all(self) -> List[Tuple[Node, ChangePlan]]:
        for key in self._observed:
            self._plan(key)
        return [self._plans[key] for key in self._observed if key in self._plans]

    def _plan(self, key: str) -> None:
        if key in self._plans or key not in self._observed:
            return
        node, state = self._observed[key]
        with self._context.judging(key):
            if node.takes:
                self._plan_those(key, sorted(node.takes))
                node, state = with_facts(node, state, self._facts, self._context.reads)
            self._plans[key] = (node, transition_of(node).plan(state, own_context(self._context, node)))

    def _plan_those(self, key: str, taken: Sequence[str]) -> None:
        """Plan the nodes whose facts a node takes.

        :raises OptionError: it takes, in the end, its own ones, or those of a node with a mistake.
        """
        if key in self._under_way:
            path = [*self._under_way[self._under_way.index(key) :], key]
            raise OptionError("the references form a circle: %s" % " -> ".join(path))
        self._under_way.append(key)
        try:
            for other in taken:
                self._plan(other)
                planned: Any = self._plans.get(other, (None, None))[1]
                if planned is None:
                    raise OptionError("reference: %s has a mistake" % other, details={"of": other})
                self._context.reads.promises.facts.add(other)
                if other not in self._facts:
                    self._facts[other] = Facts(planned, self._context.client)
        finally:
            self._under_way.pop()


def _observed(nodes: Sequence[Node], context: Context) -> List[Tuple[Node, Any]]:
    """What there is of each node without a mistake; those that are observed alike are read in few requests."""
    for node in nodes:
        with context.judging(node.key):
            transition = transition_of(node)
            if transition.refuse is not None:
                transition.refuse(node.resource, node.params)
    states: Dict[str, Any] = {}
    wrong: Mapping[str, Any] = {} if context.mistakes is None else context.mistakes
    for observe in dict.fromkeys(transition_of(node).observe for node in nodes):
        group = [node for node in nodes if transition_of(node).observe is observe and node.key not in wrong]
        observed = _observed_alike(observe, group, context)
        states.update(zip((node.key for node in group if node.key not in wrong), observed))
    return [(node, states[node.key]) for node in nodes if node.key in states]


def _observed_alike(observe: Callable[..., Sequence[Any]], nodes: Sequence[Node], context: Context) -> List[Any]:
    try:
        return list(observe(nodes, context))
    except (*OWN_MISTAKES, UnknownProcedure) as error:
        if context.mistakes is None or error.pause is not None:
            raise
    # One of them has a mistake: which one?
    states: List[Any] = []
    for node in nodes:
        with context.judging(node.key), known_since(node.resource):
            states += observe([node], context)
    return states


def _kept_by(plans: Sequence[Tuple[Node, ChangePlan]], reads: Reads) -> Dict[str, str]:
    """The texts that nodes state, with the IDs to which they refer, each with the key of one; the reads learn what the
    nodes change."""
    kept: Dict[str, str] = {}
    for node, planned in plans:
        reads.promises.changed.update(dict.fromkeys(planned.changed(), node.key))
        kept.update(dict.fromkeys(texts_in(planned.uses()), node.key))
    return kept


def _moved_out(plans: Sequence[Tuple[Node, ChangePlan]], reads: Reads) -> Dict[str, List[str]]:
    """The keys of the nodes that move out of something, by its ID. The trees show them there no more."""
    inside: Dict[str, List[str]] = {}
    for node, planned in plans:
        resource_id, levels = planned.uses()[0], node.resource.levels
        if planned.difference.action == "move":
            for row, listing in zip(reads.trees.of(levels).path(levels, resource_id)[:-1], levels):
                inside.setdefault(str(row[listing.id_key]), []).append(node.key)
            reads.trees.of(levels).forget(levels, str(resource_id))
    return inside


def _removals(
    nodes: Sequence[Node], kept: Mapping[str, str], inside: Dict[str, List[str]], context: Context
) -> List[Planned]:
    """The removals, of the inner ones first, so that what they are in is empty when it is looked at.

    :param kept: the IDs to which other nodes refer, each with the key of one.
    :param inside: the keys of the nodes that take what they are about out of something, by its ID.
    :raises Refused: one is to be removed, and another one refers to it.
    """
    removals: List[Planned] = []
    # What services use is released before it is looked at.
    for node in sorted(
        nodes, key=lambda node: (node.resource.levels[0] is PROJECTS, len(node.resource.levels)), reverse=True
    ):
        with context.judging(node.key), known_since(node.resource):
            removals.append(_removal(node, kept, inside, context))
    return removals


def _removal(node: Node, kept: Mapping[str, str], inside: Dict[str, List[str]], context: Context) -> Planned:
    """:param inside: the keys of the removals of what is in something, by its ID."""
    reads = context.reads
    planned: Any = planned_again(node, own_context(context, node))
    needs, removed = list(planned.state.known.get("released", ())), planned.state.target.row
    if removed is not None:
        levels, gone = node.resource.levels, str(removed[node.resource.id_key])
        if gone in kept:
            raise Refused("%s is to be removed, and %s refers to it" % (node.key, kept[gone]))
        needs += inside.get(gone, [])
        for row, listing in zip(reads.trees.of(levels).path(levels, gone)[:-1], levels):
            inside.setdefault(str(row[listing.id_key]), []).append(node.key)
        reads.promises.removed.update(dict.fromkeys((gone, *services_in(removed)), node.key))
        reads.trees.of(levels).forget(levels, gone)
    return Planned(node, planned, frozenset(needs))


def _order(node: Node) -> Tuple[bool, int, bool]:
    """Those first that others can refer to; of these outer ones, and then those whose names nothing qualifies."""
    qualified = any(field.qualifies is not None for _path, field, _group in node.resource.fields())
    return not transition_of(node).configures, len(node.resource.levels), qualified


def _with_needs(plans: Sequence[Tuple[Node, ChangePlan]]) -> Iterator[Planned]:
    """The plans with the nodes whose promises they use, or facts, and those that configure what they act on."""
    owners = {node.key: node.key for node, _plan in plans}
    configured: Dict[Any, Set[str]] = {None: set()}
    for node, planned in plans:
        owners.update({default_key(node.key, inner): node.key for inner in node.resource.inner_defaults})
        if transition_of(node).configures:
            configured.setdefault(planned.uses()[0], set()).add(node.key)
    for node, planned in plans:
        used = planned.uses()
        needs = {owners[name] for name in sources_in(used) if name in owners} | node.takes
        if not transition_of(node).configures:
            needs |= configured.get(used[0], set())
        yield Planned(node, planned, frozenset(needs - {node.key}))
