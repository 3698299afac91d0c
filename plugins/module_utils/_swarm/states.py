# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The states C(started), C(stopped) and C(reloaded) of a service."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Sequence, Tuple

from ansible_collections.community.dokploy.plugins.module_utils._engine.lookup import locate_existing, read
from ansible_collections.community.dokploy.plugins.module_utils._engine.plan import Plan, Write
from ansible_collections.community.dokploy.plugins.module_utils._engine.runner import Context
from ansible_collections.community.dokploy.plugins.module_utils._errors import (
    DokployError,
    NotFoundError,
    OptionError,
    ReferenceNotFound,
    Refused,
    ServerError,
)
from ansible_collections.community.dokploy.plugins.module_utils._model.argspec import resource_spec
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Resource
from ansible_collections.community.dokploy.plugins.module_utils._swarm.rollout import Rollout, late
from ansible_collections.community.dokploy.plugins.module_utils._swarm.tasks import (
    Row,
    Service,
    ended,
    ids_of,
    live_slots,
    live_tasks,
    mode_of,
    read_tasks,
    running_facts,
    running_slots,
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

# changed, what ran before, what runs after, and the facts.
_Done = Tuple[bool, Any, Any, Optional[Dict[str, Any]]]


def run_state(resource: Resource, context: Context) -> Dict[str, Any]:
    """Start, stop or reload a service, without a change of its configuration.

    :raises OptionError: an option that configures something is given.
    :raises ReferenceNotFound: the service does not exist; the message lists similar names.
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
        missing = Service(resource, {"name": params["name"]}, "%s %r" % (resource.name, params["name"]))
        return _result(missing, (True, None, "(%s)" % state, None))
    row = read(resource, target, context.reads)
    if row is None:
        raise NotFoundError("%s: there is no %s %r" % (resource.id_option, resource.name, target.resource_id))
    service = Service(resource, row, target.label)
    states = _States(service, context)
    return _result(
        service, {"started": states.started, "stopped": states.stopped, "reloaded": states.reloaded}[state]()
    )


def _result(service: Service, done: _Done) -> Dict[str, Any]:
    changed, before, after, facts = done
    resource, row, label = service.resource, service.row, service.label
    shown = {resource.id_option: resource.id_key, "name": "name", "app_name": "appName"}
    return {
        "changed": changed,
        resource.name: {name: row.get(key) for name, key in shown.items()},
        "running": facts,
        "diff": {
            "before": {"running": before},
            "after": {"running": after},
            "before_header": label,
            "after_header": label,
        },
    }


class _States:
    """One service, and how it gets into each state."""

    def __init__(self, service: Service, context: Context) -> None:
        self.label, self.row = service.label, service.row
        self.service, self.context = service, context
        self.mode = mode_of(service.row)
        self.procedures = service.resource.deployable
        self.tasks = read_tasks(context.client, service.row)
        # A diff shows what can be seen, so that it is the same in check mode and a moment later.
        self.before = len(running_slots(self.tasks, settled=False))

    def started(self) -> _Done:
        minimum = self.mode.minimum
        if self.mode.name == "job":
            raise Refused("%s is a job of Docker's, which runs to its end and cannot be kept running" % self.label)
        if len(running_slots(self.tasks)) >= minimum > 0:
            return False, self.before, self.before, self._facts(self.tasks)
        if not self._possible(self._no_replicas() or self._never_deployed()):
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
        if not self._send(self.procedures.stop, STOP_TIMEOUT):
            return True, before, 0, running_facts(self.mode, [], 0)
        return True, before, 0, self._facts(self._wait_until_stopped())

    def reloaded(self) -> _Done:
        minimum, job = self.mode.minimum, self.mode.name == "job"
        after = "%s (new ones)" % ("a job" if job else minimum)
        if not self._possible(self._never_deployed()) or not self._reload():
            return True, self.before, after, running_facts(self.mode, [], minimum)
        if job or minimum == 0:
            return True, self.before, after, self._facts(read_tasks(self.context.client, self.row))
        return True, self.before, after, self._wait(ids_of(self.tasks), reloaded=True)

    def _no_replicas(self) -> Optional[DokployError]:
        if self.mode.minimum > 0:
            return None
        return Refused(
            "%s has replicas: 0, so that there is nothing to start" % self.label,
            hint="Set replicas with state=present.",
        )

    def _never_deployed(self) -> Optional[DokployError]:
        deployments = self.row.get("deployments") or []
        done = any(item.get("status") == "done" for item in deployments)
        # Where old deployments were dropped, one of them may have succeeded.
        return None if self.tasks or done or len(deployments) >= KEPT_DEPLOYMENTS else self._nothing_deployed()

    def _nothing_deployed(self) -> DokployError:
        return Refused(
            "%s: nothing of it was ever deployed" % self.label, hint="Deploy it first, with dokploy_deployment."
        )

    def _possible(self, error: Optional[DokployError]) -> bool:
        """Whether there is no error; check mode assumes that an earlier task removes its cause."""
        if error is not None:
            self.context.executor.parent_missing(error, "sees to that")
        return error is None

    def _send(self, procedure: str, timeout: float, **more: Any) -> bool:
        write = Write(procedure, self.service.input(**more), timeout=timeout, confirm_by_polling=True)
        try:
            return self.context.executor.run(Plan((write,))).sent
        except ServerError as error:
            if procedure == self.procedures.start and "not found" in str(error.server_message):
                raise self._nothing_deployed() from error
            raise

    def _reload(self) -> bool:
        return self._send(self.procedures.reload, RELOAD_TIMEOUT, appName=self.row.get("appName"))

    def _wait(self, *old: Any, **more: Any) -> Dict[str, Any]:
        """The facts as soon as enough tasks run that are not among the old ones."""
        rollout = Rollout(self.service, self.context.client, self.context.waiter, *old, **more)
        return self._facts(rollout.wait(self.context.params["wait_timeout"]))

    def _wait_until_stopped(self) -> List[Row]:
        """The tasks, as soon as none of them runs or is about to."""
        timeout, sent = self.context.params["wait_timeout"], 0.0

        def look(passed: float) -> Optional[List[Row]]:
            nonlocal sent
            self.tasks = read_tasks(self.context.client, self.row)
            if not live_slots(self.tasks):
                return self.tasks
            if passed - sent >= STOP_AGAIN:
                self._send(self.procedures.stop, STOP_TIMEOUT)
                sent = passed
            return None

        def expired() -> DokployError:
            return late(self.service, "it still runs %g s after it was told to stop" % timeout, self.tasks)

        found: List[Row] = self.context.waiter.until(timeout, look, expired)
        return found

    def _predicted(self, running: int) -> _Done:
        return True, self.before, running, running_facts(self.mode, [], running)

    def _facts(self, tasks: Sequence[Row]) -> Dict[str, Any]:
        """Without the tasks of the past, which linger for a while."""
        return running_facts(self.mode, live_tasks(tasks))
