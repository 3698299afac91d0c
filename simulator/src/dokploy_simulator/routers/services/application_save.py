# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""router application: the save* procedures, each a fixed set of columns, and the small setters beside them."""

from __future__ import annotations

from ...api.errors import no_values
from ...store.store import Row, new_id
from ..procedures import UNDEFINED, Context, procedure
from .application import find_application, set_values

# Columns a save* procedure writes besides its own fields.
EFFECTS: dict[str, Row] = {
    "saveEnvironment": {},
    "saveBuildType": {},
    "saveDockerProvider": {"sourceType": "docker", "applicationStatus": "idle"},
    "saveGitProvider": {"sourceType": "git", "applicationStatus": "idle"},
    "saveGithubProvider": {"sourceType": "github", "applicationStatus": "idle"},
    "saveGitlabProvider": {"sourceType": "gitlab", "applicationStatus": "idle"},
    "saveBitbucketProvider": {"sourceType": "bitbucket", "applicationStatus": "idle"},
    "saveGiteaProvider": {"sourceType": "gitea", "applicationStatus": "idle"},
}
DISCONNECTED: Row = {
    **dict.fromkeys(
        "repository branch owner githubId gitlabRepository gitlabOwner gitlabBranch gitlabBuildPath".split()
    ),
    **dict.fromkeys("gitlabId gitlabProjectId gitlabPathNamespace bitbucketRepository bitbucketOwner".split()),
    **dict.fromkeys("bitbucketBranch bitbucketBuildPath bitbucketId giteaRepository giteaOwner giteaBranch".split()),
    **dict.fromkeys("giteaBuildPath giteaId customGitBranch customGitBuildPath customGitUrl customGitSSHKeyId".split()),
    "buildPath": "/",
    "triggerType": "push",
    "sourceType": "github",
    "applicationStatus": "idle",
    "watchPaths": None,
    "enableSubmodules": False,
}


def save(ctx: Context, name: str, data: Row, effects: Row) -> bool:
    row = find_application(ctx.store, data["applicationId"])
    values = {key: value for key, value in data.items() if key != "applicationId"}
    if not values and not effects:
        raise no_values()
    set_values(ctx, name, row, {**values, **effects})
    return True


@procedure("application.saveEnvironment")
def save_environment(ctx: Context, data: Row) -> bool:
    return save(ctx, "application.saveEnvironment", data, EFFECTS["saveEnvironment"])


@procedure("application.saveBuildType")
def save_build_type(ctx: Context, data: Row) -> bool:
    return save(ctx, "application.saveBuildType", data, EFFECTS["saveBuildType"])


@procedure("application.saveDockerProvider")
def save_docker_provider(ctx: Context, data: Row) -> bool:
    return save(ctx, "application.saveDockerProvider", data, EFFECTS["saveDockerProvider"])


@procedure("application.saveGitProvider")
def save_git_provider(ctx: Context, data: Row) -> bool:
    return save(ctx, "application.saveGitProvider", data, EFFECTS["saveGitProvider"])


@procedure("application.saveGithubProvider")
def save_github_provider(ctx: Context, data: Row) -> bool:
    # An absent triggerType is not kept: the schema's default overwrites it.
    return save(ctx, "application.saveGithubProvider", {"triggerType": "push", **data}, EFFECTS["saveGithubProvider"])


@procedure("application.saveGitlabProvider")
def save_gitlab_provider(ctx: Context, data: Row) -> bool:
    return save(ctx, "application.saveGitlabProvider", data, EFFECTS["saveGitlabProvider"])


@procedure("application.saveBitbucketProvider")
def save_bitbucket_provider(ctx: Context, data: Row) -> bool:
    return save(ctx, "application.saveBitbucketProvider", data, EFFECTS["saveBitbucketProvider"])


@procedure("application.saveGiteaProvider")
def save_gitea_provider(ctx: Context, data: Row) -> bool:
    return save(ctx, "application.saveGiteaProvider", data, EFFECTS["saveGiteaProvider"])


@procedure("application.disconnectGitProvider")
def disconnect_git_provider(ctx: Context, data: Row) -> bool:
    return save(ctx, "application.disconnectGitProvider", data, DISCONNECTED)


@procedure("application.refreshToken")
def refresh_token(ctx: Context, data: Row) -> bool:
    return save(ctx, "application.refreshToken", data, {"refreshToken": new_id()})


@procedure("application.markRunning")
def mark_running(ctx: Context, data: Row) -> object:
    save(ctx, "application.markRunning", data, {"applicationStatus": "running"})
    return UNDEFINED


@procedure("application.readTraefikConfig")
def read_traefik_config(ctx: Context, data: Row) -> str | None:
    row = find_application(ctx.store, data["applicationId"])
    return ctx.store.traefik.get(row["appName"])


@procedure("application.updateTraefikConfig")
def update_traefik_config(ctx: Context, data: Row) -> bool:
    row = find_application(ctx.store, data["applicationId"])
    ctx.store.traefik[row["appName"]] = data["traefikConfig"]
    return True
