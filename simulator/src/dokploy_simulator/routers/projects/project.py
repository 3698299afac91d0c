# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""router project."""

from __future__ import annotations

from typing import Any

from ...api.errors import internal, unauthorized
from ...api.sql_errors import failed_update
from ...store.joins import tags_of
from ...store.store import Row, Store, new_id, now
from ..common import find
from ..procedures import Context, procedure
from .trees import BARE, FOR_PERMISSIONS, IN_PROJECT, SLIM, complete, lists, pick, seen, sees, sees_all

COLUMNS = ("projectId", "name", "description", "createdAt", "organizationId", "env")


def create_project(store: Store, organization_id: str, values: Row) -> tuple[Row, Row]:
    """A project with its default environment."""
    project = store.projects.insert(
        {
            "projectId": new_id(),
            "name": values["name"],
            "description": values.get("description"),
            "createdAt": now(),
            "organizationId": organization_id,
            "env": values.get("env", ""),
        }
    )
    environment = store.environments.insert(
        {
            "environmentId": new_id(),
            "name": "production",
            "description": "Production environment",
            "createdAt": now(),
            "env": "",
            "projectId": project["projectId"],
            "isDefault": True,
        }
    )
    return project, environment


def find_project(store: Store, project_id: str) -> Row:
    return find(store.projects, project_id, "Project not found")


def by_date(rows: list[Row], newest_first: bool = False) -> list[Row]:
    return sorted(rows, key=lambda row: row["createdAt"], reverse=newest_first)


def own_projects(ctx: Context) -> list[Row]:
    """Those of the organization, newest first."""
    rows = [row for row in ctx.store.projects if row["organizationId"] == ctx.identity.organization_id]
    return by_date(rows, newest_first=True)


def ilike(row: Row, value: Any, wanted: Row, columns: tuple[str, ...]) -> bool:
    """The filters of the search procedures: ``q`` in any column, a column's own in that column."""

    def matches(column: str, text: str) -> bool:
        return text.strip().lower() in str(row.get(column) or "").lower()

    if value and not any(matches(column, value) for column in columns):
        return False
    return all(matches(column, wanted[column]) for column in columns if wanted.get(column))


def page(rows: list[Row], wanted: Row) -> Row:
    limit, offset = wanted.get("limit", 20), wanted.get("offset", 0)
    return {"items": rows[offset : offset + limit], "total": len(rows)}


@procedure("project.create")
def create(ctx: Context, data: Row) -> Row:
    project, environment = create_project(ctx.store, ctx.identity.organization_id, ctx.drop("project.create", data))
    return {"project": dict(project), "environment": dict(environment)}


@procedure("project.one")
def one_project(ctx: Context, data: Row) -> Row:
    store, project = ctx.store, find_project(ctx.store, data["projectId"])
    if project["organizationId"] != ctx.identity.organization_id:
        raise unauthorized("You are not authorized to access this project")
    if not sees(ctx, "Projects", project["projectId"]):
        raise unauthorized("You don't have access to this project")
    slim = ctx.has("slim_projects")
    environments = [
        {
            **row,
            **(
                lists(store, row["environmentId"], IN_PROJECT, ("name",))
                if slim
                else complete(store, row["environmentId"])
            ),
        }
        for row in store.environments.of("projectId", project["projectId"])
    ]
    tags = tags_of(store, project["projectId"])
    return {**project, "environments": [seen(ctx, row) for row in environments], "projectTags": tags}


def in_tree(ctx: Context, row: Row) -> Row:
    """An environment as project.all shows it."""
    if not ctx.has("slim_trees"):
        return seen(ctx, {**row, **complete(ctx.store, row["environmentId"], domains=True)})
    columns = BARE if sees_all(ctx) else SLIM
    slim = pick(row, ("name", "environmentId", "isDefault"))
    return seen(ctx, {**slim, **lists(ctx.store, row["environmentId"], columns)})


@procedure("project.all")
def all_(ctx: Context, _data: Row) -> list[Row]:
    store = ctx.store
    return [
        {
            **project,
            "environments": [
                in_tree(ctx, row)
                for row in store.environments.of("projectId", project["projectId"])
                if sees(ctx, "Environments", row["environmentId"])
            ],
            "projectTags": tags_of(store, project["projectId"]),
        }
        for project in own_projects(ctx)
        if sees(ctx, "Projects", project["projectId"])
    ]


@procedure("project.allForPermissions")
def all_for_permissions(ctx: Context, _data: Row) -> list[Row]:
    store = ctx.store
    return [
        {
            **pick(project, ("projectId", "name")),
            "environments": [
                {
                    **pick(row, ("environmentId", "name", "isDefault")),
                    **lists(store, row["environmentId"], FOR_PERMISSIONS),
                }
                for row in store.environments.of("projectId", project["projectId"])
            ],
        }
        for project in own_projects(ctx)
    ]


@procedure("project.search")
def search(ctx: Context, data: Row) -> Row:
    rows = [row for row in own_projects(ctx) if ilike(row, data.get("q"), data, ("name", "description"))]
    return page([dict(row) for row in rows], data)


@procedure("project.update")
def update(ctx: Context, data: Row) -> Row:
    store, row = ctx.store, find_project(ctx.store, data["projectId"])
    if "organizationId" in data and not store.exists("organizationId", data["organizationId"]):
        raise internal(failed_update("project", COLUMNS, data, "projectId", data["projectId"]))
    return dict(store.projects.update(row, ctx.drop("project.update", data)))


@procedure("project.remove")
def remove(ctx: Context, data: Row) -> Row:
    """Cascades in the database only: running services stay as orphans."""
    store, row = ctx.store, find_project(ctx.store, data["projectId"])
    for environment in store.environments.of("projectId", row["projectId"]):
        store.drop_environment(environment)
    return dict(store.drop(store.projects, row))
