# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What the restores of a run have in common: what they are asked for, the service as it is, and its mark.

A run claims each service by its mark before it deploys it, and releases it when all its data are back and proven. From
then on it is live.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Sequence

from ..._engine.lease import now
from ..._engine.plan import Outcome, Plan
from ..._engine.runner import Context
from ..._engine.state import Node
from ..._engine.view import ChangePlan, Difference
from ..._errors import NotFoundError, PlanOutdated, Refused
from ..._model.states import Transition
from ..._reads.rows import read_call, row_in, valid
from ..._swarm.tasks import Service
from ..backups.archives_file import SavedArchive
from .bucket import Placed, look_up
from .mark import RESTORED, RESTORING, DataMark, is_live_with, mark_of, mark_write, own_mark, works_on

Row = Mapping[str, Any]


@dataclass(frozen=True)
class RestoreRequest:
    """What a node restores.

    :param run: the ID of the run. :param saved_name: the C(app_name) of the service on the saved server.
    :param replaces: the target may have data. :param image: that of the job that copies files.
    """

    archive: SavedArchive
    run: str
    saved_name: str
    replaces: bool
    image: str


@dataclass(frozen=True)
class Restored:
    """:param log: the last lines of the server. :param seconds: from the beginning of the restore to its end."""

    log: Sequence[str]
    seconds: float


@dataclass(frozen=True)
class MarkPlan(ChangePlan):
    """The write of a mark."""


def services_of(nodes: Sequence[Node], context: Context) -> List[Service]:
    """The services of nodes as they are now, read in one request.

    :raises NotFoundError: one does not exist any more.
    """
    calls = [read_call(node.resource, str(node.params[node.resource.id_option])) for node in nodes]
    context.reads.current.prefetch([[call] for call in calls])
    services = []
    for node, call in zip(nodes, calls):
        row = row_in(node.resource, context.reads.current.row(call), str(node.params[node.resource.id_option]))
        if row is None:
            raise NotFoundError("%s does not exist any more" % node.label)
        services.append(Service(node.resource, row, node.label))
    return services


def service_again(service: Service, context: Context) -> Service:
    """A service as it is now."""
    answer = valid(context.reads.current.answers(read_call(service.resource, service.id))[0])
    row = row_in(service.resource, answer, service.id)
    if row is None:
        raise NotFoundError("%s does not exist any more" % service.label)
    return Service(service.resource, row, service.label)


def note(service: Service, request: RestoreRequest, state: str, context: Context) -> None:
    """Note in the mark how far the restore of an archive is.

    :raises Refused: another run has claimed the service.
    """
    with context.params["heartbeat"].changing:
        service = service_again(service, context)
        mark = own_mark(service, request.run).with_archive(request.archive.file, state)
        context.executor.run(Plan((mark_write(service, mark),)))


# --- before the first restore, and after the last one ---


@dataclass(frozen=True)
class ClaimPlan(MarkPlan):
    """The write of the mark of a service that is held from then on."""

    service: Service


def _plan_claim(service: Service, context: Context) -> ClaimPlan:
    """:raises Refused: it has become live since the plan was made, by another run, or by a playbook that was killed and
    whose worker went on.
    """
    params, mark = context.params, mark_of(service)
    if mark is not None and mark.live and is_live_with(mark, params["files"]):
        raise Refused(
            "%s: another run has brought it back from the same archives, and it is live since %s"
            % (service.label, mark.live),
            hint="Nothing is lost, and nothing is restored into it. Run this again: it finds its data in place.",
        )
    if mark is not None and mark.live and not params["replaces"]:
        raise Refused(
            "%s: its data were restored, and it is live since %s" % (service.label, mark.live),
            hint="Nothing is restored into it. Name its path in overwrite to replace its data.",
        )
    files, lease = dict.fromkeys(params["files"]), params["heartbeat"].lease
    claimed = (mark or DataMark()).claimed(params["run"], files, bool(params["placed"]), lease)
    return ClaimPlan((mark_write(service, claimed),), Difference(service.label, {}, {}), service)


def _observe_claims(nodes: Sequence[Node], context: Context) -> List[Service]:
    """The services, after a look at the archives of all of them in their buckets, which may take long.

    :raises Refused: an archive cannot be restored from, so that nothing is restored into the service.
    :raises PlanOutdated: another run has begun to work on one since the plan was made, and is waited for.
    """
    archives = [Placed(*pair) for node in nodes for pair in node.params["placed"]]
    for problem in look_up(archives, context):
        if problem is not None:
            raise problem
    # The marks are read right before they are written, since another run may have written its own meanwhile.
    services = services_of(nodes, context)
    for node, service in zip(nodes, services):
        mark = works_on(service)
        if mark is not None and mark.run != node.params["run"] and mark.text not in context.silent:
            raise PlanOutdated
    return services


def _finish_claim(first: ClaimPlan, planned: ClaimPlan, outcome: Outcome, context: Context) -> Dict[str, Any]:
    if outcome.sent:
        context.params["heartbeat"].hold(planned.service, context)
    return first.difference.result()


#: A service is claimed by a run, which restores its data.
CLAIMED = Transition(_observe_claims, _plan_claim, _finish_claim, configures=False)


@dataclass(frozen=True)
class ReleasePlan(MarkPlan):
    """:param live: since when the service is live; empty: it is not, since a later run replaces its data."""

    live: str


def _plan_release(service: Service, context: Context) -> ReleasePlan:
    """:raises Refused: another run has claimed the service."""
    params, released = context.params, mark_of(service)
    # No beat may follow the release.
    params["heartbeat"].leave(service)
    if context.executor.sent and released is not None and _is_released(released, params):
        # The answer was lost.
        return ReleasePlan((), Difference(service.label, {}, {}), released.live)
    mark = own_mark(service, params["run"])
    archives, live = {**mark.archives}, "" if params["rehearsal"] else now()
    if live:
        archives = {file: state for file, state in archives.items() if file in params["files"] and state != RESTORING}
    released = DataMark("", archives, live, mark.masking and not live, stopped=mark.stopped, before=mark.before)
    return ReleasePlan((mark_write(service, released),), Difference(service.label, {}, {}), live)


def _is_released(mark: DataMark, params: Mapping[str, Any]) -> bool:
    """Whether a mark is as a release writes it."""
    restored = all(mark.archives.get(file) == RESTORED for file in params["files"])
    return restored and not mark.run and bool(mark.live) != params["rehearsal"]


def _finish_release(first: ReleasePlan, planned: ReleasePlan, _outcome: Outcome, _context: Context) -> Dict[str, Any]:
    return first.difference.result(live=planned.live or None)


#: All data of a service are restored, so that it may be used, unless that was a rehearsal.
RELEASED = Transition(services_of, _plan_release, _finish_release, configures=False)


# --- the archive right before a restore ---


def look_at(request: RestoreRequest, destination_id: str, context: Context) -> None:
    """:raises Refused: the archive is not in the bucket as it was saved, or the bucket does not answer."""
    (problem,) = look_up([Placed(request.archive, destination_id)], context)
    if problem is not None:
        raise problem
