# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A client whose answers change with time: for waits, of which it does not matter when exactly they look."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any

from ansible_collections.community.dokploy.plugins.module_utils._api.batch import FATAL
from ansible_collections.community.dokploy.plugins.module_utils._api.client import Call
from ansible_collections.community.dokploy.plugins.module_utils._engine.execute import Executor
from ansible_collections.community.dokploy.plugins.module_utils._engine.reads import Reads
from ansible_collections.community.dokploy.plugins.module_utils._engine.runner import Context
from ansible_collections.community.dokploy.plugins.module_utils._engine.wait import Waiter
from ansible_collections.community.dokploy.plugins.module_utils._errors import DokployError
from tests.support.script import Clock


class Changing:
    """An answer that is another one from certain moments on: ``(seconds, answer)``, the first for 0."""

    def __init__(self, *steps: tuple[float, Any]) -> None:
        assert steps[0][0] == 0
        self.steps = steps

    def at(self, seconds: float) -> Any:
        return [answer for since, answer in self.steps if since <= seconds][-1]


class Moving:
    """Stands in for the client: answers by procedure, or by ``PROCEDURE ID`` where one of the inputs is that id.

    An answer may be ``Changing``, an error, or a function of the input. Under ``*`` stands what all requests get while
    it is not ``None``. ``asked`` is what every request asked for, ``timeouts`` what answers were waited for otherwise
    than the connection options say.
    """

    base_url = "https://dokploy.example.com"

    def __init__(self, clock: Clock, version: tuple[int, int, int] = (0, 30, 2), **answers: Any) -> None:
        self.clock, self.answers = clock, {name.replace("__", "."): answer for name, answer in answers.items()}
        self.began = clock.now
        self.log: str | None = None
        self.listened: list[tuple[str, dict[str, str]]] = []
        self.asked: list[list[tuple[str, dict[str, Any]]]] = []
        self.timeouts: dict[str, float] = {}
        self._version = version

    @property
    def passed(self) -> float:
        return self.clock.now - self.began

    @property
    def called(self) -> list[str]:
        """The names of all procedures that were called, in order."""
        return [name for request in self.asked for name, _input in request]

    def listen(self, path: str, params: Any) -> str | None:
        """The log of a task, where the test gives it."""
        self.listened.append((path, dict(params)))
        return self.log

    def query(self, procedure: str, input: Any = None, *, timeout: float | None = None) -> Any:
        return self._single(procedure, input)

    def mutate(self, procedure: str, input: Any = None, *, timeout: float | None = None) -> Any:
        if timeout is not None:
            self.timeouts[procedure] = timeout
        return self._single(procedure, input)

    def call_many(self, calls: Sequence[Call]) -> list[Any]:
        self.asked.append([(call.procedure, dict(call.input)) for call in calls])
        self._all()
        answers = [self._answer(call.procedure, dict(call.input)) for call in calls]
        for answer in answers:
            if isinstance(answer, FATAL):
                raise answer
        return answers

    def version(self) -> tuple[int, int, int]:
        return self._version

    def _single(self, procedure: str, input: Any) -> Any:
        self.asked.append([(procedure, dict(input or {}))])
        self._all()
        answer = self._answer(procedure, dict(input or {}))
        if isinstance(answer, DokployError):
            raise answer
        return answer

    def _all(self) -> None:
        error = self._now(self.answers.get("*"))
        if error is not None:
            raise error

    def _now(self, answer: Any) -> Any:
        return answer.at(self.passed) if isinstance(answer, Changing) else answer

    def _answer(self, procedure: str, input: dict[str, Any]) -> Any:
        names = [f"{procedure} {value}" for value in input.values()]
        name = next((name for name in names if name in self.answers), procedure)
        assert name in self.answers, f"{procedure} {input} was not expected"
        answer = self._now(self.answers[name])
        if callable(answer):
            answer = answer(input)
        return answer if isinstance(answer, DokployError) else copy.deepcopy(answer)


def context_of(client: Moving, check: bool = False, **params: Any) -> Context:
    """What an operation has at hand, on the clock of its client."""
    anything: Any = client
    waiter = Waiter(client.clock, client.clock.sleep)
    reads = Reads(anything)
    return Context(params, anything, reads, Executor(anything, reads, waiter, check), waiter)


class Once(list[str]):
    """Keeps lines, and does something when one of them ends in certain words for the first time."""

    def __init__(self, words: str, what: Callable[[], Any]) -> None:
        super().__init__()
        self._words, self._what = words, what
        self._done = False

    def append(self, line: str) -> None:
        super().append(line)
        if not self._done and line.endswith(self._words):
            self._done = True
            self._what()
