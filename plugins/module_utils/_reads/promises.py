# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What a run of many resources is about to create, change and remove, beside what it has read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Dict, List, Mapping, Optional, Set, Tuple

from .._model.field import Listing


@dataclass
class Promises:
    """What a run of many resources is about to change, so that they can refer to each other.

    :ivar created: the rows of what it creates, by the key of their ID.
    :ivar removed: the keys of the nodes that remove something, by its ID.
    :ivar changed: those of the nodes that change something, by its ID and the key of the row.
    :ivar facts: those of the nodes whose facts others take.
    """

    created: Dict[str, List[Dict[str, Any]]] = field(default_factory=dict)
    removed: Dict[str, str] = field(default_factory=dict)
    changed: Dict[Tuple[str, str], str] = field(default_factory=dict)
    facts: Set[str] = field(default_factory=set)

    def of(self, listing: Listing) -> List[Dict[str, Any]]:
        """The IDs and names of what is created and will be listed there."""
        key, value = listing.where
        rows = (row for row in self.created.get(listing.id_key, ()) if not key or row.get(key) == value)
        return [{name: row.get(name) for name in (listing.id_key, listing.name_key)} for row in rows]

    def keep(self, promised: str, id_key: str, row: Mapping[str, Any]) -> None:
        """Enter what was created in place of its promise."""
        for created in self.created.get(id_key, ()):
            if created[id_key] == promised:
                created.update(row)

    def released_by(self, owner: str, key: str) -> Optional[str]:
        """The node that ends the reference under a key of a record, by its removal or by another value."""
        return self.removed.get(owner) or self.changed.get((owner, key))
