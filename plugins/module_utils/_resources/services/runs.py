# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Whether the containers of an application run permanently or once, to their end."""

from __future__ import annotations

from typing import Any, List, Mapping

from ..._model.field import Field

_RUNS_AGAIN = (
    "%s: its containers run to their end, and after an update Docker runs those of the former version once more, since "
    "update_config.failure_action is rollback, or not stated: state continue, or runs=once of an application"
)


def runs_once(row: Mapping[str, Any]) -> bool:
    """Whether Docker does not start its containers again when they have ended."""
    return bool((row.get("restartPolicySwarm") or {}).get("Condition") == "none")


def runs_again(row: Mapping[str, Any], label: str) -> List[str]:
    """Where an update is rolled back, Docker takes the end of a container for a failure (measured on 26.1)."""
    policy, update = row.get("restartPolicySwarm") or {}, row.get("updateConfigSwarm")
    rolls_back = update is None or update.get("FailureAction") == "rollback"
    return [_RUNS_AGAIN % label] if policy.get("Condition") == "none" and rolls_back else []


#: Whether containers run to their end.
RUNS = Field(
    "runs",
    "restartPolicySwarm",
    choices=("once", "permanently"),
    input_only=True,
    presets={
        "once": {
            "restart_policy": {"condition": ("none",)},
            "update_config": {"failure_action": ("continue", "pause")},
        },
        "permanently": {"restart_policy": {"condition": ("any", "on-failure")}},
    },
)
