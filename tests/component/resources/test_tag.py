# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tags, and the tags of projects."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._resources.projects.project import (
    INFO_OPERATION as PROJECTS,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.projects.project import OPERATION as PROJECT
from ansible_collections.community.dokploy.plugins.module_utils._resources.projects.tag import INFO_OPERATION, OPERATION
from dokploy_simulator import Simulator
from tests.support.host import Host

GREEN: dict[str, Any] = {"name": "production", "color": "#22c55e"}


def tags_of(host: Host) -> list[str]:
    (row,) = host.read("project.all")
    return [one["tag"]["name"] for one in row["projectTags"]]


def make(host: Host, *names: str) -> dict[str, str]:
    return {name: host.ok(OPERATION, name=name)["tag"]["tag_id"] for name in names}


def test_its_life(host: Host) -> None:
    predicted = host.ok(OPERATION, check=True, **GREEN)
    assert predicted["changed"] and host.read("tag.all") == []
    made = host.ok(OPERATION, **GREEN)
    (row,) = host.read("tag.all")
    assert made["diff"] == predicted["diff"] and made["diff"]["after"] == {"state": "present", **GREEN}
    assert made["tag"] == {**GREEN, "tag_id": row["tagId"], "created_at": row["createdAt"]}
    host.new_task()
    host.sim.reset_stats()
    assert not host.ok(OPERATION, **GREEN)["changed"]
    assert host.sim.calls() == ["tag.all"]
    assert host.ok(OPERATION, name="production", color="")["tag"]["color"] == ""
    assert host.ok(OPERATION, tag_id=row["tagId"], name="live")["changed"]
    assert [one["name"] for one in host.ok(INFO_OPERATION)["tags"]] == ["live"]
    assert host.ok(OPERATION, name="live", state="absent")["changed"] and host.read("tag.all") == []
    assert not host.ok(OPERATION, name="live", state="absent")["changed"]


@pytest.mark.parametrize("color", ["grenn", "green", "#22c", "22c55e", "#22c55g", "#22c55e00", "rgb(1, 2, 3)"])
def test_what_the_web_interface_cannot_show_is_no_color(host: Host, color: str) -> None:
    refused = host.failed(OPERATION, name="production", color=color)
    assert f"color: '{color}' is not a color as # and six hexadecimal digits" in refused["msg"]
    assert host.read("tag.all") == []


def test_a_name_that_is_taken_is_refused_before_anything_is_sent(host: Host) -> None:
    ids = make(host, "one", "two")
    host.sim.reset_stats()
    failed = host.failed(OPERATION, tag_id=ids["two"], name="one")
    assert "name: another tag is named 'one'" in failed["msg"] and not failed["changed"]
    assert host.sim.calls("mutation") == []


def test_a_project_has_tags(host: Host) -> None:
    ids = make(host, "one", "two", "three")
    predicted = host.ok(PROJECT, check=True, name="shop", tags=["one", "two"])
    made = host.ok(PROJECT, name="shop", tags=["one", "two"])
    assert made["diff"] == predicted["diff"] and made["diff"]["after"]["tags"] == ["one", "two"]
    assert made["project"]["tags"] == ["one", "two"] and sorted(tags_of(host)) == ["one", "two"]
    host.new_task()
    host.sim.reset_stats()
    assert not host.ok(PROJECT, name="shop", tags=["two", ids["one"]])["changed"]
    assert not host.ok(PROJECT, name="shop")["changed"] and not host.ok(PROJECT, name="shop", env={})["changed"]
    assert host.sim.calls("mutation") == []
    changed = host.ok(PROJECT, name="shop", tags=["three"], description="d")
    assert changed["diff"]["after"] == {"tags": ["three"], "description": "d"} and tags_of(host) == ["three"]
    (shown,) = host.ok(PROJECTS)["projects"]
    assert shown["tags"] == [ids["three"]]
    assert host.ok(PROJECT, name="shop", tags=[])["changed"] and tags_of(host) == []
    assert not host.ok(PROJECT, name="shop", tags=[])["changed"]


def test_one_that_is_named_twice_counts_once(host: Host) -> None:
    """The server removes all tags, and then refuses one that comes twice."""
    ids = make(host, "one")
    assert host.ok(PROJECT, name="shop", tags=["one", ids["one"], "one"])["changed"]
    assert tags_of(host) == ["one"]
    assert not host.ok(PROJECT, name="shop", tags=["one", "one"])["changed"]


@pytest.mark.parametrize("check", [False, True])
def test_an_unknown_tag(host: Host, check: bool) -> None:
    make(host, "production")
    if check:
        assert "Check mode assumes" in str(host.ok(PROJECT, check=True, name="shop", tags=["prodution"])["warnings"])
        return
    failed = host.failed(PROJECT, name="shop", tags=["prodution"])
    hint = "Did you mean: 'production'? dokploy_tag creates one."
    assert failed["msg"] == f"tags: no tag is named 'prodution'. {hint}"
    assert host.read("project.all") == []


def test_older_servers_have_none() -> None:
    with Simulator(version="0.28.8") as sim:
        host = Host(sim)
        assert "tags needs Dokploy 0.29.0" in host.failed(PROJECT, name="shop", tags=["one"])["msg"]
        assert host.ok(PROJECT, name="shop")["project"]["tags"] == []
        for operation, params in ((OPERATION, GREEN), (INFO_OPERATION, {})):
            assert host.failed(operation, **params)["msg"].startswith("A tag needs Dokploy 0.29.0 or newer")
        host.close()
