# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Networks: Docker networks that Dokploy keeps a record of.

Docker cannot change a network, so another value is another network. A blank in the name makes Dokploy wait for ever in
the removal, and a server without an SSH key stands for Dokploy's own host (measured on 0.30.2).
"""

from __future__ import annotations

import ipaddress
from typing import Any, Optional, Tuple

from .._engine.apply import resource_operation
from .._engine.diff import Diff, Row
from .._engine.info import info_operation
from .._engine.runner import Context
from .._engine.view import predicted
from .._errors import OptionError, Refused
from .._model.field import Field
from .._model.resource import SERVERS, SERVICES, Resource
from .._values.codec import BOOLEAN, INTEGER, OBJECT, OBJECTS
from .references import removal_unless_used, replacement_of
from .swarm import NETWORK as NETWORKS

_NAME = (
    r"[a-zA-Z0-9][a-zA-Z0-9_.-]*\Z",
    "is not the name of a network, which begins with a letter or digit and holds only these, '_', '.' and '-'",
)
_USED_BY = {name: ("serviceNetworks",) if name == "compose" else ("networkIds",) for name in SERVICES}


def check_subnet(value: Any) -> None:
    try:
        ipaddress.ip_network(str(value))
    except ValueError:
        raise ValueError("%r is not a subnet such as 10.20.0.0/24" % str(value)) from None


def check_address(value: Any) -> None:
    try:
        ipaddress.ip_address(str(value))
    except ValueError:
        raise ValueError("%r is not an address such as 10.20.0.1" % str(value)) from None


def _possible(resource: Resource, _children: Tuple[str, ...], diff: Diff, row: Optional[Row], context: Context) -> Diff:
    """
    :raises OptionError: the options contradict each other.
    :raises Refused: the server of a new network would be another host.
    """
    after = {"enableIPv4": True, **predicted(resource, row, diff)}
    if not (after["enableIPv4"] or after.get("enableIPv6")):
        raise OptionError("one of ipv4 and ipv6 must be true")
    name = context.params.get("server")
    if diff.action == "create" and name is not None:
        known = context.reads.listing(SERVERS.procedures)
        mine = [one for one in known if name in (one.get("serverId"), one.get("name"))]
        if any(one.get("sshKeyId") is None for one in mine):
            raise Refused(
                "server: %r has no SSH key, so that Dokploy would create the network on its own host" % name,
                hint="Give the server an SSH key first.",
            )
    return diff


NETWORK = Resource(
    name="network",
    scope="server",
    listing=NETWORKS,
    since=(0, 29, 14),
    options=(
        Field("name", "name", needed=True, limits=(1, 255), pattern=_NAME),
        Field("driver", "driver", choices=("bridge", "overlay")),
        Field("internal", "internal", BOOLEAN),
        Field("attachable", "attachable", BOOLEAN),
        Field("ipv4", "enableIPv4", BOOLEAN),
        Field("ipv6", "enableIPv6", BOOLEAN),
        Field("mtu", "mtu", INTEGER, limits=(68, 65535)),
        Field(
            "ipam",
            "ipam",
            OBJECT,
            parts=(
                Field("driver", "driver", default="default"),
                Field(
                    "config",
                    "config",
                    OBJECTS,
                    parts=(
                        Field("subnet", "subnet", needed=True, grammar=check_subnet),
                        Field("gateway", "gateway", grammar=check_address),
                        Field("ip_range", "ipRange", grammar=check_subnet),
                    ),
                ),
            ),
        ),
    ),
    create="network.create",
    create_takes=("name", "driver", "internal", "attachable", "enableIPv4", "enableIPv6", "mtu", "ipam"),
    read="network.one",
    update="",
    remove="network.remove",
    unique=True,
    removal=removal_unless_used(_USED_BY, "leaves the ID of the network in them"),
    replacement=replacement_of(_USED_BY, removed_first=True),
    facts=(("created_at", "createdAt"),),
    checks=(_possible,),
    options_of_states={"force": {"type": "bool", "default": False}},
)

OPERATION = resource_operation(NETWORK)
INFO_OPERATION = info_operation(NETWORK)
