# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The HTTP checks of several services at once, each with options of its own."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Optional, Sequence

from ..._api.client import Call
from ..._deployment.http_check import check_http, check_options
from ..._engine.plan import Outcome
from ..._engine.runner import Context
from ..._engine.state import Node
from ..._engine.view import ChangePlan, Difference
from ..._engine.wait import Poll, Polls, Waiter
from ..._errors import DokployError, NotAnswering, WaitTimeout
from ..._model.argspec import Spec
from ..._model.states import Transition

#: The suboptions of a check.
HTTP_CHECK: Spec = {
    "url": {"type": "str"},
    "host": {"type": "str"},
    "status_codes": {"type": "list", "elements": "int", "default": [200]},
    "timeout": {"type": "float", "default": 10.0},
    "retries": {"type": "int", "default": 10},
    "delay": {"type": "float", "default": 3.0},
    "validate_certs": {"type": "bool", "default": True},
    "follow_redirects": {"type": "bool", "default": True},
}


class HttpCheck(Poll):
    """One check over HTTP, which a thread makes, so that several take as long as the slowest one.

    :param check: its suboptions, with its address.
    """

    interval = 0.05

    def __init__(self, label: str, check: Mapping[str, Any]) -> None:
        self.label, self.state, self._check = label, "HTTP check", check
        self._result: Dict[str, Any] = {}
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def calls(self) -> List[Call]:
        return []

    def judge(self, answers: Sequence[Any], elapsed: float) -> Optional[Any]:
        return None if self._thread.is_alive() else self._result

    def expired(self, timeout: float) -> DokployError:
        return WaitTimeout("%s: its HTTP check has not ended after %g s" % (self.label, timeout))

    def _run(self) -> None:
        self._result.update(_checked(self._check))


def _checked(check: Mapping[str, Any]) -> Dict[str, Any]:
    """C(passed), C(status) and C(error) of one check. Its message would show the address, which may have a secret."""
    try:
        check_options(check)
        (answer,) = check_http([("", check["url"])], check, Waiter())
    except DokployError as refused:
        answer = refused
    if not isinstance(answer, DokployError):
        return {"passed": True, "status": answer["status"], "error": None}
    error = str((answer.details.get("http_check") or {}).get("error") or answer)
    return {"passed": False, "status": None, "error": error}


@dataclass(frozen=True)
class HttpCheckPlan(ChangePlan):
    """A check of a service, which changes nothing."""

    check: Mapping[str, Any]


def _observe(nodes: Sequence[Node], _context: Context) -> List[Node]:
    return list(nodes)


def _plan(node: Node, _context: Context) -> HttpCheckPlan:
    return HttpCheckPlan((), Difference(node.label, {}, {}), node.params)


def _polls(planned: HttpCheckPlan, _outcome: Outcome, _context: Context) -> Polls:
    return (yield HttpCheck(planned.difference.label, planned.check), float("inf"))


def _finish(first: HttpCheckPlan, _planned: HttpCheckPlan, outcome: Outcome, _context: Context) -> Dict[str, Any]:
    """:raises NotAnswering: it does not pass."""
    check = outcome.ended
    if not check["passed"]:
        raise NotAnswering("%s failed its HTTP check" % first.difference.label, details={"check": check})
    return first.difference.result(check=check)


#: A service answers as its HTTP check wants.
CHECKED = Transition(_observe, _plan, _finish, configures=False, polls=_polls)
