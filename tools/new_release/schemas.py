# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two JSON schemas of one value, compared: what the newer one does not take any more, and what it takes besides."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Schema = dict[str, Any]

# Kinds of changes.
NEW, GONE, RENAMED, NARROWED, WIDENED = "new", "gone", "renamed", "narrowed", "widened"
# Bounds: a larger one narrows, and a smaller one narrows.
_LOWER = ("minLength", "minimum", "exclusiveMinimum", "minItems")
_UPPER = ("maxLength", "maximum", "exclusiveMaximum", "maxItems")
# What zod adds by itself to each number that is an integer.
_ANY_INTEGER = (-(2**53) + 1, 2**53 - 1)
_FORMATS = {"uri": "url"}


@dataclass(frozen=True)
class Change:
    """What differs.

    :param place: the path inside of the value: C("config.apiUrl"); empty for the value itself.
    :param text: what it is, for a person.
    """

    place: str
    kind: str
    text: str


def differences(before: Schema, now: Schema, exact: bool = True, place: str = "") -> Iterator[Change]:
    """What has changed. ``exact``: both have lengths, bounds, formats and patterns."""
    if not _says_something(before) or not _says_something(now):
        return
    yield from _nulls(before, now, place)
    befores, nows = _choices(before), _choices(now)
    if len(befores) > 1 or len(nows) > 1:
        yield from _unions(befores, nows, exact, place)
        return
    yield from _single(befores[0], nows[0], exact, place)


def _says_something(schema: Schema) -> bool:
    return any(key in schema for key in ("type", "anyOf", "oneOf", "enum", "const"))


def _takes_null(schema: Schema) -> bool:
    return bool(schema.get("nullable")) or {"type": "null"} in schema.get("anyOf", ())


def _nulls(before: Schema, now: Schema, place: str) -> Iterator[Change]:
    if _takes_null(before) and not _takes_null(now):
        yield Change(place, NARROWED, "cannot be null any more")
    if _takes_null(now) and not _takes_null(before):
        yield Change(place, WIDENED, "can be null")


def _choices(schema: Schema) -> list[Schema]:
    """The alternatives without null, or the schema alone."""
    union = schema.get("oneOf") or schema.get("anyOf")
    return [choice for choice in union if choice != {"type": "null"}] if union else [schema]


def _unions(befores: list[Schema], nows: list[Schema], exact: bool, place: str) -> Iterator[Change]:
    old = {_name(choice): choice for choice in befores}
    new = {_name(choice): choice for choice in nows}
    for name in old.keys() - new.keys():
        yield Change(place, NARROWED, f"does not take {name} any more")
    for name in sorted(new.keys() - old.keys()):
        yield Change(place, WIDENED, f"takes {name} too")
    for name in sorted(old.keys() & new.keys()):
        yield from _single(old[name], new[name], exact, f"{place}[{name}]")


def _name(choice: Schema) -> str:
    """How an alternative is recognised: by what it is, by the constant in it, or by its type."""
    values = _values(choice)
    if values is not None and len(values) == 1:
        return repr(values[0])
    for schema in choice.get("properties", {}).values():
        values = _values(schema)
        if values is not None and len(values) == 1:
            return str(values[0])
    return str(choice.get("type", "anything"))


def _values(schema: Schema) -> list[Any] | None:
    return [schema["const"]] if "const" in schema else schema.get("enum")


def _kind(schema: Schema, exact: bool) -> str:
    kind = str(schema.get("type", "anything"))
    # JSON has no bigint, and TypeScript no integer.
    return "number" if kind == "bigint" or (kind == "integer" and not exact) else kind


def _single(before: Schema, now: Schema, exact: bool, place: str) -> Iterator[Change]:
    if _kind(before, exact) != _kind(now, exact):
        yield Change(place, NARROWED, f"is {_kind(now, exact)} in place of {_kind(before, exact)}")
        return
    yield from _enums(_values(before), _values(now), place)
    if exact:
        yield from _limits(before, now, place)
    if before.get("type") == "array":
        yield from differences(before.get("items", {}), now.get("items", {}), exact, f"{place}[]")
    yield from _objects(before, now, exact, place)


def _enums(before: list[Any] | None, now: list[Any] | None, place: str) -> Iterator[Change]:
    if before is None and now is None:
        return
    if before is None or now is None:
        listed = ", ".join(map(str, before or now or ()))
        yield (
            Change(place, WIDENED, f"is not one of {listed} only")
            if before
            else Change(place, NARROWED, f"is one of {listed}")
        )
        return
    gone = [str(value) for value in before if value not in now]
    more = [str(value) for value in now if value not in before]
    if gone:
        yield Change(place, NARROWED, f"does not take {', '.join(gone)} any more")
    if more:
        yield Change(place, WIDENED, f"takes {', '.join(more)} too")


def _limits(before: Schema, now: Schema, place: str) -> Iterator[Change]:
    for names, sign in ((_LOWER, 1), (_UPPER, -1)):
        for name in names:
            old, new = _limit(before, name), _limit(now, name)
            if old == new:
                continue
            narrower = old is None or (new is not None and (new - old) * sign > 0)
            text = f"has {name} {new}" if new is not None else f"has no {name} any more"
            yield Change(
                place, NARROWED if narrower else WIDENED, text + (f", {old} before" if old is not None else "")
            )
    # Dokploy's own words for a pattern are in the simulator's table alone.
    for name in ("pattern", "format"):
        old, new = (_FORMATS.get(schema.get(name, ""), schema.get(name)) for schema in (before, now))
        if old != new and not before.get("custom"):
            text = f"has the {name} {new}" if new else f"has no {name} any more"
            yield Change(place, NARROWED if new else WIDENED, text)


def _limit(schema: Schema, name: str) -> Any:
    value = schema.get(name)
    return None if value in _ANY_INTEGER else value


def _objects(before: Schema, now: Schema, exact: bool, place: str) -> Iterator[Change]:
    old, new = before.get("properties"), now.get("properties")
    if old is None or new is None:
        return
    inner = f"{place}." if place else ""
    for name in [name for name in old if name not in new]:
        yield Change(f"{inner}{name}", GONE, "is gone")
    insisted, insists = set(before.get("required", ())), set(now.get("required", ()))
    for name, schema in new.items():
        # A default fills in what is absent, and documents list it as required.
        required = name in insists and "default" not in schema
        if name not in old:
            yield Change(f"{inner}{name}", NARROWED if required else NEW, "is new" + (" and required" * required))
            continue
        was = name in insisted and "default" not in old[name]
        if required != was:
            yield Change(
                f"{inner}{name}", NARROWED if required else WIDENED, "is required" if required else "can be absent"
            )
        yield from differences(old[name], schema, exact, f"{inner}{name}")
