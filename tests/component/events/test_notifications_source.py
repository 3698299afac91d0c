# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The event source community.dokploy.notifications over HTTP, with own requests and with those of the simulator."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import requests

from dokploy_simulator import Simulator
from tests.support.event_sources import RunningSource, failure
from tests.support.ports import reserved_port
from tests.support.simulator_client import Api
from tools.certificates import Authority

TOKEN = "canary-token-ä"
SECRET = "canary-secret"
BODY = json.dumps({"title": "Build Success", "type": "build", "status": "success", "applicationName": "web"}).encode()


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the environment's proxies away from loopback."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


class Source(RunningSource):
    """A source that listens."""

    def __init__(self, **args: Any) -> None:
        self._reserved = ExitStack()
        self.port = self._reserved.enter_context(reserved_port())
        super().__init__("notifications", port=self.port, **args)
        self.url = f"http://127.0.0.1:{self.port}/any/path"

    def __enter__(self) -> Source:
        super().__enter__()
        self.wait(self._listens)
        return self

    def stop(self) -> None:
        super().stop()
        self._reserved.close()

    def _listens(self) -> bool:
        with socket.socket() as one:
            return one.connect_ex(("127.0.0.1", self.port)) == 0

    def post(self, body: bytes = BODY, **headers: str) -> requests.Response:
        return requests.post(self.url, body, headers=headers, timeout=20)


def bearer(token: str) -> dict[str, Any]:
    return {"Authorization": f"Bearer {token}".encode()}


@pytest.fixture
def source() -> Iterator[Source]:
    with Source(token=TOKEN) as one:
        yield one


def test_a_request_with_the_token_is_an_event(source: Source) -> None:
    assert source.post(**bearer(TOKEN)).status_code == 204
    (event,) = source.events
    assert (event["type"], event["deployment"]["status"], event["deployment"]["service"]) == (
        "deployment",
        "done",
        "web",
    )
    assert "canary" not in json.dumps(event)


@pytest.mark.parametrize(
    "headers",
    [{}, bearer("wrong"), {"Authorization": "Basic YTpi"}, {"Authorization": "Bearer"}, {"Authorization": TOKEN[:6]}],
)
def test_another_request_is_refused_unread(source: Source, headers: dict[str, Any]) -> None:
    answer = source.post(b"not even JSON", **headers)
    assert (answer.status_code, answer.text) == (401, "the token is missing or wrong")
    assert source.events == []


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[1]", b'"x"', b'{"a": NaN}', b'{"a": 1e999}', b'{"a": "\xff"}', b"[" * 100_000, b'{"a":' * 5000],
)
def test_what_is_no_json_object_is_refused_and_not_quoted(source: Source, body: bytes) -> None:
    answer = source.post(body, **bearer(TOKEN))
    assert answer.status_code == 400 and len(answer.text) < 60
    assert source.post(**bearer(TOKEN)).status_code == 204 and len(source.events) == 1


def test_other_methods_are_refused(source: Source) -> None:
    assert requests.get(source.url, timeout=20).status_code == 405


@pytest.mark.parametrize("line", [b"Authorization: Bearer canary\0", b"Content-Length: -1", b"X: " + b"canary" * 9000])
def test_what_is_not_http_is_a_warning_that_quotes_nothing(
    source: Source, line: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.create_connection(("127.0.0.1", source.port)) as one:
        one.sendall(b"POST / HTTP/1.1\r\nHost: x\r\n%s\r\n\r\n" % line)
        one.settimeout(20)
        assert b" 400 " in one.recv(100)
    assert [(one.levelname, one.message) for one in caplog.records] == [
        ("WARNING", "Refused a request from 127.0.0.1: it is not valid HTTP")
    ]
    assert "canary" not in caplog.text and "Traceback" not in caplog.text


def test_a_large_body_is_refused(caplog: pytest.LogCaptureFixture) -> None:
    with Source(token="t", max_body_bytes="1000") as source:
        assert source.post(b" " * 1001, **bearer("t")).status_code == 413
        assert caplog.messages == ["Refused a notification: the body is larger than max_body_bytes"]
        assert source.post(BODY.ljust(1000), **bearer("t")).status_code == 204


def test_a_body_that_does_not_come_is_not_waited_for(caplog: pytest.LogCaptureFixture) -> None:
    with Source(token="t", request_timeout=0.1) as source, socket.create_connection(("127.0.0.1", source.port)) as one:
        one.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer t\r\nContent-Length: 10\r\n\r\n{")
        one.settimeout(20)
        assert one.recv(100).startswith(b"HTTP/1.1 408 ")
    assert caplog.messages == ["Refused a notification: the body did not arrive in time"]


def test_a_body_that_does_not_come_whole_is_a_warning(source: Source, caplog: pytest.LogCaptureFixture) -> None:
    spoilt = source.post(b"not compressed", **bearer(TOKEN), **{"Content-Encoding": "gzip"})
    assert (spoilt.status_code, spoilt.text) == (400, "the body did not arrive whole")
    with socket.create_connection(("127.0.0.1", source.port)) as one:
        head = f"POST / HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\nContent-Length: 10\r\n\r\n{{"
        one.sendall(head.encode())
    source.wait(lambda: len(caplog.records) >= 2)
    warning = (
        "community.dokploy.notifications",
        logging.WARNING,
        "Refused a notification: the body did not arrive whole",
    )
    assert set(caplog.record_tuples) == {warning}
    assert source.post(**bearer(TOKEN)).status_code == 204


def test_an_event_that_nobody_takes_is_an_error_of_the_sender() -> None:
    with Source(token="t", request_timeout=0.1) as source:
        source.accepts = False
        assert source.post(**bearer("t")).status_code == 503


def signed(algorithm: str, body: bytes = BODY) -> hmac.HMAC:
    return hmac.new(SECRET.encode(), body, getattr(hashlib, algorithm))


@pytest.mark.parametrize(
    ("args", "header", "signature"),
    [
        ({}, "X-Hub-Signature-256", signed("sha256").hexdigest()),
        ({}, "X-Hub-Signature-256", "sha256=" + signed("sha256").hexdigest()),
        (
            {"hmac_algo": "sha512", "hmac_format": "base64", "hmac_header": "X-Own"},
            "X-Own",
            base64.b64encode(signed("sha512").digest()).decode(),
        ),
    ],
)
def test_signatures(args: dict[str, Any], header: str, signature: str) -> None:
    with Source(hmac_secret=SECRET, **args) as source:
        assert source.post(**{header: signature}).status_code == 204
        for wrong in ({}, {header: signature[:-1]}, {header: signed("sha256", b"{}").hexdigest()}):
            answer = source.post(**wrong)
            assert (answer.status_code, answer.text) == (401, "the signature is missing or wrong")
        assert len(source.events) == 1 and "canary" not in json.dumps(source.events)


def test_a_token_and_a_signature_are_both_needed() -> None:
    with Source(hmac_secret=SECRET, token="t") as source:
        signature = {"X-Hub-Signature-256": signed("sha256").hexdigest()}
        assert [source.post(**one).status_code for one in (signature, bearer("t"), {**signature, **bearer("t")})] == [
            401,
            401,
            204,
        ]


def test_tls_with_certificates_on_both_sides(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    authority.certificate("127.0.0.1")
    (pem,) = tmp_path.glob("server-*.pem")
    with Source(token="t", certfile=str(pem), cafile=str(authority.bundle)) as source:
        url = source.url.replace("http:", "https:")
        trusted = {"verify": str(authority.bundle), "headers": bearer("t"), "timeout": 20}
        assert requests.post(url, BODY, cert=str(pem), **trusted).status_code == 204
        with pytest.raises(requests.ConnectionError):
            requests.post(url, BODY, **trusted)
        assert len(source.events) == 1


def test_a_key_with_a_password_that_is_not_stated_is_an_error(tmp_path: Path) -> None:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    Authority(tmp_path).certificate("127.0.0.1")
    (pem,) = tmp_path.glob("server-*.pem")
    key = tmp_path / "key.pem"
    key.write_bytes(
        ec.generate_private_key(ec.SECP256R1()).private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"canary"),
        )
    )
    message = failure("notifications", port=5000, token="t", certfile=str(pem), keyfile=str(key))
    assert message.startswith("certfile, keyfile or password cannot be used: ")


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({}, "port is missing. Set the option."),
        ({"port": 5000}, "token or hmac_secret is required. Anyone could send events without it."),
        ({"port": "x", "token": "t"}, "port must be a whole number, got text"),
        ({"port": 0, "token": "t"}, "port is 0; it must be from 1 to 65535"),
        ({"port": 5000, "token": "t", "max_body_bytes": 0}, "max_body_bytes is 0; it must be from 1 to 67108864"),
        ({"port": 5000, "token": "t", "prot": 1}, "prot is no option of this event source. Did you mean: 'port'?"),
        ({"port": 5000, "token": "t", "keyfile": "/k"}, "keyfile needs certfile"),
        (
            {"port": 5000, "token": "t", "certfile": "/missing"},
            "certfile, keyfile or password cannot be used: No such file or directory",
        ),
        (
            {"port": 5000, "token": "t\n"},
            "token begins or ends with a blank, or has a line break. A token that is read from a file often ends in a "
            "line break: remove it.",
        ),
        ({"port": 5000, "hmac_secret": "t", "hmac_header": "a b"}, "hmac_header is not the name of a header"),
        (
            {"port": 5000, "token": "t", "host": "a\0b"},
            "host a\0b, port 5000: it is impossible to listen there: embedded null character",
        ),
        ({"port": 5000, "hmac_secret": "t", "hmac_algo": "md5"}, "hmac_algo must be one of sha256, sha384, sha512"),
    ],
)
def test_errors_at_the_start(args: dict[str, Any], message: str) -> None:
    assert failure("notifications", **args) == message


def test_a_taken_port_is_an_error() -> None:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        one.listen()
        message = failure("notifications", port=one.getsockname()[1], token="t")
    assert message.endswith(": it is impossible to listen there: Address already in use")


def test_a_file_that_is_no_certificate_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "pem").write_text("nothing")
    message = failure("notifications", port=5000, token="t", certfile=str(tmp_path / "pem"))
    assert message.startswith("certfile, keyfile or password cannot be used: ")


def test_the_token_may_be_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOKPLOY_NOTIFICATION_TOKEN", "e")
    with Source() as source:
        assert source.post(**bearer("e")).status_code == 204


def test_a_failed_build_of_the_simulator_arrives_without_its_command(sim: Simulator, source: Source) -> None:
    sim.config(send_notifications=True)
    api = Api(sim)
    events = "databaseBackup volumeBackup dokployRestart dokployBackup dockerCleanup serverThreshold".split()
    made = api.post(
        "notification.createCustom",
        name="own",
        endpoint=source.url,
        headers={"Authorization": "Bearer " + TOKEN.encode().decode("latin-1")},
        **{**dict.fromkeys(events, False), "appDeploy": True, "appBuildError": True},
    )
    assert made.status_code == 200
    git = {"customGitUrl": "https://git.example.com/web.git", "customGitBranch": "broken", "buildType": "dockerfile"}
    secrets = {"env": "PASSWORD=canary-env-1", "buildSecrets": "B=canary-build-1"}
    application = api.application(sourceType="git", **secrets, **git)
    api.post("application.deploy", applicationId=application)
    (event,) = source.until(1)
    assert "canary" in json.dumps(sim.messages()) and "canary" not in json.dumps(event)
    assert base64.b64encode(b"canary-env-1").decode()[4:-4] not in json.dumps(event)
    api.idle()
    row = api.deployments(application)[0]
    assert {name: event["deployment"][name] for name in ("status", "service", "project", "service_id", "log_path")} == {
        "status": "error",
        "service": "web",
        "project": "shop",
        "service_id": application,
        "log_path": row["logPath"],
    }
    assert event["deployment"]["error_message"] == "Command execution failed: Command failed: (hidden)"
    api.session.close()
