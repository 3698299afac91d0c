# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The present data of a service is saved before it is replaced, by a backup that is made once.

The archive is noted in the mark of the service, so that the next run does not save over it what a restore that was
interrupted has left.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any, Dict, Mapping, Optional

from ..._engine.apply import transition_of
from ..._engine.lookup import Target
from ..._engine.node_run import carried_out
from ..._engine.plan import Outcome, Plan
from ..._engine.runner import Context
from ..._engine.state import Node
from ..._engine.view import ChangePlan, Difference
from ..._engine.wait import Polls
from ..._errors import DokployError
from ..._model.states import Transition
from ..._swarm.switching import ends_of
from ..._swarm.tasks import Service
from ..backups.archives_file import SavedArchive
from ..backups.copies import copied_at, copy_node
from ..backups.coverage import Service as SavedFrom
from ..service_children.archives import archives_of_dumps, archives_of_volume
from ..service_children.once import made_once
from .claims import service_again, services_of
from .mark import SavedFirst, mark_write, own_mark
from .scratch import key_of
from .words import data_of

#: The prefix of these archives, which nothing else has.
PREFIX = "before"
_ANSWER_TIMEOUT = 2.0


@dataclass(frozen=True)
class SavePlan(ChangePlan):
    """The backup of what is replaced."""

    service: Service
    archive: SavedArchive


def _plan(service: Service, context: Context) -> SavePlan:
    return SavePlan((), Difference(service.label, {}, {}), service, context.params["archive"])


def _polls(planned: SavePlan, outcome: Outcome, context: Context) -> Polls:
    """The archive, a C(SavedFirst); C(None) if the data is not what it was before the recovery any more.

    :raises DokployError: it cannot be saved, or another run has claimed the service.
    """
    service, archive = service_again(planned.service, context), planned.archive
    mark = own_mark(service, context.params["run"])
    known = mark.before.get(archive.file)
    if known is not None or mark.filled:
        return known
    try:
        file = yield from (_copied if archive.archive_kind.is_copied else _backed_up)(service, archive, context)
    except DokployError as error:
        error.message = "the present %s is not saved, so that it is not replaced: %s" % (
            data_of(archive),
            error.message,
        )
        error.hint = "Make it possible, or replace it without that, with archives_save_first: false."
        raise
    saved = SavedFirst(str(file["path"]), int(file["size"]), str(file["created_at"]))
    outcome.sent = True
    with context.params["heartbeat"].changing:
        service = service_again(service, context)
        mark = own_mark(service, context.params["run"])
        noted = replace(mark, before={**mark.before, archive.file: saved})
        context.executor.run(Plan((mark_write(service, noted),)))
    return saved


def _backed_up(service: Service, archive: SavedArchive, context: Context, **options: Any) -> Polls:
    """The file of a backup. :param options: further ones of it."""
    node = _node(service, archive, {**context.params, "options": {**context.params["options"], **options}})
    own = replace(context, params=node.params)
    transition = transition_of(node)
    (observed,) = transition.observe([node], own)
    plan = transition.plan(observed, own)
    return (yield from ends_of(transition, plan, own.executor.run(plan), own))["file"]


def _copied(service: Service, archive: SavedArchive, context: Context) -> Polls:
    """The file of a volume into which a job has copied the data. It is a scratch volume, removed in the end."""
    params, begin = context.params, context.waiter.clock()
    server = {"serverId": service.row["serverId"]} if service.row.get("serverId") else {}
    volume = params["scratch"].new(archive, server)
    place = SavedFrom(archive.kind, str(archive.database_type), archive.path, service.row)
    folder = str(archive.bind) if archive.archive_kind.on_host else None
    key = "copy of the present %s of %s" % (data_of(archive), service.label)
    copy = copy_node(place, folder, volume, key, params["image"], params["restore_timeout"])
    job = (yield from carried_out(copy, context))["job"]
    file = yield from _backed_up(service, archive, context, volume=volume)
    return copied_at(file, job["output_lines"], context.waiter.clock() - begin)


def _node(service: Service, archive: SavedArchive, params: Mapping[str, Any]) -> Node:
    """The run of the backup that is made for it."""
    resource, options = service.resource, params["options"]
    kind = archive.archive_kind
    child = next(child for child in resource.children if child.option == kind.backups)
    # The volume of a copy has another name in each run.
    name = (
        key_of(archive) if kind.is_copied else str(options["database_name"] if kind.into_running else options["volume"])
    )
    stated: Dict[str, Any] = dict.fromkeys([child.id_option, "generate", *(field.name for field in child.fields)])
    stated.update(
        state="executed",
        wait_timeout=params["restore_timeout"],
        answer_timeout=_ANSWER_TIMEOUT,
        log_lines=params["log_lines"],
        **options,
        destination=params["destination_id"],
        prefix="%s/%s" % (PREFIX, name),
    )
    if "name" in stated:
        stated["name"] = "%s %s" % (PREFIX, name)
    archives = archives_of_dumps if kind.into_running else archives_of_volume
    transition = made_once(child, Target(service.label, service.id), archives)
    return Node(resource, stated, key="%s of %s" % (PREFIX, service.label), transition=transition)


def _finish(first: SavePlan, _planned: SavePlan, outcome: Outcome, _context: Context) -> Dict[str, Any]:
    saved: Optional[SavedFirst] = outcome.ended
    return first.difference.result(saved_first=None if saved is None else asdict(saved))


#: The present data of a service is in an archive of its own.
SAVED_BEFORE = Transition(services_of, _plan, _finish, configures=False, polls=_polls)
