# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""router compose: what makes it run: deploy, start, stop, the queue, a build's end, logs."""

from __future__ import annotations

import asyncio

from ...api.errors import bad_request, internal
from ...jobs import compose_deployments
from ...store.store import Row
from ...world.compose.compose_file import ComposeError
from ...world.docker import compose_containers, compose_stack
from ..common import log_text, seconds_of
from ..procedures import UNDEFINED, Context, procedure
from .compose import find_compose
from .service_run import failed


@procedure("compose.deploy")
def deploy_compose(ctx: Context, data: Row) -> object:
    return _queue_compose(ctx, data, "deploy", "Manual deployment", "Deployment queued")


@procedure("compose.redeploy")
def redeploy_compose(ctx: Context, data: Row) -> object:
    return _queue_compose(ctx, data, "redeploy", "Rebuild deployment", "Redeployment queued")


def _queue_compose(ctx: Context, data: Row, kind: str, title: str, message: str) -> object:
    row = find_compose(ctx, data["composeId"])
    ctx.instance.queue.add("compose", row, kind, data.get("title") or title, data.get("description") or "")
    said = {"success": True, "message": message, "composeId": row["composeId"]}
    return said if ctx.has("compose_deploy_says") else UNDEFINED


@procedure("compose.start")
async def start_compose(ctx: Context, data: Row) -> bool:
    """``docker compose up`` of what is on disk. A stack gets the status alone."""
    row = find_compose(ctx, data["composeId"])
    if row["composeType"] != "stack":
        try:
            _up(ctx, row)
        except ComposeError as error:
            row["composeStatus"] = "idle"
            words = error.args[0]
            if len(error.args) > 1:
                words = "\n".join((*error.args[1], words))
            raise internal(f"{failed(ctx)}{words}") from None
        await asyncio.sleep(ctx.instance.config.scale_seconds)
    row["composeStatus"] = "done"
    return True


def _up(ctx: Context, row: Row) -> None:
    app = row["appName"]
    if app not in ctx.store.compose_files:
        raise ComposeError("spawn /bin/sh ENOENT")
    try:
        compose_deployments.up(ctx.instance, row)
    except ComposeError as error:
        lines = error.args[1] if len(error.args) > 1 else []
        path = compose_deployments.file_path(row)
        asked = f'Command failed: env -i PATH="$PATH" docker compose -p {app} -f {path} up -d'
        raise ComposeError(f"{error.args[0]}\n", [asked, *lines]) from None


@procedure("compose.stop")
async def stop_compose(ctx: Context, data: Row) -> bool:
    """Stops the containers; removes a stack. A running build is not touched."""
    row = find_compose(ctx, data["composeId"])
    app = row["appName"]
    if row["composeType"] == "stack":
        compose_stack.remove(ctx.instance.docker, row)
    elif app in ctx.store.compose_files or f"/etc/dokploy/compose/{app}/files" in ctx.store.folders:
        ctx.instance.docker.projects.stop(app)
    else:
        row["composeStatus"] = "error"
        raise internal(f"{failed(ctx)}spawn /bin/sh ENOENT")
    await asyncio.sleep(ctx.instance.config.scale_seconds)
    row["composeStatus"] = "idle"
    return True


@procedure("compose.cleanQueues")
def clean_queues(ctx: Context, data: Row) -> Row:
    ctx.instance.queue.clean("composeId", data["composeId"])
    return {"success": True, "message": "Queues cleaned successfully"}


@procedure("compose.killBuild")
def kill_build(ctx: Context, data: Row) -> object:
    """Ends every ``docker compose`` on the compose's server, whosever it is."""
    row = find_compose(ctx, data["composeId"])
    ctx.instance.queue.kill_builds(row["serverId"], compose=True)
    return UNDEFINED


@procedure("compose.clearDeployments")
def clear_deployments(ctx: Context, data: Row) -> bool:
    """Removes the log files; the rows stay."""
    row = find_compose(ctx, data["composeId"])
    for deployment in ctx.store.deployments.of("composeId", row["composeId"]):
        ctx.store.logs.pop(deployment["deploymentId"], None)
    return True


@procedure("compose.cancelDeployment")
def cancel_deployment(ctx: Context, data: Row) -> object:
    find_compose(ctx, data["composeId"])
    raise bad_request("Deployment cancellation only available in cloud version")


@procedure("compose.readLogs")
def read_logs(ctx: Context, data: Row) -> str:
    """Of any container, by id or name; what Docker says of an unknown one is no error."""
    find_compose(ctx, data["composeId"])
    wanted, docker = data["containerId"], ctx.instance.docker
    seconds = seconds_of(data.get("since", "all"))
    container = docker.projects.find(wanted)
    said = container.said_since(seconds) if container else docker.said_in(wanted, seconds)
    if said is None:
        said = [f"Error response from daemon: No such container: {wanted}"]
    return log_text(said, data, wanted)


@procedure("compose.loadMountsByService")
def load_mounts(ctx: Context, data: Row) -> object:
    """The named volumes of a service's running container; empty without one."""
    row = find_compose(ctx, data["composeId"])
    docker = ctx.instance.docker
    container = compose_stack.running_container(docker, row, data["serviceName"])
    if container is None:
        return UNDEFINED
    if row["composeType"] == "stack":
        return compose_stack.mounts(docker, f"{row['appName']}_{data['serviceName']}")
    return compose_containers.mounts(docker.projects.containers[container])
