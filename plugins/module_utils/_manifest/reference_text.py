# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""References of a document: texts that stand for a value of another entry, as the filter C(reference) returns them.

Each is a mark, C(\\0reference\\0KIND|PATH:FIELD\\0), or the same as C(to_json) writes it.
"""

from __future__ import annotations

import contextlib
import json
import re
from dataclasses import dataclass
from typing import Any, Callable, Iterator, Match, Optional, Tuple

from .._values.marks import MARK, REFERENCE, is_marked, mark
from .._values.nested import texts_at, with_texts
from .._values.paths import joined, split, unescaped

# A mark, or a reference in JSON.
_ANY = re.compile(r"%s|\\u0000%s\\u0000(.*?)\\u0000" % (MARK.pattern, REFERENCE))


@dataclass(frozen=True)
class Reference:
    """:param kind: the module's name without C(dokploy_), or empty. :param path: names, the outermost first."""

    kind: str
    path: Tuple[str, ...]
    field: str

    def __str__(self) -> str:
        """It as the user writes it: C(shop/production/db:internal_url)."""
        return "%s:%s" % (joined(self.path), self.field)

    @property
    def text(self) -> str:
        """The text that stands for the value."""
        return mark(REFERENCE, "%s|%s" % (self.kind, self))


def parse_reference(text: str, kind: str = "") -> Reference:
    """The reference that a user writes; raises C(ValueError), whose message begins with the text.

    The last colon separates the field. A backslash makes a slash or a colon a part of a name.
    """
    *path, field = split(text, ":")
    names = tuple(unescaped(name) for name in split(":".join(path)))
    if not path or not field or not all(names) or is_marked(text):
        raise ValueError("'%s' is no reference such as db:internal_url or shop/production/db:internal_url" % text)
    if not re.match("[a-z_]*\\Z", kind):
        raise ValueError("'%s': %r is no kind; kinds are like registry" % (text, kind))
    return Reference(kind, names, field)


def with_references(value: Any, find: Callable[[Reference], Any]) -> Any:
    """A value with what its references stand for, at any depth, also inside longer texts."""

    def in_text(text: str) -> Any:
        if REFERENCE not in text:
            return text
        only = _ANY.fullmatch(text)
        reference = _reference_of(only) if only and only[3] is None else None
        return _ANY.sub(lambda match: _inserted(match, find), text) if reference is None else find(reference)

    return with_texts(value, in_text)


def references_in(value: Any) -> Iterator[Reference]:
    """The references in a value, at any depth."""
    matches = (match for _path, text in texts_at(value) if REFERENCE in text for match in _ANY.finditer(text))
    return (reference for reference in map(_reference_of, matches) if reference is not None)


def reference_of(key: str) -> Optional[Reference]:
    """The reference whose mark has this key; C(None) if no filter has written it."""
    kind, _separator, text = key.partition("|")
    with contextlib.suppress(ValueError):
        return parse_reference(text, kind)
    return None


def _reference_of(match: Match[str]) -> Optional[Reference]:
    source, key, in_json = match.groups()
    if in_json is not None:
        with contextlib.suppress(ValueError):
            return reference_of(json.loads('"%s"' % in_json))
    return reference_of(key) if source == REFERENCE else None


def _inserted(match: Match[str], find: Callable[[Reference], Any]) -> str:
    reference = _reference_of(match)
    if reference is None:
        return match[0]
    text = str(find(reference))
    # A promise of the engine is replaced later, and has to stay as it is.
    return text if match[3] is None or is_marked(text) else json.dumps(text)[1:-1]
