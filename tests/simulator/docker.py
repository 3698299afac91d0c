# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Docker as far as Dokploy shows it: swarm services with their tasks and containers."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .errors import bad_request, not_found
from .store import LOWER, Row, long_id, now

if TYPE_CHECKING:
    from .server import Server

RESERVED_NETWORKS = ("bridge", "host", "none", "ingress", "docker_gwbridge", "dokploy-network")
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
    networks: list[Row] = field(default_factory=list)
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
        self.networks: dict[str, Row] = {}
        for name in RESERVED_NETWORKS:
            self.networks[name] = self.network({"name": name, "driver": "bridge"})

    # --- networks --------------------------------------------------------------------------------------------------

    @staticmethod
    def network(values: Row) -> Row:
        """A network of Docker's, by the names of Dokploy's columns."""
        columns = ("name", "driver", "internal", "attachable", "enableIPv4", "enableIPv6", "mtu", "ipam")
        row = {"internal": False, "attachable": False, "enableIPv4": True, "enableIPv6": False, "mtu": None, "ipam": {}}
        given = {name: values[name] for name in columns if name in values}
        return {**row, **given, "id": task_id(), "created": now()}

    def create_network(self, values: Row) -> None:
        name = values["name"]
        if name in self.networks:
            raise bad_request(f"(HTTP code 409) unexpected - network with name {name} already exists ")
        self.networks[name] = self.network(values)

    def remove_network(self, name: str) -> None:
        """One that is not there is removed already; one that a service runs in is refused."""
        for service in self.services.values():
            if any(entry["Target"] == name for entry in service.networks):
                raise bad_request(
                    "(HTTP code 400) unexpected - rpc error: code = FailedPrecondition desc = network "
                    f"{self.networks[name]['id']} is in use by service {service.id} "
                )
        self.networks.pop(name, None)

    def inspect_network(self, name: str) -> Row:
        """``docker network inspect``. Raises the daemon's 404 in a 400."""
        row = self.networks.get(name)
        if row is None:
            raise bad_request(f"(HTTP code 404) no such network - network {name} not found ")
        names = (("subnet", "Subnet"), ("gateway", "Gateway"), ("ipRange", "IPRange"))
        entries = (row["ipam"] or {}).get("config") or ()
        return {
            "Name": name,
            "Id": row["id"],
            "Created": row["created"],
            "Scope": "swarm" if row["driver"] == "overlay" else "local",
            "Driver": row["driver"],
            "EnableIPv6": row["enableIPv6"],
            "IPAM": {
                "Driver": (row["ipam"] or {}).get("driver") or "default",
                "Options": None,
                "Config": [{theirs: entry[ours] for ours, theirs in names if entry.get(ours)} for entry in entries],
            },
            "Internal": row["internal"],
            "Attachable": row["attachable"],
            "Ingress": False,
            "ConfigFrom": {"Network": ""},
            "ConfigOnly": False,
            "Containers": None,
            "Options": {"com.docker.network.driver.mtu": str(row["mtu"])} if row["mtu"] else None,
            "Labels": None,
        }

    # --- services --------------------------------------------------------------------------------------------------

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

    def inspect(self, container_id: str) -> Row | None:
        for service in self.services.values():
            for task in service.alive():
                if container_id == task.id or task.container.startswith(container_id):
                    return self._inspect(service, task)
        return None

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

    def running_container(self, name: str) -> str | None:
        """The id of a running container of exactly this service."""
        service = self.services.get(name)
        tasks = service.alive() if service else []
        return next((task.container for task in tasks if (task.desired, task.actual) == ("running", "Running")), None)

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
