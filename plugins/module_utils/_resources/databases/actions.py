# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The states C(deployed) and C(rebuilt) of a database, and whether a deployment of it is needed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Dict, Mapping

from ..._engine.apply import PRESENT, finished
from ..._engine.diff import Diff
from ..._engine.flow import ResourcePlan
from ..._engine.plan import Outcome
from ..._engine.runner import Context
from ..._engine.state import Node, State
from ..._engine.view import predicted
from ..._errors import OptionError, Refused
from ..._model.resource import FORCE, Resource
from ..._model.states import Transition
from ..._swarm.images import with_images
from ..._swarm.states import warn_of_losses
from ..._swarm.tasks import Service
from .deployment import DatabasePlan, reason_of
from .passwords import passwords_of
from .rollout import DEPLOYMENT, FACTS, adopts, observed_database
from .rollout import plan as plan_database

Row = Mapping[str, Any]

OPTIONS: Mapping[str, Mapping[str, Any]] = {
    "trigger": {"type": "str", "choices": ["changed", "always", "adopt"], "default": "changed"},
    "verify_period": {"type": "float", "default": 5.0},
    **FORCE,
}


def database_deploy_needed(resource: Resource, _diff: Diff, row: Row, label: str, _context: Context) -> bool:
    """Whether the row says that a deployment is needed; the containers are not looked at."""
    return reason_of(Service(resource, row, label)) is not None


def _refuse(_resource: Resource, params: Mapping[str, Any]) -> None:
    """:raises OptionError: C(force) is missing, or what runs is to be recorded and rebuilt."""
    if params["state"] == "rebuilt" and not params["force"]:
        raise OptionError("state=rebuilt deletes all data of the database; set force=true to confirm")
    if params["state"] == "rebuilt" and params["trigger"] == "adopt":
        raise OptionError("trigger=adopt is not supported with state=rebuilt: it records what runs")


@dataclass(frozen=True)
class DeployedPlan(ResourcePlan):
    """What configures a database, and what deploys it after that.

    :param deployment: the plan of it as it will be configured.
    """

    deployment: DatabasePlan


def _plan(state: State, context: Context) -> DeployedPlan:
    """As C(present), and what is configured runs.

    :raises Refused: what runs is to be recorded, and differs or is not the result of the last deployment.
    """
    resource, label, params = state.resource, state.target.label, context.params
    if adopts(params) and state.row is None:
        raise Refused("%s: there is none that could be adopted" % label, hint="Create it with trigger=changed.")
    planned: ResourcePlan = PRESENT.plan(state, context)
    after = predicted(resource, state.row, planned.diff, state.desired.fields, state.desired.children)
    context.client.add_secret(*passwords_of(after))
    service = Service(resource, after, label)
    observed = observed_database(service, params, context.client)
    deployment = plan_database(observed, context)
    if deployment.reason is not None and not deployment.records and params["state"] == "deployed":
        # A rebuild deletes what is saved, too.
        warn_of_losses(replace(service, row=state.row or {}), observed.tasks, context)
    planned = planned.also((), deployment.difference.before, deployment.difference.after)
    difference = planned.difference
    if planned.diff.empty:
        difference = replace(difference, action="record" if deployment.records else "deploy")
    return DeployedPlan(planned.steps, difference, state, planned.diff, deployment)


def _finish(first: DeployedPlan, planned: DeployedPlan, outcome: Outcome, context: Context) -> Dict[str, Any]:
    """:raises DeploymentFailed: Dokploy could not deploy it.
    :raises NotRunning: its containers keep exiting, or Docker has returned to the previous version.
    :raises WaitTimeout: it does not run in time.
    """
    result: Dict[str, Any] = PRESENT.finish(first, planned, outcome, context)
    resource, observed = planned.state.resource, planned.deployment.state
    service = replace(observed.service, row=outcome.shown or {})
    context.client.add_secret(*passwords_of(service.row))
    own = replace(context)
    deployment = plan_database(replace(observed, service=service), own)
    node = Node(resource, context.params, transition=DEPLOYMENT)
    facts = finished(node, deployment, own.executor.begin(deployment), own)
    if facts["deployed"]:
        result[resource.name]["status"] = "done"
    if facts["running"] and facts["seconds"] is not None:
        (facts["running"],) = with_images([service], [facts["running"]], context)
    return {**result, **{name: facts[name] for name in FACTS}}


DEPLOYED = Transition(PRESENT.observe, _plan, _finish, _refuse)
