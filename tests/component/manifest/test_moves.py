# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Entries that say what they were called before: renamed and moved, once, and never created anew."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._manifest.manifest import OPERATION as MANIFEST
from ansible_collections.community.dokploy.plugins.module_utils._manifest.prune import KINDS
from tests.component.manifest.test_manifest import reference
from tests.support.host import Host

Row = dict[str, Any]
DATABASE = {"type": "postgres", "database": "shop", "user": "shop", "password": "made-up"}


def service(name: str, **more: Any) -> Row:
    return {"name": name, "docker": {"image": "nginx"}, **more}


def environment(name: str, *applications: Row, **more: Any) -> Row:
    return {"name": name, "applications": list(applications), **more}


def project(name: str, *environments: Row, **more: Any) -> Row:
    return {"name": name, "environments": list(environments), **more}


def applied(host: Host, *projects: Row, check: bool = False, **options: Any) -> Row:
    host.new_task()
    stated = copy.deepcopy({"projects": list(projects), **options})
    return host.run(MANIFEST, check=check, deploy="never", **stated)


def actions(result: Row) -> list[tuple[str, str]]:
    assert not result.get("failed"), result["msg"]
    return [(change["action"], change["path"]) for change in result["plan"]["changes"]]


def ids(host: Host) -> set[str]:
    """The IDs of all that there is in projects."""
    store = host.sim.server.store
    return {key for table in (store.projects, store.environments, store.applications) for key in table.rows}


CASES: list[tuple[Row, Row, list[tuple[str, str]]]] = [
    (
        project("shop", environment("production", service("web-old"))),
        project("shop", environment("production", service("web", moved_from="web-old"))),
        [("rename", "shop/production/web")],
    ),
    (
        project("shop", environment("production"), environment("staging", service("web"))),
        project(
            "shop", environment("production", service("web", moved_from="shop/staging/web")), environment("staging")
        ),
        [("move", "shop/production/web")],
    ),
    (
        project("shop", environment("production"), environment("staging", service("old"))),
        project(
            "shop", environment("production", service("web", moved_from="shop/staging/old")), environment("staging")
        ),
        [("move", "shop/production/web")],
    ),
    (
        project("shop", environment("production", service("web"))),
        project("store", environment("production", service("web")), moved_from="shop"),
        [("rename", "store")],
    ),
    (
        project("shop", environment("production"), environment("test", service("web"))),
        project(
            "store",
            environment("production"),
            environment("qa", service("site", moved_from="web"), moved_from="test"),
            moved_from="shop",
        ),
        [("rename", "store"), ("rename", "store/qa"), ("rename", "store/qa/site")],
    ),
    # It is created where neither is there.
    (
        project("shop", environment("production")),
        project("shop", environment("production", service("web", moved_from="web-old"))),
        [("create", "shop/production/web")],
    ),
]


@pytest.mark.parametrize(("before", "after", "expected"), CASES, ids=[str(number) for number in range(len(CASES))])
def test_what_had_another_name(host: Host, before: Row, after: Row, expected: list[tuple[str, str]]) -> None:
    """In check mode as in a run; once it is done, it does nothing; prune takes nothing of it."""
    actions(applied(host, before))
    known = ids(host)
    planned = applied(host, after, check=True, prune=list(KINDS), prune_limit="0")
    assert actions(planned) == expected
    assert planned["plan"]["unmanaged"] == []
    result = applied(host, after, prune=list(KINDS), prune_limit="0")
    assert (actions(result), result["diff"]) == (expected, planned["diff"])
    created = {action for action, _path in expected} == {"create"}
    assert (ids(host) == known) is not created
    assert actions(applied(host, after, prune=list(KINDS), prune_limit="0")) == []


def test_it_moves_into_what_the_run_creates_out_of_what_it_removes(host: Host) -> None:
    actions(applied(host, project("old", environment("production", service("web")))))
    known = set(host.sim.server.store.applications.rows)
    after = project("new", environment("production", service("web", moved_from="old/production/web")))
    planned = applied(host, after, check=True, prune=list(KINDS), prune_limit="100%")
    assert sorted(actions(planned)) == [("create", "new"), ("move", "new/production/web"), ("remove", "old")]
    result = applied(host, after, prune=list(KINDS), prune_limit="100%")
    assert actions(result) == actions(planned)
    assert set(host.sim.server.store.applications.rows) == known
    assert actions(applied(host, after, prune=list(KINDS))) == []


def test_references_and_paths_follow(host: Host) -> None:
    """The diff of a move tells the places apart by their paths."""
    database = {"name": "db", **DATABASE}
    actions(applied(host, project("shop", environment("staging", service("web"), databases=[database]))))
    env = {"URL": reference("shop/production/main:internal_url")}
    web = service("web", env=env, moved_from="shop/staging/web")
    main = {"name": "main", **DATABASE, "moved_from": "shop/staging/db"}
    result = applied(host, project("shop", environment("production", web, databases=[main]), environment("staging")))
    assert sorted(actions(result)) == [("move", "shop/production/main"), ("move", "shop/production/web")]
    (diff,) = (one for one in result["diff"] if one["path"] == "shop/production/main")
    assert (diff["before"]["environment"], diff["after"]["environment"]) == ("staging", "production")
    (row,) = host.sim.server.store.applications.rows.values()
    assert row["env"].startswith("URL=postgresql://")


@pytest.mark.parametrize("section", ["tags", "registries"])
def test_what_is_in_no_project(host: Host, section: str) -> None:
    more: Row = {"tags": {}, "registries": {"url": "r.example.com", "username": "u", "password": "made-up"}}[section]
    names = {"tags": "tags", "registries": "registries"}
    actions(applied(host, **{section: [{"name": "a", **more}]}))
    result = applied(host, **{section: [{"name": "b", "moved_from": "a", **more}]})
    assert actions(result) == [("rename", "b")]
    assert len(getattr(host.sim.server.store, names[section]).rows) == 1


@pytest.mark.parametrize(
    ("web", "message"),
    [
        (
            service("web", moved_from="a/b"),
            "moved_from: 'a/b' is neither a name nor a path such as PROJECT/ENVIRONMENT/NAME",
        ),
        (service("web", moved_from="api"), "moved_from: 'api' has an entry of its own"),
        (service("web", moved_from="old", application_id="x"), "moved_from and application_id are mutually exclusive"),
    ],
)
def test_mistakes(host: Host, web: Row, message: str) -> None:
    actions(applied(host, project("shop", environment("production", service("api"), service("old")))))
    result = applied(host, project("shop", environment("production", web, service("api"))), check=True)
    assert f"projects[shop].environments[production].applications[web]: {message}" in result["msg"]


def test_two_entries_were_one(host: Host) -> None:
    actions(applied(host, project("shop", environment("production", service("old")))))
    services = [service(name, moved_from="old") for name in ("a", "b")]
    result = applied(host, project("shop", environment("production", *services)), check=True)
    assert "moved_from: 'old' is what projects[shop].environments[production].applications[a] was, too" in result["msg"]


def test_a_move_to_another_project_shows_both_paths(host: Host) -> None:
    actions(applied(host, project("a", environment("production", service("web"))), project("b")))
    moved = service("web", moved_from="a/production/web")
    result = applied(host, project("a", environment("production")), project("b", environment("production", moved)))
    (diff,) = result["diff"]
    assert (diff["before"], diff["after"]) == ({"environment": "a/production"}, {"environment": "b/production"})
