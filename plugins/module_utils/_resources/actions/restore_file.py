# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The file of a destination from which something is restored."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from typing import Any, Callable, Dict, List, Mapping, Optional

from ..._engine.diff import Row
from ..._errors import OptionError, enumerated, known_names
from ..._values.timestamps import instant
from ..infrastructure.bucket_files import (
    file_view,
    latest_stamp,
    names_of_any_volume,
    newest_file,
    stamp_of,
    volume_of,
)

_OWN_BACKUP = re.compile(r"webserver-backup-.*\.zip\Z")


@dataclass(frozen=True)
class RestoreSource:
    """What is restored from which files: those in C(folder) whose names match C(names)."""

    folder: str
    names: str
    procedure: str
    body: Mapping[str, Any]
    file_key: str


def before(params: Mapping[str, Any]) -> str:
    """The time before which the file was made, as it stands in names of files."""
    if params["before"] is None:
        return latest_stamp()
    if params["file"] != "latest":
        raise OptionError("before and file are mutually exclusive")
    try:
        return stamp_of(instant(params["before"]))
    except ValueError as error:
        raise OptionError("before: %s" % error) from None


def file_of(
    listed: Callable[[str, str], List[Row]], source: RestoreSource, params: Mapping[str, Any], until: str
) -> Dict[str, Any]:
    """The file to restore from.

    :raises OptionError: there is none.
    """
    folder, wanted = source.folder, params["file"]
    if wanted == "latest":
        file = newest_file(partial(listed, folder), source.names, until)
        if file is None and params["volume"] and params["folder"] is not None:
            file = _newest_of_another(partial(listed, folder), until)
        if file is None:
            when = " before %s" % params["before"] if params["before"] else ""
            what = " of volume %s" % params["volume"] if params["volume"] else ""
            message = "file: there is no backup%s in %r%s" % (what, folder, when)
            raise OptionError(message, hint=_others(listed, folder, params))
        return _with_content(file)
    if _OWN_BACKUP.search(wanted):
        raise OptionError(
            "file: %s is a backup of Dokploy itself, which this module does not restore" % wanted,
            hint="It would replace the database and the files of the server that answers. Use Dokploy's web interface.",
        )
    if "/" in wanted:
        folder, _slash, wanted = wanted.strip("/").rpartition("/")
    rows = listed(folder, wanted)
    file = next((row for row in rows if row["Name"] == wanted and not row["IsDir"]), None)
    if file is None:
        rows = rows or listed(folder, "")
        names = (str(row["Name"]) for row in rows)
        hint = known_names(wanted, names, " in that folder") if rows else _others(listed, folder, params)
        raise OptionError("file: there is no %r in the folder %r" % (wanted, folder), hint=hint)
    return _with_content(file)


def _with_content(file: Row) -> Dict[str, Any]:
    """:raises OptionError: the file is empty."""
    if not file["Size"]:
        raise OptionError("file: %s is empty" % file["Path"], hint="Nothing was restored. Restore another one.")
    return file_view(file)


def _newest_of_another(listed: Callable[[str], List[Row]], until: str) -> Optional[Row]:
    """The newest archive of a volume of another name, as the same volume has on another server.

    :raises OptionError: the folder has archives of several volumes.
    """
    known: Dict[str, List[Row]] = {}

    def once(part: str) -> List[Row]:
        if part not in known:
            known[part] = listed(part)
        return known[part]

    file = newest_file(once, names_of_any_volume(), until)
    if file is None:
        return None
    volume = volume_of(file)
    other = newest_file(once, names_of_any_volume(but=volume), until)
    if other is not None:
        names = enumerated(sorted((volume, volume_of(other))))
        text = "file: the folder has archives of several volumes: %s"
        raise OptionError(text % names, hint="Name the file, or set volume to one of these names.")
    return file


def _others(listed: Callable[[str, str], List[Row]], folder: str, params: Mapping[str, Any]) -> str:
    """What there is instead: in the folder, or else in the nearest one around it that exists."""

    def names(place: str) -> List[str]:
        return sorted("%s%s" % (row["Name"], "/" if row["IsDir"] else "") for row in listed(place, ""))

    entries, nearest = names(folder), folder
    if entries:
        return "The folder has %s." % enumerated(entries)
    while nearest and not entries:
        nearest = nearest.rpartition("/")[0]
        entries = names(nearest)
    there = "%s has %s" % (repr(nearest) if nearest else "The bucket", enumerated(entries) or "nothing in it")
    parts = "prefix and service" if params["compose"] or params["compose_id"] else "prefix"
    return "There is no such folder. %s. Check %s, or set folder." % (there, parts)
