# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The backup of a volume while nothing writes to it, so that its archive is what it holds.

A tar of a file that is written fails as a whole. Dokploy can stop the service for it, and reports that before its
container has ended. When the tar then fails, the service stays at 0 replicas, with the status C(done) (measured on
0.30.2). So here the service is stopped and started again (C(rest)). What Dokploy has left stopped is started, too, and
what a run has left that was killed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Any, List, Mapping, Optional, Sequence

from ..._engine.lookup import Target
from ..._engine.plan import Outcome
from ..._engine.runner import Context
from ..._engine.state import Node
from ..._engine.view import ChangePlan
from ..._engine.wait import Polls
from ..._errors import Refused
from ..._model.argspec import Spec
from ..._model.child import Child
from ..._model.states import Transition
from ..._swarm.states import ServiceState
from ..._swarm.switching import looked_at
from ..._swarm.tasks import live_slots
from .archives import archives_of_volume
from .backup_lock import BackupLock, is_lock
from .once import OPTION as ONCE
from .once import executed_or_once
from .rest import ANSWER_TIMEOUT, Rest, stop_plan

#: The options beside those of C(executed).
OPTIONS: Spec = {**ONCE, "stop": {"type": "bool", "default": False}}


@dataclass(frozen=True)
class Observed:
    """What is known before the backup of a volume.

    :param backup: what its own transition has observed.
    :param state: the service that uses the volume, where it is looked at.
    """

    backup: Any
    state: Optional[ServiceState]


@dataclass(frozen=True)
class RestPlan(ChangePlan):
    """The backup of a volume.

    :param backup: the plan of the backup itself.
    :param rest: the service that uses the volume, where it is looked at, or stopped.
    """

    backup: ChangePlan
    rest: Optional[Rest] = None


def saved(child: Child, parent: Optional[Target], params: Mapping[str, Any]) -> Transition:
    """The backup of a volume is made, and the service that uses it runs as before."""
    transition = executed_or_once(child, parent, params, archives_of_volume)
    return replace(
        transition,
        observe=partial(_observe, transition),
        plan=partial(_plan, child, transition),
        polls=partial(_polls, transition),
        finish=lambda first, planned, outcome, context: transition.finish(
            first.backup, planned.backup, outcome, context
        ),
    )


def _observe(transition: Transition, nodes: Sequence[Node], context: Context) -> List[Observed]:
    """:raises Refused: Dokploy would save an empty volume."""
    return [
        Observed(backup, _state(backup, node, context))
        for node, backup in zip(nodes, transition.observe(nodes, context))
    ]


def _state(backup: Any, node: Node, context: Context) -> Optional[ServiceState]:
    """The service, where a backup stops it, or has left it so, or where it may be on another host than Dokploy's."""
    stops = node.params["stop"] or backup.row.get("turnOff") or any(map(is_lock, backup.siblings))
    if backup.target.resource_id is None or not (stops or node.resource.kind):
        return None
    observed = looked_at(node.resource, backup.target.resource_id, backup.target.label, context)
    if node.resource.kind and observed.service.row.get("serverId"):
        raise Refused(
            "%s is on a remote server, and Dokploy saves a volume of its own host instead, which is empty"
            % observed.service.label,
            hint="Back up the database with dokploy_backup.",
        )
    return observed


def _plan(child: Child, transition: Transition, observed: Observed, context: Context) -> RestPlan:
    """:raises Refused: the service cannot be stopped, or not be started again."""
    backup, state = transition.plan(observed.backup, context), observed.state
    left = any(map(is_lock, observed.backup.siblings))
    if state is None or not (live_slots(state.tasks) or left):
        return RestPlan(backup.steps, backup.difference, backup)
    stop = bool(context.params["stop"])
    if stop and live_slots(state.tasks):
        stop_plan(state, context)
    if not (stop or left or observed.backup.row.get("turnOff")):
        return RestPlan(backup.steps, backup.difference, backup, Rest(state, stop, context))
    service, destination_id = state.service, str(observed.backup.row.get("destinationId"))
    lock = BackupLock(child, service.id, service.label, destination_id)
    return RestPlan((lock.creation(),), backup.difference, backup, Rest(state, stop, context, lock))


def _polls(transition: Transition, planned: RestPlan, outcome: Outcome, context: Context) -> Polls:
    """The end of the backup; then the service runs again, whatever has come of it."""
    rest = planned.rest
    if rest is None:
        return (yield from _ends(transition, planned.backup, outcome, context))
    lock = rest.lock
    if lock is None:
        return (yield from rest.during(lambda: _ends(transition, planned.backup, outcome, context)))
    if not outcome.sent:
        return None
    locked = partial(_locked, transition, planned, rest, context)
    return (yield from lock.held(locked, context.params["wait_timeout"], context))


def _locked(transition: Transition, planned: RestPlan, rest: Rest, context: Context) -> Polls:
    """The same while no other run works on the service, which is looked at again since another one may have."""
    service = rest.state.service
    context = replace(context, params={**context.params, "answer_timeout": ANSWER_TIMEOUT})
    state = looked_at(service.resource, service.id, service.label, context)

    def backup() -> Polls:
        return (yield from _ends(transition, planned.backup, context.executor.run(planned.backup), context))

    return (yield from replace(rest, state=state).during(backup))


def _ends(transition: Transition, planned: ChangePlan, outcome: Outcome, context: Context) -> Polls:
    """What a transition waits for."""
    return None if transition.polls is None else (yield from transition.polls(planned, outcome, context))
