# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The deployment of a database.

A deployment is one request, which answers when Docker has accepted the service. It has no record, and replaces the
container each time. What runs shows its fingerprint, a label of the container: Docker goes back to the version before
when a new container fails in its first seconds, and Dokploy does not notice (measured on 0.30.2).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any, Dict, FrozenSet, List, Mapping, Optional, Sequence, Tuple

from ..._api.client import Call, Client
from ..._deployment.fingerprint import config_hash
from ..._deployment.queue import RUNNING
from ..._engine.plan import Plan, Write
from ..._engine.runner import Context
from ..._engine.wait import wait_for
from ..._errors import DeploymentFailed, DokployError, NotRunning, ServerError, WaitTimeout
from ..._swarm.rollout import Rollout
from ..._swarm.tasks import (
    Service,
    container_specs,
    ended,
    ids_of,
    live_tasks,
    read_tasks,
    running_facts,
    running_slots,
)
from .database_volumes import Rebuild

Row = Mapping[str, Any]

# Proxies do not wait longer for an answer; then the status is polled.
ANSWER_TIMEOUT = 60.0
# From 0.30.5 on a deployment waits 45 s for the containers; it fails although Docker has taken it and goes on (source).
_NOT_YET = re.compile(r"Service \S+ did not converge within \d+ms")
_TEXT = re.compile(r"1 config=(?P<config>\w+) number=(?P<number>\d+)(?: adopted=(?P<adopted>yes))?\Z")
NO_RECORD, STOPPED = "no record of the last deployment", "stopped"
_REPLACED = (
    "%s: There is no record of its last deployment, so that it is deployed, which replaces the container that runs. "
    "trigger=adopt compares what runs with what is configured and records it instead."
)


def stored_fingerprint(service: Service) -> str:
    """The fingerprint in the row."""
    store = service.resource.deployable.fingerprint
    return store.get(service.row.get(store.column))


def reason_of(service: Service) -> Optional[str]:
    """Why what is configured is not what was deployed last, as a word for conditions; C(None) when it is."""
    found, status = _TEXT.match(stored_fingerprint(service)), service.row.get(service.resource.deployable.status)
    if status == "error":
        return "last deployment failed"
    if not found:
        return NO_RECORD if status == "done" else "never deployed"
    if status == "idle":
        return STOPPED
    return None if found.group("config") == config_hash(service) else "configuration changed"


@dataclass(frozen=True)
class DatabaseState:
    """A database and its tasks, as they were observed.

    :param reason: why it needs a deployment, where that was asked for; C(None) if it does not.
    """

    service: Service
    tasks: Sequence[Row]
    reason: Optional[str] = None


def observe_database(service: Service, client: Client, why: bool) -> DatabaseState:
    """What is to be known of a database. :param why: whether the reason for a deployment is asked for."""
    exists = service.row.get(service.resource.id_key) is not None
    tasks = read_tasks(client, service) if exists else []
    return DatabaseState(service, tasks, _reason(service, tasks, client) if why else None)


def _reason(service: Service, tasks: Sequence[Row], client: Client) -> Optional[str]:
    """Why it needs a deployment, after a look at what runs; C(None) if it does not."""
    found = reason_of(service)
    if found == "never deployed" and tasks:
        return NO_RECORD
    if found == STOPPED and live_tasks(tasks):
        # Its status was changed by hand.
        found = None
    return found or (_other_runs(service, tasks, client) if _lasts(service) else None)


def _other_runs(service: Service, tasks: Sequence[Row], client: Client) -> Optional[str]:
    if not live_tasks(tasks):
        return "nothing of it runs"
    found = _TEXT.match(stored_fingerprint(service))
    if found and found.group("adopted"):
        # It has no label, or an older one.
        return None
    labels = _labels(service, tasks, client)
    return "another version runs" if labels and stored_fingerprint(service) not in labels else None


def _lasts(service: Service) -> bool:
    """Whether containers of it are to run and to stay."""
    return service.mode.name != "job" and service.mode.minimum > 0


def _labels(service: Service, tasks: Sequence[Row], client: Client) -> List[str]:
    """The fingerprints of what runs."""
    specs = container_specs(client, service.row, live_tasks(tasks))
    return [service.resource.deployable.fingerprint.get(spec.get("Labels")) for spec in specs if spec]


@dataclass(frozen=True)
class DatabasePlan(Plan):
    """What deploys a database or records what runs of it; without a C(reason), no step.

    :param state: what was observed, with the fingerprint that is stored in the end.
    """

    state: DatabaseState
    reason: Optional[str] = None


def plan_deployment(state: DatabaseState, params: Mapping[str, Any]) -> DatabasePlan:
    """The deployment of a database that needs one, or for which one is requested. Pure."""
    rebuilds, timeout = params["state"] == "rebuilt", params["wait_timeout"]
    requested = "rebuild requested" if rebuilds else "deployment requested" if params["trigger"] == "always" else None
    reason = requested or state.reason
    if reason is None:
        return DatabasePlan((), state)
    service, store = _stored(state.service, "1 config=%s number=%d" % (config_hash(state.service), _number(state) + 1))
    deployable = service.resource.deployable
    procedure, answered = deployable.rebuild if rebuilds else deployable.deploy, min(timeout, ANSWER_TIMEOUT)
    write = Write(procedure, service.input(), timeout=answered, confirm_by_polling=True, once=True)
    steps = (store, Rebuild(service, write, timeout) if rebuilds else write)
    return DatabasePlan(steps, replace(state, service=service), reason)


def plan_adoption(state: DatabaseState, differs: bool) -> DatabasePlan:
    """What records what runs; nothing unless what is recorded differs. Pure."""
    if not differs:
        return DatabasePlan((), state)
    text = "1 config=%s number=%d adopted=yes" % (config_hash(state.service), _number(state))
    service, store = _stored(state.service, text)
    return DatabasePlan((store,), replace(state, service=service), state.reason or "configuration changed")


def _number(state: DatabaseState) -> int:
    """How many times it was deployed before."""
    found = _TEXT.match(stored_fingerprint(state.service))
    return int(found.group("number")) if found else 0


def _stored(service: Service, text: str) -> Tuple[Service, Write]:
    """The service with a fingerprint beside what else the column holds, and the write that stores it."""
    resource, row = service.resource, service.row
    column = resource.deployable.fingerprint.column
    value = resource.deployable.fingerprint.put(row.get(column), text)
    always = {key: row.get(key, default) for key, default in resource.always_sent.items()}
    write = Write(resource.update, service.input(**{**always, column: value}))
    return replace(service, row={**row, column: value}), write


def with_facts(result: Dict[str, Any], planned: DatabasePlan, tasks: Sequence[Row], **facts: Any) -> Dict[str, Any]:
    """The result with what is told of a deployment."""
    mode = planned.state.service.mode
    running = running_facts(mode, live_tasks(tasks), None if tasks else mode.minimum)
    known = {"deploy_needed": False, "deployed": False, "reason": planned.reason, "adopted": None, "seconds": None}
    return {**result, **known, "running": running, **facts}


class DatabaseDeployment:
    """One database that is brought to run as it is planned."""

    def __init__(self, planned: DatabasePlan, context: Context) -> None:
        self.planned, self.context, self.client = planned, context, context.client
        self.service, self.tasks = planned.state.service, planned.state.tasks
        self.timeout: float = context.params["wait_timeout"]
        # Whether Dokploy has given up waiting for the containers, and shows the status "error".
        self.given_up = False

    def result(self, result: Dict[str, Any]) -> Dict[str, Any]:
        planned, waiter = self.planned, self.context.waiter
        if planned.reason is None:
            self._watch(failed=ids_of(ended(self.tasks)))
            return with_facts(result, planned, self.tasks)
        begin, seconds = waiter.clock(), None
        sent = self.begin()
        if sent:
            (failed,) = watch_together([self], self.context)
            if failed is not None:
                raise failed
            seconds = round(waiter.clock() - begin, 3)
        result[self.service.resource.name]["status"] = "done"
        # What check mode does not deploy still needs it.
        tasks = self.tasks if sent else []
        return with_facts(result, planned, tasks, deploy_needed=not sent, deployed=True, seconds=seconds)

    def begin(self) -> bool:
        """Whether it was deployed, which it is not in check mode."""
        service, executor = self.service, self.context.executor
        if self.planned.reason == NO_RECORD and live_tasks(self.tasks):
            self.context.warn([_REPLACED % service.label])
        try:
            sent = executor.run(self.planned).sent
        except ServerError as error:
            _text, on_deploy, reason = str(error.server_message or "").partition(
                "Error on deploy %s" % service.resource.kind
            )
            if not on_deploy:
                raise
            reason = reason.replace("Error:", "").strip()
            if not _NOT_YET.search(reason):
                raise DeploymentFailed("%s: the deployment failed: %s" % (service.label, reason)) from None
            self.given_up = executor.sent = True
            return True
        if sent and executor.unanswered is not None:
            self._wait_for_status()
        return sent

    def _wait_for_status(self) -> None:
        """Wait until Dokploy has handed the service to Docker, which it does without a client."""
        service, status = self.service, ""
        call = Call(service.resource.read, service.input())

        def look(_elapsed: float) -> Optional[bool]:
            nonlocal status
            status = str(self.client.query(*call).get(service.resource.deployable.status))
            return None if status == RUNNING else True

        def expired() -> DokployError:
            message = "%s: Dokploy is still deploying it after %g s" % (service.label, self.timeout)
            return WaitTimeout(message, hint="It continues. Raise wait_timeout.")

        self.context.waiter.until(self.timeout, look, expired)
        if status != "error":
            return
        # Docker has it where it has new tasks, which then say why.
        self.given_up = not ids_of(read_tasks(self.client, service)) <= ids_of(self.tasks)
        if not self.given_up:
            raise DeploymentFailed("%s: the deployment failed; Dokploy's log says why" % service.label)

    def _correct_status(self) -> None:
        """Store the status of a database that runs although Dokploy did not wait so long for it."""
        if self.given_up:
            resource = self.service.resource
            body = self.service.input(**{resource.deployable.status: "done"})
            self.context.executor.run(Plan((Write(resource.deployable.set_status, body),)))

    def _watch(self, failed: FrozenSet[str]) -> None:
        """Wait until its containers run; :param failed: the ended ones, which do not count."""
        running = len(running_slots(self.tasks)) >= self.service.mode.minimum
        if not _lasts(self.service) or running:
            return
        try:
            self.tasks = Rollout(self.service, self.client, self.context.waiter, failed=failed).wait(self.timeout)
        except NotRunning:
            self._forget()
            raise

    def rollout(self) -> Optional[Rollout]:
        """The new containers of what was deployed, if it keeps any."""
        if not _lasts(self.service):
            return None
        period = self.context.params["verify_period"]
        return Rollout(self.service, self.client, self.context.waiter, ids_of(self.tasks), period=period)

    def end(self, tasks: Any) -> None:
        """:param tasks: those that run now, or the error of the wait for them.
        :raises NotRunning: they do not stay up, or Docker runs another version. :raises WaitTimeout: not in time.
        """
        if isinstance(tasks, NotRunning):
            self._forget()
        if isinstance(tasks, DokployError):
            raise tasks
        self.tasks = tasks
        self._verify()
        self._correct_status()

    def _verify(self) -> None:
        """:raises NotRunning: Docker runs another version."""
        if not _lasts(self.service):
            return
        labels = _labels(self.service, self.tasks, self.client)
        if labels and stored_fingerprint(self.service) not in labels:
            self._forget()
            message = "%s does not run as it is configured: Docker went back to the version before"
            raise NotRunning(
                message % self.service.label,
                details={"running": running_facts(self.service.mode, self.tasks), "log": []},
            )

    def _forget(self) -> None:
        """Make the next run deploy again."""
        try:
            self.context.executor.run(Plan((_stored(self.service, "")[1],)))
        except DokployError as error:
            self.context.warn(["%s: the failed deployment still counts as good: %s" % (self.service.label, error)])


def watch_together(begun: Sequence[DatabaseDeployment], context: Context) -> List[Optional[DokployError]]:
    """Wait until what was deployed runs, all of it at once; the error of each that does not, in order."""
    rollouts = [(one, one.rollout()) for one in begun]
    polls = [poll for _one, poll in rollouts if poll is not None]
    timeout = context.params["wait_timeout"]
    found = iter(wait_for(context.client, context.waiter, polls, timeout) if polls else ())
    errors: List[Optional[DokployError]] = []
    for one, poll in rollouts:
        try:
            one.end(one.tasks if poll is None else next(found))
            errors.append(None)
        except DokployError as error:
            errors.append(error)
    return errors
