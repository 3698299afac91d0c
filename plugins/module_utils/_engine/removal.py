# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What ends a resource of the project tree, and what speaks against it.

Dokploy's own removal of a project or an environment deletes rows and leaves containers running (measured on 0.30.2),
and deleting an application while it is built leaves a service that belongs to nothing. So the waiting jobs are dropped,
a running build is waited for, and the service is stopped and deleted before its home goes.
"""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Sequence, Tuple

from ansible_collections.community.dokploy.plugins.module_utils._api.client import Call, Client
from ansible_collections.community.dokploy.plugins.module_utils._engine.lookup import LEVELS
from ansible_collections.community.dokploy.plugins.module_utils._engine.plan import BuildsOver, Step, Write
from ansible_collections.community.dokploy.plugins.module_utils._engine.runner import Context
from ansible_collections.community.dokploy.plugins.module_utils._engine.tree import is_default
from ansible_collections.community.dokploy.plugins.module_utils._errors import Refused
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import (
    DELETE_TIMEOUT,
    SERVICES,
    STOP_TIMEOUT,
    Resource,
    ServiceKind,
)
from ansible_collections.community.dokploy.plugins.module_utils._values.hints import enumerated


def removal_of(resource: Resource, row: Mapping[str, Any], context: Context) -> List[Step]:
    """The steps that end a resource; what lives in it first.

    :raises Refused: it still has services and C(force) is not given, it is a default environment, or the API key does
        not show all services that its removal deletes.
    :raises ValueError: the resource is another one, whose removal would be that of an application or environment.
    """
    if resource.name not in LEVELS:
        raise ValueError("nothing says how a %s is removed" % resource.name)
    params = context.params
    if resource.runs:
        (kind,) = (one for one in SERVICES if one.id_key == resource.id_key)
        return removal(kind, row, params["wait_timeout"], stop=False)
    if resource.name != "project" and is_default(row):
        raise Refused(
            "environment %r is the default environment of its project and cannot be removed" % row.get("name"),
            hint="Remove the project, or the applications in it.",
        )
    environments = row.get("environments") or [] if resource.name == "project" else [row]
    services = [service for environment in environments for service in services_of(environment)]
    if services and not params["force"]:
        whole = with_names(context.client, environments)
        names = named([service for environment in whole for service in services_of(environment)])
        raise Refused(
            "%s %r still has %d service%s: %s"
            % (resource.name, row.get("name"), len(names), "" if len(names) == 1 else "s", enumerated(names)),
            hint="Remove them first, or say force=true to stop and delete them all.",
            details={"services": names},
        )
    if resource.cascades:
        _need_to_see_all(resource, row, context.client)
    steps = [step for kind, service in services for step in removal(kind, service, params["wait_timeout"])]
    steps.append(
        Write(resource.remove, {resource.id_key: row[resource.id_key]}, missing_ok=True, timeout=DELETE_TIMEOUT)
    )
    return steps


def _need_to_see_all(resource: Resource, row: Mapping[str, Any], client: Client) -> None:
    """:raises Refused: the API key shows only the services to which its user has been given access."""
    user = client.query("user.get")
    if user["role"] not in ("owner", "admin"):
        raise Refused(
            "%s %r was not removed: the API key belongs to a user with the role %r and shows only the services that "
            "this user may access; Dokploy would delete the records of all others and leave their containers running"
            % (resource.name, row.get("name"), user["role"]),
            hint="Use the API key of an owner or administrator.",
        )


# --- the services in an environment ---


def services_of(environment: Mapping[str, Any]) -> List[Tuple[ServiceKind, Mapping[str, Any]]]:
    """Every service that a row of an environment lists, with its kind."""
    return [(kind, row) for kind in SERVICES for row in environment.get(kind.kind) or []]


def with_names(client: Client, environments: Sequence[Mapping[str, Any]]) -> List[Mapping[str, Any]]:
    """The environments, read again where the tree does not name every service: of a database it has only the id."""
    nameless = [row for row in environments if any(service.get("name") is None for _kind, service in services_of(row))]
    calls = [Call("environment.one", {"environmentId": row["environmentId"]}) for row in nameless]
    answers = client.call_many(calls) if calls else []
    # One that does not answer stays as the tree shows it.
    found = {str(row["environmentId"]): row for row in answers if isinstance(row, Mapping)}
    return [found.get(str(row["environmentId"]), row) for row in environments]


def named(services: List[Tuple[ServiceKind, Mapping[str, Any]]]) -> List[str]:
    """Services in words, sorted, since the server's order is not stable: C(application web), C(postgres db)."""
    return sorted("%s %s" % (kind.delete.split(".")[0], row.get("name") or row[kind.id_key]) for kind, row in services)


def removal(kind: ServiceKind, row: Mapping[str, Any], build_timeout: float, stop: bool = True) -> List[Step]:
    """The steps that end one service for good.

    :param build_timeout: seconds for which a running build is waited for.
    :param stop: stop it first; C(application.delete) alone also removes the swarm service.
    """
    resource_id = row[kind.id_key]
    body: Dict[str, Any] = {kind.id_key: resource_id}
    steps: List[Step] = []
    router = kind.delete.split(".")[0]
    if kind.history:
        label = "%s %s" % (router, row.get("name"))
        steps.append(Write("%s.cleanQueues" % router, body, missing_ok=True))
        steps.append(BuildsOver(kind.history, kind.id_key, str(resource_id), label, build_timeout))
    if stop:
        steps.append(Write("%s.stop" % router, body, missing_ok=True, timeout=STOP_TIMEOUT))
    steps.append(Write(kind.delete, {**body, **kind.extra}, missing_ok=True, timeout=DELETE_TIMEOUT))
    return steps
