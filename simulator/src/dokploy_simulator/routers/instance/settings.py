# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""router settings: the version, the row of settings, and what cleans up."""

from __future__ import annotations

from ...api.document import document
from ...api.errors import internal
from ...store.store import Row
from ...world import web_server
from ..common import find
from ..procedures import UNDEFINED, Context, procedure

NO_DATABASE = "(HTTP code 404) no such service - service dokploy-postgres not found "


@procedure("settings.getDokployVersion")
def version(ctx: Context, _data: Row) -> str:
    return f"v{ctx.instance.config.version}{ctx.instance.config.version_suffix}"


@procedure("settings.getReleaseTag")
def release_tag(_ctx: Context, _data: Row) -> str:
    return "latest"


@procedure("settings.health")
def health(ctx: Context, _data: Row) -> Row:
    return {"status": "ok" if ctx.has("health_ok") else "not_cloud"}


@procedure("settings.isCloud")
def is_cloud(_ctx: Context, _data: Row) -> bool:
    return False


@procedure("settings.isUserSubscribed")
def is_user_subscribed(ctx: Context, _data: Row) -> bool:
    rows = (*ctx.store.projects, *ctx.store.servers)
    return any(row["organizationId"] == ctx.identity.organization_id for row in rows)


@procedure("settings.getDokployCloudIps")
def cloud_ips(_ctx: Context, _data: Row) -> list[str]:
    return []


@procedure("settings.checkInfrastructureHealth")
def check_health(ctx: Context, _data: Row) -> Row:
    lost = {"status": "unhealthy", "message": NO_DATABASE}
    return {"postgres": {"status": "healthy"} if ctx.instance.config.own_service else lost} | {
        "traefik": {"status": "healthy"}
    }


@procedure("settings.getOpenApiDocument")
def open_api(ctx: Context, _data: Row) -> Row:
    return document(ctx.instance.config.version)


# --- a newer version -----------------------------------------------------------------------------------------------


@procedure("settings.getUpdateData")
def update_data(ctx: Context, _data: Row) -> Row:
    config = ctx.instance.config
    latest = config.latest_version or config.version
    return {"latestVersion": f"v{latest}", "updateAvailable": latest != config.version}


@procedure("settings.updateServer")
def update_server(ctx: Context, _data: Row) -> bool:
    config = ctx.instance.config
    if config.latest_version:
        config.change({"version": config.latest_version})
    return True


# --- the row -------------------------------------------------------------------------------------------------------


@procedure("settings.getWebServerSettings")
def web_server_settings(ctx: Context, _data: Row) -> Row:
    return dict(ctx.store.settings)


@procedure("settings.getIp")
def ip(ctx: Context, _data: Row) -> str:
    return ctx.store.settings["serverIp"] or ""


@procedure("settings.updateServerIp")
def update_server_ip(ctx: Context, data: Row) -> Row:
    return web_server.update(ctx.store, ctx.drop("settings.updateServerIp", {"serverIp": data["serverIp"]}))


@procedure("settings.getLogCleanupStatus")
def log_cleanup_status(ctx: Context, _data: Row) -> Row:
    cron = ctx.store.settings["logCleanupCron"]
    return {"enabled": bool(cron), "cronExpression": cron or None}


@procedure("settings.updateLogCleanup")
def update_log_cleanup(ctx: Context, data: Row) -> bool:
    """Any text is a schedule; none and an empty one switch it off."""
    web_server.update(ctx.store, {"logCleanupCron": data["cronExpression"] or None})
    return True


@procedure("settings.updateDockerCleanup")
def update_docker_cleanup(ctx: Context, data: Row) -> bool:
    enabled = {"enableDockerCleanup": data["enableDockerCleanup"]}
    if data.get("serverId"):
        ctx.store.servers.update(find(ctx.store.servers, data["serverId"], "Server not found"), enabled)
    else:
        web_server.update(ctx.store, enabled)
    return True


@procedure("settings.updateBuildsConcurrency")
def update_builds_concurrency(ctx: Context, data: Row) -> bool:
    web_server.update(ctx.store, {"buildsConcurrency": data["buildsConcurrency"]})
    return True


@procedure("settings.saveSSHPrivateKey")
def save_ssh_private_key(ctx: Context, data: Row) -> bool:
    web_server.update(ctx.store, {"sshPrivateKey": data["sshPrivateKey"]})
    return True


@procedure("settings.cleanSSHPrivateKey")
def clean_ssh_private_key(ctx: Context, _data: Row) -> bool:
    web_server.update(ctx.store, {"sshPrivateKey": None})
    return True


@procedure("settings.assignDomainServer")
def assign_domain(ctx: Context, data: Row) -> Row:
    """The row first, then the files; what is not sent is kept."""
    row = web_server.update(ctx.store, ctx.drop("settings.assignDomainServer", data))
    web_server.write_domain(ctx.store)
    if data.get("letsEncryptEmail"):
        web_server.write_email(ctx.store, data["letsEncryptEmail"])
    return row


# --- cleaning up and reloading -------------------------------------------------------------------------------------


@procedure("settings.reloadServer")
def reload_server(ctx: Context, _data: Row) -> bool:
    if not ctx.instance.config.own_service:
        raise internal("Resource type not found")
    return True


@procedure("settings.cleanAllDeploymentQueue")
def clean_queue(ctx: Context, _data: Row) -> bool:
    ctx.instance.queue.clear()
    return True


@procedure("settings.cleanMonitoring")
def clean_monitoring(_ctx: Context, _data: Row) -> bool:
    return True


@procedure(
    "settings.reloadTraefik",
    "settings.cleanUnusedImages",
    "settings.cleanUnusedVolumes",
    "settings.cleanStoppedContainers",
    "settings.cleanDockerPrune",
)
def on_host(ctx: Context, data: Row) -> bool:
    """What a command on a host does; images and containers that nothing uses are not simulated (source)."""
    if data.get("serverId"):
        find(ctx.store.servers, data["serverId"], "Server not found")
    return True


@procedure("settings.cleanDockerBuilder")
def clean_builder(ctx: Context, data: Row) -> object:
    on_host(ctx, data)
    return UNDEFINED


@procedure("settings.cleanAll")
def clean_all(ctx: Context, data: Row) -> Row:
    on_host(ctx, data)
    return {"status": "scheduled", "message": "Docker cleanup has been initiated in the background"}
