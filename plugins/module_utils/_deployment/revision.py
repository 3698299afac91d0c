# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The revision of a service: a commit of its repository, or a digest or tag of its image.

Dokploy always builds the newest commit of the branch and pulls the configured image. The commit or digest that this was
shows only afterwards: the commit in the description of the deployment (0.25.7 and newer), the digest in its log.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Optional, Sequence, Tuple

from .._api.client import Client
from .._errors import NotFoundError, OptionError, Refused, UnknownProcedure
from .._swarm.logs import MAX_LINES
from .._swarm.tasks import Service
from .queue import Row, commit_of

# What the sources without a revision consist of.
_WITHOUT = {"drop": "uploaded files, which have none", "raw": "a stated file, which has none"}
_COMMIT = re.compile(r"[0-9a-f]{7,64}\Z")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}\Z")
_TAG = re.compile(r"\w[\w.-]{0,127}\Z", re.ASCII)
# Docker's line after a pull; after a push it begins with a small letter.
_PULLED = re.compile(r"^Digest: (sha256:[0-9a-f]{64})", re.MULTILINE)


@dataclass(frozen=True)
class Revision:
    """A wanted C(commit), C(digest) or C(tag); the text of a commit may be its beginning."""

    kind: str
    text: str

    def is_met_by(self, deployed: Optional[str]) -> bool:
        return deployed is not None and deployed.startswith(self.text)


def revision_of(service: Service, text: str) -> Revision:
    """The revision that the option means for this service.

    :raises OptionError: it cannot be a revision of such a source. :raises Refused: another image is configured.
    """
    label, source = service.label, service.row.get("sourceType")
    if source in _WITHOUT:
        raise OptionError("revision: %s is made of %s" % (label, _WITHOUT[source]))
    if source != "docker":
        if not _COMMIT.match(text.lower()):
            raise OptionError("revision: %r is no commit; use its hash, at least 7 digits of it" % text)
        return Revision("commit", text.lower())
    image = str(service.row.get("dockerImage") or "")
    tag, pinned = tag_and_digest(image)
    hint = "Set docker.image with dokploy_%s first." % service.resource.name
    if text.startswith("sha256:"):
        if not _DIGEST.match(text):
            raise OptionError("revision: %r is no digest; a digest is sha256: and 64 hexadecimal digits" % text)
        if pinned not in (None, text):
            message = "revision: the image of %s is pinned to %s, and %s is wanted" % (label, pinned, text)
            raise Refused(message, hint=hint)
        return Revision("digest", text)
    if not _TAG.match(text):
        raise OptionError("revision: %r is neither the tag nor the digest of an image" % text)
    if tag != text:
        raise Refused("revision: the image of %s is %r, and the tag %s is wanted" % (label, image, text), hint=hint)
    return Revision("tag", text)


def tag_and_digest(image: str) -> Tuple[Optional[str], Optional[str]]:
    """The two ends of an image's name; without either Docker takes the tag C(latest)."""
    name, _at, digest = image.partition("@")
    tag = name.rpartition("/")[2].partition(":")[2]
    return tag or (None if digest else "latest"), digest or None


def deployed_revision(revision: Revision, client: Client, row: Row, rows: Sequence[Row]) -> Optional[str]:
    """The deployed commit, digest or tag; C(None) if it is unknown. C(rows) are the deployments, newest first."""
    good = next((position for position, item in enumerate(rows) if item.get("status") == "done"), None)
    if good is None:
        return None
    if revision.kind == "commit":
        # A deployment that built again what was there names no commit; the last one that cloned does.
        return next(filter(None, map(commit_of, rows[good:])), None)
    return built_revision(revision, client, row, rows[good])


def built_revision(revision: Revision, client: Client, row: Row, deployment: Row) -> Optional[str]:
    """The commit, digest or tag that one deployment has built or pulled; C(None) if it is unknown."""
    if revision.kind == "commit":
        return commit_of(deployment)
    tag, pinned = tag_and_digest(str(row.get("dockerImage") or ""))
    if revision.kind == "tag" or pinned is not None:
        return tag if revision.kind == "tag" else pinned
    try:
        log = client.query("deployment.readLogs", {"deploymentId": deployment.get("deploymentId"), "tail": MAX_LINES})
    except (UnknownProcedure, NotFoundError):
        return None
    match = _PULLED.search(str(log or ""))
    return match.group(1) if match else None
