# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The states C(started), C(stopped) and C(reloaded) of an application: what of it really runs is made so."""

from __future__ import annotations

from typing import Any, Dict, Mapping, Optional, Sequence, Tuple

from ansible_collections.community.dokploy.plugins.module_utils._engine.lookup import Target, locate_existing, read
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
from ansible_collections.community.dokploy.plugins.module_utils._model.argspec import CONNECTION, resource_spec
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Resource
from ansible_collections.community.dokploy.plugins.module_utils._swarm.rollout import Watch
from ansible_collections.community.dokploy.plugins.module_utils._swarm.tasks import (
    ended,
    ids_of,
    live_slots,
    live_tasks,
    read_tasks,
    running_facts,
    running_slots,
    wanted_of,
)

Row = Mapping[str, Any]
Result = Dict[str, Any]

STATES = ("started", "stopped", "reloaded")

# Seconds for the answers. Starting and stopping wait for the service to converge, 5 to 6 s when all is well, and a
# start never returns while the containers keep exiting. A reload answers at once.
START_TIMEOUT = 20.0
STOP_TIMEOUT = 60.0
RELOAD_TIMEOUT = 60.0
# The server keeps this many deployments at least; with fewer rows the history is whole.
KEPT_DEPLOYMENTS = 10

_ADDRESS = ("project", "environment", "name", "application_id", "state", "wait_timeout")


# --- the states ------------------------------------------------------------------------------------------------------


def run_state(resource: Resource, context: Context) -> Result:
    """The application is C(started), C(stopped) or C(reloaded); nothing of its configuration is touched.

    :raises OptionError: an option is given that configures something.
    :raises ReferenceNotFound: there is no such application; the message lists similar names.
    :raises Refused: nothing was ever deployed, C(replicas) is 0, or Docker cannot do this in the service's mode.
    :raises NotRunning: the containers keep exiting.
    :raises WaitTimeout: not enough of them run in time.
    """
    params = context.params
    _address_only(resource, params)
    try:
        target = locate_existing(resource, params, context.reads, "name")
    except ReferenceNotFound as error:
        context.executor.parent_missing(error)
        label = "application %r" % params["name"]
        return {
            "changed": True,
            "application": {"application_id": None, "name": params["name"], "app_name": None},
            "running": None,
            "diff": _diff(label, None, "(%s)" % params["state"]),
        }
    row = read(resource, target, context.reads)
    if row is None:
        raise NotFoundError("application_id: there is no application %r" % target.resource_id)
    service = _Service(target, row, context)
    changed, before, after, facts = {
        "started": service.started,
        "stopped": service.stopped,
        "reloaded": service.reloaded,
    }[params["state"]]()
    return {
        "changed": changed,
        "application": {
            "application_id": row.get("applicationId"),
            "name": row.get("name"),
            "app_name": row.get("appName"),
        },
        "running": facts,
        "diff": _diff(target.label, before, after),
    }


def _address_only(resource: Resource, params: Mapping[str, Any]) -> None:
    spec = resource_spec(resource)[0]
    given = [
        name
        for name, value in params.items()
        if value is not None
        and name not in _ADDRESS
        and name not in CONNECTION
        and value != spec.get(name, {}).get("default")
    ]
    if given:
        raise OptionError(
            "state=%s acts on what is configured and changes no configuration; give %s with state=present"
            % (params["state"], ", ".join(sorted(given)))
        )


def _diff(label: str, before: Any, after: Any) -> Dict[str, Any]:
    return {
        "before": {"running": before},
        "after": {"running": after},
        "before_header": label,
        "after_header": label,
    }


# changed, what ran before, what runs after, and the facts.
_Done = Tuple[bool, int, Any, Dict[str, Any]]


class _Service:
    """The service of one application, as the states act on it."""

    def __init__(self, target: Target, row: Row, context: Context) -> None:
        self.label = target.label
        self.row = row
        self.context = context
        self.wanted = wanted_of(row)
        self.timeout: float = context.params["wait_timeout"]
        self.watch = Watch(target.label, row, context.client, context.waiter, self.timeout)
        self.tasks = read_tasks(context.client, row)
        # What a diff tells is what can be seen, so that it is the same in check mode and a moment later.
        self.before = len(running_slots(self.tasks, settled=False))

    def started(self) -> _Done:
        if self.wanted.mode == "job":
            raise Refused("%s is a job of Docker's, which runs to its end and cannot be kept running" % self.label)
        if len(running_slots(self.tasks)) >= self.wanted.least > 0:
            return False, self.before, self.before, self._facts(self.tasks)
        if not self._promised(self._not_configured() or self._never_deployed()):
            return self._predicted(self.wanted.least)
        if len(live_slots(self.tasks)) >= self.wanted.least:
            # Somebody has just started or deployed it. Looking is no writing, so check mode looks as well.
            tasks = self.watch.until_running(frozenset(), failed=ids_of(ended(self.tasks)))
            return False, self.wanted.least, self.wanted.least, self._facts(tasks)
        # The start scales to one, whatever replicas says, and leaves the configuration of the last deployment alone. It
        # brings nothing where the service is scaled up already: its tasks have ended for good, or it is gone. There,
        # and for more than one, the reload helps: it brings replicas back with the rest of the configuration, and
        # answers at once.
        single = self.wanted.replicas == 1 and self.row.get("applicationStatus") != "done"
        if not self._send(self._start() if single else self._reload()):
            return self._predicted(self.wanted.least)
        tasks = self.watch.until_running(ids_of(self.tasks), reloaded=not single)
        return True, self.before, self.wanted.least, self._facts(tasks)

    def stopped(self) -> _Done:
        live = live_slots(self.tasks)
        if not live:
            return False, self.before, 0, self._facts(self.tasks)
        if self.wanted.mode == "global" or "GlobalJob" in (self.row.get("modeSwarm") or {}):
            # The server sends the command all the same and answers that all is well, with everything still running.
            raise Refused(
                "%s runs in Docker's global mode, which Docker cannot scale down; Dokploy has no other way to stop it"
                % self.label,
                hint="Constrain its placement to no node and deploy, or remove the application.",
            )
        before = max(self.before, len(live))
        if not self._send(self._request("application.stop", STOP_TIMEOUT)):
            return True, before, 0, running_facts(self.wanted, [], 0)
        tasks = self.watch.until_stopped(lambda: self._send(self._request("application.stop", STOP_TIMEOUT)))
        return True, before, 0, self._facts(tasks)

    def reloaded(self) -> _Done:
        after = "%s (new ones)" % ("a job" if self.wanted.mode == "job" else self.wanted.least)
        if not self._promised(self._never_deployed()) or not self._send(self._reload()):
            return True, self.before, after, running_facts(self.wanted, [], self.wanted.least)
        if self.wanted.mode == "job" or self.wanted.least == 0:
            return True, self.before, after, self._facts(read_tasks(self.context.client, self.row))
        return True, self.before, after, self._facts(self.watch.until_running(ids_of(self.tasks), reloaded=True))

    # --- refusals ----------------------------------------------------------------------------------------------------

    def _not_configured(self) -> Optional[DokployError]:
        if self.wanted.least > 0:
            return None
        return Refused(
            "%s has replicas: 0, so that there is nothing to start" % self.label,
            hint="Set replicas with state=present.",
        )

    def _never_deployed(self) -> Optional[DokployError]:
        deployments = self.row.get("deployments") or []
        done = any(item.get("status") == "done" for item in deployments)
        # Where old deployments were dropped, one of them may have been the one that worked.
        if self.tasks or done or len(deployments) >= KEPT_DEPLOYMENTS:
            return None
        return self._nothing_deployed()

    def _nothing_deployed(self) -> DokployError:
        return Refused(
            "%s: nothing of it was ever deployed" % self.label, hint="Deploy it first, with dokploy_deployment."
        )

    def _promised(self, error: Optional[DokployError]) -> bool:
        """Whether nothing speaks against it; in check mode an earlier task may have promised what is missing."""
        if error is not None:
            self.context.executor.parent_missing(error, "sees to that")
        return error is None

    # --- acting and looking ------------------------------------------------------------------------------------------

    def _request(self, procedure: str, timeout: float, **more: Any) -> Write:
        body = {"applicationId": self.row.get("applicationId"), **more}
        return Write(procedure, body, timeout=timeout, confirm_by_polling=True)

    def _start(self) -> Write:
        return self._request("application.start", START_TIMEOUT)

    def _reload(self) -> Write:
        return self._request("application.reload", RELOAD_TIMEOUT, appName=self.row.get("appName"))

    def _send(self, request: Write) -> bool:
        try:
            return self.context.executor.run(Plan((request,))).sent
        except ServerError as error:
            if request.procedure == "application.start" and "not found" in str(error.server_message):
                raise self._nothing_deployed() from error
            raise

    def _predicted(self, running: int) -> _Done:
        return True, self.before, running, running_facts(self.wanted, [], running)

    def _facts(self, tasks: Sequence[Row]) -> Dict[str, Any]:
        """Without the tasks of the past, which linger for a while."""
        return running_facts(self.wanted, live_tasks(tasks))
