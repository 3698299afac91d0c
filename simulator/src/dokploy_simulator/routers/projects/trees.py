# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the reads of projects and environments show of the services in them.

Releases before 0.28.3 show complete rows, env and passwords included; the newest a few columns of each.
"""

from __future__ import annotations

from ...api.services import DATABASES
from ...store.store import Row, Store
from ..procedures import Context

# The plural under which an environment lists each kind of service, in the order of project.all.
LISTS = {
    "applications": "application",
    "mariadb": "mariadb",
    "mongo": "mongo",
    "mysql": "mysql",
    "postgres": "postgres",
    "redis": "redis",
    "compose": "compose",
    "libsql": "libsql",
}
SERVICE_COLUMNS = ("name", "description", "appName", "createdAt", "serverId", "applicationStatus")


def sees_all(ctx: Context) -> bool:
    return ctx.identity.role in ("owner", "admin")


def sees(ctx: Context, what: str, row_id: str) -> bool:
    """Whether the key may see one of the ``Projects``, ``Environments`` or ``Services``; a member only what is listed
    in the row of the membership (source)."""
    if sees_all(ctx):
        return True
    (member,) = ctx.store.members.of("userId", ctx.identity.user_id)
    return row_id in member[f"accessed{what}"]


def seen(ctx: Context, environment: Row) -> Row:
    """An environment without the services that the key may not see."""
    if sees_all(ctx):
        return environment
    visible = {
        name: [row for row in environment[name] if sees(ctx, "Services", row[f"{kind}Id"])]
        for name, kind in LISTS.items()
    }
    return {**environment, **visible}


def pick(row: Row, columns: tuple[str, ...]) -> Row:
    return {column: row[column] for column in columns if column in row}


def status_column(kind: str) -> str:
    return "composeStatus" if kind == "compose" else "applicationStatus"


def lists(store: Store, environment_id: str, columns: dict[str, tuple[str, ...]], server: tuple[str, ...] = ()) -> Row:
    """The services of an environment by list name, each with the columns of its kind."""
    result: Row = {}
    for name, kind in LISTS.items():
        rows = []
        for row in store.services[kind].of("environmentId", environment_id):
            entry = pick(row, columns[kind])
            if server:
                home = store.servers.get(row["serverId"] or "")
                entry["server"] = pick(home, server) if home else None
            rows.append(entry)
        result[name] = rows
    return result


def complete(store: Store, environment_id: str, domains: bool = False, running: bool = False) -> Row:
    """The services with all their columns; ``domains``: of applications and compose, too; ``running``: and their
    deployments and server."""
    result: Row = {}
    for name, kind in LISTS.items():
        rows = []
        for row in store.services[kind].of("environmentId", environment_id):
            entry, key = dict(row), f"{kind}Id"
            if kind in ("application", "compose"):
                if domains:
                    entry["domains"] = store.domains.of(key, row[key])
                if running:
                    entry["deployments"] = store.deployments.of(key, row[key])
            if running:
                entry["server"] = store.servers.get(row["serverId"] or "")
            rows.append(entry)
        result[name] = rows
    return result


def _columns(base: tuple[str, ...], icons: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    table = {kind: (f"{kind}Id", *base) for kind in ("application", *DATABASES)}
    table["compose"] = ("composeId", *base, "composeStatus")
    return {kind: (*columns, "icon") if kind in icons else columns for kind, columns in table.items()}


SLIM: dict[str, tuple[str, ...]] = {kind: (f"{kind}Id", "name", status_column(kind)) for kind in LISTS.values()}
# project.all of an owner or administrator has only the ids of databases; a member's has their names too (source).
BARE = {**SLIM, **{kind: (f"{kind}Id",) for kind in DATABASES}}
IN_PROJECT = _columns(SERVICE_COLUMNS, ("application",))
IN_LIST = _columns(SERVICE_COLUMNS, ("application", "compose"))
IN_ENVIRONMENT = _columns(
    ("name", "createdAt", "applicationStatus", "description", "serverId"), ("application", "compose")
)
FOR_PERMISSIONS = _columns(SERVICE_COLUMNS, ())
