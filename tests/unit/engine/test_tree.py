# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names and ids: one match is taken, several are an error with their ids, none lists similar names."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._engine.tree import (
    Tree,
    default_environment,
    missing,
    pick,
    place,
)
from ansible_collections.community.dokploy.plugins.module_utils._errors import Ambiguous, ReferenceNotFound
from tests.support.shapes import ENVIRONMENT_ID, PROJECT_ID, environment, project, service, tree


def picked(wanted: str, *rows: tuple[str, str]) -> Any:
    listed = [{"id": resource_id, "name": name} for resource_id, name in rows]
    return pick(listed, wanted, option="server", kind="server", id_key="id", where=" in x")


def test_a_name_or_an_id_is_picked() -> None:
    assert picked("b", ("1", "a"), ("2", "b")) == {"id": "2", "name": "b"}
    assert picked("2", ("1", "a"), ("2", "b")) == {"id": "2", "name": "b"}
    assert picked("c", ("1", "a")) is None
    assert picked("A", ("1", "a")) is None


def test_a_name_goes_before_an_id() -> None:
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
    error = missing([{"name": name} for name in names], wanted, option="project", kind="project", where=" in x")
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


def test_the_environment_that_is_not_named_is_the_default_one() -> None:
    row = project(environments=[environment(name="staging", environmentId="s", isDefault=False), environment()])
    known = Tree([row])
    assert known.need_environment(row, None, "environment")["environmentId"] == ENVIRONMENT_ID
    assert known.need_environment(row, "staging", "environment")["environmentId"] == "s"
    assert known.need_environment(row, "s", "environment")["environmentId"] == "s"
    with pytest.raises(ReferenceNotFound, match="environment: no environment is named 'stagng' in project 'shop'"):
        known.need_environment(row, "stagng", "environment")
    with pytest.raises(ReferenceNotFound, match="there is no default environment in project 'shop'"):
        known.need_environment(project(environments=[]), None, "environment")


def test_an_application_is_sought_in_its_environment_only() -> None:
    known = Tree(tree("web", "api"))
    (row,) = known.projects
    (home,) = row["environments"]
    found = known.application(row, home, "web", "name")
    assert found and found["applicationId"] == "id-web"
    assert known.application(row, home, "nope", "name") is None
    error = known.no_application(row, home, "wep", "application", by_default=False)
    assert error.message == "application: no application is named 'wep' in shop/production"
    assert error.hint == "Did you mean: 'web'?"
    with pytest.raises(ReferenceNotFound, match="no project is named 'shp'"):
        known.need_project("shp", "project")


def test_an_application_that_is_elsewhere_is_named_with_its_place() -> None:
    staging = environment(name="staging", environmentId="s", isDefault=False, applications=[service("api", "a")])
    other = environment(environmentId="o", applications=[service("api", "b"), service("blog", "c")])
    shop = project(environments=[environment(), staging])
    known = Tree([shop, project(projectId="p2", name="news", environments=[other])])
    home = shop["environments"][0]
    error = known.no_application(shop, home, "api", "application", by_default=True)
    assert error.message == (
        "application: no application is named 'api' in shop/production"
        " (the default environment, since environment is not set)"
    )
    assert error.hint == "There is one in shop/staging."
    error = known.no_application(shop, home, "blog", "application", by_default=False)
    assert error.message == "application: no application is named 'blog' in shop/production"
    assert error.hint == "There is one in news/production."


def test_an_id_leads_to_its_place() -> None:
    known = Tree(tree("web"))
    row = known.projects[0]
    home = row["environments"][0]
    assert known.find("projectId", PROJECT_ID) == (row, None, None)
    assert known.find("environmentId", ENVIRONMENT_ID) == (row, home, None)
    assert known.find("applicationId", "id-web") == (row, home, home["applications"][0])
    assert known.find("applicationId", PROJECT_ID) == (None, None, None)


def test_what_is_created_is_entered_and_what_is_removed_is_forgotten() -> None:
    known = Tree(tree("web"))
    row = known.projects[0]
    home = row["environments"][0]
    known.enter("project", project(projectId="p2", name="blog"), None)
    known.enter("environment", {"environmentId": "e2", "name": "staging"}, row)
    known.enter("application", service("api", "a2"), home)
    known.enter("application", service("api", "a3"), row["environments"][1])
    assert known.need_project("blog", "project")["projectId"] == "p2"
    assert known.need_environment(row, "staging", "environment")["environmentId"] == "e2"
    assert known.find("applicationId", "a3")[1] == row["environments"][1]
    known.forget("applicationId", "a2")
    assert known.application(row, row["environments"][0], "api", "name") is None
    assert known.application(row, row["environments"][0], "web", "name") is not None
    known.forget("environmentId", "e2")
    assert [one["environmentId"] for one in row["environments"]] == [ENVIRONMENT_ID]
    known.forget("projectId", PROJECT_ID)
    assert [one["projectId"] for one in known.projects] == ["p2"]


def test_what_is_there_already_is_not_entered_twice() -> None:
    """The tree may have been read anew between the creation and its entry."""
    known = Tree(tree("web"))
    row = known.projects[0]
    home = row["environments"][0]
    known.enter("project", project(), None)
    known.enter("application", service("web", "id-web"), home)
    assert known.need_project("shop", "project")["projectId"] == PROJECT_ID
    assert known.application(row, home, "web", "name") is home["applications"][0]


def test_place() -> None:
    assert place({"name": "shop"}, {"name": "production"}) == " in shop/production"
    assert place({"name": "shop"}, None) == " in shop"
    assert place(None, None) == ""
