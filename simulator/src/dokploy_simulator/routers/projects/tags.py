# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""router tag: labels of projects."""

from __future__ import annotations

from ...api.errors import bad_request, not_found
from ...api.sql_errors import failed_insert, failed_update
from ...store.store import Row, new_id, now
from ..common import find
from ..procedures import Context, procedure
from .project import find_project

COLUMNS = ("tagId", "name", "color", "createdAt", "organizationId")
JOIN_COLUMNS = ("id", "projectId", "tagId")
DONE = {"success": True}


def own_tags(ctx: Context) -> list[Row]:
    return [row for row in ctx.store.tags if row["organizationId"] == ctx.identity.organization_id]


def taken(ctx: Context, name: str | None, own: str = "") -> bool:
    return any(row["name"] == name and row["tagId"] != own for row in own_tags(ctx))


def owned(ctx: Context, data: Row, verb: str) -> Row:
    problem = f"Tag not found or you don't have permission to {verb} it"
    row = find(ctx.store.tags, data["tagId"], problem)
    if row["organizationId"] != ctx.identity.organization_id:
        raise not_found(problem)
    return row


@procedure("tag.create")
def create_tag(ctx: Context, data: Row) -> Row:
    row = {"tagId": new_id(), **data, "createdAt": now(), "organizationId": ctx.identity.organization_id}
    if taken(ctx, data["name"]):
        raise bad_request(f"Error creating tag: {failed_insert('tag', COLUMNS, row)}")
    values = ctx.drop("tag.create", row)
    return dict(ctx.store.tags.insert({**{name: values.get(name) for name in COLUMNS}}))


@procedure("tag.all")
def all_tags(ctx: Context, _data: Row) -> list[Row]:
    return [dict(row) for row in sorted(own_tags(ctx), key=lambda row: row["name"])]


@procedure("tag.one")
def one_tag(ctx: Context, data: Row) -> Row:
    return dict(find(ctx.store.tags, data["tagId"], "Tag not found"))


@procedure("tag.update")
def update_tag(ctx: Context, data: Row) -> Row:
    """Only name and color are looked at."""
    row = owned(ctx, data, "update")
    values: Row = {name: data[name] for name in ("name", "color") if name in data}
    if not values:
        raise bad_request("Error updating tag: No values to set")
    if taken(ctx, values.get("name"), row["tagId"]):
        raise bad_request(f"Error updating tag: {failed_update('tag', COLUMNS, values, 'tagId', row['tagId'])}")
    return dict(ctx.store.tags.update(row, ctx.drop("tag.update", values)))


@procedure("tag.remove")
def remove_tag(ctx: Context, data: Row) -> Row:
    """Every project loses it."""
    ctx.store.drop(ctx.store.tags, owned(ctx, data, "delete"))
    return DONE


def assigned(ctx: Context, data: Row) -> list[Row]:
    rows = ctx.store.project_tags.of("projectId", data["projectId"])
    return [row for row in rows if row["tagId"] == data["tagId"]]


@procedure("tag.assignToProject")
def assign_tag(ctx: Context, data: Row) -> Row:
    find(ctx.store.tags, data["tagId"], "Tag not found")
    find_project(ctx.store, data["projectId"])
    row = {"id": new_id(), "projectId": data["projectId"], "tagId": data["tagId"]}
    if assigned(ctx, data):
        raise bad_request(f"Error assigning tag to project: {failed_insert('project_tag', JOIN_COLUMNS, row)}")
    return dict(ctx.store.project_tags.insert(row))


@procedure("tag.removeFromProject")
def remove_tag_from_project(ctx: Context, data: Row) -> Row:
    for row in assigned(ctx, data):
        ctx.store.project_tags.delete(row)
    return DONE


@procedure("tag.bulkAssign")
def assign_tags(ctx: Context, data: Row) -> Row:
    """Deletes, then inserts: an ID that comes twice fails between the two, and the project has none."""
    store, wanted = ctx.store, data["tagIds"]
    find_project(store, data["projectId"])
    if any(tag not in store.tags for tag in wanted):
        raise not_found("One or more tags not found")
    for row in store.project_tags.of("projectId", data["projectId"]):
        store.project_tags.delete(row)
    rows = [{"id": new_id(), "projectId": data["projectId"], "tagId": tag} for tag in wanted]
    if len(set(wanted)) != len(wanted):
        numbers = iter(range(1, 3 * len(rows) + 1))
        places = ", ".join(f"(${next(numbers)}, ${next(numbers)}, ${next(numbers)})" for _row in rows)
        names = ", ".join(f'"{name}"' for name in JOIN_COLUMNS)
        params = ",".join(row[name] for row in rows for name in JOIN_COLUMNS)
        statement = f'Failed query: insert into "project_tag" ({names}) values {places}\nparams: {params}'
        raise bad_request(f"Error bulk assigning tags to project: {statement}")
    for row in rows:
        store.project_tags.insert(row)
    return DONE
