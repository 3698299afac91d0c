# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The WebSocket for logs: ``docker service logs --follow`` of a service or a task, which has no end."""

from __future__ import annotations

import asyncio

from aiohttp import WSMsgType, web

from .server import Server

LOGS = "/docker-container-logs"


async def container_logs(server: Server, request: web.BaseRequest) -> web.StreamResponse:
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    identity = server.auth.identify(request.headers, request.cookies)
    wanted = request.query.get("containerId", "")
    if identity is None or not wanted:
        await socket.close(code=1000 if wanted else 4000)
        return socket
    lines = server.docker.said_by(wanted)
    if lines is None:
        await socket.send_str(f"no such task or service: {wanted}\r\n")
    elif lines:
        tail = int(request.query.get("tail", 100))
        await socket.send_str("".join(f"{line}\r\n" for line in lines[-tail:]))
    listening = asyncio.ensure_future(_until_closed(socket))

    def cut() -> None:
        """The server goes down."""
        listening.cancel()

    server.in_flight.add(cut)
    try:
        await listening
    except asyncio.CancelledError:
        await socket.close()
    finally:
        server.in_flight.discard(cut)
    return socket


async def _until_closed(socket: web.WebSocketResponse) -> None:
    while (await socket.receive()).type not in (WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR):
        pass
