# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The application of a job that another run has made: it is waited for, and removed where that run has left it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, List, Optional, Sequence

from ..._api.client import Call
from ..._deployment.queue import DeploymentQuery
from ..._deployment.removal import service_removal
from ..._engine.execute import Executor
from ..._engine.plan import Outcome, Plan, Step
from ..._engine.wait import INTERVAL_MAX, Poll, wait_for
from ..._errors import Conflict, DokployError, NotFoundError, WaitTimeout
from ..._model.resource import DELETE_TIMEOUT, Resource
from ..._reads.rows import valid
from ..._swarm.tasks import Row, Service, live_tasks, tasks_call, tasks_in

# Seconds after which an application that is not started is one that a run has left, and those after the end of its
# command for which that run may still read its log: it polls each INTERVAL_MAX seconds at the latest.
_ABANDONED, _READING = 15.0, 2 * INTERVAL_MAX
_GONE, _LEFT = "gone", "left"
_LEAVE = "Remove it with dokploy_application, name=%s and state=absent, if no other run waits for it."


def remove_service(resource: Resource, row: Row, executor: Executor, queued: bool = True) -> None:
    """Remove the application of a job, with its container. :param queued: its deployment may not have ended."""
    executor.run(Plan(tuple(service_removal(resource, row, DELETE_TIMEOUT, queued=queued))))


@dataclass(frozen=True)
class EndFormer(Step):
    """Wait for the end of a job that another run has begun, and remove what that run has left of it."""

    service: Service
    timeout: float

    def run(self, executor: Executor, outcome: Outcome) -> None:
        """:raises Conflict: it is gone, so that the plan can be made. :raises WaitTimeout: it has not ended."""
        executor.waiter.progress("%s: another run of it has not ended" % self.service.label)
        poll = _Former(self.service)
        (gone,) = wait_for(executor.client, executor.waiter, [poll], self.timeout)
        if valid(gone) == _LEFT:
            remove_service(self.service.resource, self.service.row, executor)
        raise Conflict


class _Former(Poll):
    """Waits until a job that another run has begun is gone, or is left over."""

    def __init__(self, service: Service) -> None:
        self.label, self._service, self._query = service.label, service, DeploymentQuery(service.resource, service.id)
        self._ended: Optional[float] = None

    def calls(self) -> List[Call]:
        return [*self._query.calls, tasks_call(self._service)]

    def judge(self, answers: Sequence[Any], elapsed: float) -> Optional[str]:
        try:
            deployments = self._query.read(answers)
        except NotFoundError:
            return _GONE
        waits = deployments.queue.waiting or deployments.queue.active or deployments.running is not None
        tasks = tasks_in(valid(answers[2]))
        if waits or live_tasks(tasks):
            self.state, self._ended = "runs", None
            return None
        self._ended = elapsed if self._ended is None else self._ended
        patience = _READING if deployments.rows or tasks else _ABANDONED
        return _LEFT if elapsed - self._ended >= patience else None

    def expired(self, timeout: float) -> DokployError:
        message = "%s: that of another run has not ended after %g s" % (self.label, timeout)
        return WaitTimeout(message, hint=_LEAVE % self._service.row.get("name"))
