# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the routers of applications and databases do alike with a running service: scale it, read its log."""

from __future__ import annotations

import asyncio

from ...api.errors import internal
from ...store.store import Row
from ..common import log_text, seconds_of
from ..procedures import Context


def failed(ctx: Context) -> str:
    """How the error of a command begins."""
    return "Command execution failed: " if ctx.has("command_execution_failed") else ""


async def scale_up(ctx: Context, name: str) -> None:
    """Scales to one, whatever ``replicas`` says, and waits for it: for ever (``block_seconds``) when the containers
    keep exiting or the image is not there. A service of global mode cannot be scaled."""
    problem = ctx.instance.docker.scale(name, 1)
    if problem:
        raise internal(f"{failed(ctx)}Command failed: docker service scale {name}=1 \n{problem}\n")
    config = ctx.instance.config
    service = ctx.instance.docker.services[name]
    await asyncio.sleep(config.scale_seconds if service.converges() else config.block_seconds)
    if service.running() and not service.healthy():
        await asyncio.sleep(config.healthy_seconds)


async def scale_down(ctx: Context, name: str) -> None:
    """Never fails: no service, stopped already, or a global mode that cannot be stopped is fine too."""
    if ctx.instance.docker.scale(name, 0) is None:
        await asyncio.sleep(ctx.instance.config.scale_seconds)


async def start(ctx: Context, row: Row) -> None:
    """Scale up, and the status of the service with it."""
    await scale_up(ctx, row["appName"])
    row["applicationStatus"] = "done"


async def stop(ctx: Context, row: Row) -> None:
    await scale_down(ctx, row["appName"])
    row["applicationStatus"] = "idle"


def read_logs(ctx: Context, name: str, data: Row) -> str:
    service = ctx.instance.docker.services.get(name)
    if service is None:
        raise internal(f"No container or service found for: {name}")
    container = service.tasks[-1].container[:12] if service.tasks else service.id
    return log_text(service.said_since(seconds_of(data.get("since", "all"))), data, container)
