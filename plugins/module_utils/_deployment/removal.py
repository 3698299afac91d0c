# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The steps that remove a service.

One that is deleted during a build leaves its containers behind (measured on 0.30.2). So the queued builds are dropped,
and a running build is waited for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, List, Mapping, Optional, Union

from .._engine.execute import Executor
from .._engine.plan import Outcome, Step, Write
from .._errors import NotFoundError, WaitTimeout
from .._model.resource import DELETE_TIMEOUT, Resource, ServiceKind
from .queue import DeploymentQuery, Row


@dataclass(frozen=True)
class BuildsOver(Step):
    """Wait, at most C(timeout) seconds, until no build of a service runs any more."""

    builds: DeploymentQuery
    label: str
    timeout: float

    def run(self, executor: Executor, outcome: Outcome) -> None:
        """:raises WaitTimeout: a build still runs."""

        def over(_elapsed: float) -> Optional[bool]:
            try:
                deployments = self.builds.ask(executor.client)
            except NotFoundError:
                return True
            if not deployments.queue.active and deployments.running is None:
                return True
            executor.waiter.progress("%s: waiting for its build to end" % self.label)
            return None

        error = WaitTimeout(
            "%s is still being built after %g s; it was not deleted" % (self.label, self.timeout),
            hint="If it is deleted during a build, its service stays in Docker Swarm. Raise wait_timeout.",
        )
        executor.waiter.until(self.timeout, over, lambda: error)


def service_removal(
    service: Union[ServiceKind, Resource], row: Row, build_timeout: float, queued: bool = True
) -> List[Step]:
    """The steps that remove one service, which Dokploy also removes from Docker Swarm.

    :param build_timeout: seconds to wait for a running build.
    :param queued: a build of it may wait or run.
    """
    id_key = service.listing.id_key
    body = {id_key: row[id_key]}
    steps: List[Step] = []
    if queued and service.deployable.clean_queue:
        label = "%s %s" % (service.listing.label, row.get("name"))
        steps.append(Write(service.deployable.clean_queue, body, missing_ok=True))
        steps.append(BuildsOver(DeploymentQuery(service, str(row[id_key]), True), label, build_timeout))
    removal = service.removal
    body = {**body, **removal.body}
    # Rows of the project tree do not say where a service is.
    limits = removal.in_flight if row.get("serverId", "unknown") else {}
    return [*steps, Write(removal.procedure, body, missing_ok=True, timeout=DELETE_TIMEOUT, in_flight=limits)]


#: The option for the seconds to wait for what is built.
BUILD_TIMEOUT: Mapping[str, Mapping[str, Any]] = {"wait_timeout": {"type": "float", "default": 600.0}}
#: The option by which the data go, too.
DELETE_VOLUMES: Mapping[str, Mapping[str, Any]] = {"delete_volumes": {"type": "bool", "default": False}}


def removal_of(resource: Resource, row: Row, params: Mapping[str, Any], _known: Mapping[str, Any]) -> List[Step]:
    """The removal of a service by its own module."""
    return service_removal(resource, row, params["wait_timeout"])
