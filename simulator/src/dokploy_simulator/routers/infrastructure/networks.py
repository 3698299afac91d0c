# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""router network: Docker networks that Dokploy keeps a row of."""

from __future__ import annotations

import asyncio

from ...api.errors import ProcedureError, ValidationError, bad_request, internal
from ...api.sql_errors import failed_insert
from ...store.store import Row, new_id, now
from ...world.docker.docker_networks import COLUMNS, RESERVED_NETWORKS, defaults
from ..common import broken_keys, find, newest_first
from ..procedures import Context, procedure

DEFAULTS: Row = {
    "networkId": None,
    "name": None,
    "dockerId": None,
    **defaults(),
    "createdAt": None,
    "organizationId": None,
    "serverId": None,
}
UNKNOWN = "Network not found"


def check(data: Row) -> None:
    issues: list[Row] = []
    if data.get("enableIPv4") is False and data.get("enableIPv6") is not True:
        issues.append({"code": "custom", "path": ["enableIPv4"], "message": "IPv4 or IPv6 must be enabled"})
    for index, entry in enumerate((data.get("ipam") or {}).get("config") or ()):
        if not entry.get("subnet") and (entry.get("gateway") or entry.get("ipRange")):
            path = ["ipam", "config", index, "subnet"]
            issues.append({"code": "custom", "path": path, "message": "Gateway and IP range require a subnet"})
    if issues:
        raise ValidationError(issues)


def insert(ctx: Context, values: Row) -> Row:
    own = {"networkId": new_id(), "createdAt": now(), "organizationId": ctx.identity.organization_id}
    return ctx.store.networks.insert({**DEFAULTS, "ipam": {}, **own, **values})


def rows_of(ctx: Context, data: Row) -> list[Row]:
    wanted = data.get("serverId") or None
    return [row for row in ctx.store.networks if row["serverId"] == wanted]


@procedure("network.create")
def create_network(ctx: Context, data: Row) -> Row:
    """Docker's own network is made with the row; a name that Docker has already is its 409 in a 400."""
    check(data)
    if broken_keys(ctx.store, data):
        own = {"networkId": new_id(), "createdAt": now(), "organizationId": ctx.identity.organization_id}
        columns = [name for name in DEFAULTS if name != "dockerId" or ctx.has("docker_ids")]
        raise internal(failed_insert("network", columns, {**own, **data}))
    networks = ctx.instance.docker.networks_of(data.get("serverId"))
    networks.create({**DEFAULTS, **data})
    row = insert(ctx, ctx.drop("network.create", data))
    answer = dict(row)
    # Stored after the row, whose answer is without it (source of 0.30.3).
    row["dockerId"] = networks.rows[row["name"]]["id"]
    return answer


@procedure("network.all")
def all_networks(ctx: Context, data: Row) -> list[Row]:
    return newest_first(rows_of(ctx, data))


@procedure("network.one")
def one_network(ctx: Context, data: Row) -> Row:
    return dict(find(ctx.store.networks, data["networkId"], UNKNOWN))


@procedure("network.inspect")
async def inspect_network(ctx: Context, data: Row) -> Row:
    row = find(ctx.store.networks, data["networkId"], UNKNOWN)
    await hang(ctx, row)
    return ctx.instance.docker.networks_of(row["serverId"]).inspect(row["name"])


async def hang(ctx: Context, row: Row) -> None:
    """A name with a blank in it makes the server wait for ever."""
    if " " in row["name"]:
        await asyncio.sleep(ctx.instance.config.block_seconds)


@procedure("network.recreate")
def recreate_network(ctx: Context, data: Row) -> Row:
    row = find(ctx.store.networks, data["networkId"], UNKNOWN)
    networks = ctx.instance.docker.networks_of(row["serverId"])
    networks.create(row)
    answer = dict(row)
    row["dockerId"] = networks.rows[row["name"]]["id"]
    return answer


@procedure("network.resync")
def resync_network(ctx: Context, data: Row) -> Row:
    """The row becomes what Docker has under its name (source of 0.30.3)."""
    row = find(ctx.store.networks, data["networkId"], UNKNOWN)
    networks = ctx.instance.docker.networks_of(row["serverId"])
    networks.inspect(row["name"])
    network = networks.rows[row["name"]]
    values = {column: network[column] for column in COLUMNS}
    values["ipam"] = {"driver": "default", **{key: value for key, value in (network["ipam"] or {}).items() if value}}
    values["ipam"].setdefault("config", [])
    return dict(ctx.store.networks.update(row, {**values, "dockerId": network["id"]}))


@procedure("network.remove")
async def remove_network(ctx: Context, data: Row) -> Row:
    """A network that a service runs in stays. Applications that merely name it keep its id, which then dangles."""
    row = find(ctx.store.networks, data["networkId"], UNKNOWN)
    await hang(ctx, row)
    networks = ctx.instance.docker.networks_of(row["serverId"])
    networks.check_free(row["name"])
    if networks is ctx.instance.docker.networks:
        ctx.instance.docker.remove_network(row["name"])
    else:
        networks.remove(row["name"], None)
    return dict(ctx.store.networks.delete(row))


@procedure("network.networksToSync")
def networks_to_sync(ctx: Context, data: Row) -> Row:
    rows = rows_of(ctx, data)
    known, docker = {row["name"] for row in rows}, ctx.instance.docker.networks_of(data.get("serverId")).rows
    importable = [
        {
            **{name: network[name] for name in ("name", "driver", "internal", "attachable")},
            "subnets": [entry["subnet"] for entry in (network["ipam"] or {}).get("config", ()) if entry.get("subnet")],
        }
        for network in docker.values()
        if network["name"] not in known | set(RESERVED_NETWORKS)
    ]
    missing = [{"networkId": row["networkId"], "name": row["name"]} for row in rows if row["name"] not in docker]
    if not ctx.has("docker_ids"):
        return {"importable": importable, "missing": missing}
    columns = ("name", "driver", "internal", "attachable")
    changed = [
        {"networkId": row["networkId"], **{name: docker[row["name"]][name] for name in columns}}
        for row in rows
        if row["name"] in docker and row["dockerId"] not in (None, docker[row["name"]]["id"])
    ]
    return {"importable": importable, "missing": missing, "changed": changed}


@procedure("network.import")
def import_networks(ctx: Context, data: Row) -> Row:
    """A name that comes twice makes two rows."""
    imported, errors = [], []
    networks = ctx.instance.docker.networks_of(data.get("serverId"))
    known = {row["name"] for row in rows_of(ctx, data)}
    for name in data["names"]:
        try:
            if name in known:
                raise bad_request("Already imported")
            networks.inspect(name)
            if name in RESERVED_NETWORKS:
                raise bad_request("Network is reserved or not supported")
        except ProcedureError as error:
            errors.append({"name": name, "error": error.message})
            continue
        network = networks.rows[name]
        values = {column: network[column] for column in DEFAULTS if column in network}
        insert(ctx, {**values, "serverId": data.get("serverId"), "dockerId": network["id"]})
        imported.append(name)
    return {"imported": imported, "errors": errors}
