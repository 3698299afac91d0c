# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Many resources in one run: one plan of all, which refer to each other before they exist, carried out in waves.

What is created comes after what it needs, and what is removed last and before what it is in. A failure is that of one
resource: those that depend on it are skipped, and the others go on.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Callable, Dict, FrozenSet, Iterator, List, Mapping, Optional, Sequence, Set, Tuple

from .._errors import OWN_MISTAKES, DokployError, OptionError, Refused, UnknownProcedure
from .._model.resource import PROJECTS
from .._values.nested import texts_in
from .apply import finished, planned_again, transition_of, wait_for_ends
from .execute import Progress
from .facts import Facts, facts_of, facts_row, with_facts
from .plan import Promises, fulfilled, is_promise, shown, sources_in
from .reads import Reads
from .rows import default_environment, known_since, services_in
from .runner import Context, repeated
from .state import Node, default_key, restated
from .together import run_together
from .view import ChangePlan


@dataclass(frozen=True)
class Planned:
    """The plan of one node.

    :param needs: the keys of the nodes that have to be done before it.
    """

    node: Node
    plan: ChangePlan
    needs: FrozenSet[str] = frozenset()

    @property
    def change(self) -> Dict[str, Any]:
        """What it changes, for results: C(action), C(kind), the C(key) of the node and the C(diff)."""
        difference = self.plan.difference
        action = difference.action if difference.changed else "none"
        diff = shown(difference.result()["diff"])
        return {"action": action, "kind": self.node.resource.name, "key": self.node.key, "diff": diff}


Told = Callable[[Sequence[Tuple[Planned, Progress]]], None]


@dataclass
class Run:
    """What became of the plans of many nodes.

    :param done: the results of those that were carried out, as those of their modules, by key.
    :param failed: the errors of those that failed. :param waiting: for those that were skipped, the key of the failed
        one that they wait for.
    """

    done: Dict[str, Dict[str, Any]] = field(default_factory=dict)
    failed: Dict[str, DokployError] = field(default_factory=dict)
    waiting: Dict[str, str] = field(default_factory=dict)

    def blocker(self, one: Planned) -> Optional[str]:
        """The failed node that one waits for."""
        return next((self.waiting.get(key, key) for key in sorted(one.needs) if key not in self.done), None)


def plan_nodes(nodes: Sequence[Node], context: Context) -> List[List[Planned]]:
    """The plans of all nodes without a mistake, in waves: each needs only what is in the waves before. Nothing is
    written.

    :raises OptionError: the nodes depend on each other in a circle, or a value cannot be right.
    :raises ReferenceNotFound: what is named neither exists nor is among the nodes.
    """
    forget_promised(context)
    removals = [one for one in nodes if one.params["state"] == "absent"]
    others = sorted((one for one in nodes if one.params["state"] != "absent"), key=_order)
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
        self._observed = {node.key: (node, one) for node, one in observed}
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
        node, found = self._observed[key]
        with self._context.judging(key):
            if node.takes:
                self._plan_those(key, sorted(node.takes))
                node, found = with_facts(node, found, self._facts, self._context.reads)
            self._plans[key] = (node, transition_of(node).plan(found, _own(self._context, node)))

    def _plan_those(self, key: str, taken: Sequence[str]) -> None:
        """Plan the nodes whose facts a node takes.

        :raises OptionError: it takes, in the end, its own ones, or those of a node with a mistake.
        """
        if key in self._under_way:
            path = [*self._under_way[self._under_way.index(key) :], key]
            raise OptionError("the references form a circle: %s" % " -> ".join(path))
        self._under_way.append(key)
        try:
            for one in taken:
                self._plan(one)
                planned: Any = self._plans.get(one, (None, None))[1]
                if planned is None:
                    raise OptionError("reference: %s has a mistake" % one, details={"of": one})
                self._context.reads.promises.facts.add(one)
                if one not in self._facts:
                    self._facts[one] = Facts(planned, self._context.client)
        finally:
            self._under_way.pop()


def _observed(nodes: Sequence[Node], context: Context) -> List[Tuple[Node, Any]]:
    """What there is of each node without a mistake; those that are observed alike are read in few requests."""
    for node in nodes:
        with context.judging(node.key):
            transition_of(node).refuse(node.resource, node.params)
    found: Dict[str, Any] = {}
    wrong: Mapping[str, Any] = {} if context.mistakes is None else context.mistakes
    for observe in dict.fromkeys(transition_of(node).observe for node in nodes):
        alike = [node for node in nodes if transition_of(node).observe is observe and node.key not in wrong]
        observed = _observed_alike(observe, alike, context)
        found.update(zip((node.key for node in alike if node.key not in wrong), observed))
    return [(node, found[node.key]) for node in nodes if node.key in found]


def _observed_alike(observe: Callable[..., Sequence[Any]], nodes: Sequence[Node], context: Context) -> List[Any]:
    try:
        return list(observe(nodes, context))
    except (*OWN_MISTAKES, UnknownProcedure) as error:
        if context.mistakes is None or error.pause is not None:
            raise
    # One of them has a mistake: which one?
    found: List[Any] = []
    for node in nodes:
        with context.judging(node.key), known_since(node.resource):
            found += observe([node], context)
    return found


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
            for row, listing in zip(reads.tree(levels).path(levels, resource_id)[:-1], levels):
                inside.setdefault(str(row[listing.id_key]), []).append(node.key)
            reads.tree(levels).forget(levels, str(resource_id))
    return inside


def _removals(
    nodes: Sequence[Node], kept: Mapping[str, str], inside: Dict[str, List[str]], context: Context
) -> List[Planned]:
    """The removals, of the inner ones first, so that what they are in is empty when it is looked at.

    :param kept: the IDs to which other nodes refer, each with the key of one.
    :param inside: the keys of the nodes that take what they are about out of something, by its ID.
    :raises Refused: one is to be removed, and another one refers to it.
    """
    found: List[Planned] = []
    # What services use is released before it is looked at.
    for node in sorted(
        nodes, key=lambda one: (one.resource.levels[0] is PROJECTS, len(one.resource.levels)), reverse=True
    ):
        with context.judging(node.key), known_since(node.resource):
            found.append(_removal(node, kept, inside, context))
    return found


def _removal(node: Node, kept: Mapping[str, str], inside: Dict[str, List[str]], context: Context) -> Planned:
    """:param inside: the keys of the removals of what is in something, by its ID."""
    reads = context.reads
    planned: Any = planned_again(node, _own(context, node))
    needs, removed = list(planned.state.known.get("released", ())), planned.state.target.row
    if removed is not None:
        levels, gone = node.resource.levels, str(removed[node.resource.id_key])
        if gone in kept:
            raise Refused("%s is to be removed, and %s refers to it" % (node.key, kept[gone]))
        needs += inside.get(gone, [])
        for row, listing in zip(reads.tree(levels).path(levels, gone)[:-1], levels):
            inside.setdefault(str(row[listing.id_key]), []).append(node.key)
        reads.promises.removed.update(dict.fromkeys((gone, *services_in(removed)), node.key))
        reads.tree(levels).forget(levels, gone)
    return Planned(node, planned, frozenset(needs))


def _order(node: Node) -> Tuple[bool, int, bool]:
    """Those first that others can refer to; of these outer ones, and then those whose names nothing qualifies."""
    qualified = any(one.qualifies is not None for _path, one, _group in node.resource.fields())
    return not transition_of(node).configures, len(node.resource.levels), qualified


def _own(context: Context, node: Node) -> Context:
    """The context of one node."""
    return replace(context, params=node.params, executor=context.executor.apart(), key=node.key)


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


def waves(plans: Sequence[Planned]) -> List[List[Planned]]:
    """The plans in the order of their needs, those at once that need nothing of each other.

    :raises OptionError: they need each other in a circle; the message shows it.
    """
    found: List[List[Planned]] = []
    left = list(plans)
    while left:
        waited_for = {one.node.key for one in left}
        ready = [one for one in left if not one.needs & waited_for]
        if not ready:
            raise OptionError("the references form a circle: %s" % " -> ".join(_circle(left)))
        found.append(ready)
        left = [one for one in left if one.needs & waited_for]
    return found


def _circle(plans: Sequence[Planned]) -> List[str]:
    """The keys of nodes that need each other, from one of them back to itself."""
    needs = {one.node.key: sorted(one.needs) for one in plans}
    path = [plans[0].node.key]
    while path[-1] not in path[:-1]:
        path.append(next(key for key in needs[path[-1]] if key in needs))
    return path[path.index(path[-1]) :]


def carry_out(plans: Sequence[Sequence[Planned]], context: Context, told: Told = lambda begun: None) -> Run:
    """Carry out the plans of all nodes, those of a wave side by side; in check mode nothing is sent.

    :param told: gets what is left of the plans of a wave, after each request.
    """
    run = Run()
    rows: Dict[str, Any] = {}
    wrote: Set[str] = set()
    for wave in plans:
        ready = _begun(wave, run, rows, wrote, context)
        begun = [(one, progress) for one, _own, progress in ready if progress is not None]
        run_together([progress for _one, progress in begun], partial(told, begun))
        wait_for_ends([(one.node, one.plan, progress, own) for one, own, progress in ready if progress], context)
        context.reads.prefetch([one.plan.read_back(each.outcome) for one, each in begun if each.error is None])
        for one, own, progress in ready:
            try:
                run.done[one.node.key] = shown(repeated(_attempts(one, progress, rows, own), own, one.node.key))
            except DokployError as error:
                run.failed[one.node.key] = error
            if own.executor.sent:
                wrote.add(one.node.key)
                context.executor.sent = True
    return run


_Begun = Tuple[Planned, Context, Optional[Progress]]


def _begun(wave: Sequence[Planned], run: Run, rows: Dict[str, Any], wrote: Set[str], context: Context) -> List[_Begun]:
    """The plans of a wave that can be carried out, begun as far as they are known.

    :param rows: those of what was carried out before. :param wrote: the keys of what has changed something.
    """
    ready: List[_Begun] = []
    for one in wave:
        blocker = run.blocker(one)
        if blocker is not None:
            run.waiting[one.node.key] = blocker
            continue
        try:
            one = _with_known_facts(one, rows, context)
        except DokployError as error:
            run.failed[one.node.key] = error
            continue
        own = _own(context, one.node)
        # What it acts on has become another one.
        stale = bool(one.needs & wrote) and not transition_of(one.node).configures
        ready.append((one, own, None if stale else own.executor.begin(one.plan, rows)))
    return ready


def _with_known_facts(one: Planned, rows: Mapping[str, Any], context: Context) -> Planned:
    """The plan with the facts that it takes of what this run has created.

    :raises OptionError: a value cannot be right.
    """
    planned: Any = one.plan
    if not one.node.takes or any(facts_row(key) not in rows for key in one.node.takes):
        return one
    node = replace(one.node, params=fulfilled(one.node.params, lambda saved, name: rows[saved][name]))
    state = restated(node, planned.state, context.reads)
    return replace(one, node=node, plan=transition_of(node).plan(state, _own(context, node)))


def _attempts(one: Planned, begun: Optional[Progress], rows: Dict[str, Any], context: Context) -> Callable[[], Any]:
    """The end of what one plan has begun; after that, what is left to do of its node.

    :param rows: get what others refer to.
    """
    left = [(one.plan, begun)] if begun is not None else []

    def attempt() -> Dict[str, Any]:
        if left:
            planned, progress = left.pop()
        else:
            planned = planned_again(one.node, context)
            progress = context.executor.begin(planned, rows)
        result = finished(one.node, planned, progress, context)
        after = progress.outcome.shown or {}
        own_id = after.get(one.node.resource.id_key)
        if own_id is not None and not is_promise(own_id):
            rows.update(_kept(one.node, after))
            if one.node.key in context.reads.promises.facts:
                rows[facts_row(one.node.key)] = facts_of(one.node, after, context.client)
        return result

    return attempt


def _kept(node: Node, row: Mapping[str, Any]) -> Iterator[Tuple[str, Any]]:
    """The rows of a node to which others may refer, each with its name."""
    yield node.key, row
    for inner in node.resource.inner_defaults:
        yield default_key(node.key, inner), default_environment(row.get(inner.key) or [])
