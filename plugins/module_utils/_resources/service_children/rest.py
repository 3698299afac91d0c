# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""A service that is stopped for a while, and runs afterwards as it did before.

Dokploy reports that a service is stopped before its container has ended (measured on 0.30.2). So its containers are
waited for, and it is started again whatever has come of what was done meanwhile.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any, Callable, List, Optional, Sequence, Tuple

from ..._api.client import Call
from ..._engine.plan import Outcome
from ..._engine.runner import Context
from ..._engine.state import Node
from ..._engine.wait import Poll, Polls
from ..._errors import DokployError, Refused, WaitTimeout, enumerated
from ..._model.resource import Resource
from ..._reads.rows import valid
from ..._swarm.states import RUN_STATE, ServiceState, StatePlan
from ..._swarm.tasks import Service, docker_call, live_slots
from .backup_lock import BackupLock

# Docker's states of a container that has ended, or that was never started.
_GONE = ("exited", "dead", "created")


def looked_at(resource: Resource, resource_id: str, label: str, context: Context) -> ServiceState:
    """A service as it is now. :param label: what messages call it, since it is found by its ID."""
    switching = _switching(resource, resource_id, "stopped", context)
    (state,) = RUN_STATE.observe([Node(resource, switching.params)], switching)
    observed: ServiceState = replace(state, service=replace(state.service, label=label))
    return observed


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
    planned: StatePlan = RUN_STATE.plan(state, _switching(service.resource, service.id, "stopped", context))
    return planned


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
            self._start()
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
        outcome = self.context.executor.run(planned)
        yield from _ends(planned, outcome, self._switching("stopped"))
        yield _Containers(service), self.context.params["wait_timeout"]

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
        return started, self.context.executor.run(started), starting

    def _running_again(self) -> Polls:
        start = self._start()
        if start is not None:
            yield from _ends(*start)
        if self.lock is not None and self.lock.stopped:
            self.lock.mark(False, self.context)

    def _switching(self, state: str) -> Context:
        return _switching(self.state.service.resource, self.state.service.id, state, self.context)


def _switching(resource: Resource, resource_id: str, state: str, context: Context) -> Context:
    """The context in which a service is brought into a state."""
    located = dict.fromkeys(("name", *(listing.label for listing in resource.parents)))
    params = {**located, resource.id_option: resource_id, "state": state}
    return replace(context, params={**params, "wait_timeout": context.params["wait_timeout"]})


def _ends(planned: StatePlan, outcome: Outcome, context: Context) -> Polls:
    """What a change of the state waits for."""
    return None if RUN_STATE.polls is None else (yield from RUN_STATE.polls(planned, outcome, context))


class _Containers(Poll):
    """Waits until no container of a service runs: Docker shows no task any more before its container has ended."""

    def __init__(self, service: Service) -> None:
        self.label, self._service, self._left = service.label, service, [""]
        self._own = re.compile(re.escape(str(service.row.get("appName"))) + r"[._-]")

    def calls(self) -> List[Call]:
        row = self._service.row
        return [docker_call("docker.getContainersByAppNameMatch", row, appName=row.get("appName"))]

    def judge(self, answers: Sequence[Any], elapsed: float) -> Optional[bool]:
        own = [row for row in valid(answers[0]) if self._own.match(str(row.get("name")))]
        self._left = [str(row.get("name")) for row in own if row.get("state") not in _GONE]
        self.state = "%d containers have not ended" % len(self._left)
        return None if self._left else True

    def expired(self, timeout: float) -> DokployError:
        message = "%s: after %g s these containers have not ended: %s. Nothing was saved"
        return WaitTimeout(message % (self.label, timeout, enumerated(self._left)), hint="Raise wait_timeout.")
