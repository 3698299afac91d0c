# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The plans of many nodes, carried out in waves.

A failure is that of one node: those that need it are skipped, and the others go on.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Callable, Dict, Iterator, List, Mapping, Optional, Sequence, Set, Tuple

from .._errors import DokployError
from .._reads.tree import default_environment
from .._values.marks import is_marked, mark, substituted
from .apply import finished, planned_again, transition_of, wait_for_ends
from .execute import Progress
from .facts import facts_of, facts_row
from .plan import Step, with_generated
from .planned import Foretold, Later, Planned, own_context
from .runner import Context, repeated
from .state import Node, default_key, restated
from .together import run_together
from .view import ChangePlan

Tell = Callable[[Sequence[Tuple[Planned, Progress]]], None]


@dataclass
class Run:
    """What became of the plans of many nodes.

    :param done: the results of those that were carried out, as those of their modules, by key.
    :param failed: the errors of those that failed. :param waiting: for those that were skipped, the key of the failed
        one that they wait for. :param wrote: the keys of those that have changed something.
    :param confirmed: the plans of those that were carried out, with the IDs of what they have made.
    """

    done: Dict[str, Dict[str, Any]] = field(default_factory=dict)
    failed: Dict[str, DokployError] = field(default_factory=dict)
    waiting: Dict[str, str] = field(default_factory=dict)
    wrote: Set[str] = field(default_factory=set)
    confirmed: Dict[str, ChangePlan] = field(default_factory=dict)

    def blocker(self, planned: Planned) -> Optional[str]:
        """The key of the failed node that a node waits for."""
        return next((self.waiting.get(key, key) for key in sorted(planned.needs) if key not in self.done), None)


def carry_out(planned_waves: Sequence[Sequence[Planned]], context: Context, tell: Tell = lambda under_way: None) -> Run:
    """Carry out the plans of all nodes, those of a wave side by side; in check mode nothing is sent.

    :param tell: gets what is left of the plans of a wave, after each request.
    """
    run = Run()
    rows: Dict[str, Any] = {}
    for wave in planned_waves:
        tasks = _in_turn(_begun(wave, run, rows, context), rows, context)
        under_way = [(task.planned, task.progress) for task in tasks if task.progress is not None]
        run_together([progress for _planned, progress in under_way], partial(tell, under_way))
        wait_for_ends(list(filter(None, (task.carried_out for task in tasks))), context)
        context.reads.current.prefetch(
            [planned.plan.read_back(progress.outcome) for planned, progress in under_way if progress.error is None]
        )
        for task in tasks:
            try:
                run.done[task.node.key] = with_generated(
                    repeated(_attempts(task, rows, run), task.context, task.node.key)
                )
            except DokployError as error:
                run.failed[task.node.key] = error
            if task.context.executor.sent:
                run.wrote.add(task.node.key)
                context.executor.sent = True
    return run


@dataclass(frozen=True)
class _Task:
    """A plan of a wave that can be carried out, with the context of its node.

    :param progress: how far it is; C(None): it is to be planned again.
    """

    planned: Planned
    context: Context
    progress: Optional[Progress]

    @property
    def node(self) -> Node:
        return self.planned.node

    @property
    def carried_out(self) -> Optional[Tuple[Node, ChangePlan, Progress, Context]]:
        """What may have to end before its result; C(None) where it is only foretold, or planned again."""
        if self.progress is None or isinstance(self.planned.plan, Foretold):
            return None
        return self.node, self.planned.plan, self.progress, self.context


def _begun(wave: Sequence[Planned], run: Run, rows: Dict[str, Any], context: Context) -> List[_Task]:
    """The plans of a wave that can be carried out, begun as far as they are known.

    :param rows: those of what was carried out before.
    """
    tasks: List[_Task] = []
    for planned in wave:
        blocker = run.blocker(planned)
        if blocker is not None:
            run.waiting[planned.node.key] = blocker
            continue
        try:
            planned = _with_known_facts(planned, rows, context)
        except DokployError as error:
            run.failed[planned.node.key] = error
            continue
        own = own_context(context, planned.node)
        # What it acts on has become another one.
        acts = not (transition_of(planned.node).configures or isinstance(planned.plan, Foretold))
        stale = acts and bool(planned.needs & run.wrote)
        progress = None if stale else own.executor.begin(planned.plan, rows)
        tasks.append(_Task(planned, own, progress))
    return tasks


def _in_turn(tasks: Sequence[_Task], rows: Mapping[str, Any], context: Context) -> List[_Task]:
    """The plans of a wave, with those that are only foretold planned now, in few requests."""
    due = [task for task in tasks if task.progress is not None and any(_is_later(step) for step in task.progress.left)]
    nodes = {task.node.key: _with_known_ids(task.node, rows) for task in due}
    plans: Dict[str, Tuple[ChangePlan, Context]] = {}
    for observe in dict.fromkeys(transition_of(node).observe for node in nodes.values()):
        same = [node for node in nodes.values() if transition_of(node).observe is observe]
        # Where that fails, each asks by itself and has its own error.
        with contextlib.suppress(DokployError):
            for node, state in zip(same, observe(same, context)):
                own = own_context(context, node)
                with contextlib.suppress(DokployError):
                    plans[node.key] = transition_of(node).plan(state, own), own
    return [_planned_now(task, nodes, plans, rows, context) for task in tasks]


def _is_later(step: Step) -> bool:
    return isinstance(step, Later)


def _with_known_ids(node: Node, rows: Mapping[str, Any]) -> Node:
    """The node with what others have made. What it takes of itself stays a promise."""
    own = facts_row(node.key)

    def find(saved: str, name: str) -> Any:
        return mark(saved, name) if saved == own else rows[saved][name]

    return replace(node, params=substituted(node.params, find))


def _planned_now(
    task: _Task,
    nodes: Mapping[str, Node],
    plans: Mapping[str, Tuple[ChangePlan, Context]],
    rows: Mapping[str, Any],
    context: Context,
) -> _Task:
    """A task with the plan that was made when its turn came."""
    node = nodes.get(task.node.key)
    if node is None:
        return task
    if node.key not in plans:
        return _Task(replace(task.planned, node=node), own_context(context, node), None)
    plan, own = plans[node.key]
    return _Task(replace(task.planned, node=node, plan=plan), own, own.executor.begin(plan, dict(rows)))


def _with_known_facts(planned: Planned, rows: Mapping[str, Any], context: Context) -> Planned:
    """The plan with the facts that it takes of what this run has created.

    :raises OptionError: a value cannot be right.
    """
    node = planned.node
    plan: Any = planned.plan
    if not node.takes or any(facts_row(key) not in rows for key in node.takes):
        return planned
    node = _with_known_ids(node, rows)
    state = restated(node, plan.state, context.reads)
    return replace(planned, node=node, plan=transition_of(node).plan(state, own_context(context, node)))


def _attempts(task: _Task, rows: Dict[str, Any], run: Run) -> Callable[[], Any]:
    """The end of what one plan has begun; after that, what is left to do of its node.

    :param rows: get what others refer to. :param run: gets the plan.
    """
    node, context, left = task.node, task.context, [task.progress] if task.progress is not None else []

    def attempt() -> Dict[str, Any]:
        if left:
            planned, progress = task.planned.plan, left.pop()
        else:
            planned = planned_again(node, context)
            progress = context.executor.begin(planned, rows)
        if isinstance(planned, Foretold):
            return planned.difference.result()
        result = finished(node, planned, progress, context)
        run.confirmed[node.key] = progress.outcome.confirmed or planned
        after = progress.outcome.shown or {}
        own_id = after.get(node.resource.id_key)
        if own_id is not None and not is_marked(own_id):
            rows.update(_kept(node, after))
            if node.key in context.reads.promises.facts:
                rows[facts_row(node.key)] = facts_of(node, after, context.client)
        return result

    return attempt


def _kept(node: Node, row: Mapping[str, Any]) -> Iterator[Tuple[str, Any]]:
    """The rows of a node to which others may refer, each with its name."""
    yield node.key, row
    for inner in node.resource.inner_defaults:
        yield default_key(node.key, inner), default_environment(row.get(inner.key) or [])
