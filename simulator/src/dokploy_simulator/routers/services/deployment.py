# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""router deployment: the rows of builds, their logs, the queue."""

from __future__ import annotations

from ...api.errors import bad_request, internal, not_found
from ...jobs.queue import Job
from ...store.store import Row, Store
from ..common import find, newest_first
from ..procedures import Context, procedure


def find_deployment(store: Store, deployment_id: str) -> Row:
    return find(store.deployments, deployment_id, "Deployment not found")


@procedure("deployment.all")
def all_(ctx: Context, data: Row) -> list[Row]:
    if not ctx.has("unknown_ids_late"):
        find(ctx.store.applications, data["applicationId"], "Application not found")
    return newest_first(ctx.store.deployments.of("applicationId", data["applicationId"]))


@procedure("deployment.allByCompose")
def all_by_compose(ctx: Context, data: Row) -> list[Row]:
    return newest_first(ctx.store.deployments.of("composeId", data["composeId"]))


@procedure("deployment.allByServer")
def all_by_server(ctx: Context, data: Row) -> list[Row]:
    if data["serverId"] not in ctx.store.servers:
        raise not_found("Server not found")
    return newest_first(ctx.store.deployments.of("serverId", data["serverId"]))


@procedure("deployment.allByType")
def all_by_type(ctx: Context, data: Row) -> list[Row]:
    """With the rollback of each, whose copy of the application holds its registries' passwords."""
    if data["type"] == "schedule" and data["id"] not in ctx.store.schedules:
        raise not_found("Schedule not found")
    column = f"{data['type']}Id"
    rows = newest_first(row for row in ctx.store.deployments if row.get(column) == data["id"])
    return [{**row, "rollback": ctx.store.rollbacks.get(row["rollbackId"] or "")} for row in rows]


@procedure("deployment.allCentralized")
def all_centralized(ctx: Context, _data: Row) -> list[Row]:
    return [_with_service(ctx.store, row) for row in newest_first(ctx.store.deployments)]


def _with_service(store: Store, row: Row) -> Row:
    result = {**row, "application": None, "compose": None}
    for kind in ("application", "compose"):
        service = store.services[kind].get(row[f"{kind}Id"] or "")
        if service:
            environment = store.environments.rows[service["environmentId"]]
            project = store.projects.rows[environment["projectId"]]
            result[kind] = {
                f"{kind}Id": service[f"{kind}Id"],
                "name": service["name"],
                "appName": service["appName"],
                "environment": {
                    "environmentId": environment["environmentId"],
                    "name": environment["name"],
                    "project": {"projectId": project["projectId"], "name": project["name"]},
                },
                "server": None,
                "buildServer": None,
            }
    return result


def service_path(store: Store, job: Job) -> Row:
    kind = "compose" if job.kind == "compose" else "application"
    key, label = job.owner or job.key, kind.capitalize()
    service = store.services[kind].get(key)
    if service is None:
        return {"href": None, "label": "—"}
    environment = store.environments.rows[service["environmentId"]]
    project = f"/dashboard/project/{environment['projectId']}/environment/{environment['environmentId']}"
    return {"href": f"{project}/services/{kind}/{key}", "label": label}


@procedure("deployment.queueList")
def queue_list(ctx: Context, _data: Row) -> list[Row]:
    rows = []
    for job in ctx.instance.queue.jobs():
        row: Row = {"id": job.id, "name": "deployments", "data": job.data(), "timestamp": job.timestamp}
        if job.processed_on is not None:
            row["processedOn"] = job.processed_on
        row["state"] = "waiting" if job.processed_on is None else "active"
        row["servicePath"] = service_path(ctx.store, job)
        rows.append(row)
    return rows


@procedure("deployment.readLogs")
def read_logs(ctx: Context, data: Row) -> str:
    """The last ``tail`` lines; a line break alone when the file is gone."""
    row = find_deployment(ctx.store, data["deploymentId"])
    log = ctx.store.logs.get(row["deploymentId"])
    if log is None:
        return "\n"
    # ``tail`` ends a line at a line feed only: what a carriage return overwrites is part of it.
    lines = log.split("\n")
    return "\n".join(lines[-int(data.get("tail", 100)) - (lines[-1] == "") :])


@procedure("deployment.killProcess")
def kill_process(ctx: Context, data: Row) -> object:
    """Only runs of a server's own schedules have a pid, and those have ended when one learns of it."""
    row = find_deployment(ctx.store, data["deploymentId"])
    if row["pid"] is None:
        raise bad_request("Deployment is not running")
    raise internal(
        f"Command execution failed: Command failed: kill -9 {row['pid']}\n/bin/sh: 1: kill: No such process\n\n"
    )


@procedure("deployment.removeDeployment")
def remove_deployment(ctx: Context, data: Row) -> Row:
    row = find_deployment(ctx.store, data["deploymentId"])
    return dict(ctx.store.drop(ctx.store.deployments, row))
