# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What runs of services: the digest of the image, or the commit that it was built from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import List, Optional, Sequence

from .._api.client import Client
from .._deployment.state import running_commit
from .._errors import DokployError
from .._resources.backups.coverage import Service
from .._resources.backups.services import resource_of
from .._swarm.images import running_images
from .._swarm.tasks import Service as RunningService


@dataclass(frozen=True)
class Version:
    """:param digest: C(name@sha256:...), or C(None) if it is not known, or if several images run."""

    digest: Optional[str]
    commit: Optional[str]


def versions_of(services: Sequence[Service], client: Client) -> List[Version]:
    """What runs of each, as far as the server shows it."""
    running = [RunningService(resource_of(service), service.row) for service in services]
    versions = []
    for service, images in zip(running, running_images(running, client)):
        digests = set() if isinstance(images, DokployError) else {image.digest for image in images}
        versions.append(Version(digests.pop() if len(digests) == 1 else None, running_commit(service)))
    return versions
