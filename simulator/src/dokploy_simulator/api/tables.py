# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The procedures, fields and types of each release, put together from the folders up to it.

``api.json`` of a folder has what differs from the release before:

* ``types``: new schemas and changed ones, by name: JSON schemas with zod's own messages;
* ``procedures``: new ones, and ``null`` for what is gone;
* ``fields``: by procedure, new fields and changed ones, and ``null`` for what is gone.

A procedure is an object with ``method`` (``GET``, ``POST`` or ``SUBSCRIPTION``) and ``fields``, which are absent where
nothing asks for them. ``played: false``: no router plays it. ``handler``: what plays it, under another name. ``coerce:
false``: its input is never coerced. ``optional``: the whole input may be absent. ``multipart``: a form.

A field is one text, ``<mark><type>[?][ after=F]``:

* mark ``+``: required by zod's ``.required()`` ("expected nonoptional, received undefined" when absent);
* mark ``!``: required by its own type ("expected string, received undefined");
* mark ``~``: may be absent, and a default stands for it: documents list it as required;
* no mark: may be absent;
* type: one of ``PRIMITIVES`` or a name in ``types``;
* ``?``: null is accepted;
* ``after``: the field behind which a new one stands, if that is not the last one: issues are in this order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from .release_folders import content, stored, version_key

PRIMITIVES: dict[str, dict[str, Any]] = {
    "string": {"type": "string"},
    "string1": {"type": "string", "minLength": 1},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "strings": {"type": "array", "items": {"type": "string"}},
    # Of older releases.
    "bigint": {"type": "bigint"},
}
Entry = Mapping[str, Any]


@dataclass(frozen=True)
class Table:
    """What one release takes. ``since``: which release brought a type as it is now."""

    procedures: Mapping[str, Entry] = field(default_factory=dict)
    types: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    since: Mapping[str, str] = field(default_factory=dict)

    def schema(self, name: str) -> dict[str, Any]:
        return PRIMITIVES.get(name) or self.types[name]


def applied(table: Table, version: str, difference: Mapping[str, Any]) -> Table:
    """The table of a release: that of the one before, and what differs."""
    types = {**table.types, **difference["types"]}
    procedures = {**table.procedures, **difference["procedures"]}
    for name, changes in difference["fields"].items():
        procedures[name] = {**procedures[name], "fields": _changed(procedures[name]["fields"], changes)}
    return Table(
        {name: entry for name, entry in sorted(procedures.items()) if entry is not None},
        types,
        {**table.since, **dict.fromkeys(difference["types"], version)},
    )


def _changed(fields: Mapping[str, str], changes: Mapping[str, str | None]) -> dict[str, str]:
    texts = dict(fields)
    for name, change in changes.items():
        if change is None:
            del texts[name]
            continue
        text, _blank, place = change.partition(" after=")
        if place:
            pairs = list(texts.items())
            pairs.insert(list(texts).index(place) + 1, (name, text))
            texts = dict(pairs)
        else:
            texts[name] = text
    return texts


def stored_before(version: str) -> str | None:
    """The newest stored release that is older."""
    return max(
        (folder for folder in stored() if version_key(folder) < version_key(version)), key=version_key, default=None
    )


@cache
def table_of(version: str) -> Table:
    """What a release takes; one that is not stored, what the stored one before it does.

    Raises ``ValueError`` for a type that is not known, which names the field."""
    before = stored_before(version)
    table = table_of(before) if before else Table()
    if version in stored():
        table = applied(table, version, content(version, "api"))
        check_types(table, version)
    return table


def newest() -> Table:
    return table_of(stored()[-1])


def type_name(text: str) -> str:
    """The type in the text of a field."""
    return text.lstrip("+!~").rstrip("?")


def check_types(table: Table, version: str) -> None:
    """Raises ``ValueError`` for the first field whose type has no name. A request would only fail."""
    known = PRIMITIVES.keys() | table.types.keys()
    for procedure, entry in table.procedures.items():
        for name, text in entry.get("fields", {}).items():
            if type_name(text) not in known:
                raise ValueError(
                    f"{procedure}: the field {name} is {text!r}, which begins with no known type. It takes one of "
                    f"{', '.join(PRIMITIVES)}, or a name in the types of releases/{version}/api.json: a schema there, "
                    "and its name here."
                )


@cache
def firsts() -> dict[tuple[str, str | None], str]:
    """The release from which each procedure, and each field of it, stays: ``("tag.one", None)``, ``("tag.one",
    "tagId")``."""
    first_of: dict[tuple[str, str | None], str] = {}
    for version in stored():
        procedures = table_of(version).procedures
        there = {(name, key) for name, entry in procedures.items() for key in (None, *entry.get("fields", ()))}
        first_of = {place: first_of.get(place, version) for place in there}
    return first_of


def since(procedure: str, name: str | None = None) -> str | None:
    """The first release that has a procedure, or that takes a field of it; None where the oldest release has the
    procedure, or where the field came with it."""
    first = firsts()[procedure, name]
    return None if first == (stored()[0] if name is None else firsts()[procedure, None]) else first
