# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The locator of a record: project, environment and name, or its ID."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._deployment.removal import removal_of
from ansible_collections.community.dokploy.plugins.module_utils._engine.lookup import (
    Target,
    find_parent,
    locate,
    paths_of,
    read_row,
)
from ansible_collections.community.dokploy.plugins.module_utils._engine.plan import Write
from ansible_collections.community.dokploy.plugins.module_utils._errors import (
    DokployError,
    NotFoundError,
    OptionError,
    ReferenceNotFound,
)
from ansible_collections.community.dokploy.plugins.module_utils._model.field import Field, Listing
from ansible_collections.community.dokploy.plugins.module_utils._model.procedures import (
    Creation,
    Reading,
    Removal,
    Updating,
)
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import DELETE_TIMEOUT, Resource
from ansible_collections.community.dokploy.plugins.module_utils._reads.reads import Reads
from ansible_collections.community.dokploy.plugins.module_utils._resources.infrastructure.listings import REGISTRIES
from ansible_collections.community.dokploy.plugins.module_utils._resources.projects.project import ENVIRONMENT, PROJECT
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import APPLICATION
from tests.support.fake_clients import Expect, ScriptedClient, reads
from tests.support.sample_rows import (
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


def siblings(target: Target, id_key: str) -> list[str]:
    assert target.siblings is not None
    return [call.input[id_key] for call in target.siblings()]


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
def test_an_incomplete_locator_is_refused_without_a_request(
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
        assert siblings(target, "applicationId") == ["id-web", "id-api"]
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


TOY = Resource(
    name="toy",
    scope="environment",
    listing=Listing("toy", ("environment.one",), "toyId", key="toys"),
    options=(Field("name", "name"),),
    creation=Creation("toy.create"),
    reading=Reading("toy.one"),
    updating=Updating("toy.update"),
    removal=Removal("toy.remove", body={"deleteToys": False}),
)


def toys(*names: str) -> Any:
    """A tree in which an application has the name of each toy."""
    rows = [{"toyId": f"toy-{name}", "name": name} for name in names]
    return [
        project(
            environments=[{**environment(applications=[service(name, f"id-{name}") for name in names]), "toys": rows}]
        )
    ]


def test_another_kind_of_service_is_located_by_its_description() -> None:
    """And not as the application of its name."""
    listed = reads("project.all", toys("web", "db"))
    target = located(TOY, listed, name="db", project="shop")
    assert (target.label, target.resource_id, target.parent_id) == (
        "toy 'db' in shop/production",
        "toy-db",
        ENVIRONMENT_ID,
    )
    assert siblings(target, "toyId") == ["toy-web", "toy-db"]
    assert located(TOY, reads("project.all", tree("web")), name="web", project="shop").resource_id is None
    assert located(TOY, toy_id="id-web").label == "toy id-web"
    with pytest.raises(OptionError, match="project is needed to find the toy 'db' by its name"):
        located(TOY, name="db")
    client: Any = ScriptedClient(listed)
    with pytest.raises(ReferenceNotFound, match="toy: no toy is named 'wep' in shop/production. Did you mean: 'web'?"):
        find_parent(TOY, {"project": "shop", "environment": "production", "toy": "wep"}, Reads(client))


def test_another_kind_of_service_is_observed_and_removed_by_its_description() -> None:
    client: Any = ScriptedClient(
        reads("project.all", toys("web", "db")), reads("toy.one", {"name": "db"}, toyId="toy-db")
    )
    known = Reads(client)
    target = locate(TOY, {"name": "db", "project": "shop"}, known)
    assert read_row(TOY, target, known) == {"name": "db"}
    assert [path[-1]["toyId"] for path in paths_of(TOY, {"project": "shop"}, known)] == ["toy-db", "toy-web"]
    assert removal_of(TOY, target.row or {}, {"wait_timeout": 60}, {}) == [
        Write("toy.remove", {"toyId": "toy-db", "deleteToys": False}, missing_ok=True, timeout=DELETE_TIMEOUT)
    ]
    known.trees.of().forget(TOY.levels, "toy-db")
    assert locate(TOY, {"name": "db", "project": "shop"}, known).resource_id is None
    assert locate(APPLICATION, {"name": "db", "project": "shop"}, known).resource_id == "id-db"
    client.done()


def test_an_id_needs_no_tree() -> None:
    target = located(APPLICATION, application_id="some-id")
    assert (target.resource_id, target.parent_id, target.label) == ("some-id", None, "application some-id")


def test_an_id_with_an_environment_moves_the_record() -> None:
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


def test_the_error_names_an_environment_that_was_left_out() -> None:
    staging = environment(name="staging", environmentId="s", isDefault=False, applications=[service("web", "a")])
    read_once = reads("project.all", [project(environments=[environment(), staging])])
    address = {"project": "shop", "application": "web", "application_id": None}
    for stated in (None, "production"):
        client: Any = ScriptedClient(read_once)
        with pytest.raises(ReferenceNotFound) as caught:
            find_parent(APPLICATION, {**address, "environment": stated}, Reads(client))
        assert ("the default environment, since environment is not set" in str(caught.value)) is (stated is None)
        assert str(caught.value).endswith(". There is one in shop/staging.")


def rows_of(target: Target, *script: Expect, resource: Resource = APPLICATION, fresh: bool = False) -> Any:
    client: Any = ScriptedClient(*script)
    row = read_row(resource, target, Reads(client), fresh)
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


def test_the_row_of_a_project_is_read_from_the_tree_but_for_a_read_back() -> None:
    target = Target("w", PROJECT_ID, {"name": "from the tree"})
    assert rows_of(target, resource=PROJECT) == {"name": "from the tree"}
    back = reads("project.one", {"name": "fresh"}, projectId=PROJECT_ID)
    assert rows_of(target, back, resource=PROJECT, fresh=True) == {"name": "fresh", "tagIds": []}


def test_a_record_of_the_instance_is_found_in_its_listing() -> None:
    other = dataclasses.replace(TOY, name="registry", scope="instance", listing=REGISTRIES)
    listed = reads("registry.all", [{"registryId": "id-web", "registryName": "web"}])
    for params in ({"name": "web"}, {"name": "id-web"}, {"registry_id": "id-web"}):
        assert located(other, listed, **params).resource_id == "id-web"
    assert located(other, listed, name="new").resource_id is None
