# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The services that live in an environment, and how each is taken down without leaving anything behind.

Dokploy's own removal of a project or an environment deletes rows and leaves containers running (measured on 0.30.2),
and deleting an application while it is built leaves a service that belongs to nothing. So the waiting jobs are dropped,
a running build is waited for, and the service is stopped and deleted before its home goes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Dict, List, Mapping, Sequence, Tuple

from ansible_collections.community.dokploy.plugins.module_utils._api.client import Call, Client
from ansible_collections.community.dokploy.plugins.module_utils._engine.plan import BuildsOver, Request, Step

# Stopping waits for the service to converge: 5 to 10 s on an idle server, a database's reload took 39 s (measured).
STOP_TIMEOUT = 120.0
# Deleting removes containers, volumes and directories.
DELETE_TIMEOUT = 120.0


@dataclass(frozen=True)
class ServiceKind:
    """One kind of service: the key under which an environment lists it, and the procedures that end it."""

    kind: str
    id_key: str
    delete: str
    extra: Mapping[str, Any] = field(default_factory=dict)
    builds: bool = False


SERVICES: Tuple[ServiceKind, ...] = (
    ServiceKind("applications", "applicationId", "application.delete", builds=True),
    # deleteVolumes false: what a stack stored outlives it.
    ServiceKind("compose", "composeId", "compose.delete", {"deleteVolumes": False}),
    ServiceKind("postgres", "postgresId", "postgres.remove"),
    ServiceKind("mysql", "mysqlId", "mysql.remove"),
    ServiceKind("mariadb", "mariadbId", "mariadb.remove"),
    ServiceKind("mongo", "mongoId", "mongo.remove"),
    ServiceKind("redis", "redisId", "redis.remove"),
    ServiceKind("libsql", "libsqlId", "libsql.remove"),
)


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
    own_id = row[kind.id_key]
    body: Dict[str, Any] = {kind.id_key: own_id}
    steps: List[Step] = []
    router = kind.delete.split(".")[0]
    if kind.builds:
        steps.append(Request("%s.cleanQueues" % router, body, gone_ok=True))
        steps.append(BuildsOver(str(own_id), "%s %s" % (router, row.get("name")), build_timeout))
    if stop:
        steps.append(Request("%s.stop" % router, body, gone_ok=True, timeout=STOP_TIMEOUT))
    steps.append(Request(kind.delete, {**body, **kind.extra}, gone_ok=True, timeout=DELETE_TIMEOUT))
    return steps
