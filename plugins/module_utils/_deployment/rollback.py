# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Going back to an earlier deployment, or to its image where Dokploy has kept nothing of it.

With a rollback registry Dokploy keeps the image of each deployment and a copy of the whole configuration. A rollback
updates the service to both at once, without a build. It makes no deployment and leaves the stored configuration
unchanged (source of 0.30.2), so the next deployment brings that back.

Without one, an earlier image is deployed: C(earlier_image).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple, Union

from .. import _errors as errors
from .._api.client import Call
from .._engine.plan import Outcome, Precondition, Step, Write
from .._engine.runner import Context
from .._engine.state import Node
from .._engine.view import ChangePlan, Difference
from .._engine.wait import Polls
from .._model.states import Transition
from .._reads.rows import valid
from .._swarm.tasks import Service, container_specs, ids_of, live_tasks, running_slots, starts_tasks, tasks_call
from . import deployed
from .completion import Completion, TriggeredDeployment, answered, invalidate_fingerprint, verified
from .earlier_image import DESCRIPTION, ImageTarget, image_field, image_target
from .http_check import address_of
from .planning import DeploymentPlan, DeploymentRequest, plan_deployment
from .queue import Row, deployment_facts
from .state import DeploymentState, last_good, read_states

# The options that Dokploy does not roll back (source of 0.30.2, measured), and their columns.
_LOST = {"args": "args", "stop_grace_period": "stopGracePeriodSwarm", "endpoint_spec": "endpointSpecSwarm"}
# Seconds for the answer: the server logs in to the registry and updates the service.
TIMEOUT = 120.0


@dataclass(frozen=True)
class RollbackState:
    """A service and the deployment that it goes back to, as they were observed.

    :param target: that deployment. :param kept: what Dokploy has kept of all deployments, by their IDs.
    :param tasks: those of now; C(None): the key may not read them. :param image: what runs, if it is known.
    """

    state: DeploymentState
    target: Row
    kept: Mapping[str, Row]
    tasks: Optional[Sequence[Row]] = None
    image: Optional[str] = None


@dataclass(frozen=True)
class RollbackPlan(ChangePlan):
    """What runs the image and configuration of an earlier deployment; no steps where its image runs.

    :param copy: what Dokploy has kept of it.
    """

    observed: RollbackState
    copy: Row

    def result(self) -> Dict[str, Any]:
        """The result of the operation, before anything is verified."""
        service = self.observed.state.service
        return self.difference.result(
            **{service.resource.id_option: service.id},
            deployment=deployment_facts(service.resource, self.observed.target),
            reason="another image runs" if self.steps else None,
            running=None,
            http_check=None,
            job=None,
            seconds=None,
        )


@dataclass(frozen=True)
class _RollBack(Write):
    """Goes back to what was kept of an earlier deployment."""

    service: Optional[Service] = None

    def run(self, executor: Any, outcome: Outcome) -> None:
        try:
            super().run(executor, outcome)
        except errors.BadRequest as error:
            error.hint = (
                "See Dokploy's log. Does the registry answer, with the login that was stored with the deployment?"
            )
            raise
        except (errors.ConnectionFailed, errors.ProtocolError, errors.ServerError):
            # The rollback may have succeeded, as after a restart of the server.
            if self.service is not None:
                invalidate_fingerprint(self.service, executor)
            raise


def plan_rollback(observed: RollbackState) -> RollbackPlan:
    """The plan that makes an earlier deployment run. Pure."""
    target, kept, image, state = observed.target, observed.kept, observed.image, observed.state
    service, target_id = state.service, target["deploymentId"]
    copy = kept.get(target_id, {})
    before: Any = target_id
    steps: Tuple[Step, ...] = ()
    if image is None or image != copy.get("image"):
        known = (own_id for own_id, rollback in kept.items() if image is not None and rollback.get("image") == image)
        before = next(known, (state.last_good or {}).get("deploymentId"))
        body, procedure = {"rollbackId": target["rollbackId"]}, service.resource.deployable.rollback
        steps = (_RollBack(procedure=procedure, body=body, timeout=TIMEOUT, once=True, service=service),)
    difference = Difference(service.label, {"deployed": before}, {"deployed": target_id}, hidden=bool(steps))
    return RollbackPlan(steps, difference, observed, copy)


def observe(nodes: Sequence[Node], context: Context) -> List[Union[DeploymentRequest, RollbackState]]:
    """The services that nodes name, and what they go back to.

    :raises OptionError: the earlier deployment does not exist. :raises Refused: nothing was kept of it, it failed, or
        another one is in progress.
    """
    states = zip(nodes, read_states(nodes, context))
    return [observed(state, replace(context, params=node.params)) for node, state in states]


def observed(state: DeploymentState, context: Context) -> Union[DeploymentRequest, RollbackState]:
    earlier = image_target(state, context)
    if earlier is not None:
        return _request(state, earlier, context)
    target = _target(state, context.params["deployment_id"])
    _refuse_under_way(state)
    if context.params["http_check"] is not None:
        # A missing domain is an error before anything is written.
        address_of(state.service, context.params["http_check"])
    kept, tasks = _kept(state.service, context)
    return RollbackState(state, target, kept, tasks, _running_image(state.service, tasks, context))


def _request(state: DeploymentState, target: ImageTarget, context: Context) -> DeploymentRequest:
    """The deployment of an earlier image. :raises Refused: another deployment is in progress."""
    _refuse_under_way(state)
    service = replace(state.service, row={**state.service.row, target.field.api: target.image})
    params = {**context.params, "description": DESCRIPTION % target.image}
    before = state.service.row.get(target.field.api)
    return DeploymentRequest(replace(state, service=service), params, reason=target.reason, image=(target, before))


def plan(known: Union[DeploymentRequest, RollbackState], context: Context) -> ChangePlan:
    if isinstance(known, DeploymentRequest):
        return deployed.to_be_carried_out(_plan_image(known), context)
    planned = plan_rollback(known)
    if planned.steps:
        context.warn(_lost(known.state.service, planned.copy.get("fullContext") or {}))
    return planned


def _plan_image(request: DeploymentRequest) -> DeploymentPlan:
    """The steps that set an earlier image and deploy it, unless it is deployed. Pure."""
    (target, before), service = request.image, request.service
    planned = replace(plan_deployment(request, request.reason), facts={"image": target.image})
    if not planned.steps:
        return planned
    if before != target.image:
        body, precondition = service.input(**{target.field.api: target.image}), Precondition((service.id,), service.id)
        first = Write(service.resource.updating.procedure, body, precondition=precondition)
        planned = replace(planned, steps=(first, *planned.steps))
    return planned.also((), {"image": before}, {"image": target.image})


def polls(planned: Any, outcome: Outcome, context: Context) -> Polls:
    """The completion of the rollback, once it stays up."""
    if isinstance(planned, DeploymentPlan):
        return (yield from deployed.polls(planned, outcome, context))
    state, params = planned.observed.state, context.params
    service, config = state.service, planned.copy.get("fullContext") or {}
    if outcome.sent or (not planned.steps and state.stored is not None and state.stored.counts(state.rows)):
        # The stored configuration does not run any more, so that a later run with trigger=changed deploys it again. An
        # earlier run may have ended between the two writes.
        invalidate_fingerprint(service, context.executor)
    if not outcome.sent or not params["wait"]:
        return None
    # The earlier scale counts, new tasks have the fingerprint of that time, and the variables of the copy are masked in
    # the logs, too.
    column = service.resource.deployable.fingerprint.column
    scale = {key: config[key] for key in ("replicas", "modeSwarm") if key in config}
    earlier = replace(service, row={**service.row, **scale, column: config.get(column), "fullContext": config})
    target, tasks = planned.observed.target, planned.observed.tasks
    old = ids_of(tasks) if params["verify"] and starts_tasks(earlier) and tasks is not None else None
    triggered = TriggeredDeployment(earlier, state.snapshot, own=target, old_tasks=old)
    completion = Completion(triggered, final=target, built=True)
    yield from verified(completion, params["wait_timeout"], context)
    return completion


def finish(first: Any, planned: Any, outcome: Outcome, context: Context) -> Dict[str, Any]:
    """:raises NotRunning: it does not stay up. :raises NotAnswering: it fails its HTTP check."""
    if isinstance(planned, DeploymentPlan):
        result: Dict[str, Any] = deployed.finish(first, planned, outcome, context)
        if planned.steps and isinstance(first, DeploymentPlan):
            result["diff"]["before"]["image"] = first.difference.before["image"]
        return result
    completion = outcome.ended
    if completion is None:
        return dict(planned.result())
    answered([completion], context)
    return dict(completion.result_or_raise(planned.result()))


#: An earlier deployment, or its image, runs.
ROLLED_BACK = Transition(observe, plan, finish, configures=False, polls=polls)


def _lost(service: Service, config: Row) -> Iterator[str]:
    """A warning of the options that Dokploy does not roll back."""
    lost = [name for name, column in _LOST.items() if config.get(column)]
    lost += ["mounts of files"] if any(item.get("type") == "file" for item in config.get("mounts") or []) else []
    if lost:
        yield "%s: Dokploy goes back without what the deployment had of: %s" % (service.label, ", ".join(lost))


def _refuse_under_way(state: DeploymentState) -> None:
    """:raises Refused: another deployment is in progress."""
    if state.running is not None or state.queued:
        raise errors.Refused(
            "%s: a deployment is under way, and would take the place of what is rolled back" % state.service.label,
            hint="Wait for it, or drop it with state=cancelled.",
        )


def _target(state: DeploymentState, wanted: Optional[str]) -> Row:
    """The deployment to roll back to."""
    service = state.service
    if wanted is None:
        bad = state.stored.bad if state.stored is not None else ()
        # A deployment whose containers did not stay up is C(done), too.
        row = last_good([item for item in state.rows[1:] if item["deploymentId"] not in bad])
        if row is None:
            raise errors.Refused("%s: before its newest deployment there is no successful one" % service.label)
    else:
        row = next((item for item in state.rows if item.get("deploymentId") == wanted), None)
        if row is None:
            raise errors.OptionError("deployment_id: %s has no deployment %r (any more)" % (service.label, wanted))
        if row.get("status") != "done":
            raise errors.Refused(
                "%s: the deployment %s ended in %s, so that there is nothing to go back to"
                % (service.label, wanted, row.get("status"))
            )
    if not row.get("rollbackId"):
        hint = "Dokploy keeps images only with rollback.enabled and rollback.registry of dokploy_%s."
        hint %= service.resource.name
        if service.row.get("rollbackActive") and service.row.get("rollbackRegistryId"):
            hint = "Rollbacks were enabled after this deployment; you can roll back only to later deployments."
        if image_field(service) is not None:
            hint += " Or state the image with the option image."
        raise errors.Refused(
            "%s: nothing was kept of the deployment %s to go back to" % (service.label, row.get("deploymentId")),
            hint=hint,
        )
    return row


def _kept(service: Service, context: Context) -> Tuple[Dict[str, Row], Optional[List[Row]]]:
    """What Dokploy has kept, by the IDs of the deployments, and the tasks, C(None) when the key may not read them."""
    history = Call("deployment.allByType", {"id": service.id, "type": service.resource.name})
    rows, tasks = context.client.call_many([history, tasks_call(service)])
    # The copies of the configuration hold the passwords of its registries in clear.
    kept = {str(row.get("deploymentId")): row["rollback"] for row in valid(rows) if row.get("rollback")}
    if isinstance(tasks, (errors.PermissionDenied, errors.UnknownProcedure)):
        context.warn(["%s: its tasks cannot be read: %s" % (service.label, tasks)])
        return kept, None
    return kept, valid(tasks)


def _running_image(service: Service, tasks: Optional[List[Row]], context: Context) -> Optional[str]:
    """The image that runs, without its registry; C(None) while it is unknown or being replaced.

    For a second or so after a deployment the old tasks are still live (measured), so that the newest of each slot
    counts, whether it runs yet or not.
    """
    if not running_slots(tasks or []):
        return None
    newest = {str(task.get("name")): task for task in reversed(live_tasks(tasks or []))}
    specs = container_specs(context.client, service.row, list(newest.values()))
    images = {str(spec.get("Image") or "").partition("@")[0].rpartition("/")[2] for spec in specs}
    return (images.pop() or None) if len(images) == 1 else None
