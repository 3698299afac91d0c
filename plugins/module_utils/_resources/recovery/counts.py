# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The rows or keys of a database whose data came back, compared with what the set saw of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, Mapping, Optional, Sequence, Union

from ..._engine.lookup import Target
from ..._engine.node_run import carried_out
from ..._engine.plan import Outcome
from ..._engine.runner import Context
from ..._engine.view import ChangePlan, Difference
from ..._engine.wait import Polls
from ..._errors import DeploymentFailed, DokployError
from ..._model.states import Transition
from ..._swarm.logs import MAX_LINES
from ..._swarm.tasks import Service, live_tasks, read_tasks
from ..archive_kinds.fingerprints import KeyCounts, RowCounts
from ..archive_kinds.key_counts import count_keys_script, found_keys
from ..archive_kinds.row_counts import COUNTED, count_script, counts_in, found_rows, inside_script
from ..backups.archives_file import SavedArchive
from ..backups.checks import Check
from ..service_children.inside import inside_node
from ..services.compose import COMPOSE
from .beside import job_beside
from .claims import services_of
from .coming_up import while_it_comes_up
from .mark import own_mark

Counts = Union[RowCounts, KeyCounts]
# How many rows each table has, or how many keys there are.
Found = Union[Mapping[str, int], int]


def expected_counts(archive: SavedArchive) -> Optional[Counts]:
    """The rows or keys that an archive has by what the set saw; C(None) if nothing is to be counted."""
    known = archive.fingerprint
    if isinstance(known, KeyCounts):
        return known
    is_counted = archive.archive_kind.into_running and archive.database_type in COUNTED
    return known if is_counted and isinstance(known, RowCounts) else None


@dataclass(frozen=True)
class CountsPlan(ChangePlan):
    """The count of what is in a database."""

    service: Service
    archive: SavedArchive
    expected: Counts

    @property
    def counted(self) -> str:
        """What is counted."""
        return "keys" if isinstance(self.expected, KeyCounts) else "rows"

    def script(self) -> str:
        """What counts it."""
        if isinstance(self.expected, KeyCounts):
            return count_keys_script()
        return count_script(str(self.archive.database_type), uncounted=self.expected.uncounted)

    def found_in(self, lines: Sequence[str]) -> Optional[Found]:
        """What the script has counted; C(None) if its output is not whole."""
        if isinstance(self.expected, KeyCounts):
            return found_keys(lines)
        tables = counts_in(lines)
        return None if tables is None else found_rows(tables)


@dataclass(frozen=True)
class Looked:
    """What was found; C(None) if it could not be counted, of which there is a warning."""

    counted: Optional[Found]


def _plan(service: Service, context: Context) -> CountsPlan:
    archive: SavedArchive = context.params["archive"]
    return CountsPlan((), Difference(service.label, {}, {}), service, archive, context.params["expected"])


def _polls(planned: CountsPlan, _outcome: Outcome, context: Context) -> Polls:
    """C(Looked); C(None) if nothing was counted, since nothing can be told of it."""
    service, archive = planned.service, planned.archive
    if own_mark(service, context.params["run"]).masking:
        # A mask may have removed rows.
        return None
    if isinstance(planned.expected, KeyCounts) and not live_tasks(read_tasks(context.client, service)):
        # Its dump is in its place, and was compared before.
        return None
    script, place = planned.script(), (archive.kind, archive.path)
    try:
        if service.resource is COMPOSE:
            counted = planned.found_in((yield from _lines_inside(service, archive, script, context)))
            return Looked(counted) if counted is not None else _not_counted(planned, "the output is not whole", context)
        check = Check(planned.counted, script)
        end = yield from job_beside(service, check, "count", place, context, log_lines=MAX_LINES)
    except DokployError as error:
        return _not_counted(planned, str(error), context)
    if end is None:
        return None
    counted = planned.found_in(end.lines) if end.exit_code == 0 else None
    if counted is None:
        said = " / ".join(line for line in end.lines[-3:] if line.strip())
        return _not_counted(planned, "exit code %s (%s): %s" % (end.exit_code, end.task, said), context)
    return Looked(counted)


def _lines_inside(service: Service, archive: SavedArchive, script: str, context: Context) -> Polls:
    """What a script writes in the container of the database in a stack, again while that comes up."""
    database, target = archive.database, Target(service.label, service.id)
    name, user = ("", None) if database is None else (database.name, database.user)
    own_script = inside_script(str(archive.database_type), name, user, script)
    node = inside_node(COMPOSE, target, str(archive.service), "count rows", own_script, context.params["wait_timeout"])

    def counted() -> Polls:
        context.reads.forget()
        return (yield from carried_out(node, context))["run"]["log"]

    return (yield from while_it_comes_up(service.label, "counting", counted, context))


def _not_counted(planned: CountsPlan, why: str, context: Context) -> Looked:
    text = "%s: its restored %s could not be counted, so that they prove nothing: %s"
    context.warn([text % (planned.service.label, planned.counted, why)])
    return Looked(None)


def _finish(first: CountsPlan, _planned: CountsPlan, outcome: Outcome, _context: Context) -> Dict[str, Any]:
    """C(same) is C(None) if nothing was counted.

    :raises DeploymentFailed: the database has other rows or keys than the set saw.
    """
    looked: Optional[Looked] = outcome.ended
    if looked is None or looked.counted is None:
        return first.difference.result(same=None if looked is None else False)
    # A plan has the reader of what its fingerprint is compared with.
    counted: Any = looked.counted
    difference = first.expected.difference(counted)
    if difference is not None:
        raise DeploymentFailed(
            "%s: its dump %s is not what the set saved: %s" % (first.service.label, first.archive.file, difference),
            hint=_HINTS[first.counted],
        )
    return first.difference.result(same=first.expected.is_exact)


_OLDER = (
    "Nothing that uses its data is started. Restore an older set, or remove the fingerprint of this archive from "
    "archives.yml to accept its data."
)
_HINTS = {
    "rows": _OLDER,
    "keys": "Its command or configuration may name another file than dump.rdb, an append-only file, or less memory "
    "than the keys need. %s" % _OLDER,
}
COUNTS_SAME = Transition(services_of, _plan, _finish, configures=False, polls=_polls)
