# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""router compose: templates, from an index or in base64."""

from __future__ import annotations

import re
from typing import Any

from ...api.errors import ProcedureError, bad_request, internal
from ...store.store import Row
from ...world import files, templates
from ...world.domains import insert_domain
from ...world.templates import TemplateError
from ..children.mounts import folder_of, insert_mount
from ..children.mounts import remove as remove_mount
from ..procedures import Context, procedure
from ..projects.environment import check_home
from .compose import find_compose, insert_compose


@procedure("compose.templates")
async def list_templates(ctx: Context, data: Row) -> list[Row]:
    """An index that is out of reach is an empty one."""
    try:
        return await templates.listed(ctx.instance.config, data.get("baseUrl"))
    except TemplateError:
        return []


@procedure("compose.getTags")
async def get_tags(ctx: Context, data: Row) -> list[str]:
    return list(dict.fromkeys(tag for entry in await list_templates(ctx, data) for tag in entry["tags"]))


@procedure("compose.deployTemplate")
async def deploy_template(ctx: Context, data: Row) -> Row:
    """Makes the compose, its mounts and domains; deploys nothing. Each call makes another one."""
    check_home(ctx, data)
    try:
        toml, file, icon = await templates.files(ctx.instance.config, data.get("baseUrl"), data["id"])
        config = templates.configuration(toml)
    except TemplateError as error:
        raise internal(str(error)) from None
    project = ctx.store.projects.rows[ctx.store.environments.rows[data["environmentId"]]["projectId"]]
    name = "-".join(re.sub(r"[^a-zA-Z0-9\s]", "", f"{project['name']} {data['id']}").lower().split())
    app_name = f"{name}-{templates.password(6)}"
    made = templates.processed(config, app_name, name)
    values = {"name": data["id"], "appName": app_name, "environmentId": data["environmentId"], "sourceType": "raw"}
    values |= {"composeFile": file, "env": "\n".join(made["envs"]), "icon": icon, "serverId": data.get("serverId")}
    row = insert_compose(ctx, values)
    _add_children(ctx, row, made)
    return dict(row)


def _add_children(ctx: Context, row: Row, made: dict[str, Any]) -> None:
    for item in made["mounts"]:
        values = {"type": "file", "mountPath": "", **item, "serviceType": "compose", "serviceId": row["composeId"]}
        mount = insert_mount(ctx.store, values)
        files.create(ctx.store, folder_of(ctx.store, mount), item["filePath"], item["content"])
    for domain in made["domains"]:
        own = {"domainType": "compose", "certificateType": "none", "composeId": row["composeId"]}
        insert_domain(ctx.store, {**domain, **own})


def _processed(data: Row, app_name: str) -> tuple[str, dict[str, Any]]:
    file, config = templates.decoded(data["base64"])
    return file, templates.processed(config, app_name, app_name)


@procedure("compose.processTemplate")
def process_template(ctx: Context, data: Row) -> Row:
    """Stores nothing."""
    try:
        file, made = _processed(data, find_compose(ctx, data["composeId"])["appName"])
    except (TemplateError, ProcedureError) as error:
        raise bad_request(f"Error processing template: {error}") from None
    return {"compose": file, "template": made}


@procedure("compose.previewTemplate")
def preview_template(_ctx: Context, data: Row) -> Row:
    try:
        file, made = _processed(data, data["appName"])
    except TemplateError as error:
        raise bad_request(f"Error processing template: {error}") from None
    return {"compose": file, "template": made}


@procedure("compose.import")
def import_template(ctx: Context, data: Row) -> Row:
    """All mounts and domains go before the template is read, so that a broken one leaves none."""
    try:
        row = find_compose(ctx, data["composeId"])
        for mount in ctx.store.mounts.of("composeId", row["composeId"]):
            remove_mount(ctx, {"mountId": mount["mountId"]})
        for domain in ctx.store.domains.of("composeId", row["composeId"]):
            ctx.store.drop(ctx.store.domains, domain)
        file, made = _processed(data, row["appName"])
    except (TemplateError, ProcedureError) as error:
        raise bad_request(f"Error importing template: {error}") from None
    values = {"composeFile": file, "sourceType": "raw", "env": "\n".join(made["envs"])}
    ctx.store.services["compose"].update(row, values)
    _add_children(ctx, row, made)
    return {"success": True, "message": "Template imported successfully"}
