# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Canaries, and the search for them in whatever form they come.

It knows nothing of how the collection masks: it looks for one word that stands in every canary twice, in any case, in
base64 at any place, in hexadecimal. A marker has another word and is no secret; that it is found shows that a canary
would be.
"""

from __future__ import annotations

import base64
import binascii
import itertools
import re
from collections.abc import Iterable

WORD = "Zq7Canary"
MARKER_WORD = "Vx9Marker"

# Characters that are written differently in JSON, addresses, pages, shells and Python.
BEFORE, AFTER = 'p/"+<é ', "&'%{}$~"


class Canaries:
    """Makes secrets, each another one, and remembers what each is for."""

    def __init__(self, word: str = WORD) -> None:
        self.word = word
        self.made: dict[str, str] = {}
        self._numbers = itertools.count(1)

    def plain(self, what: str) -> str:
        """One of letters and digits."""
        text = f"{self.word}{next(self._numbers):04}{self.word}"
        self.made[text.lower()] = what
        return text

    def rich(self, what: str) -> str:
        """One with all kinds of characters around it."""
        return BEFORE + self.plain(what) + AFTER


def needles(word: str) -> dict[str, str]:
    """Patterns to look for, by the name of the form; all but base64 in small letters.

    Of a text 16 characters: a shorter piece of a secret may be shown.
    """
    data = word.encode()
    found = {"text": rf"{word.lower()}\d{{4}}{word.lower()[:3]}", "hexadecimal": binascii.hexlify(data).decode()}
    for before in range(3):
        coded = base64.b64encode(b"\0" * before + data).decode()
        first = (before * 8 + 5) // 6
        last = (len(data) + before) * 8 // 6
        found[f"base64 at {before}"] = re.escape(coded[first:last])
    return found


def hits(text: str, word: str = WORD) -> list[str]:
    """The forms in which the word is in a text, with what stands around its first place."""
    lowered = text.lower()
    found = []
    for form, needle in needles(word).items():
        where = text if form.startswith("base64") else lowered
        match = re.search(needle, where)
        if match:
            place = match.start()
            found.append(f"{form}: ...{text[max(0, place - 80) : place + 60]!r}")
    return found


def forms_found(text: str, word: str = MARKER_WORD) -> set[str]:
    """The names of the forms in which the word is in a text."""
    return {one.partition(":")[0] for one in hits(text, word)}


def leaks(texts: Iterable[tuple[str, str]]) -> list[str]:
    """Every hit in named texts."""
    return [f"{name}: {hit}" for name, text in texts for hit in hits(text)]
