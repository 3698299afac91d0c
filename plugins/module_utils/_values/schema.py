# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What the engine relies on of a JSON value, and whether a value is like that.

Each answer has one shape, so that the code that reads it needs no checks of its own. A shape covers only what would be
misread: a number instead of a text that is only shown does no harm.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Dict, List, Mapping, Optional, Tuple

# Python, Ansible and its callbacks walk values by recursion. Dokploy's own are not a tenth as deep.
_MOST_LEVELS = 64

_KINDS: Dict[str, Tuple[Any, str]] = {
    "text": (str, "text"),
    "number": ((int, float), "a number"),
    "scalar": ((str, int, float), "a single value"),
    "list": (list, "a list"),
    "object": (dict, "an object"),
}


@dataclass(frozen=True)
class Shape:
    """What a value is. Null is the same as no value.

    :param kind: C(text), C(number), C(scalar) (text, a number, true or false), C(list), C(object) or C(any).
    :param item: the shape of each item of a list, or of each value of an object with any keys.
    :param keys: the shapes of known keys of an object; others do not matter.
    :param only: a key of an object and texts: with another text there, the object is not looked into.
    :param needed: the value must not be null.
    :param former: for keys that a release has renamed, the key before, and the first release that has this one.
    """

    kind: str
    item: Optional[Shape] = None
    keys: Mapping[str, Shape] = field(default_factory=dict)
    needed: bool = False
    only: Tuple[str, Tuple[str, ...]] = ("", ())
    former: Mapping[str, Tuple[str, Tuple[int, int, int]]] = field(default_factory=dict)

    @cached_property
    def has_former(self) -> bool:
        """Whether a release has other keys anywhere in it."""
        inner = [*self.keys.values(), *([self.item] if self.item is not None else ())]
        return bool(self.former) or any(shape.has_former for shape in inner)


ANY = Shape("any")
TEXT = Shape("text")
NUMBER = Shape("number")
SCALAR = Shape("scalar")
ID = Shape("text", needed=True)


def needed(shape: Shape) -> Shape:
    return replace(shape, needed=True)


def list_of(item: Shape) -> Shape:
    """A list without nulls."""
    return Shape("list", item=needed(item))


def object_of(**keys: Shape) -> Shape:
    return Shape("object", keys=keys)


def map_of(item: Shape) -> Shape:
    """An object with any keys."""
    return Shape("object", item=item)


def both(first: Shape, second: Shape) -> Shape:
    """What either of two readers relies on."""
    if first.kind != second.kind or first.kind not in ("list", "object"):
        return replace(second if first.kind in ("any", "scalar") else first, needed=first.needed or second.needed)
    keys = {**second.keys, **first.keys}
    keys.update({name: both(shape, second.keys[name]) for name, shape in first.keys.items() if name in second.keys})
    item = both(first.item, second.item) if first.item and second.item else first.item or second.item
    only = (first.only[0] or second.only[0], first.only[1] + second.only[1])
    return Shape(first.kind, item, keys, first.needed or second.needed, only, {**second.former, **first.former})


def wrong(shape: Shape, value: Any) -> Optional[str]:
    """What is wrong with a value, as the end of a sentence; C(None) if nothing is."""
    problem = _wrong(shape, value)
    return None if problem is None else "%s is %s" % (problem[0].lstrip(".") or "the value", problem[1])


def _wrong(shape: Shape, value: Any) -> Optional[Tuple[str, str]]:
    """Where something is wrong, as a path that is put together only then, and what it is."""
    if value is None:
        return ("", "missing") if shape.needed else None
    if shape.kind == "any":
        return ("", "nested too deeply") if _too_deep(value) else None
    if not _is(shape.kind, value):
        kind = "true or false" if isinstance(value, bool) else next(_KINDS[k][1] for k in _KINDS if _is(k, value))
        return "", "%s instead of %s" % (kind, _KINDS[shape.kind][1])
    if _is_other(shape, value):
        return None
    inner: List[Tuple[Any, Shape, Any]] = [(name, keyed, value.get(name)) for name, keyed in shape.keys.items()]
    if shape.item is not None:
        items = enumerate(value) if isinstance(value, list) else value.items()
        inner = [(key, shape.item, item) for key, item in items]
    step = "[%d]" if isinstance(value, list) else ".%s"
    for key, inner_shape, item in inner:
        # Of most keys of most rows there is nothing to judge.
        right = isinstance(item, str) if inner_shape.kind == "text" else item is None and not inner_shape.needed
        problem = None if right else _wrong(inner_shape, item)
        if problem is not None:
            return step % key + problem[0], problem[1]
    return None


def _is_other(shape: Shape, value: Any) -> bool:
    """Whether an object tells that it is of another kind than those whose shape this is."""
    key, known = shape.only
    return bool(key) and isinstance(value.get(key), str) and value[key] not in known


def _is(kind: str, value: Any) -> bool:
    return isinstance(value, _KINDS[kind][0]) and not (kind == "number" and isinstance(value, bool))


def _too_deep(value: Any) -> bool:
    level = [value]
    for _unused in range(_MOST_LEVELS):
        groups = [part.values() if isinstance(part, dict) else part for part in level if isinstance(part, (dict, list))]
        level = [inner for group in groups for inner in group]
    return bool(level)


NOTHING = object()

# One half of a surrogate pair, or each of both.
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def parse_json(text: str) -> Any:
    """The value of a JSON text; C(NOTHING) if it is not JSON, or has values that cannot be sent on.

    Python would also accept C(NaN) and C(Infinity), and read C(1e999) as infinite.
    """
    try:
        value = json.loads(text, parse_constant=_finite, parse_float=_finite)
        if _SURROGATE.search(text):
            # Half a pair is JSON, but not a text that can be shown or sent.
            value = json.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", errors="replace"))
        return value
    except (ValueError, RecursionError):
        return NOTHING


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError("%s is not JSON" % digits)
    return number
