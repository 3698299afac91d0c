# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Deployments: triggered, followed to their end, cancelled while they wait."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping

from ansible_collections.community.dokploy.plugins.module_utils._context import Context
from ansible_collections.community.dokploy.plugins.module_utils._errors import (
    DeploymentFailed,
    DokployError,
    ReferenceNotFound,
)
from ansible_collections.community.dokploy.plugins.module_utils._locate import Target, find_application
from ansible_collections.community.dokploy.plugins.module_utils._logs import log_tail
from ansible_collections.community.dokploy.plugins.module_utils._plan import Plan, Request
from ansible_collections.community.dokploy.plugins.module_utils._queue import (
    RUNNING,
    deployment_facts,
    look_at,
    snapshot,
)
from ansible_collections.community.dokploy.plugins.module_utils._resource import Resource
from ansible_collections.community.dokploy.plugins.module_utils._wait import follow

Result = Dict[str, Any]

PROCEDURES = {"deployed": "application.deploy", "redeployed": "application.redeploy"}
# Seconds between the looks for the commit; after them the result has none.
COMMIT_PAUSES = (0.05, 0.1, 0.2, 0.4, 0.8)
# The titles that Dokploy gives when it gets none.
TITLES = {"deployed": "Manual deployment", "redeployed": "Rebuild deployment"}


def deploy(resource: Resource, context: Context) -> Result:
    """The operation C(dokploy_deployment).

    :raises DeploymentFailed: it ended in C(error) or C(cancelled); the message ends with the tail of the build log.
    :raises WaitTimeout: it has not ended in time.
    """
    params = context.params
    try:
        target = find_application(resource, context.params, context.reads)
    except ReferenceNotFound as error:
        context.executor.parent_missing(error)
        return {"changed": True, "application_id": None, "deployment": None}
    application_id = str(target.own_id)
    if params["state"] == "cancelled":
        return cancel(target, application_id, context)
    body = {"applicationId": application_id}
    body.update({key: params[key] for key in ("title", "description") if params[key] is not None})
    rows, queue = look_at(context.client, application_id)
    before = snapshot(rows, queue)
    outcome = context.executor.run(Plan((Request(PROCEDURES[params["state"]], body),)))
    result: Result = {"changed": True, "application_id": application_id, "deployment": None}
    result["diff"] = _diff(target, rows, params["state"])
    if not outcome.sent or not params["wait"]:
        return result
    title = params["title"] or TITLES[params["state"]]
    row = follow(context.client, context.waiter, application_id, before, title, params["wait_timeout"], target.words)
    if row.get("status") == "done" and params["state"] == "deployed":
        row = _with_commit(row, context)
    facts = deployment_facts(row)
    result["deployment"] = facts
    if facts["status"] != "done":
        raise failure(target.words, facts, context)
    return result


def _diff(target: Target, rows: List[Mapping[str, Any]], state: str) -> Dict[str, Any]:
    newest = rows[0].get("deploymentId") if rows else None
    return {
        "before": {"newest_deployment": newest},
        "after": {"newest_deployment": "(a new one, %s)" % state},
        "before_header": target.words,
        "after_header": target.words,
    }


def _with_commit(row: Mapping[str, Any], context: Context) -> Mapping[str, Any]:
    """The row with the commit that was built, which the server writes into it a moment after the end.

    Only the clone of a git source does that; an image or an archive keeps its description.
    """
    application = context.client.query("application.one", {"applicationId": row.get("applicationId")})
    if (application or {}).get("sourceType") in ("docker", "drop"):
        return row
    for pause in COMMIT_PAUSES:
        if deployment_facts(row)["commit"] is not None:
            break
        context.waiter.sleep(pause)
        rows, _queue = look_at(context.client, str(row.get("applicationId")))
        row = next((item for item in rows if item.get("deploymentId") == row.get("deploymentId")), row)
    return row


def failure(words: str, facts: Dict[str, Any], context: Context) -> DokployError:
    """The error for a deployment that did not end well, with the tail of its log."""
    lines = context.params["log_lines"]
    try:
        tail = log_tail(context.client, str(facts["application_id"]), str(facts["deployment_id"]), lines)
    except DokployError as error:
        # The failed deployment is what counts, not that its log cannot be read.
        tail = "(the log cannot be read: %s)" % error
    message = "%s: the deployment ended in %s" % (words, facts["status"])
    if facts["error_message"]:
        message += ": %s" % facts["error_message"]
    if tail:
        message += "\nThe end of its log:\n%s" % tail
    return DeploymentFailed(message, details={"deployment": facts, "log": tail.splitlines()})


def cancel(target: Target, application_id: str, context: Context) -> Result:
    """Drop what of an application waits in the queue, its previews' jobs too; the server knows no finer way."""
    rows, queue = look_at(context.client, application_id)
    running = next((row for row in rows if row.get("status") == RUNNING), None)
    result: Result = {
        "changed": bool(queue.waiting),
        "application_id": application_id,
        "cancelled": queue.waiting,
        "deployment": deployment_facts(running) if running else None,
        "diff": {
            "before": {"waiting": queue.waiting},
            "after": {"waiting": 0},
            "before_header": target.words,
            "after_header": target.words,
        },
    }
    if queue.waiting or not queue.known:
        # Without a list of the queue (before 0.28.3) nobody can tell whether something waits; dropping is harmless.
        context.executor.run(Plan((Request("application.cleanQueues", {"applicationId": application_id}),)))
    if running or queue.active:
        context.executor.warnings.append(
            "%s: a build is running and goes on; a self-hosted Dokploy can only drop the jobs that still wait"
            % target.words
        )
    return result
