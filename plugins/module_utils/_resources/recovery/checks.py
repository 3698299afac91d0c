# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Scripts beside data that is back, or is replaced: checks of a set, rows of a database, sessions of others, and masks.

What Dokploy calls success may be none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any, Callable, Dict, List, Mapping, Optional

from ..._engine.plan import Outcome, Plan
from ..._engine.runner import Context
from ..._engine.view import ChangePlan, Difference
from ..._engine.wait import Pause, Polls
from ..._errors import DeploymentFailed, Refused
from ..._model.states import Transition
from ..._swarm.run_to_end import RunEnd
from ..._swarm.tasks import Service, live_tasks, read_tasks
from ..backups.archives_file import SavedArchive, SavedCheck
from ..backups.checks import Check, difference
from ..backups.coverage import DATABASE
from .beside import job_beside
from .claims import service_again, services_of
from .coming_up import PATIENCE
from .mark import mark_of, mark_write, own_mark
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

    end: Optional[RunEnd]


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


def _finish(first: CheckPlan, _planned: CheckPlan, outcome: Outcome, _context: Context) -> Dict[str, Any]:
    """:raises DeploymentFailed: the output is not what the check expects, and its service has a container."""
    if isinstance(outcome.ended, NoContainer):
        return first.difference.result(check=_facts_without_container(first.check, outcome.ended.end))
    return _judged(first, outcome, _failed)


def _facts_without_container(check: SavedCheck, end: Optional[RunEnd]) -> Dict[str, Any]:
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


def _facts(check: SavedCheck, end: RunEnd) -> Dict[str, Any]:
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
    if archive.archive_kind.into_running or archive.kind != "database" or script is None:
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


# --- the sessions of others, before a database is replaced ---

#: By the kind of the database, with its own client.
SESSION_SCRIPTS: Mapping[str, str] = {
    "postgres": 'psql -At -c "select count(*) from pg_stat_activity where datname = current_database()'
    " and pid <> pg_backend_pid() and backend_type = 'client backend'\"",
    **dict.fromkeys(
        ("mysql", "mariadb"),
        '$(command -v mariadb || echo mysql) -h "$DB_HOST" -u "$DB_USER" -N -e "select count(*) from'
        ' information_schema.processlist where db = database() and id <> connection_id()" "$DB_NAME"',
    ),
}
#: The name of the check that counts these.
SESSIONS = "other sessions"
# A database notices late that a client has gone.
_COUNTS, _COUNT_PAUSE = 3, 5.0


def sessions_check(kind: str, path: str, database_type: str) -> Optional[SavedCheck]:
    """The check that a database has no sessions of others; C(None) if they cannot be counted."""
    script = SESSION_SCRIPTS.get(database_type)
    return None if script is None else SavedCheck(SESSIONS, kind, path, script, "0")


def _session_polls(planned: CheckPlan, _outcome: Outcome, context: Context) -> Polls:
    """The C(RunEnd) of the last count; C(None) if a restore that was begun before may be one of the sessions."""
    mark, check = mark_of(planned.service), planned.check
    if mark is not None and mark.filled:
        return None
    stated, end = Check(check.name, check.script), None
    for attempt in range(_COUNTS):
        end = yield from job_beside(planned.service, stated, "check", (check.kind, check.path), context)
        if end is None or end.exit_code != 0 or end.lines == [check.output]:
            break
        if attempt + 1 < _COUNTS:
            context.reads.forget()
            yield Pause(planned.service.label, _COUNT_PAUSE), float("inf")
    return end


def _finish_sessions(first: CheckPlan, _planned: CheckPlan, outcome: Outcome, _context: Context) -> Dict[str, Any]:
    """:raises Refused: there are sessions of others, or they cannot be counted."""
    end = outcome.ended
    if end is not None and (end.exit_code != 0 or list(end.lines) != [first.check.output]):
        output = "\n".join(end.lines)
        text = "has %s sessions of others" % output if end.exit_code == 0 else "does not tell its sessions: %s" % output
        raise Refused(
            "%s %s after what uses it was stopped, and is not restored" % (first.service.label, text),
            hint="Its data is as it was. End what uses it, such as a client outside of Dokploy, and run this again.",
        )
    return first.difference.result()


#: Nothing else uses a database.
UNUSED = replace(CHECK_PASSED, finish=_finish_sessions, polls=_session_polls)


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
    end: Optional[RunEnd] = outcome.ended
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
