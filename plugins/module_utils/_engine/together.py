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


def run_together(plans: Sequence[Progress], told: Callable[[], None]) -> None:
    """Carry out the rest of several plans, each to its end or to its error.

    :param told: is called after each request.
    """
    while True:
        active = [one for one in plans if one.left]
        if not active:
            return
        queries = [one.left[0].queries(one.outcome) for one in active]
        # Plans that read wait for the others, so that they read in few requests.
        writing = [one for one, wanted in zip(active, queries) if not wanted]
        if not writing:
            active[0].executor.reads.prefetch(queries)
        _run_next(writing or active, told)


def _run_next(plans: Sequence[Progress], told: Callable[[], None]) -> None:
    """Carry out the next step of each plan."""
    batched: Dict[int, List[_Sending]] = {}
    for one in plans:
        step = one.left[0]
        if isinstance(step, Write) and step.batched > 1:
            batched.setdefault(step.batched, []).append(_Sending(one, step))
        else:
            one.run_next()
            told()
    for most, writes in batched.items():
        for begin in range(0, len(writes), most):
            _send(writes[begin : begin + most])
            told()


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
    for one in writes:
        one.plan.left.pop(0)
        with one.plan.ending():
            one.name = one.plan.executor.name_of(one.step, one.plan.outcome)
            named.append(one)
    limited = any(one.step.procedure in one.step.in_flight for one in writes)
    with contextlib.ExitStack() as stack:
        locks = stack.enter_context(write_locks(client.base_url, [one.name for one in named if one.name]))
        stack.enter_context(all_in_flight(client.base_url, len(writes) if limited else 0))
        for one in named:
            with one.plan.ending():
                one.body = one.plan.executor.ready(one.step, one.plan.outcome, locks.get(one.name))
                ready.append(one)
        for one, answer in zip(ready, _answers(client, ready)):
            with one.plan.ending():
                one.plan.executor.settle(one.step, one.body, one.plan.outcome, [answer])
    for one in ready:
        one.plan.executor.note_written(locks)


def _answers(client: Client, ready: Sequence[_Sending]) -> List[Result]:
    """The answer to each write, or its error: a lost response leaves the effect of each unknown."""
    calls = [Call(one.step.procedure, one.body) for one in ready]
    try:
        return client.mutate_many(calls) if calls else []
    except DokployError as error:
        return [_for_one(error, call.procedure) for call in calls]


def _for_one(error: DokployError, procedure: str) -> DokployError:
    own = copy.copy(error)
    own.details, own.procedure = dict(error.details), procedure
    return own
