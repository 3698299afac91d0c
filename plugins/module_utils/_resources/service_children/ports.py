# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Ports of an application that Docker publishes itself; they bypass Traefik."""

from __future__ import annotations

from ..._model.child import child
from ..._model.field import Field
from ..._values.codec import INTEGER

PORT_NUMBERS = (1, 65535)
PORTS = child(
    "port",
    "port",
    Field("published_port", "publishedPort", INTEGER, key=True, needed=True, limits=PORT_NUMBERS),
    Field("protocol", "protocol", choices=("tcp", "udp"), key=True, default="tcp"),
    Field("target_port", "targetPort", INTEGER, needed=True, limits=PORT_NUMBERS),
    Field("publish_mode", "publishMode", choices=("ingress", "host")),
    parent={"applicationId": "$parent", "publishMode": "ingress"},
    # port.update resets the keys that it is not sent to ingress and tcp.
    always_sent=("publishedPort", "targetPort", "protocol", "publishMode"),
    joint="/",
)
