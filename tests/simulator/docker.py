# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Docker as far as Dokploy shows it: swarm services with their tasks and containers."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .errors import not_found
from .store import LOWER, Row, long_id, now

if TYPE_CHECKING:
    from .server import Server

EXITING = ("false", "exit 1", "sh -c false")
FAILURE = '"task: non-zero exit (1)"'


def ago(seconds: float) -> str:
    """Docker's way to say how long ago something was."""
    whole = int(seconds)
    if whole < 1:
        return "less than a second ago"
    if whole < 60:
        return f"{whole} second{'s' if whole > 1 else ''} ago"
    return "about a minute ago" if whole < 120 else f"{whole // 60} minutes ago"


def task_id() -> str:
    return "".join(random.choices(LOWER, k=25))


@dataclass
class Task:
    slot: int
    desired: str
    actual: str
    spec: dict[str, Any]
    error: str = ""
    id: str = field(default_factory=task_id)
    container: str = field(default_factory=lambda: "".join(random.choices("0123456789abcdef", k=64)))
    since: float = field(default_factory=time.monotonic)
    created: str = field(default_factory=now)
    gone_at: float | None = None

    def turn(self, desired: str, actual: str | None = None) -> None:
        self.desired, self.actual = desired, actual or self.actual
        self.since = time.monotonic()


@dataclass
class Service:
    name: str
    spec: dict[str, Any]
    replicas: int
    id: str = field(default_factory=task_id)
    crashing: bool = False
    tasks: list[Task] = field(default_factory=list)

    def alive(self) -> list[Task]:
        """Tasks that Docker still lists: those of a scaled down slot linger for a while."""
        moment = time.monotonic()
        self.tasks = [task for task in self.tasks if task.gone_at is None or task.gone_at > moment]
        return self.tasks


class Docker:
    def __init__(self, server: Server) -> None:
        self.server = server
        self.services: dict[str, Service] = {}

    @staticmethod
    def spec_of(row: Row) -> tuple[dict[str, Any], int]:
        """What Dokploy makes of a row: the container's spec and the number of replicas."""
        image = row["dockerImage"] if row["sourceType"] == "docker" else f"{row['appName']}:latest"
        spec: dict[str, Any] = {"Image": image, "Labels": row["labelsSwarm"] or {}}
        if row["env"]:
            spec["Env"] = [line for line in row["env"].splitlines() if "=" in line and not line.startswith("#")]
        if row["command"]:
            spec["Command"] = row["command"].split(" ")
        if row["args"]:
            spec["Args"] = row["args"]
        mode = row["modeSwarm"] or {}
        replicas = mode.get("Replicated", {}).get("Replicas", row["replicas"])
        return spec, 1 if "Global" in mode else replicas

    def deploy(self, row: Row) -> None:
        """Create or update the service of an application from its row, as a build's end and a reload do."""
        spec, replicas = self.spec_of(row)
        service = self.services.get(row["appName"])
        if service is None:
            service = self.services[row["appName"]] = Service(row["appName"], spec, replicas)
        service.spec, service.replicas = spec, replicas
        service.crashing = row["command"] in EXITING
        for task in service.alive():
            if task.desired in ("running", "ready"):
                task.turn("shutdown")
        self._start(service)

    def deploy_stack(self, row: Row) -> None:
        """A compose or a database, as one service without further detail."""
        name = row["appName"]
        self.services[name] = Service(name, {"Image": row.get("dockerImage") or name, "Labels": {}}, 1)
        self._start(self.services[name])

    def _start(self, service: Service) -> None:
        image = service.spec["Image"]
        rejected = "/" in image and not self.server.world.image_exists(image)
        for slot in range(1, service.replicas + 1):
            if service.crashing:
                for _unused in range(2):
                    service.tasks.append(Task(slot, "shutdown", "Failed", service.spec, FAILURE))
                service.tasks.append(Task(slot, "ready", "Ready", service.spec))
            elif rejected:
                error = f'"No such image: {image}"'
                service.tasks.append(Task(slot, "shutdown", "Rejected", service.spec, error))
            else:
                service.tasks.append(Task(slot, "running", "Running", service.spec))

    def scale(self, name: str, replicas: int) -> bool:
        """``docker service scale``; False when there is no such service."""
        service = self.services.get(name)
        if service is None:
            return False
        service.replicas = replicas
        for task in service.alive():
            if task.desired in ("running", "ready") or replicas == 0:
                task.turn("remove")
                task.gone_at = time.monotonic() + self.server.config.linger_seconds
        self._start(service)
        return True

    def crash(self, name: str) -> None:
        service = self.services.get(name)
        if service is None:
            raise not_found(f"no service {name}")
        service.crashing = True
        for task in service.alive():
            if task.desired == "running":
                task.turn("shutdown", "Failed")
                task.error = FAILURE
        self._start(service)

    def remove(self, name: str) -> None:
        self.services.pop(name, None)

    def task_rows(self, name: str) -> list[Row]:
        """The service's tasks, newest first within a slot."""
        service = self.services.get(name)
        tasks = sorted(service.alive(), key=lambda task: (task.slot, -task.since)) if service else []
        by_slot: dict[int, list[Task]] = {}
        for task in tasks:
            by_slot.setdefault(task.slot, []).insert(0, task)
        ordered = [task for slot in sorted(by_slot) for task in sorted(by_slot[slot], key=self._rank)]
        return [
            {
                "containerId": task.id,
                "name": f"{name}.{task.slot}",
                "state": task.desired,
                "currentState": f"{task.actual} {ago(time.monotonic() - task.since)}",
                "node": "vm",
                "error": task.error,
            }
            for task in ordered
        ]

    @staticmethod
    def _rank(task: Task) -> int:
        return 0 if task.desired in ("running", "ready", "remove") else 1

    def container_rows(self, name: str) -> list[Row]:
        """Containers whose service name contains ``name``."""
        rows = []
        for service in self.services.values():
            for task in service.alive() if name in service.name else ():
                since = ago(time.monotonic() - task.since)
                state, status = {
                    "Running": ("running", f"Up {since.removesuffix(' ago')}"),
                    "Ready": ("created", "Created"),
                }.get(task.actual, ("exited", f"Exited (1) {since}"))
                if task.actual == "Rejected":
                    continue
                full = f"{service.name}.{task.slot}.{task.id}"
                rows.append({"containerId": task.container[:12], "name": full, "state": state, "status": status})
        return rows

    def inspect(self, container_id: str) -> Row:
        for service in self.services.values():
            for task in service.alive():
                if container_id == task.id or task.container.startswith(container_id):
                    return self._inspect(service, task)
        raise not_found(f"(HTTP code 404) no such container - No such container: {container_id} ")

    @staticmethod
    def _inspect(service: Service, task: Task) -> Row:
        return {
            "ID": task.id,
            "Version": {"Index": 1},
            "CreatedAt": task.created,
            "UpdatedAt": task.created,
            "Labels": {},
            "Spec": {
                "ContainerSpec": {**task.spec, "Isolation": "default"},
                "Resources": {"Limits": {}, "Reservations": {}},
                "Placement": {},
                "Networks": [{"Target": "dokploy-network"}],
                "ForceUpdate": 0,
            },
            "ServiceID": service.id,
            "Slot": task.slot,
            "NodeID": long_id().lower()[:25],
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

    def as_dict(self) -> Row:
        """Every service there is, orphans included: ``{name: {"replicas", "running", "image"}}``."""
        return {
            name: {
                "replicas": service.replicas,
                "running": sum(task.actual == "Running" and task.desired == "running" for task in service.alive()),
                "image": service.spec.get("Image"),
            }
            for name, service in self.services.items()
        }
