# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""router server: remote servers, as far as applications point at them."""

from __future__ import annotations

import math

from ...api.errors import bad_request
from ...api.facts import fields_after
from ...store.store import Row, Store, build_app_name, new_id, now
from ..common import find, forget, newest_first
from ..procedures import Context, procedure

UNKNOWN = "Server not found"
CLEANUP = "enableDockerCleanup"
ON_SERVERS = ("application", "compose", "postgres", "mysql", "mariadb", "mongo", "redis", "libsql")
METRICS: Row = {
    "server": {
        "port": 4500,
        "type": "Remote",
        "token": "",
        "cronJob": "",
        "thresholds": {"cpu": 0, "memory": 0},
        "refreshRate": 60,
        "urlCallback": "",
        "retentionDays": 2,
    },
    "containers": {"services": {"exclude": [], "include": []}, "refreshRate": 60},
}


@procedure("server.create")
def create_server(ctx: Context, data: Row) -> Row:
    """No connection is tried."""
    if not ctx.store.exists("sshKeyId", data["sshKeyId"]):
        raise bad_request("Error creating the server")
    # The column of releases without the field is off.
    data = {CLEANUP: _takes_cleanup(ctx), **data}
    return dict(insert_server(ctx.store, ctx.identity.organization_id, ctx.drop("server.create", data)))


def _takes_cleanup(ctx: Context) -> bool:
    return CLEANUP not in fields_after("server.update", ctx.instance.config.version)


def insert_server(store: Store, organization_id: str, data: Row) -> Row:
    row = {
        "serverId": new_id(),
        **{name: data[name] for name in ("name", "description", "ipAddress", "port", "username")},
        "appName": build_app_name("server", None),
        CLEANUP: data.get(CLEANUP, True),
        "buildsConcurrency": 1,
        "createdAt": now(),
        "organizationId": organization_id,
        "serverStatus": "active",
        "serverType": data.get("serverType", "deploy"),
        "command": "",
        "sshKeyId": data["sshKeyId"],
        "metricsConfig": METRICS,
    }
    return store.servers.insert(row)


def shown(ctx: Context, row: Row) -> Row:
    """With its deployments, and its key without the private part."""
    key = ctx.store.ssh_keys.get(row["sshKeyId"] or "")
    deployments = newest_first(ctx.store.deployments.of("serverId", row["serverId"]))
    return {**row, "deployments": deployments, "sshKey": {**key, "privateKey": ""} if key else None}


def _uses(ctx: Context, server_id: str) -> int:
    return sum(row["serverId"] == server_id for table in ctx.store.services.values() for row in table)


@procedure("server.one")
def one_server(ctx: Context, data: Row) -> Row:
    return shown(ctx, find(ctx.store.servers, data["serverId"], UNKNOWN))


@procedure("server.getServices")
def services_of_server(ctx: Context, data: Row) -> list[Row]:
    """What runs on it, by kinds (source of 0.30.5)."""
    find(ctx.store.servers, data["serverId"], UNKNOWN)
    services = []
    for kind in ON_SERVERS:
        for row in (service for service in ctx.store.services[kind] if service["serverId"] == data["serverId"]):
            environment = ctx.store.environments.get(row["environmentId"]) or {}
            project = ctx.store.projects.get(environment["projectId"]) or {}
            place = {
                "projectId": project["projectId"],
                "projectName": project["name"],
                "environmentId": environment["environmentId"],
                "environmentName": environment["name"],
            }
            path = f"project/{place['projectId']}/environment/{place['environmentId']}/services/{kind}"
            url = f"/dashboard/{path}/{row[f'{kind}Id']}"
            services.append({"id": row[f"{kind}Id"], "type": kind, "name": row["name"], **place, "url": url})
    return services


def _total_sum(ctx: Context, server_id: str) -> int:
    """The sum of the counts of each kind of service over the product of the joined tables (measured on 0.30.2)."""
    counts = [
        number
        for kind, table in ctx.store.services.items()
        if kind != "libsql" and (number := sum(row["serverId"] == server_id for row in table))
    ]
    return int(math.prod(counts)) * len(counts)


@procedure("server.all")
def all_servers(ctx: Context, _data: Row) -> list[Row]:
    return [{**row, "totalSum": _total_sum(ctx, row["serverId"])} for row in newest_first(ctx.store.servers)]


@procedure("server.withSSHKey")
def servers_with_ssh_key(ctx: Context, _data: Row) -> list[Row]:
    rows = [row for row in newest_first(ctx.store.servers) if row["sshKeyId"] and row["serverType"] == "deploy"]
    return [dict(row) for row in rows]


@procedure("server.buildServers")
def build_servers(ctx: Context, _data: Row) -> list[Row]:
    rows = [row for row in newest_first(ctx.store.servers) if row["sshKeyId"] and row["serverType"] == "build"]
    return [dict(row) for row in rows]


@procedure("server.count")
def count_servers(ctx: Context, _data: Row) -> int:
    return len(ctx.store.servers)


@procedure("server.update")
def update_server(ctx: Context, data: Row) -> Row:
    """An absent ``enableDockerCleanup`` switches the cleanup on."""
    row = find(ctx.store.servers, data["serverId"], UNKNOWN)
    absent = {CLEANUP: True} if _takes_cleanup(ctx) else {}
    values = {**absent, **{name: value for name, value in data.items() if name in row}}
    return dict(ctx.store.servers.update(row, ctx.drop("server.update", values)))


@procedure("server.updateBuildsConcurrency")
def update_builds_concurrency(ctx: Context, data: Row) -> Row:
    row = find(ctx.store.servers, data["serverId"], UNKNOWN)
    return dict(ctx.store.servers.update(row, {"buildsConcurrency": data["buildsConcurrency"]}))


@procedure("server.remove")
def remove_server(ctx: Context, data: Row) -> Row:
    row = find(ctx.store.servers, data["serverId"], UNKNOWN)
    if _uses(ctx, row["serverId"]):
        raise bad_request("Server has active services, please delete them first")
    ctx.store.drop(ctx.store.servers, row)
    forget(ctx, ("buildServerId",), row["serverId"])
    return shown(ctx, row)
