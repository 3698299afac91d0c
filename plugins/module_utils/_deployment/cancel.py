# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Cancelling deployments: dropping those that wait, and interrupting the build where that is wanted.

A self-hosted Dokploy refuses C(cancelDeployment). C(cleanQueues) drops the waiting jobs of one application, and
C(killBuild) interrupts every docker build on the host, also those of others (measured on 0.30.2).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any, Callable, Dict, List, Optional, Tuple

from .._api.client import Client
from .._engine.lookup import Target
from .._engine.plan import Plan, Write
from .._engine.runner import Context
from .._engine.view import ChangePlan, Difference
from .._errors import WaitTimeout
from .._model.resource import Resource
from .._reads.rows import need
from .queue import RUNNING, DeploymentQuery, Deployments, Row, commit_of, deployment_facts

# Seconds after which builds are interrupted again: a build that is being cloned ends after the clone (measured), and
# one that has not begun is not interrupted.
KILL_AGAIN = 5.0
# Seconds after which an interrupted build counts as one that cannot be interrupted.
KILL_TIMEOUT = 60.0
# Seconds between the queries for the commit of an ended build: it is written before the job ends.
COMMIT_PAUSES = (0.05, 0.1, 0.2, 0.4)
_Read = Callable[[], Tuple[List[Row], bool]]


@dataclass(frozen=True)
class CancelPlan(ChangePlan):
    """What drops the jobs of a service, of which so many are C(waiting), and interrupts its build.

    :param building: whether there is one. :param interrupt: the last step, which is repeated until the build ends.
    """

    waiting: int
    building: bool
    interrupt: Optional[Plan]

    @property
    def warnings(self) -> Tuple[str, ...]:
        warning = "%s: a build is running and goes on; a self-hosted Dokploy can only drop the jobs that still wait"
        return (warning % self.difference.label,) if self.building and self.interrupt is None else ()


def plan_cancel(resource: Resource, target: Target, deployments: Deployments, kill: bool) -> CancelPlan:
    """What drops the waiting jobs of a service, and with C(kill) interrupts its build. Pure."""
    queue, body = deployments.queue, {resource.id_key: target.resource_id}
    # A job stays active until its notifications are sent, a moment after its row has ended. That is no build any more,
    # and interrupting it would only hit the builds of others.
    building = deployments.running is not None or deployments.queued > queue.waiting
    # Before 0.28.3 the server does not list its queue; dropping jobs that do not exist is harmless.
    procedures = [resource.deployable.clean_queue] if queue.waiting or not queue.known else []
    procedures += [resource.deployable.kill_build] if kill and building else []
    steps = tuple(Write(procedure, body) for procedure in procedures)
    before, after = ({"building": building}, {"building": False}) if kill else ({}, {})
    difference = Difference(target.label, {"waiting": queue.waiting, **before}, {"waiting": 0, **after})
    interrupt = Plan(steps[-1:]) if kill and building else None
    return CancelPlan(steps, difference, queue.waiting, building, interrupt)


def cancel(resource: Resource, target: Target, context: Context, kill: bool, wait: bool) -> Dict[str, Any]:
    """Drop the waiting jobs of a service, those of its previews too, since the server cannot tell them apart.

    :param kill: interrupt its build, and with it every docker build on the server.
    :raises Refused: the server is too old to interrupt builds. :raises WaitTimeout: the build goes on.
    """
    query = DeploymentQuery(resource, str(target.resource_id), with_previews=True)
    deployments = query.ask(context.client)
    planned = plan_cancel(resource, target, deployments, kill)
    interrupt = planned.interrupt
    if interrupt is not None:
        need(context.client.version(), "kill_build", (0, 25, 8))
    first = context.first_plan(planned)
    sent = context.executor.run(planned).sent
    facts: Dict[str, Any] = {"cancelled": first.waiting, "stopped": []}
    facts["deployment"] = deployment_facts(resource, deployments.running) if deployments.running else None
    context.warn(planned.warnings)
    if interrupt is not None and sent and wait:
        rows = _wait(partial(_builds, query, deployments, context.client), interrupt, target.label, facts, context)
        facts.update(_ended([deployment_facts(resource, row) for row in rows], target, context))
    return first.difference.result(**{resource.id_option: target.resource_id}, **facts)


def _builds(query: DeploymentQuery, before: Deployments, client: Client) -> Tuple[List[Row], bool]:
    """The rows of the build that ran C(before) and of later ones, and whether a job is active."""
    now, old = query.ask(client), {row.get("deploymentId") for row in before.rows if row is not before.running}
    return [row for row in now.rows if row.get("deploymentId") not in old], bool(now.queue.active)


def _ended(builds: List[Dict[str, Any]], target: Target, context: Context) -> Dict[str, Any]:
    """The facts about interrupted builds, with a warning of each that was faster."""
    warning = "%s: the build had ended before it could be interrupted, and is deployed" % target.label
    context.warn(warning for build in builds if build["status"] == "done")
    stopped = [build for build in builds if build["status"] in ("error", "cancelled")]
    return {"stopped": stopped, **({"deployment": builds[0]} if builds else {})}


def _wait(read: _Read, interrupt: Plan, label: str, facts: Dict[str, Any], context: Context) -> List[Row]:
    """The rows of the interrupted build as soon as they are final, with their commits."""
    sent = 0.0

    def look(elapsed: float) -> Optional[List[Row]]:
        nonlocal sent
        rows, active = read()
        if not any(row.get("status") == RUNNING for row in rows) and (rows or not active):
            return list(rows)
        if elapsed - sent >= KILL_AGAIN:
            context.executor.run(interrupt)
            sent = elapsed
        return None

    hint = "Dokploy interrupts docker builds only, and neither buildpacks nor pulls."
    late = WaitTimeout("%s: the build goes on, though it was interrupted" % label, hint=hint, details=facts)
    timeout = min(context.params["wait_timeout"], KILL_TIMEOUT)
    return _with_commits(context.waiter.until(timeout, look, lambda: late), read, context)


def _with_commits(rows: List[Row], read: _Read, context: Context) -> List[Row]:
    for pause in COMMIT_PAUSES:
        if all(commit_of(row) for row in rows):
            break
        context.waiter.sleep(pause)
        rows, active = read()
        if not active:
            break
    return rows
