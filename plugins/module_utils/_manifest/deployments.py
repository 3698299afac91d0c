# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The deployments that a document needs: planned with its entries, and carried out together after these."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from typing import Any, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple

from .._deployment.deployed import STOPPED, observe
from .._deployment.fingerprint import CHANGED, NEVER, deploy_reason
from .._deployment.handles import finish_handles
from .._deployment.state import changes_deployed, has_source, newest_first
from .._deployment.trigger import deploy
from .._engine.execute import Executor
from .._engine.flow import ResourcePlan
from .._engine.graph import Planned, Run
from .._engine.plan import Outcome, Plan, Step, shown
from .._engine.rows import rows_of
from .._engine.runner import Context
from .._engine.state import Node
from .._engine.view import predicted
from .._errors import DokployError, NotFoundError, PermissionDenied
from .._model.argspec import Spec
from .._resources.actions.deployment import DEPLOYABLES
from .._resources.actions.deployment import OPERATION as DEPLOYMENT
from .._resources.services.database_deployment import (
    DatabaseState,
    observe_database,
    observe_databases,
    plan_deployment,
    reason_of,
)
from .._resources.services.database_passwords import passwords_of
from .._resources.services.database_rollout import DatabaseDeployment, watch_together
from .._swarm.states import warn_of_losses
from .._swarm.tasks import Service
from .adoptions import refusals
from .entries import Entry
from .explanations import UNEXPLAINED, Unexplained, explanations
from .plan import Change

REQUESTED = "deployment requested"
OPTIONS: Spec = {
    "deploy": {"type": "str", "choices": ["changed", "always", "adopt", "never"], "default": "changed"},
    "deploy_unstated": {"type": "bool", "default": True},
    "title": {"type": "str"},
    "description": {"type": "str"},
    "wait": {"type": "bool", "default": True},
    "wait_timeout": {"type": "float", "default": 900.0},
    "log_lines": {"type": "int", "default": 50},
    "follow": {"type": "bool", "default": False},
    "verify": {"type": "bool", "default": True},
    "verify_period": {"type": "float", "default": 5.0},
}
#: The status of what is not deployed with C(deploy_unstated=false).
LEFT_ALONE = "left_alone"
#: What results tell of the record of a deployment.
RECORD = ("deployment_id", "commit", "duration")
_ASKED = ("revision", "archive", "path", "exclude")


@dataclass(frozen=True)
class Wanted:
    """A deployment of an entry.

    :param trigger: as the module C(dokploy_deployment) takes it.
    :param left_alone: it is not carried out, since nothing that the document states explains it.
    """

    entry: Entry
    planned: Planned
    reason: str
    trigger: str
    left_alone: bool = False

    @property
    def action(self) -> str:
        return "none" if self.left_alone else "adopt" if self.trigger == "adopt" else "deploy"

    @property
    def change(self) -> Change:
        return Change(self.action, self.entry.section.kind, self.entry.path, reason=self.reason)

    @property
    def foretold(self) -> Dict[str, Any]:
        """What results tell of it before it is carried out."""
        status = LEFT_ALONE if self.left_alone else None
        known = {"failed": False, "changed": not self.left_alone, "status": status, "msg": ""}
        return {**self.entry.named, "action": self.action, "reason": self.reason, **known}


def wanted(planned: Sequence[Planned], entries: Mapping[str, Entry], context: Context) -> List[Wanted]:
    """The deployments that the entries need once they are as described.

    :raises OptionError: the options of one cannot be right; without C(context.mistakes).
    """
    deployments: List[Wanted] = []
    candidates = [one for one in planned if _may_need_it(one, entries[one.node.key], context)]
    of_databases = _states_of_databases(candidates, context)
    for one in candidates:
        entry = entries[one.node.key]
        with context.judging(entry.key):
            reason = _reason(one, entry, of_databases, context)
            if reason is not None:
                deployments.append(Wanted(entry, one, reason, _policy(entry, context)))
                if entry.key in of_databases and deployments[-1].action == "deploy":
                    state = of_databases[entry.key]
                    service, own = replace(state.service, row=_row(one)), replace(context, key=entry.key)
                    warn_of_losses(service, state.tasks, own)
    deployments = _explained(_adoptable(deployments, context), context)
    # What the others need runs before they are started.
    return sorted(deployments, key=lambda deployment: deployment.planned.node.resource in DEPLOYABLES)


def _adoptable(deployments: Sequence[Wanted], context: Context) -> List[Wanted]:
    """The deployments without those that are to be recorded and cannot be: these are mistakes.

    :raises Refused: there is such a one; without C(context.mistakes).
    """
    adoptions = [
        (deployment.entry, _as_planned(deployment.planned))
        for deployment in deployments
        if deployment.trigger == "adopt"
    ]
    refused = refusals(adoptions, context.client) if adoptions else {}
    for key, error in refused.items():
        with context.judging(key):
            raise error
    return [deployment for deployment in deployments if deployment.entry.key not in refused]


def _explained(deployments: Sequence[Wanted], context: Context) -> List[Wanted]:
    """The deployments: what differs is in the reasons of those that no change explains, and some are left alone."""
    unexplained = [deployment for deployment in deployments if _is_unexplained(deployment)]
    asked = [
        Unexplained(deployment.entry, _as_planned(deployment.planned), deployment.reason) for deployment in unexplained
    ]
    found = {
        deployment.entry.key: replace(
            deployment,
            reason=explanation.added_to(deployment.reason),
            left_alone=not (explanation.stated or _deploys_unstated(deployment.entry, context)),
        )
        for deployment, explanation in zip(unexplained, explanations(asked, context.client) if asked else ())
    }
    return [found.get(deployment.entry.key, deployment) for deployment in deployments]


def _deploys_unstated(entry: Entry, context: Context) -> bool:
    own = entry.own.get("deploy_unstated")
    return bool(context.params["deploy_unstated"] if own is None else own)


def _is_unexplained(deployment: Wanted) -> bool:
    plan: Any = deployment.planned.plan
    changes = changes_deployed(plan.state.resource, plan.diff)
    return deployment.trigger == "changed" and deployment.reason in UNEXPLAINED and not changes


def _policy(entry: Entry, context: Context) -> str:
    return str(entry.own.get("deploy") or context.params["deploy"])


def _may_need_it(one: Planned, entry: Entry, context: Context) -> bool:
    deploys = entry.section.deploys and _policy(entry, context) != "never" and entry.state != "stopped"
    return deploys and not entry.read_only and isinstance(one.plan, ResourcePlan)


def _as_planned(one: Planned) -> Service:
    """A service as it will be configured."""
    plan: Any = one.plan
    state, desired = plan.state, plan.state.desired
    after = predicted(state.resource, state.row, plan.diff, desired.fields, desired.children)
    return Service(state.resource, after, state.target.label)


def _states_of_databases(candidates: Sequence[Planned], context: Context) -> Dict[str, DatabaseState]:
    """Each of the databases that exist, by key, and why it needs a deployment, after a look at all that run of them."""
    databases = [one for one in candidates if one.node.resource not in DEPLOYABLES and _exists(one)]
    services = [_as_planned(one) for one in databases]
    try:
        found = observe_databases(services, context.client)
    except PermissionDenied:
        # A key that may not read Docker still sees what was deployed last.
        found = [DatabaseState(service, (), reason_of(service)) for service in services]
    return dict(zip((one.node.key for one in databases), found))


def _row(one: Planned) -> Mapping[str, Any]:
    """What there is of a service before the run."""
    plan: Any = one.plan
    return plan.state.row or {}


def _exists(one: Planned) -> bool:
    return bool(_row(one))


def _reason(one: Planned, entry: Entry, of_databases: Mapping[str, DatabaseState], context: Context) -> Optional[str]:
    """Why a service needs a deployment; C(None) if it does not."""
    plan: Any = one.plan
    resource, service = plan.state.resource, _as_planned(one)
    rows = newest_first(service.row.get("deployments"))
    deployable, database = bool(has_source(resource, service.row) or rows), resource not in DEPLOYABLES
    asked = any(entry.own.get(name) for name in _ASKED)
    if not (deployable or database or asked):
        return None
    if _policy(entry, context) == "always":
        return REQUESTED
    if not _exists(one):
        return NEVER
    if database:
        return of_databases[entry.key].reason
    reason = deploy_reason(service, rows)
    if reason is None and asked:
        own_id = shown(plan.state.target.resource_id)
        (request,) = observe([Node(resource, _of_entry(entry, resource, own_id))], context)
        reason = request.reason
    elif reason is None and resource.deployable.deploy_needed is not None:
        needed = resource.deployable.deploy_needed(resource, plan.diff, service.row, service.label, context)
        # Before the change, something else may have been deployed.
        changed = CHANGED if not plan.diff.empty else STOPPED
        reason = changed if needed else None
    return reason


def deployed(deployments: Sequence[Wanted], done: Run, context: Context) -> List[Dict[str, Any]]:
    """What became of each deployment, or is foretold of it; those of entries that failed are left out."""
    possible = [one for one in deployments if one.entry.key in done.done]
    step = Deploy(possible, done, context, [one.foretold for one in possible])
    if possible:
        context.executor.run(Plan((step,)))
    return list(step.reports)


@dataclass(frozen=True)
class Deploy(Step):
    """Start the deployments, wait for them together, and verify them.

    :param done: what became of the entries. :param reports: what is foretold of each that can be carried out; gets what
        became of it.
    """

    wanted: Sequence[Wanted]
    done: Run
    context: Context
    reports: Sequence[Dict[str, Any]]

    def run(self, executor: Executor, outcome: Outcome) -> None:
        reported = list(zip(self.wanted, self.reports))
        for report in self.reports:
            report["changed"] = False
        # What others need runs before they are started.
        databases = [one for one in reported if one[0].planned.node.resource not in DEPLOYABLES]
        self._databases([one for one in databases if one[0].trigger != "adopt"])
        handles: List[Mapping[str, Any]] = []
        waiting: List[Dict[str, Any]] = []
        for one, report in reported:
            if one.trigger != "adopt" and (one, report) in databases:
                continue
            with _reporting(report, "%s %s" % (one.planned.node.resource.name, self._id_of(one))):
                handle = self._start(one, report)
                if handle is not None:
                    handles.append(handle)
                    waiting.append(report)
        executor.sent = outcome.sent = executor.sent or any(one.get("changed") for one in self.reports)
        if handles and self.context.params["wait"]:
            for report, found in zip(waiting, self._finish(handles)):
                # Results name it beside the message.
                named, msg = "%s: " % report["path"], str(found["msg"] or "")
                report.update(found, msg=msg[len(named) :] if msg.startswith(named) else msg)

    def _start(self, one: Wanted, report: Dict[str, Any]) -> Optional[Mapping[str, Any]]:
        """Start a deployment; its handle, if there is something to wait for."""
        resource, params = one.planned.node.resource, self.context.params
        resource_id = self._id_of(one)
        if resource not in DEPLOYABLES:
            report.update(self._adopted(one, resource_id))
            return None
        same = ("title", "description", "verify", "verify_period", "log_lines")
        options = {
            **_of_entry(one.entry, resource, resource_id),
            **{name: params[name] for name in same},
            "trigger": one.trigger,
            "wait": False,
        }
        if one.trigger == "adopt":
            options.update(title=None, description=None)
        result = deploy(DEPLOYABLES, _context(self.context, options))
        report.update(changed=result["changed"])
        if one.trigger == "adopt":
            report.update(status="adopted")
        handle: Optional[Mapping[str, Any]] = result.get("handle")
        return None if handle is None else {**handle, resource.name: one.entry.path}

    def _adopted(self, one: Wanted, resource_id: str) -> Dict[str, Any]:
        """What became of recording what runs of a database."""
        options = self._of_database(one, resource_id)
        result = one.entry.section.operation.perform(_context(self.context, options))
        return {"changed": result["changed"], "status": "adopted"}

    def _of_database(self, one: Wanted, resource_id: str) -> Dict[str, Any]:
        """The parameters of the deployment of a database, which is one request and has no record."""
        resource, params = one.planned.node.resource, self.context.params
        options: Dict[str, Any] = {**one.entry.section.defaults, "state": "deployed", "trigger": one.trigger}
        options.update({resource.id_option: resource_id, "type": resource.kind})
        verify_period = params["verify_period"] if params["verify"] else 0.0
        return {**options, "wait_timeout": params["wait_timeout"], "verify_period": verify_period}

    def _databases(self, reported: Sequence[Tuple[Wanted, Dict[str, Any]]]) -> None:
        """Deploy databases, and wait until all of them run."""
        client, clock, begun = self.context.client, self.context.waiter.clock, []
        owners = [(one.planned.node.resource, self._id_of(one)) for one, _report in reported]
        for (one, report), (resource, resource_id), row in zip(reported, owners, rows_of(owners, client)):
            with _reporting(report):
                if row is None:
                    raise NotFoundError("%s does not exist any more" % one.entry.path)
                client.add_secret(*passwords_of(row))
                own = _context(self.context, self._of_database(one, resource_id))
                service = Service(resource, row, one.entry.path)
                state = observe_database(service, client, one.trigger == "changed")
                deployment = DatabaseDeployment(plan_deployment(state, own.params), own)
                if deployment.planned.reason is None:
                    report.update(status="done")
                else:
                    begun.append((deployment, report, clock()))
                    report["changed"] = deployment.begin()
        deployed_ones = [deployment for deployment, _report, _begin in begun if not _report["failed"]]
        errors = iter(watch_together(deployed_ones, self.context))
        for _deployment, report, begin in begun:
            if report["failed"]:
                continue
            with _reporting(report):
                error = next(errors)
                if error is not None:
                    raise error
                report.update(status="done", seconds=round(clock() - begin, 3))

    def _id_of(self, one: Wanted) -> str:
        resource = one.planned.node.resource
        return str(self.done.done[one.planned.node.key][resource.name][resource.id_option])

    def _finish(self, handles: Sequence[Mapping[str, Any]]) -> Iterator[Dict[str, Any]]:
        """What became of each, in order."""
        params = self.context.params
        same = ("follow", "log_lines", "verify", "verify_period")
        options = {**_defaults(), **{name: params[name] for name in same}, "state": "finished", "handles": handles}
        # One is built after the other.
        options["wait_timeout"] = params["wait_timeout"] * len(handles)
        try:
            reports = finish_handles(DEPLOYABLES, _context(self.context, options))["deployments"]
        except DokployError as error:
            reports = error.details.get("deployments") or [{"failed": True, "msg": str(error)}] * len(handles)
        for one in reports:
            facts = one.get("deployment") or {}
            yield {
                **{name: one.get(name) for name in ("failed", "status", "msg", "seconds")},
                **{name: facts.get(name) for name in RECORD},
            }


@contextlib.contextmanager
def _reporting(report: Dict[str, Any], label: str = "") -> Iterator[None]:
    """A failure is reported, and the other deployments go on.

    :param label: what the message begins with, beside which results name the path.
    """
    try:
        yield
    except DokployError as error:
        details = error.details.get("deployment") or {}
        facts = {name: details.get(name) for name in RECORD if details}
        msg, prefix = str(error), "%s: " % label
        msg = msg[len(prefix) :] if label and msg.startswith(prefix) else msg
        # The option has another name in a document.
        report.update(failed=True, status=error.kind, msg=msg.replace("trigger=", "deploy: "), **facts)


def _of_entry(entry: Entry, resource: Any, resource_id: str) -> Dict[str, Any]:
    """The parameters of the deployment of an entry."""
    asked = {name: entry.own.get(name) for name in _ASKED if entry.own.get(name)}
    return {**_defaults(), **asked, resource.id_option: resource_id}


def _context(context: Context, params: Mapping[str, Any]) -> Context:
    return replace(context, params=params, executor=context.executor.apart(), mistakes=None)


def _defaults() -> Dict[str, Any]:
    return {name: one.get("default") for name, one in DEPLOYMENT.options.items()}
