# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What ends a resource of the project tree, and what speaks against it."""

from __future__ import annotations

from typing import Any, List, Mapping

from ansible_collections.community.dokploy.plugins.module_utils._api.client import Client
from ansible_collections.community.dokploy.plugins.module_utils._engine.context import Context
from ansible_collections.community.dokploy.plugins.module_utils._engine.lookup import LEVELS
from ansible_collections.community.dokploy.plugins.module_utils._engine.plan import Request, Step
from ansible_collections.community.dokploy.plugins.module_utils._engine.tree import is_default
from ansible_collections.community.dokploy.plugins.module_utils._errors import Refused
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Resource
from ansible_collections.community.dokploy.plugins.module_utils._swarm.removal import (
    DELETE_TIMEOUT,
    SERVICES,
    named,
    removal,
    services_of,
    with_names,
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
        Request(resource.remove, {resource.id_key: row[resource.id_key]}, gone_ok=True, timeout=DELETE_TIMEOUT)
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
