# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Waiting for many deployments that earlier tasks have triggered, and reporting on each."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Dict, List, Mapping, Optional, Sequence, Union

from ansible_collections.community.dokploy.plugins.module_utils._api.client import Call
from ansible_collections.community.dokploy.plugins.module_utils._deployment.completion import (
    Completion,
    Started,
    finish,
)
from ansible_collections.community.dokploy.plugins.module_utils._deployment.queue import Snapshot
from ansible_collections.community.dokploy.plugins.module_utils._deployment.revision import revision_of
from ansible_collections.community.dokploy.plugins.module_utils._deployment.state import short_words
from ansible_collections.community.dokploy.plugins.module_utils._engine.reads import shaped
from ansible_collections.community.dokploy.plugins.module_utils._engine.runner import Context
from ansible_collections.community.dokploy.plugins.module_utils._errors import (
    DeploymentFailed,
    DokployError,
    NotFoundError,
    OptionError,
    Refused,
)
from ansible_collections.community.dokploy.plugins.module_utils._model.argspec import Spec
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Resource
from ansible_collections.community.dokploy.plugins.module_utils._secrets.patterns import one_line
from ansible_collections.community.dokploy.plugins.module_utils._swarm.logs import patches_call, with_patches
from ansible_collections.community.dokploy.plugins.module_utils._swarm.tasks import can_run

Row = Mapping[str, Any]
Result = Dict[str, Any]
Handle = Mapping[str, Any]

# A handle as an option; its keys are those of C(handle_of).
HANDLE: Spec = {
    "application_id": {"type": "str", "required": True},
    "application": {"type": "str"},
    "title": {"type": "str"},
    "known_deployments": {"type": "list", "elements": "str"},
    "ahead": {"type": "int"},
    "deployment_id": {"type": "str"},
    "revision": {"type": "str"},
    "known_tasks": {"type": "list", "elements": "str"},
    "clones": {"type": "bool"},
}


def handle_of(started: Started) -> Dict[str, Any]:
    """What another task needs to wait for it, in plain values."""
    return {
        "application_id": started.application_id,
        "application": started.label,
        "title": started.title,
        "known_deployments": sorted(started.before.ids),
        "ahead": started.before.ahead,
        "deployment_id": None if started.own is None else started.own.get("deploymentId"),
        "revision": None if started.revision is None else started.revision.text,
        "known_tasks": None if started.old_tasks is None else sorted(started.old_tasks),
        "clones": started.clones,
    }


def from_handle(resource: Resource, handle: Mapping[str, Any], row: Row) -> Started:
    """The same again, with the application as it is now, and without the revision, which is for it to judge.

    :param handle: with all keys of C(handle_of).
    """
    own = handle["deployment_id"]
    tasks = handle["known_tasks"]
    return Started(
        resource,
        label=handle["application"] or "application %r" % row.get("name"),
        row=row,
        before=Snapshot(frozenset(handle["known_deployments"] or ()), handle["ahead"] or 0),
        title=handle["title"],
        own=None if own is None else {"deploymentId": own},
        old_tasks=None if tasks is None else frozenset(tasks),
        clones=bool(handle["clones"]),
    )


def unverified(started: Started) -> Started:
    """The same without a look at what runs."""
    return replace(started, old_tasks=None)


def finish_handles(resource: Resource, context: Context) -> Result:
    """Wait for all deployments, and report on each in the order of the handles.

    :raises DeploymentFailed: some did not end well; the details hold the reports on all.
    """
    handles: Sequence[Handle] = context.params["handles"]
    started = _started(resource, handles, context)
    outcomes = finish([one for one in started if isinstance(one, Started)], context)
    left = iter(outcomes)
    reports = [
        _report_lost(handle, one) if isinstance(one, DokployError) else _report(next(left))
        for handle, one in zip(handles, started)
    ]
    failed = [report for report in reports if report["failed"]]
    if failed:
        raise _failure(failed, reports, outcomes)
    return {"changed": False, "deployments": reports}


def _started(resource: Resource, handles: Sequence[Handle], context: Context) -> List[Union[Started, DokployError]]:
    """What the handles stand for; the error of one that stands for nothing any more in its place."""
    for position, handle in enumerate(handles):
        if not handle["application_id"]:
            raise OptionError("handles[%d].application_id must not be empty" % position)
    ids = [handle["application_id"] for handle in handles]
    calls = [Call(resource.read, {resource.id_key: resource_id}) for resource_id in ids]
    calls += [patches_call(resource, resource_id) for resource_id in ids]
    answers = context.client.call_many(calls) if ids else []
    found: List[Union[Started, DokployError]] = []
    for handle, row, patches in zip(handles, answers, answers[len(ids) :]):
        if isinstance(row, DokployError):
            if not isinstance(row, NotFoundError):
                raise row
            label = one_line(str(handle["application"] or handle["application_id"]))
            found.append(NotFoundError("%s is there no more" % label))
            continue
        try:
            found.append(_again(resource, handle, with_patches(shaped(row, dict, resource.read), patches), context))
        except (OptionError, Refused) as error:
            # It has another source by now, of which the revision means nothing.
            found.append(error)
    return found


def _again(resource: Resource, handle: Handle, row: Row, context: Context) -> Started:
    one = from_handle(resource, handle, row)
    if handle["revision"] is not None:
        one = replace(one, revision=revision_of(row, handle["revision"], one.label))
    return one if context.params["verify"] and can_run(row) else unverified(one)


def _report(outcome: Completion) -> Dict[str, Any]:
    error, facts = outcome.error, outcome.facts
    return {
        "application_id": outcome.started.application_id,
        "application": short_words(outcome.started.row),
        "failed": error is not None,
        "status": _status(error, facts),
        "msg": "" if error is None else str(error),
        "log": [] if error is None else list(error.details.get("log") or []),
        "deployment": facts if facts is not None or error is None else error.details.get("deployment"),
        "running": outcome.running if error is None else error.details.get("running"),
        "health": outcome.health if error is None else error.details.get("health"),
    }


def _status(error: Optional[DokployError], facts: Optional[Mapping[str, Any]]) -> str:
    """How it ended: as its row says, or what went wrong after it or without one."""
    if error is None or error.kind == "deployment":
        return str((facts or {}).get("status") or "unknown")
    # What was waited for in vain has a state of its own: it runs, waits or is lost.
    return str(error.details.get("status") or error.kind)


def _report_lost(handle: Handle, error: DokployError) -> Dict[str, Any]:
    return {
        "application_id": handle["application_id"],
        "application": handle["application"] or handle["application_id"],
        "failed": True,
        "status": error.kind,
        "msg": str(error),
        "log": [],
        "deployment": None,
        "running": None,
        "health": None,
    }


def _failure(failed: List[Dict[str, Any]], reports: List[Dict[str, Any]], outcomes: List[Completion]) -> DokployError:
    if len(reports) == 1 and len(outcomes) == 1 and outcomes[0].error is not None:
        error = outcomes[0].error
        error.details.update(deployments=reports)
        return error
    lines = ["%d of %d deployments did not end well:" % (len(failed), len(reports))]
    lines += [str(report["msg"]) for report in failed]
    return DeploymentFailed("\n".join(lines), details={"deployments": reports})
