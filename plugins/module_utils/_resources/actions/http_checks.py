# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The HTTP checks of several services at once, each with options of its own."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any, Dict, List, Mapping, Sequence

from ..._deployment.http_check import check_http, check_http_options
from ..._engine.plan import Outcome
from ..._engine.runner import Context
from ..._engine.state import Node
from ..._engine.threads import ThreadPoll
from ..._engine.view import ChangePlan, Difference
from ..._engine.wait import Polls, Waiter
from ..._errors import DokployError, NotAnswering
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


def http_check(label: str, check: Mapping[str, Any]) -> ThreadPoll:
    """One check over HTTP, which a thread makes, so that several take as long as the slowest one.

    :param check: its suboptions, with its address.
    """
    return ThreadPoll(label, "HTTP check", partial(_checked, check))


def _checked(check: Mapping[str, Any]) -> Dict[str, Any]:
    """C(passed), C(status) and C(error) of one check. Its message would show the address, which may have a secret."""
    try:
        check_http_options(check)
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
    return (yield http_check(planned.difference.label, planned.check), float("inf"))


def _finish(first: HttpCheckPlan, _planned: HttpCheckPlan, outcome: Outcome, _context: Context) -> Dict[str, Any]:
    """:raises NotAnswering: it does not pass."""
    check = outcome.ended
    if not check["passed"]:
        raise NotAnswering("%s failed its HTTP check" % first.difference.label, details={"check": check})
    return first.difference.result(check=check)


#: A service answers as its HTTP check wants.
CHECKED = Transition(_observe, _plan, _finish, configures=False, polls=_polls)
