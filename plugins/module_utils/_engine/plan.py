# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""From a diff to the requests that make it true: pure, in order, as few as can be."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Callable, ContextManager, Dict, Iterable, List, Mapping, Optional, Sequence, Tuple, Union

from ansible_collections.community.dokploy.plugins.module_utils._engine.diff import Change, ChildChange, Diff
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Resource, ServerFile


@dataclass(frozen=True)
class FromResponse:
    """A value that an earlier request's answer will give: the key C(key) of the row saved as C(saved)."""

    saved: str
    key: str


@dataclass(frozen=True)
class Precondition:
    """That a write is only right as long as nobody else has done the same since the reading on which it is built.

    :param what: the thing that is made or changed, in words that all who do so share; an ID among them may be
        C(FromResponse).
    :param read: the id whose row was read for it; an empty one means the project tree.
    """

    what: Tuple[Any, ...]
    read: str = ""


# Whether a write took effect whose answer got lost, found out by a look at the server; C(None) when that cannot tell.
Took = Callable[[], Optional[bool]]


@dataclass(frozen=True)
class Write:
    """One write.

    :param saves: the name under which the row of the answer is kept for C(FromResponse).
    :param row: the path in the answer to that row.
    :param missing_ok: that the record does not exist any more is what was wanted.
    :param timeout: seconds to wait for the answer, where the procedure is known to block.
    :param writes: whether it changes anything that is stored.
    :param alone: the server loses one of two such writes when they come at once.
    :param confirm_by_polling: the procedure may block for ever; no answer in time is no failure, since the caller polls
        for its effect.
    :param precondition: what must not have been written by somebody else since it was read.
    :param once: a second one would be another thing, and what the operation reads does not tell whether it took effect.
    :param took: what tells of one that is to be sent once.
    """

    procedure: str
    body: Mapping[str, Any]
    saves: Optional[str] = None
    row: Tuple[str, ...] = ()
    missing_ok: bool = False
    timeout: Optional[float] = None
    confirm_by_polling: bool = False
    writes: bool = True
    alone: bool = False
    precondition: Optional[Precondition] = None
    once: bool = False
    took: Optional[Took] = None

    @property
    def creates(self) -> bool:
        """Whether the thing may exist already, created by another run since it was looked for."""
        return self.precondition is not None and self.saves is not None


@dataclass(frozen=True)
class BuildsOver:
    """Wait, at most C(timeout) seconds, until no build of a service runs any more.

    :param history: the query that lists its deployments, or its previews when there is a C(preview_id).
    :param id_key: the key of the service's ID.
    :param preview_id: only the builds of this preview count.
    """

    history: str
    id_key: str
    resource_id: str
    label: str
    timeout: float
    preview_id: Optional[str] = None


@dataclass(frozen=True)
class UploadFile:
    """One write that carries a file.

    :param fields: what goes with it, as text. :param file_field: what the file is called in it.
    :param packed: gives the path of the file when its turn comes, as long as the context lasts.
    :param timeout: seconds to wait for the answer, after the file was sent.
    :param took: what tells whether it took effect.
    """

    procedure: str
    fields: Mapping[str, str]
    file_field: str
    packed: Callable[[], ContextManager[str]]
    timeout: float
    took: Took


@dataclass(frozen=True)
class EnsureUnique:
    """Look whether what was just created is the only one of its name, since Dokploy takes a second one.

    It comes after all other writes, so that one request both looks and reads back.

    :param saved: the name under which the created row is kept.
    :param stated: the options of its children that are read back with it.
    """

    resource: Resource
    parent_id: Optional[str]
    name: str
    saved: str
    stated: Tuple[str, ...] = ()


@dataclass(frozen=True)
class KeepValid:
    """Give a file of the server its valid text, where it is invalid or a write without an entry makes it so.

    :param parent: the key and the id of whose file it is.
    """

    file: ServerFile
    parent: Tuple[str, Any]


Step = Union[Write, BuildsOver, UploadFile, EnsureUnique, KeepValid]


@dataclass(frozen=True)
class Plan:
    steps: Tuple[Step, ...] = field(default_factory=tuple)


SELF = "self"


def plan_present(
    resource: Resource, diff: Diff, target_id: Optional[str], parent_id: Optional[str], stated: Iterable[str] = ()
) -> Plan:
    """The writes that create or update a resource and its children.

    :param target_id: the id of the existing resource; C(None) when it is to be created under C(parent_id).
    :param stated: the options of its children that are stated.
    """
    steps: List[Step] = []
    looks: List[Step] = []
    values = _body(diff.changes)
    resource_id: Any = target_id
    if diff.action == "create":
        body = {key: value for key, value in values.items() if key in resource.create_takes}
        if resource.parent_key is not None:
            body[resource.parent_key] = parent_id
        name = str(body.get("name"))
        new = Precondition((resource.create, parent_id, name))
        steps.append(Write(resource.create, body, saves=SELF, row=resource.created, precondition=new))
        looks.append(EnsureUnique(resource, parent_id, name, SELF, tuple(stated)))
        resource_id = FromResponse(SELF, resource.id_key)
        values = {key: value for key, value in values.items() if key not in body}
    if values:
        # Others find what was just created, and may have written to it before the first update of whoever created it.
        built = any(change.built for change in diff.changes)
        precondition = Precondition((resource_id,), target_id or "") if built else None
        steps.append(Write(resource.update, {resource.id_key: resource_id, **values}, precondition=precondition))
    return Plan(tuple(steps + children_steps(resource, diff, resource_id) + looks))


def children_steps(resource: Resource, diff: Diff, parent_id: Any) -> List[Step]:
    """The writes of the children in a diff."""
    steps: List[Step] = []
    valid: List[Step] = [] if diff.file is None else [KeepValid(diff.file.file, (resource.id_key, parent_id))]
    for number, change in enumerate(_in_order(diff.children)):
        if change.child.file is not None and not change.child.is_entry:
            steps, valid = steps + valid, []
        steps.extend(child_steps(change, parent_id, "child%d" % number))
    return steps + valid


def _body(changes: Sequence[Change]) -> Dict[str, Any]:
    return {change.field.api: change.after for change in changes}


def _in_order(children: Sequence[ChildChange]) -> List[ChildChange]:
    """Removals come last, so that a renamed domain answers under one of its names at any time.

    The entries of a file are there while others change them: they come first, and go last.
    """

    def order(change: ChildChange) -> Tuple[bool, bool]:
        gone = change.action == "remove"
        return gone, change.child.is_entry == gone

    return sorted(children, key=order)


def child_steps(change: ChildChange, parent_id: Any, saved: str) -> List[Step]:
    """The writes of one child.

    :param saved: the name under which the answer of a creation is kept.
    """
    child = change.child
    row = change.row or {}
    alone = child.alone
    # What was just created was not read: whatever others wrote to it is newer than the tree, in which it was not yet.
    read = parent_id if isinstance(parent_id, str) else ""
    removal = Write(child.remove, {child.id_key: row.get(child.id_key)}, missing_ok=True, alone=alone)
    if change.action == "remove":
        return [removal]
    if change.action == "update":
        body = {child.id_key: row.get(child.id_key)}
        body.update({key: row.get(key) for key in child.always_sent})
        body.update(_body(change.changes))
        return [Write(child.update, body, alone=alone, precondition=Precondition((row.get(child.id_key),), read))]
    steps: List[Step] = [removal] if change.action == "replace" else []
    stated = {field.api: row[field.api] for field in child.key_fields if row.get(field.api) is not None}
    stated.update({want.field.api: want.value for want in change.wants if want.value is not None})
    body = {key: parent_id if value == "$parent" else value for key, value in child.parent.items()}
    body.update({key: value for key, value in stated.items() if key not in child.create_ignores})
    late = {
        key: value
        for key, value in stated.items()
        if key in child.create_ignores and value != child.create_ignores[key]
    }
    precondition = Precondition((child.create, parent_id, change.label), read)
    steps.append(Write(child.create, body, saves=saved, alone=alone, precondition=precondition))
    if late:
        update: Dict[str, Any] = {child.id_key: FromResponse(saved, child.id_key)}
        update.update({key: stated.get(key) for key in child.always_sent})
        update.update(late)
        steps.append(Write(child.update, update, alone=alone))
    return steps
