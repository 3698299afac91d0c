# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The rows of a database into which a dump is restored, compared with what the set saw of them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import Any, Dict, Mapping, Optional

from ..._engine.lookup import Target
from ..._engine.node_run import carried_out
from ..._engine.plan import Outcome
from ..._engine.runner import Context
from ..._engine.view import ChangePlan, Difference
from ..._engine.wait import Pause, Polls
from ..._errors import DeploymentFailed, DokployError
from ..._model.states import Transition
from ..._swarm.logs import MAX_LINES
from ..._swarm.tasks import Service
from ..archive_kinds.fingerprints import RowCounts
from ..archive_kinds.row_counts import count_script, counts_in, found_rows, inside_script
from ..backups.archives_file import SavedArchive
from ..backups.checks import Check
from ..service_children.inside import inside_node
from ..services.compose import COMPOSE
from .beside import job_beside
from .claims import services_of
from .coming_up import ATTEMPTS, COMING_UP, PATIENCE, PAUSE
from .mark import own_mark


@dataclass(frozen=True)
class RowsPlan(ChangePlan):
    """The count of the rows of a restored database."""

    service: Service
    archive: SavedArchive
    expected: RowCounts


def _plan_rows(service: Service, context: Context) -> RowsPlan:
    archive: SavedArchive = context.params["archive"]
    return RowsPlan((), Difference(service.label, {}, {}), service, archive, context.params["expected"])


def _rows_polls(planned: RowsPlan, _outcome: Outcome, context: Context) -> Polls:
    """The rows of the tables by their names; C(None) if they are not known, of which there is a warning."""
    service, archive = planned.service, planned.archive
    if own_mark(service, context.params["run"]).masking:
        # A mask may have removed rows.
        return None
    script = count_script(str(archive.database_type), uncounted=planned.expected.uncounted)
    place = (archive.kind, archive.path)
    try:
        if service.resource is COMPOSE:
            counts = counts_in((yield from _lines_inside(service, archive, script, context)))
            return _not_counted(service, "the output is not whole", context) if counts is None else found_rows(counts)
        end = yield from job_beside(service, Check("rows", script), "count", place, context, log_lines=MAX_LINES)
    except DokployError as error:
        return _not_counted(service, str(error), context)
    if end is None:
        return None
    counts = counts_in(end.lines) if end.exit_code == 0 else None
    if counts is None:
        said = " / ".join(line for line in end.lines[-3:] if line.strip())
        return _not_counted(service, "exit code %s (%s): %s" % (end.exit_code, end.task, said), context)
    return found_rows(counts)


def _lines_inside(service: Service, archive: SavedArchive, script: str, context: Context) -> Polls:
    """What a script writes in the container of the database in a stack, again while that comes up."""
    database, target = archive.database, Target(service.label, service.id)
    name, user = ("", None) if database is None else (database.name, database.user)
    own_script = inside_script(str(archive.database_type), name, user, script)
    node = inside_node(COMPOSE, target, str(archive.service), "count rows", own_script, context.params["wait_timeout"])
    begin = context.waiter.clock()
    for attempt in count(1):
        try:
            context.reads.forget()
            return (yield from carried_out(node, context))["run"]["log"]
        except DokployError as error:
            comes_up = COMING_UP.search(str(error))
            if not comes_up or (attempt >= ATTEMPTS and context.waiter.clock() - begin >= PATIENCE):
                raise
        context.waiter.progress("%s: it comes up; counting again" % service.label)
        yield Pause(service.label, PAUSE), float("inf")


def _not_counted(service: Service, why: str, context: Context) -> None:
    context.warn(["%s: its restored rows could not be counted, so that they prove nothing: %s" % (service.label, why)])


def _finish_rows(first: RowsPlan, _planned: RowsPlan, outcome: Outcome, _context: Context) -> Dict[str, Any]:
    """:raises DeploymentFailed: the database has other rows than the set saw."""
    rows: Optional[Mapping[str, int]] = outcome.ended
    if rows is None:
        return first.difference.result(same=None)
    difference = first.expected.difference(rows)
    if difference is not None:
        raise DeploymentFailed(
            "%s: its dump %s is not what the set saved: %s" % (first.service.label, first.archive.file, difference),
            hint="Nothing that uses its data is started. Restore an older set, or remove the fingerprint of this "
            "archive from archives.yml to accept its data.",
        )
    return first.difference.result(same=first.expected.is_exact)


#: The tables of a restored database have the rows that the set saw.
ROWS_SAME = Transition(services_of, _plan_rows, _finish_rows, configures=False, polls=_rows_polls)
