# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The operation C(dokploy_deployment): whether a deployment is needed, how it is triggered, and its result."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from functools import partial
from typing import Any, Dict, Iterator, Mapping, Optional, Sequence

from .._api.client import Client
from .._archive.source import Archive, source_of
from .._engine.difference import Difference
from .._engine.lookup import find_parent
from .._engine.plan import Plan, Precondition, Step, UploadFile, Write
from .._engine.requirements import clones_from, has_source, need, sources_of
from .._engine.runner import Context
from .._errors import OptionError, ReferenceNotFound, Refused, ServerError, WrongRevision
from .._http.upload import Form
from .._model.resource import Resource
from .._swarm.tasks import Service, can_run, monitored
from .._values.codec import GENERATED
from .._values.names import template_warnings
from .adoption import RECORDED, record
from .cancel import cancel
from .completion import TriggeredDeployment, finish, tasks_before
from .fingerprint import NEVER, Fingerprint, deploy_reason, new_fingerprint, rebuilt_fingerprint, store_fingerprint
from .handles import finish_handles, handle_of
from .http_check import address_of
from .images import DESCRIPTION, TITLE, ImageTarget, image_target
from .options import checked
from .queue import REDEPLOYMENT, RUNNING, DeploymentQuery, Row, deployment_facts, in_words, new_in_words
from .revision import deployed_revision, revision_of
from .rollback import refuse_under_way, roll_back
from .state import DeploymentState, read_state, rolled_back_by_docker, was_stopped

Result = Dict[str, Any]

TITLES = {"deployed": "Deployed by Ansible", "redeployed": "Rebuilt by Ansible", "rolled_back": TITLE}
# An upload takes no title, and Dokploy gives it this one.
UPLOAD_TITLE = "Manual deployment"
# Seconds for the answer to an upload: the server unpacks the files first.
UPLOAD_TIMEOUT = 900.0
FIRST_WITH_UPLOADS = (0, 29, 0)
# Not measured: the option of the change that added it to Dokploy.
FIRST_WITH_FRESH_VOLUMES = (0, 30, 5)
# The releases that take other file names for an attempt to leave the folder, when they have emptied it.
NO_ODD_NAMES = ((0, 29, 3), (0, 30, 2))
ROLLED_BACK = "rolled back by Docker"
_REQUESTED = {"deployed": "deployment requested", "redeployed": REDEPLOYMENT}
STOPPED = "stopped"


def deploy(resources: Sequence[Resource], context: Context) -> Result:
    """The operation C(dokploy_deployment).

    :raises OptionError: options that are invalid, alone or together.
    :raises DeploymentFailed: the deployment failed, does not stay up or answer, or is not the wanted revision.
    :raises WaitTimeout: it has not ended in time.
    """
    params = context.params
    resource = checked(resources, context)
    if resource is None:
        return finish_handles(resources, context)
    uploads = params["archive"] is not None or params["path"] is not None
    files = source_of(params["archive"], params["path"], params["ignore"] or ()) if uploads else None
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
    return Deployment(state, files, context).result()


def _deploy_image(state: DeploymentState, target: ImageTarget, context: Context) -> Result:
    """Set an earlier image and deploy it, unless it is deployed.

    :raises Refused: another deployment is in progress.
    """
    service, key = state.service, target.field.api
    refuse_under_way(state)
    before = context.first_plan(service.row.get(key))
    wanted = replace(service, row={**service.row, key: target.image})
    params = {**context.params, "trigger": "always", "description": DESCRIPTION % target.image}
    own = replace(context, params=params)
    deployment = Deployment(replace(state, service=wanted), None, own)
    if target.reason is None:
        return {**deployment.unneeded(), "image": target.image}
    if params["http_check"] is not None:
        # Without an address this fails before the image is set.
        address_of(service, params["http_check"])
    if before != target.image:
        body, precondition = service.input(**{key: target.image}), Precondition((service.id,), service.id)
        context.executor.run(Plan((Write(service.resource.update, body, precondition=precondition),)))
    result = deployment.result(target.reason)
    result["diff"]["before"]["image"], result["diff"]["after"]["image"] = before, target.image
    return {**result, "image": target.image}


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


class Deployment:
    """One deployment of a service, as the options ask for it."""

    def __init__(self, state: DeploymentState, files: Optional[Archive], context: Context) -> None:
        self._state, self._files, self._context = state, files, context
        self._service, self._params = with_files(state.service, files), context.params
        self._redeploys = context.params["state"] == "redeployed"
        self._uploads = files is not None and must_upload(state, files)
        self._title = UPLOAD_TITLE if self._uploads else context.params["title"] or TITLES[context.params["state"]]
        clones = not self._redeploys and clones_from(self._service.resource, self._service.row)
        self._triggered = TriggeredDeployment(self._service, state.snapshot, clones=clones)

    def unneeded(self) -> Result:
        """The result where none is needed."""
        good = self._state.last_good
        facts = None if good is None else deployment_facts(self._service.resource, good)
        return self._result(None, deployment=facts)

    def result(self, why: Optional[str] = None) -> Result:
        """The result of the deployment, or that none is needed.

        :param why: the reason for it, if its options do not give it.
        """
        params, service = self._params, self._service
        if self._files is not None:
            check_files(self._state.service, self._files, self._uploads, self._context.client)
        if params["revision"] is not None:
            self._triggered = replace(self._triggered, revision=revision_of(service, params["revision"]))
        if not self._redeploys and params["trigger"] == "adopt":
            return self._adopted()
        reason: Optional[str] = why or _REQUESTED[params["state"]]
        if not self._redeploys and params["trigger"] == "changed":
            under_way = self._under_way()
            joined = self._joined(under_way) if under_way is not None else None
            if joined is not None:
                return joined
            reason = self._reason() if under_way is None else "another revision is being deployed"
        return self.unneeded() if reason is None else self._deployed(reason)

    def _deployed(self, reason: str) -> Result:
        """The result of a deployment that is needed."""
        params, service, context = self._params, self._service, self._context
        self._check_source()
        if params["fresh_volumes"]:
            self._check_fresh_volumes()
        if params["http_check"] is not None:
            # Without an address this fails before the deployment.
            address_of(service, params["http_check"])
        if service.mode.name != "stack":
            context.warn(template_warnings(service.row, ("env",), service.label))
        triggered = replace(self._triggered, title=self._title, old_tasks=tasks_before(service, context))
        if not self._send(reason):
            return self._result(reason)
        if not params["wait"]:
            return self._result(reason, handle=handle_of(triggered))
        return finish([triggered], context)[0].result_or_raise(self._result(reason))

    def _result(self, reason: Optional[str], **facts: Any) -> Result:
        newest = in_words(self._state.newest)
        after = newest if reason is None else new_in_words(reason)
        empty = dict.fromkeys(("deployment", "handle", "running", "http_check", "adopted"))
        known = {"reason": reason, **empty, **facts}
        return Difference(self._service.label, {"deployment": newest}, {"deployment": after}).result(
            **{self._service.resource.id_option: self._service.id}, **known
        )

    def _adopted(self) -> Result:
        """The result of recording what runs, unless it is recorded.

        :raises Refused: it differs from what is configured, or from the revision that is wanted.
        """
        state, service = self._state, self._service
        reason = deploy_reason(service, state.rows)
        if reason is None:
            return self.unneeded()
        revision = self._triggered.revision
        found = None if revision is None else deployed_revision(revision, self._context.client, service.row, state.rows)
        if revision is not None and not revision.is_met_by(found):
            message = "%s: the %s %s is wanted, and %s is deployed"
            raise Refused(message % (service.label, revision.kind, revision.text, found or "another one"))
        facts = record(state, self._context)
        result = {**self.unneeded(), "reason": reason, "adopted": facts, "changed": True}
        for side, shown in RECORDED.items():
            result["diff"][side].update(shown)
        return result

    def _reason(self) -> Optional[str]:
        service, rows = self._service, self._state.rows
        reason = deploy_reason(service, rows, self._archive)
        if reason is None and was_stopped(service, rows, self._context):
            return STOPPED
        if reason is None and rolled_back_by_docker(service, rows, self._context):
            return ROLLED_BACK
        revision = self._triggered.revision
        if reason is None and revision is not None:
            found = deployed_revision(revision, self._context.client, service.row, rows)
            return None if revision.is_met_by(found) else "revision changed"
        return reason

    def _check_source(self) -> None:
        """:raises Refused: there is nothing to deploy; Dokploy would start a deployment that fails."""
        service = self._service
        # The server builds what it has from the deployment before.
        kept = bool(self._state.rows) and (self._redeploys or service.row.get("sourceType") == "drop")
        if self._files is not None or kept or has_source(service.resource, service.row):
            return
        hint = "Set one with dokploy_%s: %s." % (service.resource.name, ", ".join(sources_of(service.resource)))
        if service.resource.deployable.upload:
            hint += " Or upload files with archive or path."
        error = Refused("%s has no source to deploy" % service.label, hint=hint)
        self._context.executor.parent_missing(error, "sets the source")

    def _check_fresh_volumes(self) -> None:
        """:raises OptionError: the service has no volumes of its own. :raises Refused: the server is too old."""
        obstacle = self._service.resource.deployable.fresh_volumes[1](self._service.row)
        if obstacle:
            raise OptionError("fresh_volumes is not possible: %s" % obstacle)
        # An older server ignores it, and the data stays.
        need(self._context.client, "fresh_volumes", FIRST_WITH_FRESH_VOLUMES)

    def _under_way(self) -> Optional[TriggeredDeployment]:
        """The deployment of this configuration that another run has triggered and that waits or runs."""
        state, stored, before = self._state, self._state.stored, self._triggered.before
        if stored is None or not stored.matches(self._fingerprint()):
            return None
        if before.ahead:
            return replace(self._triggered, before=replace(before, ahead=before.ahead - 1), old_tasks=frozenset())
        if (state.newest or {}).get("status") == RUNNING and stored.counts(state.rows):
            return replace(self._triggered, own=state.newest, old_tasks=frozenset())
        return None

    def _joined(self, triggered: TriggeredDeployment) -> Optional[Result]:
        """The result of waiting for it instead of triggering another one; C(None) if it is of another revision."""
        if not self._params["wait"]:
            return None if triggered.revision is not None else self._result(None, handle=handle_of(triggered))
        old = tasks_before(self._service, self._context)
        outcome = finish([replace(triggered, old_tasks=None if old is None else frozenset())], self._context)[0]
        return None if isinstance(outcome.error, WrongRevision) else outcome.result_or_raise(self._result(None))

    @property
    def _archive(self) -> Optional[str]:
        return None if self._files is None else self._files.content_hash

    def _fingerprint(self) -> Optional[Fingerprint]:
        row, rows, params = self._service.row, self._state.rows, self._params
        # Without verification nothing looks for a rollback later.
        unwatched = params["verify"] and can_run(row) and params["verify_period"] < monitored(self._service)
        if self._redeploys:
            return rebuilt_fingerprint(self._service, rows, unwatched)
        return new_fingerprint(self._service, rows, self._archive, unwatched)

    def _send(self, reason: str) -> bool:
        """Store the fingerprint and trigger the deployment; whether anything was sent."""
        executor, service, deployable = self._context.executor, self._service, self._service.resource.deployable
        query = DeploymentQuery(service.resource, service.id)
        fingerprint, took = self._fingerprint(), partial(query.has_begun, before=self._state.snapshot)
        if fingerprint is not None and reason == ROLLED_BACK:
            fingerprint = replace(fingerprint, bad=(*fingerprint.bad, str(self._state.rows[0].get("deploymentId"))))
        store_fingerprint(service, fingerprint, self._context)
        if self._files is not None and self._uploads:
            # The server forgets the path when it does not come with the files.
            fields = service.input(dropBuildPath=service.row["dropBuildPath"])
            form = partial(_upload_form, fields, self._files)
            step: Step = UploadFile(deployable.upload, fields, form, UPLOAD_TIMEOUT, took)
        else:
            body = service.input(title=self._title)
            if self._params["description"] is not None:
                body["description"] = self._params["description"]
            if self._params["fresh_volumes"]:
                body[deployable.fresh_volumes[0]] = True
            procedure = deployable.redeploy if self._redeploys else deployable.deploy
            precondition = Precondition(("deployment", service.id), service.id)
            step = Write(procedure, body, precondition=precondition, once=True, took=took)
        try:
            return executor.run(Plan((step,))).sent
        except ServerError as error:
            if self._uploads and "ADM-ZIP" in str(error.server_message):
                hint = "The server cannot read the files as a ZIP archive. The source of the %s is drop now."
                error.hint = hint % service.resource.name
            raise


def with_files(service: Service, files: Optional[Archive]) -> Service:
    """The service as it will be with the files: they become its source if it has none."""
    if files is None:
        return service
    build_path = str(service.row.get("dropBuildPath") or "")
    return replace(service, row={**service.row, "sourceType": "drop", "dropBuildPath": build_path})


@contextlib.contextmanager
def _upload_form(fields: Mapping[str, str], files: Archive) -> Iterator[Form]:
    with files.packed() as path:
        yield Form(fields, "zip", "archive.zip", "application/zip", path)


def must_upload(state: DeploymentState, files: Archive) -> bool:
    """Whether the files must be uploaded; the server still has what it unpacked for the last good deployment."""
    stored = state.stored
    return (
        stored is None
        or stored.archive != files.content_hash
        or not stored.counts(state.rows)
        or state.rows[0].get("status") != "done"
        or state.service.row.get("sourceType") != "drop"
    )


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
    need(client, "a deployment of files", FIRST_WITH_UPLOADS)
    if files.odd and NO_ODD_NAMES[0] <= client.version() <= NO_ODD_NAMES[1]:
        raise Refused(
            "this Dokploy refuses %d of the files for their names, such as %r" % (len(files.odd), files.odd[0]),
            hint="It accepts ASCII letters and digits, blanks and _ . : / - [ ] only. Rename or ignore these files.",
        )
