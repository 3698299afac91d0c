# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Redirect of an application: a middleware in Traefik's file, written at once."""

from __future__ import annotations

from ansible_collections.community.dokploy.plugins.module_utils._model.field import Field
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Child
from ansible_collections.community.dokploy.plugins.module_utils._resources.traefik_file import TRAEFIK_FILE
from ansible_collections.community.dokploy.plugins.module_utils._values.codec import BOOLEAN

REDIRECTS = Child(
    option="redirects",
    singular="redirect",
    embedded="redirects",
    id_key="redirectId",
    fields=(
        Field("regex", "regex", key=True, needed=True, limits=(1, 8192)),
        Field("replacement", "replacement", needed=True, limits=(1, 8192)),
        Field("permanent", "permanent", BOOLEAN),
    ),
    create="redirects.create",
    update="redirects.update",
    remove="redirects.delete",
    parent={"applicationId": "$parent", "permanent": False},
    resend=("regex", "replacement", "permanent"),
    live=True,
    alone=True,
    file=TRAEFIK_FILE,
)
