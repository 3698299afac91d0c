# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The spec of the swarm service that Dokploy creates from a database's row, as ``docker inspect`` shows it."""

from __future__ import annotations

import base64

from ...store.database_kinds import LIBSQL_IMAGE, Kind
from ...store.store import Row, Store
from .service_spec import DockerError, container_of, endpoint, environment, networks, service_of, task_template

DEFAULT_GRACE_PERIOD = 30_000_000_000
SQLD = (
    "sqld --db-path iku.db --http-listen-addr 0.0.0.0:8080 --grpc-listen-addr 0.0.0.0:5001 "
    "--admin-listen-addr 0.0.0.0:5000"
)
# Names of the variables that hold the database's name, its user, their password and root's.
VARIABLES = {
    "postgres": {
        "POSTGRES_DB": "databaseName",
        "POSTGRES_USER": "databaseUser",
        "POSTGRES_PASSWORD": "databasePassword",
    },
    "mysql": {
        "MYSQL_USER": "databaseUser",
        "MYSQL_DATABASE": "databaseName",
        "MYSQL_PASSWORD": "databasePassword",
        "MYSQL_ROOT_PASSWORD": "databaseRootPassword",
    },
    "mariadb": {
        "MARIADB_DATABASE": "databaseName",
        "MARIADB_USER": "databaseUser",
        "MARIADB_PASSWORD": "databasePassword",
        "MARIADB_ROOT_PASSWORD": "databaseRootPassword",
    },
    "mongo": {"MONGO_INITDB_ROOT_USERNAME": "databaseUser", "MONGO_INITDB_ROOT_PASSWORD": "databasePassword"},
    "redis": {"REDIS_PASSWORD": "databasePassword"},
}


def variables(kind: Kind, row: Row) -> str:
    """The env text: Dokploy's own variables, then the user's, so that these win."""
    own = row["env"] or ""
    if kind.name == "libsql":
        login = base64.b64encode(f"{row['databaseUser']}:{row['databasePassword']}".encode()).decode()
        lines = [f'SQLD_NODE="{row["sqldNode"]}"', f'SQLD_HTTP_AUTH="basic:{login}"', own]
        if row["sqldNode"] == "replica":
            lines.append(f'SQLD_PRIMARY_URL="{row["sqldPrimaryUrl"]}"')
        return "\n".join(lines)
    lines = [f'{name}="{row[column]}"' for name, column in VARIABLES[kind.name].items()]
    if row.get("replicaSets"):
        lines.append("MONGO_INITDB_DATABASE=admin")
    return "\n".join([*lines, own])


def command(kind: Kind, row: Row) -> Row:
    """``Command`` and ``Args`` of the container."""
    if kind.name == "libsql":
        script = row["command"] or SQLD
        return {
            "Command": ["/bin/sh"],
            "Args": ["-c", script + (" --enable-namespaces" if row["enableNamespaces"] else "")],
        }
    if kind.name == "redis" and not row["command"] and row["args"] is None:
        return {"Command": ["/bin/sh"], "Args": ["-c", f"redis-server --requirepass {row['databasePassword']}"]}
    if row.get("replicaSets"):
        return {
            "Command": ["/bin/bash"],
            "Args": ["-c", "\n#!/bin/bash\nmongod --port 27017 --replSet rs0 --bind_ip_all"],
        }
    return {"Command": row["command"].split(" ") if row["command"] else None, "Args": row["args"]}


def endpoint_spec(kind: Kind, row: Row) -> Row:
    """``endpointSpecSwarm``, an empty one too, stands for all; libsql does not look at it."""
    if row["endpointSpecSwarm"] is not None and kind.name != "libsql":
        return endpoint({**row, "ports": []})
    ports = []
    for column, port in kind.ports.items():
        published = row[column]
        if published and published < 0:
            raise DockerError(
                f"(HTTP code 400) unexpected - invalid JSON: json: cannot unmarshal number {published} into Go struct "
                "field PortConfig.EndpointSpec.Ports.PublishedPort of type uint32 "
            )
        if published:
            values = {"Protocol": "tcp", "TargetPort": port, "PublishedPort": published, "PublishMode": "host"}
            ports.append(values)
    return {"Mode": "dnsrr", **({"Ports": ports} if ports else {})}


def database_spec(store: Store, kind: Kind, row: Row) -> Row:
    """``row``: the database with everything joined. Raises ``DockerError`` for what Docker refuses."""
    shape = {"ulimitsSwarm": None, **row}
    if kind.name == "libsql":
        shape["stopGracePeriodSwarm"] = None
    elif kind.name == "postgres" and row["stopGracePeriodSwarm"] is None:
        shape["stopGracePeriodSwarm"] = DEFAULT_GRACE_PERIOD
    image = LIBSQL_IMAGE if kind.name == "libsql" else row["dockerImage"]
    env = environment({**row, "env": variables(kind, row)})
    container = container_of(shape, image, env, command(kind, row))
    task = task_template(shape, container, networks(store, row))
    return service_of(row, task, endpoint_spec(kind, row), "stop-first")
