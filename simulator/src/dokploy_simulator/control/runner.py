# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the simulator: in a thread of this process, or as a process of its own."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar, cast

from aiohttp import web

from ..http.app import App
from ..http.rest import Reply
from ..http.server import Server
from ..store.store import token
from ..world.config import Config
from . import calls, external_events
from .examples import Examples

T = TypeVar("T")
HOST = "127.0.0.1"
# Nothing that is ended takes so long: what is left behind would wait without an end.
SETTLE_SECONDS = 60.0
MAX_LINE = 96 * 1024
# None: a real server takes an upload of 300 MB (measured on 0.30.2). aiohttp keeps its file on the disk.
MAX_BODY = 0


def environment(url: str, key: str | None) -> dict[str, str]:
    """The environment for a program that is to use a simulator: that of this process, with the variables of the
    collection for this server, without a key where there is none."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DOKPLOY_")}
    # A proxy does not reach the loopback of this host.
    direct = {name: ",".join(filter(None, (kept.get(name), HOST))) for name in ("no_proxy", "NO_PROXY")}
    return {**kept, **direct, "DOKPLOY_URL": url, **({"DOKPLOY_API_KEY": key} if key else {})}


def build_request(message: Any, payload: Any, protocol: Any, writer: Any, task: Any) -> web.BaseRequest:
    loop = asyncio.get_running_loop()
    return web.BaseRequest(message, payload, protocol, writer, task, loop, client_max_size=MAX_BODY)


def simulated(api_key: str, config: Config) -> Server:
    """A server that does not listen yet, with all that a test may do to it."""
    return Server(api_key, config, external_events.act, lambda server: Examples(server).make())


class _Refused(asyncio.Protocol):
    """Ends a connection that was accepted right before the socket closed."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        cast(asyncio.Transport, transport).abort()


class Listener:
    """The listening socket. It can be closed for a while, and the port stays ours."""

    def __init__(self, low_level: web.Server, server: Server, port: int) -> None:
        self._low_level, self._server = low_level, server
        self._loop = asyncio.get_running_loop()
        self._socket = self._bound(port)
        self._timer: asyncio.TimerHandle | None = None
        self._opening: asyncio.Task[None] | None = None
        self._accepting: asyncio.Server | None = None
        self.port: int = self._socket.getsockname()[1]

    def _bound(self, port: int) -> socket.socket:
        """A socket on that port that does not listen: whoever connects is refused."""
        made = socket.socket()
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            made.bind((HOST, port))
        except OSError:
            made.close()
            raise
        return made

    def open(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._opening is None:
            # From now on connections wait to be accepted.
            self._socket.listen(128)
            self._opening = self._loop.create_task(self._accept())

    async def _accept(self) -> None:
        self._accepting = await self._loop.create_server(self._protocol, sock=self._socket)

    def _protocol(self) -> asyncio.BaseProtocol:
        return _Refused() if self._opening is None else self._low_level()

    def close(self, seconds: float = 0.0) -> None:
        """Refuse connections, for so long or until C(open), and end those that are idle."""
        if self._opening is not None:
            self._end()
            self._socket = self._bound(self.port)
            for connection in self._low_level.connections:
                if connection not in self._server.busy:
                    connection.force_close()
        if seconds > 0:
            self._timer = self._loop.call_later(seconds, self.open)

    def _end(self) -> None:
        if self._opening is not None:
            self._opening.cancel()
        if self._accepting is None:
            self._socket.close()
        else:
            self._socket.shutdown(socket.SHUT_RDWR)
            # Not at once: a connection that was accepted just now would get no transport, and stay open (asyncio).
            self._loop.call_soon(self._accepting.close)
        self._opening = self._accepting = None

    def end(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._end()


class Running:
    """A server that answers on C(port), until it is cleaned up."""

    def __init__(self, runner: web.ServerRunner, listener: Listener) -> None:
        self._runner, self._listener = runner, listener
        self.port = listener.port

    async def cleanup(self) -> None:
        self._listener.end()
        await self._runner.cleanup()


async def listen(server: Server, port: int) -> tuple[Running, int]:
    """Serve on loopback; port 0 takes a free one. Returns what is to be cleaned up, and the port."""
    low_level = web.Server(
        App(server, calls.handle).handle,
        request_factory=build_request,
        keepalive_timeout=server.config.keepalive_seconds,
        max_line_size=MAX_LINE,
        max_field_size=MAX_LINE,
        access_log=None,
    )
    runner = web.ServerRunner(low_level, handle_signals=False, shutdown_timeout=0.1)
    await runner.setup()
    listener = Listener(low_level, server, port)
    listener.open()
    server.faults.deafen, server.faults.listen = listener.close, listener.open
    return Running(runner, listener), listener.port


class Simulator:
    """A simulator in a thread of its own. Settings are those of ``Config``; see ``calls`` for the control calls.

    >>> with Simulator(build_seconds=0.01) as sim:
    ...     sim.url.startswith("http://127.0.0.1:")
    True
    """

    def __init__(self, api_key: str | None = None, port: int = 0, **config: Any) -> None:
        self.key = api_key or token()
        self._config = Config()
        self._config.change(config)
        self._port = port
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._ready = threading.Event()
        self._problem: BaseException | None = None
        self.url = ""
        self.server: Server

    def start(self) -> Simulator:
        self._thread = threading.Thread(target=self._main, name="dokploy-simulator", daemon=True)
        self._thread.start()
        self._ready.wait()
        if self._problem is not None:
            raise self._problem
        return self

    def stop(self) -> None:
        if self._loop is not None and self._thread is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._end.set)
            self._thread.join()

    def __enter__(self) -> Simulator:
        return self.start()

    def __exit__(self, *_exception: object) -> None:
        self.stop()

    def _main(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:
            self._problem = error
            self._ready.set()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._end = asyncio.Event()
        self.server = simulated(self.key, self._config)
        runner, port = await listen(self.server, self._port)
        self.url = f"http://{HOST}:{port}"
        self._ready.set()
        await self._end.wait()
        self.server.queue.shutdown()
        await runner.cleanup()

    def _call(self, name: str, values: dict[str, Any] | None = None) -> Any:
        """Carry out a control call on the simulator's own thread."""

        async def call() -> Any:
            return calls.run(self.server, name, values or {})

        if self._loop is None:
            raise RuntimeError("the simulator does not run")
        return asyncio.run_coroutine_threadsafe(call(), self._loop).result()

    def stats(self) -> dict[str, Any]:
        """Counters and the journal of calls (see ``request_stats.RequestStats``)."""
        result: dict[str, Any] = self._call("stats")
        return result

    def calls(self, kind: str | None = None) -> list[str]:
        """The names of the procedures called since the last reset, in order; ``kind``: query or mutation.

        A subscription changes something, so it is among the mutations."""
        kinds = {"mutation": ("mutation", "subscription")}.get(kind or "", (kind,))
        return [call["procedure"] for call in self.stats()["journal"] if kind is None or call["kind"] in kinds]

    def refused_files(self, now: bool = False) -> list[str]:
        """The calls since the last reset that left a file which Traefik refuses, or the files that are so now."""
        if now:
            return sorted(self._call("traefik")["refused"])
        return [f"{refused['procedure']}: {refused['why']}" for refused in self.stats()["refused_files"]]

    def reset_stats(self) -> None:
        self._call("stats/reset")

    def reset(self, **what: bool) -> None:
        """``state``, ``stats`` and ``faults`` may be kept with False; ``config=True`` restores the settings."""
        self._call("reset", dict(what))

    def fault(self, kind: str, procedure: str = "*", **values: Any) -> None:
        """Add a fault (see ``faults.Fault``)."""
        self._call("faults", {"kind": kind, "procedure": procedure, **values})

    def hold(self, procedure: str, **values: Any) -> None:
        """Hold requests on their way (see ``request_holds.Hold``)."""
        self._call("holds", {"procedure": procedure, **values})

    def release(self, name: str) -> None:
        """Let continue what a hold of that name holds."""
        self._call("holds", {"release": name})

    def holds(self) -> list[dict[str, Any]]:
        """All holds: how many requests came, how many stand still, and why they were let go."""
        result: list[dict[str, Any]] = self._call("holds")["holds"]
        return result

    def config(self, **values: Any) -> dict[str, Any]:
        """Change settings (see ``config.Config``); returns all of them."""
        result: dict[str, Any] = self._call("config", values)
        return result

    def seed(self, **values: Any) -> dict[str, Any]:
        """Create applications at once (see ``commands.seed``)."""
        result: dict[str, Any] = self._call("seed", values)
        return result

    def act(self, **values: Any) -> dict[str, Any]:
        """Something another person does (see ``external_events``)."""
        result: dict[str, Any] = self._call("action", values)
        return result

    def settle(self, requests: bool = True, builds: bool = True) -> None:
        """Let all builds and all requests come to their end, or only what is not told otherwise.

        Raises C(TimeoutError) where they do not within a minute.
        """

        async def settled() -> None:
            while (requests and (self.server.in_flight or self.server.subscriptions)) or (
                builds and self.server.queue.jobs()
            ):
                if builds:
                    self.server.queue.finish()
                await asyncio.sleep(0.001)

        self._wait(asyncio.wait_for(settled(), SETTLE_SECONDS))

    def execute(self, procedure: str, **input: Any) -> Any:
        """The value of a procedure that another user calls, without HTTP: nothing of it is counted."""

        async def call() -> Any:
            handler = self.server.find(procedure, None)
            if handler is None:
                raise KeyError(procedure)
            headers = {"x-api-key": self.key}
            return await self.server.execute(handler, input, self.server.auth.identify(headers, {}))

        return self._wait(call())

    def request(
        self, method: str, target: str, headers: dict[str, str], body: bytes, seconds: float | None = None
    ) -> Reply:
        """The answer to a request that is not sent over HTTP (see ``App.direct``).

        Raises ``TimeoutError`` after so many seconds, and the request goes on.
        """
        reply: Reply = self._wait(App(self.server, calls.handle).direct(method, target, headers, body), seconds)
        return reply

    def apart(self, what: Callable[[], T]) -> T:
        """Do something to the server while it does nothing else."""

        async def call() -> T:
            return what()

        return cast(T, self._wait(call()))

    def _wait(self, what: Coroutine[Any, Any, Any], seconds: float | None = None) -> Any:
        assert self._loop is not None
        return asyncio.run_coroutine_threadsafe(what, self._loop).result(seconds)

    def services(self) -> dict[str, Any]:
        """The swarm services there are, orphans included."""
        result: dict[str, Any] = self._call("services")
        return result

    def jobs(self) -> list[dict[str, Any]]:
        """The builds that run or wait, newest first; ``deploymentId`` is None as long as there is no row."""
        result: list[dict[str, Any]] = self._call("jobs")
        return result

    def uploads(self) -> dict[str, Any]:
        """What was unpacked, by application: ``{ID: {"count": 1, "files": {NAME: SHA256}, "bytes": 10}}``."""
        result: dict[str, Any] = self._call("uploads")
        return result

    def files(self) -> dict[str, dict[str, str]]:
        """The files of all buckets: ``{"ENDPOINT/BUCKET": {PATH: STATE}}``, of each the state of the data in it as
        C(volumes) has it."""
        result: dict[str, dict[str, str]] = self._call("files")
        return result

    def logins(self) -> dict[str, dict[str, str]]:
        """By appName, the user and the passwords that every running database takes."""
        result: dict[str, dict[str, str]] = self._call("logins")
        return result

    def volumes(self) -> dict[str, str]:
        """One text for the data in each volume, to be compared; empty for one that nothing has written to."""
        result: dict[str, str] = self._call("volumes")
        return result

    def data(self) -> dict[str, dict[str, Any]]:
        """What is in each volume and in each folder of the host: ``files`` (path -> content), ``tables`` (table ->
        rows), ``views`` (view -> its definer), ``routines``, ``engine`` and ``text``, which is all else."""
        result: dict[str, dict[str, Any]] = self._call("data")
        return result

    def rows(self, service: str, table: str = "rows", service_name: str | None = None) -> list[str]:
        """The rows of a table of a database, by its name or ID; of a stack also by the name of one of its services."""
        result: list[str] = self._call("rows", {"wanted": service, "table": table, "service_name": service_name})
        return result

    def messages(self) -> list[dict[str, Any]]:
        """What notifications have sent, oldest first: ``{"kind": KIND, "to": ADDRESS, "body": {...}}``."""
        result: list[dict[str, Any]] = self._call("messages")
        return result
