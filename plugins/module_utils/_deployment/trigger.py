# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The operation C(dokploy_deployment): its options, whether a deployment is needed, and what it leads to."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Dict, Optional, Sequence

from .._api.client import Client
from .._archive.source import Archive, source_of
from .._engine.kinds import chosen, names_one
from .._engine.lookup import find_parent
from .._engine.plan import Precondition, Write
from .._engine.rows import need
from .._engine.runner import Context
from .._engine.view import Difference
from .._errors import OptionError, ReferenceNotFound, Refused, ServerError, WrongRevision
from .._model.resource import Resource
from .._swarm.comparison import Comparison, compared
from .._swarm.logs import check_lines
from .._swarm.tasks import Service
from .._values.codec import GENERATED
from .._values.grammar import template_warnings
from .cancel import cancel
from .completion import TriggeredDeployment, finish, tasks_before
from .fingerprint import NEVER, RECORDED, adoption_write, deploy_reason
from .handles import finish_handles, handle_of
from .http_check import check_options
from .planning import ROLLED_BACK, DeploymentPlan, Request, must_upload, plan_deployment, with_files
from .queue import REDEPLOYMENT, Row, in_words, new_in_words
from .revision import deployed_revision, revision_of
from .rollback import DESCRIPTION, ImageTarget, image_target, refuse_under_way, roll_back
from .state import DeploymentState, has_source, read_state, rolled_back_by_docker, was_stopped, why_not_adoptable

Result = Dict[str, Any]

FIRST_WITH_UPLOADS = (0, 29, 0)
# Not measured: the option of the change that added it to Dokploy.
FIRST_WITH_FRESH_VOLUMES = (0, 30, 5)
# The releases that take other file names for an attempt to leave the folder, when they have emptied it.
NO_ODD_NAMES = ((0, 29, 3), (0, 30, 2))
_REQUESTED = {"deployed": "deployment requested", "redeployed": REDEPLOYMENT}
STOPPED = "stopped"
# Option -> the states that take it.
_ONLY = {
    **dict.fromkeys(("revision", "archive", "path", "exclude"), ("deployed",)),
    **dict.fromkeys(("title", "description", "fresh_volumes"), ("deployed", "redeployed")),
    "http_check": ("deployed", "redeployed", "finished", "rolled_back"),
    **dict.fromkeys(("deployment_id", "image"), ("rolled_back",)),
    "handles": ("finished",),
    "kill_build": ("cancelled",),
}


def deploy(resources: Sequence[Resource], context: Context) -> Result:
    """The operation C(dokploy_deployment).

    :raises OptionError: options that are invalid, alone or together.
    :raises DeploymentFailed: the deployment failed, does not stay up or answer, or is not the wanted revision.
    :raises WaitTimeout: it has not ended in time.
    """
    params = context.params
    resource = _checked(resources, context)
    if resource is None:
        return finish_handles(resources, context)
    files = _files(params)
    try:
        if params["state"] == "cancelled":
            target = find_parent(resource, params, context.reads)
            return cancel(resource, target, context, params["kill_build"], params["wait"])
        state = read_state(resource, context)
    except ReferenceNotFound as error:
        context.executor.parent_missing(error)
        return _predicted(resource, params)
    if params["state"] == "rolled_back":
        earlier = image_target(state, context)
        return roll_back(state, context) if earlier is None else _deploy_image(state, earlier, context)
    return _deploy(_request(state, files, context), context)


def _checked(resources: Sequence[Resource], context: Context) -> Optional[Resource]:
    """What is named, after all options were checked; C(None) with C(state=finished).

    :raises OptionError: options that are invalid, alone or together.
    """
    params, state = context.params, context.params["state"]
    for option, states in _ONLY.items():
        if params[option] not in (None, False) and state not in states:
            raise OptionError("%s is not supported with state=%s" % (option, state))
    if state == "finished" and params["handles"] is None:
        raise OptionError("state=finished needs handles, which state=deployed with wait=false returns")
    if state != "finished" and not names_one(resources, params):
        options = [option for resource in resources for option in (resource.name, resource.id_option)]
        raise OptionError("one of %s is needed with state=%s" % (", ".join(options), state))
    if params["exclude"] is not None and params["path"] is None:
        raise OptionError("exclude is for the files of a path")
    check_lines(params["log_lines"])
    check_options(params["http_check"])
    _check_adoption(params)
    if state == "finished":
        return None
    resource = chosen(resources, params, context.reads)
    _check_possible(resource, params)
    return resource


def _check_adoption(params: Row) -> None:
    state = params["state"]
    if params["trigger"] == "adopt" and (state != "deployed" or params["archive"] or params["path"]):
        other = "state=%s" % state if state != "deployed" else "archive" if params["archive"] else "path"
        raise OptionError("trigger=adopt is not supported with %s: it records what runs" % other)


def _check_possible(resource: Resource, params: Row) -> None:
    """:raises OptionError: Dokploy cannot do this with such a service."""
    for option in ("archive", "path"):
        if params[option] is not None and not resource.deployable.upload:
            message = "%s is not possible with %s: Dokploy takes no uploaded files for it"
            raise OptionError(message % (option, resource.name))
    if params["fresh_volumes"] and not resource.deployable.fresh_volumes[0]:
        raise OptionError("fresh_volumes is not possible with %s" % resource.name)
    if params["fresh_volumes"] and params["state"] == "deployed" and params["trigger"] != "always":
        raise OptionError("fresh_volumes deletes data with each deployment, so it needs trigger=always")
    if params["state"] == "rolled_back" and not resource.deployable.rollback:
        message = "state=rolled_back is not possible with %s: Dokploy keeps nothing of its earlier deployments"
        raise OptionError(message % resource.name)


def _files(params: Row) -> Optional[Archive]:
    """The files to upload, if there are any."""
    if params["archive"] is None and params["path"] is None:
        return None
    return source_of(params["archive"], params["path"], params["exclude"] or ())


def _deploy_image(state: DeploymentState, target: ImageTarget, context: Context) -> Result:
    """Set an earlier image and deploy it, unless it is deployed.

    :raises Refused: another deployment is in progress.
    """
    service, key = state.service, target.field.api
    refuse_under_way(state)
    before = context.first_plan(service.row.get(key))
    wanted = replace(state, service=replace(service, row={**service.row, key: target.image}))
    request = Request(wanted, {**context.params, "description": DESCRIPTION % target.image})
    planned = plan_deployment(request, target.reason)
    if planned.steps:
        body, precondition = service.input(**{key: target.image}), Precondition((service.id,), service.id)
        first = () if before == target.image else (Write(service.resource.update, body, precondition=precondition),)
        also: Dict[str, Dict[str, Any]] = {"before": {"image": before}, "after": {"image": target.image}}
        planned = replace(planned, steps=(*first, *planned.steps), also=also)
    return {**_carried_out(planned, context), "image": target.image}


def _predicted(resource: Resource, params: Row) -> Result:
    """The result for a service that an earlier task creates, which check mode takes for granted."""
    reason = NEVER if params["trigger"] == "changed" else _REQUESTED["deployed"]
    key, before, after = {
        # Nothing of a new service waits.
        "cancelled": ("waiting", 0, 0),
        "rolled_back": ("deployed", None, "(an earlier one)"),
        "redeployed": ("deployment", in_words(None), new_in_words(REDEPLOYMENT)),
        "deployed": ("deployment", in_words(None), new_in_words(reason)),
    }[params["state"]]
    label = "%s %r" % (resource.name, params[resource.name] or params[resource.id_option])
    difference = Difference(label, {key: before}, {key: after})
    return difference.result(**{resource.id_option: GENERATED}, deployment=None)


def _request(state: DeploymentState, files: Optional[Archive], context: Context) -> Request:
    """The deployment that the options ask for.

    :raises OptionError: C(revision) cannot be one of this source. :raises Refused: it, or the files, cannot be had.
    """
    uploads = files is not None and must_upload(state, files)
    if files is not None:
        check_files(state.service, files, uploads, context.client)
    service, revision = with_files(state.service, files), context.params["revision"]
    wanted = None if revision is None else revision_of(service, revision)
    return Request(replace(state, service=service), context.params, files, uploads, wanted)


def _deploy(request: Request, context: Context) -> Result:
    """The result of the deployment, or that none is needed."""
    params = request.params
    if not request.redeploys and params["trigger"] == "adopt":
        return _adopted(request, context)
    reason: Optional[str] = _REQUESTED[params["state"]]
    if not request.redeploys and params["trigger"] == "changed":
        under_way = request.under_way
        joined = None if under_way is None else _joined(request, under_way, context)
        if joined is not None:
            return joined
        reason = _observed_reason(request, context) if under_way is None else "another revision is being deployed"
    return _carried_out(plan_deployment(request, reason), context)


def _observed_reason(request: Request, context: Context) -> Optional[str]:
    """Why a deployment is needed. Docker and the log are only looked at when what is stored gives no reason."""
    service, rows, revision = request.service, request.state.rows, request.revision
    reason = deploy_reason(service, rows, request.archive)
    if reason is None and was_stopped(service, rows, context):
        return STOPPED
    if reason is None and rolled_back_by_docker(service, rows, context):
        return ROLLED_BACK
    if reason is None and revision is not None:
        found = deployed_revision(revision, context.client, service.row, rows)
        return None if revision.is_met_by(found) else "revision changed"
    return reason


def reason_now(resource: Resource, context: Context) -> Optional[str]:
    """Why an existing service needs the deployment that the options ask for, from reads alone; C(None): it does not.

    :raises OptionError: C(revision) cannot be one of this source. :raises Refused: the files cannot be had.
    """
    request = _request(read_state(resource, context), _files(context.params), context)
    return None if request.under_way is not None else _observed_reason(request, context)


def _carried_out(planned: DeploymentPlan, context: Context) -> Result:
    """The result of a deployment, after it was triggered and, where that is wanted, has ended."""
    request, params, service = planned.request, planned.request.params, planned.request.service
    if not planned.steps:
        return planned.result()
    if planned.obstacle is not None:
        context.executor.parent_missing(*planned.obstacle)
    if params["fresh_volumes"]:
        # An older server ignores it, and the data stays.
        need(context.client.version(), "fresh_volumes", FIRST_WITH_FRESH_VOLUMES)
    if service.mode.name != "stack":
        context.warn(template_warnings(service.row, "env", service.label))
    triggered = replace(request.triggered, service=planned.deployed_service, title=request.title)
    triggered = replace(triggered, old_tasks=tasks_before(service, context))
    try:
        sent = context.executor.run(planned).sent
    except ServerError as error:
        if request.uploads and "ADM-ZIP" in str(error.server_message):
            hint = "The server cannot read the files as a ZIP archive. The source of the %s is drop now."
            error.hint = hint % service.resource.name
        raise
    if not sent:
        return planned.result()
    if not params["wait"]:
        return planned.result(handle=handle_of(triggered))
    return finish([triggered], context)[0].result_or_raise(planned.result())


def _joined(request: Request, triggered: TriggeredDeployment, context: Context) -> Optional[Result]:
    """The result of waiting for it instead of triggering another one; C(None) if it is of another revision."""
    planned = plan_deployment(request, None)
    if not request.params["wait"]:
        handle = handle_of(triggered)
        return None if triggered.revision is not None else planned.result(deployment=None, handle=handle)
    old = tasks_before(request.service, context)
    outcome = finish([replace(triggered, old_tasks=None if old is None else frozenset())], context)[0]
    return None if isinstance(outcome.error, WrongRevision) else outcome.result_or_raise(planned.result())


def _adopted(request: Request, context: Context) -> Result:
    """The result of recording what runs, unless it is recorded.

    :raises Refused: it differs from what is configured, or from the revision that is wanted.
    """
    service, rows, revision = request.service, request.state.rows, request.revision
    reason = deploy_reason(service, rows)
    if reason is None:
        return plan_deployment(request, None).result()
    found = None if revision is None else deployed_revision(revision, context.client, service.row, rows)
    if revision is not None and not revision.is_met_by(found):
        message = "%s: the %s %s is wanted, and %s is deployed"
        raise Refused(message % (service.label, revision.kind, revision.text, found or "another one"))
    facts = _adoptable(request.state, context.client).facts()
    planned = DeploymentPlan((adoption_write(service, rows),), request, also=RECORDED)
    context.executor.run(planned)
    return planned.result(reason=reason, adopted=facts)


def _adoptable(state: DeploymentState, client: Client) -> Comparison:
    """What runs of a service, which can be recorded as its last deployment.

    :raises Refused: it differs from what is configured, or it is not the result of the last deployment.
    """
    service = state.service
    problem = why_not_adoptable(state.rows) or ("a deployment of it is in progress" if state.queued else "")
    if problem:
        hint = "Deploy it with trigger=changed."
        raise Refused("%s: what runs cannot be adopted, since %s" % (service.label, problem), hint=hint)
    return compared(service, client)


def check_files(service: Service, files: Archive, uploads: bool, client: Client) -> None:
    """:raises Refused: the service has another source, or this server cannot take such files."""
    source = service.row.get("sourceType")
    if source != "drop" and has_source(service.resource, service.row):
        raise Refused(
            "%s has another source (%s), which the files would replace" % (service.label, source),
            hint="Set drop: {} with dokploy_%s first to replace it." % service.resource.name,
        )
    if not uploads:
        return
    need(client.version(), "a deployment of files", FIRST_WITH_UPLOADS)
    if files.odd and NO_ODD_NAMES[0] <= client.version() <= NO_ODD_NAMES[1]:
        raise Refused(
            "this Dokploy refuses %d of the files for their names, such as %r" % (len(files.odd), files.odd[0]),
            hint="It accepts only ASCII letters and digits, blanks and _ . : / - [ ]. Rename or exclude the files.",
        )
