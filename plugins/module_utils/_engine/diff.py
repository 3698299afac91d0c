# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What differs between the desired and the current state: C(changed) follows from it, and C(--diff) prints it."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, replace
from typing import Any, Callable, Container, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple

from .._errors import OptionError, Refused, they_are, with_article
from .._model.child import Child
from .._model.field import Field, Group
from .._model.resource import Resource
from .._values.codec import is_empty
from .desired import (
    Desired,
    DesiredField,
    Item,
    Path,
    dotted,
    find_one,
    label_of,
    matching,
    natural_key,
    row_key,
    stated_of,
)
from .plan import Step

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Change:
    """One field that differs; both values are the API's.

    :param built: C(after) holds a part of C(before), so that it overwrites what another process has written since.
    :param step: makes this change instead of the updating procedure.
    :param unstated: it is not stated, so that it is reset to the value of a new record.
    """

    path: Path
    field: Field
    before: Any
    after: Any
    built: bool = False
    step: Optional[Step] = None
    unstated: bool = False


@dataclass(frozen=True)
class ChildChange:
    """One child for which C(action) is C(add), C(update), C(replace) (remove and add) or C(remove).

    :param key: its natural key.
    :param unstated: it is removed from a list that is not stated.
    """

    child: Child
    action: str
    key: Tuple[Any, ...]
    row: Optional[Row]
    changes: Tuple[Change, ...]
    item: Item = ()
    unstated: bool = False

    @property
    def label(self) -> str:
        return label_of(self.child, self.key)

    def part(self, unstated: bool) -> Optional[ChildChange]:
        """The part of an update that is not stated, or the other one; other changes are a whole."""
        if self.action != "update":
            return self if self.unstated is unstated else None
        changes = tuple(change for change in self.changes if change.unstated is unstated)
        return replace(self, changes=changes) if changes else None


@dataclass(frozen=True)
class Diff:
    """What differs. C(action) is C(create), C(update), C(replace), C(remove) or C(none).

    :param tests: the steps before the first write, which store nothing: connections are tested, keys are generated.
    :param keeping: the steps right after a creation, which keep what only its answer has.
    :param more: steps of the description's own, each from the ID of the record. They come right after the children that
        are C(first).
    :param shown: what results show of them: the text before and after, by name.
    :param lasts: C(Write.lasts) of the writes of children, by their procedure.
    """

    action: str
    changes: Tuple[Change, ...] = ()
    children: Tuple[ChildChange, ...] = ()
    tests: Tuple[Step, ...] = ()
    keeping: Tuple[Step, ...] = ()
    more: Tuple[Callable[[Any], Step], ...] = ()
    shown: Mapping[str, Tuple[str, str]] = dataclasses.field(default_factory=dict)
    lasts: Mapping[str, Callable[[Any, Mapping[str, Any]], None]] = dataclasses.field(default_factory=dict)

    @property
    def empty(self) -> bool:
        return self.action == "none"

    def part(self, unstated: bool) -> Diff:
        """The part that is not stated, or the other one."""
        changes = tuple(change for change in self.changes if change.unstated is unstated)
        parts = (change.part(unstated) for change in self.children)
        children = tuple(change for change in parts if change is not None)
        action = "none" if not (changes or children) else "update" if unstated else self.action
        return replace(self, action=action, changes=changes, children=children)

    def fields_after(self, row: Optional[Row]) -> Dict[str, Any]:
        """The fields of a row after the changes, without its children."""
        return {**(row or {}), **{change.field.api: change.after for change in self.changes}}


@dataclass(frozen=True)
class Judgement:
    """What a check makes of a diff.

    :param diff: the same one, or another one in its place.
    :param noted: children that the reads remember, for the next ones of a loop: each the listing, the ID of what they
        are in, and the rows.
    """

    diff: Diff
    warnings: Tuple[str, ...] = ()
    noted: Tuple[Tuple[str, str, List[Any]], ...] = ()


def compare(resource: Resource, desired: Desired, row: Optional[Row], written: bool = False) -> Diff:
    """The changes that make C(row) as desired; C(None) is a resource that does not exist.

    :param written: it was just written, so that nothing is refused, and what no procedure shows counts as stored.
    :raises Refused: Dokploy cannot change this of an existing resource.
    :raises OptionError: a needed option is neither stated nor set.
    """
    wants = tuple(replace(want, always=want.always and not written) for want in desired.fields)
    changes = field_changes(wants, row)
    if row is None:
        changes = _changes_of_new(resource, changes)
        _need_of_new(resource, desired)
    elif not written:
        _refuse_fixed(resource, changes, row, desired.replace)
    _need(desired, row)
    children = tuple(_children_changes(resource, desired, row or {}))
    action = "create" if row is None else "update" if changes or children else "none"
    if row is not None and any(needs_new(resource, change.field) for change in changes):
        action = "replace"
    return Diff(action, changes, children)


def _children_changes(resource: Resource, desired: Desired, row: Row) -> Iterator[ChildChange]:
    """The changes of all children that are desired."""
    for child in resource.children:
        if child.option in desired.children:
            unstated = child.option in desired.unstated
            for change in compare_children(child, desired.children[child.option], row.get(child.embedded) or [], row):
                yield replace(change, unstated=unstated)


def _changes_of_new(resource: Resource, changes: Sequence[Change]) -> Tuple[Change, ...]:
    """The changes without those that a creation makes by itself."""
    # The creating procedure leaves its own keys without a default empty, and nothing is elected.
    empty = {key for key in resource.creation.takes if is_empty(resource.creation.defaults.get(key))}
    kept = (change for change in changes if change.after or not change.field.elected)
    return tuple(change for change in kept if not (is_empty(change.after) and change.field.api in empty))


def field_changes(wants: Item, row: Optional[Row]) -> Tuple[Change, ...]:
    """The stated fields that differ from a row."""
    return tuple(change for change in (_field_change(want, row) for want in wants) if change is not None)


def _field_change(want: DesiredField, row: Optional[Row]) -> Optional[Change]:
    field = want.field
    # A part of a natural key was found by its default.
    current = field.of(row) if row and field.key else (row or {}).get(field.api)
    after = _merged(want, current)
    if row is not None and not want.always and (field.initial or not field.compared or field.same(after, current)):
        return None
    kept, built = field.codec.kept, want.merge
    if want.edits and field.codec.edited is not None and not is_empty(current):
        after, built = field.codec.edited(after, current), True
    after = after if kept is None else kept(after, current)
    return Change(want.path, field, current, after, built=built or kept is not None, unstated=want.unstated)


def _merged(want: DesiredField, current: Any) -> Any:
    """The wanted value, merged into the current one in the mode C(merge)."""
    if not want.merge or want.field.codec.merge is None:
        return want.value
    try:
        return want.field.codec.merge(want.value, current)
    except ValueError as exc:
        raise OptionError("%s: %s" % (dotted(want.path), exc)) from None


def _refuse_fixed(resource: Resource, changes: Sequence[Change], row: Row, replace: bool) -> None:
    for change in changes:
        field = change.field
        if field.frozen_where is not None and row.get(field.frozen_where):
            raise Refused("%s of this %s (%r) cannot be changed" % (dotted(change.path), resource.noun, change.before))
        if field.elected and not change.after:
            text = "{0}: another {1} becomes the {0} one, with {0}=true for that"
            raise OptionError(text.format(dotted(change.path), resource.noun))
    replaceable = replace and resource.updating.replacement is not None
    fixed = [
        change
        for change in changes
        if change.field.create_only or (needs_new(resource, change.field) and not replaceable)
    ]
    if fixed:
        raise _fixed(resource, fixed)


def _fixed(resource: Resource, changes: Sequence[Change]) -> Refused:
    first = changes[0].field
    now = "" if first.secret or len(changes) > 1 else " (it is %r)" % first.shown(changes[0].before)
    hint = "It needs a new %s: remove this one first, or give the new one another name." % resource.noun
    if resource.updating.replacement is not None and not any(change.field.create_only for change in changes):
        hint = "Set replace to true to create the %s again and remove this one." % resource.noun
    names = " and ".join(dotted(change.path) for change in changes)
    return Refused("%s cannot be changed on an existing %s%s" % (names, resource.noun, now), hint=hint)


def needs_new(resource: Resource, field: Field) -> bool:
    """Whether only a new record can have another value."""
    return field.replaces or not resource.updating.procedure


def _need_of_new(resource: Resource, desired: Desired) -> None:
    stated = {want.field.api for want in desired.fields if not is_empty(want.value)}
    fields = [option for option in resource.options if isinstance(option, Field) and option.needed]
    lacking = [field.name for field in fields if field.api not in stated]
    if lacking:
        raise OptionError("%s needed to create %s" % (they_are(lacking), with_article(resource.label)))


def _need(desired: Desired, row: Optional[Row]) -> None:
    for want in desired.fields:
        # In a group, the neighbours may make it needed.
        if len(want.path) == 1 and want.field.needed and is_empty(want.value):
            raise OptionError("%s must not be empty" % want.path[0])
    values = {**(row or {}), **{want.field.api: want.value for want in desired.fields}}
    for group in desired.groups:
        for field, condition in _unset(group.fields, values):
            raise _lacking(desired, group, field, condition, row)


def _lacking(
    desired: Desired, group: Group, field: Field, condition: Optional[Tuple[str, Any]], row: Optional[Row]
) -> OptionError:
    where = " where %s.%s is %s" % (group.name, *condition) if condition else ""
    stated = [want.path for want in desired.fields if want.path[0] == group.name and want.field.api == field.api]
    missing = "it is empty" if stated else "it is not set yet" if row else "it is missing"
    name = dotted(stated[0] if stated else (group.name, field.name))
    return OptionError("%s is needed%s, and %s" % (name, where, missing))


def _unset(
    fields: Sequence[Field], values: Row, stated: Container[str] = ()
) -> Iterator[Tuple[Field, Optional[Tuple[str, Any]]]]:
    """The fields that are needed and empty, each with the neighbour that makes it needed, and its word.

    :param stated: the keys for which an empty text may do.
    """
    # Several fields may share a key, of which a value is that of one.
    words = {field.name: field.shown(values.get(field.api)) for field in fields if not field.input_only}
    for field in fields:
        blank = field.blank and field.api in stated
        if field.name in words and is_needed(field, words) and is_empty(words[field.name]) and not blank:
            yield field, (field.needed[0], words[field.needed[0]]) if isinstance(field.needed, tuple) else None


def is_needed(field: Field, words: Mapping[str, Any]) -> bool:
    """Whether a field must be set, given its neighbours in the user's words."""
    return words.get(field.needed[0]) in field.needed[1:] if isinstance(field.needed, tuple) else field.needed


def compare_children(child: Child, items: Sequence[Item], rows: Sequence[Row], parent: Row) -> List[ChildChange]:
    """The changes that make the rows exactly the stated items, beside those that the server made by itself."""
    by_key: Dict[str, List[Row]] = {}
    for existing in rows:
        by_key.setdefault(repr(row_key(child, existing)), []).append(existing)
    changes: List[Optional[ChildChange]] = []
    kept = set()
    for wants in items:
        # Of several rows with one key the one that needs no change stays, and of several such the oldest, so that
        # runs at the same time choose the same one; the others are removed.
        row = min(
            by_key.get(repr(natural_key(child, wants)), []),
            key=lambda candidate: (
                len(field_changes(wants, candidate)),
                str(candidate.get("createdAt") or ""),
                str(candidate.get(child.id_key)),
            ),
            default=None,
        )
        kept.add(id(row))
        changes.append(_to(child, wants, row))
    stated = {repr(natural_key(child, wants)) for wants in items}
    changes.extend(
        child_removal(child, other)
        for other in rows
        if id(other) not in kept and (repr(row_key(child, other)) in stated or not child.protected(parent, other))
    )
    return [change for change in changes if change is not None]


def is_doubled(change: ChildChange, items: Sequence[Item], parent: Row) -> bool:
    """Whether a change removes the double of a stated row, or what the server has made in its place."""
    child, row = change.child, change.row or {}
    return change.action == "remove" and any(
        natural_key(child, wants) == row_key(child, row)
        and (child.protected(parent, row) or not field_changes(wants, row))
        for wants in items
    )


def compare_key(child: Child, wants: Item, rows: Sequence[Row]) -> List[ChildChange]:
    """The changes that leave one row of a natural key, just as stated."""
    return compare_children(child, (wants,), matching(child, wants, rows), {})


def compare_one(
    child: Child, wants: Item, rows: Sequence[Row], resource_id: Optional[str], names: Mapping[str, str]
) -> Optional[ChildChange]:
    """The change that makes one child as stated, whatever its siblings are.

    :raises NotFoundError: no row has the ID.
    :raises Ambiguous: several rows have the natural key.
    :raises Refused: the row of the ID cannot become what is stated.
    """
    change = _to(child, wants, find_one(child, wants, rows, resource_id, names))
    if resource_id is not None and change is not None:
        _refuse_other(child, resource_id, change, rows)
    return change


def _refuse_other(child: Child, resource_id: str, change: ChildChange, rows: Sequence[Row]) -> None:
    """:raises Refused: the row of an ID would be replaced, or get the natural key of another one."""
    replaced = [edit.path[-1] for edit in change.changes if edit.field.replaces]
    if replaced:
        raise Refused(
            "%s of %s %r cannot be changed" % (" and ".join(replaced), child.singular, resource_id),
            hint="It needs a new %s: leave out %s, and the one at %s is replaced."
            % (child.singular, child.id_option, change.label),
        )
    if any(edit.field.key for edit in change.changes):
        key = row_key(child, {**(change.row or {}), **{edit.field.api: edit.after for edit in change.changes}})
        others = [str(row.get(child.id_key)) for row in rows if row_key(child, row) == key]
        if others:
            raise Refused(
                "%s %r cannot be for %s: %s is"
                % (child.singular, resource_id, label_of(child, key), ", ".join(others)),
                hint="Remove one of them first.",
            )


def _to(child: Child, wants: Item, row: Optional[Row]) -> Optional[ChildChange]:
    _need_of_child(child, wants, row)
    if row is None:
        added = tuple(Change(want.path, want.field, None, want.value) for want in wants if not is_empty(want.value))
        return ChildChange(child, "add", natural_key(child, wants), None, added, wants)
    changes = field_changes(wants, row)
    if not changes:
        return None
    if any(change.field.replaces for change in changes):
        # A new one has by itself what is not stated.
        return ChildChange(child, "replace", row_key(child, row), row, changes, stated_of(wants))
    return ChildChange(child, "update", row_key(child, row), row, changes, wants)


def child_removal(child: Child, row: Row) -> ChildChange:
    """The change that removes a child."""
    fields = [field for field in child.fields if not field.input_only and not is_empty(row.get(field.api))]
    gone = tuple(Change((child.option, field.name), field, row.get(field.api), None) for field in fields)
    return ChildChange(child, "remove", row_key(child, row), row, gone)


def _need_of_child(child: Child, wants: Item, row: Optional[Row]) -> None:
    stated = {want.field.api: want.value for want in wants}
    # What the creating body always holds counts as set.
    for field, condition in _unset(child.fields, {**(child.parent if row is None else row), **stated}, stated):
        which = " of %s %s" % condition if condition else ""
        where = "%s: " % wants[0].path[0] if wants and len(wants[0].path) > 1 else ""
        raise OptionError("%sa %s%s needs %s" % (where, child.singular.replace("_", " "), which, field.name))
