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
from dataclasses import replace
from typing import Any, Dict, List, Mapping, Optional

from ..._api.client import Call
from ..._deployment.adoption import RECORDED, Comparison
from ..._deployment.fingerprint import config_hash
from ..._deployment.queue import RUNNING, new_in_words
from ..._engine.plan import Plan, Step, Write
from ..._engine.runner import Context
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


class DatabaseDeployment:
    """One database that is to run as it is configured."""

    def __init__(self, service: Service, context: Context) -> None:
        self.service, self.context, self.client = service, context, context.client
        self.timeout: float = context.params["wait_timeout"]
        exists = service.row.get(service.resource.id_key) is not None
        self.tasks = read_tasks(self.client, service) if exists else []
        # How long the deployment took, its verification included.
        self.seconds: Optional[float] = None
        # Whether Dokploy has given up waiting for the containers, and shows the status "error".
        self.given_up = False

    def result(self, result: Dict[str, Any]) -> Dict[str, Any]:
        params, sent = self.context.params, False
        rebuilt = "rebuild requested" if params["state"] == "rebuilt" else None
        reason = rebuilt or ("deployment requested" if params["trigger"] == "always" else self.reason())
        if reason is not None:
            if reason == NO_RECORD and live_tasks(self.tasks):
                self.context.warn([_REPLACED % self.service.label])
            begin = self.context.waiter.clock()
            sent = self._deploy()
            if sent:
                self._watch(ids_of(self.tasks), period=params["verify_period"])
                self._verify()
                self._correct_status()
                self.seconds = round(self.context.waiter.clock() - begin, 3)
            else:
                self.tasks = []
            result["changed"] = True
            result[self.service.resource.name]["status"] = "done"
            result["diff"]["before"]["deployment"] = ""
            result["diff"]["after"]["deployment"] = new_in_words(reason)
        else:
            self._watch(failed=ids_of(ended(self.tasks)))
        # What check mode does not deploy still needs it.
        return self._with_facts(result, reason, reason is not None, reason is not None and not sent)

    def adopted(self, result: Dict[str, Any], comparison: Optional[Comparison]) -> Dict[str, Any]:
        """The result of recording what runs, which was compared; C(None): it is recorded already."""
        reason = None if comparison is None else self.reason() or "configuration changed"
        if comparison is not None:
            found = _TEXT.match(stored_fingerprint(self.service))
            number = int(found.group("number")) if found else 0
            self._store("1 config=%s number=%d adopted=yes" % (config_hash(self.service), number))
            result["changed"] = True
            for side, shown in RECORDED.items():
                result["diff"][side].update(shown)
        facts = None if comparison is None else comparison.facts()
        return {**self._with_facts(result, reason, False, False), "adopted": facts}

    def _with_facts(
        self, result: Dict[str, Any], reason: Optional[str], deployed: bool, needed: bool
    ) -> Dict[str, Any]:
        mode = self.service.mode
        running = running_facts(mode, live_tasks(self.tasks), None if self.tasks else mode.minimum)
        facts = {"deploy_needed": needed, "deployed": deployed, "reason": reason, "adopted": None, "running": running}
        return {**result, **facts, "seconds": self.seconds}

    def reason(self) -> Optional[str]:
        """Why it needs a deployment, after a look at what runs; C(None) if it does not."""
        found = reason_of(self.service)
        if found == "never deployed" and self.tasks:
            return NO_RECORD
        if found == STOPPED and live_tasks(self.tasks):
            # Its status was changed by hand.
            found = None
        return found or self._other_runs()

    @property
    def _lasts(self) -> bool:
        """Whether containers of it are to run and to stay."""
        return self.service.mode.name != "job" and self.service.mode.minimum > 0

    def _labels(self) -> List[str]:
        """The fingerprints of what runs."""
        specs = container_specs(self.client, self.service.row, live_tasks(self.tasks))
        return [self.service.resource.deployable.fingerprint.get(spec.get("Labels")) for spec in specs if spec]

    def _other_runs(self) -> Optional[str]:
        if not self._lasts:
            return None
        if not live_tasks(self.tasks):
            return "nothing of it runs"
        found = _TEXT.match(stored_fingerprint(self.service))
        if found and found.group("adopted"):
            # It has no label, or an older one.
            return None
        labels = self._labels()
        return "another version runs" if labels and stored_fingerprint(self.service) not in labels else None

    def _deploy(self) -> bool:
        """Whether it was deployed, which it is not in check mode."""
        service, executor = self.service, self.context.executor
        found = _TEXT.match(stored_fingerprint(service))
        number = int(found.group("number")) + 1 if found else 1
        self._store("1 config=%s number=%d" % (config_hash(service), number))
        answer_timeout = min(self.timeout, ANSWER_TIMEOUT)

        def deployed_by(procedure: str) -> Write:
            return Write(procedure, service.input(), timeout=answer_timeout, confirm_by_polling=True, once=True)

        step: Step = deployed_by(service.resource.deployable.deploy)
        if self.context.params["state"] == "rebuilt":
            step = Rebuild(service, deployed_by(service.resource.deployable.rebuild), self.timeout)
        try:
            sent = executor.run(Plan((step,))).sent
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

    def _store(self, text: str) -> None:
        """Store a fingerprint beside what else the column holds."""
        resource, row = self.service.resource, self.service.row
        column = resource.deployable.fingerprint.column
        value = resource.deployable.fingerprint.put(row.get(column), text)
        always = {key: row.get(key, default) for key, default in resource.always_sent.items()}
        body = self.service.input(**{**always, column: value})
        self.context.executor.run(Plan((Write(resource.update, body),)))
        self.service = replace(self.service, row={**row, column: value})

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

    def _watch(self, *old: Any, **more: Any) -> None:
        """Wait until its containers run; a failed deployment does not count as one."""
        running = len(running_slots(self.tasks)) >= self.service.mode.minimum
        if not self._lasts or (running and not old):
            return
        try:
            self.tasks = Rollout(self.service, self.client, self.context.waiter, *old, **more).wait(self.timeout)
        except NotRunning:
            self._forget()
            raise

    def _verify(self) -> None:
        """:raises NotRunning: Docker runs another version."""
        if not self._lasts:
            return
        labels = self._labels()
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
            self._store("")
        except DokployError as error:
            self.context.warn(["%s: the failed deployment still counts as good: %s" % (self.service.label, error)])
