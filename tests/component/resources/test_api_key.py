# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""API keys: always with an explicit limit policy, and never created again silently."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest
import requests

from ansible_collections.community.dokploy.plugins.module_utils._resources.access.api_key import (
    INFO_OPERATION,
    OPERATION,
)
from dokploy_simulator import Simulator
from tests.support.host import Host


def works(sim: Simulator, key: str) -> bool:
    response = requests.get(f"{sim.url}/api/project.all", headers={"x-api-key": key}, timeout=120)
    return response.status_code == 200


def names(sim: Simulator) -> list[str]:
    return [row["name"] for row in sim.server.store.api_keys]


def test_a_key_without_options_is_not_limited(sim: Simulator, host: Host) -> None:
    predicted = host.ok(OPERATION, check=True, name="ci", include_secrets=True)
    assert predicted["changed"] and names(sim) == ["admin"] and predicted["api_key"]["api_key_id"] == "(generated)"
    made = host.ok(OPERATION, name="ci", include_secrets=True)
    assert made["diff"] == predicted["diff"]
    for _call in range(8):
        assert works(sim, made["api_key"]["key"])
    assert made["api_key"]["rate_limit"] is None and made["api_key"]["expires_at"] is None
    host.new_task()
    again = host.ok(OPERATION, name="ci", include_secrets=True)
    assert again["changed"] is False and again["api_key"] == {**made["api_key"], "key": None}
    assert names(sim) == ["admin", "ci"]


def test_all_limits(sim: Simulator, host: Host) -> None:
    limits = {"rate_limit": 100, "rate_limit_window": 60, "refill_amount": 50, "refill_interval": 3600, "prefix": "ci_"}
    made = host.ok(OPERATION, name="ci", **limits, remaining=50, expires_in_days=30, include_secrets=True)["api_key"]
    assert made.items() >= {**limits, "remaining": 50}.items() and made["key"].startswith("ci_")
    row = sim.server.store.api_keys.rows[made["api_key_id"]]
    assert (row["rateLimitEnabled"], row["rateLimitTimeWindow"], row["refillInterval"]) == (True, 60_000, 3_600_000)
    assert made["expires_at"] is not None
    works(sim, made["key"])
    host.new_task()
    assert host.ok(OPERATION, name="ci", **limits, remaining=50, expires_in_days=30)["changed"] is False


def test_keys_are_listed_without_what_they_are(host: Host) -> None:
    made = host.ok(OPERATION, name="ci", rate_limit=100, rate_limit_window=60, include_secrets=True)["api_key"]
    for asked in ({"name": "ci"}, {"api_key_id": made["api_key_id"]}):
        (shown,) = host.ok(INFO_OPERATION, **asked)["api_keys"]
        assert {**shown, "key": made["key"]} == made and made["key"] not in str(shown)
    assert host.ok(INFO_OPERATION, name="other")["api_keys"] == []


def test_a_change_needs_another_key(sim: Simulator, host: Host) -> None:
    old = host.ok(OPERATION, name="ci", include_secrets=True)["api_key"]["key"]
    host.new_task()
    refused = host.failed(OPERATION, name="ci", rate_limit=5, rate_limit_window=60, include_secrets=True)
    assert "rate_limit and rate_limit_window cannot be changed" in refused["msg"] and works(sim, old)
    host.new_task()
    new = host.ok(OPERATION, name="ci", rate_limit=5, rate_limit_window=60, replace=True, include_secrets=True)
    assert names(sim) == ["admin", "ci"] and not works(sim, old) and works(sim, new["api_key"]["key"])


def test_what_is_not_stated_is_kept_by_another_key(sim: Simulator, host: Host) -> None:
    limits = {"rate_limit": 100, "rate_limit_window": 60, "refill_amount": 50, "refill_interval": 3600}
    stated = {"remaining": 50, "expires_in_days": 30}
    host.ok(OPERATION, name="ci", **limits, **stated, include_secrets=True)
    host.new_task()
    anew = {"name": "ci", "rate_limit": 5, "replace": True, "include_secrets": True}
    for option in stated:
        others = {name: value for name, value in stated.items() if name != option}
        refused = host.failed(OPERATION, **anew, **others)["msg"]
        assert refused.startswith(f"{option} is needed to replace the API key") and names(sim) == ["admin", "ci"]
    shown = host.ok(OPERATION, **anew, **stated)["api_key"]
    assert shown.items() >= {**limits, "rate_limit": 5, "remaining": 50}.items() and shown["expires_at"]


def test_of_a_replacement_without_an_answer_both_keys_stay(sim: Simulator, host: Host) -> None:
    old = host.ok(OPERATION, name="ci", include_secrets=True)["api_key"]
    anew = {"name": "ci", "rate_limit": 5, "rate_limit_window": 60, "replace": True, "include_secrets": True}
    host.new_task()
    sim.fault("status", "user.createApiKey", status=503, after=True)
    failed = host.failed(OPERATION, **anew)
    assert "user.createApiKey" in failed["msg"] and "whether it took effect is unknown" in failed["msg"]
    assert failed["changed"] and works(sim, old["key"])
    host.new_task()
    # Nobody knows which of them is in use.
    refused = host.failed(OPERATION, **anew)
    ids = [row["id"] for row in sim.server.store.api_keys if row["name"] == "ci"]
    assert len(ids) == 2 and all(one in refused["msg"] for one in ids)
    (unknown,) = set(ids) - {old["api_key_id"]}
    host.new_task()
    host.ok(OPERATION, api_key_id=unknown, state="absent")
    host.new_task()
    assert host.ok(OPERATION, **anew)["changed"] and names(sim) == ["admin", "ci"] and not works(sim, old["key"])


def test_the_key_of_the_module_itself_can_be_replaced(sim: Simulator, host: Host, tmp_path: Path) -> None:
    file = tmp_path / "key"
    old = host.connection["dokploy_api_key"]
    assert host.ok(OPERATION, name="admin", prefix="own_", replace=True, api_key_file=str(file))["changed"]
    assert not works(sim, old) and works(sim, file.read_text().strip())


def test_a_key_of_another_organization_stays_with_a_warning(sim: Simulator, host: Host) -> None:
    host.call("organization.create", name="other")
    host.ok(OPERATION, name="ci", organization="other", include_secrets=True)
    host.new_task()
    kept = host.ok(OPERATION, name="ci", state="absent")
    assert kept["changed"] is False and names(sim) == ["admin", "ci"]
    assert kept["warnings"] == [
        "An API key 'ci' of another organization stays: 'other'. State organization, or api_key_id, to remove it."
    ]
    gone = host.ok(OPERATION, name="ci", organization="other", state="absent")
    assert gone["changed"] and "warnings" not in gone and names(sim) == ["admin"]


def test_a_file_keeps_the_key(sim: Simulator, host: Host, tmp_path: Path) -> None:
    file = tmp_path / "key"
    for changed in (True, False):
        result = host.ok(OPERATION, name="ci", api_key_file=str(file), replace=True)
        assert result["changed"] is changed and "key" not in result["api_key"]
        host.new_task()
    assert works(sim, file.read_text().strip()) and stat.S_IMODE(file.stat().st_mode) == 0o600
    file.write_text("another\n")
    assert "does not have its value" in host.failed(OPERATION, name="ci", api_key_file=str(file))["msg"]
    host.new_task()
    assert host.ok(OPERATION, name="ci", api_key_file=str(file), replace=True)["changed"]
    assert names(sim) == ["admin", "ci"] and works(sim, file.read_text().strip())


def test_a_file_that_others_may_read_is_closed(host: Host, tmp_path: Path) -> None:
    file = tmp_path / "key"
    stated = {"name": "ci", "api_key_file": str(file)}
    host.ok(OPERATION, **stated)
    file.chmod(0o644)
    host.new_task()
    predicted = host.ok(OPERATION, check=True, **stated)
    assert stat.S_IMODE(file.stat().st_mode) == 0o644
    host.new_task()
    result = host.ok(OPERATION, **stated)
    assert result["changed"] and result["diff"] == predicted["diff"] and stat.S_IMODE(file.stat().st_mode) == 0o600
    assert result["diff"]["after"] == {"api_key_file": "private"}
    host.new_task()
    assert host.ok(OPERATION, **stated)["changed"] is False


def test_a_key_of_another_organization(sim: Simulator, host: Host) -> None:
    host.call("organization.create", name="other")
    made = host.ok(OPERATION, name="ci", organization="other", include_secrets=True)["api_key"]
    assert sim.server.store.organizations.rows[made["organization_id"]]["name"] == "other"
    host.new_task()
    assert host.ok(OPERATION, name="ci", include_secrets=True)["changed"], "that of the own one is another key"
    host.new_task()
    unknown = host.failed(OPERATION, name="ci", organization="othre", include_secrets=True)
    assert "Did you mean: 'other'?" in unknown["msg"]


def test_removal(sim: Simulator, host: Host) -> None:
    host.ok(OPERATION, name="ci", include_secrets=True)
    host.new_task()
    assert host.ok(OPERATION, check=True, name="ci", state="absent")["changed"] and "ci" in names(sim)
    host.new_task()
    assert host.ok(OPERATION, name="ci", state="absent")["changed"] and names(sim) == ["admin"]
    host.new_task()
    assert host.ok(OPERATION, name="ci", state="absent")["changed"] is False
    assert "the module itself uses it" in host.failed(OPERATION, name="admin", state="absent")["msg"]


def test_twins_are_told_by_their_ids(sim: Simulator, host: Host) -> None:
    organization = host.read("organization.all")[0]["id"]
    for _twin in range(2):
        host.call("user.createApiKey", name="twin", metadata={"organizationId": organization}, rateLimitEnabled=False)
    refused = host.failed(OPERATION, name="twin", include_secrets=True)
    assert refused["error"]["kind"] == "ambiguous" and len(refused["ids"]) == 2
    host.ok(OPERATION, api_key_id=refused["ids"][0], state="absent")
    host.new_task()
    assert host.ok(OPERATION, name="twin", include_secrets=True)["changed"] is False


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"name": "x" * 33}, "name has 33 characters; it must be between 1 and 32"),
        ({"name": ""}, "name must not be empty"),
        ({"prefix": "a b"}, "prefix: 'a b' has other characters"),
        ({"expires_in_days": 366}, "expires_in_days is 366"),
        ({"rate_limit": 5}, "rate_limit and rate_limit_window are needed together"),
        ({"remaining": 0}, "remaining is 0"),
        ({"refill_amount": 5, "refill_interval": 5}, "refill_amount is not supported without remaining"),
        ({"include_secrets": False}, "one of api_key_file and include_secrets is needed"),
        ({"api_key_id": "none"}, "api_key_id: there is no API key 'none'"),
        ({"api_key_file": "/nowhere/key"}, "api_key_file /nowhere/key cannot be written"),
    ],
)
def test_what_cannot_work_is_refused_before_anything_is_written(
    sim: Simulator, host: Host, params: dict[str, Any], message: str
) -> None:
    refused = host.failed(OPERATION, **{"name": "ci", "include_secrets": True, **params})
    assert message in refused["msg"] and names(sim) == ["admin"]
