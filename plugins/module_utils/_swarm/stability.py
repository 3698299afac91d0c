# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Whether what was deployed runs, and goes on running for a while.

A deployment that says C(done) has an image, and a service that Docker has accepted. A container that exits at once
leaves it C(done), and the application as well (measured on 0.30.2).
"""

from __future__ import annotations

from typing import Any, Dict, FrozenSet, List, Mapping, Optional, Sequence

from ansible_collections.community.dokploy.plugins.module_utils._api.client import Call
from ansible_collections.community.dokploy.plugins.module_utils._engine.poll import Look
from ansible_collections.community.dokploy.plugins.module_utils._engine.reads import shaped
from ansible_collections.community.dokploy.plugins.module_utils._errors import DokployError
from ansible_collections.community.dokploy.plugins.module_utils._swarm.rollout import Coming, Watch
from ansible_collections.community.dokploy.plugins.module_utils._swarm.tasks import (
    ended,
    ids_of,
    running_slots,
    tasks_call,
    wanted_of,
)

Row = Mapping[str, Any]


def can_run(row: Row) -> bool:
    """Whether tasks of an application are to run on and on: it has replicas, and is no job."""
    wanted = wanted_of(row)
    return wanted.mode != "job" and wanted.least > 0


class Stable(Look):
    """The new tasks of a service, until enough of them have run for C(period) seconds without a change.

    :param old: the ids of the tasks that there were before; none when nobody could look in time.
    """

    def __init__(self, watch: Watch, old: FrozenSet[str], period: float) -> None:
        self.words = watch.words
        self._coming = Coming(watch, old, reloaded=True)
        self._watch, self._period = watch, period
        self._any, self._judged = not old, set(old)
        self._same: Dict[str, str] = {}
        self._since = 0.0

    def calls(self) -> List[Call]:
        return [tasks_call(self._watch.row)]

    def judge(self, answers: Sequence[Any], passed: float) -> Optional[Any]:
        if isinstance(answers[0], DokployError):
            raise answers[0]
        found = shaped(answers[0], list, "docker.getServiceContainersByAppName")
        self._sort_out(found)
        tasks = self._coming.step(found, passed)
        if tasks is None:
            self._same, self.state = {}, "starting"
            return None
        ours = self._coming.ours()
        same = {str(task.get("name")): str(task.get("containerId")) for task in reversed(ours) if running_slots([task])}
        if same != self._same:
            self._same, self._since = same, passed
        if passed - self._since < self._period:
            self.state = "running for %d s" % (passed - self._since)
            return None
        return tasks

    def _sort_out(self, tasks: Sequence[Row]) -> None:
        """Leave out tasks of an earlier version that have come since somebody looked.

        A service whose containers keep exiting goes on with that while what helps it is being built.
        """
        news = [task for task in (tasks if self._any else ended(tasks)) if task.get("containerId") not in self._judged]
        if news:
            self._coming.leave_out(self._watch.earlier(news))
            self._judged |= ids_of(news)

    def late(self, timeout: float) -> DokployError:
        return self._coming.late(timeout, self._period if self._same else None)
