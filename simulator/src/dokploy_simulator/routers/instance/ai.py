# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""router ai: services that explain logs and suggest stacks."""

from __future__ import annotations

import json

from ...api.errors import ProcedureError, bad_request, internal
from ...store.store import Row, new_id, now
from ...world.outside import wrong
from ..common import find, newest_first
from ..procedures import Context, procedure

UNKNOWN = "AI settings not found"
COLUMNS = ("aiId", "name", "apiUrl", "apiKey", "model", "isEnabled", "organizationId", "createdAt")
NEEDED = ("name", "apiUrl", "apiKey", "model")
INCORRECT = "Incorrect API key provided"
MODELS = [{"id": name, "object": "model", "created": 1, "owned_by": "r2"} for name in ("r2-small", "r2-large")]


def custom_providers(ctx: Context) -> list[Row]:
    """The addresses that are allowed; all of them if there is none. They are in the metadata of the organization."""
    text = ctx.store.organizations.rows[ctx.identity.organization_id]["metadata"]
    providers: list[Row] = json.loads(text or "{}").get("aiProviders", [])
    return providers


def _check_address(ctx: Context, url: str | None) -> None:
    allowed = [provider["apiUrl"] for provider in custom_providers(ctx)]
    if url is not None and allowed and url not in allowed:
        raise ProcedureError("FORBIDDEN", "This API URL is not in your organization's allowed AI providers")


@procedure("ai.create")
def create_ai(ctx: Context, data: Row) -> list[Row]:
    _check_address(ctx, data["apiUrl"])
    row = {"aiId": new_id(), **ctx.drop("ai.create", data)}
    ctx.store.ais.insert({**row, "organizationId": ctx.identity.organization_id, "createdAt": now()})
    return []


@procedure("ai.update")
def update_ai(ctx: Context, data: Row) -> list[Row]:
    """It inserts, or updates on conflict, so that every column without a default must be there in either case."""
    _check_address(ctx, data.get("apiUrl"))
    created = {"organizationId": ctx.identity.organization_id, "createdAt": now()}
    if any(name not in data for name in NEEDED):
        raise internal(_failed({**data, **created}, data))
    values = ctx.drop("ai.update", data)
    row = ctx.store.ais.get(data["aiId"])
    if row is None:
        ctx.store.ais.insert({"isEnabled": True, **data, **created})
    else:
        ctx.store.ais.update(row, values)
    return []


def _failed(inserted: Row, updated: Row) -> str:
    number = 0
    places = []
    for column in COLUMNS:
        number += column in inserted
        places.append(f"${number}" if column in inserted else "default")
    names = ", ".join(f'"{column}"' for column in COLUMNS)
    given = [column for column in COLUMNS if column in updated]
    sets = ", ".join(f'"{column}" = ${number + index}' for index, column in enumerate(given, 1))
    params = [inserted[column] for column in COLUMNS if column in inserted] + [updated[column] for column in given]
    return (
        f'Failed query: insert into "ai" ({names}) values ({", ".join(places)}) on conflict ("aiId") do update set '
        f"{sets}\nparams: {','.join(map(str, params))}"
    )


@procedure("ai.getAll")
def all_ai(ctx: Context, _data: Row) -> list[Row]:
    return newest_first(ctx.store.ais)


@procedure("ai.one", "ai.get")
def one_ai(ctx: Context, data: Row) -> Row:
    return dict(find(ctx.store.ais, data["aiId"], UNKNOWN))


@procedure("ai.delete")
def delete_ai(ctx: Context, data: Row) -> list[Row]:
    row = ctx.store.ais.get(data["aiId"])
    if row is not None:
        ctx.store.ais.delete(row)
    return []


@procedure("ai.getEnabledProviders")
def enabled_ai(ctx: Context, _data: Row) -> list[Row]:
    return [
        {name: row[name] for name in ("aiId", "name", "model")}
        for row in newest_first(ctx.store.ais)
        if row["isEnabled"]
    ]


@procedure("ai.getCustomProviders")
def get_custom_providers(ctx: Context, _data: Row) -> list[Row]:
    return custom_providers(ctx)


@procedure("ai.saveCustomProviders")
def save_custom_providers(ctx: Context, data: Row) -> list[Row]:
    row = ctx.store.organizations.rows[ctx.identity.organization_id]
    row["metadata"] = json.dumps({"aiProviders": data["providers"]}, separators=(",", ":"))
    return custom_providers(ctx)


async def _reached(ctx: Context, url: str) -> None:
    _status, problem = await ctx.instance.outside.fetch(url)
    if problem:
        raise bad_request(problem)


@procedure("ai.testConnection")
async def test_ai(ctx: Context, data: Row) -> Row:
    """A real completion."""
    await _reached(ctx, data["apiUrl"])
    if wrong(data["apiKey"]):
        raise bad_request(INCORRECT)
    return {"success": True, "message": "Connection successful"}


@procedure("ai.getModels")
async def models(ctx: Context, data: Row) -> list[Row]:
    await _reached(ctx, data["apiUrl"])
    if wrong(data["apiKey"]):
        raise bad_request("Failed to fetch models: " + json.dumps({"error": {"message": INCORRECT}}))
    return MODELS


@procedure("ai.analyzeLogs")
def analyze_logs(ctx: Context, data: Row) -> Row:
    row = find(ctx.store.ais, data["aiId"], UNKNOWN, bad_request)
    if not row["isEnabled"]:
        raise bad_request("AI provider is not enabled")
    return {"analysis": "The logs look healthy."}
