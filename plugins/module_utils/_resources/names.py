# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Names that Dokploy keeps unique."""

from __future__ import annotations

from typing import Optional, Tuple

from .._engine.diff import Diff, Row
from .._engine.runner import Context
from .._errors import Refused
from .._model.resource import Resource


def name_is_free(
    resource: Resource, _children: Tuple[str, ...], diff: Diff, row: Optional[Row], context: Context
) -> Diff:
    """Look for another record of the name before a write, since the server does not say that the name is taken.

    :raises Refused: another one has the name.
    """
    own = (row or {}).get(resource.id_key)
    for change in (one for one in diff.changes if one.field.api == resource.listing.name_key):
        rows = context.reads.listing(resource.listing.procedures)
        if any(one["name"] == change.after and one[resource.id_key] != own for one in rows):
            raise Refused(
                "name: another %s is named %r" % (resource.listing.label, change.after),
                hint="Remove it first, or choose another name.",
            )
    return diff
