# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The lease of a run on the services that it restores, and the wait for that of another run.

A thread renews the lease in the marks of all services that the run has claimed and not released, also while a single
request takes long. A run that has lost a service writes nothing more to it.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import replace
from typing import Any, Dict, FrozenSet, List, Optional, Sequence

from ..._api.client import Call
from ..._engine.execute import Executor
from ..._engine.lease import BEAT, Lease, Silence, holder_of, now
from ..._engine.plan import Plan
from ..._engine.runner import Context
from ..._engine.together import run_together
from ..._engine.wait import Poll, wait_for
from ..._errors import DokployError, NotFoundError, PlanOutdated, WaitTimeout, enumerated
from ..._reads.reads import Reads
from ..._reads.rows import read_call, row_in, valid
from ..._swarm.tasks import Service
from .claims import service_again
from .mark import DataMark, is_claimed, mark_of, mark_write, works_on

# Seconds for which the end of a run waits for a beat that is on its way: the server may not answer.
_PATIENCE = 10.0


class Heartbeat:
    """The lease of this run. :param run: the ID of the run. :param purpose: what it does.

    :ivar changing: is held by whoever reads a mark of a claimed service and writes it.
    """

    def __init__(self, run: str, purpose: str) -> None:
        self.lease, self.changing = Lease(holder_of(purpose), now()), threading.RLock()
        self._run = run
        self._held: Dict[str, Service] = {}
        self._over = threading.Event()
        self._thread: Optional[threading.Thread] = None
        self._context: Optional[Context] = None

    def hold(self, service: Service, context: Context) -> None:
        """Renew the lease of a service that this run has claimed."""
        with self.changing:
            self._held[service.id] = service
            if self._thread is None:
                self._context = context
                self._thread = threading.Thread(target=self._renew, daemon=True)
                self._thread.start()

    def leave(self, service: Service) -> None:
        """Renew the lease of a service no more."""
        with self.changing:
            self._held.pop(service.id, None)

    def end(self) -> None:
        """Renew nothing more, and give up what is still held, so that the next run does not wait for it."""
        self._over.set()
        if self._thread is None:
            return
        self._thread.join(_PATIENCE)
        if self._thread.is_alive():
            return
        with suppress(DokployError):
            self._write(None)
        self._held.clear()

    def _renew(self) -> None:
        while not self._over.wait(BEAT):
            self.lease = self.lease.renewed
            # Others wait longer than a failed request takes.
            with suppress(DokployError):
                self._write(self.lease)

    def _write(self, lease: Optional[Lease]) -> None:
        """Write the lease into the marks of what is held, in two requests."""
        with self.changing:
            if self._context is None or not self._held:
                return
            client, waiter = self._context.client, self._context.waiter
            # Its own, so that a write that meets another one of this run is a conflict, of which the next beat knows.
            reads = Reads(client)
            context = replace(self._context, reads=reads, executor=Executor(client, reads, waiter, check_mode=False))
            plans = [Plan((mark_write(service, mark),)) for service, mark in self._marks(lease, context)]
            run_together([context.executor.begin(plan) for plan in plans], lambda: None)

    def _marks(self, lease: Optional[Lease], context: Context) -> List[Any]:
        """The services that are still held, with their marks; what another run has taken is held no more."""
        calls = [read_call(service.resource, service.id) for service in self._held.values()]
        context.reads.current.prefetch([[call] for call in calls])
        marks = []
        for service in list(self._held.values()):
            try:
                row = service_again(service, context)
            except NotFoundError:
                self.leave(service)
                continue
            if is_claimed(row, self._run):
                marks.append((row, replace(mark_of(row) or DataMark(), lease=lease)))
            else:
                self.leave(service)
        return marks


def wait_for_others(services: Sequence[Service], context: Context) -> None:
    """Wait while other runs restore into services. What fell silent is in C(Context.silent) then.

    :raises PlanOutdated: they were waited for, so that the services are not as they were read.
    :raises WaitTimeout: they have not ended in time.
    """
    busy = [service for service in services if _works(service, context)]
    if not busy:
        return
    turn = _Turn(busy)
    if context.executor.foretells_wait("%s: %s" % (turn.label, turn.state)):
        return
    context.waiter.progress("%s: %s" % (turn.label, turn.state))
    (silent,) = wait_for(context.client, context.waiter, [turn], context.params["wait_timeout"])
    if isinstance(silent, DokployError):
        raise silent
    context.silent.update(*silent)
    raise PlanOutdated


def _works(service: Service, context: Context) -> bool:
    """Whether another run works on a service, as far as is known."""
    mark = works_on(service)
    return mark is not None and mark.text not in context.silent


class _Turn(Poll):
    """Waits until no other run works on services. Its result, in a tuple, is the marks of those that fell silent."""

    def __init__(self, services: Sequence[Service]) -> None:
        self._services, self._silence = services, Silence()
        self.label = enumerated([service.label for service in services], 3)
        leases = {mark.lease for mark in map(works_on, services) if mark is not None and mark.lease is not None}
        named = ["%s since %s" % (lease.holder, lease.since) for lease in leases]
        self.state = "another run restores data (%s); waiting for its end" % enumerated(sorted(set(named)), 3)

    def calls(self) -> List[Call]:
        return [read_call(service.resource, service.id) for service in self._services]

    def judge(self, answers: Sequence[Any], elapsed: float) -> Optional[Sequence[FrozenSet[str]]]:
        silent, works = set(), False
        for service, answer in zip(self._services, answers):
            mark = None if isinstance(answer, NotFoundError) else self._mark(service, answer)
            if mark is None or mark.lease is None:
                continue
            if self._silence.seconds(service.id, mark.text, elapsed) >= mark.lease.silent:
                silent.add(mark.text)
            else:
                works = True
        return None if works else (frozenset(silent),)

    def expired(self, timeout: float) -> DokployError:
        return WaitTimeout(
            "%s: %s. It has not ended after %g s" % (self.label, self.state, timeout),
            hint="Nothing was written. Run this again when that one has ended, or raise wait_timeout.",
        )

    @staticmethod
    def _mark(service: Service, answer: Any) -> Optional[DataMark]:
        row = row_in(service.resource, valid(answer), service.id)
        return None if row is None else works_on(Service(service.resource, row, service.label))
