# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The deployment of a database that exists: planned, carried out, and waited for until what it starts runs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Dict, List, Mapping, Optional, Sequence

from ..._api.client import Call, Client
from ..._deployment.configured import Configured, DeploymentKind
from ..._deployment.fingerprint import NEVER, NO_RECORD, RECORD_LOST, REQUESTED
from ..._deployment.queue import RUNNING
from ..._engine.lookup import locate_existing
from ..._engine.plan import Outcome, Plan, Write
from ..._engine.runner import Context
from ..._engine.state import Node
from ..._engine.wait import Poll, Polls
from ..._errors import DeploymentFailed, DokployError, NotFoundError, NotRunning, PermissionDenied, Refused, WaitTimeout
from ..._model.states import Transition
from ..._reads.rows import rows_of, valid
from ..._swarm.comparison import compared, proven_equal
from ..._swarm.rollout import Rollout
from ..._swarm.states import warn_of_losses
from ..._swarm.tasks import Service, ended, ids_of, live_tasks, read_tasks, running_facts, running_slots
from .deployment import (
    DatabasePlan,
    DatabaseState,
    labels_of,
    lasts,
    observe_databases,
    plan_database_adoption,
    plan_database_deployment,
    reason_of,
    stored_database_fingerprint,
    why_database_not_adoptable,
    with_fingerprint,
)
from .passwords import passwords_of
from .write import BEGIN, GIVEN_UP

_REPLACED = (
    "%s: There is no record of its last deployment, so that it is deployed, which replaces the container that runs. "
    "trigger=adopt compares what runs with what is configured and records it instead."
)


#: What results tell of a deployment beside the database.
FACTS = ("deploy_needed", "deployed", "reason", "adopted", "running", "seconds")
Params = Mapping[str, Any]


def adopts(params: Params) -> bool:
    """Whether what runs is to be recorded."""
    return bool(params["state"] == "deployed" and params["trigger"] == "adopt")


def needs_reason(params: Params) -> bool:
    """Whether a deployment depends on what is deployed."""
    return bool(params["state"] == "deployed" and params["trigger"] != "always")


def _observe(nodes: Sequence[Node], context: Context) -> List[DatabaseState]:
    """The databases of nodes and why each needs a deployment, in few requests.

    :raises NotFoundError: one does not exist any more.
    """
    targets = [locate_existing(node.resource, node.params, context.reads, "name") for node in nodes]
    wanted = [(node.resource, str(target.resource_id)) for node, target in zip(nodes, targets)]
    services = []
    for node, target, row in zip(nodes, targets, rows_of(wanted, context.client)):
        if row is None:
            raise NotFoundError("%s does not exist any more" % (node.label or target.label))
        context.client.add_secret(*passwords_of(row))
        services.append(Service(node.resource, row, node.label or target.label))
    why = any(needs_reason(node.params) for node in nodes)
    for node, service in zip(nodes, services):
        _refuse_unfinished(service, node.params)
    return [
        _with_what_runs(state, node.params, context.client)
        for node, state in zip(nodes, observe_databases(services, context.client, why))
    ]


def observed_database(service: Service, params: Params, client: Client) -> DatabaseState:
    """What is to be known of a database.

    :raises Refused: what runs is to be recorded, and differs or is not the result of the last deployment.
    """
    _refuse_unfinished(service, params)
    (state,) = observe_databases([service], client, needs_reason(params))
    return _with_what_runs(state, params, client)


def _refuse_unfinished(service: Service, params: Params) -> None:
    """:raises Refused: what runs is to be recorded, and its last deployment has failed, or goes on."""
    problem = why_database_not_adoptable(service) if adopts(params) else ""
    if problem:
        message = "%s: what runs cannot be adopted, since %s"
        raise Refused(message % (service.label, problem), hint="Deploy it with trigger=changed.")


def _with_what_runs(state: DatabaseState, params: Params, client: Client) -> DatabaseState:
    if not needs_reason(params):
        state = replace(state, reason=None)
    if adopts(params) and state.reason is not None:
        return replace(state, runs=compared(state.service, client))
    return state if adopts(params) else _with_lost_records([state], client)[0]


def _with_lost_records(states: Sequence[DatabaseState], client: Client) -> List[DatabaseState]:
    """The states, with what runs of those whose record is lost and that run as they are configured."""
    lost = [
        number
        for number, state in enumerate(states)
        if state.reason == NO_RECORD and not why_database_not_adoptable(state.service)
    ]
    proven = dict(zip(lost, proven_equal([states[number].service for number in lost], client)))
    return [
        replace(state, reason=RECORD_LOST, runs=proven[number]) if proven.get(number) is not None else state
        for number, state in enumerate(states)
    ]


def plan(state: DatabaseState, context: Context) -> DatabasePlan:
    """What deploys a database, or records what runs of it."""
    if adopts(context.params) or state.runs is not None:
        return plan_database_adoption(state, context.params)
    planned = plan_database_deployment(state, context.params)
    if planned.reason == NO_RECORD and live_tasks(state.tasks):
        context.warn([_REPLACED % state.service.label])
    return planned


def _polls(planned: DatabasePlan, outcome: Outcome, context: Context) -> Polls:
    """The tasks that run then, and seconds since the deployment was sent; C(None): nothing was deployed.

    :raises DeploymentFailed: Dokploy could not deploy it.
    :raises NotRunning: its containers keep exiting, or Docker runs another version.
    :raises WaitTimeout: it does not run in time.
    """
    if planned.records or adopts(context.params) or (planned.steps and not outcome.sent):
        return None
    service, tasks, client = planned.state.service, planned.state.tasks, context.client
    given_up, timeout = bool(outcome.rows.get(GIVEN_UP)), context.params["wait_timeout"]
    if context.executor.unanswered is not None and planned.steps and not given_up:
        given_up = yield _Status(planned.state, client), timeout
    if lasts(service) and (planned.steps or len(running_slots(tasks)) < service.mode.minimum):
        if planned.steps:
            rollout = Rollout(service, client, context.waiter, ids_of(tasks), period=context.params["verify_period"])
        else:
            rollout = Rollout(service, client, context.waiter, failed=ids_of(ended(tasks)))
        try:
            tasks = yield rollout, timeout
            if planned.steps:
                _verify(service, tasks, client)
        except NotRunning:
            _forget(service, context)
            raise
    if given_up:
        # It runs although Dokploy did not wait so long for it.
        body = service.input(**{service.resource.deployable.status: "done"})
        context.executor.run(Plan((Write(service.resource.deployable.set_status, body),)))
    begin = outcome.rows.get(BEGIN)
    return tasks, None if begin is None else round(context.waiter.clock() - begin, 3)


class _Status(Poll):
    """Waits until Dokploy has handed a service to Docker, which it does without a client.

    Its result is whether it has given up waiting for the containers.
    """

    def __init__(self, state: DatabaseState, client: Client) -> None:
        self.label, self.state = state.service.label, "deploying"
        self._database, self._client = state, client

    def calls(self) -> List[Call]:
        service = self._database.service
        return [Call(service.resource.reading.procedure, service.input())]

    def judge(self, answers: Sequence[Any], elapsed: float) -> Optional[Any]:
        service = self._database.service
        status = str(valid(answers[0]).get(service.resource.deployable.status))
        if status == RUNNING:
            return None
        # Docker has it where it has new tasks, which then say why.
        taken = status != "error" or not ids_of(read_tasks(self._client, service)) <= ids_of(self._database.tasks)
        if not taken:
            raise DeploymentFailed("%s: the deployment failed; Dokploy's log says why" % self.label)
        return status == "error"

    def expired(self, timeout: float) -> DokployError:
        message = "%s: Dokploy is still deploying it after %g s" % (self.label, timeout)
        return WaitTimeout(message, hint="It continues. Raise wait_timeout.")


def _verify(service: Service, tasks: Sequence[Any], client: Client) -> None:
    """:raises NotRunning: Docker runs another version."""
    labels = labels_of(service, tasks, client)
    if labels and stored_database_fingerprint(service) not in labels:
        raise NotRunning(
            "%s does not run as it is configured: Docker went back to the version before" % service.label,
            details={"running": running_facts(service.mode, tasks), "log": []},
        )


def _forget(service: Service, context: Context) -> None:
    """Make the next run deploy again."""
    try:
        (row,) = rows_of([(service.resource, service.id)], context.client)
        if row is not None:
            # The column has more than that, such as the mark of a recovery, which may have changed meanwhile.
            current = Service(service.resource, row, service.label)
            context.executor.run(Plan((with_fingerprint(current, "")[1],)))
    except DokployError as error:
        context.warn(["%s: the failed deployment still counts as good: %s" % (service.label, error)])


def _finish(first: DatabasePlan, planned: DatabasePlan, outcome: Outcome, context: Context) -> Dict[str, Any]:
    """What is told of the deployment, beside the database itself."""
    state, deployed = planned.state, bool(planned.reason) and not (planned.records or adopts(context.params))
    # What check mode does not deploy still needs it.
    tasks, seconds = outcome.ended or ([] if deployed else state.tasks, None)
    mode = state.service.mode
    return first.difference.result(
        deploy_needed=deployed and not outcome.sent,
        deployed=deployed,
        reason=planned.reason,
        adopted=None if state.runs is None else state.runs.facts(),
        running=running_facts(mode, live_tasks(tasks), None if tasks else mode.minimum),
        seconds=seconds,
    )


#: What is configured of an existing database runs, deployed or recorded.
DEPLOYMENT = Transition(_observe, plan, _finish, configures=False, polls=_polls)


def _reasons(services: Sequence[Configured], context: Context) -> List[Optional[str]]:
    """Why each database needs a deployment, after a look at all that run of them."""
    states = _states([configured for configured in services if configured.row], context.client)
    reasons: List[Optional[str]] = []
    for configured in services:
        state = states.get(configured.key)
        reason = NEVER if state is None else state.reason
        reasons.append(REQUESTED if configured.params["trigger"] == "always" else reason)
        if state is not None and reasons[-1] not in (None, RECORD_LOST) and not adopts(configured.params):
            service = replace(state.service, row=configured.row or {})
            warn_of_losses(service, state.tasks, replace(context, key=configured.key))
    return reasons


def _states(services: Sequence[Configured], client: Client) -> Dict[str, DatabaseState]:
    known = [configured.service for configured in services]
    try:
        states = observe_databases(known, client)
    except PermissionDenied:
        # A key that may not read Docker still sees what was deployed last.
        states = [DatabaseState(service, (), reason_of(service)) for service in known]
    recorded = [index for index, configured in enumerate(services) if not adopts(configured.params)]
    for index, state in zip(recorded, _with_lost_records([states[index] for index in recorded], client)):
        states[index] = state
    return dict(zip((configured.key for configured in services), states))


#: Deployments that only a label records.
BY_LABEL = DeploymentKind(DEPLOYMENT, _reasons, why_database_not_adoptable, queued=False)
