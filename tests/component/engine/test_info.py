# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the info modules read, on the simulator."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._resources.projects.project import (
    ENVIRONMENT_INFO_OPERATION as ENVIRONMENT_INFO,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.projects.project import (
    ENVIRONMENT_OPERATION as ENVIRONMENT,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.projects.project import (
    INFO_OPERATION as PROJECT_INFO,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.projects.project import (
    OPERATION as PROJECT,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import (
    INFO_OPERATION as APPLICATION_INFO,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import (
    OPERATION as APPLICATION,
)
from tests.support.host import Host


@pytest.fixture
def shop(host: Host) -> Host:
    """Two projects: shop with web and api in production and web in staging, and blog with nothing."""
    host.ok(PROJECT, name="shop", env={"P": "hunter2"})
    host.ok(ENVIRONMENT, project="shop", name="staging", env={"E": "hunter2"})
    for environment, name in (("production", "web"), ("production", "api"), ("staging", "web")):
        host.ok(APPLICATION, project="shop", environment=environment, name=name, env={"A": "hunter2"})
    host.ok(PROJECT, name="blog")
    host.new_task()
    host.sim.reset_stats()
    return host


def places(result: dict[str, Any]) -> list[tuple[str, str, str]]:
    return sorted((one["project"], one["environment"], one["name"]) for one in result["applications"])


PRODUCTION = [("shop", "production", "api"), ("shop", "production", "web")]


@pytest.mark.parametrize(
    ("params", "found"),
    [
        ({}, [*PRODUCTION, ("shop", "staging", "web")]),
        ({"project": "shop"}, [*PRODUCTION, ("shop", "staging", "web")]),
        ({"project": "shop", "environment": "production"}, PRODUCTION),
        ({"environment": "staging"}, [("shop", "staging", "web")]),
        ({"project": "shop", "name": "web"}, [PRODUCTION[1], ("shop", "staging", "web")]),
        ({"name": "nope"}, []),
        ({"project": "blog"}, []),
    ],
)
def test_applications(shop: Host, params: dict[str, Any], found: list[Any]) -> None:
    result = shop.ok(APPLICATION_INFO, **params)
    assert not result["changed"]
    assert places(result) == found
    assert shop.sim.calls("mutation") == []
    # The tree and one batch.
    assert shop.sim.stats()["http"] == (2 if found else 1)


def test_an_application_by_its_id(shop: Host) -> None:
    (one,) = shop.ok(APPLICATION_INFO, name="api")["applications"]
    assert shop.ok(APPLICATION_INFO, application_id=one["application_id"])["applications"] == [one]
    assert shop.ok(APPLICATION_INFO, application_id="nope")["applications"] == []


@pytest.mark.parametrize(
    ("operation", "key"),
    [(PROJECT_INFO, "projects"), (ENVIRONMENT_INFO, "environments"), (APPLICATION_INFO, "applications")],
)
def test_secrets_are_shown_only_when_they_are_asked_for(shop: Host, operation: Any, key: str) -> None:
    assert "hunter2" not in repr(shop.ok(operation))
    shown = shop.ok(operation, include_secrets=True)[key]
    assert "hunter2" in [value for one in shown for value in (one["env"] or {}).values()]


def test_projects_list_what_is_in_them(shop: Host) -> None:
    result = shop.ok(PROJECT_INFO, name="shop")
    (project,) = result["projects"]
    assert {one["name"]: one["is_default"] for one in project["environments"]} == {"production": True, "staging": False}
    (production,) = (one for one in project["environments"] if one["name"] == "production")
    assert sorted((one["type"], one["name"]) for one in production["services"]) == [
        ("application", "api"),
        ("application", "web"),
    ]
    assert shop.sim.calls() == ["project.all"]
    assert [one["name"] for one in shop.ok(PROJECT_INFO)["projects"]].count("blog") == 1


def test_databases_have_names(shop: Host) -> None:
    (project,) = (row for row in shop.read("project.all") if row["name"] == "shop")
    home = project["environments"][0]["environmentId"]
    shop.call("redis.create", name="cache", environmentId=home, databasePassword="passw0rd")
    shop.new_task()
    shop.sim.reset_stats()
    for operation, key, params in (
        (PROJECT_INFO, "projects", {"name": "shop"}),
        (ENVIRONMENT_INFO, "environments", {"environment_id": home}),
    ):
        (shown,) = shop.ok(operation, **params)[key]
        (one,) = [row for row in shown.get("environments", [shown]) if row["environment_id"] == home]
        assert ("redis", "cache") in [(service["type"], service["name"]) for service in one["services"]]
    # The tree has only their ids; one batch has the names of all.
    assert shop.sim.calls() == ["project.all", "environment.one", "environment.one"]


def test_environments(shop: Host) -> None:
    result = shop.ok(ENVIRONMENT_INFO, project="shop", name="staging")
    (staging,) = result["environments"]
    assert (staging["project"], staging["name"], staging["is_default"]) == ("shop", "staging", False)
    assert [one["name"] for one in staging["services"]] == ["web"]


def test_a_parent_that_does_not_exist_is_an_error(shop: Host) -> None:
    assert shop.failed(APPLICATION_INFO, project="shp")["error"]["kind"] == "reference"
    assert shop.failed(APPLICATION_INFO, project="shop", environment="prod")["error"]["kind"] == "reference"


def test_what_was_removed_meanwhile_is_left_out(shop: Host) -> None:
    shop.ok(APPLICATION_INFO)
    shop.sim.act(remove="api")
    assert places(shop.ok(APPLICATION_INFO)) == [PRODUCTION[1], ("shop", "staging", "web")]
