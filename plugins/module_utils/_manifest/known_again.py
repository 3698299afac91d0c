# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Services that somebody has renamed or moved on the server: what an entry means is known again by its note.

Without a note, a service with data that an entry could mean is never left alone beside a new and empty one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any, Dict, Iterator, List, Mapping, Sequence

from .._deployment.name_note import NOTED, names_it
from .._engine.runner import Context
from .._model.argspec import Spec
from .._model.resource import ENVIRONMENTS
from .._reads.rows import rows_of
from .._values.codec import PREFIX
from .._values.paths import joined
from .entries import Entry
from .moves import OPTION as MOVED_FROM
from .unmanaged import Inventory, Record

RENAME, REFUSE, KEEP_NAME = "rename", "refuse", "keep"
OPTIONS: Spec = {"on_rename": {"type": "str", "choices": [RENAME, REFUSE, KEEP_NAME], "default": RENAME}}
#: The option of an entry that is another service than any that there is.
NEW = "new"
_LOGIN = (("database", "databaseName"), ("user", "databaseUser"))


@dataclass(frozen=True)
class _Candidate:
    """A service that no entry names. :param row: the whole of it."""

    record: Record
    names: Sequence[str]
    row: Mapping[str, Any]


class KnownAgain:
    """The entries of a document, those that are known under another name with what that is.

    :ivar entries: all of them; C(moved_from) says what is known again, unless its name is kept.
    :ivar mistakes: one sentence for each that is refused, or that could be what no entry names.
    :ivar reasons: what the plan says of those that get their names back, by their keys.
    """

    def __init__(self, entries: Sequence[Entry], inventory: Inventory, context: Context) -> None:
        self.entries: List[Entry] = list(entries)
        self.mistakes: List[str] = []
        self.reasons: Dict[str, str] = {}
        missing = {entry.key for entry in entries if _may_be_known(entry) and entry.key not in inventory.existing}
        if not missing:
            return
        self._params = context.params
        candidates = _candidates(entries, missing, inventory, context)
        if candidates:
            self.entries = [self._known(entry, candidates) if entry.key in missing else entry for entry in self.entries]

    def _known(self, entry: Entry, candidates: Sequence[_Candidate]) -> Entry:
        """The entry with what it is on the server, if that is known."""
        of_kind = [candidate for candidate in candidates if _is_of_kind(candidate.record, entry)]
        noted = [candidate for candidate in of_kind if _is_noted(candidate, entry)]
        if len(noted) == 1:
            return self._found(entry, noted[0])
        similar = noted or [candidate for candidate in of_kind if self._could_be(candidate, entry)]
        if similar:
            paths = " and ".join(joined(candidate.names) for candidate in similar)
            text = (
                "%s: there is no %s %s, and %s, which no entry names, could be it, with its data. State moved_from: %s"
            )
            text %= (entry.where, entry.section.kind, entry.path, paths, joined(similar[0].names))
            self.mistakes.append("%s, or new: true if it is another one" % text)
        return entry

    def _found(self, entry: Entry, candidate: _Candidate) -> Entry:
        there, resource, way = joined(candidate.names), entry.section.resource, self._params["on_rename"]
        renamed = list(candidate.names[:-1]) == list(entry.names[:-1])
        before, after = (candidate.names[-1], entry.names[-1]) if renamed else (there, entry.path)
        text = "%s on the server: %s -> %s" % ("renamed" if renamed else "moved", before, after)
        if way == REFUSE:
            hint = "State moved_from: %s to bring its name back, or its name on the server" % there
            self.mistakes.append("%s: on_rename: %s was %s. %s" % (entry.where, entry.path, text, hint))
        if way == KEEP_NAME:
            labels = [listing.label for listing in resource.parents]
            place = dict(zip((*labels, resource.name_option), candidate.names))
            return replace(entry, params={**entry.params, **place, resource.id_option: candidate.record.id})
        self.reasons[entry.key] = text
        return replace(entry, own={**entry.own, MOVED_FROM: there})

    def _could_be(self, candidate: _Candidate, entry: Entry) -> bool:
        """Whether a service in the environment of an entry has the data that this would have."""
        pruned = candidate.record.section.kind in self._params["prune"]
        elsewhere = list(candidate.names[:-1]) != list(entry.names[:-1])
        if pruned or elsewhere or self._params["scope"]:
            return False
        return _same_login(candidate.row, entry.params) or _same_volume(candidate.row, entry.params)


def _may_be_known(entry: Entry) -> bool:
    """Whether an entry may mean a service under another name; one that is applied under other names is a copy."""
    named = entry.own.get(MOVED_FROM) or entry.params.get(entry.section.resource.id_option)
    stated = entry.absent or entry.read_only or entry.mistaken or entry.own.get(NEW)
    return entry.section.deploys and not (named or stated or entry.old_names)


def _candidates(entries: Sequence[Entry], missing: Any, inventory: Inventory, context: Context) -> List[_Candidate]:
    """The services that no entry names, in the projects that the document names; they are read in one batch."""
    kinds = {entry.section.kind for entry in entries if entry.key in missing}
    records = [record for record in _services(inventory) if record.section.kind in kinds]
    rows = rows_of([(record.resource, record.id) for record in records], context.client) if records else []
    return [
        _Candidate(record, _names(record, row), row) for record, row in zip(records, rows) if isinstance(row, Mapping)
    ]


def _services(inventory: Inventory) -> Iterator[Record]:
    for record in inventory.unmanaged:
        if record.section.deploys:
            yield record
        elif record.resource.listing == ENVIRONMENTS:
            yield from (inner for inner in inventory.inside(record) if inner.section.deploys)


def _names(record: Record, row: Mapping[str, Any]) -> Sequence[str]:
    """The names of a service; the tree of projects may lack its own."""
    return (*record.names[:-1], str(row.get("name")))


def _is_of_kind(record: Record, entry: Entry) -> bool:
    return record.section.kind == entry.section.kind and entry.resource in (None, record.resource)


def _is_noted(candidate: _Candidate, entry: Entry) -> bool:
    return names_it(_note_in(candidate), candidate.record.id, entry.names)


def _note_in(candidate: _Candidate) -> str:
    store = candidate.record.resource.deployable.fingerprint
    match = re.search(NOTED, store.get(candidate.row.get(store.column)))
    return match.group("at") if match else ""


def _same_login(row: Mapping[str, Any], params: Mapping[str, Any]) -> bool:
    """Whether a database has the database and the user of an entry, as far as databases of its type have these."""
    pairs = [(params.get(option), row[column]) for option, column in _LOGIN if column in row]
    return bool(pairs) and all(wanted is not None and wanted == stored for wanted, stored in pairs)


def _same_volume(row: Mapping[str, Any], params: Mapping[str, Any]) -> bool:
    """Whether an application has a volume of an entry, or any volume and the C(app_name) of it."""
    volumes = {mount.get("volumeName") for mount in row.get("mounts") or () if mount.get("type") == "volume"}
    wanted = {mount.get("name") for mount in params.get("mounts") or () if mount.get("type") == "volume"}
    app_name = params.get("app_name")
    return bool(volumes & wanted) or bool(volumes and app_name and PREFIX.same(app_name, row.get("appName")))
