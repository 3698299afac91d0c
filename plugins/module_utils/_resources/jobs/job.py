# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Jobs: a command in a container that is made for it and removed after it.

Dokploy has no jobs. An application whose restart condition is C(none) runs its command once, and its log stays readable
until it is deleted (measured on 0.30.2: 1.5 s from its creation to its removal).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Dict

from ..._engine.apply import brought
from ..._engine.runner import Context, Operation
from ..._errors import OptionError
from ..._reads.rows import need
from ..._swarm.logs import check_lines
from ..services.application import APPLICATION
from .run import job_node, job_options

# Logs of containers.
_SINCE = (0, 29, 0)


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
    job_options(),
    _perform,
    {"mutually_exclusive": [["script", "command"], ["script", "args"]]},
    resources=(APPLICATION,),
)
