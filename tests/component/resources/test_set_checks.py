# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The checks of a backup set, run as jobs beside services."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._engine.apply import brought
from ansible_collections.community.dokploy.plugins.module_utils._resources.backups.checks import Check, check_node
from ansible_collections.community.dokploy.plugins.module_utils._resources.backups.coverage import Service
from ansible_collections.community.dokploy.plugins.module_utils._resources.backups.stack_data import (
    StackData,
    StackMount,
)
from tests.support.host import Host
from tests.support.operations import OPERATIONS

PLACE = {"project": "shop", "name": "it"}


def checked(host: Host, service: Service, check: Check) -> dict[str, Any]:
    context = host.context({})
    node = check_node(check, service, "self")
    context.params = node.params
    result: dict[str, Any] = brought(node, context)["job"]
    return result


@pytest.mark.parametrize("kind", ["application", "postgres", "compose"])
def test_a_check_runs_beside_its_service(host: Host, kind: str) -> None:
    host.ok(OPERATIONS["dokploy_project"], name="shop")
    if kind == "application":
        mounts = [{"path": "/data", "source": "uploads", "type": "volume"}]
        host.ok(OPERATIONS["dokploy_application"], **PLACE, docker={"image": "web:1"}, mounts=mounts)
    elif kind == "compose":
        host.ok(OPERATIONS["dokploy_compose"], **PLACE, type="stack", raw={"content": "services: {a: {image: web}}"})
    else:
        host.ok(
            OPERATIONS["dokploy_database"], **PLACE, type=kind, database="shop", user="shopper", image="postgres:18"
        )
    (environment,) = host.read("project.all")[0]["environments"]
    (outline,) = environment["applications" if kind == "application" else kind]
    row = host.read(f"{kind}.one", **{f"{kind}Id": outline[f"{kind}Id"]})
    stack = StackData(mounts=[StackMount("db", "data", "/data")])
    service = Service("database" if kind == "postgres" else kind, kind, "shop/production/it", row, stack=stack)
    job = checked(host, service, Check("rows", "echo 12", "busybox" if kind == "compose" else None))
    assert (job["exit_code"], job["output"]) == (0, "12")
    assert host.read("project.all")[0]["environments"][0]["applications"] == (environment["applications"])
