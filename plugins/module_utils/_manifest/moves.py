# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Entries that had another name, or were somewhere else: the ID of what they name renames or moves it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from .._engine.lookup import locate
from .._errors import Ambiguous, ReferenceNotFound
from .._model.resource import Resource
from .._reads.reads import Reads
from .._values.paths import split, unescaped
from .entries import Entry
from .unmanaged import read_names

OPTION = "moved_from"


class Moves:
    """The entries of a document, those that are to be renamed or moved with the ID of what they name.

    :ivar entries: all of them, in the order of the document.
    :ivar mistakes: one sentence for each, with its place.
    """

    def __init__(self, entries: Sequence[Entry], reads: Reads) -> None:
        self._reads = reads
        self.entries: List[Entry] = []
        self.mistakes: List[str] = []
        # The ID of what each former name is, by the kind.
        self._taken: Dict[Tuple[str, str], str] = {}
        self._named = {entry.key for entry in entries}
        if not any(entry.own.get(OPTION) for entry in entries):
            self.entries = list(entries)
            return
        read_names(reads)
        outer: Dict[int, Entry] = {}
        for entry in entries:
            inside = outer.get(id(entry.outer), entry.outer)
            if inside is not entry.outer and inside is not None:
                entry_now = replace(entry, outer=inside, params={**entry.params, **inside.located})
            else:
                entry_now = entry
            former_id = self._former_id(entry_now) if not entry.absent else None
            if former_id is not None:
                entry_now = replace(entry_now, params={**entry_now.params, entry.section.resource.id_option: former_id})
            outer[id(entry)] = entry_now
            self.entries.append(entry_now)

    def _former_id(self, entry: Entry) -> Optional[str]:
        """The ID of what an entry was called before; C(None) if there is none, or if it has its new name already."""
        former = entry.own.get(OPTION)
        resource = entry.section.resource
        if not former:
            return None
        if entry.params.get(resource.id_option):
            self._refuse(entry, "%s and %s are mutually exclusive" % (OPTION, resource.id_option))
            return None
        address = self._address(entry, str(former))
        if address is None or self._located(entry, entry.params) is not None:
            return None
        resource_id = self._located(entry, address)
        if resource_id is None:
            return None
        first = self._taken.setdefault((entry.section.kind, resource_id), entry.where)
        if first != entry.where:
            self._refuse(entry, "%s: %r is what %s was, too" % (OPTION, former, first))
            return None
        return resource_id

    def _address(self, entry: Entry, former: str) -> Optional[Mapping[str, Any]]:
        """The parameters that find what an entry was called before; C(None) if these are no names."""
        resource = entry.section.resource
        labels = [listing.label for listing in resource.parents]
        names = [unescaped(name) for name in split(former)]
        if len(names) not in (1, len(labels) + 1) or not all(names):
            example = "/".join([*labels, "name"]).upper()
            self._refuse(entry, "%s: %r is neither a name nor a path such as %s" % (OPTION, former, example))
            return None
        outer = dict(zip(labels, names)) if len(names) > 1 else {}
        kept = {name: entry.params.get(name) for name in (*labels, "type")}
        address = {**entry.section.defaults, **kept, **outer, resource.name_option: names[-1]}
        key = " ".join(filter(None, (entry.section.kind, former if len(names) > 1 else self._beside(entry, former))))
        if key in self._named:
            self._refuse(entry, "%s: %r has an entry of its own" % (OPTION, former))
            return None
        return address

    @staticmethod
    def _beside(entry: Entry, name: str) -> str:
        """The path of a neighbour of an entry."""
        return replace(entry, names=(*entry.names[:-1], name)).path

    def _located(self, entry: Entry, params: Mapping[str, Any]) -> Optional[str]:
        """The ID of what parameters name; C(None) if there is none."""
        kinds: Sequence[Resource] = [entry.resource] if entry.resource else entry.section.operation.resources
        for resource in kinds:
            try:
                resource_id = locate(resource, params, self._reads).resource_id
            except ReferenceNotFound:
                # What it is in does not exist.
                continue
            except Ambiguous as error:
                self._refuse(entry, "%s: %s" % (OPTION, error))
                continue
            if resource_id is not None:
                return resource_id
        return None

    def _refuse(self, entry: Entry, sentence: str) -> None:
        self.mistakes.append("%s: %s" % (entry.where, sentence))
