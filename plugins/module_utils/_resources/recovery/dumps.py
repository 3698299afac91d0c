# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The dump of a database is restored into the database of a service, which runs.

A restore goes on at the server when the run that began it has ended. It runs inside the container, so that it ends with
that: where a mark tells of such a restore, the database is stopped and started before another one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from ..._api.client import Call
from ..._engine.plan import Outcome
from ..._engine.runner import Context
from ..._engine.threads import ENDS, in_thread
from ..._engine.view import ChangePlan, Difference
from ..._engine.wait import Poll, Polls
from ..._errors import DokployError, OptionError, WaitTimeout
from ..._model.states import Transition
from ..._reads.rows import valid
from ..._swarm.switching import ContainersGone, brought_into
from ..._swarm.tasks import Service, running_slots, tasks_call, tasks_in
from ..actions.restore import Observed, plan_restore
from ..actions.restore_file import RestoreSource
from ..backups.archives_file import SavedArchive
from ..databases.passwords import passwords_of
from ..service_children.jobs import DATABASE_NAME
from ..services.compose import COMPOSE
from .claims import Restored, RestoreRequest, Row, look_at, note, service_again, services_of
from .coming_up import SET_UP, while_it_comes_up
from .mark import RESTORED, RESTORING, DataMark, is_claimed, own_mark
from .scratch import PlaceTaken
from .words import data_of


@dataclass(frozen=True)
class DumpPlan(ChangePlan):
    """The restore of a dump."""

    service: Service
    request: RestoreRequest


def login_of(row: Row, archive: SavedArchive) -> Optional[Dict[str, Any]]:
    """The login with which a database in a stack is restored, as the server takes it: that of its backup in the row of
    the stack; C(None) if nothing tells it."""
    kind, user = str(archive.database_type), archive.database.user if archive.database else None
    for backup in row.get("backups") or ():
        if (backup.get("serviceName"), backup.get("databaseType")) == (archive.service, kind):
            login = (backup.get("metadata") or {}).get(kind)
            if login:
                return dict(login)
    return {"databaseUser": user} if kind == "postgres" and user else None


def source_of(service: Service, archive: SavedArchive) -> RestoreSource:
    """What is restored into which database.

    :raises OptionError: the name of the database cannot be one.
    """
    row, kind = service.row, str(archive.database_type)
    in_stack = service.resource is COMPOSE
    saved = archive.database.name if archive.database else ""
    name = saved if in_stack else str(row.get("databaseName") or saved)
    if not re.match(DATABASE_NAME[0], name):
        raise OptionError("%s: the name of the database %s" % (service.label, DATABASE_NAME[1]))
    more: Mapping[str, Any] = {}
    if in_stack:
        more = {"metadata": {"serviceName": archive.service, kind: login_of(row, archive)}}
    body = {
        "databaseId": service.id,
        "databaseType": kind,
        "backupType": "compose" if in_stack else "database",
        "databaseName": name,
        **more,
    }
    return RestoreSource("", "", "backup.restoreBackupWithLogs", body, "backupFile")


def _plan(service: Service, context: Context) -> DumpPlan:
    """:raises Refused: another run has claimed the service."""
    request: RestoreRequest = context.params["request"]
    own_mark(service, request.run)
    difference = Difference(service.label, {"data": ""}, {"data": request.archive.file}, action="restore")
    return DumpPlan((), difference, service, request)


def _polls(planned: DumpPlan, outcome: Outcome, context: Context) -> Polls:
    yield PlaceTaken(planned.service.label, context.params["places"]), float("inf")
    try:
        return (yield from _with_mark(planned, outcome, context))
    finally:
        context.params["places"].leave()


def _with_mark(planned: DumpPlan, outcome: Outcome, context: Context) -> Polls:
    """Restore, with a mark before and after it."""
    request, label = planned.request, planned.service.label
    service, mark = yield from in_thread(label, "look at its archive", partial(_looked_at, planned, context))
    if mark.archives.get(request.archive.file) == RESTORED:
        return Restored((), 0.0)
    if mark.interrupted:
        yield from _started_anew(service, context)
    yield from in_thread(label, "mark", partial(note, service, request, RESTORING, context))
    begin = context.waiter.clock()
    try:
        log = yield from _restored(service, request, context)
    except DokployError as error:
        yield from _stopped(service, request, error, context)
        raise
    outcome.sent = True
    yield from in_thread(label, "mark", partial(note, service, request, RESTORED, context))
    return Restored(log, context.waiter.clock() - begin)


def _looked_at(planned: DumpPlan, context: Context) -> Tuple[Service, DataMark]:
    """The service and its mark, after a look at the archive.

    :raises Refused: it cannot be restored, or another run has claimed the service.
    """
    request, service = planned.request, service_again(planned.service, context)
    mark = own_mark(service, request.run)
    if mark.archives.get(request.archive.file) != RESTORED:
        context.client.add_secret(*passwords_of(service.row), *_logins(service.row))
        look_at(request, context.params["destination_id"], context)
    return service, mark


def _own(service: Service, request: RestoreRequest, context: Context) -> Service:
    """The service as it is now. :raises Refused: another run has claimed it."""
    service = service_again(service, context)
    own_mark(service, request.run)
    return service


def _logins(row: Row) -> List[str]:
    """The passwords in the backups of a stack."""
    logins = [login for backup in row.get("backups") or () for login in (backup.get("metadata") or {}).values()]
    return [str(login[key]) for login in logins if isinstance(login, Mapping) for key in login if "assword" in key]


def _started_anew(service: Service, context: Context) -> Polls:
    """Stop and start a service, so that a restore that a run has left behind ends."""
    context.waiter.progress("%s: stopping it, so that the restore of an earlier run ends" % service.label)
    yield from brought_into(service, "stopped", context)
    yield ContainersGone(service, "Nothing was restored."), context.params["wait_timeout"]
    yield from brought_into(service, "started", context)


def _restored(service: Service, request: RestoreRequest, context: Context) -> Polls:
    """The last lines of the server.

    :raises DeploymentFailed: the restore failed. :raises Refused: another run has claimed the service.
    """
    return (
        yield from while_it_comes_up(
            service.label, "restoring", partial(_restored_once, service, request, context), context, SET_UP
        )
    )


def _restored_once(service: Service, request: RestoreRequest, context: Context) -> Polls:
    tasks = yield _Running(service), context.params["wait_timeout"]
    # That may have taken long.
    service = yield from in_thread(service.label, "look at its mark", partial(_own, service, request, context))
    file = {"path": request.archive.file}
    params = {"volume": None, **{name: context.params[name] for name in ("log_lines", "follow")}}
    params["wait_timeout"] = context.params["restore_timeout"]
    source = source_of(service, request.archive)
    observed = Observed(service, context.params["destination_id"], source, file, tasks)
    return (yield from context.executor.run(plan_restore(observed, params)).rows[ENDS])


class _Running(Poll):
    """Waits until a container of a service runs; gives its tasks."""

    def __init__(self, service: Service) -> None:
        self.label, self.state, self._service = service.label, "waiting until it runs", service

    def calls(self) -> List[Call]:
        return [tasks_call(self._service)]

    def judge(self, answers: Sequence[Any], elapsed: float) -> Optional[List[Row]]:
        tasks = tasks_in(valid(answers[0]))
        return tasks if running_slots(tasks, settled=False) else None

    def expired(self, timeout: float) -> DokployError:
        message = "%s does not run after %g s, and a restore needs its container" % (self.label, timeout)
        return WaitTimeout(message, hint="Read its log with dokploy_logs. Nothing was restored.")


def _stopped(service: Service, request: RestoreRequest, error: DokployError, context: Context) -> Polls:
    """Stop a service whose data may be incomplete, and add to the error what is left.

    What another run has claimed by now is left as it is, since that run needs it, or it is live.
    """
    left = "The restore of %s is left" % data_of(request.archive)
    try:
        if is_claimed(service_again(service, context), request.run):
            yield from brought_into(service, "stopped", context)
            said = "It is stopped, since its data may be incomplete. %s: run this again, which starts it" % left
        else:
            said = "Another run restores its data, or has restored them, so that it is left as it is"
    except DokployError as problem:
        said = "It could not be stopped (%s). %s: run this again" % (problem.message.rstrip("."), left)
    error.message = "%s\n%s" % (error.message.rstrip("."), said)


def _finish(first: DumpPlan, _planned: DumpPlan, outcome: Outcome, _context: Context) -> Dict[str, Any]:
    restored: Optional[Restored] = outcome.ended
    return first.difference.result(restored=restored)


#: The data of a database are those of a dump.
DUMP_RESTORED = Transition(services_of, _plan, _finish, configures=False, polls=_polls)
