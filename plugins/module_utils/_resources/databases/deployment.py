# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The deployment of a database.

A deployment is one request, which answers when Docker has accepted the service. It has no record, and replaces the
container each time. What runs shows its fingerprint, a label of the container: Docker goes back to the version before
when a new container fails in its first seconds, and Dokploy does not notice (measured on 0.30.2).
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, replace
from typing import Any, List, Mapping, Optional, Sequence, Tuple

from ..._api.client import Client
from ..._deployment.fingerprint import (
    CHANGED,
    NEVER,
    NO_RECORD,
    RECORDED,
    REQUESTED,
    config_hash,
    names_ignored,
    without_ignored,
)
from ..._deployment.name_note import NOTED, name_note
from ..._deployment.queue import RUNNING, new_in_words
from ..._engine.plan import Write
from ..._engine.view import ChangePlan, Difference
from ..._reads.rows import valid
from ..._swarm.comparison import Comparison
from ..._swarm.tasks import (
    Service,
    docker_call,
    live_tasks,
    tasks_call,
    tasks_in,
)
from .volumes import Rebuild
from .write import DeployDatabase

Row = Mapping[str, Any]

# Proxies do not wait longer for an answer; then the status is polled.
ANSWER_TIMEOUT = 60.0
_TEXT = re.compile(
    r"1 config=(?P<config>\w+) number=(?P<number>\d+)(?: adopted=(?P<adopted>yes))?"
    r"(?: ignored=(?P<ignored>[\w.,-]+))?(?:%s)?\Z" % NOTED
)
STOPPED, OTHER_VERSION = "stopped", "another version runs"


def stored_database_fingerprint(service: Service) -> str:
    """The fingerprint in the row."""
    store = service.resource.deployable.fingerprint
    return store.get(service.row.get(store.column))


def reason_of(service: Service) -> Optional[str]:
    """Why what is configured is not what was deployed last, as a word for conditions; C(None) when it is."""
    fingerprint, status = (
        _TEXT.match(stored_database_fingerprint(service)),
        service.row.get(service.resource.deployable.status),
    )
    if status == "error":
        return "last deployment failed"
    if not fingerprint:
        return NO_RECORD if status == "done" else NEVER
    if status == "idle":
        return STOPPED
    compared = without_ignored(service, (fingerprint.group("ignored") or "").split(","))
    return None if fingerprint.group("config") == config_hash(compared) else CHANGED


def why_database_not_adoptable(service: Service) -> str:
    """Why what runs is not the result of the last deployment; empty if it may be."""
    status = service.row.get(service.resource.deployable.status)
    if status not in ("error", RUNNING):
        return ""
    return "its last deployment %s" % ("goes on" if status == RUNNING else "failed")


@dataclass(frozen=True)
class DatabaseState:
    """A database and its tasks, as they were observed.

    :param reason: why it needs a deployment, where that was asked for; C(None) if it does not.
    :param runs: what runs of it, where that is to be recorded.
    """

    service: Service
    tasks: Sequence[Row]
    reason: Optional[str] = None
    runs: Optional[Comparison] = None


def observe_databases(services: Sequence[Service], client: Client, why: bool = True) -> List[DatabaseState]:
    """What is to be known of databases, in one request for their tasks and one for what is recorded in these.

    :param why: whether the reason for a deployment is asked for.
    :raises PermissionDenied: the key may not read Docker.
    """
    tasks = _tasks(services, client)
    if not why:
        return [DatabaseState(service, own_tasks) for service, own_tasks in zip(services, tasks)]
    reasons = list(map(_reason, services, tasks))
    asked = [number for number, reason in enumerate(reasons) if reason is None and _has_label(services[number])]
    for number, labels in zip(asked, _labels([(services[index], live_tasks(tasks[index])) for index in asked], client)):
        if labels and stored_database_fingerprint(services[number]) not in labels:
            reasons[number] = OTHER_VERSION
    return list(map(DatabaseState, services, tasks, reasons))


def _tasks(services: Sequence[Service], client: Client) -> List[List[Row]]:
    """The tasks of each; none of one that does not exist."""
    there = [service for service in services if service.row.get(service.resource.id_key) is not None]
    calls = [tasks_call(service) for service in there]
    # A single call by REST, which is the documented way.
    answers = [client.query(*calls[0])] if len(calls) == 1 else [valid(answer) for answer in client.call_many(calls)]
    by_service = dict(zip(map(id, there), answers))
    return [tasks_in(by_service.get(id(service))) for service in services]


def _reason(service: Service, tasks: Sequence[Row]) -> Optional[str]:
    """Why it needs a deployment, as far as its row and its tasks tell; C(None) if it does not."""
    reason = reason_of(service)
    if reason == NEVER and tasks:
        return NO_RECORD
    if reason == STOPPED and live_tasks(tasks):
        # Its status was changed by hand.
        reason = None
    return reason or ("nothing of it runs" if lasts(service) and not live_tasks(tasks) else None)


def _has_label(service: Service) -> bool:
    """Whether what runs of it has its fingerprint: what was adopted has none, or an older one."""
    fingerprint = _TEXT.match(stored_database_fingerprint(service))
    return lasts(service) and not (fingerprint and fingerprint.group("adopted"))


def lasts(service: Service) -> bool:
    """Whether containers of it are to run and to stay."""
    return not service.mode.ends and service.mode.minimum > 0


def labels_of(service: Service, tasks: Sequence[Row], client: Client) -> List[str]:
    """The fingerprints of what runs."""
    (labels,) = _labels([(service, live_tasks(tasks))], client)
    return labels


def _labels(running: Sequence[Tuple[Service, Sequence[Row]]], client: Client) -> List[List[str]]:
    """The fingerprints of the tasks of each service, of those that Docker shows; in one request."""
    calls = [
        docker_call("docker.getConfig", service.row, containerId=str(task.get("containerId")))
        for service, tasks in running
        for task in tasks
    ]
    configs = iter(client.call_many(calls) if calls else ())
    labels = []
    for service, tasks in running:
        readable = [config for config in itertools.islice(configs, len(tasks)) if isinstance(config, Mapping)]
        specs = [(config.get("Spec") or {}).get("ContainerSpec") for config in readable]
        labels.append([service.resource.deployable.fingerprint.get(spec.get("Labels")) for spec in specs if spec])
    return labels


@dataclass(frozen=True)
class DatabasePlan(ChangePlan):
    """What deploys a database or records what runs of it; without a C(reason), no step.

    :param state: what was observed, with the fingerprint that is stored in the end.
    """

    state: DatabaseState
    reason: Optional[str] = None

    @property
    def records(self) -> bool:
        """Whether it records what runs."""
        return self.state.runs is not None


def _unchanged(state: DatabaseState) -> DatabasePlan:
    return DatabasePlan((), Difference(state.service.label, {}, {}), state)


def plan_database_deployment(state: DatabaseState, params: Mapping[str, Any]) -> DatabasePlan:
    """The deployment of a database that needs one, or for which one is requested. Pure."""
    rebuilds, timeout = params["state"] == "rebuilt", params["wait_timeout"]
    requested = "rebuild requested" if rebuilds else REQUESTED if params["trigger"] == "always" else None
    reason = requested or state.reason
    if reason is None:
        return _unchanged(state)
    service, store = with_fingerprint(state.service, _text(state, params, _number(state) + 1))
    deployable = service.resource.deployable
    procedure, answered = deployable.rebuild if rebuilds else deployable.deploy, min(timeout, ANSWER_TIMEOUT)
    write = DeployDatabase(procedure=procedure, body=service.input(), timeout=answered, service=service)
    steps = (store, Rebuild(service, write, timeout) if rebuilds else write)
    sides = {"deployment": ""}, {"deployment": new_in_words(reason)}
    difference = Difference(service.label, *sides, action="deploy")
    return DatabasePlan(steps, difference, replace(state, service=service), reason)


def plan_database_adoption(state: DatabaseState, params: Mapping[str, Any]) -> DatabasePlan:
    """What records what runs; nothing unless what is recorded differs. Pure."""
    if state.runs is None:
        return _unchanged(state)
    service, store = with_fingerprint(state.service, _text(state, params, _number(state), " adopted=yes"))
    difference = Difference(service.label, RECORDED["before"], RECORDED["after"], action="record")
    return DatabasePlan((store,), difference, replace(state, service=service), state.reason or CHANGED)


def _text(state: DatabaseState, params: Mapping[str, Any], number: int, adopted: str = "") -> str:
    """The fingerprint of what is configured, but for the options that are left to others."""
    names = names_ignored(params.get("ignore") or ())
    ignored = " ignored=%s" % ",".join(names) if names else ""
    config, at = config_hash(without_ignored(state.service, names)), _at(state.service)
    return "1 config=%s number=%d%s%s%s" % (config, number, adopted, ignored, at)


def _number(state: DatabaseState) -> int:
    """How many times it was deployed before."""
    fingerprint = _TEXT.match(stored_database_fingerprint(state.service))
    return int(fingerprint.group("number")) if fingerprint else 0


def _at(service: Service) -> str:
    """The end of a fingerprint with the note of the name; empty where that is not known."""
    fingerprint = _TEXT.match(stored_database_fingerprint(service))
    note = name_note(service, (fingerprint.group("at") or "") if fingerprint else "")
    return " at=%s" % note if note else ""


def with_fingerprint(service: Service, text: str) -> Tuple[Service, Write]:
    """The service with a fingerprint beside what else the column holds, and the write that stores it."""
    resource, row = service.resource, service.row
    column = resource.deployable.fingerprint.column
    value = resource.deployable.fingerprint.put(row.get(column), text)
    always = {key: row.get(key, default) for key, default in resource.updating.always_sent.items()}
    write = Write(resource.updating.procedure, service.input(**{**always, column: value}))
    return replace(service, row={**row, column: value}), write
