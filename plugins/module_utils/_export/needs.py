# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Which entries of a document need which others, so that new references make no circle."""

from __future__ import annotations

from typing import Dict, Iterator, List, Sequence, Set, Tuple

from .._values.paths import joined
from .entries import ExportedEntry, Key
from .sites import named_records


class Needs:
    """What entries need to exist before them: what they are in, and what they name."""

    def __init__(self, entries: Sequence[ExportedEntry]) -> None:
        self._needs: Dict[Key, Set[Key]] = {}
        self._added: Set[Tuple[Key, Key]] = set()
        outer = {entry.address: entry.key for entry in entries if entry.section.inner}
        known: Dict[Tuple[str, str], List[Key]] = {}
        for entry in entries:
            for name in _names(entry):
                known.setdefault((entry.resource.listing.id_key, name), []).append(entry.key)
        for entry in entries:
            needs = self._needs.setdefault(entry.key, set())
            if entry.address[:-1] in outer:
                needs.add(outer[entry.address[:-1]])
            for wanted in named_records(entry):
                needs.update(known.get(wanted, ()))

    def add(self, taker: Key, source: Key) -> None:
        """Let an entry take a value of another one, unless that one needs it."""
        if not self._reaches(source, taker):
            self._needs[taker].add(source)
            self._added.add((taker, source))

    def __contains__(self, pair: Tuple[Key, Key]) -> bool:
        """Whether an entry takes a value of another one."""
        return pair in self._added

    def _reaches(self, start: Key, goal: Key) -> bool:
        """Whether one needs another one, or is the same."""
        seen, left = {start}, [start]
        while left:
            key = left.pop()
            if key == goal:
                return True
            further = self._needs.get(key, set()) - seen
            seen |= further
            left += further
        return False


def _names(entry: ExportedEntry) -> Iterator[str]:
    """What options call an entry: its name, its ID or its path."""
    own = entry.options.get(entry.resource.id_option)
    yield from dict.fromkeys(filter(None, (entry.address[-1], joined(entry.address), own)))
