# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The record of what ran before a deployment, which C(on_failure=return) brings back.

It is stored with the fingerprint, before the deployment is triggered, so that a run that ends in the middle leaves it
to the next one. When the deployment stays up, the record goes. What Dokploy replaces with each change, such as the
Compose file of a stack, is in the record itself; the record then becomes the content that stays up.
"""

from __future__ import annotations

import base64
import json
import zlib
from dataclasses import dataclass
from typing import Any, Dict, Mapping, Optional

from .._swarm.tasks import Row, Service

# What ran before: an image, a deployment of which Dokploy has kept all, the content of the row, or nothing known.
IMAGE, DEPLOYMENT, CONTENT, NOTHING = "image", "deployment", "content", "nothing"
# The reason for a deployment after a run that has ended in the middle.
UNVERIFIED = "last deployment was not verified"
# Bytes of a record that a column takes beside what else it holds.
MOST = 300000


@dataclass(frozen=True)
class Earlier:
    """What ran before a deployment.

    :param kind: C(IMAGE), C(DEPLOYMENT), C(CONTENT) or C(NOTHING). :param value: the image, or the ID.
    :param content: the columns, of C(CONTENT). :param why: why nothing can come back.
    """

    kind: str
    value: str = ""
    content: Optional[Mapping[str, Any]] = None
    why: str = ""

    @property
    def text(self) -> str:
        """As it is stored, in one line."""
        if self.content is None:
            return " ".join(filter(None, (self.kind, self.value)))
        packed = zlib.compress(json.dumps(self.content, sort_keys=True).encode(), 9)
        return "%s %s" % (self.kind, base64.b64encode(packed).decode())


def stored_earlier(service: Service) -> Optional[Earlier]:
    """The record in the row of a service; C(None) without one that this release understands."""
    store = service.resource.deployable.earlier
    kind, _blank, value = store.get(service.row.get(store.column)).partition(" ")
    if kind in (IMAGE, DEPLOYMENT) and value:
        return Earlier(kind, value)
    if kind == CONTENT:
        try:
            content = json.loads(zlib.decompress(base64.b64decode(value)))
            return Earlier(kind, content=content) if isinstance(content, dict) else None
        except (ValueError, zlib.error):
            # A user has changed it.
            return None
    return Earlier(NOTHING) if kind == NOTHING else None


def content_of(service: Service) -> Optional[Dict[str, Any]]:
    """The columns of a service that a record holds; C(None) where that makes no sense."""
    content = service.resource.deployable.content
    return None if content is None else content(service.row)


def is_unverified(service: Service) -> bool:
    """Whether nothing has seen that the last deployment stays up, of a service that is as it was deployed."""
    earlier = stored_earlier(service)
    if earlier is None:
        return False
    return earlier.kind != CONTENT or earlier.content != content_of(service)


def once_verified(service: Service) -> str:
    """The text of the record when what is configured stays up."""
    content = content_of(service)
    text = "" if content is None else Earlier(CONTENT, content=content).text
    return text if len(text) <= MOST else ""


def with_own_texts(service: Service, columns: Mapping[str, Any]) -> Row:
    """The row of a service with other columns; what the collection keeps there stays."""
    row: Dict[str, Any] = {**service.row, **columns}
    deployable = service.resource.deployable
    for store in (deployable.fingerprint, deployable.mark, deployable.lock, deployable.earlier):
        if store.column in columns:
            row[store.column] = store.put(row[store.column], store.get(service.row.get(store.column)))
    return row
