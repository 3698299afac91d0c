# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Many texts that are looked for in another one at once: the time does not depend on how many there are."""

from __future__ import annotations

import re
from collections import Counter
from typing import Dict, Iterable, List, Tuple

_WORD = re.compile("[A-Za-z0-9]+")
_IN_WORDS = re.compile("[A-Za-z0-9]")
_IN_NAMES = re.compile("[A-Za-z0-9_-]")


class TextIndex:
    """Texts, each found by the rarest of its words.

    :param texts: what is looked for. The value says whether it is a name, which does not go on with C(-) or C(_);
        others end where a letter or a digit does not follow. Texts without letters and digits are not found.
    """

    def __init__(self, texts: Iterable[Tuple[str, bool]]) -> None:
        with_words = [(text, is_name, list(_WORD.finditer(text))) for text, is_name in texts]
        count = Counter(word[0] for _text, _is_name, words in with_words for word in words)
        self._by_word: Dict[str, List[Tuple[int, str, bool]]] = {}
        for text, is_name, words in with_words:
            if words:
                rarest = min(words, key=lambda word: (count[word[0]], -len(word[0])))
                self._by_word.setdefault(rarest[0], []).append((rarest.start(), text, is_name))

    def find(self, text: str) -> List[Tuple[int, str]]:
        """Where these texts are in another one, also inside each other: the place, and what is there."""
        if self._by_word.keys().isdisjoint(_WORD.findall(text)):
            return []
        places = []
        for word in _WORD.finditer(text):
            for offset, wanted, is_name in self._by_word.get(word[0], ()):
                start = word.start() - offset
                if start >= 0 and text.startswith(wanted, start) and _is_whole(text, start, wanted, is_name):
                    places.append((start, wanted))
        return places


def _is_whole(text: str, start: int, wanted: str, is_name: bool) -> bool:
    """Whether what is around a text does not belong to it."""
    inside = _IN_NAMES if is_name else _IN_WORDS
    before, after = text[start - 1 : start], text[start + len(wanted) : start + len(wanted) + 1]
    goes_on = inside.match(before) and inside.match(wanted[0])
    return not (goes_on or (inside.match(after) and inside.match(wanted[-1])))
