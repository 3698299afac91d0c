# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The images that run after the deployments of a document."""

from __future__ import annotations

from typing import Any, Collection, Dict, List, Sequence, Tuple

from .._engine.carry_out import Run
from .._engine.runner import Context
from .._errors import DokployError
from .._reads.rows import rows_of
from .._swarm.images import with_images
from .._swarm.tasks import Service
from .deployments import Wanted


def deployed_images(
    deployments: Sequence[Wanted], returned: Collection[str], run: Run, context: Context
) -> Dict[str, Dict[str, Any]]:
    """C(images) of what deployments have left running, by their keys.

    Five requests for all of them together, and none where nothing was seen to run.

    :param returned: the keys of those of which something else has come back.
    """
    verified = deployments if context.params["verify"] else ()
    seen = [own for own in verified if own.key not in returned and _seen(own, run)]
    try:
        return _read(seen, run, context) if seen else {}
    except DokployError as error:
        # The deployments matter more.
        context.warn(["the images that run cannot be read: %s" % error])
        return {}


def _seen(deployment: Wanted, run: Run) -> bool:
    """Whether a deployment has ended and its containers were verified."""
    result = run.done.get(deployment.key) or {}
    return bool(result.get("running")) and result.get("seconds") is not None


def _read(deployments: Sequence[Wanted], run: Run, context: Context) -> Dict[str, Dict[str, Any]]:
    wanted = [(own.configured.service.resource, _id(own, run)) for own in deployments]
    services: List[Tuple[str, Service]] = [
        (own.key, Service(resource, row, own.entry.path))
        for own, (resource, _id_of), row in zip(deployments, wanted, rows_of(wanted, context.client))
        if row is not None
    ]
    known = with_images([service for _key, service in services], [{} for _service in services], context)
    return {key: facts or {} for (key, _service), facts in zip(services, known)}


def _id(deployment: Wanted, run: Run) -> str:
    resource = deployment.configured.service.resource
    return str(run.done[deployment.entry.key][resource.name][resource.id_option])
