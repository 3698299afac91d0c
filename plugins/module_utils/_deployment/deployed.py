# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The states C(deployed) and C(redeployed) of a service whose deployments have rows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Dict, FrozenSet, List, Optional, Sequence

from .._api.client import Call
from .._archive.source import Archive, source_of
from .._engine.plan import Outcome, Step
from .._engine.runner import Context
from .._engine.state import Node
from .._engine.wait import Polls
from .._errors import PermissionDenied, Refused, UnknownProcedure, WrongRevision
from .._model.states import Transition
from .._reads.rows import need
from .._swarm.comparison import Comparison, compared, proven_equal
from .._swarm.run_to_end import runs_to_end
from .._swarm.tasks import Service, ids_of, live_tasks, starts_tasks, tasks_call, tasks_in
from .._values.grammar import template_warnings
from .completion import answered, completed, unverified
from .configured import Configured, DeploymentKind
from .fingerprint import CHANGED, NEVER, NO_RECORD, RECORD_LOST, REQUESTED, deploy_reason
from .handles import handle_of
from .planning import (
    ROLLED_BACK,
    DeploymentPlan,
    DeploymentRequest,
    must_upload,
    plan_adoption,
    plan_deployment,
    with_files,
)
from .queue import REDEPLOYMENT, Row
from .revision import deployed_revision, revision_of
from .state import (
    DeploymentState,
    has_source,
    newest_first,
    read_states,
    rolled_back_by_docker,
    was_stopped,
    why_not_adoptable,
)

#: What a deployment asks for beside what is configured.
ASKED = ("revision", "archive", "path", "exclude")
# Why, where nothing is looked at.
REASONS = {"deployed": REQUESTED, "redeployed": REDEPLOYMENT}
STOPPED, OTHER_REVISION = "stopped", "another revision is being deployed"
FIRST_WITH_UPLOADS = (0, 29, 0)
# Not measured: the option of the change that added it to Dokploy.
FIRST_WITH_FRESH_VOLUMES = (0, 30, 5)
# The releases that take other file names for an attempt to leave the folder, when they have emptied it.
NO_ODD_NAMES = ((0, 29, 3), (0, 30, 2))
NOTHING_KEPT = "%s: on_failure: if the deployment fails, nothing comes back: %s"
STILL_RUNS = "%s still runs, and a deployment would end it in the middle"
WAIT_OR_STOP = "Run the task again when it has ended, or stop it with state=stopped first."
# Under this name the outcome has the IDs of the tasks before.
TASKS = "tasks"


def observe(nodes: Sequence[Node], context: Context) -> List[DeploymentRequest]:
    """The deployments that nodes ask for, after a look at their services: one request for all of them.

    :raises OptionError: C(revision) cannot be one of this source. :raises Refused: it, or the files, cannot be had, or
        what runs cannot be adopted.
    """
    files = [_files(node.params) for node in nodes]
    states = read_states(nodes, context)
    return [
        _observed(_request_of(state, node.params, own_files, context), context)
        for node, own_files, state in zip(nodes, files, states)
    ]


def _files(params: Row) -> Optional[Archive]:
    """The files to upload, if there are any."""
    if params["archive"] is None and params["path"] is None:
        return None
    return source_of(params["archive"], params["path"], params["exclude"] or ())


def _request_of(state: DeploymentState, params: Row, files: Optional[Archive], context: Context) -> DeploymentRequest:
    """The deployment that options ask for, without a reason for it."""
    uploads = files is not None and must_upload(state, files)
    if files is not None:
        _check_files(state.service, files, uploads, context)
    service, revision = with_files(state.service, files), params["revision"]
    wanted = None if revision is None else revision_of(service, revision)
    return DeploymentRequest(replace(state, service=service), params, files, uploads, wanted)


def _observed(request: DeploymentRequest, context: Context) -> DeploymentRequest:
    """The request with why it is needed, and what else is known of it."""
    if request.adopts:
        reason = deploy_reason(request.service, request.state.rows)
        runs = None if reason is None else _adoptable(request, context)
        return replace(request, reason=reason, runs=runs)
    if request.redeploys or request.params["trigger"] == "always":
        return replace(request, reason=REASONS[request.params["state"]])
    if request.under_way is None:
        reason = _reason_now(request, context)
        if reason != NO_RECORD or request.uploads or why_not_adoptable(request.state.rows) or request.state.queued:
            return replace(request, reason=reason)
        (runs,) = proven_equal([request.service], context.client)
        return replace(request, reason=reason if runs is None else RECORD_LOST, runs=runs)
    # Whether another run deploys the wanted revision shows only in the end.
    if request.revision is not None and not request.params["wait"]:
        return replace(request, reason=OTHER_REVISION)
    return replace(request, joined=request.under_way)


def _reason_now(request: DeploymentRequest, context: Context) -> Optional[str]:
    """Why a deployment is needed. Docker and the log are only looked at when what is stored gives no reason."""
    service, rows, revision = request.service, request.state.rows, request.revision
    reason = deploy_reason(service, rows, request.archive)
    if reason is None and was_stopped(service, rows, context):
        return STOPPED
    if reason is None and rolled_back_by_docker(service, rows, context):
        return ROLLED_BACK
    if reason is None and revision is not None:
        deployed = deployed_revision(revision, context.client, service.row, rows)
        return None if revision.is_met_by(deployed) else "revision changed"
    return reason


def _adoptable(request: DeploymentRequest, context: Context) -> Comparison:
    """What runs of a service, which can be recorded as its last deployment.

    :raises Refused: it differs from what is configured or from the revision that is wanted, or it is not the result of
        the last deployment.
    """
    service, state, revision = request.service, request.state, request.revision
    if revision is not None:
        deployed = deployed_revision(revision, context.client, service.row, state.rows)
        if not revision.is_met_by(deployed):
            message = "%s: the %s %s is wanted, and %s is deployed"
            raise Refused(message % (service.label, revision.kind, revision.text, deployed or "another one"))
    problem = why_not_adoptable(state.rows) or ("a deployment of it is in progress" if state.queued else "")
    if problem:
        hint = "Deploy it with trigger=changed."
        raise Refused("%s: what runs cannot be adopted, since %s" % (service.label, problem), hint=hint)
    return compared(service, context.client)


def _check_files(service: Service, files: Archive, uploads: bool, context: Context) -> None:
    """:raises Refused: the service has another source, or this server cannot take such files."""
    source = service.row.get("sourceType")
    if source != "drop" and has_source(service.resource, service.row):
        raise Refused(
            "%s has another source (%s), which the files would replace" % (service.label, source),
            hint="Set drop: {} with dokploy_%s first to replace it." % service.resource.name,
        )
    if not uploads:
        return
    version = context.client.version()
    need(version, "a deployment of files", FIRST_WITH_UPLOADS)
    if files.odd and NO_ODD_NAMES[0] <= version <= NO_ODD_NAMES[1]:
        raise Refused(
            "this Dokploy refuses %d of the files for their names, such as %r" % (len(files.odd), files.odd[0]),
            hint="It accepts only ASCII letters and digits, blanks and _ . : / - [ ]. Rename or exclude the files.",
        )


def plan(request: DeploymentRequest, context: Context) -> DeploymentPlan:
    """What deploys a service, or records what runs of it; nothing without a reason.

    :raises Refused: there is nothing to deploy, or the server is too old.
    """
    if request.adopts:
        return plan_adoption(request)
    return to_be_carried_out(plan_deployment(request, request.reason), context)


def to_be_carried_out(planned: DeploymentPlan, context: Context) -> DeploymentPlan:
    """A plan with the look at the tasks before it, where later ones are verified; after the checks that need a server.

    :raises Refused: there is nothing to deploy, or the server is too old.
    """
    service = planned.request.service
    if not planned.steps:
        return planned
    if planned.obstacle is not None:
        context.executor.parent_missing(*planned.obstacle)
    if planned.request.params["fresh_volumes"]:
        # An older server ignores it, and the data stays.
        need(context.client.version(), "fresh_volumes", FIRST_WITH_FRESH_VOLUMES)
    earlier = planned.request.earlier
    if earlier is not None and earlier.why and planned.request.state.rows:
        context.warn([NOTHING_KEPT % (service.label, earlier.why)])
    if service.mode.name != "stack":
        context.warn(template_warnings(service.row, service.label))
    return replace(planned, steps=(*tasks_noted(service, planned.request.params), *planned.steps))


def tasks_noted(service: Service, params: Row) -> Sequence[NoteTasks]:
    """The step that notes the tasks of a service, where later ones are verified."""
    return (NoteTasks(service),) if params["verify"] and starts_tasks(service) else ()


@dataclass(frozen=True)
class NoteTasks(Step):
    """Note the tasks of a service, which do not count when later ones are verified.

    A run that has not ended would be ended by the deployment, in the middle of what it does.
    """

    service: Service

    def queries(self, outcome: Outcome) -> Sequence[Call]:
        return (tasks_call(self.service),)

    def run(self, executor: Any, outcome: Outcome) -> None:
        try:
            tasks = tasks_in(executor.reads.current.row(tasks_call(self.service)))
            if self.service.mode.ends and runs_to_end(executor.client, self.service, live_tasks(tasks)):
                raise Refused(STILL_RUNS % self.service.label, hint=WAIT_OR_STOP)
            outcome.rows[TASKS] = ids_of(tasks)
        except (PermissionDenied, UnknownProcedure) as error:
            executor.warnings.append(unverified(self.service, error))


def polls(planned: DeploymentPlan, outcome: Outcome, context: Context) -> Polls:
    """The plan that was carried out in the end, and the completion of the deployment that is waited for, if any."""
    request = planned.request
    if not context.params["wait"] or request.adopts:
        return planned, None
    if request.joined is not None:
        # Those before the other run has triggered it are unknown.
        old: Optional[FrozenSet[str]] = frozenset() if tasks_noted(request.service, context.params) else None
        completion = yield from completed(replace(request.joined, old_tasks=old), context)
        if not isinstance(completion.error, WrongRevision):
            return planned, completion
        # The other run deploys another revision.
        planned = to_be_carried_out(plan_deployment(replace(request, joined=None), OTHER_REVISION), context)
        outcome = context.executor.run(planned)
    if not outcome.sent:
        return planned, None
    completion = yield from completed(planned.triggered(_old_tasks(outcome)), context)
    return planned, completion


def _old_tasks(outcome: Outcome) -> Optional[FrozenSet[str]]:
    tasks: Optional[FrozenSet[str]] = outcome.rows.get(TASKS)
    return tasks


def finish(_first: DeploymentPlan, _planned: DeploymentPlan, outcome: Outcome, context: Context) -> Dict[str, Any]:
    """:raises DeploymentFailed: the deployment failed, does not stay up or answer, or is not the wanted revision.
    :raises WaitTimeout: it has not ended in time.
    """
    planned, completion = outcome.ended
    result: Dict[str, Any] = planned.result()
    if completion is not None:
        answered([completion], context)
        completion.result_or_raise(result)
    elif planned.request.joined is not None:
        result.update(deployment=None, handle=handle_of(planned.request.joined))
    elif outcome.sent and not planned.request.adopts:
        result.update(handle=handle_of(planned.triggered(_old_tasks(outcome))))
    return result


#: What is configured runs, deployed or recorded.
DEPLOYED = Transition(observe, plan, finish, configures=False, polls=polls)


def _reasons(services: Sequence[Configured], context: Context) -> List[Optional[str]]:
    """Why each service needs a deployment; a service with a mistake in what it asks for has none."""
    reasons: Dict[str, Optional[str]] = {}
    for configured in services:
        with context.judging(configured.key):
            reasons[configured.key] = _reason_once_configured(configured, context)
    lost = [
        configured
        for configured in services
        if reasons.get(configured.key) == NO_RECORD
        and configured.params["trigger"] == "changed"
        and not _why_not_adoptable(configured.service)
    ]
    for configured, runs in zip(lost, proven_equal([configured.service for configured in lost], context.client)):
        if runs is not None:
            reasons[configured.key] = RECORD_LOST
    return [reasons.get(configured.key) for configured in services]


def _reason_once_configured(configured: Configured, context: Context) -> Optional[str]:
    service, params = configured.service, configured.params
    rows = newest_first(service.row.get("deployments"))
    asked = any(params[option] for option in ASKED)
    if not (has_source(service.resource, service.row) or rows or asked):
        return None
    if params["trigger"] == "always":
        return REQUESTED
    if not configured.row:
        return NEVER
    reason, needed = deploy_reason(service, rows), service.resource.deployable.deploy_needed
    if reason is None and asked:
        (request,) = observe([Node(service.resource, {**params, "trigger": "changed"})], context)
        return request.reason
    if reason is None and needed is not None:
        # Before the change, something else may have been deployed.
        changed = CHANGED if not configured.diff.empty else STOPPED
        reason = changed if needed(service.resource, configured.diff, service.row, service.label, context) else None
    return reason


def _why_not_adoptable(service: Service) -> str:
    return why_not_adoptable(newest_first(service.row.get("deployments")))


#: Deployments that have rows.
WITH_ROWS = DeploymentKind(DEPLOYED, _reasons, _why_not_adoptable, queued=True)
