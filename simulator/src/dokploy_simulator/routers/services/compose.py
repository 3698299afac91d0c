# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""router compose: its rows. What makes it run is in ``compose_run``, its file in ``compose_files``."""

from __future__ import annotations

from ...api.errors import bad_request, internal, not_found
from ...api.release_columns import later
from ...api.sql_errors import failed_insert, failed_update, refused_update
from ...store.joins import whole_compose
from ...store.store import Row, build_app_name, new_id, now
from ...world import files
from ...world.docker import compose_stack
from ..common import find, newest_first
from ..procedures import UNDEFINED, Context, procedure
from ..projects.environment import check_home, find_environment
from ..projects.project import ilike, page
from ..projects.trees import pick
from .application import FOREIGN_KEYS

NULLS = dict.fromkeys
COMPOSE_DEFAULTS: Row = {
    **NULLS("composeId name appName description env".split()),
    "composeFile": "",
    "refreshToken": None,
    "sourceType": "github",
    "composeType": "docker-compose",
    **NULLS("repository owner branch".split()),
    "autoDeploy": True,
    **NULLS("gitlabProjectId gitlabRepository gitlabOwner gitlabBranch gitlabPathNamespace".split()),
    **NULLS("bitbucketRepository bitbucketRepositorySlug bitbucketOwner bitbucketBranch giteaRepository".split()),
    **NULLS("giteaOwner giteaBranch customGitUrl customGitBranch customGitSSHKeyId".split()),
    "command": "",
    "createEnvFile": True,
    "enableSubmodules": False,
    "composePath": "./docker-compose.yml",
    "suffix": "",
    "randomize": False,
    "isolatedDeployment": False,
    "isolatedDeploymentsVolume": False,
    "triggerType": "push",
    "composeStatus": "idle",
    **NULLS("icon environmentId createdAt watchPaths githubId gitlabId bitbucketId giteaId serverId".split()),
    "serviceNetworks": [],
}


COLUMNS = tuple(COMPOSE_DEFAULTS)
# What disconnectGitProvider sets; the slug of Bitbucket's repository stays (measured).
DISCONNECTED: Row = {
    **NULLS("repository owner branch githubId gitlabId gitlabProjectId gitlabRepository gitlabOwner".split()),
    **NULLS("gitlabBranch gitlabPathNamespace bitbucketId bitbucketRepository bitbucketOwner bitbucketBranch".split()),
    **NULLS("giteaId giteaRepository giteaOwner giteaBranch customGitUrl customGitBranch customGitSSHKeyId".split()),
    "watchPaths": None,
    "sourceType": "github",
    "triggerType": "push",
    "enableSubmodules": False,
    "composeStatus": "idle",
}


def columns(ctx: Context) -> list[str]:
    hidden = later("composeId", ctx.instance.config.version)
    return [column for column in COLUMNS if column not in hidden]


def find_compose(ctx: Context, compose_id: str) -> Row:
    return find(ctx.store.services["compose"], compose_id, "Compose not found")


def insert_compose(ctx: Context, values: Row) -> Row:
    """``values``: the columns that the request gives, ``appName`` as it will be."""
    own = {"composeId": new_id(), "composeFile": "", "refreshToken": new_id(), "autoDeploy": True}
    given = {**own, "createdAt": now(), **values}
    if values.get("serverId") == "":
        raise internal(failed_insert("compose", columns(ctx), given))
    return ctx.store.services["compose"].insert({**COMPOSE_DEFAULTS, "serviceNetworks": [], **given})


def set_values(ctx: Context, name: str, row: Row, values: Row) -> Row:
    """Write columns. Raises the raw SQL of the database for a foreign key to nothing and for a broken integer."""
    where = {"composeId": row["composeId"]}
    for column in FOREIGN_KEYS:
        if column in values and not ctx.store.exists(column, values[column]):
            raise internal(refused_update(ctx.has("raw_sql"), "compose", columns(ctx), values, where, column))
    if isinstance(values.get("gitlabProjectId"), float):
        raise internal(failed_update("compose", columns(ctx), values, *where.popitem()))
    return ctx.store.services["compose"].update(row, ctx.drop(name, values))


@procedure("compose.create")
def create_compose(ctx: Context, data: Row) -> Row:
    check_home(ctx, data)
    values = {**ctx.drop("compose.create", data), "appName": build_app_name("compose", data.get("appName"))}
    return dict(insert_compose(ctx, values))


@procedure("compose.one")
def one_compose(ctx: Context, data: Row) -> Row:
    row = find_compose(ctx, data["composeId"])
    return {**whole_compose(ctx.store, row), "hasGitProviderAccess": True, "unauthorizedProvider": None}


@procedure("compose.update")
def update_compose(ctx: Context, data: Row) -> object:
    """An unknown id is an empty 200."""
    row = ctx.store.services["compose"].get(data["composeId"])
    if row is None:
        if ctx.has("unknown_ids_late"):
            return UNDEFINED
        raise not_found("Compose not found")
    values = {name: value for name, value in data.items() if name != "appName" and name in row}
    return dict(set_values(ctx, "compose.update", row, values))


@procedure("compose.saveEnvironment")
def save_environment(ctx: Context, data: Row) -> bool:
    row = find(ctx.store.services["compose"], data["composeId"], "Error adding environment variables", bad_request)
    values: Row = {name: data[name] for name in ("env", "createEnvFile") if name in data}
    ctx.store.services["compose"].update(row, ctx.drop("compose.saveEnvironment", values))
    return True


@procedure("compose.delete")
def delete_compose(ctx: Context, data: Row) -> Row:
    """The row goes at once, waiting jobs too; a running build continues. A stack keeps its volumes."""
    row = find_compose(ctx, data["composeId"])
    result, app = whole_compose(ctx.store, row), row["appName"]
    ctx.store.drop_service("compose", row)
    ctx.instance.queue.clean("composeId", row["composeId"])
    if row["composeType"] == "stack":
        compose_stack.remove(ctx.instance.docker, row)
    else:
        ctx.instance.docker.projects.down(app, data.get("deleteVolumes", False))
    ctx.store.compose_files.pop(app, None)
    ctx.store.code.pop(app, None)
    files.remove(ctx.store, f"/etc/dokploy/compose/{app}")
    return result


@procedure("compose.move")
def move_compose(ctx: Context, data: Row) -> Row:
    row = find(ctx.store.services["compose"], data["composeId"], "Failed to move compose", internal)
    if not ctx.has("unknown_ids_late"):
        find_environment(ctx.store, data["targetEnvironmentId"])
    return dict(set_values(ctx, "compose.move", row, {"environmentId": data["targetEnvironmentId"]}))


@procedure("compose.refreshToken")
def refresh_token(ctx: Context, data: Row) -> bool:
    ctx.store.services["compose"].update(find_compose(ctx, data["composeId"]), {"refreshToken": new_id()})
    return True


@procedure("compose.disconnectGitProvider")
def disconnect_git_provider(ctx: Context, data: Row) -> bool:
    ctx.store.services["compose"].update(find_compose(ctx, data["composeId"]), DISCONNECTED)
    return True


@procedure("compose.search")
def search(ctx: Context, data: Row) -> Row:
    """Lists what the caller's member row names; the owner's is complete here, for lack of the real one's race."""
    rows = []
    for row in ctx.store.services["compose"]:
        project_id = ctx.store.environments.rows[row["environmentId"]]["projectId"]
        if data.get("projectId") in (None, project_id) and data.get("environmentId") in (None, row["environmentId"]):
            rows.append(row)
    names = ("name", "appName", "description")
    rows = [row for row in newest_first(rows) if ilike(row, data.get("q"), data, names)]
    returned = ("composeId", *names, "environmentId", "composeStatus", "sourceType", "createdAt")
    return page([pick(row, returned) for row in rows], data)
