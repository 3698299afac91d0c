# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A proxy before a real server that does something at one write: it loses the answer, or tells the test.

A subscription counts as a write: it begins a restore.
"""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

SECONDS = 600
# In the names of the subscriptions that begin something.
STREAM = "WithLogs"
# Not passed on: they are of one connection.
OWN = ("connection", "transfer-encoding", "content-length", "keep-alive")


class Proxy(ThreadingHTTPServer):
    """C(at) is the number of the write, from 1, and 0 for none; C(then) is called before its answer is lost.

    With C(procedure) only its writes count. With C(early) it is called as soon as Dokploy has the write, and the
    connection to it is closed: a restore, a backup or a removal goes on then.
    """

    daemon_threads = True

    def __init__(self, url: str, at: int, then: Callable[[], None], procedure: str = "", early: bool = False) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.target = urlsplit(url)
        self.at, self.then, self.procedure, self.early = at, then, procedure, early
        #: The procedures of the writes so far, in their order.
        self.writes: list[str] = []
        self.lock = threading.Lock()

    def lose(self, later: int, then: Callable[[], None]) -> None:
        """Lose the answer of a later write: 1 is the next one."""
        with self.lock:
            self.at, self.then = len(self.writes) + later, then

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Proxy

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        headers = {name: value for name, value in self.headers.items() if name.lower() not in OWN}
        target = self.server.target
        is_the_one = self._is_the_one()
        connection = http.client.HTTPConnection(target.hostname or "", target.port, timeout=SECONDS)
        try:
            connection.request(self.command, self.path, body or None, headers)
            if is_the_one and self.server.early:
                self.server.then()
                self.close_connection = True
                return
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        if is_the_one:
            # Dokploy has done it. The answer is lost.
            self.server.then()
            self.close_connection = True
            return
        # One that was killed meanwhile does not read it, nor does one that follows a stream and has had its last line.
        with suppress(ConnectionError):
            self._answer(answer, content)

    do_POST = do_GET

    def _answer(self, answer: http.client.HTTPResponse, content: bytes) -> None:
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in OWN:
                self.send_header(name, value)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _is_the_one(self) -> bool:
        if self.command != "POST" and STREAM not in self.path:
            return False
        with self.server.lock:
            self.server.writes.append(self.path)
            counted = [path for path in self.server.writes if self.server.procedure in path]
            return self.server.procedure in self.path and len(counted) == self.server.at

    def log_message(self, *_arguments: object) -> None:
        """Nothing."""


@contextmanager
def losing(
    url: str, at: int = 0, then: Callable[[], None] = lambda: None, procedure: str = "", early: bool = False
) -> Iterator[Proxy]:
    """A proxy that loses the answer of the write of this number, or of one that is named later."""
    with Proxy(url, at, then, procedure, early) as proxy:
        thread = threading.Thread(target=proxy.serve_forever, daemon=True)
        thread.start()
        try:
            yield proxy
        finally:
            proxy.shutdown()
