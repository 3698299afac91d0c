# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Restore a database, a database in a stack, or a volume from a file of a destination.

A restore is a stream of lines. It has succeeded only if a certain line came, and it goes on when the connection is
closed. That of a volume removes the volume before it downloads the file, and that of MySQL takes a file that does not
exist for nothing to do (measured on 0.30.2), so that the file is looked up first.
"""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from functools import partial
from typing import Any, Callable, Dict, List, Mapping, Sequence, Tuple

from ..._engine.desired import api_value, desired_item
from ..._engine.diff import Row, compare_children
from ..._engine.kinds import chosen, refuse_kinds
from ..._engine.lookup import Target, find_parent, read_row, resolve
from ..._engine.runner import Context, action_operation
from ..._engine.view import ChangePlan, Difference
from ..._errors import (
    NotFoundError,
    OptionError,
    ReferenceNotFound,
    Refused,
    enumerated,
    known_names,
    they_are,
)
from ..._model.argspec import fields_spec, given
from ..._model.child import child
from ..._model.resource import Resource
from ..._reads.rows import need
from ..._swarm.logs import check_lines
from ..._swarm.tasks import Service, read_tasks, running_slots
from ..._values.timestamps import instant
from ..databases.database import DUMPED_DATABASES
from ..databases.passwords import passwords_of
from ..infrastructure.bucket_files import LIST_ANSWERS, STAMP, file_view, list_files, newest_file, stamp_of
from ..infrastructure.listings import DESTINATIONS
from ..service_children.jobs import DUMPED, SHELL_SAFE, STACK
from ..service_children.storage import VOLUME_NAME
from ..services.application import APPLICATION
from ..services.compose import COMPOSE
from .restore_run import LOG, Restore

RESOURCES: Tuple[Resource, ...] = (*DUMPED_DATABASES, COMPOSE, APPLICATION)

# What a database in a stack needs; of any other database the server knows it.
_DUMP = child("", "restore", DUMPED, *STACK, parent={})
_WITHOUT = {"redis": "Dokploy makes no backups of Redis, and restores no volumes of databases."}
_VOLUMES = (APPLICATION.name, COMPOSE.name)
_SUFFIX = {"mongo": "bson"}
_OWN_BACKUP = re.compile(r"webserver-backup-.*\.zip\Z")


@dataclass(frozen=True)
class RestoreSource:
    """What is restored from which files: those in C(folder) whose names match C(names)."""

    folder: str
    names: str
    procedure: str
    body: Mapping[str, Any]
    file_key: str


@dataclass(frozen=True)
class Observed:
    """What the plan of a restore has to know.

    :param file: the file as results show it. :param tasks: those of the service, where its container restores.
    """

    service: Service
    destination_id: str
    source: RestoreSource
    file: Mapping[str, Any]
    tasks: Sequence[Row] = ()


def _perform(resources: Sequence[Resource], context: Context) -> Dict[str, Any]:
    """Restore what the parameters name.

    :raises Refused: C(force) is not given, or the database does not run, or the volume is in use.
    :raises OptionError: there is no such file, or an option is missing or not supported.
    :raises DeploymentFailed: it failed; the message ends with the end of its log.
    """
    params, reads = context.params, context.reads
    check_lines(params["log_lines"], least=1)
    before = _before(params)
    if not params["force"]:
        raise Refused("force: a restore replaces the data that is there", hint="Set force to true to do that.")
    try:
        resource = chosen(resources, params, reads)
        target = find_parent(resource, params, reads)
        destination_id = resolve(reads, DESTINATIONS, params["destination"], "destination")
    except (ReferenceNotFound, NotFoundError) as error:
        refuse_kinds(DUMPED_DATABASES[0], params, reads, _WITHOUT)
        if isinstance(error, NotFoundError):
            raise
        context.executor.parent_missing(error)
        return Difference("a restore", {"restored_from": ""}, {"restored_from": "(unknown)"}).result(file=None, log=[])
    observed = _observe(resource, target, destination_id, before, context)
    planned = plan_restore(observed, params)
    # Those of the database are in the command that a failed restore quotes.
    context.client.add_secret(*passwords_of(observed.service.row))
    log = context.executor.run(planned).rows.get(LOG, [])
    return planned.difference.result(**{resource.id_option: target.resource_id}, file=dict(observed.file), log=log)


def _observe(resource: Resource, target: Target, destination_id: str, before: str, context: Context) -> Observed:
    params, client = context.params, context.client
    row = read_row(resource, target, context.reads)
    if row is None:
        raise NotFoundError("%s does not exist any more" % target.label)
    source = _volume(resource, row, params) if params["volume"] else _database(resource, row, params)
    need(client.version(), "A restore", (0, 28, 0))
    file = _file(partial(list_files, context, destination_id), source, params, before)
    if not re.match(SHELL_SAFE[0], file["path"]):
        raise OptionError("file: %r %s" % (file["path"], SHELL_SAFE[1]))
    service = Service(resource, row, target.label)
    tasks = () if params["volume"] else read_tasks(client, service)
    return Observed(service, destination_id, source, file, tasks)


def plan_restore(observed: Observed, params: Mapping[str, Any]) -> ChangePlan:
    """What restores a file. Pure.

    :raises Refused: nothing runs that could restore a database.
    """
    service, source, path = observed.service, observed.source, observed.file["path"]
    if not params["volume"] and not running_slots(observed.tasks, settled=False):
        raise Refused(
            "%s does not run, and a restore needs its container" % service.label, hint="Start it, and run this again."
        )
    what = "volume %s" % params["volume"] if params["volume"] else "database %s" % source.body["databaseName"]
    label = "%s of %s" % (what, service.label)
    body = {**source.body, "destinationId": observed.destination_id, source.file_key: path}
    options = {name: params[name] for name in ("log_lines", "follow")}
    restore = Restore(source.procedure, body, label, params["wait_timeout"], service, **options)
    return ChangePlan((restore,), Difference(label, {"restored_from": ""}, {"restored_from": path}))


def _before(params: Mapping[str, Any]) -> str:
    """The time before which the file was made, as it stands in names of files."""
    if params["before"] is None:
        # The clock of the server may be ahead.
        return stamp_of(datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=1))
    if params["file"] != "latest":
        raise OptionError("before and file are mutually exclusive")
    try:
        return stamp_of(instant(params["before"]))
    except ValueError as error:
        raise OptionError("before: %s" % error) from None


def _volume(resource: Resource, row: Row, params: Mapping[str, Any]) -> RestoreSource:
    _refuse(resource, params, *(field.name for field in _DUMP.fields if field.name != "service"))
    if resource.name not in _VOLUMES:
        raise OptionError("volume: Dokploy does not restore volumes of a %s" % resource.name)
    server = {"serverId": row["serverId"]} if row.get("serverId") else {}
    if not re.match(VOLUME_NAME[0], params["volume"]):
        raise OptionError("volume: %r %s" % (params["volume"], VOLUME_NAME[1]))
    return RestoreSource(
        _folder(row, params),
        re.escape(params["volume"]) + "-" + STAMP + r"\.tar\Z",
        "volumeBackups.restoreVolumeBackupWithLogs",
        {"volumeName": params["volume"], "id": row[resource.id_key], "serviceType": resource.name, **server},
        "backupFileName",
    )


def _database(resource: Resource, row: Row, params: Mapping[str, Any]) -> RestoreSource:
    if resource is APPLICATION:
        raise OptionError("volume is needed to restore to an application")
    more: Dict[str, Any] = {}
    if resource is COMPOSE:
        wants = desired_item(_DUMP, params)
        # A needed option is missing.
        compare_children(_DUMP, (wants,), (), {})
        values = {want.field.api: want.value for want in wants}
        kind, name = values["databaseType"], values["database"]
        more = {"metadata": {"serviceName": values["serviceName"], **values["metadata"]}}
    else:
        _refuse(resource, params, *(field.name for field in STACK if field.name != "database_type"))
        stated = params["database_name"] and api_value((DUMPED.name,), DUMPED, params["database_name"])
        kind, name = resource.kind, stated or row.get("databaseName")
    if not name:
        raise OptionError("database_name is needed to restore a %s database" % kind)
    return RestoreSource(
        _folder(row, params),
        r"%s\.%s\.gz\Z" % (STAMP, _SUFFIX.get(kind, "sql")),
        "backup.restoreBackupWithLogs",
        {
            "databaseId": row[resource.id_key],
            "databaseType": kind,
            "backupType": "compose" if resource is COMPOSE else "database",
            "databaseName": name,
            **more,
        },
        "backupFile",
    )


def _refuse(resource: Resource, params: Mapping[str, Any], *options: str) -> None:
    """:raises OptionError: one of these options is stated."""
    foreign = given({name: {} for name in options}, params)
    if foreign:
        where = "with volume" if params["volume"] else "for %s" % resource.labels
        raise OptionError("%s not supported %s" % (they_are(sorted(foreign)), where))


def _folder(row: Row, params: Mapping[str, Any]) -> str:
    """The folder of the bucket with the files."""
    if params["folder"] is not None:
        return str(params["folder"]).strip("/")
    own = "_".join(filter(None, (row["appName"], params["service"])))
    return ("%s/%s" % (own, (params["prefix"] or "").strip("/"))).rstrip("/")


def _file(
    listed: Callable[[str, str], List[Row]], source: RestoreSource, params: Mapping[str, Any], before: str
) -> Dict[str, Any]:
    """The file to restore from.

    :raises OptionError: there is none.
    """
    folder, wanted = source.folder, params["file"]
    if wanted == "latest":
        file = newest_file(partial(listed, folder), source.names, before)
        if file is None:
            when = " before %s" % params["before"] if params["before"] else ""
            what = " of volume %s" % params["volume"] if params["volume"] else ""
            message = "file: there is no backup%s in %r%s" % (what, folder, when)
            raise OptionError(message, hint=_others(listed, folder, params))
        return file_view(file)
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
    return file_view(file)


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


OPERATION = action_operation(
    "dokploy_restore",
    RESOURCES,
    _perform,
    {
        "destination": {"type": "str", "required": True},
        "file": {"type": "str", "default": "latest"},
        "before": {"type": "str"},
        "prefix": {"type": "str"},
        "folder": {"type": "str"},
        "volume": {"type": "str"},
        **fields_spec(_DUMP.fields),
        "force": {"type": "bool", "default": False},
        "follow": {"type": "bool", "default": False},
        "wait_timeout": {"type": "float", "default": 3600.0},
        "log_lines": {"type": "int", "default": 50},
    },
    {
        "mutually_exclusive": [["prefix", "folder"]],
        "required_one_of": [list(dict.fromkeys(name for kind in RESOURCES for name in (kind.name, kind.id_option)))],
    },
    answers=LIST_ANSWERS,
)
