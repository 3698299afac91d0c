# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""routers postgres, mysql, mariadb, mongo, redis and libsql: create, read, update, remove, move, search."""

from __future__ import annotations

from typing import Any

from ...api.errors import ValidationError, bad_request, internal, no_values, unauthorized
from ...api.release_columns import later
from ...api.sql_errors import failed_update, refused_insert, refused_update
from ...store.database_kinds import KINDS, LIBSQL_IMAGE, Kind
from ...store.joins import backups_of, environment_with_project
from ...store.store import Row
from ..children.mounts import insert_mount
from ..common import find
from ..procedures import Context, procedure
from ..projects.environment import find_environment
from ..projects.project import by_date, ilike, page
from ..projects.trees import pick

SEARCHED = ("name", "appName", "description")


def find_database(ctx: Context, kind: Kind, data: Row) -> Row:
    return find(ctx.store.services[kind.name], data[kind.key], kind.not_found)


def joined(ctx: Context, kind: Kind, row: Row) -> Row:
    """The database as Dokploy's own lookup returns it."""
    server = ctx.store.servers.get(row["serverId"] or "")
    return {
        **row,
        "environment": environment_with_project(ctx.store, row["environmentId"]),
        "mounts": ctx.store.mounts.of(kind.key, row[kind.key]),
        "server": dict(server) if server else None,
        **({} if kind.name == "redis" else {"backups": backups_of(ctx.store, kind.key, row[kind.key])}),
    }


def columns(ctx: Context, kind: Kind) -> list[str]:
    """The columns of the table in the release that is played."""
    hidden = later(kind.key, ctx.instance.config.version)
    return [column for column in kind.columns if column not in hidden]


def set_values(ctx: Context, name: str, kind: Kind, row: Row, values: Row) -> Row:
    """Write columns. Raises the raw SQL of the database for a foreign key to nothing and for a broken integer."""
    raw, where = ctx.has("raw_sql"), {kind.key: row[kind.key]}
    if not ctx.store.exists("environmentId", values.get("environmentId")):
        raise internal(refused_update(raw, kind.name, columns(ctx, kind), values, where, "environmentId"))
    for column in ("replicas", "externalPort", "externalGRPCPort", "externalAdminPort"):
        if isinstance(values.get(column), float):
            problem = failed_update(kind.name, columns(ctx, kind), values, kind.key, row[kind.key])
            raise internal(problem if raw else f'invalid input syntax for type integer: "{values[column]}"')
    return ctx.store.services[kind.name].update(row, ctx.drop(name, values))


def check_server(ctx: Context, kind: Kind, data: Row) -> None:
    server = data.get("serverId")
    if server is None or server in ctx.store.servers:
        return
    if server and ctx.has("servers_checked"):
        raise unauthorized("You are not authorized to access this server")
    if kind.empty_server:
        raise bad_request(kind.empty_server)
    given = {"dockerImage": kind.image, **kind.row(data), **data}
    own = "appName databasePassword databaseRootPassword dockerImage createdAt".split()
    if kind.name == "libsql":
        own.append("enableNamespaces")
    written = {kind.key, *own, *data}
    values = {column: given[column] for column in columns(ctx, kind) if column in written}
    raise internal(refused_insert(ctx.has("raw_sql"), kind.name, columns(ctx, kind), values, "serverId"))


def check_node(data: Row) -> None:
    """A replica of libsql has a primary, nothing else has."""
    replica, url = data["sqldNode"] == "replica", bool(data["sqldPrimaryUrl"])
    if replica == url:
        return
    needless = "sqldPrimaryUrl should not be provided when sqldNode is not 'replica'."
    message = "sqldPrimaryUrl is required when sqldNode is 'replica'." if replica else needless
    raise ValidationError([{"code": "custom", "path": ["sqldPrimaryUrl"], "message": message}])


def insert_database(ctx: Context, kind: Kind, data: Row) -> Row:
    """The row, and the data volume that Dokploy mounts."""
    row = ctx.store.services[kind.name].insert(kind.row(data))
    volume = {
        "type": "volume",
        "volumeName": f"{row['appName']}-data",
        "mountPath": kind.data_mount(row["dockerImage"]),
    }
    insert_mount(ctx.store, {**volume, "serviceType": kind.name, "serviceId": row[kind.key]})
    return row


def _register(kind: Kind) -> None:
    """The procedures of one kind of database; they differ only in names."""

    @procedure(f"{kind.name}.create")
    def create(ctx: Context, data: Row) -> Any:
        if kind.name == "libsql":
            check_node(data)
        find_environment(ctx.store, data["environmentId"])
        check_server(ctx, kind, data)
        row = insert_database(ctx, kind, ctx.drop(f"{kind.name}.create", data))
        says = kind.name != "libsql" and (kind.name == "redis" or ctx.has("database_rows"))
        return dict(row) if says else True

    @procedure(f"{kind.name}.one")
    def one_database(ctx: Context, data: Row) -> Row:
        return joined(ctx, kind, find_database(ctx, kind, data))

    @procedure(f"{kind.name}.update")
    def update(ctx: Context, data: Row) -> bool:
        """An update of a libsql resets two columns that it does not name."""
        reset = {"dockerImage": LIBSQL_IMAGE, "enableNamespaces": False} if kind.name == "libsql" else {}
        values = {**reset, **{name: value for name, value in data.items() if name not in (kind.key, "appName")}}
        if ctx.has("database_updates"):
            if not values:
                raise no_values()
            row = find(ctx.store.services[kind.name], data[kind.key], kind.update_refused, bad_request)
        else:
            row = find_database(ctx, kind, data)
        set_values(ctx, f"{kind.name}.update", kind, row, values)
        return True

    @procedure(f"{kind.name}.saveEnvironment")
    def save_environment(ctx: Context, data: Row) -> bool:
        row = find(ctx.store.services[kind.name], data[kind.key], "Error adding environment variables", bad_request)
        if "env" not in data:
            raise no_values()
        set_values(ctx, f"{kind.name}.saveEnvironment", kind, row, {"env": data["env"]})
        return True

    @procedure(f"{kind.name}.changeStatus")
    def change_status(ctx: Context, data: Row) -> Row:
        row = find_database(ctx, kind, data)
        before = joined(ctx, kind, row)
        row["applicationStatus"] = data["applicationStatus"]
        return before

    @procedure(f"{kind.name}.move")
    def move(ctx: Context, data: Row) -> Row:
        row = find(ctx.store.services[kind.name], data[kind.key], f"Failed to move {kind.name}", internal)
        values = {"environmentId": data["targetEnvironmentId"]}
        return dict(set_values(ctx, f"{kind.name}.move", kind, row, values))

    @procedure(f"{kind.name}.remove")
    def remove(ctx: Context, data: Row) -> Row:
        """The service goes; its data volume and the files of its mounts stay."""
        row = find_database(ctx, kind, data)
        result = joined(ctx, kind, row)
        ctx.store.drop_service(kind.name, row)
        ctx.instance.docker.remove(row["appName"])
        return result


def _register_search(kind: Kind) -> None:
    @procedure(f"{kind.name}.search")
    def search(ctx: Context, data: Row) -> Row:
        returned = (kind.key, *SEARCHED, "environmentId", "applicationStatus", "createdAt")
        rows = []
        for row in ctx.store.services[kind.name]:
            project_id = ctx.store.environments.rows[row["environmentId"]]["projectId"]
            if data.get("projectId") in (None, project_id) and data.get("environmentId") in (
                None,
                row["environmentId"],
            ):
                rows.append(row)
        rows = [row for row in by_date(rows, newest_first=True) if ilike(row, data.get("q"), data, SEARCHED)]
        return page([pick(row, returned) for row in rows], data)


for _kind in KINDS.values():
    _register(_kind)
    if _kind.name != "libsql":
        _register_search(_kind)
