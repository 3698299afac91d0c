# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Tasks that are carried out side by side, each as what it waits for."""

from __future__ import annotations

from typing import Callable, Deque

from .._engine.runner import Context
from .._engine.wait import Polls, wait_together
from .._errors import Conflict, DokployError


def side_by_side(tasks: Deque[Callable[[], Polls]], at_once: int, context: Context) -> None:
    """Carry out tasks, at most so many at once. Each handles its own errors.

    :raises DokployError: what concerns all of them, such as a refused API key; none of them is left half done.
    """
    lanes = [_lane(tasks) for _number in range(min(at_once, len(tasks)))]
    try:
        for end in wait_together(context.client, context.waiter, lanes):
            if isinstance(end, (DokployError, Conflict)):
                raise end
    finally:
        for lane in lanes:
            # Each that is interrupted leaves everything as it was.
            lane.close()


def _lane(tasks: Deque[Callable[[], Polls]]) -> Polls:
    while tasks:
        yield from tasks.popleft()()
