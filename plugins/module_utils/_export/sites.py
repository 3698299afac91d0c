# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The texts in an entry of a document: those that can hold a reference, and those that name other entries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, Iterator, Mapping, Sequence, Tuple, Union

from .._manifest.sections import SECTIONS, Section
from .._model.field import Field
from .._model.resource import Resource

#: Keys and indexes.
Path = Tuple[Union[str, int], ...]
#: The kind, the type and the names of an entry.
Key = Tuple[str, str, Tuple[str, ...]]


@dataclass(frozen=True)
class Stated:
    """One entry of a document, as it is stated.

    :param path: from the top of the document. :param names: those of what it is in, from the project on, and its own.
    :param options: what it states, with the entries that are in it.
    """

    section: Section
    path: Path
    names: Tuple[str, ...]
    options: Mapping[str, Any]

    @property
    def key(self) -> Key:
        return self.section.kind, self.resource.kind, self.names

    @property
    def resource(self) -> Resource:
        """The kind that its options select."""
        kinds = self.section.operation.resources
        if kinds[0].by_suboption:
            return next((resource for resource in kinds if self.options.get(resource.kind) is not None), kinds[0])
        return next((resource for resource in kinds if resource.kind == self.options.get("type")), kinds[0])


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


def entries(
    document: Mapping[str, Any], sections: Sequence[Section] = SECTIONS, path: Path = (), outer: Tuple[str, ...] = ()
) -> Iterator[Stated]:
    """The entries of a document, the outer ones first."""
    for section in sections:
        stated = document.get(section.name)
        if stated is None or section.child is not None:
            continue
        single = section.resource.single
        for number, options in enumerate([stated] if single else stated):
            place = (*path, section.name) if single else (*path, section.name, number)
            name = options.get(section.resource.name_option) or options.get(section.resource.id_option)
            names = (*outer, str(name or section.name))
            yield Stated(section, place, names, options)
            yield from entries(options, section.inner, place, names)


def _fields(entry: Stated) -> Iterator[Tuple[Path, Field, Any]]:
    """What an entry states, each value with its option."""
    for path, field, group in entry.resource.fields():
        inner = entry.options if group is None else entry.options.get(group.name) or {}
        yield path, field, inner.get(field.name)
    for child in entry.resource.children:
        for number, item in enumerate(entry.options.get(child.option) or ()):
            for field in child.fields:
                yield (child.option, number, field.name), field, item.get(field.name)


def texts_of(entry: Stated) -> Iterator[Site]:
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
        yield from _leaves(value, path)
        return
    for place, item in [(path, value)] if isinstance(value, Mapping) else _inside(value, path):
        for part in field.parts:
            yield from _texts(part, item.get(part.name), (*place, part.name))


def _leaves(value: Any, path: Path) -> Iterator[Tuple[Path, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, (Mapping, list, tuple)):
        for place, inner in _inside(value, path):
            yield from _leaves(inner, place)


def _inside(value: Any, path: Path) -> Iterator[Tuple[Path, Any]]:
    for key, inner in value.items() if isinstance(value, Mapping) else enumerate(value):
        yield (*path, key), inner


def named(entry: Stated) -> Iterator[Tuple[str, str]]:
    """What an entry names of others: the key of their ID, and the name, ID or path."""
    for path, field, value in _fields(entry):
        for part, inner in _parts(field, value):
            for listing in [part.reference] if part.reference is not None else [levels[-1] for levels in part.paths]:
                for _path, text in _leaves(inner, path):
                    yield listing.id_key, text


def _parts(field: Field, value: Any) -> Iterator[Tuple[Field, Any]]:
    """An option, or its suboptions, each with its value."""
    if not field.parts or not isinstance(value, (Mapping, list, tuple)):
        yield field, value
        return
    for item in [value] if isinstance(value, Mapping) else value:
        for part in field.parts:
            yield from _parts(part, item.get(part.name))


def with_texts(value: Any, texts: Mapping[Path, str], path: Path = ()) -> Any:
    """A copy of a value with other texts at some paths."""
    if isinstance(value, Mapping):
        copy: Dict[Any, Any] = {key: with_texts(inner, texts, (*path, key)) for key, inner in value.items()}
        return copy
    if isinstance(value, (list, tuple)):
        return [with_texts(inner, texts, (*path, number)) for number, inner in enumerate(value)]
    return texts.get(path, value)
