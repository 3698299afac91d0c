# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The backup of a volume that nothing writes to meanwhile, and a look at the service after it.

A tar of a file that is written fails as a whole. Dokploy can stop the service for it, and reports that before its
container has ended. When the tar then fails, the service stays at 0 replicas, with the status C(done) (measured on
0.30.2). So here the service is stopped, its containers are waited for, and it is started again whatever has come of the
backup. What Dokploy has left stopped is started, too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, List, Mapping, Optional, Sequence, Tuple

from ..._api.client import Call
from ..._engine.lookup import Target
from ..._engine.plan import Outcome
from ..._engine.runner import Context
from ..._engine.state import Node
from ..._engine.view import ChangePlan
from ..._engine.wait import Poll, Polls
from ..._errors import DokployError, Refused, WaitTimeout, enumerated
from ..._model.argspec import Spec
from ..._model.child import Child
from ..._model.resource import Resource
from ..._model.states import Transition
from ..._reads.rows import valid
from ..._swarm.states import RUN_STATE, ServiceState, StatePlan
from ..._swarm.tasks import Service, docker_call, live_slots
from .archives import archives_of_volume
from .once import OPTION as ONCE
from .once import executed_or_once

#: The options beside those of C(executed).
OPTIONS: Spec = {**ONCE, "stop": {"type": "bool", "default": False}}
# Docker's states of a container that has ended, or that was never started.
_GONE = ("exited", "dead", "created")


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
    :param service: what uses the volume, if it runs and is looked at afterwards.
    :param stop: what stops it before.
    """

    backup: ChangePlan
    service: Optional[Service] = None
    stop: Optional[StatePlan] = None


def saved(child: Child, parent: Optional[Target], params: Mapping[str, Any]) -> Transition:
    """The backup of a volume is made, and the service that uses it runs as before."""
    transition = executed_or_once(child, parent, params, archives_of_volume)
    return replace(
        transition,
        observe=partial(_observe, transition),
        plan=partial(_plan, transition),
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
    """The service, where it is stopped for the backup, or may be on another host than Dokploy looks at."""
    stops = node.params["stop"] or backup.row.get("turnOff")
    if backup.target.resource_id is None or not (stops or node.resource.kind):
        return None
    switching = _switching(node.resource, backup.target.resource_id, "stopped", context)
    observed = _looked_at(node.resource, backup.target.label, switching)
    if node.resource.kind and observed.service.row.get("serverId"):
        raise Refused(
            "%s is on a remote server, and Dokploy saves a volume of its own host instead, which is empty"
            % observed.service.label,
            hint="Back up the database with dokploy_backup.",
        )
    return observed


def _looked_at(resource: Resource, label: str, context: Context) -> ServiceState:
    """The service as it is now. :param label: what messages call it, since it is found by its ID."""
    (state,) = RUN_STATE.observe([Node(resource, context.params)], context)
    observed: ServiceState = replace(state, service=replace(state.service, label=label))
    return observed


def _switching(resource: Resource, resource_id: str, state: str, context: Context) -> Context:
    """The context in which a service is brought into a state."""
    located = dict.fromkeys(("name", *(listing.label for listing in resource.parents)))
    params = {**located, resource.id_option: resource_id, "state": state}
    return replace(context, params={**params, "wait_timeout": context.params["wait_timeout"]})


def _plan(transition: Transition, observed: Observed, context: Context) -> RestPlan:
    backup, state = transition.plan(observed.backup, context), observed.state
    if state is None or not live_slots(state.tasks):
        return RestPlan(backup.steps, backup.difference, backup)
    service, stop = state.service, None
    if context.params["stop"]:
        stop = RUN_STATE.plan(state, _switching(service.resource, service.id, "stopped", context))
    steps = backup.steps if stop is None else stop.steps
    return RestPlan(steps, backup.difference, backup, service, stop)


def _polls(transition: Transition, planned: RestPlan, outcome: Outcome, context: Context) -> Polls:
    """The end of the backup; then the service runs again, whatever has come of it.

    :raises WaitTimeout: its containers do not end, so that nothing was saved.
    """
    if planned.stop is not None and not outcome.sent:
        return None
    try:
        ended = yield from _saved(transition, planned, outcome, context)
    except DokployError:
        yield from _running_again(planned, context)
        raise
    except BaseException:
        # The task is being interrupted: start the service without waiting for it.
        _start(planned, context)
        raise
    # Without a run, as in check mode, there is no result.
    if ended is not None:
        yield from _running_again(planned, context)
    return ended


def _saved(transition: Transition, planned: RestPlan, outcome: Outcome, context: Context) -> Polls:
    service, stop = planned.service, planned.stop
    if service is not None and stop is not None:
        yield from _ends(RUN_STATE, stop, outcome, _switching(service.resource, service.id, "stopped", context))
        yield _Containers(service), context.params["wait_timeout"]
        outcome = context.executor.run(planned.backup)
    return (yield from _ends(transition, planned.backup, outcome, context))


def _ends(transition: Transition, planned: ChangePlan, outcome: Outcome, context: Context) -> Polls:
    """What a transition waits for."""
    return None if transition.polls is None else (yield from transition.polls(planned, outcome, context))


def _start(planned: RestPlan, context: Context) -> Optional[Tuple[StatePlan, Outcome, Context]]:
    """Start the service, if it does not run as it did before."""
    service = planned.service
    if service is None:
        return None
    starting = _switching(service.resource, service.id, "started", context)
    state = _looked_at(service.resource, service.label, starting)
    if live_slots(state.tasks):
        return None
    if planned.stop is None:
        text = "%s: Dokploy has stopped it for the backup and not started it again, so that it is started here"
        context.warn([text % service.label])
    started = RUN_STATE.plan(state, starting)
    return started, context.executor.run(started), starting


def _running_again(planned: RestPlan, context: Context) -> Polls:
    start = _start(planned, context)
    if start is not None:
        yield from _ends(RUN_STATE, *start)


class _Containers(Poll):
    """Waits until no container of a service runs: Docker shows no task any more before its container has ended."""

    def __init__(self, service: Service) -> None:
        self.label, self._service, self._left = service.label, service, [""]
        self._own = re.compile(re.escape(str(service.row.get("appName"))) + r"[._-]")

    def calls(self) -> List[Call]:
        row = self._service.row
        return [docker_call("docker.getContainersByAppNameMatch", row, appName=row.get("appName"))]

    def judge(self, answers: Sequence[Any], elapsed: float) -> Optional[bool]:
        own = [row for row in valid(answers[0]) if self._own.match(str(row.get("name")))]
        self._left = [str(row.get("name")) for row in own if row.get("state") not in _GONE]
        self.state = "%d containers have not ended" % len(self._left)
        return None if self._left else True

    def expired(self, timeout: float) -> DokployError:
        message = "%s: after %g s these containers have not ended: %s. Nothing was saved"
        return WaitTimeout(message % (self.label, timeout, enumerated(self._left)), hint="Raise wait_timeout.")
