# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Subscriptions: what tRPC sends over server-sent events, line by line.

Whatever happens the status is 200. A subscription runs on when its client has gone.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

from ..api.errors import ProcedureError, unauthorized
from ..api.facts import Procedure
from ..routers.procedures import SUBSCRIPTIONS, Context, NeverEnds
from ..store.identities import Identity
from .rest import Reply
from .server import Server

HEADERS = {"Cache-Control": "no-cache, no-transform", "X-Accel-Buffering": "no"}
Events = asyncio.Queue["bytes | None"]


def event(data: Any, name: str = "") -> bytes:
    """One event; ``data`` is written as JSON, ``None`` as nothing."""
    text = "" if data is None else json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return (f"event: {name}\n" if name else "").encode() + f"data: {text}\n\n\n".encode()


async def events(lines: Callable[[], AsyncIterator[str]], queue: Events, name: str) -> None:
    """Put all events of a subscription into the queue, and ``None`` when the server closes the stream."""
    queue.put_nowait(event({}, "connected"))
    try:
        async for line in lines():
            queue.put_nowait(event({"json": line}))
        queue.put_nowait(event(None, "return"))
    except ProcedureError as error:
        queue.put_nowait(event(error.trpc(name)["error"], "serialized-error"))
    except NeverEnds:
        return
    queue.put_nowait(None)


def answer(server: Server, procedure: Procedure, identity: Identity | None, sent: Any, problem: Any) -> Reply:
    """Begin a subscription; ``problem`` is what is wrong with the request itself, if anything."""

    async def lines() -> AsyncIterator[str]:
        if problem is not None:
            raise problem
        if identity is None:
            raise unauthorized()
        context = Context(server, identity)
        async for line in SUBSCRIPTIONS[procedure.name](context, procedure.parse(sent)):
            yield line

    queue: Events = asyncio.Queue()
    task = asyncio.get_running_loop().create_task(events(lines, queue, procedure.name))
    server.subscriptions.add(task)

    def done(ended: asyncio.Task[None]) -> None:
        server.subscriptions.discard(ended)
        if ended.cancelled():
            # The server ends, and the stream with it, also where the task has not begun yet.
            queue.put_nowait(None)

    task.add_done_callback(done)
    return Reply(200, b"", "text/event-stream", dict(HEADERS), transport="trpc", events=queue)
