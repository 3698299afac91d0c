# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What several routers do alike."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

from ..api.errors import ProcedureError, internal, not_found
from ..store.store import Row, Store, Table
from .procedures import Context

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def seconds_of(since: str) -> float:
    return math.inf if since == "all" else int(since[:-1]) * UNITS[since[-1]]


def log_text(lines: list[str], data: Row, container: str) -> str:
    """``docker logs`` as ``tail`` and ``search`` want it. Looked for in what ``tail`` left; a search that finds nothing
    fails, as grep does."""
    tail = data.get("tail", 100)
    lines = lines[-int(tail) :]
    if data.get("search"):
        lines = [line for line in lines if data["search"].lower() in line.lower()]
        if not lines:
            raise internal(
                f"Command execution failed: Command failed: docker container logs --timestamps --tail {tail}  "
                f"{container} 2>&1 | grep -iF '{data['search']}'\n"
            )
    return "".join(f"{line}\n" for line in lines)


def find(table: Table, row_id: str, problem: str, refuse: Callable[[str], ProcedureError] = not_found) -> Row:
    """The row of an ID. Raises ``refuse(problem)`` when there is none."""
    row = table.get(row_id)
    if row is None:
        raise refuse(problem)
    return row


def newest_first(rows: Iterable[Row]) -> list[Row]:
    """By ``createdAt``; of rows of one millisecond the later one is the newer."""
    return sorted(rows, key=lambda row: row["createdAt"])[::-1]


def pick_service(store: Store, kind: str, row: Row, *columns: str) -> Row | None:
    """The service of ``kind`` that a child row belongs to: its id, appName, serverId and further columns."""
    service = store.services[kind].get(row[f"{kind}Id"] or "")
    return {name: service[name] for name in (f"{kind}Id", "appName", *columns, "serverId")} if service else None


def service_of(ctx: Context, kind: str, row: Row, *columns: str) -> Row | None:
    """The same as a list shows it: older releases show the complete row."""
    if ctx.has("slim_joins"):
        return pick_service(ctx.store, kind, row, *columns)
    service = ctx.store.services[kind].get(row[f"{kind}Id"] or "")
    return dict(service) if service else None


def broken_keys(store: Store, values: Row) -> bool:
    """Whether a foreign key among the values points at nothing."""
    return any(not store.exists(name, value) for name, value in values.items())


def forget(ctx: Context, columns: tuple[str, ...], row_id: str) -> None:
    """The database sets references to a removed row to null."""
    for table in (*ctx.store.services.values(), ctx.store.servers):
        for row in table:
            for column in columns:
                if row.get(column) == row_id:
                    row[column] = None
