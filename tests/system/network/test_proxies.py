# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Proxies of the environment: which variables count, which hosts bypass them, and the messages for broken proxies."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import socket
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pytest

from dokploy_simulator import Simulator
from tests.support.ports import reserved_port
from tests.system.network.playbook_cases import (
    KEY,
    PATHS,
    Case,
    PathResult,
    assert_case,
    assert_not_shown,
    ids,
    private_folder,
    run_cases,
)
from tests.system.network.servers import CallbackServer, Proxy, Relay
from tools.certificates import Authority

PASSWORD = "pr0xy-canary"
WRONG = "wr0ng-canary"
OPEN = "http://127.0.0.1:{open}"
AUTH = "http://127.0.0.1:{auth}"
REFUSED = f"http://me:{WRONG}@127.0.0.1:{{auth}}"
PROXY = "the proxy of the environment"


def name_of(case: Case) -> str:
    """The host of a case: a name of its own, by which the proxy's notes tell the cases apart."""
    return "h" + hashlib.sha256(case.name.encode()).hexdigest()[:12] + ".dokploy.test"


def case(name: str, scheme: str, env: Mapping[str, str], *contains: str, host: str = "", **options: object) -> Case:
    never = (PASSWORD, WRONG, base64.b64encode(f"me:{WRONG}".encode()).decode())
    url = f"{scheme}://{host or '{host}'}" + ("" if host else ":{%s}" % ("tls" if scheme == "https" else "clear"))
    return Case(name, {"dokploy_url": url, **options}, env, contains=contains, never=never)


def spelled(name: str) -> tuple[str, str]:
    return name, name.lower()


THROUGH = [
    case(f"{scheme} by {variable}", scheme, {variable: OPEN})
    for scheme in ("http", "https")
    for word in (f"{scheme.upper()}_PROXY", "ALL_PROXY")
    for variable in spelled(word)
] + [
    case("the scheme before all", "http", {"ALL_PROXY": "http://127.0.0.1:{down}", "HTTP_PROXY": OPEN}),
    case("lower case before upper case", "http", {"HTTP_PROXY": "http://127.0.0.1:{down}", "http_proxy": OPEN}),
    case("a proxy without a scheme", "https", {"HTTPS_PROXY": "127.0.0.1:{open}"}),
    case("a proxy by TLS", "https", {"HTTPS_PROXY": "https://127.0.0.1:{secure}"}),
    case("no_proxy of another host", "https", {"HTTPS_PROXY": OPEN, "NO_PROXY": "example.com"}),
    case("no_proxy of another port", "https", {"HTTPS_PROXY": OPEN, "NO_PROXY": "dokploy.test:1"}),
    case("no_proxy of an end that is no label", "https", {"HTTPS_PROXY": OPEN, "NO_PROXY": "kploy.tes"}),
    case("no_proxy that is empty", "https", {"HTTPS_PROXY": OPEN, "NO_PROXY": ""}),
]  # fmt: skip
AROUND = [
    case(f"{scheme} around by {variable} {text}", scheme, {f"{scheme.upper()}_PROXY": OPEN, variable: text})
    for scheme in ("http", "https")
    for variable, text in (
        ("NO_PROXY", "{host}"),
        ("no_proxy", "{host}"),
        ("NO_PROXY", "dokploy.test"),
        ("no_proxy", ".dokploy.test"),
        ("NO_PROXY", "{host}:{%s}" % ("tls" if scheme == "https" else "clear")),
        ("NO_PROXY", "*"),
        ("NO_PROXY", "example.com, 10.0.0.0/8 , dokploy.test"),
    )
] + [
    case("the proxy of the other scheme", "https", {"HTTP_PROXY": OPEN}),
    case("a variable that is empty", "https", {"HTTPS_PROXY": ""}),
    case("taken back by the lower case", "https", {"HTTPS_PROXY": OPEN, "https_proxy": ""}),
]
BY_ADDRESS = [
    case("through by address", "http", {"HTTP_PROXY": OPEN}, host="127.0.0.1:{clear}"),
    case("through to localhost", "http", {"HTTP_PROXY": OPEN}, host="localhost:{clear}"),
    case("around by address", "http", {"HTTP_PROXY": OPEN, "NO_PROXY": "127.0.0.1"}, host="127.0.0.1:{own1}"),
    case("around by network", "http", {"HTTP_PROXY": OPEN, "NO_PROXY": "127.0.0.0/8"}, host="127.0.0.1:{own2}"),
]
CREDENTIALS = [
    case("credentials, http", "http", {"HTTP_PROXY": f"http://me:{PASSWORD}@127.0.0.1:{{auth}}"}),
    case("credentials, https", "https", {"HTTPS_PROXY": f"http://me:{PASSWORD}@127.0.0.1:{{auth}}"}),
    case("credentials that are quoted", "https", {"HTTPS_PROXY": "http://me:%70r0xy%2Dcanary@127.0.0.1:{auth}"}),
    case("no credentials, http", "http", {"HTTP_PROXY": AUTH}, PROXY, "asks for credentials", "NO_PROXY"),
    case("no credentials, https", "https", {"HTTPS_PROXY": AUTH}, PROXY, "asks for credentials", "NO_PROXY"),
    case("wrong credentials, http", "http", {"HTTP_PROXY": REFUSED}, "asks for credentials"),
    case("wrong credentials, https", "https", {"HTTPS_PROXY": REFUSED}, "asks for credentials"),
]  # fmt: skip
BROKEN = [
    case(f"{how}, {scheme}", scheme, {f"{scheme.upper()}_PROXY": value}, *contains, request_timeout=2)
    for scheme in ("http", "https")
    for how, value, contains in (
        ("is down", f"http://me:{WRONG}@127.0.0.1:{{down}}", (PROXY, "refused", "NO_PROXY")),
        ("is unknown", f"http://me:{WRONG}@unknown.dokploy.test:3128", (PROXY, "name is not known", "NO_PROXY")),
        ("is of SOCKS", f"socks5://me:{WRONG}@127.0.0.1:{{open}}", (PROXY, "SOCKS", "PySocks", "NO_PROXY")),
        ("is of nothing known", f"gopher://me:{WRONG}@127.0.0.1:{{open}}", ("proxy variables",)),
        ("is no address", f"http://me:{WRONG}@:port", ("proxy variables",)),
        ("does not respond", f"http://me:{WRONG}@127.0.0.1:{{silent}}", ("2 s", "request_timeout")),
        ("hangs up", f"http://me:{WRONG}@127.0.0.1:{{short}}", ("broke",)),
    )
] + [
    case("makes no tunnel", "https", {"HTTPS_PROXY": "http://127.0.0.1:{refusing}"}, PROXY, "HTTP 403", "NO_PROXY"),
    case("answers a page", "http", {"HTTP_PROXY": "http://127.0.0.1:{refusing}"}, "Blocked by policy"),
]
WRITE = Case(
    "a write that no tunnel takes",
    {
        "dokploy_url": "https://{host}:{tls}",
        "procedure": "project.create",
        "method": "mutation",
        "input": {"name": "n"},
    },
    {"HTTPS_PROXY": "http://127.0.0.1:{refusing}"},
    contains=("HTTP 403",),
    never=("is unknown",),
)
CASES = [*THROUGH, *AROUND, *BY_ADDRESS, *CREDENTIALS, *BROKEN, WRITE]

# By the environment of ansible-playbook itself, in a run of their own.
CONTROLLER = {"HTTPS_PROXY": f"http://me:{PASSWORD}@127.0.0.1:{{auth}}", "NO_PROXY": "direct.dokploy.test"}
OF_CONTROLLER = [
    case("through by the controller's", "https", {}),
    case("around by the controller's", "https", {}, host="direct.dokploy.test:{tls}"),
    case("around by the task's", "https", {"no_proxy": "dokploy.test"}),
    case("another one of the task's", "https", {"https_proxy": OPEN}),
    case("none by the task's", "https", {"https_proxy": ""}),
]


@dataclass
class Ran:
    played: dict[str, PathResult]
    controller: dict[str, PathResult]
    simulator: Simulator
    proxies: dict[str, Proxy]


def _refuse(connection: socket.socket, path: str) -> None:
    page = b"<html><head><title>Blocked by policy</title></head></html>"
    head = b"HTTP/1.1 403 Forbidden\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n"
    connection.sendall(head % len(page) + page)


def _say_nothing(connection: socket.socket, path: str) -> None:
    time.sleep(8)


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ran]:
    runs = private_folder(tmp_path_factory, "proxies")
    authority = Authority(runs.parent)
    credentials = base64.b64encode(f"me:{PASSWORD}".encode()).decode()
    with contextlib.ExitStack() as stack:
        simulator = stack.enter_context(Simulator(KEY))
        port = int(simulator.url.rpartition(":")[2])
        proxies = {"open": stack.enter_context(Proxy()), "auth": stack.enter_context(Proxy(credentials))}
        secure = Relay(proxies["open"].port, authority.certificate("127.0.0.1"), once=False)
        others = {
            "tls": Relay(port, authority.certificate("*.dokploy.test")),
            "secure": secure,
            "own1": Relay(port),
            "own2": Relay(port),
            "refusing": CallbackServer(_refuse),
            "silent": CallbackServer(_say_nothing),
            "short": CallbackServer(lambda connection, path: None),
        }
        places = {name: stack.enter_context(one).port for name, one in {**proxies, **others}.items()}
        places["down"] = stack.enter_context(reserved_port())
        # Only the address of the server is trusted by ca_path.
        places.update(clear=port)
        trust = {"REQUESTS_CA_BUNDLE": str(authority.bundle)}
        played = run_cases(runs / "task", map(placed, CASES), places, trust)
        variables = {name: value.replace("{auth}", str(places["auth"])) for name, value in CONTROLLER.items()}
        controller = run_cases(runs / "controller", map(placed, OF_CONTROLLER), places, {**trust, **variables})
        yield Ran(played, controller, simulator, proxies)


def placed(one: Case) -> Case:
    """The case with its own host put in."""

    def filled(values: Mapping[str, object]) -> dict[str, object]:
        return {
            key: text.replace("{host}", name_of(one)) if isinstance(text, str) else text for key, text in values.items()
        }

    environment = {key: str(text) for key, text in filled(one.environment).items()}
    return Case(one.name, filled(one.options), environment, one.contains, one.never)


def seen(proxy: Proxy, one: Case) -> list[str]:
    return proxy.lines(name_of(one))


@pytest.mark.parametrize("one", CASES, ids=ids)
def test_case(one: Case, ran: Ran) -> None:
    assert_case(one, ran.played)


@pytest.mark.parametrize("one", OF_CONTROLLER, ids=ids)
def test_case_of_the_controller(one: Case, ran: Ran) -> None:
    assert_case(one, ran.controller)


@pytest.mark.parametrize("one", THROUGH, ids=ids)
def test_goes_through_the_proxy(one: Case, ran: Ran) -> None:
    lines = seen(ran.proxies["open"], one)
    assert len(lines) == len(PATHS)
    method = "CONNECT" if str(one.options["dokploy_url"]).startswith("https") else "GET http"
    assert all(line.startswith(method) for line in lines)


@pytest.mark.parametrize("one", AROUND, ids=ids)
def test_goes_around_the_proxy(one: Case, ran: Ran) -> None:
    assert seen(ran.proxies["open"], one) == []


def test_addresses_and_the_environment_of_the_controller(ran: Ran) -> None:
    # A name of loopback is no reason to go around a proxy.
    lines = ran.proxies["open"].lines("http://127.0.0.1") + ran.proxies["open"].lines("http://localhost")
    assert len(lines) == 2 * len(PATHS)
    by_auth = {one.name: len(seen(ran.proxies["auth"], one)) for one in OF_CONTROLLER}
    by_open = {one.name: len(seen(ran.proxies["open"], one)) for one in OF_CONTROLLER}
    assert {name for name, count in by_auth.items() if count} == {"through by the controller's"}
    assert {name for name, count in by_open.items() if count} == {"another one of the task's"}
    assert not ran.proxies["auth"].lines("direct.")


def test_a_proxy_never_sees_the_key_of_https(ran: Ran) -> None:
    for proxy in ran.proxies.values():
        for head in proxy.heads:
            assert (KEY in head) == (not head.startswith("CONNECT")), head.splitlines()[0]
            assert KEY not in head.splitlines()[0]
    assert "project.create" not in ran.simulator.calls()


def test_nothing_shown(ran: Ran) -> None:
    assert_not_shown(ran.controller, PASSWORD)
    assert_not_shown(ran.played)
    for path in PATHS:
        # Ansible itself shows the variables of a task in the command of its module.
        lines = [line for line in ran.played[path].log.splitlines() if "EXEC /bin/sh" not in line]
        assert not any(PASSWORD in line or WRONG in line for line in lines)
        assert "errantly" not in ran.played[path].log
