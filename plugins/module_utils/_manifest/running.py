# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Entries that are started, stopped, reloaded and checked over HTTP, as nodes that follow their deployments."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Collection, Dict, List, Mapping, Optional, Sequence

from .._deployment.completion import IMAGES_LATER
from .._deployment.http_check import address_of
from .._engine.apply import planned_again
from .._engine.carry_out import Run
from .._engine.flow import ResourcePlan
from .._engine.planned import Planned, foretold
from .._engine.runner import Context
from .._engine.state import Node
from .._engine.view import Difference, predicted
from .._errors import OptionError
from .._resources.actions.http_checks import CHECKED
from .._swarm.tasks import Service
from .entries import Entry
from .plan import PlannedChange

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
    def change(self) -> PlannedChange:
        difference = self.plan.difference.result()["diff"]
        return PlannedChange(_ACTIONS[self.entry.state], self.entry.section.kind, self.entry.path, difference)

    @property
    def key(self) -> str:
        return self.node.key

    def planned(self) -> Planned:
        return Planned(self.node, self.plan, frozenset((self.entry.key,)))

    def report(self, run: Run) -> Dict[str, Any]:
        """What became of it. :param run: in which it was carried out, or failed."""
        running = (run.done[self.key]["running"] or {}) if self.key in run.done else {}
        state = {"state": self.entry.state, "changed": self.needed, "failed": self.key in run.failed}
        return {**self.entry.named, **state, "running": running.get("replicas_running")}


def switches(
    planned: Sequence[Planned], entries: Mapping[str, Entry], deployed: Collection[str], context: Context
) -> List[Switch]:
    """What brings entries into their state.

    :param deployed: the keys of those that are deployed, which starts them.
    """
    needed = []
    for plan in planned:
        entry, configuration = entries[plan.node.key], plan.plan
        if entry.state not in _ACTIONS or not isinstance(configuration, ResourcePlan) or entry.key in deployed:
            continue
        if configuration.state.row is None and entry.state != "started":
            # Nothing of a new one runs.
            continue
        resource, resource_id = plan.node.resource, configuration.state.target.resource_id
        # Of these, only the number of containers is told.
        params = {**entry.section.defaults, resource.id_option: resource_id, "state": entry.state, IMAGES_LATER: True}
        if resource.kind:
            params["type"] = resource.kind
        node = Node(resource, params, "%s %s" % (_ACTIONS[entry.state], entry.key))
        with context.judging(entry.key):
            own = replace(context, params=params, executor=context.executor.apart(), key=entry.key)
            needed.append(Switch(entry, node, planned_again(node, own)))
    return needed


@dataclass(frozen=True)
class HttpCheckNode:
    """A check of an entry over HTTP. :param url: which may hold what is not known yet."""

    entry: Entry
    node: Node

    @property
    def key(self) -> str:
        return self.node.key

    def planned(self) -> Planned:
        return Planned(self.node, foretold(Difference(self.entry.path, {}, {})), frozenset((self.entry.key,)))

    def report(self, run: Run) -> Optional[Dict[str, Any]]:
        """What became of it; C(None) if it was not made, as in check mode."""
        result = run.failed[self.key].details if self.key in run.failed else run.done[self.key]
        check = result.get("check")
        return None if check is None else {**self.entry.named, **check}


def http_checks(planned: Sequence[Planned], entries: Mapping[str, Entry], context: Context) -> List[HttpCheckNode]:
    """The HTTP checks of the entries, each with its address.

    :raises OptionError: one has none; without C(context.mistakes).
    """
    checks = []
    for plan in planned:
        entry, configuration = entries[plan.node.key], plan.plan
        if not _is_checked(entry) or not isinstance(configuration, ResourcePlan):
            continue
        state, desired = configuration.state, configuration.state.desired
        after = predicted(state.resource, state.row, configuration.diff, desired.fields, desired.children)
        with context.judging(entry.key):
            url = address_of(Service(state.resource, after, state.target.label), entry.own["http_check"])
            params = {**entry.own["http_check"], "url": url, "state": "checked"}
            key = "HTTP check of %s" % entry.key
            checks.append(HttpCheckNode(entry, Node(state.resource, params, key, transition=CHECKED, label=entry.path)))
    return checks


def url_of(entry: Entry, facts: Mapping[str, Any]) -> Optional[str]:
    """The address of the first enabled domain of a service, if it has one."""
    rows = [{**domain, "createdAt": "%09d" % number} for number, domain in enumerate(facts.get("domains") or ())]
    try:
        return address_of(Service(entry.section.resource, {"domains": rows}, entry.path), _BY_DOMAIN)
    except OptionError:
        return None


def _is_checked(entry: Entry) -> bool:
    return entry.own.get("http_check") is not None and entry.state not in ("absent", "stopped")
