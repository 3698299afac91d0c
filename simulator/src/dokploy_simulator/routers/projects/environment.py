# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""router environment."""

from __future__ import annotations

from ...api.errors import ProcedureError, bad_request, unauthorized
from ...api.sql_errors import refused_insert, refused_update
from ...store.store import Row, Store, new_id, now
from ..common import find
from ..procedures import Context, procedure
from .project import by_date, ilike, page
from .trees import IN_ENVIRONMENT, IN_LIST, complete, lists, pick, seen, sees

COLUMNS = ("environmentId", "name", "description", "createdAt", "env", "projectId", "isDefault")


RESERVED = "You cannot create a environment with the name 'production'"
RESERVED_ONCE = "Environment name cannot be production"


def find_environment(store: Store, environment_id: str) -> Row:
    return find(store.environments, environment_id, "Environment not found")


def check_home(ctx: Context, data: Row) -> None:
    """Whether a service may be made there."""
    find_environment(ctx.store, data["environmentId"])
    if data.get("serverId") and data["serverId"] not in ctx.store.servers:
        raise unauthorized("You are not authorized to access this server")


@procedure("environment.create")
def create(ctx: Context, data: Row) -> Row:
    if data["name"] == "production":
        problem = RESERVED if ctx.has("default_environment") else RESERVED_ONCE
        raise bad_request(
            problem if ctx.has("lone_environment_errors") else f"Error creating the environment: {problem}"
        )
    given = {"environmentId": new_id(), **ctx.drop("environment.create", data), "createdAt": now()}
    if not ctx.store.exists("projectId", data["projectId"]):
        problem = refused_insert(ctx.has("raw_sql"), "environment", COLUMNS, given, "projectId")
        raise bad_request(f"Error creating the environment: {problem}")
    row = {"description": None, "env": "", "isDefault": False, **given}
    return dict(ctx.store.environments.insert({column: row[column] for column in COLUMNS}))


@procedure("environment.one")
def one_environment(ctx: Context, data: Row) -> Row:
    row = find_environment(ctx.store, data["environmentId"])
    if not sees(ctx, "Environments", row["environmentId"]):
        raise ProcedureError("FORBIDDEN", "You are not allowed to access this environment")
    project = dict(ctx.store.projects.rows[row["projectId"]])
    if not ctx.has("slim_trees"):
        running = ctx.has("environments_show_deployments")
        return seen(ctx, {**row, **complete(ctx.store, row["environmentId"], running=running), "project": project})
    slim = pick(row, ("name", "description", "environmentId", "isDefault", "projectId", "env"))
    services = lists(ctx.store, row["environmentId"], IN_ENVIRONMENT, ("name", "serverId"))
    return seen(ctx, {**slim, **services, "project": project})


def in_list(ctx: Context, row: Row) -> Row:
    """An environment as byProjectId shows it."""
    slim = pick(row, ("name", "description", "environmentId", "isDefault"))
    if ctx.has("slim_lists"):
        return seen(ctx, {**slim, **lists(ctx.store, row["environmentId"], IN_LIST, ("name",))})
    return seen(ctx, {**(slim if ctx.has("slim_trees") else row), **complete(ctx.store, row["environmentId"])})


@procedure("environment.byProjectId")
def by_project_id(ctx: Context, data: Row) -> list[Row]:
    store = ctx.store
    return [
        {
            **in_list(ctx, row),
            "project": dict(store.projects.rows[row["projectId"]]),
        }
        for row in by_date(store.environments.of("projectId", data["projectId"]))
        if sees(ctx, "Environments", row["environmentId"])
    ]


@procedure("environment.search")
def search(ctx: Context, data: Row) -> Row:
    rows = [
        pick(row, ("environmentId", "name", "description", "createdAt", "projectId", "isDefault"))
        for row in ctx.store.environments
        if ilike(row, data.get("q"), data, ("name", "description"))
        and data.get("projectId") in (None, row["projectId"])
    ]
    return page(by_date(rows, newest_first=True), data)


@procedure("environment.update")
def update(ctx: Context, data: Row) -> Row:
    try:
        return _update(ctx, data)
    except ProcedureError as error:
        raise bad_request(f"Error updating the environment: {error.message}") from None


def _update(ctx: Context, data: Row) -> Row:
    store, row = ctx.store, find_environment(ctx.store, data["environmentId"])
    if not ctx.has("default_environment"):
        # The name alone makes an environment the default one, and only that name is refused (source).
        if data.get("name") == "production":
            raise bad_request(RESERVED_ONCE)
    elif row["isDefault"] and "name" in data:
        # Even when it is unchanged.
        raise bad_request("You cannot rename the default environment")
    values = {name: value for name, value in data.items() if name != "environmentId"}
    if not values:
        raise bad_request("No values to set")
    if not store.exists("projectId", values.get("projectId")):
        where = {"environmentId": row["environmentId"]}
        raise bad_request(refused_update(ctx.has("raw_sql"), "environment", COLUMNS, values, where, "projectId"))
    return dict(store.environments.update(row, ctx.drop("environment.update", values)))


@procedure("environment.remove")
def remove(ctx: Context, data: Row) -> Row:
    try:
        return _remove(ctx, data)
    except ProcedureError as error:
        if ctx.has("lone_environment_errors"):
            raise
        raise bad_request(f"Error deleting the environment: {error.message}") from None


def _remove(ctx: Context, data: Row) -> Row:
    store, row = ctx.store, find_environment(ctx.store, data["environmentId"])
    if not ctx.has("default_environment"):
        if row["name"] == "production":
            raise bad_request("You cannot delete the production environment")
    elif row["isDefault"]:
        raise bad_request("You cannot delete the default environment")
    if ctx.has("environments_with_services_stay") and next(store.services_of(row["environmentId"]), None):
        raise bad_request("Cannot delete environment: it has active services. Delete all services first.")
    store.drop_environment(row)
    return dict(row)


@procedure("environment.duplicate")
def duplicate(ctx: Context, data: Row) -> Row:
    """The environment's own row is copied, not its services."""
    row = find_environment(ctx.store, data["environmentId"])
    copy = {
        **row,
        "environmentId": new_id(),
        "name": data["name"],
        "description": data.get("description") or row["description"],
        "createdAt": now(),
        "isDefault": False,
    }
    return dict(ctx.store.environments.insert(copy))
