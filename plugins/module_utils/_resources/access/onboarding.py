# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The tour for new users, to which the web interface of 0.30.5 and newer leads from each page until it is over.

Read in the source of the web interface: what ends the tour there is what ends it here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict

from ..._api.client import Client
from ..._engine.execute import Executor
from ..._engine.plan import Outcome, Plan, Step
from ..._engine.runner import Context

FIRST_WITH_TOUR = (0, 30, 5)


@dataclass(frozen=True)
class EndTour(Step):
    """End the tour of the user of a client."""

    client: Client

    def run(self, executor: Executor, outcome: Outcome) -> None:
        self.client.mutate("project.completeOnboarding")
        executor.sent = outcome.sent = True


def is_completed(client: Client, context: Context) -> bool:
    """Whether there was a tour to end for the user of this client, which is over now, or would be."""
    if client.version() < FIRST_WITH_TOUR:
        return False
    if client.query("project.onboardingStatus").get("shouldShowOnboarding") is not True:
        return False
    context.executor.run(Plan((EndTour(client),)))
    return True


def with_onboarding(result: Dict[str, Any], finished: bool) -> Dict[str, Any]:
    """The result of what came before, and of the tour. It is a difference of its own only for a known administrator."""
    if finished and not result["administrator_created"]:
        for side, text in (("before", "to do"), ("after", "completed")):
            result["diff"][side]["onboarding"] = text
    return {**result, "changed": result["changed"] or finished, "onboarding_completed": finished}
