# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The actions on an application besides configuring and deploying it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Callable, Dict, List, Mapping, Optional, Tuple

from ..._deployment.cancel import plan_cancel
from ..._deployment.queue import RUNNING, DeploymentQuery, Deployments, Row, deployment_facts
from ..._engine.lookup import Target, find_parent, read_row
from ..._engine.plan import Write
from ..._engine.runner import Context, action_operation
from ..._engine.view import ChangePlan, Difference
from ..._errors import OptionError, ReferenceNotFound, Refused
from ..._model.field import Version
from ..._model.resource import Resource
from ..._reads.rows import need
from ..._secrets.masking import HIDDEN, hide_credentials
from ..._values.codec import GENERATED, is_empty
from ..._values.schema import needed, object_of
from ..services.application import APPLICATION
from ..services.source import SOURCES

# The columns that application.disconnectGitProvider writes: those of all git sources, but one that it forgets.
DISCONNECTED: Dict[str, Any] = {
    **{field.api: None for source in SOURCES if source.name not in ("docker", "drop") for field in source.fields},
    "sourceType": "github",
    "buildPath": "/",
    "triggerType": "push",
    "enableSubmodules": False,
}
DISCONNECTED.pop("bitbucketRepositorySlug")
# A new application has "/" in these, which needs no disconnecting.
_BUILD_PATHS = ("gitlabBuildPath", "bitbucketBuildPath", "giteaBuildPath")

Params = Mapping[str, Any]


@dataclass(frozen=True)
class ActionPlan(ChangePlan):
    """What an action does.

    :param facts: further results.
    """

    facts: Mapping[str, Any] = field(default_factory=dict)
    warnings: Tuple[str, ...] = ()


@dataclass(frozen=True)
class ApplicationAction:
    """An action on an application.

    :param plan: what it does, from the application, what was observed and the parameters: pure.
    :param observe: reads what the plan has to know.
    :param since: the first version of Dokploy that has it; C(None) if all have.
    """

    plan: Callable[[Target, Any, Params], ActionPlan]
    observe: Callable[[Resource, Target, Context], Any] = lambda resource, target, context: None
    since: Optional[Version] = None


def act_on(resource: Resource, context: Context) -> Dict[str, Any]:
    """The operation C(dokploy_application_action).

    :raises OptionError: an action lacks the option it needs. :raises Refused: the server is too old for the action.
    """
    params, name = context.params, context.params["action"]
    action = ACTIONS[name]
    if name == "kill_build" and not params["kill_every_build"]:
        raise OptionError(
            "action=kill_build interrupts every docker build on the server, also those of other applications;"
            " set kill_every_build=true to confirm"
        )
    try:
        target = find_parent(resource, params, context.reads)
    except ReferenceNotFound as error:
        context.executor.parent_missing(error)
        return {"changed": True, resource.id_option: GENERATED}
    if action.since is not None:
        need(context.client.version(), "action=%s" % name, action.since)
    planned = action.plan(target, action.observe(resource, target, context), params)
    context.warn(planned.warnings)
    first = context.first_plan(planned)
    sent, facts = context.executor.run(planned).sent, dict(first.facts)
    if sent and "webhook" in facts and params["include_secrets"]:
        facts["webhook"] = webhook_of(_fresh_row(resource, target, context), context.client.base_url)
    return first.difference.result(**{resource.id_option: target.resource_id}, **facts)


def webhook_of(row: Row, base_url: str) -> Dict[str, Any]:
    """The URL that deploys the application without a key. All of it is secret."""
    path = "/deploy/%s" % row.get("refreshToken")
    return {"token": row.get("refreshToken"), "path": "/api%s" % path, "url": "%s%s" % (base_url, path)}


def _row(resource: Resource, target: Target, context: Context, fresh: bool = False) -> Row:
    row = read_row(resource, target, context.reads, fresh)
    if row is None:
        raise Refused("%s was removed during this task" % target.label)
    return row


def _fresh_row(resource: Resource, target: Target, context: Context) -> Row:
    return _row(resource, target, context, fresh=True)


def _deployments(_resource: Resource, target: Target, context: Context) -> List[Row]:
    return list(context.client.query("deployment.all", {"applicationId": target.resource_id}))


def _queue(resource: Resource, target: Target, context: Context) -> Deployments:
    return DeploymentQuery(resource, str(target.resource_id), with_previews=True).ask(context.client)


def _plan(
    target: Target, before: Mapping[str, Any], after: Mapping[str, Any], *steps: Write, **more: Any
) -> ActionPlan:
    return ActionPlan(steps, Difference(target.label, before, after), **more)


def _write(procedure: str, target: Target, once: bool = False) -> Write:
    return Write(procedure, {"applicationId": target.resource_id}, once=once)


def plan_new_token(target: Target, _known: None, _params: Params) -> ActionPlan:
    """A new token of the webhook."""
    before, after = ({"webhook_token": "%s %s" % (HIDDEN, word)} for word in ("old", "new"))
    return _plan(target, before, after, _write("application.refreshToken", target, once=True), facts={"webhook": None})


def plan_clearing(target: Target, _known: None, _params: Params) -> ActionPlan:
    """The removal of the logs of all deployments."""
    before, after = {"build_logs": "(those of all deployments)"}, {"build_logs": ""}
    return _plan(target, before, after, _write("application.clearDeployments", target))


def plan_clean_queue(target: Target, observed: Deployments, _params: Params) -> ActionPlan:
    """What drops the waiting deployments."""
    planned = plan_cancel(APPLICATION, target, observed, kill=False)
    return ActionPlan(planned.steps, planned.difference, {"cancelled": planned.waiting}, planned.warnings)


def plan_disconnection(target: Target, row: Row, _params: Params) -> ActionPlan:
    """What empties the columns of Git sources; no steps where they are empty."""
    source = {"source": row.get("sourceType")}
    if source["source"] in ("docker", "drop"):
        # The server would also replace an image or an archive with an empty GitHub source.
        return _plan(target, source, source)
    left = {key: row[key] for key, value in DISCONNECTED.items() if key in row and not _is_reset(key, row[key], value)}
    before = {key: hide_credentials(value) if isinstance(value, str) else value for key, value in left.items()}
    steps = [_write("application.disconnectGitProvider", target)] if left else []
    return _plan(target, before, {key: DISCONNECTED[key] for key in left}, *steps)


def _is_reset(key: str, value: Any, reset: Any) -> bool:
    if isinstance(reset, bool):
        return bool(value) is reset
    return value == reset or (is_empty(value) and is_empty(reset)) or (key in _BUILD_PATHS and value == "/")


def plan_running(target: Target, row: Row, _params: Params) -> ActionPlan:
    """What sets the status to running; no steps where it is."""
    now = row.get("applicationStatus")
    steps = [] if now == RUNNING else [_write("application.markRunning", target)]
    return _plan(target, {"status": now}, {"status": RUNNING}, *steps)


def plan_kill(target: Target, _known: None, _params: Params) -> ActionPlan:
    """What interrupts all docker builds of the server."""
    before, after = {"docker_builds": "(all that run on the server)"}, {"docker_builds": ""}
    return _plan(target, before, after, _write("application.killBuild", target, once=True))


def plan_removal(target: Target, rows: List[Row], params: Params) -> ActionPlan:
    """What removes the record of a deployment; no steps without one."""
    wanted = params["deployment_id"]
    row = next((item for item in rows if item.get("deploymentId") == wanted), None)
    if row is None:
        return _plan(target, {}, {})
    warning = "%s: deployment %s is running; its build goes on without a record" % (target.label, wanted)
    facts = deployment_facts(APPLICATION, row)
    return _plan(
        target,
        {key: facts[key] for key in ("deployment_id", "title", "status", "created_at")},
        {},
        Write("deployment.removeDeployment", {"deploymentId": wanted}, missing_ok=True),
        warnings=(warning,) if row.get("status") == RUNNING else (),
    )


ACTIONS: Mapping[str, ApplicationAction] = {
    "clean_queues": ApplicationAction(plan_clean_queue, _queue),
    "clear_deployments": ApplicationAction(plan_clearing, since=(0, 27, 1)),
    "disconnect_git_provider": ApplicationAction(plan_disconnection, _row),
    "kill_build": ApplicationAction(plan_kill, since=(0, 25, 8)),
    "mark_running": ApplicationAction(plan_running, _fresh_row),
    "refresh_token": ApplicationAction(plan_new_token),
    "remove_deployment": ApplicationAction(plan_removal, _deployments, since=(0, 27, 1)),
}

OPERATION = action_operation(
    "dokploy_application_action",
    APPLICATION,
    act_on,
    {
        "action": {"type": "str", "choices": list(ACTIONS), "required": True},
        "deployment_id": {"type": "str"},
        "kill_every_build": {"type": "bool", "default": False},
        "include_secrets": {"type": "bool", "default": False, "no_log": False},
    },
    {
        "required_one_of": [["application", "application_id"]],
        "required_if": [["action", "remove_deployment", ["deployment_id"]]],
    },
    # Its effect is not read at once, so that an empty answer is not enough.
    answers={"deployment.removeDeployment": needed(object_of())},
    # Of the webhook, whose URL has it too.
    secret_results={"token"}.__contains__,
)
