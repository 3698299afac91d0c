# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""router docker: the tasks and containers of a service."""

from __future__ import annotations

from .. import docker_views
from ..store import Row
from . import UNDEFINED, Context, procedure


@procedure("docker.getServiceContainersByAppName")
def service_containers(ctx: Context, data: Row) -> list[Row]:
    return docker_views.task_rows(ctx.server.docker, data["appName"])


@procedure("docker.getContainersByAppNameMatch")
def containers(ctx: Context, data: Row) -> list[Row]:
    return docker_views.container_rows(ctx.server.docker, data["appName"])


@procedure("docker.getContainersByAppLabel")
def labelled_containers(ctx: Context, data: Row) -> list[Row]:
    """Running containers only; ``standalone`` looks for a part of the name, ``swarm`` for the whole one."""
    exact = data["type"] == "swarm"
    return [
        {name: row[name] for name in ("containerId", "name", "state")}
        for row in docker_views.container_rows(ctx.server.docker, data["appName"])
        if row["state"] == "running" and (not exact or row["name"].split(".")[0] == data["appName"])
    ]


@procedure("docker.getConfig")
def config(ctx: Context, data: Row) -> object:
    """``docker inspect``; an empty 200 when there is no such thing."""
    found = docker_views.inspect(ctx.server.docker, data["containerId"])
    return UNDEFINED if found is None else found
