# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The wanted revision of an application: a commit of its repository, or a digest or tag of its image.

Dokploy always builds the head of the branch and pulls the image that is configured. Which commit or digest that came to
shows only afterwards: the commit in the description of the deployment (0.25.7 and newer), the digest in its log.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Mapping, Optional, Sequence, Tuple

from ansible_collections.community.dokploy.plugins.module_utils._api.client import Client
from ansible_collections.community.dokploy.plugins.module_utils._deployment.queue import commit_of
from ansible_collections.community.dokploy.plugins.module_utils._errors import (
    NotFoundError,
    OptionError,
    Refused,
    UnknownProcedure,
)

Row = Mapping[str, Any]

_COMMIT = re.compile(r"[0-9a-f]{7,64}\Z")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}\Z")
_TAG = re.compile(r"\w[\w.-]{0,127}\Z", re.ASCII)
# What docker says after a pull; a push writes the word small.
_PULLED = re.compile(r"^Digest: (sha256:[0-9a-f]{64})", re.MULTILINE)
_MOST_LINES = 10000


@dataclass(frozen=True)
class Revision:
    """What is wanted.

    :param kind: C(commit), C(digest) or C(tag). :param text: of a commit maybe only the beginning.
    """

    kind: str
    text: str

    def is_met_by(self, found: Optional[str]) -> bool:
        return found is not None and found.startswith(self.text)


def revision_of(row: Row, text: str, label: str) -> Revision:
    """What the option means for this application.

    :raises OptionError: it cannot be a revision of such a source.
    :raises Refused: the image is configured to be another one.
    """
    source = row.get("sourceType")
    if source == "drop":
        raise OptionError("revision: %s is made of uploaded files, which have none" % label)
    if source == "docker":
        return _of_image(str(row.get("dockerImage") or ""), text, label)
    if not _COMMIT.match(text.lower()):
        raise OptionError("revision: %r is no commit; write its hash, 7 digits of it at least" % text)
    return Revision("commit", text.lower())


def _of_image(image: str, text: str, label: str) -> Revision:
    tag, pinned = tag_and_digest(image)
    hint = "Set docker.image with dokploy_application first."
    if text.startswith("sha256:"):
        if not _DIGEST.match(text):
            raise OptionError("revision: %r is no digest; it has sha256: and 64 digits" % text)
        if pinned is not None and pinned != text:
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
    """What is deployed, in the same terms as C(revision); C(None) when nobody can say.

    :param rows: the application's deployments, newest first.
    """
    good = next((number for number, item in enumerate(rows) if item.get("status") == "done"), None)
    if good is None:
        return None
    if revision.kind == "commit":
        # One that built again what was there before says nothing of the commit; the clone before it does.
        commits = (commit_of(item) for item in rows[good:])
        return next((commit for commit in commits if commit), None)
    return built_revision(revision, client, row, rows[good])


def built_revision(revision: Revision, client: Client, row: Row, deployment: Row) -> Optional[str]:
    """What a deployment has built or pulled, in the same terms as C(revision)."""
    if revision.kind == "commit":
        return commit_of(deployment)
    tag, pinned = tag_and_digest(str(row.get("dockerImage") or ""))
    if revision.kind == "tag":
        return tag
    return pinned or _pulled(client, str(deployment.get("deploymentId")))


def _pulled(client: Client, deployment_id: str) -> Optional[str]:
    try:
        log = client.query("deployment.readLogs", {"deploymentId": deployment_id, "tail": _MOST_LINES})
    except (UnknownProcedure, NotFoundError):
        return None
    found = _PULLED.search(str(log or ""))
    return found.group(1) if found else None
