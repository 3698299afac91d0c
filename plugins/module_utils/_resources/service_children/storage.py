# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Mounts: volumes, folders of the host and files in the containers of a service."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, List, Sequence, Tuple

from ..._model.child import Child, child
from ..._model.field import Field
from ..._secrets.masking import HIDDEN
from ..._values.codec import FILE, TEXT
from ..._values.grammar import inner_path
from .routing import ABSOLUTE
from .server_limits import LIMITS, removed_alone

# Docker's rule; the server accepts any text.
VOLUME_NAME = (r"[a-zA-Z0-9][a-zA-Z0-9_.-]*\Z", "is not a valid volume name")


def _only_files(value: Any) -> None:
    if value != "file":
        raise ValueError("a Compose file defines its volumes and bind mounts by itself; Dokploy only adds files")


def _lines_masked(before: Any, after: Any) -> Tuple[Any, Any]:
    """How many lines there are and where they differ, without what is in them."""
    old, new = ((text or "").split("\n") for text in (before, after))
    if not before or not after or len(old) == len(new) == 1:
        return HIDDEN + " old" if before else "", HIDDEN + " new" if after else ""
    shorter = min(len(old), len(new))
    first = next((at for at in range(shorter) if old[at] != new[at]), shorter)
    rest = shorter - first
    last = next((at for at in range(rest) if old[-1 - at] != new[-1 - at]), rest)

    def masked(lines: Sequence[str], age: str) -> List[str]:
        return [
            HIDDEN if at < first or at >= len(lines) - last else "%s %s" % (HIDDEN, age) for at in range(len(lines))
        ]

    return masked(old, "old"), masked(new, "new")


# The text of a file that may have secrets in any of its lines, and such a file.
SECRET_LINES = replace(TEXT, masked=_lines_masked, contents=True)
SECRET_FILE = replace(FILE, masked=_lines_masked)

# The files of a Compose stack, which its file refers to as ../files/<file_path>. Dokploy stores a path in the container
# and mounts of other types, and never uses them (measured on 0.30.2). Dokploy writes them at once, but a variable
# file, a config of the swarm or what an image is built from is only read by a deployment.
STACK_FILES = child(
    "mounts",
    "mount",
    Field("file_path", "filePath", key=True, needed=True, grammar=inner_path),
    Field("type", "type", choices=("file",), default="file", replaces=True, grammar=_only_files),
    Field("content", "content", SECRET_LINES, secret=True),
    Field("src", "content", SECRET_FILE, secret=True, input_only=True),
    remove="mounts.remove",
    parent={"serviceId": "$parent", "serviceType": "compose", "mountPath": "/"},
    in_flight=LIMITS,
    in_batch=removed_alone,
)


def mounts(service: str) -> Child:
    """The mounts of a service of Docker Swarm."""
    return child(
        "mounts",
        "mount",
        Field("path", "mountPath", key=True, needed=True, aliases=("target",), pattern=ABSOLUTE),
        Field("type", "type", choices=("volume", "bind", "file"), needed=True, replaces=True),
        Field("name", "volumeName", needed=("type", "volume"), aliases=("volume",), pattern=VOLUME_NAME),
        Field("host_path", "hostPath", needed=("type", "bind"), pattern=ABSOLUTE),
        Field("source", "volumeName", input_only=True, stands_for=("type", {"volume": "name", "bind": "host_path"})),
        Field("file_path", "filePath", needed=("type", "file"), grammar=inner_path),
        Field("content", "content", SECRET_LINES, secret=True),
        Field("src", "content", SECRET_FILE, secret=True, input_only=True),
        remove="mounts.remove",
        # Without serviceType the server answers 200, but attaches the mount to nothing (measured on 0.30.2).
        parent={"serviceId": "$parent", "serviceType": service},
        in_flight=LIMITS,
        in_batch=removed_alone,
    )


MOUNTS = mounts("application")
