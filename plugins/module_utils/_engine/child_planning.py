# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""From the changes of children to the writes that make them, in the order in which they are possible."""

from __future__ import annotations

from typing import Any, Dict, List, Tuple

from .._model.child import Child
from .diff import ChildChange, Diff, Row
from .plan import MANY, Precondition, Step, Write
from .promise import FromResponse, is_promise


def children_steps(diff: Diff, parent_id: Any, root: str) -> List[Step]:
    """The writes of all children. :param root: what the tree was read with."""
    changes = sorted(diff.children, key=_order)
    writes = [_steps(change, parent_id, "child%d" % number, root) for number, change in enumerate(changes)]
    first = sum(_is_first(change) for change in changes)
    more = [make(parent_id) for make in diff.more]
    return [step for steps in (*writes[:first], more, *writes[first:]) for step in steps]


def _order(change: ChildChange) -> Tuple[bool, bool]:
    """Removals come last, so that a renamed domain answers under one of its names at any time.

    What is C(first) is removed last, since it is needed while others change.
    """
    gone = change.action == "remove"
    return gone, change.child.first == gone


def _is_first(change: ChildChange) -> bool:
    return change.child.first and change.action != "remove"


def _steps(change: ChildChange, parent_id: Any, saved: str, root: str) -> List[Step]:
    """The writes of one child. :param saved: the name under which the answer of its creation is kept."""
    # What was just created was not read: other runs can only have written to it after the tree was.
    read = root if parent_id is None or is_promise(parent_id) else parent_id
    if change.action == "remove":
        return [_removal(change)]
    if change.action == "update":
        return [_update(change, read)]
    return [*([_removal(change)] if change.action == "replace" else []), *_creation(change, parent_id, saved, read)]


def _write(child: Child, procedure: str, body: Row, row: Row, **more: Any) -> Write:
    """A write of a child, with how many share a request. :param row: the child before it."""
    after = {**row, **body}
    batched = child.in_batch(procedure, after) if child.in_batch else child.in_flight.get(procedure, MANY)
    return Write(procedure, body, in_flight=child.in_flight, batched=batched, **more)


def _own(change: ChildChange) -> Dict[str, Any]:
    return {change.child.id_key: (change.row or {}).get(change.child.id_key)}


def _removal(change: ChildChange) -> Write:
    return _write(change.child, change.child.remove, _own(change), {}, missing_ok=True)


def _update(change: ChildChange, read: str) -> Write:
    child, row, own = change.child, change.row or {}, _own(change)
    changed = {one.field.api: one.after for one in change.changes}
    body = {**own, **{key: row.get(key) for key in child.always_sent}, **changed}
    unchanged = Precondition(tuple(own.values()), read)
    return _write(child, child.update, body, row, precondition=unchanged)


def _creation(change: ChildChange, parent_id: Any, saved: str, read: str) -> List[Step]:
    """The creation, and an update of what it ignores."""
    child, row, ignored = change.child, change.row or {}, change.child.create_ignores
    values = {field.api: row[field.api] for field in child.key_fields if row.get(field.api) is not None}
    values.update({want.field.api: want.value for want in change.item if want.value is not None})
    body = {key: parent_id if value == "$parent" else value for key, value in child.parent.items()}
    body.update({key: value for key, value in values.items() if key not in ignored})
    precondition = Precondition((child.create, parent_id, change.label), read)
    creation = _write(child, child.create, body, {}, saves=saved, precondition=precondition)
    late = {key: value for key, value in values.items() if key in ignored and value != ignored[key]}
    if not late:
        return [creation]
    always = {key: values.get(key) for key in child.always_sent}
    body = {child.id_key: FromResponse(saved, child.id_key), **always, **late}
    return [creation, _write(child, child.update, body, values)]
