# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""AI providers: their life, whole bodies, keys, and the test of the model."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._resources.infrastructure.ai_provider import (
    INFO_OPERATION,
    OPERATION,
)
from tests.support.host import Host

KEY = "canary-key-of-the-model"
NEW: dict[str, Any] = {"name": "main", "url": "https://ai.example.com/v1", "api_key": KEY, "model": "small"}


def rows(host: Host) -> list[dict[str, Any]]:
    return list(host.read("ai.getAll"))


def test_its_life(host: Host) -> None:
    predicted = host.ok(OPERATION, check=True, **NEW)
    assert rows(host) == []
    made = host.ok(OPERATION, **NEW)
    assert made["changed"] and made["diff"] == predicted["diff"] and KEY not in str(made)
    (row,) = rows(host)
    assert made["ai_provider"] == {
        "ai_provider_id": row["aiId"],
        "created_at": row["createdAt"],
        "enabled": True,
        **{name: NEW[name] for name in ("name", "url", "model")},
    }
    host.new_task()
    assert not host.ok(OPERATION, **NEW)["changed"]
    gone = host.ok(OPERATION, name="main", state="absent")
    assert gone["changed"] and rows(host) == []
    assert not host.ok(OPERATION, name="main", state="absent")["changed"]


def test_an_update_sends_all_and_changes_one(host: Host) -> None:
    """The server inserts and needs every column, or fails with a statement that has the key in clear."""
    made = host.ok(OPERATION, **NEW)["ai_provider"]["ai_provider_id"]
    (before,) = rows(host)
    for stated, after in (({"enabled": False}, {"isEnabled": False}), ({"name": "renamed"}, {"name": "renamed"})):
        host.new_task()
        assert host.ok(OPERATION, ai_provider_id=made, **stated)["diff"]["after"] == stated
        before |= after
        assert rows(host) == [before]


def test_the_key_is_compared_and_never_shown(host: Host) -> None:
    host.ok(OPERATION, **NEW)
    host.new_task()
    result = host.ok(OPERATION, name="main", api_key="another")
    assert result["diff"]["after"] == {"api_key": "(hidden) new"} and rows(host)[0]["apiKey"] == "another"
    host.new_task()
    assert host.ok(OPERATION, name="main", api_key="")["changed"] and rows(host)[0]["apiKey"] == ""
    host.ok(OPERATION, name="main", api_key=KEY)
    host.new_task()
    assert KEY not in str(host.ok(INFO_OPERATION))
    assert host.ok(INFO_OPERATION, include_secrets=True)["ai_providers"][0]["api_key"] == KEY


def test_two_of_one_name_are_ambiguous(host: Host) -> None:
    for _number in range(2):
        host.call("ai.create", name="twice", apiUrl=NEW["url"], apiKey="", model="m", isEnabled=True)
    result = host.failed(OPERATION, name="twice", model="other")
    assert sorted(result["ids"]) == sorted(row["aiId"] for row in rows(host))


def test_the_model_answers_before_anything_is_written(host: Host) -> None:
    result = host.failed(OPERATION, **{**NEW, "api_key": "wrong " + KEY}, test_connection=True)
    assert result["msg"].startswith("test_connection: the model 'small' does not answer: Incorrect API key provided")
    assert rows(host) == [] and KEY not in str(result)
    assert host.ok(OPERATION, **NEW, test_connection=True)["changed"]
    host.sim.config(version="0.28.8")
    host.new_task()
    assert "test_connection needs Dokploy 0.29.0" in host.failed(OPERATION, **NEW, test_connection=True)["msg"]


def test_an_address_that_the_organization_does_not_allow(host: Host) -> None:
    host.call("ai.saveCustomProviders", providers=[{"name": "own", "apiUrl": "https://own.example.com"}])
    result = host.failed(OPERATION, **NEW)
    assert "not in your organization's allowed AI providers" in result["msg"] and rows(host) == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"url": None}, "url is needed to create a"),
        ({"url": "ai.example.com"}, "url: 'ai.example.com' is not a URL"),
        ({"model": ""}, "model must not be empty"),
    ],
)
def test_bad_input_writes_nothing(host: Host, changes: dict[str, Any], message: str) -> None:
    given = {key: value for key, value in {**NEW, **changes}.items() if value is not None}
    assert message in host.failed(OPERATION, **given)["msg"]
    assert rows(host) == [] and host.sim.calls("mutation") == []
