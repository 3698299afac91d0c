# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The HTTP check: its address, its request, the accepted statuses and the attempts."""

from __future__ import annotations

import base64
import datetime
import ipaddress
import socket
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ansible_collections.community.dokploy.plugins.module_utils._deployment.http_check import (
    address_of,
    check_http,
    check_http_options,
)
from ansible_collections.community.dokploy.plugins.module_utils._engine.wait import Waiter
from ansible_collections.community.dokploy.plugins.module_utils._errors import DokployError, NotAnswering, OptionError
from ansible_collections.community.dokploy.plugins.module_utils._resources.actions.deployment import (
    OPERATION as DEPLOYMENT,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.projects.project import OPERATION as PROJECT
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import (
    APPLICATION as RESOURCE,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import (
    OPERATION as APPLICATION,
)
from ansible_collections.community.dokploy.plugins.module_utils._swarm.tasks import Service
from tests.support.fake_clients import FakeClock
from tests.support.host import Host
from tests.support.sample_rows import application, domain
from tests.support.scripted_server import HANG, RESET, ScriptedServer, Step, text

DEFAULTS: dict[str, Any] = {
    "url": None,
    "host": None,
    "status_codes": [200],
    "timeout": 5.0,
    "retries": 2,
    "delay": 3.0,
    "validate_certs": True,
    "follow_redirects": True,
}
OK, BAD = text(200, "fine"), text(502, "<h1>Bad Gateway</h1>")


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No proxy, certificate authorities or .netrc of the user who runs the tests."""
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def serve() -> Iterator[Callable[..., ScriptedServer]]:
    """Starts servers that play a script."""
    servers: list[ScriptedServer] = []

    def start(*steps: Step, **options: Any) -> ScriptedServer:
        servers.append(ScriptedServer(*steps, **options))
        return servers[-1]

    yield start
    for one in servers:
        one.close()


Serve = Callable[..., ScriptedServer]


def asked(*urls: str, **options: Any) -> tuple[list[Any], FakeClock]:
    """The results, and the clock that only the pauses have moved."""
    clock = FakeClock()
    checks = [(f"app {number}", url) for number, url in enumerate(urls)]
    return check_http(checks, {**DEFAULTS, **options}, Waiter(clock, clock.sleep)), clock


def one(url: str, **options: Any) -> Any:
    return asked(url, **options)[0][0]


def why(url: str, **options: Any) -> str:
    """What is wrong with the only answer."""
    found = one(url, **{"retries": 0, **options})
    assert isinstance(found, NotAnswering)
    assert found.details["http_check"]["status"] is None
    error: str = found.details["http_check"]["error"]
    assert error in str(found)
    return error


# --- options ---------------------------------------------------------------------------------------------------------


def test_no_check_has_no_options() -> None:
    check_http_options(None)
    check_http_options(DEFAULTS)


@pytest.mark.parametrize(
    "options",
    [
        {"url": "http://a"},
        {"url": "HTTPS://größer.example.com:8443/x?y#z"},
        {"url": "http://user:pass@[::1]:80/"},
        {"host": "shop.example.com:8080"},
        {"status_codes": [100, 599]},
        {"retries": 0, "delay": 0, "timeout": 0.001},
        {"retries": 86400, "delay": 86400, "timeout": 86400},
    ],
)
def test_valid_options(options: dict[str, Any]) -> None:
    check_http_options({**DEFAULTS, **options})


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("url", ""),
        ("url", "shop.example.com"),
        ("url", "//shop.example.com/"),
        ("url", "ftp://shop.example.com/"),
        ("url", "file:///etc/passwd"),
        ("url", "http://"),
        ("url", "http://:80/"),
        ("url", "http://a:0/"),
        ("url", "http://a:99999/"),
        ("url", "http://[::1/"),
        ("url", "http://a/ b"),
        ("url", "http://a/\r\nX-Header: 1"),
        ("host", ""),
        ("host", "a b"),
        ("host", "a\r\nX-Header: 1"),
        ("host", "größer.example.com"),
        ("status_codes", []),
        ("status_codes", [200, 99]),
        ("status_codes", [600]),
        ("timeout", 0),
        ("timeout", -1),
        ("timeout", float("nan")),
        ("timeout", float("inf")),
        ("retries", -1),
        ("retries", 86401),
        ("delay", -0.1),
        ("delay", float("nan")),
    ],
)
def test_invalid_options_are_named(option: str, value: Any) -> None:
    with pytest.raises(OptionError, match=rf"^http_check\.{option}"):
        check_http_options({**DEFAULTS, option: value})


# --- the address -----------------------------------------------------------------------------------------------------


def address(*domains: dict[str, Any], url: str | None = None) -> str:
    return address_of(Service(RESOURCE, application(domains=list(domains)), "web"), {**DEFAULTS, "url": url})


def test_the_url_option_overrides_the_domains() -> None:
    assert address(domain(), url="http://other.example.com/") == "http://other.example.com/"
    assert address(url="http://other.example.com/") == "http://other.example.com/"


@pytest.mark.parametrize(
    ("values", "url"),
    [
        ({}, "http://a.example.com/"),
        ({"https": True}, "https://a.example.com/"),
        ({"path": "/api"}, "http://a.example.com/api"),
        ({"path": "api"}, "http://a.example.com/api"),
        ({"path": None}, "http://a.example.com/"),
        ({"path": ""}, "http://a.example.com/"),
        # Before 0.30 there is no such column.
        ({"enabled": None}, "http://a.example.com/"),
        ({"port": 8080}, "http://a.example.com/"),
    ],
)
def test_the_address_of_a_domain(values: dict[str, Any], url: str) -> None:
    assert address(domain(**values)) == url


def test_the_first_enabled_domain_is_used() -> None:
    first = domain(1, host="first", createdAt="2026-01-01T00:00:00.000Z")
    second = domain(2, host="second", createdAt="2026-01-02T00:00:00.000Z")
    assert address(second, first) == "http://first/"
    assert address(second, {**first, "enabled": False}) == "http://second/"


@pytest.mark.parametrize("domains", [[], [domain(enabled=False)], [domain(host="")]])
def test_without_any_domain_an_address_is_needed(domains: list[Any]) -> None:
    with pytest.raises(OptionError, match="http_check needs a url, since web has no domain"):
        address(*domains)


def test_an_application_whose_domains_were_not_read_has_none() -> None:
    with pytest.raises(OptionError):
        address_of(Service(RESOURCE, {}, "web"), DEFAULTS)


# --- what is sent ----------------------------------------------------------------------------------------------------


def test_the_request_holds_no_secrets(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOKPLOY_API_KEY", "key-of-dokploy")
    server = serve(OK)
    assert one(f"{server.url}/health?a=1#part") == {"url": f"{server.url}/health?a=1#part", "status": 200}
    (seen,) = server.seen
    assert (seen.method, seen.path, seen.body) == ("GET", "/health?a=1", b"")
    assert seen.headers["host"] == f"127.0.0.1:{server.port}"
    assert not {"authorization", "x-api-key", "cookie"} & set(seen.headers)
    assert "key-of-dokploy" not in repr(seen)


def test_the_host_option_is_sent(serve: Serve) -> None:
    server = serve(OK)
    one(server.url, host="shop.example.com")
    assert server.seen[0].headers["host"] == "shop.example.com"


@pytest.mark.parametrize(
    ("written", "sent"),
    [("user:passw0rd@", "user:passw0rd"), ("us%40er:p%3Aw%20%C3%A4@", "us@er:p:w ä"), ("token@", "token:")],
)
def test_the_credentials_of_the_address_are_used_and_not_shown(serve: Serve, written: str, sent: str) -> None:
    server = serve(OK, BAD)
    url = server.url.replace("//", "//" + written)
    found = one(url)
    assert server.seen[0].headers["authorization"] == "Basic " + base64.b64encode(sent.encode()).decode()
    assert found["status"] == 200
    failed = one(url, retries=0)
    assert "HTTP 502" in str(failed)
    for secret in (written.partition(":")[2] or written).rstrip("@"), sent.partition(":")[2] or "token":
        assert secret not in repr((found, str(failed), failed.details))


def test_netrc_is_not_used(serve: Serve, tmp_path: Path) -> None:
    """Neither for the address, nor for where it redirects to."""
    (tmp_path / "netrc").write_text("default login me password passw0rd\n")
    other = serve(OK)
    server = serve(text(302, "", {"Location": f"{other.url}/"}))
    assert one(server.url)["status"] == 200
    assert [seen.headers.get("authorization") for seen in server.seen + other.seen] == [None, None]


# --- what is well ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "codes", "well"),
    [
        (200, [200], True),
        (204, [200, 204], True),
        (204, [200], False),
        (401, [401], True),
        (404, [200], False),
        (500, [200], False),
        (503, [503], True),
    ],
)
def test_accepted_statuses(serve: Serve, status: int, codes: list[int], well: bool) -> None:
    server = serve(text(status, ""))
    found = one(server.url, status_codes=codes, retries=0)
    assert (not isinstance(found, DokployError)) is well
    if well:
        assert found == {"url": server.url, "status": status}
    else:
        assert found.details["http_check"] == {"url": server.url, "status": None, "error": f"HTTP {status}"}


def test_the_body_is_not_read(serve: Serve) -> None:
    """It may be endless, or shorter than it says."""
    server = serve(Step(b"HTTP/1.1 200 X\r\nContent-Length: 1000000\r\n\r\npart", "hang"))
    assert one(server.url)["status"] == 200


@pytest.mark.parametrize("location", ["/new", "{url}/new"])
def test_the_end_of_redirects_counts(serve: Serve, location: str) -> None:
    server = serve(OK)
    server.steps.insert(0, text(302, "moved", {"Location": location.format(url=server.url)}))
    assert one(server.url, status_codes=[200]) == {"url": server.url, "status": 200}
    assert server.paths == ["/", "/new"]


def test_the_status_of_a_redirect_without_follow_redirects(serve: Serve) -> None:
    server = serve(text(302, "", {"Location": "/new"}), text(302, "", {"Location": "/new"}))
    assert one(server.url, follow_redirects=False, status_codes=[302])["status"] == 302
    assert why(server.url, follow_redirects=False) == "HTTP 302"
    assert server.paths == ["/", "/"]


def test_a_redirect_on_the_same_server_keeps_its_host_and_credentials(serve: Serve) -> None:
    server = serve(text(302, "", {"Location": "/new"}), OK)
    assert one(server.url.replace("//", "//me:passw0rd@"), host="shop.example.com")["status"] == 200
    assert [seen.headers["host"] for seen in server.seen] == ["shop.example.com"] * 2
    assert {seen.headers.get("authorization") for seen in server.seen} == {"Basic bWU6cGFzc3cwcmQ="}


def test_a_redirect_to_another_server_gets_neither(serve: Serve) -> None:
    other = serve(OK)
    server = serve(text(302, "", {"Location": f"{other.url}/"}))
    assert one(server.url.replace("//", "//me:passw0rd@"), host="shop.example.com")["status"] == 200
    (seen,) = other.seen
    assert seen.headers["host"] == f"127.0.0.1:{other.port}"
    assert "authorization" not in seen.headers


# --- why there is none -----------------------------------------------------------------------------------------------


def test_a_refused_connection(serve: Serve) -> None:
    server = serve()
    server.close()
    assert why(server.url) == "the connection is refused"


def test_an_unknown_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_args: Any, **_options: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert why("http://nothing.invalid/") == "the host name is not known"


def test_no_answer_in_time(serve: Serve) -> None:
    assert why(serve(HANG).url, timeout=0.05) == "no answer in 0.05 s"


@pytest.mark.parametrize("step", [RESET, Step(b"", "close"), Step(b"no HTTP\r\n\r\n", "close")])
def test_a_connection_that_breaks(serve: Serve, step: Step) -> None:
    assert why(serve(step).url) == "the connection broke before the answer was complete"


def test_a_redirect_loop(serve: Serve) -> None:
    server = serve(*[text(302, "", {"Location": "/"})] * 40)
    assert why(server.url) == "it redirects again and again"


@pytest.mark.parametrize("location", ["ftp://a/", "http://[::1/", "http://a:99999/"])
def test_a_redirect_to_an_invalid_address(serve: Serve, location: str) -> None:
    assert why(serve(text(302, "", {"Location": location})).url) == "the address cannot be used"


@pytest.mark.parametrize("url", ["http://.example.com/", "http://[x/", "http://a b/", "http://a:99999/", "http:///x"])
def test_an_unusable_address(url: str) -> None:
    """A domain's host may be anything."""
    assert why(url) == "the address cannot be used"


# --- TLS -------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1, its own authority, and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "health test")])
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
    made = made.not_valid_before(datetime.datetime(2020, 1, 1)).not_valid_after(datetime.datetime(2120, 1, 1))
    made = made.add_extension(address, False).add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
    file = tmp_path_factory.mktemp("tls") / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM) + private)
    return file


@pytest.fixture
def context(pem: Path) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(pem)
    return made


def test_a_certificate_that_does_not_verify(serve: Serve, context: ssl.SSLContext) -> None:
    server = serve(OK, context=context)
    assert why(server.url) == "self-signed certificate"
    assert server.seen == []


def test_validate_certs_false(serve: Serve, context: ssl.SSLContext, recwarn: Any) -> None:
    assert one(serve(OK, context=context).url, validate_certs=False)["status"] == 200
    assert not recwarn.list


def test_an_authority_of_the_environment(
    serve: Serve, context: ssl.SSLContext, pem: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(pem))
    assert one(serve(OK, context=context).url)["status"] == 200


# --- how often -------------------------------------------------------------------------------------------------------


def test_requests_until_the_status_is_accepted(serve: Serve) -> None:
    server = serve(BAD, BAD, OK, BAD)
    (found,), clock = asked(server.url, retries=5, delay=2.5)
    assert found["status"] == 200
    assert clock.pauses == [2.5, 2.5]
    assert len(server.seen) == 3


@pytest.mark.parametrize("retries", [0, 1, 4])
def test_the_number_of_attempts(serve: Serve, retries: int) -> None:
    server = serve(*[BAD] * 10)
    (found,), clock = asked(server.url, retries=retries)
    assert isinstance(found, NotAnswering)
    assert len(server.seen) == retries + 1
    assert clock.pauses == [3.0] * retries
    attempts = "1 attempt" if retries == 0 else f"{retries + 1} attempts"
    assert str(found) == (
        f"app 0 failed its HTTP check: {server.url} gave HTTP 502 after {attempts}."
        " It is deployed and runs. http_check.status_codes lists the accepted statuses."
    )


def test_the_error_is_that_of_the_last_attempt(serve: Serve) -> None:
    found = one(serve(BAD, text(404, ""), RESET).url)
    assert found.details["http_check"]["error"] == "the connection broke before the answer was complete"


def test_each_attempt_requests_the_open_checks(serve: Serve) -> None:
    quick, slow, never = serve(OK), serve(BAD, OK), serve(BAD, BAD, BAD)
    found, clock = asked(quick.url, slow.url, never.url)
    assert [one.get("status") for one in found[:2]] == [200, 200]
    assert isinstance(found[2], NotAnswering)
    assert [len(server.seen) for server in (quick, slow, never)] == [1, 2, 3]
    assert clock.pauses == [3.0, 3.0]
    assert str(found[2]).startswith("app 2 ")


def test_no_checks() -> None:
    found, clock = asked()
    assert (found, clock.pauses) == ([], [])


def test_progress_names_the_open_checks(serve: Serve) -> None:
    clock, said = FakeClock(), []
    checks = [("a", serve(OK).url), ("b", serve(BAD, BAD, OK).url)]
    check_http(checks, DEFAULTS, Waiter(clock, clock.sleep, said.append))
    assert said == ["waiting for b"]


# --- in a deployment -------------------------------------------------------------------------------------------------

WEB: dict[str, Any] = {"project": "shop", "environment": "production", "application": "web", "verify": False}


def web(host: Host) -> str:
    host.ok(PROJECT, name="shop")
    made = host.ok(APPLICATION, project="shop", environment="production", name="web", docker={"image": "nginx"})
    host.new_task()
    return str(made["application"]["application_id"])


def test_a_deployment_with_a_successful_http_check(host: Host, serve: Serve) -> None:
    web(host)
    server = serve(BAD, OK)
    result = host.ok(DEPLOYMENT, **WEB, http_check={"url": server.url})
    assert result["http_check"] == {"url": server.url, "status": 200}
    assert "x-api-key" not in server.seen[0].headers


def test_a_deployment_with_a_failed_http_check_is_repeated(host: Host, serve: Serve) -> None:
    resource_id = web(host)
    server = serve(BAD, BAD, OK)
    check = {"url": server.url, "retries": 1, "delay": 0}
    host.new_task()
    failed = host.failed(DEPLOYMENT, **WEB, http_check=check)
    assert (failed["error"]["kind"], failed["changed"]) == ("not_answering", True)
    assert failed["http_check"] == {"url": server.url, "status": None, "error": "HTTP 502"}
    assert failed["deployment"]["status"] == "done"
    assert failed["reason"] == "never deployed"
    host.new_task()
    again = host.ok(DEPLOYMENT, **WEB, http_check=check)
    assert again["reason"] == "last deployment failed verification or was rolled back"
    host.new_task()
    # What is deployed already is not asked.
    assert host.ok(DEPLOYMENT, **WEB, http_check=check)["http_check"] is None
    assert len(server.seen) == 3
    assert len(host.read("deployment.all", applicationId=resource_id)) == 2


def test_a_failed_deployment_is_not_checked(host: Host, serve: Serve) -> None:
    web(host)
    server = serve(OK)
    host.sim.config(next_results=["error"])
    assert host.failed(DEPLOYMENT, **WEB, http_check={"url": server.url})["error"]["kind"] == "deployment"
    assert server.seen == []


def test_without_wait_there_is_no_http_check(host: Host, serve: Serve) -> None:
    web(host)
    server = serve(OK)
    assert host.ok(DEPLOYMENT, **WEB, wait=False, http_check={"url": server.url})["http_check"] is None
    assert server.seen == []
