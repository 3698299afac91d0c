# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Patch of an application: a file of its repository made, changed or removed after each clone."""

from __future__ import annotations

from ansible_collections.community.dokploy.plugins.module_utils._model.field import Field
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Child
from ansible_collections.community.dokploy.plugins.module_utils._values.codec import BOOLEAN, LINES, LINES_FILE

PATCHES = Child(
    option="patches",
    singular="patch",
    embedded="patches",
    id_key="patchId",
    fields=(
        Field(
            "path",
            "filePath",
            key=True,
            needed=True,
            # Dokploy puts it into a shell script between double quotes.
            pattern=(
                r"(?!/)(?!(?:.*/)?\.\.(?:/|\Z))[^\"$`\\\r\n]*[^\"$`\\\r\n/]\Z",
                "is no path inside the repository that Dokploy can write (without quotes, '$', '`' and backslashes)",
            ),
        ),
        Field("type", "type", choices=("update", "create", "delete")),
        Field("content", "content", LINES, needed=("type", "update", "create"), blank=True),
        Field("src", "content", LINES_FILE, input_only=True),
        Field("enabled", "enabled", BOOLEAN),
    ),
    create="patch.create",
    update="patch.update",
    remove="patch.delete",
    parent={"applicationId": "$parent", "type": "update", "content": ""},
    # The creating procedure takes it and stores true all the same.
    create_lacks={"enabled": True},
    listing=("patch.byEntityId", "id", {"type": "application"}),
    since=(0, 28, 0),
)
