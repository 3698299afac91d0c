# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Domains, mounts, schedules and volume backups in Compose stacks and databases, by their own modules."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._engine.runner import Operation
from ansible_collections.community.dokploy.plugins.module_utils._resources.databases.database import DATABASES
from ansible_collections.community.dokploy.plugins.module_utils._resources.databases.database import (
    OPERATION as DATABASE,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.service_children.operations import (
    DOMAIN_OPERATION,
    MOUNT_OPERATION,
    SCHEDULE_OPERATION,
    VOLUME_BACKUP_OPERATION,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.compose import OPERATION as COMPOSE
from tests.support.builders import REFERENCE_NAMES, create_references
from tests.support.host import Host
from tests.support.scenarios.databases import NEEDED

Result = dict[str, Any]
STACK = {"project": "shop", "compose": "stack"}
BACKUP = {"name": "daily", "cron": "0 3 * * *", "volume": "data", "destination": REFERENCE_NAMES["destination"][0]}
DOMAIN = {"host": "a.example.com", "service": "web", "port": 80}
SCHEDULE = {"name": "clean", "cron": "0 3 * * *", "command": "true", "service": "web"}
CHILDREN = [
    (DOMAIN_OPERATION, DOMAIN, {"port": 81}),
    (MOUNT_OPERATION, {"file_path": "app.conf", "content": "one"}, {"content": "two"}),
    (MOUNT_OPERATION, {"file_path": "app.conf", "type": "file", "content": "one"}, {"content": "two"}),
    (SCHEDULE_OPERATION, SCHEDULE, {"command": "false"}),
    (VOLUME_BACKUP_OPERATION, {**BACKUP, "service": "web"}, {"keep": 3}),
]
IDS = ["domain", "mount", "mount with its type", "schedule", "volume backup"]


@pytest.fixture
def shop(host: Host) -> Host:
    host.sim.seed(project="shop", applications=1, name="app")
    create_references(host)
    content = "services: {web: {image: nginx}, db: {image: postgres}}"
    host.ok(COMPOSE, project="shop", name="stack", raw={"content": content})
    return host


def run(runner: Host, operation: Operation, /, check: bool = False, **params: Any) -> Result:
    runner.new_task()
    runner.sim.reset_stats()
    return runner.ok(operation, check=check, **params)


def refused(runner: Host, operation: Operation, /, **params: Any) -> str:
    """The message of an error after which nothing was written."""
    runner.new_task()
    runner.sim.reset_stats()
    result = runner.failed(operation, **params)
    assert not result["changed"] and runner.sim.calls("mutation") == []
    return str(result["msg"])


@pytest.mark.parametrize(("operation", "item", "other"), CHILDREN, ids=IDS)
def test_a_child_of_a_stack_comes_changes_and_goes(
    shop: Host, operation: Operation, item: Result, other: Result
) -> None:
    name = operation.name.removeprefix("dokploy_")
    foretold = run(shop, operation, check=True, **STACK, **item)
    created = run(shop, operation, **STACK, **item)
    assert created["changed"] and created["diff"] == foretold["diff"] and created["compose_id"]
    shown = {key: value for key, value in item.items() if key not in ("content", "destination")}
    assert created[name].items() >= shown.items()
    assert not run(shop, operation, **STACK, **item)["changed"]
    changed = run(shop, operation, **STACK, **{**item, **other})
    assert changed["changed"] and changed[name][f"{name}_id"] == created[name][f"{name}_id"]
    gone = run(shop, operation, **STACK, **item, state="absent")
    assert gone["changed"] and gone[name] is None
    assert not run(shop, operation, **STACK, **item, state="absent")["changed"]


def test_an_unchanged_domain_costs_two_reads(shop: Host) -> None:
    run(shop, DOMAIN_OPERATION, **STACK, **DOMAIN)
    assert not run(shop, DOMAIN_OPERATION, **STACK, **DOMAIN)["changed"]
    assert shop.sim.calls() == ["project.all", "compose.one"]


def test_only_a_domain_of_a_stack_waits_for_a_deployment(shop: Host) -> None:
    assert run(shop, DOMAIN_OPERATION, **STACK, **DOMAIN)["deploy_needed"]
    result = run(shop, DOMAIN_OPERATION, project="shop", application="app", host="b.example.com")
    assert "deploy_needed" not in result


@pytest.mark.parametrize("number", [0, 3, 4], ids=["domain", "schedule", "volume backup"])
def test_a_child_needs_a_service_of_the_stack(shop: Host, number: int) -> None:
    operation, item, _other = CHILDREN[number]
    message = refused(shop, operation, **STACK, **{**item, "service": "api"})
    assert message == "service: the stack has no service 'api'; it has db, web"
    without = {key: value for key, value in item.items() if key != "service"}
    assert "needs service" in refused(shop, operation, **STACK, **without)
    run(shop, operation, **STACK, **item)
    assert "has no service 'api'" in refused(shop, operation, **STACK, **{**item, "service": "api"})


def test_what_belongs_to_a_service_that_is_gone_can_be_disabled_and_removed(shop: Host) -> None:
    made = run(shop, DOMAIN_OPERATION, **STACK, **DOMAIN)
    run(shop, COMPOSE, project="shop", name="stack", raw={"content": "services: {api: {image: nginx}}"})
    domain = {"domain_id": made["domain"]["domain_id"]}
    assert run(shop, DOMAIN_OPERATION, **STACK, **domain, enabled=False)["changed"]
    assert run(shop, DOMAIN_OPERATION, **STACK, **domain, state="absent")["changed"]


@pytest.mark.parametrize(
    ("operation", "params", "message"),
    [
        (MOUNT_OPERATION, {**STACK, "file_path": "f", "type": "volume"}, "type: a Compose file defines its volumes"),
        (MOUNT_OPERATION, {**STACK, "file_path": "f", "path": "/f"}, "path is not supported for Compose stacks"),
        (MOUNT_OPERATION, {**STACK, "path": "/f"}, "path is not supported for Compose stacks"),
        (MOUNT_OPERATION, {"project": "shop", "application": "app", "file_path": "f"}, "one of path and mount_id"),
        (
            DOMAIN_OPERATION,
            {"project": "shop", "application": "app", **DOMAIN},
            "service is not supported for applications",
        ),
        (DOMAIN_OPERATION, {**STACK, "application": "app", **DOMAIN}, "application and compose are mutually exclusive"),
        (DOMAIN_OPERATION, {"project": "shop", "compose": "stac", **DOMAIN}, "Did you mean: 'stack'?"),
        (
            VOLUME_BACKUP_OPERATION,
            {"project": "shop", "database": "db", **BACKUP, "stop_service": True},
            "stop_service is not supported for redis databases",
        ),
    ],
)
def test_what_a_parent_does_not_have_is_refused(shop: Host, operation: Operation, params: Result, message: str) -> None:
    shop.ok(DATABASE, project="shop", name="db", type="redis", **NEEDED["redis"])
    assert message in refused(shop, operation, **params)


@pytest.mark.parametrize("kind", [resource.kind for resource in DATABASES])
def test_children_of_a_database(shop: Host, kind: str) -> None:
    run(shop, DATABASE, project="shop", name="db", type=kind, **NEEDED[kind])
    mount = {"path": "/extra", "type": "volume", "name": "extra"}
    for operation, item in ((MOUNT_OPERATION, mount), (VOLUME_BACKUP_OPERATION, BACKUP)):
        name = operation.name.removeprefix("dokploy_")
        made = run(shop, operation, project="shop", database="db", **item)
        assert made["changed"] and made["database_id"] and made[name]["name"] == item["name"]
        assert not run(shop, operation, project="shop", database="db", **item)["changed"]
        assert run(shop, operation, project="shop", database="db", **item, state="absent")["changed"]
    listed = {"project": "shop", "name": "db", "type": kind, "volume_backups": [BACKUP]}
    assert run(shop, DATABASE, **listed)["changed"] and not run(shop, DATABASE, **listed)["changed"]
