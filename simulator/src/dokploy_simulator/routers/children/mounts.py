# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""router mounts."""

from __future__ import annotations

from ...api.errors import bad_request, not_found
from ...api.services import SERVICES
from ...api.sql_errors import refused_insert
from ...store.joins import environment_with_project
from ...store.store import SERVICE_KEYS, Row, Store, new_id
from ...world import files
from ..common import find
from ..procedures import UNDEFINED, Context, procedure

COLUMNS = (
    *("mountId", "type", "hostPath", "volumeName", "filePath", "content", "serviceType", "mountPath"),
    *("applicationId", "composeId", "libsqlId", "mariadbId", "mongoId", "mysqlId", "postgresId", "redisId"),
)

# What the lookups of the services call them.
NAMES = {kind: "MySql" if kind == "mysql" else kind.capitalize() for kind in SERVICES}


def columns(ctx: Context) -> tuple[str, ...]:
    """In the order of the table."""
    if ctx.has("libsql"):
        return COLUMNS
    parents = ("applicationId", "postgresId", "mariadbId", "mongoId", "mysqlId", "redisId", "composeId")
    return (*(column for column in COLUMNS if not column.endswith("Id") or column == "mountId"), *parents)


def find_mount(store: Store, mount_id: str) -> Row:
    return find(store.mounts, mount_id, "Mount not found")


def insert_mount(store: Store, values: Row) -> Row:
    """``serviceId`` goes to the column that ``serviceType`` names; without a type the mount belongs to nothing."""
    own = {name: value for name, value in values.items() if name != "serviceId"}
    row: Row = {**dict.fromkeys(COLUMNS), "serviceType": "application", "mountId": new_id(), **own}
    if "serviceType" in values:
        row[f"{values['serviceType']}Id"] = values["serviceId"]
    return store.mounts.insert(row)


def folder_of(store: Store, row: Row) -> str:
    """Where the files of a mount lie; one that belongs to nothing has its own beside the server."""
    kind = row["serviceType"]
    service = store.services[kind].get(row[f"{kind}Id"] or "")
    return files.folder_of(kind, service["appName"]) if service else "/app/files"


def with_parents(ctx: Context, row: Row) -> Row:
    store, result = ctx.store, dict(row)
    for kind in ("application", "compose", *(kind for kind in SERVICES if kind not in ("application", "compose"))):
        service = store.services[kind].get(row[f"{kind}Id"] or "")
        if service is None:
            result[kind] = None
            continue
        if not ctx.has("slim_joins"):
            home = environment_with_project(store, service["environmentId"])
            result[kind] = {**service, "environment": home}
            continue
        environment = store.environments.rows[service["environmentId"]]
        organization = store.projects.rows[environment["projectId"]]["organizationId"]
        result[kind] = {
            "serverId": service["serverId"],
            "appName": service["appName"],
            "environment": {"project": {"organizationId": organization}},
        }
    return result


@procedure("mounts.create")
def create(ctx: Context, data: Row) -> Row | bool:
    column = f"{data['serviceType']}Id" if "serviceType" in data else ""
    if column and not ctx.store.exists(column, data["serviceId"]):
        own = {name: value for name, value in data.items() if name != "serviceId"}
        given = {"mountId": new_id(), **own, column: data["serviceId"]}
        raise bad_request("Error " + refused_insert(ctx.has("raw_sql"), "mount", columns(ctx), given, column))
    row = insert_mount(ctx.store, ctx.drop("mounts.create", data))
    if row["type"] == "file":
        try:
            files.create(ctx.store, folder_of(ctx.store, row), row["filePath"] or "", row["content"] or "")
        except OSError as error:
            # The row stays (measured).
            raise bad_request(f"Error Error creating the mount {error}") from None
    return dict(row) if ctx.has("mount_rows") else True


@procedure("mounts.one")
def one_mount(ctx: Context, data: Row) -> Row:
    return with_parents(ctx, find_mount(ctx.store, data["mountId"]))


@procedure("mounts.update")
def update(ctx: Context, data: Row) -> Row:
    """Answers the row as it was before."""
    row = find_mount(ctx.store, data["mountId"])
    before = with_parents(ctx, row)
    for column in SERVICE_KEYS:
        if not ctx.store.exists(column, data.get(column)):
            raise bad_request("Error updating the mount")
    ctx.store.mounts.update(row, ctx.drop("mounts.update", data))
    if row["type"] == "file":
        files.rewrite(ctx.store, folder_of(ctx.store, row), row)
    return before


@procedure("mounts.remove")
def remove(ctx: Context, data: Row) -> Row:
    row = find_mount(ctx.store, data["mountId"])
    if row["type"] == "file" and row["filePath"]:
        files.remove(ctx.store, f"{folder_of(ctx.store, row)}/{row['filePath']}")
    return dict(ctx.store.mounts.delete(row))


@procedure("mounts.listByServiceId")
def list_by_service_id(ctx: Context, data: Row) -> list[Row]:
    column = f"{data['serviceType']}Id"
    if data["serviceId"] not in ctx.store.services[data["serviceType"]]:
        raise not_found(f"{NAMES[data['serviceType']]} not found")
    return ctx.store.mounts.of(column, data["serviceId"])


@procedure("mounts.allNamedByApplicationId")
def all_named(ctx: Context, data: Row) -> object:
    row = find(ctx.store.applications, data["applicationId"], "Application not found")
    if row["appName"] not in ctx.instance.docker.services:
        return UNDEFINED
    mounted = ctx.instance.docker.services[row["appName"]].spec["TaskTemplate"]["ContainerSpec"].get("Mounts", [])
    volumes = [mount for mount in mounted if mount["Type"] == "volume"]
    return [{"Type": "volume", "Name": mount["Source"], "Destination": mount["Target"]} for mount in volumes]
