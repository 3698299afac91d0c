# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Deployments: triggered where that is needed, waited for, cancelled, rolled back."""

from __future__ import annotations

from typing import Any, Dict, Mapping, Optional

from ansible_collections.community.dokploy.plugins.module_utils._archive.source import Archive, source_of
from ansible_collections.community.dokploy.plugins.module_utils._deployment.cancel import cancel
from ansible_collections.community.dokploy.plugins.module_utils._deployment.handles import finish_handles
from ansible_collections.community.dokploy.plugins.module_utils._deployment.health import check_options
from ansible_collections.community.dokploy.plugins.module_utils._deployment.rollback import roll_back
from ansible_collections.community.dokploy.plugins.module_utils._deployment.state import look
from ansible_collections.community.dokploy.plugins.module_utils._deployment.trigger import Deployment
from ansible_collections.community.dokploy.plugins.module_utils._engine.context import Context, attempts
from ansible_collections.community.dokploy.plugins.module_utils._engine.lookup import find_application
from ansible_collections.community.dokploy.plugins.module_utils._errors import (
    OptionError,
    ReferenceNotFound,
)
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Resource

Row = Mapping[str, Any]
Result = Dict[str, Any]

# What the server gives at the most.
MOST_LINES = 10000

# Option -> the states in which it means something.
_ONLY = {
    "revision": ("deployed",),
    "archive": ("deployed",),
    "path": ("deployed",),
    "ignore": ("deployed",),
    "deployment_id": ("rolled_back",),
    "handles": ("finished",),
    "kill_build": ("cancelled",),
    "health_check": ("deployed", "redeployed", "finished", "rolled_back"),
    "title": ("deployed", "redeployed"),
    "description": ("deployed", "redeployed"),
}


def deploy(resource: Resource, context: Context) -> Result:
    """The operation C(dokploy_deployment).

    :raises OptionError: options that cannot be, or not together.
    :raises DeploymentFailed: it ended in C(error) or C(cancelled), does not stay up, does not answer, or is not the
        revision that was wanted; the message ends with the tail of the log.
    :raises WaitTimeout: it has not ended in time.
    """
    params = context.params
    _check_options(params)
    if params["state"] == "finished":
        return finish_handles(context)
    files = source_of(params["archive"], params["path"], params["ignore"] or ()) if _with_files(params) else None
    words = "application %r" % (params["application"] or params["application_id"])
    return attempts(lambda: _attempt(resource, files, context), context, words)


def _attempt(resource: Resource, files: Optional[Archive], context: Context) -> Optional[Result]:
    """One attempt; C(None) when somebody else has written what it was built on."""
    params = context.params
    try:
        if params["state"] == "cancelled":
            target = find_application(resource, params, context.reads)
            return cancel(target, str(target.own_id), context, params["kill_build"], params["wait"])
        standing = look(resource, context)
    except ReferenceNotFound as error:
        context.executor.parent_missing(error)
        return _promised(params)
    if params["state"] == "rolled_back":
        return roll_back(standing, context)
    return Deployment(resource, standing, files, context).result()


def _promised(params: Mapping[str, Any]) -> Result:
    """What becomes of an application that an earlier task is to make, which check mode takes for granted."""
    state = params["state"]
    words = "application %r" % params["application"]
    before: Result = {"newest_deployment": None}
    after: Result = {"newest_deployment": "(a new one, %s)" % state}
    if state == "cancelled":
        # Nothing of a new application waits.
        before, after = {"waiting": 0}, {"waiting": 0}
    elif state == "rolled_back":
        before, after = {"deployed": None}, {"deployed": "(an earlier one)"}
    return {
        "changed": state != "cancelled",
        "application_id": None,
        "deployment": None,
        "diff": {"before": before, "after": after, "before_header": words, "after_header": words},
    }


def _check_options(params: Mapping[str, Any]) -> None:
    state = params["state"]
    for option, states in _ONLY.items():
        if params[option] not in (None, False) and state not in states:
            raise OptionError("%s means nothing with state=%s" % (option, state))
    if state == "finished" and params["handles"] is None:
        raise OptionError("state=finished needs handles, which state=deployed with wait=false returns")
    if state != "finished" and params["application"] is None and params["application_id"] is None:
        raise OptionError("one of application and application_id is needed with state=%s" % state)
    if params["ignore"] is not None and params["path"] is None:
        raise OptionError("ignore is for the files of a path")
    if not 0 <= params["log_lines"] <= MOST_LINES:
        raise OptionError("log_lines is %d; it must be 0 to %d" % (params["log_lines"], MOST_LINES))
    for option in ("wait_timeout", "verify_period"):
        # What compares with nothing is no number either.
        if not 0 <= params[option] <= 1e9:
            raise OptionError("%s is %s; it must be a number of seconds" % (option, params[option]))
    check_options(params["health_check"])


def _with_files(params: Mapping[str, Any]) -> bool:
    return params["archive"] is not None or params["path"] is not None
