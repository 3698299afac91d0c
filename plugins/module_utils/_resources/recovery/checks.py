# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The checks of a set, which are run again beside the data that is back: what Dokploy calls success may be none."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any, Callable, Dict, Optional

from ..._api.client import Call
from ..._engine.plan import Outcome
from ..._engine.runner import Context
from ..._engine.view import ChangePlan, Difference
from ..._engine.wait import Pause, Polls
from ..._errors import DeploymentFailed
from ..._model.states import Transition
from ..._swarm.switching import ends_of
from ..._swarm.tasks import Service, live_tasks, read_tasks
from ..backups.archives_file import DUMP, SavedArchive, SavedCheck
from ..backups.checks import Check, check_node, difference, without_networks
from ..backups.coverage import Service as SavedFrom
from ..backups.services import stack_of
from ..jobs.run import JOB, JobEnd
from ..services.compose import COMPOSE
from .claims import services_of
from .coming_up import ATTEMPTS, COMING_UP, PAUSE


@dataclass(frozen=True)
class CheckPlan(ChangePlan):
    """A check of a service."""

    service: Service
    check: SavedCheck


def _plan(service: Service, context: Context) -> CheckPlan:
    return CheckPlan((), Difference(service.label, {}, {}), service, context.params["check"])


def _polls(planned: CheckPlan, _outcome: Outcome, context: Context) -> Polls:
    check, service, resource = planned.check, planned.service, planned.service.resource
    stack = None
    if resource is COMPOSE:
        (answer,) = context.client.call_many([Call("compose.getConvertedCompose", {"composeId": service.id})])
        stack = stack_of(service.row, answer)
    place = SavedFrom(check.kind, resource.kind or resource.name, check.path, service.row, stack=stack)
    if stack is not None and not live_tasks(read_tasks(context.client, service)):
        place = without_networks(place)
    stated = Check(check.name, check.script, check.image, check.compare)
    key = "check %s of %s" % (check.name, check.path)
    node = check_node(stated, place, key, timeout=context.params["wait_timeout"])
    own = replace(context, params=node.params)
    for attempt in range(ATTEMPTS):
        (state,) = JOB.observe([node], own)
        job = JOB.plan(state, own)
        end: Optional[JobEnd] = yield from ends_of(JOB, job, own.executor.run(job), own)
        if end is None or end.exit_code == check.exit_code or not COMING_UP.search("\n".join(end.lines)):
            break
        if attempt < ATTEMPTS - 1:
            context.waiter.progress("%s: it comes up; checking again" % service.label)
            yield Pause(service.label, PAUSE), 2 * PAUSE
            # The job that has run is gone.
            own.reads.forget()
    return end


def _finish(first: CheckPlan, _planned: CheckPlan, outcome: Outcome, _context: Context) -> Dict[str, Any]:
    """:raises DeploymentFailed: the output is not what the check expects."""
    return _judged(first, outcome, _failed)


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
    why: Optional[str] = difference(check.compare, check.output, output)
    if end.exit_code != check.exit_code:
        why = "it ended with the exit code %s, not %d (%s)" % (end.exit_code, check.exit_code, end.task)
    return {"passed": why is None, "why": why, "expected": check.output, "output": output}


#: The data of a service passes a check of its set.
CHECK_PASSED = Transition(services_of, _plan, _finish, configures=False, polls=_polls)

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
        hint="State the password that the secrets of the set have, and run this again. If it cannot be changed, remove "
        "the database with its volume first.",
        details=details,
    )


#: The password of the document is that of a restored volume.
LOGIN_PASSED = replace(CHECK_PASSED, finish=_finish_login)
