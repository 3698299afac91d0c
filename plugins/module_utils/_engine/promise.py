# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Promises: texts that stand for values of rows which do not exist yet, such as the ID of what a plan creates.

They are in bodies, paths and results as any other text. No option and no answer holds one by chance, since neither can
hold a NUL character.
"""

from __future__ import annotations

import re
from typing import Any, Callable, Dict, Iterator, List, Mapping, Optional, Set, Tuple

from .._model.field import Listing
from .._values.codec import GENERATED

# The key of an answer that is a single value, which is saved under the name of its procedure.
WHOLE = ""
_PROMISE = re.compile("\0([^\0]*)\0([^\0]*)\0")


class FromResponse(str):
    """The promise of the key C(key) of the row that an earlier write saves as C(saved)."""

    def __new__(cls, saved: str, key: str) -> FromResponse:
        return super().__new__(cls, "\0%s\0%s\0" % (saved, key))


def is_promise(value: Any) -> bool:
    """Whether a value is, or holds, what is not there yet."""
    return isinstance(value, str) and "\0" in value


def texts_in(value: Any) -> Iterator[str]:
    """The texts in a value, at any depth."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, tuple, Mapping)):
        for one in [*value, *value.values()] if isinstance(value, Mapping) else value:
            yield from texts_in(one)


def promises_in(value: Any) -> Iterator[Tuple[str, str]]:
    """The promises in a value, at any depth: the name of the row, and the key."""
    return (found for text in texts_in(value) if "\0" in text for found in _PROMISE.findall(text))


def without_promises(text: str) -> str:
    """What else there is in a text."""
    return _PROMISE.sub("", text) if "\0" in text else text


def sources_in(value: Any) -> Iterator[str]:
    """The names of the rows from which a value takes something, at any depth."""
    return (saved for saved, _key in promises_in(value))


def fulfilled(value: Any, find: Callable[[str, str], Any]) -> Any:
    """A value with what its promises stand for, at any depth, also inside longer texts.

    :param find: gives it from the name of the row and the key.
    """
    if isinstance(value, str):
        if "\0" not in value:
            return value
        only = _PROMISE.fullmatch(value)
        return find(*only.groups()) if only else _PROMISE.sub(lambda one: str(find(*one.groups())), value)
    if isinstance(value, Mapping):
        return {fulfilled(key, find): fulfilled(one, find) for key, one in value.items()}
    return [fulfilled(one, find) for one in value] if isinstance(value, (list, tuple)) else value


class Promises:
    """What a run of many resources is about to change, so that they can refer to each other.

    :ivar created: the rows of what it creates, by the key of their ID.
    :ivar removed: the keys of the nodes that remove something, by its ID.
    :ivar changed: those of the nodes that change something, by its ID and the key of the row.
    :ivar facts: those of the nodes whose facts others take.
    """

    def __init__(self) -> None:
        self.created: Dict[str, List[Dict[str, Any]]] = {}
        self.removed: Dict[str, str] = {}
        self.changed: Dict[Tuple[str, str], str] = {}
        self.facts: Set[str] = set()

    def of(self, listing: Listing) -> List[Dict[str, Any]]:
        """The IDs and names of what is created and will be listed there."""
        key, value = listing.where
        rows = (row for row in self.created.get(listing.id_key, ()) if not key or row.get(key) == value)
        return [{name: row.get(name) for name in (listing.id_key, listing.name_key)} for row in rows]

    def keep(self, promised: str, id_key: str, row: Mapping[str, Any]) -> None:
        """Enter what was created in place of its promise."""
        for one in self.created.get(id_key, ()):
            if one[id_key] == promised:
                one.update(row)

    def released_by(self, owner: str, key: str) -> Optional[str]:
        """The node that ends the reference under a key of a record, by its removal or by another value."""
        return self.removed.get(owner) or self.changed.get((owner, key))


def shown(value: Any) -> Any:
    """A value as results of check mode show it."""
    return fulfilled(value, lambda _saved, _key: GENERATED)
