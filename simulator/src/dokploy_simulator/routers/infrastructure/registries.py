# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""router registry: logins to image registries. Every write logs in, and a log-in answers with the words of Docker."""

from __future__ import annotations

import re

from ...api.errors import ValidationError, bad_request, no_values
from ...api.sql_errors import failed_update
from ...store.store import Row, Store, new_id, now
from ...world.ssh_hosts import Unreachable
from ..common import broken_keys, find, forget
from ..procedures import Context, procedure

UNKNOWN = "Registry not found"
COLUMNS = (
    *("registryId", "registryName", "imagePrefix", "username", "password", "registryUrl", "createdAt", "selfHosted"),
    "organizationId",
)
ADDRESS = re.compile(r"([A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?(:\d{1,5})?)?")
WRONG_ADDRESS = "Registry URL must be a valid hostname or hostname:port (e.g. registry.example.com or localhost:5000)"


def insert_registry(store: Store, organization_id: str, values: Row) -> Row:
    columns = ("registryName", "imagePrefix", "username", "password", "registryUrl")
    row = {"registryId": new_id(), **{name: values[name] for name in columns}, "createdAt": now()}
    row |= {"registryType": values["registryType"], "organizationId": organization_id}
    return store.registries.insert(row)


def clean(data: Row) -> Row:
    """The columns of the input, the username without blanks around it. Raises for a URL with a scheme or a path."""
    if not ADDRESS.fullmatch(data.get("registryUrl", "")):
        raise ValidationError([{"code": "custom", "path": ["registryUrl"], "message": WRONG_ADDRESS}])
    values = {name: value for name, value in data.items() if name not in ("registryId", "serverId")}
    return {**values, **({"username": values["username"].strip()} if "username" in values else {})}


def login(ctx: Context, values: Row, server_id: str | None, before: str) -> None:
    """Log in on the host of Dokploy or on a server. ``before``: what the error says before Docker's own words."""
    where = None
    if server_id and server_id != "none":
        where = find(ctx.store.servers, server_id, "Server not found", bad_request)
        try:
            ctx.instance.ssh_hosts.connect(where)
        except Unreachable as problem:
            raise bad_request(
                "No SSH key available for this server" if problem.kind == "key" else problem.words()
            ) from None
    problem_text = ctx.instance.build_outcomes.login_problem(
        values["registryUrl"], values["username"], values["password"]
    )
    if problem_text:
        raise bad_request("Remote command failed with exit code 1" if where else f"{before}{problem_text}")


def in_shell(values: Row) -> str:
    return (
        f"Command execution failed: Command failed: printf %s '***' | docker login '{values['registryUrl']}' "
        f"-u '{values['username']}' --password-stdin\n"
    )


DIRECT = "Command failed with code 1. Stderr: "


@procedure("registry.create")
def create_registry(ctx: Context, data: Row) -> Row:
    """Nothing is stored when the login fails."""
    values = clean(data)
    login(ctx, values, data.get("serverId"), in_shell(values))
    return dict(insert_registry(ctx.store, ctx.identity.organization_id, ctx.drop("registry.create", values)))


@procedure("registry.all")
def all_registries(ctx: Context, _data: Row) -> list[Row]:
    return [dict(row) for row in ctx.store.registries]


@procedure("registry.one")
def one_registry(ctx: Context, data: Row) -> Row:
    row = find(ctx.store.registries, data["registryId"], UNKNOWN)
    return {name: value for name, value in row.items() if name != "password"}


@procedure("registry.update")
def update_registry(ctx: Context, data: Row) -> bool:
    """Stores first, logs in after: a refusal leaves the row changed."""
    values = clean(data)
    if not values:
        raise bad_request(no_values().message)
    row = find(ctx.store.registries, data["registryId"], UNKNOWN)
    if broken_keys(ctx.store, values):
        raise bad_request(failed_update("registry", COLUMNS, values, "registryId", row["registryId"]))
    values = {name: value for name, value in values.items() if name in row}
    ctx.store.registries.update(row, ctx.drop("registry.update", values))
    login(ctx, row, data.get("serverId"), in_shell(row))
    return True


@procedure("registry.remove")
def remove_registry(ctx: Context, data: Row) -> Row:
    row = ctx.store.registries.delete(find(ctx.store.registries, data["registryId"], UNKNOWN))
    forget(ctx, ("registryId", "buildRegistryId", "rollbackRegistryId"), row["registryId"])
    return dict(row)


@procedure("registry.testRegistry")
def test_registry(ctx: Context, data: Row) -> bool:
    login(ctx, clean(data), data.get("serverId"), DIRECT)
    return True


@procedure("registry.testRegistryById")
def test_stored_registry(ctx: Context, data: Row) -> bool:
    row = find(ctx.store.registries, data["registryId"], UNKNOWN, bad_request)
    login(ctx, row, data.get("serverId"), DIRECT)
    return True
