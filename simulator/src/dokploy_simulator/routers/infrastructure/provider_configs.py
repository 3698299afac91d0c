# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the routers of vaults and DNS providers do alike: settings of several types in one object, with masked secrets.

The mask keeps the stored secret in an update and a test, and is stored as it is by a creation. A name exists once in an
organization; a second one fails with the statement of the database, which has all secrets in clear.
"""

from __future__ import annotations

import json

from ...api import sql_errors
from ...api.errors import bad_request, internal
from ...store.store import Row, Table, new_id, now
from ..procedures import Context

MASK = "********"
SECRETS = ("token", "clientSecret", "secretAccessKey", "serviceToken", "secretKey", "apiToken")


def masked(row: Row) -> Row:
    """A row as every answer shows it."""
    shown = {name: MASK if name in SECRETS else value for name, value in row["config"].items()}
    return {**row, "config": shown}


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
    """``table``: the rows; ``name``: that of the database's table; ``further``: its columns behind ``config``."""

    def __init__(self, table: Table, name: str, *further: str) -> None:
        self.table = table
        self.name = name
        self.columns = (table.key, "name", "providerType", "config", *further, "organizationId", "createdAt")

    def _taken(self, name: str, organization_id: str, but: str = "") -> bool:
        same = [row for row in self.table if row["name"] == name and row["organizationId"] == organization_id]
        return any(row[self.table.key] != but for row in same)

    def insert(self, ctx: Context, values: Row) -> Row:
        row = {self.table.key: new_id(), "name": values["name"], "providerType": values["config"]["providerType"]}
        row |= values | {"organizationId": ctx.identity.organization_id, "createdAt": now()}
        if self._taken(row["name"], row["organizationId"]):
            raise internal(sql_errors.failed_insert(self.name, self.columns, _as_text(row)))
        return self.table.insert(row)

    def update(self, row: Row, values: Row) -> Row:
        values = {"name": row["name"], **values, "providerType": values["config"]["providerType"]}
        key = row[self.table.key]
        if self._taken(values["name"], row["organizationId"], but=key):
            raise internal(sql_errors.failed_update(self.name, self.columns, _as_text(values), self.table.key, key))
        return self.table.update(row, values)

    def by_name(self) -> list[Row]:
        return [masked(row) for row in sorted(self.table, key=lambda row: str(row["name"]))]
