# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Jobs: a command in a container that is made for it and removed after it.

Dokploy has no jobs. An application whose restart condition is C(none) runs its command once, and its log stays readable
until it is deleted (measured on 0.30.2: 1.5 s from its creation to its removal).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Dict, Mapping

from ..._engine.apply import brought
from ..._engine.runner import Context, Operation
from ..._engine.state import Node
from ..._errors import OptionError
from ..._model.argspec import Spec, resource_spec
from ..._reads.rows import need
from ..._swarm.logs import check_lines
from ..services.application import APPLICATION
from .run import JOB, MARK, PREFIX

# The options that a job has in common with an application.
_SAME = (
    "server",
    "command",
    "args",
    "env",
    "mounts",
    "networks",
    "memory_limit",
    "cpu_limit",
)
# Those of the source, as in the option docker of an application.
_OF_IMAGE = ("image", "username", "password", "registry_url")
# Logs of containers.
_SINCE = (0, 29, 0)
# The program of a script, with what comes before its text: an error ends it.
SHELL = ("/bin/sh", "-ec")


def _options() -> Spec:
    application, _rules = resource_spec(APPLICATION)
    docker = application["docker"]["options"]
    return {
        "name": {"type": "str", "required": True},
        "project": {"type": "str", "required": True},
        "environment": {"type": "str"},
        "image": {**docker["image"], "required": True},
        **{name: docker[name] for name in _OF_IMAGE[1:]},
        **{name: application[name] for name in _SAME},
        "script": {"type": "str"},
        "exit_codes": {"type": "list", "elements": "int", "default": [0]},
        "timeout": {"type": "float", "default": 600.0},
        "log_lines": {"type": "int", "default": 1000},
    }


def job_node(params: Mapping[str, Any], key: str = "self") -> Node:
    """The node of one job.

    :param params: the options of the module, with their defaults.
    :raises OptionError: C(script) beside C(command) or C(args).
    """
    application: Dict[str, Any] = {option: described.get("default") for option, described in _OF_APPLICATION.items()}
    application.update({option: params[option] for option in ("project", "environment", *_SAME)})
    if params["script"] is not None:
        application.update(command=SHELL[0], args=[SHELL[1], params["script"]])
    application.update(
        name=PREFIX + params["name"],
        description=MARK,
        docker={name: params[name] for name in _OF_IMAGE},
        restart_policy={"condition": "none"},
        # Otherwise Docker takes the end of a command that a deployment has started again for a failure of the update,
        # goes back to the service of before, and so runs the command twice (measured on 0.30.2).
        update_config={"failure_action": "pause"},
        endpoint_spec={"mode": "dnsrr"},
        replicas=1,
        auto_deploy=False,
    )
    own = {option: params[option] for option in ("exit_codes", "timeout", "log_lines")}
    return Node(APPLICATION, {**application, **own}, key=key, transition=JOB)


_OF_APPLICATION: Spec = {
    **resource_spec(APPLICATION)[0],
    **dict.fromkeys(("project", "environment", APPLICATION.id_option, "unstated", "ignore"), {}),
}


def _perform(context: Context) -> Dict[str, Any]:
    """Run a job, and return how it ended and what it wrote.

    :raises OptionError: options that are invalid, alone or together.
    :raises DeploymentFailed: it could not be started, or ended with another exit code.
    :raises WaitTimeout: it has not ended in time; it is removed.
    """
    params = context.params
    check_lines(params["log_lines"])
    if params["timeout"] <= 0:
        raise OptionError("timeout is %g; it must be more than 0" % params["timeout"])
    if not params["exit_codes"]:
        raise OptionError("exit_codes must not be empty, since every end would be a failure")
    need(context.client.version(), "A job", _SINCE)
    node = job_node(params)
    return brought(node, replace(context, params=node.params))


OPERATION = Operation(
    "dokploy_job",
    _options(),
    _perform,
    {"mutually_exclusive": [["script", "command"], ["script", "args"]]},
    resources=(APPLICATION,),
)
