# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a document does not name: it is listed, it stays, and only what is asked for is removed."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._manifest.manifest import OPERATION
from tests.component.manifest.test_manifest import DOCUMENT, LOGIN, QUIET, apply, changed, counts, reference
from tests.support.host import Host
from tests.support.operations import OPERATIONS

WEB = {"name": "web", "docker": {"image": "nginx:1.29"}}
DATABASE = {
    "name": "db",
    "type": "postgres",
    **LOGIN,
    "mounts": [
        {"type": "bind", "host_path": "/srv/conf", "target": "/conf"},
        {"type": "file", "file_path": "extra.conf", "content": "x", "target": "/etc/extra.conf"},
    ],
}


def document(*applications: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "projects": [
            {"name": "shop", "environments": [{"name": "production", "applications": list(applications), **more}]}
        ]
    }


def unmanaged(result: dict[str, Any]) -> list[str]:
    return [f"{one['kind']} {one['path']}" for one in result["plan"]["unmanaged"]]


def test_what_is_not_named_is_listed_and_stays(host: Host) -> None:
    apply(host)
    result = apply(host, document(WEB))
    assert unmanaged(result) == ["destination s3", "registry ghcr", "ssh_key deploy", "environment shop/staging"]
    assert not apply(host)["changed"]


def test_what_is_not_named_is_in_the_order_of_names(host: Host) -> None:
    for name in ("bee", "zoo", "ant"):
        host.ok(OPERATIONS["dokploy_project"], name=name)
    assert unmanaged(apply(host, {"projects": []})) == ["project ant", "project bee", "project zoo"]


def test_an_empty_list_or_a_missing_section_removes_nothing(host: Host) -> None:
    apply(host)
    for empty in ({"registries": []}, {"projects": []}, {"projects": [{"name": "shop", "environments": []}]}):
        assert not apply(host, empty, prune=["application"] if "projects" in empty and empty["projects"] else [])[
            "changed"
        ]
    assert not apply(host)["changed"]


def test_only_the_kinds_that_are_asked_for_are_removed(host: Host) -> None:
    apply(host, document(WEB, {**WEB, "name": "old"}, databases=[DATABASE]))
    apply(host, {"projects": [{"name": "blog", "environments": [{"name": "production", "applications": [WEB]}]}]})
    planned = apply(host, document(WEB), check=True, prune=["application"])
    assert changed(planned) == {"application shop/production/old": "remove"}
    assert unmanaged(planned) == ["project blog", "database shop/production/db"]
    done = apply(host, document(WEB), prune=["application"])
    assert (done.get("msg"), changed(done)) == (None, changed(planned))
    assert not apply(host, document(WEB), prune=["application"])["changed"]
    # The project and all that is in it.
    gone = apply(host, document(WEB), prune=["project", "environment", "application"])
    assert changed(gone) == {"project blog": "remove", "application blog/production/web": "remove"}
    assert [one["name"] for one in host.read("project.all")] == ["shop"]


def test_a_database_of_another_name_begins_empty(host: Host) -> None:
    """And the plan tells it of both."""
    cache = {"name": "cache", "type": "redis", "password": "made-up"}
    apply(host, document(WEB, databases=[DATABASE, cache]))
    renamed = document(WEB, databases=[{**DATABASE, "name": "db2"}, {**cache, "state": "absent"}])
    result = apply(host, renamed, check=True, prune=["database"])
    reasons = {f"{change['action']} {change['path']}": change["reason"] for change in result["plan"]["changes"]}
    assert reasons["create shop/production/db2"] == "begins empty, without the data of db"
    moved = "the data is not moved to db2, which begins empty"
    assert reasons["remove shop/production/db"].endswith("; " + moved)
    assert "begins empty" not in str(reasons["remove shop/production/cache"])
    for text in ("begins empty, without the data of db |", moved):
        assert text in result["plan"]["text"]
    # Beside what stays, nothing is to be known of a new one.
    both = document(WEB, databases=[DATABASE, {**DATABASE, "name": "db2"}, cache])
    (change,) = apply(host, both, check=True, prune=["database"])["plan"]["changes"]
    assert (change["action"], change["reason"]) == ("create", None)


def test_a_project_with_services_of_other_kinds_is_not_removed(host: Host) -> None:
    apply(host, {"projects": [{"name": "blog", "environments": [{"name": "production", "databases": [DATABASE]}]}]})
    for more in ({}, {"force": True}):
        failed = apply(host, document(WEB), prune=["project"], **more)
        assert "still has 1 service" in failed["msg"]
        # Which has no effect here.
        assert "force" not in failed["msg"]
        assert "Name database and environment in prune as well, or list what stays in the document." in failed["msg"]
        assert host.sim.calls("mutation") == []
    done = apply(host, document(WEB), prune=["project", "environment", "database"])
    assert done["changed"], done
    assert [row["name"] for row in host.read("project.all")] == ["shop"]


def test_a_database_loses_no_mount_that_its_entry_does_not_state(host: Host) -> None:
    """The case in which a peer removes the data volume."""
    apply(host, document(databases=[DATABASE]))
    bare = {name: value for name, value in DATABASE.items() if name != "mounts"}
    everything = ["application", "database", "compose", "environment", "project", "registry", "ssh_key", "destination"]
    done = apply(host, document(databases=[bare]), prune=everything)
    assert (done.get("msg"), done["changed"]) == (None, False)
    (project,) = host.read("project.all")
    row = host.read("postgres.one", postgresId=project["environments"][0]["postgres"][0]["postgresId"])
    assert sorted(one["type"] for one in row["mounts"]) == ["bind", "file", "volume"]
    # Those that are stated are all that it has, but for the volume that the server has made.
    done = apply(host, document(databases=[{**bare, "mounts": []}]), prune=everything)
    assert changed(done) == {"database shop/production/db": "update"}
    row = host.read("postgres.one", postgresId=project["environments"][0]["postgres"][0]["postgresId"])
    assert [one["type"] for one in row["mounts"]] == ["volume"]


@pytest.mark.parametrize("at", ["project", "environment"])
def test_nothing_is_removed_from_what_is_protected(host: Host, at: str) -> None:
    apply(host, document(WEB, {**WEB, "name": "old"}))
    wanted = document(WEB)
    target = wanted["projects"][0]
    (target if at == "project" else target["environments"][0])["protect"] = True
    done = apply(host, wanted, prune=["application"])
    assert (done["changed"], unmanaged(done)) == (False, ["application shop/production/old"])


def test_pruning_is_refused(host: Host) -> None:
    apply(host, document(*({**WEB, "name": f"web-{number}"} for number in range(12))))
    kinds = {"prune": ["application"]}
    assert apply(host, {"projects": []}, **kinds)["msg"].startswith("prune: the document is empty")
    assert (
        "prune: there is no kind 'aplication'. Did you mean: 'application'"
        in apply(host, document(WEB), prune=["aplication"])["msg"]
    )
    few = document(*({**WEB, "name": f"web-{number}"} for number in range(8)))
    assert "prune: 4 of 12 would be removed, more than prune_limit=30%" in apply(host, few, **kinds)["msg"]
    assert (
        "prune: 4 of 12 would be removed, more than prune_limit=3" in apply(host, few, **kinds, prune_limit="3")["msg"]
    )
    assert "prune_limit is 'some'" in apply(host, few, **kinds, prune_limit="some")["msg"]
    assert host.sim.calls("mutation") == []
    done = apply(host, few, **kinds, prune_limit="40%")
    assert counts(done) == {"remove": 4}


def test_a_key_that_does_not_see_everything_prunes_nothing(host: Host) -> None:
    apply(host, document(WEB, {**WEB, "name": "old"}))
    own = host.read("project.all")[0]["projectId"]
    host.sim.act(member="member@example.com", key="key-of-member", projects=[own])
    member = Host(host.sim, dokploy_api_key="key-of-member")
    for kind, text in (("application", "shows only what this user may access"), ("registry", "may not list all")):
        failed = apply(member, document(WEB), prune=[kind])
        assert text in failed["msg"]
        assert host.sim.calls("mutation") == []
    member.close()


def test_the_plan_that_was_reviewed_is_the_one_that_is_applied(host: Host) -> None:
    planned = apply(host, DOCUMENT, check=True)["plan"]["id"]
    other = apply(host, document(WEB), check=True, expected_plan=planned)
    assert other["msg"].startswith("expected_plan: the plan is ")
    failed = apply(host, document(WEB), expected_plan=planned)
    assert (host.sim.calls("mutation"), counts(failed)) == ([], {"create": 2})
    assert apply(host, DOCUMENT, expected_plan=planned).get("msg") is None


def test_everything_goes_with_the_project_that_it_is_in(host: Host) -> None:
    """What uses a registry, a key or a destination is not named itself."""
    apply(host)
    named = {name: entries for name, entries in DOCUMENT.items() if isinstance(entries, list)}
    gone = {name: [{"name": one["name"], "state": "absent"} for one in entries] for name, entries in named.items()}
    gone["projects"][0]["force"] = True
    planned = apply(host, gone, check=True)
    done = apply(host, gone)
    assert (done.get("msg"), done["plan"]) == (None, planned["plan"])
    assert counts(done) == {"remove": 4}
    assert host.read("project.all") == host.read("registry.all") == host.read("sshKey.all") == []
    assert not apply(host, gone)["changed"]


def test_a_predicted_removal_is_still_to_be_done(host: Host) -> None:
    """In one loop, whose runs share what was read."""
    apply(host, document(WEB, {**WEB, "name": "old"}))
    wanted = {**QUIET, **document(WEB), "prune": ["application"]}
    host.new_task()
    planned, done, again = (host.run(OPERATION, check=check, **wanted) for check in (True, False, False))
    assert changed(planned) == changed(done) == {"application shop/production/old": "remove"}
    assert not again["changed"]


@pytest.mark.parametrize("check", [True, False])
def test_what_the_document_refers_to_is_not_pruned(host: Host, check: bool) -> None:
    apply(host, {"projects": [{"name": "blog", "environments": [{"name": "production", "applications": [WEB]}]}]})
    taking = document({**WEB, "env": {"BLOG": reference("blog/production/web:app_name")}})
    failed = apply(host, taking, check=check, prune=["project", "environment", "application"])
    words = "application blog/production/web is to be removed, and application shop/production/web refers to it"
    assert failed["mistakes"] == [f"prune: {words}"]
    registry = {"name": "ghcr", "url": "ghcr.io", "username": "acme", "password": "made-up"}
    apply(host, {"registries": [registry]})
    failed = apply(host, document({**WEB, "registry": "ghcr"}), check=check, prune=["registry"])
    assert failed["mistakes"] == [
        "prune: registry ghcr is to be removed, and application shop/production/web refers to it"
    ]
    assert host.sim.calls("mutation") == []
    # What it no longer refers to is.
    apply(host, document({**WEB, "registry": "ghcr"}))
    done = apply(host, document({**WEB, "registry": ""}), check=check, prune=["registry"])
    assert changed(done) == {"application shop/production/web": "update", "registry ghcr": "remove"}
