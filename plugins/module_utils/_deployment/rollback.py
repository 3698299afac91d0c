# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Going back to an earlier deployment, or to its image where Dokploy has kept nothing of it.

With a rollback registry Dokploy keeps the image of each deployment and a copy of the whole configuration. A rollback
updates the service to both at once, without a build. It makes no deployment and leaves the stored configuration
unchanged (source of 0.30.2), so the next deployment brings that back.

Without one, the source has to be an image. The row of a deployment has no image. Its log begins with C(Pulling) and the
image as it was configured (source of 0.30.2, measured); logs can be read from 0.29.5 on, of the about ten deployments
that Dokploy lists. Going back sets the image and deploys it, and the description of that deployment has the image, so
that the next run recognises it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple

from .. import _errors as errors
from .._api.client import Call, Client
from .._engine.plan import Plan, Write
from .._engine.rows import valid
from .._engine.runner import Context
from .._engine.view import Difference
from .._model.field import Field, selected
from .._swarm.logs import clean
from .._swarm.tasks import Service, can_run, container_specs, ids_of, live_tasks, running_slots, tasks_call
from .._values.grammar import image_reference
from .completion import Completion, TriggeredDeployment, invalidate_fingerprint, verify, withdraw
from .fingerprint import deploy_reason
from .http_check import address_of
from .queue import Row, deployment_facts
from .state import DeploymentState, last_good

# The options that Dokploy does not roll back (source of 0.30.2, measured), and their columns.
_LOST = {"args": "args", "stop_grace_period": "stopGracePeriodSwarm", "endpoint_spec": "endpointSpecSwarm"}
# Seconds for the answer: the server logs in to the registry and updates the service.
TIMEOUT = 120.0
TITLE = "Rolled back by Ansible"
DESCRIPTION = "Image: %s"
_DESCRIBED = re.compile(r"Image: (\S+)\Z")
_PULLED = re.compile(r"Pulling (\S+)\Z")
# How many lines of a log are read; of each layer of an image, Docker writes about three.
_LINES = 1000
_STATED = "State the image with the option image, or set it in the configuration and deploy it."


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
    # The earlier scale counts, new tasks have the fingerprint of that time, and the variables of the copy are masked in
    # the logs, too.
    column = service.resource.deployable.fingerprint.column
    scale = {key: config[key] for key in ("replicas", "modeSwarm") if key in config}
    earlier = replace(service, row={**service.row, **scale, column: config.get(column), "fullContext": config})
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


@dataclass(frozen=True)
class ImageTarget:
    """The image to go back to.

    :param field: its option. :param reason: why it must be deployed; C(None) if it is what is deployed.
    """

    field: Field
    image: str
    reason: Optional[str]


def image_target(state: DeploymentState, context: Context) -> Optional[ImageTarget]:
    """The image to go back to; C(None) where Dokploy keeps deployments, or the source is no image.

    :raises OptionError: C(image) is invalid, or the source is no image. :raises Refused: no earlier image is known.
    """
    service, wanted, stated = state.service, context.params["image"], context.params["deployment_id"]
    field = image_field(service)
    if wanted is not None:
        _check(wanted, field, service)
    if field is None:
        return None
    newest = state.newest
    if wanted is not None:
        deployed = None if newest is None else images_of([newest], context.client)[0]
        return _image_target(state, field, wanted, deployed)
    good = _good(state)
    rows = [one for one in good if stated in (None, one.get("deploymentId")) and (stated or one is not newest)]
    if _is_kept(service, rows) or (stated is not None and not rows):
        # Or the stated deployment did not succeed, or does not exist.
        return None
    deployed, *images = images_of([*state.rows[:1], *rows], context.client) or [None]
    if stated is not None:
        found = images[0]
        problem = "the log of the deployment %s does not name its image" % stated
    else:
        found = _earlier(state, deployed, images)
        problem = "no log of a successful deployment before the newest one names another image"
    if found is None:
        raise errors.Refused("%s: %s" % (service.label, problem), hint=_STATED)
    return _image_target(state, field, found, deployed)


def _is_kept(service: Service, rows: Sequence[Row]) -> bool:
    """Whether Dokploy keeps the images of deployments, or has kept that of the newest of these."""
    keeps = service.row.get("rollbackActive") and service.row.get("rollbackRegistryId")
    return bool(keeps or (rows and rows[0].get("rollbackId")))


def _earlier(state: DeploymentState, deployed: Optional[str], images: Sequence[Optional[str]]) -> Optional[str]:
    """The image before the deployed one, of those of earlier deployments."""
    newest = state.newest
    # One that went back and failed is tried again, but not to an image that never worked.
    again = newest in _good(state) or (newest is not None and newest.get("status") != "done" and deployed in images)
    if again and newest is not None and newest.get("title") == TITLE:
        return deployed
    return next((one for one in images if one not in (None, deployed)), None)


def image_field(service: Service) -> Optional[Field]:
    """The option for the image that is the source of a service; C(None) if the source is none."""
    source = selected(service.resource.options, service.row)
    return next((one for one in source if one.name == "image"), None)


def _image_target(state: DeploymentState, field: Field, image: str, deployed: Optional[str]) -> ImageTarget:
    if state.newest in _good(state) and image == deployed == state.service.row.get(field.api):
        return ImageTarget(field, image, None)
    if state.newest is not None and image != deployed:
        return ImageTarget(field, image, "another image was deployed")
    return ImageTarget(field, image, deploy_reason(state.service, state.rows) or "source changed")


def _good(state: DeploymentState) -> List[Row]:
    """The deployments that succeeded, without those that are known to have failed afterwards, from the newest on."""
    bad = state.stored.bad if state.stored is not None else ()
    return [one for one in state.rows if one.get("status") == "done" and one.get("deploymentId") not in bad]


def _check(image: str, field: Optional[Field], service: Service) -> None:
    if field is None:
        raise errors.OptionError("image: the source of %s is no image" % service.label)
    try:
        image_reference(image)
    except ValueError as error:
        raise errors.OptionError("image %s" % error) from error


def images_of(rows: Sequence[Row], client: Client) -> List[Optional[str]]:
    """The images of deployments, in one batch of requests; C(None) where neither the description nor the log has it."""
    calls = [Call("deployment.readLogs", {"deploymentId": row["deploymentId"], "tail": _LINES}) for row in rows]
    answers = client.call_many(calls) if calls else []
    return [_described(row) or _pulled(answer) for row, answer in zip(rows, answers)]


def _described(row: Row) -> Optional[str]:
    found = _DESCRIBED.match(str(row.get("description") or "")) if row.get("title") == TITLE else None
    return found.group(1) if found else None


def _pulled(log: object) -> Optional[str]:
    if isinstance(log, (errors.NotFoundError, errors.UnknownProcedure)):
        return None
    lines = (_PULLED.match(clean(line)) for line in str(valid(log) or "").split("\n"))
    return next((found.group(1) for found in lines if found), None)
