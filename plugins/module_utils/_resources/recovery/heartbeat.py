# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The renewal of the lease of a run on the services that it works on.

A thread renews it at all services that the run holds, also while a single request takes long. A run that has lost a
service writes nothing more to it.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import replace
from typing import Callable, Dict, List, Optional

from ..._engine.execute import Executor
from ..._engine.lease import BEAT, Lease, holder_of, now
from ..._engine.plan import Plan, Write
from ..._engine.runner import Context
from ..._engine.together import run_together
from ..._errors import DokployError, NotFoundError
from ..._reads.reads import Reads
from ..._reads.rows import read_call
from ..._swarm.tasks import Service
from .claims import service_again

#: The write that stores a lease with a service, or takes it away; C(None) where another run has taken the service.
Renewal = Callable[[Service, Optional[Lease]], Optional[Write]]

# Seconds for which the end of a run waits for a beat that is on its way: the server may not answer.
_PATIENCE = 10.0


class Heartbeat:
    """The lease of this run. :param purpose: what it does. :param renewal: writes the lease.

    :ivar changing: is held by whoever reads the text with the lease of a service and writes it.
    """

    def __init__(self, purpose: str, renewal: Renewal) -> None:
        self.lease, self.changing = Lease(holder_of(purpose), now()), threading.RLock()
        self._renewal = renewal
        self._held: Dict[str, Service] = {}
        self._over = threading.Event()
        self._thread: Optional[threading.Thread] = None
        self._context: Optional[Context] = None

    def hold(self, service: Service, context: Context) -> None:
        """Renew the lease of a service that this run has taken."""
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
        """Write the lease at what is held, in two requests."""
        with self.changing:
            if self._context is None or not self._held:
                return
            client, waiter = self._context.client, self._context.waiter
            # Its own, so that a write that meets another one of this run is a conflict, of which the next beat knows.
            reads = Reads(client)
            context = replace(self._context, reads=reads, executor=Executor(client, reads, waiter, check_mode=False))
            plans = [Plan((write,)) for write in self._writes(lease, context)]
            run_together([context.executor.begin(plan) for plan in plans], lambda: None)

    def _writes(self, lease: Optional[Lease], context: Context) -> List[Write]:
        """A write for each service that is still held; what another run has taken is held no more."""
        calls = [read_call(service.resource, service.id) for service in self._held.values()]
        context.reads.current.prefetch([[call] for call in calls])
        writes = []
        for service in list(self._held.values()):
            try:
                write = self._renewal(service_again(service, context), lease)
            except NotFoundError:
                write = None
            if write is None:
                self.leave(service)
            else:
                writes.append(write)
        return writes
