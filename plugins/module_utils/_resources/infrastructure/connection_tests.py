# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The option C(test_connection): a test of what is about to be stored, which stands before the first write."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Callable, Mapping

from ..._engine.diff import Diff, Judgement, Row
from ..._engine.plan import ConnectionTest
from ..._engine.state import State
from ..._engine.view import predicted
from ..._model.resource import Check

OPTION: Mapping[str, Mapping[str, Any]] = {"test_connection": {"type": "bool", "default": False}}


def tested(test: Callable[[State, Row], ConnectionTest]) -> Check:
    """A check that adds a test to the diff, if the parameters ask for it.

    :param test: gives it from the state and the row as it will be.
    """

    def judge(state: State, diff: Diff, params: Mapping[str, Any], _known: Mapping[str, Any]) -> Judgement:
        if not params["test_connection"]:
            return Judgement(diff)
        row = state.resource.create_defaults if state.row is None else state.row
        return Judgement(replace(diff, tests=(test(state, predicted(state.resource, row, diff)),)))

    return Check(judge)
