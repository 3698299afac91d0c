# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""router compose, as far as trees, cascades and removal need it."""

from __future__ import annotations

from ..errors import internal, not_found
from ..store import Row, build_app_name, new_id, now
from . import UNDEFINED, Context, procedure
from .common import check_home, move_service
from .joins import environment_with_project, provider

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


def find_compose(ctx: Context, compose_id: str) -> Row:
    row = ctx.store.services["compose"].get(compose_id)
    if row is None:
        raise not_found("Compose not found")
    return row


def joined_compose(ctx: Context, row: Row) -> Row:
    store, key = ctx.store, row["composeId"]
    server = store.servers.get(row["serverId"] or "")
    return {
        **row,
        "environment": environment_with_project(store, row["environmentId"]),
        "deployments": store.deployments.of("composeId", key),
        "mounts": store.mounts.of("composeId", key),
        "domains": store.domains.of("composeId", key),
        **{kind: provider(store, kind, row) for kind in ("github", "gitlab", "bitbucket", "gitea")},
        "server": dict(server) if server else None,
        "backups": [],
    }


@procedure("compose.create")
def create_compose(ctx: Context, data: Row) -> Row:
    check_home(ctx, data)
    app_name = build_app_name("compose", data.get("appName"))
    own = {"composeId": new_id(), "refreshToken": new_id(), "createdAt": now(), "serviceNetworks": []}
    row = {**COMPOSE_DEFAULTS, **own, **data, "appName": app_name}
    return dict(ctx.store.services["compose"].insert(row))


@procedure("compose.one")
def one_compose(ctx: Context, data: Row) -> Row:
    row = find_compose(ctx, data["composeId"])
    return {**joined_compose(ctx, row), "hasGitProviderAccess": True, "unauthorizedProvider": None}


@procedure("compose.update")
def update_compose(ctx: Context, data: Row) -> object:
    """An unknown id is an empty 200."""
    row = ctx.store.services["compose"].get(data["composeId"])
    if row is None:
        if ctx.has("unknown_ids_late"):
            return UNDEFINED
        raise not_found("Compose not found")
    values = {name: value for name, value in data.items() if name != "appName" and name in row}
    return dict(ctx.store.services["compose"].update(row, ctx.drop("compose.update", values)))


@procedure("compose.delete")
def delete_compose(ctx: Context, data: Row) -> Row:
    row = find_compose(ctx, data["composeId"])
    result = joined_compose(ctx, row)
    ctx.store.drop_service("compose", row)
    ctx.server.queue.clean("composeId", row["composeId"])
    ctx.server.docker.remove(row["appName"])
    return result


@procedure("compose.deploy")
def deploy_compose(ctx: Context, data: Row) -> object:
    return _queue_compose(ctx, data, "deploy", "Manual deployment", "Deployment queued")


@procedure("compose.redeploy")
def redeploy_compose(ctx: Context, data: Row) -> object:
    return _queue_compose(ctx, data, "redeploy", "Rebuild deployment", "Redeployment queued")


def _queue_compose(ctx: Context, data: Row, kind: str, title: str, message: str) -> object:
    row = find_compose(ctx, data["composeId"])
    ctx.server.queue.add("compose", row, kind, data.get("title") or title, data.get("description") or "")
    said = {"success": True, "message": message, "composeId": row["composeId"]}
    return said if ctx.has("compose_deploy_says") else UNDEFINED


@procedure("compose.stop")
def stop_compose(ctx: Context, data: Row) -> bool:
    row = find_compose(ctx, data["composeId"])
    ctx.server.docker.scale(row["appName"], 0)
    row["composeStatus"] = "idle"
    return True


@procedure("compose.start")
def start_compose(ctx: Context, data: Row) -> bool:
    row = find_compose(ctx, data["composeId"])
    if ctx.server.docker.scale(row["appName"], 1):
        raise internal(f"Command execution failed: Command failed: docker compose -p {row['appName']} up -d\n")
    row["composeStatus"] = "done"
    return True


@procedure("compose.cleanQueues")
def clean_queues(ctx: Context, data: Row) -> Row:
    ctx.server.queue.clean("composeId", data["composeId"])
    return {"success": True, "message": "Queues cleaned successfully"}


@procedure("compose.move")
def move_compose(ctx: Context, data: Row) -> Row:
    return move_service(ctx, "compose", data)
