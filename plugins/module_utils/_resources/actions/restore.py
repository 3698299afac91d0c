# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Restore a database, a database in a stack, or a volume from a file of a destination.

A restore is a stream of lines. It has succeeded only if a certain line came, and it goes on when the connection is
closed. That of a volume removes the volume before it downloads the file, and that of MySQL takes a file that does not
exist for nothing to do (measured on 0.30.2), so that the file is looked up first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from ..._engine.apply import brought
from ..._engine.desired import api_value, desired_item
from ..._engine.diff import Row, compare_children
from ..._engine.kinds import chosen
from ..._engine.lookup import find_parent, read_row, resolve
from ..._engine.plan import Outcome
from ..._engine.runner import Context, action_operation
from ..._engine.state import Node
from ..._engine.threads import ENDS, ends
from ..._engine.view import ChangePlan, Difference
from ..._engine.wait import Polls
from ..._errors import (
    NotFoundError,
    OptionError,
    ReferenceNotFound,
    Refused,
    they_are,
)
from ..._model.argspec import fields_spec, given
from ..._model.child import child
from ..._model.resource import Resource
from ..._model.states import Transition
from ..._reads.rows import need
from ..._swarm.logs import check_lines
from ..._swarm.tasks import Service, read_tasks, running_slots
from ..databases.database import DATABASES, DUMPED_DATABASES
from ..databases.passwords import passwords_of
from ..infrastructure.bucket_files import LIST_ANSWERS, folder_of, list_files, names_of_dumps, names_of_volume
from ..infrastructure.listings import DESTINATIONS
from ..service_children.jobs import DUMPED, SHELL_SAFE, STACK
from ..service_children.storage import VOLUME_NAME
from ..services.application import APPLICATION
from ..services.compose import COMPOSE
from .restore_carrier import Carrier, carrier_beside
from .restore_entry import entry_of, refuse_login, refuse_other, with_entry
from .restore_file import RestoreSource, before, file_of
from .restore_run import Restore

RESOURCES: Tuple[Resource, ...] = (*DATABASES, COMPOSE, APPLICATION)

# What a database in a stack needs; of any other database the server knows it.
_DUMP = child("", "restore", DUMPED, *STACK, parent={})
# What Dokploy calls a success of their client programs may be none: a file that is missing, foreign, or cut between two
# statements (measured on 0.30.2).
_SUCCEED_ALWAYS = ("mysql", "mariadb")


@dataclass(frozen=True)
class Observed:
    """What the plan of a restore has to know.

    :param file: the file as results show it. :param tasks: those of the service, where its container restores.
    :param volume: the volume that is restored; empty: a database.
    :param carrier: the service through which the volume of a database is restored.
    """

    service: Service
    destination_id: str
    source: RestoreSource
    file: Mapping[str, Any]
    tasks: Sequence[Row] = ()
    volume: str = ""
    carrier: Optional[Carrier] = None


@dataclass(frozen=True)
class RestorePlan(ChangePlan):
    """What restores a file."""

    observed: Observed


def _perform(resources: Sequence[Resource], context: Context) -> Dict[str, Any]:
    """Restore what the parameters name."""
    params, reads = context.params, context.reads
    _refuse_options(resources[0], params)
    try:
        return brought(Node(chosen(resources, params, reads), params, transition=RESTORED), context)
    except ReferenceNotFound as error:
        context.executor.parent_missing(error)
        unknown = Difference("a restore", {"restored_from": ""}, {"restored_from": "(unknown)"})
        return unknown.result(file=None, log=[], proven=None)


def _refuse_options(_resource: Resource, params: Mapping[str, Any]) -> None:
    """:raises Refused: C(force) is not given. :raises OptionError: C(before), C(from), C(log_lines) cannot be right."""
    check_lines(params["log_lines"], least=1)
    entry_of(params)
    before(params)
    if not params["force"]:
        raise Refused("force: a restore replaces the data that is there", hint="Set force to true to do that.")


def _observe(nodes: Sequence[Node], context: Context) -> List[Observed]:
    return [_observed(node.resource, node.params, context) for node in nodes]


def _observed(resource: Resource, params: Mapping[str, Any], context: Context) -> Observed:
    """:raises OptionError: there is no such file, or an option is missing or not supported."""
    client = context.client
    target = find_parent(resource, params, context.reads)
    destination_id = resolve(context.reads, DESTINATIONS, params["destination"], "destination")
    row = read_row(resource, target, context.reads)
    if row is None:
        raise NotFoundError("%s does not exist any more" % target.label)
    entry = entry_of(params)
    until, params = before(params), params if entry is None else with_entry(params, entry, resource, row)
    volume, carrier = params["volume"] or "", None
    source = _volume(resource, row, params) if volume else _database(resource, row, params)
    need(client.version(), "A restore", (0, 28, 0))
    file = file_of(partial(list_files, context, destination_id), source, params, until)
    if not re.match(SHELL_SAFE[0], file["path"]):
        raise OptionError("file: %r %s" % (file["path"], SHELL_SAFE[1]))
    if entry is not None:
        refuse_other(entry, file, _destination(destination_id, context))
        refuse_login(entry, resource, row, source.body)
    if volume and resource in DATABASES:
        carrier = carrier_beside(row, context)
        own = {"id": carrier.id, "serviceType": carrier.kind}
        source = replace(source, body={**source.body, **own})
    service = Service(resource, row, target.label)
    tasks = () if volume else read_tasks(client, service)
    return Observed(service, destination_id, source, file, tasks, volume, carrier)


def _destination(destination_id: str, context: Context) -> Row:
    """The row of a destination in its listing."""
    rows = context.reads.listings.rows(DESTINATIONS.procedures)
    return next((row for row in rows if row.get(DESTINATIONS.id_key) == destination_id), {})


def _plan(observed: Observed, context: Context) -> RestorePlan:
    # Those of the database are in the command that a failed restore quotes.
    context.client.add_secret(*passwords_of(observed.service.row))
    return plan_restore(observed, context.params)


def plan_restore(observed: Observed, params: Mapping[str, Any]) -> RestorePlan:
    """What restores a file. Pure.

    :raises Refused: nothing runs that could restore a database.
    """
    service, source, path = observed.service, observed.source, observed.file["path"]
    if not observed.volume and not running_slots(observed.tasks, settled=False):
        raise Refused(
            "%s does not run, and a restore needs its container" % service.label, hint="Start it, and run this again."
        )
    what = "volume %s" % observed.volume if observed.volume else "database %s" % source.body["databaseName"]
    label = "%s of %s" % (what, service.label)
    body = {**source.body, "destinationId": observed.destination_id, source.file_key: path}
    options = {name: params[name] for name in ("log_lines", "follow")}
    restore = Restore(source.procedure, body, label, params["wait_timeout"], service, **options)
    steps = (*(observed.carrier.steps if observed.carrier else ()), restore)
    return RestorePlan(steps, Difference(label, {"restored_from": ""}, {"restored_from": path}), observed)


def _polls(planned: RestorePlan, outcome: Outcome, context: Context) -> Polls:
    """The end of the restore; what was there for it only is removed then, whatever has come of it."""
    try:
        return (yield from ends(planned, outcome, context))
    finally:
        if planned.observed.carrier is not None and ENDS in outcome.rows:
            planned.observed.carrier.removed(outcome, context)


def _finish(first: RestorePlan, _planned: RestorePlan, outcome: Outcome, _context: Context) -> Dict[str, Any]:
    service, file = first.observed.service, dict(first.observed.file)
    proven = outcome.ended is not None and first.observed.source.body.get("databaseType") not in _SUCCEED_ALWAYS
    facts = {service.resource.id_option: service.id, "file": file, "log": outcome.ended or []}
    return first.difference.result(**facts, proven=proven or None)


#: The data of a service are those of a file.
RESTORED = Transition(_observe, _plan, _finish, _refuse_options, configures=False, polls=_polls)


def _volume(resource: Resource, row: Row, params: Mapping[str, Any]) -> RestoreSource:
    _refuse(resource, params, *(field.name for field in _DUMP.fields if field.name != "service"))
    server = {"serverId": row["serverId"]} if row.get("serverId") else {}
    if not re.match(VOLUME_NAME[0], params["volume"]):
        raise OptionError("volume: %r %s" % (params["volume"], VOLUME_NAME[1]))
    return RestoreSource(
        _folder(row, params),
        names_of_volume(params["volume"]),
        "volumeBackups.restoreVolumeBackupWithLogs",
        {"volumeName": params["volume"], "id": row[resource.id_key], "serviceType": resource.name, **server},
        "backupFileName",
    )


def _database(resource: Resource, row: Row, params: Mapping[str, Any]) -> RestoreSource:
    if resource is APPLICATION:
        raise OptionError("volume is needed to restore to an application")
    if resource is not COMPOSE and resource not in DUMPED_DATABASES:
        text = "volume is needed to restore a %s database, of which Dokploy makes no dumps"
        raise OptionError(text % resource.kind, hint="Its data are in the volume APP_NAME-data.")
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
        names_of_dumps(kind),
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
    return folder_of(row["appName"], params["prefix"], params["service"])


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
        "from": {"type": "dict"},
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
