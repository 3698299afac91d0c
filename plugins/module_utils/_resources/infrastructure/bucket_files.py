# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The files in the bucket of a destination, as rclone lists them: among them those that backups made."""

from __future__ import annotations

import datetime
import re
from typing import Any, Callable, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple, TypeVar, Union

from ..._api.client import Call
from ..._engine.diff import Row
from ..._engine.plan import Plan
from ..._engine.runner import Context
from ..._errors import (
    BadRequest,
    ConnectionFailed,
    DokployError,
    OptionError,
    PermissionDenied,
    Refused,
    ServerError,
)
from ..._values.schema import ID, NUMBER, SCALAR, list_of, needed, object_of
from ..archive_kinds.kinds import ARCHIVE_KINDS, DUMP
from .destination import DESTINATION, FAILURE, connection_test

_Item = TypeVar("_Item")

LIST = "backup.listBackupFiles"
LIST_ANSWERS = {LIST: needed(list_of(object_of(Path=ID, Name=ID, Size=needed(NUMBER), IsDir=needed(SCALAR))))}
# A list shows no more files: the first ones by name, which are the oldest backups.
MOST_FILES = 100
# rclone tries for about 90 s before it gives up a storage that does not answer (measured on 0.30.2), and Dokploy then
# discards what it says. A test of the connection tells it at once.
_TIMEOUT = 120.0
# Seconds after which a list that has not come makes a test worth its request.
PATIENCE = 10.0
# Each list is a process of rclone on the server, and those of one request run at once.
_AT_ONCE = 10
# Of S3.
_LONGEST_PATH = 1024
# When a backup was made, in its name: that of 2026-11-25T15:54:00.986Z is 2026-11-25T15-54-00-986Z.
STAMP = r"(?P<stamp>\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-\d{3}Z)"
# The parts of this time, the newest first.
_PARTS: Tuple[Sequence[str], ...] = (
    ["%d-" % year for year in range(2099, 2022, -1)],
    ["%02d-" % month for month in range(12, 0, -1)],
    ["%02dT" % day for day in range(31, 0, -1)],
    ["%02d-" % hour for hour in range(23, -1, -1)],
    ["%02d-" % minute for minute in range(59, -1, -1)],
)


def destination_rows(context: Context) -> List[Row]:
    """The rows of all destinations.

    :raises PermissionDenied: the key does not show them.
    """
    try:
        return context.reads.listings.rows(DESTINATION.listing.procedures)
    except PermissionDenied as error:
        error.hint = error.hint or "Use a key of an owner or an administrator, to whom Dokploy shows destinations."
        raise


def stamp_of(time: datetime.datetime) -> str:
    """A time as it stands in the name of a backup."""
    time = time.astimezone(datetime.timezone.utc)
    return "%s-%03dZ" % (time.strftime("%Y-%m-%dT%H-%M-%S"), time.microsecond // 1000)


#: The pattern of the names of backups of Dokploy itself.
OWN_BACKUPS = r"webserver-backup-" + STAMP + r"\.zip\Z"


def folder_of(app_name: str, prefix: Optional[str], service: Optional[str] = None) -> str:
    """The folder of the bucket with the files of a backup.

    :param app_name: the name of the backed up service in Docker. :param service: the service inside a stack.
    """
    own = "_".join(filter(None, (app_name, service)))
    return ("%s/%s" % (own, (prefix or "").strip("/"))).rstrip("/")


def names_of_dumps(database_type: str) -> str:
    """The pattern of the names of dumps of a kind of databases."""
    return STAMP + re.escape(ARCHIVE_KINDS[DUMP].ending_of(database_type)) + r"\Z"


def names_of_volume(volume: str) -> str:
    """The pattern of the names of the archives of a volume."""
    return re.escape(volume) + "-" + STAMP + r"\.tar\Z"


def names_of_any_volume(but: str = "") -> str:
    """The pattern of the names of archives of volumes. :param but: of a volume whose archives do not count."""
    return r"%s.+-%s\.tar\Z" % ("(?!%s)" % names_of_volume(but).replace("?P<stamp>", "?:") if but else "", STAMP)


def volume_of(row: Row) -> str:
    """The name of the volume of which a file is an archive."""
    return re.sub("-%s.*" % STAMP, "", str(row["Name"]))


def latest_stamp() -> str:
    """After the times in the names of all files that there are; the clock of the server may be ahead."""
    return stamp_of(datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=1))


def list_files(context: Context, destination_id: str, folder: str, part: str = "") -> List[Row]:
    """The files and folders in a folder whose path contains C(part); the first C(MOST_FILES) of them by name.

    :raises Refused: the bucket cannot be listed; the message ends with what rclone says.
    """
    search = "%s/%s" % (folder, part)
    if len(search) > _LONGEST_PATH:
        message = "folder, prefix, file and search may have at most %d characters together, not %d"
        raise OptionError(message % (_LONGEST_PATH, len(search)))
    query = {"destinationId": destination_id, "search": search}
    try:
        rows = _listed_soon(context, query)
        return list(context.client.query(LIST, query, timeout=_TIMEOUT)) if rows is None else rows
    except BadRequest as error:
        # Dokploy discards what rclone says, and shows its command.
        silent = "rclone" in (error.server_message or "")
        raise _not_listed(_why_not(context, destination_id) if silent else error.server_message, error) from None


def in_requests(items: Sequence[_Item]) -> Iterator[Sequence[_Item]]:
    """What is to be listed, in parts of which each is one request."""
    return (items[start : start + _AT_ONCE] for start in range(0, len(items), _AT_ONCE))


def list_together(context: Context, searches: Sequence[Tuple[str, str]]) -> List[Union[List[Row], DokployError]]:
    """The rows of several lists in one request, or why there are none.

    The message of such an error may be a command with the keys of the destination.

    :param searches: the ID of each destination, and the beginning of the paths of its files.
    :raises DokployError: the whole request has failed.
    """
    calls = [Call(LIST, {"destinationId": destination_id, "search": search}) for destination_id, search in searches]
    return context.client.call_many(calls)


def _listed_soon(context: Context, query: Mapping[str, Any]) -> Optional[List[Row]]:
    """The list, or C(None) if it takes long although the connection works, or nothing tells whether it does.

    :raises Refused: the connection does not work.
    """
    try:
        return list(context.client.query(LIST, query, timeout=PATIENCE, max_retries=0))
    except (ConnectionFailed, ServerError) as error:
        if isinstance(error, ConnectionFailed) and error.late:
            context.waiter.progress("the list of files takes long; testing the connection to the bucket")
            reason = _why_not(context, query["destinationId"])
            if reason:
                raise _not_listed(reason, error) from None
        return None


def _why_not(context: Context, destination_id: str) -> str:
    """What rclone says of a bucket that cannot be listed; empty if it can be, in check mode, or if nothing tells."""
    try:
        row = context.client.query(DESTINATION.reading.procedure, {DESTINATION.id_key: destination_id})
        context.executor.run(Plan((connection_test(DESTINATION, row),)))
    except BadRequest as error:
        # Of a very large bucket Dokploy takes in too little of the list, which is no failure.
        failure = FAILURE.search(error.server_message or "")
        return failure.group() if failure else ""
    except DokployError:
        # The test needs another permission than the list.
        pass
    return ""


def _not_listed(reason: Optional[str], error: DokployError) -> Refused:
    hint = "Test it with dokploy_destination and test_connection."
    if reason:
        hint = "Check that the storage runs, and bucket, endpoint, region and keys of the destination."
    return Refused(
        "destination: its files cannot be listed%s" % ("" if reason else ", and Dokploy does not say why"),
        hint=hint,
        procedure=error.procedure,
        status=error.status,
        server_message=reason or None,
    )


def newest_file(listed: Callable[[str], List[Row]], names: str, before: str) -> Optional[Row]:
    """The newest backup before a time, or C(None).

    :param listed: gives the files of the folder whose path contains a text, at most C(MOST_FILES).
    :param names: the pattern of their names, with C(STAMP) in it. :param before: the time, as in the names.
    """

    def newest(part: str, level: int) -> Optional[Row]:
        rows = listed(part)
        times = [(match.group("stamp"), row) for row in rows for match in [re.match(names, row["Name"])] if match]
        if len(rows) < MOST_FILES or level == len(_PARTS):
            earlier = (entry for entry in times if entry[0] < before)
            return max(earlier, key=lambda entry: entry[0], default=(None, None))[1]
        # The newest ones may be among those that the list lacks.
        parts = (part + more for more in _PARTS[level] if part + more <= before)
        return next((row for prefix in parts for row in [newest(prefix, level + 1)] if row is not None), None)

    return newest("", 0)


def file_view(row: Row) -> Dict[str, Any]:
    """A file as results show it."""
    stamp = re.search(STAMP, row["Name"])
    date, _t, time = stamp.group("stamp").partition("T") if stamp else ("", "", "")
    hour, minute, second, milli = time.rstrip("Z").split("-") if time else ("", "", "", "")
    return {
        "path": row["Path"],
        "name": row["Name"],
        "size": row["Size"],
        "is_folder": row["IsDir"],
        "created_at": "%sT%s:%s:%s.%sZ" % (date, hour, minute, second, milli) if stamp else None,
    }
