# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Deployments of databases as they were planned: begun, and watched until what they start runs, several at once."""

from __future__ import annotations

import re
from typing import Any, Dict, FrozenSet, List, Optional, Sequence

from ..._api.client import Call
from ..._deployment.fingerprint import NO_RECORD
from ..._deployment.queue import RUNNING
from ..._engine.plan import Plan, Write
from ..._engine.runner import Context
from ..._engine.wait import wait_for
from ..._errors import DeploymentFailed, DokployError, NotRunning, ServerError, WaitTimeout
from ..._swarm.rollout import Rollout
from ..._swarm.tasks import ended, ids_of, live_tasks, read_tasks, running_facts, running_slots
from .database_deployment import (
    DatabasePlan,
    labels_of,
    lasts,
    stored_fingerprint,
    with_facts,
    with_fingerprint,
)

# From 0.30.5 on a deployment waits 45 s for the containers; it fails although Docker has taken it and goes on (source).
_NOT_YET = re.compile(r"Service \S+ did not converge within \d+ms")
_REPLACED = (
    "%s: There is no record of its last deployment, so that it is deployed, which replaces the container that runs. "
    "trigger=adopt compares what runs with what is configured and records it instead."
)


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
        if not lasts(self.service) or running:
            return
        try:
            self.tasks = Rollout(self.service, self.client, self.context.waiter, failed=failed).wait(self.timeout)
        except NotRunning:
            self._forget()
            raise

    def rollout(self) -> Optional[Rollout]:
        """The new containers of what was deployed, if it keeps any."""
        if not lasts(self.service):
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
        if not lasts(self.service):
            return
        labels = labels_of(self.service, self.tasks, self.client)
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
            self.context.executor.run(Plan((with_fingerprint(self.service, "")[1],)))
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
