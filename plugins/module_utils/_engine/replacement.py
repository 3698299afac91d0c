# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""A record in the place of another one, which cannot be changed: the steps that keep what refers to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Mapping, Tuple

from .._errors import BadRequest, ValidationError
from .._model.resource import Resource
from .plan import SELF, Outcome, Step, StepExecutor, Write
from .promise import FromResponse


@dataclass(frozen=True)
class MoveReferences(Step):
    """Point what refers to a record to the one that was just created in its place."""

    resource: Resource
    old_id: str

    def run(self, executor: StepExecutor, outcome: Outcome) -> None:
        how, new = self.resource.replacement, outcome.value(FromResponse(SELF, self.resource.id_key))
        for procedure, body, key in how.references(executor.client, self.old_id) if how is not None else ():
            moved = replaced(body.get(key, self.old_id), self.old_id, new)
            Write(procedure, {**body, key: moved}).run(executor, outcome)


@dataclass(frozen=True)
class CreateInstead(Step):
    """Create a record in the place of one that was removed before, or that one again where the server refuses it.

    :param steps: create it, and :param again: that one; both move the references.
    """

    steps: Tuple[Step, ...]
    again: Tuple[Step, ...]

    def run(self, executor: StepExecutor, outcome: Outcome) -> None:
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
    if isinstance(value, Mapping):
        return {key: replaced(one, old, new) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [replaced(one, old, new) for one in value]
    return new if value == old else value
