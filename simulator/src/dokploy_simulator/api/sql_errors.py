# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The raw SQL that Dokploy returns when a foreign key does not exist, with the values in clear text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

# Columns whose database name differs from their name in the API.
DATABASE_NAMES = {
    ("application", "previewCertificateType"): "certificateType",
    ("mysql", "databaseRootPassword"): "rootPassword",
    ("mariadb", "databaseRootPassword"): "rootPassword",
    ("redis", "databasePassword"): "password",
}


def _name(table: str, column: str) -> str:
    return f'"{DATABASE_NAMES.get((table, column), column)}"'


def _param(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "{" + ",".join(f'"{item}"' for item in value) + "}"
    return str(value)


# Foreign key -> table and column that it points at.
TARGETS = {
    "environmentId": ("environment", "environmentId"),
    "projectId": ("project", "projectId"),
    "organizationId": ("organization", "id"),
    "applicationId": ("application", "applicationId"),
    "composeId": ("compose", "composeId"),
    "destinationId": ("destination", "destinationId"),
    "userId": ("user", "id"),
    "customGitSSHKeyId": ("ssh-key", "sshKeyId"),
    **dict.fromkeys(("serverId", "buildServerId"), ("server", "serverId")),
    **dict.fromkeys(("registryId", "rollbackRegistryId", "buildRegistryId"), ("registry", "registryId")),
    **{f"{kind}Id": (kind, f"{kind}Id") for kind in ("github", "gitlab", "gitea", "bitbucket")},
}


def violation(table: str, column: str) -> str:
    """PostgreSQL's own words, which releases before 0.28 show alone."""
    target, key = TARGETS.get(column, (column.removesuffix("Id"), column))
    constraint = f"{table}_{column}_{target}_{key}_fk"
    return f'insert or update on table "{table}" violates foreign key constraint "{constraint}"'


def refused_update(
    raw: bool, table: str, columns: Iterable[str], values: dict[str, Any], where: dict[str, str], broken: str
) -> str:
    """Why an update fails: ``broken`` points at nothing. ``raw``: with the statement; ``where``: key and value."""
    if not raw:
        return violation(table, broken)
    ((key, row_id),) = where.items()
    return failed_update(table, columns, values, key, row_id)


def refused_insert(raw: bool, table: str, columns: Iterable[str], values: dict[str, Any], broken: str) -> str:
    return failed_insert(table, columns, values) if raw else violation(table, broken)


def failed_update(table: str, columns: Iterable[str], values: dict[str, Any], key: str, row_id: str) -> str:
    """``columns``: all columns of the table in order; ``values``: what was to be set."""
    columns = list(columns)
    given = [column for column in columns if column in values]
    parts = ", ".join(f"{_name(table, column)} = ${number}" for number, column in enumerate(given, 1))
    returning = ", ".join(_name(table, column) for column in columns)
    params = ",".join([*(_param(values[column]) for column in given), row_id])
    where = f'"{table}"."{key}" = ${len(given) + 1}'
    return f'Failed query: update "{table}" set {parts} where {where} returning {returning}\nparams: {params}'


def failed_insert(table: str, columns: Iterable[str], values: dict[str, Any]) -> str:
    """``values`` holds what the request or the schema's own default function gave; the rest is ``default``."""
    columns = list(columns)
    number = 0
    places = []
    for column in columns:
        if column in values:
            number += 1
            places.append(f"${number}")
        else:
            places.append("default")
    names = ", ".join(_name(table, column) for column in columns)
    params = ",".join(_param(values[column]) for column in columns if column in values)
    values_list = ", ".join(places)
    return f'Failed query: insert into "{table}" ({names}) values ({values_list}) returning {names}\nparams: {params}'
