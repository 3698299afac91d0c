# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A client that plays a script of expected calls, and a clock that only moves when somebody sleeps."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.community.dokploy.plugins.module_utils._api.client import Call
from ansible_collections.community.dokploy.plugins.module_utils._errors import DokployError


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

    unverified = False

    def __init__(self, *script: Expect, version: tuple[int, int, int] = (0, 30, 2)) -> None:
        self.script = list(script)
        self.log: str | None = None
        self.listened: list[tuple[str, dict[str, str]]] = []
        self.secrets: set[str] = set()
        self.sent: list[str] = []
        self.versions_asked = 0
        self._version = version

    def query(self, procedure: str, input: dict[str, Any] | None = None, *, timeout: float | None = None) -> Any:
        return self._single("query", procedure, input, timeout)

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
        expected = self._next("batch", [(call.procedure, dict(call.input)) for call in calls])
        return [copy.deepcopy(answer) for answer in expected.answers]

    def listen(self, path: str, params: Any) -> str | None:
        """The log of a task, where the test gives it."""
        self.listened.append((path, dict(params)))
        return self.log

    def add_secret(self, *values: str) -> None:
        self.secrets.update(values)

    def expect(self, shapes: Any) -> None:
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
        assert (kind, calls) == (expected.kind, expected.calls)
        return expected


class Clock:
    """Seconds that pass only while somebody sleeps, or when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.pauses: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.pauses.append(seconds)
        self.now += seconds
