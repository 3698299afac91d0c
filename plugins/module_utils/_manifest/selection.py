# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Which entries of a document a run is about, and the network and the server that its services are on. Pure."""

from __future__ import annotations

from dataclasses import replace
from operator import attrgetter
from typing import Any, FrozenSet, Iterator, List, Mapping, Optional, Sequence, Set, Tuple

from .._engine.unstated import KEEP
from .._errors import OptionError
from .._model.argspec import Spec
from .._model.field import references_in
from .._resources.backups.archives_file import BackupSet
from .._resources.projects.scope import OPTION as SCOPE
from .._resources.projects.scope import Scope
from .._values.paths import split, unescaped
from .entries import Entry
from .sections import BY_KIND

APPLY, FIND = "apply", "find"
_MORE: Spec = {
    "references": {"type": "bool", "default": False},
    "around": {"type": "str", "choices": [APPLY, FIND], "default": APPLY},
}
OPTIONS: Spec = {
    "scope": {**SCOPE, "options": {**SCOPE["options"], **_MORE}},
    "isolated_network": {"type": "str"},
    "on_server": {"type": "str"},
}
_NAME = attrgetter("name")
# What is in Docker's own networks beside this one.
_NETWORKS, _DETACHED = "networks", "detach_dokploy_network"
_SERVER = "server"


def left_out(
    entries: Sequence[Entry], option: Any, prune: Sequence[str], archives: Any = None
) -> Tuple[FrozenSet[str], List[str]]:
    """The keys of the entries that the option C(scope) does not select, and the mistakes in it.

    What a selected entry is in stays as well.

    :param archives: the content of a backup set. Services refer to the destinations of their archives.
    """
    try:
        scope = Scope(option, list(BY_KIND))
    except OptionError as error:
        return frozenset(), [str(error)]
    if scope.everything:
        return frozenset(), []
    if prune:
        return frozenset(), ["prune and scope are mutually exclusive, since what is left out would be removed"]
    selected = {entry.key for entry in entries if scope.has(entry.section.kind, entry.names, entry.section.in_tree)}
    mistakes: List[str] = []
    try:
        scope.refuse_unused([entry.names for entry in entries if entry.section.in_tree])
    except OptionError as error:
        mistakes.append(str(error))
    if scope.references:
        selected |= set(_with_archives(entries, selected, archives))
        _add_referenced(entries, selected)
    around = {entry.outer.key for entry in entries if entry.key in selected and entry.outer is not None}
    around |= {entry.outer.key for entry in entries if entry.key in around and entry.outer is not None}
    return frozenset(entry.key for entry in entries if entry.key not in selected | around), mistakes


def around_found(entries: Sequence[Entry], option: Any) -> List[Entry]:
    """The entries of a run. Those that only come with selected ones state nothing but their names, if so asked.

    :param option: C(scope), without mistakes.
    """
    if (option or {}).get("around") != FIND:
        return list(entries)
    scope = Scope(option, list(BY_KIND))
    return [
        _found(entry)
        if entry.section.in_tree and not scope.has(entry.section.kind, entry.names, in_tree=True)
        else entry
        for entry in entries
    ]


def _found(entry: Entry) -> Entry:
    """An entry that is found by its name, and of which nothing changes."""
    resource = entry.section.resource
    stated = {path[0] for path, _field, _group in resource.fields()} | {child.option for child in resource.children}
    params = {**entry.params, **dict.fromkeys(stated - {resource.name_option}), "unstated": KEEP}
    return replace(entry, params=params, own={})


def saved_in_scope(saved: BackupSet, option: Any) -> BackupSet:
    """What a backup set has of the services that the option C(scope) selects; C(left_out) tells its mistakes."""
    try:
        scope = Scope(option, list(BY_KIND))
    except OptionError:
        return saved
    if scope.everything:
        return saved

    def selected(items: Sequence[Any]) -> List[Any]:
        places = [(item, tuple(unescaped(name) for name in split(item.path))) for item in items]
        return [item for item, names in places if scope.has(item.kind, names, True)]

    return replace(
        saved,
        services=selected(saved.services),
        archives=selected(saved.archives),
        checks=selected(saved.checks),
        not_saved=selected(saved.not_saved),
    )


def _with_archives(entries: Sequence[Entry], selected: Set[str], archives: Any) -> Iterator[str]:
    """The keys of the destinations that have archives of selected entries, by their names or their buckets."""
    rows = archives.get("archives") if isinstance(archives, Mapping) else None
    services = {(entry.section.kind, entry.path) for entry in entries if entry.key in selected}
    places: List[Mapping[str, Any]] = []
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, Mapping) and (str(row.get("kind")), str(row.get("path"))) in services:
            places += [row["destination"]] if isinstance(row.get("destination"), Mapping) else []
    names, buckets = {str(place.get("name")) for place in places}, set(map(_bucket, places))
    for entry in entries:
        if entry.section.kind == "destination" and (entry.names[-1] in names or _bucket(entry.params) in buckets):
            yield entry.key


def _bucket(values: Mapping[str, Any]) -> Tuple[str, str]:
    return str(values.get("endpoint")), str(values.get("bucket"))


def _add_referenced(entries: Sequence[Entry], selected: Set[str]) -> None:
    """Add the entries in no project that others name, and those which these name in turn."""
    outside = {
        (entry.section.resource.listing.id_key, entry.names[-1]): entry
        for entry in entries
        if not entry.section.in_tree
    }
    wanted = [entry for entry in entries if entry.key in selected]
    while wanted:
        names = {name for entry in wanted for name in _named(entry)}
        wanted = [entry for key, entry in outside.items() if key in names and entry.key not in selected]
        selected.update(entry.key for entry in wanted)


def _named(entry: Entry) -> Iterator[Tuple[str, str]]:
    """What an entry names of others: the key of their ID, and the name."""
    for resource in entry.section.operation.resources:
        for path, field, _group in resource.fields():
            value: Any = entry.params
            for part in path:
                value = value.get(part) if isinstance(value, Mapping) else None
            yield from references_in(field, value, _NAME)
        for child in resource.children:
            for item in entry.params.get(child.option) or ():
                for field in child.fields:
                    yield from references_in(field, item.get(field.name) if isinstance(item, Mapping) else None, _NAME)


def isolated(entries: Sequence[Entry], network: Any) -> List[Entry]:
    """The entries with services that Docker attaches to one network only.

    A Compose stack is in networks of its own, and in Dokploy's only for its domains.
    """
    return [_isolated(entry, str(network)) if network else entry for entry in entries]


def _isolated(entry: Entry, network: str) -> Entry:
    if entry.absent or _DETACHED not in entry.section.entry_options:
        return entry
    return replace(entry, params={**entry.params, _NETWORKS: [network], _DETACHED: True})


def placed(entries: Sequence[Entry], server: Optional[str]) -> List[Entry]:
    """The entries with services that run on one server. :param server: empty for Dokploy's own host."""
    return [
        replace(entry, params={**entry.params, _SERVER: server}) if leaves(entry, server) else entry
        for entry in entries
    ]


def leaves(entry: Entry, server: Optional[str]) -> bool:
    """Whether an entry is of a service that runs on another server than it states."""
    if server is None or entry.absent or not entry.section.deploys:
        return False
    return str(entry.params.get(_SERVER) or "") != server
