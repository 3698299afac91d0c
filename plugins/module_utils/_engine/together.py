# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Several plans carried out side by side: what they write and read at the same step is sent in batches.

The items of a batch run at once inside the server, which answers when the last one has ended: one that waits for a
login held up the answers to all for 25 s, although the others took effect at once (measured on 0.30.2). So only writes
share a batch that store a record of the project tree and nothing else (C(Write.batched)): no two of one object, none
that blocks, and none that the server loses beside others.
"""

from __future__ import annotations

import contextlib
import copy
from dataclasses import dataclass, field
from typing import Any, Callable, Dict, List, Sequence

from .._api.client import Client
from .._api.protocol import Call, Result
from .._errors import DokployError
from .concurrency import all_in_flight, write_locks
from .execute import Progress
from .plan import Write


def run_together(plans: Sequence[Progress], notify: Callable[[], None]) -> None:
    """Carry out the rest of several plans, each to its end or to its error.

    :param notify: is called after each request.
    """
    while True:
        active = [plan for plan in plans if plan.left]
        if not active:
            return
        queries = [plan.left[0].queries(plan.outcome) for plan in active]
        # Plans that read wait for the others, so that they read in few requests.
        writing = [plan for plan, wanted in zip(active, queries) if not wanted]
        if not writing:
            active[0].executor.reads.current.prefetch(queries)
        _run_next(writing or active, notify)


def _run_next(plans: Sequence[Progress], notify: Callable[[], None]) -> None:
    """Carry out the next step of each plan."""
    batched: Dict[int, List[_Sending]] = {}
    for plan in plans:
        step = plan.left[0]
        if isinstance(step, Write) and step.batched > 1:
            batched.setdefault(step.batched, []).append(_Sending(plan, step))
        else:
            plan.run_next()
            notify()
    for most, writes in batched.items():
        for begin in range(0, len(writes), most):
            _send(writes[begin : begin + most])
            notify()


@dataclass
class _Sending:
    """A write that is being sent."""

    plan: Progress
    step: Write
    name: str = ""
    body: Dict[str, Any] = field(default_factory=dict)


def _send(writes: Sequence[_Sending]) -> None:
    """Send the next writes of several plans in one request, or the only one by itself."""
    if len(writes) == 1:
        writes[0].plan.run_next()
        return
    client, named, ready = writes[0].plan.executor.client, [], []
    for write in writes:
        write.plan.left.pop(0)
        with write.plan.ending():
            write.name = write.plan.executor.name_of(write.step, write.plan.outcome)
            named.append(write)
    limited = any(write.step.procedure in write.step.in_flight for write in writes)
    with contextlib.ExitStack() as stack:
        locks = stack.enter_context(write_locks(client.base_url, [write.name for write in named if write.name]))
        stack.enter_context(all_in_flight(client.base_url, len(writes) if limited else 0))
        for write in named:
            with write.plan.ending():
                write.body = write.plan.executor.ready(write.step, write.plan.outcome, locks.get(write.name))
                ready.append(write)
        for write, answer in zip(ready, _answers(client, ready)):
            with write.plan.ending():
                write.plan.executor.settle(write.step, write.body, write.plan.outcome, [answer])
    for write in ready:
        write.plan.executor.note_written(locks)


def _answers(client: Client, ready: Sequence[_Sending]) -> List[Result]:
    """The answer to each write, or its error: a lost response leaves the effect of each unknown."""
    calls = [Call(write.step.procedure, write.body) for write in ready]
    try:
        return client.mutate_many(calls) if calls else []
    except DokployError as error:
        return [_for_one(error, call.procedure) for call in calls]


def _for_one(error: DokployError, procedure: str) -> DokployError:
    own = copy.copy(error)
    own.details, own.procedure = dict(error.details), procedure
    return own
