# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Strategies: documents with entries of every kind, from the sections and the descriptions.

An entry is what the generic tests make of its description. Names are few, so that two documents have much in common."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from typing import Any

from hypothesis import strategies as st

from ansible_collections.community.dokploy.plugins.module_utils._manifest.sections import SECTIONS, Section
from ansible_collections.community.dokploy.plugins.module_utils._model.mistakes import labels
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Resource
from tests.support.builders import REFERENCE_NAMES
from tests.support.examples import child_example, example_of, named
from tests.support.strategies.desired_states import child_lists, resource_states

Document = dict[str, Any]

# The names of entries to which options of others refer.
NAMES: dict[str, tuple[str, ...]] = {
    "project": ("shop", "other"),
    "environment": ("staging", "production"),
    **{kind: REFERENCE_NAMES[kind] for kind in ("destination", "registry", "server", "tag", "SSH key")},
    **{
        f"{kind.lower()} git provider": REFERENCE_NAMES[f"{kind} provider"] for kind in ("Gitea", "GitLab", "Bitbucket")
    },
}
# What the server has from the beginning, and that no document can create.
_THERE = {"github": ("GitHub provider eins",)}
# What is checked on the whole server: two of it are a mistake.
_UNIQUE = {"domains": "host", "ports": "published_port"}


def names_of(resource: Resource) -> tuple[str, ...]:
    """The names of the entries of a resource: no other kind of its section has the same."""
    if resource.kind in _THERE:
        return _THERE[resource.kind]
    return NAMES.get(resource.label) or tuple(f"{resource.kind or 'own'}-{end}" for end in ("web", "new"))


@st.composite
def _entries(draw: st.DrawFn, section: Section, earlier: list[Document], most: int) -> list[Document]:
    """Entries of a section; with at most one of each kind where there are many kinds."""
    known = {(entry.get("type"), entry.get(section.resource.name_option)): entry for entry in earlier}
    found: list[Document] = []
    for resource in section.operation.resources:
        names = [named(resource, name)[resource.name_option] for name in names_of(resource)]
        for name in draw(st.lists(st.sampled_from(names), max_size=len(names), unique=True)):
            kind = {"type": resource.kind} if resource.kind and not resource.by_suboption else {}
            before = known.get((kind.get("type"), name), {})
            found.append(draw(_entry(section, resource, {resource.name_option: name, **kind}, before, most)))
    return found


@st.composite
def _entry(
    draw: st.DrawFn, section: Section, resource: Resource, address: Document, before: Mapping[str, Any], most: int
) -> Document:
    entry = {**copy.deepcopy(dict(example_of(resource).item)), **copy.deepcopy(address)}
    needed = {name: value for name, value in entry.items() if isinstance(value, dict)}
    stated = draw(resource_states(resource, before, most=most))
    entry.update(copy.deepcopy(stated))
    entry.update({name: {**value, **entry[name]} for name, value in needed.items()})
    for inner in section.inner:
        entry[inner.name] = draw(_entries(inner, before.get(inner.name) or [], most))
    return entry


@st.composite
def documents(draw: st.DrawFn, earlier: Document | None = None, most: int = 3) -> Document:
    """Any document, valid or not.

    :param earlier: another one, parts of which may be repeated. :param most: the most options of an entry.
    """
    before = earlier or {}
    found: Document = {}
    for section in SECTIONS:
        if section.child is not None:
            found[section.name] = draw(child_lists(section.child, before.get(section.name) or []))
        elif section.resource.single:
            found[section.name] = draw(resource_states(section.resource, before.get(section.name), most=most))
        else:
            found[section.name] = draw(_entries(section, before.get(section.name) or [], most))
    _distinguish(found)
    return found


def every_kind(most: int = 99) -> Document:
    """A document with an entry of every kind, each as its example says, with one of each child.

    :param most: the most kinds of a section.
    """

    def entries(section: Section) -> list[Document]:
        found = []
        for resource in section.operation.resources[:most]:
            name = names_of(resource)[0]
            entry = {**example_of(resource).item, **example_of(resource).existing, **named(resource, name)}
            if resource.kind and not resource.by_suboption:
                entry["type"] = resource.kind
            for child in resource.children:
                entry[child.option] = [dict(child_example(resource, child).item)]
            entry.update({inner.name: entries(inner) for inner in section.inner})
            found.append(copy.deepcopy(entry))
        return found

    whole = {one.name: entries(one) for one in SECTIONS if not one.resource.single}
    whole.update(
        {one.name: [dict(child_example(one.resource, one.child).item)] for one in SECTIONS if one.child is not None}
    )
    _distinguish(whole)
    return whole


def _distinguish(document: Document) -> None:
    """Make unique what can be on a server once."""
    number = 0
    for _section, _place, _container, _key, entry in places(document):
        for option, key in _UNIQUE.items():
            for item in entry.get(option) or ():
                number += 1
                if key in item:
                    item[key] = 10_000 + number if key == "published_port" else f"d{number}.example.com"


Place = tuple[Section, str, Any, Any, Document]


def places(content: Mapping[str, Any], sections: tuple[Section, ...] = SECTIONS, prefix: str = "") -> Iterator[Place]:
    """Every entry: its section, its place, and the container and key from which it can be removed."""
    for section in sections:
        here = content.get(section.name)
        if here is None:
            continue
        if section.resource.single:
            yield section, prefix + section.name, content, section.name, here if section.child is None else {}
            continue
        for label, entry in zip(labels(here), list(here), strict=True):
            place = f"{prefix}{section.name}[{label}]"
            yield section, place, here, entry, entry
            yield from places(entry, section.inner, place + ".")


def without(document: Document, mistakes: list[str]) -> Document:
    """A document without the innermost entries that have these mistakes.

    :raises AssertionError: a mistake names no entry.
    """
    found = copy.deepcopy(document)
    known = {place: (container, entry) for _section, place, container, entry, _own in places(found)}
    for mistake in mistakes:
        own = [place for place in known if re.search(r"(?:\A| )" + re.escape(place) + r"[. :[]", mistake)]
        assert own, f"a mistake without a place in the document: {mistake}"
        container, entry = known[max(own, key=len)]
        if isinstance(container, dict):
            container.pop(entry, None)
        elif any(one is entry for one in container):
            container[:] = [one for one in container if one is not entry]
    return found
