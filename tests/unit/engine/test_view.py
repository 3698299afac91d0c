# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rows as users see them."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._engine.desired import desire, desired_item
from ansible_collections.community.dokploy.plugins.module_utils._engine.diff import Diff, compare, compare_one
from ansible_collections.community.dokploy.plugins.module_utils._engine.view import predicted, view
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import APPLICATION
from ansible_collections.community.dokploy.plugins.module_utils._values.codec import GENERATED
from tests.support import sample_rows

SECRETS = {
    "env": "A=hunter2",
    "buildArgs": "B=hunter2",
    "buildSecrets": "C=hunter2",
    "password": "hunter2",
    "mounts": [sample_rows.mount(type="file", filePath="f", content="hunter2")],
}


def test_a_view_has_the_options_of_the_source_in_force() -> None:
    shown = view(APPLICATION, sample_rows.application(sourceType="docker", dockerImage="nginx", customGitUrl="u"), {})
    assert shown["application_id"] == sample_rows.APPLICATION_ID
    assert (shown["source"], shown["docker"]["image"]) == ("docker", "nginx")
    assert not {"git", "github", "gitlab", "bitbucket", "gitea", "drop"} & set(shown)
    assert shown["build"]["type"] == "nixpacks"
    assert (shown["environment_id"], shown["status"]) == (sample_rows.ENVIRONMENT_ID, "idle")
    assert (shown["description"], shown["args"], shown["auto_deploy"]) == ("", [], True)


def test_a_view_holds_no_secrets_unless_it_is_asked_for_them() -> None:
    row = sample_rows.application(sourceType="docker", dockerImage="nginx", **SECRETS)
    shown = view(APPLICATION, row, {})
    assert "hunter2" not in repr(shown)
    assert "refresh-token-of-web" not in repr(shown)
    assert not {"env", "build_args", "build_secrets"} & set(shown)
    shown = view(APPLICATION, row, {}, include_secrets=True)
    assert shown["env"] == {"A": "hunter2"}
    assert shown["build_args"] == {"B": "hunter2"}
    assert shown["docker"]["password"] == "hunter2"
    assert shown["mounts"][0]["content"] == "hunter2"


def test_references_are_shown_by_name_where_it_is_known() -> None:
    row = sample_rows.application(sourceType="gitea", giteaId="gt-1", serverId="s-1")
    assert view(APPLICATION, row, {"gt-1": "acme"})["gitea"]["provider"] == "acme"
    assert view(APPLICATION, row, {})["gitea"]["provider"] == "gt-1"
    assert view(APPLICATION, row, {})["server"] == "s-1"
    assert view(APPLICATION, sample_rows.application(), {})["server"] == ""


def test_children_have_a_stable_order() -> None:
    rows = [
        sample_rows.domain(2, host="b"),
        sample_rows.domain(3, host="a", path="/x"),
        sample_rows.domain(1, host="a"),
    ]
    for order in (rows, rows[::-1]):
        shown = view(APPLICATION, sample_rows.application(domains=order), {})
        assert [(one["host"], one["path"]) for one in shown["domains"]] == [("a", "/"), ("a", "/x"), ("b", "/")]
        assert shown["domains"][0]["domain_id"] == rows[2]["domainId"]


def foretold(row: Any, **params: Any) -> Any:
    return view(APPLICATION, predicted(APPLICATION, row, compare(APPLICATION, desire(APPLICATION, params), row)), {})


def test_prediction_of_a_row() -> None:
    row = sample_rows.application(
        domains=[sample_rows.domain(1), sample_rows.domain(2, host="b.example.com")], mounts=[sample_rows.mount()]
    )
    shown = foretold(
        row,
        description="d",
        docker={"image": "nginx"},
        domains=[{"host": "a.example.com", "port": 80}, {"host": "c.example.com"}],
        mounts=[{"path": "/data", "type": "bind", "host_path": "/srv"}],
    )
    assert (shown["description"], shown["source"], shown["docker"]["image"]) == ("d", "docker", "nginx")
    assert [(one["host"], one["port"]) for one in shown["domains"]] == [("a.example.com", 80), ("c.example.com", None)]
    assert [(one["type"], one["host_path"]) for one in shown["mounts"]] == [("bind", "/srv")]


def test_a_prediction_does_not_change_the_row() -> None:
    row = sample_rows.application(domains=[sample_rows.domain(1)])
    foretold(row, description="d", domains=[])
    assert row == sample_rows.application(domains=[sample_rows.domain(1)])


def test_a_replaced_child_shows_nothing_of_the_old_one() -> None:
    row = sample_rows.application(mounts=[sample_rows.mount(volumeName="old")])
    (mount,) = foretold(row, mounts=[{"path": "/data", "type": "bind", "host_path": "/srv"}])["mounts"]
    assert (mount["name"], mount["mount_id"]) == (GENERATED, GENERATED)


@pytest.mark.parametrize(("columns", "there"), [({}, False), ({"repository": "shop"}, True)])
def test_a_source_of_which_nothing_is_set_is_only_named(columns: dict[str, Any], there: bool) -> None:
    shown = view(APPLICATION, sample_rows.application(sourceType="github", **columns), {})
    assert shown["source"] == "github"
    assert ("github" in shown) is there


def test_a_replaced_child_keeps_its_natural_key() -> None:
    row = sample_rows.application(mounts=[sample_rows.mount(mountPath="/data")])
    (mount,) = APPLICATION.children[1:2]
    wants = desired_item(mount, {"path": "/data", "type": "bind", "host_path": "/srv"})
    change = compare_one(mount, wants, row["mounts"], None, True)
    assert change is not None and change.action == "replace"
    (after,) = predicted(APPLICATION, row, Diff("update", children=(change,)))["mounts"]
    assert (after["mountPath"], after["type"], after["hostPath"]) == ("/data", "bind", "/srv")


def test_a_new_resource_shows_stated_empty_lists_and_no_others() -> None:
    desired = desire(APPLICATION, {"name": "web", "schedules": []})
    after = predicted(APPLICATION, None, compare(APPLICATION, desired, None), desired.fields, desired.children)
    assert after["schedules"] == [] and "patches" not in after
