# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The address of the server: the forms that work, and the messages for those that do not."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
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
    fails,
    ids,
    ok,
    private_folder,
    run_cases,
)
from tests.system.network.servers import Relay
from tools.certificates import Authority

PASSWORD = "p4ssword-canary"
FORM = "An example is https://dokploy.example.com"


def has_ipv6() -> bool:
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False


IPV6 = pytest.mark.skipif(not has_ipv6(), reason="this machine has no loopback of IPv6")

GOOD = [
    ok("plain", "http://127.0.0.1:{clear}"),
    ok("a slash at the end", "http://127.0.0.1:{clear}/"),
    ok("with /api", "http://127.0.0.1:{clear}/api"),
    ok("with /api/ and more slashes", "http://127.0.0.1:{clear}//api//"),
    ok("capitals", "HTTP://LOCALHOST:{clear}"),
    ok("capitals and TLS", "HTTPS://WEB.dokploy.TEST:{tls}", ca_path="{ca}"),
    ok("blanks and line breaks around it", "  http://127.0.0.1:{clear}\n"),
    ok("below a path", "http://127.0.0.1:{below}/dokploy"),
    ok("below a path, with /api/", "http://127.0.0.1:{below}/dokploy/api/"),
    ok("below a path, with TLS", "https://web.dokploy.test:{belowtls}/dokploy/", ca_path="{ca}"),
    ok("another alphabet", "http://b\u00fccher.dokploy.test:{clear}"),
    ok("another alphabet and TLS", "https://b\u00fccher.dokploy.test:{tls}", ca_path="{ca}"),
    Case("by the environment", {}, {"DOKPLOY_URL": "http://127.0.0.1:{clear}/api"}),
    ok("two families, an answer by IPv4 only", "http://both.dokploy.test:{clear}"),
    fails("two families, no answer", "http://both.dokploy.test:{closed}", "both.dokploy.test:", "refused"),
]  # fmt: skip
GOOD_IPV6 = [
    ok("IPv6", "http://[::1]:{six}"),
    ok("IPv6 in full", "http://[0:0:0:0:0:0:0:1]:{six}/api"),
    ok("IPv6 and TLS", "https://[::1]:{sixtls}", ca_path="{ca}"),
    ok("two families, an answer by IPv6 only", "http://both.dokploy.test:{six}"),
    fails("IPv6 of another certificate", "https://[::1]:{sixother}", "another name", "[::1]:", ca_path="{ca}"),
    fails("IPv6 without an answer", "http://[::1]:{closed}", "[::1]:", "refused"),
    fails("IPv6 without its brackets", "http://::1:{six}", "valid address"),
]

BAD = [
    fails(f"refused: {url}", url, "dokploy_url ", why, FORM)
    for url, why in (
        (" ", "is empty"),
        ("dokploy.example.com", "must begin with http:// or https://"),
        ("127.0.0.1:3000", "must begin with http:// or https://"),
        ("file:///etc/passwd", "must begin with http:// or https://"),
        ("ws://127.0.0.1:3000", "must begin with http:// or https://"),
        ("unix:///run/dokploy.sock", "must begin with http:// or https://"),
        ("https:/127.0.0.1", "must begin with http:// or https://"),
        ("https://", "has no valid host"),
        ("http://:3000", "has no valid host"),
        ("http://127.0.0.1:99999", "valid address"),
        ("http://127.0.0.1:port", "valid address"),
        ("http://127.0.0.1:3000?key=x", "query"),
        ("http://127.0.0.1:3000/#top", "fragment"),
        ("http://127.0.0.1 :3000", "a blank"),
        ("http://127.0.0.1:3000/a/../b", ". or .."),
        ("http://[::1", "valid address"),
        ("http://[::1]x:3000", "valid"),
        ("http://[1::2::3]:3000", "valid"),
        ("http://[gggg::1]:3000", "valid"),
        ("http://[127.0.0.1]:3000", "valid"),
        ("http://[fe80::1%25eth0]:3000", "a zone"),
    )
] + [
    Case(
        f"refused: {where}",
        {"dokploy_url": f"{scheme}://{user}@127.0.0.1:{{clear}}"},
        contains=("dokploy_url must not contain credentials", "dokploy_api_key"),
        never=(PASSWORD,),
    )
    for where, scheme, user in (
        ("a name and a password", "http", f"me:{PASSWORD}"),
        ("a password", "https", f":{PASSWORD}"),
        ("a token", "http", PASSWORD),
    )
] + [
    fails("an unknown name", "http://unknown.dokploy.test", "name is not known", "dokploy_url"),
    fails("a closed port", "http://127.0.0.1:{closed}", "127.0.0.1:", "refused", "dokploy_url"),
    fails("the path is missing", "http://127.0.0.1:{below}", "HTML page", "dokploy_url"),
    fails("the path is too much", "http://127.0.0.1:{clear}/dokploy", "HTML page", "dokploy_url"),
]  # fmt: skip

CASES = [*GOOD, *BAD]


@dataclass
class Ran:
    played: dict[str, PathResult]
    simulator: Simulator
    relays: dict[str, Relay]


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ran]:
    runs = private_folder(tmp_path_factory, "addresses")
    authority = Authority(runs.parent)
    names = authority.certificate("*.dokploy.test", "xn--bcher-kva.dokploy.test")
    other = authority.certificate("web.dokploy.test")
    with contextlib.ExitStack() as stack:
        simulator = stack.enter_context(Simulator(KEY))
        port = int(simulator.url.rpartition(":")[2])
        relays = {
            "tls": Relay(port, names),
            "below": Relay(port, prefix="/dokploy"),
            "belowtls": Relay(port, authority.certificate("web.dokploy.test"), prefix="/dokploy"),
        }
        cases = list(CASES)
        if has_ipv6():
            cases += GOOD_IPV6
            relays["six"] = Relay(port, address="::1")
            relays["sixtls"] = Relay(port, authority.certificate("::1"), address="::1")
            relays["sixother"] = Relay(port, other, address="::1")
        places = {name: stack.enter_context(relay).port for name, relay in relays.items()}
        places["closed"] = stack.enter_context(reserved_port())
        played = run_cases(runs, cases, {**places, "clear": port, "ca": authority.bundle})
        yield Ran(played, simulator, relays)


@pytest.mark.parametrize("case", CASES, ids=ids)
def test_case(case: Case, ran: Ran) -> None:
    assert_case(case, ran.played)


@IPV6
@pytest.mark.parametrize("case", GOOD_IPV6, ids=ids)
def test_case_of_ipv6(case: Case, ran: Ran) -> None:
    assert_case(case, ran.played)


@IPV6
def test_an_address_of_ipv6_has_its_brackets_in_the_request(ran: Ran) -> None:
    hosts = [line for head in ran.relays["six"].heads for line in head.lower().splitlines() if line.startswith("host:")]
    port = ran.relays["six"].port
    assert hosts.count(f"host: [::1]:{port}") == len(PATHS), hosts
    assert f"host: both.dokploy.test:{port}" in hosts


def test_names_of_another_alphabet_are_sent_in_ascii(ran: Ran) -> None:
    relay = ran.relays["tls"]
    assert relay.names.count("xn--bcher-kva.dokploy.test") == len(PATHS)
    assert sum("xn--bcher-kva.dokploy.test" in head for head in relay.heads) == len(PATHS)


def test_the_path_stands_before_the_api(ran: Ran) -> None:
    lines = [head.split()[1] for head in ran.relays["below"].heads]
    assert lines.count("/dokploy/api/project.all") == 2 * len(PATHS)


def test_nothing_shown(ran: Ran) -> None:
    assert_not_shown(ran.played)
    for relay in ran.relays.values():
        assert not any(KEY in head.splitlines()[0] for head in relay.heads)
    for path in PATHS:
        assert "errantly" not in ran.played[path].log
