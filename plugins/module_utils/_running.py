# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The states C(started), C(stopped) and C(reloaded) of an application: what of it really runs is made so."""

from __future__ import annotations

from typing import Any, Dict, FrozenSet, List, Mapping, Optional, Sequence, Tuple

from ansible_collections.community.dokploy.plugins.module_utils._argspec import CONNECTION, resource_spec
from ansible_collections.community.dokploy.plugins.module_utils._context import Context
from ansible_collections.community.dokploy.plugins.module_utils._errors import (
    DokployError,
    NotFoundError,
    NotRunning,
    OptionError,
    ReferenceNotFound,
    Refused,
    ServerError,
    WaitTimeout,
)
from ansible_collections.community.dokploy.plugins.module_utils._locate import Target, locate, parents, read
from ansible_collections.community.dokploy.plugins.module_utils._logs import container_log
from ansible_collections.community.dokploy.plugins.module_utils._plan import Plan, Request
from ansible_collections.community.dokploy.plugins.module_utils._resource import Resource
from ansible_collections.community.dokploy.plugins.module_utils._tasks import (
    ended,
    ids_of,
    in_words,
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
# Seconds after which a stop is sent again: when an update of the service fails meanwhile, Docker rolls all of it back,
# the scaling to nothing included (measured).
STOP_AGAIN = 15.0
# How many lines of a container's log a failure shows.
LOG_LINES = 20
# Seconds for which nothing new may come after a task has failed, before that counts as the end of it.
SETTLED = 5.0
# The server keeps this many deployments at least; with fewer rows the history is whole.
KEPT_DEPLOYMENTS = 10

_ADDRESS = ("project", "environment", "name", "application_id", "state", "wait_timeout")


# --- the states ------------------------------------------------------------------------------------------------------


def run_state(resource: Resource, context: Context) -> Result:
    """The application is C(started), C(stopped) or C(reloaded); nothing of its configuration is touched.

    :raises OptionError: an option is given that configures something.
    :raises ReferenceNotFound: there is no such application; the message lists the near names.
    :raises Refused: nothing was ever deployed, C(replicas) is 0, or Docker cannot do this in the service's mode.
    :raises NotRunning: the containers keep exiting.
    :raises WaitTimeout: not enough of them run in time.
    """
    params = context.params
    _address_only(resource, params)
    try:
        target = _existing(resource, context)
    except ReferenceNotFound as error:
        context.executor.parent_missing(error)
        words = "application %r" % params["name"]
        return {
            "changed": True,
            "application": {"application_id": None, "name": params["name"], "app_name": None},
            "running": None,
            "diff": _diff(words, None, "(%s)" % params["state"]),
        }
    row = read(resource, target, context.reads)
    if row is None:
        raise NotFoundError("application_id: there is no application %r" % target.own_id)
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
        "diff": _diff(target.words, before, after),
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


def _existing(resource: Resource, context: Context) -> Target:
    target = locate(resource, context.params, context.reads)
    if target.own_id is None:
        project, environment = parents(resource, context.params, context.reads)
        context.reads.tree().need_application(project, environment or {}, context.params["name"], "name")
    return target


def _diff(words: str, before: Any, after: Any) -> Dict[str, Any]:
    return {
        "before": {"running": before},
        "after": {"running": after},
        "before_header": words,
        "after_header": words,
    }


# changed, what ran before, what runs after, and the facts.
_Done = Tuple[bool, int, Any, Dict[str, Any]]


class _Service:
    """The service of one application, as the states act on it."""

    def __init__(self, target: Target, row: Row, context: Context) -> None:
        self.words = target.words
        self.row = row
        self.context = context
        self.wanted = wanted_of(row)
        self.timeout: float = context.params["wait_timeout"]
        self.tasks = read_tasks(context.client, row)
        self.before = len(running_slots(self.tasks))

    def started(self) -> _Done:
        if self.wanted.mode == "job":
            raise Refused("%s is a job of Docker's, which runs to its end and cannot be kept running" % self.words)
        if self.before >= self.wanted.least > 0:
            return False, self.before, self.before, self._facts(self.tasks)
        if not self._promised(self._not_configured() or self._never_deployed()):
            return self._predicted(self.wanted.least)
        if len(live_slots(self.tasks)) >= self.wanted.least:
            # Somebody has just started or deployed it. Looking is no writing, so check mode looks as well.
            tasks = self._until_running(frozenset(), failed=ids_of(ended(self.tasks)))
            return False, self.before, self.wanted.least, self._facts(tasks)
        # The start scales to one, whatever replicas says, and leaves the configuration of the last deployment alone. It
        # brings nothing where the service is scaled up already: its tasks have ended for good, or it is gone. There,
        # and for more than one, the reload helps: it brings replicas back with the rest of the configuration, and
        # answers at once.
        single = self.wanted.replicas == 1 and self.row.get("applicationStatus") != "done"
        if not self._send(self._start() if single else self._reload()):
            return self._predicted(self.wanted.least)
        tasks = self._until_running(ids_of(self.tasks), reloaded=not single)
        return True, self.before, self.wanted.least, self._facts(tasks)

    def stopped(self) -> _Done:
        live = live_slots(self.tasks)
        if not live:
            return False, self.before, 0, self._facts(self.tasks)
        if self.wanted.mode == "global" or "GlobalJob" in (self.row.get("modeSwarm") or {}):
            # The server sends the command all the same and answers that all is well, with everything still running.
            raise Refused(
                "%s runs in Docker's global mode, which Docker cannot scale down; Dokploy has no other way to stop it"
                % self.words,
                hint="Constrain its placement to no node and deploy, or remove the application.",
            )
        before = max(self.before, len(live))
        if not self._send(self._request("application.stop", STOP_TIMEOUT)):
            return True, before, 0, running_facts(self.wanted, [], 0)

        state = {"sent": 0.0}

        def look(passed: float) -> Optional[List[Row]]:
            self.tasks = read_tasks(self.context.client, self.row)
            if not live_slots(self.tasks):
                return self.tasks
            if passed - state["sent"] >= STOP_AGAIN:
                self._send(self._request("application.stop", STOP_TIMEOUT))
                state["sent"] = passed
            return None

        def expired() -> DokployError:
            return self._late("it still runs %g s after it was told to stop" % self.timeout, self.tasks)

        return True, before, 0, self._facts(self.context.waiter.until(self.timeout, look, expired))

    def reloaded(self) -> _Done:
        after = "%s (new ones)" % ("a job" if self.wanted.mode == "job" else self.wanted.least)
        if not self._promised(self._never_deployed()) or not self._send(self._reload()):
            return True, self.before, after, running_facts(self.wanted, [], self.wanted.least)
        if self.wanted.mode == "job" or self.wanted.least == 0:
            return True, self.before, after, self._facts(read_tasks(self.context.client, self.row))
        return True, self.before, after, self._facts(self._until_running(ids_of(self.tasks), reloaded=True))

    # --- refusals ----------------------------------------------------------------------------------------------------

    def _not_configured(self) -> Optional[DokployError]:
        if self.wanted.least > 0:
            return None
        return Refused(
            "%s has replicas: 0, so that there is nothing to start" % self.words,
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
            "%s: nothing of it was ever deployed" % self.words, hint="Deploy it first, with dokploy_deployment."
        )

    def _promised(self, error: Optional[DokployError]) -> bool:
        """Whether nothing speaks against it; in check mode an earlier task may have promised what is missing."""
        if error is not None:
            self.context.executor.parent_missing(error, "sees to that")
        return error is None

    # --- acting and looking ------------------------------------------------------------------------------------------

    def _request(self, procedure: str, timeout: float, **more: Any) -> Request:
        body = {"applicationId": self.row.get("applicationId"), **more}
        return Request(procedure, body, timeout=timeout, look_after=True)

    def _start(self) -> Request:
        return self._request("application.start", START_TIMEOUT)

    def _reload(self) -> Request:
        return self._request("application.reload", RELOAD_TIMEOUT, appName=self.row.get("appName"))

    def _send(self, request: Request) -> bool:
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

    def _until_running(
        self, old: FrozenSet[str], failed: FrozenSet[str] = frozenset(), reloaded: bool = False
    ) -> List[Row]:
        """The tasks, as soon as enough of those run that were not there before.

        :param old: the ids of those that do not count.
        :param failed: the ids of those whose end is known.
        :param reloaded: the configuration may be another one than before, and Docker may go back to the old one.
        """
        state: Dict[str, Any] = {"tasks": self.tasks, "settled": None}

        def look(passed: float) -> Optional[List[Row]]:
            tasks = state["tasks"] = read_tasks(self.context.client, self.row)
            ours = [task for task in tasks if task.get("containerId") not in old]
            bad = [task for task in ended(ours) if task.get("containerId") not in failed]
            running = running_slots(ours)
            self.context.waiter.progress("%s: %d of %d run" % (self.words, len(running), self.wanted.least))
            if len(running) >= self.wanted.least:
                if bad and reloaded and self._other_spec(bad[0], ours):
                    raise self._rolled_back(bad, tasks)
                return tasks
            for slot in {task.get("name") for task in bad} - running:
                if len([task for task in bad if task.get("name") == slot]) > 1:
                    raise self._crashes(bad, tasks)
            self._settled(state, passed, bad, tasks)
            return None

        def expired() -> DokployError:
            ours = [task for task in state["tasks"] if task.get("containerId") not in old]
            newest = ours[0] if ours else None
            seen = "no task of it has come up" if newest is None else "the newest task: %s" % in_words(newest)
            count = "%d of %d run after %g s" % (len(running_slots(ours)), self.wanted.least, self.timeout)
            return self._late("%s (%s)" % (count, seen), state["tasks"])

        found: List[Row] = self.context.waiter.until(self.timeout, look, expired)
        return found

    def _settled(self, state: Dict[str, Any], passed: float, bad: List[Row], tasks: List[Row]) -> None:
        """Find out that nothing more will come.

        Dokploy's default is to go back as soon as one new task fails: to what ran before, which is nothing when the
        service was stopped. Slots that were not reached yet keep their old task. Between two attempts of a crash loop
        there is always a task that is wanted ready.

        :raises NotRunning: tasks have failed, and none has been on its way for a while.
        """
        running = running_slots(tasks)
        if not bad or live_slots(tasks) != running:
            state["settled"] = None
        elif state["settled"] is None:
            state["settled"] = passed
        elif passed - state["settled"] >= SETTLED:
            raise self._rolled_back(bad, tasks) if len(running) >= self.wanted.least else self._crashes(bad, tasks)

    def _other_spec(self, bad: Row, ours: Sequence[Row]) -> bool:
        """Whether what failed is another version of the service than what runs."""
        running = next(task for task in ours if task.get("name") in running_slots([task]))
        specs = []
        for task in (bad, running):
            input = {"containerId": task.get("containerId")}
            if self.row.get("serverId"):
                input["serverId"] = self.row["serverId"]
            try:
                config = self.context.client.query("docker.getConfig", input)
            except (NotFoundError, ServerError):
                # Docker forgets old tasks.
                return False
            specs.append((config or {}).get("Spec"))
        return bool(specs[0] != specs[1])

    def _crashes(self, bad: List[Row], tasks: List[Row]) -> DokployError:
        return self._not_running("does not stay up: %d of its tasks have ended" % len(bad), bad, tasks)

    def _rolled_back(self, bad: List[Row], tasks: List[Row]) -> DokployError:
        return self._not_running(
            "does not run as it is configured: a new task has ended, and Docker keeps what ran before", bad, tasks
        )

    def _not_running(self, what: str, bad: List[Row], tasks: List[Row]) -> DokployError:
        try:
            log = container_log(self.context.client, self.row, LOG_LINES)
        except DokployError as error:
            # What counts is that it does not run, not that its log cannot be read.
            log = ["(the log cannot be read: %s)" % error]
        message = "%s %s (%s)" % (self.words, what, in_words(bad[0]))
        if log:
            message += "\nThe end of its log:\n%s" % "\n".join(log)
        return NotRunning(message, details={"running": running_facts(self.wanted, tasks), "log": log})

    def _late(self, what: str, tasks: Sequence[Row]) -> DokployError:
        return WaitTimeout(
            "%s: %s" % (self.words, what),
            hint="Docker goes on trying; raise wait_timeout.",
            details={"running": running_facts(self.wanted, tasks)},
        )
