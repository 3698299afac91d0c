# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""A script that runs as a job beside a service, such as a check of its data."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import Optional, Tuple

from ..._api.client import Call
from ..._engine.runner import Context
from ..._engine.wait import Pause, Polls
from ..._swarm.run_to_end import RunEnd
from ..._swarm.switching import ends_of
from ..._swarm.tasks import Service, live_tasks, read_tasks
from ..backups.checks import Check, check_node, without_networks
from ..backups.coverage import Service as SavedFrom
from ..backups.services import stack_of
from ..jobs.run import JOB
from ..services.compose import COMPOSE
from .coming_up import ATTEMPTS, COMING_UP, PATIENCE, PAUSE


def job_beside(
    service: Service,
    stated: Check,
    what: str,
    place: Tuple[str, str],
    context: Context,
    exit_code: int = 0,
    patience: float = PATIENCE,
    log_lines: Optional[int] = None,
) -> Polls:
    """Run a script as a job beside a service, and wait for its C(RunEnd). Beside a database that comes up, again.

    :param what: C(check), C(mask) or C(count). :param place: the kind of the service, and its path.
    :param context: has C(wait_timeout). :param exit_code: with which it ends well.
    :param patience: for how many seconds it is tried again while a database comes up.
    :param log_lines: how many lines of the output are read; C(None) for as many as of a check of a set.
    """
    kind, path = place
    resource, stack = service.resource, None
    if resource is COMPOSE:
        (answer,) = context.client.call_many([Call("compose.getConvertedCompose", {"composeId": service.id})])
        stack = stack_of(service.row, answer)
    beside = SavedFrom(kind, resource.kind or resource.name, path, service.row, stack=stack)
    if stack is not None and not live_tasks(read_tasks(context.client, service)):
        beside = without_networks(beside)
    key = "%s %s of %s" % (what, stated.name, path)
    node = check_node(stated, beside, key, prefix=what, timeout=context.params["wait_timeout"])
    own = replace(context, params=node.params if log_lines is None else {**node.params, "log_lines": log_lines})
    begin = context.waiter.clock()
    for attempt in count(1):
        (state,) = JOB.observe([node], own)
        job = JOB.plan(state, own)
        end: Optional[RunEnd] = yield from ends_of(JOB, job, own.executor.run(job), own)
        comes_up = end is not None and end.exit_code != exit_code and COMING_UP.search("\n".join(end.lines))
        if not comes_up or (attempt >= ATTEMPTS and context.waiter.clock() - begin >= patience):
            return end
        context.waiter.progress("%s: it comes up; checking again" % service.label)
        yield Pause(service.label, PAUSE), float("inf")
        # The job that has run is gone.
        own.reads.forget()
