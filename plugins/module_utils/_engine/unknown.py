# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What a server has of kinds that no description is of, as forks and later releases of Dokploy do.

The collection lists such a record, and neither changes nor removes it, since it does not know what the record contains.
"""

from __future__ import annotations

from typing import Any, Dict, Iterator, List, Mapping, Sequence, Tuple

from .._errors import Refused
from .._model.resource import ENVIRONMENTS, SERVICES, Resource
from .._reads.reads import Reads

Row = Mapping[str, Any]


def unknown_rows(resources: Sequence[Resource], reads: Reads) -> List[Dict[str, Any]]:
    """The listed rows of which none of the kinds of a resource is, each with its ID under the key that these have.

    Where one description is of all rows, C(Listing.is_known) tells it of each.
    """
    listing = resources[0].listing
    if not listing.selective or not listing.kind_key:
        return []
    known = {"", *(kind for resource in resources for kind in resource.listing.kinds)}
    # The ID of a part that a row of an unknown kind lacks; that of the whole stands for it.
    own = "%sId" % listing.outer if listing.outer else listing.id_key
    rows = listing.listed(reads.listings.rows(listing.procedures))
    return [{**row, listing.id_key: row.get(own)} for row in rows if listing.kind_of(row) not in known]


def refuse_unknown_kind(resources: Sequence[Resource], option: str, wanted: Any, reads: Reads) -> None:
    """:raises Refused: a record of this name or ID is of a kind that none of the resources is."""
    listing = resources[0].listing
    for row in unknown_rows(resources, reads):
        if wanted in (row.get(listing.name_key), row[listing.id_key]):
            raise of_unknown_kind(resources[0], option, row)


def of_unknown_kind(resource: Resource, option: str, row: Row) -> Refused:
    """The error for a record that a module would change."""
    listing = resource.listing
    message = "%s: the %s %r is of the kind %r, which this collection does not know"
    return Refused(
        message % (option, resource.noun, row.get(listing.name_key), listing.kind_of(row)),
        hint="Nothing was written. Use the web interface for it.",
    )


def unknown_services(row: Row) -> Iterator[Tuple[str, Row, Row]]:
    """The services of other kinds in the row of a project or an environment: the kind, the service and its environment.

    A row of an environment lists the services of each kind under a key of its own, each with C(<kind>Id).
    """
    known = {service.key for service in SERVICES.values()}
    for environment in row.get(ENVIRONMENTS.key) or [row]:
        for kind, services in environment.items():
            if kind in known or not isinstance(services, list):
                continue
            for service in services:
                if isinstance(service, dict) and isinstance(service.get("%sId" % kind), str):
                    yield kind, service, environment
