# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What other entries can take from an entry, and which of these values are recognised in their texts."""

from __future__ import annotations

import re
from bisect import bisect
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Dict, FrozenSet, Iterable, Iterator, List, Mapping, Match, Optional, Sequence, Tuple

from .._model.exportable import Exportable
from .._model.field import Field
from .entries import ExportedEntry, Key
from .public import is_unguessable
from .text_index import TextIndex

# Dokploy appends six random characters, lower-case letters and digits, to what the user states. Without a digit they
# may be a word, so that nothing may follow that could belong to a longer name.
_RANDOM = re.compile(r"[a-zA-Z0-9._-]*-(?=[a-z]*([0-9]?))[a-z0-9]{6}\Z")
_LONG_ID = 16
_LONGEST_HOST = 253
_HOST_BEFORE, _HOST_AFTER = re.compile(r"[A-Za-z0-9.-]+\Z"), re.compile(r"-?[A-Za-z0-9-]*(?:\.[A-Za-z0-9-]+)*")
# The name in Docker that has the addresses of all containers.
_TASKS = "tasks."
_LONGEST_USER = 300
_USER = re.compile(r"//[^/@\s\"']*:\Z")


@dataclass(frozen=True)
class EntryFacts:
    """The facts of one entry.

    :param values: those of C(_engine.facts.facts_of) that are texts. :param secret: the names of secret ones.
    """

    entry: ExportedEntry
    values: Mapping[str, Any]
    secret: FrozenSet[str]

    @property
    def key(self) -> Key:
        return self.entry.key

    @property
    def exportable(self) -> Exportable:
        return self.entry.resource.exportable

    @property
    def address(self) -> str:
        """The name of the fact that is its host name, if it has one."""
        return self.exportable.address

    @cached_property
    def random(self) -> Optional[Match[str]]:
        """The random end of its host name, if it has one, with its first digit."""
        return _RANDOM.match(str(self.values.get(self.address)))

    def recognised(self) -> Iterator[Tuple[str, str, bool]]:
        """The facts that no other text has by chance: the name, a text that begins with it, whether it is a name."""
        for name in self.exportable.urls:
            if self.values.get(name):
                yield name, self.values[name], True
        if self.random is not None:
            address = self.values[self.address]
            yield self.address, address, not self.random[1]
            # A name without a digit, too, is what this begins with.
            suffix, is_name = self.exportable.volumes
            if suffix and not self.random[1]:
                yield self.address, address + suffix, is_name
        id_name = self.entry.resource.id_option
        if len(str(self.values.get(id_name) or "")) >= _LONG_ID:
            yield id_name, str(self.values[id_name]), True
        logins = [name for name in self.exportable.logins if name in self.secret]
        for name in (*logins, *sorted(self.secret.difference(logins))):
            value = self.values[name]
            if name not in self.exportable.urls and isinstance(value, str) and is_unguessable(value):
                yield name, value, False

    def login_before(self, text: str, start: int) -> Optional[Tuple[int, str]]:
        """The password in a URL with its host name at a place: where it begins, and the fact that it is."""
        if text[start - 1 : start] != "@":
            return None
        for name in self.exportable.logins:
            value = str(self.values.get(name) or "")
            begin = start - 1 - len(value)
            if value and text.startswith(value, begin) and _USER.search(text[max(0, begin - _LONGEST_USER) : begin]):
                return begin, name
        return None


def exported_facts(entry: ExportedEntry, base_url: str) -> EntryFacts:
    """The facts of an entry, from the row that it was made of.

    :param base_url: the URL of the server.
    """
    resource, row = entry.resource, entry.record.whole or {}
    fields = [
        field for field in resource.options if isinstance(field, Field) and field.returned and field.codec.type == "str"
    ]
    values = {
        resource.id_option: row.get(resource.id_key),
        **{name: row.get(api) if isinstance(api, str) else api(row) for name, api in resource.reading.facts},
        **{field.name: field.shown(row.get(field.api)) for field in fields if field.reference is None},
    }
    secret = {} if resource.reading.secret_facts is None else resource.reading.secret_facts(row, base_url)
    hidden = frozenset((*secret, *(field.name for field in fields if field.secret)))
    return EntryFacts(entry, {**values, **secret}, hidden)


@dataclass(frozen=True)
class Hit:
    """A value of an entry in a text."""

    start: int
    end: int
    name: str
    source: EntryFacts = field(compare=False)


class Known:
    """The facts of all entries, for finding them in texts."""

    def __init__(self, facts: Sequence[EntryFacts]) -> None:
        self._facts: Dict[str, Tuple[EntryFacts, str]] = {}
        names: Dict[str, bool] = {}
        several = set()
        for source in facts:
            for name, value, is_name in source.recognised():
                first = self._facts.setdefault(value, (source, name))
                names.setdefault(value, is_name)
                if first[0] is not source:
                    several.add(value)
        # Whose it is cannot be told.
        for value in several:
            del self._facts[value]
        self._index = TextIndex((value, names[value]) for value in self._facts)

    def hits(self, text: str) -> List[Hit]:
        """The values in a text, also those that are inside others."""
        hits = []
        for start, value in self._index.find(text):
            source, name = self._facts[value]
            if name == source.address and _is_in_domain(text, start, start + len(value)):
                continue
            hits.append(Hit(start, start + len(str(source.values[name])), name, source))
            login = source.login_before(text, start) if name == source.address else None
            if login is not None:
                hits.append(Hit(login[0], start - 1, login[1], source))
        return hits


def _is_in_domain(text: str, start: int, end: int) -> bool:
    """Whether a name in Docker is in a host name with dots, which has to stay what a domain states."""
    before, after = _HOST_BEFORE.search(text[max(0, start - _LONGEST_HOST) : start]), _HOST_AFTER.match(text, end)
    around = [match[0] for match in (before, after) if match is not None and match[0] != _TASKS]
    return "." in "".join(around)


def apart(hits: Iterable[Hit]) -> List[Hit]:
    """Hits that do not overlap, in their order; of overlapping ones the longest."""
    chosen: List[Hit] = []
    starts: List[int] = []
    for hit in sorted(hits, key=lambda candidate: (candidate.start - candidate.end, candidate.start)):
        place = bisect(starts, hit.start)
        free_before = not place or chosen[place - 1].end <= hit.start
        if free_before and (place == len(chosen) or hit.end <= starts[place]):
            chosen.insert(place, hit)
            starts.insert(place, hit.start)
    return chosen
