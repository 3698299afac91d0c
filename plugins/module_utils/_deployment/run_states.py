# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The states C(started), C(stopped) and C(reloaded), with the images of containers that were seen to start."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Dict

from .._engine.plan import Outcome
from .._engine.runner import Context
from .._swarm import states
from .._swarm.images import with_images
from .completion import IMAGES_LATER
from .state import commit_facts


def finish(first: states.StatePlan, planned: states.StatePlan, outcome: Outcome, context: Context) -> Dict[str, Any]:
    """As that of C(_swarm.states); what was started has its images and its commit, for three requests more."""
    result: Dict[str, Any] = states.RUN_STATE.finish(first, planned, outcome, context)
    started = outcome.sent and outcome.ended and context.params["state"] != "stopped"
    if started and not context.params.get(IMAGES_LATER):
        service = planned.state.service
        known = {**result["running"], **commit_facts(service)}
        (result["running"],) = with_images([service], [known], context, [outcome.ended])
    return result


#: A service is started, stopped or reloaded, without a change of its configuration.
RUN_STATE = replace(states.RUN_STATE, finish=finish)
