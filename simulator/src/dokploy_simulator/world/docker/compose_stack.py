# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``docker stack``: the services of a file in the swarm, under the name of their stack."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from ...store.store import Row
from ..compose import compose_file
from ..compose.compose_file import ComposeError
from . import docker_views
from .docker import Docker
from .docker_services import Service
from .docker_views import ago, slot_name

NAMESPACE = "com.docker.stack.namespace"


def services_of(docker: Docker, stack: str) -> list[Service]:
    return [item for item in docker.services.values() if item.spec.get("Labels", {}).get(NAMESPACE) == stack]


def deploy(docker: Docker, row: Row, file: Row) -> list[str]:
    """Create and update the services of a checked file, and remove those that it lacks. Nothing is waited for, so that
    missing images and crashes are no error."""
    stack = row["appName"]
    known = {item.name: item for item in services_of(docker, stack) if item.name.startswith(f"{stack}_")}
    networks, default = docker.networks_of(row["serverId"]), f"{stack}_default"
    lines = [
        "Since --detach=false was not specified, tasks will be created in the background.",
        "In a future release, --detach=false will become the default.",
    ]
    if default in networks.ending:
        # It is there, so that it is not made again, and no service can be in it any more (measured on 0.30.2).
        first = f"{stack}_{next(iter(file['services']))}"
        lines.append(f"Creating service {first}")
        refusal = f"failed to create service {first}: Error response from daemon: network {default} not found"
        raise ComposeError(refusal, lines)
    if default not in networks.rows:
        lines.append(f"Creating network {default}")
        networks.create({"name": default, "driver": "overlay", "labels": {NAMESPACE: stack}})
    rule = docker.build_outcomes.rule(row)
    states = rule.get("services", {})
    for name, service in file["services"].items():
        full = f"{stack}_{name}"
        spec, replicas = _spec(stack, full, file, service)
        spec["TaskTemplate"]["Networks"] = [{"Target": networks.rows[default]["id"]}]
        crashing = states.get(name) in ("restarting", "exited") or compose_file.exit_code(service) is not None
        crashing = crashing or not docker.build_outcomes.image_exists(spec["TaskTemplate"]["ContainerSpec"]["Image"])
        old = known.pop(full, None)
        lines.append(f"{'Creating' if old is None else 'Updating'} service {full}")
        if old is None or old.spec != spec:
            docker.run(full, spec, replicas, crashing, rule.get("crash_after"))
    for name in known:
        docker.remove(name)
        lines.append(f"Removing service {name}")
    return lines


def _spec(stack: str, name: str, file: Row, service: compose_file.Service) -> tuple[Row, int]:
    placement = service.get("deploy") or {}
    mounts = [
        {"Type": "volume", "Source": compose_file.volume_name(stack, file, source), "Target": target}
        for source, target in compose_file.volumes(service)
        if source and source[0] not in "./~$"
    ]
    container: dict[str, Any] = {
        "Image": service["image"] if service.get("image") else "",
        "Labels": {NAMESPACE: stack, **compose_file.pairs(service.get("labels"))},
        "Args": compose_file.command(service),
        "Env": [f"{key}={value}" for key, value in compose_file.pairs(service.get("environment")).items()],
        "Mounts": mounts,
    }
    replicas = compose_file.replicas(service)
    mode: Row = {"Global": {}} if placement.get("mode") == "global" else {"Replicated": {"Replicas": replicas}}
    labels = {NAMESPACE: stack, "com.docker.stack.image": container["Image"]}
    spec = {
        "Name": name,
        "Labels": {**labels, **compose_file.pairs(placement.get("labels"))},
        "TaskTemplate": {"ContainerSpec": container, "Networks": []},
        "Mode": mode,
        "UpdateConfig": {"Parallelism": 1, "FailureAction": "pause", "Order": "stop-first"},
    }
    return spec, 1 if "Global" in mode else replicas


def remove(docker: Docker, row: Row) -> None:
    """``docker stack rm``: the network goes when the last container has ended."""
    stack = row["appName"]
    networks, default = docker.networks_of(row["serverId"]), f"{stack}_default"
    for item in services_of(docker, stack):
        docker.remove_slowly(item)
    if default not in networks.rows:
        return
    if docker.config.linger_seconds <= 0:
        networks.end(default)
        return
    networks.ending.add(default)
    asyncio.get_running_loop().call_later(docker.config.linger_seconds, networks.end, default)


def running_container(docker: Docker, row: Row, service: str | None) -> str | None:
    """The id of a running container of one service of a compose, whatever its type."""
    if row["composeType"] == "stack":
        return docker.running_container(f"{row['appName']}_{service}")
    running = (item for item in docker.projects.of(row["appName"], service or "") if item.state == "running")
    return next((item.id for item in running), None)


def task_rows(docker: Docker, stack: str) -> list[Row]:
    """``docker stack ps``"""
    return [row for item in services_of(docker, stack) for row in docker_views.task_rows(docker, item.name)]


def mounts(docker: Docker, name: str) -> list[Row]:
    """The named volumes of a service."""
    attached = docker.services[name].spec["TaskTemplate"]["ContainerSpec"]["Mounts"]
    return [{"Type": "volume", "Name": item["Source"], "Destination": item["Target"]} for item in attached]


def container_rows(docker: Docker, stack: str) -> list[Row]:
    """The tasks that are wanted, with their containers."""
    rows = []
    for service in services_of(docker, stack):
        for task in service.alive():
            if task.desired == "running":
                state = f"{task.actual} {ago(time.monotonic() - task.since)}"
                rows.append(
                    {
                        "containerId": task.container[:12],
                        "name": f"{slot_name(service, task)}.{task.id}",
                        "node": "vm",
                        "state": task.actual.lower(),
                        "status": f"{state} ({task.error})" if task.error else state,
                    }
                )
    return rows
