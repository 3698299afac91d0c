# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""A service that is stopped for a while, and runs afterwards as it did before.

Dokploy reports that a service is stopped before its container has ended (measured on 0.30.2). So its containers are
waited for, and it is started again whatever has come of what was done meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Callable, Optional, Tuple

from ..._engine.plan import Outcome, Write
from ..._engine.runner import Context
from ..._engine.wait import Polls
from ..._errors import DokployError, Refused
from ..._swarm.states import RUN_STATE, ServiceState, StatePlan
from ..._swarm.switching import ContainersGone, ends_of, looked_at, switched_context
from ..._swarm.tasks import live_slots
from .backup_lock import BackupLock


def stop_plan(state: ServiceState, context: Context) -> StatePlan:
    """What stops a service that can be started again.

    :raises Refused: it cannot be stopped, or not be started.
    """
    service = state.service
    why = service.resource.deployable.cannot_start(service.row)
    if why:
        raise Refused(
            "%s would not run again after the backup: %s" % (service.label, why),
            hint="Set stop_service of the volume backup, with which Dokploy stops only what has the volume.",
        )
    planned: StatePlan = RUN_STATE.plan(state, switched_context(service.resource, service.id, "stopped", context))
    return planned


# Seconds for which the answers to stops and starts, and to the backup meanwhile, are waited for: what has come of them
# is polled.
ANSWER_TIMEOUT = 5.0


@dataclass(frozen=True)
class Rest:
    """What is done while a service rests.

    :param state: the service as it was observed. :param stop: whether it is stopped, or only looked at afterwards.
    :param lock: the record that says so; C(None) where nothing stops it but Dokploy's own backup.
    """

    state: ServiceState
    stop: bool
    context: Context
    lock: Optional[BackupLock] = None

    def during(self, body: Callable[[], Polls]) -> Polls:
        """What a body waits for; then the service runs again, whatever has come of it.

        :raises WaitTimeout: its containers do not end, so that nothing was done.
        """
        left = self.lock is not None and self.lock.stopped
        if not (live_slots(self.state.tasks) or left):
            return (yield from body())
        try:
            if self.stop:
                yield from self._stopped()
            result = yield from body()
        except DokployError:
            yield from self._running_again()
            raise
        except BaseException:
            # The task is being interrupted: start the service without waiting for it.
            self._start_surely()
            if self.lock is not None:
                self.lock.stopped = False
            raise
        # Without a result, as in check mode, nothing was done.
        if result is not None or left:
            yield from self._running_again()
        return result

    def _stopped(self) -> Polls:
        service = self.state.service
        if not live_slots(self.state.tasks):
            return
        planned = stop_plan(self.state, self.context)
        if self.lock is not None:
            self.lock.mark(True, self.context)
        outcome = self.context.executor.run(_prompt(planned))
        yield from ends_of(RUN_STATE, planned, outcome, self._switching("stopped"))
        yield ContainersGone(service, "Nothing was saved."), self.context.params["wait_timeout"]

    def _start_surely(self) -> Optional[Tuple[StatePlan, Outcome, Context]]:
        """A single lost answer leaves nothing stopped."""
        try:
            return self._start()
        except DokployError:
            return self._start()

    def _start(self) -> Optional[Tuple[StatePlan, Outcome, Context]]:
        """Start the service, if it does not run as it did before."""
        service, starting = self.state.service, self._switching("started")
        state = looked_at(service.resource, service.id, service.label, self.context)
        if live_slots(state.tasks):
            return None
        if not self.stop:
            text = "%s: it was stopped for a backup and not started again, so that it is started here"
            self.context.warn([text % service.label])
        started: StatePlan = RUN_STATE.plan(state, starting)
        return started, self.context.executor.run(_prompt(started)), starting

    def _running_again(self) -> Polls:
        start = self._start_surely()
        if start is not None:
            yield from ends_of(RUN_STATE, *start)
        if self.lock is not None and self.lock.stopped:
            self.lock.mark(False, self.context)

    def _switching(self, state: str) -> Context:
        return switched_context(self.state.service.resource, self.state.service.id, state, self.context)


def _prompt(planned: StatePlan) -> StatePlan:
    """The same plan, which does not wait for answers, so that the record is renewed and other services go on."""
    steps = [
        replace(step, timeout=ANSWER_TIMEOUT) if isinstance(step, Write) and step.confirm_by_polling else step
        for step in planned.steps
    ]
    return replace(planned, steps=tuple(steps))
