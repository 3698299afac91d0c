# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Services, tasks and containers as Docker's commands show them."""

from __future__ import annotations

import time

from ...store.store import Row
from .docker import Docker
from .docker_services import Service, Task, how_long


def ago(seconds: float) -> str:
    """How long ago something was."""
    return f"{how_long(seconds)} ago"


def slot_name(service: Service, task: Task) -> str:
    """``app.1``; a global service's task has the node's id instead."""
    return f"{service.name}.{service.node if service.is_global else task.slot}"


def task_rows(docker: Docker, name: str) -> list[Row]:
    """``docker service ps``: the service's tasks, newest first within a slot. ``[]`` without a service."""
    service = docker.services.get(name)
    if service is None:
        return []
    newest_first = list(reversed(service.alive()))
    ordered = sorted(newest_first, key=lambda task: (task.slot, task.desired == "shutdown"))
    return [
        {
            "containerId": task.id,
            "name": slot_name(service, task),
            "state": task.desired,
            "currentState": f"{task.actual} {ago(time.monotonic() - task.since)}",
            "node": "vm",
            "error": task.error,
        }
        for task in ordered
    ]


def container_rows(docker: Docker, name: str) -> list[Row]:
    """``docker ps -a``: containers whose service's name begins with ``name``, also those that outlive their service."""
    listed = [(service, task) for service in docker.services.values() for task in service.alive()]
    rows = []
    for service, task in (*listed, *docker.leaving()):
        since = how_long(time.monotonic() - task.since)
        states = {
            "Running": ("running", f"Up {since}"),
            "Starting": ("running", f"Up {since} (health: starting)"),
            "Ready": ("created", "Created"),
            "Shutdown": ("exited", f"Exited (137) {since} ago"),
            "Failed": ("exited", f"Exited (1) {since} ago"),
            "Complete": ("exited", f"Exited (0) {since} ago"),
        }
        if service.name.startswith(name) and task.container and task.actual in states:
            state, status = states[task.actual]
            full = f"{slot_name(service, task)}.{task.id}"
            rows.append({"containerId": task.container[:12], "name": full, "state": state, "status": status})
    return rows


def inspect(docker: Docker, wanted: str) -> Row | None:
    """``docker inspect`` of a service by its name or id, of a task, a container or an image.

    Of an image and a service of one name, as of an application that Dokploy has built, Docker shows the image (measured
    on 0.30.2)."""
    for service in docker.services.values():
        if wanted == service.name and service.image == f"{wanted}:latest":
            return docker.images.inspect(docker.images.of(service.image))
    for service in docker.services.values():
        if wanted in (service.name, service.id):
            return _service(service)
        for task in service.alive():
            if wanted == task.id:
                return _task(service, task)
            if task.container.startswith(wanted):
                return _container(service, task)
    return docker.images.inspect(wanted)


def _container(service: Service, task: Task) -> Row:
    spec = task.spec["ContainerSpec"]
    state = task.actual.lower()
    return {
        "Id": task.container,
        "Image": task.image,
        "Name": f"/{slot_name(service, task)}.{task.id}",
        "State": {"Status": state, "Running": state == "running", "Restarting": False, "ExitCode": 0},
        "Config": {"Image": spec.get("Image"), "Env": spec.get("Env"), "Labels": spec.get("Labels") or {}},
    }


def _service(service: Service) -> Row:
    template = {**service.spec["TaskTemplate"], "Runtime": "container"}
    return {
        "ID": service.id,
        "Version": {"Index": service.updates + 1},
        "CreatedAt": service.created,
        "UpdatedAt": service.created,
        "Spec": {**service.spec, "TaskTemplate": template},
        "Endpoint": {"Spec": service.spec.get("EndpointSpec", {"Mode": "vip"})},
    }


def _task(service: Service, task: Task) -> Row:
    return {
        "ID": task.id,
        "Version": {"Index": 1},
        "CreatedAt": task.created,
        "UpdatedAt": task.created,
        "Labels": {},
        "Spec": task.spec,
        "ServiceID": service.id,
        "Slot": task.slot,
        "NodeID": service.node,
        "Status": {
            "Timestamp": task.created,
            "State": task.actual.lower(),
            "Message": "started",
            "ContainerStatus": {"ContainerID": task.container, "PID": 5013, "ExitCode": 0},
            "PortStatus": {},
        },
        "DesiredState": task.desired,
        "NetworksAttachments": [],
        "Volumes": None,
    }
