# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The API key goes to Dokploy alone: redirects, .netrc, cookies, and servers that are not Dokploy."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from dokploy_simulator import Simulator
from tests.system.network.playbook_cases import (
    KEY,
    PATHS,
    Case,
    PathResult,
    assert_case,
    assert_not_shown,
    fails,
    ids,
    ok,
    private_folder,
    run_cases,
)
from tests.system.network.servers import CallbackServer, Relay
from tools.certificates import Authority

PASSWORD = "p4ssword-canary"
NETRC = "n3trc-canary"
WRITE = {"procedure": "project.create", "method": "mutation", "input": {"name": "never created"}}
STAYS = "the key is not sent on"
# The status and the target of each redirect, and what the message contains. The test of the client has all
# statuses for all of them.
TARGETS: dict[str, tuple[int, str, tuple[str, ...]]] = {
    "same": (301, "http://127.0.0.1:{self}/other/api/project.all", ("dokploy_url to http://127.0.0.1:", "/other.")),
    "other": (302, "http://other.dokploy.test:{second}/api/project.all", ("Set dokploy_url to http://other.dokploy.test:",)),
    "tls": (308, "https://web.dokploy.test/api/project.all", ("Set dokploy_url to https://web.dokploy.test.",)),
    "clear": (307, "http://web.dokploy.test/api/project.all", ("Set dokploy_url to http://web.dokploy.test.",)),
    "relative": (303, "/login?next=/", ("It leads to http://127.0.0.1:", "/login; set dokploy_url to that only if")),
    "credentials": (307, f"http://me:{PASSWORD}@other.dokploy.test:{{second}}/x", ("to http://other.dokploy.test:",)),
    "no-scheme": (308, "//other.dokploy.test:{second}/api/project.all", ("//other.dokploy.test:", "dokploy_url")),
    "login": (302, f"http://other.dokploy.test/sso;id={PASSWORD}?t={PASSWORD}", ("test/sso;", "login page")),
    "itself": (301, "http://127.0.0.1:{self}/itself/api/project.all", ("It leads back to http:", "/itself.")),
    "broken": (302, "http://[::1", ("dokploy_url",)),
    "nothing": (302, "", ("dokploy_url",)),
    "not-modified": (304, "", ("HTTP 304",)),
}  # fmt: skip


def redirected(name: str) -> Case:
    status, _target, texts = TARGETS[name]
    url = "https://127.0.0.1:{selftls}" if name == "clear" else "http://127.0.0.1:{self}"
    contains = (STAYS, f"HTTP {status}", *texts)
    return Case(f"redirected: {name}", {"dokploy_url": f"{url}/{name}"}, contains=contains, never=(PASSWORD,))


REDIRECTS = [redirected(name) for name in TARGETS] + [
    Case(
        "a write is redirected",
        {"dokploy_url": "http://127.0.0.1:{self}/other", **WRITE},
        contains=(STAYS, "dokploy_url"),
    ),
    Case(
        "in a module",
        {"dokploy_url": "http://127.0.0.1:{self}/other"},
        contains=(STAYS,),
        module="dokploy_project_info",
    ),
]  # fmt: skip
OWN_AUTH = [
    ok(f"netrc, {scheme}, {where}", "http://127.0.0.1:{noted}", env, auth_scheme=scheme)
    for scheme in ("auto", "api_key")
    for where, env in (("its variable", {"NETRC": "{netrc}"}), ("the home folder", {"HOME": "{folder}"}))
]
ODD = [
    ok("HTTP/1.0", "http://127.0.0.1:{odd}/old"),
    ok("an interim answer", "http://127.0.0.1:{odd}/continue"),
    ok("chunks", "http://127.0.0.1:{odd}/chunks"),
    Case("cookies", {"dokploy_url": "http://127.0.0.1:{odd}/cookies"}, module="dokploy_project_info"),
    fails("a slow body", "http://127.0.0.1:{odd}/slow", "only a part of it came in 1 s", request_timeout=1),
    fails("an answer without an end", "http://127.0.0.1:{odd}/endless", "more than 128.0 MiB", request_timeout=300),
    fails("early hints", "http://127.0.0.1:{odd}/hints", "HTTP 103"),
    fails("another protocol", "http://127.0.0.1:{odd}/other", "broke"),
    fails("a login page", "http://127.0.0.1:{odd}/page", "HTML page", "Sign in", "dokploy_url"),
    Case(
        "TLS breaks while a write is answered",
        {"dokploy_url": "https://127.0.0.1:{oddtls}/half", **WRITE},
        contains=("project.create", "whether it took effect is unknown"),
    ),
    Case(
        "TLS breaks before a write is answered",
        {"dokploy_url": "https://127.0.0.1:{oddtls}/none", **WRITE},
        contains=("project.create", "whether it took effect is unknown"),
    ),
    fails("TLS breaks while a read is answered", "https://127.0.0.1:{oddtls}/half", "broke"),
    fails("TLS breaks before a read is answered", "https://127.0.0.1:{oddtls}/none", "broke"),
]  # fmt: skip
CASES = [*REDIRECTS, *OWN_AUTH, *ODD]

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
WHOLE = {
    "old": b"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n[]",
    "continue": b"HTTP/1.1 100 Continue\r\n\r\n" + HEAD + b"Content-Length: 2\r\n\r\n[]",
    "chunks": HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\n[\r\n1\r\n]\r\n0\r\n\r\n",
    "cookies": HEAD + b"Set-Cookie: better-auth.session_token=other; Path=/\r\nContent-Length: 2\r\n\r\n[]",
    "hints": b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + HEAD + b"Content-Length: 2\r\n\r\n[]",
    "other": b"220 mail.example.com ESMTP\r\n",
    "page": b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html><title>Sign in</title></html>",
    "half": HEAD + b"Content-Length: 100\r\n\r\n[",
    "none": b"",
}


def odd(connection: socket.socket, path: str) -> None:
    kind = path.split("/")[1]
    if kind in WHOLE:
        connection.sendall(WHOLE[kind])
    elif kind == "endless":
        connection.sendall(HEAD + b"\r\n")
        while True:
            connection.sendall(b" " * 262144)
    else:
        connection.sendall(HEAD + b"\r\n")
        while True:
            connection.sendall(b" " * 65536)
            time.sleep(0.1)


@dataclass
class Ran:
    played: dict[str, PathResult]
    first: CallbackServer
    second: CallbackServer
    noted: Relay
    odd: CallbackServer


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ran]:
    runs = private_folder(tmp_path_factory, "elsewhere")
    folder = runs.parent
    for name in ("netrc", ".netrc"):
        (folder / name).touch(0o600)
        (folder / name).write_text(f"machine 127.0.0.1 login me password {NETRC}\ndefault login me password {NETRC}\n")
    authority = Authority(folder)
    places: dict[str, object] = {"folder": folder, "netrc": folder / "netrc"}

    def lead(connection: socket.socket, path: str) -> None:
        status, target, _texts = TARGETS[path.split("/")[1]]
        for name, place in places.items():
            target = target.replace("{%s}" % name, str(place))
        location = f"Location: {target}\r\n" if target else ""
        connection.sendall(f"HTTP/1.1 {status} Elsewhere\r\n{location}Content-Length: 0\r\n\r\n".encode())

    with contextlib.ExitStack() as stack:
        simulator = stack.enter_context(Simulator(KEY))
        first, second = CallbackServer(lead), CallbackServer(lambda connection, path: None)
        noted = Relay(int(simulator.url.rpartition(":")[2]))
        strange = CallbackServer(odd)
        servers = {
            "self": first,
            "selftls": CallbackServer(lead, authority.certificate("127.0.0.1")),
            "second": second,
            "noted": noted,
            "odd": strange,
            "oddtls": CallbackServer(odd, authority.certificate("127.0.0.1")),
        }
        places.update({name: stack.enter_context(server).port for name, server in servers.items()})
        played = run_cases(runs, CASES, places, {"DOKPLOY_CA_PATH": str(authority.bundle)})
        yield Ran(played, first, second, noted, strange)


@pytest.mark.parametrize("case", CASES, ids=ids)
def test_case(case: Case, ran: Ran) -> None:
    assert_case(case, ran.played)


def test_a_redirect_is_followed_nowhere(ran: Ran) -> None:
    assert ran.second.connections == 0
    # Nor anywhere on the same server, and nothing is asked for twice.
    asked = [case for case in REDIRECTS if "{self}" in str(case.options["dokploy_url"])]
    assert ran.first.connections == len(asked) * len(PATHS)


def test_netrc_neither_replaces_the_key_nor_goes_out(ran: Ran) -> None:
    assert len(ran.noted.heads) == len(OWN_AUTH) * len(PATHS)
    for head in ran.noted.heads:
        given = [line for line in head.splitlines() if line.lower().startswith("authorization:")]
        assert given in ([f"Authorization: Bearer {KEY}"], []), given
        assert f"x-api-key: {KEY}" in head
    without = sum("uthorization:" not in head for head in ran.noted.heads)
    assert without == len(ran.noted.heads) // 2


def test_cookies_are_not_sent(ran: Ran) -> None:
    heads = [head for head in ran.odd.heads if "/cookies/" in head]
    assert len(heads) >= len(PATHS)
    assert not any("\ncookie:" in head.lower() for head in heads)


def test_nothing_shown(ran: Ran) -> None:
    assert_not_shown(ran.played, PASSWORD, NETRC)
    for server in (ran.first, ran.noted, ran.odd):
        assert not any(KEY in head.splitlines()[0] for head in server.heads)
    for path in PATHS:
        assert "errantly" not in ran.played[path].log
