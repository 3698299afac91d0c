# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What can be done to an application besides configuring and deploying it: one function a verb, in one table."""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Mapping, Optional, Tuple

from ansible_collections.community.dokploy.plugins.module_utils._api.client import Client
from ansible_collections.community.dokploy.plugins.module_utils._deployment.cancel import cancel
from ansible_collections.community.dokploy.plugins.module_utils._deployment.queue import (
    FINAL,
    RUNNING,
    deployment_facts,
)
from ansible_collections.community.dokploy.plugins.module_utils._engine.lookup import Target, find_parent, read
from ansible_collections.community.dokploy.plugins.module_utils._engine.plan import Plan, Write
from ansible_collections.community.dokploy.plugins.module_utils._engine.requirements import need
from ansible_collections.community.dokploy.plugins.module_utils._engine.runner import Context
from ansible_collections.community.dokploy.plugins.module_utils._errors import (
    DeploymentFailed,
    DokployError,
    OptionError,
    ReferenceNotFound,
    Refused,
    WaitTimeout,
)
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Child, Resource
from ansible_collections.community.dokploy.plugins.module_utils._secrets.patterns import HIDDEN, hide_credentials
from ansible_collections.community.dokploy.plugins.module_utils._swarm.logs import build_logs, listed
from ansible_collections.community.dokploy.plugins.module_utils._values.codec import is_empty

Row = Mapping[str, Any]
Result = Dict[str, Any]

# The columns that C(application.disconnectGitProvider) writes, and what it writes.
DISCONNECTED: Mapping[str, Any] = {
    "sourceType": "github",
    "githubId": None,
    "owner": None,
    "repository": None,
    "branch": None,
    "buildPath": "/",
    "triggerType": "push",
    "gitlabId": None,
    "gitlabProjectId": None,
    "gitlabPathNamespace": None,
    "gitlabOwner": None,
    "gitlabRepository": None,
    "gitlabBranch": None,
    "gitlabBuildPath": None,
    "bitbucketId": None,
    "bitbucketOwner": None,
    "bitbucketRepository": None,
    "bitbucketBranch": None,
    "bitbucketBuildPath": None,
    "giteaId": None,
    "giteaOwner": None,
    "giteaRepository": None,
    "giteaBranch": None,
    "giteaBuildPath": None,
    "customGitUrl": None,
    "customGitBranch": None,
    "customGitBuildPath": None,
    "customGitSSHKeyId": None,
    "watchPaths": None,
    "enableSubmodules": False,
}
# What a fresh application has there; it needs no disconnecting.
_FRESH = ("gitlabBuildPath", "bitbucketBuildPath", "giteaBuildPath")


def act_on(resource: Resource, context: Context) -> Result:
    """The operation C(dokploy_application_action).

    :raises OptionError: an action lacks the option it needs.
    :raises ReferenceNotFound: there is no such application; the message lists similar names.
    :raises Refused: the server is too old for the action.
    """
    action = context.params["action"]
    perform, since = ACTIONS[action]
    if action == "kill_build" and not context.params["kill_every_build"]:
        raise OptionError(
            "action=kill_build interrupts every docker build on the server, those of other applications too;"
            " say kill_every_build=true if that is meant"
        )
    try:
        target = find_parent(resource, context.params, context.reads)
    except ReferenceNotFound as error:
        context.executor.parent_missing(error)
        return {"changed": True, "application_id": None}
    if since is not None:
        need(context.client, "action=%s" % action, since)
    changed, before, after, more = perform(resource, target, context)
    return {
        "changed": changed,
        "application_id": target.resource_id,
        **more,
        "diff": {"before": before, "after": after, "before_header": target.label, "after_header": target.label},
    }


# --- one function a verb: changed, the diff's two sides, and what else the result has --------------------------------

_Done = Tuple[bool, Dict[str, Any], Dict[str, Any], Dict[str, Any]]


def _send(procedure: str, target: Target, context: Context, once: bool = False) -> bool:
    return context.executor.run(Plan((Write(procedure, {"applicationId": target.resource_id}, once=once),))).sent


def _row(resource: Resource, target: Target, context: Context, fresh: bool = False) -> Row:
    row = read(resource, target, context.reads, fresh)
    if row is None:
        # It was found a moment ago.
        raise Refused("%s has just been removed" % target.label)
    return row


def _refresh_token(resource: Resource, target: Target, context: Context) -> _Done:
    sent = _send("application.refreshToken", target, context, once=True)
    webhook: Optional[Dict[str, Any]] = None
    if sent and context.params["include_secrets"]:
        webhook = webhook_of(_row(resource, target, context, fresh=True), context.client)
    before, after = ({"webhook_token": "%s %s" % (HIDDEN, word)} for word in ("old", "new"))
    return True, before, after, {"webhook": webhook}


def webhook_of(row: Row, client: Client) -> Dict[str, Any]:
    """The address that deploys the application without a key, which is why it is secret as a whole."""
    token = row.get("refreshToken")
    path = "/deploy/%s" % token
    return {"token": token, "path": "/api%s" % path, "url": "%s%s" % (client.base_url, path)}


def _clear_deployments(_resource: Resource, target: Target, context: Context) -> _Done:
    _send("application.clearDeployments", target, context)
    return True, {"build_logs": "(those of all deployments)"}, {"build_logs": ""}, {}


def _clean_queues(resource: Resource, target: Target, context: Context) -> _Done:
    done = cancel(resource, target, context)
    return done["changed"], done["diff"]["before"], done["diff"]["after"], {"cancelled": done["cancelled"]}


def _disconnect(resource: Resource, target: Target, context: Context) -> _Done:
    row = _row(resource, target, context)
    source = row.get("sourceType")
    # The server would turn an image or an archive into an empty GitHub source as well, which nobody means by this.
    if source in ("docker", "drop"):
        return False, {"source": source}, {"source": source}, {}
    left = {key: row[key] for key, value in DISCONNECTED.items() if key in row and not _is_reset(key, row[key], value)}
    before = context.first(left)
    if left:
        _send("application.disconnectGitProvider", target, context)
    if not before:
        return False, {}, {}, {}
    shown = {key: hide_credentials(value) if isinstance(value, str) else value for key, value in before.items()}
    return True, shown, {key: DISCONNECTED[key] for key in before}, {}


def _is_reset(key: str, value: Any, reset: Any) -> bool:
    if isinstance(reset, bool):
        return bool(value) is reset
    return value == reset or (is_empty(value) and is_empty(reset)) or (key in _FRESH and value == "/")


def _mark_running(resource: Resource, target: Target, context: Context) -> _Done:
    now = _row(resource, target, context, fresh=True).get("applicationStatus")
    status = context.first(now)
    if now != RUNNING:
        _send("application.markRunning", target, context)
    return status != RUNNING, {"status": status}, {"status": RUNNING}, {}


def _kill_build(_resource: Resource, target: Target, context: Context) -> _Done:
    _send("application.killBuild", target, context, once=True)
    return True, {"docker_builds": "(all that run on the server)"}, {"docker_builds": ""}, {}


def _remove_deployment(resource: Resource, target: Target, context: Context) -> _Done:
    wanted = context.params["deployment_id"]
    rows = context.client.query("deployment.all", {"applicationId": target.resource_id})
    row = context.first(next((item for item in rows if item.get("deploymentId") == wanted), None))
    if row is None:
        return False, {}, {}, {}
    if row.get("status") == RUNNING:
        context.executor.warnings.append(
            "%s: deployment %s is running; its build goes on without a row to tell of it" % (target.label, wanted)
        )
    context.executor.run(Plan((Write("deployment.removeDeployment", {"deploymentId": wanted}, missing_ok=True),)))
    facts = deployment_facts(resource, row)
    return True, {key: facts[key] for key in ("deployment_id", "title", "status", "created_at")}, {}, {}


_Perform = Callable[[Resource, Target, Context], _Done]

# Each action, and the first version of Dokploy that has it where not all have.
ACTIONS: Mapping[str, Tuple[_Perform, Optional[Tuple[int, int, int]]]] = {
    "clean_queues": (_clean_queues, None),
    "clear_deployments": (_clear_deployments, (0, 27, 1)),
    "disconnect_git_provider": (_disconnect, None),
    "kill_build": (_kill_build, (0, 25, 8)),
    "mark_running": (_mark_running, None),
    "refresh_token": (_refresh_token, None),
    "remove_deployment": (_remove_deployment, (0, 27, 1)),
}


# --- job runs ---
# Running a schedule or a volume backup now, and what came of it.


# The server answers when the command has ended; a proxy in between may not wait that long, so looking decides.
ANSWER_TIMEOUT = 60.0


def run_now(resource: Resource, child: Child, row: Optional[Row], target: Target, context: Context) -> Result:
    """Run it, wait for its end, and give what its run left.

    :raises ReferenceNotFound: there is none.
    :raises DeploymentFailed: it failed; the message ends with the tail of its log.
    :raises WaitTimeout: it has not ended in time.
    """
    result: Result = {"changed": True, resource.id_option: target.resource_id, child.id_option: None, "run": None}
    if row is None:
        missing = ReferenceNotFound("%s has no such %s" % (target.label, child.singular.replace("_", " ")))
        context.executor.parent_missing(missing)
        return result
    procedure, kind = child.run or ("", "")
    resource_id = str(row[child.id_key])
    timeout = context.params["wait_timeout"]
    before = {item.get("deploymentId") for item in _rows(context.client, resource_id, kind)}
    request = Write(
        procedure, {child.id_key: resource_id}, timeout=min(timeout, ANSWER_TIMEOUT), confirm_by_polling=True, once=True
    )
    outcome = context.executor.run(Plan((request,)))
    result[child.id_option] = resource_id
    label = "%s %s of %s" % (child.singular.replace("_", " "), row.get(child.fields[0].api), target.label)
    result["diff"] = {
        "before": {"run": ""},
        "after": {"run": "(a new one)"},
        "before_header": label,
        "after_header": label,
    }
    if not outcome.sent:
        return result
    facts = deployment_facts(resource, _final(context, resource_id, kind, before, timeout, label))
    lines = context.params["log_lines"]
    log = build_logs(context.client, resource, [(str(target.resource_id), str(facts["deployment_id"]))], lines)[0]
    result["run"] = {
        **{key: facts[key] for key in ("deployment_id", "status", "created_at", "started_at", "finished_at")},
        "log": listed(log),
    }
    if facts["status"] != "done":
        message = "%s: the run ended in %s" % (label, facts["status"])
        raise DeploymentFailed(
            "%s\nThe end of its log:\n%s" % (message, log) if log else message, details={"run": result["run"]}
        )
    return result


def _rows(client: Client, resource_id: str, kind: str) -> List[Row]:
    return list(client.query("deployment.allByType", {"id": resource_id, "type": kind}) or [])


def _final(context: Context, resource_id: str, kind: str, before: Any, timeout: float, label: str) -> Row:
    state: Dict[str, Any] = {"status": "unknown"}

    def look(_passed: float) -> Optional[Row]:
        new = [row for row in _rows(context.client, resource_id, kind) if row.get("deploymentId") not in before]
        if new:
            state["status"] = new[0].get("status")
        return new[0] if new and new[0].get("status") in FINAL else None

    def expired() -> DokployError:
        return WaitTimeout(
            "%s: the run has not ended after %g s (%s)" % (label, timeout, state["status"]),
            hint="It goes on at the server; raise wait_timeout.",
            details={"status": state["status"]},
        )

    final: Row = context.waiter.until(timeout, look, expired)
    return final
