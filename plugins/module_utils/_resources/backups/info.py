# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The operation C(dokploy_backup_info): the files of a destination, or which data of a server is backed up.

All services take the same three requests, and a further one for each hundred queries: the project tree, their rows with
the volume backups and Compose files, and the runs of the volume backups. Rows embed the runs of dumps.
"""

from __future__ import annotations

import datetime
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple, Union

from ..._api.client import Call
from ..._engine.lookup import resolve
from ..._engine.runner import Context, Operation
from ..._errors import DokployError, NotFoundError, OptionError, PermissionDenied, ServerError, UnknownProcedure
from ..._model.argspec import Spec
from ..._model.resource import Resource
from ..._reads.rows import Path, listing_call, read_call, row_in, valid
from ..._values.paths import joined
from ..._values.timestamps import age
from ..databases.database import DATABASES
from ..infrastructure.bucket_files import LIST_ANSWERS, MOST_FILES, file_view, list_files
from ..infrastructure.destination import DESTINATION
from ..projects.scope import OPTION as SCOPE
from ..projects.scope import Scope
from ..services.application import APPLICATION
from ..services.compose import COMPOSE
from .archives import Newest, newest_of
from .coverage import Archive, Entry, Service, coverage
from .problems import MaxAge, problems_of
from .runs import backup_lists, ended_at, runs_of, succeeded_at
from .stack_data import StackData, stack_data

Row = Mapping[str, Any]
_Runs = Union[List[Row], DokployError]

SERVICES: Tuple[Resource, ...] = (APPLICATION, COMPOSE, *DATABASES)
_KINDS = tuple(dict.fromkeys(resource.name for resource in SERVICES))


def backup_info(context: Context) -> Dict[str, Any]:
    """The files of a destination, or the data of a server with the backups that have it.

    :raises OptionError: an option needs a destination, the scope selects nothing, or an age is none.
    """
    params = context.params
    if params["destination"] is not None:
        return _files(context)
    for option in ("folder", "search"):
        if params[option]:
            raise OptionError("%s needs destination" % option)
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
    services, destinations = _services(context)
    entries = coverage(services)
    listed = _shown(entries, destinations, context)
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


# --- what is read ---


def _services(context: Context) -> Tuple[List[Service], Mapping[str, str]]:
    """The services in the scope, sorted by their paths, and the names of destinations by their IDs.

    :raises OptionError: a pattern selects nothing.
    """
    chosen = _chosen(context)
    calls = [call for resource, path in chosen for call in _calls(resource, str(path[-1][resource.id_key]))]
    listed, *results = context.client.call_many([Call(DESTINATION.listing.procedures[0], {}), *calls])
    answers = iter(results)
    services = []
    for resource, path in chosen:
        own = [next(answers) for _call in _calls(resource, str(path[-1][resource.id_key]))]
        row = row_in(resource, own[0], str(path[-1][resource.id_key]))
        if row is not None:
            services.append(_service(resource, path, row, own[1:]))
    rows = [] if isinstance(listed, PermissionDenied) else valid(listed)
    return sorted(services, key=lambda service: service.path), {str(row["destinationId"]): row["name"] for row in rows}


def _chosen(context: Context) -> List[Tuple[Resource, Path]]:
    """The services in the scope, each after its project and its environment.

    :raises OptionError: a pattern selects nothing.
    """
    scope, reads = Scope(context.params["scope"], _KINDS), context.reads
    chosen: List[Tuple[Resource, Path]] = []
    known: List[Tuple[str, ...]] = []
    for resource in SERVICES:
        tree = reads.trees.of(resource.levels)
        if not scope.everything:
            # The tree has no names of databases; whole rows have them.
            reads.trees.complete(tree.paths(resource.parents), resource.levels)
        for path in tree.paths(resource.levels):
            if scope.everything or scope.has(resource.name, _names(resource, path), True):
                chosen.append((resource, path))
            known.append(_names(resource, path))
    if not scope.everything:
        for levels in (SERVICES[0].parents[:1], SERVICES[0].parents):
            for path in reads.trees.of(SERVICES[0].levels).paths(levels):
                names = tuple(str(row.get("name")) for row in path)
                # What is empty has no data.
                scope.has("", names, True)
                known.append(names)
        scope.refuse_unused(known)
    return chosen


def _names(resource: Resource, path: Path) -> Tuple[str, ...]:
    return (*(str(row.get("name")) for row in path[:-1]), str(path[-1].get("name") or path[-1][resource.id_key]))


def _calls(resource: Resource, resource_id: str) -> List[Call]:
    """The queries for a service: its row, its volume backups, and the file that a deployment of a stack would write."""
    lists = [listing_call(child, resource_id) for child in backup_lists(resource) if child.listing]
    file = [Call("compose.getConvertedCompose", {"composeId": resource_id})] if resource is COMPOSE else []
    return [read_call(resource, resource_id), *lists, *file]


def _service(resource: Resource, path: Path, row: Row, answers: Sequence[Any]) -> Service:
    """:param answers: those beside the row."""
    volume_backups = answers[0]
    rows = [] if isinstance(volume_backups, (UnknownProcedure, NotFoundError)) else valid(volume_backups)
    names = (*(str(outer.get("name")) for outer in path[:-1]), str(row.get("name")))
    stack = _stack(row, answers[1]) if resource is COMPOSE else None
    return Service(resource.name, resource.kind or resource.name, joined(names), row, rows, stack)


def _stack(row: Row, answer: Any) -> Union[StackData, str, None]:
    """What the Compose file of a stack names, or why that is not known; C(None) if it was never deployed."""
    # A domain of a service that does not exist is enough for the server to write no file.
    text = row.get("composeFile") if isinstance(answer, ServerError) and row.get("sourceType") == "raw" else answer
    try:
        return stack_data(str(valid(text)), row)
    except (DokployError, ValueError) as error:
        if not row.get("deployments"):
            return None
        return "cannot be read: %s" % error if isinstance(error, DokployError) else str(error)


# --- what results show ---


def _shown(entries: Sequence[Entry], destinations: Mapping[str, str], context: Context) -> List[Dict[str, Any]]:
    archives = {archive.backup.id: archive for entry in entries for archive in entry.archives}
    unique = list(archives.values())
    runs = dict(zip(archives, runs_of([archive.backup for archive in unique], context.client)))
    listed = dict(zip(archives, newest_of(unique, context))) if context.params["sizes"] else {}
    views = {key: _backup(archives[key], runs[key], listed.get(key), destinations) for key in archives}
    return [_entry(entry, [views[archive.backup.id] for archive in entry.archives]) for entry in entries]


def _entry(entry: Entry, backups: List[Dict[str, Any]]) -> Dict[str, Any]:
    """An entry as results show it, the best of its backups first."""
    best = sorted(backups, key=lambda backup: (backup["enabled"], backup["succeeded_at"] or ""), reverse=True)
    return {
        "kind": entry.service.kind,
        "path": entry.service.path,
        "what": entry.what,
        "name": entry.name,
        "service": entry.inside,
        "database_type": entry.database_type,
        "backups": best,
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
        "succeeded_at": succeeded_at(known),
        "listed": newest is not None and not newest.problem,
        "newest": None if newest is None else _file(newest.newest),
        "previous": None if newest is None else _file(newest.previous),
        "unread": "; ".join(problems) or None,
    }


def _file(file: Optional[Row]) -> Optional[Dict[str, Any]]:
    return None if file is None else {key: file[key] for key in ("path", "size", "created_at")}


_OPTIONS: Spec = {
    "destination": {"type": "str"},
    "folder": {"type": "str", "default": ""},
    "search": {"type": "str", "default": ""},
    "scope": SCOPE,
    "max_age": {"type": "str"},
    "sizes": {"type": "bool", "default": False},
}
INFO_OPERATION = Operation(
    "dokploy_backup_info",
    _OPTIONS,
    backup_info,
    {"mutually_exclusive": [["destination", option] for option in ("scope", "max_age", "sizes")]},
    resources=(DESTINATION, *SERVICES),
    answers=LIST_ANSWERS,
)
