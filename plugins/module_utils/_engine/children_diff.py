# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Children compared: all of them where a list is authoritative, or one of them alone."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Sequence, Tuple

from ansible_collections.community.dokploy.plugins.module_utils._engine.changes import (
    Change,
    ChildChange,
    Row,
    change_of,
    condition,
    is_needed,
)
from ansible_collections.community.dokploy.plugins.module_utils._engine.desired import DesiredField, natural_key
from ansible_collections.community.dokploy.plugins.module_utils._errors import (
    Ambiguous,
    NotFoundError,
    OptionError,
    Refused,
)
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Child
from ansible_collections.community.dokploy.plugins.module_utils._values.codec import is_empty


def compare_children(child: Child, items: Tuple[Tuple[DesiredField, ...], ...], rows: List[Row]) -> List[ChildChange]:
    """The changes that make the rows exactly the stated items."""
    found: List[Optional[ChildChange]] = []
    left: Dict[Tuple[Any, ...], List[Tuple[int, Row]]] = {}
    for position, row in enumerate(rows):
        left.setdefault(_plain(row_key(child, row)), []).append((position, row))
    for wants in items:
        key = _plain(natural_key(child, wants))
        twins = list(left.get(key, ()))
        # Of several rows with one key the one that needs no change is kept, and of several such the oldest, so that
        # runs that look at once choose the same one; the others go.
        twins.sort(
            key=lambda twin, wants=wants: (len(child_changes(wants, twin[1])), _age(child, twin[1]))  # type: ignore[misc]
        )
        if twins:
            left[key].remove(twins[0])
        found.append(_to(child, wants, twins[0][1] if twins else None))
    rest = sorted((twin for twins in left.values() for twin in twins), key=lambda twin: twin[0])
    found.extend(_removed(child, row) for _position, row in rest)
    return [change for change in found if change is not None]


def _plain(key: Tuple[Any, ...]) -> Tuple[Any, ...]:
    """A key to look up by, whatever the server put into it."""
    return tuple(part if part is None or isinstance(part, (str, int, float)) else repr(part) for part in key)


def is_doubled(change: ChildChange, items: Tuple[Tuple[DesiredField, ...], ...]) -> bool:
    """Whether a change removes one that is just as a stated one, of which there is another."""
    row = change.row
    if change.action != "remove" or row is None:
        return False
    key = row_key(change.child, row)
    return any(natural_key(change.child, wants) == key and not child_changes(wants, row) for wants in items)


def surplus(child: Child, wants: Tuple[DesiredField, ...], rows: Sequence[Row]) -> List[ChildChange]:
    """The removals of those beside one child that are just as stated, which another run has added."""
    key = natural_key(child, wants)
    twins = [row for row in rows if row_key(child, row) == key]
    return [change for change in compare_children(child, (wants,), twins) if is_doubled(change, (wants,))]


def _age(child: Child, row: Row) -> Tuple[str, str]:
    return str(row.get("createdAt") or ""), str(row.get(child.id_key))


def compare_one(
    child: Child, wants: Tuple[DesiredField, ...], rows: Sequence[Row], resource_id: Optional[str], present: bool
) -> Optional[ChildChange]:
    """The change that brings one child into its state, whatever its siblings are.

    :raises NotFoundError: there is none of that id.
    :raises Ambiguous: several bear the natural key.
    :raises Refused: it is meant by its id, and that cannot come to what is stated.
    """
    row = find_one(child, wants, rows, resource_id)
    if present:
        change = _to(child, wants, row)
        if resource_id is not None and change is not None:
            _same_one(child, resource_id, change, rows)
        return change
    return None if row is None else _removed(child, row)


def _same_one(child: Child, resource_id: str, change: ChildChange, rows: Sequence[Row]) -> None:
    """A child that is meant by its id keeps the id, and takes the place of no other one.

    :raises Refused: it would have to be made anew, or another one bears the natural key that it is to have.
    """
    replaced = [one.path[-1] for one in change.changes if one.field.replaces]
    if replaced:
        raise Refused(
            "%s of %s %r cannot be changed" % (" and ".join(replaced), child.singular, resource_id),
            hint="It needs a new %s: leave out %s, and the one at %s is removed and made anew."
            % (child.singular, child.id_option, change.label),
        )
    if any(one.field.key for one in change.changes):
        key = row_key(child, {**(change.row or {}), **{one.field.api: one.after for one in change.changes}})
        others = [str(item.get(child.id_key)) for item in rows if row_key(child, item) == key]
        if others:
            raise Refused(
                "%s %r cannot be for %s: %s is" % (child.singular, resource_id, _label(child, key), ", ".join(others)),
                hint="Remove one of them first.",
            )


def find_one(
    child: Child, wants: Tuple[DesiredField, ...], rows: Sequence[Row], resource_id: Optional[str]
) -> Optional[Row]:
    """The row of an id, or of a natural key.

    :raises NotFoundError: there is none of that id.
    :raises Ambiguous: several bear the natural key; the message lists the ids.
    """
    if resource_id is not None:
        row = next((item for item in rows if item.get(child.id_key) == resource_id), None)
        if row is None:
            raise NotFoundError("%s: there is no %s %r" % (child.id_option, child.singular, resource_id))
        return row
    key = natural_key(child, wants)
    twins = [item for item in rows if row_key(child, item) == key]
    if len(twins) > 1:
        ids = sorted(str(item.get(child.id_key)) for item in twins)
        raise Ambiguous(
            "%d %s are for %s: %s" % (len(ids), child.option, _label(child, key), ", ".join(ids)),
            hint="Give the one that is meant by its %s, or remove the others." % child.id_option,
            details={"ids": ids},
        )
    return twins[0] if twins else None


def _to(child: Child, wants: Tuple[DesiredField, ...], row: Optional[Row]) -> Optional[ChildChange]:
    _need_child(child, wants, row)
    if row is None:
        label = _label(child, natural_key(child, wants))
        added = tuple(Change(w.path, w.field, None, w.value) for w in wants if not is_empty(w.value))
        return ChildChange(child, "add", label, None, added, wants)
    changes = child_changes(wants, row)
    if not changes:
        return None
    action = "replace" if any(change.field.replaces for change in changes) else "update"
    return ChildChange(child, action, _label(child, row_key(child, row)), row, changes, wants)


def _removed(child: Child, row: Row) -> ChildChange:
    gone = tuple(
        Change((child.option, f.name), f, row.get(f.api), None)
        for f in child.fields
        if not f.input_only and not is_empty(row.get(f.api))
    )
    return ChildChange(child, "remove", _label(child, row_key(child, row)), row, gone)


def child_changes(wants: Tuple[DesiredField, ...], row: Row) -> Tuple[Change, ...]:
    """What differs between a stated child and its row."""
    return tuple(change for change in (change_of(want, row) for want in wants) if change is not None)


def row_key(child: Child, row: Row) -> Tuple[Any, ...]:
    """The natural key of a row as one would state it, defaults filled in."""
    parts = []
    for field in child.key_fields:
        value = row.get(field.api)
        if is_empty(value):
            parts.append(value if field.default is None else field.default)
        else:
            parts.append(field.codec.to_api(value))
    return tuple(parts)


def _label(child: Child, key: Tuple[Any, ...]) -> str:
    return child.joint.join(str(part) for part in key)


def _need_child(child: Child, wants: Tuple[DesiredField, ...], row: Optional[Row]) -> None:
    # What a creation says of itself counts as set.
    known = child.parent if row is None else row
    after = {f.name: f.to_word(known.get(f.api)) for f in child.fields if not f.input_only}
    after.update({want.field.name: want.field.to_word(want.value) for want in wants})
    stated = {want.field.api: is_empty(want.value) for want in wants}
    for field in child.fields:
        if not is_needed(field, after) or field.input_only:
            continue
        empty = stated.get(field.api, is_empty(after.get(field.name)))
        if empty and not (field.blank and field.api in stated):
            which = "" if field.needed is True else " of %s %s" % condition(field, after)
            where = "%s: " % wants[0].path[0] if wants and len(wants[0].path) > 1 else ""
            raise OptionError("%sa %s%s needs %s" % (where, child.singular.replace("_", " "), which, field.name))
