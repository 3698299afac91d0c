# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What follows when everything is configured and deployed: entries are started, stopped and checked over HTTP."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Collection, Dict, Iterable, List, Mapping, Optional, Sequence, Tuple

from .._deployment.http_check import address_of
from .._engine.apply import finished, planned_again
from .._engine.execute import Executor
from .._engine.flow import ResourcePlan
from .._engine.graph import Planned, Run
from .._engine.plan import Outcome, Step
from .._engine.runner import Context
from .._engine.state import Node
from .._engine.view import predicted
from .._errors import DokployError, OptionError
from .._resources.actions.http_checks import check_all
from .._swarm.tasks import Service
from .deployments import Wanted
from .entries import Entry
from .plan import Change

_ACTIONS = {"started": "start", "stopped": "stop", "reloaded": "reload"}
_BY_DOMAIN: Mapping[str, Any] = {"url": None}


@dataclass(frozen=True)
class Switch:
    """An entry that is to be started, stopped or reloaded. :param plan: of the module, as far as it is known."""

    entry: Entry
    node: Node
    plan: Any

    @property
    def needed(self) -> bool:
        """Whether it is not in its state yet."""
        return bool(self.plan.difference.changed)

    @property
    def change(self) -> Change:
        difference = self.plan.difference.result()["diff"]
        return Change(_ACTIONS[self.entry.state], self.entry.section.kind, self.entry.path, difference)


def switches(
    planned: Sequence[Planned], entries: Mapping[str, Entry], deployments: Sequence[Wanted], context: Context
) -> List[Switch]:
    """What brings entries into their state; what is deployed is started by that."""
    found, deployed = [], {one.entry.key for one in deployments}
    for one in planned:
        entry = entries[one.node.key]
        if entry.state not in _ACTIONS or not isinstance(one.plan, ResourcePlan) or entry.key in deployed:
            continue
        if one.plan.state.row is None and entry.state != "started":
            # Nothing of a new one runs.
            continue
        resource_id = one.plan.state.target.resource_id
        params = {**entry.section.defaults, one.node.resource.id_option: resource_id, "state": entry.state}
        if one.node.resource.kind:
            params["type"] = one.node.resource.kind
        node = Node(one.node.resource, params)
        with context.judging(entry.key):
            own = replace(context, params=params, executor=context.executor.apart(), key=entry.key)
            plan = planned_again(node, own)
            found.append(Switch(entry, node, plan))
    return found


def switch(wanted: Sequence[Switch], run: Run, context: Context) -> Tuple[List[Dict[str, Any]], List[Dict[str, Any]]]:
    """Start, stop and reload services: what became of each, and what failed."""
    runs: List[Dict[str, Any]] = []
    failures = []
    for one in wanted:
        if one.entry.key not in run.done:
            continue
        report = {**one.entry.named, "state": one.entry.state, "changed": one.needed, "failed": False, "running": None}
        runs.append(report)
        own = replace(context, params=one.node.params, executor=context.executor.apart())
        try:
            result = finished(one.node, one.plan, own.executor.begin(one.plan), own)
            report["running"] = (result["running"] or {}).get("replicas_running")
        except DokployError as error:
            report["failed"] = True
            failures.append({**one.entry.named, "msg": str(error), "error": error.facts})
        context.executor.sent |= own.executor.sent
    return runs, failures


@dataclass(frozen=True)
class CheckHttp(Step):
    """Check the services over HTTP that want it, all at once.

    :param run_of_entries: what became of the entries. :param found: gets the result of each.
    """

    entries: Sequence[Entry]
    run_of_entries: Run
    found: List[Dict[str, Any]] = field(default_factory=list)

    def run(self, executor: Executor, outcome: Outcome) -> None:
        checks: List[Dict[str, Any]] = []
        checked: List[Dict[str, Any]] = []
        for entry in self.entries:
            result = self.run_of_entries.done.get(entry.key)
            if result is None:
                continue
            try:
                url = _address(entry, result)
                checks.append({**entry.own["http_check"], "url": url})
                checked.append(entry.named)
            except OptionError as error:
                self.found.append({**entry.named, "passed": False, "status": None, "error": str(error)})
        self.found.extend({**named, **one} for named, one in zip(checked, check_all(checks)))


def _address(entry: Entry, result: Mapping[str, Any]) -> str:
    """The URL of the check, or that of the first domain.

    :raises OptionError: there is neither.
    """
    resource = entry.section.resource
    stated = entry.params.get("domains") or result[resource.name].get("domains") or ()
    return _first_address(entry, stated, entry.own["http_check"])


def _first_address(entry: Entry, domains: Sequence[Mapping[str, Any]], options: Mapping[str, Any]) -> str:
    """:raises OptionError: there is none."""
    rows = [{**one, "createdAt": "%09d" % number} for number, one in enumerate(domains)]
    return address_of(Service(entry.section.resource, {"domains": rows}, entry.path), options)


def url_of(entry: Entry, facts: Mapping[str, Any]) -> Optional[str]:
    """The address of the first enabled domain of a service, if it has one."""
    try:
        return _first_address(entry, facts.get("domains") or (), _BY_DOMAIN)
    except OptionError:
        return None


def check_addresses(planned: Sequence[Planned], entries: Mapping[str, Entry], context: Context) -> None:
    """Find out whether each HTTP check will have an address.

    :raises OptionError: one has none; without C(context.mistakes).
    """
    for one in planned:
        entry = entries[one.node.key]
        if not _is_checked(entry) or not isinstance(one.plan, ResourcePlan):
            continue
        state = one.plan.state
        after = predicted(state.resource, state.row, one.plan.diff, state.desired.fields, state.desired.children)
        with context.judging(entry.key):
            address_of(Service(state.resource, after, state.target.label), entry.own["http_check"])


def http_checks(entries: Iterable[Entry], run: Run, failed: Collection[str]) -> Optional[CheckHttp]:
    """The HTTP checks of all entries that have one and are to run; C(None): there is none.

    :param failed: the paths of what cannot answer.
    """
    found = [one for one in entries if _is_checked(one) and one.path not in failed]
    return CheckHttp(found, run) if found else None


def _is_checked(entry: Entry) -> bool:
    return entry.own.get("http_check") is not None and entry.state not in ("absent", "stopped")
