# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The options of C(dokploy_deployment), checked before anything is read of the service."""

from __future__ import annotations

from typing import Any, Mapping, Optional, Sequence

from .._engine.kinds import chosen, names_one
from .._engine.runner import Context
from .._errors import OptionError
from .._model.resource import Resource
from .._swarm.logs import check_lines
from .http_check import check_options

# Option -> the states that take it.
_ONLY = {
    **dict.fromkeys(("revision", "archive", "path", "ignore"), ("deployed",)),
    **dict.fromkeys(("title", "description", "fresh_volumes"), ("deployed", "redeployed")),
    "http_check": ("deployed", "redeployed", "finished", "rolled_back"),
    **dict.fromkeys(("deployment_id", "image"), ("rolled_back",)),
    "handles": ("finished",),
    "kill_build": ("cancelled",),
}


def checked(resources: Sequence[Resource], context: Context) -> Optional[Resource]:
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
    if params["ignore"] is not None and params["path"] is None:
        raise OptionError("ignore is for the files of a path")
    check_lines(params["log_lines"])
    check_options(params["http_check"])
    _check_adoption(params)
    if state == "finished":
        return None
    resource = chosen(resources, params, context.reads)
    _check_possible(resource, params)
    return resource


def _check_adoption(params: Mapping[str, Any]) -> None:
    state = params["state"]
    if params["trigger"] == "adopt" and (state != "deployed" or params["archive"] or params["path"]):
        other = "state=%s" % state if state != "deployed" else "archive" if params["archive"] else "path"
        raise OptionError("trigger=adopt is not supported with %s: it records what runs" % other)


def _check_possible(resource: Resource, params: Mapping[str, Any]) -> None:
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
