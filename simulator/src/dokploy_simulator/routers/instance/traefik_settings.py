# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""router settings: Traefik's files, environment, ports and dashboard."""

from __future__ import annotations

import posixpath

from ...api.errors import ProcedureError, ValidationError, bad_request, internal
from ...store.store import Row
from ...world import web_server
from ...world.docker import host_ports
from ..common import find
from ..procedures import Context, procedure

MIDDLEWARES = f"{web_server.DYNAMIC}/middlewares.yml"
TRAVERSAL = "Invalid path: path traversal or unauthorized directory access detected"


def _local(ctx: Context, data: Row) -> None:
    """Of a remote server only the file of middlewares, and those of certificates, are simulated."""
    if data.get("serverId"):
        find(ctx.store.servers, data["serverId"], "Server not found")
        raise ProcedureError("NOT_IMPLEMENTED", "the simulator has no Traefik on remote servers")


def _path(data: Row) -> str:
    """Raises ``ValidationError`` for a path that leaves the folder; a relative one is only not found."""
    path: str = data["path"]
    inside = posixpath.normpath(path).startswith(f"{web_server.FOLDER}/")
    if ".." in path.split("/") or (path.startswith("/") and not inside):
        raise ValidationError([{"code": "custom", "path": ["path"], "message": TRAVERSAL}])
    return path


@procedure("settings.readTraefikConfig")
def read_main(ctx: Context, _data: Row) -> str:
    return ctx.store.main_file


@procedure("settings.updateTraefikConfig")
def update_main(ctx: Context, data: Row) -> bool:
    ctx.store.main_file = data["traefikConfig"]
    return True


@procedure("settings.readWebServerTraefikConfig")
def read_web_server(ctx: Context, _data: Row) -> str | None:
    return ctx.store.traefik.get("dokploy")


@procedure("settings.updateWebServerTraefikConfig")
def update_web_server(ctx: Context, data: Row) -> bool:
    ctx.store.traefik["dokploy"] = data["traefikConfig"]
    return True


@procedure("settings.readMiddlewareTraefikConfig")
def read_middlewares(ctx: Context, _data: Row) -> str:
    return web_server.middlewares_file(ctx.store)


@procedure("settings.updateMiddlewareTraefikConfig")
def update_middlewares(ctx: Context, data: Row) -> bool:
    web_server.write_middlewares(ctx.store, data["traefikConfig"])
    return True


@procedure("settings.readDirectories")
def directories(ctx: Context, data: Row) -> list[Row]:
    _local(ctx, data)
    return web_server.tree(ctx.store)


@procedure("settings.readTraefikFile")
def read_file(ctx: Context, data: Row) -> str | None:
    path = _path(data)
    if server_id := data.get("serverId"):
        find(ctx.store.servers, server_id, "Server not found")
        if path == MIDDLEWARES:
            return web_server.remote_middlewares_file(ctx.store, server_id)
        return web_server.certificate_file(ctx.store, path, server_id)
    return web_server.read_file(ctx.store, path)


@procedure("settings.updateTraefikFile")
def update_file(ctx: Context, data: Row) -> bool:
    path = _path(data)
    if data.get("serverId") and path == MIDDLEWARES:
        find(ctx.store.servers, data["serverId"], "Server not found")
        web_server.write_remote_middlewares(ctx.store, data["serverId"], data["traefikConfig"])
        return True
    _local(ctx, data)
    web_server.write_file(ctx.store, path, data["traefikConfig"])
    return True


@procedure("settings.haveActivateRequests")
def have_requests(ctx: Context, _data: Row) -> bool:
    return bool((web_server.main_config(ctx.store).get("accessLog") or {}).get("filePath"))


@procedure("settings.toggleRequests")
def toggle_requests(ctx: Context, data: Row) -> bool:
    web_server.log_requests(ctx.store, data["enable"])
    return True


# --- the container -------------------------------------------------------------------------------------------------


def _container(ctx: Context, data: Row) -> None:
    if data.get("serverId") and data["serverId"] not in ctx.store.servers:
        raise internal("Resource type not found")
    _local(ctx, data)
    web_server.settle(ctx.store)


def _recreate(ctx: Context, environment: str, ports: list[Row]) -> bool:
    """A container that cannot publish a port stays without any: it does not start."""
    taken = {port["publishedPort"] for port in ports} & set(ctx.instance.config.unseen_ports)
    ctx.store.traefik_runs = not taken
    ports = [] if taken else ports
    web_server.recreate(ctx.store, ctx.instance.config.traefik_restart_seconds, environment, ports)
    return True


@procedure("settings.readTraefikEnv")
def read_environment(ctx: Context, data: Row) -> str:
    _local(ctx, data)
    web_server.settle(ctx.store)
    return ctx.store.traefik_environment


@procedure("settings.writeTraefikEnv")
def write_environment(ctx: Context, data: Row) -> bool:
    """Of a container that Docker Compose or the installer started; the variables of the image come on top (source)."""
    _container(ctx, data)
    lines = [line for line in data["env"].splitlines() if line.strip()]
    return _recreate(ctx, "\n".join([*lines, "PATH=/bin"]), ctx.store.traefik_ports)


@procedure("settings.getTraefikPorts")
def ports(ctx: Context, data: Row) -> list[Row]:
    _container(ctx, data)
    return [dict(port) for port in ctx.store.traefik_ports]


@procedure("settings.haveTraefikDashboardPortEnabled")
def has_dashboard(ctx: Context, data: Row) -> bool:
    _container(ctx, data)
    return any(port["targetPort"] == 8080 for port in ctx.store.traefik_ports)


@procedure("settings.updateTraefikPorts")
def update_ports(ctx: Context, data: Row) -> bool:
    _container(ctx, data)
    # Traefik's own are looked for as those of the host (source).
    own = {port["publishedPort"] for port in ctx.store.traefik_ports}
    for port in data["additionalPorts"]:
        taken = "a host-level service" if port["publishedPort"] in own else None
        user = host_ports.user_of(ctx.instance.docker, port["publishedPort"]) or taken
        if user:
            raise bad_request(f"Port {port['targetPort']} is already in use by {user}")
    return _recreate(ctx, ctx.store.traefik_environment, data["additionalPorts"])


@procedure("settings.toggleDashboard")
def toggle_dashboard(ctx: Context, data: Row) -> bool:
    _container(ctx, data)
    others = [port for port in ctx.store.traefik_ports if port["targetPort"] != 8080]
    if not data.get("enableDashboard"):
        return _recreate(ctx, ctx.store.traefik_environment, others)
    user = host_ports.user_of(ctx.instance.docker, 8080)
    if user:
        advice = "Please stop the conflicting service or use a different port for the Traefik dashboard."
        raise ProcedureError("CONFLICT", f"Port 8080 is already in use by {user}. {advice}")
    return _recreate(ctx, ctx.store.traefik_environment, [*others, web_server.DASHBOARD])
