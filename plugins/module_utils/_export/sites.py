# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The texts in an entry of a document: those that can hold a reference, and those that name other entries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Iterator, Mapping, Tuple

from .._model.field import Field
from .._values.nested import Path, texts_at
from .entries import ExportedEntry


@dataclass(frozen=True)
class Site:
    """A text of an entry.

    :param path: from the entry. :param field: the option that has it, or whose suboption it is.
    """

    path: Path
    field: Field
    text: str

    @property
    def in_results(self) -> bool:
        """Whether results show it."""
        return not (self.field.secret or self.field.write_only)


def _fields(entry: ExportedEntry) -> Iterator[Tuple[Path, Field, Any]]:
    """What an entry states, each value with its option."""
    for path, field, group in entry.resource.fields():
        inner = entry.options if group is None else entry.options.get(group.name) or {}
        yield path, field, inner.get(field.name)
    for child in entry.resource.children:
        for number, item in enumerate(entry.options.get(child.option) or ()):
            for field in child.fields:
                yield (child.option, number, field.name), field, item.get(field.name)


def texts_of(entry: ExportedEntry) -> Iterator[Site]:
    """The texts that can hold a reference to another entry."""
    naming = (entry.resource.name_option, entry.resource.id_option)
    for path, field, value in _fields(entry):
        if path[0] not in naming or len(path) > 1:
            for inner, text in _texts(field, value, path):
                yield Site(inner, field, text)


def _texts(field: Field, value: Any, path: Path) -> Iterator[Tuple[Path, str]]:
    """The texts of an option. What names, selects or identifies something is compared before references are known."""
    if value is None or field.reference is not None or field.paths or field.choices or field.key or field.create_only:
        return
    if not field.parts:
        yield from texts_at(value, path)
        return
    if not isinstance(value, Mapping):
        for number, item in enumerate(value):
            yield from _texts(field, item, (*path, number))
        return
    for part in field.parts:
        yield from _texts(part, value.get(part.name), (*path, part.name))


def named_records(entry: ExportedEntry) -> Iterator[Tuple[str, str]]:
    """What an entry names of others: the key of their ID, and the name, ID or path."""
    for _path, field, value in _fields(entry):
        for part, inner in _parts(field, value):
            for listing in [part.reference] if part.reference is not None else [levels[-1] for levels in part.paths]:
                for _path, text in texts_at(inner):
                    yield listing.id_key, text


def _parts(field: Field, value: Any) -> Iterator[Tuple[Field, Any]]:
    """An option, or its suboptions, each with its value."""
    if not field.parts or not isinstance(value, (Mapping, list, tuple)):
        yield field, value
        return
    for item in [value] if isinstance(value, Mapping) else value:
        for part in field.parts:
            yield from _parts(part, item.get(part.name))
