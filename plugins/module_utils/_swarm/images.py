# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Which images the containers of services run, and the digests under which registries have them.

A service and a task of the swarm have only the image that was configured, without a digest. A container has the ID of
what it runs, and the image with that ID has one digest for each repository that it was pulled from or pushed to; none
if it was only built on that host (measured on Dokploy 0.30.2). C(docker.getConfig) answers C(docker inspect) of each of
these, but not of a container on another node of the swarm than Dokploy's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, Generator, List, Mapping, Optional, Sequence, Tuple, Union

from .._api.client import Call, Client
from .._engine.runner import Context
from .._errors import DokployError
from .._reads.rows import valid
from .comparison import inspected_together
from .tasks import Row, Service, inspect_calls, inspected, live_tasks, running_slots, tasks_call, tasks_in

_ID = "sha256:"
# Docker's own names of its registry.
_HUB = ("docker.io/library/", "docker.io/", "index.docker.io/", "library/")


@dataclass(frozen=True)
class RunningImage:
    """An image that containers of a service run.

    :param service: the one of a stack; empty for others. :param image: as it is configured.
    :param image_id: C(sha256:...), or empty where the server does not show the container.
    :param digests: C(name@sha256:...), one for each repository.
    """

    service: str
    image: str
    image_id: str
    digests: Tuple[str, ...]

    @property
    def digest(self) -> Optional[str]:
        """The image with its digest, of the repository of the configured name if that has one."""
        own = repository(self.image)
        same = [digest for digest in self.digests if repository(digest) == own]
        return next(iter((*same, *self.digests)), None)

    def facts(self) -> Dict[str, Any]:
        """It as results show it."""
        known = {"image": self.image, "image_id": self.image_id or None, "digest": self.digest}
        return {"service": self.service, **known} if self.service else known


def repository(reference: str) -> str:
    """The name of an image without its tag and digest; Docker Hub has several names."""
    folder, slash, last = reference.partition("@")[0].rpartition("/")
    name = "%s%s%s" % (folder, slash, last.partition(":")[0])
    return next((name[len(prefix) :] for prefix in _HUB if name.startswith(prefix)), name)


def running_images(
    services: Sequence[Service], client: Client, tasks: Optional[Sequence[Sequence[Row]]] = None
) -> List[Union[List[RunningImage], DokployError]]:
    """The images that each service runs, or why they are not known; four rounds of requests for all of them together.

    :param tasks: those of each service, if they are known, which saves the first round.
    """
    known = tasks if tasks is not None else [None] * len(services)
    looks = [_images_of(service, own) for service, own in zip(services, known)]
    return inspected_together(looks, client)


def image_facts(images: Sequence[Union[List[RunningImage], DokployError]]) -> List[List[Dict[str, Any]]]:
    """The images of each service as results show them. :raises DokployError: those of one are not known."""
    return [[image.facts() for image in valid(own)] for own in images]


def with_images(
    services: Sequence[Service],
    running: Sequence[Optional[Mapping[str, Any]]],
    context: Context,
    tasks: Optional[Sequence[Sequence[Row]]] = None,
) -> List[Optional[Dict[str, Any]]]:
    """The containers of services as results show them, with C(images); as C(running_images).

    Where these cannot be read, a warning says so: that the containers run matters more.

    :param running: C(None) for what was not seen; no request is sent for it.
    """
    containers = [None if facts is None else dict(facts) for facts in running]
    seen = [number for number, facts in enumerate(containers) if facts is not None]
    own_tasks = None if tasks is None else [tasks[number] for number in seen]
    try:
        known = running_images([services[number] for number in seen], context.client, own_tasks) if seen else []
        for number, images in zip(seen, image_facts(known)):
            containers[number] = {**(containers[number] or {}), "images": images}
    except DokployError as error:
        context.warn(["%s: the images that run cannot be read: %s" % (services[seen[0]].label, error)])
    return containers


def _images_of(
    service: Service, tasks: Optional[Sequence[Row]]
) -> Generator[Sequence[Call], Sequence[Any], List[RunningImage]]:
    row = service.row
    if tasks is None:
        tasks = tasks_in(valid((yield [tasks_call(service)])[0]))
    running = [task for task in live_tasks(tasks) if running_slots([task], settled=False)]
    if not running:
        return []
    configs = inspected((yield inspect_calls(row, [str(task.get("containerId")) for task in running])))
    names = [_service_of(service, task, config) for task, config in zip(running, configs)]
    containers = yield from _containers_of(row, running, configs)
    ids = sorted({container.get("Image") or "" for container in containers} - {""})
    hexes = [image_id[len(_ID) :] if image_id.startswith(_ID) else image_id for image_id in ids]
    configs_of_images = inspected((yield inspect_calls(row, hexes))) if ids else []
    digests = {image_id: tuple(image.get("RepoDigests") or ()) for image_id, image in zip(ids, configs_of_images)}
    images = [
        RunningImage(name, _configured(config, container), own_id, digests.get(own_id, ()))
        for name, config, container in zip(names, configs, containers)
        for own_id in (str(container.get("Image") or ""),)
    ]
    return sorted(dict.fromkeys(images), key=lambda image: (image.service, image.image, image.image_id))


def _containers_of(
    row: Row, running: Sequence[Row], configs: Sequence[Row]
) -> Generator[Sequence[Call], Sequence[Any], List[Row]]:
    """The containers of tasks; a container outside of the swarm is its own one."""
    status = [((config.get("Status") or {}).get("ContainerStatus") or {}) for config in configs]
    ids = ["" if task.get("keepsId") else str(own.get("ContainerID") or "") for task, own in zip(running, status)]
    asked = [container for container in ids if container]
    answers = iter(inspected((yield inspect_calls(row, asked))) if asked else [])
    return [
        next(answers) if container else config if task.get("keepsId") else {}
        for container, config, task in zip(ids, configs, running)
    ]


def _service_of(service: Service, task: Row, config: Row) -> str:
    """The name of the one of several services that a task is of."""
    if service.mode.name != "stack":
        return ""
    label = ((config.get("Config") or {}).get("Labels") or {}).get(service.resource.deployable.service_label)
    if label:
        return str(label)
    name, prefix = str(task.get("name")).rpartition(".")[0], "%s_" % service.row.get("appName")
    return name[len(prefix) :] if name.startswith(prefix) else name


def _configured(config: Row, container: Row) -> str:
    spec: Mapping[str, Any] = (config.get("Spec") or {}).get("ContainerSpec") or {}
    return str(spec.get("Image") or (container.get("Config") or {}).get("Image") or "")
