# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Services of a swarm and their tasks."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from typing import Any

from ...store.randomness import RANDOM
from ...store.store import now, task_id

EXITING = ("false", "exit 1", "sh -c false")


def how_long(seconds: float) -> str:
    """Docker's way to say it."""
    whole = int(seconds)
    if whole < 1:
        return "less than a second"
    if whole < 60:
        return f"{whole} second{'s' if whole > 1 else ''}"
    return "about a minute" if whole < 120 else f"{whole // 60} minutes"


def exits(template: dict[str, Any]) -> bool:
    """Whether a container of this kind exits as soon as it runs, again and again."""
    if (template.get("RestartPolicy") or {}).get("Condition") == "none":
        return False
    container = template["ContainerSpec"]
    command = container.get("Command") or []
    if command == ["/bin/sh"]:
        return (container.get("Args") or [""])[-1] in EXITING
    return " ".join(command) in EXITING or last_words(template) is not None


def last_words(template: dict[str, Any]) -> list[str] | None:
    """What ``sh -c "echo WORDS; exit 1"`` logs before it exits; None for a container that is another."""
    container = template["ContainerSpec"]
    script = (container.get("Args") or [""])[-1]
    if container.get("Command") != ["sh"] or not script.endswith("exit 1"):
        return None
    return re.findall(r"echo ([^;]+);", script)


def has_health_check(template: dict[str, Any]) -> bool:
    test = (template["ContainerSpec"].get("Healthcheck") or {}).get("Test") or []
    return bool(test) and test != ["NONE"]


def volume_names(template: dict[str, Any]) -> list[str]:
    return [mount["Source"] for mount in template["ContainerSpec"].get("Mounts", ()) if mount["Type"] == "volume"]


@dataclass
class Task:
    slot: int
    desired: str
    actual: str
    spec: dict[str, Any]
    error: str = ""
    id: str = field(default_factory=task_id)
    container: str = field(default_factory=lambda: "".join(RANDOM.choices("0123456789abcdef", k=64)))
    since: float = field(default_factory=time.monotonic)
    created: str = field(default_factory=now)
    ends_at: float | None = None
    healthy_at: float | None = None
    """Until then its health check has not passed."""
    image: str = ""
    """The ID of the image that its container runs; empty without one."""
    login: dict[str, Any] | None = None
    """What a database's engine takes that has its data in the container."""
    keys: list[str] | None = None
    """The keys in the memory of a Redis, once it has read its volume."""

    def end(self, desired: str, at: float) -> None:
        """Its desired state changes now; until ``at`` the container lives on."""
        self.desired, self.ends_at = desired, at
        self.since = time.monotonic()


@dataclass(frozen=True)
class State:
    """What a service was before an update, and is again when Docker takes the update back."""

    spec: dict[str, Any]
    replicas: int
    crashing: bool
    crash_after: float | None


@dataclass
class Service:
    name: str
    spec: dict[str, Any]
    replicas: int
    id: str = field(default_factory=task_id)
    node: str = field(default_factory=task_id)
    created: str = field(default_factory=now)
    updates: int = 0
    crashing: bool = False
    crash_after: float | None = None
    previous: State | None = None
    logs: list[tuple[float, str, str]] = field(default_factory=list)
    """When which line was said, and by the container of which task."""
    tasks: list[Task] = field(default_factory=list)

    @property
    def is_global(self) -> bool:
        return "Global" in self.spec["Mode"] or "GlobalJob" in self.spec["Mode"]

    @property
    def image(self) -> str:
        return str(self.spec["TaskTemplate"]["ContainerSpec"].get("Image", ""))

    def host_ports(self) -> set[int]:
        """Published ports that each task takes on its node."""
        ports = self.spec.get("EndpointSpec", {}).get("Ports") or ()
        return {port["PublishedPort"] for port in ports if port.get("PublishMode") == "host" and port["PublishedPort"]}

    def alive(self) -> list[Task]:
        """Tasks that Docker still lists, after what time has done to them."""
        moment, kept = time.monotonic(), []
        for task in self.tasks:
            if task.ends_at is not None and task.ends_at <= moment:
                if task.desired == "remove":
                    continue
                task.actual, task.ends_at = "Shutdown", None
            if task.actual == "Starting" and task.healthy_at is not None and task.healthy_at <= moment:
                task.actual, task.since = "Running", task.healthy_at
            kept.append(task)
        self.tasks = kept
        return kept

    def say(self, text: str, task: Task | None = None) -> None:
        """A line in the log of a container, with the time before it as Dokploy asks for it."""
        task = task or next(iter(reversed(self.running())), None) or self.tasks[-1]
        self.logs.append((time.monotonic(), f"{now()} {text}", task.id))

    def said_since(self, seconds: float) -> list[str]:
        """What the newest container that runs has said, which is the one that Dokploy asks; without one, what all have
        said that ran before."""
        begin, asked = time.monotonic() - seconds, {task.id for task in self.running()[-1:] or self._ended()}
        return [line for moment, line, task in self.logs if task in asked and moment >= begin]

    def _ended(self) -> list[Task]:
        """The tasks whose log is there although nothing runs; that of a container which crashes is not (measured)."""
        return [] if self.crashing else self.tasks

    def running(self) -> list[Task]:
        """Tasks whose container runs, healthy or not yet."""
        return [task for task in self.alive() if task.desired == "running" and task.actual in ("Starting", "Running")]

    def healthy(self) -> int:
        """How many tasks Docker shows as running."""
        return sum(task.actual == "Running" for task in self.running())

    def state(self) -> State:
        return State(self.spec, self.replicas, self.crashing, self.crash_after)

    def converges(self) -> bool:
        """Whether ``docker service scale`` comes back: all tasks run, or none is wanted."""
        return len(self.running()) >= self.replicas
