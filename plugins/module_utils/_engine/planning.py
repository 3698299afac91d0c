# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""From a diff to the writes that make it, in their order and as few as possible: one function for each action.

It is pure. C(row) is the current row of a resource, C(parent_id) the ID of what it is in.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from types import MappingProxyType
from typing import Any, Dict, FrozenSet, List, Mapping, Optional, Sequence, Tuple

from .._api.client import Client
from .._model.child import Child
from .._model.resource import PROJECTS, Resource
from .._reads.rows import read_call, row_in
from .._values.marks import FromResponse, is_marked, marks_in, sources_in
from .diff import Change, ChildChange, Diff, Row
from .plan import MANY, SELF, Precondition, Step, Write
from .uniqueness import EnsureUnique, FindCreated, ReadCreated


def plan_present(
    resource: Resource,
    diff: Diff,
    target_id: Optional[str],
    parent_id: Optional[str],
    stated: Tuple[str, ...] = (),
    row: Row = MappingProxyType({}),
) -> List[Step]:
    """The writes of a diff.

    :param target_id: the ID of the existing resource; C(None) when it is to be created under C(parent_id).
    :param stated: the options of its children that are stated.
    """
    if diff.action == "replace" and resource.updating.replacement is not None:
        replaced: List[Step] = resource.updating.replacement.steps(resource, diff, str(target_id), row)
        return replaced
    own: List[Step] = [change.step for change in diff.changes if change.step is not None]
    if diff.action == "create":
        return own + creation_steps(resource, diff, parent_id, stated)
    return own + update_steps(resource, diff, target_id, row)


def creation_steps(
    resource: Resource, diff: Diff, parent_id: Optional[str], stated: Tuple[str, ...] = ()
) -> List[Step]:
    """The creation with the keys that it takes, an update for the others, and the children."""
    values, apart = _values(diff)
    body = _creating_body(resource, {**{change.field.api: change.after for change in apart}, **values}, parent_id)
    name = str(body.get(resource.listing.name_key))
    resource_id, root = FromResponse(SELF, resource.id_key), _root(resource)
    steps: List[Step] = [_creation(resource, body, parent_id, name), *diff.keeping]
    if resource.creation.row_path is None or resource.creation.row_optional:
        steps.append(FindCreated(resource, parent_id, name, _own_keys(diff)))
    late = {key: value for key, value in values.items() if not _at_once(resource, key, value)}
    if late:
        always = {key: body.get(key, value) for key, value in resource.updating.always_sent.items()}
        # Other runs may find what was just created, and write to it before this update.
        precondition = Precondition((resource_id,), root) if _is_built(diff) else None
        steps.append(_update(resource, resource_id, {**always, **late}, precondition=precondition))
    key = resource.removal.id_key
    own = {key: FromResponse(SELF, key)} if key else resource.own(resource_id)
    steps += _single_fields(resource, own, [edit for edit in apart if edit.field.api not in resource.creation.takes])
    alone = resource.creation.shown_once or resource.unique
    last = ReadCreated(resource, stated) if alone else EnsureUnique(resource, stated, parent_id, name)
    return [*steps, *children_steps(diff, resource_id, root), last]


def _at_once(resource: Resource, key: str, value: Any) -> bool:
    return key in resource.creation.takes and SELF not in sources_in(value)


def _own_keys(diff: Diff) -> FrozenSet[str]:
    """The keys of its own row of which a new resource takes values, which are sent after its creation."""
    stated = [change.after for change in diff.changes], [want.value for item in diff.children for want in item.item]
    return frozenset(key for source, key in marks_in(stated) if source == SELF)


def update_steps(resource: Resource, diff: Diff, target_id: Optional[str], row: Row) -> List[Step]:
    """One update of what differs, the procedures of single fields, and the children.

    :param target_id: C(None) in check mode, of what an earlier task creates.
    """
    values, apart = _values(diff)
    root = _root(resource)
    steps: List[Step] = []
    if values:
        always = {key: resource.sent(key, row.get(key)) for key in resource.updating.always_sent}
        unread = target_id is None or is_marked(target_id) or resource.reading.in_listing
        read = root if unread else str(target_id)
        precondition = Precondition((target_id,), read) if always or _is_built(diff) else None
        stored = partial(_shows, resource, values) if resource.updating.refusal_stores else None
        body = {**always, **values}
        steps.append(_update(resource, target_id, body, precondition=precondition, refusal_stored=stored))
    key = resource.removal.id_key
    steps += _single_fields(resource, {key: row.get(key)} if key else resource.own(target_id), apart)
    return [*steps, *children_steps(diff, target_id, root)]


def _root(resource: Resource) -> str:
    """What the tree was read with."""
    return resource.levels[0].procedures[0]


def _is_built(diff: Diff) -> bool:
    """Whether a value holds a part of what was read."""
    return any(change.built for change in diff.changes)


def _values(diff: Diff) -> Tuple[Dict[str, Any], List[Change]]:
    """The values that the creating and updating procedures store, and the changes with a procedure of their own."""
    changes = [change for change in diff.changes if change.step is None]
    values = {change.field.api: change.after for change in changes if not change.field.procedure}
    return values, [change for change in changes if change.field.procedure]


def _creating_body(resource: Resource, values: Mapping[str, Any], parent_id: Optional[str]) -> Dict[str, Any]:
    taken = {key: value for key, value in values.items() if _at_once(resource, key, value)}
    body = {**resource.creation.defaults, **taken}
    if resource.parent_key is not None and not (parent_id is None and resource.parents[-1].optional):
        body[resource.parent_key] = parent_id
    return body


def _creation(resource: Resource, body: Mapping[str, Any], parent_id: Optional[str], name: str) -> Write:
    return Write(
        resource.creation.procedure,
        resource.body({**body, **resource.creation.implied(body)}),
        saves=SELF,
        row=resource.creation.row_path or (),
        precondition=Precondition((resource.creation.procedure, parent_id, name), _root(resource)),
        timeout=resource.timeouts.get(resource.creation.procedure),
        once=bool(resource.creation.shown_once),
        hides=tuple(resource.creation.shown_once.values()),
        batched=_batched(resource),
    )


def _batched(resource: Resource) -> int:
    """How many writes share a request: what is in no project may log in somewhere, or wait for Docker."""
    return MANY if resource.levels[0] == PROJECTS else 0


def _update(resource: Resource, resource_id: Any, values: Mapping[str, Any], **more: Any) -> Write:
    body = {**resource.own(resource_id), **resource.body(values)}
    timeout = resource.timeouts.get(resource.updating.procedure)
    return Write(resource.updating.procedure, body, timeout=timeout, batched=_batched(resource), **more)


def _single_fields(resource: Resource, own: Mapping[str, Any], changes: Sequence[Change]) -> List[Step]:
    """The procedures that store one field alone. :param own: the input with the ID."""
    steps: List[Step] = []
    for change in changes:
        field = change.field
        body = own if field.elected else {**own, field.sent_as or field.api: change.after}
        steps.append(Write(field.procedure, body, timeout=resource.timeouts.get(field.procedure)))
    return steps


def _shows(resource: Resource, values: Mapping[str, Any], client: Client, body: Mapping[str, Any]) -> bool:
    """Whether the server shows the values of an update that it refused."""
    resource_id = str(body[resource.own_key])
    row = row_in(resource, client.query(*read_call(resource, resource_id)), resource_id) or {}
    return all(row.get(key) == value for key, value in values.items())


def children_steps(diff: Diff, parent_id: Any, root: str) -> List[Step]:
    """The writes of all children. :param root: what the tree was read with."""
    changes = sorted(diff.children, key=_order)
    writes = [_child_steps(change, parent_id, "child%d" % number, root) for number, change in enumerate(changes)]
    first = sum(change.child.first and change.action != "remove" for change in changes)
    more = [make(parent_id) for make in diff.more]
    return [_lasting(step, diff) for steps in (*writes[:first], more, *writes[first:]) for step in steps]


def _lasting(step: Step, diff: Diff) -> Step:
    """The step with the wait for its effect, if it has one."""
    if not isinstance(step, Write) or step.procedure not in diff.lasts:
        return step
    return replace(step, lasts=diff.lasts[step.procedure])


def _order(change: ChildChange) -> Tuple[bool, bool]:
    """Removals come last, so that a renamed domain answers under one of its names at any time.

    What is C(first) is removed last, since it is needed while others change.
    """
    gone = change.action == "remove"
    return gone, change.child.first == gone


def _child_steps(change: ChildChange, parent_id: Any, saved: str, root: str) -> List[Step]:
    """The writes of one child. :param saved: the name under which the answer of its creation is kept."""
    # What was just created was not read: other runs can only have written to it after the tree was.
    read = root if parent_id is None or is_marked(parent_id) else parent_id
    child, row = change.child, change.row or {}
    own = {child.id_key: row.get(child.id_key)}
    if change.action == "update":
        changed = {edit.field.api: edit.after for edit in change.changes}
        body = {**own, **{key: row.get(key) for key in child.always_sent}, **changed}
        return [_child_write(child, child.update, body, row, precondition=Precondition(tuple(own.values()), read))]
    removed: List[Step] = []
    if change.action != "add":
        removed.append(_child_write(child, child.remove, own, {}, missing_ok=True))
    return removed if change.action == "remove" else removed + _child_creation(change, parent_id, saved, read)


def _child_write(child: Child, procedure: str, body: Row, row: Row, **more: Any) -> Write:
    """A write of a child, with how many share a request. :param row: the child before it."""
    after = {**row, **body}
    batched = child.in_batch(procedure, after) if child.in_batch else child.in_flight.get(procedure, MANY)
    return Write(procedure, body, in_flight=child.in_flight, batched=batched, **more)


def _child_creation(change: ChildChange, parent_id: Any, saved: str, read: str) -> List[Step]:
    """The creation, and an update of what it ignores."""
    child, row, ignored = change.child, change.row or {}, change.child.create_ignores
    values = {field.api: row[field.api] for field in child.key_fields if row.get(field.api) is not None}
    values.update({want.field.api: want.value for want in change.item if want.value is not None})
    body = {key: parent_id if value == "$parent" else value for key, value in child.parent.items()}
    body.update({key: value for key, value in values.items() if key not in ignored})
    precondition = Precondition((child.create, parent_id, change.label), read)
    creation = _child_write(child, child.create, body, {}, saves=saved, precondition=precondition)
    late = {key: value for key, value in values.items() if key in ignored and value != ignored[key]}
    if not late:
        return [creation]
    always = {key: values.get(key) for key in child.always_sent}
    body = {child.id_key: FromResponse(saved, child.id_key), **always, **late}
    return [creation, _child_write(child, child.update, body, values)]
