# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What a document says of deployments that fail: C(on_failure)."""

from __future__ import annotations

from typing import Any, Container, Dict, Iterator, List, Mapping, Sequence, Set

from .._deployment.returning import bring_back, settle
from .._engine.carry_out import Run
from .._engine.flow import ResourcePlan
from .._engine.runner import Context
from .._engine.state import Node
from .._model.argspec import Spec
from .._resources.actions.deployment import OPERATION as DEPLOYMENT
from .._swarm.tasks import Service

KEEP, RETURN, ALL = "keep", "return", "return_all"
OPTIONS: Spec = {"on_failure": {"type": "str", "choices": [KEEP, RETURN, ALL], "default": KEEP}}
#: What an entry may state; whether all return is a matter of the whole document.
OF_ENTRY: Spec = {"on_failure": {"type": "str", "choices": [KEEP, RETURN]}}


def check_return_options(params: Mapping[str, Any]) -> Iterator[str]:
    """The mistakes of the options of the task."""
    if params["on_failure"] != KEEP and not params["wait"]:
        yield (
            "on_failure: %s needs wait: true, since only a task that waits sees that a deployment fails"
            % (params["on_failure"])
        )


def return_params(entry: Any, plan: ResourcePlan, resource: Any, params: Mapping[str, Any]) -> Dict[str, Any]:
    """The parameters of a deployment that say what becomes of it if it fails."""
    if resource not in DEPLOYMENT.resources:
        return {}
    stated = entry.own.get("on_failure")
    whole = str(params["on_failure"])
    if (stated or whole) == KEEP:
        return {}
    # A failed HTTP check is a failure as well, and the deployment has to see it.
    checked = {"http_check": entry.own["http_check"]} if entry.own.get("http_check") is not None else {}
    return {"on_failure": RETURN, "before": _before(plan, resource), "settles_later": whole == ALL, **checked}


def _before(plan: ResourcePlan, resource: Any) -> Dict[str, Any]:
    """The columns that the document changes and a deployment brings to the containers, as they are before."""
    row, immediately = plan.state.row, resource.deployable.applies_immediately
    if not row:
        return {}
    keys = [change.field.api for change in plan.diff.changes if change.field.api not in immediately]
    return {key: row.get(key) for key in keys}


def settled(deployments: Sequence[Any], failed: bool, run: Run, context: Context) -> Dict[str, Dict[str, Any]]:
    """What has come back of other deployments than the failed ones, by the keys of these; for C(ALL).

    :param deployments: those of the document. :param failed: something has failed, so that none is to stay.
    """
    settling = [
        deployment
        for deployment in deployments
        if deployment.key in run.done
        and deployment.configured.params.get("settles_later")
        and deployment.key in run.wrote
    ]
    if not settling or context.params["on_failure"] != ALL:
        return {}
    if failed:
        nodes = [_node(deployment, run) for deployment in settling]
        return {deployment.key: returned.facts() for deployment, returned in zip(settling, bring_back(nodes, context))}
    services: List[Service] = []
    for deployment in settling:
        resource = deployment.configured.service.resource
        services.append(Service(resource, {resource.id_key: _id(deployment, run)}, deployment.entry.path))
    settle(services, context)
    return {}


def returning(deployments: Sequence[Any], returned: Container[str], run: Run) -> Set[str]:
    """The keys of the entries that are not as this run has written them, since what ran before has come back.

    :param returned: the keys of the deployments that were C(settled).
    """
    failed = [
        deployment
        for deployment in deployments
        if deployment.key in run.failed and deployment.configured.params.get("on_failure") == RETURN
    ]
    others = [deployment for deployment in deployments if deployment.key in returned]
    return {deployment.entry.key for deployment in (*failed, *others)}


def _id(deployment: Any, run: Run) -> str:
    return str(run.done[deployment.key][deployment.configured.service.resource.id_option])


def _node(deployment: Any, run: Run) -> Node:
    resource = deployment.configured.service.resource
    params = {**deployment.configured.params, resource.id_option: _id(deployment, run)}
    return Node(resource, params, deployment.key, label=deployment.entry.path)
