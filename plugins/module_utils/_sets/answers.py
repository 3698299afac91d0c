# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What the checks of a set say of a service whose data it saves."""

from __future__ import annotations

from .._engine.node_run import carried_out
from .._engine.runner import Context
from .._engine.wait import Polls
from .._errors import DokployError
from .._resources.backups.checks import Check, check_node, proves_nothing, without_networks
from .._resources.backups.coverage import Service
from .._resources.backups.services import resource_of
from .._resources.backups.stack_data import StackData
from .._swarm.tasks import Service as Running
from .._swarm.tasks import live_tasks, read_tasks

_NO_NUMBER = "the output of its script has no number, so that at_least proves nothing"


def answer_of(check: Check, service: Service, context: Context) -> Polls:
    """Run a check, and return C(exit_code) and C(output) of its job, and why it is no check of the set, or C("")."""
    try:
        node = check_node(check, _reached(service, context), "check %s of %s" % (check.name, service.path), "set")
        job = (yield from carried_out(node, context))["job"]
    except DokployError as error:
        job = error.details.get("job") or {"exit_code": None, "output": ""}
        return job, "its script has failed: %s" % error
    return job, _NO_NUMBER if proves_nothing(check.compare, job["output"]) else ""


def _reached(service: Service, context: Context) -> Service:
    """The service, of a stack with the networks that there are."""
    if not (isinstance(service.stack, StackData) and service.stack.networks):
        return service
    running = Running(resource_of(service), service.row, "%s %s" % (service.kind, service.path))
    return service if live_tasks(read_tasks(context.client, running)) else without_networks(service)
