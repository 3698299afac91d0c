# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The files of an archive are restored into a volume, or into a folder of the host, or as a single file of it.

A restore of Dokploy removes the volume before it downloads the archive, and goes on when the run that began it has
ended, also when something uses the volume by then. So it writes into a scratch volume of this attempt, which nothing
else has. A job looks at that, and copies its files to where they belong. Two jobs of one name never run side by side,
and the next run waits for one that a run has left behind.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Dict, List, Optional, Sequence, Tuple

from ..._engine.plan import SELF, Outcome, Plan
from ..._engine.runner import Context
from ..._engine.state import Node
from ..._engine.threads import ENDS, in_thread
from ..._engine.view import ChangePlan, Difference
from ..._engine.wait import Polls
from ..._errors import DeploymentFailed, DokployError, Refused
from ..._model.states import Transition
from ..._swarm.switching import ContainersGone, ends_of
from ..._swarm.tasks import Service, live_tasks, read_tasks
from ..actions.restore_run import Restore
from ..archive_kinds.file_sums import sums_in
from ..backups.archives_file import SavedArchive
from ..backups.checks import beside
from ..backups.coverage import Service as SavedFrom
from ..jobs.command import QUIET
from ..jobs.run import JOB, JobPlan, remove
from ..services.application import APPLICATION
from .claims import Restored, RestoreRequest, Row, look_at, note, service_again, services_of
from .copy_script import DOWNLOADS, EXITS, FROM, HOST, OTHER_FILES, TO, appends, script_of, sums_of, target_of
from .mark import RESTORED, RESTORING, DataMark, own_mark
from .scratch import SCRATCH, PlaceTaken, key_of
from .words import OTHER_DATA, data_of, what_of

# There Dokploy keeps each archive that it has downloaded, in a folder with the name of the volume (source of 0.30.2).
_ON_HOST = "/etc/dokploy/volume-backups"


@dataclass(frozen=True)
class FilesPlan(ChangePlan):
    """The restore of files. :param target: the volume, or the folder of the host, that they belong to."""

    service: Service
    request: RestoreRequest
    target: str


def _job(service: Service, request: RestoreRequest, target: str, scratch: str, timeout: float) -> Node:
    """The job that brings the files to their place, and removes what Dokploy has downloaded.

    :param target: the volume, or the folder of the host, that they belong to. :param scratch: the volume that has them.
    """
    archive = request.archive
    name = SCRATCH + key_of(archive)
    mounts = [{"path": FROM, "type": "volume", "name": scratch}]
    if not archive.archive_kind.on_host:
        mounts.append({"path": TO, "type": "volume", "name": target})
    if archive.archive_kind.single_file is None:
        mounts.append({"path": HOST, "type": "bind", "host_path": "/"})
    # Of earlier runs, too.
    downloaded = "rm -rf %s/%s-*\n" % (DOWNLOADS, name)
    mounts.append({"path": DOWNLOADS, "type": "bind", "host_path": _ON_HOST})
    place = SavedFrom(archive.kind, str(archive.database_type), archive.path, service.row)
    node = beside(place, name, request.image, "job %s" % name).node(
        script=downloaded + script_of(request, target, scratch, appends(service.row)),
        mounts=mounts,
        timeout=timeout,
    )
    return replace(node, params={**node.params, QUIET: True})


def _observe(nodes: Sequence[Node], context: Context) -> List[Service]:
    return services_of(nodes, context)


def _plan(service: Service, context: Context) -> FilesPlan:
    """:raises Refused: another run has claimed the service."""
    request: RestoreRequest = context.params["request"]
    own_mark(service, request.run)
    difference = Difference(service.label, {"data": ""}, {"data": request.archive.file}, action="restore")
    return FilesPlan((), difference, service, request, target_of(service, request))


def _polls(planned: FilesPlan, outcome: Outcome, context: Context) -> Polls:
    yield PlaceTaken(planned.service.label, context.params["places"]), float("inf")
    try:
        return (yield from _restored(planned, outcome, context))
    finally:
        context.params["places"].leave()


def _restored(planned: FilesPlan, outcome: Outcome, context: Context) -> Polls:
    label, file = planned.service.label, planned.request.archive.file
    service, mark = yield from in_thread(label, "look at its archive", partial(_looked_at, planned, context))
    if mark.archives.get(file) == RESTORED:
        return Restored((), 0.0)
    yield ContainersGone(service, "Nothing was restored."), context.params["wait_timeout"]
    begin = context.waiter.clock()
    log = yield from _copied(planned, context)
    outcome.sent = True
    yield from in_thread(label, "mark", partial(note, service, planned.request, RESTORED, context))
    return Restored(log, context.waiter.clock() - begin)


def _looked_at(planned: FilesPlan, context: Context) -> Tuple[Service, DataMark]:
    """The service and its mark, after a look at what is to be restored.

    :raises Refused: it cannot be restored, the service runs, or another run has claimed it.
    """
    request, service = planned.request, service_again(planned.service, context)
    mark = own_mark(service, request.run)
    if mark.archives.get(request.archive.file) == RESTORED:
        return service, mark
    look_at(request, context.params["destination_id"], context)
    if live_tasks(read_tasks(context.client, service)):
        raise Refused("%s: it runs, and uses what is to be restored" % what_of(request.archive), hint="Stop it first.")
    return service, mark


def _copied(planned: FilesPlan, context: Context) -> Polls:
    """The last lines of the server.

    :raises DeploymentFailed: the archive cannot be restored, or its files cannot be copied.
    :raises Refused: another run has claimed the service.
    """
    request, label = planned.request, planned.service.label
    scratch = context.params["scratch"].new(request.archive, _server(planned.service))
    node = _job(planned.service, request, planned.target, scratch, context.params["restore_timeout"])
    own = replace(context, params=node.params)
    (state,) = JOB.observe([node], own)
    job = JOB.plan(state, own)
    created = yield from in_thread(label, "job", partial(_created, planned, job, context, own))
    row = created.rows[SELF]
    try:
        log = yield from _unpacked(planned, scratch, row, context)
        start = partial(_started, planned, job, created, own)
        started = yield from in_thread(label, "job", start)
    except BaseException:
        _remove(row, context)
        raise
    end = yield from ends_of(JOB, job, started, own)
    if end is not None and end.exit_code != 0:
        why = EXITS.get(end.exit_code, "%s\n%s" % (end.task, "\n".join(end.lines)))
        if end.exit_code == OTHER_FILES:
            why = _difference(request.archive, end.lines)
        raise DeploymentFailed("%s, to %s: %s" % (what_of(request.archive), planned.target, why))
    return [*log, *(end.lines if end is not None else ())]


def _difference(archive: SavedArchive, lines: Sequence[str]) -> str:
    """How the files of an archive are not those that the set saw, which the job has written."""
    expected, sums = sums_of(archive), sums_in(lines).get(0)
    how = expected.difference(sums) if expected is not None and sums is not None else None
    return OTHER_DATA % (archive.file, how or "its files are other ones") + " Nothing was changed"


def _created(planned: FilesPlan, job: JobPlan, context: Context, own: Context) -> Outcome:
    """Note that the restore begins, and make the application of the job.

    :param own: the context of the job. :raises Refused: another run has claimed the service.
    """
    note(planned.service, planned.request, RESTORING, context)
    created = own.executor.run(job.parts[0])
    try:
        # That may have taken long.
        own_mark(service_again(planned.service, own), planned.request.run)
    except BaseException:
        _remove(created.rows[SELF], own)
        raise
    return created


def _started(planned: FilesPlan, job: JobPlan, created: Outcome, own: Context) -> Outcome:
    """Start the job. :raises Refused: another run has claimed the service."""
    if planned.request.replaces:
        # To unpack the archive may have taken long. Otherwise the job writes over nothing.
        own_mark(service_again(planned.service, own), planned.request.run)
    return own.executor.run(job.parts[1], dict(created.rows))


def _unpacked(planned: FilesPlan, scratch: str, job_row: Row, context: Context) -> Polls:
    """Dokploy's restore into the scratch volume; the last lines of the server."""
    body = {
        "volumeName": scratch,
        # Any application of this server serves.
        "id": job_row[APPLICATION.id_key],
        "serviceType": APPLICATION.name,
        "destinationId": context.params["destination_id"],
        "backupFileName": planned.request.archive.file,
        **_server(planned.service),
    }
    label = "%s of %s" % (data_of(planned.request.archive), planned.service.label)
    restore = Restore(
        "volumeBackups.restoreVolumeBackupWithLogs",
        body,
        label,
        context.params["restore_timeout"],
        Service(APPLICATION, job_row, label),
        context.params["log_lines"],
        context.params["follow"],
    )
    return (yield from context.executor.run(Plan((restore,))).rows[ENDS])


def _server(service: Service) -> Row:
    """The further input of procedures about the server of a service."""
    return {"serverId": service.row["serverId"]} if service.row.get("serverId") else {}


def _remove(row: Row, context: Context) -> None:
    """Remove the application of a job that was not started."""
    try:
        remove(row, context.executor)
    except DokployError as error:
        context.warn(["The application %r stays, since it cannot be removed: %s" % (row.get("name"), error)])


def _finish(first: FilesPlan, _planned: FilesPlan, outcome: Outcome, _context: Context) -> Dict[str, Any]:
    restored: Optional[Restored] = outcome.ended
    return first.difference.result(restored=restored)


#: The files of a service are those of an archive.
FILES_RESTORED = Transition(_observe, _plan, _finish, configures=False, polls=_polls)
