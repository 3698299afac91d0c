# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The one diff that decides: C(changed) is read off it, and C(--diff) prints it."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional, Tuple

from ansible_collections.community.dokploy.plugins.module_utils._engine.changes import (
    Change,
    ChildChange,
    Diff,
    Row,
    change_of,
    condition,
    is_needed,
)
from ansible_collections.community.dokploy.plugins.module_utils._engine.children_diff import compare_children
from ansible_collections.community.dokploy.plugins.module_utils._engine.desired import Desired, Path, dotted
from ansible_collections.community.dokploy.plugins.module_utils._engine.lookup import named
from ansible_collections.community.dokploy.plugins.module_utils._errors import OptionError, Refused
from ansible_collections.community.dokploy.plugins.module_utils._model.field import Field
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Resource
from ansible_collections.community.dokploy.plugins.module_utils._secrets.patterns import HIDDEN
from ansible_collections.community.dokploy.plugins.module_utils._values.codec import is_empty


def compare(resource: Resource, desired: Desired, row: Optional[Row]) -> Diff:
    """What must change for C(row) (C(None): it does not exist) to be as desired.

    :raises Refused: a change that Dokploy cannot make to an existing thing.
    :raises OptionError: something needed is neither stated nor there.
    """
    changes = tuple(change for change in (change_of(want, row) for want in desired.wants) if change is not None)
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
            children.extend(compare_children(child, desired.children[child.option], rows))
    if row is None:
        return Diff("create", changes, tuple(children))
    return Diff("update" if changes or children else "none", changes, tuple(children))


def _need(resource: Resource, desired: Desired, row: Optional[Row]) -> None:
    after = dict(row or {})
    after.update({want.field.api: want.value for want in desired.wants})
    for group in desired.groups:
        words = {field.name: field.to_word(after.get(field.api)) for field in group.fields}
        for field in group.fields:
            if is_needed(field, words) and is_empty(after.get(field.api)):
                where = "" if field.needed is True else " where %s.%s is %s" % (group.name, *condition(field, words))
                raise OptionError(
                    "%s.%s is needed%s, and %s"
                    % (group.name, field.name, where, "it is not set yet" if row else "it is missing")
                )


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
            path = (item.child.option, label, change.field.name)
            old, new = _shown(change, names)
            if item.action in ("update", "replace", "remove"):
                _put(before, path, old)
            if item.action in ("update", "replace", "add"):
                _put(after, path, new)
    if diff.file is not None and diff.file.before is not None:
        before[diff.file.file.read], after[diff.file.file.read] = diff.file.before, diff.file.file.valid
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
        return _in_names(field, change.before, names), _in_names(field, change.after, names)
    return field.to_word(change.before), field.to_word(change.after)


def _in_names(field: Field, value: Any, names: Mapping[str, str]) -> Any:
    return named(value, names) if value else field.to_word(value)


def _put(target: Dict[str, Any], path: Path, value: Any) -> None:
    for step in path[:-1]:
        target = target.setdefault(step, {})
    target[path[-1]] = value
