# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What runs before a deployment, as far as Docker and Dokploy keep it, or this run has read it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Dict, List, Mapping, Optional, Sequence, Union

from .._engine.runner import Context
from .._errors import DokployError
from .._model.resource import Resource
from .._swarm.images import RunningImage, running_images
from .._swarm.tasks import Service
from .earlier import CONTENT, DEPLOYMENT, IMAGE, MOST, NOTHING, UNVERIFIED, Earlier, content_of, stored_earlier
from .earlier_image import image_field, images_of, sound_deployments
from .fingerprint import NO_RECORD, deploy_reason
from .planning import DeploymentRequest
from .state import DeploymentState

Images = Union[List[RunningImage], DokployError]

_NEVER = "nothing of it was deployed before"
_NOT_KEPT = (
    "Dokploy keeps nothing of what it has built. Enable rollback.enabled with rollback.registry, so that later "
    "deployments are kept"
)
_UNKNOWN_IMAGE = "neither Docker nor a log tells another image that ran before"
_UNKNOWN_CONTENT = "the content that ran before is not recorded; this one is, if it stays up"
_REPOSITORY = "Dokploy deploys only the newest commit of a repository"
_LARGE = "the content is too large to be kept"


def with_earlier(requests: Sequence[DeploymentRequest], context: Context) -> List[DeploymentRequest]:
    """The requests with what runs before their deployments, of those that bring it back.

    What the images are is asked for all of them together, in up to four requests, and only where it matters.
    """
    # Of a deployment that another run has triggered, the record is stored.
    asking = [request for request in requests if request.returns and not request.joined and _asks_docker(request.state)]
    images = running_images([request.service for request in asking], context.client) if asking else []
    by_id: Dict[str, Images] = dict(zip((request.service.id for request in asking), images))
    return [
        replace(request, earlier=_earlier(request, by_id.get(request.service.id, []), context))
        if request.returns
        else request
        for request in requests
    ]


def _asks_docker(state: DeploymentState) -> bool:
    known = stored_earlier(state.service) is not None or _kept(state) is not None
    return image_field(state.service) is not None and bool(state.rows) and not known


def _kept(state: DeploymentState) -> Optional[str]:
    """The ID of the deployment before, if Dokploy has kept its image and configuration."""
    good = sound_deployments(state)
    kept = bool(good and good[0].get("rollbackId") and state.service.resource.deployable.rollback)
    return str(good[0].get("deploymentId")) if kept else None


def _earlier(request: DeploymentRequest, images: Images, context: Context) -> Earlier:
    state, service = request.state, request.service
    if request.joined is not None:
        return stored_earlier(service) or Earlier(NOTHING)
    if service.resource.deployable.content is not None:
        return _earlier_content(request)
    stored = stored_earlier(service)
    if stored is not None:
        # A run has ended in the middle, and what runs now was never verified.
        return stored
    if not sound_deployments(state):
        return Earlier(NOTHING, why=_NEVER)
    kept = _kept(state)
    if kept is not None:
        return Earlier(DEPLOYMENT, kept)
    field = image_field(service)
    if field is None:
        return Earlier(NOTHING, why=_NOT_KEPT)
    image = _image(state, str(service.row.get(field.api)), images, context)
    return Earlier(NOTHING, why=_UNKNOWN_IMAGE) if image is None else Earlier(IMAGE, image)


def _image(state: DeploymentState, wanted: str, images: Images, context: Context) -> Optional[str]:
    """The image that ran before, by its digest if that is possible. :param wanted: the configured one."""
    good = sound_deployments(state)
    running = [] if isinstance(images, DokployError) or good[0] is not state.newest else images
    if len(running) == 1:
        (image,) = running
        if image.digest is not None and not pushes(state.service.resource, state.service.row):
            return image.digest
        if image.image != wanted:
            return image.image
    return next((image for image in images_of(good, context.client) if image not in (None, wanted)), None)


def pushes(resource: Resource, row: Mapping[str, Any]) -> bool:
    """Whether Dokploy pushes the image of a service to a registry: then it refuses one with a digest."""
    fields = [field for path, field, _group in resource.fields() if path[-1] == "registry" and path[0] != "rollback"]
    return any(row.get(field.api) for field in fields)


def _earlier_content(request: DeploymentRequest) -> Earlier:
    """The content that ran before: the recorded one, or what this run has read before it was changed."""
    state, service = request.state, request.service
    stored, before = (
        stored_earlier(service),
        Service(service.resource, {**service.row, **request.before}, service.label),
    )
    content, good = content_of(before), sound_deployments(state)
    known = stored if stored is not None and stored.kind == CONTENT else None
    if not good:
        return known or Earlier(NOTHING, why=_NEVER)
    reason = deploy_reason(before, state.rows)
    # Otherwise the content of before was not what ran.
    deployed = good[0] is state.newest and (reason is None or (reason == NO_RECORD and bool(request.before)))
    if content is not None and deployed and reason != UNVERIFIED:
        earlier = Earlier(CONTENT, content=content)
        return earlier if len(earlier.text) <= MOST else Earlier(NOTHING, why=_LARGE)
    return known or Earlier(NOTHING, why=_REPOSITORY if content is None else _UNKNOWN_CONTENT)
