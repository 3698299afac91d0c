# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The lock of a run on the services of its document, so that runs that touch the same services follow each other."""

from __future__ import annotations

import secrets
from functools import partial
from typing import List, Optional, Sequence

from .._engine.lease import SILENT
from .._engine.plan import Plan
from .._engine.runner import Context
from .._engine.together import run_together
from .._errors import NotFoundError, PlanOutdated
from .._model.argspec import Spec
from .._reads.rows import read_call
from .._resources.recovery.claims import service_again
from .._resources.recovery.heartbeat import Heartbeat
from .._resources.recovery.lock import DOCUMENT, Lock, held_for_document, lock_of, lock_write, other_run, renewed_lock
from .._resources.recovery.turn import wait_for_others
from .._swarm.tasks import Service

WAIT, REFUSE, OFF = "wait", "refuse", "off"
OPTIONS: Spec = {"lock": {"type": "str", "choices": [WAIT, REFUSE, OFF], "default": OFF}}

# Seconds after the write of a lock until it is read again: another run that has found the service free before has
# written its own by then.
_SETTLED = 2.0


class DocumentLock:
    """The lock of this run."""

    def __init__(self, context: Context) -> None:
        self._context, self._run = context, secrets.token_hex(6)
        self._heartbeat = Heartbeat("document", partial(renewed_lock, self._run))

    def take(self, services: Sequence[Service]) -> bool:
        """Lock the services of the document, as they were read for its plan; whether anything was sent.

        :raises PlanOutdated: another run has worked on them since they were read.
        :raises Refused: another run works on them, or they are locked for what takes several tasks.
        """
        if self._context.params["lock"] == OFF:
            return False
        self._let_others_end(services)
        before = self._again(services)
        self._let_others_end(before)
        if not self._written(before):
            return False
        self._context.waiter.sleep(_SETTLED)
        after = self._again(before)
        if any(lock_of(service) is None for service in after) or any(map(self._other, after)):
            raise PlanOutdated
        return True

    def end(self) -> None:
        """Give up the lock."""
        self._heartbeat.end()

    def _written(self, services: Sequence[Service]) -> bool:
        """Write the lock, and renew it from then on; whether anything was sent.

        :raises Conflict: another run has written to a service since it was read.
        """
        executor, lease = self._context.executor.apart(), self._heartbeat.lease
        lock = Lock(DOCUMENT, self._run, lease.since, lease.holder, lease.since)
        writing = [executor.begin(Plan((lock_write(service, lock),))) for service in services]
        run_together(writing, lambda: None)
        for service, progress in zip(services, writing):
            if progress.finish().sent:
                self._heartbeat.hold(service, self._context)
        return any(progress.outcome.sent for progress in writing)

    def _let_others_end(self, services: Sequence[Service]) -> None:
        """Wait for the other runs that work on services, or refuse to work beside them.

        :raises PlanOutdated: they were waited for.
        """
        if self._context.params["lock"] == WAIT:
            wait_for_others(services, partial(held_for_document, self._run), "applies a document", self._context)
            return
        for service in services:
            lock = self._other(service)
            if lock is not None and not lock.killed:
                raise other_run(service, lock, SILENT)

    def _other(self, service: Service) -> Optional[Lock]:
        """The lock of another run. :raises Refused: the service is locked for what takes several tasks."""
        return None if held_for_document(self._run, service) is None else lock_of(service)

    def _again(self, services: Sequence[Service]) -> List[Service]:
        """Services as they are now, without those that do not exist any more."""
        reads = self._context.reads
        reads.forget()
        reads.current.prefetch([[read_call(service.resource, service.id)] for service in services])
        existing = []
        for service in services:
            try:
                existing.append(service_again(service, self._context))
            except NotFoundError:
                continue
        return existing
