# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The kinds of services that live in an environment, and the procedures that end them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Mapping, Tuple

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
