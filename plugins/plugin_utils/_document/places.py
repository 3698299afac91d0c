# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The places of a document: which file, line and column has what a path names."""

from __future__ import annotations

import re
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from ansible_collections.community.dokploy.plugins.module_utils._errors import enumerated
from ansible_collections.community.dokploy.plugins.module_utils._model.mistakes import labels

# The most places that are shown for one sentence.
_MOST = 3


class Mark(NamedTuple):
    """Where an entry is: the key of a mapping, or the beginning of an item of a list.

    :param line: and C(column), from 1; 0 where only the file is known.
    :param inner: the marks of what is in it, by the keys of a mapping or in the order of a list, as in the file.
    """

    file: str
    line: int = 0
    column: int = 0
    inner: Any = None

    def __str__(self) -> str:
        return "%s:%d:%d" % (self.file, self.line, self.column) if self.line else self.file


#: That of options of a task whose place Ansible does not tell.
TASK = Mark("the task")


def inner_marks(value: Mapping[str, Any], mark: Mark) -> Dict[str, Mark]:
    """The marks of the keys of a mapping; its own for those that a template made."""
    inner = mark.inner if isinstance(mark.inner, dict) else {}
    return {key: inner.get(key) or mark._replace(inner=None) for key in value}


def marks_of(value: Sequence[Any], mark: Mark) -> List[Mark]:
    """The marks of the items of a list; its own for all where a template or C(omit) made another list of it."""
    known = isinstance(mark.inner, list) and len(mark.inner) == len(value)
    return mark.inner if known else [mark._replace(inner=None)] * len(value)


class DocumentPlaces:
    """The places of what is in a document, by paths such as C(projects[shop].environments[production].name).

    :param document: the values that paths are about. :ivar marks: those of its keys.
    """

    def __init__(self, document: Mapping[str, Any], marks: Dict[str, Mark]) -> None:
        self._document = document
        self.marks = marks
        self._root = Mark("", inner=marks)

    def of(self, path: str) -> Optional[Mark]:
        """The mark of a path, or of the last part of it that the document has; C(None) if it has none."""
        return self._deepest(path, 0)[0]

    def locate(self, sentence: str) -> str:
        """The places of the paths in a sentence, C( (shop.yml:12:7)), or empty text."""
        # A hint after it names what may be meant.
        said = re.split(r"\. (?=[A-Z])", sentence, maxsplit=1)[0]
        marks: Dict[str, None] = {}
        for word in re.finditer(r"(?<![\w.\[\]-])[^\s.\[\]]", said):
            mark, depth, end = self._deepest(said, word.start())
            # The name of a section can be a word of the sentence as well.
            is_path = depth > 1 or not word.start() or re.match(r"\.\w|\[", said[end:])
            if mark is not None and mark.file != TASK.file and is_path:
                marks[str(mark)] = None
        return " (%s)" % enumerated(list(marks), _MOST) if marks else ""

    def located(self, sentence: str) -> str:
        """A sentence with the places of its paths, before the hint that follows it."""
        said, *hint = re.split(r"(?<=\.) (?=[A-Z])", sentence, maxsplit=1)
        bare = said.rstrip(".")
        return " ".join([bare + self.locate(bare) + said[len(bare) :], *hint])

    def _deepest(self, text: str, start: int) -> Tuple[Optional[Mark], int, int]:
        """The mark of the longest path in a text from a position on, of how many parts it is, and where it ends."""
        value: Any = self._document
        mark, depth = self._root, 0
        while True:
            step = _key(value, mark, text, start, depth) or _item(value, mark, text, start)
            if step is None:
                return (mark if depth else None), depth, start
            value, mark, start = step
            depth += 1


def _key(value: Any, mark: Mark, text: str, start: int, depth: int) -> Optional[Tuple[Any, Mark, int]]:
    """The value of the key that a text has at a position, its mark and where the key ends."""
    if not isinstance(value, Mapping) or not isinstance(mark.inner, dict):
        return None
    if depth:
        if text[start : start + 1] != ".":
            return None
        start += 1
    # A key can have dots and blanks in it, and begin as another one does.
    keys = [key for key in value if key in mark.inner and text.startswith(key, start)]
    ended = [key for key in keys if key and not re.match(r"[\w-]", text[start + len(key) :])]
    key = max(ended, key=len, default=None)
    return None if key is None else (value[key], mark.inner[key], start + len(key))


def _item(value: Any, mark: Mark, text: str, start: int) -> Optional[Tuple[Any, Mark, int]]:
    """The same for the item of a list, by its name or its position in brackets."""
    label = re.compile(r"\[([^\[\]]+)\]").match(text, start)
    if label is None or not isinstance(value, list):
        return None
    known = labels(value)
    if label[1] not in known:
        return None
    number = known.index(label[1])
    return value[number], marks_of(value, mark)[number], label.end()
