# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""References of a document: texts that stand for a value of another entry, as the filter C(reference) returns them.

Each is a promise as in C(_engine.plan), C(\\0reference\\0KIND|PATH:FIELD\\0), or the same as C(to_json) writes it.
"""

from __future__ import annotations

import contextlib
import json
import re
from dataclasses import dataclass
from typing import Any, Callable, Iterator, Match, Tuple

from .._values.nested import texts_at, with_texts
from .._values.paths import joined, plain, split

_KIND = r"([a-z_]*)\|"
_WRITTEN = re.compile("\0reference\0%s([^\0]*)\0" % _KIND)
_ANY = re.compile(r"%s|\\u0000reference\\u0000%s(.*?)\\u0000" % (_WRITTEN.pattern, _KIND))


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
        return "\0reference\0%s|%s\0" % (self.kind, self)


def parsed(text: str, kind: str = "") -> Reference:
    """The reference that a user writes; raises C(ValueError), whose message begins with the text.

    The last colon separates the field. A backslash makes a slash or a colon a part of a name.
    """
    *path, field = split(text, ":")
    names = tuple(plain(name) for name in split(":".join(path)))
    if not path or not field or not all(names) or "\0" in text:
        raise ValueError("'%s' is no reference such as db:internal_url or shop/production/db:internal_url" % text)
    if not re.match("[a-z_]*\\Z", kind):
        raise ValueError("'%s': %r is no kind; kinds are like registry" % (text, kind))
    return Reference(kind, names, field)


def replaced(value: Any, find: Callable[[Reference], Any]) -> Any:
    """A value with what its references stand for, at any depth, also inside longer texts."""

    def inserted(text: str) -> Any:
        if "reference" not in text:
            return text
        references = list(references_in(text))
        if references and _WRITTEN.fullmatch(text):
            return find(references[0])
        return _ANY.sub(
            lambda match: next((_inserted(match, find(wanted)) for wanted in _reference_of(match)), match[0]), text
        )

    return with_texts(value, inserted)


def references_in(value: Any) -> Iterator[Reference]:
    """The references in a value, at any depth."""
    for _path, text in texts_at(value):
        for match in _ANY.finditer(text) if "reference" in text else ():
            yield from _reference_of(match)


def _reference_of(match: Match[str]) -> Iterator[Reference]:
    """The reference, unless no filter has written it."""
    kind, text, kind_in_json, in_json = match.groups()
    with contextlib.suppress(ValueError):
        yield parsed(text, kind) if in_json is None else parsed(json.loads('"%s"' % in_json), kind_in_json)


def _inserted(match: Match[str], value: Any) -> str:
    text = str(value)
    # A promise of the engine is replaced later, and has to stay as it is.
    return text if match[0].startswith("\0") or "\0" in text else json.dumps(text)[1:-1]
