# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Preview deployments of pull requests, which only GitHub's webhook creates: redeployed, removed and listed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from ..._api.client import Call
from ..._deployment.completion import failure
from ..._deployment.queue import (
    PREVIEW_KEY,
    QUEUE,
    REDEPLOYMENT,
    DeploymentQuery,
    Deployments,
    Row,
    Snapshot,
    deployment_facts,
    new_in_words,
    queue_position,
)
from ..._deployment.removal import BuildsOver
from ..._deployment.tracker import DeploymentTracker
from ..._engine.apply import brought
from ..._engine.lookup import find_parent
from ..._engine.plan import Outcome, Write
from ..._engine.runner import Context, action_operation
from ..._engine.state import Node
from ..._engine.view import ChangePlan, Difference
from ..._engine.wait import Polls
from ..._errors import Ambiguous, NotFoundError, OptionError, ReferenceNotFound, enumerated
from ..._model.argspec import Spec
from ..._model.resource import DELETE_TIMEOUT, Resource
from ..._model.responses import DEPLOYMENT
from ..._model.states import Transition
from ..._reads.rows import need, valid
from ..._values.schema import ID, SCALAR, TEXT, list_of, needed, object_of
from ..services.application import APPLICATION
from .deployment import RUN

Result = Dict[str, Any]
# The application, the preview that is named, and the answers to the queries for all of its previews and the queue.
_Observed = Tuple[Resource, Optional[Row], List[Any]]

TITLE = "Rebuild Preview Deployment"
_WAYS = ("preview_deployment_id", "pull_request", "branch")


@dataclass(frozen=True)
class PreviewPlan(ChangePlan):
    """What builds a preview again, or removes it.

    :param row: that of the preview; C(None) without one.
    :param before: what there was before the build; C(None) if nothing is built.
    """

    resource: Resource
    row: Optional[Row]
    before: Optional[Snapshot] = None


def _refuse(_resource: Resource, params: Mapping[str, Any]) -> None:
    if all(params[option] is None for option in _WAYS):
        raise OptionError("one of preview_deployment_id, pull_request and branch is needed")


def _observe(nodes: Sequence[Node], context: Context) -> List[_Observed]:
    return [_observed(node, context) for node in nodes]


def _observed(node: Node, context: Context) -> _Observed:
    """:raises ReferenceNotFound: there is none to redeploy. :raises Ambiguous: a branch has several."""
    absent = node.params["state"] == "absent"
    if not absent:
        need(context.client.version(), "state=redeployed", (0, 26, 4))
    try:
        answers = _candidates(node, context)
    except (NotFoundError, ReferenceNotFound):
        # A parent that does not exist has no previews.
        if not absent:
            raise
        answers = [[], []]
    row = _chosen(answers[0], node.params)
    if row is None and not absent:
        raise _missing(answers[0], node.params)
    return node.resource, row, answers


def _plan(observed: _Observed, context: Context) -> PreviewPlan:
    resource, row, answers = observed
    if row is None or context.params["state"] == "absent":
        return plan_preview_removal(resource, row, context.params["wait_timeout"])
    return plan_redeployment(resource, row, _query(resource, row).read(answers), context.params)


def _candidates(node: Node, context: Context) -> List[Any]:
    """The previews of the wanted service, and the jobs in the server's queue."""
    resource, wanted = node.resource, node.params["preview_deployment_id"]
    if wanted is not None:
        resource_id = context.client.query("previewDeployment.one", {PREVIEW_KEY: wanted}).get(resource.id_key)
    else:
        resource_id = find_parent(resource, node.params, context.reads).resource_id
    history = Call(resource.deployable.previews, {resource.id_key: str(resource_id)})
    previews, jobs = context.client.call_many([history, QUEUE])
    return [valid(previews), jobs]


def matches(row: Row, params: Mapping[str, Any]) -> bool:
    """Whether the options name a preview."""
    stated = (
        ("preview_deployment_id", row.get(PREVIEW_KEY)),
        ("pull_request", row.get("pullRequestNumber")),
        ("branch", row.get("branch")),
        ("status", row.get("previewStatus")),
    )
    return all(params.get(option) is None or str(params[option]) == str(value) for option, value in stated)


def _chosen(previews: List[Row], params: Mapping[str, Any]) -> Optional[Row]:
    matching = [row for row in previews if matches(row, params)]
    if len(matching) > 1:
        ids = [str(row.get(PREVIEW_KEY)) for row in matching]
        raise Ambiguous(
            "the options match %d preview deployments: %s" % (len(matching), ", ".join(ids)),
            hint="Set pull_request or preview_deployment_id.",
            details={"ids": ids},
        )
    return matching[0] if matching else None


def _missing(previews: List[Row], params: Mapping[str, Any]) -> ReferenceNotFound:
    wanted = ["%s %r" % (name, params[name]) for name in _WAYS if params[name] is not None]
    others = ["#%s (branch %s)" % (row.get("pullRequestNumber"), row.get("branch")) for row in previews]
    return ReferenceNotFound(
        "there is no preview deployment with %s; there %s"
        % (" and ".join(wanted), "are: %s" % enumerated(others) if others else "is none at all"),
        hint="GitHub's webhook creates them, when previews are enabled and a pull request is opened or pushed to.",
    )


def _query(resource: Resource, row: Row) -> DeploymentQuery:
    return DeploymentQuery(resource, str(row.get(resource.id_key)), preview_id=row[PREVIEW_KEY])


def _label(row: Row) -> str:
    return "preview deployment of pull request #%s" % row.get("pullRequestNumber")


def plan_redeployment(resource: Resource, row: Row, deployments: Deployments, params: Mapping[str, Any]) -> PreviewPlan:
    """What builds a preview again. Pure."""
    body = {key: params[key] for key in ("title", "description") if params[key] is not None}
    body[PREVIEW_KEY] = row[PREVIEW_KEY]
    took = partial(_query(resource, row).has_begun, before=deployments.snapshot)
    write = Write("previewDeployment.redeploy", body, once=True, took=took)
    before, after = queue_position(deployments.newest), new_in_words(REDEPLOYMENT)
    difference = Difference(_label(row), {"deployment": before}, {"deployment": after})
    return PreviewPlan((write,), difference, resource, row, deployments.snapshot)


def _polls(planned: PreviewPlan, outcome: Outcome, context: Context) -> Polls:
    """The final row of what is built.

    :raises WaitTimeout: it has not ended in time.
    """
    resource, row, before, params = planned.resource, planned.row, planned.before, context.params
    if row is None or before is None or not outcome.sent or not params["wait"]:
        return None
    query, title = _query(resource, row), params["title"] or TITLE
    tracker = DeploymentTracker(planned.difference.label, resource, query, context.waiter, before, title)
    return (yield tracker, params["wait_timeout"])


def _finish(first: PreviewPlan, _planned: PreviewPlan, outcome: Outcome, context: Context) -> Result:
    """:raises DeploymentFailed: it ended in C(error) or C(cancelled)."""
    resource, row = first.resource, first.row or {}
    resource_id, facts = row.get(resource.id_key), preview_facts(resource, row) if row else None
    deployment = _deployment(resource, outcome.ended, str(resource_id)) if outcome.ended else None
    if deployment is not None and deployment["status"] != "done":
        raise failure(resource, first.difference.label, deployment, context)
    ids = {resource.id_option: resource_id}
    return first.difference.result(**ids, preview_deployment=facts, deployment=deployment)


#: A preview is built again, or it is gone.
PREVIEW = Transition(_observe, _plan, _finish, _refuse, configures=False, polls=_polls)


def manage_preview(resource: Resource, context: Context) -> Result:
    """The operation C(dokploy_preview_deployment)."""
    return brought(Node(resource, context.params, transition=PREVIEW), context)


def _deployment(resource: Resource, row: Row, resource_id: str) -> Dict[str, Any]:
    # The row of a preview's deployment has no ID of the service, and the webhook's description holds the commit.
    facts = {**deployment_facts(resource, row), resource.id_option: resource_id}
    if facts["description"].startswith("Hash:"):
        facts["commit"] = facts["description"][len("Hash:") :].strip() or None
    return facts


def plan_preview_removal(resource: Resource, row: Optional[Row], timeout: float) -> PreviewPlan:
    """What removes a preview, after at most C(timeout) seconds for its build; no steps without one. Pure."""
    if row is None:
        difference = Difference("preview deployment", {"state": "absent"}, {"state": "absent"})
        return PreviewPlan((), difference, resource, row)
    body = {"previewDeploymentId": row[PREVIEW_KEY]}
    steps = (
        # A build that goes on would create a service without a preview.
        BuildsOver(_query(resource, row), _label(row), timeout),
        Write("previewDeployment.delete", body, missing_ok=True, timeout=DELETE_TIMEOUT),
    )
    return PreviewPlan(steps, Difference(_label(row), {"state": "present"}, {"state": "absent"}), resource, row)


def preview_facts(resource: Resource, row: Row) -> Dict[str, Any]:
    """A preview as results show it, without what changes while it is built."""
    domain = row.get("domain") or {}
    host, scheme = domain.get("host"), "https" if domain.get("https") else "http"
    number = str(row.get("pullRequestNumber") or "")
    return {
        "preview_deployment_id": row.get(PREVIEW_KEY),
        resource.id_option: row.get(resource.id_key),
        "branch": row.get("branch"),
        "pull_request": {
            "number": int(number) if number.isdigit() else None,
            "title": row.get("pullRequestTitle"),
            "url": row.get("pullRequestURL"),
        },
        "app_name": row.get("appName"),
        "host": host,
        "url": "%s://%s%s" % (scheme, host, domain.get("path") or "/") if host else None,
        "created_at": row.get("createdAt"),
    }


def list_previews(resource: Resource, context: Context) -> Result:
    """The operation C(dokploy_preview_deployment_info): the previews of a service, newest first."""
    resource_id = str(find_parent(resource, context.params, context.reads).resource_id)
    rows = context.client.query(resource.deployable.previews, {resource.id_key: resource_id})
    previews = [
        {
            **preview_facts(resource, row),
            "status": row.get("previewStatus"),
            "deployments": [_deployment(resource, item, resource_id) for item in row.get("deployments") or []],
        }
        for row in rows
        if matches(row, context.params)
    ]
    return {"changed": False, resource.id_option: resource_id, "preview_deployments": previews}


_PREVIEW_ROW = object_of(
    previewDeploymentId=ID,
    branch=TEXT,
    previewStatus=TEXT,
    domain=object_of(host=TEXT, path=TEXT, https=SCALAR, enabled=SCALAR, createdAt=TEXT),
    deployments=list_of(DEPLOYMENT),
    **{APPLICATION.id_key: TEXT},
    **dict.fromkeys(("pullRequestNumber", "pullRequestTitle", "pullRequestURL", "appName", "createdAt"), SCALAR),
)
_ANSWERS = {
    APPLICATION.deployable.previews: needed(list_of(_PREVIEW_ROW)),
    "previewDeployment.one": needed(object_of(**{APPLICATION.id_key: TEXT})),
    # Its effect is not read at once, so that an empty answer is not enough.
    "previewDeployment.delete": needed(SCALAR),
}

_PREVIEW: Spec = {"pull_request": {"type": "int"}, "branch": {"type": "str"}}

OPERATION = action_operation(
    "dokploy_preview_deployment",
    APPLICATION,
    manage_preview,
    {
        "state": {"type": "str", "choices": ["redeployed", "absent"], "default": "redeployed"},
        "preview_deployment_id": {"type": "str"},
        **_PREVIEW,
        **RUN,
    },
    {"required_one_of": [["preview_deployment_id", "application", "application_id"]]},
    answers=_ANSWERS,
)

INFO_OPERATION = action_operation(
    "dokploy_preview_deployment_info",
    APPLICATION,
    list_previews,
    {**_PREVIEW, "status": {"type": "str", "choices": ["idle", "running", "done", "error"]}},
    {"required_one_of": [["application", "application_id"]]},
    answers=_ANSWERS,
)
