# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Several documents for one server, each with the projects of its owner."""

from __future__ import annotations

from typing import Any

from tests.component.manifest.test_manifest import apply, changed
from tests.support.host import Host

WEB = {"name": "web", "docker": {"image": "nginx:1.29"}}
PLATFORM, SHOPS = {"owner": "platform"}, {"owner": "shops"}
PRUNE = {"prune": ["project", "environment", "application"]}


def projects(*names: str, **more: Any) -> dict[str, Any]:
    environments = [{"name": "production", "applications": [WEB]}]
    return {"projects": [{"name": name, "environments": environments, **more} for name in names]}


def test_each_document_prunes_the_projects_of_its_owner(host: Host) -> None:
    apply(host, projects("wiki", "mail"), **PLATFORM)
    apply(host, projects("shop", "blog"), **SHOPS)
    apply(host, projects("old"))
    assert not apply(host, projects("shop", "blog"), **SHOPS)["changed"]
    planned = apply(host, projects("shop"), check=True, **SHOPS, **PRUNE)
    done = apply(host, projects("shop"), **SHOPS, **PRUNE)
    assert changed(done) == changed(planned)
    assert changed(done) == {"project blog": "remove", "application blog/production/web": "remove"}
    assert sorted(one["name"] for one in host.read("project.all")) == ["mail", "old", "shop", "wiki"]


def test_the_project_of_another_owner_is_an_error(host: Host) -> None:
    apply(host, projects("wiki"), **PLATFORM)
    for check in (True, False):
        failed = apply(host, projects("wiki", "shop"), check=check, **SHOPS, adopt=True)
        assert failed["msg"] == "projects[wiki]: the project belongs to the owner 'platform'."
    assert host.sim.calls("mutation") == []
    # Without an owner, nobody's rights matter.
    assert not apply(host, projects("wiki"))["changed"]


def test_only_the_owner_removes_a_project(host: Host) -> None:
    apply(host, projects("wiki"), **PLATFORM)
    apply(host, projects("old"))
    gone = {"projects": [{"name": "wiki", "state": "absent", "force": True}]}
    assert "belongs to the owner 'platform'" in apply(host, gone, **SHOPS)["msg"]
    gone = {"projects": [{"name": "old", "state": "absent", "force": True}]}
    assert "has no owner. Set adopt to true to remove it" in apply(host, gone, **SHOPS)["msg"]
    assert changed(apply(host, gone, **SHOPS, adopt=True)) == {"project old": "remove"}
    assert not apply(host, gone, **SHOPS)["changed"]


def test_a_project_without_an_owner_is_taken_over_on_request(host: Host) -> None:
    host.call("tag.create", name="team-a", color="#22c55e")
    apply(host, projects("wiki", tags=["team-a"]))
    failed = apply(host, projects("wiki"), **PLATFORM)
    assert failed["msg"].startswith("projects[wiki]: the project exists, and has no owner. Set adopt to true")
    done = apply(host, projects("wiki"), **PLATFORM, adopt=True)
    assert changed(done) == {"tag owner:platform": "create", "project wiki": "update"}
    assert not apply(host, projects("wiki"), **PLATFORM)["changed"]
    names = {one["tagId"]: one["name"] for one in host.read("tag.all")}
    (wiki,) = host.read("project.all")
    assert sorted(names[one["tagId"]] for one in wiki["projectTags"]) == ["owner:platform", "team-a"]
    # Tags that are stated are those of the project beside that of the owner.
    assert changed(apply(host, projects("wiki", tags=[]), **PLATFORM)) == {"project wiki": "update"}
    assert not apply(host, projects("wiki", tags=[]), **PLATFORM)["changed"]


def test_what_is_taken_over_is_pruned_in_the_same_run(host: Host) -> None:
    old = projects("wiki", "old")
    old["projects"][0]["environments"][0]["applications"].append({**WEB, "name": "api"})
    apply(host, old)
    done = apply(host, projects("wiki"), **PLATFORM, **PRUNE, adopt=True)
    assert changed(done) == {
        "tag owner:platform": "create",
        "project wiki": "update",
        "application wiki/production/api": "remove",
    }
    assert not apply(host, projects("wiki"), **PLATFORM, **PRUNE, adopt=True)["changed"]


def test_an_older_server_has_no_owners(host: Host) -> None:
    host.sim.config(version="0.28.8")
    failed = apply(host, projects("wiki"), **PLATFORM)
    assert failed["msg"].startswith("owner needs Dokploy 0.29.0 or newer; this server is 0.28.8")
