# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""From a document to its entries, each with the parameters of its module, and all mistakes that need no server."""

from __future__ import annotations

import contextlib
from collections import Counter
from dataclasses import dataclass, replace
from typing import Any, Dict, FrozenSet, Iterator, List, Mapping, Optional, Sequence, Tuple

from .._deployment.http_check import check_http_options as check_http_check
from .._engine.apply import check_kind
from .._engine.desired import Desired, desire, natural_key
from .._engine.unstated import KEEP, LIST, unstated_of
from .._errors import OptionError, enumerated
from .._model.document import is_mistaken, mistakes_in
from .._model.mistakes import LISTS, labels
from .._model.resource import Resource
from .._values.nested import copied
from .._values.paths import path_or_name
from .reference_text import references_in, with_references
from .sections import DOCUMENT, ELSEWHERE, SECTIONS, Section

VERSION = 1
#: How deep values may be in each other.
MOST_DEPTH = 50
_CONTAINERS = (Mapping, list, tuple)


@dataclass(frozen=True)
class Entry:
    """One thing that a document names.

    :param where: its place in the document: C(projects[shop].environments[production]).
    :param outer: the entry that it is in.
    :param names: those of what it is in, from the project on, and its own.
    :param old_names: those that the document has, where it is applied under other ones.
    :param params: the parameters of its module. :param own: what else it states.
    :param takes: the keys of the entries to which it refers.
    :param read_only: it is in no document: others refer to it, and nothing of it changes.
    :param record: what tells it from another one of its kind and name: its type, or its ID.
    :param mistaken: it has mistakes of its own, and the parameters lack these. What refers to it, and what is in it,
        is judged all the same.
    """

    section: Section
    where: str
    outer: Optional[Entry]
    names: Tuple[str, ...]
    params: Mapping[str, Any]
    own: Mapping[str, Any]
    takes: FrozenSet[str] = frozenset()
    old_names: Tuple[str, ...] = ()
    read_only: bool = False
    record: str = ""
    mistaken: bool = False

    @property
    def located(self) -> Dict[str, Any]:
        """The options that locate what is in it."""
        outer = {} if self.outer is None else self.outer.located
        resource = self.section.resource
        # A renamed one is found by its ID.
        return {**outer, resource.name: self.params.get(resource.id_option) or self.params.get(resource.name_option)}

    @property
    def state(self) -> str:
        return str(self.params["state"])

    @property
    def absent(self) -> bool:
        return self.state == "absent"

    @property
    def configured(self) -> Mapping[str, Any]:
        """The parameters with which it is configured: what is started or stopped is present first."""
        return self.params if self.absent else {**self.params, "state": "present"}

    @property
    def protected(self) -> bool:
        """Whether nothing may be removed that is in it."""
        return bool(self.own.get("protect")) or (self.outer is not None and self.outer.protected)

    @property
    def path(self) -> str:
        """How results show it: C(shop/production/web), or the name."""
        return path_or_name(self.names)

    @property
    def named(self) -> Dict[str, Any]:
        """How results name it."""
        return {"kind": self.section.kind, "path": self.path}

    @property
    def key(self) -> str:
        return " ".join(filter(None, (self.section.kind, self.path, self.record)))

    @property
    def resource(self) -> Optional[Resource]:
        """The kind that its options select; C(None) if only the server tells."""
        kinds = self.section.operation.resources
        if len(kinds) == 1:
            return kinds[0]
        if not kinds[0].by_suboption:
            return next((kind for kind in kinds if kind.kind == self.params["type"]), None)
        return next((kind for kind in kinds if self.params.get(kind.kind) is not None), None)


class Document:
    """The entries of a document.

    :param state: C(absent) if none of them is to be there, whatever their own states.
    :param force: what applies to entries that can be removed by force and do not state it.
    :param unstated: what becomes of options that are not stated, where an entry says nothing of it.
    :param listed: whether options that are not stated, and are left as they are, are listed.
    :ivar entries: all of them that have a name, in its order.
    :ivar mistakes: one sentence for each, with its place.
    """

    def __init__(
        self,
        content: Mapping[str, Any],
        state: str = "present",
        force: bool = False,
        unstated: str = KEEP,
        listed: bool = False,
    ) -> None:
        self._absent, self._force = state == "absent", force
        self._unstated, self._kept = unstated, LIST if listed else KEEP
        self.entries: List[Entry] = []
        # The place of each natural key that is unique on the whole server.
        self._claimed: Dict[Tuple[str, Tuple[Any, ...]], str] = {}
        deep = [name for name, value in content.items() if not _is_flat(value)]
        self.mistakes = ["%s has values more than %d levels deep in each other" % (name, MOST_DEPTH) for name in deep]
        if deep:
            return
        # Ansible writes defaults into each place.
        content = copied(content)
        malformed = mistakes_in(DOCUMENT, _taken(_known(content)))
        self.mistakes = [*_wrong_version(content), *_refused(content), *malformed]
        self._well_formed = not malformed
        for section in SECTIONS:
            self._enter(section, content.get(section.name), section.name, None)
        self.entries = _told_apart(self.entries)
        self.mistakes += _doubles(self.entries)

    def _enter(self, section: Section, content: Any, where: str, outer: Optional[Entry]) -> None:
        """Enter the entries of a section."""
        single, child = section.resource.single, section.child
        if content is None or (single and self._absent):
            return
        if child is not None:
            content = {child.option: content}
        items = [content] if single else content if isinstance(content, LISTS) else []
        places = [where] if single else ["%s[%s]" % (where, label) for label in labels(items)]
        for place, item in zip(places, items):
            entry = self._entered(section, item, place, outer) if isinstance(item, Mapping) else None
            if entry is None:
                continue
            if not _goes_along(entry):
                self.entries.append(entry)
            for inner in section.inner:
                self._enter(inner, item.get(inner.name), "%s.%s" % (place, inner.name), entry)

    def _entered(
        self, section: Section, item: Mapping[str, Any], where: str, outer: Optional[Entry]
    ) -> Optional[Entry]:
        inner = {inner_section.name for inner_section in section.inner}
        stated = {name: value for name, value in item.items() if name not in inner and value is not None}
        if self._well_formed or not is_mistaken(section.entry_options, _taken(stated), section.operation.rules):
            # What is left is what only Ansible sees.
            complaints = _complaints(section, stated)
            if not complaints:
                entry = self._entry(section, stated, where, outer)
                try:
                    self._claim(entry)
                    return entry
                except OptionError as error:
                    complaints = [str(error)]
            self.mistakes += ["%s: %s" % (where, complaint) for complaint in complaints]
        return self._rest_of(section, stated, where, outer)

    def _entry(self, section: Section, stated: Mapping[str, Any], where: str, outer: Optional[Entry]) -> Entry:
        """The entry of options that Ansible accepts."""
        located = {} if outer is None else outer.located
        params = {**section.defaults, **located, **section.validator.validate(stated).validated_parameters}
        params.update(self._of_all(params, stated, outer))
        own = {name: params.pop(name) for name in section.own_options}
        resource = section.resource
        name = params.get(resource.name_option) or params.get(resource.id_option) or section.name
        return Entry(section, where, outer, (*(() if outer is None else outer.names), str(name)), params, own)

    def _rest_of(
        self, section: Section, stated: Mapping[str, Any], where: str, outer: Optional[Entry]
    ) -> Optional[Entry]:
        """An entry with mistakes, without them; C(None) if it has no name."""
        options = {name: {**option, "required": False} for name, option in section.entry_options.items()}
        needed = {
            name: option["choices"][0] for name, option in section.entry_options.items() if option.get("required")
        }
        names = {section.resource.name_option, section.resource.id_option}
        sound = {
            name: value
            for name, value in stated.items()
            if not is_mistaken(options, _taken({name: value})) and not any(_referring(section, {name: value}))
        }
        kept = {**needed, **{name: value for name, value in sound.items() if value and name in (*names, *needed)}}
        if not section.resource.single and names.isdisjoint(kept):
            return None
        for name, value in sound.items():
            more = {**kept, name: value}
            if not _complaints(section, more):
                with contextlib.suppress(OptionError):
                    _desired(self._entry(section, more, where, outer))
                    kept = more
        rest = replace(self._entry(section, kept, where, outer), mistaken=True)
        with contextlib.suppress(OptionError):
            self._claim(rest)
        return rest

    def _of_all(
        self, params: Mapping[str, Any], stated: Mapping[str, Any], outer: Optional[Entry]
    ) -> Iterator[Tuple[str, Any]]:
        """The parameters of an entry that the document sets, or the entry that it is in."""
        if self._absent or (outer is not None and outer.absent):
            yield "state", "absent"
        if self._force and params.get("force") is False and "force" not in stated:
            yield "force", True
        if "unstated" in params:
            unstated = params["unstated"] if "unstated" in stated else self._unstated
            yield "unstated", self._kept if unstated == KEEP else unstated

    def _claim(self, entry: Entry) -> None:
        """Find two of what can be on a server once.

        :raises OptionError: a value of the entry cannot be right.
        """
        resource, desired = entry.resource, _desired(entry)
        if resource is not None and desired is not None:
            self.mistakes += _claimed_twice(entry, resource, desired, self._claimed)


def _desired(entry: Entry) -> Optional[Desired]:
    """What is desired of an entry; C(None) if it is absent, or only the server tells what it is.

    :raises OptionError: a value cannot be right.
    """
    resource = entry.resource
    if resource is None or entry.absent:
        return None
    check_kind(resource, entry.section.operation.resources, entry.params)
    check_http_check(entry.own.get("http_check"))
    unstated_of(resource, entry.params)
    # References are no values yet; those in JSON become promises as the others are.
    return desire(resource, with_references(entry.params, lambda reference: reference.text))


class _Taken:
    """Stands for a reference where values are checked: it is no text that could be converted."""

    def __repr__(self) -> str:
        return _Taken.__name__


_Taken.__name__ = "a reference"


def _is_flat(value: Any) -> bool:
    """Whether its values are not too deep in each other for what goes through them."""
    level = [value]
    for _depth in range(MOST_DEPTH):
        inner = [
            container.values() if isinstance(container, Mapping) else container
            for container in level
            if isinstance(container, _CONTAINERS)
        ]
        level = [part for parts in inner for part in parts]
        if not level:
            return True
    return False


def _taken(content: Mapping[Any, Any]) -> Dict[Any, Any]:
    """Values as they are checked."""
    checked: Dict[Any, Any] = with_references(content, lambda reference: _Taken())
    return checked


def _complaints(section: Section, stated: Mapping[str, Any]) -> List[str]:
    """What Ansible says of the options of an entry, and what cannot be a reference."""
    return [*section.validator.validate(stated).error_messages, *_referring(section, stated)]


def _referring(section: Section, stated: Mapping[str, Any]) -> Iterator[str]:
    """The mistakes of what names an entry, without which nothing could be compared, and of what no module stores."""
    for name in (section.resource.name_option, section.resource.id_option, *section.own_options):
        if any(references_in(stated.get(name))):
            yield "%s cannot be a reference" % name


def _goes_along(entry: Entry) -> bool:
    """Whether it is an environment that goes with its project; a default one could not go alone."""
    return bool(entry.section.inner) and entry.outer is not None and entry.outer.absent


def _known(content: Mapping[str, Any]) -> Dict[Any, Any]:
    return {key: value for key, value in content.items() if key not in ELSEWHERE}


def _refused(content: Mapping[str, Any]) -> Iterator[str]:
    """What has a module, and cannot be in a document."""
    for name in content:
        if name in ELSEWHERE:
            yield ELSEWHERE[name]


def _wrong_version(content: Mapping[str, Any]) -> Iterator[str]:
    version = content.get("version", VERSION)
    if version is not None and str(version) != str(VERSION):
        yield "version is %r; this collection reads version %d" % (str(version)[:20], VERSION)


def _told_apart(entries: Sequence[Entry]) -> List[Entry]:
    """The entries, those of one kind and name by their types: a MySQL and a PostgreSQL database may have one name."""
    count = Counter(entry.key for entry in entries)
    return [
        entry if count[entry.key] == 1 or entry.resource is None else replace(entry, record=entry.resource.kind)
        for entry in entries
    ]


def _doubles(entries: Sequence[Entry]) -> Iterator[str]:
    """Two entries that name one thing."""
    seen: Dict[Tuple[str, ...], str] = {}
    for entry in entries:
        # A name and an ID may still be of one thing, which only the server knows.
        kind, ids = entry.section.kind, [entry.params.get(entry.section.resource.id_option)]
        for key in [
            (kind, entry.record, *entry.names),
            *((kind, "", "", resource_id) for resource_id in ids if resource_id),
        ]:
            first = seen.setdefault(key, entry.where)
            if first != entry.where:
                yield "%s and %s name the same %s %r" % (first, entry.where, entry.section.resource.noun, key[-1])


def _claimed_twice(
    entry: Entry, resource: Resource, desired: Desired, claimed: Dict[Tuple[str, Tuple[Any, ...]], str]
) -> Iterator[str]:
    """Two children with a natural key that is unique on the whole server, such as two domains of one host.

    :param claimed: the place of each key so far.
    """
    for child in resource.children:
        if child.everywhere is None:
            continue
        for number, item in enumerate(desired.children.get(child.option, ())):
            row = {want.field.api: want.value for want in item}
            key, place = natural_key(child, item), "%s.%s[%d]" % (entry.where, child.option, number)
            first = claimed.setdefault((child.singular, key), place) if child.everywhere.claims(row) else place
            if first != place:
                parts = ["%s %r" % (field.name, part) for field, part in zip(child.key_fields, key) if part is not None]
                yield "%s and %s are both for %s" % (first, place, enumerated(parts))
