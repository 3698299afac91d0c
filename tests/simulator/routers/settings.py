# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""router settings, as far as a client asks it."""

from __future__ import annotations

from ..facts import Procedure
from ..store import Row
from . import Context, procedure


@procedure("settings.getDokployVersion")
def version(ctx: Context, _data: Row) -> str:
    return f"v{ctx.server.config.version}"


@procedure("settings.health")
def health(ctx: Context, _data: Row) -> Row:
    return {"status": "ok" if ctx.has("health_ok") else "not_cloud"}


@procedure("settings.getIp")
def ip(_ctx: Context, _data: Row) -> str:
    return ""


@procedure("settings.isCloud")
def is_cloud(_ctx: Context, _data: Row) -> bool:
    return False


def _operation(found: Procedure) -> Row:
    names = [field.name for field in found.fields]
    required = [field.name for field in found.fields if field.required]
    if found.method == "GET":
        parameters = [{"name": name, "in": "query", "required": name in required, "schema": {}} for name in names]
        return {"get": {"parameters": parameters}}
    schema = {"type": "object", "properties": {name: {} for name in names}, "required": required}
    return {"post": {"requestBody": {"content": {"application/json": {"schema": schema}}}}}


@procedure("settings.getOpenApiDocument")
def open_api(ctx: Context, _data: Row) -> Row:
    """The served procedures with the names of their fields; the real document has the types too."""
    paths = {f"/{name}": _operation(found) for name, found in ctx.server.procedures.items()}
    return {"openapi": "3.1.0", "info": {"title": "Dokploy API", "version": ctx.server.config.version}, "paths": paths}
