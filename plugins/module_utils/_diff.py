# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The one diff that decides: C(changed) is read off it, and C(--diff) prints it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Optional, Tuple

from ansible_collections.community.dokploy.plugins.module_utils._desired import (
    Desired,
    Path,
    Want,
    dotted,
    natural_key,
)
from ansible_collections.community.dokploy.plugins.module_utils._errors import OptionError, Refused
from ansible_collections.community.dokploy.plugins.module_utils._field import Field
from ansible_collections.community.dokploy.plugins.module_utils._resource import Child, Resource
from ansible_collections.community.dokploy.plugins.module_utils._values import HIDDEN, is_empty

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Change:
    """One field that differs; both values are the API's."""

    path: Path
    field: Field
    before: Any
    after: Any


@dataclass(frozen=True)
class ChildChange:
    """One child that is added, updated, replaced (removed and made anew) or removed."""

    child: Child
    action: str
    label: str
    row: Optional[Row]
    changes: Tuple[Change, ...]
    wants: Tuple[Want, ...] = ()


@dataclass(frozen=True)
class Diff:
    """What differs. C(action) is C(create), C(update), C(remove) or C(none)."""

    action: str
    changes: Tuple[Change, ...] = ()
    children: Tuple[ChildChange, ...] = ()

    @property
    def empty(self) -> bool:
        return self.action == "none"


def compare(resource: Resource, desired: Desired, row: Optional[Row]) -> Diff:
    """What must change for C(row) (C(None): it does not exist) to be as desired.

    :raises Refused: a change that Dokploy cannot make to an existing thing.
    :raises OptionError: something needed is neither stated nor there.
    """
    changes = tuple(change for change in (_change(want, row) for want in desired.wants) if change is not None)
    if row is None:
        # The creating procedure leaves what it takes empty of itself; what comes later may have a default to clear.
        changes = tuple(c for c in changes if not (is_empty(c.after) and c.field.api in resource.create_takes))
    if row is not None:
        for change in changes:
            if change.field.frozen_where is not None and row.get(change.field.frozen_where):
                raise Refused(
                    "%s of this %s (%r) cannot be changed" % (dotted(change.path), resource.name, change.before)
                )
            if change.field.create_only:
                raise Refused(
                    "%s cannot be changed on an existing %s (it is %r)"
                    % (dotted(change.path), resource.name, change.field.to_word(change.before)),
                    hint="It needs a new %s: remove this one first, or give the new one another name." % resource.name,
                )
    _need(resource, desired, row)
    children: List[ChildChange] = []
    for child in resource.children:
        if child.option in desired.children:
            rows = list((row or {}).get(child.embedded) or [])
            children.extend(_compare_children(child, desired.children[child.option], rows))
    if row is None:
        return Diff("create", changes, tuple(children))
    return Diff("update" if changes or children else "none", changes, tuple(children))


def _change(want: Want, row: Optional[Row]) -> Optional[Change]:
    current = None if row is None else row.get(want.field.api)
    codec = want.field.codec
    after = want.value
    if want.merge and codec.merge is not None:
        try:
            after = codec.merge(want.value, current)
        except ValueError as exc:
            raise OptionError("%s: %s" % (dotted(want.path), exc)) from None
    if row is not None and codec.same(after, current):
        return None
    return Change(want.path, want.field, current, after)


def _need(resource: Resource, desired: Desired, row: Optional[Row]) -> None:
    after = dict(row or {})
    after.update({want.field.api: want.value for want in desired.wants})
    for group in desired.groups:
        for field in group.fields:
            if field.needed and is_empty(after.get(field.api)):
                raise OptionError(
                    "%s.%s is needed, and %s"
                    % (group.name, field.name, "it is not set yet" if row else "it is missing")
                )


# --- children --------------------------------------------------------------------------------------------------------


def _compare_children(child: Child, items: Tuple[Tuple[Want, ...], ...], rows: List[Row]) -> List[ChildChange]:
    found: List[ChildChange] = []
    left = list(rows)
    for wants in items:
        key = natural_key(child, wants)
        twins = [row for row in left if _row_key(child, row) == key]
        # Of several rows with one key the one that needs no change is kept; the others go.
        twins.sort(key=lambda row, wants=wants: len(_child_changes(wants, row)))  # type: ignore[misc]
        label = _label(child, key)
        if not twins:
            _need_child(child, wants, None)
            added = tuple(Change(w.path, w.field, None, w.value) for w in wants if not is_empty(w.value))
            found.append(ChildChange(child, "add", label, None, added, wants))
            continue
        left.remove(twins[0])
        changes = _child_changes(wants, twins[0])
        _need_child(child, wants, twins[0])
        if changes:
            replace = any(change.field.replaces for change in changes)
            found.append(ChildChange(child, "replace" if replace else "update", label, twins[0], changes, wants))
    for row in left:
        gone = tuple(
            Change((child.option, f.name), f, row.get(f.api), None)
            for f in child.fields
            if not is_empty(row.get(f.api))
        )
        found.append(ChildChange(child, "remove", _label(child, _row_key(child, row)), row, gone))
    return found


def _child_changes(wants: Tuple[Want, ...], row: Row) -> Tuple[Change, ...]:
    return tuple(change for change in (_change(want, row) for want in wants) if change is not None)


def _row_key(child: Child, row: Row) -> Tuple[Any, ...]:
    parts = []
    for field in child.key_fields:
        value = row.get(field.api)
        parts.append(field.default if is_empty(value) and field.default is not None else value)
    return tuple(parts)


def _label(child: Child, key: Tuple[Any, ...]) -> str:
    return "".join(str(part) for part in key)


def _need_child(child: Child, wants: Tuple[Want, ...], row: Optional[Row]) -> None:
    after = {field.name: field.to_word((row or {}).get(field.api)) for field in child.fields}
    after.update({want.field.name: want.field.to_word(want.value) for want in wants})
    for field in child.fields:
        condition = field.needed
        if isinstance(condition, tuple):
            if after.get(condition[0]) == condition[1] and is_empty(after.get(field.name)):
                raise OptionError(
                    "%s: a %s of %s %s needs %s"
                    % (child.option, child.singular, condition[0], condition[1], field.name)
                )
        elif condition and is_empty(after.get(field.name)):
            raise OptionError("%s: a %s needs %s" % (child.option, child.singular, field.name))


# --- in print --------------------------------------------------------------------------------------------------------


def printed(diff: Diff, names: Mapping[str, str], header: str) -> Dict[str, Any]:
    """The diff in Ansible's form: C(before) and C(after) in option names, secrets masked, ids as names where known."""
    before: Dict[str, Any] = {}
    after: Dict[str, Any] = {}
    if diff.action == "create":
        after["state"], before["state"] = "present", "absent"
    elif diff.action == "remove":
        before["state"], after["state"] = "present", "absent"
    for change in diff.changes:
        old, new = _shown(change, names)
        if diff.action != "create":
            _put(before, change.path, old)
        _put(after, change.path, new)
    for item in diff.children:
        label = item.label
        for change in item.changes:
            path = (item.child.option, label, change.path[-1])
            old, new = _shown(change, names)
            if item.action in ("update", "replace", "remove"):
                _put(before, path, old)
            if item.action in ("update", "replace", "add"):
                _put(after, path, new)
    return {"before": before, "after": after, "before_header": header, "after_header": header}


def _shown(change: Change, names: Mapping[str, str]) -> Tuple[Any, Any]:
    field = change.field
    if field.secret:
        if field.codec.masked is not None:
            return field.codec.masked(change.before, change.after)
        old = "" if is_empty(change.before) else "%s old" % HIDDEN
        new = "" if is_empty(change.after) else "%s new" % HIDDEN
        return old, new
    if field.reference is not None:
        return names.get(change.before, change.before) or "", names.get(change.after, change.after) or ""
    return field.to_word(change.before), field.to_word(change.after)


def _put(target: Dict[str, Any], path: Path, value: Any) -> None:
    for step in path[:-1]:
        target = target.setdefault(step, {})
    target[path[-1]] = value
