# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which data of a server is backed up: what is read for it, in how many requests, and what is said of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._manifest.manifest import OPERATION as MANIFEST
from ansible_collections.community.dokploy.plugins.module_utils._resources.backups.info import INFO_OPERATION
from ansible_collections.community.dokploy.plugins.module_utils._resources.infrastructure import bucket_files
from ansible_collections.community.dokploy.plugins.module_utils._resources.infrastructure.bucket_files import stamp_of
from ansible_collections.community.dokploy.plugins.module_utils._resources.jobs.run import MARK
from ansible_collections.community.dokploy.plugins.module_utils._resources.service_children.backup_lock import (
    BackupLock,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.service_children.jobs import VOLUME_BACKUPS
from dokploy_simulator import Simulator
from tests.support.host import Host
from tests.support.operations import OPERATIONS
from tests.support.releases import RELEASES

Row = dict[str, Any]
KEY, SECRET = "access-key-of-the-bucket", "secret-of-the-bucket"
NIGHTLY: Row = {"destination": "offsite", "prefix": "nightly", "cron": "0 3 * * *"}
FILES: Row = {"name": "files", "volume": "uploads", **NIGHTLY}
STACK = """
services:
  web:
    image: ghcr.io/forum/web:3
    volumes: [attachments:/data, "../files/forum.conf:/etc/forum.conf", "/srv/themes:/themes:ro"]
  db:
    image: ${DB_IMAGE:-postgres:17}
    volumes: [data:/var/lib/postgresql/data]
volumes:
  data: {}
  attachments: {name: forum-attachments}
"""


def world(applications: int = 0) -> Row:
    """A document with data of all kinds.

    :param applications: how many more there are, each with a volume and a backup.
    """
    postgres = {"name": "db", "type": "postgres", "database": "shop", "user": "shop", "password": "made-up"}
    web = {
        "name": "web",
        "docker": {"image": "nginx"},
        "mounts": [
            {"path": "/uploads", "type": "volume", "name": "uploads"},
            {"path": "/host", "type": "bind", "host_path": "/srv/shop"},
            {"path": "/etc/web.conf", "type": "file", "file_path": "web.conf", "content": "a"},
        ],
        "volume_backups": [FILES],
    }
    forum = {
        "name": "forum",
        "raw": {"content": STACK},
        "mounts": [{"file_path": "forum.conf", "content": "b"}],
        "backups": [
            {
                **NIGHTLY,
                "service": "db",
                "database_name": "forum",
                "database_type": "postgres",
                "postgres": {"user": "forum"},
            }
        ],
    }
    more = [
        {
            "name": f"app-{number}",
            "docker": {"image": "nginx"},
            "mounts": [{"path": "/data", "type": "volume", "name": f"data-{number}"}],
            "volume_backups": [{**FILES, "volume": f"data-{number}"}],
        }
        for number in range(applications)
    ]
    environment = {
        "name": "production",
        "databases": [
            {**postgres, "backups": [{**NIGHTLY, "database_name": "shop"}]},
            {"name": "cache", "type": "redis", "password": "made-up"},
            {"name": "stock", "type": "mongo", "user": "stock", "password": "made-up", "image": "mongo:7"},
        ],
        "applications": [web, *more],
        "compose": [forum],
    }
    destination = {"name": "offsite", "bucket": "b", "access_key": KEY, "secret_access_key": SECRET}
    return {
        "destinations": [{**destination, "endpoint": "https://s3.example.com"}],
        "projects": [{"name": "shop", "environments": [environment]}],
    }


def create(host: Host, document: Row | None = None) -> None:
    host.ok(MANIFEST, deploy="never", **(document or world()))
    host.new_task()


def ran(host: Host, row: Row, status: str, ago: timedelta) -> str:
    """A run of a backup, as Dokploy records it; returns when it ended."""
    ended = f"{(datetime.now(UTC) - ago).isoformat(timespec='milliseconds').removesuffix('+00:00')}Z"
    times = dict.fromkeys(("createdAt", "startedAt", "finishedAt"), ended)
    key = "backupId" if "backupId" in row else "volumeBackupId"
    owners = "applicationId composeId serverId previewDeploymentId scheduleId backupId rollbackId volumeBackupId"
    columns = dict.fromkeys(owners.split())
    known = {"deploymentId": f"run-{row[key]}-{ended}", "title": "Backup", "description": "", "status": status}
    none = {"errorMessage": None, "logPath": "", "pid": None, "isPreviewDeployment": False}
    host.sim.server.store.deployments.insert({**columns, **known, **times, **none, key: row[key]})
    return ended


def archive(host: Host, folder: str, size: int, ago: timedelta, name: str = "{}.sql.gz") -> None:
    path = f"{folder}/{name.format(stamp_of(datetime.now(UTC) - ago))}"
    host.sim.act(put=path, destination="offsite", data="x" * size)


def dumps(host: Host) -> dict[str, Row]:
    """The rows of backups, by the databases that they dump."""
    return {row["database"]: row for row in host.sim.server.store.backups.rows.values()}


def app_name(host: Host, kind: str) -> str:
    (row,) = (row for row in host.sim.server.store.services[kind].rows.values() if not row["name"].startswith("app-"))
    return str(row["appName"])


def brief(result: Row) -> list[tuple[str, str, str | None, int, str | None]]:
    return [
        (entry["path"], entry["what"], entry["name"], len(entry["backups"]), entry["reason"])
        for entry in result["coverage"]
    ]


def test_every_database_and_volume_is_listed(host: Host) -> None:
    create(host)
    result = host.ok(INFO_OPERATION)
    redis, mongo, postgres, stack = (app_name(host, kind) for kind in ("redis", "mongo", "postgres", "compose"))
    none, own = "There is no backup of it.", "It has the data of the database, which is listed by itself."
    host_folder = "Dokploy cannot save a folder of the host."
    no_redis = "Dokploy makes no dumps of Redis. Its data is what its volume has."
    assert brief(result) == [
        ("shop/production/cache", "database", None, 0, no_redis),
        ("shop/production/cache", "volume", f"{redis}-data", 0, none),
        ("shop/production/db", "database", "shop", 1, None),
        ("shop/production/db", "volume", f"{postgres}-data", 0, own),
        ("shop/production/forum", "database", "forum", 1, None),
        ("shop/production/forum", "volume", "forum-attachments", 0, none),
        ("shop/production/forum", "volume", f"{stack}_data", 0, own),
        ("shop/production/forum", "bind", "/srv/themes", 0, host_folder),
        ("shop/production/stock", "database", None, 0, none),
        ("shop/production/stock", "volume", f"{mongo}-data", 0, own),
        ("shop/production/web", "volume", "uploads", 1, None),
        ("shop/production/web", "bind", "/srv/shop", 0, host_folder),
    ]
    entry = result["coverage"][4]
    assert (entry["kind"], entry["service"], entry["database_type"]) == ("compose", "db", "postgres")
    (backup,) = entry["backups"]
    assert backup == {
        "kind": "backup",
        "id": dumps(host)["forum"]["backupId"],
        "name": "offsite/nightly/forum",
        "enabled": True,
        "cron": "0 3 * * *",
        "destination": "offsite",
        "prefix": "nightly",
        "keep": 0,
        "folder": f"{stack}_db/nightly",
        "status": None,
        "ran_at": None,
        "succeeded_at": None,
        "listed": False,
        "newest": None,
        "previous": None,
        "unread": None,
    }
    assert "problems" not in result and "problems" not in entry
    assert KEY not in str(result) and SECRET not in str(result)


def test_the_number_of_services_takes_no_more_requests(host: Host) -> None:
    """The tree, the rows and lists of all services, and the runs of volume backups; buckets cost more on request."""

    def requests(**options: Any) -> tuple[int, int]:
        host.new_task()
        host.sim.reset_stats()
        host.ok(INFO_OPERATION, **options)
        return int(host.sim.stats()["http"]), host.sim.calls().count("backup.listBackupFiles")

    create(host, world(applications=20))
    assert requests() == (3, 0)
    assert requests(max_age="36h") == (3, 0)
    # The names of databases have to be known before their rows are read.
    assert requests(scope={"projects": ["shop"]}) == (4, 0)
    # The first folder of the bucket tells whether it answers; of the others, ten are listed in one request.
    assert requests(sizes=True) == (3 + 1 + 3, 23)


def test_the_scope_selects_by_names(host: Host) -> None:
    create(host)
    assert {
        entry["path"] for entry in host.ok(INFO_OPERATION, scope={"services": ["*/production/db"]})["coverage"]
    } == {"shop/production/db"}
    assert {entry["kind"] for entry in host.ok(INFO_OPERATION, scope={"kinds": ["compose"]})["coverage"]} == {"compose"}
    assert "nothing is at 'shpo'" in host.failed(INFO_OPERATION, scope={"projects": ["shpo"]})["msg"]
    assert "there is no kind 'registry'" in host.failed(INFO_OPERATION, scope={"kinds": ["registry"]})["msg"]


def test_when_backups_succeeded_and_how_large_they_are(host: Host) -> None:
    create(host)
    rows, (volume,) = dumps(host), host.sim.server.store.volume_backups.rows.values()
    good = ran(host, rows["shop"], "done", timedelta(hours=20))
    ran(host, rows["forum"], "done", timedelta(days=3))
    failed = ran(host, rows["forum"], "error", timedelta(hours=1))
    ran(host, volume, "done", timedelta(days=2))
    folder = f"{app_name(host, 'postgres')}/nightly"
    archive(host, folder, 900, timedelta(days=2))
    archive(host, folder, 1000, timedelta(days=1))
    archive(host, folder, 400, timedelta(hours=20))
    web = f"{app_name(host, 'application')}/nightly"
    archive(host, web, 5, timedelta(days=2), "uploads-{}.tar")
    archive(host, web, 50, timedelta(days=1), "others-{}.tar")
    result = host.ok(INFO_OPERATION, sizes=True, max_age="36h")
    by_path = {(entry["path"], entry["what"]): entry for entry in result["coverage"] if entry["backups"]}
    (shop,) = by_path["shop/production/db", "database"]["backups"]
    assert (shop["status"], shop["succeeded_at"], shop["ran_at"]) == ("done", good, good)
    assert (shop["newest"]["size"], shop["previous"]["size"]) == (400, 1000)
    (forum,) = by_path["shop/production/forum", "database"]["backups"]
    assert (forum["status"], forum["ran_at"], forum["newest"]) == ("error", failed, None)
    (files,) = by_path["shop/production/web", "volume"]["backups"]
    assert (files["newest"]["size"], files["previous"]) == (10245, None)
    assert [(problem["path"], problem["name"], problem["problem"]) for problem in result["problems"]] == [
        ("shop/production/cache", f"{app_name(host, 'redis')}-data", "missing"),
        ("shop/production/db", "shop", "smaller"),
        ("shop/production/forum", "forum", "old"),
        ("shop/production/forum", "forum", "failed"),
        ("shop/production/forum", "forum", "no_archive"),
        ("shop/production/forum", "forum-attachments", "missing"),
        ("shop/production/stock", None, "missing"),
        ("shop/production/web", "uploads", "old"),
    ]


def test_a_backup_that_was_edited_and_put_back_has_its_archives(host: Host) -> None:
    """Dokploy forgets its runs, since it is another record then."""
    create(host)
    old = dumps(host)["shop"]
    ran(host, old, "done", timedelta(hours=20))
    archive(host, f"{app_name(host, 'postgres')}/nightly", 900, timedelta(hours=20))
    host.sim.server.store.backups.rows[old["backupId"]]["prefix"] = "elsewhere"
    create(host)
    assert dumps(host)["shop"]["backupId"] != old["backupId"]
    scope = {"services": ["shop/production/db"]}
    (entry, _volume) = host.ok(INFO_OPERATION, max_age="36h", sizes=True, scope=scope)["coverage"]
    (backup,) = entry["backups"]
    assert backup["succeeded_at"] == backup["newest"]["created_at"] and entry["problems"] == []
    host.new_task()
    (entry, _volume) = host.ok(INFO_OPERATION, max_age="1h", sizes=True, scope=scope)["coverage"]
    assert [problem["problem"] for problem in entry["problems"]] == ["old"]
    # A run that failed says nothing of the archive.
    ran(host, dumps(host)["shop"], "error", timedelta(hours=1))
    host.new_task()
    (entry, _volume) = host.ok(INFO_OPERATION, max_age="36h", sizes=True, scope=scope)["coverage"]
    assert [problem["problem"] for problem in entry["problems"]] == ["never", "failed"]


def test_a_bucket_that_does_not_answer_is_asked_once(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bucket_files, "PATIENCE", 0.3)
    document = world()
    document["destinations"][0]["endpoint"] = "https://missing.example.com"
    create(host, document)
    host.sim.reset_stats()
    result = host.ok(INFO_OPERATION, sizes=True, max_age="1d", scope={"projects": ["shop"]})
    assert host.sim.calls().count("backup.listBackupFiles") == 1
    unknown = [problem for problem in result["problems"] if problem["problem"] == "unknown"]
    assert [problem["path"].rpartition("/")[2] for problem in unknown] == ["db", "forum", "web"]
    assert "the files in the bucket cannot be listed: Failed to ls" in unknown[0]["msg"]
    assert KEY not in str(result) and SECRET not in str(result)


def test_a_backup_that_is_switched_off_covers_nothing(host: Host) -> None:
    create(host)
    row = dumps(host)["shop"]
    host.sim.server.store.backups.rows[row["backupId"]]["enabled"] = False
    ran(host, row, "done", timedelta(hours=1))
    (entry, _volume) = host.ok(INFO_OPERATION, max_age="36h", scope={"services": ["shop/production/db"]})["coverage"]
    assert entry["reason"] == "Its backup is switched off."
    assert entry["problems"] == [{"problem": "disabled", "msg": "No backup of it is enabled: offsite/nightly/shop."}]


def test_a_file_that_cannot_be_read_is_said(host: Host) -> None:
    """Dokploy stores any text. What was never deployed has no data."""
    create(host)
    store = host.sim.server.store
    (row,) = store.services["compose"].rows.values()
    row["composeFile"] = "services: ["
    only = {"kinds": ["compose"]}
    assert [entry["what"] for entry in host.ok(INFO_OPERATION, scope=only)["coverage"]] == ["database"]
    host.call("compose.deploy", composeId=row["composeId"])
    host.sim.settle()
    host.new_task()
    result = host.ok(INFO_OPERATION, scope=only, max_age="1d")
    assert [(entry["what"], entry["name"]) for entry in result["coverage"]] == [
        ("unknown", None),
        ("database", "forum"),
    ]
    assert result["coverage"][0]["reason"].startswith("Its Compose file is not valid YAML")
    assert [problem["problem"] for problem in result["problems"]] == ["unknown", "never"]


@pytest.mark.parametrize("version", RELEASES)
def test_older_releases_say_the_same(version: str) -> None:
    with Simulator(version=version) as older:
        host = Host(older)
        create(host)
        result = host.ok(INFO_OPERATION, max_age="36h", sizes=True)
        assert [problem["problem"] for problem in result["problems"]] == [
            *("missing", "never", "never", "missing", "missing", "never"),
        ]
        host.close()


def test_a_member_sees_what_he_may_see(host: Host) -> None:
    """Not the names of destinations, of which dumps know theirs."""
    create(host)
    project = host.read("project.all")[0]
    (application,) = host.sim.server.store.services["application"].rows
    (database,) = host.sim.server.store.services["postgres"].rows
    host.sim.act(
        member="member@example.com",
        key="key-of-member",
        projects=[project["projectId"]],
        environments=[project["environments"][0]["environmentId"]],
        services=[application, database],
    )
    member = Host(host.sim, dokploy_api_key="key-of-member")
    entries = member.ok(INFO_OPERATION)["coverage"]
    member.close()
    assert [entry["path"] for entry in entries] == 2 * ["shop/production/db"] + 2 * ["shop/production/web"]
    (destination,) = host.sim.server.store.destinations.rows
    known = [entry["backups"][0]["destination"] for entry in entries if entry["backups"]]
    assert known == ["offsite", destination]


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"max_age": "soon"}, "max_age: 'soon' is not an age such as 30m, 36h, 7d or 2w"),
        ({"max_age": "99999999999w"}, "max_age: '99999999999w' is too long"),
        ({"folder": "a"}, "folder needs destination"),
        ({"search": "a"}, "search needs destination"),
        ({"set_destination": "nowhere"}, "set_destination: no destination is named 'nowhere'"),
        ({"scope": {"services": ["db"]}}, "scope.services: 'db' is no path such as PROJECT/ENVIRONMENT/SERVICE"),
    ],
)
def test_bad_input(host: Host, params: Row, message: str) -> None:
    assert message in host.failed(INFO_OPERATION, **params)["msg"]


def test_what_a_run_under_way_has_made_is_no_data(host: Host) -> None:
    host.sim.seed(project="shop", applications=0)
    host.ok(OPERATIONS["dokploy_destination"], name="offsite", bucket="b", access_key=KEY, secret_access_key=SECRET)
    mounts = [{"path": "/data", "type": "volume", "name": "data"}]
    stated = {"project": "shop", "docker": {"image": "nginx"}, "mounts": mounts}
    host.ok(OPERATIONS["dokploy_application"], **stated, name="web")
    host.ok(OPERATIONS["dokploy_application"], **stated, name="job-count", description=MARK)
    host.new_task()
    web, _job = host.read("project.all")[0]["environments"][0]["applications"]
    (destination,) = host.read("destination.all")
    lock = BackupLock(VOLUME_BACKUPS, web["applicationId"], "web", destination["destinationId"]).creation()
    host.call(lock.procedure, **lock.body)
    (entry,) = host.ok(INFO_OPERATION)["coverage"]
    assert (entry["path"], entry["backups"]) == ("shop/production/web", [])
