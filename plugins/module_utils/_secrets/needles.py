# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Many texts sought in one at once: an environment of thousands of variables, each with dozens of spellings.

A regular expression of them all tries each at every place, and one search after another reads the text as often as
there are spellings. Here every place is looked at once, and what begins there is looked up.
"""

from __future__ import annotations

from typing import Dict, Iterable, Iterator, List, Set, Tuple

# The characters by which a needle is looked up; a shorter one counts only where it stands alone.
HEAD = 4
# From this length on a needle is found in capitals and in small letters.
ANY_CASE = 8
# So few are sought one after another first, since most texts hold none.
_FEW = 300

_Heads = Dict[str, Dict[int, Set[str]]]


class Needles:
    """Texts to be found."""

    def __init__(self) -> None:
        self._exact: _Heads = {}
        self._small: _Heads = {}
        self._short: Set[str] = set()
        self._few: List[str] = []
        self._count = 0

    def add(self, texts: Iterable[str]) -> None:
        """Seek these as well."""
        for text in texts:
            self._count += 1
            if len(text) < HEAD:
                self._short.add(text)
                found = text
            else:
                found = _small(text) if len(text) >= ANY_CASE else text
                heads = self._small if len(text) >= ANY_CASE else self._exact
                heads.setdefault(found[:HEAD], {}).setdefault(len(found), set()).add(found)
            if self._count <= _FEW:
                self._few.append(found)

    def replaced(self, text: str, by: str) -> str:
        """C(text) with every needle in it replaced, from the left to the right, the longest of several."""
        small = _small(text)
        if self._count <= _FEW and not any(one in text or one in small for one in self._few):
            return text
        pieces: List[str] = []
        done = 0
        for start, end in self._places(text, small):
            pieces += [text[done:start], by]
            done = end
        return "".join(pieces) + text[done:] if pieces else text

    def any_long(self, text: str) -> bool:
        """Whether one of four characters and more is in it."""
        small = _small(text)
        if self._count <= _FEW:
            return any(len(one) >= HEAD and (one in text or one in small) for one in self._few)
        return any(self._long_at(text, small, position) for position in range(len(text)))

    def _places(self, text: str, small: str) -> Iterator[Tuple[int, int]]:
        position = 0
        while position < len(text):
            end = self._long_at(text, small, position) or (self._alone(text, position) if self._short else 0)
            if end:
                yield position, end
            position = end or position + 1

    def _long_at(self, text: str, small: str, start: int) -> int:
        """Where the longest one ends that begins here; 0 for none."""
        longest = 0
        for heads, within in ((self._small, small), (self._exact, text)):
            for length, needles in heads.get(within[start : start + HEAD], {}).items():
                if length > longest and within[start : start + length] in needles:
                    longest = length
        return start + longest if longest else 0

    def _alone(self, text: str, start: int) -> int:
        """Where the short one ends that stands alone here; 0 for none."""
        if start and _is_word(text[start - 1]):
            return 0
        for length in range(HEAD - 1, 0, -1):
            end = start + length
            if text[start:end] in self._short and not (end < len(text) and _is_word(text[end])):
                return end
        return 0


def _small(text: str) -> str:
    """In small letters, each at the place of its capital."""
    if text.isascii():
        return text.lower()
    return "".join(char.lower() if len(char.lower()) == 1 else char for char in text)


def _is_word(char: str) -> bool:
    return char == "_" or char.isalnum()
