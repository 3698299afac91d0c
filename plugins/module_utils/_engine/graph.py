# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Many resources in one run: one plan of all, which refer to each other before they exist, carried out in waves.

What is created comes after what it needs, and what is removed last and before what it is in. A failure is that of one
resource: those that depend on it are skipped, and the others go on.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Callable, Dict, FrozenSet, Iterator, List, Mapping, Optional, Sequence, Tuple, Union

from .._api.client import Call
from .._errors import DokployError, OptionError, Refused
from .absence import RemovalPlan, observe_removal, plan_removal, removed, warn_of_kinds
from .apply import brought, checked
from .desired import all_fields
from .execute import Progress
from .flow import Node, ResourcePlan, default_key, observe
from .promise import Promises, is_promise, shown, sources_in
from .reads import Reads
from .rows import read_back_calls
from .runner import Context, repeated
from .together import run_together
from .tree import default_environment

AnyPlan = Union[ResourcePlan, RemovalPlan]


@dataclass(frozen=True)
class Planned:
    """The plan of one node.

    :param needs: the keys of the nodes that have to be done before it.
    """

    node: Node
    plan: AnyPlan
    needs: FrozenSet[str] = frozenset()

    @property
    def change(self) -> Dict[str, Any]:
        """What it changes, for results: C(action), C(kind), the C(key) of the node and the C(diff)."""
        action = self.plan.diff.action if isinstance(self.plan, ResourcePlan) else "remove" if self.plan.row else "none"
        diff = shown(self.plan.difference.result()["diff"])
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

    :param nodes: each with the state C(present) or C(absent).
    :raises OptionError: the nodes depend on each other in a circle, or a value cannot be right.
    :raises ReferenceNotFound: what is named neither exists nor is among the nodes.
    """
    for node in nodes:
        if node.params["state"] not in ("present", "absent"):
            raise OptionError("%s: state=%s is not supported among others" % (node.key, node.params["state"]))
    # A repeated run promises what is left.
    context.reads.promises = Promises()
    present = sorted((one for one in nodes if one.params["state"] != "absent"), key=_depth)
    states = observe(present, context.reads, context.executor.parent_missing)
    plans = [(node, checked(state, _own(context, node))) for node, state in zip(present, states)]
    removals = [one for one in nodes if one.params["state"] == "absent"]
    return waves(list(_with_needs(plans))) + waves(_removals(removals, _kept_by(plans, context.reads), context))


def _kept_by(plans: Sequence[Tuple[Node, ResourcePlan]], reads: Reads) -> Dict[str, str]:
    """The texts that nodes state, with the IDs to which they refer, each with the key of one; the reads learn what the
    nodes change."""
    kept: Dict[str, str] = {}
    for node, planned in plans:
        target, stated = planned.state.target, [want.value for want in all_fields(planned.state.desired)]
        changed = [(str(target.resource_id), change.field.api) for change in planned.diff.changes]
        reads.promises.changed.update(dict.fromkeys(changed, node.key))
        kept.update(dict.fromkeys(_texts([target.parent_id, *stated]), node.key))
    return kept


def _removals(nodes: Sequence[Node], kept: Mapping[str, str], context: Context) -> List[Planned]:
    """The removals, of the inner ones first, so that what they are in is empty when it is looked at.

    :param kept: the IDs to which other nodes refer, each with the key of one.
    :raises Refused: one is to be removed, and another one refers to it.
    """
    reads, found = context.reads, []
    inside: Dict[str, List[str]] = {}
    for node in sorted(nodes, key=_depth, reverse=True):
        planned = plan_removal(observe_removal(node.resource, node.params, reads))
        warn_of_kinds(planned, _own(context, node))
        needs = list(planned.state.known.get("released", ()))
        if planned.row is not None:
            levels, gone = node.resource.levels, str(planned.row[node.resource.id_key])
            if gone in kept:
                raise Refused("%s is to be removed, and %s refers to it" % (node.key, kept[gone]))
            needs += inside.get(gone, [])
            for row, listing in zip(reads.tree(levels).path(levels, gone)[:-1], levels):
                inside.setdefault(str(row[listing.id_key]), []).append(node.key)
            reads.promises.removed[gone] = node.key
            reads.tree(levels).forget(levels, gone)
        found.append(Planned(node, planned, frozenset(needs)))
    return found


def _texts(value: Any) -> Iterator[str]:
    """The texts in a value, at any depth."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, tuple, Mapping)):
        for one in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(one)


def _depth(node: Node) -> Tuple[int, bool]:
    """Outer ones first, and of these those whose names nothing qualifies."""
    qualified = any(one.qualifies is not None for _path, one, _group in node.resource.fields())
    return len(node.resource.levels), qualified


def _own(context: Context, node: Node) -> Context:
    """The context of one node."""
    return replace(context, params=node.params, executor=context.executor.apart())


def _with_needs(plans: Sequence[Tuple[Node, ResourcePlan]]) -> Iterator[Planned]:
    """The plans with the nodes whose promises they use."""
    owners = {node.key: node.key for node, _plan in plans}
    for node, _planned in plans:
        owners.update({default_key(node.key, inner): node.key for inner in node.resource.inner_defaults})
    for node, planned in plans:
        target, values = planned.state.target, [want.value for want in all_fields(planned.state.desired)]
        used = sources_in([target.resource_id, target.parent_id, *values])
        yield Planned(node, planned, frozenset(owners[name] for name in used) - {node.key})


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
    for wave in plans:
        ready: List[Tuple[Planned, Context, Progress]] = []
        for one in wave:
            blocker = run.blocker(one)
            if blocker is not None:
                run.waiting[one.node.key] = blocker
                continue
            own = _own(context, one.node)
            ready.append((one, own, own.executor.begin(one.plan, rows)))
        run_together([progress for _one, _own, progress in ready])
        context.reads.prefetch([_read_back(one, progress) for one, _own, progress in ready])
        for one, own, progress in ready:
            try:
                run.done[one.node.key] = shown(repeated(_attempts(one, progress, rows, own), own, one.node.key))
            except DokployError as error:
                run.failed[one.node.key] = error
            context.executor.sent |= own.executor.sent
    return run


def _read_back(one: Planned, progress: Progress) -> Sequence[Call]:
    """The queries that read back what a plan has changed, as far as its own steps have not."""
    outcome, planned = progress.outcome, one.plan
    if progress.error or not outcome.sent or outcome.shown is not None or not isinstance(planned, ResourcePlan):
        return ()
    state = planned.state
    return read_back_calls(state.resource, str(outcome.value(state.target.resource_id)), state.children)


def _attempts(one: Planned, progress: Progress, rows: Dict[str, Any], context: Context) -> Callable[[], Dict[str, Any]]:
    """The end of what one plan has begun; after that, what is left to do of its node.

    :param rows: get what others refer to.
    """
    begun = iter([(one.plan, progress)])

    def attempt() -> Dict[str, Any]:
        planned, current = next(begun, (None, None))
        if planned is None or current is None:
            planned = _planned_again(one.node, context)
            current = context.executor.begin(planned, rows)
        if isinstance(planned, RemovalPlan):
            removal = context.first_plan(planned)
            return removed(removal, planned, current.finish(), context)
        first = context.first_plan(planned)
        result, after, _label = brought(first, planned, current.finish(), context)
        own_id = after.get(one.node.resource.id_key)
        if own_id is not None and not is_promise(own_id):
            rows.update(_kept(one.node, after))
        return result

    return attempt


def _planned_again(node: Node, context: Context) -> AnyPlan:
    if node.params["state"] == "absent":
        return plan_removal(observe_removal(node.resource, node.params, context.reads))
    (state,) = observe([node], context.reads, context.executor.parent_missing)
    return checked(state, context)


def _kept(node: Node, row: Mapping[str, Any]) -> Iterator[Tuple[str, Any]]:
    """The rows of a node to which others may refer, each with its name."""
    yield node.key, row
    for inner in node.resource.inner_defaults:
        yield default_key(node.key, inner), default_environment(row.get(inner.key) or [])
