# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ten connections of Dokploy to its database, which some procedures use up.

A procedure that opens a transaction, and inside it reads over another connection of the pool, holds one and waits for a
second one. Ten of these at once wait for each other, and every other request waits behind them. Measured on 0.30.2 with
a batch of ten ``domain.create``: the server answered nothing for 35 s, then all ten failed and none was stored."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from ..api.errors import ProcedureError, bad_request, internal

# The default of postgres.js.
SIZE = 10
CLOSED = "write CONNECTION_CLOSED dokploy-postgres:5432"
# What each procedure answers when its transaction is closed. Measured for domain.create; the others were read in
# Dokploy's source.
IN_TRANSACTION: dict[str, Callable[[], ProcedureError]] = {
    "domain.create": lambda: bad_request(CLOSED),
    "mounts.update": lambda: internal(CLOSED),
    "redirects.create": lambda: bad_request("Error creating this redirect"),
    "security.create": lambda: bad_request(CLOSED),
    "security.update": lambda: bad_request(CLOSED),
}


def reads_in_transaction(procedure: str, data: Any, has: Callable[[str], bool]) -> bool:
    """Whether a call holds one connection while it waits for another.

    :param has: whether the release that is played has a behaviour.
    """
    if procedure == "domain.create":
        # What it reads is the application, for its Traefik file.
        return bool(data.get("applicationId"))
    return procedure in IN_TRANSACTION and (procedure != "security.update" or has("security_transaction"))


class DatabasePool:
    def __init__(self) -> None:
        self._connections = asyncio.Semaphore(SIZE)
        self._inner: set[asyncio.Task[None]] = set()

    @property
    def exhausted(self) -> bool:
        return self._connections.locked()

    async def query(self) -> None:
        """Wait for a connection, and give it back."""
        async with self._connections:
            pass

    @asynccontextmanager
    async def transaction(self, procedure: str, seconds: float) -> AsyncIterator[None]:
        """A transaction of a procedure that reads over another connection.

        :param seconds: how long it waits for that connection before the database closes all such transactions.
        :raises ProcedureError: they were closed.
        """
        async with self._connections:
            # Calls that came together have all begun by the time that one of them reads.
            await asyncio.sleep(0)
            if self.exhausted and not await self._waited(seconds):
                raise IN_TRANSACTION[procedure]()
            yield

    async def _waited(self, seconds: float) -> bool:
        """Whether there was a second connection before the transactions were closed."""
        inner = asyncio.create_task(self.query())
        self._inner.add(inner)
        try:
            finished, _pending = await asyncio.wait({inner}, timeout=seconds)
            if not finished:
                self.close()
            return bool(finished) and not inner.cancelled()
        finally:
            self._inner.discard(inner)
            inner.cancel()

    def close(self) -> None:
        """End all transactions that wait for a second connection."""
        for inner in list(self._inner):
            inner.cancel()
