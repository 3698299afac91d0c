# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What a user sees while a document is applied: the plan as a table, and how far a long run is."""

from __future__ import annotations

from collections import Counter
from typing import Sequence, Tuple

from .._engine.execute import Progress
from .._engine.planned import Planned
from .._engine.wait import Waiter
from .markdown import summary, table
from .plan import DocumentPlan

# Seconds between two lines about the progress.
EVERY = 5.0
_DONE = {
    "create": "created",
    "update": "updated",
    "reset": "reset",
    "rename": "renamed",
    "move": "moved",
    "replace": "replaced",
    "remove": "removed",
    "save": "saved",
    "restore": "restored",
    "mask": "masked",
    "release": "released",
    "adopt": "recorded",
    "record": "recorded",
    # The waits that follow tell more.
    "deploy": "began to deploy",
    "start": "began to start",
    "stop": "began to stop",
    "reload": "began to reload",
}


def show(plan: DocumentPlan, waiter: Waiter) -> None:
    """The plan as a table, where a user sees it before it is carried out."""
    if waiter.line is not None and plan.changes:
        for line in [*table([change.shown() for change in plan.changes]), summary(plan)]:
            waiter.line(line)


class Teller:
    """Tells now and then how far a run is: C(created 40 of 100 applications)."""

    def __init__(self, waiter: Waiter) -> None:
        self._waiter, self._last = waiter, waiter.clock()

    def __call__(self, wave: Sequence[Tuple[Planned, Progress]]) -> None:
        """:param wave: its plans, with what is left of each."""
        now = self._waiter.clock()
        if self._waiter.notice is None or now - self._last < EVERY:
            return
        self._last = now
        changing = [(planned, progress) for planned, progress in wave if planned.plan.difference.changed]
        total = Counter(_what(planned) for planned, _progress in changing)
        finished = Counter(_what(planned) for planned, progress in changing if not progress.left)
        counts = [
            "%s %d of %d %s" % (verb, finished[(verb, noun)], number, noun) for (verb, noun), number in total.items()
        ]
        self._waiter.notice(", ".join(counts))


def _what(planned: Planned) -> Tuple[str, str]:
    """The verb and the noun of a change."""
    action = str(planned.plan.difference.action)
    return _DONE.get(action, "changed"), planned.node.resource.listing.plural
