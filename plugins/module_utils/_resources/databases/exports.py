# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What an export has to know of databases: their published ports, and what others have of them in their texts.

Dokploy's web interface copies the port of a database that it duplicates.
"""

from __future__ import annotations

from typing import Any, Iterator, Mapping

from ..._model.exportable import Claim, Exportable
from ..service_children.ports import port_claim
from .ports import published


def _ports(row: Mapping[str, Any]) -> Iterator[Claim]:
    for option, ports in published(row).items():
        yield from (port_claim(row, option, *port) for port in ports)


EXPORTABLE = Exportable(
    claims=_ports,
    address="internal_host",
    urls=("internal_url", "external_url"),
    logins=("password", "root_password", "urlencoded_password"),
    volumes=("-data", True),
)
