# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Under which name a service was deployed first: a part of its fingerprint, which a renaming or a move leaves as it is.

The note is a hash with the ID of the service, so that it is short, names nothing, and is that of no copy.
"""

from __future__ import annotations

import hashlib
from typing import Sequence

from .._swarm.tasks import Service

# Enough to tell the services of a server from each other.
_DIGITS, _OWN_ID = 16, 6
#: The note in the text of a fingerprint.
NOTED = r" at=(?P<at>[\w.-]+)"


def name_note(service: Service, old: str = "") -> str:
    """The note of a service; empty where its place is not known. :param old: the one that it has."""
    if is_own(old, service.id):
        return old
    environment = service.row.get("environment") or {}
    project = environment.get("project") or {}
    names = [project.get("name"), environment.get("name"), service.row.get("name")]
    return _note(service.id, [str(name) for name in names]) if all(names) else ""


def is_own(note: str, service_id: str) -> bool:
    """Whether a note is of this very service, and not of one that it was copied from."""
    return note.startswith("%s." % service_id[-_OWN_ID:])


def names_it(note: str, service_id: str, names: Sequence[str]) -> bool:
    """Whether a service had these names when it was deployed first: those of its project, its environment, its own."""
    return bool(note) and note == _note(service_id, names)


def _note(service_id: str, names: Sequence[str]) -> str:
    text = "\0".join((service_id, *names))
    return "%s.%s" % (service_id[-_OWN_ID:], hashlib.sha256(text.encode()).hexdigest()[:_DIGITS])
