# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Docker as far as Dokploy shows it: swarm services with their tasks; how they look is in ``docker_views``."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

from ...api.errors import not_found
from ...store.store import Row, Store
from ...store.volumes import Volume
from ..build_outcomes import BuildOutcomes
from ..config import Config
from . import single_runs
from .compose_containers import Projects
from .docker_networks import Networks
from .docker_services import Service, State, Task, exits, has_health_check, last_words, volume_names
from .images import Images
from .service_spec import DockerError, service_spec

NO_PORT = '"no suitable node (host-mode port already in use on 1 node)"'
FAILURE = '"task: non-zero exit (1)"'
HISTORY = 4
"""Old tasks that swarm keeps of a slot beside the newest."""
MONITORED = 5_000_000_000
"""Nanoseconds for which Docker watches a new task for a failure when the update does not say."""


class Docker:
    def __init__(self, config: Config, store: Store, build_outcomes: BuildOutcomes) -> None:
        self.config, self.store, self.build_outcomes = config, store, build_outcomes
        self.services: dict[str, Service] = {}
        # What containers do that run once, and those of databases when they are told to end; ``World`` knows.
        self.run_command: single_runs.Run = lambda _task: ("", 0)
        self.ending: Callable[[Task], None] = lambda _task: None
        self.networks, self.images = Networks(), Images(store, build_outcomes)
        # Server -> those of its own Docker.
        self.remote_networks: dict[str, Networks] = {}
        self.projects = Projects(config, store, self.images, self.services)
        # Removed services, whose containers have until then to end.
        self._leaving: list[tuple[float, Service, Task]] = []

    def deploy(self, app: Row) -> None:
        """Create or update the service of an application (everything joined), as a build's end, a reload and a
        rollback do. Raises ``DockerError`` when Docker refuses it; then nothing has changed."""
        self.apply(service_spec(self.store, app), self.build_outcomes.rule(app).get("crash_after"))

    def apply(self, spec: Row, crash_after: float | None = None, force: bool = True) -> None:
        """Create or update a service. ``force``: its tasks are replaced although nothing changes for them."""
        task, name = spec["TaskTemplate"], spec["Name"]
        task["Networks"] = self.networks.resolve(task["Networks"])
        mode = next(iter(spec["Mode"]))
        service = self.services.get(name)
        if service is not None and mode not in service.spec["Mode"]:
            # The update is refused, and so is the attempt to create what is there already.
            raise DockerError(
                "(HTTP code 409) unexpected - rpc error: code = AlreadyExists desc = name conflicts with an existing "
                f"object: service {service.name} already exists "
            )
        before = None
        if service is None:
            service = self.services[name] = Service(name, spec, 0)
            task["ForceUpdate"] = 0
        else:
            service.previous = service.state()
            before = service.previous if self._may_go_back(service, spec) else None
            task["ForceUpdate"] = service.spec["TaskTemplate"].get("ForceUpdate", 0) + int(force)
            service.updates += 1
        same = not force and service.spec == spec and service.running()
        service.spec = spec
        service.replicas = 1 if service.is_global else spec["Mode"].get("Replicated", {}).get("Replicas", 1)
        service.crashing, service.crash_after = exits(task), crash_after
        if same:
            return
        if before is not None and (service.crashing or self._rejected(service)):
            self._take_back(service, before)
            return
        self._retire(service)
        # What had a slot that there is no more is forgotten.
        service.tasks = [task for task in service.tasks if task.slot <= service.replicas or task.ends_at is not None]
        for task in service.tasks:
            if task.slot > service.replicas:
                task.desired = "remove"
        self._start(service, before)
        runs_once = single_runs.command_of(spec["TaskTemplate"]) is not None
        if runs_once and service.previous is not None and self._wants_back(spec):
            # The end of a command counts as a failure of the update, and what Docker goes back to runs it again.
            self._start(service)

    def _wants_back(self, spec: dict[str, Any]) -> bool:
        return self.config.rolls_back and spec["UpdateConfig"].get("FailureAction") == "rollback"

    def _may_go_back(self, service: Service, spec: dict[str, Any]) -> bool:
        """Whether Docker takes this update back when it fails. There is something to go back to when tasks run, or
        when the service was stopped, or crashes again and again: then that is what it goes back to (measured)."""
        there = bool(service.running()) or service.crashing or service.replicas == 0
        return self._wants_back(spec) and there

    def _take_back(self, service: Service, before: State) -> None:
        """An update has failed at once: Docker goes back to what the service was.

        As many slots as the update takes at a time were reached. Their containers came up before they failed, so the
        old ones have ended, and new ones of the old kind take their place (measured). A container that cannot even be
        made ends nothing where the new one starts first. All other slots keep what they have."""
        update, template, rejected = service.spec["UpdateConfig"], service.spec["TaskTemplate"], self._rejected(service)
        # From nothing all slots are started together.
        reached = (update.get("Parallelism") or service.replicas) if before.replicas else service.replicas
        kept = rejected and update.get("Order") == "start-first"
        failed = ("Rejected", f'"No such image: {service.image}"') if rejected else ("Failed", FAILURE)
        at = time.monotonic() + self.config.linger_seconds
        slots = range(1, min(reached, service.replicas) + 1)
        old = {task.slot: task for task in service.running()}
        for slot in slots:
            task = Task(slot, "shutdown", failed[0], template, failed[1])
            service.tasks.append(task)
            for line in [] if rejected else last_words(template) or []:
                service.say(line, task)
            if slot in old and not kept:
                old[slot].end("shutdown", at)
                self._run(service, slot, before.spec)
        self._restore(service, before)

    def _restore(self, service: Service, before: State) -> None:
        service.spec, service.replicas = before.spec, before.replicas
        service.crashing, service.crash_after = before.crashing, before.crash_after
        service.updates += 1
        for slot in {task.slot for task in service.tasks}:
            self._forget(service, slot)
        if service.crashing:
            service.tasks = [task for task in service.tasks if task.desired != "ready"]
            self._start(service)
        self._await_crash(service, None)

    def _await_crash(self, service: Service, before: State | None) -> None:
        """Let the containers that run now begin to exit when their time has come, unless something else comes first."""
        if service.crash_after is None or service.crashing or not service.running():
            return
        number = service.updates

        def exit_now() -> None:
            if self.services.get(service.name) is not service or service.updates != number or service.crashing:
                return
            monitor = service.spec["UpdateConfig"].get("Monitor") or MONITORED
            if before is not None and (service.crash_after or 0) <= monitor / 1e9:
                self._go_back(service, before)
            else:
                self._loop(service)

        asyncio.get_running_loop().call_later(service.crash_after, exit_now)

    def _go_back(self, service: Service, before: State) -> None:
        """The containers have failed when all slots had been updated, and all of them go back."""
        self._fail(service)
        for slot in range(1, before.replicas + 1):
            self._run(service, slot, before.spec)
        self._restore(service, before)

    def take_back(self, name: str) -> None:
        """The new containers fail while Docker watches them, and it goes back to the service of before the update."""
        service = self.services.get(name)
        if service is None or service.previous is None:
            raise not_found(f"no updated service {name}")
        self._go_back(service, service.previous)

    def run(
        self, name: str, spec: Row, replicas: int, crashing: bool = False, crash_after: float | None = None
    ) -> Service:
        """Create a service of that spec, or update it, without a way back."""
        service = self.services.setdefault(name, Service(name, spec, 0))
        service.spec, service.replicas, service.crashing = spec, replicas, crashing
        service.crash_after = crash_after
        service.updates += 1
        self._retire(service)
        self._start(service)
        return service

    def _retire(self, service: Service, desired: str = "shutdown") -> None:
        """The tasks of before end; those of a slot that there is no more are forgotten when they have."""
        at = time.monotonic() + self.config.linger_seconds
        for task in service.alive():
            if task.desired in ("running", "ready"):
                self.ending(task)
                task.end(desired, at)

    def _rejected(self, service: Service) -> bool:
        """Whether a node cannot get the image. Those that are built for a service bear its name."""
        image = service.image
        there = image.startswith(service.name) or self.build_outcomes.image_exists(image)
        return not there and not self._pushed(image)

    def _run(self, service: Service, slot: int, spec: dict[str, Any]) -> None:
        image = self.images.of(str(spec["TaskTemplate"]["ContainerSpec"].get("Image", "")))
        task = Task(slot, "running", "Running", spec["TaskTemplate"], image=image)
        seconds = self.config.healthy_seconds
        if seconds > 0 and has_health_check(task.spec):
            task.actual, task.healthy_at = "Starting", time.monotonic() + seconds
        service.tasks.append(task)
        if single_runs.command_of(task.spec) is None:
            service.say(f"{service.name} is listening", task)
        else:
            single_runs.begin(service, task, self.run_command)

    @staticmethod
    def _forget(service: Service, slot: int) -> None:
        old = [task for task in service.tasks if task.slot == slot and task.desired != "running"][:-HISTORY]
        service.tasks = [task for task in service.tasks if task not in old]

    def _start(self, service: Service, before: State | None = None) -> None:
        image, spec, rejected = service.image, service.spec["TaskTemplate"], self._rejected(service)
        taken = service.host_ports() & self._taken(service)
        for volume in volume_names(spec) if service.replicas and not rejected and not taken else ():
            self.store.volumes.setdefault(volume, Volume())
        for slot in range(1, service.replicas + 1):
            self._forget(service, slot)
            if taken:
                service.tasks.append(Task(slot, "running", "Pending", spec, NO_PORT))
            elif service.crashing:
                for _unused in range(2):
                    task = Task(slot, "shutdown", "Failed", spec, FAILURE)
                    service.tasks.append(task)
                    for line in last_words(spec) or []:
                        service.say(line, task)
                service.tasks.append(Task(slot, "ready", "Ready", spec))
            elif rejected:
                service.tasks.append(Task(slot, "shutdown", "Rejected", spec, f'"No such image: {image}"'))
            else:
                self._run(service, slot, service.spec)
        self._await_crash(service, before)

    def _taken(self, service: Service) -> set[int]:
        """The ports of the node that containers of others have."""
        others = [other.host_ports() for other in self.services.values() if other is not service and other.running()]
        return set().union(
            *others, *(item.ports for item in self.projects.containers.values() if item.state == "running")
        )

    def _pushed(self, image: str) -> bool:
        """Whether a build has put the image into a registry of ours."""
        return any(row["registryUrl"] and image.startswith(row["registryUrl"]) for row in self.store.registries)

    def scale(self, name: str, replicas: int) -> str | None:
        """``docker service scale``; what it says when it refuses, None when it does it."""
        service = self.services.get(name)
        if service is None:
            return f"{name}: Error response from daemon: service {name} not found"
        if service.is_global:
            return f"{name}: scale can only be used with replicated or replicated-job mode"
        # Of a crash loop there is always a task on its way.
        settled = not service.crashing and len(service.running()) == replicas
        service.replicas = replicas
        service.spec = {**service.spec, "Mode": {"Replicated": {"Replicas": replicas}}}
        if settled:
            return None
        service.updates += 1
        self._retire(service, "remove")
        self._start(service)
        return None

    def crash(self, name: str) -> None:
        service = self.services.get(name)
        if service is None:
            raise not_found(f"no service {name}")
        self._loop(service)

    def _loop(self, service: Service) -> None:
        """The containers exit, and those after them again and again."""
        service.crashing = True
        self._fail(service)
        self._start(service)

    @staticmethod
    def _fail(service: Service) -> None:
        for task in service.alive():
            if task.desired == "running":
                task.end("shutdown", time.monotonic())
                task.actual, task.ends_at, task.error = "Failed", None, FAILURE

    def remove(self, name: str) -> None:
        """The service goes at once, its containers in their time."""
        service = self.services.pop(name, None)
        if service is not None:
            until = time.monotonic() + self.config.linger_seconds
            ending = [task for task in service.alive() if task.actual in ("Starting", "Running")]
            for task in ending:
                self.ending(task)
            self._leaving += [(task.ends_at or until, service, task) for task in ending]

    def leaving(self) -> list[tuple[Service, Task]]:
        """Removed services and their tasks whose containers are still there."""
        self._leaving = [entry for entry in self._leaving if entry[0] > time.monotonic()]
        return [(service, task) for _until, service, task in self._leaving]

    def leave(self) -> None:
        """The containers of removed services end now."""
        self._leaving.clear()

    def remove_slowly(self, service: Service) -> None:
        """Its tasks are listed, under its id, as long as their containers live on."""
        self.services.pop(service.name, None)
        seconds = self.config.linger_seconds
        if seconds > 0:
            self._retire(service, "remove")
            service.name = service.id
            self.services[service.id] = service
            asyncio.get_running_loop().call_later(seconds, self.remove, service.id)

    def networks_of(self, server_id: str | None) -> Networks:
        """Those of a server; of a server without a key, and without a server, those of Dokploy's own host."""
        row = self.store.servers.get(server_id or "")
        if row is None or row["sshKeyId"] is None:
            return self.networks
        return self.remote_networks.setdefault(row["serverId"], Networks())

    def remove_network(self, name: str) -> None:
        """Raises the daemon's refusal while a service runs in it."""
        row = self.networks.rows.get(name)
        for service in self.services.values():
            entries = service.spec["TaskTemplate"]["Networks"]
            if row is not None and any(entry["Target"] == row["id"] for entry in entries):
                self.networks.remove(name, service.id)
        self.networks.remove(name, None)

    def said_by(self, task_id: str) -> list[str] | None:
        """The log of one task; None: there is no such task any more."""
        for service in self.services.values():
            if any(task.id == task_id for task in service.tasks):
                return [line for _moment, line, task in service.logs if task == task_id]
        return None

    def said_in(self, wanted: str, seconds: float) -> list[str] | None:
        """What the container of a task has said since, by its id or name; None without such a container."""
        begin = time.monotonic() - seconds
        for service in self.services.values():
            for task in service.tasks:
                if task.container.startswith(wanted) or wanted.endswith(f".{task.id}"):
                    return [line for moment, line, said in service.logs if said == task.id and moment >= begin]
        return None

    def running_container(self, name: str) -> str | None:
        """The id of a running container of exactly this service."""
        service = self.services.get(name)
        return next((task.container for task in service.running()), None) if service else None

    def as_dict(self) -> Row:
        """Every service there is, orphans included: ``{name: {"replicas", "running", "image"}}``."""
        return {
            name: {"replicas": service.replicas, "running": service.healthy(), "image": service.image}
            for name, service in self.services.items()
        }
