# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The operation C(dokploy_deployment): its options, whether a deployment is needed, and what it leads to."""

from __future__ import annotations

from typing import Any, Dict, Mapping, Optional, Sequence

from .._engine.apply import brought
from .._engine.kinds import chosen, names_one
from .._engine.runner import Context
from .._engine.state import Node
from .._engine.view import Difference
from .._errors import OptionError, ReferenceNotFound
from .._model.resource import Resource
from .._model.states import Transition
from .._swarm.logs import check_lines
from .._values.codec import GENERATED
from .cancel import CANCELLED
from .fingerprint import NEVER, REQUESTED
from .handles import finish_handles
from .http_check import check_http_options
from .queue import REDEPLOYMENT, Row, new_in_words, queue_position
from .returning import DEPLOYED
from .rollback import ROLLED_BACK

Result = Dict[str, Any]

TRANSITIONS: Mapping[str, Transition] = {
    "deployed": DEPLOYED,
    "redeployed": DEPLOYED,
    "rolled_back": ROLLED_BACK,
    "cancelled": CANCELLED,
}
# Option -> the states that take it.
_ONLY = {
    **dict.fromkeys(("revision", "archive", "path", "exclude"), ("deployed",)),
    **dict.fromkeys(("title", "description", "fresh_volumes"), ("deployed", "redeployed")),
    "http_check": ("deployed", "redeployed", "finished", "rolled_back"),
    **dict.fromkeys(("deployment_id", "image"), ("rolled_back",)),
    "handles": ("finished",),
    "kill_build": ("cancelled",),
}


def deploy(resources: Sequence[Resource], context: Context) -> Result:
    """The operation C(dokploy_deployment).

    :raises OptionError: options that are invalid, alone or together.
    :raises DeploymentFailed: the deployment failed, does not stay up or answer, or is not the wanted revision.
    :raises WaitTimeout: it has not ended in time.
    """
    params = context.params
    resource = _checked(resources, context)
    if resource is None:
        return finish_handles(resources, context)
    try:
        return brought(Node(resource, params, transition=TRANSITIONS[params["state"]]), context)
    except ReferenceNotFound as error:
        context.executor.parent_missing(error)
        return _predicted(resource, params)


def _checked(resources: Sequence[Resource], context: Context) -> Optional[Resource]:
    """What is named, after all options were checked; C(None) with C(state=finished).

    :raises OptionError: options that are invalid, alone or together.
    """
    params, state = context.params, context.params["state"]
    for option, states in _ONLY.items():
        if params[option] not in (None, False) and state not in states:
            raise OptionError("%s is not supported with state=%s" % (option, state))
    if state == "finished" and params["handles"] is None:
        raise OptionError("state=finished needs handles, which state=deployed with wait=false returns")
    if state != "finished" and not names_one(resources, params):
        options = [option for resource in resources for option in (resource.name, resource.id_option)]
        raise OptionError("one of %s is needed with state=%s" % (", ".join(options), state))
    if params["exclude"] is not None and params["path"] is None:
        raise OptionError("exclude is for the files of a path")
    check_lines(params["log_lines"])
    check_http_options(params["http_check"])
    _check_adoption(params)
    _check_return(params)
    if state == "finished":
        return None
    resource = chosen(resources, params, context.reads)
    _check_possible(resource, params)
    return resource


def _check_adoption(params: Row) -> None:
    state = params["state"]
    if params["trigger"] == "adopt" and (state != "deployed" or params["archive"] or params["path"]):
        other = "state=%s" % state if state != "deployed" else "archive" if params["archive"] else "path"
        raise OptionError("trigger=adopt is not supported with %s: it records what runs" % other)


def _check_return(params: Row) -> None:
    if params["on_failure"] == "keep":
        return
    if params["state"] not in ("deployed", "redeployed"):
        raise OptionError("on_failure=return is not supported with state=%s" % params["state"])
    if not params["wait"]:
        raise OptionError("on_failure=return needs wait=true: only a task that waits sees that a deployment fails")


def _check_possible(resource: Resource, params: Row) -> None:
    """:raises OptionError: Dokploy cannot do this with such a service."""
    for option in ("archive", "path"):
        if params[option] is not None and not resource.deployable.upload:
            message = "%s is not possible with %s: Dokploy takes no uploaded files for it"
            raise OptionError(message % (option, resource.name))
    if params["fresh_volumes"] and not resource.deployable.fresh_volumes[0]:
        raise OptionError("fresh_volumes is not possible with %s" % resource.name)
    if params["fresh_volumes"] and params["state"] == "deployed" and params["trigger"] != "always":
        raise OptionError("fresh_volumes deletes data with each deployment, so it needs trigger=always")
    if params["state"] == "rolled_back" and not resource.deployable.rollback:
        message = "state=rolled_back is not possible with %s: Dokploy keeps nothing of its earlier deployments"
        raise OptionError(message % resource.name)


def _predicted(resource: Resource, params: Row) -> Result:
    """The result for a service that an earlier task creates, which check mode takes for granted."""
    reason = NEVER if params["trigger"] == "changed" else REQUESTED
    key, before, after = {
        # Nothing of a new service waits.
        "cancelled": ("waiting", 0, 0),
        "rolled_back": ("deployed", None, "(an earlier one)"),
        "redeployed": ("deployment", queue_position(None), new_in_words(REDEPLOYMENT)),
        "deployed": ("deployment", queue_position(None), new_in_words(reason)),
    }[params["state"]]
    label = "%s %r" % (resource.name, params[resource.name] or params[resource.id_option])
    difference = Difference(label, {key: before}, {key: after})
    return difference.result(**{resource.id_option: GENERATED}, deployment=None)
