# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The engines of databases that run in containers: their logins, and the data that they have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ...store.database_kinds import KINDS, Kind
from ...store.store import Store
from ...store.volumes import Volume
from ..docker import volume_data
from ..docker.compose_stack import NAMESPACE
from ..docker.database_spec import VARIABLES
from ..docker.docker import Docker
from ..docker.docker_services import Service, Task
from . import redis_data


def environment(template: dict[str, Any]) -> dict[str, str]:
    """The variables of a container."""
    return dict(line.partition("=")[::2] for line in template["ContainerSpec"].get("Env") or ())


def from_environment(kind: Kind, template: dict[str, Any]) -> dict[str, Any]:
    """The login that a container's environment gives to an engine that begins with no data."""
    env = environment(template)
    return {column: env.get(name, "") for name, column in VARIABLES[kind.name].items()}


def data_volume(kind: Kind, task: Task) -> str | None:
    """The volume that holds the data; without one it goes with the container."""
    mounts = task.spec["ContainerSpec"].get("Mounts", ())
    volumes = (mount for mount in mounts if mount["Type"] == "volume" and mount["Target"].startswith(kind.data_path))
    return next((mount["Source"] for mount in volumes), None)


def login_of(store: Store, kind: Kind, task: Task) -> dict[str, Any]:
    """The login that the engine in this container takes; the keys are columns. A change of the answer stays."""
    volume = None if kind.name == "redis" else data_volume(kind, task)
    if volume is not None:
        data = store.volumes.setdefault(volume, Volume())
        if data.login is None:
            data.engine, data.login = kind.name, from_environment(kind, task.spec)
        return data.login
    if task.login is None:
        task.login = from_environment(kind, task.spec)
    return task.login


def keys(store: Store, task: Task) -> list[str]:
    """The keys in the memory of a Redis, which reads its volume when it starts."""
    if task.keys is None:
        volume = _volume_of_redis(store, task)
        task.keys = redis_data.stored(volume, task.spec)
        redis_data.store(volume, task.spec, task.keys)
    return task.keys


def add_keys(store: Store, task: Task, more: list[str]) -> None:
    known = keys(store, task)
    known += more
    redis_data.store(_volume_of_redis(store, task), task.spec, known)


def save(store: Store, task: Task) -> None:
    """``SAVE``: a Redis dumps its keys."""
    _volume_of_redis(store, task).files[redis_data.DUMP] = redis_data.packed(keys(store, task))


def end(store: Store, task: Task) -> None:
    """A container is told to end, and its engine writes what it has to write, if it learns of it."""
    if task.keys is not None:
        redis_data.end(_volume_of_redis(store, task), task.spec, task.keys)
        task.keys = None


def _volume_of_redis(store: Store, task: Task) -> Volume:
    volume = data_volume(KINDS["redis"], task)
    return Volume() if volume is None else store.volumes.setdefault(volume, Volume())


@dataclass(frozen=True)
class Engine:
    """An engine that a client reaches.

    ``kind``: that of the database; ``login``: the columns of what it has been initialised with.
    """

    kind: str
    data: Volume
    login: dict[str, Any]
    task: Task


def kind_of(store: Store, service: Service) -> str | None:
    """Which database runs in a service, by the row of it or, in a stack, by its variables or its image."""
    for kind in KINDS.values():
        if any(row["appName"] == service.name for row in store.services[kind.name]):
            return kind.name
    env = environment(service.spec["TaskTemplate"])
    by_variables = (kind for kind, variables in VARIABLES.items() if variables.keys() & env.keys())
    image = service.image.rpartition("/")[2].partition(":")[0]
    return next(by_variables, next((kind for kind in KINDS if kind in image), None))


def reached(docker: Docker, host: str, client: dict[str, Any]) -> Engine | None:
    """The engine that runs under the name of a host: that of a service, or of one in a stack whose network the client
    is in.

    :param client: the template of its task.
    """
    service = docker.services.get(host) or _neighbour(docker, host, client)
    running = service.running() if service else []
    kind = kind_of(docker.store, service) if service else None
    if service is None or kind is None or not running:
        return None
    task = running[-1]
    if kind not in VARIABLES:
        return Engine(kind, Volume(), {}, task)
    volume = data_volume(KINDS[kind], task) or next(iter(_volumes(task)), f"{service.name}-container")
    data = volume_data.written(docker.store, volume)
    login = dict(login_of(docker.store, KINDS[kind], task))
    if kind == "redis":
        login["databasePassword"] = redis_data.password(task.spec)
    return Engine(kind, data, login, task)


def _volumes(task: Task) -> list[str]:
    mounts = task.spec["ContainerSpec"].get("Mounts") or ()
    return [mount["Source"] for mount in mounts if mount["Type"] == "volume"]


def _neighbour(docker: Docker, host: str, client: dict[str, Any]) -> Service | None:
    networks = {entry["Target"] for entry in client.get("Networks") or ()}
    for service in docker.services.values():
        stack = service.spec.get("Labels", {}).get(NAMESPACE)
        own = {entry["Target"] for entry in service.spec["TaskTemplate"].get("Networks") or ()}
        if stack and service.name == f"{stack}_{host}" and own & networks:
            return service
    return None
