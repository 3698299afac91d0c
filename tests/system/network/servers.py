# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Servers between the client and Dokploy, or in its place: relays with TLS, proxies, and servers with any response."""

from __future__ import annotations

import contextlib
import re
import socket
import ssl
import threading
from collections.abc import Callable
from typing import Any

PATIENCE = 60.0
"""Seconds after which a thread gives up, so that none outlives the tests."""


class Listening:
    """A port of loopback; every connection has its own thread. The heads of the requests are in C(heads), as text.

    :ivar connections: how many there were, TLS or not.
    """

    def __init__(self, context: ssl.SSLContext | None = None, address: str = "127.0.0.1") -> None:
        self.heads: list[str] = []
        self.connections = 0
        self._context = context
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self._listener = socket.create_server((address, 0), family=family)
        self.port: int = self._listener.getsockname()[1]
        self._closed = False
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *exc: object) -> None:
        self._closed = True
        # Shutting down is what wakes the thread that waits in accept; closing alone does not.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def lines(self, text: str) -> list[str]:
        """The request lines that contain the text."""
        return [head.splitlines()[0] for head in self.heads if text in head.splitlines()[0]]

    def _accept(self) -> None:
        while not self._closed:
            try:
                connection, _peer = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            connection.settimeout(PATIENCE)
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, plain: socket.socket) -> None:
        connection = plain
        with contextlib.suppress(OSError, ValueError):
            if self._context:
                connection = self._context.wrap_socket(plain, server_side=True)
            self.serve(connection)
        for one in (connection, plain):
            with contextlib.suppress(OSError):
                one.close()

    def receive(self, connection: socket.socket) -> tuple[str, bytes]:
        """The head of the next request, which is recorded, and the part of its body that came with it; else nothing."""
        data = b""
        while b"\r\n\r\n" not in data:
            more = connection.recv(65536)
            if not more:
                return "", b""
            data += more
        head, _blank, rest = data.partition(b"\r\n\r\n")
        self.heads.append(head.decode("latin-1"))
        return self.heads[-1], rest

    def serve(self, connection: socket.socket) -> None:
        raise NotImplementedError


def pump(one: socket.socket, other: socket.socket) -> None:
    """Carry bytes both ways until one side has no more."""

    def carry(source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError):
            while data := source.recv(65536):
                target.sendall(data)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    thread = threading.Thread(target=carry, args=(other, one), daemon=True)
    thread.start()
    carry(one, other)
    thread.join(PATIENCE)


def last(head: str) -> bytes:
    """The head with C(Connection: close): a further request on the connection would not be recorded."""
    return (re.sub(r"(?i)\r\n(?:proxy-)?connection: [^\r]*", "", head) + "\r\nConnection: close\r\n\r\n").encode(
        "latin-1"
    )


class Relay(Listening):
    """A reverse proxy that ends TLS: it passes requests on to a server without TLS, one a connection.

    :param port: of the server. :param prefix: removed from the start of the path, as C(/dokploy).
    :param once: tell the server to close the connection after the request.
    :ivar names: the names that the clients asked for in TLS (SNI), C(None) where they did not.
    """

    def __init__(
        self,
        port: int,
        context: ssl.SSLContext | None = None,
        *,
        address: str = "127.0.0.1",
        prefix: str = "",
        once: bool = True,
    ) -> None:
        self._target, self._prefix, self._once = port, prefix, once
        self.names: list[str | None] = []
        if context is not None:
            context.sni_callback = lambda _socket, name, _context: self.names.append(name)
        super().__init__(context, address)

    def serve(self, connection: socket.socket) -> None:
        head, rest = self.receive(connection)
        if not head:
            return
        if self._prefix:
            # What is not below the path belongs to another server.
            known = f" {self._prefix}/" in head.splitlines()[0]
            head = head.replace(f" {self._prefix}/" if known else " /", " /" if known else " /other/", 1)
        with socket.create_connection(("127.0.0.1", self._target)) as server:
            server.sendall((last(head) if self._once else head.encode("latin-1") + b"\r\n\r\n") + rest)
            pump(connection, server)


class Proxy(Listening):
    """An HTTP proxy that forwards and makes tunnels, and resolves all names to 127.0.0.1.

    :param credentials: C(user:password) as base64, without which it answers 407.
    """

    def __init__(self, credentials: str = "") -> None:
        self._credentials = credentials
        super().__init__()

    def serve(self, connection: socket.socket) -> None:
        head, rest = self.receive(connection)
        if not head:
            return
        if self._credentials and f"proxy-authorization: basic {self._credentials}".lower() not in head.lower():
            connection.sendall(
                b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            )
            return
        method, target, _version = head.splitlines()[0].split()
        found = re.match(r"(?:http://)?(?:\[[^\]]*\]|[^/:]*)(?::(\d+))?(.*)", target)
        assert found is not None
        with socket.create_connection(("127.0.0.1", int(found.group(1) or 80))) as server:
            if method == "CONNECT":
                connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            else:
                server.sendall(last(head.replace(target, found.group(2) or "/", 1)) + rest)
            pump(connection, server)


class CallbackServer(Listening):
    """Calls C(respond(connection, path)) for each request, then closes the connection."""

    def __init__(self, respond: Callable[[socket.socket, str], None], context: ssl.SSLContext | None = None) -> None:
        self._respond = respond
        super().__init__(context)

    def serve(self, connection: socket.socket) -> None:
        head, _rest = self.receive(connection)
        if head:
            parts = head.splitlines()[0].split()
            self._respond(connection, parts[1] if len(parts) > 1 else "")
