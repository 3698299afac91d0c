# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Parallel creations without a common lock leave one resource of a name, or an error that names all."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._engine import concurrency, uniqueness
from ansible_collections.community.dokploy.plugins.module_utils._resources.projects.project import (
    ENVIRONMENT_OPERATION as ENVIRONMENT,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.projects.project import OPERATION as PROJECT
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import (
    OPERATION as APPLICATION,
)
from tests.support.builders import wait_until_idle
from tests.support.host import Host
from tests.support.operations import OPERATIONS
from tests.support.parallel import run_in_parallel, task_of
from tests.support.waiting import until

LEVELS = {
    "project": (PROJECT, "project.create", {"name": "new", "env": {"A": "1"}}, {"name": "new"}),
    "environment": (
        ENVIRONMENT,
        "environment.create",
        {"project": "shop", "name": "new", "env": {"A": "1"}},
        {"projectId": "shop", "name": "new"},
    ),
    "application": (
        APPLICATION,
        "application.create",
        {"project": "shop", "name": "new", "env": {"A": "1"}, "domains": [{"host": "a.example.com"}]},
        {"environmentId": "production", "name": "new"},
    ),
}


@pytest.fixture(autouse=True)
def apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """The runs have no lock in common, as on several machines."""
    monkeypatch.setattr(concurrency, "lock_file", lambda *_what: None)


@pytest.fixture(params=sorted(LEVELS))
def level(request: pytest.FixtureRequest, host: Host) -> Iterator[str]:
    if request.param != "project":
        host.ok(PROJECT, name="shop")
        host.new_task()
    yield request.param


def called(host: Host, level: str) -> list[str]:
    """The ids of those named new."""
    projects = host.read("project.all")
    environments = [one for project in projects for one in project["environments"]]
    rows = {
        "project": projects,
        "environment": environments,
        "application": [app for one in environments for app in one["applications"]],
    }[level]
    return sorted(row[level + "Id"] for row in rows if row["name"] == "new")


def by_another_client(level: str, name: str = "new") -> dict[str, Any]:
    _operation, create, _params, body = LEVELS[level]
    return {"call": create, "input": {**body, "name": name}}


def test_the_younger_one_is_deleted_and_the_older_one_used(level: str, host: Host) -> None:
    operation, _create, params, _body = LEVELS[level]
    older_one(host, level)
    result = host.ok(operation, **params)
    (only,) = called(host, level)
    assert result[level][level + "_id"] == only
    # What is stated holds for the older one.
    assert result["changed"]
    assert not host.ok(operation, **params)["changed"]
    assert host.sim.holds()[0]["acted"][0].get("done")


def test_creating_what_another_client_has_just_created_changes_nothing(level: str, host: Host) -> None:
    operation, _create, params, _body = LEVELS[level]
    bare = {key: params[key] for key in ("project", "name") if key in params}
    older_one(host, level)
    assert not host.ok(operation, **bare)["changed"]
    assert len(called(host, level)) == 1


class Progress(list[str]):
    """The progress of a run that waits, and what another client does meanwhile."""

    def __init__(self, then: Callable[[], Any]) -> None:
        super().__init__()
        self._then = then

    def append(self, line: str) -> None:
        super().append(line)
        self._then()


def older_one(host: Host, level: str) -> None:
    """Another client creates one some milliseconds before ours."""
    create = LEVELS[level][1]
    host.sim.hold(create, act=[by_another_client(level)])
    host.sim.hold(create, until="told", seconds=0.01, name="a moment later")


def younger_one(host: Host, level: str) -> None:
    """Another client creates one some milliseconds after ours, before the answer arrives."""
    create = LEVELS[level][1]
    host.sim.hold(create, stage="after", act=[by_another_client(level)], seconds=0.01, until="told")


def theirs(host: Host, level: str) -> str:
    """The ID of what the other client has created."""
    (done,) = host.sim.holds()[0]["acted"]
    answer = done["done"]["answer"]
    return str((answer["project"] if level == "project" else answer)[level + "Id"])


def test_an_older_one_waits_for_the_younger_to_go(level: str, host: Host) -> None:
    operation, _create, params, _body = LEVELS[level]
    younger_one(host, level)
    removal = "application.delete" if level == "application" else level + ".remove"
    progress = Progress(lambda: host.call(removal, **{level + "Id": theirs(host, level)}))
    host.progress = progress
    result = host.ok(operation, **params)
    assert result["changed"]
    assert called(host, level) == [result[level][level + "_id"]]
    assert progress == ["%s 'new': another process has created it too" % level]


def test_when_both_stay_the_error_names_them(level: str, host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uniqueness, "GRACE", 0.05)
    operation, _create, params, _body = LEVELS[level]
    younger_one(host, level)
    result = host.failed(operation, **params)
    other = theirs(host, level)
    (own,) = set(called(host, level)) - {other}
    assert result["error"]["kind"] == "ambiguous"
    assert sorted(result["ids"]) == sorted([own, other])
    assert result["created"] == own
    assert result["changed"]
    assert "2 %ss are named 'new'" % level in result["msg"]
    assert "%s by this task, %s by another process" % (own, other) in result["msg"]
    assert "%s_id" % level in result["msg"]
    # Neither is chosen by anything that comes after.
    host.new_task()
    assert host.failed(operation, **params)["ids"] == sorted([own, other])


def create_two(host: Host, level: str) -> list[str]:
    """Two of one name, as two runs have them for a moment; their IDs, the older one first."""
    _operation, create, _params, _body = LEVELS[level]
    inside: dict[str, str] = {}
    if level != "project":
        (shop,) = host.read("project.all")
        home = shop["environments"][0]["environmentId"]
        inside = {"projectId": shop["projectId"]} if level == "environment" else {"environmentId": home}
    made = [host.call(create, name="new", **inside) for _time in range(2)]
    return [(row["project"] if level == "project" else row)[level + "Id"] for row in made]


REMOVE = {"project": "project.remove", "environment": "environment.remove", "application": "application.delete"}


def test_two_that_are_seconds_old_are_looked_at_again(level: str, host: Host) -> None:
    """The run that has created the younger one removes it while another run finds both."""
    operation, _create, params, _body = LEVELS[level]
    older, younger = create_two(host, level)
    host.progress = Progress(lambda: host.call(REMOVE[level], **{level + "Id": younger}))
    result = host.ok(operation, **params)
    assert result[level][level + "_id"] == older
    assert called(host, level) == [older]
    (line,) = host.progress
    assert line.startswith("name: 2 %ss are named 'new'" % level)
    assert line.endswith(". Looking at it again in 2.0 s")


def test_a_document_looks_again_before_it_lists_its_mistakes(host: Host) -> None:
    host.ok(PROJECT, name="shop")
    older, younger = create_two(host, "application")
    host.new_task()
    removals = [lambda: host.call(REMOVE["application"], applicationId=younger)]
    host.progress = Progress(lambda: removals.pop()() if removals else None)
    service = {"name": "new", "replicas": 2}
    project = {"name": "shop", "environments": [{"name": "production", "applications": [service]}]}
    result = host.ok(OPERATIONS["dokploy_manifest"], projects=[project], deploy="never")
    assert [change["action"] for change in result["plan"]["changes"]] == ["update"]
    assert older in [row["id"] for row in result["resources"]]


@pytest.mark.parametrize("check", [True, False])
def test_two_that_both_stay_are_an_error_after_some_looks(level: str, host: Host, check: bool) -> None:
    operation, _create, params, _body = LEVELS[level]
    both = create_two(host, level)
    host.sim.reset_stats()
    failed = host.failed(operation, check=check, **params)
    assert (failed["error"]["kind"], failed["ids"], failed["changed"]) == ("ambiguous", sorted(both), False)
    looks = host.sim.calls("query").count("project.all")
    # The last look of a project is followed by one at the dates.
    assert looks == (uniqueness.LOOKS + 1) * (2 if level == "project" else 1)


def test_two_that_exist_for_longer_are_an_error_at_once(host: Host) -> None:
    host.ok(PROJECT, name="shop")
    for resource_id in create_two(host, "application"):
        host.call("application.update", applicationId=resource_id, createdAt="2026-01-01T08:00:00.000Z")
    host.new_task()
    failed = host.failed(APPLICATION, **LEVELS["application"][2])
    assert (failed["error"]["kind"], host.progress) == ("ambiguous", [])


def test_what_an_option_refers_to_is_looked_at_again(host: Host) -> None:
    host.ok(PROJECT, name="shop")
    login = {"username": "u", "registryUrl": "registry.example.com", "registryType": "cloud", "imagePrefix": None}
    older, younger = (
        host.call("registry.create", registryName="main", password="s3cret-p", **login)["registryId"] for _time in "ab"
    )
    host.new_task()
    host.progress = Progress(lambda: host.call("registry.remove", registryId=younger))
    made = host.ok(APPLICATION, project="shop", name="web", registry="main")["application"]["application_id"]
    assert host.read("application.one", applicationId=made)["registryId"] == older
    assert len(host.progress) == 1


REFUSED = {"status": 400, "body": {"message": "Refused", "code": "BAD_REQUEST", "data": {"code": "BAD_REQUEST"}}}


@pytest.mark.parametrize("refused", ["application.update", "domain.create"])
def test_the_younger_one_is_deleted_also_where_the_server_refuses_a_part(refused: str, host: Host) -> None:
    host.ok(PROJECT, name="shop")
    host.new_task()
    operation, _create, params, _body = LEVELS["application"]
    host.sim.fault("status", refused, **REFUSED)
    older_one(host, "application")
    result = host.ok(operation, **params)
    assert called(host, "application") == [result["application"]["application_id"]]
    # Without an older one it is kept, and the refusal is what is told.
    host.new_task()
    host.sim.fault("status", refused, **REFUSED)
    failed = host.failed(operation, **{**params, "name": "other", "domains": [{"host": "b.example.com"}]})
    assert (failed["error"]["kind"], failed["error"]["procedure"], failed["changed"]) == ("bad_request", refused, True)


CHANGES: dict[str, list[dict[str, Any]]] = {
    "project": [
        {"call": "project.update", "input": {"projectId": "MINE", "env": "B=1"}},
        {"call": "environment.create", "input": {"projectId": "MINE", "name": "staging"}},
        {"call": "application.create", "input": {"environmentId": "MINE", "name": "web"}},
    ],
    "environment": [
        {"call": "environment.update", "input": {"environmentId": "MINE", "env": "B=1"}},
        {"call": "application.create", "input": {"environmentId": "MINE", "name": "web"}},
    ],
    "application": [
        {"call": "application.update", "input": {"applicationId": "MINE", "replicas": 2}},
        {"call": "domain.create", "input": {"applicationId": "MINE", "host": "b.example.com"}},
        {"remove_domain": "a.example.com"},
        {"call": "application.update", "input": {"applicationId": "MINE", "env": "B=1"}},
        {"deploy": "MINE"},
    ],
}


@pytest.mark.parametrize(("at", "number"), [(at, number) for at, all in CHANGES.items() for number in range(len(all))])
def test_what_another_client_has_changed_is_not_deleted(at: str, number: int, host: Host) -> None:
    """Ours is the younger one, but it was changed since it was created."""
    if at != "project":
        host.ok(PROJECT, name="shop")
        host.new_task()
    operation, _create, params, _body = LEVELS[at]
    touched: list[str] = []

    def touch() -> None:
        """Between the look at those of its name and the look at what was made."""
        own = max(rows(host, at), key=lambda row: str(row["createdAt"]))
        resource_id = str(own["environments"][0]["environmentId"] if mine_is_home else own[at + "Id"])
        touched.append(own[at + "Id"])
        deed = json.loads(json.dumps(CHANGES[at][number]).replace("MINE", resource_id))
        host.sim.act(**deed)
        if "deploy" in deed:
            wait_until_idle(host)

    mine_is_home = at == "project" and "environmentId" in CHANGES[at][number].get("input", {})
    older_one(host, at)
    host.sim.hold({"project": "project.one", "environment": "environment.one"}.get(at, "application.one"), until="told")
    (result,) = run_in_parallel(host.sim, task_of(operation, **params), during=lambda: held(host, 2, touch))
    assert result["failed"]
    assert result["error"]["kind"] == "ambiguous"
    assert result["created"] == touched[0]
    assert len(called(host, at)) == 2


# Children: what the API takes and what it becomes as an option, and whether the database keeps it from coming twice.
CHILDREN: dict[str, tuple[str, str, dict[str, Any], dict[str, Any], bool]] = {
    "basic_auth": ("security.create", "basic_auth", {"username": "u", "password": "s3cret-p"}, {}, True),
    "patch": ("patch.create", "patches", {"content": "a\n"}, {"filePath": "a.txt", "type": "update"}, True),
    "port": ("port.create", "ports", {}, {"publishedPort": 80, "targetPort": 80}, False),
    "redirect": ("redirects.create", "redirects", {"regex": "^/a", "replacement": "/b"}, {"permanent": False}, False),
    "domain": ("domain.create", "domains", {"host": "a.example.com"}, {}, False),
}
OPTIONS = {"patch": {"path": "a.txt"}, "port": {"published_port": 80, "target_port": 80}}
WEB = {"project": "shop", "environment": "production"}


@pytest.mark.parametrize("version", ["0.30.2", "0.27.0"])
@pytest.mark.parametrize("alone", [True, False], ids=["module", "list"])
@pytest.mark.parametrize("name", sorted(CHILDREN))
def test_a_child_that_a_killed_run_has_left_behind_exists_once(
    name: str, alone: bool, version: str, host: Host
) -> None:
    """The request of the killed run arrives between our reading and our writing."""
    create, option, both, theirs, unique = CHILDREN[name]
    if name == "patch" and version < "0.28":
        pytest.skip("it has no patches")
    host.sim.config(version=version)
    host.ok(PROJECT, name="shop")
    # Without a domain, a file of Traefik's is written before a user or a redirect.
    domains = None if name == "domain" else [{"host": "web.example.com"}]
    resource_id = host.ok(APPLICATION, **WEB, name="web", domains=domains)["application"]["application_id"]
    host.new_task()
    host.sim.reset_stats()
    host.sim.hold(create, act=[{"call": create, "input": {"applicationId": resource_id, **both, **theirs}}])
    stated = {**both, **OPTIONS.get(name, {})}
    if alone:
        result = host.ok(OPERATIONS["dokploy_" + name], **WEB, application="web", **stated)
    else:
        result = host.ok(APPLICATION, **WEB, name="web", **{option: [stated]})
    assert host.sim.holds()[0]["acted"][0].get("done")
    # What the database refuses has no effect; where it takes both, one is removed.
    assert result["changed"] is not unique
    assert host.sim.calls("mutation").count(create) == 1
    embedded = {"basic_auth": "security"}.get(name, option)
    found = host.read("patch.byEntityId", id=resource_id, type="application") if name == "patch" else None
    assert len(found or host.read("application.one", applicationId=resource_id)[embedded]) == 1


def test_what_the_database_refuses_twice_is_an_error(host: Host) -> None:
    host.ok(PROJECT, name="shop")
    host.ok(APPLICATION, **WEB, name="web", domains=[{"host": "web.example.com"}])
    host.new_task()
    host.sim.reset_stats()
    refusal = {"message": 'Failed query: insert into "security" ...\nparams: s3cret-p', "code": "BAD_REQUEST"}
    host.sim.fault("status", "security.create", status=400, body=refusal, times=-1)
    user = {"username": "u", "password": "s3cret-p"}
    result = host.failed(OPERATIONS["dokploy_basic_auth"], **WEB, application="web", **user)
    assert "security.create" in result["msg"]
    assert "the database refused the request" in result["msg"]
    assert not result["changed"]
    assert host.sim.calls("mutation").count("security.create") == 2


def rows(host: Host, level: str) -> list[dict[str, Any]]:
    """Those named new, with their dates."""
    if level == "project":
        found = host.read("project.all")
    else:
        (shop,) = [row for row in host.read("project.all") if row["name"] == "shop"]
        found = host.read("project.one", projectId=shop["projectId"])["environments"]
        if level == "application":
            found = found[0]["applications"]
    return [row for row in found if row["name"] == "new"]


def held(host: Host, number: int, what: Callable[[], None]) -> None:
    """Do this while something stands still, and let it go."""
    until(lambda: host.sim.holds()[number]["waiting"], host.sim.holds)
    what()
    host.sim.release(host.sim.holds()[number]["name"])


# Ten domains at once, which only locks prevent, would stop the server.
@pytest.mark.parametrize("count", [2, 9])
def test_of_many_at_once_exactly_one_stays(level: str, host: Host, count: int) -> None:
    operation, create, params, _body = LEVELS[level]
    host.sim.config(build_seconds=0.0)
    host.sim.hold(create, count=count, seconds=60)
    results = run_in_parallel(host.sim, *[task_of(operation, **params)] * count)
    assert [hold["released"] for hold in host.sim.holds()] == ["all"]
    (only,) = called(host, level)
    # All others use it; a run that lost its own creation to another one says so.
    for result in results:
        if result.get("failed"):
            assert result["error"]["kind"] in ("ambiguous", "not_applied"), result["msg"]
        else:
            assert result[level][level + "_id"] == only
    host.new_task()
    assert not host.ok(operation, **params)["changed"]
