# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""A record in the place of another one, which cannot be changed: its plan, and the steps that keep what refers to it.

A write whose answer is lost is settled at once: another attempt would find two records of a name, or none, and not know
that one takes the place of the other.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Iterator, List, Optional, Sequence, Tuple

from .._api.client import Client
from .._errors import BadRequest, ValidationError
from .._model.resource import Resource
from .._values.codec import is_empty
from .._values.marks import FromResponse
from .._values.nested import mapped
from .diff import Change, Diff, Row
from .execute import Executor
from .plan import SELF, Outcome, Step, Write
from .planning import creation_steps, plan_present
from .uniqueness import FindCreated, ReadCreated


def replacement_steps(resource: Resource, diff: Diff, target_id: str, row: Row) -> List[Step]:
    """The record created again with the changes, the references moved to it, and the old one removed."""
    fields = _as_in(resource, row)
    changed = {change.field.api: change for change in diff.changes}
    place = changed.pop(resource.parent_key or "", None)
    parent_id = row.get(resource.parent_key or "") if place is None else place.after
    kept = [change for change in fields if change.field.api not in changed]
    creation = Diff("create", (*kept, *changed.values()), keeping=diff.keeping)
    # Others of its name may have been there before, and stay.
    creating = plan_present(resource, creation, None, parent_id)[:-1]
    new = [*_settled(resource, parent_id, creating), ReadCreated(resource)]
    move = MoveReferences(resource, target_id)
    removal = Write(resource.removal.procedure, resource.removed(row), missing_ok=True, took=sent_again)
    if resource.updating.replacement is None or not resource.updating.replacement.removed_first:
        return [*new, move, removal]
    old_parent = row.get(resource.parent_key or "")
    as_before = creation_steps(resource, Diff("create", tuple(fields)), old_parent)[:-1]
    # This run has just tried to write that name, which is no conflict.
    again = [replace(step, precondition=None) if isinstance(step, Write) else step for step in as_before]
    return [removal, CreateInstead((*new, move), (*_settled(resource, old_parent, again), move))]


def _settled(resource: Resource, parent_id: Optional[str], steps: Sequence[Step]) -> Iterator[Step]:
    """The steps of a creation, each of which finds out by itself whether it took effect."""
    for step in steps:
        if isinstance(step, Write) and step.repeatable:
            creates = step.procedure == resource.creation.procedure
            step = CreateBeside(resource, parent_id, step) if creates else replace(step, took=sent_again)
        yield step


def _as_in(resource: Resource, row: Row) -> List[Change]:
    """The changes that create a record as a row has it."""
    fields = (Change(path, field, None, row.get(field.api)) for path, field, _group in resource.fields())
    return [change for change in fields if not is_empty(change.after) and not change.field.initial]


def sent_again(_client: Client) -> bool:
    """C(took) of a write that may be sent twice, since it then has the same effect."""
    return False


@dataclass(frozen=True)
class CreateBeside(Step):
    """Create a record beside the one that it replaces, and find it where the answer does not show it.

    When the answer is lost, a record with the values that were sent is the new one. The next attempt could not tell.
    """

    resource: Resource
    parent_id: Optional[str]
    creation: Write

    def run(self, executor: Executor, outcome: Outcome) -> None:
        values = outcome.value(self.creation.body)
        fields = [field for _path, field, _group in self.resource.fields() if field.api in values]
        search = FindCreated(self.resource, self.parent_id, str(values[self.resource.listing.name_key]))

        def took(client: Client) -> bool:
            rows = search.namesakes(client, outcome)
            return any(all(field.same(values[field.api], row.get(field.api)) for field in fields) for row in rows)

        replace(self.creation, took=took).run(executor, outcome)
        search.run(executor, outcome)


@dataclass(frozen=True)
class MoveReferences(Step):
    """Point what refers to a record to the one that was just created in its place."""

    resource: Resource
    old_id: str

    def run(self, executor: Executor, outcome: Outcome) -> None:
        how, new = self.resource.updating.replacement, outcome.value(FromResponse(SELF, self.resource.id_key))
        for procedure, body, key in how.references(executor.client, self.old_id) if how is not None else ():
            moved = replaced(body.get(key, self.old_id), self.old_id, new)
            Write(procedure, {**body, key: moved}, took=sent_again).run(executor, outcome)


@dataclass(frozen=True)
class CreateInstead(Step):
    """Create a record in the place of one that was removed before, or that one again where the server refuses it.

    :param steps: create it, and :param again: that one; both move the references.
    """

    steps: Tuple[Step, ...]
    again: Tuple[Step, ...]

    def run(self, executor: Executor, outcome: Outcome) -> None:
        try:
            for step in self.steps:
                step.run(executor, outcome)
        except (BadRequest, ValidationError) as error:
            if not outcome.rows.get(SELF):
                for step in self.again:
                    step.run(executor, outcome)
                error.hint = "The old one was created again as it was, with another ID."
            raise


def replaced(value: Any, old: str, new: str) -> Any:
    """A value of the API with another ID wherever it holds this one."""
    return mapped(value, lambda leaf: new if leaf == old else leaf)
