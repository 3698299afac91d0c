# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Walking through nested values: mappings and lists, at any depth, and what is in them.

A leaf is what is neither: a text, a number, a boolean, null. A path has keys of mappings and positions in lists.
"""

from __future__ import annotations

from typing import Any, Callable, Iterator, Mapping, Sequence, Tuple

Path = Tuple[Any, ...]
# Whether something is a mapping takes the longest to tell, so that what is frequent comes first.
_LEAVES = (str, int, type(None))


def leaves(value: Any, path: Path = ()) -> Iterator[Tuple[Path, Any]]:
    """The leaves of a value, each with its path. :param path: that of the value."""
    if isinstance(value, _LEAVES) or not isinstance(value, (list, tuple, Mapping)):
        yield path, value
        return
    for key, inner in value.items() if isinstance(value, Mapping) else enumerate(value):
        yield from leaves(inner, (*path, key))


def texts_at(value: Any, path: Path = ()) -> Iterator[Tuple[Path, str]]:
    """The texts in a value, each with its path. :param path: that of the value."""
    return ((place, leaf) for place, leaf in leaves(value, path) if isinstance(leaf, str))


def texts_in(value: Any) -> Iterator[str]:
    """The texts in a value, also those that are keys."""
    if isinstance(value, str):
        yield value
    elif not isinstance(value, _LEAVES) and isinstance(value, (list, tuple, Mapping)):
        for inner in [*value, *value.values()] if isinstance(value, Mapping) else value:
            yield from texts_in(inner)


def mapped(value: Any, change: Callable[[Any], Any], keys: bool = False) -> Any:
    """A copy of a value with what C(change) makes of its leaves. :param keys: and of the keys of its mappings."""
    if isinstance(value, _LEAVES):
        return change(value)
    if isinstance(value, Mapping):
        return {change(key) if keys else key: mapped(inner, change, keys) for key, inner in value.items()}
    return [mapped(inner, change, keys) for inner in value] if isinstance(value, (list, tuple)) else change(value)


def with_texts(value: Any, change: Callable[[str], Any]) -> Any:
    """A copy of a value with what C(change) makes of its texts. Keys stay."""
    return mapped(value, lambda leaf: change(leaf) if isinstance(leaf, str) else leaf)


def copied(value: Any) -> Any:
    """A copy of which no part is in two places, as an anchor of YAML may be."""
    return mapped(value, lambda leaf: leaf)


def at(value: Any, path: Sequence[Any]) -> Any:
    """What is at a path of a value.

    :raises LookupError: nothing is.
    """
    for key in path:
        value = value[key]
    return value


def maybe_at(value: Any, path: Sequence[Any]) -> Any:
    """What is at a path of a value; C(None) if nothing is."""
    for key in path:
        if isinstance(value, Mapping):
            value = value.get(key)
        else:
            value = value[key] if isinstance(value, list) and isinstance(key, int) and key < len(value) else None
    return value


def has(value: Any, path: Sequence[Any]) -> bool:
    """Whether there is something at a path of a value that is not null."""
    return maybe_at(value, path) is not None
