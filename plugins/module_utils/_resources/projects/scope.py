# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Which records a task is about: what the option C(scope) selects."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any, Iterator, List, Mapping, Optional, Sequence, Set, Tuple

from ..._errors import OptionError, known_names
from ..._model.argspec import Spec
from ..._values.paths import path_or_name, split, unescaped

_LEVELS = {"projects": 1, "environments": 2, "services": 3}
_SHAPES = {2: "PROJECT/ENVIRONMENT", 3: "PROJECT/ENVIRONMENT/SERVICE"}
OPTION: Spec = {
    "type": "dict",
    "options": {name: {"type": "list", "elements": "str"} for name in ("kinds", *_LEVELS)},
}


class Scope:
    """What the option C(scope) selects.

    :param kinds: those of records that there are.
    :ivar references: whether what the selected records refer to is selected as well.
    :raises OptionError: a kind does not exist, or a pattern has not the form of a path.
    """

    def __init__(self, option: Optional[Mapping[str, Any]], kinds: Sequence[str]) -> None:
        stated = {name: value for name, value in (option or {}).items() if value}
        self.references: bool = stated.pop("references", False)
        stated.pop("around", None)
        self._referenced: Set[Tuple[str, Tuple[str, ...]]] = set()
        self._kinds: List[str] = stated.pop("kinds", [])
        self._patterns = [pattern for name in _LEVELS for pattern in _patterns(name, stated.get(name, ()))]
        self._unused = {text: name for name in _LEVELS for text in stated.get(name, ())}
        for kind in self._kinds:
            if kind not in kinds:
                raise OptionError("scope.kinds: there is no kind %r. %s" % (kind, known_names(kind, kinds)))

    @property
    def everything(self) -> bool:
        return not self._kinds and not self._patterns

    def has_kind(self, kind: str) -> bool:
        """Whether records of a kind are selected, wherever they are."""
        return not self._kinds or kind in self._kinds

    def has(self, kind: str, names: Tuple[str, ...], in_tree: bool) -> bool:
        """Whether a record is selected.

        :param names: from the project on. :param in_tree: it is a project, or in one.
        """
        if (kind, names) in self._referenced:
            return True
        if not in_tree:
            return kind in self._kinds or (not self._kinds and not self._patterns)
        if not self._patterns:
            return self.has_kind(kind)
        matching = [text for parts, text in self._patterns if _covers(parts, names)]
        for text in matching:
            self._unused.pop(text, None)
        return bool(matching) and self.has_kind(kind)

    def add(self, kind: str, names: Tuple[str, ...]) -> None:
        """Select a record to which a selected one refers."""
        self._referenced.add((kind, names))

    def refuse_unused(self, known: Sequence[Tuple[str, ...]]) -> None:
        """:raises OptionError: a pattern selects nothing.

        :param known: the paths of all that there is.
        """
        for text, name in sorted(self._unused.items()):
            hint = known_names(text, sorted(path_or_name(names) for names in known))
            raise OptionError("scope.%s: nothing is at %r. %s" % (name, text, hint))


def _patterns(name: str, texts: Sequence[str]) -> Iterator[Tuple[Tuple[str, ...], str]]:
    for text in texts:
        parts = tuple(unescaped(part) for part in split(text)) if _LEVELS[name] > 1 else (text,)
        if len(parts) != _LEVELS[name]:
            raise OptionError("scope.%s: %r is no path such as %s" % (name, text, _SHAPES[_LEVELS[name]]))
        yield parts, text


def _covers(pattern: Tuple[str, ...], names: Tuple[str, ...]) -> bool:
    """Whether a record is what a pattern selects, or in it."""
    return len(names) >= len(pattern) and all(fnmatchcase(name, part) for name, part in zip(names, pattern))
