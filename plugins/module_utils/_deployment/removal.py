# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The steps that remove a resource of the project tree, and what prevents its removal.

Dokploy's own removal of a project or an environment deletes rows and leaves containers running (measured on 0.30.2),
and an application that is deleted during a build leaves its service behind. So the queued builds are dropped, a running
build is waited for, and each service is stopped and deleted before the environment is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, List, Mapping, Optional, Sequence, Union

from .._engine.info import named, services_of, with_names
from .._engine.plan import Outcome, Step, StepExecutor, Write
from .._engine.reads import Reads
from .._engine.tree import is_default
from .._errors import NotFoundError, Refused, WaitTimeout, enumerated
from .._model.resource import (
    DELETE_TIMEOUT,
    ENVIRONMENTS,
    FORCE,
    PROJECTS,
    STOP_TIMEOUT,
    Removal,
    Resource,
    ServiceKind,
)
from .queue import DeploymentQuery, Row


@dataclass(frozen=True)
class BuildsOver(Step):
    """Wait, at most C(timeout) seconds, until no build of a service runs any more."""

    builds: DeploymentQuery
    label: str
    timeout: float

    def run(self, executor: StepExecutor, outcome: Outcome) -> None:
        """:raises WaitTimeout: a build still runs."""

        def over(_elapsed: float) -> Optional[bool]:
            try:
                found = self.builds.ask(executor.client)
            except NotFoundError:
                return True
            if not found.queue.active and found.running is None:
                return True
            executor.waiter.progress("%s: waiting for its build to end" % self.label)
            return None

        error = WaitTimeout(
            "%s is still being built after %g s; it was not deleted" % (self.label, self.timeout),
            hint="If it is deleted during a build, its service stays in Docker Swarm. Raise wait_timeout.",
        )
        executor.waiter.until(self.timeout, over, lambda: error)


def observe_services(resource: Resource, row: Row, params: Mapping[str, Any], reads: Reads) -> Mapping[str, Any]:
    """What prevents the removal of what services are in: the C(names) of these, and the C(role) of the user of the API
    key, as far as they matter."""
    if resource.scope == "environment" or _is_fixed(resource, row):
        return {}
    if not params["force"] and any(map(services_of, _environments(resource, row))):
        whole = with_names(reads.client, _environments(resource, row))
        return {"names": sorted(name for environment in whole for name in named(environment))}
    return {"role": reads.client.query("user.get")["role"]} if resource.cascades else {}


def removal_of(resource: Resource, row: Row, params: Mapping[str, Any], known: Mapping[str, Any]) -> List[Step]:
    """The steps that remove a resource; the services in it come first.

    :raises Refused: it still has services and C(force) is not given, it is a default environment, or the API key does
        not show all services that its removal deletes.
    """
    if resource.levels[0] != PROJECTS:
        raise ValueError("nothing says how a %s is removed" % resource.name)
    if resource.scope == "environment":
        return removal(resource, row, params["wait_timeout"], stop=False)
    if _is_fixed(resource, row):
        raise Refused(
            "environment %r is the default environment of its project and cannot be removed" % row.get("name"),
            hint="Remove the project, or the services in the environment.",
        )
    if "names" in known:
        names = known["names"]
        raise Refused(
            "%s %r still has %d service%s: %s"
            % (resource.name, row.get("name"), len(names), "" if len(names) == 1 else "s", enumerated(names)),
            hint="Remove them first, or set force=true to stop and delete them all.",
            details={"services": names},
        )
    if known.get("role", "owner") not in ("owner", "admin"):
        raise Refused(
            "%s %r was not removed: the API key belongs to a user with the role %r and shows only the services "
            "that this user may access; Dokploy would delete the records of all others and leave their containers "
            "running" % (resource.name, row.get("name"), known["role"]),
            hint="Use the API key of an owner or administrator.",
        )
    services = [service for environment in _environments(resource, row) for service in services_of(environment)]
    steps = [step for service, one in services for step in removal(service, one, params["wait_timeout"])]
    body = {resource.id_key: row[resource.id_key]}
    return [*steps, Write(resource.remove, body, missing_ok=True, timeout=DELETE_TIMEOUT)]


def _environments(resource: Resource, row: Row) -> Sequence[Row]:
    """The environments whose services are removed with a resource."""
    return row.get("environments") or [] if resource.listing == PROJECTS else [row]


def _is_fixed(resource: Resource, row: Row) -> bool:
    return resource.listing == ENVIRONMENTS and is_default(row)


def removal(service: Union[ServiceKind, Resource], row: Row, build_timeout: float, stop: bool = True) -> List[Step]:
    """The steps that remove one service.

    :param build_timeout: seconds to wait for a running build.
    :param stop: stop it first; the removing procedure of the service alone also removes it from Docker Swarm.
    """
    id_key = service.listing.id_key
    body = {id_key: row[id_key]}
    steps: List[Step] = []
    if service.deployable.clean_queue:
        label = "%s %s" % (service.listing.label, row.get("name"))
        steps.append(Write(service.deployable.clean_queue, body, missing_ok=True))
        steps.append(BuildsOver(DeploymentQuery(service, str(row[id_key]), True), label, build_timeout))
    if stop and service.deployable.stop:
        steps.append(Write(service.deployable.stop, body, missing_ok=True, timeout=STOP_TIMEOUT))
    return [*steps, Write(service.remove, {**body, **service.remove_with}, missing_ok=True, timeout=DELETE_TIMEOUT)]


#: The option for the seconds to wait for what is built.
BUILD_TIMEOUT: Mapping[str, Mapping[str, Any]] = {"wait_timeout": {"type": "float", "default": 600.0}}
#: The option by which the data go, too.
DELETE_VOLUMES: Mapping[str, Mapping[str, Any]] = {"delete_volumes": {"type": "bool", "default": False}}
#: The removal of what services are in, and of a service.
WITH_SERVICES = Removal(removal_of, {**BUILD_TIMEOUT, **FORCE}, observe_services)
OF_SERVICE = Removal(removal_of, BUILD_TIMEOUT)
