# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""router project, and the trees of projects, environments and services that its reads show."""

from __future__ import annotations

from typing import Any

from ..errors import internal, not_found
from ..sql import failed_update
from ..store import DATABASES, Row, Store, new_id, now
from . import Context, procedure

COLUMNS = ("projectId", "name", "description", "createdAt", "organizationId", "env")
# The plural under which an environment lists each kind of service, in the order of project.all.
LISTS = {
    "applications": "application",
    "mariadb": "mariadb",
    "mongo": "mongo",
    "mysql": "mysql",
    "postgres": "postgres",
    "redis": "redis",
    "compose": "compose",
    "libsql": "libsql",
}
SERVICE_COLUMNS = ("name", "description", "appName", "createdAt", "serverId", "applicationStatus")


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
    row = store.projects.get(project_id)
    if row is None:
        raise not_found("Project not found")
    return row


def pick(row: Row, columns: tuple[str, ...]) -> Row:
    return {column: row[column] for column in columns if column in row}


def status_column(kind: str) -> str:
    return "composeStatus" if kind == "compose" else "applicationStatus"


def lists(store: Store, environment_id: str, columns: dict[str, tuple[str, ...]], server: tuple[str, ...] = ()) -> Row:
    """The services of an environment by list name, each with the columns of its kind."""
    result: Row = {}
    for name, kind in LISTS.items():
        rows = []
        for row in store.services[kind].of("environmentId", environment_id):
            entry = pick(row, columns[kind])
            if server:
                home = store.servers.get(row["serverId"] or "")
                entry["server"] = pick(home, server) if home else None
            rows.append(entry)
        result[name] = rows
    return result


def _columns(base: tuple[str, ...], icons: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    table = {kind: (f"{kind}Id", *base) for kind in ("application", *DATABASES)}
    table["compose"] = ("composeId", *base, "composeStatus")
    return {kind: (*columns, "icon") if kind in icons else columns for kind, columns in table.items()}


SLIM: dict[str, tuple[str, ...]] = {kind: (f"{kind}Id", "name", status_column(kind)) for kind in LISTS.values()}
IN_PROJECT = _columns(SERVICE_COLUMNS, ("application",))
IN_LIST = _columns(SERVICE_COLUMNS, ("application", "compose"))
IN_ENVIRONMENT = _columns(
    ("name", "createdAt", "applicationStatus", "description", "serverId"), ("application", "compose")
)
FOR_PERMISSIONS = _columns(SERVICE_COLUMNS, ())


def by_date(rows: list[Row], newest_first: bool = False) -> list[Row]:
    return sorted(rows, key=lambda row: row["createdAt"], reverse=newest_first)


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
def one(ctx: Context, data: Row) -> Row:
    store, project = ctx.store, find_project(ctx.store, data["projectId"])
    environments = [
        {**row, **lists(store, row["environmentId"], IN_PROJECT, ("name",))}
        for row in store.environments.of("projectId", project["projectId"])
    ]
    return {**project, "environments": environments, "projectTags": []}


@procedure("project.all")
def all_(ctx: Context, _data: Row) -> list[Row]:
    store = ctx.store
    return [
        {
            **project,
            "environments": [
                {
                    "name": row["name"],
                    "environmentId": row["environmentId"],
                    "isDefault": row["isDefault"],
                    **lists(store, row["environmentId"], SLIM),
                }
                for row in store.environments.of("projectId", project["projectId"])
            ],
            "projectTags": [],
        }
        for project in by_date(list(store.projects), newest_first=True)
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
        for project in by_date(list(store.projects), newest_first=True)
    ]


@procedure("project.search")
def search(ctx: Context, data: Row) -> Row:
    rows = [row for row in ctx.store.projects if ilike(row, data.get("q"), data, ("name", "description"))]
    return page([dict(row) for row in by_date(rows, newest_first=True)], data)


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
    return dict(store.projects.delete(row))
