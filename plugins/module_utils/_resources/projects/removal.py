# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The removal of projects and environments, and what prevents it.

Dokploy's own removal deletes rows and leaves containers running (measured on 0.30.2). So each service is stopped and
deleted before the environment is.
"""

from __future__ import annotations

from typing import Any, List, Mapping, Sequence

from ..._deployment.removal import BUILD_TIMEOUT, service_removal
from ..._engine.plan import Step, Write
from ..._engine.unknown import unknown_services
from ..._errors import Refused, enumerated
from ..._model.procedures import Removal
from ..._model.resource import DELETE_TIMEOUT, ENVIRONMENTS, FORCE, PROJECTS, Resource
from ..._model.responses import DEPLOYMENT
from ..._reads.reads import Reads
from ..._reads.tree import is_default
from ..._values.schema import TEXT, list_of, needed, object_of
from ..services.kinds import BUILT, KINDS
from .contents import Row, service_labels, services_of, with_names


def _observe(resource: Resource, row: Row, params: Mapping[str, Any], reads: Reads) -> Mapping[str, Any]:
    """What prevents the removal of what services are in: the C(names) of these, and the C(role) of the user of the API
    key, as far as they matter."""
    if _is_fixed(resource, row):
        return {}
    if not params["force"] and any(map(services_of, _environments(resource, row))):
        whole = with_names(reads.client, _environments(resource, row))
        return {"names": sorted(name for environment in whole for name in service_labels(environment))}
    if resource.listing != PROJECTS:
        # environment.remove refuses to remove services that the key cannot see; project.remove removes them (source).
        return {}
    return {"role": reads.client.query("user.get")["role"]}


def _steps(resource: Resource, row: Row, params: Mapping[str, Any], known: Mapping[str, Any]) -> List[Step]:
    """The steps that remove a project or an environment; the services in it come first.

    :raises Refused: it still has services and C(force) is not given, it is a default environment, it has services of
        kinds that this collection does not know, or the API key does not show all services that its removal deletes.
    """
    if _is_fixed(resource, row):
        raise Refused(
            "environment %r is the default environment of its project and cannot be removed" % row.get("name"),
            hint="Remove the project, or the services in the environment.",
        )
    unknown = ["%s %s" % (kind, service.get("name") or "") for kind, service, _environment in unknown_services(row)]
    if unknown:
        raise Refused(
            "%s %r has services of kinds that this collection does not know: %s"
            % (resource.name, row.get("name"), enumerated(sorted(name.strip() for name in unknown))),
            hint="Remove these in the web interface first.",
        )
    if "names" in known:
        names = known["names"]
        raise Refused(
            "%s %r still has %d service%s: %s"
            % (resource.name, row.get("name"), len(names), "" if len(names) == 1 else "s", enumerated(names)),
            hint="Remove them first, or set force=true to delete them all.",
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
    steps = [
        step
        for service, service_row in services
        for step in service_removal(KINDS[service.label], service_row, params["wait_timeout"])
    ]
    body = {resource.id_key: row[resource.id_key]}
    return [*steps, Write(resource.removal.procedure, body, missing_ok=True, timeout=DELETE_TIMEOUT)]


def _environments(resource: Resource, row: Row) -> Sequence[Row]:
    """The environments whose services are removed with a resource."""
    return row.get("environments") or [] if resource.listing == PROJECTS else [row]


def _is_fixed(resource: Resource, row: Row) -> bool:
    return resource.listing == ENVIRONMENTS and is_default(row)


def removal_with_services(procedure: str) -> Removal:
    """The removal of a project or an environment, with C(force) also of the services in it."""
    return Removal(procedure, steps=_steps, options={**BUILD_TIMEOUT, **FORCE}, observe=_observe)


ANSWERS = {
    "user.get": needed(object_of(role=needed(TEXT))),
    **{kind.deployable.history: needed(list_of(DEPLOYMENT)) for kind in BUILT.values()},
    **dict.fromkeys([kind.removal.procedure for kind in KINDS.values()], needed(object_of())),
}
