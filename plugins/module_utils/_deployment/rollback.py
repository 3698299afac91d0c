# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Rolling back to an earlier deployment.

With a rollback registry Dokploy keeps the image of each deployment and a copy of the whole configuration. A rollback
updates the service to both at once, without a build. It makes no deployment and leaves the stored configuration
unchanged (source of 0.30.2), so the next deployment brings that back.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Dict, Iterator, List, Mapping, Optional, Tuple

from .. import _errors as errors
from .._api.client import Call
from .._engine.difference import Difference
from .._engine.plan import Plan, Write
from .._engine.rows import valid
from .._engine.runner import Context
from .._swarm.tasks import Service, can_run, container_specs, ids_of, live_tasks, running_slots, tasks_call
from .completion import Completion, TriggeredDeployment, invalidate_fingerprint, verify, withdraw
from .http_check import address_of
from .images import image_field
from .queue import Row, deployment_facts
from .state import DeploymentState, last_good

# The options that Dokploy does not roll back (source of 0.30.2, measured), and their columns.
_LOST = {"args": "args", "stop_grace_period": "stopGracePeriodSwarm", "endpoint_spec": "endpointSpecSwarm"}
# Seconds for the answer: the server logs in to the registry and updates the service.
TIMEOUT = 120.0


@dataclass(frozen=True)
class RollbackPlan(Plan):
    """What runs the image and configuration of an earlier deployment; no steps where its image runs.

    :param target: that deployment, and C(copy) what Dokploy has kept of it. :param before: the ID of the one that runs.
    """

    state: DeploymentState
    target: Row
    copy: Row
    before: Optional[str]

    def result(self) -> Dict[str, Any]:
        """The result of the operation, before anything is verified."""
        service, facts = self.state.service, deployment_facts(self.state.service.resource, self.target)
        deployed = {"deployed": self.before}, {"deployed": facts["deployment_id"]}
        return Difference(service.label, *deployed, hidden=bool(self.steps)).result(
            **{service.resource.id_option: service.id},
            deployment=facts,
            reason="another image runs" if self.steps else None,
            running=None,
            http_check=None,
        )


def plan_rollback(state: DeploymentState, target: Row, kept: Mapping[str, Row], image: Optional[str]) -> RollbackPlan:
    """The plan that makes an earlier deployment run. Pure.

    :param kept: what Dokploy has kept of all deployments, by their IDs. :param image: what runs, if it is known.
    """
    target_id = target["deploymentId"]
    copy = kept.get(target_id, {})
    if image is not None and image == copy.get("image"):
        return RollbackPlan((), state, target, copy, target_id)
    found = (one for one, rollback in kept.items() if image is not None and rollback.get("image") == image)
    before = next(found, (state.last_good or {}).get("deploymentId"))
    body = {"rollbackId": target["rollbackId"]}
    write = Write(state.service.resource.deployable.rollback, body, timeout=TIMEOUT, once=True)
    return RollbackPlan((write,), state, target, copy, before)


def roll_back(state: DeploymentState, context: Context) -> Dict[str, Any]:
    """Run the image and configuration of an earlier deployment, the given one or the previous successful one.

    :raises OptionError: it does not exist. :raises Refused: nothing was kept, it failed, or another is in progress.
    :raises NotRunning: it does not stay up. :raises NotAnswering: it fails its HTTP check.
    """
    params, service = context.params, state.service
    target = _target(state, params["deployment_id"])
    refuse_under_way(state)
    if params["http_check"] is not None:
        # A missing domain is an error before anything is written.
        address_of(service, params["http_check"])
    kept, tasks = _kept(service, context)
    planned = plan_rollback(state, target, kept, _running_image(service, tasks, context))
    config = planned.copy.get("fullContext") or {}
    if not planned.steps:
        if state.stored is not None and state.stored.counts(state.rows):
            # An earlier run ended between the two writes.
            invalidate_fingerprint(service, context)
        return planned.result()
    context.warn(_lost(service, config))
    if not _sent(planned, context):
        return planned.result()
    # The stored configuration does not run any more, so that a later run with trigger=changed deploys it again.
    invalidate_fingerprint(service, context)
    if not params["wait"]:
        return planned.result()
    # The earlier scale counts, and the variables of the copy are masked in the logs, too.
    scale = {key: config[key] for key in ("replicas", "modeSwarm") if key in config}
    earlier = replace(service, row={**service.row, **scale, "fullContext": config})
    return _verified(state, earlier, target, tasks, context).result_or_raise(planned.result())


def _verified(
    state: DeploymentState, service: Service, target: Row, tasks: Optional[List[Row]], context: Context
) -> Completion:
    """The earlier deployment, once it stays up and answers. :param tasks: those before it."""
    params = context.params
    old = ids_of(tasks) if params["verify"] and can_run(service.row) and tasks is not None else None
    completion = Completion(TriggeredDeployment(service, state.snapshot, own=target, old_tasks=old), final=target)
    withdraw(verify([completion], params["wait_timeout"], context), context)
    return completion


def _lost(service: Service, config: Row) -> Iterator[str]:
    """A warning of the options that Dokploy does not roll back."""
    lost = [name for name, column in _LOST.items() if config.get(column)]
    lost += ["mounts of files"] if any(item.get("type") == "file" for item in config.get("mounts") or []) else []
    if lost:
        yield "%s: Dokploy goes back without what the deployment had of: %s" % (service.label, ", ".join(lost))


def refuse_under_way(state: DeploymentState) -> None:
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


def _sent(planned: RollbackPlan, context: Context) -> bool:
    try:
        return context.executor.run(planned).sent
    except errors.BadRequest as error:
        error.hint = "See Dokploy's log. Does the registry answer, with the login that was stored with the deployment?"
        raise
    except (errors.ConnectionFailed, errors.ProtocolError, errors.ServerError):
        # The rollback may have succeeded, as after a restart of the server.
        invalidate_fingerprint(planned.state.service, context)
        raise
