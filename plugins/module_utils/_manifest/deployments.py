# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The deployments that a document needs, as nodes that follow its entries."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Dict, List, Mapping, Optional, Sequence

from .._deployment.completion import IMAGES_LATER
from .._deployment.configured import Configured, DeploymentKind
from .._deployment.deployed import ASKED
from .._deployment.fingerprint import RECORD_LOST
from .._deployment.queue import new_in_words
from .._deployment.state import changes_deployed
from .._engine.carry_out import Run
from .._engine.flow import ResourcePlan
from .._engine.planned import Planned, foretold
from .._engine.runner import Context
from .._engine.state import Node
from .._engine.view import Difference, predicted
from .._errors import DokployError
from .._model.argspec import Spec
from .._resources.actions.deployment import OPERATION as DEPLOYMENT
from .._resources.actions.deployment import deployment_kind
from .._swarm.tasks import Service
from .._values.marks import FromResponse
from .adoptions import refusals
from .entries import Entry
from .explanations import UNEXPLAINED, Unexplained, explanations
from .plan import PlannedChange
from .returns import return_params

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


@dataclass(frozen=True)
class Wanted:
    """A deployment of an entry.

    :param configured: its service, once it is as described.
    :param left_alone: it is not carried out, since nothing that the document states explains it.
    """

    entry: Entry
    configured: Configured
    reason: str
    left_alone: bool = False

    @property
    def kind(self) -> DeploymentKind:
        return deployment_kind(self.configured.service.resource)

    @property
    def trigger(self) -> str:
        """As the module C(dokploy_deployment) takes it."""
        return str(self.configured.params["trigger"])

    @property
    def action(self) -> str:
        records = self.trigger == "adopt" or self.reason == RECORD_LOST
        return "none" if self.left_alone else "adopt" if records else "deploy"

    @property
    def change(self) -> PlannedChange:
        return PlannedChange(self.action, self.entry.section.kind, self.entry.path, reason=self.reason)

    @property
    def foretold(self) -> Dict[str, Any]:
        """What results tell of it before it is carried out."""
        status = LEFT_ALONE if self.left_alone else None
        known = {"failed": False, "changed": not self.left_alone, "status": status, "msg": ""}
        return {**self.entry.named, "action": self.action, "reason": self.reason, **known}

    @property
    def key(self) -> str:
        return "deployment of %s" % self.entry.key

    def planned(self) -> Planned:
        """Its node, which is planned once the entry is as described."""
        service = self.configured.service
        node = Node(
            service.resource,
            self.configured.params,
            self.key,
            transition=self.kind.transition,
            label=self.entry.path,
        )
        difference = Difference(self.entry.path, {}, {"deployment": new_in_words(self.reason)}, action=self.action)
        return Planned(node, foretold(difference), frozenset((self.entry.key,)))

    def report(self, run: Run) -> Dict[str, Any]:
        """What became of it. :param run: in which it was carried out, or failed."""
        if self.key in run.failed:
            return {**self.foretold, "changed": self.key in run.wrote, **self._failure(run.failed[self.key])}
        result = run.done[self.key]
        return {**self.foretold, "changed": result["changed"], **self._facts(result)}

    def _facts(self, result: Mapping[str, Any]) -> Dict[str, Any]:
        if "reason" not in result:
            return {}
        if self.trigger == "adopt" or result["adopted"] is not None:
            return {"status": "adopted"}
        ended = _ended(result)
        if "deployment" not in result:
            return {"status": "done", **ended}
        if result["handle"] is not None or not (result["reason"] or ended):
            return {}
        facts = result["deployment"] or {}
        return {"status": facts.get("status"), **ended, **{name: facts.get(name) for name in RECORD}}

    def _failure(self, error: DokployError) -> Dict[str, Any]:
        details = error.details
        facts = details.get("deployment") or {}
        status = facts.get("status") if error.kind == "deployment" else details.get("status")
        # Results name it beside the message. The option has another name in a document.
        msg, named = str(error), "%s: " % self.entry.path
        msg = (msg[len(named) :] if msg.startswith(named) else msg).replace("trigger=", "deploy: ")
        record = {name: facts.get(name) for name in RECORD} if facts else {}
        returned = {"returned": details["returned"]} if "returned" in details else {}
        return {"failed": True, "status": status or error.kind, "msg": msg, **_ended(details), **record, **returned}


def _ended(facts: Mapping[str, Any]) -> Dict[str, Any]:
    """How long it took, and how its containers have ended that run to their end, as far as it is known."""
    return {name: facts[name] for name in ("seconds", "job") if facts.get(name) is not None}


def wanted(planned: Sequence[Planned], entries: Mapping[str, Entry], context: Context) -> List[Wanted]:
    """The deployments that the entries need once they are as described: first of what the others need to run.

    :raises OptionError: the options of one cannot be right; without C(context.mistakes).
    """
    services = [
        _configured(plan, entries[plan.node.key], context)
        for plan in planned
        if _may_need_it(plan, entries[plan.node.key], context)
    ]
    reasons: Dict[str, Optional[str]] = {}
    for kind in dict.fromkeys(map(_kind_of, services)):
        of_kind = [configured for configured in services if _kind_of(configured) is kind]
        reasons.update(zip((configured.key for configured in of_kind), kind.reasons(of_kind, context)))
    deployments = [
        Wanted(entries[configured.key], configured, reason)
        for configured in services
        for reason in filter(None, (reasons[configured.key],))
    ]
    deployments = _explained(_adoptable(deployments, context), context)
    return sorted(_with_time(deployments), key=lambda deployment: deployment.kind.queued)


def _kind_of(configured: Configured) -> DeploymentKind:
    return deployment_kind(configured.service.resource)


def _with_time(deployments: Sequence[Wanted]) -> List[Wanted]:
    """The deployments, those that are built one after the other with the time for all of them."""
    queued = sum(deployment.kind.queued and deployment.action == "deploy" for deployment in deployments)
    return [
        replace(deployment, configured=_with_timeout(deployment.configured, queued if deployment.kind.queued else 1))
        for deployment in deployments
    ]


def _with_timeout(configured: Configured, times: int) -> Configured:
    timeout = configured.params["wait_timeout"] * max(times, 1)
    return replace(configured, params={**configured.params, "wait_timeout": timeout})


def _adoptable(deployments: Sequence[Wanted], context: Context) -> List[Wanted]:
    """The deployments without those that are to be recorded and cannot be: these are mistakes.

    :raises Refused: there is such a one; without C(context.mistakes).
    """
    adoptions = [
        (deployment.entry, deployment.configured.service) for deployment in deployments if deployment.trigger == "adopt"
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
        Unexplained(deployment.entry, deployment.configured.service, deployment.reason) for deployment in unexplained
    ]
    known = {
        deployment.entry.key: replace(
            deployment,
            reason=explanation.added_to(deployment.reason),
            left_alone=not (explanation.stated or _deploys_unstated(deployment.entry, context)),
        )
        for deployment, explanation in zip(unexplained, explanations(asked, context.client) if asked else ())
    }
    return [known.get(deployment.entry.key, deployment) for deployment in deployments]


def _deploys_unstated(entry: Entry, context: Context) -> bool:
    own = entry.own.get("deploy_unstated")
    return bool(context.params["deploy_unstated"] if own is None else own)


def _is_unexplained(deployment: Wanted) -> bool:
    configured = deployment.configured
    changes = changes_deployed(configured.service.resource, configured.diff)
    return deployment.trigger == "changed" and deployment.reason in UNEXPLAINED and not changes


def _policy(entry: Entry, context: Context) -> str:
    return str(entry.own.get("deploy") or context.params["deploy"])


def _may_need_it(planned: Planned, entry: Entry, context: Context) -> bool:
    deploys = entry.section.deploys and _policy(entry, context) != "never" and entry.state != "stopped"
    return deploys and not entry.read_only and isinstance(planned.plan, ResourcePlan)


def _configured(planned: Planned, entry: Entry, context: Context) -> Configured:
    """A service as it will be configured, with the parameters of its deployment."""
    plan: Any = planned.plan
    state, desired = plan.state, plan.state.desired
    after = predicted(state.resource, state.row, plan.diff, desired.fields, desired.children)
    service = Service(state.resource, after, state.target.label)
    returning = return_params(entry, plan, state.resource, context.params)
    params = _params(entry, service, state.target.resource_id or _promised_id(planned), returning, context)
    return Configured(entry.key, service, state.row or None, plan.diff, params)


def _promised_id(planned: Planned) -> str:
    return FromResponse(planned.node.key, planned.node.resource.id_key)


def _params(
    entry: Entry, service: Service, resource_id: str, returning: Mapping[str, Any], context: Context
) -> Dict[str, Any]:
    """The parameters of the deployment of an entry. :param returning: those for a failure of it."""
    params, resource, trigger = context.params, service.resource, _policy(entry, context)
    defaults = {name: option.get("default") for name, option in DEPLOYMENT.options.items()}
    same = ("wait", "wait_timeout", "log_lines", "follow", "verify", "verify_period")
    named = {} if trigger == "adopt" else {name: params[name] for name in ("title", "description")}
    return {
        **defaults,
        **entry.section.defaults,
        **{name: entry.own.get(name) for name in ASKED if entry.own.get(name)},
        **{name: params[name] for name in same},
        **named,
        **({} if params["verify"] else {"verify_period": 0.0}),
        **({"type": resource.kind} if resource.kind else {}),
        resource.id_option: resource_id,
        **returning,
        IMAGES_LATER: True,
        "ignore": entry.params.get("ignore") or (),
        "state": "deployed",
        "trigger": trigger,
    }
