# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Nodes that are carried out side by side, each as what it waits for."""

from __future__ import annotations

from functools import partial
from typing import Any, Callable, Deque, Dict

from .._engine.apply import planned_again, transition_of
from .._engine.planned import own_context
from .._engine.runner import MAX_ATTEMPTS, Context
from .._engine.state import Node
from .._engine.threads import in_thread
from .._engine.wait import Polls, wait_together
from .._errors import Conflict, DokployError, Refused


def carried_out(node: Node, context: Context) -> Polls:
    """The result of a node, as that of its module, after what it waits for.

    :raises DokployError: it failed.
    """
    own, transition = own_context(context, node), transition_of(node)
    for _attempt in range(MAX_ATTEMPTS):
        try:
            planned = planned_again(node, own)
            outcome = yield from in_thread(node.key, "start", partial(own.executor.run, planned))
            if transition.polls is not None:
                outcome.ended = yield from transition.polls(planned, outcome, own)
            result: Dict[str, Any] = transition.finish(planned, planned, outcome, own)
            return result
        except Conflict:
            own.reads.forget()
        finally:
            context.executor.sent = context.executor.sent or own.executor.sent
    raise Refused("%s: another process kept modifying it" % node.key, hint="Run the task again.")


def side_by_side(tasks: Deque[Callable[[], Polls]], at_once: int, context: Context) -> None:
    """Carry out tasks, at most so many at once. Each handles its own errors.

    :raises DokployError: what concerns all of them, such as a refused API key; none of them is left half done.
    """
    lanes = [_lane(tasks) for _number in range(min(at_once, len(tasks)))]
    try:
        for end in wait_together(context.client, context.waiter, lanes):
            if isinstance(end, DokployError):
                raise end
    finally:
        for lane in lanes:
            # Each that is interrupted leaves everything as it was.
            lane.close()


def _lane(tasks: Deque[Callable[[], Polls]]) -> Polls:
    while tasks:
        yield from tasks.popleft()()
