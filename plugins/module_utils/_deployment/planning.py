# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The plan of a deployment: what the options ask for, as a pure function of what was observed of a service."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Any, Dict, FrozenSet, Iterator, Mapping, Optional, Tuple

from .._archive.source import Archive
from .._engine.plan import Outcome, Precondition, Step, UploadFile, Write
from .._engine.view import ChangePlan, Difference
from .._errors import OptionError, Refused, ServerError
from .._http.upload import Form
from .._swarm.comparison import Comparison
from .._swarm.tasks import Service, can_run, monitored
from .completion import TriggeredDeployment
from .earlier import Earlier
from .fingerprint import (
    RECORDED,
    Fingerprint,
    FingerprintWrite,
    adoption_write,
    fingerprint_steps,
    new_fingerprint,
    rebuilt_fingerprint,
)
from .http_check import address_of
from .queue import RUNNING, DeploymentQuery, deployment_facts, new_in_words, queue_position
from .revision import Revision
from .state import DeploymentState, clones_from, has_source, sources_of

# By which the next rollback recognises a deployment that went back.
TITLE = "Rolled back by Ansible"
TITLES = {"deployed": "Deployed by Ansible", "redeployed": "Rebuilt by Ansible", "rolled_back": TITLE}
# An upload takes no title, and Dokploy gives it this one.
UPLOAD_TITLE = "Manual deployment"
# Seconds for the answer to an upload: the server unpacks the files first.
UPLOAD_TIMEOUT = 900.0
ROLLED_BACK = "rolled back by Docker"
_NOT_STORED = "%s: The record of its deployment is lost, and the API key may not store it. What runs is as configured"


@dataclass(frozen=True)
class DeploymentRequest:
    """One deployment of a service, as the options ask for it.

    :param state: what was observed, with the service as the files or another image will make it.
    :param uploads: whether the files are uploaded; otherwise the server still has them.
    :param reason: why it is needed; C(None) if it is not. :param joined: that of another run, which is waited for.
    :param runs: what runs of it, where that is recorded. :param image: the earlier one that it goes back to, and the
        configured one. :param earlier: what runs before, where that comes back if the deployment fails.
    """

    state: DeploymentState
    params: Mapping[str, Any]
    files: Optional[Archive] = None
    uploads: bool = False
    revision: Optional[Revision] = None
    reason: Optional[str] = None
    joined: Optional[TriggeredDeployment] = None
    runs: Optional[Comparison] = None
    image: Any = None
    earlier: Optional[Earlier] = None

    @property
    def service(self) -> Service:
        return self.state.service

    @property
    def redeploys(self) -> bool:
        return bool(self.params["state"] == "redeployed")

    @property
    def adopts(self) -> bool:
        """Whether what runs is recorded: that is asked for, or the record is lost and what runs is as configured."""
        asked = self.params["state"] == "deployed" and self.params["trigger"] == "adopt"
        return bool(asked or self.runs is not None)

    @property
    def returns(self) -> bool:
        """Whether what ran before comes back if the deployment fails."""
        deploys = self.reason is not None or self.joined is not None
        # What has run to its end cannot run again as it did before.
        deploys = deploys and not self.service.mode.ends
        return bool(deploys and self.params.get("on_failure") == "return" and not self.adopts)

    @property
    def before(self) -> Mapping[str, Any]:
        """The columns that this run has changed since it read them, as they were."""
        return self.params.get("before") or {}

    @property
    def title(self) -> str:
        return UPLOAD_TITLE if self.uploads else self.params["title"] or TITLES[self.params["state"]]

    @property
    def archive(self) -> Optional[str]:
        return None if self.files is None else self.files.content_hash

    @cached_property
    def fingerprint(self) -> Optional[Fingerprint]:
        rows, params = self.state.rows, self.params
        # Without verification nothing looks for a rollback later.
        unwatched = params["verify"] and can_run(self.service) and params["verify_period"] < monitored(self.service)
        if self.redeploys:
            return rebuilt_fingerprint(self.service, rows, unwatched)
        return new_fingerprint(self.service, rows, self.archive, unwatched, params.get("ignore"))

    def triggered(self, service: Optional[Service] = None, **known: Any) -> TriggeredDeployment:
        """The deployment, once it is triggered. :param service: with the fingerprint that is stored then."""
        clones = not self.redeploys and clones_from(self.service.resource, self.service.row)
        before = self.state.snapshot
        return TriggeredDeployment(service or self.service, before, revision=self.revision, clones=clones, **known)

    @property
    def under_way(self) -> Optional[TriggeredDeployment]:
        """The deployment of this configuration that another run has triggered and that waits or runs."""
        state, stored, triggered = self.state, self.state.stored, self.triggered()
        before = triggered.before
        if stored is None or not stored.matches(self.fingerprint):
            return None
        if before.ahead:
            return replace(triggered, before=replace(before, ahead=before.ahead - 1), old_tasks=frozenset())
        if (state.newest or {}).get("status") == RUNNING and stored.counts(state.rows):
            return replace(triggered, own=state.newest, old_tasks=frozenset())
        return None


@dataclass(frozen=True)
class DeploymentPlan(ChangePlan):
    """What deploys a service, or records what runs of it.

    :param reason: why it is deployed; C(None) if it is not.
    :param facts: what results tell beside it.
    :param obstacle: the error that prevents it, and what an earlier task does about it, as check mode assumes.
    """

    request: DeploymentRequest
    reason: Optional[str] = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    obstacle: Optional[Tuple[Refused, str]] = None

    def triggered(self, old_tasks: Optional[FrozenSet[str]]) -> TriggeredDeployment:
        """The deployment, once it is triggered; new tasks have the fingerprint that the steps store.

        :param old_tasks: the IDs of the tasks before it; C(None): later ones are not verified.
        """
        service = self.request.service
        column = service.resource.deployable.fingerprint.column
        stored = [step.body[column] for step in self.steps if isinstance(step, FingerprintWrite)]
        service = replace(service, row={**service.row, column: stored[0]}) if stored else service
        return self.request.triggered(service, title=self.request.title, old_tasks=old_tasks)

    def result(self) -> Dict[str, Any]:
        """The result of the operation."""
        service = self.request.service
        good = self.request.state.last_good if self.reason is None else None
        known: Dict[str, Any] = dict.fromkeys(("handle", "running", "job", "http_check", "adopted", "seconds"))
        known["deployment"] = None if good is None else deployment_facts(service.resource, good)
        known[service.resource.id_option] = service.id
        return self.difference.result(**{"reason": self.reason, **known, **self.facts})


def _difference(request: DeploymentRequest, reason: Optional[str]) -> Difference:
    newest = queue_position(request.state.newest)
    after = newest if reason is None else new_in_words(reason)
    return Difference(request.service.label, {"deployment": newest}, {"deployment": after}, action="deploy")


def plan_deployment(request: DeploymentRequest, reason: Optional[str]) -> DeploymentPlan:
    """The steps of a deployment; none without a C(reason) for it. Pure.

    :raises OptionError: the service has no volumes of its own, or no address for the HTTP check.
    """
    if reason is None:
        return DeploymentPlan((), _difference(request, None), request)
    service, params, fingerprint = request.service, request.params, request.fingerprint
    problem = service.resource.deployable.fresh_volumes[1](service.row) if params["fresh_volumes"] else ""
    if problem:
        raise OptionError("fresh_volumes is not possible: %s" % problem)
    if params["http_check"] is not None:
        # Without an address this fails before the deployment.
        address_of(service, params["http_check"])
    if fingerprint is not None and reason == ROLLED_BACK:
        fingerprint = replace(fingerprint, bad=(*fingerprint.bad, str(request.state.rows[0].get("deploymentId"))))
    earlier = "" if request.earlier is None else request.earlier.text
    steps = (*fingerprint_steps(service, fingerprint, earlier), _trigger(request))
    return DeploymentPlan(
        steps=steps,
        difference=_difference(request, reason),
        request=request,
        reason=reason,
        obstacle=_obstacle(request),
    )


def plan_adoption(request: DeploymentRequest) -> DeploymentPlan:
    """The step that records what runs, unless it is recorded. Pure."""
    if request.runs is None:
        return DeploymentPlan((), _difference(request, None), request)
    denied = "" if request.params["trigger"] == "adopt" else _NOT_STORED % request.service.label
    steps = (adoption_write(request.service, request.state.rows, denied, request.params.get("ignore")),)
    facts = {"reason": request.reason, "adopted": request.runs.facts()}
    # Nothing is deployed, which is what the progress of a run would call it.
    difference = replace(_difference(request, None), action="record")
    planned = DeploymentPlan(steps=steps, difference=difference, request=request, facts=facts)
    return planned.also((), RECORDED["before"], RECORDED["after"])


def _obstacle(request: DeploymentRequest) -> Optional[Tuple[Refused, str]]:
    """There is nothing to deploy; Dokploy would start a deployment that fails."""
    service = request.service
    # The server builds what it has from the deployment before.
    kept = bool(request.state.rows) and (request.redeploys or service.row.get("sourceType") == "drop")
    if request.files is not None or kept or has_source(service.resource, service.row):
        return None
    hint = "Set one with dokploy_%s: %s." % (service.resource.name, ", ".join(sources_of(service.resource)))
    if service.resource.deployable.upload:
        hint += " Or upload files with archive or path."
    return Refused("%s has no source to deploy" % service.label, hint=hint), "sets the source"


def _trigger(request: DeploymentRequest) -> Step:
    """The request that deploys it; the server's queue tells whether it took effect."""
    service, params, deployable = request.service, request.params, request.service.resource.deployable
    took = partial(DeploymentQuery(service.resource, service.id).has_begun, before=request.state.snapshot)
    if request.files is not None and request.uploads:
        # The server forgets the path when it does not come with the files.
        fields = service.input(dropBuildPath=service.row["dropBuildPath"])
        form = partial(_upload_form, fields, request.files)
        return _Upload(deployable.upload, fields, form, UPLOAD_TIMEOUT, took, service.resource.name)
    body = service.input(title=request.title)
    if params["description"] is not None:
        body["description"] = params["description"]
    if params["fresh_volumes"]:
        body[deployable.fresh_volumes[0]] = True
    procedure = deployable.redeploy if request.redeploys else deployable.deploy
    precondition = Precondition(("deployment", service.id), service.id)
    return Write(procedure, body, precondition=precondition, once=True, took=took)


@dataclass(frozen=True)
class _Upload(UploadFile):
    """Uploads the files of a service, and deploys them. :param noun: what messages call the service."""

    noun: str = ""

    def run(self, executor: Any, outcome: Outcome) -> None:
        try:
            super().run(executor, outcome)
        except ServerError as error:
            if "ADM-ZIP" in str(error.server_message):
                hint = "The server cannot read the files as a ZIP archive. The source of the %s is drop now."
                error.hint = hint % self.noun
            raise


@contextlib.contextmanager
def _upload_form(fields: Mapping[str, str], files: Archive) -> Iterator[Form]:
    with files.packed() as path:
        yield Form(fields, "zip", "archive.zip", "application/zip", path)


def with_files(service: Service, files: Optional[Archive]) -> Service:
    """The service as it will be with the files: they become its source if it has none."""
    if files is None:
        return service
    build_path = str(service.row.get("dropBuildPath") or "")
    return replace(service, row={**service.row, "sourceType": "drop", "dropBuildPath": build_path})


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
