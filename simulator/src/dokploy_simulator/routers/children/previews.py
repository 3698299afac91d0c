# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""routers previewDeployment and rollback."""

from __future__ import annotations

from ...api.errors import ProcedureError, bad_request
from ...jobs import previews
from ...store import rollbacks
from ...store.store import Row, Store
from ...world.docker.service_spec import DockerError
from ..common import find, newest_first
from ..procedures import UNDEFINED, Context, procedure


def find_preview(ctx: Context, data: Row) -> Row:
    return find(ctx.store.previews, data["previewDeploymentId"], "Preview Deployment not found")


@procedure("previewDeployment.all")
def all_previews(ctx: Context, data: Row) -> list[Row]:
    store = ctx.store
    return [
        {
            **row,
            "deployments": newest_first(store.deployments.of("previewDeploymentId", row["previewDeploymentId"])),
            "domain": store.domains.get(row["domainId"] or ""),
        }
        for row in newest_first(store.previews.of("applicationId", data["applicationId"]))
    ]


@procedure("previewDeployment.one")
def one_preview(ctx: Context, data: Row) -> Row:
    row = find_preview(ctx, data)
    application = ctx.store.applications.rows[row["applicationId"]]
    return {
        **row,
        "domain": ctx.store.domains.get(row["domainId"] or ""),
        "application": {name: application[name] for name in ("applicationId", "serverId")},
    }


@procedure("previewDeployment.delete")
def delete_preview(ctx: Context, data: Row) -> bool:
    previews.remove(ctx.instance, find_preview(ctx, data))
    return True


@procedure("previewDeployment.redeploy")
def redeploy_preview(ctx: Context, data: Row) -> bool:
    row = find_preview(ctx, data)
    title = data.get("title") or "Rebuild Preview Deployment"
    ctx.instance.queue.add("application-preview", row, "redeploy", title, data.get("description") or "")
    return True


def find_rollback(store: Store, data: Row) -> Row:
    return find(store.rollbacks, data["rollbackId"], "Rollback not found", bad_request)


@procedure("rollback.delete")
def delete_rollback(ctx: Context, data: Row) -> Row:
    """The deployment's row goes with it: the database cascades (measured)."""
    row = find_rollback(ctx.store, data)
    result = {**row, "deployment": dict(ctx.store.deployments.rows[row["deploymentId"]])}
    ctx.store.drop(ctx.store.rollbacks, row)
    return result


@procedure("rollback.rollback")
def roll_back(ctx: Context, data: Row) -> object:
    """Runs the image of that build with the settings of that time, at once; writes no row and no column. Logs in to the
    registry first."""
    try:
        row = find_rollback(ctx.store, data)
        registry = row["fullContext"]["rollbackRegistry"]
        if registry and ctx.instance.build_outcomes.login_problem(
            registry["registryUrl"], registry["username"], registry["password"]
        ):
            raise bad_request("the login fails")
        ctx.instance.docker.deploy(rollbacks.application_of(row))
    except (ProcedureError, DockerError):
        raise bad_request("Error input: Rolling back") from None
    return UNDEFINED
