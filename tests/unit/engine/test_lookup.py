# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The address of a thing: project, environment and name, or its id."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._engine.lookup import (
    Target,
    find_application,
    locate,
    read,
)
from ansible_collections.community.dokploy.plugins.module_utils._engine.reads import Reads
from ansible_collections.community.dokploy.plugins.module_utils._engine.removal import removal_of
from ansible_collections.community.dokploy.plugins.module_utils._errors import (
    DokployError,
    NotFoundError,
    OptionError,
    ReferenceNotFound,
)
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Resource
from ansible_collections.community.dokploy.plugins.module_utils._resources.application import APPLICATION
from ansible_collections.community.dokploy.plugins.module_utils._resources.project import ENVIRONMENT, PROJECT
from tests.support.script import Expect, ScriptedClient, reads
from tests.support.shapes import (
    ENVIRONMENT_ID,
    PROJECT_ID,
    application,
    environment,
    project,
    service,
    tree,
)

TREE = reads("project.all", tree("web", "api"))


def located(resource: Resource, *script: Expect, **params: Any) -> Target:
    client: Any = ScriptedClient(*script)
    target = locate(resource, params, Reads(client))
    client.done()
    return target


@pytest.mark.parametrize(
    ("resource", "params", "words"),
    [
        (APPLICATION, {}, "one of name and application_id is needed"),
        (APPLICATION, {"name": ""}, "name must not be empty"),
        (APPLICATION, {"application_id": ""}, "application_id must not be empty"),
        (APPLICATION, {"name": "web", "project": ""}, "project must not be empty"),
        (APPLICATION, {"name": "web", "project": "shop", "environment": ""}, "environment must not be empty"),
        (APPLICATION, {"name": "web"}, "project is needed to find the application 'web' by its name"),
        (ENVIRONMENT, {"name": "staging"}, "project is needed to find the environment 'staging' by its name"),
        (PROJECT, {}, "one of name and project_id is needed"),
    ],
)
def test_an_incomplete_address_is_refused_without_a_request(
    resource: Resource, params: dict[str, Any], words: str
) -> None:
    with pytest.raises(OptionError) as caught:
        located(resource, **params)
    assert str(caught.value) == words


def test_an_application_by_its_names() -> None:
    for where in ({"project": "shop"}, {"project": PROJECT_ID, "environment": "production"}):
        target = located(APPLICATION, TREE, name="api", **where)
        assert target.resource_id == "id-api"
        assert target.parent_id == ENVIRONMENT_ID
        assert target.siblings is not None and target.siblings() == ["id-web", "id-api"]
        assert target.label == "application 'api' in shop/production"


def test_a_new_application_has_a_parent_and_no_id() -> None:
    target = located(APPLICATION, TREE, name="new", project="shop")
    assert (target.resource_id, target.row, target.parent_id) == (None, None, ENVIRONMENT_ID)


def test_environments_and_projects() -> None:
    target = located(ENVIRONMENT, TREE, name="production", project="shop")
    assert (target.resource_id, target.parent_id, target.label) == (
        ENVIRONMENT_ID,
        PROJECT_ID,
        "environment 'production' in shop",
    )
    target = located(PROJECT, TREE, name="shop")
    assert (target.resource_id, target.parent_id, target.label) == (PROJECT_ID, None, "project 'shop'")
    assert located(PROJECT, TREE, name="new").resource_id is None


def test_any_other_resource_is_refused_without_a_request() -> None:
    """It would be taken for the application that has its name."""
    context: Any = None
    other = dataclasses.replace(APPLICATION, name="postgres", id_key="postgresId")
    for params in ({"name": "web", "project": "shop"}, {"postgres_id": "id-web"}):
        with pytest.raises(ValueError, match="a postgres is not in the project tree"):
            located(other, **params)
    for resource in (other, dataclasses.replace(ENVIRONMENT, name="registry", id_key="registryId")):
        with pytest.raises(ValueError, match="nothing says how a %s is removed" % resource.name):
            removal_of(resource, {resource.id_key: "i", "name": "web"}, context)


def test_an_id_needs_no_tree() -> None:
    target = located(APPLICATION, application_id="some-id")
    assert (target.resource_id, target.parent_id, target.label) == ("some-id", None, "application some-id")


def test_an_id_with_an_environment_says_where_it_shall_be() -> None:
    for where in ({"project": "shop", "environment": "production"}, {"environment": ENVIRONMENT_ID}):
        target = located(APPLICATION, TREE, application_id="id-web", **where)
        assert (target.resource_id, target.parent_id) == ("id-web", ENVIRONMENT_ID)
    # A project alone does not move it into the default environment.
    assert located(APPLICATION, application_id="id-web", project="shop").parent_id is None
    with pytest.raises(OptionError, match="project is needed to find the environment 'production' by its name"):
        located(APPLICATION, TREE, application_id="id-web", environment="production")


def test_an_unknown_parent_is_named() -> None:
    with pytest.raises(ReferenceNotFound, match="project: no project is named 'shp'"):
        located(APPLICATION, TREE, name="web", project="shp")
    with pytest.raises(ReferenceNotFound, match="environment: no environment is named 'prod'"):
        located(APPLICATION, TREE, name="web", project="shop", environment="prod")


def test_a_forgotten_environment_is_named() -> None:
    staging = environment(name="staging", environmentId="s", isDefault=False, applications=[service("web", "a")])
    read_once = reads("project.all", [project(environments=[environment(), staging])])
    address = {"project": "shop", "application": "web", "application_id": None}
    for stated in (None, "production"):
        client: Any = ScriptedClient(read_once)
        with pytest.raises(ReferenceNotFound) as caught:
            find_application(APPLICATION, {**address, "environment": stated}, Reads(client))
        assert ("the default environment, since environment is not set" in str(caught.value)) is (stated is None)
        assert str(caught.value).endswith(". There is one in shop/staging.")


def rows_of(target: Target, *script: Expect, resource: Resource = APPLICATION, fresh: bool = False) -> Any:
    client: Any = ScriptedClient(*script)
    row = read(resource, target, Reads(client), fresh)
    client.done()
    return row


def test_reading_a_target() -> None:
    one = reads("application.one", application(), applicationId="a")
    assert rows_of(Target("w", "a"), one)["name"] == "web"
    assert rows_of(Target("w", "a"), one, fresh=True)["name"] == "web"
    assert rows_of(Target("w")) is None
    gone = reads("application.one", NotFoundError("Application not found"), applicationId="a")
    assert rows_of(Target("w", "a"), gone) is None
    with pytest.raises(DokployError):
        rows_of(Target("w", "a"), reads("application.one", DokployError("500"), applicationId="a"))


def test_a_projects_row_comes_from_the_tree_but_for_a_read_back() -> None:
    target = Target("w", PROJECT_ID, {"name": "from the tree"})
    assert rows_of(target, resource=PROJECT) == {"name": "from the tree"}
    back = reads("project.one", {"name": "fresh"}, projectId=PROJECT_ID)
    assert rows_of(target, back, resource=PROJECT, fresh=True) == {"name": "fresh"}
