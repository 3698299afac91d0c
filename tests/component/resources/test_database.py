# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Databases of all kinds, through the operations of their modules."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._resources.database import (
    DATABASES,
    INFO_OPERATION,
    OPERATION,
)
from tests.support.host import Host

NEEDED: dict[str, dict[str, Any]] = {
    "postgres": {"database": "shop", "user": "shop"},
    "mysql": {"database": "shop", "user": "shop"},
    "mariadb": {"database": "shop", "user": "shop", "image": "mariadb:11"},
    "mongo": {"user": "shop", "image": "mongo:8"},
    "redis": {},
    "libsql": {"user": "shop"},
}
KINDS = [resource.kind for resource in DATABASES]


@pytest.fixture
def shop(host: Host) -> Host:
    host.call("project.create", name="shop")
    return host


def params(kind: str, **more: Any) -> dict[str, Any]:
    return {"project": "shop", "name": "db", "type": kind, **NEEDED[kind], **more}


@pytest.mark.parametrize("kind", KINDS)
def test_a_database_is_created_changed_cleared_and_removed(shop: Host, kind: str) -> None:
    made = shop.ok(OPERATION, **params(kind, password="S3cret-of-it", env={"A": "1"}, description="d"))
    assert made["changed"]
    database = made["database"]
    assert database["internal_host"].startswith(f"{kind}-")
    assert "internal_url" not in database and "password" not in database
    shop.new_task()
    shop.sim.reset_stats()
    same = shop.ok(OPERATION, **params(kind, password="S3cret-of-it", env={"A": "1"}, description="d"))
    assert not same["changed"]
    assert shop.sim.stats()["http"] == 3
    shop.new_task()
    changed = shop.ok(OPERATION, **params(kind, env="", description="", memory_limit="256M", external_port=5999))
    assert changed["changed"]
    shop.new_task()
    (shown,) = shop.ok(INFO_OPERATION, include_secrets=True)["databases"]
    assert (shown["env"], shown["description"], shown["memory_limit"]) == ({}, "", "256M")
    assert "S3cret-of-it" in shown["internal_url"] and ":5999" in shown["external_url"]
    shop.new_task()
    assert shop.ok(OPERATION, project="shop", name="db", type=kind, state="absent")["changed"]
    shop.new_task()
    assert not shop.ok(OPERATION, project="shop", name="db", type=kind, state="absent")["changed"]
