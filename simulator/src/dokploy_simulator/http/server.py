# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One simulated Dokploy: its rows, its settings, and how a procedure is carried out on it."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Callable
from typing import Any

from ..api import facts
from ..api.errors import ProcedureError, not_found, unauthorized
from ..api.release_columns import invented, shown
from ..jobs.instance import Instance
from ..routers import permissions
from ..routers.handlers import HANDLERS
from ..routers.procedures import PUBLIC, Context, WithDates
from ..store import accounts
from ..store.identities import Identity, api_key_row
from ..store.store import Store
from ..world import traefik
from ..world.config import Config
from .auth import Auth
from .database_pool import DatabasePool, reads_in_transaction
from .faults import Faults
from .request_holds import Holds
from .request_stats import RequestStats


class Server(Instance):
    """``act`` performs what another user does (the ``act`` of a hold), ``make_examples`` what a seeded server has: both
    are a test's doing, of which nothing is known here."""

    def __init__(
        self,
        api_key: str,
        config: Config,
        act: Callable[[Server, dict[str, Any]], Any],
        make_examples: Callable[[Server], None],
    ) -> None:
        self.api_key = api_key
        self.make_examples = make_examples
        self.initial = Config()
        self.initial.restore(config)
        self.stats = RequestStats()
        self.pool = DatabasePool()
        self.faults = Faults()
        self.holds = Holds(lambda values: act(self, values))
        # Subscriptions that run, whether or not their client is still there.
        self.subscriptions: set[asyncio.Task[None]] = set()
        # What cuts off the requests that are being answered, one each.
        self.in_flight: set[Callable[[], None]] = set()
        # The connections on which they came.
        self.busy: set[Any] = set()
        super().__init__(config)
        self.reset_state()

    def work_on(self, store: Store) -> None:
        super().work_on(store)
        self.auth = Auth(store, self.faults.key_is_spent)

    def reset_state(self) -> None:
        """An empty server with its owner and the admin's key (without either when ``fresh``)."""
        for subscription in self.subscriptions:
            subscription.cancel()
        self.pool.close()
        super().reset_state()
        self.down_until = 0.0
        if not self.config.fresh:
            owner = accounts.add_user(self.store, self.config.admin_email, self.config.admin_password, "Admin", "Root")
            organization = accounts.add_organization(self.store, owner, "My Organization")
            self.store.settings["serverIp"] = self.config.server_ip
            row = api_key_row(owner["id"], "admin", organization["id"], {"rateLimitEnabled": False})
            self.store.add_key({**row, "start": self.api_key[:6]}, self.api_key)
            if self.config.seeded:
                self.make_examples(self)

    @property
    def is_down(self) -> bool:
        return time.monotonic() < self.down_until

    @property
    def meddles(self) -> bool:
        """Whether something other than the request itself decides about its answer, or when it comes."""
        slow = self.config.latency_ms > 0 or self.config.profile == "real"
        return bool(self.is_down or slow or self.faults.active or self.faults.key_is_spent() or self.holds.active)

    def restart(self, seconds: float = 0.0) -> None:
        """The server goes down, and answers nothing for so long: who waits for an answer loses the connection."""
        self.queue.restart(seconds)
        for subscription in self.subscriptions:
            subscription.cancel()
        if seconds > 0:
            self.down_until = time.monotonic() + seconds
            for cut in list(self.in_flight):
                cut()

    @property
    def procedures(self) -> dict[str, facts.Procedure]:
        return facts.procedures_of(self.config.version)

    def find(self, name: str, method: str | None) -> facts.Procedure | None:
        """The procedure, or None when this release has none of that name and method (None: any method).

        Raises NOT_IMPLEMENTED for what Dokploy has and the simulator does not play, so that no test takes the gap for
        an older server.
        """
        served = self.procedures.get(name)
        if served is None:
            served_method = facts.unserved_method(name, self.config.version)
            if served_method and method in (None, served_method):
                raise ProcedureError("NOT_IMPLEMENTED", f"the simulator does not play {name}")
            return None
        return served if method in (None, served.method) else None

    @staticmethod
    def handler(name: str) -> Callable[..., Any]:
        """What carries out a procedure. Raises ``KeyError`` where it is not played."""
        return HANDLERS[name]

    async def execute(self, procedure: facts.Procedure, value: Any, identity: Identity | None) -> Any:
        """Carry out one procedure. Raises ``ProcedureError``."""
        files = dict(self.store.traefik)
        try:
            return await self._execute(procedure, value, identity)
        finally:
            self.stats.refused(procedure.name, traefik.refused(self.store, files))

    async def _execute(self, procedure: facts.Procedure, value: Any, identity: Identity | None) -> Any:
        if identity is None and procedure.name not in PUBLIC:
            raise unauthorized()
        if identity is not None and procedure.name not in PUBLIC:
            permissions.check(procedure.name, identity)
        parsed = procedure.parse(value)
        for writer in self.writers.values():
            writer.go_on()
        handler = HANDLERS.get(procedure.name)
        if handler is None:
            raise ProcedureError("NOT_IMPLEMENTED", f"the simulator does not play {procedure.name}")
        if reads_in_transaction(procedure.name, parsed, self.config.has):
            async with self.pool.transaction(procedure.name, self.config.deadlock_seconds):
                return await self._handled(procedure, handler, parsed, identity)
        return await self._handled(procedure, handler, parsed, identity)

    async def _handled(
        self, procedure: facts.Procedure, handler: Callable[..., Any], parsed: Any, identity: Identity | None
    ) -> Any:
        if self.config.traefik_seconds > 0 and procedure.kind == "mutation" and traefik.writes(procedure.name):
            return await traefik.with_old_files(
                self.store,
                self.config.traefik_seconds,
                lambda: handler(Context(self, identity or Identity("", "", "")), parsed),
            )
        result = handler(Context(self, identity or Identity("", "", "")), parsed)
        if inspect.isawaitable(result):
            result = await result
        if isinstance(result, WithDates):
            return WithDates(self._shown(result.value), result.dates)
        return self._shown(result)

    def _shown(self, value: Any) -> Any:
        """What a handler answers as the release that is played has it."""
        value = shown(value, self.config.version)
        return invented(value) if self.config.invented_columns else value


def unknown_procedure() -> ProcedureError:
    return not_found("Not found")
