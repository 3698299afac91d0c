# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names and IDs: one match is taken, several are an error with their IDs, none lists similar names."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._errors import Ambiguous, ReferenceNotFound
from ansible_collections.community.dokploy.plugins.module_utils._model.field import Listing
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import PROJECTS
from ansible_collections.community.dokploy.plugins.module_utils._reads.rows import missing, pick
from ansible_collections.community.dokploy.plugins.module_utils._reads.tree import Tree, default_environment, place
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import APPLICATION
from tests.support.sample_rows import ENVIRONMENT_ID, PROJECT_ID, environment, project, service, tree

LEVELS = APPLICATION.levels


def environment_of(known: Tree, row: Any, wanted: str | None) -> Any:
    return known.need(LEVELS, (row,), wanted, "environment")


def picked(wanted: str, *rows: tuple[str, str]) -> Any:
    listed = [{"id": resource_id, "name": name} for resource_id, name in rows]
    return pick(listed, wanted, Listing("server", (), "id"), "server", where=" in x")


def test_a_name_or_an_id_is_picked() -> None:
    assert picked("b", ("1", "a"), ("2", "b")) == {"id": "2", "name": "b"}
    assert picked("2", ("1", "a"), ("2", "b")) == {"id": "2", "name": "b"}
    assert picked("c", ("1", "a")) is None
    assert picked("A", ("1", "a")) is None


def test_a_name_has_precedence_over_an_id() -> None:
    assert picked("1", ("1", "a"), ("2", "1")) == {"id": "2", "name": "1"}


def test_several_of_one_name_list_their_ids() -> None:
    with pytest.raises(Ambiguous) as caught:
        picked("a", ("2", "a"), ("1", "a"), ("3", "b"))
    assert caught.value.message == "server: 2 servers are named 'a' in x: 1, 2"
    assert caught.value.details == {"ids": ["1", "2"]}
    assert picked("2", ("2", "a"), ("1", "a")) == {"id": "2", "name": "a"}


@pytest.mark.parametrize(
    ("wanted", "names", "hint"),
    [
        ("shpo", ["shop", "blog"], "Did you mean: 'shop'?"),
        ("SHOP", ["shop"], "Did you mean: 'shop'?"),
        ("zzz", ["shop", "blog"], "There are: 'blog', 'shop'."),
        ("zzz", [], "There is none in x."),
        (
            "zzz",
            ["name-%02d" % number for number in range(11)],
            "There are: %s, and 1 more." % ", ".join(repr("name-%02d" % number) for number in range(10)),
        ),
    ],
)
def test_an_unknown_name_gets_a_hint(wanted: str, names: list[str], hint: str) -> None:
    error = missing([{"name": name} for name in names], wanted, PROJECTS, "project", where=" in x")
    assert error.hint == hint
    assert error.message == "project: no project is named %r in x" % wanted
    assert isinstance(error, ReferenceNotFound)


@pytest.mark.parametrize(
    ("rows", "name"),
    [
        ([{"name": "a", "isDefault": False}, {"name": "live", "isDefault": True}], "live"),
        # Not by the name where the server says which one it is.
        ([{"name": "production", "isDefault": False}, {"name": "live", "isDefault": True}], "live"),
        ([{"name": "production", "isDefault": False}], None),
        # Before 0.26.1 there is the name only.
        ([{"name": "staging"}, {"name": "production"}], "production"),
        ([{"name": "staging"}], None),
        ([], None),
    ],
)
def test_the_default_environment(rows: list[Any], name: str | None) -> None:
    found = default_environment(rows)
    assert (found and found["name"]) == name


def test_without_a_name_the_default_environment_is_used() -> None:
    row = project(environments=[environment(name="staging", environmentId="s", isDefault=False), environment()])
    known = Tree([row])
    assert environment_of(known, row, None)["environmentId"] == ENVIRONMENT_ID
    assert environment_of(known, row, "staging")["environmentId"] == "s"
    assert environment_of(known, row, "s")["environmentId"] == "s"
    with pytest.raises(ReferenceNotFound, match="environment: no environment is named 'stagng' in project 'shop'"):
        environment_of(known, row, "stagng")
    with pytest.raises(ReferenceNotFound, match="there is no default environment in project 'shop'"):
        environment_of(known, project(environments=[]), None)


def test_an_application_is_found_in_its_environment_only() -> None:
    known = Tree(tree("web", "api"))
    (row,) = known.roots
    (home,) = row["environments"]
    found = known.find(LEVELS, (row, home), "web", "name")
    assert found and found["applicationId"] == "id-web"
    assert known.find(LEVELS, (row, home), "nope", "name") is None
    error = known.missing(LEVELS, (row, home), "wep", "application", by_default=False)
    assert error.message == "application: no application is named 'wep' in shop/production"
    assert error.hint == "Did you mean: 'web'?"
    with pytest.raises(ReferenceNotFound, match="no project is named 'shp'"):
        known.need(LEVELS, (), "shp", "project")


def test_the_error_names_the_place_of_another_application_of_the_name() -> None:
    staging = environment(name="staging", environmentId="s", isDefault=False, applications=[service("api", "a")])
    other = environment(environmentId="o", applications=[service("api", "b"), service("blog", "c")])
    shop = project(environments=[environment(), staging])
    known = Tree([shop, project(projectId="p2", name="news", environments=[other])])
    home = shop["environments"][0]
    error = known.missing(LEVELS, (shop, home), "api", "application", by_default=True)
    assert error.message == (
        "application: no application is named 'api' in shop/production"
        " (the default environment, since environment is not set)"
    )
    assert error.hint == "There is one in shop/staging."
    error = Tree([project(environments=[environment()])]).missing(LEVELS, (shop, home), "web", "application", True)
    assert error.message.endswith("(the default environment, since environment is not set)")
    assert error.hint == "There is none in shop/production."
    error = known.missing(LEVELS, (shop, home), "blog", "application", by_default=False)
    assert error.message == "application: no application is named 'blog' in shop/production"
    assert error.hint == "There is one in news/production."


def test_the_path_of_an_id() -> None:
    known = Tree(tree("web"))
    row = known.roots[0]
    home = row["environments"][0]
    assert known.path(LEVELS[:1], PROJECT_ID) == (row,)
    assert known.path(LEVELS[:2], ENVIRONMENT_ID) == (row, home)
    assert known.path(LEVELS, "id-web") == (row, home, home["applications"][0])
    assert known.path(LEVELS, PROJECT_ID) == ()


def test_created_records_are_entered_and_removed_ones_forgotten() -> None:
    known = Tree(tree("web"))
    row = known.roots[0]
    home = row["environments"][0]
    known.enter(LEVELS[:1], project(projectId="p2", name="blog"), None)
    known.enter(LEVELS[:2], {"environmentId": "e2", "name": "staging"}, PROJECT_ID)
    known.enter(LEVELS, service("api", "a2"), ENVIRONMENT_ID)
    known.enter(LEVELS, service("api", "a3"), "e2")
    known.enter(LEVELS, service("api", "a4"), "unknown")
    assert known.need(LEVELS, (), "blog", "project")["projectId"] == "p2"
    assert environment_of(known, row, "staging")["environmentId"] == "e2"
    assert known.path(LEVELS, "a3")[1] == row["environments"][1]
    assert known.path(LEVELS, "a4") == ()
    known.forget(LEVELS, "a2")
    assert known.find(LEVELS, (row, home), "api", "name") is None
    assert known.find(LEVELS, (row, home), "web", "name") is not None
    known.forget(LEVELS[:2], "e2")
    assert [one["environmentId"] for one in row["environments"]] == [ENVIRONMENT_ID]
    assert known.path(LEVELS, "a3") == ()
    known.forget(LEVELS[:1], PROJECT_ID)
    assert [one["projectId"] for one in known.roots] == ["p2"]
    assert known.path(LEVELS, "id-web") == ()


def test_a_read_back_renames_and_moves() -> None:
    known = Tree(tree("web"))
    row = known.roots[0]
    home = row["environments"][0]
    known.enter(LEVELS[:2], {"environmentId": "e2", "name": "staging"}, PROJECT_ID)
    known.refresh(LEVELS, {"applicationId": "id-web", "name": "www", "environmentId": ENVIRONMENT_ID})
    assert known.find(LEVELS, (row, home), "web", "name") is None
    assert known.find(LEVELS, (row, home), "www", "name") is not None
    known.refresh(LEVELS, {"applicationId": "id-web", "name": "www", "environmentId": "e2"})
    assert known.find(LEVELS, (row, home), "www", "name") is None
    assert known.path(LEVELS, "id-web")[1]["environmentId"] == "e2"
    known.refresh(LEVELS[:1], {**row, "environments": [environment(applications=[service("api", "a")])]})
    assert known.path(LEVELS, "id-web") == ()
    assert known.path(LEVELS, "a")[1]["environmentId"] == ENVIRONMENT_ID


def test_an_existing_record_is_not_entered_twice() -> None:
    """The tree may have been read again between the creation and its entry."""
    known = Tree(tree("web"))
    row = known.roots[0]
    home = row["environments"][0]
    known.enter(LEVELS[:1], project(), None)
    known.enter(LEVELS, service("web", "id-web"), ENVIRONMENT_ID)
    assert known.need(LEVELS, (), "shop", "project")["projectId"] == PROJECT_ID
    assert known.find(LEVELS, (row, home), "web", "name") is home["applications"][0]


def test_place() -> None:
    assert place(({"name": "shop"}, {"name": "production"})) == " in shop/production"
    assert place(({"name": "shop"},)) == " in shop"
    assert place(()) == ""
