# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Runs of jobs: running a schedule or a volume backup now, and waiting for its end."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Set

from .._engine.diff import Difference
from .._engine.lookup import Target
from .._engine.plan import Plan, Write
from .._engine.runner import Context
from .._errors import DeploymentFailed, DokployError, ReferenceNotFound, WaitTimeout
from .._model.resource import Child, Resource
from .._swarm.logs import build_logs, listed
from .queue import FINAL, Row, deployment_facts

# The server answers when the command has ended, which a proxy may not wait for, so that its runs are polled.
ANSWER_TIMEOUT = 60.0


def run_now(resource: Resource, child: Child, row: Optional[Row], target: Target, context: Context) -> Dict[str, Any]:
    """Run a job, wait for its end, and return its run.

    :raises ReferenceNotFound: it does not exist.
    :raises DeploymentFailed: it failed; the message ends with the end of its log.
    :raises WaitTimeout: it has not ended in time.
    """
    noun, ids = child.singular.replace("_", " "), {resource.id_option: target.resource_id, child.id_option: None}
    if row is None:
        context.executor.parent_missing(ReferenceNotFound("%s has no such %s" % (target.label, noun)))
        return {"changed": True, **ids, "run": None}
    procedure, kind = child.run or ("", "")
    job_id = ids[child.id_option] = str(row[child.id_key])
    label, timeout = "%s %s of %s" % (noun, row.get(child.fields[0].api), target.label), context.params["wait_timeout"]

    def runs() -> List[Row]:
        return list(context.client.query("deployment.allByType", {"id": job_id, "type": kind}) or [])

    before = {run.get("deploymentId") for run in runs()}
    answer_timeout = min(timeout, ANSWER_TIMEOUT)
    write = Write(procedure, {child.id_key: job_id}, timeout=answer_timeout, confirm_by_polling=True, once=True)
    sent = context.executor.run(Plan((write,))).sent
    result = Difference(label, {"run": ""}, {"run": "(a new one)"}).result(**ids, run=None)
    if sent:
        facts = deployment_facts(resource, _final(runs, before, timeout, label, context))
        deployment = str(target.resource_id), str(facts["deployment_id"])
        (log,) = build_logs(context.client, resource, [deployment], context.params["log_lines"])
        run = {key: facts[key] for key in ("deployment_id", "status", "created_at", "started_at", "finished_at")}
        result["run"] = {**run, "log": listed(log)}
        if facts["status"] != "done":
            message = "%s: the run ended in %s" % (label, facts["status"])
            message += "\nThe end of its log:\n%s" % log if log else ""
            raise DeploymentFailed(message, details={"run": result["run"]})
    return result


def _final(runs: Any, before: Set[Any], timeout: float, label: str, context: Context) -> Row:
    """The final row of the run that was not there before."""
    status: Any = "unknown"

    def look(_passed: float) -> Optional[Row]:
        nonlocal status
        new = next((run for run in runs() if run.get("deploymentId") not in before), None)
        status = status if new is None else new.get("status")
        return new if new is not None and status in FINAL else None

    def expired() -> DokployError:
        return WaitTimeout(
            "%s: the run has not ended after %g s (%s)" % (label, timeout, status),
            hint="It goes on at the server; raise wait_timeout.",
            details={"status": status},
        )

    final: Row = context.waiter.until(timeout, look, expired)
    return final
