# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Many resources in one run: one plan of all, which refer to each other before they exist, carried out in waves.

What is created comes after what it needs, and what is removed last and before what it is in. A failure is that of one
resource: those that depend on it are skipped, and the others go on.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Callable, Dict, FrozenSet, Iterator, List, Mapping, Optional, Sequence, Set, Tuple

from .._errors import DokployError, OptionError, Refused
from .apply import finished, planned_again, transition_of
from .difference import ChangePlan
from .execute import Progress
from .flow import default_key
from .promise import Promises, is_promise, shown, sources_in, texts_in
from .reads import Reads
from .runner import Context, repeated
from .state import Node
from .together import run_together
from .tree import default_environment


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
    """The plans of all nodes, in waves: each needs only what is in the waves before. Nothing is written.

    :raises OptionError: the nodes depend on each other in a circle, or a value cannot be right.
    :raises ReferenceNotFound: what is named neither exists nor is among the nodes.
    """
    # A repeated run promises what is left.
    context.reads.promises = Promises()
    removals = [one for one in nodes if one.params["state"] == "absent"]
    others = sorted((one for one in nodes if one.params["state"] != "absent"), key=_order)
    found = _observed(others, context)
    plans = [(node, transition_of(node).plan(one, _own(context, node))) for node, one in zip(others, found)]
    return waves(list(_with_needs(plans))) + waves(_removals(removals, _kept_by(plans, context.reads), context))


def _observed(nodes: Sequence[Node], context: Context) -> List[Any]:
    """What there is of each node; those that are observed alike are read in few requests."""
    how = [transition_of(node) for node in nodes]
    for node, one in zip(nodes, how):
        one.refuse(node.resource, node.params)
    found: Dict[Any, Iterator[Any]] = {}
    for observe in dict.fromkeys(one.observe for one in how):
        alike = [node for node, one in zip(nodes, how) if one.observe is observe]
        found[observe] = iter(observe(alike, context))
    return [next(found[one.observe]) for one in how]


def _kept_by(plans: Sequence[Tuple[Node, ChangePlan]], reads: Reads) -> Dict[str, str]:
    """The texts that nodes state, with the IDs to which they refer, each with the key of one; the reads learn what the
    nodes change."""
    kept: Dict[str, str] = {}
    for node, planned in plans:
        reads.promises.changed.update(dict.fromkeys(planned.changed(), node.key))
        kept.update(dict.fromkeys(texts_in(planned.uses()), node.key))
    return kept


def _removals(nodes: Sequence[Node], kept: Mapping[str, str], context: Context) -> List[Planned]:
    """The removals, of the inner ones first, so that what they are in is empty when it is looked at.

    :param kept: the IDs to which other nodes refer, each with the key of one.
    :raises Refused: one is to be removed, and another one refers to it.
    """
    reads, found = context.reads, []
    inside: Dict[str, List[str]] = {}
    for node in sorted(nodes, key=_order, reverse=True):
        planned: Any = planned_again(node, _own(context, node))
        needs, removed = list(planned.state.known.get("released", ())), planned.state.target.row
        if removed is not None:
            levels, gone = node.resource.levels, str(removed[node.resource.id_key])
            if gone in kept:
                raise Refused("%s is to be removed, and %s refers to it" % (node.key, kept[gone]))
            needs += inside.get(gone, [])
            for row, listing in zip(reads.tree(levels).path(levels, gone)[:-1], levels):
                inside.setdefault(str(row[listing.id_key]), []).append(node.key)
            reads.promises.removed[gone] = node.key
            reads.tree(levels).forget(levels, gone)
        found.append(Planned(node, planned, frozenset(needs)))
    return found


def _order(node: Node) -> Tuple[bool, int, bool]:
    """Those first that others can refer to; of these outer ones, and then those whose names nothing qualifies."""
    qualified = any(one.qualifies is not None for _path, one, _group in node.resource.fields())
    return not transition_of(node).configures, len(node.resource.levels), qualified


def _own(context: Context, node: Node) -> Context:
    """The context of one node."""
    return replace(context, params=node.params, executor=context.executor.apart())


def _with_needs(plans: Sequence[Tuple[Node, ChangePlan]]) -> Iterator[Planned]:
    """The plans with the nodes whose promises they use, and those that configure what they act on."""
    owners = {node.key: node.key for node, _plan in plans}
    configured: Dict[Any, Set[str]] = {None: set()}
    for node, planned in plans:
        owners.update({default_key(node.key, inner): node.key for inner in node.resource.inner_defaults})
        if transition_of(node).configures:
            configured.setdefault(planned.uses()[0], set()).add(node.key)
    for node, planned in plans:
        used = planned.uses()
        needs = {owners[name] for name in sources_in(used)}
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


def carry_out(plans: Sequence[Sequence[Planned]], context: Context) -> Run:
    """Carry out the plans of all nodes, those of a wave side by side; in check mode nothing is sent."""
    run = Run()
    rows: Dict[str, Any] = {}
    wrote: Set[str] = set()
    for wave in plans:
        ready: List[Tuple[Planned, Context, Optional[Progress]]] = []
        for one in wave:
            blocker = run.blocker(one)
            if blocker is not None:
                run.waiting[one.node.key] = blocker
                continue
            own = _own(context, one.node)
            # What it acts on has become another one.
            stale = bool(one.needs & wrote) and not transition_of(one.node).configures
            ready.append((one, own, None if stale else own.executor.begin(one.plan, rows)))
        begun = [(one.plan, progress) for one, _own, progress in ready if progress is not None]
        run_together([progress for _plan, progress in begun])
        context.reads.prefetch([plan.read_back(each.outcome) for plan, each in begun if each.error is None])
        for one, own, progress in ready:
            try:
                run.done[one.node.key] = shown(repeated(_attempts(one, progress, rows, own), own, one.node.key))
            except DokployError as error:
                run.failed[one.node.key] = error
            if own.executor.sent:
                wrote.add(one.node.key)
                context.executor.sent = True
    return run


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
        return result

    return attempt


def _kept(node: Node, row: Mapping[str, Any]) -> Iterator[Tuple[str, Any]]:
    """The rows of a node to which others may refer, each with its name."""
    yield node.key, row
    for inner in node.resource.inner_defaults:
        yield default_key(node.key, inner), default_environment(row.get(inner.key) or [])
