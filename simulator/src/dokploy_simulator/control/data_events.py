# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Events of data: rows and files that are written, archives that others put, cut or remove. One function an event."""

from __future__ import annotations

from typing import Any

from ..http.server import Server
from ..jobs import backup_runs
from ..jobs.backup_runs import Place
from ..store.store import Row
from ..store.volumes import Volume
from ..world import archives
from ..world.containers import engines, redis_data
from ..world.docker import volume_data
from ..world.writers import Writer


def service(server: Server, wanted: str) -> tuple[str, Row]:
    """The kind and the row of a service, by id or by a name that only one of its kind has; an application is looked
    for first, then a compose, then a database. Raises ``ValueError``."""
    count = 0
    for kind, table in server.store.services.items():
        named = [row for row in table if wanted in (row[f"{kind}Id"], row["name"])]
        if len(named) == 1:
            return kind, named[0]
        count += len(named)
    raise ValueError(f"{count} services are called {wanted}")


def place_of(server: Server, wanted: str, service_name: str | None) -> Place:
    """Where a database is, or one in a stack. Raises ``ValueError`` for what has no rows."""
    kind, row = service(server, wanted)
    if kind == "compose":
        if service_name is None:
            raise ValueError(f"{wanted} is a stack: service_name says which of its services")
        return backup_runs.of_compose(server, row, "postgres", service_name)
    if kind == "application":
        raise ValueError(f"{wanted} is an application, which has no rows")
    return backup_runs.of_database(server, kind, row)


def insert(
    server: Server, wanted: str, table: str = "rows", count: int = 1, service_name: str | None = None
) -> dict[str, Any]:
    """``{"insert": SERVICE, "table"?, "count"?, "service_name"?}``: a client adds so many numbered rows to a table of
    a database, or of the database that is a service of a stack. Returns the numbers that it has acknowledged. Raises
    ``ValueError`` when nothing runs there."""
    place = place_of(server, wanted, service_name)
    if place.container is None:
        raise ValueError(f"{wanted} does not run")
    known = rows(server, wanted, table, service_name)
    last = max(map(int, known), default=0)
    numbers = [str(number) for number in range(last + 1, last + count + 1)]
    if place.kind == "redis":
        engines.add_keys(server.store, server.docker.services[place.row["appName"]].running()[-1], numbers)
    else:
        data = volume_data.written(server.store, place.volume)
        data.engine = data.engine or place.kind
        data.rows(table).extend(numbers)
    return {"rows": numbers}


def view(server: Server, wanted: str, name: str, definer: str = "", service_name: str | None = None) -> dict[str, Any]:
    """``{"view": SERVICE, "name": NAME, "definer"?, "service_name"?}``: a client defines a view; its definer is the
    user of the database where none is named."""
    place = place_of(server, wanted, service_name)
    user = definer or (place.login or place.row).get("databaseUser") or ""
    volume_data.written(server.store, place.volume).views[name] = user
    return {"view": name, "definer": user}


def routine(server: Server, wanted: str, name: str, kind: str = "procedure") -> dict[str, Any]:
    """``{"routine": DATABASE, "name": NAME, "kind"?}``: a client defines a ``procedure``, ``function`` or ``event``."""
    volume_data.written(server.store, place_of(server, wanted, None).volume).routines[name] = kind
    return {"routine": name, "kind": kind}


def write(server: Server, volume: str, data: str, path: str = "") -> dict[str, Any]:
    """``{"write": VOLUME, "data": TEXT, "path"?}``: what runs on a volume writes a file, or changes all that is in it.
    A folder of Dokploy's host is named by its path; with the path ``/``, it is a single file."""
    content = volume_data.mounted(server.store, volume)
    if path:
        content.files[path.lstrip("/")] = data
    else:
        content.become(Volume(data, engine=content.engine, login=content.login))
    return {"volume": volume}


def destination_of(server: Server, name: str) -> Row:
    """Raises ``ValueError`` when none has the name."""
    named = [row for row in server.store.destinations if row["name"] == name]
    if not named:
        raise ValueError(f"there is no destination {name}")
    return named[0]


def files_of(server: Server, destination: str) -> dict[str, str]:
    return server.buckets.of(destination_of(server, destination))


def put(server: Server, path: str, destination: str, data: str = "", random: bool = False) -> dict[str, Any]:
    """``{"put": PATH, "destination": NAME, "data"?, "random"?}``: someone puts a file into a destination's bucket. What
    reads it takes it for an archive of its own kind, unless it is of ``random`` bytes."""
    files_of(server, destination)[path] = f"{archives.BYTES}\n{data}" if random else data
    return {"path": path}


def cut(server: Server, path: str, destination: str, between: bool = False) -> dict[str, Any]:
    """``{"cut": PATH, "destination": NAME, "between"?}``: of a file of a bucket only the first half is left, which
    ends in the middle of a statement or of a file, or ``between`` two of them."""
    files = files_of(server, destination)
    if path not in files:
        raise ValueError(f"there is no {path} in {destination}")
    files[path] = archives.cut(files[path], between)
    return {"path": path}


def discard(server: Server, path: str, destination: str) -> dict[str, Any]:
    """``{"discard": PATH, "destination": NAME}``: someone removes a file from a bucket."""
    if files_of(server, destination).pop(path, None) is None:
        raise ValueError(f"there is no {path} in {destination}")
    return {"path": path}


def outage(server: Server, destination: str, problem: str) -> dict[str, Any]:
    """``{"outage": DESTINATION, "problem": TEXT}``: from now on its bucket refuses connections (``refused``), does not
    answer (``silent``) or is gone (``bucket``); with an empty text it is back."""
    if problem not in ("refused", "silent", "bucket", ""):
        raise ValueError(f"a problem is refused, silent, bucket or empty, got {problem!r}")
    row = destination_of(server, destination)
    server.buckets.outages[row["endpoint"], row["bucket"]] = problem
    return {"destinationId": row["destinationId"]}


def writer(
    server: Server,
    name: str,
    database: str = "",
    table: str = "rows",
    service_name: str | None = None,
    volume: str = "",
    path: str = "log",
    ends: bool = False,
) -> dict[str, Any]:
    """``{"writer": NAME, "database": SERVICE, "table"?, "service_name"?}`` or ``{"writer": NAME, "volume": VOLUME,
    "path"?}``: from now on a client adds a row with each call of a procedure, as long as the database runs, or a
    container that has the volume writes a line. ``ends``: it writes no more. Returns what it has been acknowledged."""
    if ends:
        return {"acknowledged": server.writers.pop(name).acknowledged}
    if name in server.writers:
        return {"acknowledged": list(server.writers[name].acknowledged)}
    if database:
        server.writers[name] = _row_writer(server, database, table, service_name)
    elif volume:
        server.writers[name] = _line_writer(server, volume, path)
    else:
        raise ValueError("a writer writes to a database or to a volume")
    return {"acknowledged": []}


def _row_writer(server: Server, database: str, table: str, service_name: str | None) -> Writer:
    def place() -> Place | None:
        try:
            return place_of(server, database, service_name)
        except ValueError:
            return None

    def runs() -> bool:
        there = place()
        return there is not None and there.container is not None

    def write() -> str | None:
        return insert(server, database, table, service_name=service_name)["rows"][0] if runs() else None

    def changed() -> str | None:
        """A Redis writes to its volume only where it has a log."""
        there = place()
        service = server.docker.services.get(there.row["appName"]) if there and there.kind == "redis" else None
        if there is None or (service is not None and not redis_data.has_log(service.spec["TaskTemplate"])):
            return None
        return there.volume

    return Writer(write, changed, runs)


def _line_writer(server: Server, volume: str, path: str) -> Writer:
    def runs() -> bool:
        return any(user.state == "running" for user in volume_data.users(server.docker, volume))

    def write() -> str | None:
        if not runs():
            return None
        files = volume_data.mounted(server.store, volume).files
        line = str(files.get(path, "").count("\n") + 1)
        files[path] = f"{files.get(path, '')}{line}\n"
        return line

    return Writer(write, lambda: volume, runs)


def rows(server: Server, wanted: str, table: str = "rows", service_name: str | None = None) -> list[str]:
    """The rows of a table of a database, also of one that does not run. Of a Redis, which has no tables, the keys in
    its memory, or those of its dump while it does not run."""
    place = place_of(server, wanted, service_name)
    volume = server.store.volumes.get(place.volume) or Volume()
    if place.kind != "redis":
        return list(volume.tables.get(table, ()))
    if place.container is None:
        return redis_data.unpacked(volume.files.get(redis_data.DUMP, ""))
    return list(engines.keys(server.store, server.docker.services[place.row["appName"]].running()[-1]))


def data(server: Server) -> dict[str, Any]:
    """``{VOLUME: {"text", "files", "engine", "tables", "views", "routines"}}``, and so of each folder of the host."""
    places = {**server.store.volumes, **server.store.host_folders}
    return {name: volume.as_dict() for name, volume in places.items()}
