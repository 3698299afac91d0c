# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Cancelling: what waits is dropped, and what is being built is stopped if that is really meant.

A self-hosted Dokploy refuses C(cancelDeployment). C(cleanQueues) drops the waiting jobs of one application, and
C(killBuild) interrupts every docker build on the host, whosever it is (measured on 0.30.2).
"""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional

from ansible_collections.community.dokploy.plugins.module_utils._deployment.queue import (
    RUNNING,
    commit_of,
    deployment_facts,
    deployments_of,
    without_row,
)
from ansible_collections.community.dokploy.plugins.module_utils._engine.lookup import Target
from ansible_collections.community.dokploy.plugins.module_utils._engine.plan import Plan, Write
from ansible_collections.community.dokploy.plugins.module_utils._engine.requirements import need
from ansible_collections.community.dokploy.plugins.module_utils._engine.runner import Context
from ansible_collections.community.dokploy.plugins.module_utils._errors import DokployError, WaitTimeout
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Resource

Row = Mapping[str, Any]
Result = Dict[str, Any]

# Seconds after which builds are interrupted once more. What is still being cloned ends after the clone (measured); what
# has not begun by then is not hit.
KILL_AGAIN = 5.0
# Seconds after which a build that was interrupted is taken for one that cannot be.
KILL_TIMEOUT = 60.0
# Seconds between the looks for the commit of a build that has ended: it is written before the job ends.
COMMIT_PAUSES = (0.05, 0.1, 0.2, 0.4)


def cancel(resource: Resource, target: Target, context: Context, kill: bool = False, wait: bool = True) -> Result:
    """Drop what of an application waits in the queue, its previews' jobs too; the server knows no finer way.

    :param kill: interrupt what is being built, and with it every docker build on the server.
    :param wait: until the server says that it has ended.
    :raises Refused: the server is too old to interrupt builds.
    :raises WaitTimeout: the build goes on all the same.
    """
    application_id = str(target.resource_id)
    query = deployments_of(resource, application_id, with_previews=True)
    rows, queue = query.ask(context.client)
    running = next((row for row in rows if row.get("status") == RUNNING), None)
    # A job stays active until its notifications are sent, a moment after its row has ended: that is no build any more,
    # for which nobody else's shall be interrupted.
    building = running is not None or without_row(rows, queue) > queue.waiting
    if kill and building:
        need(context.client, "kill_build", (0, 25, 8))
    waiting = context.first(queue.waiting)
    result: Result = {
        "changed": bool(queue.waiting) or (kill and building),
        "application_id": application_id,
        "cancelled": waiting,
        "stopped": [],
        "deployment": deployment_facts(resource, running) if running else None,
        "diff": {
            "before": {"waiting": waiting},
            "after": {"waiting": 0},
            "before_header": target.label,
            "after_header": target.label,
        },
    }
    if kill:
        result["diff"]["before"]["building"] = building
        result["diff"]["after"]["building"] = False
    if queue.waiting or not queue.known:
        # Without a list of the queue (before 0.28.3) nobody can tell whether something waits; dropping is harmless.
        context.executor.run(Plan((Write("application.cleanQueues", {"applicationId": application_id}),)))
    if kill and building:
        _kill(
            resource,
            target,
            {row.get("deploymentId") for row in rows if row is not running},
            result,
            context,
            wait,
        )
    elif building:
        context.executor.warnings.append(
            "%s: a build is running and goes on; a self-hosted Dokploy can only drop the jobs that still wait"
            % target.label
        )
    return result


def _kill(resource: Resource, target: Target, old: Any, result: Result, context: Context, wait: bool) -> None:
    application_id = str(target.resource_id)
    query = deployments_of(resource, application_id, with_previews=True)
    plan = Plan((Write("application.killBuild", {"applicationId": application_id}),))
    if not context.executor.run(plan).sent or not wait:
        return
    state: Dict[str, Any] = {"sent": 0.0}

    def look(passed: float) -> Optional[List[Row]]:
        rows, queue = query.ask(context.client)
        mine = [row for row in rows if row.get("deploymentId") not in old]
        # The job stays active until its notifications are sent, a moment after its row has ended.
        if not any(row.get("status") == RUNNING for row in mine) and (mine or not queue.active):
            return mine
        if passed - state["sent"] >= KILL_AGAIN:
            context.executor.run(plan)
            state["sent"] = passed
        return None

    def late() -> DokployError:
        return WaitTimeout(
            "%s: the build goes on, though it was interrupted" % target.label,
            hint="Dokploy interrupts docker builds only, and not what buildpacks do or what is pulled.",
            details={"cancelled": result["cancelled"], "stopped": [], "deployment": result["deployment"]},
        )

    timeout = min(context.params["wait_timeout"], KILL_TIMEOUT)
    rows: List[Row] = context.waiter.until(timeout, look, late)
    for pause in COMMIT_PAUSES:
        if all(commit_of(row) for row in rows):
            break
        context.waiter.sleep(pause)
        found, queue = query.ask(context.client)
        rows = [row for row in found if row.get("deploymentId") not in old]
        if not queue.active:
            break
    ended = [deployment_facts(resource, row) for row in rows]
    result["stopped"] = [facts for facts in ended if facts["status"] in ("error", "cancelled")]
    for facts in ended:
        if facts["status"] == "done":
            context.executor.warnings.append(
                "%s: the build had ended before it could be interrupted, and is deployed" % target.label
            )
    result["deployment"] = ended[0] if ended else result["deployment"]
