# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What options state of the records that they refer to: names and paths in place of IDs."""

from __future__ import annotations

from collections import Counter
from typing import Any, Dict, Iterable, List, Mapping, Optional, Sequence, Tuple

from .._errors import PermissionDenied, UnknownProcedure
from .._model.field import Field, Listing
from .._model.resource import PROJECTS, SERVERS
from .._reads.reads import Reads
from .._values.paths import path_or_name

Levels = Tuple[Listing, ...]


class NotStatable(Exception):
    """A value that the option cannot state, and why, as a sentence."""


class Names:
    """The names of IDs. An ID stands for itself where its name is empty, or several records have it."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads
        self._known: Dict[Any, Dict[str, str]] = {}
        #: The records that are stated by their IDs, since several have the name: each ID with the name.
        self.doubled: Dict[str, str] = {}

    def of(self, field: Field, value: Any, beside: Optional[Mapping[str, Any]] = None) -> Any:
        """What a field states of an ID, or of each ID in a list.

        :param beside: the object that the field is a part of.
        :raises Unstated: there is no such record, or the API key does not show it.
        """
        known = self._inside(field, beside or {}) if field.inside else self._names(field)
        if not isinstance(value, (list, tuple)):
            return self._name(known, str(value))
        return sorted({self._name(known, str(resource_id)) for resource_id in value})

    @staticmethod
    def _name(known: Mapping[str, str], value: str) -> str:
        if value not in known:
            raise NotStatable("It refers to %s, which does not exist, or which the API key does not show." % value)
        return known[value]

    def _names(self, field: Field) -> Dict[str, str]:
        """The names of all that a field can refer to."""
        key = field.reference or field.paths
        if key not in self._known:
            try:
                listing = field.reference
                names = self._paths(field.paths) if listing is None else self._listed(listing)
            except (PermissionDenied, UnknownProcedure):
                names = {}
            self._known[key] = names
        return self._known[key]

    def _listed(self, listing: Listing) -> Dict[str, str]:
        if not listing.on_servers:
            return self._distinct(listing.rows(self._reads.listings.rows(listing.procedures)), listing)
        tree, levels = self._reads.trees.of((SERVERS, listing)), (SERVERS, listing)
        self._reads.trees.complete(tree.paths((SERVERS,)), levels)
        return self._distinct(listing.rows([path[-1] for path in tree.paths(levels)]), listing)

    def _inside(self, field: Field, beside: Mapping[str, Any]) -> Dict[str, str]:
        """The names of the records in the project of an assignment."""
        listing = field.reference
        rows = self._reads.listings.rows(PROJECTS.procedures) if listing is not None else []
        inner = [row.get(listing.key) or [] for row in rows if listing is not None and _is(row, field, beside)]
        return {} if listing is None else self._distinct([row for part in inner for row in part], listing)

    def _distinct(self, rows: Iterable[Mapping[str, Any]], listing: Listing) -> Dict[str, str]:
        named = [(str(row[listing.id_key]), str(row.get(listing.name_key) or "")) for row in rows]
        return self._unambiguous(named)

    def _unambiguous(self, named: Sequence[Tuple[str, str]]) -> Dict[str, str]:
        count = Counter(name for _id, name in named)
        self.doubled.update({resource_id: name for resource_id, name in named if count[name] > 1 or not name})
        return {resource_id: name if name and count[name] == 1 else resource_id for resource_id, name in named}

    def _paths(self, kinds: Sequence[Levels]) -> Dict[str, str]:
        tree = self._reads.trees.of()
        named: List[Tuple[str, str]] = []
        for levels in kinds:
            if len(levels) > 2:
                self._reads.trees.complete(tree.paths(levels[:-1]), levels)
            for path in tree.paths(levels):
                names = [str(row.get(level.name_key) or "") for row, level in zip(path, levels)]
                path_name = path_or_name(names) if all(names) else ""
                named.append((str(path[-1][levels[-1].id_key]), path_name))
        return self._unambiguous(named)


def _is(row: Mapping[str, Any], field: Field, beside: Mapping[str, Any]) -> bool:
    return bool(row.get(field.inside) == beside.get(field.inside))
