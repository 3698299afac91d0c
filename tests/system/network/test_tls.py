# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""TLS in front of Dokploy: which certificates are trusted, and the hints for those that are not."""

from __future__ import annotations

import contextlib
import datetime
import ssl
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
from tests.system.network.servers import Relay
from tools.certificates import Authority

NAME = "dokploy.example.dokploy.test"
TRUST = ("ca_path", "validate_certs")
HERE = "https://127.0.0.1:{ip}"
UNTRUSTED = ("certificate of", "does not verify")
WARNING = "TLS certificate verification is disabled"

CASES = [
    fails("not trusted", HERE, *UNTRUSTED, *TRUST),
    fails("not trusted, by name", "https://{name}:{named}", *UNTRUSTED, *TRUST),
    ok("ca_path", HERE, ca_path="{ca}"),
    ok("ca_path, by name", "https://{name}:{named}", ca_path="{ca}"),
    ok("ca_path in the task's environment", HERE, {"DOKPLOY_CA_PATH": "{ca}"}),
    ok("ca_path with several", HERE, ca_path="{both}"),
    ok("ca_path, relative to the home folder", HERE, {"HOME": "{folder}"}, ca_path="~/ca.pem"),
    ok("ca_path is a prepared folder", HERE, ca_path="{hashed}"),
    fails("ca_path is a folder that is not prepared", HERE, *UNTRUSTED, "c_rehash", ca_path="{plain}"),
    fails("ca_path is of another authority", HERE, *UNTRUSTED, "ca_path", ca_path="{other}"),
    fails("ca_path is missing", HERE, "ca_path does not exist", "no.pem", ca_path="{folder}/no.pem"),
    fails("ca_path is empty", HERE, "ca_path", "no certificate", ca_path="{empty}"),
    fails("ca_path is no certificate", HERE, "ca_path", "no certificate", ca_path="{text}"),
    fails("ca_path is a broken certificate", HERE, "ca_path", "no certificate", ca_path="{broken}"),
    fails("ca_path is a device", HERE, "ca_path", "no certificate", ca_path="/dev/null"),
    ok("REQUESTS_CA_BUNDLE", HERE, {"REQUESTS_CA_BUNDLE": "{ca}"}),
    ok("CURL_CA_BUNDLE", HERE, {"CURL_CA_BUNDLE": "{ca}"}),
    fails("SSL_CERT_FILE is for others", HERE, *UNTRUSTED, env={"SSL_CERT_FILE": "{ca}"}),
    ok("an empty DOKPLOY_CA_PATH", HERE, {"DOKPLOY_CA_PATH": "", "REQUESTS_CA_BUNDLE": "{ca}"}),
    fails("REQUESTS_CA_BUNDLE is missing", HERE, "REQUESTS_CA_BUNDLE", env={"REQUESTS_CA_BUNDLE": "/no.pem"}),
    ok("ca_path before the environment", HERE, {"REQUESTS_CA_BUNDLE": "{other}"}, ca_path="{ca}"),
    fails("ca_path alone counts", HERE, *UNTRUSTED, env={"REQUESTS_CA_BUNDLE": "{ca}"}, ca_path="{other}"),
    ok("unverified", HERE, validate_certs=False),
    ok("unverified, another name", "https://localhost:{named}", validate_certs=False),
    ok("unverified, too old", "https://127.0.0.1:{old}", validate_certs=False),
    ok("unverified in spite of the environment", HERE, {"REQUESTS_CA_BUNDLE": "{other}"}, validate_certs=False),
    ok("unverified by the environment", HERE, {"DOKPLOY_VALIDATE_CERTS": "false"}),
    ok("unverified, ca_path is missing", HERE, ca_path="/no.pem", validate_certs=False),
    Case("unverified, in a loop", {"dokploy_url": HERE, "validate_certs": False}, loop=3),
    ok("nothing to verify", "http://127.0.0.1:{clear}", validate_certs=False),
    fails("another name", "https://localhost:{named}", *UNTRUSTED, "dokploy_url", "another name", ca_path="{ca}"),
    fails("another address", "https://127.0.0.1:{named}", *UNTRUSTED, "dokploy_url", "another name", ca_path="{ca}"),
    fails("another name and another authority", "https://localhost:{named}", *UNTRUSTED),
    fails("expired", "https://127.0.0.1:{old}", *UNTRUSTED, "expired", "renew", ca_path="{ca}"),
    fails("not yet valid", "https://127.0.0.1:{new}", *UNTRUSTED, "not yet valid", "clock", ca_path="{ca}"),
    fails("TLS 1.1 at most", "https://127.0.0.1:{tls11}", "no TLS connection", "TLS 1.2", ca_path="{ca}"),
    ok("TLS 1.2 at most", "https://127.0.0.1:{tls12}", ca_path="{ca}"),
    fails("https to a port that speaks http", "https://127.0.0.1:{clear}", "no TLS connection", "http://"),
    fails("http to a port that speaks https", "http://127.0.0.1:{ip}", "https://"),
    Case(
        "a write",
        {"dokploy_url": HERE, "name": "never created"},
        contains=UNTRUSTED,
        module="dokploy_project",
    ),
]  # fmt: skip


@dataclass
class Ran:
    played: dict[str, PathResult]
    simulator: Simulator
    relays: dict[str, Relay]


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ran]:
    runs = private_folder(tmp_path_factory, "tls")
    folder = runs.parent
    authority, other = Authority(folder, "ca"), Authority(folder, "other")
    (folder / "both.pem").write_bytes(other.bundle.read_bytes() + authority.bundle.read_bytes())
    (folder / "plain").mkdir()
    (folder / "plain/ca.pem").write_bytes(authority.bundle.read_bytes())
    (folder / "empty.pem").touch()
    (folder / "text.pem").write_text("no certificate at all\n")
    (folder / "broken.pem").write_text("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n")
    hashed = authority.hashed_folder()
    now, day = datetime.datetime(2026, 1, 1), datetime.timedelta(days=1)
    contexts = {
        "ip": authority.certificate("127.0.0.1"),
        "named": authority.certificate(NAME),
        "old": authority.certificate("127.0.0.1", last=now - 365 * day),
        "new": authority.certificate("127.0.0.1", first=now + 36500 // 2 * day),
        "tls11": authority.certificate("127.0.0.1"),
        "tls12": authority.certificate("127.0.0.1"),
    }
    contexts["tls11"].set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning):
        contexts["tls11"].minimum_version = ssl.TLSVersion.TLSv1
        contexts["tls11"].maximum_version = ssl.TLSVersion.TLSv1_1
    contexts["tls12"].maximum_version = ssl.TLSVersion.TLSv1_2
    with contextlib.ExitStack() as stack:
        simulator = stack.enter_context(Simulator(KEY))
        port = int(simulator.url.rpartition(":")[2])
        relays = {name: stack.enter_context(Relay(port, context)) for name, context in contexts.items()}
        places = {
            **{name: relay.port for name, relay in relays.items()},
            "clear": port,
            "name": NAME,
            "folder": folder,
            "ca": authority.bundle,
            "other": other.bundle,
            "hashed": hashed or authority.bundle,
            "plain": folder / "plain",
            **{name: folder / f"{name}.pem" for name in ("both", "empty", "text", "broken")},
        }
        played = run_cases(runs, CASES, places)
        yield Ran(played, simulator, relays)


@pytest.mark.parametrize("case", CASES, ids=ids)
def test_case(case: Case, ran: Ran) -> None:
    assert_case(case, ran.played)


def test_nothing_is_sent_to_whom_is_not_trusted(ran: Ran) -> None:
    # Of the write, and of all reads that failed, not even a request line came through.
    assert "project.create" not in ran.simulator.calls()
    for name in ("old", "new", "tls11"):
        heads = ran.relays[name].heads
        assert len(heads) == (len(PATHS) if name == "old" else 0), heads  # the one that was not to be verified


def test_the_name_is_asked_for_and_an_address_is_not(ran: Ran) -> None:
    asked = ran.relays["named"].names
    assert {NAME, "localhost", None} == set(asked), asked
    assert set(ran.relays["ip"].names) == {None}


def test_what_is_not_verified_is_warned_of_once_a_task(ran: Ran) -> None:
    unverified = [case for case in CASES if case.name.startswith("unverified")]
    for path in PATHS:
        for case in CASES:
            warned = [row.get("warnings", []) for row in ran.played[path].rows[case.name]]
            expected = 1 if case in unverified else 0
            assert all(sum(WARNING in text for text in one) == expected for one in warned), (path, case.name, warned)
        # Ansible shows the same warning once for all items.
        assert ran.played[path].log.count("[WARNING]: " + WARNING) == 1
        # A warning of a library would appear as a problem of the worker, or not at all.
        assert "Unverified HTTPS" not in ran.played[path].log
        assert "errantly" not in ran.played[path].log


def test_the_key_is_nowhere(ran: Ran) -> None:
    assert_not_shown(ran.played)
    for relay in ran.relays.values():
        assert not any(KEY in head.splitlines()[0] for head in relay.heads)
        assert all(f"x-api-key: {KEY}" in head for head in relay.heads)
