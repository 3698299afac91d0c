# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""A part of what an instance has, as one query shows it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import reduce
from typing import Any, Dict, Mapping

from ..._secrets.masking import hide_credentials
from ..._values.nested import with_texts
from ..._values.schema import ID, SCALAR, Shape, both, list_of, needed, object_of

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Subset:
    """A part of what an instance has, and the query for it.

    :param shown: what results show of each record: names, and the paths of the values, with dots. The first one of a
        list is the ID, the second one the name. A blank separates paths of which the first one with a value counts.
    :param named: the names of those that are IDs of records of other subsets, with these subsets.
    :param result: the name of its result, if it is not that of the subset.
    :param rows: the path of the list in the answer; empty if the answer is the list.
    :param single: the answer is one record instead of a list.
    :param input: of a query that takes an input: the server refuses to be sent none.
    """

    procedure: str
    shown: Mapping[str, str]
    named: Mapping[str, str] = field(default_factory=dict)
    result: str = ""
    rows: str = ""
    single: bool = False
    input: Mapping[str, Any] = field(default_factory=dict)

    @property
    def shape(self) -> Shape:
        """What C(records) relies on of the answer."""
        row, first = object_of(), next(iter(self.shown.values()))
        for paths in self.shown.values():
            for path in paths.split(" "):
                row = both(row, _at(path, ID if path == first and not self.single else SCALAR))
        return needed(row if self.single else _at(self.rows, list_of(row)))

    def records(self, answer: Any) -> Any:
        """What results show of the answer; a list is sorted, since the server's order is not stable."""
        if self.single:
            return self._record(answer)
        records = [self._record(row) for row in _value(answer, self.rows) or ()]
        return sorted(
            records, key=lambda record: [str(value) for value in (*list(record.values())[1:], *record.values())]
        )

    def _record(self, row: Row) -> Dict[str, Any]:
        """Credentials in addresses are hidden."""
        return {name: with_texts(_first(row, paths), hide_credentials) for name, paths in self.shown.items()}


def _first(row: Row, paths: str) -> Any:
    """The first value at one of these paths; C(None) where there is none."""
    values = (_value(row, path) for path in paths.split(" "))
    return next((value for value in values if value is not None), None)


def _value(value: Any, path: str) -> Any:
    """The value at a path of keys; C(None) where there is none."""
    return reduce(lambda inner, key: (inner or {}).get(key), filter(None, path.split(".")), value)


def _at(path: str, shape: Shape) -> Shape:
    """An object with this shape at a path of keys."""
    return reduce(lambda inner, key: object_of(**{key: inner}), filter(None, reversed(path.split("."))), shape)
