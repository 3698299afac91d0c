# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""TLS: a certificate that does not verify, the ways to make it verify, and what is not TLS at all."""

from __future__ import annotations

import contextlib
import datetime
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ansible_collections.community.dokploy.plugins.module_utils._api.client import Client, ClientConfig
from ansible_collections.community.dokploy.plugins.module_utils._errors import ConfigurationError, TLSError
from tests.support.scripted_server import ScriptedServer, answer

OK = answer(200, {"ok": True})


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificate (its own authority, for 127.0.0.1, valid for a century) and key in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "dokploy test")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime.datetime(2020, 1, 1))
        .not_valid_after(datetime.datetime(2120, 1, 1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + private)
    return file


@pytest.fixture
def server(pem: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedServer]:
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    monkeypatch.delenv("CURL_CA_BUNDLE", raising=False)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    with ScriptedServer(OK, context=context) as running:
        yield running


def ask(url: str, **options: Any) -> Any:
    """The answer of one query, without any wait: a certificate is not asked for twice."""

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
    assert message.startswith("the certificate of 127.0.0.1:%d does not verify: self" % server.port)
    assert "ca_path" in message
    assert "validate_certs" in message
    assert "\n" not in message
    assert server.seen == []


def test_ca_path_makes_it_verify(server: ScriptedServer, pem: Path) -> None:
    assert ask(server.url, ca_path=str(pem)) == {"ok": True}


def test_the_bundle_of_the_environment_makes_it_verify(
    server: ScriptedServer, pem: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(pem))
    assert ask(server.url) == {"ok": True}


def test_ca_path_goes_before_the_environment(
    server: ScriptedServer, pem: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "missing.pem"))
    assert ask(server.url, ca_path=str(pem)) == {"ok": True}


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
def test_validate_certs_false_asks_nothing(
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
