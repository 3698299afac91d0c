# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Mounts: volumes, folders of the host and files in the containers of a service."""

from __future__ import annotations

from typing import Any

from ..._model.child import Child, child
from ..._model.field import Field
from ..._values.codec import SECRET_FILE, SECRET_LINES
from ..._values.names import inner_path
from .routing import ABSOLUTE

# Docker's rule; the server accepts any text.
VOLUME_NAME = (r"[a-zA-Z0-9][a-zA-Z0-9_.-]*\Z", "is not a valid volume name")


def _only_files(value: Any) -> None:
    if value != "file":
        raise ValueError("a Compose file defines its volumes and bind mounts by itself; Dokploy only adds files")


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
    )


MOUNTS = mounts("application")
