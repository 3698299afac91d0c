# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Registries: their life, logins that are refused, and what uses them."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._resources.infrastructure.registry import (
    INFO_OPERATION,
    OPERATION,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.projects.project import OPERATION as PROJECT
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import (
    OPERATION as APPLICATION,
)
from tests.support.host import Host

PASSWORD = "pass+word/of the registry"
GITHUB: dict[str, Any] = {"name": "github", "url": "ghcr.io", "username": "bot", "password": PASSWORD}
VIEW = {key: value for key, value in GITHUB.items() if key != "password"}
LOGINS = {"ghcr.io": {"bot": PASSWORD}}


def rows(host: Host) -> list[dict[str, Any]]:
    return list(host.read("registry.all"))


def test_its_life(host: Host) -> None:
    predicted = host.ok(OPERATION, check=True, **GITHUB)
    assert predicted["changed"] and rows(host) == []
    host.sim.reset_stats()
    made = host.ok(OPERATION, **GITHUB)
    assert host.sim.calls() == ["registry.create", "registry.all", "registry.all"]
    (row,) = rows(host)
    shown = {"image_prefix": "", "registry_id": row["registryId"], "created_at": row["createdAt"]}
    assert made["registry"] == {**VIEW, **shown}
    assert made["diff"] == predicted["diff"] and made["diff"]["after"]["password"] == "(hidden) new"
    host.new_task()
    host.sim.reset_stats()
    again = host.ok(OPERATION, **GITHUB)
    assert not again["changed"] and again["registry"] == made["registry"]
    assert host.sim.calls() == ["registry.all"]
    assert host.ok(OPERATION, name="github", state="absent")["changed"] and rows(host) == []
    assert not host.ok(OPERATION, name="github", state="absent")["changed"]


def test_blanks_around_the_username_are_no_change(host: Host) -> None:
    host.ok(OPERATION, **{**GITHUB, "username": " bot "})
    assert rows(host)[0]["username"] == "bot"
    assert not host.ok(OPERATION, **{**GITHUB, "username": " bot "})["changed"]


def test_the_password_is_compared_and_shown_on_request_only(host: Host) -> None:
    host.ok(OPERATION, **GITHUB)
    result = host.ok(OPERATION, name="github", password="another password")
    assert result["diff"]["after"] == {"password": "(hidden) new"}
    assert rows(host)[0]["password"] == "another password"
    (shown,) = host.ok(INFO_OPERATION)["registries"]
    assert "password" not in shown
    (shown,) = host.ok(INFO_OPERATION, include_secrets=True)["registries"]
    assert shown["password"] == "another password"


def test_docker_hub_has_no_address(host: Host) -> None:
    given = {key: value for key, value in GITHUB.items() if key != "url"}
    assert host.ok(OPERATION, **given)["registry"]["url"] == ""
    assert not host.ok(OPERATION, **given, url="")["changed"]


def test_a_refused_creation_stores_nothing(host: Host) -> None:
    host.sim.config(registry_logins=LOGINS)
    failed = host.failed(OPERATION, **{**GITHUB, "password": "the wrong one"})
    assert not failed["changed"] and rows(host) == []
    assert "401 Unauthorized" in failed["msg"] and "the wrong one" not in str(failed)


def test_a_refused_update_says_that_it_is_stored(host: Host) -> None:
    host.sim.config(registry_logins=LOGINS)
    host.ok(OPERATION, **GITHUB)
    host.new_task()
    failed = host.failed(OPERATION, name="github", password="the wrong one", image_prefix="acme")
    assert failed["changed"] and rows(host)[0]["password"] == "the wrong one"
    assert "401 Unauthorized" in failed["msg"]
    assert "Dokploy has stored the change although it refused it" in failed["msg"]
    assert "the wrong one" not in str(failed)
    # A loop of the same task sees what is stored.
    assert host.ok(OPERATION, **GITHUB)["changed"]
    assert not host.ok(OPERATION, **GITHUB)["changed"]


def test_the_login_is_tested_before_anything_is_written(host: Host) -> None:
    host.sim.config(registry_logins=LOGINS)
    host.ok(OPERATION, **GITHUB, test_connection=True)
    host.new_task()
    host.sim.reset_stats()
    failed = host.failed(OPERATION, name="github", password="the wrong one", test_connection=True)
    assert failed["msg"].startswith("test_connection: the login to 'ghcr.io' as 'bot' fails")
    assert "401 Unauthorized" in failed["msg"] and "Nothing was written" in failed["msg"]
    assert host.sim.calls("mutation") == ["registry.testRegistry"]
    assert not failed["changed"] and rows(host)[0]["password"] == PASSWORD
    # Also if nothing differs: the token may have expired.
    host.new_task()
    assert not host.ok(OPERATION, **GITHUB, test_connection=True)["changed"]
    host.sim.config(registry_logins={"ghcr.io": {}})
    host.new_task()
    assert host.failed(OPERATION, **GITHUB, test_connection=True)["error"]["kind"] == "refused"
    assert host.ok(OPERATION, check=True, **GITHUB, test_connection=True)["changed"] is False


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"url": "https://ghcr.io"}, "url: 'https://ghcr.io' is not a host name with an optional port"),
        ({"url": "ghcr.io/acme"}, "url: 'ghcr.io/acme' is not a host name with an optional port"),
        ({"username": "  "}, "username is needed to create a registry"),
        ({"password": ""}, "password is needed to create a registry"),
        ({"name": ""}, "name must not be empty"),
    ],
)
def test_bad_input_writes_nothing(host: Host, changes: dict[str, Any], message: str) -> None:
    assert message in host.failed(OPERATION, **{**GITHUB, **changes})["msg"]
    assert host.sim.calls("mutation") == []


@pytest.mark.parametrize("option", ["username", "password"])
def test_what_is_needed_is_not_cleared(host: Host, option: str) -> None:
    host.ok(OPERATION, **GITHUB)
    host.sim.reset_stats()
    assert host.failed(OPERATION, name="github", **{option: ""})["msg"] == f"{option} must not be empty"
    assert host.sim.calls("mutation") == []


def test_what_uses_it_is_named_unless_forced(host: Host) -> None:
    host.ok(OPERATION, **GITHUB)
    host.ok(PROJECT, name="shop")
    host.ok(APPLICATION, project="shop", name="web", registry="github")
    api = host.ok(APPLICATION, project="shop", name="api", registry="github")["application"]["application_id"]
    host.call("application.update", applicationId=api, rollbackRegistryId=rows(host)[0]["registryId"])
    host.new_task()
    failed = host.failed(OPERATION, name="github", state="absent")
    assert "registry 'github' is used by application 'api', application 'web'; Dokploy" in failed["msg"]
    assert len(rows(host)) == 1
    assert host.ok(OPERATION, name="github", state="absent", force=True)["changed"] and rows(host) == []
