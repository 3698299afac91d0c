# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Waiting until the tasks of a service have ended that Docker does not start again, and how they have ended."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Dict, FrozenSet, List, Optional, Sequence

from .._api.client import Client
from .._engine.wait import Waiter
from .._errors import DokployError, WaitTimeout
from .rollout import Rollout
from .tasks import Row, Service, inspect, live_tasks, task_text

_EXIT_CODE = re.compile(r"non-zero exit \((\d+)\)")


@dataclass(frozen=True)
class RunEnd:
    """How a run has ended.

    :param exit_code: C(None) where its container did not start, or was killed by Docker. :param task: Docker's words.
    """

    exit_code: Optional[int]
    task: str
    lines: List[str]
    seconds: float

    def facts(self) -> Dict[str, Any]:
        """What results show of it."""
        output = {"output": "\n".join(self.lines), "output_lines": self.lines}
        return {"exit_code": self.exit_code, **output, "seconds": round(self.seconds, 3)}


def exit_code(task: Row) -> Optional[int]:
    """The exit code of a task that has ended."""
    failed = _EXIT_CODE.search(str(task.get("error") or ""))
    ended_well = str(task.get("currentState")).startswith("Complete")
    return int(failed.group(1)) if failed is not None else 0 if ended_well else None


def runs_to_end(client: Client, service: Service, tasks: Sequence[Row]) -> bool:
    """Whether one of the tasks is of a version of the service that Docker does not start again."""
    configs = inspect(client, service.row, [str(task.get("containerId")) for task in tasks])
    policies = [(config.get("Spec") or {}).get("RestartPolicy") or {} for config in configs]
    return any(policy.get("Condition") == "none" for policy in policies)


class RunToEnd(Rollout):
    """The new tasks of a service after a deployment, until all of them have ended."""

    def __init__(self, service: Service, client: Client, waiter: Waiter, old: FrozenSet[str]) -> None:
        super().__init__(service, client, waiter, old, period=0.0)

    def judge(self, answers: Sequence[Any], elapsed: float) -> Optional[List[Row]]:
        tasks = super().judge(answers, elapsed)
        return None if tasks is None else self._new()

    def _enough(self, elapsed: float) -> bool:
        """Whether all tasks have come and ended."""
        new = self._new()
        self._waiter.progress("%s: %s" % (self.label, self._newest()), self.label)
        slots = {task.get("name") for task in new}
        return len(slots) >= self._mode.minimum and not live_tasks(new)

    def expired(self, timeout: float) -> DokployError:
        message = "%s has not run to its end after %g s (%s)" % (self.label, timeout, self._newest())
        return WaitTimeout(message, hint="It goes on; raise wait_timeout.")

    def _newest(self) -> str:
        new = self._new()
        return task_text(new[0]) if new else "no task of it has come up"
