# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Marks: texts that stand for values which do not exist yet, or must not be shown.

A mark is C(\\0SOURCE\\0KEY\\0), and is a whole text or a part of a longer one. No option and no answer holds one by
chance, since neither can hold a NUL character. There are three kinds:

- A promise stands for a value of a row which does not exist yet, such as the ID of what a plan creates. Its source is
  the name of that row. It is in bodies, paths and results as any other text.
- A reference stands for a value of another entry of a document. Its source is C(REFERENCE), see
  C(_manifest.reference_text).
- A secret stands for the value of a variable in an exported document. Its source is C(SECRET), see C(_export.marked).
"""

from __future__ import annotations

import re
from typing import Any, Callable, Iterator, Tuple

from .nested import mapped, texts_in

MARK = re.compile("\0([^\0]*)\0([^\0]*)\0")
REFERENCE, SECRET = "reference", "secret"


def mark(source: str, key: str) -> str:
    """The text that stands for a value."""
    return "\0%s\0%s\0" % (source, key)


class FromResponse(str):
    """The promise of the key C(key) of the row that an earlier write saves as C(saved)."""

    def __new__(cls, saved: str, key: str) -> FromResponse:
        return super().__new__(cls, mark(saved, key))


def is_marked(value: Any) -> bool:
    """Whether a value is a text that is, or has, a mark."""
    return isinstance(value, str) and "\0" in value


def marks_in(value: Any) -> Iterator[Tuple[str, str]]:
    """The source and the key of each mark in a value, at any depth."""
    return (match for text in texts_in(value) if "\0" in text for match in MARK.findall(text))


def sources_in(value: Any) -> Iterator[str]:
    """The sources of the marks in a value, at any depth."""
    return (source for source, _key in marks_in(value))


def without_marks(text: str) -> str:
    """What else there is in a text."""
    return MARK.sub("", text) if "\0" in text else text


def substituted(value: Any, find: Callable[[str, str], Any], keys: bool = True) -> Any:
    """A value with what its marks stand for, at any depth, also inside longer texts.

    :param find: gives it from the source and the key. :param keys: and in the keys of mappings.
    """

    def in_leaf(leaf: Any) -> Any:
        if not is_marked(leaf):
            return leaf
        only = MARK.fullmatch(leaf)
        return find(*only.groups()) if only else MARK.sub(lambda match: str(find(*match.groups())), leaf)

    return mapped(value, in_leaf, keys)
