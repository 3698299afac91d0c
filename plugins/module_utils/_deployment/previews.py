# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Preview deployments: what Dokploy makes of pull requests, deployed again, removed and listed.

They come from GitHub's webhook only; no procedure makes one.
"""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional, Tuple

from ansible_collections.community.dokploy.plugins.module_utils._api.client import Call
from ansible_collections.community.dokploy.plugins.module_utils._deployment.completion import failure
from ansible_collections.community.dokploy.plugins.module_utils._deployment.queue import (
    PREVIEW_KEY,
    QUEUE,
    BuildsOver,
    DeploymentQuery,
    deployment_facts,
    has_begun,
    read_queue,
    snapshot,
)
from ansible_collections.community.dokploy.plugins.module_utils._deployment.tracker import DeploymentTracker
from ansible_collections.community.dokploy.plugins.module_utils._engine.lookup import find_parent
from ansible_collections.community.dokploy.plugins.module_utils._engine.plan import Plan, Write
from ansible_collections.community.dokploy.plugins.module_utils._engine.reads import valid
from ansible_collections.community.dokploy.plugins.module_utils._engine.requirements import need
from ansible_collections.community.dokploy.plugins.module_utils._engine.runner import Context
from ansible_collections.community.dokploy.plugins.module_utils._engine.wait import wait_for
from ansible_collections.community.dokploy.plugins.module_utils._errors import (
    Ambiguous,
    DokployError,
    NotFoundError,
    OptionError,
    ReferenceNotFound,
)
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import DELETE_TIMEOUT, Resource
from ansible_collections.community.dokploy.plugins.module_utils._values.hints import enumerated

Row = Mapping[str, Any]
Result = Dict[str, Any]

TITLE = "Rebuild Preview Deployment"
_ALL = "previewDeployment.all"


def manage_preview(resource: Resource, context: Context) -> Result:
    """The operation C(dokploy_preview_deployment).

    :raises OptionError: the address is incomplete.
    :raises ReferenceNotFound: there is no such preview to deploy; the message lists those that are there.
    :raises Ambiguous: a branch has several; the message lists their ids.
    :raises DeploymentFailed: it ended in C(error) or C(cancelled). :raises WaitTimeout: it has not ended in time.
    """
    params = context.params
    if params["preview_deployment_id"] is None and params["pull_request"] is None and params["branch"] is None:
        raise OptionError("one of preview_deployment_id, pull_request and branch is needed")
    if params["state"] == "redeployed":
        need(context.client, "state=redeployed", (0, 26, 4))
    try:
        previews, jobs = _candidates(resource, context)
    except (NotFoundError, ReferenceNotFound):
        # Nothing can be in a place that does not exist.
        if params["state"] != "absent":
            raise
        previews, jobs = [], []
    row = _chosen(previews, context)
    if params["state"] == "absent":
        return _absent(resource, row, context)
    if row is None:
        raise _missing(previews, context)
    return _redeployed(resource, row, jobs, context)


def _candidates(resource: Resource, context: Context) -> Tuple[List[Row], Any]:
    """The previews of the application that is meant, and the server's queue."""
    wanted = context.params["preview_deployment_id"]
    if wanted is not None:
        one = context.client.query("previewDeployment.one", {"previewDeploymentId": wanted})
        resource_id = str(one.get(resource.id_key))
    else:
        resource_id = str(find_parent(resource, context.params, context.reads).resource_id)
    rows, jobs = context.client.call_many([Call(_ALL, {resource.id_key: resource_id}), QUEUE])
    return valid(rows), jobs


def matches(row: Row, params: Mapping[str, Any]) -> bool:
    """Whether a preview is one of those that the options mean."""
    stated = (
        ("preview_deployment_id", row.get("previewDeploymentId")),
        ("pull_request", row.get("pullRequestNumber")),
        ("branch", row.get("branch")),
        ("status", row.get("previewStatus")),
    )
    return all(params.get(option) is None or str(params[option]) == str(value) for option, value in stated)


def _chosen(previews: List[Row], context: Context) -> Optional[Row]:
    found = [row for row in previews if matches(row, context.params)]
    if len(found) > 1:
        ids = [str(row.get("previewDeploymentId")) for row in found]
        raise Ambiguous(
            "%d preview deployments are meant: %s" % (len(found), ", ".join(ids)),
            hint="Name the pull_request, or the preview_deployment_id.",
            details={"ids": ids},
        )
    return found[0] if found else None


def _missing(previews: List[Row], context: Context) -> ReferenceNotFound:
    stated = ("preview_deployment_id", "pull_request", "branch")
    meant = ["%s %r" % (name, context.params[name]) for name in stated if context.params[name] is not None]
    there = ["#%s (branch %s)" % (row.get("pullRequestNumber"), row.get("branch")) for row in previews]
    return ReferenceNotFound(
        "there is no preview deployment with %s; there %s"
        % (" and ".join(meant), "are: %s" % enumerated(there) if there else "is none at all"),
        hint="GitHub's webhook makes them, when previews are switched on and a pull request is opened or pushed to.",
    )


def _words(row: Row) -> str:
    return "preview deployment of pull request #%s" % row.get("pullRequestNumber")


def _redeployed(resource: Resource, row: Row, jobs: Any, context: Context) -> Result:
    params, client = context.params, context.client
    resource_id, application_id = str(row.get("previewDeploymentId")), str(row.get("applicationId"))
    rows: List[Row] = list(row.get("deployments") or [])
    before = snapshot(rows, read_queue(jobs, {PREVIEW_KEY: resource_id}))
    query = DeploymentQuery(_ALL, resource.id_key, application_id, preview_id=resource_id)
    body = {"previewDeploymentId": resource_id}
    body.update({key: params[key] for key in ("title", "description") if params[key] is not None})
    request = Write(
        "previewDeployment.redeploy",
        body,
        once=True,
        took=lambda: has_begun(*query.ask(client), before=before),
    )
    outcome = context.executor.run(Plan((request,)))
    result: Result = {
        "changed": True,
        "application_id": application_id,
        "preview_deployment": preview_facts(row),
        "deployment": None,
        "diff": {
            "before": {"newest_deployment": rows[0].get("deploymentId") if rows else None},
            "after": {"newest_deployment": "(a new one, redeployed)"},
            "before_header": _words(row),
            "after_header": _words(row),
        },
    }
    if not outcome.sent or not params["wait"]:
        return result
    tracker = DeploymentTracker(_words(row), resource, query, context.waiter, before, params["title"] or TITLE)
    (final,) = wait_for(client, context.waiter, [tracker], params["wait_timeout"])
    if isinstance(final, DokployError):
        raise final
    result["deployment"] = facts = _deployment(resource, final, application_id)
    if facts["status"] != "done":
        raise failure(resource, _words(row), facts, context)
    return result


def _deployment(resource: Resource, row: Row, application_id: str) -> Dict[str, Any]:
    # The row of a preview's deployment names the preview only, and the webhook's description the commit.
    facts = {**deployment_facts(resource, row), resource.id_option: application_id}
    if facts["description"].startswith("Hash:"):
        facts["commit"] = facts["description"][len("Hash:") :].strip() or None
    return facts


def _absent(resource: Resource, row: Optional[Row], context: Context) -> Result:
    result: Result = {
        "changed": row is not None,
        "application_id": None,
        "preview_deployment": None,
        "deployment": None,
    }
    label = "preview deployment"
    if row is not None:
        resource_id, application_id, label = (
            str(row.get("previewDeploymentId")),
            str(row.get("applicationId")),
            _words(row),
        )
        steps = (
            # A build that goes on would make a service that belongs to nothing.
            BuildsOver(_ALL, resource.id_key, application_id, label, context.params["wait_timeout"], resource_id),
            Write(
                "previewDeployment.delete",
                {"previewDeploymentId": resource_id},
                missing_ok=True,
                timeout=DELETE_TIMEOUT,
            ),
        )
        context.executor.run(Plan(steps))
        result.update(application_id=application_id, preview_deployment=preview_facts(row))
    result["diff"] = {
        "before": {"state": "present" if row is not None else "absent"},
        "after": {"state": "absent"},
        "before_header": label,
        "after_header": label,
    }
    return result


def preview_facts(row: Row) -> Dict[str, Any]:
    """A preview in our words, without what changes while it is built."""
    domain = row.get("domain") or {}
    host = domain.get("host")
    number = str(row.get("pullRequestNumber") or "")
    return {
        "preview_deployment_id": row.get("previewDeploymentId"),
        "application_id": row.get("applicationId"),
        "branch": row.get("branch"),
        "pull_request": {
            "number": int(number) if number.isdigit() else None,
            "title": row.get("pullRequestTitle"),
            "url": row.get("pullRequestURL"),
        },
        "app_name": row.get("appName"),
        "host": host,
        "url": "%s://%s%s" % ("https" if domain.get("https") else "http", host, domain.get("path") or "/")
        if host
        else None,
        "created_at": row.get("createdAt"),
    }


def list_previews(resource: Resource, context: Context) -> Result:
    """The operation C(dokploy_preview_deployment_info): the previews of an application, newest first."""
    target = find_parent(resource, context.params, context.reads)
    rows = context.client.query(_ALL, {"applicationId": target.resource_id})
    return {
        "changed": False,
        "application_id": target.resource_id,
        "preview_deployments": [
            {
                **preview_facts(row),
                "status": row.get("previewStatus"),
                "deployments": [
                    _deployment(resource, item, str(target.resource_id)) for item in row.get("deployments") or []
                ],
            }
            for row in rows
            if matches(row, context.params)
        ],
    }
