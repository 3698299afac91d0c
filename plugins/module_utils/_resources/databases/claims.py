# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What a database takes of its server. Pure."""

from __future__ import annotations

from typing import Any, Iterator, Mapping

from ..._model.claims import Claim
from ..service_children.claims import claimed_mounts, port_claim
from .ports import published


def claimed_by_database(row: Mapping[str, Any]) -> Iterator[Claim]:
    """Its published ports, its volumes and folders of the host."""
    yield from claimed_mounts(row)
    for option, ports in published(row).items():
        yield from (port_claim(option, *port) for port in ports)
