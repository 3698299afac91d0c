# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Uploads: the form byte by byte, and the client that sends it from the disk, over sockets."""

from __future__ import annotations

import contextlib
import os
import re
import socket
import ssl
import struct
import tempfile
import threading
import tracemalloc
from collections.abc import Iterator
from email.parser import BytesParser
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ansible_collections.community.dokploy.plugins.module_utils._api.client import Client, ClientConfig
from ansible_collections.community.dokploy.plugins.module_utils._errors import (
    BadRequest,
    ConnectionFailed,
    DokployError,
    OptionError,
    TLSError,
    size_in_words,
)
from ansible_collections.community.dokploy.plugins.module_utils._http.connection import Request
from ansible_collections.community.dokploy.plugins.module_utils._http.failures import explain
from ansible_collections.community.dokploy.plugins.module_utils._http.upload import Form
from tests.support.effort import example_count
from tests.support.scripted_server import KEY, UNAUTHORIZED, ScriptedServer, Step, answer, raw, text

PROCEDURE = "application.dropDeployment"
DONE = answer(200, {"result": {"data": {"json": True}}})


pytestmark = pytest.mark.usefixtures("without_proxies")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "code.zip"
    path.write_bytes(b"PK\3\4\xff--\r\n")
    return path


def form_of(path: Path, fields: dict[str, str] | None = None, filename: str = "code.zip") -> Form:
    return Form(fields or {}, "zip", filename, "application/zip", str(path))


def send(client: Client, path: Path, **options: Any) -> Any:
    return client.upload(PROCEDURE, form_of(path, {"applicationId": "i"}), **options)


def failure(client: Client, path: Path, **options: Any) -> DokployError:
    with pytest.raises(DokployError) as caught:
        send(client, path, **options)
    assert KEY not in str(caught.value)
    assert "\n" not in str(caught.value)
    return caught.value


def opened(path: Path) -> int:
    """How often this process has the file open."""
    handles = [os.path.join("/proc/self/fd", name) for name in os.listdir("/proc/self/fd")]
    return sum(os.path.exists(handle) and os.path.samefile(handle, path) for handle in handles)


# --- the form --------------------------------------------------------------------------------------------------------


def whole(form: Form, size: int = 7) -> bytes:
    return b"".join(iter(lambda: form.read(size), b""))


def test_the_form_byte_by_byte(file: Path) -> None:
    with form_of(file, {"applicationId": "i", "dropBuildPath": 'a\r\nb"ü'}) as form:
        boundary = form.content_type.partition("; boundary=")[2]
        data = whole(form)
        assert form.content_type == "multipart/form-data; boundary=" + boundary
        assert re.fullmatch("[A-Za-z0-9]{32,70}", boundary)
    assert data == (
        b'--%(b)s\r\nContent-Disposition: form-data; name="applicationId"\r\n\r\ni\r\n'
        b'--%(b)s\r\nContent-Disposition: form-data; name="dropBuildPath"\r\n\r\na\r\nb"\xc3\xbc\r\n'
        b'--%(b)s\r\nContent-Disposition: form-data; name="zip"; filename="code.zip"\r\n'
        b"Content-Type: application/zip\r\n\r\nPK\3\4\xff--\r\n\r\n--%(b)s--\r\n" % {b"b": boundary.encode()}
    )


def test_names_are_quoted_as_browsers_do(file: Path) -> None:
    with Form({'a"b': ""}, "ü\r\nX: y", 'c"\n\\%22.zip', "application/zip", str(file)) as form:
        data = whole(form)
    assert b'form-data; name="a%22b"\r\n' in data
    assert 'form-data; name="ü%0D%0AX: y"; filename="c%22%0A\\%22.zip"\r\n'.encode() in data


def test_what_is_no_text(file: Path) -> None:
    with form_of(file, filename="\udcff.zip") as form:
        assert b'filename="?.zip"' in whole(form)
    with pytest.raises(OptionError, match="with a field that is not UTF-8 text"):
        form_of(file, {"a": "\udcff"})


def test_every_form_has_a_boundary_of_its_own(file: Path) -> None:
    assert len({form_of(file).content_type for _count in range(50)}) == 50


# As for HTTP, a text in a part of a message for email has no bare line ends.
FIELDS = st.dictionaries(
    st.text('ab"é\r\n', min_size=1, max_size=4), st.text(st.characters(codec="utf-8"), max_size=8), max_size=3
)


@example({}, b"", 1)
@given(FIELDS, st.binary(max_size=300), st.integers(1, 400))
@settings(max_examples=example_count(50, 100))
def test_whatever_is_read_in_whatever_blocks(fields: dict[str, str], content: bytes, size: int) -> None:
    with tempfile.TemporaryDirectory() as place:
        path = Path(place, "f")
        path.write_bytes(content)
        with form_of(path, fields) as form:
            assert form.tell() == 0
            blocks = list(iter(lambda: form.read(size), b""))
            assert all(len(block) <= size for block in blocks)
            data = b"".join(blocks)
            assert form.tell() == form.len == len(data)
            assert form.complete
            assert whole(form) == b""
        with form:
            assert form.tell() == 0
            assert not form.complete
            assert b"".join(form) == data
    parsed = BytesParser().parsebytes(b"Content-Type: %s\r\n\r\n%s" % (form.content_type.encode(), data))
    parts = parsed.get_payload()
    assert isinstance(parts, list)
    assert len(parts) == len(fields) + 1
    boundary = form.content_type.partition("=")[2].encode()
    bodies = [part.partition(b"\r\n\r\n")[2][:-2] for part in data.split(b"--" + boundary)[1:-1]]
    assert bodies == [value.encode() for value in fields.values()] + [content]


def test_a_file_that_grows_is_sent_as_it_was(file: Path) -> None:
    form = form_of(file)
    with form:
        before = whole(form)
    with form:
        with file.open("ab") as other:
            other.write(b"more")
        assert whole(form) == before


def test_a_file_that_becomes_shorter(file: Path) -> None:
    with form_of(file) as form, pytest.raises(OptionError, match="code.zip was truncated during the upload"):
        os.truncate(file, 3)
        whole(form)


def test_a_file_that_cannot_be_read(tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(OptionError, match="missing cannot be read: no such file or directory"):
        form_of(tmp_path / "missing").__enter__()
    with form_of(file) as form:

        class Broken:
            def read(self, size: int) -> bytes:
                raise OSError(5, "Input/output error")

        monkeypatch.setattr(form, "_file", Broken())
        with pytest.raises(OptionError, match="code.zip cannot be read: input/output error"):
            whole(form)
        monkeypatch.undo()


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (1023, "1023 bytes"),
        (1024, "1.0 KiB"),
        (1024 * 1024 - 1, "1.0 MiB"),
        (12_900_000, "12.3 MiB"),
        (3 * 1024**3, "3.0 GiB"),
        (5000 * 1024**4, "5000.0 TiB"),
    ],
)
def test_sizes(size: int, text: str) -> None:
    assert size_in_words(size) == text


# --- the client ------------------------------------------------------------------------------------------------------


class Pipe:
    """A server for one request, which counts the bytes of the body and keeps none of them.

    :param answer: its response; without one the connection is reset.
    :param most: bytes of the body after which it answers; what is still to come is then not read.
    """

    def __init__(self, answer: bytes, most: int | None = None, wait: threading.Event | None = None) -> None:
        self.head, self.counted, self.ends = b"", 0, b""
        self._answer, self._most, self._wait = answer, most, wait
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = "http://127.0.0.1:%d" % self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def __enter__(self) -> Pipe:
        return self

    def __exit__(self, *exc: object) -> None:
        if self._wait is not None:
            self._wait.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            connection, _peer = self._listener.accept()
            with connection:
                self._exchange(connection)

    def _exchange(self, connection: socket.socket) -> None:
        while b"\r\n\r\n" not in self.head:
            self.head += connection.recv(1)
        length = int(self.headers["content-length"])
        buffer = bytearray(256 * 1024)
        while self.counted < (length if self._most is None else self._most):
            count = connection.recv_into(buffer)
            self.counted += count
            self.ends = (self.ends + buffer[max(0, count - 100) : count])[-100:]
        if self._wait is not None:
            self._wait.wait()
        if self._answer:
            connection.sendall(self._answer)
        else:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    @property
    def headers(self) -> dict[str, str]:
        lines = self.head.decode("latin-1").split("\r\n")[1:]
        return {name.lower(): value for name, _colon, value in (line.partition(": ") for line in lines) if name}


@contextlib.contextmanager
def client_of(url: str, **options: Any) -> Iterator[Client]:
    client = Client(ClientConfig(url, KEY, **options), sleep=lambda seconds: None, random=lambda: 1.0)
    try:
        yield client
    finally:
        client.close()


def sparse(path: Path, size: int) -> Path:
    path.touch()
    os.truncate(path, size)
    return path


def test_an_upload_is_never_in_memory_whole(tmp_path: Path) -> None:
    size = 300 * 1024 * 1024
    path = sparse(tmp_path / "large.zip", size)
    with Pipe(DONE.data) as server, client_of(server.url) as client:
        tracemalloc.start()
        try:
            assert send(client, path) is True
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        with form_of(path, {"applicationId": "i"}) as form:
            assert server.counted == form.len == int(server.headers["content-length"])
    assert peak < 8 * 1024 * 1024
    assert "transfer-encoding" not in server.headers
    boundary = server.headers["content-type"].partition("boundary=")[2]
    assert server.ends.endswith(b"\0\r\n--%s--\r\n" % boundary.encode())


def test_what_arrives(file: Path) -> None:
    with ScriptedServer(DONE) as server, client_of(server.url) as client:
        assert send(client, file) is True
        assert client.transport.requests_made == 1
    (seen,) = server.seen
    assert (seen.method, seen.path) == ("POST", "/api/trpc/" + PROCEDURE)
    assert seen.headers["x-api-key"] == KEY
    assert int(seen.headers["content-length"]) == len(seen.body)
    assert b'name="applicationId"\r\n\r\ni\r\n' in seen.body
    assert b'filename="code.zip"\r\nContent-Type: application/zip\r\n\r\nPK\3\4\xff--\r\n\r\n--' in seen.body
    assert opened(file) == 0


def test_the_file_is_read_again_after_a_wait_for_the_key(file: Path) -> None:
    with ScriptedServer(answer(200, []), UNAUTHORIZED, DONE) as server, client_of(server.url) as client:
        client.query("project.all")
        assert send(client, file) is True
    _query, *uploads = server.seen
    assert uploads[0].body == uploads[1].body
    assert b"PK\3\4" in uploads[0].body
    assert opened(file) == 0


def test_a_server_that_comes_up_in_between_gets_the_whole_file(file: Path, port: int) -> None:
    servers: list[ScriptedServer] = []

    def sleep(seconds: float) -> None:
        servers.append(ScriptedServer(DONE, port=port))

    client = Client(ClientConfig("http://127.0.0.1:%d" % port, KEY), sleep=sleep)
    assert send(client, file) is True
    client.close()
    (server,) = servers
    server.close()
    assert b"\r\n\r\nPK\3\4\xff--\r\n\r\n--" in server.seen[0].body


@pytest.mark.parametrize("step", [Step(then="reset"), Step(then="close")], ids=["reset", "closed"])
def test_no_answer_to_all_that_was_sent(file: Path, step: Step) -> None:
    with ScriptedServer(step) as server, client_of(server.url) as client:
        error = failure(client, file)
        assert len(server.seen) == 1
    assert isinstance(error, ConnectionFailed)
    assert error.details == {"effect_unknown": True}
    assert "whether it took effect is unknown. Check the state before you run it again. A proxy in front" in str(error)
    assert opened(file) == 0


def test_no_answer_in_time_to_all_that_was_sent(file: Path) -> None:
    with ScriptedServer(Step(then="hang")) as server, client_of(server.url) as client:
        error = failure(client, file, timeout=0.2)
    assert str(error).endswith(
        "no answer in 0.2 s; whether it took effect is unknown. Check the state before you run it again."
    )


@pytest.mark.parametrize("most", [0, 5_000_000])
def test_a_connection_that_breaks_while_sending(tmp_path: Path, most: int) -> None:
    path = sparse(tmp_path / "large.zip", 64 * 1024 * 1024)
    with Pipe(b"", most) as server, client_of(server.url) as client:
        error = failure(client, path)
        host = server.url.partition("//")[2]
    assert isinstance(error, ConnectionFailed)
    # Half a form is nothing to act on.
    assert error.details == {"effect_unknown": False}
    assert str(error) == (
        "%s got no answer from %s: the connection broke while 64.0 MiB were sent. A proxy in front of Dokploy may "
        "refuse a request that is so large or takes so long: check its limits." % (PROCEDURE, host)
    )
    assert opened(path) == 0


def test_a_connection_that_stands_still_while_sending(tmp_path: Path) -> None:
    path = sparse(tmp_path / "large.zip", 64 * 1024 * 1024)
    with Pipe(DONE.data, 1, threading.Event()) as server, client_of(server.url) as client:
        error = failure(client, path, timeout=0.2)
    assert isinstance(error, ConnectionFailed)
    assert error.details == {"effect_unknown": False}
    assert "the connection stalled for 0.2 s while 64.0 MiB were sent. A proxy in front" in str(error)


PLAIN = raw(413, b"Request Entity Too Large", {"Content-Type": "text/plain", "Connection": "close"})
PAGE = raw(413, b"<html><title>413 Request Entity Too Large</title></html>", {"Content-Type": "text/html"})


@pytest.mark.parametrize("data", [PLAIN, PAGE, raw(413, b"")], ids=["text", "page", "nothing"])
@pytest.mark.parametrize("most", [0, None], ids=["at once", "at the end"])
def test_an_upload_that_is_too_large_for_the_proxy(tmp_path: Path, data: bytes, most: int | None) -> None:
    path = sparse(tmp_path / "large.zip", 16 * 1024 * 1024)
    with Pipe(data, most) as server, client_of(server.url) as client:
        error = failure(client, path)
    assert isinstance(error, BadRequest)
    assert error.status == 413
    assert "was refused, 16.0 MiB is too large (HTTP 413)" in error.message
    assert "client_max_body_size" in str(error.hint)


def test_a_file_that_is_missing_makes_no_request(tmp_path: Path) -> None:
    with ScriptedServer() as server, client_of(server.url) as client:
        assert isinstance(failure(client, tmp_path / "missing"), OptionError)
        assert server.seen == []


def test_a_file_that_becomes_shorter_on_the_way(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Form.read

    def read(form: Form, size: int) -> bytes:
        os.truncate(file, 3)
        return real(form, size)

    monkeypatch.setattr(Form, "read", read)
    with ScriptedServer(DONE) as server, client_of(server.url) as client:
        error = failure(client, file)
    assert isinstance(error, OptionError)
    assert "was truncated" in str(error)
    assert opened(file) == 0


def test_tls_that_breaks_while_sending_is_a_broken_connection(file: Path) -> None:
    def explained(form: Form) -> DokployError:
        error = ssl.SSLEOFError(8, "EOF occurred in violation of protocol")
        error.reason = "UNEXPECTED_EOF_WHILE_READING"
        config = ClientConfig("https://dokploy.example.com", KEY)
        request = Request("POST", "/trpc/" + PROCEDURE, PROCEDURE, write=True, form=form)
        return explain(error, request, "dokploy.example.com", config)[0]

    with form_of(file) as form:
        assert isinstance(explained(form), TLSError)
        form.read(10)
        error = explained(form)
    assert error.kind == "connection"
    assert "the connection broke while" in str(error)


def test_the_timeout_of_an_upload_is_that_of_every_block(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    timeouts: list[Any] = []
    real = requests.Session.request

    def request(session: Any, *args: Any, timeout: Any, **kwargs: Any) -> Any:
        timeouts.append(timeout)
        return real(session, *args, timeout=timeout, **kwargs)

    monkeypatch.setattr(requests.Session, "request", request)
    with ScriptedServer(DONE, DONE, text(200, "")) as server, client_of(server.url, request_timeout=30.0) as client:
        send(client, file)
        send(client, file, timeout=600.0)
    assert timeouts == [(30.0, 30.0), (600.0, 600.0)]
