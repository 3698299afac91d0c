# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A key of a member, to whom Dokploy shows no destination: nothing is saved or restored, and the error says why."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._manifest.manifest import OPERATION as MANIFEST
from ansible_collections.community.dokploy.plugins.module_utils._resources.databases.database import (
    OPERATION as DATABASE,
)
from ansible_collections.community.dokploy.plugins.module_utils._sets.backup_set import OPERATION
from tests.component.sets.test_backup_set import ALL, small, world
from tests.support.effort import slow
from tests.support.host import Host

__all__ = ["small"]


@pytest.fixture
def member(small: Host) -> Iterator[Host]:
    """One who may do everything with the project shop."""
    (project,) = small.read("project.all")
    (environment,) = project["environments"]
    services = [environment["applications"][0]["applicationId"], environment["postgres"][0]["postgresId"]]
    small.sim.act(
        member="m@example.com",
        key="k" * 64,
        projects=[project["projectId"]],
        environments=[environment["environmentId"]],
        services=services,
    )
    limited = Host(small.sim, dokploy_api_key="k" * 64)
    small.sim.reset_stats()
    yield limited
    limited.close()


def refused(result: dict[str, Any], member: Host) -> None:
    assert result["error"] == {"kind": "permission", "procedure": "destination.all", "status": 401}
    assert 'unauthorized to access resource "destination". Use a key of an owner or an administrator' in result["msg"]
    assert member.sim.calls("mutation") == []


@pytest.mark.parametrize("options", [{}, ALL], ids=["backups that exist", "all"])
def test_a_set_that_could_not_name_its_bucket_is_not_made(member: Host, options: dict[str, Any]) -> None:
    refused(member.failed(OPERATION, **options), member)


@slow
def test_a_recovery_is_refused_before_anything_is_written(small: Host, member: Host) -> None:
    content = small.ok(OPERATION)["set"]
    small.sim.reset_stats()
    document = copy.deepcopy(world())
    # Those of the server are enough.
    del document["destinations"]
    (environment,) = document["projects"][0]["environments"]
    environment["name"], environment["compose"] = "staging", []
    environment["databases"], environment["applications"][0]["volume_backups"] = environment["databases"][:1], []
    environment["databases"][0]["backups"] = []
    for entry in (*content["services"], *content["archives"]):
        entry["path"] = entry["path"].replace("production", "staging")
    refused(member.failed(MANIFEST, **document, archives=content), member)


def test_services_of_one_name_are_refused_before_anything_is_saved(small: Host) -> None:
    """A recovery could not tell them."""
    mysql = {"type": "mysql", "root_password": "made-up", "database": "shop", "user": "shopper", "password": "made-up"}
    small.ok(DATABASE, project="shop", name="db", **mysql)
    small.new_task()
    small.sim.reset_stats()
    result = small.failed(OPERATION, **ALL)
    assert "there are 2 services database shop/production/db" in result["msg"]
    assert small.sim.calls("mutation") == []
