# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tasks played in process against a simulated server, over HTTP, with a clock that only moves when a user sleeps."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from ansible_collections.community.dokploy.plugins.module_utils._api.client import Client
from ansible_collections.community.dokploy.plugins.module_utils._engine.runner import USER_AGENT, Session, run
from ansible_collections.community.dokploy.plugins.module_utils._engine.wait import Waiter
from ansible_collections.community.dokploy.plugins.module_utils._model.argspec import client_config
from dokploy_simulator import Simulator
from tests.support.host import validated
from tests.support.operations import OPERATIONS
from tests.support.whole_instance import WHOLE_INSTANCE

# A run of many resources is no module.
ALL = {**OPERATIONS, WHOLE_INSTANCE.name: WHOLE_INSTANCE}
Task = tuple[str, dict[str, Any]]

# Seconds in which the client has to notice that no answer comes, where none does. All other requests have 30.
SILENCE = 0.15


@dataclass(frozen=True)
class Scenario:
    """Tasks in their order, and what there is before.

    :param prepare: makes it, by whatever means.
    :param idempotent: whether the tasks change nothing when they are run again; if not, how often something was
        deployed or run does not count.
    :param converges: whether it ends in one state, however often it is run.
    :param begin: what a user does just before.
    :param sampled: of the cases that the sample would have of it, it has one in so many.
    :param killed: whether runs are killed too, and run beside each other.
    """

    name: str
    tasks: tuple[Task, ...]
    prepare: Callable[[Simulator], None] = field(default=lambda sim: None)
    idempotent: bool = True
    converges: bool = True
    begin: Callable[[Simulator], None] = field(default=lambda sim: None)
    sampled: int = 1
    killed: bool = False

    @property
    def builds(self) -> bool:
        """Whether something is built that may continue when a task has failed."""
        return any(module in ("dokploy_deployment", "dokploy_preview_deployment") for module, _options in self.tasks)


class Killed(BaseException):
    """The process of a run has ended."""


class TaskRunner:
    """Runs tasks one after the other, each with a connection of its own, as Ansible does.

    Threads of a task send their requests one after the other, so that these have the same numbers at the server.

    :param silent: the number of the HTTP request that gets no answer in time, if there is one.
    :param around: sends each request, whose number it gets.
    """

    def __init__(
        self,
        sim: Simulator,
        retries: int = 0,
        silent: int = 0,
        around: Callable[[int, Callable[[], Any]], Any] | None = None,
    ) -> None:
        self._sim, self._silent, self._around = sim, silent, around
        self._connection = {"dokploy_url": sim.url, "dokploy_api_key": sim.key, "max_retries": retries}
        self._now = 1000.0
        self._sent = 0
        self._turn = threading.Lock()
        self._session: Session | None = None

    def run(self, task: Task) -> dict[str, Any]:
        """The result, failed or not."""
        module, options = task
        operation = ALL[module]
        params = validated(operation, **self._connection, **options)
        waiter = Waiter(clock=lambda: self._now, sleep=self._sleep)
        try:
            return run(operation, params, self._open, check_mode=False, diff_mode=True, waiter=waiter)
        finally:
            if self._session is not None:
                self._session.client.close()
                self._session = None

    def all(self, tasks: Sequence[Task]) -> list[dict[str, Any]]:
        """The results up to the first that failed."""
        results: list[dict[str, Any]] = []
        for task in tasks:
            results.append(self.run(task))
            if results[-1].get("failed"):
                break
        return results

    def _sleep(self, seconds: float) -> None:
        """Time passes: builds end, containers grow older, and a server that was away is back."""
        server = self._sim.server

        def pass_() -> None:
            server.faults.listen()
            tasks = (task for service in server.docker.services.values() for task in service.tasks)
            items: tuple[Any, ...] = (*tasks, *server.docker.projects.containers.values())
            for item in items:
                item.since -= seconds

        self._now += seconds
        self._sim.apart(pass_)
        # A client that has given up sleeps before it closes the connection.
        self._sim.settle(requests=False)

    def _open(self, params: Any) -> Session:
        if self._session is None:
            config = client_config(params, USER_AGENT)
            client = Client(config, clock=lambda: self._now, sleep=self._sleep, random=lambda: 0.5)
            self._session = Session(client)
            transport = client.transport
            start = transport._start

            def numbered(request: Any) -> Any:
                with self._turn:
                    self._sent += 1
                    if self._sent == self._silent:
                        request = replace(request, timeout=SILENCE)
                    send = partial(start, request)
                    return send() if self._around is None else self._around(self._sent, send)

            transport._start = numbered  # type: ignore[method-assign]
        return self._session
