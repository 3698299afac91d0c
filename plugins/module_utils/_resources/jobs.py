# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Jobs of a service, run by cron or on request: schedules and volume backups."""

from __future__ import annotations

from typing import Any, Dict, List, Optional

from .._deployment.queue import FINAL, Row, deployment_facts
from .._engine.diff import Difference
from .._engine.lookup import Target
from .._engine.plan import Plan, Write
from .._engine.runner import Context
from .._errors import DeploymentFailed, ReferenceNotFound, WaitTimeout
from .._model.field import Field
from .._model.resource import Child, Resource, child
from .._swarm.logs import build_logs, listed
from .._values.codec import BOOLEAN, COUNT, IDENTIFIER
from .._values.cron import CRON, timezone
from .destination import DESTINATION
from .routing import service_of_stack
from .swarm import VOLUME_NAME

_TIMEZONE = (r"[A-Za-z]+[A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+)*\Z", "is not a valid time zone, such as Europe/Berlin")
# Dokploy inserts it into shell commands, once without quotes.
_PREFIX = (r"[^\"'$`\\\s;&|<>()*?\[\]{}~#!]*\Z", "is not a prefix that Dokploy can use")

# The server answers when the command has ended, which a proxy may not wait for, so that its runs are polled.
ANSWER_TIMEOUT = 60.0


def run_now(resource: Resource, job: Child, row: Optional[Row], target: Target, context: Context) -> Dict[str, Any]:
    """Run a job, wait for its end, and return its run.

    :raises ReferenceNotFound: it does not exist.
    :raises DeploymentFailed: it failed; the message ends with the end of its log.
    :raises WaitTimeout: it has not ended in time.
    """
    noun, ids = job.singular.replace("_", " "), {resource.id_option: target.resource_id, job.id_option: None}
    if row is None:
        context.executor.parent_missing(ReferenceNotFound("%s has no such %s" % (target.label, noun)))
        return {"changed": True, **ids, "run": None}
    procedure, kind = job.run or ("", "")
    job_id = ids[job.id_option] = str(row[job.id_key])
    label, timeout = "%s %s of %s" % (noun, row.get(job.fields[0].api), target.label), context.params["wait_timeout"]

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

    answer_timeout = min(timeout, ANSWER_TIMEOUT)
    write = Write(procedure, {job.id_key: job_id}, timeout=answer_timeout, confirm_by_polling=True, once=True)
    sent = context.executor.run(Plan((write,))).sent
    result = Difference(label, {"run": ""}, {"run": "(a new one)"}).result(**ids, run=None)
    if sent:
        facts = deployment_facts(resource, context.waiter.until(timeout, final, expired))
        deployment = resource, str(target.resource_id), str(facts["deployment_id"])
        (log,) = build_logs(context.client, [deployment], context.params["log_lines"])
        run = {key: facts[key] for key in ("deployment_id", "status", "created_at", "started_at", "finished_at")}
        result["run"] = {**run, "log": listed(log)}
        if facts["status"] != "done":
            message = "%s: the run ended in %s" % (label, facts["status"])
            message += "\nThe end of its log:\n%s" % log if log else ""
            raise DeploymentFailed(message, details={"run": result["run"]})
    return result


def schedules(service: str) -> Child:
    """The schedules of a service."""
    return child(
        "schedule",
        "schedule",
        Field("name", "name", key=True, needed=True, limits=(1, 255)),
        *service_of_stack(service),
        Field("cron", "cronExpression", CRON, needed=True),
        Field("command", "command", needed=True),
        Field("shell", "shellType", choices=("bash", "sh")),
        Field("timezone", "timezone", since=(0, 26, 0), pattern=_TIMEZONE, grammar=timezone),
        Field("description", "description", since=(0, 29, 3)),
        Field("enabled", "enabled", BOOLEAN),
        parent={"%sId" % service: "$parent", "scheduleType": service},
        always_sent=("name", "cronExpression", "command"),
        applies_immediately=True,
        listing=("schedule.list", "id", {"scheduleType": service}),
        run=("schedule.runManually", "schedule"),
        actions={"executed": run_now},
    )


def volume_backups(service: str) -> Child:
    """The volume backups of a service."""
    return child(
        "volumeBackups",
        "volume_backup",
        Field("name", "name", key=True, needed=True, limits=(1, 255)),
        *service_of_stack(service),
        Field("volume", "volumeName", needed=True, pattern=VOLUME_NAME),
        Field("destination", "destinationId", IDENTIFIER, reference=DESTINATION.listing, needed=True),
        Field("cron", "cronExpression", CRON, needed=True),
        Field("prefix", "prefix", pattern=_PREFIX),
        Field("keep", "keepLatestCount", COUNT, limits=(0, 100000)),
        Field("stop_service", "turnOff", BOOLEAN),
        Field("enabled", "enabled", BOOLEAN),
        embedded="volumeBackups",
        id_key="volumeBackupId",
        # The server requires a prefix. Its default for enabled is null, with which the backup never runs.
        parent={"%sId" % service: "$parent", "serviceType": service, "prefix": "", "enabled": True},
        always_sent=("name", "volumeName", "prefix", "cronExpression", "destinationId"),
        applies_immediately=True,
        listing=("volumeBackups.list", "id", {"volumeBackupType": service}),
        run=("volumeBackups.runManually", "volumeBackup"),
        actions={"executed": run_now},
    )


SCHEDULES = schedules("application")
VOLUME_BACKUPS = volume_backups("application")
