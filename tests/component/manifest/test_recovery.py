# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an instance had comes back with its data: archives as nodes between the creation and the first deployment."""

from __future__ import annotations

import contextlib
import copy
import time
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._api.client import Client
from ansible_collections.community.dokploy.plugins.module_utils._resources.backups.archives_reader import read_archives
from ansible_collections.community.dokploy.plugins.module_utils._resources.projects.project import OPERATION as PROJECT
from ansible_collections.community.dokploy.plugins.module_utils._resources.recovery import dumps
from tests.component.manifest.test_manifest import apply, counts
from tests.support.docker_down import docker_is_down
from tests.support.effort import sampled, slow
from tests.support.host import Host
from tests.support.operations import OPERATIONS

LOGIN = {"database": "shop", "user": "shop", "password": "madeup1"}
S3 = {
    "name": "s3",
    "bucket": "backups",
    "endpoint": "https://s3.example.com",
    "access_key": "a",
    "secret_access_key": "made-up",
}
BACKUP_OF = {"destination": "s3", "prefix": "nightly", "cron": "0 3 * * *", "enabled": False}
DB = {
    "name": "db",
    "type": "postgres",
    "image": "postgres:17",
    **LOGIN,
    "backups": [{**BACKUP_OF, "database_name": "shop"}],
}
MARIA = {
    "name": "maria",
    "type": "mariadb",
    "image": "mariadb:11",
    **LOGIN,
    "root_password": "madeup2",
    "backups": [{**BACKUP_OF, "database_name": "shop"}],
}
CACHE = {
    "name": "cache",
    "type": "redis",
    "image": "redis:8",
    "password": "madeup3",
    "command": "/bin/sh",
    "args": ["-c", "exec redis-server --requirepass madeup3"],
}
WEB = {
    "name": "web",
    "docker": {"image": "nginx:1.29"},
    "env": {"URL": "\0reference\0|db:internal_url\0"},
    "mounts": [{"type": "volume", "name": "uploads", "path": "/uploads"}],
}
FORUM_FILE = {
    "services": {
        "db": {"image": "postgres:17", "volumes": ["data:/var/lib/postgresql/data"]},
        "web": {"image": "nginx:1.29", "volumes": ["files:/files"]},
    },
    "volumes": {"data": {}, "files": {}},
}
FORUM = {
    "name": "forum",
    "raw": {"definition": FORUM_FILE},
    "env": {"COLOUR": "red"},
    "backups": [
        {
            **BACKUP_OF,
            "service": "db",
            "database_type": "postgres",
            "database_name": "forum",
            "postgres": {"user": "postgres"},
        }
    ],
}
DOCUMENT: dict[str, Any] = {
    "destinations": [S3],
    "projects": [
        {
            "name": "shop",
            "environments": [
                {
                    "name": "production",
                    "applications": [WEB],
                    "databases": [DB, MARIA, CACHE],
                    "compose": [FORUM],
                }
            ],
        }
    ],
}
DEPLOY: dict[str, Any] = {"deploy": "changed", "verify_period": 0.0}
ROWS = ["1", "2", "3"]
Content = dict[str, Any]


def services(result: dict[str, Any]) -> dict[str, str]:
    """The names in Docker of the services of a result, by their own ones."""
    return {one["path"].rpartition("/")[2]: one["app_name"] for one in result["resources"] if "app_name" in one}


def archive(kind: str, name: str, file: dict[str, Any], **more: Any) -> Content:
    destination = {key: S3[key] for key in ("name", "endpoint", "bucket")}
    facts = {"file": file["path"], "size": file["size"], "created_at": file["created_at"]}
    return {"kind": kind, "path": f"shop/production/{name}", "destination": destination, **facts, **more}


def backup(host: Host, module: str, **options: Any) -> dict[str, Any]:
    """The file of one run of a backup."""
    host.new_task()
    file: dict[str, Any] = host.ok(OPERATIONS[module], project="shop", state="executed", destination="s3", **options)[
        "file"
    ]
    return file


@pytest.fixture
def saved(host: Host) -> Content:
    """The content of archives.yml of an instance with data, which is removed with its volumes."""
    names = services(apply(host, DOCUMENT, **DEPLOY))
    for database in ("db", "maria"):
        host.sim.act(insert=database, table="orders", count=3)
    host.sim.act(insert="forum", table="posts", count=3, service_name="db")
    host.sim.act(insert="cache", count=3)
    host.sim.act(write="uploads", path="cat.png", data="miaow")
    host.sim.act(write=f"{names['forum']}_files", path="f", data="text")
    dump = {"what": "database", "method": "dump"}
    volume = {"what": "volume", "method": "volume"}

    host.new_task()
    mounts = [{"type": "volume", "name": "rdb", "path": "/out"}]
    script = f"redis-cli -h {names['cache']} -a madeup3 --rdb /out/dump.rdb"
    host.ok(OPERATIONS["dokploy_job"], project="shop", name="rdb", image="redis:8", script=script, mounts=mounts)
    forum = {"service": "db", "database_type": "postgres", "database_name": "forum", "postgres": {"user": "postgres"}}
    once = {"once": True, "prefix": "v"}
    file = {
        "db": backup(host, "dokploy_backup", database="db", prefix="nightly", database_name="shop"),
        "maria": backup(host, "dokploy_backup", database="maria", prefix="nightly", database_name="shop"),
        "forum": backup(host, "dokploy_backup", compose="forum", prefix="nightly", **forum),
        "web": backup(host, "dokploy_volume_backup", application="web", name="up", volume="uploads", **once),
        "rdb": backup(host, "dokploy_volume_backup", application="web", name="rdb", volume="rdb", **once),
    }
    content: Content = {
        "version": 1,
        "created_at": file["db"]["created_at"],
        "finished_at": file["rdb"]["created_at"],
        "dokploy": {"url": "https://lost.example.com", "release": "0.30.2"},
        "complete": True,
        "services": [
            {"kind": kind, "path": f"shop/production/{name}", "app_name": names[name]}
            for kind, name in (
                ("database", "db"),
                ("database", "maria"),
                ("database", "cache"),
                ("application", "web"),
                ("compose", "forum"),
            )
        ],
        "archives": [
            archive("database", "db", file["db"], **dump, database_type="postgres", database=named("shop")),
            archive("database", "maria", file["maria"], **dump, database_type="mariadb", database=named("shop")),
            archive(
                "compose",
                "forum",
                file["forum"],
                **dump,
                database_type="postgres",
                service="db",
                database=named("forum", "postgres"),
            ),
            archive("application", "web", file["web"], **volume, volume="uploads"),
            archive(
                "database",
                "cache",
                file["rdb"],
                what="database",
                method="rdb",
                database_type="redis",
                volume=f"{names['cache']}-data",
            ),
        ],
        "checks": [],
        "not_saved": [],
    }
    read_archives(content)
    lose(host)
    return content


def named(name: str, user: str = "shop") -> dict[str, str]:
    return {"name": name, "user": user}


def lose(host: Host) -> None:
    """The project is lost, with its volumes."""
    host.new_task()
    host.ok(PROJECT, name="shop", state="absent", force=True)
    host.sim.server.store.volumes.clear()
    assert host.read("project.all") == []


def recover(host: Host, content: Content, **options: Any) -> dict[str, Any]:
    return apply(host, DOCUMENT, **{**DEPLOY, "archives": copy.deepcopy(content), **options})


def data(host: Host) -> dict[str, Any]:
    return {
        "db": host.sim.rows("db", "orders"),
        "maria": host.sim.rows("maria", "orders"),
        "forum": host.sim.rows("forum", "posts", service_name="db"),
        "cache": host.sim.rows("cache"),
        "uploads": host.sim.data()["uploads"]["files"],
    }


BACK = {"db": ROWS, "maria": ROWS, "forum": ROWS, "cache": ROWS, "uploads": {"cat.png": "miaow"}}


def test_everything_comes_back_once(host: Host, saved: Content) -> None:
    planned = recover(host, saved, check=True)
    assert counts(planned) == {"create": 6, "restore": 5, "deploy": 5}
    assert host.sim.calls("mutation") == []
    done = recover(host, saved)
    assert (done.get("msg"), done["plan"]["id"]) == (None, planned["plan"]["id"])
    assert data(host) == BACK
    assert {(one["path"].rpartition("/")[2], one["action"], one["proof"]) for one in done["archives"]} == {
        ("db", "restore", "whole"),
        # Its restore reports success in any case.
        ("maria", "restore", "not_proven"),
        ("forum", "restore", "whole"),
        ("web", "restore", "whole"),
        ("cache", "restore", "whole"),
    }
    host.sim.act(insert="db", table="orders", count=2)
    again = recover(host, saved)
    assert (again["changed"], host.sim.calls("mutation")) == (False, [])
    assert {one["action"] for one in again["archives"]} == {"none"}
    assert host.sim.rows("db", "orders") == ["1", "2", "3", "4", "5"]
    host.new_task()
    exported = host.ok(OPERATIONS["dokploy_export"], secrets="names_only")
    assert "community.dokploy.data" not in repr(exported)
    # Nothing of the jobs, their volumes and what Dokploy has downloaded is left.
    assert host.sim.server.store.kept_archives == {}
    assert not [name for name in host.sim.data() if name.startswith("recovery-")]
    assert not [name for name in host.sim.services() if "job" in name]


def test_what_the_set_has_no_archive_of_is_missing(host: Host, saved: Content) -> None:
    document = copy.deepcopy(DOCUMENT)
    environment = document["projects"][0]["environments"][0]
    # It has the volume of the other application, which is saved with that.
    worker = {**WEB, "name": "worker"}
    other = {**worker, "name": "other", "mounts": [{"type": "volume", "name": "unsaved", "path": "/data"}]}
    environment["applications"] += [worker, other]
    lacking = {**saved, "archives": saved["archives"][1:]}
    done = apply(host, document, **DEPLOY, archives=lacking)
    missing = [(row["path"], row["name"], row["left_out"]) for row in done["recovery"]["missing"]]
    assert sorted(missing) == [("shop/production/db", "shop", False), ("shop/production/other", "unsaved", False)]


def test_a_scope_with_references_has_the_destinations_of_its_archives(host: Host, saved: Content) -> None:
    document = copy.deepcopy(DOCUMENT)
    environment = document["projects"][0]["environments"][0]
    # No backup names it, as where a set has saved everything once.
    for entry in (*environment["databases"], *environment["compose"]):
        entry.pop("backups", None)
    document["destinations"] += [{**S3, "name": "other", "bucket": "others"}]
    (own,) = host.read("destination.all")
    host.call("destination.remove", destinationId=own["destinationId"])
    host.new_task()
    apply(host, document, **DEPLOY, archives=saved, scope={"projects": ["shop"], "references": True})
    assert data(host) == BACK
    assert [row["name"] for row in host.read("destination.all")] == ["s3"]


# --- what is refused, before anything is written ---


def changed_content(content: Content, number: int, **facts: Any) -> Content:
    """The set with other facts of one of its archives."""
    other = copy.deepcopy(content)
    other["archives"][number].update(facts)
    return other


def changed_set(content: Content, created_at: str) -> Content:
    return {**content, "created_at": created_at}


def other_document(**changes: Any) -> dict[str, Any]:
    """The document with changes of its database MARIA."""
    document = copy.deepcopy(DOCUMENT)
    document["projects"][0]["environments"][0]["databases"][1].update(changes)
    return document


def test_what_cannot_be_restored_is_refused_before_anything_is_written(host: Host, saved: Content) -> None:
    other = {"endpoint": "https://other.example.com", "bucket": "other", "name": "other"}
    elsewhere = {**saved, "services": [{**saved["services"][0], "path": "blog/production/db"}], "archives": []}
    elsewhere["archives"] = [{**saved["archives"][0], "path": "blog/production/db"}]
    maria = saved["archives"][1]
    cases: list[tuple[Content, dict[str, Any], str]] = [
        (changed_content(saved, 0, file="db/none.sql.gz"), {}, "the bucket does not have db/none.sql.gz any more"),
        (changed_content(saved, 0, size=1), {}, "and had 1 when it was saved"),
        (changed_content(saved, 0, file=saved["archives"][3]["file"]), {}, "is an archive of another kind"),
        (changed_content(saved, 0, database_type="mysql"), {}, "is of mysql, and the entry of postgres"),
        (changed_content(saved, 0, destination=other), {}, "is for the bucket other"),
        (changed_content(saved, 1, database=named("shop", "forum")), {}, "error 1227"),
        (
            {**saved, "created_at": "2020-01-01T00:00:00Z"},
            {"archives_max_age": "36h"},
            "older than archives_max_age=36h",
        ),
        (saved, {"archives_max_age": "soon"}, "archives_max_age: 'soon' is not an age"),
        (saved, {"archives_before": "soon"}, "archives_before: 'soon' is not a date"),
        (saved, {"archives_before": "2020-01-01"}, "has no archive in"),
        (saved, {"overwrite": ["shop/production/none"]}, "overwrite: archives has no archive of"),
        (saved, {"deploy": "never"}, "the document does not deploy it"),
        (elsewhere, {}, "is it of another scope? It has database blog/production/db"),
        ({**saved, "version": 2}, {}, "archives.version is 2"),
        ({**saved, "archives": [{}]}, {}, "missing required arguments: archives.archives[0].kind"),
    ]
    for content, options, message in cases:
        result = recover(host, content, **options)
        assert result.get("failed") and message in result["msg"], (message, result.get("msg"))
        assert host.sim.calls("mutation") == [], message
    assert recover(host, changed_content(saved, 1, database=named("shop", "forum"), definers=[]), check=True)["plan"]
    for changes, message in (
        ({"state": "stopped"}, "its dump needs it to run, and it is to be stopped"),
        ({"user": "other"}, "and is to be restored as other"),
    ):
        options = {**DEPLOY, "archives": copy.deepcopy(saved)}
        result = apply(host, other_document(**changes), **options)
        assert message in result["msg"] and host.sim.calls("mutation") == []
    host.sim.act(discard=maria["file"], destination="s3")
    host.sim.act(put=maria["file"], destination="s3")
    assert "is empty" in recover(host, saved)["msg"] and host.sim.calls("mutation") == []


def test_options_need_a_set(host: Host) -> None:
    result = apply(host, DOCUMENT, archives_max_age="1d", overwrite=["a"], check=True)
    assert result["mistakes"] == ["archives_max_age: archives is needed", "overwrite: archives is needed"]
    assert "only the action of the module reads a file" in apply(host, DOCUMENT, archives="set", check=True)["msg"]


def test_a_bucket_out_of_reach_is_an_error_and_loses_nothing(host: Host, saved: Content) -> None:
    host.new_task()
    (row,) = host.read("destination.all")
    host.sim.server.store.destinations.rows[row["destinationId"]]["endpoint"] = "https://missing.example.com"
    content = copy.deepcopy(saved)
    for item in content["archives"]:
        item["destination"]["endpoint"] = "https://missing.example.com"
    document = copy.deepcopy(DOCUMENT)
    document["destinations"][0]["endpoint"] = "https://missing.example.com"
    result = apply(host, document, **DEPLOY, archives=content)
    assert "its files cannot be listed" in result["msg"]
    assert host.sim.calls("mutation") == ["destination.testConnection"]


# --- what fails on the way ---


@slow
def test_a_dump_that_breaks_off_leaves_its_database_stopped_and_is_repeated(host: Host, saved: Content) -> None:
    # The bucket breaks off the download of each dump, but not of archives of volumes.
    breaking = "https://s3.example.com/breaks"
    (row,), buckets = host.sim.server.store.destinations.rows.values(), host.sim.server.buckets
    archives = dict(buckets.of(row))
    row["endpoint"] = breaking
    buckets.of(row).update(archives)
    document, content = copy.deepcopy(DOCUMENT), copy.deepcopy(saved)
    document["destinations"][0]["endpoint"] = breaking
    for item in content["archives"]:
        item["destination"]["endpoint"] = breaking
    result = apply(host, document, **DEPLOY, archives=content)
    assert "since its data may be incomplete. The restore of database shop is left: run this again" in result["msg"]
    assert {"kind": "application", "path": "shop/production/web"} in [
        {"kind": one["kind"], "path": one["path"]} for one in result["waiting"]
    ]
    assert host.sim.rows("cache") == ROWS
    for row in host.sim.server.store.destinations.rows.values():
        row["endpoint"] = S3["endpoint"]
    again = recover(host, saved)
    assert again.get("msg") is None and data(host) == BACK
    assert recover(host, saved)["changed"] is False


@slow
def test_a_database_in_its_first_set_up_is_waited_for(
    host: Host, saved: Content, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its server runs already, and its database and its user are not there yet."""
    monkeypatch.setattr(dumps, "PAUSE", 0.01)
    host.sim.config(early_restores=8)
    assert recover(host, saved).get("msg") is None
    assert data(host) == BACK


@slow
def test_a_database_is_tried_again_however_long_one_attempt_takes(
    host: Host, saved: Content, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dumps, "PAUSE", 0.01)
    monkeypatch.setattr(dumps, "PATIENCE", 0.0)
    host.sim.config(early_restores=3)
    assert recover(host, saved).get("msg") is None
    assert data(host) == BACK


@slow
def test_a_check_that_fails_keeps_applications_back(host: Host, saved: Content) -> None:
    check = {"name": "rows", "kind": "database", "path": "shop/production/db", "output": "4"}
    script = 'psql -tAc "select count(*) from orders"'
    content = {**saved, "checks": [{**check, "script": script}]}
    result = recover(host, content)
    assert "the check rows of database shop/production/db failed: its output is '3', not '4'" in result["msg"]
    assert [(one["passed"], one["output"]) for one in result["archive_checks"]] == [(False, "3")]
    assert {one["path"]: one["proof"] for one in result["archives"]}["shop/production/db"] == "not_proven"
    assert [one["path"] for one in result["waiting"]] == ["shop/production/web"]
    content["checks"][0]["compare"] = "at_least"
    content["checks"][0]["output"] = "2"
    again = recover(host, content)
    assert (again.get("msg"), [one["passed"] for one in again["archive_checks"]]) == (None, [True])
    assert {one["action"] for one in again["archives"]} == {"none"}
    assert data(host) == BACK


@slow
def test_a_volume_with_other_files_is_left_alone(host: Host, saved: Content) -> None:
    host.sim.act(write="uploads", path="dog.png", data="bark")
    result = recover(host, saved)
    assert "it has files already, which no run of this recovery has put there" in result["msg"]
    assert host.sim.data()["uploads"]["files"] == {"dog.png": "bark"}
    again = recover(host, saved, overwrite=["shop/production/web"])
    assert again.get("msg") is None and data(host) == BACK


def test_only_what_overwrite_names_is_replaced(host: Host, saved: Content) -> None:
    recover(host, saved)
    other = changed_content(saved, 0, file=saved["archives"][0]["file"].replace("sql.gz", "x.sql.gz"))
    (files,) = host.sim.server.buckets.files.values()
    files[other["archives"][0]["file"]] = files[saved["archives"][0]["file"]]
    host.sim.act(insert="db", table="orders", count=2)
    left = recover(host, other)
    assert (left["changed"], host.sim.calls("mutation")) == (False, [])
    assert left["archives"][0]["reason"].startswith("it was restored from ")
    replaced = recover(host, other, overwrite=["shop/production/db"])
    assert counts(replaced) == {"stop": 1, "save": 1, "restore": 1, "start": 1} and data(host) == BACK
    again = recover(host, other, overwrite=["shop/production/db"])
    assert (again["changed"], host.sim.calls("mutation")) == (False, [])
    # A dump needs its database to run, which the run deploys if it is stopped.
    third = changed_content(saved, 0, file=saved["archives"][0]["file"].replace("sql.gz", "y.sql.gz"))
    files[third["archives"][0]["file"]] = files[saved["archives"][0]["file"]]
    web: dict[str, Any] = {"project": "shop", "name": "web"}
    database: dict[str, Any] = {"project": "shop", "name": "db", "type": "postgres"}
    host.new_task()
    host.ok(OPERATIONS["dokploy_application"], **web, state="stopped")
    host.new_task()
    host.ok(OPERATIONS["dokploy_database"], **database, state="stopped")
    refused = recover(host, third, overwrite=["shop/production/db"], deploy="never")
    assert "does not run, and its dump needs that" in refused["msg"]
    started = recover(host, third, overwrite=["shop/production/db"])
    assert counts(started) == {"save": 1, "restore": 1, "deploy": 2} and data(host) == BACK


@slow
def test_another_run_that_takes_over_ends_this_one(host: Host, saved: Content) -> None:
    """Its mark is replaced while the dump is restored."""
    label = {"community.dokploy.data": "1 run=ffffffff pending=x"}
    host.sim.hold(
        "backup.restoreBackupWithLogs",
        act=[{"set": "db", "fields": {"labelsSwarm": label}}],
    )
    result = recover(host, saved)
    assert "another run restores its data, or has restored them" in result["msg"]
    assert [one["path"] for one in result["waiting"]] == ["shop/production/web"]
    again = recover(host, saved)
    assert again.get("msg") is None and data(host) == BACK


@slow
def test_a_service_is_new_by_the_volumes_of_its_own_server(
    host: Host, saved: Content, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing ran of either database, and only the server of the second one has a volume with its data."""
    document = copy.deepcopy(DOCUMENT)
    (environment,) = document["projects"][0]["environments"]
    environment["databases"] = [DB, {**MARIA, "server": "far"}, CACHE]
    host.ok(OPERATIONS["dokploy_ssh_key"], name="far", generate="ed25519")
    host.ok(OPERATIONS["dokploy_server"], name="far", ip_address="192.0.2.7", ssh_key="far")
    names = services(apply(host, document, deploy="never"))
    call_many, volumes = Client.call_many, [f"{name}-data" for name in names.values()]

    def seen(self: Client, calls: Any) -> Any:
        return [
            {"Name": call.input["containerId"]}
            if call.input.get("containerId") in volumes and call.input.get("serverId")
            else answer
            for call, answer in zip(calls, call_many(self, calls), strict=True)
        ]

    monkeypatch.setattr(Client, "call_many", seen)
    planned = apply(host, document, **DEPLOY, archives=copy.deepcopy(saved), check=True)
    actions = {(report["path"], report["action"]) for report in planned["archives"]}
    assert ("shop/production/db", "restore") in actions
    assert ("shop/production/maria", "none") in actions


def test_a_stopped_service_whose_volume_cannot_be_seen_is_not_new(
    host: Host, saved: Content, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where Docker cannot list its volumes, Dokploy answers that there are none."""
    document = copy.deepcopy(DOCUMENT)
    (environment,) = document["projects"][0]["environments"]
    environment.update(databases=[DB], applications=[])
    name = services(apply(host, document, deploy="never"))["db"]
    # It was deployed and stopped by hand, and so is idle.
    host.sim.act(write=f"{name}-data", path="PG_VERSION", data="17")
    host.sim.fault(procedure="dockerVolume.getVolumes", kind="status", status=200, body="[]", times=1000)
    options = {**DEPLOY, "archives": copy.deepcopy(saved), "check": True}
    planned = apply(host, document, **options)
    assert [report["action"] for report in planned["archives"] if report["path"] == "shop/production/db"] == ["none"]
    docker_is_down(monkeypatch)
    failed = host.failed(OPERATIONS["dokploy_manifest"], **document, **options)
    assert f"it is not known whether the volume {name}-data exists" in failed["msg"]


@slow
@pytest.mark.parametrize(
    "fault",
    [{"kind": "status", "status": 500}, {"kind": "empty"}, {"kind": "status", "status": 200, "body": "[]"}],
    ids=str,
)
def test_scratch_volumes_go_also_where_volumes_cannot_be_listed(
    host: Host, saved: Content, fault: dict[str, Any]
) -> None:
    host.sim.fault(procedure="dockerVolume.getVolumes", times=1000, **fault)
    done = recover(host, saved)
    assert done.get("msg") is None and data(host) == BACK
    assert not [name for name in host.sim.data() if name.startswith("recovery-")]
    assert not [warning for warning in done.get("warnings", ()) if "scratch" in warning]


@slow
def test_a_scratch_volume_that_cannot_be_removed_is_named(host: Host, saved: Content) -> None:
    host.sim.fault("status", "dockerVolume.removeVolume", status=500, times=100_000)
    # It is tried for half a minute, of which 20 seconds pass in one.
    host.clock = lambda: 20 * time.monotonic()
    done = recover(host, saved)
    stays = [name for name in host.sim.data() if name.startswith("recovery-")]
    assert done.get("msg") is None and stays
    assert all(
        any(f"The scratch volume {name} stays until the next" in text for text in done["warnings"]) for name in stays
    )


@slow
def test_a_list_of_a_bucket_that_is_none_is_an_error(host: Host, saved: Content) -> None:
    host.sim.fault("empty", "backup.listBackupFiles", times=1000)
    result = recover(host, saved)
    assert result["failed"] and "backup.listBackupFiles" in result["msg"]


class Killed(BaseException):
    """The process has ended."""


@pytest.mark.parametrize("last", sampled([30, 8, 45, 60, 70], 5))
def test_a_run_that_is_killed_goes_on_with_the_next_one(
    host: Host, saved: Content, last: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At any write: nothing is lost, nothing is restored twice, and nothing is left."""
    left = [last]
    mutate = Client.mutate

    def counted(self: Client, *args: Any, **options: Any) -> Any:
        left[0] -= 1
        if left[0] < 0:
            raise Killed
        return mutate(self, *args, **options)

    with monkeypatch.context() as patch:
        patch.setattr(Client, "mutate", counted)
        with contextlib.suppress(Killed):
            recover(host, saved)
    again = recover(host, saved)
    assert again.get("msg") is None and data(host) == BACK
    assert recover(host, saved)["changed"] is False
    assert not [name for name in host.sim.data() if name.startswith("recovery-")]
    assert host.sim.server.store.kept_archives == {}
    assert not [name for name in host.sim.services() if "job" in name]
