# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run operations in tests: validated arguments, one session, a simulator."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from typing import Any

from ansible.module_utils.common.arg_spec import ModuleArgumentSpecValidator

from ansible_collections.community.dokploy.plugins.module_utils._api.client import Client, ClientConfig
from ansible_collections.community.dokploy.plugins.module_utils._engine.execute import Executor
from ansible_collections.community.dokploy.plugins.module_utils._engine.runner import (
    Context,
    Operation,
    Session,
    first_complaint,
    run,
)
from ansible_collections.community.dokploy.plugins.module_utils._engine.wait import Waiter
from dokploy_simulator import Simulator
from tests.support.direct_transport import DirectTransport


def validated(operation: Operation, **params: Any) -> dict[str, Any]:
    """The parameters with Ansible's defaults and conversions."""
    result = judged(operation, params)
    assert not isinstance(result, str), result
    return result


def judged(operation: Operation, params: dict[str, Any]) -> dict[str, Any] | str:
    """The parameters with Ansible's defaults and conversions, or why they are refused, as both hosts judge them."""
    problem = first_complaint(operation, params)
    if problem is not None:
        return problem
    checked = ModuleArgumentSpecValidator(operation.validation_spec).validate(copy.deepcopy(params))
    if checked.error_messages:
        return str(checked.error_messages[0])
    result: dict[str, Any] = checked.validated_parameters
    return result


# Seconds for which containers are watched where a test says nothing: the default is much longer than those of the
# simulator take to crash.
VERIFY_PERIOD = 0.2


class Host:
    """Runs operations against one simulator, all with one session, as one task's loop does.

    :param direct: without HTTP, but for what only HTTP can show.
    """

    def __init__(self, sim: Simulator, direct: bool = True, **connection: Any) -> None:
        self.sim, self._direct = sim, direct
        self.connection = {"dokploy_url": sim.url, "dokploy_api_key": sim.key, "max_retries": 0, **connection}
        self.session: Session | None = None
        self.progress: list[str] = []
        #: Takes the lines of followed logs, where a user sees them.
        self.line: Callable[[str], None] | None = None
        self.clock: Callable[[], float] = time.monotonic

    def close(self) -> None:
        if self.session is not None:
            self.session.client.close()
        self.session = None

    def open(self, params: Any) -> Session:
        if self.session is None:
            self.session = Session(self._directed(Session.open(params).client))
        return self.session

    def context(self, params: Any, check: bool = False) -> Context:
        """What an operation has at hand."""
        session, waiter = self.open(params), Waiter()
        executor = Executor(session.client, session.reads, waiter, check)
        return Context(params, session.client, session.reads, executor, waiter)

    def new_task(self) -> None:
        """The next task begins: nothing read before counts any more."""
        self.close()

    def run(self, operation: Operation, *, check: bool = False, diff: bool = True, **params: Any) -> dict[str, Any]:
        """The result, failed or not."""
        connection = {name: value for name, value in self.connection.items() if name in operation.argument_spec}
        if "verify_period" in operation.argument_spec:
            params = {"verify_period": VERIFY_PERIOD, **params}
        params = validated(operation, **connection, **params)
        waiter = Waiter(
            clock=self.clock,
            sleep=lambda seconds: time.sleep(min(seconds, 0.01)),
            report=self.progress.append,
            line=self.line,
        )
        return run(operation, params, self.open, check_mode=check, diff_mode=diff, waiter=waiter)

    def ok(self, operation: Operation, *, check: bool = False, **params: Any) -> dict[str, Any]:
        result = self.run(operation, check=check, **params)
        assert not result.get("failed"), result["msg"]
        return result

    def failed(self, operation: Operation, *, check: bool = False, **params: Any) -> dict[str, Any]:
        result = self.run(operation, check=check, **params)
        assert result.get("failed"), result
        return result

    # --- behind the engine's back ---

    def _directed(self, client: Client) -> Client:
        if self._direct:
            client.transport = DirectTransport(self.sim, client)
        return client

    def api(self) -> Client:
        return self._directed(Client(ClientConfig(url=self.sim.url, api_key=self.sim.key, max_retries=0)))

    def call(self, procedure: str, **body: Any) -> Any:
        """A mutation by another user."""
        return self._apart(lambda client: client.mutate(procedure, body))

    def read(self, procedure: str, **params: Any) -> Any:
        return self._apart(lambda client: client.query(procedure, params))

    def _apart(self, what: Callable[[Client], Any]) -> Any:
        client = self.api()
        try:
            return what(client)
        finally:
            client.close()
