# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Organizations: found by name, changed in part, and removed only on purpose."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._resources.access.organization import (
    INFO_OPERATION,
    OPERATION,
)
from dokploy_simulator import Simulator
from tests.support.host import Host

LOGO = "https://example.com/logo.png"


def names(sim: Simulator) -> list[str]:
    return sorted(row["name"] for row in sim.server.store.organizations)


def test_an_organization_from_its_creation_to_its_removal(sim: Simulator, host: Host) -> None:
    wanted = {"logo": LOGO, "default_role": "member"}
    predicted = host.ok(OPERATION, check=True, name="acme", **wanted)
    assert predicted["changed"] and names(sim) == ["My Organization"]
    assert predicted["organization"].items() >= {"organization_id": "(generated)", "name": "acme", **wanted}.items()
    made = host.ok(OPERATION, name="acme", **wanted)
    assert made["diff"] == predicted["diff"] and made["organization"].items() >= wanted.items()
    host.new_task()
    again = host.ok(OPERATION, name="acme", **wanted)
    assert again["changed"] is False and again["organization"] == made["organization"]

    resource_id = made["organization"]["organization_id"]
    host.new_task()
    changed = host.ok(OPERATION, organization_id=resource_id, name="acme2", default_role="", logo="")
    assert changed["diff"]["after"] == {"name": "acme2", "default_role": "", "logo": ""}
    assert sim.server.store.organizations.rows[resource_id]["defaultRole"] is None
    host.new_task()
    assert "Set force to true" in host.failed(OPERATION, name="acme2", state="absent")["msg"]
    assert host.ok(OPERATION, name="acme2", state="absent", force=True)["changed"]
    host.new_task()
    assert host.ok(OPERATION, name="acme2", state="absent", force=True)["changed"] is False
    assert names(sim) == ["My Organization"]


def test_what_is_not_stated_stays(sim: Simulator, host: Host) -> None:
    made = host.ok(OPERATION, name="acme", logo=LOGO)["organization"]
    host.new_task()
    sim.reset_stats()
    changed = host.ok(OPERATION, name="acme", default_role="admin")["organization"]
    assert changed == {**made, "default_role": "admin"} and sim.calls("mutation") == ["organization.update"]


def test_the_default_one(sim: Simulator, host: Host) -> None:
    assert host.ok(OPERATION, name="acme", default=True)["organization"]["default"]
    host.new_task()
    assert host.ok(OPERATION, name="acme", default=True)["changed"] is False
    assert [row["name"] for row in host.ok(INFO_OPERATION)["organizations"] if row["default"]] == ["acme"]
    assert host.ok(OPERATION, name="My Organization")["organization"]["default"] is False
    refused = host.failed(OPERATION, name="acme", default=False)
    assert "default: another organization becomes the default one" in refused["msg"]


def test_the_last_one_stays(host: Host) -> None:
    refused = host.failed(OPERATION, name="My Organization", state="absent", force=True)
    assert "at least one organization" in refused["msg"]


def test_what_the_server_does_not_store_is_named(sim: Simulator, host: Host) -> None:
    sim.config(drop_fields={"organization.update": ["defaultRole"]})
    refused = host.failed(OPERATION, name="acme", default_role="admin")
    assert refused["error"]["kind"] == "not_applied" and refused["options"] == ["default_role"]


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"name": ""}, "name must not be empty"),
        ({"organization_id": "none"}, "organization_id: there is no organization 'none'"),
    ],
)
def test_what_cannot_work_is_refused(sim: Simulator, host: Host, params: dict[str, Any], message: str) -> None:
    assert message in host.failed(OPERATION, **params)["msg"]
    assert names(sim) == ["My Organization"]


def test_twins_are_told_by_their_ids(host: Host) -> None:
    for _twin in range(2):
        host.call("organization.create", name="twin")
    assert host.failed(OPERATION, name="twin")["error"]["kind"] == "ambiguous"
