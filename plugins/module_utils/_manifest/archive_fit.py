# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Whether an archive fits the service of an entry: what is known before anything is written."""

from __future__ import annotations

from typing import Any, Mapping

from .._engine.flow import ResourcePlan
from .._engine.runner import Context
from .._engine.view import predicted
from .._errors import Refused
from .._resources.archive_kinds.kinds import VOLUME
from .._resources.backups.archive_logins import refuse_definers, refuse_origin
from .._resources.backups.archives_file import SavedArchive
from .._resources.backups.stack_data import stack_data
from .._resources.recovery.bucket import refuse_kind
from .._resources.recovery.dumps import login_of
from .._resources.recovery.words import what_of
from .._resources.services.compose import COMPOSE
from .._swarm.tasks import Service, live_slots, read_tasks
from .._values.marks import is_marked
from .entries import Entry


def refuse_stopped(archive: SavedArchive, service: Service, starts: bool, context: Context) -> None:
    """:param starts: the run starts the service before it restores dumps.
    :raises Refused: the target does not run although a dump needs it.
    """
    if archive.archive_kind.into_running and not starts and not live_slots(read_tasks(context.client, service)):
        raise Refused("%s does not run, and its dump needs that" % what_of(archive), hint="Start it first.")


def refuse_unfit(archive: SavedArchive, entry: Entry, plan: ResourcePlan) -> None:
    """:raises Refused: an archive does not fit its target."""
    state = plan.state
    refuse_kind(archive)
    row = predicted(state.resource, state.row, plan.diff, state.desired.fields, state.desired.children)
    if state.resource.kind and archive.database_type not in (None, state.resource.kind):
        raise Refused(
            "%s is of %s, and the entry of %s" % (what_of(archive), archive.database_type, state.resource.kind)
        )
    if archive.archive_kind.on_host and not str(archive.bind).strip("/"):
        raise Refused("%s: the root of a host is not restored" % what_of(archive))
    if archive.archive_kind.into_running:
        _refuse_dump(archive, entry, row, state.resource is COMPOSE)
    elif archive.what == VOLUME and _has_login(state.resource.kind) and state.row is None and not _states_login(row):
        raise Refused(
            "%s keeps the passwords of the database that it is of, and the entry states none" % what_of(archive),
            hint="State the same password, or restore a dump.",
        )
    elif state.resource.kind:
        refuse_origin(archive, row, what_of(archive))
    elif state.resource is COMPOSE:
        refuse_origin(archive, _login_in_stack(archive, row), what_of(archive))


def _login_in_stack(archive: SavedArchive, row: Mapping[str, Any]) -> Mapping[str, Any]:
    """The database in a stack whose volume an archive is of, as the row of one; without what is not known before the
    deployment."""
    if row.get("sourceType") != "raw":
        return {}
    try:
        login = stack_data(str(row.get("composeFile") or ""), row).logins.get(str(archive.service))
    except ValueError:
        return {}
    known = {} if login is None else {"databaseName": login.database, "databaseUser": login.user}
    return {key: value for key, value in known.items() if value and "${{" not in value and not is_marked(value)}


def _has_login(kind: str) -> bool:
    """Whether the data of a kind of databases has its passwords in it."""
    return bool(kind) and kind not in ("redis", "libsql")


def _states_login(row: Mapping[str, Any]) -> bool:
    return row.get("databasePassword") is not None


def _refuse_dump(archive: SavedArchive, entry: Entry, row: Mapping[str, Any], in_stack: bool) -> None:
    what = what_of(archive)
    if entry.state == "stopped":
        raise Refused("%s: its dump needs it to run, and it is to be stopped" % what)
    login = login_of(row, archive) if in_stack else None
    if in_stack and login is None:
        raise Refused(
            "%s: nothing tells its user and password" % what,
            hint="Add a backup of the service %s to the entry, with the login." % archive.service,
        )
    user = login.get("databaseUser") if login else row.get("databaseUser")
    refuse_definers(archive, user, what)
