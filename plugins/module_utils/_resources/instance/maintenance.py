# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What is done on request to the server of Dokploy: cleaning up and reloading. What it removes follows from its source
(0.30.2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Sequence, Tuple

from ..._api.client import VERSION_QUERY
from ..._engine.execute import Executor
from ..._engine.plan import Outcome, Step, Write
from ..._errors import ConnectionFailed, DokployError, ServerError, WaitTimeout
from ..._model.argspec import Spec

# Docker removes what may be many gigabytes.
_TIMEOUT = 600.0
# Seconds until Docker has stopped the server that is to be reloaded.
_GOING_DOWN = 3.0


@dataclass(frozen=True)
class MaintenanceAction:
    """:param effect: what it removes or interrupts, for people."""

    procedure: str
    effect: str


# In the order in which they are done.
ACTIONS: Mapping[str, MaintenanceAction] = {
    "clean_queue": MaintenanceAction(
        "settings.cleanAllDeploymentQueue", "dropped all deployments that wait in the queue"
    ),
    "clean_containers": MaintenanceAction(
        "settings.cleanStoppedContainers", "removed all stopped containers of the host"
    ),
    "clean_images": MaintenanceAction(
        "settings.cleanUnusedImages", "removed all images of the host that no container uses"
    ),
    "clean_volumes": MaintenanceAction(
        "settings.cleanUnusedVolumes", "removed all volumes of the host that no container uses"
    ),
    "clean_builds": MaintenanceAction("settings.cleanDockerBuilder", "removed the build cache of the host"),
    "clean_system": MaintenanceAction(
        "settings.cleanDockerPrune",
        "removed all stopped containers, unused networks and images, and the build cache of the host",
    ),
    "clean_all": MaintenanceAction(
        "settings.cleanAll",
        "began to remove all stopped containers, unused networks and images, and the build cache of the host",
    ),
    "clean_monitoring": MaintenanceAction("settings.cleanMonitoring", "removed the recorded monitoring data"),
    "reload_traefik": MaintenanceAction("settings.reloadTraefik", "began to restart Traefik"),
    "reload_server": MaintenanceAction("settings.reloadServer", "restarted Dokploy"),
}
MAINTENANCE: Dict[str, Spec] = {
    "actions": {"type": "list", "elements": "str", "choices": list(ACTIONS), "default": []},
    "wait_timeout": {"type": "float", "default": 300.0},
}


def steps_of(actions: Sequence[str], timeout: float) -> Tuple[Step, ...]:
    steps: List[Step] = []
    for name in actions:
        down = name == "reload_server"
        steps.append(Write(ACTIONS[name].procedure, {}, timeout=_TIMEOUT, once=True, confirm_by_polling=down))
        steps += [ComeUp(timeout)] if down else []
    return tuple(steps)


@dataclass(frozen=True)
class ComeUp(Step):
    """Wait until the server answers again."""

    timeout: float

    def run(self, executor: Executor, outcome: Outcome) -> None:
        """:raises WaitTimeout: it does not."""
        executor.waiter.sleep(_GOING_DOWN)

        def answers(_elapsed: float) -> Any:
            try:
                return executor.client.query(VERSION_QUERY)
            except (ConnectionFailed, ServerError):
                return None

        def expired() -> DokployError:
            message = "Dokploy does not answer %d s after its restart" % self.timeout
            return WaitTimeout(message, hint="Look at the log of the service dokploy.")

        executor.waiter.until(self.timeout, answers, expired)
