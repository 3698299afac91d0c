# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The operation C(dokploy_backup_info): the files of a destination, which archives of sets are gone, or which data of a
server is backed up.

Beside what C(services) reads, all take one further request, and another one for each hundred queries: the runs of the
volume backups. Rows embed the runs of dumps. The folders of backups and of sets are listed together, where they are.
"""

from __future__ import annotations

import datetime
from typing import Any, Dict, List, Mapping, Optional, Sequence, Union

from ..._engine.lookup import resolve
from ..._engine.runner import Context, Operation
from ..._errors import DokployError, OptionError
from ..._model.argspec import Spec
from ..._values.timestamps import age
from ..infrastructure.bucket_files import LIST_ANSWERS, MOST_FILES, destination_rows, file_view, list_files
from ..infrastructure.destination import DESTINATION
from ..projects.scope import OPTION as SCOPE
from .archives import Folders, Newest, folders_in, newest_files, newest_of
from .coverage import Archive, Entry, coverage
from .in_sets import best_first, in_sets, roots, with_sets
from .problems import MaxAge, problems_of
from .promises import SPEC as SETS
from .promises import gone, promises_of
from .runs import ended_at, runs_of, succeeded_at
from .services import SERVICES, services_in_scope

Row = Mapping[str, Any]
_Runs = Union[List[Row], DokployError]


def backup_info(context: Context) -> Dict[str, Any]:
    """The files of a destination, the archives of sets that are gone, or the data of a server with its backups.

    :raises OptionError: an option needs a destination, the scope selects nothing, or an age is none.
    """
    params = context.params
    if params["destination"] is not None:
        return _files(context)
    for option in ("folder", "search"):
        if params[option]:
            raise OptionError("%s needs destination" % option)
    if params["sets"] is not None:
        # What backs up the services is not asked for.
        return {"changed": False, "gone": gone(promises_of(params["sets"]), destination_rows(context), context)}
    return _coverage(context)


def _files(context: Context) -> Dict[str, Any]:
    """The files and folders in a folder of a bucket, sorted by their paths."""
    params = context.params
    destination_id = resolve(context.reads, DESTINATION.listing, params["destination"], "destination")
    files = list_files(context, destination_id, params["folder"].strip("/"), params["search"])
    if len(files) == MOST_FILES:
        context.warn(["Dokploy lists no more than %d files. Set folder or search to see others." % MOST_FILES])
    return {"changed": False, "files": sorted(map(file_view, files), key=lambda file: str(file["path"]))}


def _coverage(context: Context) -> Dict[str, Any]:
    max_age = _max_age(context.params["max_age"])
    stated = context.params["set_destination"]
    sets_in = None if stated is None else resolve(context.reads, DESTINATION.listing, stated, "set_destination")
    known = services_in_scope(context)
    destinations = {str(row["destinationId"]): str(row["name"]) for row in known.destinations}
    entries = coverage(known.services)
    listed = _shown(entries, destinations, sets_in, context)
    result: Dict[str, Any] = {"changed": False, "coverage": listed}
    if max_age is not None:
        for entry in listed:
            entry["problems"] = problems_of(entry, max_age)
        named = ("kind", "path", "what", "name", "service")
        result["problems"] = [
            {**{key: entry[key] for key in named}, **problem} for entry in listed for problem in entry["problems"]
        ]
    return result


def _max_age(text: Optional[str]) -> Optional[MaxAge]:
    """:raises OptionError: it is no age."""
    try:
        return None if text is None else MaxAge(text, datetime.datetime.now(datetime.timezone.utc) - age(text))
    except (ValueError, OverflowError) as error:
        raise OptionError("max_age: %s" % error) from None


# --- what results show ---


def _shown(
    entries: Sequence[Entry], destinations: Mapping[str, str], sets_in: Optional[str], context: Context
) -> List[Dict[str, Any]]:
    """:param sets_in: the ID of the destination that has the archives of sets; C(None): they are not looked at."""
    archives = {archive.backup.id: archive for entry in entries for archive in entry.archives}
    unique = list(archives.values())
    runs = dict(zip(archives, runs_of([archive.backup for archive in unique], context.client)))
    with_sizes = unique if context.params["sizes"] else []
    folders = Folders(context)
    inside = {} if sets_in is None else folders_in(roots(entries, sets_in), folders)
    of_sets = [] if sets_in is None else in_sets(entries, sets_in, inside)
    newest = newest_of([*with_sizes, *of_sets], folders)
    listed = dict(zip(archives, newest[: len(with_sizes)]))
    views = {key: _backup(archives[key], runs[key], listed.get(key), destinations) for key in archives}
    coverage_views = [_entry(entry, [views[archive.backup.id] for archive in entry.archives]) for entry in entries]
    if sets_in is None:
        return coverage_views
    name = destinations.get(sets_in, context.params["set_destination"])
    listed_sets = dict(zip(of_sets, newest[len(with_sizes) :]))
    return with_sets(coverage_views, entries, listed_sets, (sets_in, name), inside)


def _entry(entry: Entry, backups: List[Dict[str, Any]]) -> Dict[str, Any]:
    """An entry as results show it."""
    return {
        "kind": entry.service.kind,
        "path": entry.service.path,
        "what": entry.what,
        "name": entry.name,
        "service": entry.inside,
        "database_type": entry.database_type,
        "backups": best_first(backups),
        "reason": entry.reason,
        "expected": entry.expected,
    }


def _backup(archive: Archive, runs: _Runs, newest: Optional[Newest], destinations: Mapping[str, str]) -> Dict[str, Any]:
    """A backup as results show it.

    :param newest: its archives; C(None) where the bucket was not listed.
    """
    backup, row = archive.backup, archive.backup.row
    known: List[Row] = [] if isinstance(runs, DokployError) else runs
    last = known[0] if known else None
    destination = destinations.get(str(row.get("destinationId")), backup.destination)
    problems = [str(runs)] if isinstance(runs, DokployError) else []
    problems += [newest.problem] if newest is not None and newest.problem else []
    return {
        "kind": "volume_backup" if backup.is_of_volume else "backup",
        "id": backup.id,
        "name": backup.label,
        "enabled": bool(row.get("enabled")),
        "cron": row.get("cronExpression" if backup.is_of_volume else "schedule"),
        "destination": destination,
        "prefix": backup.prefix,
        "keep": row.get("keepLatestCount") or 0,
        "folder": archive.folder,
        "status": None if last is None else last.get("status"),
        "ran_at": None if last is None else ended_at(last),
        "succeeded_at": _of_archive(newest) if runs == [] else succeeded_at(known),
        "listed": newest is not None and not newest.problem,
        **newest_files(newest),
        "unread": "; ".join(problems) or None,
    }


def _of_archive(newest: Optional[Newest]) -> Optional[str]:
    """When the newest archive was made.

    Dokploy forgets the runs of a backup that is made again, as after its prefix was changed and put back. Its archives
    stay.
    """
    return str(newest.newest["created_at"]) if newest is not None and newest.newest is not None else None


_OPTIONS: Spec = {
    "destination": {"type": "str"},
    "folder": {"type": "str", "default": ""},
    "search": {"type": "str", "default": ""},
    "scope": SCOPE,
    "set_destination": {"type": "str"},
    "max_age": {"type": "str"},
    "sizes": {"type": "bool", "default": False},
    "sets": {"type": "list", "elements": "dict", "options": SETS},
}
_OF_SERVICES = ("scope", "set_destination", "max_age", "sizes")
INFO_OPERATION = Operation(
    "dokploy_backup_info",
    _OPTIONS,
    backup_info,
    {
        "mutually_exclusive": [
            *(["destination", option] for option in (*_OF_SERVICES, "sets")),
            *(["sets", option] for option in _OF_SERVICES),
        ]
    },
    resources=(DESTINATION, *SERVICES),
    answers=LIST_ANSWERS,
)
