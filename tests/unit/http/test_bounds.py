# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The bounds of a response: its time, its size; and what of it is not kept."""

from __future__ import annotations

import gzip
import json
import socket
import time
import zlib
from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._api.client import Client, ClientConfig
from ansible_collections.community.dokploy.plugins.module_utils._errors import (
    ConnectionFailed,
    DokployError,
    ProtocolError,
)
from ansible_collections.community.dokploy.plugins.module_utils._http import transport
from tests.support.scripted_server import ScriptedServer, Step, answer, raw
from tests.system.network.servers import CallbackServer

OK = answer(200, {"ok": True})
JSON = {"Content-Type": "application/json"}
SECONDS = 0.6


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")


def ask(url: str, call: str = "query", **options: Any) -> Any:
    client = Client(ClientConfig(url, "k3y-of-the-tests", **{"max_retries": 0, **options}))
    try:
        return getattr(client, call)("project.all")
    finally:
        client.close()


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
BLOCK = b" " * 65536


@pytest.mark.parametrize("form", ["length", "chunks", "until it closes"])
def test_a_body_that_comes_too_slowly_has_an_end(form: str) -> None:
    """Each block arrives well within the timeout of a single receiving."""
    body = {
        "length": HEAD + b"Content-Length: 65536000\r\n\r\n",
        "chunks": HEAD + b"Transfer-Encoding: chunked\r\n\r\n",
        "until it closes": HEAD + b"\r\n",
    }[form]
    block = b"10000\r\n%s\r\n" % BLOCK if form == "chunks" else BLOCK

    def respond(connection: socket.socket, path: str) -> None:
        connection.sendall(body)
        while True:
            connection.sendall(block)
            time.sleep(0.1)

    with (
        CallbackServer(respond) as server,
        pytest.raises(ConnectionFailed, match="only a part of it came in 0.6 s") as caught,
    ):
        ask(f"http://127.0.0.1:{server.port}", "mutate", request_timeout=SECONDS)
    assert caught.value.details == {"effect_unknown": True}


def test_a_response_in_pieces_that_is_complete_in_time() -> None:
    def respond(connection: socket.socket, path: str) -> None:
        for byte in HEAD + b"Content-Length: 4\r\n\r\ntrue":
            connection.sendall(bytes([byte]))
            time.sleep(0.001)

    with CallbackServer(respond) as server:
        assert ask(f"http://127.0.0.1:{server.port}", request_timeout=120) is True


def test_the_time_restarts_with_each_response_of_a_connection() -> None:
    with ScriptedServer(OK, OK) as server:
        client = Client(ClientConfig(server.url, "key", request_timeout=60))
        assert client.query("project.all") == {"ok": True}
        assert client.query("project.all", timeout=30) == {"ok": True}
        assert server.connections == [1, 1]
        client.close()


def _endless(connection: socket.socket, path: str) -> None:
    connection.sendall(HEAD + b"\r\n")
    while True:
        connection.sendall(b" " * 65536)


def _bomb(connection: socket.socket, path: str) -> None:
    body = gzip.compress(b" " * 8 * 1024 * 1024)
    connection.sendall(HEAD + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body) + body)


@pytest.mark.parametrize("respond", [_endless, _bomb])
@pytest.mark.parametrize("call", ["query", "mutate"])
def test_an_answer_that_is_too_large(respond: Any, call: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "LARGEST", 1024 * 1024)
    with CallbackServer(respond) as server, pytest.raises(ProtocolError, match="answers more than") as caught:
        ask(f"http://127.0.0.1:{server.port}", call)
    assert caught.value.details == {"effect_unknown": call == "mutate"}


@pytest.fixture
def value() -> Iterator[bytes]:
    yield json.dumps([{"name": "shop" * 1000}]).encode()


@pytest.mark.parametrize("coding", ["gzip", "deflate", "raw deflate"])
def test_compressed_answers(coding: str, value: bytes) -> None:
    raw_deflate = zlib.compressobj(wbits=-15)
    body = {
        "gzip": gzip.compress(value),
        "deflate": zlib.compress(value),
        "raw deflate": raw_deflate.compress(value) + raw_deflate.flush(),
    }[coding]
    with ScriptedServer(Step(raw(200, body, {**JSON, "Content-Encoding": coding.split()[-1]}))) as server:
        assert ask(server.url) == json.loads(value)


def test_an_answer_that_does_not_decompress(value: bytes) -> None:
    with (
        ScriptedServer(Step(raw(200, b"\x1f\x8b" + value, {**JSON, "Content-Encoding": "gzip"}))) as server,
        pytest.raises(DokployError, match="broke"),
    ):
        ask(server.url)


def test_chunks(value: bytes) -> None:
    pieces = b"".join(b"%x\r\n%s\r\n" % (len(value[at : at + 100]), value[at : at + 100]) for at in range(0, 4000, 100))
    rest = value[4000:]
    body = pieces + b"%x;note=1\r\n%s\r\n0\r\nX-Trailer: 1\r\n\r\n" % (len(rest), rest)
    with ScriptedServer(Step(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + body), OK) as server:
        client = Client(ClientConfig(server.url, "key"))
        assert client.query("project.all") == json.loads(value)
        assert client.query("project.all") == {"ok": True}
        assert server.connections == [1, 1]
        client.close()


@pytest.mark.parametrize("head", [b"", b"HTTP/1.1 100 Continue\r\n\r\n"])
def test_http_1_0_and_an_interim_answer(head: bytes) -> None:
    with ScriptedServer(Step(head + b'HTTP/1.0 200 OK\r\n\r\n{"ok": 1}', "close")) as server:
        assert ask(server.url) == {"ok": 1}
        assert "expect" not in server.seen[0].headers


@pytest.mark.parametrize("call", ["query", "mutate"])
def test_early_hints_are_never_taken_for_the_answer(call: str) -> None:
    # http.client takes them for it, and what follows for the answer to the next request.
    early = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n"
    with ScriptedServer(Step(early), answer(200, {"second": True})) as server:
        client = Client(ClientConfig(server.url, "key", max_retries=0))
        with pytest.raises(ProtocolError, match="HTTP 103") as caught:
            getattr(client, call)("project.all")
        assert caught.value.details == ({"effect_unknown": True} if call == "mutate" else {})
        assert client.query("project.all") == {"second": True}
        # On the first one the answer to the first request may still come.
        assert server.connections == [1, 2]
        client.close()


def test_an_answer_of_which_nothing_came_is_no_empty_answer() -> None:
    # Many writes are answered with an empty body, and before urllib3 2 that is what this looks like.
    announced = Step(raw(200, b"", {**JSON, "Content-Length": "100"}), "close")
    with ScriptedServer(announced) as server, pytest.raises(ConnectionFailed) as caught:
        ask(server.url, "mutate")
    assert caught.value.details == {"effect_unknown": True}


def test_cookies_are_not_kept() -> None:
    first = answer(200, {}, {"Set-Cookie": "better-auth.session_token=other; Path=/"})
    with ScriptedServer(first, OK) as server:
        client = Client(ClientConfig(server.url, "key"))
        client.query("project.all")
        client.query("project.all")
        client.close()
    assert not any("cookie" in seen.headers for seen in server.seen)
