# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The states C(deployed) and C(rebuilt) of a database, and whether a deployment of it is needed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Dict, Mapping, Optional, Sequence

from ..._deployment.fingerprint import RECORDED
from ..._deployment.queue import new_in_words
from ..._engine.apply import PRESENT
from ..._engine.diff import Diff
from ..._engine.flow import ResourcePlan
from ..._engine.plan import Outcome
from ..._engine.runner import Context
from ..._engine.state import State
from ..._engine.view import predicted
from ..._errors import OptionError, Refused
from ..._model.resource import FORCE, Resource, Transition
from ..._swarm.comparison import Comparison, compared
from ..._swarm.states import warn_of_losses
from ..._swarm.tasks import Service
from ..._values.grammar import template_warnings
from .database_deployment import (
    DatabaseState,
    observe_database,
    plan_adoption,
    plan_deployment,
    reason_of,
    why_not_adoptable,
    with_facts,
)
from .database_passwords import passwords_of
from .database_rollout import DatabaseDeployment

Row = Mapping[str, Any]

OPTIONS: Mapping[str, Mapping[str, Any]] = {
    "trigger": {"type": "str", "choices": ["changed", "always", "adopt"], "default": "changed"},
    "verify_period": {"type": "float", "default": 5.0},
    **FORCE,
}


def _adopts(params: Mapping[str, Any]) -> bool:
    return bool(params["state"] == "deployed" and params["trigger"] == "adopt")


def deploy_needed(resource: Resource, _diff: Diff, row: Row, label: str, _context: Context) -> bool:
    """Whether the row says that a deployment is needed; the containers are not looked at."""
    return reason_of(Service(resource, row, label)) is not None


def warn_of_templates(
    _resource: Resource, columns: Sequence[str], row: Row, label: str, context: Context
) -> Dict[str, Any]:
    """No further results."""
    if "env" in columns:
        context.warn(template_warnings(row, "env", label))
    return {}


def _refuse(_resource: Resource, params: Mapping[str, Any]) -> None:
    """:raises OptionError: C(force) is missing, or what runs is to be recorded and rebuilt."""
    if params["state"] == "rebuilt" and not params["force"]:
        raise OptionError("state=rebuilt deletes all data of the database; set force=true to confirm")
    if params["state"] == "rebuilt" and params["trigger"] == "adopt":
        raise OptionError("trigger=adopt is not supported with state=rebuilt: it records what runs")


@dataclass(frozen=True)
class DeployedPlan(ResourcePlan):
    """What configures a database, and whether it is deployed after that.

    :param observed: the database as it will be configured, with the tasks of now and why it needs a deployment.
    :param comparison: what runs beside it, where that is recorded instead; C(None): it is recorded already.
    """

    observed: DatabaseState
    comparison: Optional[Comparison]


def _plan(state: State, context: Context) -> DeployedPlan:
    """As C(present), and what is configured runs.

    :raises Refused: what runs is to be recorded, and differs or is not the result of the last deployment.
    """
    resource, label, params = state.resource, state.target.label, context.params
    if _adopts(params) and state.row is None:
        raise Refused("%s: there is none that could be adopted" % label, hint="Create it with trigger=changed.")
    planned: ResourcePlan = PRESENT.plan(state, context)
    after = predicted(resource, state.row, planned.diff, state.desired.fields, state.desired.children)
    context.client.add_secret(*passwords_of(after))
    service = Service(resource, after, label)
    comparison: Optional[Comparison] = None
    shown: Mapping[str, Mapping[str, Any]] = {}
    if _adopts(params):
        _refuse_unfinished(service)
        observed = observe_database(service, context.client, why=True)
        comparison = None if observed.reason is None else compared(service, context.client)
        shown = {} if comparison is None else RECORDED
    else:
        why = params["state"] == "deployed" and params["trigger"] != "always"
        observed = observe_database(service, context.client, why)
        reason = plan_deployment(observed, params).reason
        if reason is not None and params["state"] == "deployed":
            # A rebuild deletes what is saved, too.
            warn_of_losses(replace(service, row=state.row or {}), observed.tasks, context)
        shown = {"before": {"deployment": ""}, "after": {"deployment": new_in_words(reason)}} if reason else {}
    planned = planned.also((), shown.get("before", {}), shown.get("after", {}))
    difference = planned.difference
    if planned.diff.empty:
        difference = replace(difference, action="record" if _adopts(params) else "deploy")
    return DeployedPlan(planned.steps, difference, state, planned.diff, observed, comparison)


def _finish(first: DeployedPlan, planned: DeployedPlan, outcome: Outcome, context: Context) -> Dict[str, Any]:
    """:raises DeploymentFailed: Dokploy could not deploy it.
    :raises NotRunning: its containers keep exiting, or Docker has returned to the previous version.
    :raises WaitTimeout: it does not run in time.
    """
    result: Dict[str, Any] = PRESENT.finish(first, planned, outcome, context)
    service = replace(planned.observed.service, row=outcome.shown or {})
    context.client.add_secret(*passwords_of(service.row))
    observed, comparison = replace(planned.observed, service=service), planned.comparison
    if not _adopts(context.params):
        return DatabaseDeployment(plan_deployment(observed, context.params), context).result(result)
    adoption = plan_adoption(observed, comparison is not None)
    context.executor.run(adoption)
    facts = {} if comparison is None else {"adopted": comparison.facts()}
    return with_facts(result, adoption, observed.tasks, **facts)


DEPLOYED = Transition(PRESENT.observe, _plan, _finish, _refuse)


def _refuse_unfinished(service: Service) -> None:
    """:raises Refused: its last deployment has failed, or goes on."""
    problem = why_not_adoptable(service)
    if problem:
        message = "%s: what runs cannot be adopted, since %s"
        raise Refused(message % (service.label, problem), hint="Deploy it with trigger=changed.")
