# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The archives of existing sets: how many files of a folder stay for them, and which are gone from their buckets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Collection, Dict, List, Mapping, Optional, Sequence, Tuple

from ..._engine.runner import Context
from ..._errors import DokployError
from ..._model.argspec import Spec
from ..infrastructure.bucket_files import MOST_FILES
from .archives import Folders
from .archives_file import Bucket
from .destinations import Destination, bucket_of, destination_for

Row = Mapping[str, Any]

#: A set, as the option C(sets) has it.
SPEC: Spec = {
    "name": {"type": "str", "required": True},
    "archives": {"type": "list", "elements": "dict", "required": True},
}

_ELSEWHERE = "The server has no destination with the bucket %s at %s, so that its archives are not looked at."


@dataclass(frozen=True)
class Promise:
    """An archive of a set.

    :param set_name: C(None) for the set that is being made. :param archive: as C(archives.yml) has it.
    """

    set_name: Optional[str]
    archive: Row

    @property
    def file(self) -> str:
        return str(self.archive["file"])

    @property
    def folder(self) -> str:
        return self.file.rpartition("/")[0]

    @property
    def bucket(self) -> Bucket:
        return bucket_of(self.archive["destination"])


def promises_of(sets: Sequence[Row]) -> List[Promise]:
    """The archives of sets. :param sets: the value of the option."""
    return [Promise(str(other["name"]), archive) for other in sets for archive in other["archives"]]


def kept(rows: Sequence[Row], promised: Collection[str], keep: int) -> int:
    """How many files of a folder stay, with a new one, so that no archive of a set is removed.

    :param rows: the files before the new one. :param promised: the paths of the archives of sets.
    :param keep: how many stay at least.
    """
    # Dokploy keeps the last ones in the order of their names.
    newest = sorted((row for row in rows if not row["IsDir"]), key=lambda row: str(row["Name"]), reverse=True)
    needed = [number for number, row in enumerate(newest, 1) if row["Path"] in promised]
    if len(rows) >= MOST_FILES:
        # The list lacks the newest ones: all that are promised stay, with so many that no set has between them.
        return max(keep, len(promised) + MOST_FILES)
    return max([keep, *(number + 1 for number in needed)])


def gone(promises: Sequence[Promise], destinations: Sequence[Row], context: Context) -> List[Dict[str, Any]]:
    """The archives that are not in their buckets as they were saved, as results show them, with the reason.

    A folder is listed once. A destination that does not answer, or that is not there, is one entry.

    :param destinations: the rows of all.
    """
    known = [Destination(bucket_of(row), str(row["destinationId"])) for row in destinations]
    chosen = {promise.bucket: destination_for(promise.bucket, known) for promise in promises}
    ids = {bucket: destination.id for bucket, destination in chosen.items() if destination is not None}
    placed = [(ids[promise.bucket], promise) for promise in promises if promise.bucket in ids]
    folders = Folders(context)
    folders.read(list(dict.fromkeys((destination_id, promise.folder) for destination_id, promise in placed)))
    unread: Dict[Tuple[str, str], Dict[str, Any]] = {}
    missing = []
    for promise in promises:
        if promise.bucket not in ids:
            text = _ELSEWHERE % (promise.bucket.bucket, promise.bucket.endpoint)
            unread.setdefault((promise.bucket.bucket, text), _of_destination(promise, text))
    for destination_id, promise in placed:
        problem = folders.problems.get((destination_id, promise.folder))
        if problem is not None:
            unread.setdefault((destination_id, problem), _of_destination(promise, problem))
            continue
        reason = _why_gone(promise, folders, destination_id)
        if reason is not None:
            missing.append(_view(promise, reason))
    return [*unread.values(), *missing]


def _why_gone(promise: Promise, folders: Folders, destination_id: str) -> Optional[str]:
    place, name = (destination_id, promise.folder), promise.file.rpartition("/")[2]
    rows = folders.listed(place)
    row = _named(name, rows)
    if row is None and len(rows) >= MOST_FILES:
        try:
            row = _named(name, folders.listed(place, name))
        except DokployError as error:
            return str(error)
    if row is None:
        return "The bucket does not have it any more."
    if row["Size"] != promise.archive["size"]:
        return "It has %d bytes now, and had %d when it was saved." % (row["Size"], promise.archive["size"])
    return None


def _named(name: str, rows: Sequence[Row]) -> Optional[Row]:
    return next((row for row in rows if row["Name"] == name and not row["IsDir"]), None)


def _view(promise: Promise, reason: str) -> Dict[str, Any]:
    archive, database = promise.archive, promise.archive.get("database") or {}
    name = database.get("name") if archive["what"] == "database" else archive.get("volume") or archive.get("bind")
    named = {key: archive.get(key) for key in ("kind", "path", "what", "service", "file")}
    destination = archive["destination"].get("name")
    return {"set": promise.set_name, **named, "name": name, "destination": destination, "reason": reason}


def _of_destination(promise: Promise, reason: str) -> Dict[str, Any]:
    empty = dict.fromkeys(("set", "kind", "path", "what", "service", "file", "name"))
    return {**empty, "destination": promise.archive["destination"].get("name"), "reason": reason}


def line_of(entry: Row) -> str:
    """An archive that is gone, as a line."""
    if entry["file"] is None:
        return "destination %s: %s" % (entry["destination"], entry["reason"])
    own = "set %s" % entry["set"] if entry["set"] else "this set"
    return "%s: %s, %s: %s" % (own, data_in_words(entry), entry["file"], entry["reason"])


def data_in_words(entry: Row) -> str:
    """The data of a row of results: C(volume uploads in db of compose shop/production/forum)."""
    inside = " in %s" % entry["service"] if entry["service"] else ""
    named = " ".join(filter(None, (entry["what"], entry["name"])))
    return "%s%s of %s %s" % (named, inside, entry["kind"], entry["path"])
