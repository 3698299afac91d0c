# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The states C(started), C(stopped) and C(reloaded) of a service."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence, Tuple

from .._api.client import Call, Client
from .._engine.execute import Executor
from .._engine.lookup import locate_existing, read_row
from .._engine.plan import Outcome, Step, Write
from .._engine.runner import Context
from .._engine.state import Node
from .._engine.view import ChangePlan, Difference
from .._engine.wait import Poll, Polls
from .._errors import DokployError, NotFoundError, OptionError, ReferenceNotFound, Refused, ServerError, WaitTimeout
from .._model.argspec import given, resource_spec
from .._model.resource import Resource
from .._model.states import Transition
from .._reads.rows import valid
from .._values.codec import GENERATED
from .._values.marks import is_marked
from .rollout import Rollout, late
from .stack_networks import own_networks, remaining_networks
from .tasks import (
    Row,
    Service,
    ended,
    ids_of,
    live_slots,
    live_tasks,
    running_facts,
    running_slots,
    tasks_call,
    tasks_in,
    wanted_slots,
)

# Seconds to wait for the answers. Starting and stopping wait for the service to converge, 5 to 6 s when all is well,
# and a start never returns while the containers keep exiting. A reload answers at once.
START_TIMEOUT = 20.0
STOP_TIMEOUT = 60.0
RELOAD_TIMEOUT = 60.0
# Seconds after which a stop is sent again: when an update of the service fails meanwhile, Docker rolls all of it back,
# the scaling to nothing included (measured).
STOP_AGAIN = 15.0
# Seconds for which networks are waited for: one that something else uses stays.
NETWORKS_TIMEOUT = 60.0
# The server keeps at least this number of deployments; a service with fewer has never lost one.
KEPT_DEPLOYMENTS = 10

# The server's answers to the start of a service, and of a stack, that does not exist in Docker.
_NEVER_DEPLOYED = re.compile("not found|spawn .* ENOENT")


@dataclass(frozen=True)
class ServiceState:
    """A service and its tasks, as they were observed.

    :param networks: the names of those that go with it when it is stopped, by their IDs.
    """

    service: Service
    tasks: Sequence[Row]
    networks: Mapping[str, str] = field(default_factory=dict)

    @property
    def known(self) -> bool:
        """Whether it exists; check mode takes one for granted that an earlier task creates."""
        return self.service.id != GENERATED


@dataclass(frozen=True)
class StatePlan(ChangePlan):
    """What brings a service into a state: one write, or none.

    :param after: how many tasks will run.
    :param polls: waits for the state and gives the tasks; without a write also in check mode, since it writes nothing.
    :param obstacle: the error that prevents it, and what an earlier task does about it, as check mode assumes.
    """

    state: ServiceState
    after: int
    polls: Optional[Callable[[StatePlan, Context], Polls]] = None
    obstacle: Optional[Tuple[Refused, str]] = None

    @property
    def facts(self) -> Optional[Dict[str, Any]]:
        """The tasks as results show them before anything is sent or waited for."""
        facts = running_facts(self.state.service.mode, [], self.after) if self.steps else _facts(self.state)
        return facts if self.state.known else None

    def uses(self) -> Sequence[Any]:
        return (self.state.service.id,)


def _planned(
    steps: Tuple[Step, ...], state: ServiceState, before: Optional[int], after: int, *more: Any, new: str = ""
) -> StatePlan:
    """:param before: how many tasks run. :param new: C(after) in words."""
    sides = {"running": before}, {"running": new or after}
    return StatePlan(steps, Difference(state.service.label, *sides, hidden=bool(steps)), state, after, *more)


def _observe(nodes: Sequence[Node], context: Context) -> List[ServiceState]:
    """The services that the options name, and their tasks."""
    states, client = [ServiceState(_service(node, context), ()) for node in nodes], context.client
    calls = [tasks_call(state.service) for state in states if state.known]
    answers = iter(client.call_many(calls) if len(calls) > 1 else [client.query(*call) for call in calls])
    states = [replace(state, tasks=tasks_in(valid(next(answers)))) if state.known else state for state in states]
    stops = [node.params["state"] == "stopped" for node in nodes]
    networks = iter(own_networks([(state.service, state.tasks) for state, stop in zip(states, stops) if stop], client))
    return [replace(state, networks=next(networks)) if stop else state for state, stop in zip(states, stops)]


def _refuse(resource: Resource, params: Mapping[str, Any]) -> None:
    """:raises OptionError: an option that configures something is given."""
    configuring = [name for name in given(resource_spec(resource)[0], params) if name != "name"]
    if configuring:
        message = "state=%s changes no configuration; give %s with state=present"
        raise OptionError(message % (params["state"], ", ".join(sorted(configuring))))


def _service(node: Node, context: Context) -> Service:
    """:raises ReferenceNotFound: none has this name. :raises NotFoundError: none has this ID.
    :raises Refused: the same run creates it.
    """
    resource, params = node.resource, node.params
    try:
        target = locate_existing(resource, params, context.reads, "name")
    except ReferenceNotFound as error:
        context.executor.parent_missing(error)
        name, resource_id = params["name"], params[resource.id_option]
        new: Dict[str, Any] = {resource.id_key: GENERATED, "name": name or GENERATED, "appName": GENERATED}
        return Service(resource, new, "%s %r" % (resource.name, name or resource_id))
    if is_marked(target.resource_id):
        raise _never_deployed(Service(resource, {}, target.label))
    row = read_row(resource, target, context.reads)
    if row is None:
        raise NotFoundError("%s: there is no %s %r" % (resource.id_option, resource.name, target.resource_id))
    if not resource.deployable.reload_applies and (row.get("replicas") or 0) > 1:
        row = {**row, "replicas": 1}
    return Service(resource, row, target.label)


def _plan(state: ServiceState, context: Context) -> StatePlan:
    """:raises Refused: it was never deployed, C(replicas) is 0, or Docker does not support the state in its mode."""
    wanted = context.params["state"]
    planned = PLANS[wanted](state) if state.known else _planned((), state, None, 0, new="(%s)" % wanted)
    if planned.obstacle is not None:
        context.executor.parent_missing(*planned.obstacle)
    if planned.steps and wanted != "started":
        warn_of_losses(state.service, state.tasks, context)
    return replace(planned, difference=replace(planned.difference, action=_ACTIONS[wanted]))


def warn_of_losses(service: Service, tasks: Sequence[Row], context: Context) -> None:
    """Warn of what is lost when the running tasks of a service are ended, if anything is."""
    lost = service.resource.deployable.lost_on_stop(service.row) if live_tasks(tasks) else ""
    context.warn(["%s: %s." % (context.key or service.label, lost)] if lost else ())


def _polls(planned: StatePlan, outcome: Outcome, context: Context) -> Polls:
    """The tasks, when it is in the state.

    :raises NotRunning: the containers keep exiting. :raises WaitTimeout: not enough of them run in time.
    """
    if planned.polls is None or (planned.steps and not outcome.sent):
        return None
    return (yield from planned.polls(planned, context))


def _finish(first: StatePlan, planned: StatePlan, outcome: Outcome, _context: Context) -> Dict[str, Any]:
    service, tasks = planned.state.service, outcome.ended
    facts = planned.facts if tasks is None else _facts(ServiceState(service, tasks))
    resource, row = service.resource, service.row
    identity = {resource.id_option: row.get(resource.id_key), "name": row.get("name"), "app_name": row.get("appName")}
    return first.difference.result(**{resource.name: identity}, running=facts)


#: A service is started, stopped or reloaded, without a change of its configuration.
RUN_STATE = Transition(_observe, _plan, _finish, _refuse, configures=False, polls=_polls)


def plan_started(state: ServiceState) -> StatePlan:
    """Enough tasks run. Pure.

    :raises Refused: it runs to its end, or is a stack that cannot be started.
    """
    service, tasks, mode = state.service, state.tasks, state.service.mode
    if mode.name == "stack":
        return _plan_started_stack(state)
    minimum, running = mode.minimum, _visible(tasks)
    if mode.ends:
        raise Refused("%s is a job of Docker's or runs once: run it again with state=redeployed" % service.label)
    if len(running_slots(tasks)) >= minimum > 0:
        return _planned((), state, running, running)
    obstacle = _obstacle(state, minimum)
    if obstacle is None and len(live_slots(tasks)) >= minimum:
        # It is being started or deployed already.
        return _planned((), state, minimum, minimum, partial(_until_running, failed=ids_of(ended(tasks))))
    # The start scales to one, whatever replicas says, and leaves the configuration of the last deployment alone. It has
    # no effect where the service is scaled up already: its tasks have ended for good, or it is gone. There, and for
    # more than one, the reload helps: it brings replicas back with the rest of the configuration, and answers at once.
    deployable = service.resource.deployable
    single = mode.replicas == 1 and service.row.get(deployable.status) != "done"
    steps = _steps(service, deployable.start, START_TIMEOUT) if single else _reload(service)
    polls = partial(_until_running, old=ids_of(tasks), reloaded=not single)
    return _planned(steps, state, running, minimum, polls, obstacle)


def _plan_started_stack(state: ServiceState) -> StatePlan:
    """The same for several services, of which some may run once and end."""
    service, tasks, live = state.service, state.tasks, live_slots(state.tasks)
    wanted = wanted_slots(tasks) if live else {str(task.get("name")) for task in tasks}
    count = len(wanted) or 1
    if live and wanted == live:
        return _planned((), state, count, count, None if running_slots(tasks) == live else _until_running)
    reason = service.resource.deployable.cannot_start(service.row)
    if reason:
        raise Refused("%s cannot be started: %s" % (service.label, reason), hint="Deploy it, with dokploy_deployment.")
    start = _steps(service, service.resource.deployable.start, START_TIMEOUT)
    return _planned(start, state, _visible(tasks), count, _until_running, _obstacle(state))


def plan_stopped(state: ServiceState) -> StatePlan:
    """No task runs or is about to. Pure.

    :raises Refused: Docker cannot scale it down.
    """
    service, count = state.service, len(live_slots(state.tasks))
    if not count:
        return _planned((), state, 0, 0)
    if service.mode.name == "global" or "GlobalJob" in (service.row.get("modeSwarm") or {}):
        # The server sends the command all the same and reports success, with everything still running.
        raise Refused(
            "%s runs in Docker's global mode, which Docker cannot scale down; Dokploy has no other way to stop it"
            % service.label,
            hint="Constrain its placement to no node and deploy, or remove it with state=absent.",
        )
    procedure = service.resource.deployable.stop
    stop = Write(procedure, service.input(), timeout=STOP_TIMEOUT, confirm_by_polling=True)
    return _planned((stop,), state, count, 0, _until_stopped)


def plan_reloaded(state: ServiceState) -> StatePlan:
    """New tasks run. Pure."""
    service, mode, old = state.service, state.service.mode, ids_of(state.tasks)
    minimum = mode.minimum
    reloaded = service.resource.deployable.reload_applies
    polls = _now if mode.ends or minimum == 0 else partial(_until_running, old=old, reloaded=reloaded)
    new = "%s (new ones)" % ("a job" if mode.ends else minimum)
    return _planned(_reload(service), state, _visible(state.tasks), minimum, polls, _obstacle(state), new=new)


PLANS = {"started": plan_started, "stopped": plan_stopped, "reloaded": plan_reloaded}
STATES = tuple(PLANS)
_ACTIONS = dict(zip(PLANS, ("start", "stop", "reload")))


def _visible(tasks: Sequence[Row]) -> int:
    """How many tasks are seen running, so that a diff is the same in check mode and a moment later."""
    return len(running_slots(tasks, settled=False))


def _obstacle(state: ServiceState, minimum: int = 1) -> Optional[Tuple[Refused, str]]:
    service, deployments = state.service, state.service.row.get("deployments") or []
    if minimum == 0:
        message = "%s has replicas: 0, so that there is nothing to start" % service.label
        return Refused(message, hint="Set replicas with state=present."), "sets replicas"
    # Where old deployments were dropped, or none is recorded, one of them may have succeeded.
    possible = state.tasks or not service.resource.deployable.history or len(deployments) >= KEPT_DEPLOYMENTS
    if possible or any(deployment.get("status") == "done" for deployment in deployments):
        return None
    return _never_deployed(service), "deploys it"


def _never_deployed(service: Service) -> Refused:
    how = "state=deployed" if "deployed" in service.resource.states.transitions else "dokploy_deployment"
    return Refused("%s: nothing of it was ever deployed" % service.label, hint="Deploy it first, with %s." % how)


@dataclass(frozen=True)
class _Scale(Write):
    """Scale a service, or update it."""

    confirm_by_polling: bool = True
    service: Optional[Service] = None

    def run(self, executor: Executor, outcome: Outcome) -> None:
        """:raises Refused: Docker has nothing of it."""
        try:
            super().run(executor, outcome)
        except ServerError as error:
            if self.service is not None and _NEVER_DEPLOYED.search(str(error.server_message)):
                raise _never_deployed(self.service) from error
            raise


def _steps(service: Service, procedure: str, timeout: float, **more: Any) -> Tuple[Step, ...]:
    return (_Scale(procedure=procedure, body=service.input(**more), timeout=timeout, service=service),)


def _reload(service: Service) -> Tuple[Step, ...]:
    return _steps(service, service.resource.deployable.reload, RELOAD_TIMEOUT, appName=service.row.get("appName"))


def _facts(state: ServiceState) -> Dict[str, Any]:
    """Without the tasks of the past, which linger for a while."""
    return running_facts(state.service.mode, live_tasks(state.tasks))


def _until_running(planned: StatePlan, context: Context, **known: Any) -> Polls:
    """The tasks as soon as enough of them run; the C(known) ones do not count."""
    rollout = Rollout(planned.state.service, context.client, context.waiter, **known)
    return (yield rollout, context.params["wait_timeout"])


def _now(planned: StatePlan, context: Context) -> Polls:
    """The tasks as they are."""
    return (yield _Tasks(planned.state.service), context.params["wait_timeout"])


def _until_stopped(planned: StatePlan, context: Context) -> Polls:
    """The tasks as soon as none of them runs or is about to, and what goes with them is gone."""
    timeout, state = context.params["wait_timeout"], planned.state
    tasks = yield _Stopped(state.service, partial(context.executor.run, planned)), timeout
    if state.networks:
        try:
            yield _Networks(state, context.client), min(NETWORKS_TIMEOUT, timeout)
        except WaitTimeout as error:
            context.warn([str(error)])
    return tasks


class _Tasks(Poll):
    """One look at the tasks of a service."""

    def __init__(self, service: Service) -> None:
        self.label, self.service = service.label, service
        self.tasks: List[Row] = []

    def calls(self) -> List[Call]:
        return [tasks_call(self.service)]

    def judge(self, answers: Sequence[Any], elapsed: float) -> Optional[Any]:
        self.tasks = tasks_in(valid(answers[0]))
        return self.tasks

    def expired(self, timeout: float) -> DokployError:
        return late(self.service, "its tasks cannot be read", self.tasks)


class _Stopped(_Tasks):
    """Waits until no task of a service runs or is about to.

    :param stop: stops it, once more where Docker has taken it back.
    """

    def __init__(self, service: Service, stop: Callable[[], Any]) -> None:
        super().__init__(service)
        self._stop, self._sent = stop, 0.0

    def judge(self, answers: Sequence[Any], elapsed: float) -> Optional[Any]:
        super().judge(answers, elapsed)
        live = len(live_slots(self.tasks))
        self.state = "%d still run" % live
        if live and elapsed - self._sent >= STOP_AGAIN:
            self._stop()
            self._sent = elapsed
        return None if live else self.tasks

    def expired(self, timeout: float) -> DokployError:
        return late(self.service, "it still runs %g s after it was told to stop" % timeout, self.tasks)


class _Networks(Poll):
    """Waits until the networks of a stack are gone, without which its next deployment would fail."""

    def __init__(self, state: ServiceState, client: Client) -> None:
        self.label, self._state, self._client = state.service.label, state, client
        self._left: List[str] = []

    def calls(self) -> List[Call]:
        return []

    def judge(self, answers: Sequence[Any], elapsed: float) -> Optional[Any]:
        self._left = remaining_networks(self._state.service, self._state.networks, self._client)
        self.state = "%d networks are left" % len(self._left)
        return None if self._left else True

    def expired(self, timeout: float) -> DokployError:
        message = "%s is stopped, and Docker still has its networks %s, without which a deployment of it may fail"
        return WaitTimeout(message % (self.label, ", ".join(self._left)))
