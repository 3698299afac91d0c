# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The HTTP side on aiohttp: routes a request, lets faults strike, keeps the answer times, writes the answer."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
import time
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from multidict import CIMultiDict
from yarl import URL

from . import echo_responses, github_setup, log_websocket, page, rest, sign_in, trpc, webhook
from .faults import Fault
from .rest import JSON, JSON_UTF8, Incoming, Reply, dumps
from .server import Server

NODE_HEADER_LIMIT = 16_384
"""Node refuses URL, header names and header values that reach 16 KiB together."""

PAGE = (
    b"<!DOCTYPE html><html><head><title>404: This page could not be found</title></head><body><h1>404</h1>"
    b"<h2>This page could not be found.</h2></body></html>"
)
WEB_PAGE = b"<!DOCTYPE html><html><head><title>Dokploy</title></head><body></body></html>"
HTML = "text/html; charset=utf-8"
PROXY_PAGE = (
    b"<html><head><title>Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center></body></html>"
)

REAL_MS = {"rest": 30.0, "trpc": 20.0, "batch_item": 6.5, "other": 3.5}
"""Answer times of a real server (30 ms a REST call, 20 ms a tRPC call, 6.5 ms for each item of a batch)."""


LOOP_SLACK = 0.0015

EXECUTED = ("slow", "key_spent", "reset_after", "cut_json", "cut_body", "silent", "slow_lines")
"""Faults that let the request take effect."""
INCOMING = web.RequestKey("incoming", Incoming)
GIVES_UP = 60.0
PAUSE = 0.005


def header_bytes(request: web.BaseRequest) -> int:
    return len(request.raw_path) + sum(len(name) + len(value) for name, value in request.raw_headers)


def reset(request: web.BaseRequest) -> None:
    """End the connection with a TCP reset."""
    transport = request.transport
    if transport is not None:
        connection = transport.get_extra_info("socket")
        if connection is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()


class Flight:
    """A request that is being answered, by the task that makes this."""

    def __init__(self, request: web.BaseRequest) -> None:
        self.request = request
        self.task = asyncio.current_task()
        self.carried_out = False
        self._cut = False

    def cut(self) -> None:
        """The server goes down."""
        self._cut = True
        reset(self.request)
        if self.task is not None:
            self.task.cancel()

    def was_cut(self) -> bool:
        """Whether that is why the task is cancelled; then it may continue to its end."""
        if self._cut and self.task is not None:
            self.task.uncancel()
        return self._cut


class UntypedResponse(web.Response):
    """A response without a content type, where aiohttp would add application/octet-stream."""

    async def _prepare_headers(self) -> None:
        await super()._prepare_headers()
        self.headers.popall("Content-Type", None)


class App:
    """``control`` answers what is under ``/_sim/``."""

    def __init__(
        self, server: Server, control: Callable[[Server, web.BaseRequest], Awaitable[web.StreamResponse]]
    ) -> None:
        self.server, self.control = server, control

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        arrival = time.perf_counter()
        path = request.rel_url.path
        if path.startswith("/_sim/"):
            return await self.control(self.server, request)
        if page.wanted(request) and not self.server.is_down:
            return page.answer(self.server, request)
        if path == log_websocket.LOGS and not self.server.is_down:
            return await log_websocket.container_logs(self.server, request)
        # Empty parts of a path do not count: /api//project.all/ is /api/project.all.
        parts = [part for part in path.split("/") if part]
        flight = Flight(request)
        self.server.in_flight.add(flight.cut)
        self.server.busy.add(request.protocol)
        try:
            with self.server.stats.flight(self.names(parts)[0]):
                return await self.answer(request, parts, arrival, flight)
        except asyncio.CancelledError:
            if not flight.was_cut():
                raise
            if not flight.carried_out:
                self.unexecuted(*self.names(parts))
            self.server.stats.statuses[0] += 1
            return web.Response()
        finally:
            self.server.in_flight.discard(flight.cut)
            self.server.busy.discard(request.protocol)

    async def answer(
        self, request: web.BaseRequest, parts: list[str], arrival: float, flight: Flight
    ) -> web.StreamResponse:
        if header_bytes(request) >= NODE_HEADER_LIMIT and not self.server.is_down:
            self.server.stats.statuses[431] += 1
            return self.write(request, Reply(431, b"", None))
        names, transport = self.names(parts)
        batch = len(names) if "batch" in request.rel_url.query else 0
        self.server.stats.request(batch)
        held = [] if self.server.is_down else self.server.holds.take(names)
        if held and request.content_type != "multipart/form-data":
            # It has come whole: it is carried out also when the client goes away meanwhile.
            await request.read()
        await self.server.holds.wait(held, "before")
        fault = None if self.server.is_down else self.server.faults.take(names, transport)
        if self.server.is_down:
            self.unexecuted(names, transport)
            reply = None
        elif fault is not None:
            reply = await self.stricken(request, parts, names, transport, fault, flight)
        else:
            reply = await self.reply(request, parts)
        await self.server.holds.wait(held, "after")
        if reply is None:
            self.server.stats.statuses[0] += 1
            reset(request)
            return web.Response()
        flight.carried_out = True
        await self.wait(reply, batch, arrival)
        self.server.stats.statuses[reply.status] += 1
        if reply.events is not None:
            return await self.stream(request, reply, reply.events, fault)
        if fault is not None and fault.kind == "cut_body":
            return await self.write_half(request, reply)
        return self.write(request, reply)

    @staticmethod
    def names(parts: list[str]) -> tuple[list[str], str]:
        """The procedures a request asks for (other paths by their own text), and its transport."""
        if parts[:2] == ["api", "trpc"]:
            return "/".join(parts[2:]).split(","), "trpc"
        if len(parts) == 2 and parts[0] == "api" and "." in parts[1]:
            return [parts[1]], "rest"
        return ["/" + "/".join(parts)], "other"

    async def stricken(
        self, request: web.BaseRequest, parts: list[str], names: list[str], transport: str, fault: Fault, flight: Flight
    ) -> Reply | None:
        """The answer of a request that a fault strikes; None: no answer but a reset."""
        if fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
        if fault.late:
            await self.given_up(request, parts, fault)
        executed = fault.after or fault.late or fault.answered or fault.kind in EXECUTED
        reply = await self.reply(request, parts) if executed else None
        if reply is None:
            self.unexecuted(names, transport)
        if fault.kind == "hang" and not fault.late:
            await self.given_up(request, parts, fault)
        if fault.kind == "restart":
            self.server.in_flight.discard(flight.cut)
            self.server.restart(fault.seconds)
            for cut in list(self.server.in_flight):
                cut()
            return reply if fault.answered else None
        if fault.kind in ("reset_before", "reset_after", "hang"):
            return None
        if fault.kind == "echo":
            incoming = await self.incoming(request, multipart=parts[1:2] == ["trpc"])
            return echo_responses.answer(fault.body or "", fault.struck - 1, fault.first, incoming)
        if fault.kind == "empty":
            return Reply(200, b"", JSON)
        if reply is not None and fault.kind in (
            *(EXECUTED if reply.events is not None else ()),
            "silent",
            "slow_lines",
        ):
            # A stream is spoilt while it is sent.
            return reply
        if reply is not None and fault.kind == "cut_json":
            return Reply(reply.status, reply.body[: max(1, len(reply.body) // 2)], reply.content_type)
        if reply is not None and fault.kind in ("slow", "key_spent", "cut_body"):
            return reply
        if fault.kind == "html":
            return Reply(fault.status or 502, PROXY_PAGE, "text/html", fault.headers)
        if fault.kind == "redirect":
            return Reply(fault.status or 302, b"", None, {"Location": fault.url, **fault.headers})
        if fault.kind == "rate_limited":
            return Reply(429, b'{"message":"Too many requests"}', JSON, {"Retry-After": str(fault.retry_after)})
        body = fault.body.encode() if isinstance(fault.body, str) else dumps(fault.body)
        return Reply(fault.status or 500, body, fault.content_type, fault.headers)

    async def given_up(self, request: web.BaseRequest, parts: list[str], fault: Fault) -> None:
        """Wait until the client has closed the connection."""
        await self.incoming(request, multipart=parts[1:2] == ["trpc"])
        end = time.monotonic() + (fault.seconds or GIVES_UP)
        while time.monotonic() < end and request.transport is not None and not request.transport.is_closing():
            await asyncio.sleep(PAUSE)

    def unexecuted(self, names: list[str], transport: str) -> None:
        """Note calls that the server did not answer."""
        for name in names:
            procedure = self.server.procedures.get(name)
            kind = procedure.kind if procedure else "unknown"
            self.server.stats.call(name, kind, transport, 0, 0, None)

    async def direct(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Reply:
        """Answer a request that comes without HTTP. No fault strikes it, nothing holds it, and it takes no time.

        :param target: the path with its query, as in the first line of a request.
        """
        url = URL(target, encoded=True)
        parts = [part for part in url.path.split("/") if part]
        names, _transport = self.names(parts)
        with self.server.stats.flight(names):
            if len(target) + sum(len(name) + len(value) for name, value in headers.items()) >= NODE_HEADER_LIMIT:
                reply = Reply(431, b"", None)
            else:
                self.server.stats.request(len(names) if "batch" in url.query else 0)
                query = list(url.query.items())
                reply = await self.routed(Incoming(method, url.path, query, CIMultiDict(headers), {}, body), parts)
        self.server.stats.statuses[reply.status] += 1
        return reply

    async def reply(self, request: web.BaseRequest, parts: list[str]) -> Reply:
        return await self.routed(await self.incoming(request, multipart=parts[1:2] == ["trpc"]), parts)

    async def routed(self, incoming: Incoming, parts: list[str]) -> Reply:
        if not parts or parts[0] != "api":
            return self.page(incoming, parts)
        rest_of_path = "/".join(parts[1:])
        if rest_of_path == "health":
            return Reply(200, b'{"ok":true}', JSON_UTF8)
        if self.server.pool.exhausted:
            # Whoever it is, is read in the database.
            await self.server.pool.query()
        if parts[1:2] == ["trpc"]:
            return await trpc.answer(self.server, incoming, "/".join(parts[2:]))
        if parts[1:2] == ["auth"]:
            return self.auth(incoming, "/".join(parts[2:]))
        if parts[1:2] == ["deploy"]:
            return webhook.answer(self.server, incoming, parts[2:])
        if parts == github_setup.PATH:
            return github_setup.answer(self.server, incoming)
        return await rest.answer(self.server, incoming, rest_of_path)

    def page(self, request: Incoming, parts: list[str]) -> Reply:
        """A page of the web UI; without an administrator the first one leads to the registration."""
        empty = not len(self.server.store.users)
        if request.method == "GET" and parts in ([], ["register"]):
            target = "/" if parts and not empty else "/register" if not parts and empty else None
            if target:
                return Reply(307, target.encode(), None, {"Location": target})
            return Reply(200, WEB_PAGE, HTML)
        return Reply(404, PAGE, HTML)

    @staticmethod
    async def incoming(request: web.BaseRequest, multipart: bool) -> Incoming:
        if INCOMING in request:
            return request[INCOMING]
        form: dict[str, Any] | None = None
        body = b""
        if multipart and request.content_type == "multipart/form-data":
            form = {}
            for name, value in (await request.post()).items():
                # A file that is open for reading: aiohttp keeps a large one on the disk, and closes it at the end.
                form[name] = value.file if isinstance(value, web.FileField) else value
        elif request.body_exists:
            body = await request.read()
        request[INCOMING] = received = Incoming(
            request.method,
            request.rel_url.path,
            list(request.query.items()),
            request.headers,
            request.cookies,
            body,
            form,
        )
        return received

    def auth(self, incoming: Incoming, path: str) -> Reply:
        try:
            body = json.loads(incoming.body) if incoming.body else {}
        except ValueError:
            return Reply(400, b"Invalid JSON", None)
        reply = sign_in.handle(self.server, incoming.method, path, body, incoming.headers, incoming.cookies)
        return Reply(reply.status, b"" if reply.status == 404 else dumps(reply.body), reply.content_type, reply.headers)

    async def wait(self, reply: Reply, batch: int, arrival: float) -> None:
        """Hold the answer back until as long after ``arrival`` as the settings want."""
        config = self.server.config
        if config.profile == "real":
            milliseconds = REAL_MS["batch_item"] * reply.items if batch > 1 else REAL_MS[reply.transport]
        else:
            milliseconds = config.latency_ms
        if milliseconds <= 0:
            return
        deadline = arrival + milliseconds / 1000
        coarse = deadline - time.perf_counter() - LOOP_SLACK
        if coarse > 0:
            await asyncio.sleep(coarse)
        # The event loop wakes up a millisecond late; the rest is slept exactly.
        rest_of_it = deadline - time.perf_counter()
        if rest_of_it > 0:
            time.sleep(rest_of_it)

    def write(self, request: web.BaseRequest, reply: Reply) -> web.Response:
        headers: CIMultiDict[str] = CIMultiDict(reply.headers)
        if reply.content_type:
            headers["Content-Type"] = reply.content_type
        kind = web.Response if reply.content_type else UntypedResponse
        response = kind(status=reply.status, body=reply.body, headers=headers)
        if self.server.config.gzip and "gzip" in request.headers.get("Accept-Encoding", ""):
            response.enable_compression(web.ContentCoding.gzip)
        if reply.status in (413, 431) or self.server.faults.closing:
            self.server.faults.closing = False
            response.force_close()
        return response

    async def write_half(self, request: web.BaseRequest, reply: Reply) -> web.StreamResponse:
        """Announce the whole body, send half of it, and reset."""
        response = web.StreamResponse(status=reply.status, headers={"Content-Type": reply.content_type or JSON})
        response.content_length = len(reply.body)
        await response.prepare(request)
        await response.write(reply.body[: max(1, len(reply.body) // 2)])
        reset(request)
        return response

    async def stream(
        self, request: web.BaseRequest, reply: Reply, events: asyncio.Queue[bytes | None], fault: Fault | None
    ) -> web.StreamResponse:
        """Send a subscription's events as they come, until it ends, the client has gone or a fault strikes."""
        response = web.StreamResponse(headers={"Content-Type": reply.content_type or "", **reply.headers})
        await response.prepare(request)
        kind, left = (fault.kind, fault.lines) if fault else ("", 0)
        while (event := await self.next_event(request, events)) is not None:
            if event.startswith(b"data:"):
                left -= 1
            if kind in ("cut_body", "cut_json", "silent") and left < 0:
                break
            if kind == "slow_lines" and fault is not None:
                await asyncio.sleep(fault.seconds)
            await response.write(event)
        if kind == "silent" and fault is not None:
            await self.given_up(request, [], fault)
        if kind in ("cut_body", "silent"):
            reset(request)
        return response

    @staticmethod
    async def next_event(request: web.BaseRequest, events: asyncio.Queue[bytes | None]) -> bytes | None:
        """The next event; ``None`` when there is no more, or no one to send it to."""
        while request.transport is not None and not request.transport.is_closing():
            try:
                return await asyncio.wait_for(events.get(), PAUSE)
            except TimeoutError:
                continue
        return None
