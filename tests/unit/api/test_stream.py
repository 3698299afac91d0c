# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lines of a subscription, from servers that follow a script."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._api.client import Client
from ansible_collections.community.dokploy.plugins.module_utils._errors import (
    AuthenticationError,
    ConnectionFailed,
    DokployError,
    NotFoundError,
    ProtocolError,
    ServerError,
    StreamInterrupted,
    UnknownProcedure,
    ValidationError,
    WaitTimeout,
)
from tests.support.scripted_server import HANG, KEY, RESET, Step, answer, text

SECRET = "pa55-of-the-database"
RESTORE, INPUT = "backup.restoreBackupWithLogs", {"databaseId": "x", "metadata": {"mysql": {"password": SECRET}}}
CONNECTED, RETURN = b"event: connected\ndata: {}\n\n\n", b"event: return\ndata: \n\n\n"


def line(value: Any) -> bytes:
    return b"data: %s\n\n\n" % json.dumps({"json": value}, ensure_ascii=False).encode()


def failed(code: str, status: int, number: int, message: str) -> bytes:
    data = {"code": code, "httpStatus": status, "path": RESTORE, "zodError": None}
    value = {"json": {"message": message, "code": number, "data": data}}
    return b"event: serialized-error\ndata: %s\n\n\n" % json.dumps(value).encode()


def stream(*blocks: bytes, then: str = "keep", end: bool = True) -> Step:
    """An answer in chunks, as Node sends one."""
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    body = b"".join(b"%x\r\n%s\r\n" % (len(block), block) for block in blocks)
    return Step(head + body + (b"0\r\n\r\n" if end else b""), then)


def received(client: Client, **limits: float) -> tuple[list[str], DokployError | None]:
    """The lines that came, and the error that ended them."""
    lines = []
    try:
        for one in client.subscribe(RESTORE, INPUT, **{"timeout": 5.0, **limits}):
            lines.append(one)
    except DokployError as error:
        return lines, error
    return lines, None


def test_lines_come_in_order_until_the_server_returns(start: Any) -> None:
    server, client = start(stream(CONNECTED, line("one"), line("two\nthree\n"), line(""), line("größer"), RETURN))
    assert received(client) == (["one", "two", "three", "", "größer"], None)
    (seen,) = server.seen
    assert seen.method == "GET" and seen.path.startswith(f"/api/trpc/{RESTORE}?input=%7B%22json%22:%7B")
    assert seen.headers["x-api-key"] == KEY


@pytest.mark.parametrize("size", [1, 2, 7])
def test_chunks_may_divide_events_and_characters(start: Any, size: int) -> None:
    whole = CONNECTED + line("🚀 größer") + b': a comment\nid: 1\ndata: {\ndata: "json": "x"}\r\n\r\n' + RETURN
    _server, client = start(stream(*(whole[at : at + size] for at in range(0, len(whole), size))))
    assert received(client) == (["🚀 größer", "x"], None)


def test_a_proxy_may_send_no_chunks(start: Any) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nConnection: close\r\n\r\n"
    _server, client = start(Step(head + CONNECTED + line("one") + RETURN, "close"))
    assert received(client) == (["one"], None)


def test_lines_come_while_the_stream_is_open(start: Any) -> None:
    server, client = start(stream(CONNECTED, line("one"), then="hang", end=False))
    lines = client.subscribe(RESTORE, INPUT, timeout=60.0)
    assert server.seen == []
    assert next(lines) == "one"
    lines.close()


def test_secrets_are_masked_line_by_line(start: Any) -> None:
    said = f"Error: rclone --s3-secret-access-key=abc --timeout 1\ndocker exec -e DB_PASS='a b' -i x\nsaid {SECRET}"
    _server, client = start(stream(CONNECTED, line(said), RETURN))
    lines, _error = received(client)
    assert lines == [
        "Error: rclone --s3-secret-access-key=******** --timeout 1",
        "docker exec -e DB_PASS=******** -i x",
        "said ********",
    ]


@pytest.mark.parametrize(
    ("sent", "kind"),
    [
        (failed("NOT_FOUND", 404, -32004, "Destination not found"), NotFoundError),
        (failed("UNAUTHORIZED", 401, -32001, "UNAUTHORIZED"), AuthenticationError),
        (failed("INTERNAL_SERVER_ERROR", 500, -32603, "it broke"), ServerError),
        (failed("BAD_REQUEST", 400, -32600, '[{"path": ["databaseId"], "message": "wrong"}]'), ValidationError),
    ],
)
def test_an_error_of_the_server_is_mapped_as_usual(start: Any, sent: bytes, kind: type[DokployError]) -> None:
    server, client = start(stream(CONNECTED, sent))
    lines, error = received(client)
    assert lines == [] and (error.kind, error.procedure) == (kind.kind, RESTORE)
    assert "effect_unknown" not in error.details and len(server.seen) == 1


@pytest.mark.parametrize(
    ("step", "reason"),
    [
        (stream(CONNECTED, line("one")), "the server closed it"),
        (stream(CONNECTED, line("one"), then="close", end=False), "the connection broke"),
        (stream(CONNECTED, line("one"), b"data: {", then="reset", end=False), "the connection broke"),
    ],
)
def test_a_stream_that_ends_too_early_is_an_error_of_its_own(start: Any, step: Step, reason: str) -> None:
    server, client = start(step)
    lines, error = received(client)
    assert lines == ["one"] and isinstance(error, StreamInterrupted)
    assert "after 1 lines" in str(error) and reason in str(error) and "continues on the server" in str(error)
    assert error.details["effect_unknown"] is True and len(server.seen) == 1


def test_a_line_that_is_no_text_is_an_error(start: Any) -> None:
    _server, client = start(stream(CONNECTED, line({"a": SECRET}), RETURN))
    _lines, error = received(client)
    assert isinstance(error, ProtocolError) and SECRET not in str(error)


@pytest.mark.parametrize(
    ("limits", "words"), [({"silence": 0.2}, "sent nothing for 0.2 s"), ({"timeout": 0.2}, "has not ended after 0.2 s")]
)
def test_silence_and_total_time_are_limited(start: Any, limits: dict[str, float], words: str) -> None:
    server, client = start(stream(CONNECTED, line("one"), then="hang", end=False))
    lines, error = received(client, **limits)
    assert lines == ["one"] and isinstance(error, WaitTimeout) and words in str(error)
    assert error.details["effect_unknown"] is True and len(server.seen) == 1


def test_what_is_no_stream_is_an_error_as_usual(start: Any) -> None:
    missing = {
        "json": {"message": f'No "query"-procedure on path "{RESTORE}"', "code": -32004, "data": {"path": RESTORE}}
    }
    page = text(502, "<html><title>Bad Gateway</title></html>", {"Content-Type": "text/html"})
    for step, kind in ((answer(404, {"error": missing}), UnknownProcedure), (page, ServerError)):
        server, client = start(step)
        assert isinstance(received(client)[1], kind) and len(server.seen) == 1
    assert isinstance(received(start(answer(200, {"result": {"data": {"json": 1}}}))[1])[1], ProtocolError)


@pytest.mark.parametrize("step", [RESET, HANG])
def test_a_request_that_may_have_come_is_not_sent_again(start: Any, step: Step) -> None:
    server, client = start(step)
    _lines, error = received(client, silence=0.3)
    assert isinstance(error, ConnectionFailed) and error.details["effect_unknown"] is True
    assert len(server.seen) == 1


def test_the_client_works_on_after_a_stream_that_was_left(start: Any) -> None:
    _server, client = start(stream(CONNECTED, line("one"), line("two"), RETURN), answer(200, {"ok": True}))
    lines = client.subscribe(RESTORE, INPUT, timeout=60.0)
    next(lines)
    lines.close()
    assert client.query("project.all") == {"ok": True}
