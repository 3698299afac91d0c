# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The whole state of a simulator at one moment: compare it with another moment, or restore it."""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Resource
from dokploy_simulator import Simulator
from dokploy_simulator.http.server import Server
from dokploy_simulator.routers.infrastructure.git_providers import GIT_KINDS
from dokploy_simulator.store.store import Store, Table

# Changed by reads: when a key was last used, which services its owner has seen.
_VOLATILE = ("keys_by_secret", "sessions", "counters", "services")
_VOLATILE_COLUMNS = {"api_keys": ("lastRequest", "requestCount", "remaining", "lastRefillAt", "updatedAt", "_last")}


_Copied = TypeVar("_Copied")


def _copy(value: _Copied) -> _Copied:
    """As deepcopy, several times as fast."""
    copied: _Copied = pickle.loads(pickle.dumps(value))
    return copied


# The tables of the last snapshot, by their names: most of a server stays as it is from one to the next.
_last: dict[str, tuple[bytes, dict[str, Any]]] = {}


def _copied(name: str, rows: Mapping[str, Any]) -> dict[str, Any]:
    """The rows of a table, the same ones as in the last snapshot if nothing has changed."""
    now = pickle.dumps(dict(rows))
    before, found = _last.get(name, (b"", {}))
    if before != now:
        found = pickle.loads(now)
        for row in found.values() if name in _VOLATILE_COLUMNS else ():
            row.update(dict.fromkeys(_VOLATILE_COLUMNS[name]))
        _last[name] = now, found
    return found


@dataclass(frozen=True)
class Change:
    """One column of one row, or (``column`` is ``None``) a row that came or went."""

    table: str
    row: str
    column: str | None = None


@dataclass(frozen=True)
class Snapshot:
    """Rows by table and id, and what is kept beside the tables (files, what Docker runs, jobs) as tables too."""

    tables: dict[str, dict[str, Any]]

    def rows(self, table: str, **columns: Any) -> list[dict[str, Any]]:
        """The rows with these values."""
        found = self.tables[table].values()
        return [row for row in found if all(row[name] == value for name, value in columns.items())]

    def changes_since(self, before: Snapshot) -> set[Change]:
        """The changes since an earlier snapshot."""
        changes = set()
        for table, rows in self.tables.items():
            old = before.tables[table]
            if rows is old:
                continue
            changes |= {Change(table, row_id) for row_id in rows.keys() ^ old.keys()}
            for row_id in rows.keys() & old.keys():
                new, was = rows[row_id], old[row_id]
                if new == was:
                    continue
                if not isinstance(new, dict) or not isinstance(was, dict):
                    changes.add(Change(table, row_id))
                    continue
                missing = object()
                columns = {name for name in new.keys() | was.keys() if new.get(name, missing) != was.get(name, missing)}
                changes |= {Change(table, row_id, column) for column in columns}
        return changes


def run_on_server_thread(sim: Simulator, what: Callable[[Server], Any]) -> Any:
    async def call() -> Any:
        return what(sim.server)

    assert sim._loop is not None
    return asyncio.run_coroutine_threadsafe(call(), sim._loop).result()


def _named(store: Store) -> dict[str, Any]:
    found = {**vars(store), **store.services}
    found["applications"] = found.pop("application")
    return found


# The names of the tables in snapshots, by the keys of their rows.
TABLES: dict[str, str] = {table.key: name for name, table in _named(Store()).items() if isinstance(table, Table)}


# Parts of a row with keys of their own.
TABLES |= {f"{kind}Id": "git_providers" for kind in GIT_KINDS}


def table_of_key(id_key: str) -> str:
    """The name of the table with the rows of an ID.

    :raises LookupError: the simulator has no table for them.
    """
    if id_key not in TABLES:
        raise LookupError(
            f"the simulator stores no rows with {id_key}: add a line self.NAME = Table({id_key!r}) to"
            " simulator/src/dokploy_simulator/store/store.py"
        )
    return TABLES[id_key]


# Of the resources whose tables all have the same key.
_TABLES_BY_NAME = {"user": "members", "organization": "organizations", "api_key": "api_keys"}


def table_name(resource: Resource) -> str:
    """The name of the table with the rows of a resource."""
    return _TABLES_BY_NAME.get(resource.name) or table_of_key(resource.id_key)


def table_of(store: Store, resource: Resource) -> Table:
    """The table with the rows of a resource."""
    found: Table = _named(store)[table_name(resource)]
    return found


def stored_row(rows: Mapping[str, Mapping[str, Any]], resource: Resource, resource_id: str) -> dict[str, Any]:
    """The row of a resource among those of its table, with its parts in one."""
    own = resource.listing.own(list(rows.values()))
    return next(row for row in own if row[resource.id_key] == resource_id)


def snapshot(sim: Simulator) -> Snapshot:
    """The current state."""
    return Snapshot(run_on_server_thread(sim, _tables))


def _tables(server: Server) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for name, value in _named(server.store).items():
        if name in _VOLATILE or not isinstance(value, (Table, dict, set)):
            continue
        rows = value.rows if isinstance(value, Table) else value
        found[name] = dict.fromkeys(rows) if isinstance(rows, set) else _copied(name, rows)
    running = {name: sorted(task.container for task in one.running()) for name, one in server.docker.services.items()}
    found["docker"] = {name: {**row, "tasks": running[name]} for name, row in server.docker.as_dict().items()}
    found["queue"] = {job.id: job.title for job in (*server.queue.waiting, *server.queue.active)}
    return found


def save_store(sim: Simulator) -> Store:
    """All rows, to be brought back with ``restore_store``; nothing may be built or run then."""
    kept: Store = run_on_server_thread(sim, lambda server: _copy(server.store))
    return kept


def restore_store(sim: Simulator, kept: Store) -> None:
    def change(server: Server) -> None:
        server.queue.shutdown()
        server.work_on(_copy(kept))

    run_on_server_thread(sim, change)
