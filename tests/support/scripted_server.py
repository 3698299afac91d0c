# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A server of a few sockets that plays a script: what the n-th request gets, down to a reset in the middle of a body.

The simulator behaves like Dokploy; this one misbehaves on demand, below HTTP.
"""

from __future__ import annotations

import contextlib
import json
import queue
import socket
import ssl
import struct
import threading
from dataclasses import dataclass
from typing import Any

KEY = "k3y-Of-The-Tests-0123456789"


@dataclass(frozen=True)
class Step:
    """What one request gets: these bytes, and what happens to the connection afterwards (keep, close, reset, hang)."""

    data: bytes = b""
    then: str = "keep"


@dataclass(frozen=True)
class Seen:
    """One request as it came in. ``connection`` counts from 1."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    connection: int

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def raw(status: int, body: bytes, headers: dict[str, str] | None = None) -> bytes:
    given = {"Content-Length": str(len(body)), **(headers or {})}
    head = "HTTP/1.1 %d X\r\n%s\r\n" % (status, "".join("%s: %s\r\n" % item for item in given.items()))
    return head.encode() + body


def answer(status: int, value: Any, headers: dict[str, str] | None = None, then: str = "keep") -> Step:
    """A JSON answer."""
    return Step(raw(status, json.dumps(value).encode(), {"Content-Type": "application/json", **(headers or {})}), then)


def text(status: int, body: str, headers: dict[str, str] | None = None) -> Step:
    """An answer of any other kind."""
    return Step(raw(status, body.encode(), headers))


def refusal(status: int, code: str, message: str, path: str | None = "application.one") -> Step:
    """An error as REST gives it from 0.28 on; without a path it is an unknown procedure."""
    data: dict[str, Any] = {"code": code, "httpStatus": status, "zodError": None}
    if path is not None:
        data["path"] = path
    return answer(status, {"message": message, "code": code, "data": data})


UNAUTHORIZED = answer(401, {"message": "Unauthorized"})
SECOND_CHECK = refusal(401, "UNAUTHORIZED", "UNAUTHORIZED", "project.all")
UNKNOWN_PROCEDURE = refusal(404, "NOT_FOUND", "Not found", None)
VERSION = answer(200, "v0.30.2")
EMPTY = Step(raw(200, b""))
HANG = Step(then="hang")
RESET = Step(then="reset")
CUT_BODY = Step(raw(200, b'{"a": 1', {"Content-Type": "application/json", "Content-Length": "100"}), "close")
CUT_JSON = Step(raw(200, b'{"a": {"b": 1}', {"Content-Type": "application/json"}))


class ScriptedServer:
    """Listens on a loopback port until ``close``. A request beyond the script is answered 599 and remembered."""

    def __init__(self, *steps: Step, context: ssl.SSLContext | None = None, port: int = 0) -> None:
        self.steps = list(steps)
        self.seen: list[Seen] = []
        self._context = context
        self._lock = threading.Lock()
        self._open: list[socket.socket] = []
        self._threads: queue.SimpleQueue[threading.Thread] = queue.SimpleQueue()
        self._listener = socket.create_server(("127.0.0.1", port))
        self.port: int = self._listener.getsockname()[1]
        self.url = "%s://127.0.0.1:%d" % ("https" if context else "http", self.port)
        self._acceptor = threading.Thread(target=self._accept, daemon=True)
        self._acceptor.start()

    def __enter__(self) -> ScriptedServer:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    @property
    def paths(self) -> list[str]:
        return [seen.path for seen in self.seen]

    @property
    def connections(self) -> list[int]:
        return [seen.connection for seen in self.seen]

    def close(self) -> None:
        # Shutting down is what wakes a thread that waits in accept or recv; closing alone does not.
        with self._lock:
            for one in [self._listener, *self._open]:
                with contextlib.suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
        self._acceptor.join()
        self._listener.close()
        while not self._threads.empty():
            self._threads.get().join()

    def _accept(self) -> None:
        number = 0
        while True:
            try:
                connection, _peer = self._listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            number += 1
            with self._lock:
                self._open.append(connection)
            thread = threading.Thread(target=self._serve, args=(connection, number), daemon=True)
            thread.start()
            self._threads.put(thread)

    def _serve(self, plain: socket.socket, number: int) -> None:
        connection = plain
        try:
            if self._context:
                connection = self._context.wrap_socket(plain, server_side=True)
                with self._lock:
                    self._open.append(connection)
            with connection.makefile("rb") as stream:
                while self._exchange(connection, stream, number):
                    pass
        except OSError:
            pass
        finally:
            with self._lock:
                for one in (plain, connection):
                    if one in self._open:
                        self._open.remove(one)
            connection.close()
            plain.close()

    def _exchange(self, connection: socket.socket, stream: Any, number: int) -> bool:
        line = stream.readline().decode("latin-1").split()
        if len(line) != 3:
            return False
        headers: dict[str, str] = {}
        while header := stream.readline().decode("latin-1").strip():
            name, _colon, value = header.partition(":")
            headers[name.lower()] = value.strip()
        body = stream.read(int(headers.get("content-length", "0")))
        with self._lock:
            self.seen.append(Seen(line[0], line[1], headers, body, number))
            step = self.steps.pop(0) if self.steps else text(599, "beyond the script")
        connection.sendall(step.data)
        if step.then == "hang":
            stream.read(1)  # until the other side gives up
        if step.then == "reset":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return step.then == "keep"
