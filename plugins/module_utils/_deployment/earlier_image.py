# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The image to go back to, where Dokploy keeps nothing of earlier deployments.

The source has to be an image. The row of a deployment has no image. Its log begins with C(Pulling) and the image as it
was configured (source of 0.30.2, measured); logs can be read from 0.29.5 on, of the about ten deployments that Dokploy
lists. Going back sets the image and deploys it, and the description of that deployment has the image, so that the next
run recognises it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import List, Optional, Sequence

from .. import _errors as errors
from .._api.client import Call, Client
from .._engine.runner import Context
from .._model.field import Field, selected_fields
from .._reads.rows import valid
from .._swarm.logs import clean
from .._swarm.tasks import Service
from .._values.grammar import image_reference
from .fingerprint import deploy_reason
from .planning import TITLE
from .queue import Row
from .state import DeploymentState

DESCRIPTION = "Image: %s"
_DESCRIBED = re.compile(r"Image: (\S+)\Z")
_PULLED = re.compile(r"Pulling (\S+)\Z")
# How many lines of a log are read; of each layer of an image, Docker writes about three.
_LINES = 1000
_STATED = "State the image with the option image, or set it in the configuration and deploy it."


@dataclass(frozen=True)
class ImageTarget:
    """The image to go back to.

    :param field: its option. :param reason: why it must be deployed; C(None) if it is what is deployed.
    """

    field: Field
    image: str
    reason: Optional[str]


def image_target(state: DeploymentState, context: Context) -> Optional[ImageTarget]:
    """The image to go back to; C(None) where Dokploy keeps deployments, or the source is no image.

    :raises OptionError: C(image) is invalid, or the source is no image. :raises Refused: no earlier image is known.
    """
    service, wanted, stated = state.service, context.params["image"], context.params["deployment_id"]
    field = image_field(service)
    if wanted is not None:
        _check(wanted, field, service)
    if field is None:
        return None
    newest = state.newest
    if wanted is not None:
        deployed = None if newest is None else images_of([newest], context.client)[0]
        return _image_target(state, field, wanted, deployed)
    good = sound_deployments(state)
    rows = [row for row in good if stated in (None, row.get("deploymentId")) and (stated or row is not newest)]
    if _is_kept(service, rows) or (stated is not None and not rows):
        # Or the stated deployment did not succeed, or does not exist.
        return None
    deployed, *images = images_of([*state.rows[:1], *rows], context.client) or [None]
    if stated is not None:
        image = images[0]
        problem = "the log of the deployment %s does not name its image" % stated
    else:
        image = _earlier(state, deployed, images)
        problem = "no log of a successful deployment before the newest one names another image"
    if image is None:
        raise errors.Refused("%s: %s" % (service.label, problem), hint=_STATED)
    return _image_target(state, field, image, deployed)


def _is_kept(service: Service, rows: Sequence[Row]) -> bool:
    """Whether Dokploy keeps the images of deployments, or has kept that of the newest of these."""
    keeps = service.row.get("rollbackActive") and service.row.get("rollbackRegistryId")
    return bool(keeps or (rows and rows[0].get("rollbackId")))


def _earlier(state: DeploymentState, deployed: Optional[str], images: Sequence[Optional[str]]) -> Optional[str]:
    """The image before the deployed one, of those of earlier deployments."""
    newest = state.newest
    # One that went back and failed is tried again, but not to an image that never worked.
    again = newest in sound_deployments(state) or (
        newest is not None and newest.get("status") != "done" and deployed in images
    )
    if again and newest is not None and newest.get("title") == TITLE:
        return deployed
    return next((image for image in images if image not in (None, deployed)), None)


def image_field(service: Service) -> Optional[Field]:
    """The option for the image that is the source of a service; C(None) if the source is none."""
    source = selected_fields(service.resource.options, service.row)
    return next((field for field in source if field.name == "image"), None)


def _image_target(state: DeploymentState, field: Field, image: str, deployed: Optional[str]) -> ImageTarget:
    if state.newest in sound_deployments(state) and image == deployed == state.service.row.get(field.api):
        return ImageTarget(field, image, None)
    if state.newest is not None and image != deployed:
        return ImageTarget(field, image, "another image was deployed")
    return ImageTarget(field, image, deploy_reason(state.service, state.rows) or "source changed")


def sound_deployments(state: DeploymentState) -> List[Row]:
    """The deployments that succeeded, without those that are known to have failed afterwards, from the newest on."""
    bad = state.stored.bad if state.stored is not None else ()
    return [row for row in state.rows if row.get("status") == "done" and row.get("deploymentId") not in bad]


def _check(image: str, field: Optional[Field], service: Service) -> None:
    if field is None:
        raise errors.OptionError("image: the source of %s is no image" % service.label)
    try:
        image_reference(image)
    except ValueError as error:
        raise errors.OptionError("image %s" % error) from error


def images_of(rows: Sequence[Row], client: Client) -> List[Optional[str]]:
    """The images of deployments, in one batch of requests; C(None) where neither the description nor the log has it."""
    calls = [Call("deployment.readLogs", {"deploymentId": row["deploymentId"], "tail": _LINES}) for row in rows]
    answers = client.call_many(calls) if calls else []
    return [_described(row) or _pulled(answer) for row, answer in zip(rows, answers)]


def _described(row: Row) -> Optional[str]:
    match = _DESCRIBED.match(str(row.get("description") or "")) if row.get("title") == TITLE else None
    return match.group(1) if match else None


def _pulled(log: object) -> Optional[str]:
    if isinstance(log, (errors.NotFoundError, errors.UnknownProcedure)):
        return None
    matches = (_PULLED.match(clean(line)) for line in str(valid(log) or "").split("\n"))
    return next((match.group(1) for match in matches if match), None)
