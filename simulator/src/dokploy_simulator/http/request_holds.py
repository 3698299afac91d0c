# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hold requests, so that a test produces any interleaving without looking at a clock."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

STAGES = {
    "before": "the request has come, nothing is carried out",
    "after": "it is carried out, the answer is held back",
}
UNTIL = {
    "all": "until `count` of them have come",
    "told": 'until `{"release": NAME}` says so',
}


@dataclass
class Hold:
    """Holds HTTP requests for a procedure (a shell pattern), from the ``nth`` on, ``count`` of them, at a ``stage``.

    They continue together, ``until`` all have come or the test says so, and after ``seconds`` in any case, so that no
    test hangs. ``act`` is a list of events (see ``external_events``) in their order just before they continue: what
    another user does at this very moment. Later requests pass.
    """

    procedure: str = "*"
    nth: int = 1
    count: int = 1
    stage: str = "before"
    until: str = "all"
    seconds: float = 20.0
    name: str = ""
    act: list[dict[str, Any]] = field(default_factory=list)
    seen: int = 0
    came: int = 0
    waiting: int = 0
    released: str = ""
    acted: list[dict[str, Any]] = field(default_factory=list)
    open: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        if self.stage not in STAGES:
            raise ValueError(f"a hold's stage is one of {', '.join(STAGES)}, got {self.stage!r}")
        if self.until not in UNTIL:
            raise ValueError(f"a hold lasts until one of {', '.join(UNTIL)}, got {self.until!r}")
        self.name = self.name or f"{self.procedure} {self.stage}"

    def takes(self, names: list[str]) -> bool:
        """Whether this request is held; counts it."""
        if not any(fnmatchcase(name, self.procedure) for name in names):
            return False
        self.seen += 1
        if self.released or self.seen < self.nth or self.came >= self.count:
            return False
        self.came += 1
        return True

    def release(self, why: str, event: Callable[[dict[str, Any]], Any]) -> None:
        """Do what is to be done, and let all continue; a second time does nothing."""
        if self.released:
            return
        self.released = why
        for values in self.act:
            try:
                self.acted.append({"done": event(values)})
            except Exception as error:  # The test finds it in the list; the request continues in any case.
                self.acted.append({"error": f"{type(error).__name__}: {error}"})
        self.open.set()

    def as_dict(self) -> dict[str, Any]:
        keys = "name procedure nth count stage until seen came waiting released acted".split()
        return {key: getattr(self, key) for key in keys}


class Holds:
    """``event`` performs an event (``external_events.act`` on this server)."""

    def __init__(self, event: Callable[[dict[str, Any]], Any]) -> None:
        self.event = event
        self.active: list[Hold] = []

    def reset(self) -> None:
        """Let everything continue that is held, without doing anything, and forget all."""
        for hold in self.active:
            hold.act = []
            hold.release("reset", self.event)
        self.active = []

    def add(self, values: dict[str, Any]) -> Hold:
        """Raises ``ValueError`` or ``TypeError`` for what is no hold."""
        hold = Hold(**values)
        self.active.append(hold)
        return hold

    def release(self, name: str) -> None:
        """Raises ``ValueError`` when there is no such hold."""
        holds = [hold for hold in self.active if hold.name == name]
        if not holds:
            raise ValueError(f"there is no hold {name}")
        for hold in holds:
            hold.release("told", self.event)

    def take(self, names: list[str]) -> list[Hold]:
        """The holds that this HTTP request meets; all count it."""
        return [hold for hold in self.active if hold.takes(names)]

    async def wait(self, holds: list[Hold], stage: str) -> None:
        """Stand still for those of this stage, one after another."""
        for hold in holds:
            if hold.stage != stage:
                continue
            hold.waiting += 1
            try:
                if hold.until == "all" and hold.waiting >= hold.count:
                    hold.release("all", self.event)
                await asyncio.wait_for(hold.open.wait(), hold.seconds)
            except TimeoutError:
                hold.release("seconds", self.event)
            finally:
                hold.waiting -= 1

    def as_list(self) -> list[dict[str, Any]]:
        return [hold.as_dict() for hold in self.active]
