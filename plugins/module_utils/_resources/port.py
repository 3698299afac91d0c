# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Port of an application, published by Docker itself and past Traefik."""

from __future__ import annotations

from ansible_collections.community.dokploy.plugins.module_utils._model.field import Field
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Child
from ansible_collections.community.dokploy.plugins.module_utils._values.codec import INTEGER

_PORT = (1, 65535)

PORTS = Child(
    option="ports",
    singular="port",
    embedded="ports",
    id_key="portId",
    fields=(
        Field("published_port", "publishedPort", INTEGER, key=True, needed=True, limits=_PORT),
        Field("protocol", "protocol", choices=("tcp", "udp"), key=True, default="tcp"),
        Field("target_port", "targetPort", INTEGER, needed=True, limits=_PORT),
        Field("publish_mode", "publishMode", choices=("ingress", "host")),
    ),
    create="port.create",
    update="port.update",
    remove="port.delete",
    parent={"applicationId": "$parent", "publishMode": "ingress"},
    # What port.update does not get it resets to ingress and tcp.
    resend=("publishedPort", "targetPort", "protocol", "publishMode"),
    joint="/",
)
