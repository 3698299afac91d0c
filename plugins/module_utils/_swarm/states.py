# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The states C(started), C(stopped) and C(reloaded) of a service."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from typing import Any, Callable, Dict, Optional, Sequence, Tuple

from .._engine.difference import Difference
from .._engine.lookup import locate_existing, read
from .._engine.plan import Plan, Step, Write
from .._engine.runner import Context
from .._errors import NotFoundError, OptionError, ReferenceNotFound, Refused, ServerError
from .._model.argspec import resource_spec
from .._model.resource import Resource
from .._values.codec import GENERATED
from .rollout import Rollout, late
from .tasks import (
    Row,
    Service,
    ended,
    ids_of,
    live_slots,
    live_tasks,
    read_tasks,
    running_facts,
    running_slots,
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
# The server keeps at least this number of deployments; a service with fewer has never lost one.
KEPT_DEPLOYMENTS = 10

# The server's answers to the start of a service, and of a stack, that does not exist in Docker.
_NEVER_DEPLOYED = re.compile("not found|spawn .* ENOENT")


@dataclass(frozen=True)
class ServiceState:
    """A service and its tasks, as they were observed."""

    service: Service
    tasks: Sequence[Row]


@dataclass(frozen=True)
class StatePlan(Plan):
    """What brings a service into a state: one write, or none.

    :param before: how many tasks run, and C(after) how many will. :param new: C(after) in words, for new ones.
    :param wait: waits for the state and gives the tasks; without a write also in check mode, since it writes nothing.
    :param obstacle: the error that prevents it, and what an earlier task does about it, as check mode assumes.
    """

    state: ServiceState
    before: int
    after: int
    wait: Optional[Callable[[StatePlan, Context], Sequence[Row]]] = None
    obstacle: Optional[Tuple[Refused, str]] = None
    new: str = ""

    @property
    def difference(self) -> Difference:
        before, after = {"running": self.before}, {"running": self.new or self.after}
        return Difference(self.state.service.label, before, after, hidden=bool(self.steps))

    @property
    def facts(self) -> Dict[str, Any]:
        """The tasks as results show them before anything is sent or waited for."""
        return running_facts(self.state.service.mode, [], self.after) if self.steps else _facts(self.state)


def run_state(resource: Resource, context: Context) -> Dict[str, Any]:
    """Start, stop or reload a service, without a change of its configuration.

    :raises OptionError: an option that configures something is given.
    :raises Refused: it was never deployed, C(replicas) is 0, or Docker does not support the state in its mode.
    :raises NotRunning: the containers keep exiting.
    :raises WaitTimeout: not enough of them run in time.
    """
    params, state = context.params, context.params["state"]
    options = resource_spec(resource)[0].items()
    given = [name for name, option in options if name != "name" and params[name] not in (None, option.get("default"))]
    if given:
        raise OptionError(
            "state=%s changes no configuration; give %s with state=present" % (state, ", ".join(sorted(given)))
        )
    try:
        observed = observe_tasks(resource, context)
    except ReferenceNotFound as error:
        context.executor.parent_missing(error)
        name, resource_id = params["name"], params[resource.id_option]
        new: Dict[str, Any] = {resource.id_key: GENERATED, "name": name or GENERATED, "appName": GENERATED}
        label = "%s %r" % (resource.name, name or resource_id)
        return _result(Difference(label, {"running": None}, {"running": "(%s)" % state}), Service(resource, new), None)
    planned = PLANS[state](observed)
    if planned.obstacle is not None:
        context.executor.parent_missing(*planned.obstacle)
    return _result(planned.difference, observed.service, _carried_out(planned, context))


def observe_tasks(resource: Resource, context: Context) -> ServiceState:
    """The service that the options name, and its tasks.

    :raises ReferenceNotFound: none has this name. :raises NotFoundError: none has this ID.
    """
    target = locate_existing(resource, context.params, context.reads, "name")
    row = read(resource, target, context.reads)
    if row is None:
        raise NotFoundError("%s: there is no %s %r" % (resource.id_option, resource.name, target.resource_id))
    if not resource.deployable.reload_applies and (row.get("replicas") or 0) > 1:
        row = {**row, "replicas": 1}
    service = Service(resource, row, target.label)
    return ServiceState(service, read_tasks(context.client, service))


def _result(difference: Difference, service: Service, facts: Any) -> Dict[str, Any]:
    resource, row = service.resource, service.row
    shown = {resource.id_option: row.get(resource.id_key), "name": row.get("name"), "app_name": row.get("appName")}
    return difference.result(**{resource.name: shown}, running=facts)


def plan_started(state: ServiceState) -> StatePlan:
    """Enough tasks run. Pure.

    :raises Refused: it is a job, or a stack that cannot be started.
    """
    service, tasks, mode = state.service, state.tasks, state.service.mode
    if mode.name == "stack":
        return _plan_started_stack(state)
    minimum, running = mode.minimum, _visible(tasks)
    if mode.name == "job":
        raise Refused("%s is a job of Docker's, which runs to its end and cannot be kept running" % service.label)
    if len(running_slots(tasks)) >= minimum > 0:
        return StatePlan((), state, running, running)
    obstacle = _obstacle(state, minimum)
    if obstacle is None and len(live_slots(tasks)) >= minimum:
        # It is being started or deployed already.
        return StatePlan((), state, minimum, minimum, partial(_until_running, failed=ids_of(ended(tasks))))
    # The start scales to one, whatever replicas says, and leaves the configuration of the last deployment alone. It has
    # no effect where the service is scaled up already: its tasks have ended for good, or it is gone. There, and for
    # more than one, the reload helps: it brings replicas back with the rest of the configuration, and answers at once.
    deployable = service.resource.deployable
    single = mode.replicas == 1 and service.row.get(deployable.status) != "done"
    steps = _steps(service, deployable.start, START_TIMEOUT) if single else _reload(service)
    wait = partial(_until_running, old=ids_of(tasks), reloaded=not single)
    return StatePlan(steps, state, running, minimum, wait, obstacle)


def _plan_started_stack(state: ServiceState) -> StatePlan:
    """The same for several services, of which some may run once and end."""
    service, tasks, live = state.service, state.tasks, live_slots(state.tasks)
    wanted = wanted_slots(tasks) if live else {str(task.get("name")) for task in tasks}
    count = len(wanted) or 1
    if live and wanted == live:
        return StatePlan((), state, count, count, None if running_slots(tasks) == live else _until_running)
    reason = service.resource.deployable.cannot_start(service.row)
    if reason:
        raise Refused("%s cannot be started: %s" % (service.label, reason), hint="Deploy it, with dokploy_deployment.")
    start = _steps(service, service.resource.deployable.start, START_TIMEOUT)
    return StatePlan(start, state, _visible(tasks), count, _until_running, _obstacle(state))


def plan_stopped(state: ServiceState) -> StatePlan:
    """No task runs or is about to. Pure.

    :raises Refused: Docker cannot scale it down.
    """
    service, count = state.service, len(live_slots(state.tasks))
    if not count:
        return StatePlan((), state, 0, 0)
    if service.mode.name == "global" or "GlobalJob" in (service.row.get("modeSwarm") or {}):
        # The server sends the command all the same and reports success, with everything still running.
        raise Refused(
            "%s runs in Docker's global mode, which Docker cannot scale down; Dokploy has no other way to stop it"
            % service.label,
            hint="Constrain its placement to no node and deploy, or remove it with state=absent.",
        )
    stop = _steps(service, service.resource.deployable.stop, STOP_TIMEOUT)
    return StatePlan(stop, state, count, 0, _until_stopped)


def plan_reloaded(state: ServiceState) -> StatePlan:
    """New tasks run. Pure."""
    service, mode, old = state.service, state.service.mode, ids_of(state.tasks)
    job, minimum = mode.name == "job", mode.minimum
    reloaded = service.resource.deployable.reload_applies
    wait = _read if job or minimum == 0 else partial(_until_running, old=old, reloaded=reloaded)
    new = "%s (new ones)" % ("a job" if job else minimum)
    return StatePlan(_reload(service), state, _visible(state.tasks), minimum, wait, _obstacle(state), new)


PLANS = {"started": plan_started, "stopped": plan_stopped, "reloaded": plan_reloaded}
STATES = tuple(PLANS)


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
    how = "state=deployed" if "deployed" in service.resource.states else "dokploy_deployment"
    return Refused("%s: nothing of it was ever deployed" % service.label, hint="Deploy it first, with %s." % how)


def _steps(service: Service, procedure: str, timeout: float, **more: Any) -> Tuple[Step, ...]:
    return (Write(procedure, service.input(**more), timeout=timeout, confirm_by_polling=True),)


def _reload(service: Service) -> Tuple[Step, ...]:
    return _steps(service, service.resource.deployable.reload, RELOAD_TIMEOUT, appName=service.row.get("appName"))


def _carried_out(planned: StatePlan, context: Context) -> Dict[str, Any]:
    """The tasks as results show them, once the service is in its state."""
    service = planned.state.service
    try:
        sent = context.executor.run(planned).sent
    except ServerError as error:
        if planned.wait is not _until_stopped and _NEVER_DEPLOYED.search(str(error.server_message)):
            raise _never_deployed(service) from error
        raise
    if planned.wait is None or (planned.steps and not sent):
        return planned.facts
    return _facts(ServiceState(service, planned.wait(planned, context)))


def _facts(state: ServiceState) -> Dict[str, Any]:
    """Without the tasks of the past, which linger for a while."""
    return running_facts(state.service.mode, live_tasks(state.tasks))


def _read(planned: StatePlan, context: Context) -> Sequence[Row]:
    return read_tasks(context.client, planned.state.service)


def _until_running(planned: StatePlan, context: Context, **known: Any) -> Sequence[Row]:
    """The tasks as soon as enough of them run; the C(known) ones do not count."""
    rollout = Rollout(planned.state.service, context.client, context.waiter, **known)
    return rollout.wait(context.params["wait_timeout"])


def _until_stopped(planned: StatePlan, context: Context) -> Sequence[Row]:
    """The tasks as soon as none of them runs or is about to."""
    timeout, sent, tasks = context.params["wait_timeout"], 0.0, planned.state.tasks

    def look(passed: float) -> Optional[bool]:
        nonlocal sent, tasks
        tasks = _read(planned, context)
        if live_slots(tasks) and passed - sent >= STOP_AGAIN:
            context.executor.run(planned)
            sent = passed
        return None if live_slots(tasks) else True

    message = "it still runs %g s after it was told to stop" % timeout
    context.waiter.until(timeout, look, lambda: late(planned.state.service, message, tasks))
    return tasks
