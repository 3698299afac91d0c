# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The archives of a recovery in their buckets, looked at before anything is restored.

Dokploy removes a volume before it downloads the archive, takes an archive that does not exist for an empty volume, and
reports the restore of a MySQL dump that does not exist as a success (measured on 0.30.2).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Dict, List, Sequence, Tuple, Union

from ..._engine.runner import Context
from ..._errors import DokployError, Refused
from ..._values.timestamps import instant
from ..backups.archives_file import SavedArchive
from ..infrastructure.bucket_files import STAMP, file_view, in_requests, list_files, list_together, newest_file
from .words import what_of


@dataclass(frozen=True)
class Placed:
    """An archive, and the ID of the destination of this server that has it."""

    archive: SavedArchive
    destination_id: str

    @property
    def folder(self) -> str:
        return self.archive.file.rpartition("/")[0]

    @property
    def name(self) -> str:
        return self.archive.file.rpartition("/")[2]


def refuse_kind(archive: SavedArchive) -> None:
    """:raises Refused: the name of the file is none of an archive of this kind."""
    ending = archive.archive_kind.ending_of(archive.database_type)
    if not archive.file.endswith(ending):
        raise Refused("%s: %s is an archive of another kind; it ends in %s" % (what_of(archive), archive.file, ending))


def look_up(placed: Sequence[Placed], context: Context) -> List[Union[None, DokployError]]:
    """Why each archive cannot be restored from; C(None) where it is in the bucket as it was saved.

    The first list of a destination tells whether its bucket answers, which may take 90 seconds.
    """
    problems: Dict[int, Union[None, DokployError]] = {}
    silent: Dict[str, Union[None, DokployError]] = {}
    rest: List[int] = []
    for number, item in enumerate(placed):
        if item.destination_id not in silent:
            problems[number], silent[item.destination_id] = _looked_up(item, context)
        elif silent[item.destination_id] is None:
            rest.append(number)
        else:
            problems[number] = silent[item.destination_id]
    for part in in_requests(rest):
        searches = [(placed[number].destination_id, placed[number].archive.file) for number in part]
        for number, answer in zip(part, list_together(context, searches)):
            if isinstance(answer, DokployError):
                problems[number] = _looked_up(placed[number], context)[0]
            else:
                problems[number] = _judged(placed[number], answer)
    return [problems[number] for number in range(len(placed))]


def _looked_up(placed: Placed, context: Context) -> Tuple[Union[None, DokployError], Union[None, DokployError]]:
    """Why an archive cannot be restored from, and why its bucket cannot be listed."""
    try:
        return _judged(placed, list_files(context, placed.destination_id, placed.folder, placed.name)), None
    except DokployError as error:
        return error, error


def _judged(placed: Placed, rows: Sequence[Any]) -> Union[None, Refused]:
    """Why an archive cannot be restored from, by the list of its folder."""
    archive, what = placed.archive, what_of(placed.archive)
    row = next((row for row in rows if row["Name"] == placed.name and not row["IsDir"]), None)
    if row is None:
        hint = "Nothing was restored from it. Name an archive that exists, such as with archives_before."
        return Refused("%s: the bucket does not have %s any more" % (what, archive.file), hint=hint)
    if not row["Size"]:
        return Refused("%s: %s is empty" % (what, archive.file))
    if row["Size"] != archive.size:
        message = "%s: %s has %d bytes now, and had %d when it was saved"
        return Refused(message % (what, archive.file, row["Size"], archive.size))
    return None


def newest_before(placed: Placed, stamp: str, context: Context) -> Placed:
    """The newest archive of the same data before a time, in the folder of this one.

    :param stamp: the time, as in names of files.
    :raises Refused: there is none.
    """
    parts = re.split(STAMP, placed.name)
    # The time is in the middle, and of a name without one no other is known.
    names = "%s%s%s\\Z" % (re.escape(parts[0]), STAMP, re.escape(parts[-1])) if len(parts) > 1 else r"\Z"
    row = newest_file(partial(list_files, context, placed.destination_id, placed.folder), names, stamp)
    if row is None:
        message = "archives_before: %s has no archive in %s before that time"
        raise Refused(message % (what_of(placed.archive), placed.folder))
    file = file_view(row)
    if file["path"] == placed.archive.file:
        return placed
    # The set has seen nothing of what another archive has.
    facts = {"file": file["path"], "size": file["size"], "created_at": file["created_at"], "fingerprint": None}
    return replace(placed, archive=replace(placed.archive, **facts))


def spread(archives: Sequence[SavedArchive]) -> Tuple[str, str]:
    """The oldest and the newest time of archives."""
    times = sorted((archive.created_at for archive in archives), key=instant)
    return times[0], times[-1]
