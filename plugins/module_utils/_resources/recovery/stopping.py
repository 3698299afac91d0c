# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What uses data is stopped before that is replaced, and started again after it.

The mark of the service whose data is replaced says what was stopped, so that the next run starts it if this one is
killed. Nothing is started on data of which only a part is back.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Dict, List, Sequence, Tuple

from ..._engine.plan import Outcome, Step
from ..._engine.runner import Context
from ..._engine.state import Node
from ..._engine.view import ChangePlan, Difference
from ..._engine.wait import Polls
from ..._errors import Refused, enumerated
from ..._model.states import Transition
from ..._swarm.switching import ContainersGone, brought_into
from ..._swarm.tasks import Service, live_slots, read_tasks
from .claims import MarkPlan, service_again, services_of
from .mark import RESTORED, DataMark, mark_of, mark_write, own_mark


@dataclass(frozen=True)
class Replaced:
    """A service whose data is replaced. :param run: the run that does so; empty: its data is in place already."""

    service: Service
    what: str
    run: str


@dataclass(frozen=True)
class SwitchPlan(ChangePlan):
    """A service that is stopped or started."""

    service: Service


def _nothing_more(first: ChangePlan, _planned: ChangePlan, _outcome: Outcome, _context: Context) -> Dict[str, Any]:
    return first.difference.result()


def _plan_note(service: Service, context: Context) -> MarkPlan:
    """:raises Refused: another run has claimed the service."""
    mark = own_mark(service, context.params["run"])
    stopped = tuple(dict.fromkeys((*mark.stopped, *context.params["tokens"])))
    return MarkPlan((mark_write(service, replace(mark, stopped=stopped)),), Difference(service.label, {}, {}))


#: The mark of a service says what is stopped for its restore.
NOTED = Transition(services_of, _plan_note, _nothing_more, configures=False)


def _plan_forget(service: Service, context: Context) -> MarkPlan:
    mark = mark_of(service) or DataMark()
    steps: Tuple[Step, ...] = ()
    # What another run restores now, it starts.
    if mark.stopped and mark.run in ("", context.params["run"]):
        steps = (mark_write(service, replace(mark, stopped=())),)
    return MarkPlan(steps, Difference(service.label, {}, {}))


#: The mark of a service says nothing of what was stopped for its restore, since that runs again.
FORGOTTEN = Transition(services_of, _plan_forget, _nothing_more, configures=False)


def _plan(service: Service, _context: Context) -> SwitchPlan:
    return SwitchPlan((), Difference(service.label, {}, {}), service)


def _observe(nodes: Sequence[Node], context: Context) -> List[Service]:
    return services_of(nodes, context)


def _stop_polls(planned: SwitchPlan, outcome: Outcome, context: Context) -> Polls:
    yield from brought_into(planned.service, "stopped", context)
    outcome.sent = True
    otherwise = "They may still write, so that nothing was restored."
    return (yield ContainersGone(planned.service, otherwise), context.params["wait_timeout"])


#: What uses data that is replaced is stopped, and its containers have ended.
USER_STOPPED = Transition(_observe, _plan, _nothing_more, configures=False, polls=_stop_polls)


def _start_polls(planned: SwitchPlan, outcome: Outcome, context: Context) -> Polls:
    """:raises Refused: data that it uses is not back."""
    service, params = planned.service, context.params
    if live_slots(read_tasks(context.client, service)):
        return None
    left = [item.what for item in params["replaced"] if not _is_whole(item, context)]
    if left:
        raise Refused(
            "%s is stopped, since it uses the data of %s, which is not back" % (service.label, enumerated(left)),
            hint="Run this again: once the data is back, it is started.",
        )
    if not params["deploys"]:
        yield from brought_into(service, "started", context)
        outcome.sent = True
    return None


def _is_whole(item: Replaced, context: Context) -> bool:
    """Whether the data of a service is all back, or was never touched."""
    mark = mark_of(service_again(item.service, context))
    if mark is None or mark.live:
        return True
    if not mark.run:
        return all(state == RESTORED for state in mark.archives.values())
    return mark.run == item.run and not mark.filled


#: What was stopped for a restore runs again.
USER_STARTED = Transition(_observe, _plan, _nothing_more, configures=False, polls=_start_polls)
