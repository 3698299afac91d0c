# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What has to change of a document that exists, so that it describes what the server has.

The plan of the document tells what differs, as for C(dokploy_manifest): what it does not change stays as it is written.
What it would create is removed, what it does not name is added, and what it would change becomes what the export says.
"""

from __future__ import annotations

from itertools import takewhile
from typing import Any, Dict, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Set, Tuple

from .._engine.flow import ResourcePlan
from .._engine.runner import Context
from .._engine.unstated import KEEP
from .._errors import OptionError, Refused, enumerated
from .._manifest.entries import Document, Entry
from .._manifest.moves import Moves
from .._manifest.planning import PlannedDocument
from .._manifest.reference_text import references_in
from .._manifest.sections import HEAD, SECTIONS, Section
from .._manifest.unmanaged import Inventory
from .._model.mistakes import refusal
from .._model.resource import Resource
from .._resources.projects.scope import Scope
from .._values.nested import at, copied, has, texts_at
from .._values.paths import joined
from .document import Export
from .edits import ADD, REMOVE, Edit, EntryChange, Path, all_applied
from .entry_edits import Pair, entry_changes
from .marked import with_secrets
from .memory import Memory
from .proof import (
    HINT,
    TURNS,
    EntryPlace,
    is_stated,
    option_of,
    parameters,
    places_in,
    places_of,
    planned_from,
    shown_change,
)

_NOT_ONE = "merge: after its changes, the document would still not be what the server has: %s"


class _Known(NamedTuple):
    """An entry of the document, and what a plan has found of it."""

    place: EntryPlace
    entry: Entry
    resource: Resource
    plan: ResourcePlan

    @property
    def key(self) -> Tuple[str, str]:
        return _key(self.place.section, str((self.plan.state.row or {}).get(self.resource.id_key)))


class Merger:
    """:param content: the document that exists. :param proven: the plan of the export; C(None) if that is empty."""

    def __init__(
        self,
        content: Mapping[str, Any],
        export: Export,
        proven: Optional[PlannedDocument],
        memory: Memory,
        context: Context,
        scope: Scope,
    ) -> None:
        self._content, self._export, self._proven = content, export, proven
        self._memory, self._context, self._scope = memory, context, scope
        # The places of options whose values are no longer possible, by the section and the place of their entries.
        self._refused: Dict[Tuple[str, Path], List[Path]] = {}
        self._places = {place.where: place for place in places_in(content)}
        # The records that the document wants to be absent.
        self._unwanted: Set[Tuple[str, str]] = set()

    def changes(self) -> List[EntryChange]:
        """All of them.

        :raises OptionError: the document has mistakes. :raises Refused: it would not be what the server has.
        """
        gone = self._gone()
        known = list(self._known(gone)) if any(section.name in self._content for section in SECTIONS) else []
        removed = self._removed(gone)
        added = list(self._added(known))
        pairs = list(self._pairs(known))
        changes = {(pair.section.name, pair.place): entry_changes(pair) for pair in pairs}
        left = self._left_by([*_all(changes), *removed, *added])
        for pair in pairs:
            if pair.path in {path for _kind, path, _sentence in left}:
                changes[pair.section.name, pair.place] = entry_changes(pair, coarse=True)
        left = self._left_by([*_all(changes), *removed, *added]) if left else left
        if left:
            raise Refused(_NOT_ONE % enumerated([sentence for _kind, _path, sentence in left]), hint=HINT)
        return [*_all(changes), *removed, *added]

    # --- what is gone ---

    def _gone(self) -> List[Entry]:
        """The entries of records that do not exist, without those in others."""
        sections = {name: value for name, value in self._content.items() if name not in HEAD}
        document = Document(sections, unstated=self._content.get("unstated") or KEEP)
        if document.mistakes:
            raise refusal(document.mistakes)
        context = self._memory.context(self._context, parameters({}, self._context))
        moves = Moves(document.entries, context.reads)
        inventory = Inventory(moves.entries, context.reads)
        gone: List[Entry] = []
        for entry in moves.entries:
            single, row = entry.section.resource.single, inventory.existing.get(entry.key)
            if entry.absent and row is not None:
                self._unwanted.add(
                    (entry.section.name, str(row.get((entry.resource or entry.section.resource).id_key)))
                )
            there = single or entry.absent or row is not None
            if not there and entry.section.kind not in inventory.hidden and not _is_inside(entry, gone):
                gone.append(entry)
        return gone

    def _is_wanted(self, entry: Entry) -> bool:
        return self._scope.has(entry.section.kind, entry.names, entry.section.in_tree)

    def _removed(self, gone: Sequence[Entry]) -> List[EntryChange]:
        """The changes that remove entries; the whole list if nothing would be left in it."""
        wanted = [(entry, self._places[entry.where].path) for entry in gone if self._is_wanted(entry)]
        return [EntryChange(entry.section.kind, entry.path, "", path, (Edit(REMOVE, path),)) for entry, path in wanted]

    # --- what exists ---

    def _known(self, gone: Sequence[Entry]) -> Iterator[_Known]:
        """The entries of records that exist, each with its plan."""
        paths = [self._places[entry.where].path for entry in gone]
        reduced = all_applied(self._content, [Edit(REMOVE, path) for path in paths])
        places = [place for place in self._places.values() if not _is_below(place.path, paths)]
        # By the names that the plan calls them, which are positions for some.
        origins = {new.where: old for new, old in zip(places_in(reduced), places)}
        planned = self._planned(reduced, origins)
        for planned_entry in planned.listed:
            entry = planned.entries[planned_entry.node.key]
            plan = planned_entry.plan
            if not (entry.read_only or entry.absent) and isinstance(plan, ResourcePlan) and plan.state.row:
                yield _Known(origins[entry.where], entry, planned_entry.node.resource, plan)

    def _planned(self, content: Dict[str, Any], origins: Mapping[str, EntryPlace]) -> PlannedDocument:
        """The plan of a document, without values that are not possible any more.

        :raises OptionError: a mistake is not one of a single option.
        """
        for _turn in range(TURNS):
            try:
                return planned_from(_without_runs(content), self._memory, self._context)
            except OptionError as error:
                mistakes = error.details.get("mistakes") or [str(error)]
                known = {place.where: place for place in places_in(content)}
                dropped = [path for mistake in mistakes for path in self._drop(mistake, known, origins)]
                if not dropped:
                    raise
                content = all_applied(content, [Edit(REMOVE, path) for path in dict.fromkeys(dropped)])
        raise Refused("merge: the document has too many mistakes", hint=HINT)

    def _drop(self, mistake: str, known: Mapping[str, EntryPlace], origins: Mapping[str, EntryPlace]) -> Iterator[Path]:
        """The paths of what a mistake is about, which are noted."""
        for where, rest in places_of(mistake, known):
            place = known[where]
            stated = _without_inner(place.section, place.options)
            if ": reference:" in mistake:
                paths = list(dict.fromkeys(_references(stated, mistake)))
            else:
                option = option_of(stated, place.section.resource, rest)
                paths = [tuple(option.split("."))] if option is not None else []
            for inner in paths:
                if inner[0] not in (place.section.resource.name_option, place.section.resource.id_option):
                    self._refused.setdefault((place.section.name, origins[where].path), []).append(inner)
                    yield (*place.path, *inner)
            return

    def _pairs(self, known: Sequence[_Known]) -> Iterator[Pair]:
        exported = {_key(entry.section, entry.record.id): entry for entry in self._export.entries}
        desired = self._desired_of_export()
        for known_entry in known:
            if not self._is_wanted(known_entry.entry):
                continue
            entry = exported.get(known_entry.key)
            place, state = known_entry.place, known_entry.plan.state
            yield Pair(
                place.section,
                known_entry.resource,
                known_entry.entry.path,
                place.path,
                place.options,
                () if entry is None else entry.place,
                {} if entry is None else _without_inner(entry.section, entry.options),
                known_entry.plan.diff,
                state.desired,
                None if entry is None else desired.get((entry.section.name, entry.place)),
                str(known_entry.entry.params.get("unstated") or KEEP),
                self._refused.get((place.section.name, place.path), ()),
            )

    def _desired_of_export(self) -> Dict[Tuple[str, Path], Any]:
        """What the export states of each entry, by its section and place."""
        if self._proven is None:
            return {}
        places = {place.where: place for place in places_in(self._export.document)}
        desired = {}
        for planned_entry in self._proven.listed:
            place = places.get(self._proven.entries[planned_entry.node.key].where)
            if place is not None and isinstance(planned_entry.plan, ResourcePlan):
                desired[place.section.name, place.path] = planned_entry.plan.state.desired
        return desired

    # --- what is new ---

    def _added(self, known: Sequence[_Known]) -> Iterator[EntryChange]:
        """The changes that add entries of records that no entry names."""
        exported = {_key(entry.section, entry.record.id): entry for entry in self._export.entries}
        places: Dict[Path, Path] = {(): ()}
        there = set(self._unwanted)
        for known_entry in known:
            there.add(known_entry.key)
            if known_entry.key in exported and known_entry.place.section.child is None:
                places[exported[known_entry.key].place] = known_entry.place.path
        lists: Set[Path] = set()
        for entry in self._export.entries:
            single = entry.section.child is not None or entry.section.resource.single
            outer = entry.place[:-2] if not single else ()
            if _key(entry.section, entry.record.id) in there or outer not in places:
                continue
            place = (*places[outer], entry.section.name)
            options = _without_inner(entry.section, entry.options)
            named = (entry.kind, entry.path, "")
            source = (*outer, entry.section.name)
            if single:
                value = options[entry.section.name] if entry.section.child is not None else entry.options
                yield EntryChange(*named, place, (Edit(ADD, place, value, source),))
            elif has(self._content, place):
                yield EntryChange(*named, place, (Edit(ADD, (*place, None), entry.options, entry.place),))
            else:
                # The list is new, with all that is in it.
                value = at(self._export.document, source)
                first = place not in lists
                lists.add(place)
                yield EntryChange(*named, place, (Edit(ADD, place, value, source),) if first else ())

    # --- the proof ---

    def _left_by(self, changes: Sequence[EntryChange]) -> List[Tuple[str, str, str]]:
        """What the changed document would still change: the kind and the path of entries, and a sentence."""
        content = all_applied(self._content, [edit for change in changes for edit in change.edits])
        content = with_secrets(content, self._export.variables.values)
        if not any(content.get(section.name) for section in SECTIONS):
            return []
        planned = planned_from(_without_runs(content), self._memory, self._context)
        unwanted = {entry.path for entry in planned.entries.values() if not self._is_wanted(entry) or entry.absent}
        return [
            (change.kind, change.path, shown_change(change))
            for change in planned.plan.changes
            if is_stated(change) and change.path not in unwanted
        ]


def _all(changes: Mapping[Any, Sequence[EntryChange]]) -> List[EntryChange]:
    return [change for entry in changes.values() for change in entry]


def _is_below(path: Path, paths: Sequence[Path]) -> bool:
    return any(path[: len(outer)] == outer for outer in paths)


def _is_inside(entry: Entry, entries: Sequence[Entry]) -> bool:
    """Whether an entry is in one of these."""
    outer = entry.outer
    while outer is not None:
        if any(outer.where == entry_around.where for entry_around in entries):
            return True
        outer = outer.outer
    return False


def _key(section: Section, record_id: str) -> Tuple[str, str]:
    """What tells a record from all others."""
    single = section.child is not None or section.resource.single
    return section.name, "" if single else record_id


def _without_inner(section: Section, options: Mapping[str, Any]) -> Dict[str, Any]:
    """What an entry states, without what is in it."""
    inner = {within.name for within in section.inner}
    return {name: value for name, value in options.items() if name not in inner}


def _references(value: Any, mistake: str) -> Iterator[Path]:
    """The paths of texts with references that a mistake names, those in a list by the option that has it."""
    for path, text in texts_at(value):
        if any(repr(joined(reference.path)) in mistake for reference in references_in(text)):
            yield tuple(takewhile(lambda key: not isinstance(key, int), path))


def _without_runs(content: Mapping[str, Any]) -> Dict[str, Any]:
    """A document without what its entries say of deployments and states, which is no part of what a record is."""
    bare: Dict[str, Any] = copied(content)
    for place in places_in(bare):
        # These need files of the controller, or look at what runs.
        for name in place.section.run_options.intersection(place.options):
            del place.options[name]
        if place.options.get("state") not in (None, "absent"):
            del place.options["state"]
    return bare
