# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What Dokploy makes of the rows of applications and databases in Docker, to compare what runs with what is configured.

The source of 0.30.2 says so, and the services of a real server are compared in the same way.
"""

from __future__ import annotations

import base64
from typing import Any, Callable, Mapping, Tuple

from ..._swarm.comparison import Looks
from ..._swarm.tasks import Service
from .swarm_comparison import Translation, compare_service

Row = Mapping[str, Any]

_SQLD = (
    "sqld --db-path iku.db --http-listen-addr 0.0.0.0:8080 --grpc-listen-addr 0.0.0.0:5001 "
    "--admin-listen-addr 0.0.0.0:5000"
)
# What an image is built from leaves no trace in Docker.
_BUILT = ("build", "build_args", "build_secrets", "create_env_file", "patches")
# The variables of each kind, with their columns.
_VARIABLES: Mapping[str, Tuple[Tuple[str, str], ...]] = {
    "postgres": (
        ("POSTGRES_DB", "databaseName"),
        ("POSTGRES_USER", "databaseUser"),
        ("POSTGRES_PASSWORD", "databasePassword"),
    ),
    "mysql": (
        ("MYSQL_USER", "databaseUser"),
        ("MYSQL_DATABASE", "databaseName"),
        ("MYSQL_PASSWORD", "databasePassword"),
        ("MYSQL_ROOT_PASSWORD", "databaseRootPassword"),
    ),
    "mariadb": (
        ("MARIADB_DATABASE", "databaseName"),
        ("MARIADB_USER", "databaseUser"),
        ("MARIADB_PASSWORD", "databasePassword"),
        ("MARIADB_ROOT_PASSWORD", "databaseRootPassword"),
    ),
    "mongo": (("MONGO_INITDB_ROOT_USERNAME", "databaseUser"), ("MONGO_INITDB_ROOT_PASSWORD", "databasePassword")),
    "redis": (("REDIS_PASSWORD", "databasePassword"),),
}


def compare_application(service: Service, thorough: bool) -> Looks:
    """:raises Refused: nothing of it runs, or an update of it is in progress."""
    row = service.row
    ports = tuple({key[:1].upper() + key[1:]: value for key, value in port.items()} for port in row.get("ports") or ())
    image = ("docker.image", str(row.get("dockerImage") or ""))
    unknown: Tuple[str, ...] = ()
    if row.get("sourceType") != "docker":
        # With a registry, its address precedes the name.
        built = "%s:latest" % row.get("appName")
        image = ("image", "/" + built if row.get("registry") or row.get("buildRegistry") else built)
        unknown = (str(row.get("sourceType")), *_BUILT)
    return compare_service(service, Translation(image, _command(row), ports, unknown=unknown), thorough)


def _command(row: Row) -> Tuple[Any, Any]:
    return (row["command"].split(" ") if row.get("command") else None), row.get("args")


def compare_database(kind: str, ports: Mapping[str, int], image: str = "") -> Callable[[Service, bool], Looks]:
    """:param ports: the ports of the container, by the columns of the published ones.
    :param image: the one that runs whatever is stored.
    """

    def compare(service: Service, thorough: bool) -> Looks:
        row = service.row
        published = tuple(
            {"TargetPort": port, "PublishedPort": int(row[column])} for column, port in ports.items() if row.get(column)
        )
        translation = Translation(
            ("image", image or str(row.get("dockerImage") or "")),
            _database_command(kind, row),
            published,
            variables=_own_variables(kind, row),
            endpoint="dnsrr",
            port_option="external_port",
            unread=("endpointSpecSwarm", "stopGracePeriodSwarm", "ulimitsSwarm") if kind == "libsql" else (),
            unknown=("command", "args") if row.get("replicaSets") else (),
        )
        return compare_service(service, translation, thorough)

    return compare


def _own_variables(kind: str, row: Row) -> str:
    if kind == "libsql":
        login = "%s:%s" % (row.get("databaseUser"), row.get("databasePassword"))
        values = [("SQLD_NODE", row.get("sqldNode"))]
        values.append(("SQLD_HTTP_AUTH", "basic:%s" % base64.b64encode(login.encode()).decode()))
        if row.get("sqldNode") == "replica":
            values.append(("SQLD_PRIMARY_URL", row.get("sqldPrimaryUrl")))
    else:
        values = [(name, row.get(column)) for name, column in _VARIABLES[kind]]
    if kind == "mysql" and row.get("databaseUser") == "root":
        values = [(name, value) for name, value in values if name not in ("MYSQL_USER", "MYSQL_PASSWORD")]
    if row.get("replicaSets"):
        values.append(("MONGO_INITDB_DATABASE", "admin"))
    return "\n".join('%s="%s"' % variable for variable in values)


def _database_command(kind: str, row: Row) -> Any:
    if kind == "libsql":
        flag = " --enable-namespaces" if row.get("enableNamespaces") else ""
        return ["/bin/sh"], ["-c", (row.get("command") or _SQLD) + flag]
    if kind == "redis" and not row.get("command") and row.get("args") is None:
        return ["/bin/sh"], ["-c", "redis-server --requirepass %s" % row.get("databasePassword")]
    # The script that starts a replica set is Dokploy's own.
    return None if row.get("replicaSets") else _command(row)
