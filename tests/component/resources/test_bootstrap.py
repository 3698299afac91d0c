# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The first administrator and the first API key, without a key and without a browser."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from ansible_collections.community.dokploy.plugins.module_utils._resources.access.bootstrap import OPERATION
from dokploy_simulator import Simulator
from tests.support.host import Host, judged

ACCOUNT = {"email": "Ops@Example.com", "password": "S3cret-of-ops"}
KEYS = {"administrator_created": True, "api_key_created": True}


@pytest.fixture
def fresh() -> Iterator[Simulator]:
    with Simulator(fresh=True) as sim:
        yield sim


@pytest.fixture
def host(fresh: Simulator) -> Iterator[Host]:
    host = Host(fresh)
    yield host
    host.close()


def works(sim: Simulator, key: str) -> bool:
    response = requests.get(f"{sim.url}/api/project.all", headers={"x-api-key": key}, timeout=120)
    return response.status_code == 200


def names(sim: Simulator) -> list[str]:
    return [row["name"] for row in sim.server.store.api_keys]


def mode(path: Path) -> int:
    return stat.S_IMODE(os.stat(path).st_mode)


def test_a_fresh_server_gets_an_administrator_and_a_key_in_a_private_file(
    fresh: Simulator, host: Host, tmp_path: Path
) -> None:
    file = tmp_path / "key"
    result = host.ok(OPERATION, **ACCOUNT, api_key_file=str(file), last_name="Team")
    assert result["changed"] and result.items() >= KEYS.items() and "api_key" not in result
    (user,) = fresh.server.store.users
    assert (user["email"], user["name"], user["lastName"]) == ("ops@example.com", "Admin", "Team")
    (key,) = fresh.server.store.api_keys
    assert key["rateLimitEnabled"] is False and key["expiresAt"] is None
    assert (result["api_key_id"], result["user_id"]) == (key["id"], user["id"])
    assert mode(file) == 0o600 and works(fresh, file.read_text().strip())

    host.new_task()
    fresh.reset_stats()
    again = host.ok(OPERATION, **ACCOUNT, api_key_file=str(file))
    assert again["changed"] is False and again["api_key_id"] == key["id"]
    assert fresh.calls() == ["user.get"], "it does not sign in"


def test_check_mode_foretells_both_and_writes_nothing(fresh: Simulator, host: Host, tmp_path: Path) -> None:
    file = tmp_path / "key"
    result = host.ok(OPERATION, check=True, **ACCOUNT, api_key_file=str(file), include_secrets=True)
    assert result["changed"] and result.items() >= {**KEYS, "api_key": "(generated)", "user_id": "(generated)"}.items()
    assert not len(fresh.server.store.users) and not file.exists()
    host.ok(OPERATION, **ACCOUNT, include_secrets=True)
    host.new_task()
    later = host.ok(OPERATION, check=True, **ACCOUNT, api_key_name="other", include_secrets=True)
    assert later["administrator_created"] is False and later["api_key_created"] and names(fresh) == ["ansible"]


def test_a_returned_key_is_for_the_next_task(fresh: Simulator, host: Host) -> None:
    key = host.ok(OPERATION, **ACCOUNT, include_secrets=True)["api_key"]
    assert works(fresh, key)
    host.new_task()
    again = host.ok(OPERATION, **ACCOUNT, include_secrets=True)
    assert again["changed"] is False and again["api_key"] is None and again["api_key_created"] is False
    assert again["warnings"] == [
        "API key 'ansible' exists, so that api_key is null. Dokploy shows the value of an API key only when it "
        "creates it."
    ]
    assert works(fresh, key)


def test_an_existing_key_is_replaced_on_request_only(fresh: Simulator, host: Host, tmp_path: Path) -> None:
    old = host.ok(OPERATION, **ACCOUNT, include_secrets=True)["api_key"]
    host.new_task()
    file = tmp_path / "key"
    refused = host.failed(OPERATION, **ACCOUNT, api_key_file=str(file))
    assert "State replace_api_key" in refused["msg"] and works(fresh, old) and not file.exists()
    host.new_task()
    host.ok(OPERATION, **ACCOUNT, api_key_file=str(file), replace_api_key=True)
    assert names(fresh) == ["ansible"] and not works(fresh, old) and works(fresh, file.read_text().strip())


@pytest.mark.parametrize("check", [False, True])
def test_the_key_of_another_server_is_not_overwritten(
    fresh: Simulator, host: Host, tmp_path: Path, check: bool
) -> None:
    """Dokploy does not show it again."""
    file = tmp_path / "key"
    file.write_text("key-of-another-server")
    refused = host.failed(OPERATION, check=check, **ACCOUNT, api_key_file=str(file))
    assert f"api_key_file {file} has a key that this server does not accept" in refused["msg"]
    assert file.read_text() == "key-of-another-server" and not len(fresh.server.store.users)


def test_a_key_that_does_not_work_any_more_is_created_again_on_request(
    fresh: Simulator, host: Host, tmp_path: Path
) -> None:
    file = tmp_path / "key"
    host.ok(OPERATION, **ACCOUNT, api_key_file=str(file))
    (row,) = fresh.server.store.api_keys
    fresh.server.store.drop_key(row)
    host.new_task()
    assert "set replace_api_key" in host.failed(OPERATION, **ACCOUNT, api_key_file=str(file))["msg"]
    host.new_task()
    result = host.ok(OPERATION, **ACCOUNT, api_key_file=str(file), replace_api_key=True)
    assert result["changed"] and result["administrator_created"] is False and works(fresh, file.read_text().strip())


def test_a_file_that_others_may_read_is_closed(fresh: Simulator, host: Host, tmp_path: Path) -> None:
    file = tmp_path / "key"
    host.ok(OPERATION, **ACCOUNT, api_key_file=str(file))
    file.chmod(0o644)
    host.new_task()
    assert host.ok(OPERATION, check=True, **ACCOUNT, api_key_file=str(file))["changed"] and mode(file) == 0o644
    result = host.ok(OPERATION, **ACCOUNT, api_key_file=str(file))
    assert result["changed"] and result["diff"]["before"]["api_key_file"] == "open to others" and mode(file) == 0o600


def test_a_file_with_the_key_of_another_user_is_kept(fresh: Simulator, host: Host, tmp_path: Path) -> None:
    file = tmp_path / "key"
    host.ok(OPERATION, **ACCOUNT, api_key_file=str(file))
    fresh.act(member="dev@example.com", key="k" * 64)
    file.write_text("k" * 64)
    host.new_task()
    refused = host.failed(OPERATION, **ACCOUNT, api_key_file=str(file))
    assert "has a key of dev@example.com, not of Ops@Example.com" in refused["msg"]


def test_a_wrong_password_is_an_error_that_says_so(fresh: Simulator, host: Host) -> None:
    host.ok(OPERATION, **ACCOUNT, include_secrets=True)
    host.new_task()
    refused = host.failed(OPERATION, email="ops@example.com", password="not-the-one", include_secrets=True)
    assert refused["msg"] == (
        "the server refuses to sign in ops@example.com: Invalid email or password. Check email and password."
    )
    assert refused["error"] == {"kind": "authentication", "procedure": "auth/sign-in/email", "status": 401}
    assert refused["changed"] is False


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"email": "ops", "include_secrets": True}, "email: 'ops' is not an email address"),
        ({"api_key_name": "x" * 33, "include_secrets": True}, "api_key_name has 33 characters"),
        ({"password": "short", "include_secrets": True}, "password must have at least 8 characters"),
        ({}, "one of api_key_file and include_secrets is needed"),
        ({"api_key_file": "/nowhere/key"}, "api_key_file /nowhere/key cannot be written"),
    ],
)
def test_what_cannot_work_is_refused_before_anything_is_written(
    fresh: Simulator, host: Host, params: dict[str, Any], message: str
) -> None:
    refused = host.failed(OPERATION, **{**ACCOUNT, **params})
    assert message in refused["msg"] and refused["changed"] is False
    assert not len(fresh.server.store.users)


def test_it_waits_until_the_server_answers(host: Host, fresh: Simulator) -> None:
    fresh.fault("status", "/", status=502, times=3)
    assert host.ok(OPERATION, **ACCOUNT, include_secrets=True)["changed"]
    assert host.progress == [f"{fresh.url}/api does not answer yet"]


def test_a_server_that_never_answers_is_an_error(host: Host, fresh: Simulator) -> None:
    fresh.fault("reset_before", "/", times=1000)
    refused = host.failed(OPERATION, **ACCOUNT, include_secrets=True, wait_timeout=0.1)
    assert refused["error"]["kind"] == "timeout" and "does not answer" in refused["msg"]


@pytest.mark.parametrize("kind", ["reset_before", "reset_after"])
@pytest.mark.parametrize("where", ["/api/auth/sign-up/email", "user.createApiKey"])
def test_a_lost_answer_leaves_one_administrator_and_one_key(
    host: Host, fresh: Simulator, tmp_path: Path, kind: str, where: str
) -> None:
    file = tmp_path / "key"
    fresh.fault(kind, where)
    host.connection["max_retries"] = 2
    result = host.ok(OPERATION, **ACCOUNT, api_key_file=str(file))
    assert result["changed"] and names(fresh) == ["ansible"] and works(fresh, file.read_text().strip())
    assert len(fresh.server.store.users) == len(fresh.server.store.organizations) == 1


def test_an_account_without_an_organization_yet_is_waited_for(fresh: Simulator, host: Host) -> None:
    # The answer of the sign-up was lost, or took too long: Dokploy makes the organization some time after the account.
    fresh.fault("empty", "user.get", times=3)
    assert host.ok(OPERATION, **ACCOUNT, include_secrets=True)["api_key"]
    assert host.progress == [f"{fresh.url}/api still sets up the account Ops@Example.com"]
    host.new_task()
    fresh.fault("empty", "user.get", times=1000)
    refused = host.failed(OPERATION, **ACCOUNT, include_secrets=True, wait_timeout=0.1)
    assert refused["error"]["kind"] == "timeout" and "Ops@Example.com has no organization" in refused["msg"]


def test_a_limit_of_sign_ins_is_waited_for(fresh: Simulator, host: Host) -> None:
    fresh.config(sign_in_seconds=0.5)
    host.ok(OPERATION, **ACCOUNT, include_secrets=True)
    for _time in range(3):
        requests.post(f"{fresh.url}/api/auth/sign-in/email", json=ACCOUNT, timeout=120)
    host.new_task()
    assert host.ok(OPERATION, **ACCOUNT, include_secrets=True)["api_key"] is None


def test_another_redirect_is_an_error_with_the_address(host: Host, fresh: Simulator) -> None:
    fresh.fault("redirect", "/", url="https://dokploy.example.com/", times=10)
    refused = host.failed(OPERATION, **ACCOUNT, include_secrets=True)
    assert refused["error"]["kind"] == "redirect" and "https://dokploy.example.com" in refused["msg"]


def test_an_api_key_is_no_option() -> None:
    problem = judged(OPERATION, {"dokploy_url": "http://x", "dokploy_api_key": "k", **ACCOUNT})
    assert isinstance(problem, str) and problem.startswith("Unsupported parameters")


# --- the tour of the web interface -----------------------------------------------------------------------------------


def toured(sim: Simulator) -> bool:
    """Whether the web interface has no tour ahead for the only user."""
    (user,) = sim.server.store.users
    return user["id"] in sim.server.store.onboarded


@pytest.mark.parametrize("version", ["0.30.2", "0.30.5"])
def test_the_tour_ends_with_the_first_run(fresh: Simulator, host: Host, tmp_path: Path, version: str) -> None:
    fresh.config(version=version)
    options = {**ACCOUNT, "api_key_file": str(tmp_path / "key"), "complete_onboarding": True}
    assert host.ok(OPERATION, check=True, **options)["onboarding_completed"] is None
    result = host.ok(OPERATION, **options)
    assert result["onboarding_completed"] == toured(fresh) == (version == "0.30.5")
    assert "onboarding" not in result["diff"]["after"]
    host.new_task()
    again = host.ok(OPERATION, **options)
    assert not again["changed"] and again["onboarding_completed"] is False


def test_the_tour_ends_for_an_administrator_that_exists(fresh: Simulator, host: Host, tmp_path: Path) -> None:
    options = {**ACCOUNT, "api_key_file": str(tmp_path / "key")}
    assert "onboarding_completed" not in host.ok(OPERATION, **options) and not toured(fresh)
    host.new_task()
    foretold = host.ok(OPERATION, check=True, **options, complete_onboarding=True)
    assert foretold["changed"] and not toured(fresh)
    host.new_task()
    result = host.ok(OPERATION, **options, complete_onboarding=True)
    assert result["changed"] and result["diff"] == foretold["diff"] and toured(fresh)
    assert (result["diff"]["before"]["onboarding"], result["diff"]["after"]["onboarding"]) == ("to do", "completed")
    host.new_task()
    again = host.ok(OPERATION, **options, complete_onboarding=True)
    assert not again["changed"] and "onboarding" not in again["diff"]["after"]


def test_a_server_whose_web_interface_has_another_tour(fresh: Simulator, host: Host, tmp_path: Path) -> None:
    fresh.fault("status", "project.onboardingStatus", status=200, body={"phase": "done"})
    options = {**ACCOUNT, "api_key_file": str(tmp_path / "key")}
    assert host.ok(OPERATION, **options, complete_onboarding=True)["onboarding_completed"] is False
    assert not toured(fresh)
