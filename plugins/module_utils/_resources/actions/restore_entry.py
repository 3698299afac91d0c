# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""An entry of C(archives.yml) as the options of a restore: its file, and what that is restored into. Pure."""

from __future__ import annotations

from typing import Any, Dict, Mapping, Optional

from ..._engine.diff import Row
from ..._errors import OptionError, Refused
from ..._model.resource import Resource
from ..archive_kinds.kinds import VOLUME
from ..backups.archive_logins import refuse_definers, refuse_origin
from ..backups.archives_file import SavedArchive
from ..backups.archives_reader import read_archive
from ..services.application import APPLICATION
from ..services.compose import COMPOSE

# What only a document can restore, since jobs copy its files.
_BY_JOBS = "It is restored by dokploy_manifest with archives, which copies files by a job."


def entry_of(params: Mapping[str, Any]) -> Optional[SavedArchive]:
    """The entry that the option C(from) has.

    :raises OptionError: it has mistakes, or another option says the same.
    """
    if params["from"] is None:
        return None
    stated = [name for name in ("before", "prefix", "folder") if params[name] is not None]
    stated += ["file"] if params["file"] != "latest" else []
    if stated:
        raise OptionError("from and %s are mutually exclusive" % stated[0])
    return read_archive(params["from"], "from")


def with_entry(params: Mapping[str, Any], entry: SavedArchive, resource: Resource, row: Row) -> Dict[str, Any]:
    """The options with what an entry says, where they do not say it.

    :param row: of the service into which it is restored.
    :raises OptionError: it is an archive of something else. :raises Refused: nothing but a document can restore it.
    """
    if entry.archive_kind.is_copied:
        raise Refused("from: an archive of the method %s cannot be restored here" % entry.method, hint=_BY_JOBS)
    file = {"file": entry.file}
    if entry.what == VOLUME:
        return {**params, **file, "volume": params["volume"] or own_volume(entry, str(row.get("appName")))}
    if params["volume"] is not None:
        raise OptionError("from: it is an archive of a database, and volume is stated")
    if resource is COMPOSE:
        return {**params, **file, **_in_stack(params, entry)}
    if resource is APPLICATION or resource.kind != entry.database_type:
        message = "from: it is an archive of a %s database, and is to be restored into %s"
        raise OptionError(message % (entry.database_type, resource.labels))
    return {**params, **file}


def _in_stack(params: Mapping[str, Any], entry: SavedArchive) -> Dict[str, Any]:
    """What locates the database in a stack."""
    kind, database = str(entry.database_type), entry.database
    if params["database_type"] not in (None, kind):
        raise OptionError("from: it is an archive of a %s database, not of %s" % (kind, params["database_type"]))
    known = {"database_type": kind, "service": params["service"] or entry.service}
    known["database_name"] = params["database_name"] or (database.name if database else None)
    if kind == "postgres" and params[kind] is None and database is not None and database.user:
        return {**known, kind: {"user": database.user}}
    return known


def own_volume(entry: SavedArchive, app_name: str) -> str:
    """The name of a volume beside a service: where it began with that of the saved one, it begins with this one."""
    folder, volume = entry.file.partition("/")[0], str(entry.volume)
    saved = folder[: -len(entry.service) - 1] if entry.service and folder.endswith("_" + entry.service) else folder
    own = volume[len(saved) :]
    return app_name + own if saved and volume.startswith(saved) and own[:1] in ("-", "_") else volume


def refuse_other(entry: SavedArchive, file: Mapping[str, Any], destination: Mapping[str, Any]) -> None:
    """:raises Refused: the destination is another one, or the file is not as it was saved."""
    bucket = entry.destination.bucket
    if destination.get("bucket") not in (None, bucket):
        text = "destination: its bucket is %s, and the archive is in %s"
        raise Refused(text % (destination["bucket"], bucket), hint="Name the destination of this bucket.")
    if file["size"] != entry.size:
        text = "from: %s has %d bytes now, and had %d when it was saved"
        raise Refused(text % (entry.file, file["size"], entry.size), hint="Nothing was restored.")


def refuse_login(entry: SavedArchive, resource: Resource, row: Row, body: Mapping[str, Any]) -> None:
    """:param row: of the service into which it is restored. :param body: that of the restore.
    :raises Refused: the data needs another user, or has another one.
    """
    what = "from: the archive %s" % entry.file
    login = (body.get("metadata") or {}).get(entry.database_type) or {}
    refuse_definers(entry, login.get("databaseUser") if resource is COMPOSE else row.get("databaseUser"), what)
    if resource.kind:
        refuse_origin(entry, row, what)
