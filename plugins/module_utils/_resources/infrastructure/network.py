# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Networks: Docker networks that Dokploy keeps a record of.

Docker cannot change a network, so another value is another network. A blank in the name makes Dokploy wait for ever in
the removal, and a server without an SSH key stands for Dokploy's own host (measured on 0.30.2).
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Optional, Sequence

from ..._engine.apply import PRESENT, resource_operation
from ..._engine.diff import Diff, Judgement, Row
from ..._engine.flow import ResourcePlan
from ..._engine.info import info_operation
from ..._engine.plan import SELF, Outcome, Write
from ..._engine.runner import Context
from ..._engine.state import Node, State
from ..._engine.view import Difference, predicted, view
from ..._errors import OptionError, ReferenceNotFound, Refused, refused_as, they_are
from ..._model.field import Field
from ..._model.procedures import Creation, Reading, Updating
from ..._model.resource import SERVERS, SERVICES, ChangeCheck, Resource
from ..._model.states import States, Transition
from ..._reads.reads import Reads
from ..._reads.rows import need
from ..._values.codec import BOOLEAN, INTEGER, OBJECT, OBJECTS
from ..._values.marks import is_marked
from .listings import NETWORKS
from .references import removal_unless_used, replacement_of

_NAME = (
    r"[a-zA-Z0-9][a-zA-Z0-9_.-]*\Z",
    "is not the name of a network, which begins with a letter or digit and holds only these, '_', '.' and '-'",
)
FIRST_WITH_RESYNC = (0, 30, 3)
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


def _has_addresses(state: State, diff: Diff, _params: Mapping[str, Any], _known: Mapping[str, Any]) -> Judgement:
    """:raises OptionError: it has neither kind of addresses."""
    after = {"enableIPv4": True, **predicted(state.resource, state.row, diff)}
    if not (after["enableIPv4"] or after.get("enableIPv6")):
        raise OptionError("one of ipv4 and ipv6 must be true")
    return Judgement(diff)


def _servers(_state: State, diff: Diff, params: Mapping[str, Any], reads: Reads) -> Mapping[str, Any]:
    """The C(servers) that a new network may be on."""
    stated = diff.action == "create" and params.get("server") is not None
    return {"servers": reads.listings.rows(SERVERS.procedures)} if stated else {}


def _on_its_server(_state: State, diff: Diff, params: Mapping[str, Any], known: Mapping[str, Any]) -> Judgement:
    """:raises Refused: the server of a new network would be another host."""
    name = params.get("server")
    mine = [server for server in known.get("servers", ()) if name in (server.get("serverId"), server.get("name"))]
    if any(server.get("sshKeyId") is None for server in mine):
        raise Refused(
            "server: %r has no SSH key, so that Dokploy would create the network on its own host" % name,
            hint="Give the server an SSH key first.",
        )
    return Judgement(diff)


def _in_docker(network: Mapping[str, Any]) -> Dict[str, Any]:
    """What C(network.resync) makes of Docker's own description of a network (source of 0.30.3)."""
    mtu = str((network.get("Options") or {}).get("com.docker.network.driver.mtu") or "")
    ipam = network.get("IPAM") or {}
    keys = (("subnet", "Subnet"), ("gateway", "Gateway"), ("ipRange", "IPRange"))
    config = [{ours: pool[theirs] for ours, theirs in keys if pool.get(theirs)} for pool in ipam.get("Config") or ()]
    return {
        "driver": network.get("Driver"),
        "internal": bool(network.get("Internal")),
        "attachable": bool(network.get("Attachable")),
        "enableIPv4": network.get("EnableIPv4", True),
        "enableIPv6": bool(network.get("EnableIPv6")),
        "mtu": int(mtu) if mtu.isdigit() else None,
        "ipam": {"driver": ipam.get("Driver"), "config": config},
    }


# What Docker does not choose by itself.
_STATED = ("driver", "internal", "attachable", "enableIPv6")


def _another(row: Row, network: Mapping[str, Any], in_docker: Mapping[str, Any]) -> bool:
    """Whether Docker's network is another one than that of the row, which has no ID of it before 0.30.3."""
    if row.get("dockerId"):
        return bool(network.get("Id") != row["dockerId"])
    return any(in_docker[key] != row.get(key) for key in _STATED)


def _refuse(resource: Resource, params: Mapping[str, Any]) -> None:
    """:raises OptionError: an option states a property."""
    stated = [
        field.name for _path, field, _group in resource.fields() if field.name != "name" and params.get(field.name)
    ]
    if stated:
        raise OptionError("%s not supported with state=synced, which takes them from Docker" % they_are(sorted(stated)))


@dataclass(frozen=True)
class SyncPlan(ResourcePlan):
    """What gives a record the properties of the network that Docker has under its name.

    :param after: the row as it will be; C(None) for a record that check mode takes for granted.
    """

    after: Optional[Row]


def _observe(nodes: Sequence[Node], context: Context) -> List[State]:
    """:raises Refused: the server is too old."""
    need(context.client.version(), "state=synced", FIRST_WITH_RESYNC)
    return PRESENT.observe(nodes, context)


def _plan(state: State, context: Context) -> SyncPlan:
    """:raises Refused: Docker has no such network."""
    label = state.target.label
    if state.row is None:
        context.executor.parent_missing(ReferenceNotFound("there is no %s" % label))
    if state.row is None or is_marked(state.target.resource_id):
        return SyncPlan((), Difference(label, {}, {}), state, Diff("none"), state.row)
    with refused_as("%s: Docker does not show it" % label, hint="Create it again, with Docker or with replace."):
        network = context.client.query("network.inspect", {state.resource.id_key: state.row[state.resource.id_key]})
    return plan_sync(state, state.row, network)


def plan_sync(state: State, row: Row, network: Mapping[str, Any]) -> SyncPlan:
    """What gives the record the properties of the network that Docker has; no steps if it has them. Pure."""
    resource, in_docker, label = state.resource, _in_docker(network), state.target.label
    if not _another(row, network, in_docker):
        return SyncPlan((), Difference(label, {}, {}), state, Diff("none"), row)
    before, after = (view(resource, values, state.names) for values in (row, {**row, **in_docker}))
    changed = [name for name in after if after[name] != before.get(name)]
    difference = Difference(
        label,
        {"docker_id": row.get("dockerId"), **{name: before.get(name) for name in changed}},
        {"docker_id": network.get("Id"), **{name: after[name] for name in changed}},
        action="sync",
    )
    write = Write("network.resync", {resource.id_key: row[resource.id_key]}, saves=SELF)
    return SyncPlan((write,), difference, state, Diff("none"), {**row, **in_docker})


def _finish(first: SyncPlan, planned: SyncPlan, outcome: Outcome, _context: Context) -> Dict[str, Any]:
    state, after = planned.state, planned.after
    if outcome.sent:
        after = {**(state.row or {}), **outcome.rows[SELF]}
    # What the first attempt found is what changes, whatever a repeated one still finds.
    return first.difference.result(network=None if after is None else view(state.resource, after, state.names))


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
    creation=Creation(
        "network.create", takes=("name", "driver", "internal", "attachable", "enableIPv4", "enableIPv6", "mtu", "ipam")
    ),
    reading=Reading("network.one", in_listing=True, facts=(("created_at", "createdAt"),)),
    updating=Updating(replacement=replacement_of(_USED_BY, removed_first=True)),
    removal=removal_unless_used("network.remove", _USED_BY, "leaves the ID of the network in them"),
    unique=True,
    checks=(ChangeCheck(_has_addresses), ChangeCheck(_on_its_server, _servers)),
    states=States({"synced": Transition(_observe, _plan, _finish, _refuse, configures=False)}),
)

OPERATION = resource_operation(NETWORK)
INFO_OPERATION = info_operation(NETWORK)
