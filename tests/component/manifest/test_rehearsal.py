# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Archives that are restored twice: first in a rehearsal, while nothing is live, and then for good."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.component.manifest.test_manifest import apply, counts
from tests.component.manifest.test_recovery import CACHE, DB, DEPLOY, FORUM_FILE, S3, WEB, lose
from tests.support.effort import slow
from tests.support.host import Host
from tests.support.operations import OPERATIONS

LOCK = {"purpose": "move to b", "silent": 60.0, "run": None, "rest": False, "continues": False, "release": False}
DOCUMENT: dict[str, Any] = {
    "destinations": [S3],
    "projects": [
        {
            "name": "shop",
            "environments": [{"name": "production", "applications": [WEB], "databases": [DB, CACHE]}],
        }
    ],
}
Content = dict[str, Any]


def saved_now(host: Host) -> Content:
    """The content of archives.yml of a set that is made now."""
    host.new_task()
    options = {"data": "all", "destination": "s3", "jobs": True}
    made: Content = host.ok(OPERATIONS["dokploy_backup_set"], **options)["set"]
    return made


def data(host: Host) -> list[Any]:
    return [host.sim.rows("db", "orders"), host.sim.rows("cache"), host.sim.data()["uploads"]["files"]]


@pytest.fixture
def sets(host: Host) -> list[Content]:
    """Two sets of an instance that has more data in the second one, and is lost then."""
    apply(host, DOCUMENT, **DEPLOY)
    made = []
    for number in (1, 2):
        host.sim.act(insert="db", table="orders", count=2)
        host.sim.act(insert="cache", count=2)
        host.sim.act(write="uploads", path=f"{number}.txt", data=str(number))
        made.append(saved_now(host))
    lose(host)
    return made


def restore(host: Host, content: Content, rehearsal: bool = False, **options: Any) -> dict[str, Any]:
    more = {"archives": copy.deepcopy(content), "archives_rehearsal": rehearsal, **DEPLOY}
    return apply(host, DOCUMENT, **{**more, **options})


def test_a_rehearsal_is_replaced_until_something_is_live(host: Host, sets: list[Content]) -> None:
    first, last = sets
    planned = restore(host, first, True, check=True)
    # Only the database whose dump needs it runs.
    assert counts(planned) == {"create": 4, "restore": 3, "deploy": 1}
    assert host.sim.calls("mutation") == []
    rehearsed = restore(host, first, True)
    assert (rehearsed.get("msg"), rehearsed["plan"]["id"]) == (None, planned["plan"]["id"])
    assert data(host) == [["1", "2"], ["1", "2"], {"1.txt": "1"}]
    assert {archive["live"] for archive in rehearsed["archives"]} == {None}
    again = restore(host, first, True)
    assert (again["changed"], host.sim.calls("mutation")) == (False, [])
    # A table that the database got meanwhile is no data that counts.
    done = restore(host, last)
    assert done.get("msg") is None
    assert counts(done) == {"restore": 3, "deploy": 2}
    assert data(host) == [["1", "2", "3", "4"], ["1", "2", "3", "4"], {"1.txt": "1", "2.txt": "2"}]
    assert all(archive["live"] for archive in done["archives"])
    for content, rehearsal in ((first, False), (first, True), (last, False), (last, True)):
        later = restore(host, content, rehearsal)
        assert (later["changed"], host.sim.calls("mutation")) == (False, [])
        assert all(archive["live"] for archive in later["archives"])


@slow
def test_a_rehearsal_without_containers_has_the_images(host: Host, sets: list[Content]) -> None:
    first, last = sets
    held = {"hold": ["containers"], "unstated": "default"}
    planned = restore(host, first, True, check=True, **held)
    assert counts(planned) == {"create": 4, "restore": 3, "deploy": 3}
    assert host.sim.calls("mutation") == []
    rehearsed = restore(host, first, True, **held)
    assert (rehearsed.get("msg"), rehearsed["plan"]["id"]) == (None, planned["plan"]["id"])
    assert [(row["path"], row["option"]) for row in rehearsed["plan"]["held"]] == [
        ("shop/production/web", "containers"),
        ("shop/production/cache", "containers"),
    ]
    store = host.sim.server.store
    idle = [*store.applications, *store.services["redis"]]
    assert [row["replicas"] for row in idle] == [0, 0]
    assert {row["status"] for row in rehearsed["deployments"]} == {"done"}
    assert not any(host.sim.server.docker.services[row["appName"]].running() for row in idle)
    assert not restore(host, first, True, **held)["changed"]
    done = restore(host, last, unstated="default")
    assert done.get("msg") is None
    assert [row["replicas"] for row in idle] == [1, 1]
    assert all(len(host.sim.server.docker.services[row["appName"]].running()) == 1 for row in idle)
    assert data(host) == [["1", "2", "3", "4"], ["1", "2", "3", "4"], {"1.txt": "1", "2.txt": "2"}]


def check(kind: str, name: str, script: str, output: str, **more: Any) -> Content:
    """A check of a set, as C(archives.yml) has it."""
    return {"name": name, "kind": kind, "path": f"shop/production/{name}", "script": script, "output": output, **more}


def became(result: dict[str, Any]) -> dict[str, Any]:
    """What became of the check of each service: whether it has passed, and whether it waits."""
    return {row["name"]: (row["passed"], row["waits"]) for row in result["archive_checks"]}


@pytest.mark.parametrize("held", [{}, {"hold": ["containers"], "unstated": "default"}])
def test_a_check_without_a_container_waits_in_a_rehearsal(
    host: Host, sets: list[Content], held: dict[str, Any]
) -> None:
    first, last = sets
    count, keys = "psql -At -c 'select count(*) from orders'", 'redis-cli -h "$DB_HOST" dbsize'
    bounds = {"compare": "between", "output_after": "4"}
    files = check("application", "web", "ls /uploads | wc -l", "1", image="busybox")
    first["checks"] = [check("database", "db", count, "1", **bounds), check("database", "cache", keys, "2"), files]
    rehearsed = restore(host, first, True, **held)
    assert rehearsed.get("msg") is None
    # The volume of the application is there.
    assert became(rehearsed) == {"db": (True, False), "cache": (None, True), "web": (True, False)}
    assert {row["proof"] for row in rehearsed["archives"] if row["path"] == "shop/production/cache"} != {"checked"}
    last["checks"] = [check("database", "db", count, "4"), check("database", "cache", keys, "4")]
    done = restore(host, last, unstated="default")
    assert (done.get("msg"), became(done)) == (None, {"db": (True, False), "cache": (True, False)})


def test_a_check_that_may_need_a_container_does_not_fail_without_it(host: Host, sets: list[Content]) -> None:
    first, _last = sets
    first["checks"] = [check("application", "web", "echo 1", "2", image="busybox")]
    rehearsed = restore(host, first, True)
    assert (rehearsed.get("msg"), became(rehearsed)) == (None, {"web": (None, True)})
    (row,) = rehearsed["archive_checks"]
    assert row["msg"] == "its service has no container yet: its output is '1', not '2'"
    # The database has one, so that its check fails.
    lose(host)
    first["checks"] = [check("database", "db", "echo 1", "2", compare="between", output_after="3")]
    failed = restore(host, first, True)
    assert became(failed) == {"db": (False, False)}
    assert "the check db of database shop/production/db failed: its output is '1', not between '2' and '3'" in str(
        failed["msg"]
    )


IMAGES: dict[str, Any] = {"hold": ["containers"], "archives_rehearsal": True}


def stacks(kind: str = "docker-compose", **more: Any) -> dict[str, Any]:
    """A document of three stacks. :param more: of each of them."""
    names = ("forum", "blog", "shop")
    entries = [{"name": name, "type": kind, "raw": {"definition": FORUM_FILE}, **more} for name in names]
    environment = {"name": "production", "compose": entries}
    return {"unstated": "default", "projects": [{"name": "shop", "environments": [environment]}]}


@pytest.mark.parametrize("kind", ["docker-compose", "stack"])
def test_stacks_without_containers_have_their_images(host: Host, kind: str) -> None:
    document = stacks(kind, state="started")
    planned = apply(host, document, check=True, **IMAGES, **DEPLOY)
    assert counts(planned) == {"create": 4, "deploy": 3}
    assert host.sim.calls("mutation") == []
    prepared = apply(host, document, **IMAGES, **DEPLOY)
    assert (prepared.get("msg"), prepared["plan"]["id"]) == (None, planned["plan"]["id"])
    # As many as for stacks that are deployed, without those that verify their containers.
    prepares = host.sim.stats()["http"]
    docker = host.sim.server.docker
    assert {"postgres:17", "nginx:1.29"} <= set(docker.images.ids)
    assert not docker.projects.containers and not docker.services and not host.sim.server.store.volumes
    again = apply(host, document, **IMAGES, **DEPLOY)
    assert (again["changed"], host.sim.calls("mutation")) == (False, [])
    assert not apply(host, document, hold=["containers"], **DEPLOY)["changed"]
    done = apply(host, document, **DEPLOY)
    assert (done.get("msg"), counts(done)) == (None, {"reset": 3, "deploy": 3})
    assert {row["command"] for row in host.sim.server.store.services["compose"]} == {""}
    assert len(docker.projects.containers) == (6 if kind == "docker-compose" else 0)
    assert len(docker.services) == (6 if kind == "stack" else 0)
    assert not apply(host, document, **DEPLOY)["changed"]
    lose(host)
    apply(host, document, **DEPLOY)
    assert prepares < host.sim.stats()["http"]


def test_an_image_of_a_stack_that_cannot_be_pulled_fails_before_anything_stops(host: Host) -> None:
    document = stacks(raw={"definition": {"services": {"web": {"image": "missing:1"}}}})
    failed = apply(host, document, **IMAGES, **DEPLOY)
    assert "missing:1" in failed["msg"] and "manifest unknown" in failed["msg"]


def test_a_command_of_a_stack_that_would_stay_is_refused(host: Host) -> None:
    document = {**stacks(), "unstated": "keep"}
    refused = apply(host, document, **IMAGES, **DEPLOY)
    assert "state command, or unstated: default" in refused["msg"]
    assert host.sim.calls("mutation") == []
    own = {"command": "compose -f docker-compose.yml --profile web up -d"}
    assert not apply(host, {**stacks(**own), "unstated": "keep"}, **IMAGES, **DEPLOY).get("failed")
    commands = {row["command"] for row in host.sim.server.store.services["compose"]}
    assert all(command.startswith("compose -f docker-compose.yml --profile web pull ") for command in commands)


def test_what_nothing_would_start_again_is_refused(host: Host, sets: list[Content]) -> None:
    refused = restore(host, sets[0], True, hold=["containers"])
    assert "state replicas, or unstated: default" in refused["msg"]
    assert host.sim.calls("mutation") == []


@slow
def test_a_rehearsal_that_is_followed_by_the_same_set_restores_nothing_again(host: Host, sets: list[Content]) -> None:
    restore(host, sets[0], True)
    done = restore(host, sets[0])
    assert counts(done) == {"release": 3, "deploy": 2}
    assert all(archive["live"] for archive in done["archives"])


@slow
def test_services_become_live_together_or_not_at_all(host: Host, sets: list[Content]) -> None:
    refusal: dict[str, Any] = {"kind": "status", "status": 500, "body": {"message": "not now"}}
    host.sim.fault(procedure="volumeBackups.restoreVolumeBackupWithLogs*", times=-1, **refusal)
    failed = restore(host, sets[0], archives_together=True)
    assert failed["failed"]
    assert {archive["live"] for archive in failed["archives"]} == {None}
    assert [archive["proof"] for archive in failed["archives"] if archive["path"] == "shop/production/db"] == ["whole"]
    host.sim.reset(state=False)
    done = restore(host, sets[1], archives_together=True)
    assert done.get("msg") is None
    assert data(host)[0] == ["1", "2", "3", "4"]
    assert all(archive["live"] for archive in done["archives"])


def test_a_service_that_is_locked_for_something_else_is_refused(host: Host) -> None:
    apply(host, DOCUMENT, **DEPLOY)
    locked = apply(host, DOCUMENT, **DEPLOY, locked_for={**LOCK, "run": "one"})
    assert (locked["changed"], locked.get("msg")) == (False, None)
    # Variables of a document have nothing of it.
    host.new_task()
    assert "community.dokploy.lock" not in repr(host.ok(OPERATIONS["dokploy_export"], secrets="names_only"))
    for other, words in (
        ({"purpose": "move to c"}, "is locked for 'move to b'"),
        ({"run": "two"}, "another run of 'move to b' works on it"),
    ):
        refused = apply(host, DOCUMENT, **DEPLOY, locked_for={**LOCK, **other})
        assert words in refused["msg"]
        assert ("run" in other) == ("(move to b on " in refused["msg"])
        assert host.sim.calls("mutation") == []
    # The same run, another one after some time, and one after that has ended.
    for asked in (
        {"run": "one"},
        {"run": "two", "silent": 0.0},
        {"run": "two", "rest": True},
        {"run": "three"},
        {"run": "three", "release": True},
    ):
        assert not apply(host, DOCUMENT, **DEPLOY, locked_for={**LOCK, **asked}).get("failed")
    assert not apply(host, DOCUMENT, **DEPLOY, locked_for={**LOCK, "purpose": "move to c"}).get("failed")
    # A run that has the lock goes on, and one that has lost it does not, however long the other one was silent.
    apply(host, DOCUMENT, **DEPLOY, locked_for={**LOCK, "purpose": "move to c", "run": "one"})
    own = {**LOCK, "purpose": "move to c", "run": "one", "continues": True, "silent": 0.0}
    assert not apply(host, DOCUMENT, **DEPLOY, locked_for=own).get("failed")
    lost = apply(host, DOCUMENT, **DEPLOY, locked_for={**own, "run": "two"})
    assert "another run has gone on in place of this one" in lost["msg"]
    assert host.sim.calls("mutation") == []
    apply(host, DOCUMENT, **DEPLOY, locked_for={**own, "rest": True})
    # A lock at rest is not written again.
    apply(host, DOCUMENT, **DEPLOY, locked_for={**LOCK, "purpose": "move to c"})
    assert host.sim.calls("mutation") == []


@slow
def test_with_a_lock_a_stop_ends_when_no_container_is_left(host: Host) -> None:
    apply(host, DOCUMENT, **DEPLOY)
    stopped = copy.deepcopy(DOCUMENT)
    stopped["projects"][0]["environments"][0]["applications"][0]["state"] = "stopped"
    done = apply(host, stopped, **DEPLOY, locked_for=LOCK)
    assert counts(done) == {"stop": 1}
    assert [call for call in host.sim.calls("query") if "docker.getContainersByAppNameMatch" in repr(call)]


@slow
def test_a_stack_is_saved_by_its_volumes(host: Host) -> None:
    stack = {
        "name": "forum",
        "raw": {
            "definition": {
                "services": {"db": {"image": "postgres:17", "volumes": ["data:/var/lib/postgresql/data"]}},
                "volumes": {"data": {}},
            }
        },
    }
    document = {
        "destinations": [S3],
        "projects": [{"name": "shop", "environments": [{"name": "production", "compose": [stack]}]}],
    }
    apply(host, document, **DEPLOY)
    host.new_task()
    made = host.ok(OPERATIONS["dokploy_backup_set"], data="all", destination="s3", stacks="volumes")["set"]
    assert [(archive["what"], archive["method"]) for archive in made["archives"]] == [("volume", "volume")]
