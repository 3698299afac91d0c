# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""DNS providers: their life, masked secrets, duplicate names, and the test of the connection."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._resources.infrastructure.dns_provider import (
    INFO_OPERATION,
    OPERATION,
)
from tests.support.host import Host

SECRET, MASK = "canary-secret-of-the-zone", "********"
NEW: dict[str, dict[str, Any]] = {
    "cloudflare": {"api_token": SECRET},
    "route53": {"access_key_id": "AKIA-canary", "secret_access_key": SECRET},
    "porkbun": {"api_key": "AKIA-canary", "secret_api_key": SECRET},
    "infomaniak": {"api_token": SECRET},
    "ovh": {"application_key": "AKIA-canary", "application_secret": SECRET, "consumer_key": f"consumer of {SECRET}"},
}
# The part of a login that Dokploy shows.
READABLE = {"route53": "access_key_id", "porkbun": "api_key", "ovh": "application_key"}
# What only later releases have.
FIRST = {"porkbun": ("0.30.2", "0.30.5"), "infomaniak": ("0.30.5", "0.30.6"), "ovh": ("0.30.5", "0.30.6")}
each = pytest.mark.parametrize("kind", sorted(NEW))


def rows(host: Host) -> list[dict[str, Any]]:
    """What the server holds, without masks."""
    return [dict(row) for row in host.sim.server.store.dns_providers]


def make(host: Host, kind: str, **more: Any) -> dict[str, Any]:
    host.new_task()
    return host.ok(OPERATION, name="main", **{kind: NEW[kind]}, **more)


@each
def test_its_life(host: Host, kind: str) -> None:
    predicted = host.ok(OPERATION, check=True, name="main", **{kind: NEW[kind]})
    assert rows(host) == []
    made = make(host, kind, test_connection=True)
    assert made["changed"] and made["diff"] == predicted["diff"] and SECRET not in str(made)
    assert made["dns_provider"]["type"] == kind and "AKIA" not in str(made)
    assert not make(host, kind)["changed"]
    (before,) = rows(host)
    host.new_task()
    # The update carries the mask, which stands for the stored secret.
    host.ok(OPERATION, dns_provider_id=before["dnsProviderId"], name="renamed")
    assert rows(host) == [{**before, "name": "renamed"}]
    host.new_task()
    assert host.ok(OPERATION, name="renamed", state="absent")["changed"] and rows(host) == []
    assert not host.ok(OPERATION, name="renamed", state="absent")["changed"]


@each
def test_a_secret_is_written_on_request(host: Host, kind: str) -> None:
    make(host, kind)
    name = next(name for name, value in NEW[kind].items() if value == SECRET)
    host.new_task()
    assert not host.ok(OPERATION, name="main", **{kind: {name: "another"}})["changed"]
    host.new_task()
    assert host.ok(OPERATION, name="main", **{kind: {name: "another"}}, update_secrets="always")["changed"]
    assert "another" in rows(host)[0]["config"].values()
    assert host.failed(OPERATION, name="new", **{kind: {**NEW[kind], name: MASK}})["error"]["kind"] == "option"


@pytest.mark.parametrize("kind", sorted(READABLE))
def test_the_readable_part_of_a_login_is_compared(host: Host, kind: str) -> None:
    """Dokploy takes the blanks around it."""
    name = READABLE[kind]
    make(host, kind)
    (before,) = rows(host)
    host.new_task()
    assert not host.ok(OPERATION, name="main", **{kind: {name: " AKIA-canary\n"}})["changed"]
    result = host.ok(OPERATION, name="main", **{kind: {name: " another "}})
    assert result["diff"]["after"] == {kind: {name: "(hidden) new"}}
    (after,) = rows(host)
    changed = {key: value for key, value in after["config"].items() if before["config"][key] != value}
    assert list(changed.values()) == ["another"] and SECRET in str(after)
    (shown,) = host.ok(INFO_OPERATION, include_secrets=True)["dns_providers"]
    assert shown[kind][name] == "another" and SECRET not in str(shown)


def test_the_endpoint_of_ovh(host: Host) -> None:
    assert make(host, "ovh")["dns_provider"]["ovh"] == {"endpoint": "ovh-eu"}
    host.new_task()
    assert not host.ok(OPERATION, name="main", ovh={"endpoint": "ovh-eu"})["changed"]
    assert host.ok(OPERATION, name="main", ovh={"endpoint": "soyoustart-ca"})["diff"]["after"] == {
        "ovh": {"endpoint": "soyoustart-ca"}
    }
    host.new_task()
    # What is not stated stays.
    assert not make(host, "ovh")["changed"] and rows(host)[0]["config"]["endpoint"] == "soyoustart-ca"


@pytest.mark.parametrize("kind", sorted(FIRST))
def test_an_older_server_lacks_a_kind(host: Host, kind: str) -> None:
    server, first = FIRST[kind]
    host.sim.config(version=server)
    for check in (True, False):
        result = host.failed(OPERATION, check=check, name="main", **{kind: NEW[kind]}, test_connection=True)
        assert result["msg"].partition(f"{kind} DNS provider ")[2].startswith(f"needs Dokploy {first} or newer")
        assert result["error"]["kind"] == "refused" and host.sim.calls("mutation") == []
    host.sim.config(version=first)
    host.new_task()
    assert make(host, kind)["changed"]


def test_a_taken_name_is_found_before_it_is_sent(host: Host) -> None:
    make(host, "cloudflare")
    other = host.ok(OPERATION, name="other", route53=NEW["route53"])["dns_provider"]["dns_provider_id"]
    host.new_task()
    host.sim.reset_stats()
    result = host.failed(OPERATION, dns_provider_id=other, name="main")
    assert result["msg"].startswith("name: another DNS provider is named 'main'")
    assert host.sim.calls("mutation") == []


@each
def test_a_wrong_secret_is_not_stored(host: Host, kind: str) -> None:
    secrets = {name: f"wrong {value}" for name, value in NEW[kind].items() if SECRET in value}
    result = host.failed(OPERATION, name="main", **{kind: {**NEW[kind], **secrets}}, test_connection=True)
    assert "nvalid" in result["msg"] and SECRET not in str(result) and rows(host) == []
    assert "AKIA" not in str(result)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({}, "one of cloudflare, route53, porkbun, infomaniak, ovh is needed to create the DNS provider 'main'"),
        ({"cloudflare": {}}, "cloudflare.api_token is needed"),
        ({"cloudflare": NEW["cloudflare"], "name": "a b"}, "name: 'a b' may hold only letters"),
    ],
)
def test_bad_input_writes_nothing(host: Host, params: dict[str, Any], message: str) -> None:
    assert host.failed(OPERATION, **{"name": "main", **params})["msg"].startswith(message)
    assert rows(host) == [] and host.sim.calls("mutation") == []
