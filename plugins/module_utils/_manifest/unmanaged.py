# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What exists and no entry of a document names."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field, replace
from typing import Any, Container, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple

from .._engine.lookup import api_name
from .._engine.unknown import unknown_rows, unknown_services
from .._errors import DokployError, PermissionDenied, UnknownProcedure
from .._model.resource import ENVIRONMENTS, PROJECTS, Resource
from .._reads.reads import Reads
from .._reads.rows import Path
from .._reads.tree import is_default
from .._values.paths import path_or_name
from .entries import Entry
from .sections import SECTIONS, Section, all_sections

Row = Mapping[str, Any]


@dataclass(eq=False)
class Record:
    """One record of a server: its rows, and its place in documents.

    :ivar rows: its row in the tree, after those of what it is in. :ivar outer: the entry that it is in.
    :ivar whole: the whole row, with its children, once an export has read it; C(None) if it cannot be read.
    :ivar gone: it was listed, and its own query does not find it.
    :ivar inner: what is in it, and C(left): its options that cannot be read, each with the reason; of an export, too.
    """

    section: Section
    resource: Resource
    rows: Path
    outer: Optional[Entry] = None
    whole: Optional[Dict[str, Any]] = None
    gone: bool = False
    inner: List[Record] = field(default_factory=list)
    left: List[Tuple[str, str]] = field(default_factory=list)

    @property
    def row(self) -> Row:
        return self.rows[-1]

    @property
    def id(self) -> str:
        return str(self.row[self.resource.id_key])

    @property
    def name(self) -> str:
        return str(self.row.get(self.resource.listing.name_key) or "")

    @property
    def names(self) -> Tuple[str, ...]:
        """Those of what it is in, from the project on, and its own; an ID where there is no name."""
        if self.resource.single:
            return (self.section.name,)
        named = [
            (row, level) for row, level in zip(self.rows, self.resource.levels) if row.get(level.id_key) is not None
        ]
        return tuple(str(row.get(level.name_key) or row[level.id_key]) for row, level in named)

    @property
    def path(self) -> str:
        """C(shop/production/web), or the name."""
        return path_or_name(self.names)

    @property
    def by_itself(self) -> bool:
        """Whether it comes with what it is in, or with the server, and goes with it: no document needs to name it."""
        return (self.resource.listing == ENVIRONMENTS and is_default(self.row)) or self.row.get("role") == "owner"

    @property
    def fixed(self) -> bool:
        """Whether the API could not create it on another server."""
        return not (self.resource.creation.procedure or self.resource.single)

    @property
    def holds_unknown(self) -> bool:
        """Whether there are services of kinds in it that this collection does not know."""
        inside = self.resource.listing in (PROJECTS, ENVIRONMENTS)
        return inside and any(unknown_services(self.row))


@dataclass(frozen=True)
class Unknown:
    """One thing of a kind that this collection does not know.

    :param kind: the name of the module of others like it without C(dokploy_), or C(service).
    :param type: the kind, as the server names it.
    :param names: those of what it is in, from the project on, and its own; an ID where there is no name.
    """

    kind: str
    type: str
    names: Tuple[str, ...]

    @property
    def path(self) -> str:
        """C(shop/production/stats), or the name."""
        return path_or_name(self.names)

    def shown(self) -> Dict[str, str]:
        """How results show it."""
        return {"kind": self.kind, "type": self.type, "path": self.path}


def alone(record: Record, where: str, known: Container[str], **params: Any) -> Entry:
    """An entry that states nothing of it but its ID and some parameters.

    :param known: the keys of the entries of the document, of which one may have its kind and name, and another type.
    """
    stated: Dict[str, Any] = {**record.section.defaults, **params, record.resource.id_option: record.id}
    if record.resource.kind and not record.resource.by_suboption:
        stated["type"] = record.resource.kind
    entry = Entry(record.section, where, None, (record.path,), stated, {})
    return replace(entry, record=record.id) if entry.key in known else entry


class Inventory:
    """What a server has, beside the entries of a document.

    :ivar unmanaged: the outermost things that no entry names, in the order of the sections.
    :ivar unknown: what is of kinds that this collection does not know, so that it is never removed.
    :ivar hidden: the error of each kind that cannot be listed.
    :ivar kept: how many of each kind an entry names, or go only with what they are in.
    :ivar existing: the rows of what entries name, by the keys of these.
    """

    def __init__(self, entries: Sequence[Entry], reads: Reads) -> None:
        self._reads = reads
        self._named: Dict[Tuple[str, str, Any], List[Entry]] = {}
        # An ID is that of one record, wherever that is until it is moved.
        self._by_id: Dict[Tuple[str, Any], Entry] = {}
        for entry in entries:
            resource_id = entry.params.get(entry.section.resource.id_option)
            if resource_id:
                self._by_id[entry.section.kind, resource_id] = entry
            for name in _names(entry):
                self._named.setdefault((entry.section.kind, _key(entry.outer), name), []).append(entry)
        self.unmanaged: List[Record] = []
        self.unknown: List[Unknown] = []
        # Of these, what an entry can refer to.
        self._referable: List[Record] = []
        self.hidden: Dict[str, DokployError] = {}
        self.kept: Dict[str, int] = {}
        self.existing: Dict[str, Row] = {}
        reads.listings.read_together(
            [kind.listing for section in SECTIONS for kind in section.operation.resources if not kind.single]
        )
        read_names(reads, [path for section in SECTIONS if section.inner for path in self._parents(section, None, ())])
        for section in SECTIONS:
            self._look(section, None, ())
            self._look_for_unknown(section)

    def everything(self, kinds: Sequence[str]) -> Iterator[Record]:
        """What is unmanaged of some kinds, with what of these is in it, the inner things first."""
        if any(record.section.inner and record.section.kind in kinds for record in self.unmanaged):
            read_names(self._reads)
        for record in self.unmanaged:
            yield from self._within(record, kinds)

    def find(self, names: Tuple[str, ...], kind: str) -> Iterator[Record]:
        """What has these names and no entry. :param kind: its kind, or its type; empty for any."""
        for record in (*self.unmanaged, *self._referable):
            yield from self._matching(record, names, kind)

    def _matching(self, record: Record, names: Tuple[str, ...], kind: str) -> Iterator[Record]:
        if record.names == names and kind in ("", record.section.kind, record.resource.kind):
            yield record
        elif len(names) > len(record.names) and names[: len(record.names)] == record.names:
            for inner in self.inside(record):
                yield from self._matching(inner, names, kind)

    def inside(self, record: Record) -> Iterator[Record]:
        """What is right in something that no entry names."""
        for inner in record.section.inner:
            for resource in inner.operation.resources:
                for rows in self._rows(inner, resource, record.rows):
                    # What is moved out of it stays.
                    if (inner.kind, rows[-1][resource.id_key]) not in self._by_id:
                        yield Record(inner, resource, rows, record.outer)

    def _within(self, record: Record, kinds: Sequence[str]) -> Iterator[Record]:
        if record.section.kind not in kinds:
            return
        for inner in self.inside(record):
            yield from self._within(inner, kinds)
        yield record

    def _look(self, section: Section, outer: Optional[Entry], parent: Path) -> None:
        """Go through the records of a section in something."""
        if section.resource.single:
            return
        for resource in section.operation.resources:
            for rows in self._rows(section, resource, parent):
                entry = self._entry(section, resource, outer, rows[-1])
                record = Record(section, resource, rows, outer)
                if entry is None and not resource.listing.is_known(record.row):
                    self.unknown.append(Unknown(section.kind, resource.listing.kind_of(record.row), record.names))
                    self._referable.append(record)
                    continue
                if entry is None and not record.by_itself:
                    self.unmanaged.append(record)
                    continue
                self.kept[section.kind] = self.kept.get(section.kind, 0) + 1
                if entry is None:
                    continue
                self.existing[entry.key] = rows[-1]
                for inner in () if entry.absent else section.inner:
                    self._look(inner, entry, rows)

    def _look_for_unknown(self, section: Section) -> None:
        """Find the records of kinds of which the section has no description, and the services in a project."""
        resources, listing = section.operation.resources, section.resource.listing
        with contextlib.suppress(UnknownProcedure, PermissionDenied):
            for row in unknown_rows(resources, self._reads):
                names = Record(section, section.resource, (row,)).names
                self.unknown.append(Unknown(section.kind, listing.kind_of(row), names))
            for project in self._reads.trees.of().roots if listing == PROJECTS else ():
                for kind, service, environment in unknown_services(project):
                    named = (project["name"], environment["name"], service.get("name") or service["%sId" % kind])
                    self.unknown.append(Unknown("service", kind, named))

    def _parents(self, section: Section, outer: Optional[Entry], parent: Path) -> Iterator[Path]:
        """The records with entries in which there is nothing but services."""
        for rows in self._rows(section, section.resource, parent):
            entry = self._entry(section, section.resource, outer, rows[-1])
            if entry is None or entry.absent:
                continue
            inner = [inner_section for inner_section in section.inner if inner_section.inner]
            if not inner:
                yield rows
            for inner_section in inner:
                yield from self._parents(inner_section, entry, rows)

    def _rows(self, section: Section, resource: Resource, parent: Path) -> List[Path]:
        """The records of a kind, each with what it is in."""
        reads, levels = self._reads, resource.levels
        try:
            tree = reads.trees.of(levels)
            if resource.parents and resource.parents[0].optional:
                reads.trees.complete(tree.paths(resource.parents), levels)
                return tree.paths(levels)
            if len(levels) > 2:
                reads.trees.complete([parent], levels)
            return [(*parent, row) for row in tree.rows(parent, resource.listing)]
        except UnknownProcedure:
            return []
        except PermissionDenied as error:
            self.hidden[section.kind] = error
            return []

    def _entry(self, section: Section, resource: Resource, outer: Optional[Entry], row: Row) -> Optional[Entry]:
        """The entry that names a record, if there is one."""
        stated = self._by_id.get((section.kind, row[resource.id_key]))
        if stated is not None and stated.resource in (None, resource):
            return stated
        for name in (row[resource.id_key], row.get(resource.listing.name_key)):
            for entry in self._named.get((section.kind, _key(outer), name), ()):
                if entry.resource in (None, resource):
                    return entry
        return None


def read_names(reads: Reads, environments: Optional[Sequence[Path]] = None) -> None:
    """Read the names of services that the tree lacks, of many environments together.

    :param environments: C(None): all of them. Those that the API key may not read are left out.
    """
    for resource in (kind for section in all_sections() for kind in section.operation.resources):
        if resource.scope == "environment":
            with contextlib.suppress(PermissionDenied):
                tree = reads.trees.of(resource.levels)
                reads.trees.complete(
                    tree.paths(resource.parents) if environments is None else environments, resource.levels
                )


def _key(entry: Optional[Entry]) -> str:
    return "" if entry is None else entry.key


def _names(entry: Entry) -> Iterator[Any]:
    """The ID and the name that an entry states, which may be an ID too."""
    resource = entry.section.resource
    name = api_name(resource, entry.params.get(resource.name_option))
    yield from filter(None, (entry.params.get(resource.id_option), name))
