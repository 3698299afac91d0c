# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What follows when everything is configured and deployed: entries are started and stopped, and checked over HTTP."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Dict, Iterable, List, Mapping, Optional, Sequence

from .._deployment.http_check import address_of
from .._engine.apply import finished, planned_again
from .._engine.flow import ResourcePlan
from .._engine.graph import Planned, Run
from .._engine.plan import Outcome, Step, StepExecutor
from .._engine.runner import Context
from .._engine.state import Node
from .._errors import DokployError, OptionError
from .._resources.actions.http_checks import check_all
from .._swarm.tasks import Service
from .deployments import Wanted
from .entries import Entry
from .plan import Change

_ACTIONS = {"started": "start", "stopped": "stop"}


@dataclass(frozen=True)
class Switch:
    """An entry that is to be started or stopped. :param plan: of the module, as far as it is known."""

    entry: Entry
    node: Node
    plan: Any

    @property
    def change(self) -> Change:
        difference = self.plan.difference.result()["diff"]
        return Change(_ACTIONS[self.entry.state], self.entry.section.kind, self.entry.path, difference)


def switches(
    planned: Sequence[Planned], entries: Mapping[str, Entry], deployments: Sequence[Wanted], context: Context
) -> List[Switch]:
    """The entries that are not in their state; what is deployed is started by that."""
    found, deployed = [], {one.entry.key for one in deployments}
    for one in planned:
        entry = entries[one.node.key]
        if entry.state not in _ACTIONS or not isinstance(one.plan, ResourcePlan) or entry.key in deployed:
            continue
        if one.plan.state.row is None and entry.state == "stopped":
            # Nothing of a new one runs.
            continue
        resource_id = one.plan.state.target.resource_id
        params = {**entry.section.unstated, one.node.resource.id_option: resource_id, "state": entry.state}
        if one.node.resource.kind:
            params["type"] = one.node.resource.kind
        node = Node(one.node.resource, params)
        with context.judging(entry.key):
            plan = planned_again(node, replace(context, params=params, executor=context.executor.apart()))
            if plan.difference.changed:
                found.append(Switch(entry, node, plan))
    return found


def switch(wanted: Sequence[Switch], run: Run, context: Context) -> List[Dict[str, Any]]:
    """Start and stop services; what failed."""
    failures = []
    for one in wanted:
        if one.entry.key not in run.done:
            continue
        own = replace(context, params=one.node.params, executor=context.executor.apart())
        try:
            finished(one.node, one.plan, own.executor.begin(one.plan), own)
        except DokployError as error:
            failures.append(
                {"kind": one.entry.section.kind, "path": one.entry.path, "msg": str(error), "error": error.facts}
            )
        context.executor.sent |= own.executor.sent
    return failures


@dataclass(frozen=True)
class CheckHttp(Step):
    """Check the services over HTTP that want it, all at once.

    :param run_of_entries: what became of the entries. :param found: gets the result of each.
    """

    entries: Sequence[Entry]
    run_of_entries: Run
    found: List[Dict[str, Any]] = field(default_factory=list)

    def run(self, executor: StepExecutor, outcome: Outcome) -> None:
        checks: List[Dict[str, Any]] = []
        for entry in self.entries:
            result = self.run_of_entries.done.get(entry.key)
            if result is None:
                continue
            options = entry.own["http_check"]
            try:
                url = _address(entry, result)
                checks.append({**options, "label": entry.path, "url": url, "secret_url": None})
            except OptionError as error:
                self.found.append({"label": entry.path, "passed": False, "status": None, "error": str(error)})
        if checks:
            self.found.extend(check_all(checks)["checks"])


def _address(entry: Entry, result: Mapping[str, Any]) -> str:
    """The URL of the check, or that of the first domain.

    :raises OptionError: there is neither.
    """
    resource = entry.section.resource
    stated = entry.params.get("domains") or result[resource.name].get("domains") or ()
    domains = [{**one, "createdAt": "%09d" % number} for number, one in enumerate(stated)]
    return address_of(Service(resource, {"domains": domains}, entry.path), entry.own["http_check"])


def http_checks(entries: Iterable[Entry], run: Run) -> Optional[CheckHttp]:
    """The HTTP checks of all entries that have one and are to run; C(None): there is none."""
    found = [one for one in entries if one.own.get("http_check") is not None and one.state not in ("absent", "stopped")]
    return CheckHttp(found, run) if found else None
