# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""router docker: the tasks and containers of a service."""

from __future__ import annotations

from ..store import Row
from . import Context, procedure


@procedure("docker.getServiceContainersByAppName")
def service_containers(ctx: Context, data: Row) -> list[Row]:
    return ctx.server.docker.task_rows(data["appName"])


@procedure("docker.getContainersByAppNameMatch")
def containers(ctx: Context, data: Row) -> list[Row]:
    return ctx.server.docker.container_rows(data["appName"])


@procedure("docker.getConfig")
def config(ctx: Context, data: Row) -> Row:
    return ctx.server.docker.inspect(data["containerId"])
