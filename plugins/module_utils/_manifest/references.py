# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""From the references in a document to the facts of its entries, or of what the server has beside these."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from types import MappingProxyType
from typing import Callable, Dict, Iterator, List, Mapping, Sequence, Set, Tuple

from .._engine.facts import fact
from .._errors import OptionError, enumerated, known_names
from .._values.paths import joined
from .entries import Entry
from .held import URL
from .reference_text import Reference, references_in, with_references
from .sections import BY_KIND, Section
from .unmanaged import Inventory, alone

Names = Tuple[str, ...]
#: The section of each kind, and of each type, which tells entries of one kind and name apart.
_BY_KIND: Mapping[str, Section] = {
    **{
        resource.kind: section
        for section in BY_KIND.values()
        for resource in section.operation.resources
        if resource.kind
    },
    **BY_KIND,
}


class References:
    """The references of all entries.

    :param renamed: the names of what an entry means by a path. :param urls: the addresses of entries whose domains are
        held, by their keys.
    :ivar entries: those of the document with promises in place of their references, and those of what is only read.
    :ivar mistakes: one sentence for each reference that names nothing.
    """

    def __init__(
        self,
        entries: Sequence[Entry],
        inventory: Inventory,
        renamed: Callable[[Entry, Names], Names] = lambda entry, names: names,
        urls: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._inventory, self._renamed, self._urls = inventory, renamed, urls
        self._keys = {entry.key for entry in entries}
        self._known: Dict[Tuple[str, ...], List[Entry]] = {}
        for entry in entries:
            self._known.setdefault(entry.names, []).append(entry)
        self._read: Dict[str, Entry] = {}
        self.mistakes: List[str] = []
        resolved = [self._resolved(entry) for entry in entries]
        self.entries = [*resolved, *self._read.values()]

    def _resolved(self, entry: Entry) -> Entry:
        if entry.absent or not any(references_in(entry.params)):
            return entry
        taken: Set[str] = set()
        wrong: List[str] = []

        def find(wanted: Reference) -> str:
            try:
                return self._fact(entry, taken, wanted)
            except OptionError as error:
                wrong.append("%s: %s" % (entry.where, error))
                return wanted.text

        params = with_references(entry.params, find)
        self.mistakes += dict.fromkeys(wrong)
        # What else is wrong with it is found without its references.
        return entry if wrong else replace(entry, params=params, takes=frozenset(taken))

    def _fact(self, entry: Entry, taken: Set[str], wanted: Reference) -> str:
        """The promise of what a reference of an entry stands for.

        :param taken: gets the key of what it names.
        :raises OptionError: nothing, or several things, have this path.
        """
        kind = wanted.kind
        if kind and kind not in _BY_KIND:
            raise OptionError("reference: there is no kind %r. %s" % (kind, known_names(kind, BY_KIND)))
        around = _around(entry)
        relative = len(wanted.path) == 1 and around and not (kind and not _BY_KIND[kind].resource.parents)
        named = self._renamed(entry, wanted.path)
        beside = self._renamed(entry, (*around, *wanted.path))
        for path in [beside, named] if relative else [named]:
            candidates = self._named(path, kind) or self._on_server(path, kind)
            if len(candidates) > 1:
                message = "reference: %r names several things: %s. Name one of these as the kind of the filter"
                raise OptionError(message % (joined(path), enumerated(sorted(_telling(candidates)))))
            if candidates and wanted.field == URL and candidates[0].key in self._urls:
                return self._urls[candidates[0].key]
            if candidates:
                taken.add(candidates[0].key)
                return fact(candidates[0].key, wanted.field)
        raise self._missing(wanted, self._renamed(entry, around))

    def _named(self, path: Tuple[str, ...], kind: str) -> List[Entry]:
        """The entries of a path."""
        return [
            entry
            for entry in self._known.get(path, ())
            if kind in ("", entry.section.kind, _type(entry)) and not entry.absent
        ]

    def _missing(self, wanted: Reference, around: Tuple[str, ...]) -> OptionError:
        known = [names[-1] for names in self._known if names[:-1] == around] + [joined(names) for names in self._known]
        path = joined(wanted.path)
        label = "%s %r" % (wanted.kind, path) if wanted.kind else repr(path)
        return OptionError(
            "reference: neither the document nor the server has %s. %s" % (label, known_names(path, known))
        )

    def _on_server(self, path: Tuple[str, ...], kind: str) -> List[Entry]:
        """Entries for what the server has and the document does not name: they are read, and never changed."""
        entries = []
        for record in self._inventory.find(path, kind):
            entry = replace(alone(record, "reference", self._keys), read_only=True)
            entries.append(self._read.setdefault(entry.key, entry))
        return entries


def _type(entry: Entry) -> str:
    return "" if entry.resource is None else entry.resource.kind


def _telling(entries: Sequence[Entry]) -> Iterator[str]:
    """What tells entries of one path apart: the kind, or the type of one of several of that kind."""
    count = Counter(entry.section.kind for entry in entries)
    return (entry.section.kind if count[entry.section.kind] == 1 else _type(entry) for entry in entries)


def _around(entry: Entry) -> Tuple[str, ...]:
    """The names that the document has for the environment to which the references of an entry are relative, or none."""
    names = entry.old_names or entry.names
    return names[:-1] if len(names) == 3 else names if len(names) == 2 else ()
