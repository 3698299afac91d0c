# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""router application: what makes it run: deploy, start, stop, reload, the queue, a build's end, logs."""

from __future__ import annotations

import os

from ...api.errors import ValidationError, bad_request, internal
from ...api.validate import MISSING, wrong_type
from ...store.joins import whole
from ...store.store import Row
from ...world import uploads
from ...world.docker.service_spec import DockerError
from ..procedures import UNDEFINED, Context, procedure
from . import service_run
from .application import find_application, joined, set_values
from .service_run import read_logs


@procedure("application.deploy")
def deploy(ctx: Context, data: Row) -> object:
    row = find_application(ctx.store, data["applicationId"])
    title = data.get("title") or "Manual deployment"
    ctx.instance.queue.add("application", row, "deploy", title, data.get("description") or "")
    return UNDEFINED


@procedure("application.redeploy")
def redeploy(ctx: Context, data: Row) -> object:
    row = find_application(ctx.store, data["applicationId"])
    title = data.get("title") or "Rebuild deployment"
    ctx.instance.queue.add("application", row, "redeploy", title, data.get("description") or "")
    return UNDEFINED


@procedure("application.start")
async def start(ctx: Context, data: Row) -> Row:
    row = find_application(ctx.store, data["applicationId"])
    before = joined(ctx, row)
    await service_run.start(ctx, row)
    return before


@procedure("application.stop")
async def stop(ctx: Context, data: Row) -> Row:
    row = find_application(ctx.store, data["applicationId"])
    before = joined(ctx, row)
    await service_run.stop(ctx, row)
    return before


@procedure("application.reload")
def reload(ctx: Context, data: Row) -> bool:
    """Rebuilds the service from the row without a build. The appName sent is not looked at."""
    row = find_application(ctx.store, data["applicationId"])
    try:
        ctx.instance.docker.deploy(whole(ctx.store, row))
    except DockerError:
        row["applicationStatus"] = "error"
        raise internal("Error reloading application") from None
    row["applicationStatus"] = "done"
    return True


@procedure("application.cleanQueues")
def clean_queues(ctx: Context, data: Row) -> object:
    ctx.instance.queue.clean("applicationId", data["applicationId"])
    return UNDEFINED


@procedure("application.killBuild")
def kill_build(ctx: Context, data: Row) -> object:
    """Hits every docker build on the application's server, whosever it is."""
    row = find_application(ctx.store, data["applicationId"])
    ctx.instance.queue.kill_builds(row["serverId"])
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
    ctx.instance.queue.add("application", row, "deploy", "Manual deployment", "")
    return True


@procedure("application.readLogs")
def logs(ctx: Context, data: Row) -> str:
    return read_logs(ctx, find_application(ctx.store, data["applicationId"])["appName"], data)


@procedure("application.readAppMonitoring")
def read_app_monitoring(ctx: Context, data: Row) -> Row | None:
    """Null when nothing of that name runs; a server without measurements has empty lists (measured)."""
    if data["appName"] != "dokploy" and ctx.instance.docker.running_container(data["appName"]) is None:
        return None
    return {"cpu": [], "memory": [], "disk": [], "network": [], "block": []}
