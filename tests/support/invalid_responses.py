# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Invalid responses, derived from a valid one."""

from __future__ import annotations

import copy
import json
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from tests.support.http_recorder import Exchange

Path = tuple[Any, ...]
# Makes a response: most of the cases are only named.
Change = Callable[[], Exchange]
JSON = {"Content-Type": "application/json"}

REMOVED = object()
_DEEP: Any = "x"
for _unused in range(60):
    _DEEP = [_DEEP]


def _wrapped(value: Any) -> list[Any]:
    return [[value], {"x": value}]


# What may stand in a place instead of what belongs there.
REPLACEMENTS: tuple[Any, ...] = (
    REMOVED,
    None,
    "",
    "other",
    "\ud800",
    0,
    -1,
    2**70,
    1.5,
    True,
    False,
    [],
    {},
    [None],
    [[]],
    ["other"],
    {"x": None},
    _DEEP,
)


_STRUCTURES: tuple[Any, ...] = (5, "other", [5], {"x": 5}, [["other"]], True)


def paths(value: Any, path: Path = ()) -> Iterator[Path]:
    """Every place in a JSON value; of a list the first item stands for all, and of repeated ones the second as well."""
    yield path
    if isinstance(value, dict):
        for key, item in value.items():
            yield from paths(item, (*path, key))
    elif isinstance(value, list):
        for position, item in enumerate(value[:2]):
            if position == 0:
                yield from paths(item, (*path, position))
            else:
                yield (*path, position)


def changed(value: Any, path: Path, other: Any) -> Any:
    """The value with another one in a place; it shares all other parts."""
    if not path:
        return None if other is REMOVED else other
    whole = copy.copy(value)
    if len(path) == 1 and other is REMOVED:
        del whole[path[0]]
    else:
        whole[path[0]] = changed(value[path[0]], path[1:], other)
    return whole


def value_at(value: Any, path: Path) -> Any:
    for step in path:
        value = value[step]
    return value


def _with_value(exchange: Exchange, value: Any, path: Path, other: Any) -> Exchange:
    return replace(exchange, headers=JSON, body=json.dumps(changed(value, path, other)).encode())


def _with_body(exchange: Exchange, change: Callable[[bytes], bytes]) -> Exchange:
    return replace(exchange, body=change(exchange.body))


_BYTES: dict[str, Callable[[bytes], bytes]] = {
    "nothing": lambda body: b"",
    "half": lambda body: body[: len(body) // 2],
    "twice": lambda body: body + body,
    "with a BOM": lambda body: b"\xef\xbb\xbf" + body,
    "not UTF-8": lambda body: b'"\xff\xfe\x80"',
    "UTF-16": lambda body: body.decode("utf-8", "replace").encode("utf-16"),
    "NaN": lambda body: b"NaN",
    "infinite": lambda body: b'{"a": [Infinity, -Infinity, 1e999]}',
    "many digits": lambda body: b"9" * 5000,
    "deep lists": lambda body: b"[" * 100000 + b"]" * 100000,
    "deep objects": lambda body: b'{"a":' * 100000 + b"1" + b"}" * 100000,
    "quite deep": lambda body: b"[" * 500 + body + b"]" * 500,
    "long text": lambda body: b'"' + b"x" * 1000000 + b'"',
    "NUL bytes": lambda body: b"\0" * 100,
    "HTML": lambda body: b"<!DOCTYPE html><title>Log in</title>",
    "XML": lambda body: b"<?xml version='1.0'?><x/>",
    "other words": lambda body: b"upstream connect error or disconnect/reset before headers",
    "twin keys": lambda body: b'{"a": 1, "a": 2}' if body[:1] != b"{" else b'{"projectId": 1, ' + body[1:],
}


def byte_changes(exchange: Exchange) -> Iterator[tuple[str, Change]]:
    """The whole answer made something else."""
    for name, change in _BYTES.items():
        yield name, partial(_with_body, exchange, change)
    yield "as text", partial(replace, exchange, headers={"Content-Type": "text/plain"})
    yield "as HTML", partial(replace, exchange, headers={"Content-Type": "text/html"})
    yield "without headers", partial(replace, exchange, headers={})
    yield "another status", partial(replace, exchange, status=299)
    for status in (400, 404, 409, 500):
        yield f"as {status}", partial(replace, exchange, status=status)


def structure_changes(exchange: Exchange) -> Iterator[tuple[str, Change]]:
    """Each list and each object is something else, once."""
    try:
        value = json.loads(exchange.body)
    except ValueError:
        return
    for path in paths(value):
        if isinstance(value_at(value, path), (list, dict)):
            name = ".".join(str(step) for step in path) or "all"
            other = _STRUCTURES[zlib.crc32(f"{exchange.name} {name}".encode()) % len(_STRUCTURES)]
            yield f"{name} is {other}", partial(_with_value, exchange, value, path, other)


def value_changes(exchange: Exchange) -> Iterator[tuple[str, Change]]:
    """Each place in the answer holds something else, or nothing."""
    try:
        value = json.loads(exchange.body)
    except ValueError:
        return
    for path in paths(value):
        here = value_at(value, path)
        for other in (*REPLACEMENTS, *_wrapped(here)):
            if type(other) is type(here) and other == here:
                continue
            words = "gone" if other is REMOVED else ascii(other)[:20]
            name = f"{'.'.join(str(step) for step in path) or 'all'} is {words}"
            yield name, partial(_with_value, exchange, value, path, other)
