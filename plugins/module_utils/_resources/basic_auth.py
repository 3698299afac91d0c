# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Basic-auth user of an application, which the API calls security: in Traefik's file at once."""

from __future__ import annotations

from ansible_collections.community.dokploy.plugins.module_utils._model.field import Field
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Child
from ansible_collections.community.dokploy.plugins.module_utils._resources.traefik_file import TRAEFIK_FILE

BASIC_AUTH = Child(
    option="basic_auth",
    singular="basic_auth",
    embedded="security",
    id_key="securityId",
    fields=(
        # RFC 7617: the colon ends the user's name.
        Field(
            "username", "username", key=True, needed=True, limits=(1, 255), pattern=(r"[^:\s]+\Z", "is no user name")
        ),
        Field("password", "password", secret=True, needed=True, limits=(1, 1024)),
    ),
    create="security.create",
    update="security.update",
    remove="security.delete",
    parent={"applicationId": "$parent"},
    resend=("username", "password"),
    live=True,
    alone=True,
    file=TRAEFIK_FILE,
)
