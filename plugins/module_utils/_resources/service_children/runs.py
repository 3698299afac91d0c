# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""One run of a job of a service: planned, started, waited for, with its log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Optional, Tuple

from ..._deployment.queue import FINAL, Row, deployment_facts
from ..._engine.desired import label_of
from ..._engine.lookup import Target
from ..._engine.plan import Write
from ..._engine.runner import Context
from ..._engine.view import ChangePlan, Difference
from ..._errors import BadRequest, DeploymentFailed, ReferenceNotFound, ServerError, WaitTimeout
from ..._model.child import Child
from ..._model.resource import Resource
from ..._secrets.masking import Scrubber, texts_of_secrets
from ..._swarm.logs import build_logs, check_lines, listed
from ..._values.codec import GENERATED

# The server answers when the command has ended, which a proxy may not wait for, so that its runs are polled.
ANSWER_TIMEOUT = 60.0


@dataclass(frozen=True)
class RunPlan(ChangePlan):
    """One run of a job: the request that starts it.

    :param job_id: the ID of the job, and C(kind) the name of its runs in the API.
    """

    job_id: str
    kind: str


def plan_run(job: Child, row: Row, target: Target, timeout: float) -> RunPlan:
    """One run of a job, for which C(timeout) seconds are given. Pure."""
    procedure, kind = job.run or ("", "")
    job_id, answered = str(row[job.id_key]), min(timeout, ANSWER_TIMEOUT)
    write = Write(procedure, {job.id_key: job_id}, timeout=answered, confirm_by_polling=True, once=True)
    key = label_of(job, [row.get(field.api) for field in job.key_fields if field.reference is None])
    label = "%s %s of %s" % (_noun(job), key, target.label)
    return RunPlan((write,), Difference(label, {"run": ""}, {"run": "(a new one)"}), job_id, kind)


def run_now(resource: Resource, job: Child, row: Optional[Row], target: Target, context: Context) -> Dict[str, Any]:
    """Run a job, wait for its end, and return its run.

    :raises OptionError: C(log_lines) is out of range. :raises ReferenceNotFound: it does not exist.
    :raises DeploymentFailed: it failed; the message ends with the end of its log.
    :raises WaitTimeout: it has not ended in time.
    """
    check_lines(context.params["log_lines"])
    if row is None:
        context.executor.parent_missing(_no_job(job, target, context.params))
        parent_id = target.resource_id or GENERATED
        return {"changed": True, resource.id_option: parent_id, job.id_option: GENERATED, "run": None}
    timeout = context.params["wait_timeout"]
    planned = plan_run(job, row, target, timeout)
    label, kind, job_id = planned.difference.label, planned.kind, planned.job_id

    def runs() -> List[Row]:
        return list(context.client.query("deployment.allByType", {"id": job_id, "type": kind}) or [])

    before, status = {run.get("deploymentId") for run in runs()}, "unknown"

    def final(_elapsed: float) -> Optional[Row]:
        nonlocal status
        new = next((run for run in runs() if run.get("deploymentId") not in before), None)
        status = status if new is None else str(new.get("status"))
        return new if status in FINAL else None

    def expired() -> WaitTimeout:
        message = "%s: the run has not ended after %g s (%s)" % (label, timeout, status)
        hint = "It continues on the server. Raise wait_timeout."
        return WaitTimeout(message, hint=hint, details={"status": status})

    written = ""
    try:
        sent = context.executor.run(planned).sent
    except (BadRequest, ServerError) as error:
        # Those of backups refuse what has failed, without a reason or with the whole command. Before 0.29.14, those of
        # schedules answer a command that fails with what it wrote to its error channel (measured on 0.29.8).
        if kind not in ("backup", "schedule") or final(0) is None:
            raise
        written = str(error.server_message or "") if kind == "schedule" else ""
        sent = context.executor.sent = True
    ids = {resource.id_option: target.resource_id, job.id_option: job_id}
    result = planned.difference.result(**ids, run=None)
    if sent:
        facts = deployment_facts(resource, context.waiter.until(timeout, final, expired))
        deployment = resource, str(target.resource_id), str(facts["deployment_id"])
        result["run"] = _run(facts, deployment, row, written, label, context)
    return result


def _no_job(job: Child, target: Target, params: Mapping[str, Any]) -> ReferenceNotFound:
    stated = {field.name: params.get(field.name) for field in job.key_fields}
    which = " and ".join("%s %r" % (name, value) for name, value in stated.items() if value)
    message = "%s has no %s with %s" % (target.label, _noun(job), which)
    return ReferenceNotFound(message, hint="Create it with state=present.")


def _noun(job: Child) -> str:
    return job.singular.replace("_", " ")


def _run(
    facts: Dict[str, Any],
    deployment: Tuple[Resource, str, str],
    row: Row,
    written: str,
    label: str,
    context: Context,
) -> Dict[str, Any]:
    """An ended run as the result shows it, with its log.

    :param written: what is shown where the log cannot be read. :raises DeploymentFailed: the run failed.
    """
    (log,) = build_logs(context.client, [deployment], context.params["log_lines"])
    # That of Dokploy itself has the destination in its row, and older releases log the command of rclone.
    scrubber = Scrubber()
    scrubber.add(*texts_of_secrets(row))
    # Before 0.29.5 logs cannot be read.
    log = scrubber.mask(log or written) or log
    kept = {key: facts[key] for key in ("deployment_id", "status", "created_at", "started_at", "finished_at")}
    run = {**kept, "log": listed(log)}
    if facts["status"] != "done":
        message = "%s: the run ended in %s" % (label, facts["status"])
        message += "\nThe end of its log:\n%s" % log if log else ""
        raise DeploymentFailed(message, details={"run": run})
    return run
