# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Vault providers: their life, masked secrets, duplicate names, assignments, and the test of the connection."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._resources.infrastructure.vault_provider import (
    INFO_OPERATION,
    KINDS,
    OPERATION,
)
from tests.support.host import Host

SECRET, MASK = "canary-secret-of-the-vault", "********"
NEW: dict[str, dict[str, Any]] = {
    "aws": {"region": "eu-central-1", "access_key_id": "AKIA-canary", "secret_access_key": SECRET},
    "aws_parameter_store": {
        "region": "eu-central-1",
        "access_key_id": "AKIA-canary",
        "secret_access_key": SECRET,
        "path": "/shop/production",
    },
    "azure": {
        "vault_uri": "https://acme.vault.example.com",
        "tenant_id": "t",
        "client_id": "c",
        "client_secret": SECRET,
    },
    "doppler": {"service_token": SECRET, "project": "shop", "config": "prd"},
    "hashicorp": {"url": "https://vault.example.com", "token": SECRET, "namespace": "team"},
    "infisical": {"client_id": "c", "client_secret": SECRET, "project_id": "p", "environment_slug": "prod"},
    "phase": {"token": SECRET, "app_id": "a", "environment": "production", "path": "/backend"},
    "scaleway": {"project_id": "p", "secret_key": SECRET},
}
each = pytest.mark.parametrize("kind", sorted(NEW))
HASHICORP = {"name": "main", "hashicorp": NEW["hashicorp"]}


def rows(host: Host) -> list[dict[str, Any]]:
    """What the server holds, without masks."""
    return [dict(row) for row in host.sim.server.store.vault_providers]


def make(host: Host, kind: str = "hashicorp", **more: Any) -> dict[str, Any]:
    host.new_task()
    return host.ok(OPERATION, name="main", **{kind: NEW[kind]}, **more)


def secret_of(kind: str) -> str:
    return next(name for name, value in NEW[kind].items() if value == SECRET)


def project(host: Host, name: str = "shop") -> tuple[str, str]:
    made = host.call("project.create", name=name)
    return made["project"]["projectId"], made["environment"]["environmentId"]


def test_every_kind_of_the_server_is_managed() -> None:
    assert sorted(NEW) == sorted(kind.kind for kind in KINDS)


@each
def test_its_life(host: Host, kind: str) -> None:
    predicted = host.ok(OPERATION, check=True, name="main", **{kind: NEW[kind]})
    assert rows(host) == []
    made = make(host, kind)
    assert made["changed"] and made["diff"] == predicted["diff"] and SECRET not in str(made)
    shown = made["vault_provider"]
    assert (shown["type"], shown["vault_provider_id"]) == (kind, rows(host)[0]["vaultProviderId"])
    assert secret_of(kind) not in shown[kind]
    assert not make(host, kind)["changed"]
    gone = host.ok(OPERATION, name="main", state="absent")
    assert gone["changed"] and rows(host) == []
    assert not host.ok(OPERATION, name="main", state="absent")["changed"]


@each
def test_the_stored_secret_survives_an_update(host: Host, kind: str) -> None:
    """The update carries the mask, which stands for it."""
    made = make(host, kind)["vault_provider"]["vault_provider_id"]
    (before,) = rows(host)
    host.new_task()
    assert host.ok(OPERATION, vault_provider_id=made, name="renamed")["diff"]["after"] == {"name": "renamed"}
    assert rows(host) == [{**before, "name": "renamed"}]


@each
def test_a_secret_is_written_on_request(host: Host, kind: str) -> None:
    make(host, kind)
    other = {secret_of(kind): "another " + SECRET}
    host.new_task()
    assert not host.ok(OPERATION, name="main", **{kind: other})["changed"]
    host.new_task()
    result = host.ok(OPERATION, name="main", **{kind: other}, update_secrets="always")
    assert result["changed"] and SECRET not in str(result)
    assert "another " + SECRET in rows(host)[0]["config"].values()


@each
def test_the_mask_is_never_stored(host: Host, kind: str) -> None:
    result = host.failed(OPERATION, name="main", **{kind: {**NEW[kind], secret_of(kind): MASK}})
    assert result["msg"].startswith(f"{kind}.{secret_of(kind)}: its value is the mask that Dokploy shows")
    assert rows(host) == []


def test_optional_settings_are_cleared_and_kept(host: Host) -> None:
    make(host)
    host.new_task()
    host.ok(OPERATION, name="main", hashicorp={"mount": "kv"})
    assert rows(host)[0]["config"]["namespace"] == "team"
    host.new_task()
    assert host.ok(OPERATION, name="main", hashicorp={"namespace": ""})["changed"]
    assert "namespace" not in rows(host)[0]["config"] and rows(host)[0]["config"]["mount"] == "kv"


def test_a_taken_name_is_found_before_it_is_sent(host: Host) -> None:
    """The server answers with all secrets in clear."""
    make(host)
    other = host.ok(OPERATION, name="other", doppler=NEW["doppler"])["vault_provider"]["vault_provider_id"]
    host.new_task()
    host.sim.reset_stats()
    result = host.failed(OPERATION, vault_provider_id=other, name="main")
    assert result["msg"].startswith("name: another vault provider is named 'main'")
    assert host.sim.calls("mutation") == []


def test_another_run_that_takes_the_name_shows_no_secret(host: Host) -> None:
    theirs = {"config": {"providerType": "hashicorp", "url": "https://v.example.com", "token": "theirs"}}
    call = {"call": "vaultProvider.create", "input": {"name": "main", "assignments": [], **theirs}}
    host.sim.hold("vaultProvider.create", act=[call])
    result = host.run(OPERATION, **HASHICORP)
    assert SECRET not in str(result) and len(rows(host)) == 1


# --- assignments -----------------------------------------------------------------------------------------------------


def test_projects_and_environments_are_assigned_by_their_names(host: Host) -> None:
    shop, production = project(host)
    project(host, "blog")
    host.call("environment.create", projectId=shop, name="staging")
    assigned = [{"project": "shop", "environments": ["production"]}, {"project": "blog"}]
    made = make(host, assignments=assigned)
    stored = rows(host)[0]["assignments"]
    assert stored[0] == {"projectId": shop, "environmentIds": [production]}
    assert stored[1]["environmentIds"] == []
    assert made["diff"]["after"]["assignments"] == assigned
    assert not make(host, assignments=list(reversed(assigned)))["changed"]
    host.new_task()
    assert host.ok(OPERATION, name="main", assignments=[])["changed"] and rows(host)[0]["assignments"] == []


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        ({"project": "nope"}, "assignments.project: no project is named 'nope'"),
        ({"project": "shop", "environments": ["nope"]}, "assignments.environments: no environment is named 'nope'"),
    ],
)
def test_an_unknown_assignment_is_refused(host: Host, assignment: dict[str, Any], message: str) -> None:
    project(host)
    assert host.failed(OPERATION, **HASHICORP, assignments=[assignment])["msg"].startswith(message)
    assert rows(host) == []


def test_assignments_to_what_is_gone_are_left_out_of_an_update(host: Host) -> None:
    gone, _environment = project(host, "old")
    shop, production = project(host)
    make(host, assignments=[{"project": "old"}, {"project": "shop", "environments": ["production"]}])
    host.call("project.remove", projectId=gone)
    host.new_task()
    result = host.ok(OPERATION, name="main", hashicorp={"mount": "kv"})
    assert result["diff"]["after"]["hashicorp"] == {"mount": "kv"}
    assert rows(host)[0]["assignments"] == [{"projectId": shop, "environmentIds": [production]}]


# --- the test of the connection --------------------------------------------------------------------------------------


@each
def test_the_connection_is_tested_before_anything_is_written(host: Host, kind: str) -> None:
    wrong = {**NEW[kind], secret_of(kind): "wrong " + SECRET}
    result = host.failed(OPERATION, name="main", **{kind: wrong}, test_connection=True)
    assert result["msg"].startswith("test_connection: the vault provider does not accept it")
    assert not result["changed"] and rows(host) == [] and SECRET not in str(result)
    assert make(host, kind, test_connection=True)["changed"]
    # The stored secret is tested.
    host.new_task()
    host.sim.reset_stats()
    assert not host.ok(OPERATION, name="main", test_connection=True)["changed"]
    assert host.sim.calls("mutation") == ["vaultProvider.testConnection"]


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"name": "a b"}, "name: 'a b' may hold only letters"),
        ({"name": "x" * 65}, "name has 65 characters"),
        ({"hashicorp": {"url": "vault.example.com", "token": "t"}}, "hashicorp.url: 'vault.example.com' is not a URL"),
        ({"hashicorp": {"url": "https://vault.example.com"}}, "hashicorp.token is needed"),
        ({"hashicorp": {**NEW["hashicorp"], "mount": ""}}, "hashicorp.mount must not be empty"),
        (
            {"hashicorp": None, "aws_parameter_store": {**NEW["aws_parameter_store"], "path": "shop"}},
            "aws_parameter_store.path: 'shop' does not begin with a slash",
        ),
    ],
)
def test_bad_input_writes_nothing(host: Host, params: dict[str, Any], message: str) -> None:
    assert host.failed(OPERATION, **{**HASHICORP, **params})["msg"].startswith(message)
    assert rows(host) == [] and host.sim.calls("mutation") == []


def test_an_older_server_has_none(host: Host) -> None:
    host.sim.config(version="0.29.14")
    result = host.failed(OPERATION, **HASHICORP)
    assert result["msg"].startswith("A vault provider needs Dokploy 0.30.0 or newer")
    assert host.failed(INFO_OPERATION)["error"]["kind"] == "refused"


@pytest.mark.parametrize(
    ("kind", "server", "first"), [("phase", "0.30.2", "0.30.5"), ("aws_parameter_store", "0.30.5", "0.30.6")]
)
def test_an_older_server_lacks_a_kind(host: Host, kind: str, server: str, first: str) -> None:
    host.sim.config(version=server)
    for check in (True, False):
        params = {"name": "main", kind: NEW[kind], "test_connection": True}
        result = host.failed(OPERATION, check=check, **params)
        assert result["msg"].partition(" vault provider ")[2].startswith(f"needs Dokploy {first} or newer")
        assert result["error"]["kind"] == "refused" and host.sim.calls("mutation") == []
    assert make(host)["changed"]


def test_all_kinds_are_listed(host: Host) -> None:
    make(host)
    host.ok(OPERATION, name="other", doppler=NEW["doppler"])
    host.new_task()
    listed = host.ok(INFO_OPERATION)["vault_providers"]
    assert [(row["name"], row["type"]) for row in listed] == [("main", "hashicorp"), ("other", "doppler")]
    (shown,) = host.ok(INFO_OPERATION, type="doppler", include_secrets=True)["vault_providers"]
    assert SECRET not in str(shown)
