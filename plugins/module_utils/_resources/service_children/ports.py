# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Ports of an application that Docker publishes itself; they bypass Traefik."""

from __future__ import annotations

from typing import Any, Iterator, Mapping

from ..._model.child import child
from ..._model.exportable import Claim
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


def port_claim(row: Mapping[str, Any], option: str, port: int, protocol: str) -> Claim:
    """A published port of a service as what its server can have once."""
    return option, (str(row.get("serverId") or ""), port, protocol), "publishes port %d" % port


def claimed_ports(row: Mapping[str, Any]) -> Iterator[Claim]:
    """The ports of an application that no other service of its server can publish."""
    for port in row.get(PORTS.embedded) or ():
        # In the mode host, each node of the swarm has the port.
        if port.get("publishMode") != "host":
            yield port_claim(row, PORTS.option, int(port["publishedPort"]), str(port.get("protocol") or "tcp"))
