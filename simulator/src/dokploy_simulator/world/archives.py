# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files of a bucket: dumps of databases and tar files of volumes, as texts that can be cut anywhere.

The first line says what it is, each further one is an entry in JSON: a statement of a dump, or a file of a tar; the
last is ``["end"]``. Any other text, such as one that a test has put there, is taken for an archive of its own
kind by whatever reads it.

How the engines take what they get was measured on 0.30.2 (``dokploy-data.md``, 5).
"""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from ..store.volumes import OTHER_FILE, Volume

TAR, BYTES, CUT = "ustar", "random bytes", "cut off"
EMPTY_TAR = 10240
"""Bytes of a tar file without a file in it."""
DUMPS = {
    "postgres": "PGDMP",
    "mysql": "-- MySQL dump",
    "mariadb": "-- MariaDB dump",
    "mongo": "mongodump",
    "libsql": TAR,
}
SQL = ("mysql", "mariadb")
_FORMS = frozenset((TAR, BYTES, CUT, *DUMPS.values()))


@dataclass(frozen=True)
class Archive:
    """What is read of a file. ``form``: its first line, empty for a text of a test; ``whole``: whether it has its end;
    ``inside``: whether it ends in the middle of an entry."""

    form: str
    entries: list[list[Any]]
    whole: bool
    inside: bool


def read(content: str) -> Archive:
    form, _end, rest = content.partition("\n")
    if form not in _FORMS:
        return Archive("", [["text", content]] if content else [], bool(content), False)
    if form in (BYTES, CUT):
        return Archive("" if form == CUT else form, [], False, form == CUT)
    entries: list[list[Any]] = []
    for line in rest.splitlines():
        try:
            entries.append(json.loads(line))
        except ValueError:
            return Archive(form, entries, False, True)
    whole = bool(entries) and entries[-1] == ["end"]
    return Archive(form, entries[:-1] if whole else entries, whole, False)


def _text(form: str, entries: list[list[Any]]) -> str:
    return "".join(f"{line}\n" for line in (form, *map(json.dumps, [*entries, ["end"]])))


def dump(kind: str, volume: Volume) -> str:
    """What the dump program of a kind of database writes. PostgreSQL has all tables in front of all rows."""
    tables = [["table", name] for name in volume.tables]
    rows = [["rows", name, list(values)] for name, values in volume.tables.items()]
    if kind in SQL:
        ordered = [entry for pair in zip(tables, rows, strict=True) for entry in pair]
    else:
        ordered = [*tables, *rows]
    views = [["view", *view] for view in volume.views.items()]
    return _text(DUMPS[kind], [*([["text", volume.text]] if volume.text else []), *ordered, *views])


def tar(volume: Volume) -> str:
    """All that is in a volume; of a database with its login."""
    entries: list[list[Any]] = [["file", path, content] for path, content in sorted(volume.files.items())]
    if volume.text:
        entries.insert(0, ["text", volume.text])
    if volume.engine or volume.tables or volume.views or volume.routines:
        entries.append(["engine", volume.engine, volume.tables, volume.views, volume.routines, volume.login])
    return _text(TAR, entries)


def cut(content: str, between: bool = False) -> str:
    """The first half of a file, up to the middle of an entry or (``between``) to the end of one."""
    form, _end, rest = content.partition("\n")
    lines = rest.splitlines(keepends=True)
    if form not in _FORMS:
        return f"{CUT}\n{content[: len(content) // 2]}"
    half = len(lines) // 2
    part = "" if between or half >= len(lines) else lines[half][: len(lines[half]) // 2]
    return "".join((f"{form}\n", *lines[:half], part))


def size(path: str, content: str) -> int:
    """The bytes that a list of the bucket shows."""
    if not path.endswith(".tar"):
        return len(content)
    return EMPTY_TAR if content == _text(TAR, []) else EMPTY_TAR + len(content)


def state(content: str) -> str:
    """``Volume.state`` of what is in a file; of a text that a test has put there the text."""
    archive, volume = read(content), Volume()
    if not archive.form or not archive.whole:
        return content
    if archive.form == TAR:
        unpack(volume, content)
    else:
        _execute(volume, archive.entries)
    return volume.state


# --- what reads them -------------------------------------------------------------------------------------------------


def _execute(volume: Volume, entries: list[list[Any]]) -> None:
    """The statements of a dump. Tables that are not in it stay (measured)."""
    for entry in entries:
        if entry[0] == "text":
            volume.text = entry[1]
        elif entry[0] == "table":
            volume.tables[entry[1]] = []
        elif entry[0] == "rows":
            volume.tables[entry[1]] = list(entry[2])
        elif entry[0] == "view":
            volume.views[entry[1]] = entry[2]


def load(kind: str, volume: Volume, content: str | None, user: str, login_user: str) -> str:
    """Restore a dump into a database as its client program does; why it fails: ``missing``, ``foreign``, ``cut`` or
    ``definer``, or nothing. MySQL and MariaDB take a file that is missing or another for nothing to do.

    :param user: who restores, and is the user of the objects of PostgreSQL; ``login_user`` the user of the database.
    """
    archive = read(content or "")
    if kind in SQL:
        return _load_sql(kind, volume, archive, user, login_user)
    if kind == "libsql" and archive.form == TAR:
        return "" if unpack(volume, content or "") else "cut"
    if not content:
        return "missing"
    if archive.form not in ("", DUMPS[kind]):
        return "foreign"
    if archive.whole:
        _execute(volume, archive.entries)
        volume.views.update(dict.fromkeys(volume.views, login_user))
        return ""
    # The tables were dropped and created before their rows are read.
    if not archive.form:
        volume.text = ""
        volume.tables = {table: [] for table in volume.tables}
    for table in [entry[1] for entry in archive.entries if entry[0] == "table"]:
        volume.tables[table] = []
    if any(entry[0] == "text" for entry in archive.entries):
        volume.text = ""
    return "cut"


def _load_sql(kind: str, volume: Volume, archive: Archive, user: str, login_user: str) -> str:
    if archive.form not in ("", DUMPS["mysql"], DUMPS["mariadb"]):
        return ""
    views = [entry for entry in archive.entries if entry[0] == "view"]
    _execute(volume, [entry for entry in archive.entries if entry[0] != "view"])
    if archive.inside and not archive.form:
        volume.text = ""
    for view in views:
        if user != "root" and view[2] != login_user:
            # Everything before it is in, it and what comes after it is not.
            return "definer"
        _execute(volume, [view])
    return "cut" if archive.inside else ""


def interrupt(kind: str, volume: Volume, content: str | None) -> None:
    """The container is killed while a dump is restored: the tables that were dropped are not there (measured)."""
    archive = read(content or "")
    if archive.form in ("", DUMPS[kind]) and archive.entries:
        volume.text = "" if any(entry[0] == "text" for entry in archive.entries) else volume.text
        for table in [entry[1] for entry in archive.entries if entry[0] == "table"]:
            volume.tables.pop(table, None)


def unpack(volume: Volume, content: str) -> bool:
    """Extract a tar file into a volume, a cut one up to where it ends. Whether tar ends well."""
    archive = read(content)
    if archive.form not in ("", TAR):
        return False
    for entry in archive.entries:
        if entry[0] == "text":
            volume.text = entry[1]
        elif entry[0] == "file":
            volume.files[entry[1]] = entry[2]
        elif entry[0] == "engine":
            volume.engine, tables, views, routines, volume.login = deepcopy(entry[1:])
            volume.tables, volume.views, volume.routines = tables, views, routines
    return archive.whole


def listed(content: str) -> list[str]:
    """The names that tar shows while it extracts."""
    names = [entry[1] if entry[0] == "file" else OTHER_FILE for entry in read(content).entries]
    return ["./", *(f"./{name}" for name in names)]
