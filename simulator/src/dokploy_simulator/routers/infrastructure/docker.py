# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""router docker: the tasks and containers of a service."""

from __future__ import annotations

from ...api.errors import internal
from ...store.store import Row
from ...world.docker import compose_containers, compose_stack, docker_views, volume_data
from ..procedures import UNDEFINED, Context, procedure


@procedure("docker.getServiceContainersByAppName")
def service_containers(ctx: Context, data: Row) -> list[Row]:
    return docker_views.task_rows(ctx.instance.docker, data["appName"])


@procedure("docker.getContainers")
def all_containers(ctx: Context, data: Row) -> list[Row]:
    """All containers but those of Dokploy itself, with their published ports."""
    docker, rows = ctx.instance.docker, []
    for service in docker.services.values():
        ports = ", ".join(f"0.0.0.0:{port}->{port}/tcp" for port in sorted(service.host_ports()))
        for row in docker_views.container_rows(docker, service.name):
            if row["name"].partition(".")[0] == service.name:
                rows.append({**row, "image": service.image, "ports": ports if row["state"] == "running" else ""})
    for item in docker.projects.containers.values():
        ports = ", ".join(f"0.0.0.0:{port}->{port}/tcp" for port in item.ports)
        rows.append({**compose_containers.row(item), "ports": ports if item.state == "running" else ""})
    return [row for row in rows if "dokploy" not in row["name"]]


@procedure("docker.getContainersByAppNameMatch")
def containers(ctx: Context, data: Row) -> list[Row]:
    """Of a project or a stack, or those whose name begins with the name."""
    docker, name = ctx.instance.docker, data["appName"]
    if data.get("appType") == "stack":
        return compose_stack.container_rows(docker, name)
    if data.get("appType") == "docker-compose":
        return [compose_containers.row(item) for item in docker.projects.of(name)]
    return _all_containers(ctx, name)


def _all_containers(ctx: Context, name: str) -> list[Row]:
    docker = ctx.instance.docker
    others = [item for item in docker.projects.containers.values() if item.name.startswith(name)]
    return docker_views.container_rows(docker, name) + [compose_containers.row(item) for item in others]


@procedure("docker.getStackContainersByAppName")
def stack_containers(ctx: Context, data: Row) -> list[Row]:
    return compose_stack.task_rows(ctx.instance.docker, data["appName"])


@procedure("docker.stopContainer")
def stop_container(ctx: Context, data: Row) -> object:
    item = ctx.instance.docker.projects.find(data["containerId"])
    if item is None:
        words = f"Error response from daemon: No such container: {data['containerId']}"
        raise internal(
            f"Command execution failed: Command failed: docker container stop {data['containerId']}\n{words}\n"
        )
    item.become("exited")
    return UNDEFINED


@procedure("docker.removeContainer")
def remove_container(ctx: Context, data: Row) -> object:
    """``docker rm -f``, of a container that has exited: it leaves its volumes."""
    docker, wanted = ctx.instance.docker, data["containerId"]
    container = docker.projects.find(wanted)
    tasks = [task for service in docker.services.values() for task in service.alive()]
    task = next((task for task in tasks if task.container and task.container.startswith(wanted)), None)
    if container is not None:
        docker.projects.containers.pop(container.id)
    elif task is not None:
        task.container = ""
    else:
        raise internal(f"Error response from daemon: No such container: {wanted}\n")
    return UNDEFINED


@procedure("docker.getContainersByAppLabel")
def labelled_containers(ctx: Context, data: Row) -> list[Row]:
    """Running containers only; ``standalone`` looks for a part of the name, ``swarm`` for the whole one."""
    exact = data["type"] == "swarm"
    return [
        {name: row[name] for name in ("containerId", "name", "state")}
        for row in _all_containers(ctx, data["appName"])
        if row["state"] == "running" and (not exact or row["name"].split(".")[0] == data["appName"])
    ]


@procedure("docker.getConfig")
def config(ctx: Context, data: Row) -> object:
    """``docker inspect``; an empty 200 when there is no such thing."""
    docker, wanted = ctx.instance.docker, data["containerId"]
    if wanted == "dokploy-traefik" and not data.get("serverId"):
        return _traefik(ctx)
    container = docker.projects.find(wanted)
    inspected = compose_containers.inspected(container) if container else docker_views.inspect(docker, wanted)
    if inspected is None:
        networks = docker.networks_of(data.get("serverId"))
        name = next((row["name"] for row in networks.rows.values() if wanted in (row["name"], row["id"])), None)
        inspected = None if name is None else networks.inspect(name)
    if inspected is None and wanted in ctx.store.volumes:
        inspected = volume_data.inspected(wanted)
    return UNDEFINED if inspected is None else inspected


def _traefik(ctx: Context) -> Row:
    """Dokploy's installer publishes these ports, and ``settings.updateTraefikPorts`` the others."""
    bindings = {port: [{"HostIp": "", "HostPort": port.partition("/")[0]}] for port in ("443/tcp", "443/udp", "80/tcp")}
    runs = ctx.store.traefik_runs
    for port in ctx.store.traefik_ports:
        inner = f"{port['targetPort']}/{port['protocol']}"
        bindings[inner] = [{"HostIp": "", "HostPort": str(port["publishedPort"])}]
    return {
        "Name": "/dokploy-traefik",
        "State": {"Status": "running" if runs else "created", "Running": runs},
        "HostConfig": {"PortBindings": bindings},
        "NetworkSettings": {"Ports": bindings},
    }


@procedure("cluster.getNodes")
def nodes(ctx: Context, data: Row) -> list[Row]:
    """The swarm of Dokploy's host, or that of a server; a server without a key has that of Dokploy's host."""
    row = ctx.store.servers.get(data.get("serverId") or "")
    if row is not None and row["sshKeyId"]:
        ctx.instance.ssh_hosts.checked(row, "bad_request")
    return [
        {
            "Spec": {"Labels": {}, "Role": "manager", "Availability": "active"},
            "Status": {"State": "ready", "Addr": "127.0.0.1"},
        }
    ]
