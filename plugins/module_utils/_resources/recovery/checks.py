# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Scripts beside data that is back: the checks of a set, which are run again, the count of the rows of a database, and
masks, which change the data.

What Dokploy calls success may be none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import count
from typing import Any, Callable, Dict, List, Mapping, Optional, Tuple

from ..._api.client import Call
from ..._engine.plan import Outcome, Plan
from ..._engine.runner import Context
from ..._engine.view import ChangePlan, Difference
from ..._engine.wait import Pause, Polls
from ..._errors import DeploymentFailed, DokployError
from ..._model.states import Transition
from ..._swarm.logs import MAX_LINES
from ..._swarm.switching import ends_of
from ..._swarm.tasks import Service, live_tasks, read_tasks
from ..archive_kinds.fingerprints import RowCounts
from ..archive_kinds.row_counts import count_script, counts_in, found_rows
from ..backups.archives_file import DUMP, SavedArchive, SavedCheck
from ..backups.checks import Check, check_node, difference, without_networks
from ..backups.coverage import DATABASE
from ..backups.coverage import Service as SavedFrom
from ..backups.services import stack_of
from ..jobs.command import JobEnd
from ..jobs.run import JOB
from ..services.compose import COMPOSE
from .claims import service_again, services_of
from .coming_up import ATTEMPTS, COMING_UP, PATIENCE, PAUSE
from .mark import mark_write, own_mark
from .masks import Mask


@dataclass(frozen=True)
class CheckPlan(ChangePlan):
    """A check of a service."""

    service: Service
    check: SavedCheck


def _plan(service: Service, context: Context) -> CheckPlan:
    return CheckPlan((), Difference(service.label, {}, {}), service, context.params["check"])


@dataclass(frozen=True)
class NoContainer:
    """A check of a service that has no container yet, in a rehearsal. :param end: of its job; a database has none."""

    end: Optional[JobEnd]


def _polls(planned: CheckPlan, _outcome: Outcome, context: Context) -> Polls:
    if not context.params.get("rehearsal") or live_tasks(read_tasks(context.client, planned.service)):
        return (yield from _checked(planned, context))
    if planned.check.kind == DATABASE:
        return NoContainer(None)
    # It may look at files only.
    return NoContainer((yield from _checked(planned, context)))


def _checked(planned: CheckPlan, context: Context) -> Polls:
    check = planned.check
    stated = Check(check.name, check.script, check.image, check.compare)
    place = (check.kind, check.path)
    patience = context.params.get("patience", PATIENCE)
    return (yield from job_beside(planned.service, stated, "check", place, context, check.exit_code, patience))


def job_beside(
    service: Service,
    stated: Check,
    what: str,
    place: Tuple[str, str],
    context: Context,
    exit_code: int = 0,
    patience: float = PATIENCE,
    log_lines: Optional[int] = None,
) -> Polls:
    """Run a script as a job beside a service, and wait for its C(JobEnd). Beside a database that comes up, again.

    :param what: C(check), C(mask) or C(count). :param place: the kind of the service, and its path.
    :param context: has C(wait_timeout). :param exit_code: with which it ends well.
    :param patience: for how many seconds it is tried again while a database comes up.
    :param log_lines: how many lines of the output are read; C(None) for as many as of a check of a set.
    """
    kind, path = place
    resource, stack = service.resource, None
    if resource is COMPOSE:
        (answer,) = context.client.call_many([Call("compose.getConvertedCompose", {"composeId": service.id})])
        stack = stack_of(service.row, answer)
    beside = SavedFrom(kind, resource.kind or resource.name, path, service.row, stack=stack)
    if stack is not None and not live_tasks(read_tasks(context.client, service)):
        beside = without_networks(beside)
    key = "%s %s of %s" % (what, stated.name, path)
    node = check_node(stated, beside, key, prefix=what, timeout=context.params["wait_timeout"])
    own = replace(context, params=node.params if log_lines is None else {**node.params, "log_lines": log_lines})
    begin = context.waiter.clock()
    for attempt in count(1):
        (state,) = JOB.observe([node], own)
        job = JOB.plan(state, own)
        end: Optional[JobEnd] = yield from ends_of(JOB, job, own.executor.run(job), own)
        comes_up = end is not None and end.exit_code != exit_code and COMING_UP.search("\n".join(end.lines))
        if not comes_up or (attempt >= ATTEMPTS and context.waiter.clock() - begin >= patience):
            return end
        context.waiter.progress("%s: it comes up; checking again" % service.label)
        yield Pause(service.label, PAUSE), float("inf")
        # The job that has run is gone.
        own.reads.forget()


def _finish(first: CheckPlan, _planned: CheckPlan, outcome: Outcome, _context: Context) -> Dict[str, Any]:
    """:raises DeploymentFailed: the output is not what the check expects, and its service has a container."""
    if isinstance(outcome.ended, NoContainer):
        return first.difference.result(check=_facts_without_container(first.check, outcome.ended.end))
    return _judged(first, outcome, _failed)


def _facts_without_container(check: SavedCheck, end: Optional[JobEnd]) -> Dict[str, Any]:
    """The same as C(_facts), of a check that cannot fail, since its script may need the container."""
    facts = {"passed": False, "why": None, "output": None} if end is None else _facts(check, end)
    if facts["passed"]:
        return facts
    why = "its service has no container yet" + (": %s" % facts["why"] if facts["why"] else "")
    return {**facts, "passed": None, "why": why, "waits": True}


def _judged(
    first: CheckPlan, outcome: Outcome, failed: Callable[[CheckPlan, Dict[str, Any]], DeploymentFailed]
) -> Dict[str, Any]:
    """The result of a check. :param failed: the error of one that has failed, from what results show of it."""
    if outcome.ended is None:
        return first.difference.result(check=None)
    facts = _facts(first.check, outcome.ended)
    if not facts["passed"]:
        raise failed(first, facts)
    return first.difference.result(check=facts)


def _failed(first: CheckPlan, facts: Dict[str, Any]) -> DeploymentFailed:
    check = first.check
    message = "the check %s of %s %s failed: %s" % (check.name, check.kind, check.path, facts["why"])
    return DeploymentFailed(message, details={"check": facts})


def _facts(check: SavedCheck, end: JobEnd) -> Dict[str, Any]:
    """What results show of a check."""
    output = "\n".join(end.lines)
    why: Optional[str] = difference(check.compare, check.output, output, check.output_after)
    if end.exit_code != check.exit_code:
        why = "it ended with the exit code %s, not %d (%s)" % (end.exit_code, check.exit_code, end.task)
    return {"passed": why is None, "why": why, "expected": check.output, "output": output}


#: The data of a service passes a check of its set.
CHECK_PASSED = Transition(services_of, _plan, _finish, configures=False, polls=_polls)


def _finish_told(first: CheckPlan, _planned: CheckPlan, outcome: Outcome, _context: Context) -> Dict[str, Any]:
    return first.difference.result(check=None if outcome.ended is None else _facts(first.check, outcome.ended))


#: It is known whether the data of a service passes a check of its set, which other data may fail.
CHECK_TOLD = replace(CHECK_PASSED, finish=_finish_told)

# --- the login to a database whose data volume came back ---

# It keeps the password of its origin, whatever the document has. Dokploy shows that of the document, and the database
# refuses it over the network, where others use it. Inside the container PostgreSQL asks for none.
_SQL = '%s -h "$DB_HOST" -P "$DB_PORT" -u "$DB_USER" -N -e \'select 1\''
# By the kind of the database; those that take the password from a variable which a check has.
_SCRIPTS = {
    "postgres": 'psql -h "$DB_HOST" -p "$DB_PORT" -U "$DB_USER" -d "$DB_NAME" -At -c "select 1"',
    "mysql": _SQL % "mysql",
    "mariadb": _SQL % "mariadb",
}
_REFUSED = re.compile(r"password authentication failed|Access denied for user", re.IGNORECASE)


def login_check(archive: SavedArchive) -> Optional[SavedCheck]:
    """The check that the password of the document is that of a restored volume; C(None) if it needs none."""
    script = _SCRIPTS.get(str(archive.database_type))
    if archive.method == DUMP or archive.kind != "database" or script is None:
        return None
    return SavedCheck("login to the restored volume", archive.kind, archive.path, script, "1")


def _finish_login(first: CheckPlan, _planned: CheckPlan, outcome: Outcome, _context: Context) -> Dict[str, Any]:
    """:raises DeploymentFailed: the password is another one, or the login fails for another reason."""
    return _judged(first, outcome, _login_failed)


def _login_failed(first: CheckPlan, facts: Dict[str, Any]) -> DeploymentFailed:
    label, output, details = first.service.label, facts["output"], {"check": facts}
    if not _REFUSED.search(output):
        return DeploymentFailed("%s: the login to its restored volume failed: %s" % (label, output), details=details)
    return DeploymentFailed(
        "%s: its restored volume has the password of its origin, and the document has another one" % label,
        hint="State the password that the secrets of the set have, and run this again.",
        details=details,
    )


#: The password of the document is that of a restored volume.
LOGIN_PASSED = replace(CHECK_PASSED, finish=_finish_login)


# --- the rows of a database into which a dump was restored ---


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


# --- masks ---

# How many lines of the output a message has.
_LAST_LINES = 5


@dataclass(frozen=True)
class MaskPlan(ChangePlan):
    """A mask of a service. :param kind: the name of the module of the entry, without C(dokploy_)."""

    service: Service
    mask: Mask
    kind: str


def _plan_mask(service: Service, context: Context) -> MaskPlan:
    """:raises Refused: another run has claimed the service."""
    params = context.params
    own_mark(service, params["run"])
    return MaskPlan((), Difference(service.label, {}, {}), service, params["mask"], params["kind"])


def _mask_polls(planned: MaskPlan, _outcome: Outcome, context: Context) -> Polls:
    mask, service = planned.mask, planned.service
    with context.params["heartbeat"].changing:
        service = service_again(service, context)
        mark = own_mark(service, context.params["run"])
        if not mark.masking:
            # From now on, no run checks whether the data is what was saved.
            context.executor.run(Plan((mark_write(service, replace(mark, masking=True)),)))
    stated = Check(mask.name, mask.script_for(service.resource.kind), mask.image)
    return (yield from job_beside(service, stated, "mask", (planned.kind, service.label), context))


def _finish_mask(first: MaskPlan, _planned: MaskPlan, outcome: Outcome, _context: Context) -> Dict[str, Any]:
    """:raises DeploymentFailed: it has not ended well, so that nothing may use the data."""
    end: Optional[JobEnd] = outcome.ended
    if end is not None and end.exit_code != 0:
        raise DeploymentFailed(
            "the mask %s of %s failed with the exit code %s (%s): %s"
            % (first.mask.name, first.service.label, end.exit_code, end.task, _last(end.lines)),
            hint="Its data may not be masked, so that nothing that may use it is started. Mend the mask, and go on.",
        )
    return first.difference.result(masked=end is not None)


def _last(lines: List[str]) -> str:
    return " / ".join(line for line in lines[-_LAST_LINES:] if line.strip()) or "no output"


#: Data of a service is masked.
MASKED = Transition(services_of, _plan_mask, _finish_mask, configures=False, polls=_mask_polls)
