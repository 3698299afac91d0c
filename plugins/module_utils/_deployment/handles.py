# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Handles: deployments that earlier tasks have triggered, in plain values, for one task that waits for all of them."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Sequence, Tuple

from .._api.client import Call
from .._engine.runner import Context
from .._errors import DeploymentFailed, NotFoundError, OptionError, Refused
from .._model.argspec import Spec
from .._model.resource import Resource
from .._reads.rows import valid
from .._secrets.masking import one_line
from .._swarm.logs import patches_call, with_patches
from .._swarm.tasks import Service, starts_tasks
from .completion import Completion, TriggeredDeployment, wait_for_completion
from .queue import Row, Snapshot
from .revision import revision_of

Handle = Mapping[str, Any]


def handles_spec(*resources: Resource) -> Spec:
    """The option for handles, each of a deployment of one of the resources; their keys are those of C(handle_of)."""
    ids = [resource.id_option for resource in resources]
    options: Spec = {
        **{option: {"type": "str"} for resource in resources for option in (resource.id_option, resource.name)},
        "title": {"type": "str"},
        "known_deployments": {"type": "list", "elements": "str"},
        "ahead": {"type": "int"},
        "deployment_id": {"type": "str"},
        "revision": {"type": "str"},
        "known_tasks": {"type": "list", "elements": "str"},
        "clones": {"type": "bool"},
    }
    rules: Spec = {"required_one_of": [ids], "mutually_exclusive": [ids]}
    return {"type": "list", "elements": "dict", "options": options, **rules}


def handle_of(triggered: TriggeredDeployment) -> Dict[str, Any]:
    """What another task needs to wait for a deployment, in plain values."""
    service = triggered.service
    return {
        service.resource.id_option: service.id,
        service.resource.name: service.label,
        "title": triggered.title,
        "known_deployments": sorted(triggered.before.ids),
        "ahead": triggered.before.ahead,
        "deployment_id": None if triggered.own is None else triggered.own.get("deploymentId"),
        "revision": None if triggered.revision is None else triggered.revision.text,
        "known_tasks": None if triggered.old_tasks is None else sorted(triggered.old_tasks),
        "clones": triggered.clones,
    }


def from_handle(resource: Resource, handle: Handle, row: Row, verify: bool = True) -> TriggeredDeployment:
    """The deployment of a handle, with the service as it is now.

    :raises OptionError: its revision is invalid for the source that the service has now. :raises Refused: likewise.
    """
    service = Service(resource, row, handle[resource.name] or "%s %r" % (resource.name, row.get("name")))
    own, revision, tasks = handle["deployment_id"], handle["revision"], handle["known_tasks"]
    return TriggeredDeployment(
        service,
        before=Snapshot(frozenset(handle["known_deployments"] or ()), handle["ahead"] or 0),
        title=handle["title"],
        own=None if own is None else {"deploymentId": own},
        revision=None if revision is None else revision_of(service, revision),
        old_tasks=frozenset(tasks) if verify and tasks is not None and starts_tasks(service) else None,
        clones=bool(handle["clones"]),
    )


def finish_handles(resources: Sequence[Resource], context: Context) -> Dict[str, Any]:
    """Wait for the deployments of all handles; the result, or the details of the error, reports on each in order."""
    completions = _completions(resources, context.params["handles"], context)
    finished = wait_for_completion(
        [completion.triggered for completion in completions if completion.error is None], context
    )
    left = iter(finished)
    reports = [_report(completion if completion.error is not None else next(left)) for completion in completions]
    failed = [report for report in reports if report["failed"]]
    if not failed:
        return {"changed": False, "deployments": reports}
    if len(reports) == len(finished) == 1 and finished[0].error is not None:
        finished[0].error.details.update(deployments=reports)
        raise finished[0].error
    lines = ["%d of %d deployments failed:" % (len(failed), len(reports)), *(str(report["msg"]) for report in failed)]
    raise DeploymentFailed("\n".join(lines), details={"deployments": reports})


def _service_of(resources: Sequence[Resource], handle: Handle, number: int) -> Tuple[Resource, str]:
    """The description and the ID of the service of a handle."""
    resource = next(kind for kind in resources if handle.get(kind.id_option) is not None)
    if handle[resource.id_option] == "":
        raise OptionError("handles[%d].%s must not be empty" % (number, resource.id_option))
    return resource, handle[resource.id_option]


def _completions(resources: Sequence[Resource], handles: Sequence[Handle], context: Context) -> List[Completion]:
    """The deployments of the handles, with an error where the service or the revision is not valid any more."""
    services = [_service_of(resources, handle, number) for number, handle in enumerate(handles)]
    calls = [Call(resource.reading.procedure, {resource.id_key: resource_id}) for resource, resource_id in services]
    calls += [patches_call(*service) for service in services]
    answers = context.client.call_many(calls) if services else []
    completions: List[Completion] = []
    for handle, (resource, resource_id), row, patches in zip(handles, services, answers, answers[len(services) :]):
        name = handle[resource.name] or resource_id
        try:
            if isinstance(row, NotFoundError):
                raise NotFoundError("%s does not exist any more" % one_line(str(name)))
            row = with_patches(valid(row), patches)
            completions.append(Completion(from_handle(resource, handle, row, context.params["verify"])))
        except (NotFoundError, OptionError, Refused) as error:
            service = Service(resource, {resource.id_key: resource_id, "name": name})
            completions.append(Completion(TriggeredDeployment(service, Snapshot(frozenset(), 0)), error=error))
    return completions


def _report(completion: Completion) -> Dict[str, Any]:
    service, error, facts = completion.triggered.service, completion.error, completion.facts
    details: Mapping[str, Any] = {} if error is None else error.details
    if error is None or error.kind == "deployment":
        status = (facts or {}).get("status") or "unknown"
    else:
        # A deployment that has not ended in time has a state of its own: it runs, waits or is lost.
        status = details.get("status") or error.kind
    return {
        service.resource.id_option: service.id,
        service.resource.name: service.path,
        "failed": error is not None,
        "status": str(status),
        "msg": "" if error is None else str(error),
        "log": list(details.get("log") or []),
        "deployment": facts or details.get("deployment"),
        "seconds": completion.seconds,
        "job": completion.job,
        "running": completion.running if error is None else details.get("running"),
        "http_check": completion.http_check if error is None else details.get("http_check"),
    }
