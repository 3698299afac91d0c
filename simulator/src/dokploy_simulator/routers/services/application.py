# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""router application: create, read, update, delete, move, search."""

from __future__ import annotations

from ...api.errors import bad_request, internal, no_values, unauthorized
from ...api.release_columns import later
from ...api.sql_errors import failed_update, refused_update
from ...api.validate import BigInt
from ...jobs import previews
from ...store.joins import related
from ...store.store import Row, Store, build_app_name, new_id, now
from ...world import files, traefik
from ..common import find
from ..procedures import Context, procedure
from ..projects.environment import find_environment
from ..projects.project import by_date, ilike, page
from ..projects.trees import pick

NULLS = dict.fromkeys
# All columns in the order of the table, with the database's defaults (measured on 0.30.2).
DEFAULTS: Row = {
    "applicationId": None,
    "name": None,
    "appName": None,
    **NULLS("description env previewEnv watchPaths previewBuildArgs previewBuildSecrets".split()),
    **NULLS("previewLabels previewWildcard".split()),
    "previewPort": 3000,
    "previewHttps": False,
    "previewPath": "/",
    "previewCertificateType": "none",
    "previewCustomCertResolver": None,
    "previewLimit": 3,
    "isPreviewDeploymentsActive": False,
    "previewRequireCollaboratorPermissions": True,
    "rollbackActive": False,
    **NULLS("buildArgs buildSecrets memoryReservation memoryLimit cpuReservation cpuLimit".split()),
    **NULLS("title enabled subtitle command args icon refreshToken".split()),
    "sourceType": "github",
    "cleanCache": False,
    **NULLS("repository owner branch".split()),
    "buildPath": "/",
    "triggerType": "push",
    "autoDeploy": True,
    **NULLS("gitlabProjectId gitlabRepository gitlabOwner gitlabBranch".split()),
    "gitlabBuildPath": "/",
    **NULLS("gitlabPathNamespace giteaRepository giteaOwner giteaBranch".split()),
    "giteaBuildPath": "/",
    **NULLS("bitbucketRepository bitbucketRepositorySlug bitbucketOwner bitbucketBranch".split()),
    "bitbucketBuildPath": "/",
    **NULLS("username password dockerImage registryUrl customGitUrl customGitBranch".split()),
    **NULLS("customGitBuildPath customGitSSHKeyId".split()),
    "enableSubmodules": False,
    "dockerfile": "Dockerfile",
    **NULLS("dockerContextPath dockerBuildStage dropBuildPath healthCheckSwarm restartPolicySwarm".split()),
    **NULLS("placementSwarm updateConfigSwarm rollbackConfigSwarm modeSwarm labelsSwarm networkSwarm".split()),
    **NULLS("stopGracePeriodSwarm endpointSpecSwarm ulimitsSwarm".split()),
    "replicas": 1,
    "applicationStatus": "idle",
    "buildType": "nixpacks",
    "railpackVersion": "0.15.4",
    "herokuVersion": "24",
    **NULLS("publishDirectory isStaticSpa".split()),
    "createEnvFile": True,
    "createdAt": None,
    **NULLS("registryId rollbackRegistryId environmentId githubId gitlabId giteaId bitbucketId".split()),
    **NULLS("serverId buildServerId buildRegistryId".split()),
    "networkIds": [],
    "detachDokployNetwork": False,
}
COLUMNS = tuple(DEFAULTS)
FOREIGN_KEYS = (
    "environmentId registryId rollbackRegistryId buildRegistryId buildServerId githubId gitlabId giteaId bitbucketId "
    "customGitSSHKeyId"
).split()
INTEGERS = ("replicas", "previewPort", "previewLimit", "gitlabProjectId")
SEARCH_COLUMNS = ("name", "appName", "description", "repository", "owner", "dockerImage")


def create_row(store: Store, values: Row) -> Row:
    """Insert an application. ``values``: name and environmentId; appName, description, serverId, sourceType if any."""
    known = {name: value for name, value in values.items() if name != "appName"}
    row = {
        **DEFAULTS,
        "networkIds": [],
        "applicationId": new_id(),
        "refreshToken": new_id(),
        "createdAt": now(),
        **known,
        "appName": build_app_name("app", values.get("appName")),
    }
    return store.applications.insert(row)


def find_application(store: Store, application_id: str) -> Row:
    return find(store.applications, application_id, "Application not found")


def joined(ctx: Context, row: Row) -> Row:
    """The application as Dokploy's own lookup returns it, with everything it owns or points at."""
    return {**row, **related(ctx.store, row)}


def set_values(ctx: Context, name: str, row: Row, values: Row) -> None:
    """Write columns. Raises the raw SQL of the database for a foreign key to nothing and for a broken integer."""
    store, raw = ctx.store, ctx.has("raw_sql")
    hidden = later("applicationId", ctx.instance.config.version)
    columns = [column for column in COLUMNS if column not in hidden]
    where = {"applicationId": row["applicationId"]}
    for column in FOREIGN_KEYS:
        if column in values and not store.exists(column, values[column]):
            raise internal(refused_update(raw, "application", columns, values, where, column))
    for column in INTEGERS:
        if isinstance(values.get(column), float):
            problem = failed_update("application", columns, values, *where.popitem())
            raise internal(problem if raw else f'invalid input syntax for type integer: "{values[column]}"')
    if isinstance(values.get("stopGracePeriodSwarm"), int) and not ctx.has("grace_period"):
        values = {**values, "stopGracePeriodSwarm": BigInt(values["stopGracePeriodSwarm"])}
    store.applications.update(row, ctx.drop(name, values))


@procedure("application.create")
def create(ctx: Context, data: Row) -> Row:
    find_environment(ctx.store, data["environmentId"])
    unknown = data.get("serverId") and data["serverId"] not in ctx.store.servers
    if unknown and ctx.has("servers_checked"):
        raise unauthorized("You are not authorized to access this server")
    if unknown or data.get("serverId") == "":
        raise bad_request("Error creating the application")
    values = {**defaults_then(ctx), **ctx.drop("application.create", data)}
    return dict(create_row(ctx.store, values))


def defaults_then(ctx: Context) -> Row:
    """Defaults that were others in this release."""
    values: Row = {}
    if not ctx.has("dockerfile_default"):
        values["dockerfile"] = None
    if not ctx.has("railpack_0_15_4"):
        values["railpackVersion"] = "0.2.2"
    return values


@procedure("application.one")
def one_application(ctx: Context, data: Row) -> Row:
    row = find_application(ctx.store, data["applicationId"])
    return {**joined(ctx, row), "hasGitProviderAccess": True, "unauthorizedProvider": None}


@procedure("application.update")
def update(ctx: Context, data: Row) -> bool:
    unknown = data.get("buildServerId") and data["buildServerId"] not in ctx.store.servers
    if unknown and ctx.has("servers_checked"):
        raise unauthorized("You are not authorized to access this build server")
    if not ctx.has("unknown_ids_late"):
        find_application(ctx.store, data["applicationId"])
    values = {name: value for name, value in data.items() if name not in ("applicationId", "appName")}
    if not values:
        raise no_values()
    row = find(ctx.store.applications, data["applicationId"], "Error updating application", bad_request)
    set_values(ctx, "application.update", row, values)
    return True


@procedure("application.delete")
def delete(ctx: Context, data: Row) -> Row:
    """The row goes at once, waiting jobs too; a running build continues and creates its service afterwards."""
    row = find_application(ctx.store, data["applicationId"])
    result = joined(ctx, row)
    for preview in ctx.store.previews.of("applicationId", row["applicationId"]):
        previews.remove(ctx.instance, preview)
    redirects = ctx.store.redirects.of("applicationId", row["applicationId"])
    ctx.store.drop_service("application", row)
    ctx.instance.queue.clean("applicationId", row["applicationId"])
    traefik.remove_application(ctx.store, row, redirects)
    files.remove(ctx.store, f"/etc/dokploy/applications/{row['appName']}")
    ctx.store.code.pop(row["appName"], None)
    ctx.store.uploads.pop(row["applicationId"], None)
    ctx.instance.docker.remove(row["appName"])
    return result


@procedure("application.move")
def move(ctx: Context, data: Row) -> Row:
    row = find(ctx.store.applications, data["applicationId"], "Failed to move application", internal)
    if not ctx.has("unknown_ids_late"):
        find_environment(ctx.store, data["targetEnvironmentId"])
    set_values(ctx, "application.move", row, {"environmentId": data["targetEnvironmentId"]})
    return dict(row)


@procedure("application.search")
def search(ctx: Context, data: Row) -> Row:
    """Lists what the caller's member row names; the owner's is complete here, for lack of the real one's race."""
    columns = ("applicationId", "name", "appName", "description", "environmentId", "applicationStatus")
    rows = []
    for row in ctx.store.applications:
        project_id = ctx.store.environments.rows[row["environmentId"]]["projectId"]
        if data.get("projectId") in (None, project_id) and data.get("environmentId") in (None, row["environmentId"]):
            rows.append(row)
    rows = [row for row in by_date(rows, newest_first=True) if ilike(row, data.get("q"), data, SEARCH_COLUMNS)]
    return page([pick(row, (*columns, "sourceType", "createdAt")) for row in rows], data)
