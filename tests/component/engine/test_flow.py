# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Several resources are observed and planned at once, without a write; the plans are executed afterwards."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._engine.flow import ResourcePlan, check, plan
from ansible_collections.community.dokploy.plugins.module_utils._engine.plan import Write
from ansible_collections.community.dokploy.plugins.module_utils._engine.runner import Context, Operation
from ansible_collections.community.dokploy.plugins.module_utils._engine.state import Node, observe
from ansible_collections.community.dokploy.plugins.module_utils._errors import NotFoundError, ReferenceNotFound
from ansible_collections.community.dokploy.plugins.module_utils._resources.infrastructure.connection_tests import (
    ConnectionTest,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.projects.project import OPERATION as PROJECT
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import (
    OPERATION as APPLICATION,
)
from ansible_collections.community.dokploy.plugins.module_utils._values.marks import FromResponse
from tests.support.host import Host, validated
from tests.support.operations import OPERATIONS

Item = tuple[Operation, dict[str, Any]]
SHOP = {"project": "shop", "environment": "production"}
TWO_PROJECTS: tuple[Item, ...] = (
    (PROJECT, {"name": "shop", "description": "Changed", "env": {"A": "1"}}),
    (PROJECT, {"name": "blog", "env": {"B": "1"}}),
)
TWO_APPLICATIONS: tuple[Item, ...] = (
    (APPLICATION, {**SHOP, "name": "web", "replicas": 2, "domains": [{"host": "a.example.com"}], "schedules": []}),
    (APPLICATION, {**SHOP, "name": "api", "description": "", "ports": [], "schedules": []}),
)


@pytest.fixture
def shop(host: Host) -> Host:
    """The project shop with the applications web and api."""
    host.ok(PROJECT, name="shop")
    for name in ("web", "api"):
        host.ok(APPLICATION, **SHOP, name=name)
    host.new_task()
    host.sim.reset_stats()
    return host


def context_of(host: Host, check: bool = False) -> Context:
    return host.context(validated(PROJECT, **host.connection, name="any"), check)


def planned(host: Host, *items: Item) -> list[ResourcePlan]:
    """The plans of some tasks, each stated as its module takes it."""
    stated = []
    for operation, params in items:
        stated.append(Node(operation.resources[0], validated(operation, **host.connection, **params)))
    return [plan(state) for state in observe(stated, context_of(host))]


def procedures(one: ResourcePlan) -> list[str]:
    return [step.procedure for step in one.steps if isinstance(step, Write)]


def execute(host: Host, plans: list[ResourcePlan], check: bool = False) -> list[bool]:
    """Whether each plan has sent anything."""
    executor = context_of(host, check).executor
    return [executor.run(one).sent for one in plans]


def test_two_projects_are_planned_with_one_request(shop: Host) -> None:
    changed, new = planned(shop, *TWO_PROJECTS)
    assert shop.sim.calls() == ["project.all"]
    assert [procedures(one) for one in (changed, new)] == [["project.update"], ["project.create"]]
    assert changed.difference.result()["diff"]["after"] == {"description": "Changed", "env": {"A": "(hidden)"}}
    assert new.diff.action == "create"


def test_two_applications_are_planned_with_three_requests(shop: Host) -> None:
    """The project tree, both applications, and their lists."""
    changed, unchanged = planned(shop, *TWO_APPLICATIONS)
    assert shop.sim.calls() == ["project.all", "application.one", "application.one", "schedule.list", "schedule.list"]
    assert shop.sim.stats()["http"] == 3
    assert procedures(changed) == ["application.update", "domain.create"]
    assert (unchanged.diff.empty, unchanged.steps) == (True, ())


@pytest.mark.parametrize("items", [TWO_PROJECTS, TWO_APPLICATIONS], ids=["projects", "applications"])
def test_a_plan_is_executed_later_and_leaves_nothing_to_do(shop: Host, items: tuple[Item, ...]) -> None:
    plans = planned(shop, *items)
    assert not any(execute(shop, plans, check=True))
    assert shop.sim.stats()["writes"] == 0
    assert execute(shop, plans) == [not one.diff.empty for one in plans]
    shop.new_task()
    assert [one.diff.empty for one in planned(shop, *items)] == [True, True]


def test_a_plan_takes_the_id_of_what_it_creates_from_the_response(shop: Host) -> None:
    new = (APPLICATION, {**SHOP, "name": "new", "replicas": 2, "ports": [{"published_port": 80, "target_port": 80}]})
    (one,) = planned(shop, new)
    assert procedures(one) == ["application.create", "application.update", "port.create"]
    _create, update, port = (step for step in one.steps if isinstance(step, Write))
    assert update.body["applicationId"] == port.body["applicationId"] == FromResponse("self", "applicationId")
    assert execute(shop, [one]) == [True]


def test_what_cannot_be_observed_is_an_error(shop: Host) -> None:
    with pytest.raises(ReferenceNotFound, match="no project is named 'shpo'"):
        planned(shop, TWO_PROJECTS[0], (APPLICATION, {"project": "shpo", "name": "web"}))
    with pytest.raises(NotFoundError, match="there is no application 'unknown'"):
        planned(shop, TWO_APPLICATIONS[0], (APPLICATION, {"application_id": "unknown", "replicas": 2}))
    assert shop.sim.stats()["writes"] == 0


REGISTRY = {"name": "github", "url": "ghcr.io", "username": "bot", "password": "pass", "test_connection": True}
BUCKET = {"name": "backups", "bucket": "b", "access_key": "a", "secret_access_key": "s", "test_connection": True}


@pytest.mark.parametrize(("module", "options"), [("registry", REGISTRY), ("destination", BUCKET)])
@pytest.mark.parametrize("exists", [False, True])
def test_a_connection_test_is_the_first_step_of_a_plan(
    host: Host, module: str, options: dict[str, Any], exists: bool
) -> None:
    operation = OPERATIONS[f"dokploy_{module}"]
    if exists:
        host.ok(operation, **{**options, "test_connection": False})
        host.new_task()
    params = validated(operation, **host.connection, **options)
    context = host.context(params)
    executor = context.executor
    host.sim.reset_stats()
    (state,) = observe([Node(operation.resources[0], params)], context)
    checked = check(plan(state), context)
    assert host.sim.calls("mutation") == []
    first, *others = checked.steps
    assert isinstance(first, ConnectionTest) and not first.test.writes
    assert (others == []) == checked.diff.empty == exists
    # It is no change, and needs no read-back.
    assert executor.run(checked).sent is not exists
    assert executor.sent is not exists
    assert host.sim.calls("mutation")[0] == first.test.procedure
