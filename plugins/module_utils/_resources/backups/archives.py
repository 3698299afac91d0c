# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The newest archives of many backups and sets, in few lists of their buckets."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple, Union

from ..._engine.runner import Context
from ..._errors import DokployError, Refused
from ..infrastructure.bucket_files import file_view, in_requests, latest_stamp, list_files, list_together, newest_file
from .coverage import Archive
from .set_archives import SetArchives

Row = Mapping[str, Any]

_NOT_LISTED = "the files in the bucket cannot be listed"


@dataclass(frozen=True)
class Newest:
    """The newest archive of a backup and the one before, as results show files; C(None) where there is none.

    :param problem: why its folder cannot be listed.
    """

    newest: Optional[Row] = None
    previous: Optional[Row] = None
    problem: Optional[str] = None


def newest_files(newest: Optional[Newest]) -> Dict[str, Any]:
    """The newest two archives as results show them. :param newest: C(None): the bucket was not listed."""
    files = {name: None if newest is None else getattr(newest, name) for name in ("newest", "previous")}
    keys = ("path", "size", "created_at")
    return {name: None if file is None else {key: file[key] for key in keys} for name, file in files.items()}


# The ID of a destination, and a folder of it.
_Folder = Tuple[str, str]
# Of what archives are looked up.
_Archives = Union[Archive, SetArchives]


def newest_of(archives: Sequence[_Archives], folders: Folders) -> List[Newest]:
    """The newest two archives of each backup, and of what sets make.

    A folder is listed once, however many backups share it. The first list of a destination tells whether its bucket
    answers: if it does not, which may take 90 seconds, no other one of it is asked for.
    """
    folders.read(list(dict.fromkeys(map(_folder, archives))))
    late = latest_stamp()
    return [_newest(archive, folders, late) for archive in archives]


def folders_in(parents: Sequence[_Folder], folders: Folders) -> Dict[str, List[str]]:
    """The names of the folders in folders of a destination, without those that cannot be listed."""
    folders.read(parents)
    listed = [parent for parent in parents if parent not in folders.problems]
    return {parent[1]: [row["Name"] for row in folders.listed(parent) if row["IsDir"]] for parent in listed}


def _folder(archive: _Archives) -> _Folder:
    return archive.destination_id, archive.folder


def _newest(archive: _Archives, folders: Folders, late: str) -> Newest:
    folder = _folder(archive)
    if folder in folders.problems:
        return Newest(problem=folders.problems[folder])
    listed = partial(folders.listed, folder)
    try:
        newest = newest_file(listed, archive.names, late)
        before = None if newest is None else str(file_view(newest)["created_at"])
        previous = None if before is None else newest_file(listed, archive.names, _as_stamp(before))
    except DokployError as error:
        return Newest(problem=_why(error))
    return Newest(newest and file_view(newest), previous and file_view(previous))


def _as_stamp(created_at: str) -> str:
    return created_at.replace(":", "-").replace(".", "-")


class Folders:
    """The files of folders, and why folders cannot be listed.

    :ivar problems: the sentences about those that cannot be.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._files: Dict[Tuple[_Folder, str], List[Row]] = {}
        self._silent: Dict[str, str] = {}
        self.problems: Dict[_Folder, str] = {}

    def read(self, folders: Sequence[_Folder]) -> None:
        """List folders: the first one of each destination by itself, then the others together."""
        rest: List[_Folder] = []
        for destination_id in dict.fromkeys(destination_id for destination_id, _path in folders):
            own = [folder for folder in folders if folder[0] == destination_id]
            if destination_id not in self._silent:
                self._silent[destination_id] = self._first(own[0])
            if self._silent[destination_id]:
                self.problems.update(dict.fromkeys(own, self._silent[destination_id]))
            rest += [folder for folder in own if folder not in self.problems and (folder, "") not in self._files]
        for part in in_requests(rest):
            searches = [(destination_id, path + "/") for destination_id, path in part]
            try:
                answers = list_together(self._context, searches)
            except DokployError as error:
                answers = [error] * len(part)
            for folder, answer in zip(part, answers):
                if isinstance(answer, DokployError):
                    self.problems[folder] = _NOT_LISTED
                else:
                    self._files[folder, ""] = answer

    def _first(self, folder: _Folder) -> str:
        """Why the bucket of a destination does not answer; C("") if it does."""
        try:
            self.listed(folder, "")
        except DokployError as error:
            return _why(error)
        return ""

    def listed(self, folder: _Folder, part: str = "") -> List[Row]:
        """The files of a folder whose path contains a text, asked for once."""
        if (folder, part) not in self._files:
            self._files[folder, part] = list(list_files(self._context, *folder, part))
        return self._files[folder, part]


def _why(error: DokployError) -> str:
    """Why a folder cannot be listed, as far as the server tells."""
    reason = error.server_message if isinstance(error, Refused) else str(error)
    return "%s: %s" % (_NOT_LISTED, reason) if reason else _NOT_LISTED
