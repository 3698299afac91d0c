# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What runs, recorded as deployed without a deployment: C(trigger=adopt).

The fingerprint of a service that was never deployed by this collection is unknown. It can be written afterwards if what
runs is what is configured. It names no deployment before it, so that it counts for the newest one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Dict, Mapping, Tuple

from .._api.client import Client
from .._engine.plan import Write
from .._errors import Refused, enumerated
from .._swarm.tasks import Service
from .fingerprint import fingerprint_write, new_fingerprint
from .queue import RUNNING
from .state import DeploymentState

# What a diff shows.
RECORDED: Mapping[str, Dict[str, Any]] = {"before": {"recorded": False}, "after": {"recorded": True}}


@dataclass(frozen=True)
class Comparison:
    """The outcome, in names of options and without values.

    :param different: what differs, with the names of variables and labels in brackets.
    :param compared: the options that are as configured. :param unknown: those that cannot be seen in what runs.
    """

    different: Tuple[str, ...]
    compared: Tuple[str, ...]
    unknown: Tuple[str, ...]

    def facts(self) -> Dict[str, Any]:
        return {"compared": sorted(self.compared), "not_compared": sorted(self.unknown)}


def compared(service: Service, client: Client) -> Comparison:
    """What runs beside what is configured.

    :raises Refused: nothing runs, or it differs; C(different) in the details has the options.
    """
    compare = service.resource.deployable.compare
    if compare is None:
        raise Refused("%s: what runs of it cannot be compared" % service.label)
    comparison: Comparison = compare(service, client)
    if comparison.different:
        raise Refused(
            "%s: what runs is not what is configured: %s" % (service.label, enumerated(comparison.different)),
            hint="Nothing was recorded. State what runs, or deploy what is configured with trigger=changed.",
            details={"different": list(comparison.different)},
        )
    return comparison


def adoptable(state: DeploymentState, client: Client) -> Comparison:
    """What runs of a service, which can be recorded as its last deployment.

    :raises Refused: it differs from what is configured, or it is not the result of the last deployment.
    """
    service, rows = state.service, state.rows
    status = rows[0].get("status") if rows else None
    problem = ""
    if not rows:
        problem = "it was never deployed"
    elif status == RUNNING or state.queued:
        problem = "a deployment of it is in progress"
    elif status != "done":
        problem = "its last deployment %s" % ("failed" if status == "error" else "was cancelled")
    if problem:
        hint = "Deploy it with trigger=changed."
        raise Refused("%s: what runs cannot be adopted, since %s" % (service.label, problem), hint=hint)
    return compared(service, client)


def adoption_step(state: DeploymentState) -> Write:
    """The write that records what is configured as the last deployment."""
    fingerprint = new_fingerprint(state.service, state.rows, None, False)
    return fingerprint_write(state.service, replace(fingerprint, after="", bad=()))
