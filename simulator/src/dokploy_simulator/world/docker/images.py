# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The images of a host: which one a name means now, and the digests under which registries know it.

Measured on Dokploy 0.30.2: a container has the ID of the image that it runs, whatever its name means later. An image
has one digest for each repository that it was pulled from or pushed to, and none if it was only built here.
"""

from __future__ import annotations

import hashlib

from ...store.rollbacks import registry_tag
from ...store.store import Row, Store
from ..build_outcomes import BuildOutcomes


def _hash(text: str) -> str:
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def repository(reference: str) -> str:
    """A name without its tag and its digest."""
    name = reference.partition("@")[0]
    folder, slash, last = name.rpartition("/")
    return f"{folder}{slash}{last.partition(':')[0]}"


class Images:
    def __init__(self, store: Store, build_outcomes: BuildOutcomes) -> None:
        self.store, self.build_outcomes = store, build_outcomes
        # Name -> ID, and ID -> digests.
        self.ids: dict[str, str] = {}
        self.digests: dict[str, list[str]] = {}

    def of(self, reference: str) -> str:
        """The ID of what a name means; it is pulled if it is not there."""
        return self.ids.get(reference) or self.pull(reference)

    def pull(self, reference: str, digest: str = "") -> str:
        """Docker pulls what the registry has under this name now."""
        digest = reference.partition("@")[2] or digest or self.build_outcomes.digest(reference)
        return self._enter(reference, digest)

    def prepare(self, app: Row) -> None:
        """What a build of an application leaves: an image that was pulled, or one of its own."""
        if app["sourceType"] == "docker":
            self.pull(app["dockerImage"], self.build_outcomes.rule(app).get("digest", ""))
            return
        own = f"{app['appName']}:latest"
        number = len(self.store.deployments.of("applicationId", app["applicationId"]))
        content = f"{app['applicationId']} {number}"
        registries = (self.store.registries.get(app[column] or "") for column in ("registryId", "buildRegistryId"))
        registry = next((row for row in registries if row), None)
        if registry is None:
            self.ids[own] = _hash(content)
            return
        self.ids[own] = self._enter(registry_tag(dict(registry), own), _hash(f"manifest of {content}"))

    def _enter(self, reference: str, digest: str) -> str:
        own_id = self.ids[reference] = _hash(f"config of {digest}")
        known = self.digests.setdefault(own_id, [])
        name = f"{repository(reference)}@{digest}"
        if name not in known:
            known.append(name)
        return own_id

    def inspect(self, wanted: str) -> Row | None:
        """``docker image inspect`` by the ID, with or without its algorithm."""
        own_id = wanted if wanted.startswith("sha256:") else f"sha256:{wanted}"
        tags = [name for name, image in self.ids.items() if image == own_id and "@" not in name]
        if own_id not in self.digests and own_id not in self.ids.values():
            return None
        return {"Id": own_id, "RepoTags": tags, "RepoDigests": list(self.digests.get(own_id, ()))}
