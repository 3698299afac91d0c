# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Everything that a server has, in the order of the sections, read in few requests."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Dict, Iterator, List, Mapping, Optional, Sequence, Set, Tuple

from .._api.client import Call
from .._engine.rows import Path, listing_call, read_call, row_in, valid
from .._engine.runner import Context
from .._errors import DokployError, PermissionDenied, UnknownProcedure
from .._manifest.sections import BY_KIND, SECTIONS, Section
from .._manifest.unmanaged import Inventory, Unknown, Unmanaged, read_names
from .._model.child import Child
from .._model.resource import Resource
from .memory import Memory
from .scope import Scope

Row = Mapping[str, Any]
_GONE = "It was listed, and its own query does not find it. It may have been removed meanwhile."


@dataclass
class Record:
    """One record.

    :ivar rows: its row in the tree, after those of what it is in.
    :ivar row: the whole row, with its children; C(None) until it is read, or if it cannot be.
    :ivar inner: what is in it. :ivar left: its options that cannot be read, each with the reason.
    """

    section: Section
    resource: Resource
    names: Tuple[str, ...]
    rows: Path
    row: Optional[Dict[str, Any]] = None
    inner: List[Record] = field(default_factory=list)
    left: List[Tuple[str, str]] = field(default_factory=list)
    fixed: bool = False

    @property
    def id(self) -> str:
        return str(self.rows[-1][self.resource.id_key])

    @property
    def name(self) -> str:
        return str(self.rows[-1].get(self.resource.listing.name_key) or "")


def all_records(records: Sequence[Record]) -> Iterator[Record]:
    """Every record, the outer ones first."""
    for one in records:
        yield one
        yield from all_records(one.inner)


class Server:
    """What a server has.

    :ivar records: the outermost ones, in the order of the sections and of their names.
    :ivar hidden: the error of each kind that the API key does not list.
    :ivar unknown: what is of kinds that this collection does not know.
    """

    def __init__(self, context: Context, scope: Scope) -> None:
        self._context = context
        reads = context.reads
        # The scope is known of what there is only one of.
        sections = [one for one in SECTIONS if not one.resource.single or scope.has(one.kind, (one.name,), False)]
        reads.list_together([kind.listing for one in sections for kind in one.operation.resources])
        read_names(reads)
        inventory = Inventory([], reads)
        self._empty = _empty(inventory)
        self.hidden: Dict[str, DokployError] = inventory.hidden
        self.unknown: Sequence[Unknown] = inventory.unknown
        found = [_record(one, inventory) for one in inventory.unmanaged]
        self.records: List[Record] = []
        for section in sections:
            own = (
                self._singles(section) if section.resource.single else [one for one in found if one.section is section]
            )
            self.records += sorted(own, key=_order)

    def _singles(self, section: Section) -> Iterator[Record]:
        """The only record of a section; none of a server that is too old for it."""
        try:
            roots = self._context.reads.tree(section.resource.levels).roots
        except UnknownProcedure:
            return
        except PermissionDenied as error:
            self.hidden[section.kind] = error
            return
        for row in roots:
            yield Record(section, section.resource, (section.name,), (row,))

    def read(self, records: Sequence[Record], memory: Memory) -> None:
        """Read the whole rows of records, and then the children that these do not embed.

        :param memory: assumes that there are no children where these refer to records of which there are none.
        """
        client = self._context.client
        whole = [one for one in records if one.resource.readable != "in_listing"]
        answers = client.call_many([read_call(one.resource, one.id) for one in whole])
        found = {id(one): answer for one, answer in zip(whole, answers)}
        for one in records:
            _enter(one, found.get(id(one), one.rows[-1]))
        beside = [
            (record, *query)
            for record in records
            if record.row is not None
            for query in self._beside(record, record.row, memory)
        ]
        for (one, option, key, _call), answer in zip(beside, client.call_many([query[3] for query in beside])):
            if isinstance(answer, PermissionDenied):
                one.left.append((option, str(answer)))
            elif not isinstance(answer, UnknownProcedure) and one.row is not None:
                one.row[key] = valid(answer)

    def _beside(self, one: Record, row: Row, memory: Memory) -> Iterator[Tuple[str, str, Call]]:
        """The options that queries of their own show: the dotted name, the key in the row, and the query."""
        for child in one.resource.children:
            if child.listing is None or not child.effective(row):
                continue
            if self._lacks_references(child):
                memory.assume(listing_call(child, one.id), [])
            else:
                yield child.option, child.embedded, listing_call(child, one.id)
        for path, each, _group in one.resource.fields():
            if each.query:
                yield ".".join(path), each.api, Call(each.query, {})

    def _lacks_references(self, child: Child) -> bool:
        """Whether there can be no such children, since there is nothing that they could refer to."""
        needed = [field.reference for field in child.fields if field.needed is True and field.reference is not None]
        return any(listing.procedures[0] in self._empty for listing in needed)


def _record(one: Unmanaged, inventory: Inventory) -> Record:
    inner = [_record(each, inventory) for each in inventory.inside(one)]
    order = [section.name for section in one.section.inner]
    inner.sort(key=lambda each: (order.index(each.section.name), *_order(each)))
    return Record(one.section, one.resource, one.names, one.rows, inner=inner, fixed=one.fixed)


def _order(one: Record) -> Tuple[str, ...]:
    return one.name, one.resource.kind, one.id


def _enter(one: Record, answer: Any) -> None:
    """Enter the row of a record. :param answer: that of its query, or the row in its listing."""
    if isinstance(answer, PermissionDenied):
        one.left.append(("", str(answer)))
        return
    row = answer if one.resource.readable == "in_listing" else row_in(one.resource, answer, one.id)
    if row is None:
        one.left.append(("", _GONE))
    else:
        one.row = dict(row)


def _empty(inventory: Inventory) -> Set[str]:
    """The queries that list nothing, and show everything that there is."""
    there = {one.resource.listing.procedures[0] for one in inventory.unmanaged}
    sections = [BY_KIND[record.kind] for record in inventory.unknown if record.kind in BY_KIND]
    there |= {section.resource.listing.procedures[0] for section in sections}
    listed = {one.resource.listing.procedures[0] for one in SECTIONS if one.kind not in inventory.hidden}
    return listed - there
