# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one diff: what it decides and what it prints."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given, settings

from ansible_collections.community.dokploy.plugins.module_utils._engine.desired import desire
from ansible_collections.community.dokploy.plugins.module_utils._engine.diff import Diff, compare
from ansible_collections.community.dokploy.plugins.module_utils._engine.planning import plan_present
from ansible_collections.community.dokploy.plugins.module_utils._engine.view import difference
from ansible_collections.community.dokploy.plugins.module_utils._errors import OptionError, Refused
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Resource
from ansible_collections.community.dokploy.plugins.module_utils._resources.databases.database import DATABASES
from ansible_collections.community.dokploy.plugins.module_utils._resources.projects.project import ENVIRONMENT, PROJECT
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import APPLICATION
from tests.support import sample_rows
from tests.support.effort import example_count
from tests.support.strategies import resource_params

PARENTS = {"project": None, "environment": sample_rows.PROJECT_ID, "application": sample_rows.ENVIRONMENT_ID}


def against(row: Any, **params: Any) -> Diff:
    return compare(APPLICATION, desire(APPLICATION, params), row)


def changed(diff: Diff) -> dict[str, tuple[Any, Any]]:
    return {".".join(change.path): (change.before, change.after) for change in diff.changes}


def children(diff: Diff) -> list[tuple[str, str]]:
    return [(change.action, change.label) for change in diff.children]


# --- fields ----------------------------------------------------------------------------------------------------------


def test_options_that_are_absent_are_never_compared() -> None:
    row = sample_rows.application(env="A=1", replicas=7, domains=[sample_rows.domain()], mounts=[sample_rows.mount()])
    diff = against(row, description="")
    assert diff.empty
    assert diff.action == "none"


def test_only_what_differs_is_a_change() -> None:
    row = sample_rows.application(description="old", replicas=2, command=None)
    diff = against(row, description="new", replicas=2, command="", auto_deploy=True)
    assert diff.action == "update"
    assert changed(diff) == {"description": ("old", "new")}


def test_a_new_resource_gets_all_values_that_are_not_empty() -> None:
    diff = against(None, name="web", replicas=0, auto_deploy=False)
    assert diff.action == "create"
    assert changed(diff) == {"name": (None, "web"), "replicas": (None, 0), "auto_deploy": (None, False)}


def test_creation_is_a_change_even_with_nothing_stated() -> None:
    assert not against(None).empty


def test_another_kind_of_source_changes_its_type_only() -> None:
    row = sample_rows.application(
        sourceType="docker", dockerImage="nginx", customGitUrl="https://h/u", customGitBranch="main"
    )
    assert changed(against(row, git={"url": "https://h/u", "branch": "main"})) == {"source": ("docker", "git")}


def test_an_identifier_is_cleared_to_null() -> None:
    row = sample_rows.application(sourceType="git", customGitUrl="u", customGitBranch="b", customGitSSHKeyId="key-id")
    assert changed(against(row, git={"ssh_key": ""})) == {"git.ssh_key": ("key-id", None)}


def test_merged_variables_are_merged_into_the_current_text() -> None:
    row = sample_rows.application(env="# keep\nA=1\nB=2")
    diff = against(row, env={"B": "3", "C": "4"}, env_mode="merge")
    assert changed(diff) == {"env": ("# keep\nA=1\nB=2", "# keep\nA=1\nB=3\nC=4")}
    assert against(row, env={"A": 1, "GONE": None}, env_mode="merge").empty
    assert not against(row, env={"A": 1}, env_mode="replace").empty


def test_a_mapping_of_variables_changes_the_current_text_in_place_and_a_text_replaces_it() -> None:
    text = "# keep\r\n\r\nexport A='1' # one\r\nB=2\r\n"
    row = sample_rows.application(env=text, previewEnv=text)
    after = "# keep\r\n\r\nexport A='1' # one\r\nC=3"
    diff = against(row, env={"A": 1, "C": 3}, preview={"env": {"A": 1, "C": 3}})
    assert changed(diff) == {"env": (text, after), "preview.env": (text, after)}
    assert against(row, env={"B": 2, "A": 1}).empty
    assert changed(against(row, env="A=1\nC=3")) == {"env": (text, "A=1\nC=3")}
    assert changed(against(row, env={})) == {"env": (text, "")}
    assert changed(against(None, name="web", env={"A": 1}))["env"] == (None, "A=1")


@pytest.mark.parametrize(
    ("params", "needs"),
    [
        ({"docker": {}}, "docker.image is needed, and it is not set yet"),
        ({"git": {"url": "https://h/u"}}, "git.branch is needed, and it is not set yet"),
        ({"git": {"url": "", "branch": "b"}}, "git.url is needed, and it is empty"),
        ({"github": {"provider": "id", "owner": "o", "repository": "r"}}, "github.branch is needed"),
    ],
)
def test_a_source_needs_its_parts(params: dict[str, Any], needs: str) -> None:
    with pytest.raises(OptionError) as caught:
        against(sample_rows.application(), **params)
    assert str(caught.value).startswith(needs)


def test_a_part_that_is_set_on_the_server_need_not_be_stated() -> None:
    row = sample_rows.application(sourceType="docker", dockerImage="nginx")
    assert changed(against(row, docker={"username": "u"})) == {"docker.username": (None, "u")}
    with pytest.raises(OptionError, match="it is missing"):
        against(None, docker={"username": "u"})


def test_what_is_fixed_at_creation_is_refused_afterwards() -> None:
    row = sample_rows.application(appName="web-a1b2c3", serverId=None)
    assert against(row, app_name="Web").empty
    with pytest.raises(Refused, match="app_name cannot be changed on an existing application") as caught:
        against(row, app_name="other")
    assert "'web-a1b2c3'" in str(caught.value)
    with pytest.raises(Refused, match="server cannot be changed"):
        against(row, server="server-id")
    assert not against(None, app_name="other", server="server-id").empty


def test_the_name_of_the_default_environment_is_fixed() -> None:
    default, other = {"name": "production", "isDefault": True}, {"name": "staging", "isDefault": False}
    with pytest.raises(Refused, match="name of this environment"):
        compare(ENVIRONMENT, desire(ENVIRONMENT, {"name": "live"}), default)
    assert compare(ENVIRONMENT, desire(ENVIRONMENT, {"name": "production"}), default).empty
    assert not compare(ENVIRONMENT, desire(ENVIRONMENT, {"name": "live"}), other).empty


# --- children --------------------------------------------------------------------------------------------------------


def test_children_are_matched_by_their_natural_key() -> None:
    rows = [sample_rows.domain(1), sample_rows.domain(2, path="/x"), sample_rows.domain(3, host="b.example.com")]
    diff = against(
        sample_rows.application(domains=rows),
        domains=[
            {"host": "a.example.com", "path": "/x", "port": 80},
            {"host": "c.example.com"},
            {"host": "a.example.com"},
        ],
    )
    assert children(diff) == [
        ("update", "a.example.com/x"),
        ("add", "c.example.com/"),
        ("remove", "b.example.com/"),
    ]
    assert diff.children[0].row == rows[1]
    assert [(c.field.name, c.before, c.after) for c in diff.children[0].changes] == [("port", 3000, 80)]


def test_an_empty_list_removes_all_and_an_absent_one_none() -> None:
    row = sample_rows.application(
        domains=[sample_rows.domain(1), sample_rows.domain(2, path="/x")], mounts=[sample_rows.mount()]
    )
    assert children(against(row, domains=[])) == [("remove", "a.example.com/"), ("remove", "a.example.com/x")]
    assert children(against(row, mounts=[])) == [("remove", "/data")]
    assert against(row).empty


def test_a_row_without_a_path_is_the_one_of_the_default_path() -> None:
    row = sample_rows.application(domains=[sample_rows.domain(path=None)])
    (update,) = against(row, domains=[{"host": "a.example.com"}]).children or (None,)
    assert update is None or update.action == "update"


def test_of_several_rows_with_one_key_the_unchanged_one_stays() -> None:
    rows = [sample_rows.domain(1, port=1), sample_rows.domain(2, port=2), sample_rows.domain(3, port=3)]
    diff = against(sample_rows.application(domains=rows), domains=[{"host": "a.example.com", "port": 2}])
    assert [(c.action, c.row["domainId"]) for c in diff.children if c.row] == [
        ("remove", rows[0]["domainId"]),
        ("remove", rows[2]["domainId"]),
    ]


def test_a_mount_of_another_type_is_replaced_and_one_of_the_same_type_is_updated() -> None:
    row = sample_rows.application(mounts=[sample_rows.mount()])
    assert children(against(row, mounts=[{"path": "/data", "type": "volume", "name": "other"}])) == [
        ("update", "/data")
    ]
    assert children(against(row, mounts=[{"path": "/data", "type": "bind", "host_path": "/x"}])) == [
        ("replace", "/data")
    ]
    assert against(row, mounts=[{"path": "/data", "type": "volume", "name": "vol1"}]).empty


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"mounts": [{"path": "/d", "type": "volume"}]}, "mounts[0]: a mount of type volume needs name"),
        ({"mounts": [{"path": "/d", "type": "bind", "name": "v"}]}, "mounts[0]: a mount of type bind needs host_path"),
        (
            {"mounts": [{"path": "/d", "type": "file", "content": "hunter2"}]},
            "mounts[0]: a mount of type file needs file_path",
        ),
        ({"mounts": [{"path": "/d"}]}, "mounts[0]: a mount needs type"),
        (
            {"domains": [{"host": "a", "certificate": "custom"}]},
            "domains[0]: a domain of certificate custom needs certificate_resolver",
        ),
    ],
)
def test_a_child_needs_its_parts(params: dict[str, Any], words: str) -> None:
    for row in (None, sample_rows.application()):
        with pytest.raises(OptionError) as caught:
            against(row, **params)
        assert str(caught.value) == words


def test_a_childs_part_that_is_set_on_the_server_need_not_be_stated() -> None:
    row = sample_rows.application(domains=[sample_rows.domain(certificateType="none", customCertResolver="le")])
    diff = against(row, domains=[{"host": "a.example.com", "certificate": "custom"}])
    assert children(diff) == [("update", "a.example.com/")]


# --- in print --------------------------------------------------------------------------------------------------------


def printed(diff: Diff, names: dict[str, str], label: str) -> Any:
    return difference(diff, names, label).result()["diff"]


def test_printed_update() -> None:
    row = sample_rows.application(description="old", env="A=1\nB=2", sourceType="git", customGitSSHKeyId="id-1")
    row.update(customGitUrl="u", customGitBranch="b", domains=[sample_rows.domain(1)])
    diff = against(
        row,
        description="new",
        env={"A": "1", "B": "3"},
        git={"ssh_key": "id-2"},
        domains=[{"host": "b.example.com", "port": 80}],
    )
    shown = printed(diff, {"id-2": "deploy key"}, "application 'web'")
    assert shown["before_header"] == shown["after_header"] == "application 'web'"
    gone = shown["before"].pop("domains")
    assert shown["before"] == {
        "description": "old",
        "env": {"A": "(hidden)", "B": "(hidden) old"},
        "git": {"ssh_key": "id-1"},
    }
    assert list(gone) == ["a.example.com/"]
    assert gone["a.example.com/"]["port"] == 3000
    assert shown["after"] == {
        "description": "new",
        "env": {"A": "(hidden)", "B": "(hidden) new"},
        "git": {"ssh_key": "deploy key"},
        "domains": {"b.example.com/": {"host": "b.example.com", "path": "/", "port": 80}},
    }


def test_printed_creation_and_removal() -> None:
    shown = difference(against(None, name="web", docker={"image": "nginx", "password": "hunter2"}), {}, "h").result()[
        "diff"
    ]
    assert shown["before"] == {"state": "absent"}
    assert shown["after"] == {
        "state": "present",
        "name": "web",
        "source": "docker",
        "docker": {"image": "nginx", "password": "(hidden) new"},
    }
    shown = printed(Diff("remove"), {}, "h")
    assert (shown["before"], shown["after"]) == ({"state": "present"}, {"state": "absent"})


def test_an_empty_diff_prints_nothing() -> None:
    shown = printed(Diff("none"), {}, "h")
    assert shown["before"] == shown["after"] == {}


def test_a_secret_that_is_cleared_shows_as_empty() -> None:
    row = sample_rows.application(sourceType="docker", dockerImage="nginx", password="hunter2")
    shown = printed(against(row, docker={"password": ""}), {}, "h")
    assert shown["before"] == {"docker": {"password": "(hidden) old"}}
    assert shown["after"] == {"docker": {"password": ""}}


# --- properties ------------------------------------------------------------------------------------------------------


def applied(resource: Resource, row: Any, params: dict[str, Any]) -> sample_rows.StoredResource:
    """The row after the plan for these parameters was carried out on it."""
    params = {"name": "web", **params}
    diff = compare(resource, desire(resource, params), row)
    rows = sample_rows.StoredResource(resource, row)
    resource_id = None if row is None else row[resource.id_key]
    if not diff.empty:
        rows.apply(plan_present(resource, diff, resource_id, PARENTS[resource.name]))
    return rows


def stable(resource: Resource, *wanted: dict[str, Any]) -> None:
    """Creation, then changes to something else: each is stable at once and costs at most one write of its own."""
    row = None
    for params in wanted:
        rows = applied(resource, row, params)
        again = compare(resource, desire(resource, {"name": "web", **params}), rows.row)
        assert again.empty, again
        assert rows.writes.count(resource.updating.procedure) <= 1
        row = rows.row


@given(resource_params.PROJECTS, resource_params.PROJECTS)
def test_after_the_plan_nothing_is_left_to_do_on_a_project(first: dict[str, Any], second: dict[str, Any]) -> None:
    stable(PROJECT, first, second)


@given(resource_params.ENVIRONMENTS, resource_params.ENVIRONMENTS)
def test_after_the_plan_nothing_is_left_to_do_on_an_environment(first: dict[str, Any], second: dict[str, Any]) -> None:
    stable(ENVIRONMENT, first, second)


@example({"build": {"railpack_version": ""}}, {})
@given(resource_params.ANY_APPLICATIONS, resource_params.ANY_APPLICATIONS)
@settings(max_examples=example_count(60, 150))
def test_after_the_plan_nothing_is_left_to_do_on_an_application(first: dict[str, Any], second: dict[str, Any]) -> None:
    stable(APPLICATION, first, second)


@given(resource_params.ANY_APPLICATIONS, resource_params.ANY_APPLICATIONS)
@settings(max_examples=example_count(80, 200))
def test_a_printed_diff_never_holds_a_secret(first: dict[str, Any], second: dict[str, Any]) -> None:
    row = applied(APPLICATION, None, first).row
    for before, params in ((None, first), (row, second), (row, {"domains": [], "mounts": [], "env": {}})):
        shown = difference(
            compare(APPLICATION, desire(APPLICATION, {"name": "web", **params}), before), {}, "h"
        ).result()["diff"]
        assert resource_params.SECRET_MARK not in json.dumps(shown)


def test_the_mark_would_be_seen() -> None:
    """The two properties above look for a mark that really is in the rows."""
    row = applied(
        APPLICATION,
        None,
        {
            "env": {"A": resource_params.SECRET_MARK},
            "mounts": [{"path": "/f", "type": "file", "file_path": "f", "content": resource_params.SECRET_MARK}],
        },
    ).row
    assert row is not None
    assert resource_params.SECRET_MARK in row["env"]
    assert row["mounts"][0]["content"] == resource_params.SECRET_MARK


def test_what_the_server_makes_by_itself_is_no_difference_but_for_its_natural_key() -> None:
    database = DATABASES[0]
    data = sample_rows.mount(mountPath="/data", type="volume", volumeName="db-a1b2c3-data", mountId="made")
    other = sample_rows.mount(mountPath="/x", type="volume", volumeName="x", mountId="other")
    row = {"postgresId": "p", "appName": "db-a1b2c3", "mounts": [data, other]}

    def changes(*mounts: dict[str, Any]) -> list[tuple[str, str]]:
        return children(compare(database, desire(database, {"mounts": list(mounts)}), row))

    assert changes() == [("remove", "/x")]
    assert changes({"path": "/x", "type": "volume", "name": "x"}) == []
    assert changes({"path": "/data", "type": "volume", "name": "mine"}) == [("update", "/data"), ("remove", "/x")]
    row["mounts"] = [data, {**data, "volumeName": "mine", "mountId": "stated"}]
    assert changes({"path": "/data", "type": "volume", "name": "mine"}) == [("remove", "/data")]
