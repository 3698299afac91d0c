# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The option C(test_connection): a test of what is about to be stored, which stands before the first write."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Callable, Mapping, Optional

from ..._engine.diff import Diff, Judgement, Row
from ..._engine.execute import Executor
from ..._engine.plan import Outcome, Step, Write
from ..._engine.state import State
from ..._engine.view import predicted
from ..._errors import refused_as
from ..._model.resource import ChangeCheck


@dataclass(frozen=True)
class ConnectionTest(Step):
    """A test of what is about to be stored. It stores nothing itself, and stands before the first write.

    :param test: sends it. :param refusal: the message if the server refuses it, and C(hint) its hint.
    :param said: what to show of the server's words.
    """

    test: Write
    refusal: str
    hint: str
    said: Callable[[str], Optional[str]] = str

    def run(self, executor: Executor, outcome: Outcome) -> None:
        """:raises Refused: the server refuses it; the message ends with its words."""
        with refused_as(self.refusal, hint=self.hint, said=self.said):
            # It is no write of the plan.
            executor.write(self.test, Outcome())


@dataclass(frozen=True)
class StoredTest(ConnectionTest):
    """A test of what is stored, which is all that its plan does."""

    def run(self, executor: Executor, outcome: Outcome) -> None:
        """:raises Refused: the server refuses it; the message ends with its words."""
        with refused_as(self.refusal, hint=self.hint, said=self.said):
            executor.write(self.test, outcome)


OPTION: Mapping[str, Mapping[str, Any]] = {"test_connection": {"type": "bool", "default": False}}


def tested(test: Callable[[State, Row], ConnectionTest]) -> ChangeCheck:
    """A check that adds a test to the diff, if the parameters ask for it.

    :param test: gives it from the state and the row as it will be.
    """

    def judge(state: State, diff: Diff, params: Mapping[str, Any], _known: Mapping[str, Any]) -> Judgement:
        if not params["test_connection"]:
            return Judgement(diff)
        row = state.resource.creation.defaults if state.row is None else state.row
        return Judgement(replace(diff, tests=(test(state, predicted(state.resource, row, diff)),)))

    return ChangeCheck(judge)
