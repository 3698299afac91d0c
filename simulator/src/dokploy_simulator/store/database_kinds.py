# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The six kinds of databases: their columns, images, paths and ports."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .randomness import RANDOM
from .store import ALNUM, Row, build_app_name, new_id, now

HEAD = "name appName"
LIMITS = "memoryReservation memoryLimit cpuReservation cpuLimit externalPort"
SWARM = (
    "healthCheckSwarm restartPolicySwarm placementSwarm updateConfigSwarm rollbackConfigSwarm modeSwarm labelsSwarm "
    "networkSwarm stopGracePeriodSwarm endpointSpecSwarm"
)
NETWORKS = "networkIds detachDokployNetwork"
LIBSQL_IMAGE = "ghcr.io/tursodatabase/libsql-server:v0.24.32"


@dataclass(frozen=True)
class Kind:
    """``columns`` in the order of the table. ``ports``: the column of each external port, and the container's port."""

    name: str
    image: str
    columns: tuple[str, ...]
    data_path: str
    ports: dict[str, int]
    not_found: str
    update_refused: str
    empty_server: str | None = None
    """What ``create`` says about an empty ``serverId``; None: the SQL statement."""

    @property
    def key(self) -> str:
        return f"{self.name}Id"

    def data_mount(self, image: str) -> str:
        """Where the data volume that ``create`` makes is mounted."""
        if self.name != "postgres":
            return self.data_path
        version = re.search(r"postgres:(\d+)", image)
        if version and int(version[1]) >= 18:
            return f"/var/lib/postgresql/{version[1]}/docker"
        return "/var/lib/postgresql/data"

    def row(self, data: Row) -> Row:
        """A new row. ``data``: what ``create`` accepts."""
        values = {
            "replicas": 1,
            "applicationStatus": "idle",
            "networkIds": [],
            "detachDokployNetwork": False,
            "enableNamespaces": False,
            "replicaSets": False,
            "dockerImage": self.image,
            **{name: value for name, value in data.items() if name not in ("appName", self.key)},
            self.key: new_id(),
            "appName": build_app_name(self.name, data.get("appName")),
            "createdAt": now(),
        }
        for column in ("databasePassword", "databaseRootPassword"):
            values[column] = values.get(column) or generate_password()
        return {column: values.get(column) for column in self.columns}


def generate_password() -> str:
    return "".join(RANDOM.choices(ALNUM, k=16)).lower()


def _columns(kind: str, text: str) -> tuple[str, ...]:
    return (f"{kind}Id", *text.split())


PORT = "externalPort"
MYSQL = (
    f"{HEAD} description databaseName databaseUser databasePassword databaseRootPassword dockerImage command args env "
    f"{LIMITS} applicationStatus {SWARM} ulimitsSwarm replicas createdAt environmentId serverId {NETWORKS}"
)
KINDS = {
    "postgres": Kind(
        name="postgres",
        image="postgres:18",
        columns=_columns(
            "postgres",
            f"{HEAD} databaseName databaseUser databasePassword description dockerImage command args env "
            "memoryReservation externalPort memoryLimit cpuReservation cpuLimit applicationStatus "
            f"{SWARM} ulimitsSwarm replicas createdAt environmentId serverId {NETWORKS}",
        ),
        data_path="/var/lib/postgresql",
        ports={PORT: 5432},
        not_found="Postgres not found",
        update_refused="Error updating Postgres",
        empty_server="Error input: Inserting Postgres database",
    ),
    "mysql": Kind(
        name="mysql",
        image="mysql:8",
        columns=_columns("mysql", MYSQL),
        data_path="/var/lib/mysql",
        ports={PORT: 3306},
        not_found="MySql not found",
        update_refused="Update: Error updating MySQL",
        empty_server="Error input: Inserting MySQL database",
    ),
    "mariadb": Kind(
        name="mariadb",
        image="mariadb:6",
        columns=_columns("mariadb", MYSQL),
        data_path="/var/lib/mysql",
        ports={PORT: 3306},
        not_found="Mariadb not found",
        update_refused="Update: Error updating Mariadb",
    ),
    "mongo": Kind(
        name="mongo",
        image="mongo:15",
        columns=_columns(
            "mongo",
            f"{HEAD} description databaseUser databasePassword dockerImage command args env {LIMITS} applicationStatus "
            f"{SWARM} ulimitsSwarm replicas createdAt environmentId serverId replicaSets {NETWORKS}",
        ),
        data_path="/data/db",
        ports={PORT: 27017},
        not_found="Mongo not found",
        update_refused="Update: Error updating Mongo",
        empty_server="Error input: Inserting mongo database",
    ),
    "redis": Kind(
        name="redis",
        image="redis:8",
        columns=_columns(
            "redis",
            f"{HEAD} description databasePassword dockerImage command args env {LIMITS} createdAt applicationStatus "
            f"{SWARM} ulimitsSwarm replicas environmentId serverId {NETWORKS}",
        ),
        data_path="/data",
        ports={PORT: 6379},
        not_found="Redis not found",
        update_refused="Error updating Redis",
    ),
    "libsql": Kind(
        name="libsql",
        image=LIBSQL_IMAGE,
        columns=_columns(
            "libsql",
            f"{HEAD} description databaseUser databasePassword sqldNode sqldPrimaryUrl enableNamespaces dockerImage "
            f"command env {LIMITS} externalGRPCPort externalAdminPort applicationStatus {SWARM} replicas {NETWORKS} "
            "createdAt environmentId serverId",
        ),
        data_path="/var/lib/sqld",
        ports={PORT: 8080, "externalGRPCPort": 5001, "externalAdminPort": 5000},
        not_found="Libsql not found",
        update_refused="Error updating Libsql",
    ),
}
