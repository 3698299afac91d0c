# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""States that observe, plan and execute by themselves, until each of them is a transition."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any, Callable, Dict, List, Mapping, Sequence, Tuple

from .._engine.apply import PRESENT
from .._engine.difference import ChangePlan, Difference
from .._engine.plan import Outcome
from .._engine.runner import Context
from .._engine.state import Node
from .._model.resource import Resource, Transition

Result = Dict[str, Any]


def configured(resource: Resource, context: Context) -> Tuple[Result, Mapping[str, Any], str]:
    """The result of C(present), with the row and the label of the resource."""
    (state,) = PRESENT.observe([Node(resource, context.params)], context)
    planned = PRESENT.plan(state, context)
    first = context.first_plan(planned)
    outcome = context.executor.run(planned)
    result: Result = PRESENT.finish(first, planned, outcome, context)
    return result, outcome.shown or {}, state.target.label


def present(resource: Resource, context: Context) -> Result:
    return configured(resource, context)[0]


def transition(state: Callable[[Resource, Context], Result]) -> Transition:
    return Transition(_observe, partial(_plan, state), _finish)


@dataclass(frozen=True)
class _Deferred(ChangePlan):
    """No steps, and what is done instead."""

    call: Callable[[], Result]


def _observe(nodes: Sequence[Node], context: Context) -> List[Node]:
    return list(nodes)


def _plan(state: Callable[[Resource, Context], Result], node: Node, context: Context) -> ChangePlan:
    return _Deferred((), Difference("", {}, {}), partial(state, node.resource, context))


def _finish(_first: Any, planned: Any, _outcome: Outcome, _context: Context) -> Result:
    result: Result = planned.call()
    return result
