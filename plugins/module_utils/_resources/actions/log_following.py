# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The logs of what runs: their last lines, or their new ones until a line matches, a time is over or nothing runs.

C(readLogs) answers the last lines of a log without their position. Each has a time with nanoseconds, so new lines are
those that no earlier answer had. C(since) counts back from the moment of the query, so that each query asks for what
was written since the one before, and a little more.
"""

from __future__ import annotations

import re
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any, Callable, Deque, Dict, List, Optional, Pattern, Sequence, Tuple

from ..._api.client import Call
from ..._engine.runner import Context
from ..._engine.wait import Poll, wait_for
from ..._errors import DokployError, OptionError, PermissionDenied, UnknownProcedure, WaitTimeout
from ..._reads.rows import valid
from ..._swarm.logs import (
    MAX_LINES,
    clean,
    in_time,
    listed,
    log_in,
    masker,
    shown_lines,
    timed,
)
from ..._swarm.tasks import Row, Service, inspect, live_slots, newest_tasks, tasks_call, tasks_in

# Seconds that two queries overlap, since the server counts whole seconds.
OVERLAP = 10
SKIPPED = "(lines were written too fast to be read)"
# What the result says of the end.
PATTERN, TIMEOUT, END = "pattern", "timeout", "end"


@dataclass
class LogSource:
    """The log of one container, or of a service whose containers the server does not tell apart.

    :param new: it began while the log was followed, so that all of its lines are new.
    """

    name: Optional[str] = None
    service: Optional[str] = None
    container_id: Optional[str] = None
    new: bool = False
    lines: Deque[str] = field(default_factory=lambda: deque(maxlen=MAX_LINES))
    #: When it was read last, by the clock of the wait.
    read: Optional[float] = None
    _seen: Deque[str] = field(default_factory=lambda: deque(maxlen=2 * MAX_LINES))

    @property
    def facts(self) -> Dict[str, Any]:
        return {"name": self.name, "service": self.service, "lines": list(self.lines)}

    def unseen(self, lines: Sequence[str]) -> List[str]:
        """Those of the lines of an answer that no earlier answer had."""
        left, new = Counter(self._seen), []
        for line in lines:
            if left[line] > 0:
                left[line] -= 1
            else:
                new.append(line)
        self._seen.extend(new)
        return new

    def skip(self, lines: Sequence[str]) -> None:
        """Note lines that are not to be shown, since they are older than those that are."""
        self._seen.extend(lines)


class Logs:
    """The logs of one service, as the options ask for them."""

    def __init__(self, service: Service, context: Context) -> None:
        self._service, self._context, self._params = service, context, context.params
        self._masked = masker(service.row)
        self._stack = service.resource.deployable.containers is not None
        #: By the IDs of the tasks or containers.
        self.sources: Dict[str, LogSource] = {} if self._stack else {"": LogSource()}
        self._lived = False
        #: Whether nothing runs any more.
        self.over = False

    # --- once ---

    def read(self) -> Dict[str, Any]:
        """The result for the last lines of now."""
        client, params = self._context.client, self._params
        if self._stack:
            self.take_tasks(client.query(*tasks_call(self._service)))
            self._need_service()
        # The server looks for the text in the last lines only.
        tail = params["lines"] if params["search"] is None else MAX_LINES
        calls = [self._call(source, tail, params["since"]) for source in self.sources.values()]
        for source, answer in zip(self.sources.values(), client.call_many(calls) if calls else ()):
            source.lines.extend(shown_lines(self._text(answer), self._service.row, params["lines"]))
        return self._result(None, None)

    # --- followed ---

    def follow(self, pattern: Optional[Pattern[str]]) -> Dict[str, Any]:
        """The result for the lines until the end.

        :raises WaitTimeout: no line matches the pattern; the details have the lines.
        """
        if self._stack:
            self.take_tasks(self._context.client.query(*tasks_call(self._service)))
        poll = _Following(self._service.label, self, pattern, self._context.waiter.clock)
        timeout = self._params["wait_timeout"]
        (outcome,) = wait_for(self._context.client, self._context.waiter, [poll], timeout)
        ended, line = outcome if isinstance(outcome, tuple) else (TIMEOUT, None)
        if isinstance(outcome, DokployError) and outcome is not poll.late:
            raise outcome
        self._need_service()
        result = self._result(ended, line)
        if pattern is not None and ended != PATTERN:
            when = "in %g s" % timeout if ended == TIMEOUT else "before its containers have ended"
            message = "%s: no line of the log matches %r %s" % (self._service.label, pattern.pattern, when)
            hint = "The result has the lines. Check until, or raise wait_timeout." if ended == TIMEOUT else None
            details = {key: result[key] for key in ("lines", "containers", "ended_by")}
            self._context.executor.parent_missing(
                WaitTimeout(message, hint=hint, details=details), "writes such a line"
            )
        return result

    def calls(self, source: LogSource) -> List[Call]:
        """The queries for what may be new; the first ones also for what is old."""
        if source.read is not None:
            gap = self._context.waiter.clock() - source.read
            return [self._call(source, MAX_LINES, "%ds" % (int(gap) + OVERLAP))]
        since = None if source.new else self._params["since"]
        return [self._call(source, MAX_LINES, start) for start in ((None,) if since is None else (None, since))]

    def take(self, source: LogSource, answers: Sequence[Any], when: float) -> List[str]:
        """The new lines in the answers to these queries, as they are shown."""
        logs = [listed(in_time("\n".join(timed(self._text(answer))))) for answer in answers]
        lines = logs[-1]
        if source.read is None and not source.new:
            lines = lines[-self._params["lines"] :]
            old = logs[0]
            starts = range(max(0, len(old) - len(lines)), len(old) + 1)
            begin = next(start for start in starts if old[start:] == lines[: len(old) - start])
            source.skip(old[:begin])
        first, source.read = source.read is None, when
        new = source.unseen(lines)
        if not new:
            return []
        # Colours may stand in the middle of a secret, so they are removed first.
        output = listed(self._masked("\n".join(clean(line) for line in new)))
        if not first and len(new) == MAX_LINES:
            # With the time of the next line, by which the lines of several containers are sorted.
            output.insert(0, "%s %s" % (output[0].partition(" ")[0], SKIPPED))
        source.lines.extend(output)
        if self._context.waiter.line is not None:
            prefix = "/".join(filter(None, (self._service.path, source.service or source.name)))
            for line in output:
                self._context.waiter.line("%s | %s" % (prefix, line))
        return output

    def take_tasks(self, answer: Any, new: bool = False) -> None:
        """Note what runs, and of a stack the containers whose logs there are.

        :param new: what was not seen before began meanwhile.
        """
        if not self._stack and isinstance(answer, (PermissionDenied, UnknownProcedure)):
            # Whether it has ended is unknown then.
            return
        tasks = tasks_in(valid(answer))
        newest = newest_tasks(tasks) if self._stack else {}
        unknown = {name: task for name, task in newest.items() if str(task.get("containerId")) not in self.sources}
        for (name, task), container in zip(unknown.items(), self._containers(list(unknown.values()))):
            service = _service_in(name, str(self._service.row.get("appName")))
            if self._params["service"] in (None, service, name):
                self.sources[str(task.get("containerId"))] = LogSource(name, service, container, new)
        own = {source.name for source in self.sources.values()}
        tasks = [task for task in tasks if not self._stack or task.get("name") in own]
        live = live_slots(tasks)
        # Before its first deployment a service has none at all.
        self.over = not live and (self._lived or bool(tasks))
        self._lived = self._lived or bool(live)

    def tasks_call(self) -> Call:
        return tasks_call(self._service)

    def _containers(self, tasks: Sequence[Row]) -> List[str]:
        """The IDs of the containers of tasks."""
        ids = [str(task.get("containerId")) for task in tasks]
        if all(task.get("keepsId") for task in tasks):
            return ids
        configs = inspect(self._context.client, self._service.row, ids)
        containers = (
            ((config.get("Status") or {}).get("ContainerStatus") or {}).get("ContainerID") for config in configs
        )
        return [str(container or own) for container, own in zip(containers, ids)]

    def _need_service(self) -> None:
        """:raises OptionError: nothing runs or has run of the stated service of a stack."""
        wanted = self._params["service"]
        if wanted is not None and not self.sources:
            raise OptionError("service: %s has no container of a service %r" % (self._service.label, wanted))

    def _call(self, source: LogSource, tail: int, since: Optional[str]) -> Call:
        more = {"since": since, "search": self._params["search"], "containerId": source.container_id}
        stated = {key: value for key, value in more.items() if value is not None}
        return Call(self._service.resource.deployable.logs, self._service.input(tail=tail, **stated))

    def _text(self, answer: Any) -> Any:
        return log_in(answer, self._params["search"], "dokploy_logs_info", "Update the server.")

    def _result(self, ended: Optional[str], matched: Optional[str]) -> Dict[str, Any]:
        sources = sorted(self.sources.values(), key=lambda source: str(source.name))
        lines = in_time("\n".join(line for source in sources for line in source.lines)) if sources else ""
        whole = listed(lines)
        return {
            "lines": whole[-MAX_LINES:],
            "containers": [source.facts for source in sources] if self._stack else [],
            "ended_by": ended,
            "matched": matched,
        }


def _service_in(name: str, app_name: str) -> Optional[str]:
    """The service of a stack in the name of its container or task: C(shop-ab12cd-web-1), C(shop-ab12cd_web.1)."""
    match = re.match(r"%s[-_](.+?)[-._]\d+\Z" % re.escape(app_name), name)
    return match.group(1) if match else None


class _Following(Poll):
    """One poll for all logs of a service; it ends with C((PATTERN, line)) or C((END, None))."""

    def __init__(self, label: str, logs: Logs, pattern: Optional[Pattern[str]], clock: Callable[[], float]) -> None:
        self.label, self.state = label, "following the log"
        self.late = WaitTimeout(label)
        self._logs, self._pattern, self._clock = logs, pattern, clock
        self._asked: List[Tuple[LogSource, int]] = []
        self._when, self._count = 0.0, 0

    def calls(self) -> List[Call]:
        asked = [(source, self._logs.calls(source)) for source in self._logs.sources.values()]
        self._asked, self._when = [(source, len(calls)) for source, calls in asked], self._clock()
        return [self._logs.tasks_call(), *(call for _source, calls in asked for call in calls)]

    def judge(self, answers: Sequence[Any], elapsed: float) -> Optional[Any]:
        left, was_over = list(answers[1:]), self._logs.over
        self._logs.take_tasks(answers[0], new=True)
        lines: List[str] = []
        for source, count in self._asked:
            own, left = left[:count], left[count:]
            lines += self._logs.take(source, own, self._when)
        self._count += len(lines)
        matching = next((line for line in lines if self._pattern and self._pattern.search(line)), None)
        if matching is not None:
            return PATTERN, matching
        self.state = "following the log, %d lines" % self._count
        # What was written until the end is in the answers of the poll after it.
        return (END, None) if was_over and self._logs.over else None

    def expired(self, timeout: float) -> DokployError:
        return self.late
