# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What ran before a deployment runs again when the deployment fails: C(on_failure=return).

The return is a deployment of its own, or a rollback where Dokploy has kept the deployment before. It goes by the record
that the deployment has left (C(earlier)), which goes when a deployment stays up. But for a rollback, the configuration
becomes that of before as well, so that the next plan finds the difference and wants the new one again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Dict, List, Mapping, Optional, Sequence, Set, Union

from .._api.client import Call
from .._engine.plan import Outcome, Plan, Precondition, Write
from .._engine.runner import Context, repeated
from .._engine.state import Node
from .._engine.together import run_together
from .._engine.view import ChangePlan
from .._engine.wait import Polls, wait_together
from .._errors import DokployError
from .._model.field import Group
from .._reads.rows import valid
from .._swarm.images import with_images
from .._swarm.tasks import Service, live_tasks, read_tasks, running_facts, running_slots
from . import deployed, rollback
from .completion import IMAGES_LATER
from .earlier import CONTENT, DEPLOYMENT, IMAGE, Earlier, once_verified, stored_earlier, with_own_texts
from .earlier_image import DESCRIPTION, image_field
from .fingerprint import fingerprint_write, stored_fingerprint
from .planning import DeploymentPlan, DeploymentRequest, plan_deployment
from .state import DeploymentState, commit_facts, read_states
from .what_ran import with_earlier

_WORDS = {
    IMAGE: "the image %s",
    DEPLOYMENT: "what the deployment %s has left",
    CONTENT: "the content of before",
}
_UNKNOWN = "What ran before is not known, so that nothing has come back"
_SAME = "What ran before is the same, so that nothing has come back"


@dataclass(frozen=True)
class Returned:
    """What has come back of a service. :param what: in words; empty if nothing has. :param runs: whether it runs.

    :param msg: one sentence for the user. :param running: its containers. :param deployment_id: what did it.
    """

    what: str
    runs: bool
    msg: str
    running: Optional[Mapping[str, Any]] = None
    deployment_id: Optional[str] = None

    def facts(self) -> Dict[str, Any]:
        """It as results show it."""
        known = {"running": self.running, "deployment_id": self.deployment_id}
        return {"what": self.what or None, "runs": self.runs, "msg": self.msg, **known}


@dataclass(frozen=True)
class _Under:
    """A return that has begun, and that has to end. :param context: of this service."""

    earlier: Earlier
    plan: Union[DeploymentPlan, rollback.RollbackPlan]
    outcome: Outcome
    context: Context


def bring_back(nodes: Sequence[Node], context: Context) -> List[Returned]:
    """What ran before the last deployments of services runs again, as their records say; waits for all together.

    One request beside the project tree to read them, and four for the images that run then. No error is raised: the
    messages have them.
    """
    try:
        states = read_states(nodes, context)
    except DokployError as error:
        return [_failed("", error) for _node in nodes]
    returned = _ended([_begun(node, state, context) for node, state in zip(nodes, states)], context)
    running = with_images([state.service for state in states], [own.running for own in returned], context)
    return [replace(own, running=facts) for own, facts in zip(returned, running)]


def _begun(node: Node, state: DeploymentState, context: Context) -> Union[_Under, Returned]:
    """The return of one service, as far as it goes without waiting."""
    earlier = stored_earlier(state.service) or Earlier("")
    own = replace(context, params=_params(node.params, earlier), executor=context.executor.apart())
    try:
        planned = _planned(state, earlier, node.params.get("before") or {}, own)
        if planned is None:
            return _nothing(earlier)
        outcome = own.executor.run(planned)
        if isinstance(planned, (DeploymentPlan, rollback.RollbackPlan)):
            return _Under(earlier, planned, outcome, own)
        return _still(state.service, earlier, own)
    except DokployError as error:
        return _failed(_in_words(earlier), error)


def _params(params: Mapping[str, Any], earlier: Earlier) -> Dict[str, Any]:
    """The parameters of the return of a deployment with these."""
    others: Dict[str, Any] = {"state": "rolled_back", "trigger": "always", "title": None, "on_failure": "keep"}
    # What is checked over HTTP may be new.
    others.update({"before": None, "http_check": None, IMAGES_LATER: True})
    description = DESCRIPTION % earlier.value if earlier.kind == IMAGE else None
    target = {"deployment_id": earlier.value if earlier.kind == DEPLOYMENT else None, "image": None}
    return {**params, **others, **target, "description": description, "fresh_volumes": False, "wait": True}


def _planned(
    state: DeploymentState, earlier: Earlier, before: Mapping[str, Any], context: Context
) -> Optional[ChangePlan]:
    """What brings it back; C(None) if nothing can."""
    service = state.service
    if earlier.kind == DEPLOYMENT:
        return rollback.plan(rollback.observed(state, context), context)
    columns = _columns(service, earlier, before)
    if all(service.row.get(name) == value for name, value in columns.items()):
        return None
    row = with_own_texts(service, columns)
    write = _put_back(service, {name: row[name] for name in columns})
    # The content of before is what stays up, also for the next deployment.
    kept = earlier if earlier.kind == CONTENT else None
    now = replace(state, service=replace(service, row=row))
    request = DeploymentRequest(now, context.params, reason="returned", earlier=kept)
    planned = plan_deployment(request, request.reason)
    if _replaced_nothing(state):
        return ChangePlan((write,), planned.difference)
    planned = deployed.to_be_carried_out(planned, context)
    return replace(planned, steps=(write, *planned.steps))


def _columns(service: Service, earlier: Earlier, before: Mapping[str, Any]) -> Dict[str, Any]:
    """The columns that are put back: what the record has, and what this run knows to have changed."""
    if earlier.kind == CONTENT:
        return {**before, **(earlier.content or {})}
    image = image_field(service)
    if earlier.kind != IMAGE or image is None:
        return {}
    return {**_without_source(service, before), image.api: earlier.value}


def _without_source(service: Service, columns: Mapping[str, Any]) -> Dict[str, Any]:
    """Columns without those of any source."""
    sources: Set[str] = set()
    for option in service.resource.options:
        if isinstance(option, Group) and option.selects is not None:
            sources.update((option.selects[0].api, *(own.api for own in option.fields)))
    return {name: value for name, value in columns.items() if name not in sources}


def _put_back(service: Service, columns: Mapping[str, Any]) -> Write:
    precondition = Precondition((service.id,), service.id)
    return Write(service.resource.updating.procedure, service.input(**columns), precondition=precondition)


def _replaced_nothing(state: DeploymentState) -> bool:
    """Whether the last deployment failed before it replaced a container: a build, or the pull of an image."""
    alone = state.service.resource.deployable.containers is None
    return alone and (state.newest or {}).get("status") in ("error", "cancelled")


def _ended(starts: Sequence[Union[_Under, Returned]], context: Context) -> List[Returned]:
    waits: List[Polls] = [
        rollback.polls(start.plan, start.outcome, start.context) for start in starts if isinstance(start, _Under)
    ]
    ends = iter(wait_together(context.client, context.waiter, waits) if waits else ())
    return [_result(start, next(ends)) if isinstance(start, _Under) else start for start in starts]


def _result(start: _Under, ended: Any) -> Returned:
    start.outcome.ended, what, planned = ended, _in_words(start.earlier), start.plan
    try:
        if isinstance(planned, DeploymentPlan):
            result = deployed.finish(planned, planned, start.outcome, start.context)
        else:
            result = rollback.finish(planned, planned, start.outcome, start.context)
            # Docker may have gone back by itself, so that there was nothing to wait for.
            result["running"] = result["running"] or _running(planned.observed.state.service, start.context)
    except DokployError as error:
        return _failed(what, error)
    facts = result["deployment"] or {}
    running = None if result["running"] is None else {**result["running"], "commit": facts.get("commit")}
    return Returned(what, True, "Returned: %s runs again" % what, running, facts.get("deployment_id"))


def _running(service: Service, context: Context) -> Dict[str, Any]:
    return running_facts(service.mode, live_tasks(read_tasks(context.client, service)))


def _still(service: Service, earlier: Earlier, context: Context) -> Returned:
    """What was not replaced, and is configured again."""
    tasks, what = live_tasks(read_tasks(context.client, service)), _in_words(earlier)
    runs = bool(running_slots(tasks, settled=False))
    msg = (
        "Returned: %s still runs and is configured again" if runs else "Returned: %s is configured again; nothing runs"
    )
    return Returned(what, runs, msg % what, {**running_facts(service.mode, tasks), **commit_facts(service)})


def _nothing(earlier: Earlier) -> Returned:
    return Returned("", False, _SAME if earlier.kind in (IMAGE, CONTENT) else _UNKNOWN)


def _failed(what: str, error: DokployError) -> Returned:
    return Returned(what, False, "%s could not be brought back: %s" % (what or "What ran before", error))


def _in_words(earlier: Earlier) -> str:
    words = _WORDS.get(earlier.kind, "")
    return words % earlier.value if "%" in words else words


def observe(nodes: Sequence[Node], context: Context) -> List[DeploymentRequest]:
    """As C(deployed.observe), with what runs before the deployments."""
    return with_earlier(deployed.observe(nodes, context), context)


def finish(first: DeploymentPlan, planned: DeploymentPlan, outcome: Outcome, context: Context) -> Dict[str, Any]:
    """As C(deployed.finish); after a failure, what ran before runs again where the options say so.

    :raises DokployError: the deployment failed, also when what ran before runs again.
    """
    try:
        result = deployed.finish(first, planned, outcome, context)
    except DokployError as error:
        last, completion = outcome.ended
        if last.request.returns and completion is not None:
            _add(error, _returned(last, completion, context))
        raise
    last, completion = outcome.ended
    if last.request.returns and completion is not None and not context.params.get("settles_later"):
        settle([last.request.service], context)
    return result


def _returned(planned: DeploymentPlan, completion: Any, context: Context) -> Returned:
    if completion.final is None:
        return Returned("", False, "Nothing has come back, since the deployment has not ended")
    service = planned.request.service
    params = {**planned.request.params, service.resource.id_option: service.id}
    (returned,) = bring_back([Node(service.resource, params, label=service.label)], context)
    return returned


def _add(error: DokployError, returned: Returned) -> None:
    """Say in an error what has come back."""
    error.message = "%s\n%s." % (error.message.rstrip(), returned.msg.rstrip("."))
    error.details["returned"] = returned.facts()


def settle(services: Sequence[Service], context: Context) -> None:
    """Note that the last deployments of services stay up: their records go, or become what runs now.

    One request to read all of them, and one to write.
    """

    def attempt() -> None:
        calls = [Call(service.resource.reading.procedure, service.input()) for service in services]
        rows = context.client.call_many(calls)
        known = [replace(service, row=valid(row)) for service, row in zip(services, rows)]
        writes = [_settling(service) for service in known]
        run_together([context.executor.begin(Plan((write,))) for write in writes if write is not None], lambda: None)

    try:
        repeated(attempt, context.executor, services[0].label)
    except DokployError as error:
        warning = "%s: that its deployment stays up cannot be recorded, so that the next run deploys again: %s"
        context.warn([warning % (services[0].label, error)])


def _settling(service: Service) -> Optional[Write]:
    """The write after which the last deployment counts as verified; C(None) if it does."""
    store, text = service.resource.deployable.earlier, once_verified(service)
    if store.get(service.row.get(store.column)) == text:
        return None
    return fingerprint_write(service, stored_fingerprint(service), earlier=text)


#: What is configured runs, or what ran before.
DEPLOYED = replace(deployed.DEPLOYED, observe=observe, finish=finish)
#: Deployments that have rows.
WITH_ROWS = replace(deployed.WITH_ROWS, transition=DEPLOYED)
