# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Backup sets: what they save and how, what they say is missing, and that nothing of them is left."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._engine.wait import Polls
from ansible_collections.community.dokploy.plugins.module_utils._manifest.manifest import OPERATION as MANIFEST
from ansible_collections.community.dokploy.plugins.module_utils._resources.backups.archives_reader import read_archives
from ansible_collections.community.dokploy.plugins.module_utils._resources.backups.info import INFO_OPERATION
from ansible_collections.community.dokploy.plugins.module_utils._resources.infrastructure.bucket_files import stamp_of
from ansible_collections.community.dokploy.plugins.module_utils._resources.jobs.run import MARK
from ansible_collections.community.dokploy.plugins.module_utils._resources.service_children import runs
from ansible_collections.community.dokploy.plugins.module_utils._resources.service_children.backup_lock import (
    BackupLock,
    is_lock,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.service_children.jobs import VOLUME_BACKUPS
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.compose import COMPOSE
from ansible_collections.community.dokploy.plugins.module_utils._sets.backup_set import OPERATION
from ansible_collections.community.dokploy.plugins.module_utils._sets.service_run import ServiceRun
from tests.support.effort import slow
from tests.support.host import Host
from tests.support.operations import OPERATIONS

Row = dict[str, Any]
NIGHTLY: Row = {"destination": "offsite", "prefix": "nightly", "cron": "0 3 * * *", "keep": 5}
STACK = """
services:
  web: {image: forum/web, volumes: [files:/data]}
  db:
    image: postgres:17
    environment: {POSTGRES_USER: forum, POSTGRES_PASSWORD: made-up}
    volumes: [data:/var/lib/postgresql/data]
volumes: {data: {}, files: {}}
"""
ALL: Row = {"data": "all", "destination": "offsite", "jobs": True, "stop": True}


def world() -> Row:
    """A document with data of all kinds, of which one database and one volume have a backup."""
    postgres = {"type": "postgres", "database": "shop", "user": "shopper", "password": "made-up"}
    web = {
        "name": "web",
        "docker": {"image": "nginx"},
        "mounts": [
            {"path": "/uploads", "type": "volume", "name": "uploads"},
            {"path": "/host", "type": "bind", "host_path": "/srv/shop"},
            {"path": "/var/run/docker.sock", "type": "bind", "host_path": "/var/run/docker.sock"},
        ],
        "volume_backups": [{"name": "files", "volume": "uploads", **NIGHTLY}],
    }
    environment = {
        "name": "production",
        "databases": [
            {"name": "db", **postgres, "backups": [{**NIGHTLY, "database_name": "shop"}]},
            {"name": "more", **postgres},
            {"name": "cache", "type": "redis", "password": "made-up"},
        ],
        "applications": [web],
        "compose": [{"name": "forum", "raw": {"content": STACK}}],
    }
    destination = {"name": "offsite", "bucket": "b", "access_key": "key-of-bucket", "secret_access_key": "secret-of-it"}
    return {"destinations": [destination], "projects": [{"name": "shop", "environments": [environment]}]}


@pytest.fixture
def shop(host: Host) -> Host:
    host.ok(MANIFEST, **world())
    host.new_task()
    return host


@pytest.fixture
def small(host: Host) -> Host:
    """A database and an application with a volume, which run, and a backup of each."""
    document = world()
    (environment,) = document["projects"][0]["environments"]
    environment["databases"], environment["compose"] = environment["databases"][:1], []
    environment["applications"][0]["mounts"] = environment["applications"][0]["mounts"][:1]
    host.ok(MANIFEST, **document)
    host.new_task()
    return host


def files(shop: Host, folder: str) -> list[str]:
    (destination,) = shop.read("destination.all")
    listed = shop.read("backup.listBackupFiles", destinationId=destination["destinationId"], search=folder)
    return [row["Name"] for row in listed if not row["IsDir"]]


def brief(rows: list[Row]) -> set[str]:
    """Each archive, or what a plan has of it, as a line."""
    return {
        " ".join([row["path"].rpartition("/")[2], row["method"], *filter(None, [row.get("service")])]) for row in rows
    }


def left(shop: Host) -> list[str]:
    """What a set must not leave: jobs, records, volumes, and services that stand still."""
    (project,) = shop.read("project.all")
    (environment,) = project["environments"]
    names = [app["name"] for app in environment["applications"] if app["name"] != "web"]
    for kind in ("application", "compose", "postgres", "redis"):
        for outline in environment["applications" if kind == "application" else kind]:
            resource_id = outline[f"{kind}Id"]
            rows = shop.read("volumeBackups.list", id=resource_id, volumeBackupType=kind)
            names += [row["name"] for row in rows if is_lock(row) or row["name"] != "files"]
            if kind in ("compose", "postgres"):
                row = shop.read(f"{kind}.one", **{f"{kind}Id": resource_id})
                names += [backup["prefix"] for backup in row["backups"] if backup["prefix"].strip("/") != "nightly"]
    names += [volume["Name"] for volume in shop.read("dockerVolume.getVolumes") if volume["Name"].startswith("set-")]
    return names + [name for name, service in shop.sim.services().items() if not service["running"]]


def test_everything_is_saved_and_nothing_is_left(shop: Host) -> None:
    foreseen = shop.ok(OPERATION, **ALL, check=True)
    assert foreseen["set"] is None and foreseen["complete"] is True
    shop.new_task()
    result = shop.ok(OPERATION, **ALL)
    assert result["plan"] == foreseen["plan"] and result["diff"] == foreseen["diff"]
    assert result["complete"] is True
    assert (
        brief(result["set"]["archives"])
        == brief(result["plan"])
        == {
            "db dump",
            "more dump",
            "cache rdb",
            "web volume",
            "web bind",
            "forum dump db",
            "forum volume web",
        }
    )
    assert all(archive["size"] > 0 for archive in result["set"]["archives"])
    read = read_archives(result["set"])
    assert read.complete and len(read.services) == 5
    assert [entry.name for entry in read.not_saved] == ["/var/run/docker.sock"]
    assert left(shop) == []
    assert "made-up" not in str(result) and "secret-of-it" not in str(result)


# --- what knows of it afterwards ---


def covered(shop: Host, **options: Any) -> dict[tuple[str, str, str | None], Row]:
    shop.new_task()
    entries = shop.ok(INFO_OPERATION, **options)["coverage"]
    return {
        (
            entry["path"].rpartition("/")[2],
            entry["what"],
            entry["name"] if entry["what"] == "bind" else entry["service"],
        ): entry
        for entry in entries
    }


def test_what_a_set_has_saved_is_covered(shop: Host) -> None:
    before = shop.ok(INFO_OPERATION, set_destination="offsite", max_age="36h")["problems"]
    assert {problem["problem"] for problem in before} == {"missing", "never"}
    archives = shop.ok(OPERATION, **ALL)["set"]["archives"]
    entries = covered(shop, set_destination="offsite", max_age="36h")
    assert [problem for entry in entries.values() for problem in entry["problems"]] == []
    files = [backup["newest"]["path"] for entry in entries.values() for backup in entry["backups"] if backup["newest"]]
    made = [archive for archive in archives if "/set/" in archive["file"]]
    assert sorted(files) == sorted(archive["file"] for archive in made)
    (bind,) = (archive for archive in made if archive["method"] == "bind")
    entry = entries["web", "bind", "/srv/shop"]
    assert (entry["reason"], entry["expected"]) == (None, True)
    (backup,) = entry["backups"]
    assert (backup["kind"], backup["name"], backup["newest"]["size"]) == ("set", "sets in offsite", bind["size"])
    # The dump of Redis has what its volume has.
    assert entries["cache", "database", None]["backups"][0]["kind"] == "set"
    volume = entries["cache", "volume", None]
    assert (volume["expected"], volume["reason"]) == (False, "It has the data of Redis, of which sets have dumps.")
    # Without the option nothing tells of it.
    assert all(backup["kind"] != "set" for entry in covered(shop).values() for backup in entry["backups"])


@slow
def test_an_archive_of_a_set_that_is_old_or_got_smaller_is_a_problem(small: Host) -> None:
    def put(ago: timedelta, size: int) -> None:
        path = f"{database['appName']}/set/shop/{stamp_of(datetime.now(UTC) - ago)}.sql.gz"
        small.sim.act(put=path, destination="offsite", data="x" * size)

    def problems() -> dict[str, str]:
        options = {"set_destination": "offsite", "max_age": "36h", "scope": {"kinds": ["database"]}}
        small.new_task()
        return {problem["problem"]: problem["msg"] for problem in small.ok(INFO_OPERATION, **options)["problems"]}

    (database,) = small.sim.server.store.services["postgres"].rows.values()
    put(timedelta(days=4), 1000)
    put(timedelta(days=3), 1000)
    assert set(problems()) == {"old"}
    put(timedelta(hours=1), 400)
    assert problems() == {"smaller": "The newest archive of sets in offsite has 400 bytes, the one before 1000 bytes."}


@slow
def test_a_volume_that_several_services_mount_is_covered_once(small: Host) -> None:
    mount = {"path": "/uploads", "type": "volume", "name": "shared"}
    where = {"project": "shop", "environment": "production", "docker": {"image": "nginx"}, "mounts": [mount]}
    for name in ("one", "two"):
        small.ok(OPERATIONS["dokploy_application"], name=name, **where)
    small.new_task()
    assert small.ok(OPERATION, **ALL)["complete"] is True
    entries = covered(small, set_destination="offsite")
    newest = [entries[name, "volume", None]["backups"][0]["newest"] for name in ("one", "two")]
    assert newest[0] is not None and newest[0] == newest[1]


def test_sets_are_looked_up_in_few_requests(small: Host) -> None:
    small.ok(OPERATION, **ALL)
    small.new_task()
    small.sim.reset_stats()
    small.ok(INFO_OPERATION, set_destination="offsite", sizes=True)
    # The destination, the tree, the rows, the runs, the first folder of series, the others, and those of archives.
    assert small.sim.stats()["http"] == 7


# --- what there is to save, and what is missing ---


def test_backups_that_exist_are_models(small: Host) -> None:
    """A set takes their destination, and its archives are where their keep removes none."""
    small.sim.reset_stats()
    result = small.ok(OPERATION)
    assert [row["backup"] for row in result["plan"]] == ["offsite/nightly/shop", "files"]
    series = result["set"]["series"]
    names = [archive["file"].split("/")[1:4] for archive in result["set"]["archives"]]
    assert names == [["set", series, "shop"], ["set", series, "uploads"]]
    assert [archive["at_rest"] for archive in result["set"]["archives"]] == [None, False]
    # Nothing is stopped, and all services share what is read.
    calls = small.sim.calls()
    assert "application.stop" not in calls and calls.count("project.all") == 1


def test_what_has_no_backup_makes_the_set_incomplete(shop: Host) -> None:
    result = shop.failed(OPERATION)
    assert result["error"]["kind"] == "incomplete" and result["complete"] is False
    assert {row["path"].rpartition("/")[2] for row in result["not_saved"]} == {"more", "cache", "web", "forum"}
    # What there is can be used.
    assert brief(result["set"]["archives"]) == {"db dump", "web volume"}
    assert "There is no backup of it, and data is configured." in result["msg"]


@slow
def test_what_is_left_out_is_not_missing(shop: Host) -> None:
    result = shop.ok(OPERATION, leave_out=["shop/production/more", "*/cache", "*:/srv/*", "shop/production/forum"])
    reasons = {row["reason"] for row in result["not_saved"]}
    assert reasons == {"It is left out, as stated in leave_out.", "It is a part of the host, and no data of a service."}
    assert all(row["left_out"] for row in result["not_saved"])
    shop.new_task()
    refused = shop.failed(OPERATION, leave_out=["shop/production/none"])
    assert refused["msg"].startswith(
        "leave_out: no data is at 'shop/production/none'. There is: shop/production/cache:"
    )
    assert (
        "shop/production/forum/db:data, shop/production/forum/db:database, shop/production/forum/web:files"
        in refused["msg"]
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"leave_out": ["*"]}, "It has no archive. Look at not_saved, and at the patterns of leave_out."),
        (
            {"scope": {"services": ["shop/production/idle"]}},
            "It has no archive: no service in the scope has data. Look at scope, or do without the set.",
        ),
    ],
)
def test_a_set_with_nothing_in_it_is_not_complete(small: Host, options: Row, message: str) -> None:
    idle = {"name": "idle", "docker": {"image": "nginx"}}
    environment = {"name": "production", "applications": [idle]}
    small.ok(MANIFEST, projects=[{"name": "shop", "environments": [environment]}])
    small.new_task()
    foreseen = small.ok(OPERATION, check=True, **ALL, **options)
    assert (foreseen["plan"], foreseen["complete"]) == ([], False)
    result = small.failed(OPERATION, **ALL, **options)
    assert result["error"]["kind"] == "incomplete" and message in result["msg"]
    assert (result["complete"], result["set"]["complete"], result["set"]["archives"]) == (False, False, [])


def test_the_volume_of_a_client_of_a_database_is_saved(host: Host) -> None:
    content = """
services:
  tool: {image: "postgres:16", command: psql -h db, volumes: [out:/out]}
  db:
    image: postgres:16
    environment: {POSTGRES_USER: forum, POSTGRES_PASSWORD: made-up}
    volumes: [data:/var/lib/postgresql/data, extra:/extra]
volumes: {data: {}, out: {}, extra: {}}
"""
    document = world()
    environment = {"name": "production", "compose": [{"name": "forum", "raw": {"content": content}}]}
    document["projects"] = [{"name": "shop", "environments": [environment]}]
    host.ok(MANIFEST, **document)
    host.new_task()
    plan = host.ok(OPERATION, check=True, **ALL)["plan"]
    names = [(row["what"], row["service"], row["method"]) for row in plan]
    assert names == [("database", "db", "dump"), ("volume", "tool", "volume"), ("volume", "db", "volume")]
    host.new_task()
    plan = host.ok(OPERATION, check=True, **ALL, leave_out=["shop/production/forum/db:*"])["plan"]
    assert [(row["what"], row["service"]) for row in plan] == [("volume", "tool")]


def test_a_destination_is_needed_for_what_has_no_backup(shop: Host) -> None:
    result = shop.failed(OPERATION, data="all")
    wanted = "destination is needed: there is no backup of the volume of database shop/production/cache"
    assert (result["msg"], result["changed"]) == (wanted, False)


def test_the_keep_of_one_backup_removes_no_file_of_another(small: Host) -> None:
    """Dokploy counts all dumps of a folder."""
    other = {"project": "shop", "database": "db", "database_name": "other", **NIGHTLY, "keep": 1}
    small.ok(OPERATIONS["dokploy_backup"], **other)
    small.new_task()
    # The other database does not exist.
    result = small.failed(OPERATION)
    (dump,) = (archive for archive in result["set"]["archives"] if archive["method"] == "dump")
    assert dump["file"].split("/")[1:4] == ["set", result["set"]["series"], "shop"]
    assert [row["backup"] for row in result["plan"]] == ["offsite/nightly/shop", "offsite/nightly/other", "files"]


@slow
def test_so_many_archives_of_sets_are_kept(small: Host) -> None:
    (database,) = small.read("project.all")[0]["environments"][0]["postgres"]
    app_name = small.read("postgres.one", postgresId=database["postgresId"])["appName"]
    small.call("backup.remove", backupId=small.read("postgres.one", **database)["backups"][0]["backupId"])
    only: Row = {"data": "all", "destination": "offsite", "keep": 2, "series": "0a1b2c3d"}
    only["scope"] = {"kinds": ["database"]}
    made = []
    for _number in range(3):
        small.new_task()
        (archive,) = small.ok(OPERATION, **only)["set"]["archives"]
        made.append(archive["file"].rpartition("/")[2])
    assert sorted(files(small, f"{app_name}/set/0a1b2c3d/shop/")) == made[1:]


# --- failures ---


def test_a_failure_is_that_of_one_archive(small: Host) -> None:
    """A file that is written makes the tar fail; the service runs again, and the dump is there."""
    small.sim.config(linger_seconds=0.2)
    small.ok(OPERATIONS["dokploy_volume_backup"], project="shop", application="web", name="files", stop_service=True)
    small.new_task()
    result = small.failed(OPERATION)
    assert brief(result["set"]["archives"]) == {"db dump"}
    ((reason, name),) = [(row["reason"], row["name"]) for row in result["not_saved"]]
    assert "file changed" in reason and name == "uploads"
    assert left(small) == []


@slow
def test_a_bucket_that_is_away_is_asked_once(small: Host) -> None:
    (destination,) = small.read("destination.all")
    small.sim.fault("status", "backup.listBackupFiles", status=400, times=1)
    small.sim.reset_stats()
    result = small.failed(OPERATION)
    assert result["set"]["archives"] == [] and len(result["not_saved"]) == 2
    assert "destination: its files cannot be listed" in result["not_saved"][0]["reason"]
    assert destination and "volumeBackups.runManually" not in small.sim.calls()


@pytest.mark.parametrize(
    ("check", "message"),
    [
        ({"script": "echo no such table; exit 3"}, "check 'rows': its script has failed: "),
        ({"script": "echo none", "compare": "at_least"}, "has no number, so that at_least proves nothing"),
    ],
)
def test_a_check_that_proves_nothing_makes_the_set_incomplete(small: Host, check: Row, message: str) -> None:
    stated = {"name": "rows", "service": "shop/production/db", **check}
    result = small.failed(OPERATION, checks=[stated])
    assert message in result["msg"] and result["not_saved"] == []
    assert len(result["set"]["archives"]) == 2 and left(small) == []
    assert result["set"]["checks"][0]["exit_code"] == (3 if "exit" in check["script"] else 0)


def test_a_check_between_runs_before_and_after_the_archives(small: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    small.sim.act(insert="db", table="orders", count=2)
    save = ServiceRun._save

    def written_to(run: ServiceRun, *of: Any, **more: Any) -> Polls:
        small.sim.act(insert="db", table="orders", count=3)
        return (yield from save(run, *of, **more))

    script = "psql -At -c 'select count(*) from orders'"
    rows = {"name": "rows", "service": "shop/production/db", "script": script, "compare": "between"}
    checks = [rows, {**rows, "name": "before", "compare": "at_least"}]
    with monkeypatch.context() as patched:
        patched.setattr(ServiceRun, "_save", written_to)
        saved = small.ok(OPERATION, checks=checks, scope={"services": ["shop/production/db"]})["set"]
    assert [(check["name"], check["output"], check["output_after"]) for check in saved["checks"]] == [
        ("rows", "2", "5"),
        ("before", "2", None),
    ]
    assert left(small) == []


def test_an_interrupted_set_leaves_nothing(small: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_args: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(runs.RunEnded, "judge", interrupted)
        with pytest.raises(KeyboardInterrupt):
            # A second service may be in the middle of a request, whose record the next set removes.
            small.run(OPERATION, **ALL, at_once=1)
    assert left(small) == []


def test_what_a_killed_set_has_left_is_removed(small: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its job with a volume, the records of a single run and of the run itself, and a service that stands still."""
    (web,) = small.read("project.all")[0]["environments"][0]["applications"]
    row, (destination,) = (
        small.read("application.one", applicationId=web["applicationId"]),
        small.read("destination.all"),
    )
    name = f"set-{row['appName']}-1a2b3c4d"
    lock = BackupLock(VOLUME_BACKUPS, row["applicationId"], "web", destination["destinationId"]).creation()
    small.call(lock.procedure, **{**lock.body, "prefix": "other/stopped/2020-01-01T00:00:00Z"})
    small.call(lock.procedure, **{**lock.body, "name": "set x", "volumeName": "uploads", "prefix": "set/uploads"})
    mounts = [{"path": "/set", "type": "volume", "name": name}]
    job = {"project": "shop", "name": f"job-{name}", "description": MARK, "docker": {"image": "nginx"}}
    small.ok(OPERATIONS["dokploy_application"], **job, mounts=mounts)
    small.ok(OPERATIONS["dokploy_deployment"], project="shop", application=f"job-{name}", verify=False)
    small.ok(OPERATIONS["dokploy_application"], project="shop", name="web", state="stopped")
    assert len(left(small)) == 5
    small.new_task()
    assert len(small.ok(OPERATION)["set"]["archives"]) == 2
    assert left(small) == []


@slow
def test_a_service_that_cannot_be_started_again_makes_the_set_incomplete(shop: Host) -> None:
    shop.ok(MANIFEST, **world(), deploy="changed", verify_period=0.0)
    shop.new_task()
    shop.sim.fault("status", "application.start", status=500, times=2)
    result = shop.failed(OPERATION, **ALL)
    assert "application shop/production/web" in result["msg"] and "application.start" in result["msg"]
    assert result["complete"] is False and {"web volume", "web bind"} <= brief(result["set"]["archives"])
    shop.new_task()
    shop.ok(OPERATION, **ALL)
    assert left(shop) == []


def test_a_check_states_what_it_looks_at(shop: Host) -> None:
    check = {"name": "rows", "service": "shop/production/db", "script": "echo 1"}
    refused = shop.failed(OPERATION, checks=[{**check, "looks_at": ["shop/production/db:none", "*:database"]}])
    assert (
        "checks[0].looks_at: no data is at 'shop/production/db:none'. There is: shop/production/db:" in refused["msg"]
    )
    assert refused["changed"] is False
    shop.new_task()
    stated = [{**check, "looks_at": ["shop/production/db:database"]}, {**check, "name": "all"}]
    saved = shop.run(OPERATION, checks=stated)["set"]
    assert {row["name"]: row["looks_at"] for row in saved["checks"]} == {"rows": ["shop"], "all": None}


def test_a_stack_that_a_killed_set_has_left_standing_still_is_started_before_its_dump(host: Host) -> None:
    content = """
services:
  db:
    image: postgres:17
    environment: {POSTGRES_USER: forum, POSTGRES_PASSWORD: made-up}
    volumes: [data:/var/lib/postgresql/data, extra:/extra]
volumes: {data: {}, extra: {}}
"""
    document = world()
    environment = {"name": "production", "compose": [{"name": "forum", "raw": {"content": content}}]}
    document["projects"] = [{"name": "shop", "environments": [environment]}]
    host.ok(MANIFEST, **document, verify_period=0.0)
    (row,) = host.read("project.all")[0]["environments"][0]["compose"]
    (destination,) = host.read("destination.all")
    child = next(child for child in COMPOSE.children if child.option == "volume_backups")
    lock = BackupLock(child, row["composeId"], "forum", destination["destinationId"]).creation()
    host.call(lock.procedure, **{**lock.body, "prefix": "other/stopped/2020-01-01T00:00:00Z"})
    host.call("compose.stop", composeId=row["composeId"])
    host.new_task()
    saved = host.ok(OPERATION, **ALL)["set"]
    assert [archive["what"] for archive in saved["archives"]] == ["database", "volume"]
    assert all(archive["fingerprint"] for archive in saved["archives"])
