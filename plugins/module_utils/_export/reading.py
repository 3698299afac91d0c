# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Everything that a server has, in the order of the sections, read in few requests."""

from __future__ import annotations

from operator import attrgetter
from typing import Any, Dict, Iterator, List, Mapping, Sequence, Set, Tuple

from .._api.client import Call
from .._engine.runner import Context
from .._errors import DokployError, PermissionDenied, UnknownProcedure
from .._manifest.sections import BY_KIND, SECTIONS, Section
from .._manifest.unmanaged import Inventory, Record, Unknown, read_names
from .._model.child import Child
from .._model.field import references_in
from .._reads.rows import listing_call, read_call, row_in, valid
from .._resources.projects.scope import Scope
from .memory import Memory

Row = Mapping[str, Any]
_API = attrgetter("api")


def all_records(records: Sequence[Record]) -> Iterator[Record]:
    """Every record, the outer ones first."""
    for record in records:
        yield record
        yield from all_records(record.inner)


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
        sections = [
            section
            for section in SECTIONS
            if not section.resource.single or scope.has(section.kind, (section.name,), False)
        ]
        reads.listings.read_together([kind.listing for section in sections for kind in section.operation.resources])
        read_names(reads)
        inventory = Inventory([], reads)
        self._empty = _empty(inventory)
        self.hidden: Dict[str, DokployError] = inventory.hidden
        self.unknown: Sequence[Unknown] = inventory.unknown
        singles = [record for section in sections if section.resource.single for record in self._singles(section)]
        records = [_with_inner(record, inventory) for record in inventory.unmanaged]
        self.records = _in_order([*singles, *records], sections)

    def _singles(self, section: Section) -> Iterator[Record]:
        """The only record of a section; none of a server that is too old for it."""
        try:
            roots = self._context.reads.trees.of(section.resource.levels).roots
        except UnknownProcedure:
            return
        except PermissionDenied as error:
            self.hidden[section.kind] = error
            return
        for row in roots:
            yield Record(section, section.resource, (row,))

    def read(self, records: Sequence[Record], memory: Memory) -> None:
        """Read the whole rows of records, and then the children that these do not embed.

        :param memory: assumes that there are no children where these refer to records of which there are none.
        """
        client = self._context.client
        whole = [record for record in records if not record.resource.reading.in_listing]
        calls = [read_call(record.resource, record.id) for record in whole]
        answers = dict(zip(map(id, whole), client.call_many(calls)))
        for record in records:
            _enter(record, answers.get(id(record), record.row))
        beside = [
            (record, *query)
            for record in records
            if record.whole is not None
            for query in self._beside(record, record.whole, memory)
        ]
        for (record, option, key, _call), answer in zip(beside, client.call_many([query[3] for query in beside])):
            if isinstance(answer, PermissionDenied):
                record.left.append((option, str(answer)))
            elif not isinstance(answer, UnknownProcedure) and record.whole is not None:
                record.whole[key] = valid(answer)

    def _beside(self, record: Record, row: Row, memory: Memory) -> Iterator[Tuple[str, str, Call]]:
        """The options that queries of their own show: the dotted name, the key in the row, and the query."""
        for child in record.resource.children:
            if child.listing is None or not child.effective(row):
                continue
            if self._lacks_references(child):
                memory.assume(listing_call(child, record.id), [])
            else:
                yield child.option, child.embedded, listing_call(child, record.id)
        for path, option, _group in record.resource.fields():
            if option.query:
                yield ".".join(path), option.api, Call(option.query, {})

    def _lacks_references(self, child: Child) -> bool:
        """Whether there can be no such children, since there is nothing that they could refer to."""
        needed = [field.reference for field in child.fields if field.needed is True and field.reference is not None]
        return any(listing.procedures[0] in self._empty for listing in needed)


def references_of(record: Record) -> Iterator[Tuple[str, str]]:
    """What a record refers to by ID: the key of the ID of such records, and the ID."""
    row = record.whole or {}
    for _path, option, _group in record.resource.fields():
        yield from references_in(option, row.get(option.api), _API)
    for child in record.resource.children:
        for item in row.get(child.embedded) or ():
            for part in child.fields:
                yield from references_in(part, item.get(part.api), _API)


def _with_inner(record: Record, inventory: Inventory) -> Record:
    inner = [_with_inner(within, inventory) for within in inventory.inside(record)]
    record.inner = _in_order(inner, record.section.inner)
    return record


def _in_order(records: Sequence[Record], sections: Sequence[Section]) -> List[Record]:
    order = {section.name: number for number, section in enumerate(sections)}
    return sorted(
        records, key=lambda record: (order[record.section.name], record.name, record.resource.kind, record.id)
    )


def _enter(record: Record, answer: Any) -> None:
    """Enter the row of a record. :param answer: that of its query, or the row in its listing."""
    if isinstance(answer, PermissionDenied):
        record.left.append(("", str(answer)))
        return
    row = answer if record.resource.reading.in_listing else row_in(record.resource, answer, record.id)
    record.gone = row is None
    if row is not None:
        record.whole = dict(row)


def _empty(inventory: Inventory) -> Set[str]:
    """The queries that list nothing, and show everything that there is."""
    there = {record.resource.listing.procedures[0] for record in inventory.unmanaged}
    sections = [BY_KIND[record.kind] for record in inventory.unknown if record.kind in BY_KIND]
    there |= {section.resource.listing.procedures[0] for section in sections}
    listed = {section.resource.listing.procedures[0] for section in SECTIONS if section.kind not in inventory.hidden}
    return listed - there
