# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Mount of an application: a volume, a folder of the host, or a file whose text Dokploy keeps."""

from __future__ import annotations

from ansible_collections.community.dokploy.plugins.module_utils._model.field import Field
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Child
from ansible_collections.community.dokploy.plugins.module_utils._values.codec import FILE

_ABSOLUTE = (r"/", "must begin with /")
# Docker's rule; the server takes any text.
_VOLUME = (r"[a-zA-Z0-9][a-zA-Z0-9_.-]*\Z", "is no name of a volume")

MOUNTS = Child(
    option="mounts",
    singular="mount",
    embedded="mounts",
    id_key="mountId",
    fields=(
        Field("path", "mountPath", key=True, needed=True, aliases=("target",), pattern=_ABSOLUTE),
        Field("type", "type", choices=("volume", "bind", "file"), needed=True, replaces=True),
        Field("name", "volumeName", needed=("type", "volume"), aliases=("volume",), pattern=_VOLUME),
        Field("host_path", "hostPath", needed=("type", "bind"), pattern=_ABSOLUTE),
        Field("source", "volumeName", input_only=True, stands_for=("type", {"volume": "name", "bind": "host_path"})),
        Field("file_path", "filePath", needed=("type", "file")),
        Field("content", "content", secret=True),
        Field("src", "content", FILE, secret=True, input_only=True),
    ),
    create="mounts.create",
    update="mounts.update",
    remove="mounts.remove",
    # Without serviceType the server attaches the mount to nothing, and says 200 (measured on 0.30.2).
    parent={"serviceId": "$parent", "serviceType": "application"},
)
