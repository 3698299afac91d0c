# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""routers postgres, mysql, mariadb, mongo, redis and libsql, as far as trees, cascades and removal need them."""

from __future__ import annotations

from typing import Any

from ..errors import bad_request, internal, no_values, not_found
from ..store import DATABASES, Row, build_app_name, new_id, now, token
from . import Context, procedure
from .common import check_home, move_service
from .joins import backups_of, environment_with_project
from .mounts import insert_mount

NULLS = dict.fromkeys
SWARM = "healthCheckSwarm restartPolicySwarm placementSwarm updateConfigSwarm rollbackConfigSwarm modeSwarm".split()
SWARM += "labelsSwarm networkSwarm stopGracePeriodSwarm endpointSpecSwarm ulimitsSwarm".split()
LIMITS = "memoryReservation memoryLimit cpuReservation cpuLimit externalPort".split()
IMAGES = {
    "postgres": "postgres:18",
    "mysql": "mysql:8",
    "mariadb": "mariadb:6",
    "mongo": "mongo:15",
    "redis": "redis:8",
    "libsql": "ghcr.io/tursodatabase/libsql-server:v0.24.32",
}
TITLES = {"postgres": "Postgres", "mysql": "MySQL", "mariadb": "Mariadb", "mongo": "Mongo", "redis": "Redis"}
TITLES["libsql"] = "Libsql"
OWN = {
    "postgres": ("databaseName", "databaseUser", "databasePassword"),
    "mysql": ("databaseName", "databaseUser", "databasePassword", "databaseRootPassword"),
    "mariadb": ("databaseName", "databaseUser", "databasePassword", "databaseRootPassword"),
    "mongo": ("databaseUser", "databasePassword"),
    "redis": ("databasePassword",),
    "libsql": ("databaseUser", "databasePassword", "sqldNode", "sqldPrimaryUrl", "enableNamespaces"),
}
DATA_PATHS = {
    "postgres": "/var/lib/postgresql/18/docker",
    "mysql": "/var/lib/mysql",
    "mariadb": "/var/lib/mysql",
    "mongo": "/data/db",
    "redis": "/data",
    "libsql": "/var/lib/sqld",
}


def database_row(kind: str, data: Row) -> Row:
    row: Row = {f"{kind}Id": new_id(), "name": data["name"], "appName": build_app_name(kind, data.get("appName"))}
    row.update({column: data.get(column) for column in OWN[kind]})
    if "databaseRootPassword" in row:
        row["databaseRootPassword"] = data.get("databaseRootPassword") or token(16)
    row["description"] = data.get("description")
    row["dockerImage"] = data.get("dockerImage") or IMAGES[kind]
    row |= {"command": None} if kind == "libsql" else {"command": None, "args": None}
    row |= {"env": None, **NULLS(LIMITS)}
    if kind == "libsql":
        row |= {"enableNamespaces": data.get("enableNamespaces", False)}
        row |= {"externalGRPCPort": None, "externalAdminPort": None}
    row |= {"applicationStatus": "idle", **NULLS(SWARM)}
    if kind == "libsql":
        del row["ulimitsSwarm"]
    row |= {"replicas": 1, "createdAt": now(), "environmentId": data["environmentId"]}
    row["serverId"] = data.get("serverId")
    if kind == "mongo":
        row["replicaSets"] = data.get("replicaSets") or False
    return row | {"networkIds": [], "detachDokployNetwork": False}


def _register(kind: str) -> None:
    """The procedures of one kind of database; they differ only in names."""
    key = f"{kind}Id"

    def find(ctx: Context, data: Row) -> Row:
        row = ctx.store.services[kind].get(data[key])
        if row is None:
            raise not_found(f"{TITLES[kind]} not found")
        return row

    def joined(ctx: Context, row: Row) -> Row:
        server = ctx.store.servers.get(row["serverId"] or "")
        return {
            **row,
            "environment": environment_with_project(ctx.store, row["environmentId"]),
            "mounts": ctx.store.mounts.of(key, row[key]),
            "server": dict(server) if server else None,
            **({} if kind == "redis" else {"backups": backups_of(ctx.store, key, row[key])}),
        }

    @procedure(f"{kind}.create")
    def create(ctx: Context, data: Row) -> Any:
        check_home(ctx, data)
        row = ctx.store.services[kind].insert(database_row(kind, data))
        volume = {"type": "volume", "volumeName": f"{row['appName']}-data", "mountPath": DATA_PATHS[kind]}
        insert_mount(ctx.store, {**volume, "serviceType": kind, "serviceId": row[key]})
        says = kind != "libsql" and (kind == "redis" or ctx.has("database_rows"))
        return dict(row) if says else True

    @procedure(f"{kind}.one")
    def one(ctx: Context, data: Row) -> Row:
        return joined(ctx, find(ctx, data))

    @procedure(f"{kind}.update")
    def update(ctx: Context, data: Row) -> bool:
        values = {name: value for name, value in data.items() if name not in (key, "appName")}
        if not values and kind != "libsql":
            raise no_values()
        row = ctx.store.services[kind].get(data[key])
        if row is None:
            raise bad_request(f"Error updating {TITLES[kind]}")
        ctx.store.services[kind].update(row, ctx.drop(f"{kind}.update", values))
        return True

    @procedure(f"{kind}.remove")
    def remove(ctx: Context, data: Row) -> Row:
        row = find(ctx, data)
        result = joined(ctx, row)
        ctx.store.drop_service(kind, row)
        ctx.server.docker.remove(row["appName"])
        return result

    @procedure(f"{kind}.deploy")
    def deploy(ctx: Context, data: Row) -> Row:
        """Synchronous, without a deployment row."""
        row = find(ctx, data)
        if not ctx.server.build_outcomes.image_exists(row["dockerImage"]):
            row["applicationStatus"] = "error"
            raise internal(f"Error on deploy {kind}Error: manifest for {row['dockerImage']} not found\n")
        ctx.server.docker.deploy_stack(row)
        row["applicationStatus"] = "done"
        return joined(ctx, row)

    @procedure(f"{kind}.stop")
    def stop(ctx: Context, data: Row) -> Row:
        row = find(ctx, data)
        before = joined(ctx, row)
        ctx.server.docker.scale(row["appName"], 0)
        row["applicationStatus"] = "idle"
        return before

    @procedure(f"{kind}.start")
    def start(ctx: Context, data: Row) -> Row:
        row = find(ctx, data)
        before, name = joined(ctx, row), row["appName"]
        if ctx.server.docker.scale(name, 1):
            raise internal(f"Command execution failed: Command failed: docker service scale {name}=1 \n")
        row["applicationStatus"] = "done"
        return before

    @procedure(f"{kind}.move")
    def move(ctx: Context, data: Row) -> Row:
        return move_service(ctx, kind, data)


for _kind in DATABASES:
    _register(_kind)
