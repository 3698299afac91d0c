# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""A restore as a step: the lines of the server as they come, and what they mean."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass
from typing import Any, Deque, Dict, List, Mapping, Optional, Sequence

from ..._api.client import Call
from ..._engine.execute import Executor
from ..._engine.plan import Outcome, Step, Write
from ..._engine.threads import ENDS, subscribed
from ..._engine.wait import INTERVAL_STEADY, Poll, Polls
from ..._errors import (
    DeploymentFailed,
    DokployError,
    PermissionDenied,
    Refused,
    ServerError,
    UnknownProcedure,
    enumerated,
)
from ..._swarm.logs import clean
from ..._swarm.tasks import Service, read_tasks, running_slots
from ..infrastructure.destination import FAILURE

# The name under which the lines are kept.
LOG = "log"
_SUCCESS = ("Restore completed successfully!", "✅ Volume restore completed successfully!")
_FAILED = ("❌ Volume restore failed!",)
_CONTAINER = re.compile(r"\W*Container: (?P<name>\S+) \((?P<id>\w+)\)\Z")
_STATUS = re.compile(r"\W*Status: (\w+)\Z")
# What MySQL and MariaDB say of a statement that lacks lines. Dokploy pipes their dumps through grep, which drops lines
# that are no text: where LANG is one of UTF-8, those with other bytes (measured on 0.30.2).
_NO_STATEMENT = "ERROR 1064 "
_LINES_LOST = (
    "The dump is cut, or Dokploy has dropped lines with binary data from it, which it does where the environment of "
    "Dokploy, or that of the remote server, sets LANG to UTF-8. Remove that variable there, and restore again."
)
# Seconds for a container that was stopped to exit: Docker kills it after 10 by default.
_EXIT_TIMEOUT = 60.0


@dataclass(frozen=True)
class Restore(Step):
    """Restore, and save the last lines of the server as C(LOG). A transition waits for its end: C(ends).

    :param log_lines: how many. :param follow: show the lines as they come.
    """

    procedure: str
    body: Mapping[str, Any]
    label: str
    timeout: float
    service: Service
    log_lines: int
    follow: bool

    def run(self, executor: Executor, outcome: Outcome) -> None:
        """Begin it with what follows, as C(ENDS)."""
        outcome.rows[ENDS] = self._ends(executor, outcome)

    def _ends(self, executor: Executor, outcome: Outcome) -> Polls:
        """The last lines of the server.

        :raises Refused: containers use the volume. :raises DeploymentFailed: it failed.
        """
        users, begin, pause = (yield from self._restored(executor, outcome)), executor.waiter.clock(), 0.0
        while users:
            left = min(self.timeout, _EXIT_TIMEOUT) - (executor.waiter.clock() - begin)
            yield _Released(self, users, pause, executor, outcome), left
            users, pause = (yield from self._restored(executor, outcome)), INTERVAL_STEADY
        return outcome.rows[LOG]

    def in_use(self, users: Sequence[Mapping[str, str]]) -> Refused:
        names = [user["name"] for user in users]
        return Refused(
            "%s: the volume is in use by %s" % (self.label, enumerated(names)),
            hint="Stop what uses it, and remove containers that have exited. Nothing was restored.",
            details={"containers": names},
        )

    def _restored(self, executor: Executor, outcome: Outcome) -> Polls:
        """The containers because of which the server has restored nothing, each with C(name), C(id) and C(status)."""
        users: List[Dict[str, str]] = []
        lines: Deque[str] = deque(maxlen=self.log_lines)
        succeeded = again = False

        def take(text: str) -> None:
            nonlocal succeeded, again
            line = clean(text)
            # The server sends an error twice.
            again = again or (line.startswith("Error: ") and line in lines)
            if again:
                return
            lines.append(line)
            container, status = _CONTAINER.match(line), _STATUS.match(line)
            users.extend([container.groupdict()] if container else [])
            if status and users:
                users[-1]["status"] = status.group(1)
            succeeded = succeeded or line in _SUCCESS
            if self.follow and executor.waiter.line is not None:
                executor.waiter.line("%s | %s" % (self.label, line))

        yield from subscribed(executor, self.label, Call(self.procedure, outcome.value(self.body)), self.timeout, take)
        if users:
            return users
        executor.sent = outcome.sent = True
        outcome.rows[LOG] = list(lines)
        if not succeeded:
            # Tables are dropped before their rows are read, and a volume is removed before the download.
            raise DeploymentFailed(
                "%s: the restore failed%s. The data may be incomplete now: repeat the restore\nThe end of its log:\n%s"
                % (self.label, _reason(outcome.rows[LOG]), "\n".join(lines)),
                hint=_LINES_LOST if any(line.startswith(_NO_STATEMENT) for line in lines) else None,
                details={"log": outcome.rows[LOG]},
            )
        return []

    def released(self, users: Sequence[Mapping[str, str]], executor: Executor, outcome: Outcome) -> bool:
        """Whether the containers leave the volume: those of the service that have exited are removed.

        Docker keeps the last containers of a service of Docker Swarm, and those of a stopped stack.
        """
        row = self.service.row
        if not all(user["name"].startswith(row["appName"]) for user in users):
            return False
        server = {"serverId": row["serverId"]} if row.get("serverId") else {}
        try:
            if any(user.get("status") not in ("exited", "created", "dead") for user in users):
                executor.waiter.progress("%s: waiting until no container uses it" % self.label)
                return not running_slots(read_tasks(executor.client, self.service), settled=False)
            for user in users:
                executor.write(Write("docker.removeContainer", {"containerId": user["id"], **server}), outcome)
        except (PermissionDenied, UnknownProcedure):
            return False
        except ServerError:
            # Docker has removed it meanwhile.
            pass
        return True


class _Released(Poll):
    """Waits until the containers of a service leave its volume.

    :param pause: seconds before the first look.
    """

    def __init__(
        self, restore: Restore, users: Sequence[Mapping[str, str]], pause: float, executor: Executor, outcome: Outcome
    ) -> None:
        self.label, self.state, self._pause = restore.label, "waiting until no container uses it", pause
        self._restore, self._users, self._run = restore, users, (executor, outcome)

    def calls(self) -> List[Call]:
        return []

    def judge(self, answers: Sequence[Any], elapsed: float) -> Optional[Any]:
        if elapsed < self._pause:
            return None
        if not self._restore.released(self._users, *self._run):
            raise self._restore.in_use(self._users)
        return True

    def expired(self, timeout: float) -> DokployError:
        return self._restore.in_use(self._users)


def _reason(lines: Sequence[str]) -> str:
    """What rclone says of a download that failed, else the last words of the command, to follow a message."""
    failure = next((match.group() for match in map(FAILURE.search, lines) if match), "")
    said = failure or next((line for line in reversed(lines) if line.strip() and line not in _FAILED), "")
    # That of a command without an output is the command itself.
    return "" if not said or said.startswith("Error: Command execution failed") else ": %s" % said.strip().rstrip(".")
