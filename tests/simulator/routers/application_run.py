# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""router application: what makes it run: deploy, start, stop, reload, the queue, a build's end, logs."""

from __future__ import annotations

import asyncio
import os

from .. import uploads
from ..errors import ValidationError, bad_request, internal
from ..service_spec import DockerError
from ..store import Row
from ..validate import MISSING, wrong_type
from . import UNDEFINED, Context, procedure
from .application import find_application, joined, set_values
from .common import log_text, seconds_of
from .joins import whole


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


def failed(ctx: Context) -> str:
    """How the error of a command begins."""
    return "Command execution failed: " if ctx.has("command_execution_failed") else ""


@procedure("application.start")
async def start(ctx: Context, data: Row) -> Row:
    """Scales to one, whatever ``replicas`` says, and waits for it: for ever (``block_seconds``) when the containers
    keep exiting or the image is not there. A service of global mode cannot be scaled."""
    row = find_application(ctx.store, data["applicationId"])
    before, name = joined(ctx, row), row["appName"]
    problem = ctx.server.docker.scale(name, 1)
    if problem:
        raise internal(f"{failed(ctx)}Command failed: docker service scale {name}=1 \n{problem}\n")
    config = ctx.server.config
    converges = ctx.server.docker.services[name].converges()
    await asyncio.sleep(config.scale_seconds if converges else config.block_seconds)
    row["applicationStatus"] = "done"
    return before


@procedure("application.stop")
async def stop(ctx: Context, data: Row) -> Row:
    """Never fails: no service, stopped already, or a global mode that cannot be stopped is fine too."""
    row = find_application(ctx.store, data["applicationId"])
    before = joined(ctx, row)
    if ctx.server.docker.scale(row["appName"], 0) is None:
        await asyncio.sleep(ctx.server.config.scale_seconds)
    row["applicationStatus"] = "idle"
    return before


@procedure("application.reload")
def reload(ctx: Context, data: Row) -> bool:
    """Rebuilds the service from the row without a build. The appName sent is not looked at."""
    row = find_application(ctx.store, data["applicationId"])
    try:
        ctx.server.docker.deploy(whole(ctx.store, row))
    except DockerError:
        row["applicationStatus"] = "error"
        raise internal("Error reloading application") from None
    row["applicationStatus"] = "done"
    return True


@procedure("application.cleanQueues")
def clean_queues(ctx: Context, data: Row) -> object:
    ctx.server.queue.clean("applicationId", data["applicationId"])
    return UNDEFINED


@procedure("application.killBuild")
def kill_build(ctx: Context, data: Row) -> object:
    """Hits every docker build on the application's server, whosever it is."""
    row = find_application(ctx.store, data["applicationId"])
    ctx.server.queue.kill_builds(row["serverId"])
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
    """The source type changes before the archive is looked at. An empty file counts as none."""
    archive = data.get("zip", MISSING)
    if not hasattr(archive, "read"):
        raise ValidationError([wrong_type("File", archive, ("zip",))])
    if not archive.seek(0, os.SEEK_END):
        raise ValidationError([wrong_type("File", MISSING, ("zip",))])
    row = find_application(ctx.store, data["applicationId"])
    values = {"sourceType": "drop", "dropBuildPath": data.get("dropBuildPath") or ""}
    set_values(ctx, "application.dropDeployment", row, values)
    uploads.accept(ctx.store, row, archive)
    ctx.server.queue.add("application", row, "deploy", "Manual deployment", "")
    return True


@procedure("application.readLogs")
def read_logs(ctx: Context, data: Row) -> str:
    row = find_application(ctx.store, data["applicationId"])
    service = ctx.server.docker.services.get(row["appName"])
    if service is None:
        raise internal(f"No container or service found for: {row['appName']}")
    container = service.tasks[-1].container[:12] if service.tasks else service.id
    return log_text(service.said_since(seconds_of(data.get("since", "all"))), data, container)


@procedure("application.readAppMonitoring")
def read_app_monitoring(ctx: Context, data: Row) -> Row | None:
    """Null when nothing of that name runs; a server without measurements has empty lists (measured)."""
    if data["appName"] != "dokploy" and ctx.server.docker.running_container(data["appName"]) is None:
        return None
    return {"cpu": [], "memory": [], "disk": [], "network": [], "block": []}
