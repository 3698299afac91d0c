# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults that tests inject into chosen requests."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

KINDS = {
    "reset_before": "the connection is reset and nothing happened",
    "reset_after": "the effect happened, the connection is reset before the answer",
    "status": "answer `status` with `body` (an object or text) instead of executing; `after: true` executes first",
    "item": "the call fails with `status` (400, 404, 500) and the message `body` as one item of a tRPC batch, whose "
    "others are executed; `nth` counts the items; `after: true` executes first",
    "slow": "wait `seconds` before executing",
    "cut_json": "the effect happened, the answer's JSON ends in the middle; a stream ends after `lines` lines",
    "cut_body": "the effect happened, the connection breaks in the middle of the answer (or a stream, after `lines`)",
    "silent": "a stream says nothing after `lines` lines until the client gives up (at most `seconds`, default 60)",
    "slow_lines": "`seconds` pass before each event of a stream",
    "html": "a proxy's HTML page with `status` (default 502)",
    "redirect": "answer `status` (default 302) with Location `url`",
    "key_spent": "this and all later key checks fail, for `seconds` or for `requests` HTTP requests",
    "rate_limited": "a real 429 with Retry-After `retry_after` (default 1)",
    "echo": "a response that quotes the request in the layout `body` of `echo_responses.py` (by default each in turn), "
    "and before it the text `first`; `after: true` executes first",
    "empty": "200 with nothing in it; `after: true` executes first",
    "hang": "no answer until the client gives up (at most `seconds`, default 60); `after: true` executes first, "
    "`late: true` when the client has given up",
    "refused": "nothing listens: this request and those of the next `seconds` are refused; 0: until the faults "
    "are forgotten, which only the process of the simulator can say then",
    "restart": "the server restarts, `seconds` long: running builds are cancelled, waiting ones lost, connections are "
    "reset; `after: true` executes the request first, `answered: true` answers it as well",
}


@dataclass
class Fault:
    """``procedure`` is a shell pattern. The fault strikes from the ``nth`` matching HTTP request on, ``times`` times
    (-1: for ever). ``transport`` limits it to ``rest`` or ``trpc``."""

    kind: str
    procedure: str = "*"
    nth: int = 1
    times: int = 1
    transport: str = ""
    status: int = 0
    body: Any = None
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    after: bool = False
    late: bool = False
    answered: bool = False
    seconds: float = 0.0
    requests: int = 0
    url: str = ""
    first: str = ""
    retry_after: int = 1
    lines: int = 1
    seen: int = 0
    struck: int = 0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"unknown fault {self.kind}; there are: {', '.join(KINDS)}")

    def strikes(self, names: list[str], transport: str) -> bool:
        if self.transport and self.transport != transport:
            return False
        if not any(fnmatchcase(name, self.procedure) for name in names):
            return False
        self.seen += 1
        # No one can refuse what has come already: the socket closes behind the request before.
        nth = self.nth - 1 if self.kind == "refused" else self.nth
        if self.seen < nth or (self.times >= 0 and self.struck >= self.times):
            return False
        self.struck += 1
        return True


class Faults:
    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        #: Closes the listening socket for so many seconds, and opens it again; for whoever carries HTTP to set.
        self.deafen: Callable[[float], None] = lambda seconds: None
        self.listen: Callable[[], None] = lambda: None
        self.reset()

    def reset(self) -> None:
        self.listen()
        #: The answer to the present request is the last one on its connection.
        self.closing = False
        self.active: list[Fault] = []
        self.spent_until = 0.0
        self.spent_requests = 0
        self._spent_now = False

    def add(self, values: dict[str, Any]) -> Fault:
        """Raises ``ValueError`` or ``TypeError`` for what is no fault."""
        fault = Fault(**values)
        self.active.append(fault)
        if fault.kind == "refused" and fault.nth <= 1:
            fault.struck += 1
            fault.times = fault.struck
            self.deafen(fault.seconds)
        return fault

    def take(self, names: list[str], transport: str) -> Fault | None:
        """The fault that this HTTP request meets; the first one added wins, all count the request."""
        struck = [fault for fault in self.active if fault.kind != "item" and fault.strikes(names, transport)]
        for refusal in struck:
            if refusal.kind == "refused":
                self.closing = True
                self.deafen(refusal.seconds)
        struck = [strike for strike in struck if strike.kind != "refused"]
        fault = struck[0] if struck else None
        if fault and fault.kind == "key_spent":
            self.spent_until = self.clock() + fault.seconds
            self.spent_requests = fault.requests
        self._spent_now = self.spent_requests > 0 or self.clock() < self.spent_until
        self.spent_requests = max(0, self.spent_requests - 1)
        return fault

    def take_item(self, name: str) -> Fault | None:
        """The fault that one call of a batch meets."""
        return next((fault for fault in self.active if fault.kind == "item" and fault.strikes([name], "trpc")), None)

    def key_is_spent(self) -> bool:
        return self._spent_now

    def as_list(self) -> list[dict[str, Any]]:
        return [{"kind": f.kind, "procedure": f.procedure, "seen": f.seen, "struck": f.struck} for f in self.active]
