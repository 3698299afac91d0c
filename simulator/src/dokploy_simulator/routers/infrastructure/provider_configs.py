# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the routers of vaults and DNS providers do alike: settings of several types in one object, with masked secrets.

The mask keeps the stored secret in an update and a test, and is stored as it is by a creation. A name exists once in an
organization; a second one fails with the statement of the database, which has all secrets in clear.
"""

from __future__ import annotations

import json
from collections.abc import Callable

from ...api import sql_errors
from ...api.errors import bad_request, internal
from ...store.store import Row, Store, Table, new_id, now
from ..common import find
from ..procedures import Context, procedure

MASK = "********"
SECRETS = (
    *("token", "clientSecret", "secretAccessKey", "serviceToken", "secretKey", "apiToken"),
    # Read in the source of 0.30.6.
    *("secretApiKey", "applicationSecret", "consumerKey"),
)


def masked(row: Row) -> Row:
    """A row as every answer shows it."""
    config = {name: MASK if name in SECRETS else value for name, value in row["config"].items()}
    return {**row, "config": config}


def merged(config: Row, stored: Row) -> Row:
    """The stored secrets in place of the mask. Raises ``ProcedureError``: they are those of another type."""
    hidden = [name for name in SECRETS if config.get(name) == MASK]
    if hidden and config["providerType"] != stored["providerType"]:
        raise bad_request("Credentials must be re-entered when changing the provider type")
    return {**config, **{name: stored[name] for name in hidden if name in stored}}


def _as_text(values: Row) -> Row:
    """The values of a row as the statement of the database shows them."""
    return {
        name: json.dumps(value, separators=(",", ":"), ensure_ascii=False) if isinstance(value, (dict, list)) else value
        for name, value in values.items()
    }


class ConfigTable:
    """``rows``: the table of the store; ``name``: that of the database's table; ``further``: its columns behind
    ``config``; ``unknown``: the words for an ID that does not exist."""

    def __init__(self, key: str, rows: Callable[[Store], Table], name: str, unknown: str, *further: str) -> None:
        self.key = key
        self.rows = rows
        self.name = name
        self.unknown = unknown
        self.columns = (key, "name", "providerType", "config", *further, "organizationId", "createdAt")

    def row_of(self, ctx: Context, row_id: str) -> Row:
        return find(self.rows(ctx.store), row_id, self.unknown)

    def _taken(self, ctx: Context, name: str, organization_id: str, but: str = "") -> bool:
        rows = self.rows(ctx.store)
        return any(
            (row["name"], row["organizationId"]) == (name, organization_id) and row[self.key] != but for row in rows
        )

    def insert(self, ctx: Context, values: Row) -> Row:
        row = {self.key: new_id(), "name": values["name"], "providerType": values["config"]["providerType"]}
        row |= values | {"organizationId": ctx.identity.organization_id, "createdAt": now()}
        if self._taken(ctx, row["name"], row["organizationId"]):
            raise internal(sql_errors.failed_insert(self.name, self.columns, _as_text(row)))
        return self.rows(ctx.store).insert(row)

    def update(self, ctx: Context, row: Row, values: Row) -> Row:
        values = {"name": row["name"], **values, "providerType": values["config"]["providerType"]}
        key = row[self.key]
        if self._taken(ctx, values["name"], row["organizationId"], but=key):
            raise internal(sql_errors.failed_update(self.name, self.columns, _as_text(values), self.key, key))
        return self.rows(ctx.store).update(row, values)

    def tested(self, ctx: Context, data: Row) -> Row:
        """The config that a test is about: one that was sent, a stored one, or one with the secrets of the stored."""
        config, row_id = data.get("config"), data.get(self.key)
        if not config and not row_id:
            raise bad_request(f"Provide a config or a {self.key} to test")
        if not row_id:
            return config or {}
        stored: Row = self.row_of(ctx, row_id)["config"]
        return merged(config, stored) if config else stored


def register(router: str, table: ConfigTable, values: Callable[[Context, Row], Row]) -> None:
    """The procedures that both routers have. ``values``: what of an input is stored, if it is not refused."""

    @procedure(f"{router}.create")
    def create(ctx: Context, data: Row) -> Row:
        return masked(table.insert(ctx, ctx.drop(f"{router}.create", values(ctx, data))))

    @procedure(f"{router}.update")
    def update(ctx: Context, data: Row) -> Row:
        row = table.row_of(ctx, data[table.key])
        data = {**data, "config": merged(data["config"], row["config"])}
        return masked(table.update(ctx, row, ctx.drop(f"{router}.update", values(ctx, data))))

    @procedure(f"{router}.remove")
    def remove(ctx: Context, data: Row) -> bool:
        table.rows(ctx.store).delete(table.row_of(ctx, data[table.key]))
        return True

    @procedure(f"{router}.all")
    def all_(ctx: Context, _data: Row) -> list[Row]:
        return [masked(row) for row in sorted(table.rows(ctx.store), key=lambda row: str(row["name"]))]

    @procedure(f"{router}.one")
    def one_provider(ctx: Context, data: Row) -> Row:
        return masked(table.row_of(ctx, data[table.key]))
