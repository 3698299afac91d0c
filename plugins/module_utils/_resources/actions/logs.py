# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The logs of the containers of applications, Compose stacks and databases."""

from __future__ import annotations

import re
from typing import Any, Dict, Mapping, Optional, Pattern, Sequence

from ..._deployment.state import last_good, newest_first
from ..._engine.kinds import chosen
from ..._engine.lookup import find_parent, read_row
from ..._engine.runner import Context, action_operation
from ..._errors import OptionError
from ..._model.resource import Resource
from ..._swarm.logs import patches_call, with_patches
from ..._swarm.tasks import Service
from ..databases.database import DATABASES
from ..services.application import APPLICATION
from ..services.compose import COMPOSE
from ..services.live_facts import check_log_options
from .log_following import Logs

_NEVER_DEPLOYED = "%s has no log, since it was never deployed"
_NEVER_RAN = (
    "%s has no log, since no deployment of it has succeeded so far. The status of the last one is %s. "
    "dokploy_deployment_info with %s: %s and log_lines: 50 shows why"
)
_SERVICES = (APPLICATION, COMPOSE, *DATABASES)
_NAMES = list(dict.fromkeys(option for service in _SERVICES for option in (service.name, service.id_option)))


def read_logs(resources: Sequence[Resource], context: Context) -> Dict[str, Any]:
    """The operation C(dokploy_logs_info).

    :raises OptionError: an option is invalid, or the stack has no such container.
    :raises WaitTimeout: no line matches in time, or before everything has ended.
    """
    params = context.params
    pattern = _checked(params)
    resource = chosen(resources, params, context.reads)
    target = find_parent(resource, params, context.reads)
    row = read_row(resource, target, context.reads) or {}
    if resource.deployable.history:
        # What Dokploy does not build has no patches.
        (patches,) = context.client.call_many([patches_call(resource, str(target.resource_id))])
        row = with_patches(row, patches)
    service = Service(resource, row, target.label)
    if params["service"] is not None and resource.deployable.containers is None:
        raise OptionError("service is for the services of a stack, and %s is none" % service.label)
    logs = Logs(service, context)
    log = logs.follow(pattern) if params["follow"] else logs.read()
    if not log["lines"]:
        context.warn(_why_nothing(service))
    ids = {kind.id_option: None for kind in resources}
    return {"changed": False, **ids, resource.id_option: service.id, **log}


def _why_nothing(service: Service) -> Sequence[str]:
    """Why there is no line, where it is known: nothing of the service has run yet."""
    rows = newest_first(service.row.get("deployments")) if service.resource.deployable.history else []
    if not service.resource.deployable.history or last_good(rows) is not None:
        return ()
    if not rows:
        return (_NEVER_DEPLOYED % service.label,)
    return (_NEVER_RAN % (service.label, rows[0].get("status"), service.resource.id_option, service.id),)


def _checked(params: Mapping[str, Any]) -> Optional[Pattern[str]]:
    """The pattern of C(until), after all options were checked."""
    check_log_options(params, "")
    for option in ("service", "until"):
        if params[option] == "":
            raise OptionError("%s must not be empty" % option)
    if params["until"] is None:
        return None
    if not params["follow"]:
        raise OptionError("until is not supported without follow=true")
    try:
        return re.compile(params["until"])
    except re.error as error:
        raise OptionError("until is not a regular expression: %s" % error) from error


INFO_OPERATION = action_operation(
    "dokploy_logs_info",
    _SERVICES,
    read_logs,
    {
        "service": {"type": "str"},
        "lines": {"type": "int", "default": 100},
        "since": {"type": "str"},
        "search": {"type": "str"},
        "follow": {"type": "bool", "default": False},
        "until": {"type": "str"},
        "wait_timeout": {"type": "float", "default": 60.0},
    },
    {"required_one_of": [_NAMES]},
)
