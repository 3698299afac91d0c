# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Watching a service's tasks until enough of them run, or until it is plain that they will not."""

from __future__ import annotations

from typing import Any, Callable, Dict, FrozenSet, List, Mapping, Optional, Sequence

from ansible_collections.community.dokploy.plugins.module_utils._client import Client
from ansible_collections.community.dokploy.plugins.module_utils._errors import (
    DokployError,
    NotFoundError,
    NotRunning,
    ServerError,
    WaitTimeout,
)
from ansible_collections.community.dokploy.plugins.module_utils._logs import container_log
from ansible_collections.community.dokploy.plugins.module_utils._tasks import (
    ended,
    in_words,
    live_slots,
    read_tasks,
    running_facts,
    running_slots,
    wanted_of,
)
from ansible_collections.community.dokploy.plugins.module_utils._wait import Waiter

Row = Mapping[str, Any]

# Seconds after which a stop is sent again: when an update of the service fails meanwhile, Docker rolls all of it back,
# the scaling to nothing included (measured).
STOP_AGAIN = 15.0
# How many lines of a container's log a failure shows.
LOG_LINES = 20
# Seconds for which nothing new may come after a task has failed, before that counts as the end of it.
SETTLED = 5.0


class Watch:
    """One service, watched after something was done to it.

    :param row: the answer of C(application.one).
    :param timeout: seconds to watch at most.
    """

    def __init__(self, words: str, row: Row, client: Client, waiter: Waiter, timeout: float) -> None:
        self.words, self.row, self.timeout = words, row, timeout
        self.client, self.waiter = client, waiter
        self.wanted = wanted_of(row)

    def until_running(
        self, old: FrozenSet[str], failed: FrozenSet[str] = frozenset(), reloaded: bool = False
    ) -> List[Row]:
        """The tasks, as soon as enough of those run that were not there before.

        :param old: the ids of those that do not count.
        :param failed: the ids of those whose end is known.
        :param reloaded: the configuration may be another one than before, and Docker may go back to the old one.
        """
        state: Dict[str, Any] = {"tasks": [], "settled": None}

        def look(passed: float) -> Optional[List[Row]]:
            tasks = state["tasks"] = read_tasks(self.client, self.row)
            ours = [task for task in tasks if task.get("containerId") not in old]
            bad = [task for task in ended(ours) if task.get("containerId") not in failed]
            running = running_slots(ours)
            self.waiter.progress("%s: %d of %d run" % (self.words, len(running), self.wanted.least))
            if len(running) >= self.wanted.least:
                if bad and reloaded and self._other_spec(bad[0], ours):
                    raise self._rolled_back(bad, tasks)
                return tasks
            for slot in {task.get("name") for task in bad} - running:
                if len([task for task in bad if task.get("name") == slot]) > 1:
                    raise self._crashes(bad, tasks)
            self._settled(state, passed, bad, tasks)
            return None

        def expired() -> DokployError:
            ours = [task for task in state["tasks"] if task.get("containerId") not in old]
            newest = ours[0] if ours else None
            seen = "no task of it has come up" if newest is None else "the newest task: %s" % in_words(newest)
            count = "%d of %d run after %g s" % (len(running_slots(ours)), self.wanted.least, self.timeout)
            return self.late("%s (%s)" % (count, seen), state["tasks"])

        found: List[Row] = self.waiter.until(self.timeout, look, expired)
        return found

    def until_stopped(self, stop_again: Callable[[], Any]) -> List[Row]:
        """The tasks, as soon as none of them runs or is about to.

        :param stop_again: stops the service once more.
        """
        state: Dict[str, Any] = {"tasks": [], "sent": 0.0}

        def look(passed: float) -> Optional[List[Row]]:
            tasks = state["tasks"] = read_tasks(self.client, self.row)
            if not live_slots(tasks):
                return tasks
            if passed - state["sent"] >= STOP_AGAIN:
                stop_again()
                state["sent"] = passed
            return None

        def expired() -> DokployError:
            return self.late("it still runs %g s after it was told to stop" % self.timeout, state["tasks"])

        found: List[Row] = self.waiter.until(self.timeout, look, expired)
        return found

    def _settled(self, state: Dict[str, Any], passed: float, bad: List[Row], tasks: List[Row]) -> None:
        """Find out that nothing more will come.

        Dokploy's default is to go back as soon as one new task fails: to what ran before, which is nothing when the
        service was stopped. Slots that were not reached yet keep their old task. Between two attempts of a crash loop
        there is always a task that is wanted ready.

        :raises NotRunning: tasks have failed, and none has been on its way for a while.
        """
        running = running_slots(tasks)
        if not bad or live_slots(tasks) != running:
            state["settled"] = None
        elif state["settled"] is None:
            state["settled"] = passed
        elif passed - state["settled"] >= SETTLED:
            raise self._rolled_back(bad, tasks) if len(running) >= self.wanted.least else self._crashes(bad, tasks)

    def _other_spec(self, bad: Row, ours: Sequence[Row]) -> bool:
        """Whether what failed is another version of the service than what runs."""
        running = next(task for task in ours if task.get("name") in running_slots([task]))
        specs = []
        for task in (bad, running):
            input = {"containerId": task.get("containerId")}
            if self.row.get("serverId"):
                input["serverId"] = self.row["serverId"]
            try:
                config = self.client.query("docker.getConfig", input)
            except (NotFoundError, ServerError):
                # Docker forgets old tasks.
                return False
            specs.append((config or {}).get("Spec"))
        return bool(specs[0] != specs[1])

    def _crashes(self, bad: List[Row], tasks: List[Row]) -> DokployError:
        return self._not_running("does not stay up: %d of its tasks have ended" % len(bad), bad, tasks)

    def _rolled_back(self, bad: List[Row], tasks: List[Row]) -> DokployError:
        return self._not_running(
            "does not run as it is configured: a new task has ended, and Docker keeps what ran before", bad, tasks
        )

    def _not_running(self, what: str, bad: List[Row], tasks: List[Row]) -> DokployError:
        try:
            log = container_log(self.client, self.row, LOG_LINES)
        except DokployError as error:
            # What counts is that it does not run, not that its log cannot be read.
            log = ["(the log cannot be read: %s)" % error]
        message = "%s %s (%s)" % (self.words, what, in_words(bad[0]))
        if log:
            message += "\nThe end of its log:\n%s" % "\n".join(log)
        return NotRunning(message, details={"running": running_facts(self.wanted, tasks), "log": log})

    def late(self, what: str, tasks: Sequence[Row]) -> DokployError:
        """The error for what did not come in time."""
        return WaitTimeout(
            "%s: %s" % (self.words, what),
            hint="Docker goes on trying; raise wait_timeout.",
            details={"running": running_facts(self.wanted, tasks)},
        )
