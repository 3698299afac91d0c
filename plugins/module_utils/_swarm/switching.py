# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""A service that is brought into a state on the way to something else, found by its ID."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, List, Optional, Sequence

from .._api.client import Call
from .._engine.plan import Outcome
from .._engine.runner import Context
from .._engine.state import Node
from .._engine.view import ChangePlan
from .._engine.wait import Poll, Polls
from .._errors import DokployError, WaitTimeout, enumerated
from .._model.resource import Resource
from .._model.states import Transition
from .._reads.rows import valid
from .states import RUN_STATE, ServiceState
from .tasks import Service, docker_call

# Docker's states of a container that has ended, or that was never started.
_GONE = ("exited", "dead", "created")


def looked_at(resource: Resource, resource_id: str, label: str, context: Context) -> ServiceState:
    """A service as it is now. :param label: what messages call it, since it is found by its ID."""
    own = switched_context(resource, resource_id, "stopped", context)
    (state,) = RUN_STATE.observe([Node(resource, own.params)], own)
    observed: ServiceState = replace(state, service=replace(state.service, label=label))
    return observed


def switched_context(resource: Resource, resource_id: str, state: str, context: Context) -> Context:
    """The context in which a service is brought into a state."""
    located = dict.fromkeys(("name", *(listing.label for listing in resource.parents)))
    params = {**located, resource.id_option: resource_id, "state": state}
    return replace(context, params={**params, "wait_timeout": context.params["wait_timeout"]})


def ends_of(transition: Transition, planned: ChangePlan, outcome: Outcome, context: Context) -> Polls:
    """What a transition waits for."""
    return None if transition.polls is None else (yield from transition.polls(planned, outcome, context))


def brought_into(service: Service, state: str, context: Context) -> Polls:
    """Bring a service into a state, and wait for that. :param context: has C(wait_timeout)."""
    own = switched_context(service.resource, service.id, state, context)
    planned = RUN_STATE.plan(looked_at(service.resource, service.id, service.label, context), own)
    return (yield from ends_of(RUN_STATE, planned, own.executor.run(planned), own))


class ContainersGone(Poll):
    """Waits until no container of a service runs: Docker shows no task any more before its container has ended.

    :param otherwise: what follows from it if they do not end, as a sentence.
    """

    def __init__(self, service: Service, otherwise: str) -> None:
        self.label, self._service, self._left, self._otherwise = service.label, service, [""], otherwise
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
        message = "%s: after %g s these containers have not ended: %s. %s"
        said = message % (self.label, timeout, enumerated(self._left), self._otherwise)
        return WaitTimeout(said, hint="Raise wait_timeout.")
