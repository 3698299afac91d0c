# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The states C(deployed) and C(rebuilt) of a database, and whether a deployment of it is needed."""

from __future__ import annotations

from typing import Any, Dict, Mapping, Optional, Sequence

from ..._deployment.adoption import RECORDED, Comparison, compared
from ..._deployment.queue import RUNNING
from ..._engine.diff import Diff
from ..._engine.flow import observe, plan
from ..._engine.runner import Context
from ..._engine.state import Node
from ..._engine.view import predicted
from ..._errors import OptionError, Refused
from ..._model.resource import FORCE, Resource
from ..._swarm.tasks import (
    Service,
)
from ..._values.names import template_warnings
from ..former_states import configured
from .database_deployment import (
    DatabaseDeployment,
    observe_database,
    plan_adoption,
    plan_deployment,
    reason_of,
    with_facts,
)
from .database_passwords import passwords_of

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
    context.warn(template_warnings(row, [column for column in columns if column == "env"], label))
    return {}


def deploy(resource: Resource, context: Context) -> Dict[str, Any]:
    """The states C(deployed) and C(rebuilt): as C(present), and what is configured runs.

    :raises OptionError: C(force) is missing. :raises DeploymentFailed: Dokploy could not deploy it.
    :raises NotRunning: its containers keep exiting, or Docker has returned to the previous version.
    :raises WaitTimeout: it does not run in time.
    """
    params = context.params
    if params["state"] == "rebuilt" and not params["force"]:
        raise OptionError("state=rebuilt deletes all data of the database; set force=true to confirm")
    if params["state"] == "rebuilt" and params["trigger"] == "adopt":
        raise OptionError("trigger=adopt is not supported with state=rebuilt: it records what runs")
    comparison = _compared(resource, context) if _adopts(params) else None
    result, row, label = configured(resource, context)
    context.client.add_secret(*passwords_of(row))
    service = Service(resource, row, label)
    if _adopts(params):
        return _recorded(result, service, comparison, context)
    why = params["state"] == "deployed" and params["trigger"] != "always"
    state = observe_database(service, context.client, why)
    return DatabaseDeployment(plan_deployment(state, params), context).result(result)


def _recorded(
    result: Dict[str, Any], service: Service, comparison: Optional[Comparison], context: Context
) -> Dict[str, Any]:
    """The result of recording what runs, which was compared; C(None): it is recorded already."""
    differs = comparison is not None
    state = observe_database(service, context.client, why=differs)
    planned = plan_adoption(state, differs)
    context.executor.run(planned)
    if comparison is None:
        return with_facts(result, planned, state.tasks)
    result["changed"] = True
    for side, shown in RECORDED.items():
        result["diff"][side].update(shown)
    return with_facts(result, planned, state.tasks, adopted=comparison.facts())


def _compared(resource: Resource, context: Context) -> Optional[Comparison]:
    """What runs beside what will be configured, before anything is written; C(None) if that is recorded already.

    :raises Refused: it differs, or it is not the result of the last deployment.
    """
    (state,) = observe([Node(resource, context.params)], context)
    label = state.target.label
    if state.row is None:
        raise Refused("%s: there is none that could be adopted" % label, hint="Create it with trigger=changed.")
    after = predicted(resource, state.row, plan(state).diff, state.desired.fields, state.desired.children)
    context.client.add_secret(*passwords_of(after))
    service = Service(resource, after, label)
    if after.get(resource.deployable.status) in ("error", RUNNING):
        hint = "Deploy it with trigger=changed."
        problem = "in progress" if after[resource.deployable.status] == RUNNING else "failed"
        raise Refused("%s: what runs cannot be adopted, since its last deployment %s" % (label, problem), hint=hint)
    observed = observe_database(service, context.client, why=True)
    return None if observed.reason is None else compared(service, context.client)
