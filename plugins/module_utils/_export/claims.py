# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What two entries have and a server can have once: published ports.

Dokploy's web interface copies the port of a database that it duplicates. Domains of one host are a mistake of a
document, which its proof finds.
"""

from __future__ import annotations

from typing import Any, Dict, Iterator, Mapping, Tuple

from .._resources.service_children.ports import PORTS
from .._resources.services.database_ports import published
from .document import Entry, Export

_TWICE = "The %s %s publishes port %d, too, which a server can do once. Give it another one."
#: The server, the port and its protocol.
Claim = Tuple[str, int, str]


def leave_out_doubles(export: Export) -> None:
    """Leave out the options with ports that an earlier entry publishes on the same server, each with the reason."""
    first: Dict[Claim, Entry] = {}
    for entry in export.entries:
        for option, claim in list(_claims(entry.kind, entry.record.row or {})):
            owner = first.setdefault(claim, entry)
            if owner is not entry and option in entry.options:
                del entry.options[option]
                export.leave_alone(entry.record.resource, entry.record.row, entry.options, [option])
                reason = _TWICE % (owner.kind, owner.path, claim[1])
                export.left_out(entry.kind, entry.path, option, reason, entry.place)


def _claims(kind: str, row: Mapping[str, Any]) -> Iterator[Tuple[str, Claim]]:
    """The published ports of a service, each with the option that has it."""
    server = str(row.get("serverId") or "")
    if kind == "database":
        for option, ports in published(row).items():
            yield from ((option, (server, *port)) for port in ports)
    elif kind == "application":
        for port in row.get(PORTS.embedded) or ():
            # In the mode host, each node of the swarm has the port.
            if port.get("publishMode") != "host":
                yield PORTS.option, (server, int(port["publishedPort"]), str(port.get("protocol") or "tcp"))
