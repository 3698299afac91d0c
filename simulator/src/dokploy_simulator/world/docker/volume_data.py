# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Docker's volumes: which containers have one, and the data in it.

What runs on an empty volume writes something into it, so that its data are other ones than those of its neighbours.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ...api.errors import internal
from ...store.store import Row, Store, token
from ...store.volumes import Volume
from .docker import Docker
from .docker_services import volume_names


@dataclass(frozen=True)
class User:
    """A container that has a volume mounted. ``state``: running or exited; ``kind``: what Docker calls its owner."""

    name: str
    id: str
    state: str
    kind: str


def users(docker: Docker, volume: str) -> Iterator[User]:
    """All containers that hold a volume, also those that have exited."""
    for service in docker.services.values():
        for task in service.alive():
            if task.container and volume in volume_names(task.spec):
                state = "running" if task.actual in ("Starting", "Running") else "exited"
                name = f"{service.name}.{task.slot}.{task.id}"
                yield User(name, task.container, state, f"Docker Swarm Service ({service.name})")
    for service, task in docker.leaving():
        if volume in volume_names(task.spec):
            name = f"{service.name}.{task.slot}.{task.id}"
            yield User(name, task.container, "running", "Docker Swarm Service")
    for item in docker.projects.containers.values():
        if volume in item.volumes.values():
            yield User(item.name, item.id, item.state, f"Docker Compose ({item.project})")


def mountpoint(volume: str) -> str:
    return f"/var/lib/docker/volumes/{volume}/_data"


def inspected(volume: str) -> Row:
    """``docker volume inspect``."""
    return {
        "CreatedAt": "2026-11-25T15:59:41Z",
        "Driver": "local",
        "Labels": None,
        "Mountpoint": mountpoint(volume),
        "Name": volume,
        "Options": None,
        "Scope": "local",
    }


def exists(docker: Docker, store: Store, volume: str) -> bool:
    return volume in store.volumes or any(users(docker, volume))


def remove(docker: Docker, store: Store, volume: str, force: bool = False) -> None:
    """``docker volume rm``. Raises the daemon's refusal; ``force`` forgives that there is none."""
    holders = [user.id for user in users(docker, volume)]
    if holders:
        problem = f"remove {volume}: volume is in use - [{', '.join(holders)}]"
    elif volume not in store.volumes and not force:
        problem = f"get {volume}: no such volume"
    else:
        store.volumes.pop(volume, None)
        return
    command = f"docker volume rm {volume}{' --force' if force else ''}"
    raise internal(f"Command execution failed: Command failed: {command}\nError response from daemon: {problem}\n")


def read(docker: Docker, store: Store, volume: str) -> Volume:
    """A volume with its data. Docker makes one that does not exist."""
    data = store.volumes.setdefault(volume, Volume())
    return written(store, volume) if data.is_empty and any(users(docker, volume)) else data


def written(store: Store, volume: str) -> Volume:
    """A volume that a running container writes to."""
    data = store.volumes.setdefault(volume, Volume())
    if not data.text and not data.files and not data.tables:
        data.text = token(16)
    return data


def mounted(store: Store, source: str) -> Volume:
    """What a container gets that mounts a volume, or a folder of the host: an empty one where there is none.

    A single file of the host is a folder with one file, whose path is empty.
    """
    if not source.startswith("/"):
        return store.volumes.setdefault(source, Volume())
    path = source.rstrip("/")
    if path not in store.host_folders:
        store.host_folders[path] = Volume(files=dict(_taken_out(store, path)))
    return store.host_folders[path]


def below(store: Store, folder: str) -> dict[str, Volume]:
    """The folders of the host that are known below one, by their paths in it."""
    base = folder.rstrip("/")
    return {path[len(base) :]: data for path, data in store.host_folders.items() if path.startswith(f"{base}/")}


def _taken_out(store: Store, path: str) -> Iterator[tuple[str, str]]:
    """The files at and below a path, out of the folders of the host that it is in."""
    for outer, data in store.host_folders.items():
        if not path.startswith(f"{outer}/"):
            continue
        for name in list(data.files):
            full = f"{outer}/{name}"
            if f"{full}/".startswith(f"{path}/"):
                yield full[len(path) + 1 :], data.files.pop(name)


def of_service(docker: Docker, compose: Row, service: str) -> tuple[str | None, str]:
    """The running container of a service of a compose, and the first volume of it; without one the data goes with the
    container."""
    name, spare = f"{compose['appName']}_{service}", f"{compose['appName']}_{service}-container"
    if compose["composeType"] == "stack":
        stack_service = docker.services.get(name)
        mounts = stack_service.spec["TaskTemplate"]["ContainerSpec"].get("Mounts") or [] if stack_service else []
        return docker.running_container(name), next((mount["Source"] for mount in mounts), spare)
    running = [item for item in docker.projects.of(compose["appName"], service) if item.state == "running"]
    named = [volume for item in running for volume in item.volumes.values() if volume and volume[0] not in "./~$"]
    return next((item.id for item in running), None), next(iter(named), spare)


def of_database(store: Store, kind: str, row: Row) -> str:
    """The volume that holds a database; without one the data goes with the container."""
    mounts = store.mounts.of(f"{kind}Id", row[f"{kind}Id"])
    return next((mount["volumeName"] for mount in mounts if mount["type"] == "volume"), f"{row['appName']}-container")
