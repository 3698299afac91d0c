# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""TLS: a certificate that does not verify, the ways to make it verify, and a port without TLS."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._api.client import Client, ClientConfig
from ansible_collections.community.dokploy.plugins.module_utils._errors import ConfigurationError, TLSError
from tests.support.scripted_server import ScriptedServer, answer
from tools.certificates import Authority

OK = answer(200, {"ok": True})


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def server(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedServer]:
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    monkeypatch.delenv("CURL_CA_BUNDLE", raising=False)
    with ScriptedServer(OK, context=authority.certificate("127.0.0.1")) as running:
        yield running


def ask(url: str, **options: Any) -> Any:
    """The answer of one query, without any wait: a TLS failure is not repeated."""

    def sleep(seconds: float) -> None:
        raise AssertionError("slept")

    client = Client(ClientConfig(url, "k3y-of-the-tests", **options), sleep=sleep)
    try:
        return client.query("project.all")
    finally:
        assert client.transport.requests_made == 1
        client.close()


def test_a_certificate_that_does_not_verify(server: ScriptedServer) -> None:
    with pytest.raises(TLSError) as caught:
        ask(server.url)
    message = str(caught.value)
    assert message.startswith(
        "the certificate of 127.0.0.1:%d does not verify: unable to get local issuer" % server.port
    )
    assert "ca_path" in message
    assert "validate_certs" in message
    assert "\n" not in message
    assert server.seen == []


def test_ca_path_makes_it_verify(server: ScriptedServer, authority: Authority) -> None:
    assert ask(server.url, ca_path=str(authority.bundle)) == {"ok": True}


def test_the_bundle_of_the_environment_makes_it_verify(
    server: ScriptedServer, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.bundle))
    assert ask(server.url) == {"ok": True}


def test_ca_path_goes_before_the_environment(
    server: ScriptedServer, authority: Authority, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "missing.pem"))
    assert ask(server.url, ca_path=str(authority.bundle)) == {"ok": True}


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
def test_validate_certs_false_accepts_any_certificate(
    server: ScriptedServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # A known trap: the environment's bundle turns verification on again in a session that has it off.
    (tmp_path / "other.pem").write_text("")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "other.pem"))
    assert ask(server.url, validate_certs=False) == {"ok": True}


def test_a_bundle_of_the_environment_that_is_missing(
    server: ScriptedServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "missing.pem"))
    with pytest.raises(ConfigurationError, match="REQUESTS_CA_BUNDLE"):
        ask(server.url)


def test_a_ca_path_without_a_certificate(server: ScriptedServer, tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_text("nothing\n")
    with pytest.raises((TLSError, ConfigurationError), match="ca_path"):
        ask(server.url, ca_path=str(tmp_path / "empty.pem"))


def test_https_to_a_port_that_speaks_http(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")

    def answer_in_clear() -> None:
        connection, _peer = listener.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
            with contextlib.suppress(OSError):
                connection.recv(65536)  # until the other side has read and given up

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=answer_in_clear)
        thread.start()
        with pytest.raises(TLSError, match="Check that this port accepts HTTPS"):
            ask("https://127.0.0.1:%d" % listener.getsockname()[1])
        thread.join()
