# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The deployments that a document needs: planned with its entries, and carried out together after these."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Dict, Iterator, List, Mapping, Optional, Sequence

from .._deployment.fingerprint import NEVER, deploy_reason
from .._deployment.handles import finish_handles
from .._deployment.queue import newest_first
from .._deployment.sources import has_source
from .._deployment.trigger import STOPPED, deploy
from .._engine.flow import ResourcePlan
from .._engine.graph import Planned, Run
from .._engine.plan import Outcome, Step, StepExecutor
from .._engine.runner import Context
from .._engine.view import predicted
from .._errors import DokployError
from .._model.argspec import Spec
from .._resources.actions.deployment import DEPLOYABLES
from .._resources.actions.deployment import OPERATION as DEPLOYMENT
from .._resources.services.database_deployment import reason_of
from .._swarm.tasks import Service
from .entries import Entry
from .plan import Change

REQUESTED = "deployment requested"
OPTIONS: Spec = {
    "deploy": {"type": "str", "choices": ["changed", "always", "adopt", "never"], "default": "changed"},
    "title": {"type": "str"},
    "description": {"type": "str"},
    "wait": {"type": "bool", "default": True},
    "wait_timeout": {"type": "float", "default": 900.0},
    "log_lines": {"type": "int", "default": 50},
    "follow": {"type": "bool", "default": False},
    "verify": {"type": "bool", "default": True},
    "verify_period": {"type": "float", "default": 5.0},
}
_ASKED = ("revision", "archive", "path", "ignore")


@dataclass(frozen=True)
class Wanted:
    """A deployment of an entry. :param always: it is deployed whatever runs by then."""

    entry: Entry
    planned: Planned
    reason: str
    always: bool = False

    @property
    def change(self) -> Change:
        return Change("deploy", self.entry.section.kind, self.entry.path, reason=self.reason)


def wanted(planned: Sequence[Planned], entries: Mapping[str, Entry], context: Context) -> List[Wanted]:
    """The deployments that the entries will need once they are as described."""
    found = []
    for one in planned:
        entry = entries[one.node.key]
        if not isinstance(one.plan, ResourcePlan) or not entry.section.deploys or entry.params["state"] == "stopped":
            continue
        policy = entry.own.get("deploy") or context.params["deploy"]
        reason = None if policy == "never" else _reason(one.plan, entry, policy, context)
        if reason is not None:
            found.append(Wanted(entry, one, reason, policy == "always"))
    return found


def _reason(plan: ResourcePlan, entry: Entry, policy: str, context: Context) -> Optional[str]:
    """Why a service needs a deployment; C(None) if it does not."""
    state, diff = plan.state, plan.diff
    resource, desired = state.resource, state.desired
    after = predicted(resource, state.row, diff, desired.fields, desired.children)
    service, rows = Service(resource, after, state.target.label), newest_first(after.get("deployments"))
    if resource not in DEPLOYABLES:
        if policy == "always":
            return REQUESTED
        return NEVER if state.row is None else reason_of(service)
    if entry.own.get("archive") or entry.own.get("path"):
        # Whether the files are others is found out when they are deployed.
        return REQUESTED if policy == "always" else "files"
    if not has_source(resource, after) and not rows:
        return None
    if policy == "always":
        return REQUESTED
    if state.row is None:
        return NEVER
    reason = deploy_reason(service, rows)
    if reason is None and resource.deployable.deploy_needed is not None:
        needed = resource.deployable.deploy_needed(resource, diff, after, state.target.label, context)
        reason = STOPPED if needed else None
    return reason


@dataclass(frozen=True)
class Deploy(Step):
    """Start the deployments, wait for them together, and verify them.

    :param run: what became of the entries. :param reports: gets what became of each deployment.
    """

    wanted: Sequence[Wanted]
    run_of_entries: Run
    context: Context
    reports: List[Dict[str, Any]] = field(default_factory=list)

    def run(self, executor: StepExecutor, outcome: Outcome) -> None:
        handles: List[Mapping[str, Any]] = []
        waiting: List[Dict[str, Any]] = []
        for one in self.wanted:
            if one.planned.node.key not in self.run_of_entries.done:
                continue
            report: Dict[str, Any] = {"kind": one.entry.section.kind, "path": one.entry.path, "reason": one.reason}
            self.reports.append(report)
            try:
                handle = self._start(one, report)
            except DokployError as error:
                report.update(failed=True, status=error.kind, msg=str(error), error=error.facts)
                continue
            if handle is not None:
                handles.append(handle)
                waiting.append(report)
        outcome.sent = True
        if handles and self.context.params["wait"]:
            for report, found in zip(waiting, self._finish(handles)):
                report.update(found)

    def _start(self, one: Wanted, report: Dict[str, Any]) -> Optional[Mapping[str, Any]]:
        """Start a deployment; its handle, if there is something to wait for."""
        own, params = one.entry, self.context.params
        resource = one.planned.node.resource
        shown = self.run_of_entries.done[one.planned.node.key][resource.name]
        if resource not in DEPLOYABLES:
            report.update(self._database(one, str(shown[resource.id_option])))
            return None
        asked = {name: own.own.get(name) for name in _ASKED}
        options = {
            **_defaults(),
            **{name: params[name] for name in ("title", "description", "verify", "verify_period", "log_lines")},
            **{name: value for name, value in asked.items() if value},
            resource.id_option: shown[resource.id_option],
            "trigger": "always" if one.always else "changed",
            "wait": False,
        }
        result = deploy(DEPLOYABLES, self._context(options))
        report.update(failed=False, changed=result["changed"])
        handle: Optional[Mapping[str, Any]] = result.get("handle")
        return None if handle is None else {**handle, resource.name: own.path}

    def _database(self, one: Wanted, resource_id: str) -> Dict[str, Any]:
        node = one.planned.node
        section, params = one.entry.section, self.context.params
        options: Dict[str, Any] = {
            **section.unstated,
            "state": "deployed",
            "trigger": "always" if one.always else "changed",
        }
        options.update({node.resource.id_option: resource_id, "type": node.resource.kind})
        options.update(wait_timeout=params["wait_timeout"], verify_period=params["verify_period"])
        result = section.operation.perform(self._context(options))
        return {"failed": False, "changed": result["changed"], "status": "done", "seconds": result.get("seconds")}

    def _finish(self, handles: Sequence[Mapping[str, Any]]) -> Iterator[Dict[str, Any]]:
        """What became of each, in order."""
        params = self.context.params
        same = ("follow", "log_lines", "verify", "verify_period")
        options = {**_defaults(), **{name: params[name] for name in same}, "state": "finished", "handles": handles}
        # One is built after the other.
        options["wait_timeout"] = params["wait_timeout"] * len(handles)
        try:
            reports = finish_handles(DEPLOYABLES, self._context(options))["deployments"]
        except DokployError as error:
            reports = error.details.get("deployments") or [{"failed": True, "msg": str(error)}] * len(handles)
        for one in reports:
            facts = one.get("deployment") or {}
            yield {
                **{name: one.get(name) for name in ("failed", "status", "msg", "seconds")},
                **{name: facts.get(name) for name in ("deployment_id", "commit", "duration")},
            }

    def _context(self, params: Mapping[str, Any]) -> Context:
        return replace(self.context, params=params, executor=self.context.executor.apart())


def _defaults() -> Dict[str, Any]:
    return {name: one.get("default") for name, one in DEPLOYMENT.options.items()}
