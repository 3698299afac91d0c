# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The actions on an application besides configuring and deploying it."""

from __future__ import annotations

from typing import Any, Callable, Dict, Mapping, Optional, Tuple

from ..._deployment.cancel import cancel
from ..._deployment.queue import RUNNING, Row, deployment_facts
from ..._engine.difference import Difference
from ..._engine.lookup import Target, find_parent, read
from ..._engine.plan import Plan, Write
from ..._engine.requirements import need
from ..._engine.runner import Context, action_operation
from ..._errors import OptionError, ReferenceNotFound, Refused
from ..._model.resource import Resource
from ..._secrets.patterns import HIDDEN, hide_credentials
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

# The two sides of the diff, and further facts of the result.
_Done = Tuple[Dict[str, Any], Dict[str, Any], Dict[str, Any]]


def act_on(resource: Resource, context: Context) -> Dict[str, Any]:
    """The operation C(dokploy_application_action).

    :raises OptionError: an action lacks the option it needs. :raises Refused: the server is too old for the action.
    """
    action = context.params["action"]
    perform, since = ACTIONS[action]
    if action == "kill_build" and not context.params["kill_every_build"]:
        raise OptionError(
            "action=kill_build interrupts every docker build on the server, also those of other applications;"
            " set kill_every_build=true to confirm"
        )
    try:
        target = find_parent(resource, context.params, context.reads)
    except ReferenceNotFound as error:
        context.executor.parent_missing(error)
        return {"changed": True, resource.id_option: GENERATED}
    if since is not None:
        need(context.client.version(), "action=%s" % action, since)
    before, after, facts = perform(resource, target, context)
    return Difference(target.label, before, after).result(**{resource.id_option: target.resource_id}, **facts)


def _send(procedure: str, target: Target, context: Context, once: bool = False) -> bool:
    return context.executor.run(Plan((Write(procedure, {"applicationId": target.resource_id}, once=once),))).sent


def _row(resource: Resource, target: Target, context: Context, fresh: bool = False) -> Row:
    row = read(resource, target, context.reads, fresh)
    if row is None:
        raise Refused("%s was removed during this task" % target.label)
    return row


def _refresh_token(resource: Resource, target: Target, context: Context) -> _Done:
    webhook: Optional[Dict[str, Any]] = None
    if _send("application.refreshToken", target, context, once=True) and context.params["include_secrets"]:
        webhook = webhook_of(_row(resource, target, context, fresh=True), context.client.base_url)
    before, after = ({"webhook_token": "%s %s" % (HIDDEN, word)} for word in ("old", "new"))
    return before, after, {"webhook": webhook}


def webhook_of(row: Row, base_url: str) -> Dict[str, Any]:
    """The URL that deploys the application without a key. All of it is secret."""
    path = "/deploy/%s" % row.get("refreshToken")
    return {"token": row.get("refreshToken"), "path": "/api%s" % path, "url": "%s%s" % (base_url, path)}


def _clear_deployments(_resource: Resource, target: Target, context: Context) -> _Done:
    _send("application.clearDeployments", target, context)
    return {"build_logs": "(those of all deployments)"}, {"build_logs": ""}, {}


def _clean_queues(resource: Resource, target: Target, context: Context) -> _Done:
    result = cancel(resource, target, context)
    return result["diff"]["before"], result["diff"]["after"], {"cancelled": result["cancelled"]}


def _disconnect(resource: Resource, target: Target, context: Context) -> _Done:
    row = _row(resource, target, context)
    source = {"source": row.get("sourceType")}
    if source["source"] in ("docker", "drop"):
        # The server would also replace an image or an archive with an empty GitHub source.
        return source, source, {}
    left = {key: row[key] for key, value in DISCONNECTED.items() if key in row and not _is_reset(key, row[key], value)}
    before = context.first_plan(left)
    if left:
        _send("application.disconnectGitProvider", target, context)
    shown = {key: hide_credentials(value) if isinstance(value, str) else value for key, value in before.items()}
    return shown, {key: DISCONNECTED[key] for key in before}, {}


def _is_reset(key: str, value: Any, reset: Any) -> bool:
    if isinstance(reset, bool):
        return bool(value) is reset
    return value == reset or (is_empty(value) and is_empty(reset)) or (key in _BUILD_PATHS and value == "/")


def _mark_running(resource: Resource, target: Target, context: Context) -> _Done:
    now = _row(resource, target, context, fresh=True).get("applicationStatus")
    before = context.first_plan(now)
    if now != RUNNING:
        _send("application.markRunning", target, context)
    return {"status": before}, {"status": RUNNING}, {}


def _kill_build(_resource: Resource, target: Target, context: Context) -> _Done:
    _send("application.killBuild", target, context, once=True)
    return {"docker_builds": "(all that run on the server)"}, {"docker_builds": ""}, {}


def _remove_deployment(resource: Resource, target: Target, context: Context) -> _Done:
    wanted = context.params["deployment_id"]
    rows = context.client.query("deployment.all", {"applicationId": target.resource_id})
    row = context.first_plan(next((item for item in rows if item.get("deploymentId") == wanted), None))
    if row is None:
        return {}, {}, {}
    if row.get("status") == RUNNING:
        context.warn(["%s: deployment %s is running; its build goes on without a record" % (target.label, wanted)])
    context.executor.run(Plan((Write("deployment.removeDeployment", {"deploymentId": wanted}, missing_ok=True),)))
    facts = deployment_facts(resource, row)
    return {key: facts[key] for key in ("deployment_id", "title", "status", "created_at")}, {}, {}


# Each action, with the first version of Dokploy that has it, unless all have it.
ACTIONS: Mapping[str, Tuple[Callable[[Resource, Target, Context], _Done], Optional[Tuple[int, int, int]]]] = {
    "clean_queues": (_clean_queues, None),
    "clear_deployments": (_clear_deployments, (0, 27, 1)),
    "disconnect_git_provider": (_disconnect, None),
    "kill_build": (_kill_build, (0, 25, 8)),
    "mark_running": (_mark_running, None),
    "refresh_token": (_refresh_token, None),
    "remove_deployment": (_remove_deployment, (0, 27, 1)),
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
)
