# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""From what a plan would change of one record to the changes of its entry that make the plan empty: pure.

What does not differ is not touched, however it is written. A value that differs becomes what the export states.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple

from .._engine.desired import Desired, natural_key, row_key
from .._engine.diff import Change, ChildChange, Diff
from .._engine.unstated import KEEP
from .._manifest.sections import Section
from .._model.child import Child
from .._model.field import Field, Group
from .._model.resource import Resource
from .._values.codec import is_empty
from .._values.nested import at, has
from .described import has_variables
from .edits import ADD, REMOVE, SET, Edit, EntryChange, Path

IGNORE = "ignore"


@dataclass(frozen=True)
class Pair:
    """An entry of a document, and what the export has of the same record.

    :param path: how results call it. :param place: that of the entry. :param stated: its options, as they are written.
    :param source: its place in the export. :param exported: its options there; empty if the export has no such entry.
    :param diff: what a plan of the entry would change. :param desired: what it states, and C(exported_desired) what
        the export does.
    :param unstated: C(keep) or C(default): what is true of options that it does not state.
    :param refused: the places of options whose values are no longer possible, such as the name of what is gone.
    """

    section: Section
    resource: Resource
    path: str
    place: Path
    stated: Mapping[str, Any]
    source: Path
    exported: Mapping[str, Any]
    diff: Diff
    desired: Desired
    exported_desired: Optional[Desired] = None
    unstated: str = KEEP
    refused: Sequence[Path] = field(default_factory=tuple)


def entry_changes(pair: Pair, coarse: bool = False) -> List[EntryChange]:
    """The changes of an entry, those of one option together.

    :param coarse: only whole options are changed.
    """
    return list(_Edits(pair, coarse).changes())


class _Edits:
    def __init__(self, pair: Pair, coarse: bool) -> None:
        self._pair, self._coarse = pair, coarse
        self._groups = {option.name: option for option in pair.resource.options if isinstance(option, Group)}

    def changes(self) -> Iterator[EntryChange]:
        pair = self._pair
        by_option: Dict[str, List[Edit]] = {}
        for name, edits in self._by_option():
            by_option.setdefault(name, []).extend(edits)
        for path in pair.refused:
            edits = by_option.setdefault(path[0], [])
            if not any(path[: len(known)] == known for known in (self._inner(edit) for edit in edits)):
                edits.extend(self._replaced(path))
        for name, edits in by_option.items():
            whole = tuple(self._replaced((name,)))
            edits = self._without_empty_group(name, edits)
            if edits:
                yield self._change(name, tuple(edits), whole)
        yield from self._ignored(list(by_option))

    def _change(self, name: str, edits: Tuple[Edit, ...], whole: Tuple[Edit, ...]) -> EntryChange:
        pair = self._pair
        return EntryChange(pair.section.kind, pair.path, name, pair.place, whole if self._coarse else edits, whole)

    def _inner(self, edit: Edit) -> Path:
        return edit.path[len(self._pair.place) :]

    def _by_option(self) -> Iterator[Tuple[str, List[Edit]]]:
        """The changes, each with the first part of its option."""
        selectors = {group.selects[0].name for group in self._groups.values() if group.selects is not None}
        for change in self._pair.diff.changes:
            if len(change.path) == 1 and change.path[0] in selectors and change.path[0] not in self._pair.stated:
                yield from self._selected(change)
            else:
                yield change.path[0], list(self._of_field(change, change.path))
        own = self._pair.section.child
        options = [change.child.option for change in self._pair.diff.children]
        for option in dict.fromkeys([*options, *([own.option] if own is not None else [])]):
            changes = [change for change in self._pair.diff.children if change.child.option == option]
            yield option, list(self._of_list(option, changes))

    def _selected(self, change: Change) -> Iterator[Tuple[str, List[Edit]]]:
        """Another group is in force, such as another source of an application."""
        for name, group in self._groups.items():
            if group.selects is None or group.selects[0].api != change.field.api:
                continue
            if has(self._pair.stated, (name,)) != has(self._pair.exported, (name,)):
                yield name, list(self._replaced((name,)))

    # --- options ---

    def _of_field(self, change: Change, path: Path) -> Iterator[Edit]:
        """:param path: as the entry writes it, which may be an alias of the option."""
        source = (*path[:-1], change.field.name)
        stated, exported = has(self._pair.stated, path), has(self._pair.exported, source)
        if stated and exported and has_variables(change.field.codec):
            yield from self._of_variables(change, path, source)
        elif stated and exported:
            yield from self._of_value(at(self._pair.stated, path), at(self._pair.exported, source), path, source)
        elif stated and self._pair.unstated == KEEP and _can_be_shown(change):
            # Without it, the entry would say nothing of what it has stated so far.
            yield Edit(SET, (*self._pair.place, *path), change.field.shown(change.before))
        else:
            yield from self._replaced(path, source)

    def _replaced(self, path: Path, source: Path = ()) -> Iterator[Edit]:
        """The change of a whole option to what the export states."""
        source = source or path
        stated, exported = has(self._pair.stated, path), has(self._pair.exported, source)
        if exported and len(path) > 1 and not has(self._pair.stated, path[:1]):
            yield from self._replaced(path[:1], source[:1])
        elif exported:
            value = at(self._pair.exported, source)
            if not stated or value != at(self._pair.stated, path):
                yield self._edit(SET if stated else ADD, path, source, value)
        elif stated:
            yield Edit(REMOVE, (*self._pair.place, *path))

    def _edit(self, action: str, path: Path, source: Path, value: Any) -> Edit:
        container = at(self._pair.exported, source[:-1])
        before: Tuple[str, ...] = ()
        if isinstance(container, Mapping):
            before = tuple(list(container)[: list(container).index(source[-1])])
        return Edit(action, (*self._pair.place, *path), value, (*self._pair.source, *source), before)

    def _of_variables(self, change: Change, path: Path, source: Path) -> Iterator[Edit]:
        codec = change.field.codec
        stated, exported = at(self._pair.stated, path), at(self._pair.exported, source)
        now, planned = codec.shown(change.before), codec.shown(change.after)
        texts = (stated, exported, now, planned)
        if not all(isinstance(value, Mapping) for value in texts) or not stated:
            yield from self._replaced(path, source)
            return
        merged = change.field.mode_option is not None and self._pair.stated.get(change.field.mode_option) == "merge"
        for name in [*exported, *(name for name in stated if name not in exported)]:
            if now.get(name) == planned.get(name) or (merged and name not in stated):
                continue
            yield from self._replaced((*path, name), (*source, name))

    def _of_value(self, stated: Any, exported: Any, path: Path, source: Path) -> Iterator[Edit]:
        """The changes that make a value as the export has it, as small as they can be."""
        if _is_same(stated, exported):
            return
        if isinstance(stated, Mapping) and isinstance(exported, Mapping) and stated and exported:
            for name in [*exported, *(name for name in stated if name not in exported)]:
                if name in stated and name in exported:
                    yield from self._of_value(stated[name], exported[name], (*path, name), (*source, name))
                else:
                    yield from self._replaced((*path, name), (*source, name))
        elif isinstance(stated, list) and isinstance(exported, list) and len(stated) == len(exported):
            for number, (item, other) in enumerate(zip(stated, exported)):
                yield from self._of_value(item, other, (*path, number), (*source, number))
        else:
            yield self._edit(SET, path, source, exported)

    # --- lists of children ---

    def _of_list(self, option: str, changes: Sequence[ChildChange]) -> Iterator[Edit]:
        pair = self._pair
        exported = pair.exported.get(option)
        if not exported or pair.exported_desired is None or not pair.stated.get(option):
            yield from self._whole_list(option)
            return
        (child,) = (known for known in pair.resource.children if known.option == option)
        old = _positions(child, pair.desired)
        new = _positions(child, pair.exported_desired)
        gone = [change for change in changes if change.action == "add"]
        lacking = [change for change in changes if change.action != "add" and _key_of(change) not in new]
        if lacking or (old and len(gone) == len(old)):
            # The export cannot state one of them, or those that the entry names are all gone.
            yield from self._whole_list(option)
            return
        for change in changes:
            yield from self._of_child(change, old, new)
        if pair.section.child is not None:
            # A list of the server itself keeps items that are not stated, so that no plan shows them.
            for number in (number for key, number in new.items() if key not in old):
                yield self._appended(option, number)

    def _of_child(self, change: ChildChange, old: Mapping[Any, int], new: Mapping[Any, int]) -> Iterator[Edit]:
        """The changes of one item. :param old: the positions in the entry, and C(new) those in the export, by keys."""
        option = change.child.option
        if change.action == "add":
            yield Edit(REMOVE, (*self._pair.place, option, old[change.key]))
        elif change.action == "remove":
            yield self._appended(option, new[_key_of(change)])
        else:
            for inner in change.changes:
                yield from self._of_field_in_list(inner, (option, old[change.key]), (option, new[change.key]))

    def _appended(self, option: str, number: int) -> Edit:
        value = self._pair.exported[option][number]
        return Edit(ADD, (*self._pair.place, option, None), value, (*self._pair.source, option, number))

    def _of_field_in_list(self, change: Change, item: Path, source: Path) -> Iterator[Edit]:
        path, source = (*item, change.path[-1]), (*source, change.field.name)
        if has(self._pair.stated, path) and has(self._pair.exported, source):
            yield from self._of_value(at(self._pair.stated, path), at(self._pair.exported, source), path, source)
        else:
            yield from self._replaced(path, source)

    def _whole_list(self, option: str) -> Iterator[Edit]:
        kept = self._pair.unstated == KEEP and self._pair.section.child is None
        if kept and not has(self._pair.exported, (option,)) and self._pair.stated.get(option):
            # A list that is not stated would not be managed any more.
            yield Edit(SET, (*self._pair.place, option), [])
        else:
            yield from self._replaced((option,))

    # --- the rest ---

    def _without_empty_group(self, name: str, edits: List[Edit]) -> List[Edit]:
        """The changes of an option, or the removal of a group in which nothing would be left."""
        edits = _distinct(edits)
        stated = self._pair.stated.get(name)
        if name not in self._groups or not isinstance(stated, Mapping) or has(self._pair.exported, (name,)):
            return edits
        removed = {edit.path[-1] for edit in edits if edit.action == REMOVE and len(self._inner(edit)) == 2}
        kept = [key for key, value in stated.items() if value is not None and key not in removed]
        return edits if kept or not removed else [Edit(REMOVE, (*self._pair.place, name))]

    def _ignored(self, names: Sequence[str]) -> Iterator[EntryChange]:
        """The options that the export leaves to the server, as it cannot state what they are."""
        stated = list(self._pair.stated.get(IGNORE) or ())
        ignored = list(self._pair.exported.get(IGNORE) or ())
        new = [name for name in ignored if name not in stated and name.partition(".")[0] in names]
        place = self._pair.place
        if stated:
            edits = [Edit(ADD, (*place, IGNORE, None), name) for name in new]
        else:
            edits = [Edit(ADD, (*place, IGNORE), new)] if new else []
        if edits:
            yield EntryChange(self._pair.section.kind, self._pair.path, IGNORE, place, tuple(edits))


def _key_of(change: ChildChange) -> Tuple[Any, ...]:
    """The natural key of what a change is about, as it is stated."""
    return row_key(change.child, change.row) if change.action == "remove" and change.row else change.key


def _positions(child: Child, desired: Desired) -> Dict[Any, int]:
    """The position of each item of a list, by its natural key."""
    return {natural_key(child, item): number for number, item in enumerate(desired.children.get(child.option, ()))}


def _distinct(edits: Sequence[Edit]) -> List[Edit]:
    """The changes, each once: several fields of a group can ask for the whole of it."""
    distinct: Dict[Tuple[str, str], Edit] = {}
    for edit in edits:
        # What is added to a list has no place of its own.
        distinct.setdefault((edit.action, "%r %r" % (edit.path, edit.source)), edit)
    return list(distinct.values())


def _can_be_shown(change: Change) -> bool:
    """Whether the value that a record has can be written as it is, although the export leaves it out."""
    option: Field = change.field
    hidden = option.secret or option.write_only or option.reference is not None or bool(option.paths or option.parts)
    value = None if hidden else option.shown(change.before)
    return value is not None and not isinstance(value, (Mapping, list, tuple))


def _is_same(stated: Any, exported: Any) -> bool:
    """Whether two values are one, however they are written: C("3") and C(3)."""
    if stated == exported or (is_empty(stated) and is_empty(exported)):
        return True
    containers = (Mapping, list, tuple)
    return not isinstance(stated, containers) and not isinstance(exported, containers) and str(stated) == str(exported)
