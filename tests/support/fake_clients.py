# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stand-ins for the API client: one that plays a script of calls, one whose answers change over time; a fake clock."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.community.dokploy.plugins.module_utils._api.client import Call
from ansible_collections.community.dokploy.plugins.module_utils._api.protocol import FATAL
from ansible_collections.community.dokploy.plugins.module_utils._engine.execute import Executor
from ansible_collections.community.dokploy.plugins.module_utils._engine.runner import Context
from ansible_collections.community.dokploy.plugins.module_utils._engine.wait import Waiter
from ansible_collections.community.dokploy.plugins.module_utils._errors import DokployError
from ansible_collections.community.dokploy.plugins.module_utils._reads.reads import Reads


@dataclass(frozen=True)
class Expect:
    """One call that must come next: its kind, its procedure and input, and what it gets (an error is raised)."""

    kind: str
    calls: tuple[tuple[str, dict[str, Any]], ...]
    answers: tuple[Any, ...]
    timeout: float | None = None


def reads(procedure: str, answer: Any, **input: Any) -> Expect:
    return Expect("query", ((procedure, input),), (answer,))


def writes(procedure: str, answer: Any, _timeout: float | None = None, **input: Any) -> Expect:
    return Expect("mutation", ((procedure, input),), (answer,), _timeout)


def batch(*items: tuple[str, dict[str, Any], Any]) -> Expect:
    """Items are (procedure, input, answer); an error as an answer is handed over as an object, as batches do."""
    return Expect("batch", tuple((name, input) for name, input, _answer in items), tuple(item[2] for item in items))


class ScriptedClient:
    """Stands in for the client: every call must be the next one of the script."""

    base_url = "https://dokploy.example.com/api"
    unverified = False

    def __init__(self, *script: Expect, version: tuple[int, int, int] = (0, 30, 2)) -> None:
        self.script = list(script)
        self.log: str | None = None
        self.listened: list[tuple[str, dict[str, str]]] = []
        self.secrets: set[str] = set()
        self.sent: list[str] = []
        self.versions_asked = 0
        self._version = version

    def query(
        self,
        procedure: str,
        input: dict[str, Any] | None = None,
        *,
        timeout: float | None = None,
        lasting: bool = False,
        max_retries: int | None = None,
    ) -> Any:
        # How long a list may take is no matter of the scripts.
        return self._single("query", procedure, input, None if max_retries == 0 else timeout)

    def mutate(
        self,
        procedure: str,
        input: dict[str, Any] | None = None,
        *,
        timeout: float | None = None,
        idempotent: bool = False,
    ) -> Any:
        return self._single("mutation", procedure, input, timeout)

    def call_many(self, calls: Sequence[Call]) -> list[Any]:
        if not calls:
            return []
        expected = self._next("batch", [(call.procedure, dict(call.input)) for call in calls])
        return [copy.deepcopy(answer) for answer in expected.answers]

    @property
    def config(self) -> Any:
        return self

    def listen(self, path: str, params: Any) -> str | None:
        """The log of a task, where the test gives it."""
        self.listened.append((path, dict(params)))
        return self.log

    def add_secret(self, *values: str) -> None:
        self.secrets.update(values)

    def expect(self, shapes: Any, bodies: Any = None) -> None:
        """The script's own answers are as they should be."""

    def version(self) -> tuple[int, int, int]:
        self.versions_asked += 1
        return self._version

    def done(self) -> None:
        """The whole script was played."""
        assert not self.script, "never called: %s" % [step.calls for step in self.script]

    def _single(self, kind: str, procedure: str, input: Any, timeout: float | None) -> Any:
        expected = self._next(kind, [(procedure, dict(input or {}))])
        if kind == "mutation":
            assert timeout == expected.timeout, procedure
        answer = expected.answers[0]
        if isinstance(answer, DokployError):
            raise answer
        return copy.deepcopy(answer)

    def _next(self, kind: str, calls: Iterable[tuple[str, Any]]) -> Expect:
        calls = tuple(calls)
        self.sent += [name for name, _input in calls]
        assert self.script, "beyond the script: %s %s" % (kind, calls)
        expected = self.script.pop(0)
        # A script does not say whether a single query is sent by itself or as a batch of one.
        same = kind == expected.kind or (len(calls) == 1 and {kind, expected.kind} == {"batch", "query"})
        assert same and calls == expected.calls, (kind, calls, expected)
        return expected


class FakeClock:
    """Seconds that pass only while a user sleeps, or when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.pauses: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.pauses.append(seconds)
        self.now += seconds


# --- answers that change with time ---


class TimedAnswer:
    """An answer that is another one from certain moments on: ``(seconds, answer)``, the first for 0."""

    def __init__(self, *steps: tuple[float, Any]) -> None:
        assert steps[0][0] == 0
        self.steps = steps

    def at(self, seconds: float) -> Any:
        return [answer for since, answer in self.steps if since <= seconds][-1]


class TimedClient:
    """Stands in for the client: answers by procedure, or by ``PROCEDURE ID`` where one of the inputs is that id.

    An answer may be ``Changing``, an error, or a function of the input. Under ``*`` stands what all requests get while
    it is not ``None``. ``asked`` is what every request asked for, ``timeouts`` what answers were waited for otherwise
    than the connection options say.
    """

    base_url = "https://dokploy.example.com/api"

    def __init__(self, clock: FakeClock, version: tuple[int, int, int] = (0, 30, 2), **answers: Any) -> None:
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

    @property
    def config(self) -> Any:
        return self

    def listen(self, path: str, params: Any) -> str | None:
        """The log of a task, where the test gives it."""
        self.listened.append((path, dict(params)))
        return self.log

    def query(self, procedure: str, input: Any = None, *, timeout: float | None = None, lasting: bool = False) -> Any:
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
        return answer.at(self.passed) if isinstance(answer, TimedAnswer) else answer

    def _answer(self, procedure: str, input: dict[str, Any]) -> Any:
        names = [f"{procedure} {value}" for value in input.values()]
        name = next((name for name in names if name in self.answers), procedure)
        assert name in self.answers, f"{procedure} {input} was not expected"
        answer = self._now(self.answers[name])
        if callable(answer):
            answer = answer(input)
        return answer if isinstance(answer, DokployError) else copy.deepcopy(answer)


def context_of(client: TimedClient, check: bool = False, **params: Any) -> Context:
    """What an operation has at hand, on the clock of its client."""
    anything: Any = client
    waiter = Waiter(client.clock, client.clock.sleep)
    reads = Reads(anything)
    return Context(params, anything, reads, Executor(anything, reads, waiter, check), waiter)


class CallbackOnLine(list[str]):
    """Keeps lines, and does something when one of them ends in certain words, or one of several, for the first time."""

    def __init__(self, ending: str | tuple[str, ...], callback: Callable[[], Any]) -> None:
        super().__init__()
        self._ending, self._callback = ending, callback
        self._done = False

    def append(self, line: str) -> None:
        super().append(line)
        if not self._done and line.endswith(self._ending):
            self._done = True
            self._callback()
