# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""router registry."""

from __future__ import annotations

from ..errors import bad_request, no_values
from ..store import Row, Store, new_id, now
from . import Context, procedure
from .common import find, forget


def insert_registry(store: Store, organization_id: str, values: Row) -> Row:
    columns = ("registryName", "imagePrefix", "username", "password", "registryUrl")
    row = {"registryId": new_id(), **{name: values[name] for name in columns}, "createdAt": now()}
    row |= {"registryType": values["registryType"], "organizationId": organization_id}
    return store.registries.insert(row)


@procedure("registry.create")
def create_registry(ctx: Context, data: Row) -> Row:
    url = data["registryUrl"]
    if not ctx.server.build_outcomes.registry_exists(url):
        raise bad_request(
            f"Command execution failed: Command failed: printf %s '***' | docker login '{url}' "
            f"-u '{data['username']}' --password-stdin\nError response from daemon: Get \"http://{url}/v2/\": "
            f"dial tcp {url}: connect: connection refused\n"
        )
    return dict(insert_registry(ctx.store, ctx.identity.organization_id, data))


@procedure("registry.all")
def all_registries(ctx: Context, _data: Row) -> list[Row]:
    return [dict(row) for row in ctx.store.registries]


@procedure("registry.one")
def one_registry(ctx: Context, data: Row) -> Row:
    row = find(ctx.store.registries, data["registryId"], "Registry not found")
    return {name: value for name, value in row.items() if name != "password"}


@procedure("registry.update")
def update_registry(ctx: Context, data: Row) -> bool:
    values = {name: value for name, value in data.items() if name not in ("registryId", "serverId")}
    if not values:
        raise bad_request(no_values().message)
    row = find(ctx.store.registries, data["registryId"], "Registry not found")
    ctx.store.registries.update(row, {name: value for name, value in values.items() if name in row})
    return True


@procedure("registry.remove")
def remove_registry(ctx: Context, data: Row) -> Row:
    row = ctx.store.registries.delete(find(ctx.store.registries, data["registryId"], "Registry not found"))
    forget(ctx, ("registryId", "buildRegistryId", "rollbackRegistryId"), row["registryId"])
    return dict(row)
