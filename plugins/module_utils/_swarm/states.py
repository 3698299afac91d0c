# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The states C(started), C(stopped) and C(reloaded) of a service."""

from __future__ import annotations

import re
from typing import Any, Dict, Mapping, Optional, Sequence, Tuple

from .._engine.difference import Difference
from .._engine.lookup import locate_existing, read
from .._engine.plan import Plan, Write
from .._engine.runner import Context
from .._errors import NotFoundError, OptionError, ReferenceNotFound, Refused, ServerError
from .._model.argspec import resource_spec
from .._model.resource import Resource
from .._values.codec import GENERATED
from .rollout import Rollout, late
from .tasks import (
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

STATES = ("started", "stopped", "reloaded")

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

# changed, how many tasks run before and after, and the facts.
_Done = Tuple[bool, int, Any, Dict[str, Any]]


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
        target = locate_existing(resource, params, context.reads, "name")
    except ReferenceNotFound as error:
        context.executor.parent_missing(error)
        name, resource_id = params["name"], params[resource.id_option]
        new: Dict[str, Any] = {resource.id_key: GENERATED, "name": name or GENERATED, "appName": GENERATED}
        label = "%s %r" % (resource.name, name or resource_id)
        return _result(Service(resource, new, label), True, None, "(%s)" % state, None)
    row = read(resource, target, context.reads)
    if row is None:
        raise NotFoundError("%s: there is no %s %r" % (resource.id_option, resource.name, target.resource_id))
    if not resource.deployable.reload_applies and (row.get("replicas") or 0) > 1:
        row = {**row, "replicas": 1}
    service = Service(resource, row, target.label)
    states = _StackStates if service.mode.name == "stack" else _States
    return _result(service, *getattr(states(service, context), state)())


def _result(service: Service, changed: bool, before: Any, after: Any, facts: Any) -> Dict[str, Any]:
    resource, row = service.resource, service.row
    shown = {resource.id_option: row.get(resource.id_key), "name": row.get("name"), "app_name": row.get("appName")}
    difference = Difference(service.label, {"running": before}, {"running": after}, hidden=changed)
    return difference.result(**{resource.name: shown}, running=facts)


class _States:
    """One service, and how it gets into each state."""

    def __init__(self, service: Service, context: Context) -> None:
        self.label, self.row = service.label, service.row
        self.service, self.context = service, context
        self.mode = service.mode
        self.procedures = service.resource.deployable
        self.tasks = read_tasks(context.client, service)
        # A diff shows what can be seen, so that it is the same in check mode and a moment later.
        self.before = len(running_slots(self.tasks, settled=False))

    def started(self) -> _Done:
        minimum = self.mode.minimum
        if self.mode.name == "job":
            raise Refused("%s is a job of Docker's, which runs to its end and cannot be kept running" % self.label)
        if len(running_slots(self.tasks)) >= minimum > 0:
            return False, self.before, self.before, self._facts(self.tasks)
        if not self._possible(minimum):
            return self._predicted(minimum)
        if len(live_slots(self.tasks)) >= minimum:
            # It is being started or deployed already. Check mode waits as well, since waiting writes nothing.
            return False, minimum, minimum, self._wait(failed=ids_of(ended(self.tasks)))
        # The start scales to one, whatever replicas says, and leaves the configuration of the last deployment alone. It
        # has no effect where the service is scaled up already: its tasks have ended for good, or it is gone. There,
        # and for more than one, the reload helps: it brings replicas back with the rest of the configuration, and
        # answers at once.
        single = self.mode.replicas == 1 and self.row.get(self.procedures.status) != "done"
        if not (self._send(self.procedures.start, START_TIMEOUT) if single else self._reload()):
            return self._predicted(minimum)
        return True, self.before, minimum, self._wait(ids_of(self.tasks), reloaded=not single)

    def stopped(self) -> _Done:
        live = live_slots(self.tasks)
        if not live:
            return False, self.before, 0, self._facts(self.tasks)
        if self.mode.name == "global" or "GlobalJob" in (self.row.get("modeSwarm") or {}):
            # The server sends the command all the same and reports success, with everything still running.
            raise Refused(
                "%s runs in Docker's global mode, which Docker cannot scale down; Dokploy has no other way to stop it"
                % self.label,
                hint="Constrain its placement to no node and deploy, or remove it with state=absent.",
            )
        before = max(self.before, len(live))
        sent = self._send(self.procedures.stop, STOP_TIMEOUT)
        return True, before, 0, self._wait_until_stopped() if sent else running_facts(self.mode, [], 0)

    def reloaded(self) -> _Done:
        minimum, job = self.mode.minimum, self.mode.name == "job"
        after = "%s (new ones)" % ("a job" if job else minimum)
        if not self._possible() or not self._reload():
            return True, self.before, after, running_facts(self.mode, [], minimum)
        if job or minimum == 0:
            return True, self.before, after, self._facts(read_tasks(self.context.client, self.service))
        return True, self.before, after, self._wait(ids_of(self.tasks), reloaded=self.procedures.reload_applies)

    def _possible(self, minimum: int = 1) -> bool:
        """Whether the service can run; check mode assumes that an earlier task removes the obstacle."""
        deployments = self.row.get("deployments") or []
        if minimum == 0:
            message = "%s has replicas: 0, so that there is nothing to start" % self.label
            error, promise = Refused(message, hint="Set replicas with state=present."), "sets replicas"
        # Where old deployments were dropped, or none is recorded, one of them may have succeeded.
        elif (
            self.tasks
            or not self.procedures.history
            or len(deployments) >= KEPT_DEPLOYMENTS
            or any(d.get("status") == "done" for d in deployments)
        ):
            return True
        else:
            error, promise = self._never_deployed(), "deploys it"
        self.context.executor.parent_missing(error, promise)
        return False

    def _never_deployed(self) -> Refused:
        how = "state=deployed" if "deployed" in self.service.resource.states else "dokploy_deployment"
        return Refused("%s: nothing of it was ever deployed" % self.label, hint="Deploy it first, with %s." % how)

    def _send(self, procedure: str, timeout: float, **more: Any) -> bool:
        write = Write(procedure, self.service.input(**more), timeout=timeout, confirm_by_polling=True)
        try:
            return self.context.executor.run(Plan((write,))).sent
        except ServerError as error:
            if procedure != self.procedures.stop and _NEVER_DEPLOYED.search(str(error.server_message)):
                raise self._never_deployed() from error
            raise

    def _reload(self) -> bool:
        return self._send(self.procedures.reload, RELOAD_TIMEOUT, appName=self.row.get("appName"))

    def _wait(self, *old: Any, **more: Any) -> Dict[str, Any]:
        """The facts as soon as enough tasks run that are not among the old ones."""
        rollout = Rollout(self.service, self.context.client, self.context.waiter, *old, **more)
        return self._facts(rollout.wait(self.context.params["wait_timeout"]))

    def _wait_until_stopped(self) -> Dict[str, Any]:
        """The facts as soon as no task runs or is about to."""
        timeout, sent = self.context.params["wait_timeout"], 0.0

        def look(passed: float) -> Optional[Dict[str, Any]]:
            nonlocal sent
            self.tasks = read_tasks(self.context.client, self.service)
            if not live_slots(self.tasks):
                return self._facts(self.tasks)
            if passed - sent >= STOP_AGAIN:
                self._send(self.procedures.stop, STOP_TIMEOUT)
                sent = passed
            return None

        message = "it still runs %g s after it was told to stop" % timeout
        return dict(self.context.waiter.until(timeout, look, lambda: late(self.service, message, self.tasks)))

    def _predicted(self, running: int) -> _Done:
        return True, self.before, running, running_facts(self.mode, [], running)

    def _facts(self, tasks: Sequence[Mapping[str, Any]]) -> Dict[str, Any]:
        """Without the tasks of the past, which linger for a while."""
        return running_facts(self.mode, live_tasks(tasks))


class _StackStates(_States):
    """A stack: several services, of which some may run once and end."""

    def started(self) -> _Done:
        live = live_slots(self.tasks)
        wanted = wanted_slots(self.tasks) if live else {str(task.get("name")) for task in self.tasks}
        count = len(wanted) or 1
        if live and wanted == live:
            facts = self._facts(self.tasks) if running_slots(self.tasks) == live else self._wait()
            return False, count, count, facts
        reason = self.procedures.cannot_start(self.row)
        if reason:
            raise Refused("%s cannot be started: %s" % (self.label, reason), hint="Deploy it, with dokploy_deployment.")
        if not self._possible() or not self._send(self.procedures.start, START_TIMEOUT):
            return self._predicted(count)
        return True, self.before, count, self._wait()
