# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Cancelling deployments: dropping those that wait, and interrupting the build where that is wanted.

A self-hosted Dokploy refuses C(cancelDeployment). C(cleanQueues) drops the waiting jobs of one application, and
C(killBuild) interrupts every docker build on the host, also those of others (measured on 0.30.2).
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

from .._api.client import Call
from .._engine.lookup import Target, find_parent
from .._engine.plan import Outcome, Plan, Write
from .._engine.runner import Context
from .._engine.state import Node
from .._engine.view import ChangePlan, Difference
from .._engine.wait import Poll, Polls
from .._errors import DokployError, WaitTimeout
from .._model.resource import Resource
from .._model.states import Transition
from .._reads.rows import need
from .queue import RUNNING, DeploymentQuery, Deployments, Row, commit_of, deployment_facts

# Seconds after which builds are interrupted again: a build that is being cloned ends after the clone (measured), and
# one that has not begun is not interrupted.
KILL_AGAIN = 5.0
# Seconds after which an interrupted build counts as one that cannot be interrupted.
KILL_TIMEOUT = 60.0
# Seconds to wait for the commit of an ended build: it is written before the job ends.
COMMIT_TIMEOUT = 0.75
# A service, its deployments and its jobs, those of its previews too, since the server cannot tell them apart.
_Observed = Tuple[Resource, Target, Deployments]


@dataclass(frozen=True)
class CancelPlan(ChangePlan):
    """What drops the waiting jobs of a service, and interrupts its build.

    :param before: its deployments and jobs. :param building: whether there is a build.
    :param interrupt: the last step, which is repeated until the build ends.
    """

    resource: Resource
    target: Target
    before: Deployments
    building: bool
    interrupt: Optional[Plan]

    @property
    def waiting(self) -> int:
        return self.before.queue.waiting

    @property
    def warnings(self) -> Tuple[str, ...]:
        warning = "%s: a build is running and goes on; a self-hosted Dokploy can only drop the jobs that still wait"
        return (warning % self.difference.label,) if self.building and self.interrupt is None else ()

    def facts(self, first: CancelPlan) -> Dict[str, Any]:
        """The result before the build has ended. :param first: the plan of the first attempt."""
        running = self.before.running
        deployment = deployment_facts(self.resource, running) if running else None
        return {"cancelled": first.waiting, "stopped": [], "deployment": deployment}


def _query(resource: Resource, target: Target) -> DeploymentQuery:
    return DeploymentQuery(resource, str(target.resource_id), with_previews=True)


def _observe(nodes: Sequence[Node], context: Context) -> List[_Observed]:
    """:raises ReferenceNotFound: there is no such service. :raises NotFoundError: none has this ID."""
    observed: List[_Observed] = []
    for node in nodes:
        target = find_parent(node.resource, node.params, context.reads)
        target = replace(target, label=node.label or target.label)
        observed.append((node.resource, target, _query(node.resource, target).ask(context.client)))
    return observed


def _plan(observed: _Observed, context: Context) -> CancelPlan:
    """:raises Refused: the server is too old to interrupt builds."""
    planned = plan_cancel(*observed, context.params["kill_build"])
    if planned.interrupt is not None:
        need(context.client.version(), "kill_build", (0, 25, 8))
    context.warn(planned.warnings)
    return planned


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
    return CancelPlan(steps, difference, resource, target, deployments, building, interrupt)


def _polls(planned: CancelPlan, outcome: Outcome, context: Context) -> Polls:
    """The rows of the interrupted build as soon as they are final, with their commits.

    :raises WaitTimeout: the build goes on.
    """
    interrupt, params = planned.interrupt, context.params
    if interrupt is None or not outcome.sent or not params["wait"]:
        return None
    hint = "Dokploy interrupts docker builds only, and neither buildpacks nor pulls."
    message, facts = "%s: the build goes on, though it was interrupted", planned.facts(context.first_plan(planned))
    late, sent = WaitTimeout(message % planned.target.label, hint=hint, details=facts), 0.0

    def ended(rows: List[Row], active: bool, elapsed: float) -> bool:
        nonlocal sent
        if not any(row.get("status") == RUNNING for row in rows) and (rows or not active):
            return True
        if elapsed - sent >= KILL_AGAIN:
            context.executor.run(interrupt)
            sent = elapsed
        return False

    rows = yield _Builds(planned, late, ended), min(params["wait_timeout"], KILL_TIMEOUT)
    if not all(map(commit_of, rows)):
        commits = _Builds(planned, late, lambda rows, active, _elapsed: not active or all(map(commit_of, rows)))
        commits.interval = 0.05
        with contextlib.suppress(WaitTimeout):
            rows = yield commits, COMMIT_TIMEOUT
    return rows


class _Builds(Poll):
    """Waits for the build that is interrupted, and for later ones. Its result is their rows.

    :param late: the error if it takes too long.
    :param ended: whether the wait is over, from the rows, whether a job is active, and the elapsed seconds.
    """

    def __init__(
        self, planned: CancelPlan, late: DokployError, ended: Callable[[List[Row], bool, float], bool]
    ) -> None:
        self.label, self.state, self._late, self._is_over = planned.target.label, "interrupted", late, ended
        self._query, before = _query(planned.resource, planned.target), planned.before
        self._old = {row.get("deploymentId") for row in before.rows if row is not before.running}

    def calls(self) -> List[Call]:
        return self._query.calls

    def judge(self, answers: Sequence[Any], elapsed: float) -> Optional[Any]:
        now = self._query.read(answers)
        rows = [row for row in now.rows if row.get("deploymentId") not in self._old]
        return rows if self._is_over(rows, bool(now.queue.active), elapsed) else None

    def expired(self, timeout: float) -> DokployError:
        return self._late


def _finish(first: CancelPlan, planned: CancelPlan, outcome: Outcome, context: Context) -> Dict[str, Any]:
    resource, target, facts = planned.resource, planned.target, planned.facts(first)
    if outcome.ended is not None:
        builds = [deployment_facts(resource, row) for row in outcome.ended]
        warning = "%s: the build had ended before it could be interrupted, and is deployed" % target.label
        context.warn(warning for build in builds if build["status"] == "done")
        facts["stopped"] = [build for build in builds if build["status"] in ("error", "cancelled")]
        facts["deployment"] = builds[0] if builds else facts["deployment"]
    return first.difference.result(**{resource.id_option: target.resource_id}, **facts)


#: No job of a service waits, and on request its build is interrupted.
CANCELLED = Transition(_observe, _plan, _finish, configures=False, polls=_polls)
