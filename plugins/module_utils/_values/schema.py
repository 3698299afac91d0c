# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What the engine relies on of a JSON value, and the judgement whether a value is so.

It is said once for each answer, so that all that reads it can take it for granted. Only what would be misread is
looked at: a number where a text is only shown does no harm.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass, field, replace
from typing import Any, List, Mapping, Optional, Tuple

# How deep values may be nested of which nothing else is known. Dokploy's own are not a tenth of it, and Python, Ansible
# and its callbacks walk through them by recursion.
MOST_LEVELS = 64

_WORDS = {
    "text": "text",
    "number": "a number",
    "scalar": "a single value",
    "list": "a list",
    "object": "an object",
}


@dataclass(frozen=True)
class Shape:
    """What a value is. Null is as good as its absence.

    :param kind: C(text), C(number), C(scalar) (of these any, or true or false), C(list), C(object) or C(any).
    :param item: what each item of a list is, or each value of an object whose keys are free.
    :param keys: what the values of an object are whose keys are known; others do not matter.
    :param needed: it must be there.
    """

    kind: str
    item: Optional[Shape] = None
    keys: Mapping[str, Shape] = field(default_factory=dict)
    needed: bool = False


ANY = Shape("any")
TEXT = Shape("text")
NUMBER = Shape("number")
SCALAR = Shape("scalar")
ID = Shape("text", needed=True)


def needed(shape: Shape) -> Shape:
    """The same, where null will not do."""
    return replace(shape, needed=True)


def list_of(item: Shape) -> Shape:
    """A list, of which nothing may be null."""
    return Shape("list", item=needed(item))


def object_of(**keys: Shape) -> Shape:
    return Shape("object", keys=keys)


def map_of(item: Shape) -> Shape:
    """An object whose keys are free."""
    return Shape("object", item=item)


def both(one: Shape, other: Shape) -> Shape:
    """What is relied on by either of two readers."""
    if one.kind != other.kind or one.kind in ("text", "number", "scalar", "any"):
        return replace(other if one.kind in ("any", "scalar") else one, needed=one.needed or other.needed)
    keys = {**other.keys, **one.keys}
    keys.update({name: both(shape, other.keys[name]) for name, shape in one.keys.items() if name in other.keys})
    item = both(one.item, other.item) if one.item and other.item else one.item or other.item
    return Shape(one.kind, item, keys, one.needed or other.needed)


def wrong(shape: Shape, value: Any, place: str = "") -> Optional[str]:
    """What is wrong with a value, as the end of a sentence; C(None): nothing."""
    if value is None:
        return "%s is missing" % (place or "the value") if shape.needed else None
    if shape.kind == "any":
        return "%s is nested too deeply" % (place or "the value") if _too_deep(value) else None
    if not _is(shape.kind, value):
        return "%s is %s instead of %s" % (place or "the value", _kind(value), _WORDS[shape.kind])
    for name, inner, item in _inside(shape, value):
        found = wrong(inner, item, "%s%s" % (place, name) if place else name.lstrip("."))
        if found is not None:
            return found
    return None


def _inside(shape: Shape, value: Any) -> List[Tuple[str, Shape, Any]]:
    if isinstance(value, list):
        return [("[%d]" % number, shape.item, item) for number, item in enumerate(value) if shape.item is not None]
    if not isinstance(value, dict):
        return []
    if shape.item is not None:
        return [(".%s" % name, shape.item, item) for name, item in value.items()]
    return [(".%s" % name, inner, value.get(name)) for name, inner in shape.keys.items()]


def _is(kind: str, value: Any) -> bool:
    if kind == "list":
        return isinstance(value, list)
    if kind == "object":
        return isinstance(value, dict)
    if kind == "text":
        return isinstance(value, str)
    if kind == "number":
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    return not isinstance(value, (list, dict))


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "true or false"
    return next(_WORDS[kind] for kind in ("text", "number", "list", "object") if _is(kind, value))


def _too_deep(value: Any) -> bool:
    level = [value]
    for _unused in range(MOST_LEVELS):
        level = [
            inner
            for one in level
            if isinstance(one, (list, dict))
            for inner in (one.values() if isinstance(one, dict) else one)
        ]
        if not level:
            return False
    return True


# --- json text ---
# JSON as it comes from somewhere else: strict where Python's own reading is lenient, and never an exception.


NOTHING = object()

# Half of a pair of surrogates, or each of both.
_HALF = re.compile(r"\\u[dD][89a-fA-F]")


def parsed(text: str) -> Any:
    """The value of a JSON text; C(NOTHING) when it is none that can be worked with.

    Python would also take C(NaN) and C(Infinity), and make an infinite number of C(1e999).
    """
    try:
        value = json.loads(text, parse_constant=_refuse, parse_float=_finite)
        # Half of a pair of surrogates is JSON, but no text that could be shown or sent.
        return _whole_text(value) if _HALF.search(text) else value
    except (ValueError, RecursionError):
        return NOTHING


def _refuse(word: str) -> float:
    raise ValueError("%s is no JSON" % word)


def _finite(digits: str) -> float:
    number = float(digits)
    return number if math.isfinite(number) else _refuse(digits)


def _whole_text(value: Any) -> Any:
    return json.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", errors="replace"))
