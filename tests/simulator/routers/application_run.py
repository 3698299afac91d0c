# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""router application: what makes it run: deploy, start, stop, reload, the queue, a build's end, logs."""

from __future__ import annotations

import asyncio
import io
import zipfile

from ..errors import bad_request, internal
from ..store import Row
from . import UNDEFINED, Context, procedure
from .application import find_application, joined, set_values

FOR_EVER = 86_400


@procedure("application.deploy")
def deploy(ctx: Context, data: Row) -> object:
    row = find_application(ctx.store, data["applicationId"])
    title = data.get("title") or "Manual deployment"
    ctx.server.queue.add("application", row, "deploy", title, data.get("description") or "")
    return UNDEFINED


@procedure("application.redeploy")
def redeploy(ctx: Context, data: Row) -> object:
    row = find_application(ctx.store, data["applicationId"])
    title = data.get("title") or "Rebuild deployment"
    ctx.server.queue.add("application", row, "redeploy", title, data.get("description") or "")
    return UNDEFINED


@procedure("application.start")
async def start(ctx: Context, data: Row) -> Row:
    """Scales to one, whatever ``replicas`` says, and waits for it: for ever when the containers keep exiting."""
    row = find_application(ctx.store, data["applicationId"])
    before, name = joined(ctx, row), row["appName"]
    if not ctx.server.docker.scale(name, 1):
        raise internal(
            f"Command execution failed: Command failed: docker service scale {name}=1 \n"
            f"{name}: Error response from daemon: service {name} not found\n"
        )
    crashing = ctx.server.docker.services[name].crashing
    await asyncio.sleep(FOR_EVER if crashing else ctx.server.config.scale_seconds)
    row["applicationStatus"] = "done"
    return before


@procedure("application.stop")
async def stop(ctx: Context, data: Row) -> Row:
    """Never fails: no service, or stopped already, is fine too."""
    row = find_application(ctx.store, data["applicationId"])
    before = joined(ctx, row)
    if ctx.server.docker.scale(row["appName"], 0):
        await asyncio.sleep(ctx.server.config.scale_seconds)
    row["applicationStatus"] = "idle"
    return before


@procedure("application.reload")
def reload(ctx: Context, data: Row) -> bool:
    """Rebuilds the service from the row without a build. The appName sent is not looked at."""
    row = find_application(ctx.store, data["applicationId"])
    ctx.server.docker.deploy(row)
    row["applicationStatus"] = "done"
    return True


@procedure("application.cleanQueues")
def clean_queues(ctx: Context, data: Row) -> object:
    ctx.server.queue.clean("applicationId", data["applicationId"])
    return UNDEFINED


@procedure("application.killBuild")
def kill_build(ctx: Context, data: Row) -> object:
    find_application(ctx.store, data["applicationId"])
    ctx.server.queue.kill_builds()
    return UNDEFINED


@procedure("application.clearDeployments")
def clear_deployments(ctx: Context, data: Row) -> bool:
    """Removes the log files; the rows stay."""
    row = find_application(ctx.store, data["applicationId"])
    for deployment in ctx.store.deployments.of("applicationId", row["applicationId"]):
        ctx.store.logs.pop(deployment["deploymentId"], None)
    return True


@procedure("application.cancelDeployment")
def cancel_deployment(ctx: Context, data: Row) -> object:
    find_application(ctx.store, data["applicationId"])
    raise bad_request("Deployment cancellation only available in cloud version")


@procedure("application.dropDeployment")
def drop_deployment(ctx: Context, data: Row) -> bool:
    """The source type changes before the file is looked at."""
    row = find_application(ctx.store, data["applicationId"])
    values = {"sourceType": "drop", "dropBuildPath": data.get("dropBuildPath") or ""}
    set_values(ctx, "application.dropDeployment", row, values)
    content = data["zip"]
    if not isinstance(content, bytes) or not zipfile.is_zipfile(io.BytesIO(content)):
        raise internal("ADM-ZIP: Invalid or unsupported zip format. No END header found")
    ctx.server.queue.add("application", row, "deploy", "Manual deployment", "")
    return True


@procedure("application.readLogs")
def read_logs(ctx: Context, data: Row) -> str:
    row = find_application(ctx.store, data["applicationId"])
    service = ctx.server.docker.services.get(row["appName"])
    if service is None:
        raise internal(f"No container or service found for: {row['appName']}")
    lines = [] if service.crashing else [f"{row['appName']} is listening"]
    if data.get("search"):
        lines = [line for line in lines if data["search"] in line]
    return "".join(f"{line}\n" for line in lines[-int(data.get("tail", 100)) :])


@procedure("application.readAppMonitoring")
def read_app_monitoring(_ctx: Context, _data: Row) -> Row:
    return {"cpu": [], "memory": [], "block": [], "network": [], "disk": []}
