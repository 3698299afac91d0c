# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""A script that runs once in the container of a service of a stack, by a schedule that is made for it.

A job beside the stack does not reach its database: the network of Docker Compose takes no service of the swarm.
"""

from __future__ import annotations

from typing import Any, Dict

from ..._engine.lookup import Target
from ..._engine.state import Node
from ..._model.resource import Resource
from ..._swarm.logs import MAX_LINES
from .once import made_once

# Seconds for which the answer to the start is waited for, which comes when the script has ended.
_ANSWER_TIMEOUT = 2.0


def inside_node(resource: Resource, target: Target, inside: str, name: str, script: str, timeout: float) -> Node:
    """What runs a script with C(sh) in a container; its result has C(run), whose C(log) is a list of lines.

    :param resource: that of stacks. :param inside: the service of the Compose file. :param name: that of the schedule.
    """
    child = next(child for child in resource.children if child.option == "schedules")
    params: Dict[str, Any] = dict.fromkeys([child.id_option, "generate", *(field.name for field in child.fields)], None)
    params.update(name=name, service=inside, shell="sh", command="set -e\n%s" % script, prefix=None, state="executed")
    params.update(wait_timeout=timeout, answer_timeout=_ANSWER_TIMEOUT, log_lines=MAX_LINES)
    return Node(resource, params, key="%s of %s" % (name, target.label), transition=made_once(child, target))
