# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The checks of a set, which are run again beside the data that is back: what Dokploy calls success may be none."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Dict, Optional

from ..._api.client import Call
from ..._engine.plan import Outcome
from ..._engine.runner import Context
from ..._engine.view import ChangePlan, Difference
from ..._engine.wait import Polls
from ..._errors import DeploymentFailed
from ..._model.states import Transition
from ..._swarm.switching import ends_of
from ..._swarm.tasks import Service, live_tasks, read_tasks
from ..backups.archives_file import SavedCheck
from ..backups.checks import Check, check_node, difference, without_networks
from ..backups.coverage import Service as SavedFrom
from ..backups.services import stack_of
from ..jobs.run import JOB, JobEnd
from ..services.compose import COMPOSE
from .claims import services_of


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
    (state,) = JOB.observe([node], own)
    job = JOB.plan(state, own)
    return (yield from ends_of(JOB, job, own.executor.run(job), own))


def _finish(first: CheckPlan, _planned: CheckPlan, outcome: Outcome, _context: Context) -> Dict[str, Any]:
    """:raises DeploymentFailed: the output is not what the check expects."""
    check, end = first.check, outcome.ended
    if end is None:
        return first.difference.result(check=None)
    facts = _facts(check, end)
    if not facts["passed"]:
        raise DeploymentFailed(
            "the check %s of %s %s failed: %s" % (check.name, check.kind, check.path, facts["why"]),
            details={"check": facts},
        )
    return first.difference.result(check=facts)


def _facts(check: SavedCheck, end: JobEnd) -> Dict[str, Any]:
    """What results show of a check."""
    output = "\n".join(end.lines)
    why: Optional[str] = difference(check.compare, check.output, output)
    if end.exit_code != check.exit_code:
        why = "it ended with the exit code %s, not %d (%s)" % (end.exit_code, check.exit_code, end.task)
    return {"passed": why is None, "why": why, "expected": check.output, "output": output}


#: The data of a service passes a check of its set.
CHECK_PASSED = Transition(services_of, _plan, _finish, configures=False, polls=_polls)
