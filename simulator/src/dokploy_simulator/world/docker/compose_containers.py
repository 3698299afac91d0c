# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The containers of ``docker compose`` projects: created, replaced and removed as the file of a project says."""

from __future__ import annotations

import asyncio
import hashlib
import json
import posixpath
import time
from dataclasses import dataclass, field
from typing import Any

from ...store.randomness import RANDOM
from ...store.store import Row, Store, now
from ...store.volumes import Volume
from ..compose import compose_file
from ..compose.compose_file import ComposeError, Service
from ..config import Config
from .docker_services import Service as SwarmService
from .docker_services import how_long
from .images import Images


@dataclass
class Container:
    """``health``: healthy, unhealthy or starting; None without a health check."""

    project: str
    service: str
    name: str
    image: str
    digest: str
    labels: dict[str, str]
    env: dict[str, str]
    volumes: dict[str, str]
    ports: list[int]
    image_id: str = ""
    state: str = "created"
    code: int = 0
    health: str | None = None
    id: str = field(default_factory=lambda: "".join(RANDOM.choices("0123456789abcdef", k=64)))
    since: float = field(default_factory=time.monotonic)
    logs: list[tuple[float, str]] = field(default_factory=list)

    def become(self, state: str, code: int = 0) -> None:
        self.state, self.code, self.since = state, code, time.monotonic()

    def say(self, text: str) -> None:
        self.logs.append((time.monotonic(), f"{now()} {text}"))

    def said_since(self, seconds: float) -> list[str]:
        begin = time.monotonic() - seconds
        return [line for moment, line in self.logs if moment >= begin]


class Projects:
    """``services``: those of the swarm on the same host, whose ports are taken."""

    def __init__(self, config: Config, store: Store, images: Images, services: dict[str, SwarmService]) -> None:
        self.config, self.store, self.images, self.services = config, store, images, services
        self.build_outcomes = images.build_outcomes
        self.containers: dict[str, Container] = {}

    def of(self, project: str, service: str | None = None) -> list[Container]:
        """As ``docker ps -a`` lists them: the newest first."""
        containers = [item for item in self.containers.values() if item.project == project]
        return [item for item in reversed(containers) if service in (None, item.service)]

    def find(self, wanted: str) -> Container | None:
        """By name, or by what an id begins with."""
        return next(
            (item for key, item in self.containers.items() if wanted == item.name or key.startswith(wanted)), None
        )

    def up(self, project: str, file: Row, states: dict[str, str], prune: bool = True) -> list[str]:
        """Create, update and start the containers of a checked file; unchanged ones stay. ``states``: service -> the
        state of its containers. Returns the lines of the log; raises ``ComposeError`` with the message and the lines
        before it."""
        lines: list[str] = []
        services = compose_file.ordered(file["services"])
        self._pull(services, lines)
        kept = {item.name: item for item in self.of(project)}
        if not kept:
            lines += [f" Network {project}_default  Creating", f" Network {project}_default  Created"]
        for name in compose_file.volume_names(project, file):
            if name not in self.store.volumes:
                self.store.volumes[name] = Volume()
                lines += [f' Volume "{name}"  Creating', f' Volume "{name}"  Created']
        made = {name: self._made(project, file, name, item) for name, item in services.items()}
        names = {item.name for items in made.values() for item in items}
        for orphan in [item for item in kept.values() if item.name not in names and (prune or item.service in made)]:
            del self.containers[orphan.id]
            lines += [f" Container {orphan.name}  {verb}" for verb in ("Stopping", "Stopped", "Removing", "Removed")]
        for name, items in made.items():
            made[name] = [self._created(item, kept.get(item.name), lines) for item in items]
        for name, service in services.items():
            for item in made[name]:
                self._start(item, service, states.get(name, "running"), made, lines)
        return lines

    def prepare(self, file: Row) -> list[str]:
        """Pull the images of a checked file, and make no container. Returns the lines of the log; raises
        ``ComposeError``."""
        lines: list[str] = []
        self._pull(file["services"], lines)
        for service in file["services"].values():
            if service.get("image"):
                self.images.of(service["image"])
        return lines

    def _created(self, new: Container, old: Container | None, lines: list[str]) -> Container:
        """The old container when nothing has changed, else the new one in its place."""
        if old is not None and old.digest == new.digest:
            return old
        verbs = ("Creating", "Created") if old is None else ("Recreate", "Recreated")
        lines += [f" Container {new.name}  {verb}" for verb in verbs]
        if old is not None:
            del self.containers[old.id]
        self.containers[new.id] = new
        new.image_id = self.images.of(new.image)
        return new

    def _pull(self, services: dict[str, Service], lines: list[str]) -> None:
        for name, service in services.items():
            image = service.get("image")
            if image and not service.get("build") and not self.build_outcomes.image_exists(image):
                lost = f"manifest for {image} not found: manifest unknown: manifest unknown"
                lines += [f" {name} Pulling ", f" {name} Error {lost}"]
                raise ComposeError(f"Error response from daemon: {lost}", lines)

    @staticmethod
    def _made(project: str, file: Row, name: str, service: Service) -> list[Container]:
        """The containers of a service as they would be: as many as ``scale`` or ``deploy.replicas`` says."""
        digest = hashlib.sha256(json.dumps(service, sort_keys=True, default=str).encode()).hexdigest()
        image = service.get("image") or f"{project}-{name}"
        own = {
            "com.docker.compose.config-hash": digest,
            "com.docker.compose.project": project,
            "com.docker.compose.service": name,
        }
        volumes = {
            target: compose_file.volume_name(project, file, source) if source and source[0] not in "./~$" else source
            for source, target in compose_file.volumes(service)
        }
        labels = {**own, **compose_file.pairs(service.get("labels"))}
        env, ports = compose_file.pairs(service.get("environment")), compose_file.published_ports(service)
        made = []
        for number in range(1, compose_file.replicas(service) + 1):
            own_name = service.get("container_name") or f"{project}-{name}-{number}"
            numbered = {"com.docker.compose.container-number": str(number), **labels}
            made.append(Container(project, name, own_name, image, digest, numbered, env, volumes, ports))
        return made

    def _start(
        self, item: Container, service: Service, state: str, all_: dict[str, list[Container]], lines: list[str]
    ) -> None:
        for other, condition in compose_file.dependencies(service).items():
            for needed in all_[other]:
                if condition == "service_healthy" and (needed.health == "unhealthy" or needed.state != "running"):
                    lines += [f" Container {needed.name}  Waiting", f" Container {needed.name}  Error"]
                    raise ComposeError(f"dependency failed to start: container {needed.name} is unhealthy", lines)
                if condition == "service_completed_successfully" and needed.code:
                    raise ComposeError(f'service "{other}" didn\'t complete successfully: exit {needed.code}', lines)
        if service.get("healthcheck"):
            item.health = "unhealthy" if compose_file.fails_health_check(service) else "healthy"
        if item.state in ("running", "restarting") and state not in ("exited", "restarting"):
            lines.append(f" Container {item.name}  Running")
            item.health = item.health if state == "running" else state
            return
        lines.append(f" Container {item.name}  Starting")
        for port in item.ports:
            if port in self._taken(item):
                raise ComposeError(
                    "Error response from daemon: driver failed programming external connectivity on endpoint "
                    f"{item.name} ({item.id}): Error starting userland proxy: listen tcp4 0.0.0.0:{port}: bind: "
                    "address already in use",
                    lines,
                )
        lines.append(f" Container {item.name}  Started")
        for text in compose_file.said(service) or ([] if service.get("command") else [f"{item.name} is listening"]):
            item.say(text)
        code = compose_file.exit_code(service)
        if state == "running" and code is not None:
            state = "restarting" if compose_file.restarts(service, code) else "exited"
        self._set(item, state, code)

    @staticmethod
    def _set(item: Container, state: str, code: int | None = None) -> None:
        if state in ("unhealthy", "starting"):
            item.health, state = state, "running"
        item.become(state, 0 if state in ("running", "created") else 1 if code is None else code)

    def _taken(self, item: Container) -> set[int]:
        """The ports of the host that others have."""
        taken = set(self.config.host_ports)
        for other in self.containers.values():
            if other is not item and other.state in ("running", "restarting"):
                taken |= set(other.ports)
        for service in self.services.values():
            ports = (service.spec.get("EndpointSpec") or {}).get("Ports") or ()
            taken |= {port["PublishedPort"] for port in ports}
        return taken

    def stop(self, project: str) -> None:
        for item in self.of(project):
            if item.state in ("running", "restarting"):
                item.become("exited", 0)

    def down(self, project: str, volumes: bool) -> None:
        for item in self.of(project):
            del self.containers[item.id]
        if volumes:
            for name in [name for name in self.store.volumes if name.startswith(f"{project}_")]:
                del self.store.volumes[name]

    def crash_later(self, project: str, seconds: float) -> None:
        """Let the containers that run now exit again and again when their time has come."""
        running = [item for item in self.of(project) if item.state == "running"]

        def exit_now() -> None:
            for item in running:
                if item.state == "running" and item.id in self.containers:
                    self._set(item, "restarting")

        asyncio.get_running_loop().call_later(seconds, exit_now)

    def set_state(self, project: str, state: str, service: str | None = None) -> int:
        """Set the state of the containers of a project, or of one of its services. Returns their number."""
        containers = self.of(project, service)
        for item in containers:
            item.health = "healthy" if item.health else None
            self._set(item, state)
        return len(containers)


# --- how they look ---------------------------------------------------------------------------------------------------


def row(item: Container) -> Row:
    """A line of ``docker ps -a``."""
    since = how_long(time.monotonic() - item.since).capitalize()
    health = {None: "", "starting": " (health: starting)"}.get(item.health, f" ({item.health})")
    status = {
        "running": f"Up {since}{health}",
        "exited": f"Exited ({item.code}) {since} ago",
        "restarting": f"Restarting ({item.code}) {since} ago",
        "created": "Created",
    }[item.state]
    return {"containerId": item.id[:12], "name": item.name, "state": item.state, "status": status}


def inspected(item: Container) -> Row:
    running = item.state in ("running", "restarting")
    state = {"Status": item.state, "Running": running, "Restarting": item.state == "restarting"}
    health = {"Health": {"Status": item.health}} if item.health else {}
    env = [f"{name}={value}" for name, value in item.env.items()]
    return {
        "Id": item.id,
        "Image": item.image_id,
        "Name": f"/{item.name}",
        "State": {**state, "ExitCode": item.code, **health},
        "Config": {
            "Image": item.image,
            "Env": [*env, "PATH=/bin:/usr/bin"],
            "Labels": dict(sorted(item.labels.items())),
        },
        "Mounts": mounts(item),
    }


def mounts(item: Container) -> list[dict[str, Any]]:
    """The named volumes, as Docker lists them."""
    return [
        {
            "Type": "volume",
            "Name": name,
            "Source": posixpath.join("/var/lib/docker/volumes", name, "_data"),
            "Destination": target,
            "Driver": "local",
            "Mode": "z",
            "RW": True,
            "Propagation": "",
        }
        for target, name in item.volumes.items()
        if name and name[0] not in "./~$"
    ]
