# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Restores of databases, of databases in stacks and of volumes."""

from __future__ import annotations

import re
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._resources.actions.restore import OPERATION
from ansible_collections.community.dokploy.plugins.module_utils._resources.infrastructure.destination import (
    OPERATION as DESTINATION,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.service_children.backup import (
    OPERATION as BACKUP,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import (
    OPERATION as APPLICATION,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.compose import OPERATION as COMPOSE
from dokploy_simulator import Simulator
from tests.component.resources import test_backup
from tests.component.resources.test_backup import KEY, KINDS, NIGHTLY, OF_STACK, SECRET, create_database, create_stack
from tests.support.host import Host, judged

shop = test_backup.shop
FROM: dict[str, Any] = {"project": "shop", "destination": "offsite", "force": True}
DATABASE: dict[str, Any] = {**FROM, "database": "db", "prefix": "nightly"}
STACK: dict[str, Any] = {
    **FROM,
    "compose": "blog",
    "prefix": "nightly",
    **{key: OF_STACK[key] for key in ("service", "database_name", "database_type", "mariadb")},
}


def back_up(host: Host, **own: Any) -> None:
    host.ok(BACKUP, project="shop", **own)
    host.ok(BACKUP, project="shop", **own, state="executed")
    host.new_task()


@pytest.mark.parametrize("kind", KINDS)
def test_a_database_is_restored_from_its_newest_backup(shop: Host, kind: str) -> None:
    resource_id = create_database(shop, kind)
    (volume,) = shop.sim.volumes()
    back_up(shop, database="db", database_name=KINDS[kind][1], **NIGHTLY)
    before = shop.sim.volumes()[volume]
    shop.sim.act(write=volume, data="spoilt")
    params = {**DATABASE, "database_name": KINDS[kind][1]}
    foretold = shop.ok(OPERATION, check=True, **params)
    assert shop.sim.volumes()[volume] == "spoilt"
    shop.new_task()
    shop.sim.reset_stats()
    result = shop.ok(OPERATION, **params)
    assert shop.sim.calls() == [
        "project.all",
        "environment.one",
        "destination.all",
        f"{kind}.one",
        "settings.getDokployVersion",
        "backup.listBackupFiles",
        "docker.getServiceContainersByAppName",
        "backup.restoreBackupWithLogs",
    ]
    assert shop.sim.volumes()[volume] == before
    assert result["changed"]
    assert result["database_id"] == resource_id
    assert foretold["file"] == result["file"]
    assert foretold["log"] == []
    assert result["log"][-1] == "Restore completed successfully!"
    assert result["diff"]["after"] == {"restored_from": result["file"]["path"]}
    assert re.fullmatch(r"db-\w{6}/nightly/.*\.(sql|bson)\.gz|\S+/nightly/.*\.(sql|bson)\.gz", result["file"]["path"])


def test_redis_has_no_dumps(shop: Host) -> None:
    shop.ok(test_backup.DATABASE, project="shop", name="cache", type="redis")
    refused = shop.failed(OPERATION, **{**DATABASE, "database": "cache"})["msg"]
    assert refused == (
        "volume is needed to restore a redis database, of which Dokploy makes no dumps. Its data are in the volume"
        " APP_NAME-data."
    )


def test_the_file_may_be_older_or_of_another_database(shop: Host) -> None:
    create_database(shop, "postgres")
    app = shop.read("postgres.one", postgresId=create_other(shop))["appName"]
    for day in ("01", "02", "03"):
        shop.sim.act(put=f"{app}/nightly/2026-11-{day}T02-00-00-000Z.sql.gz", destination="offsite", data=day)
    (volume,) = [name for name in shop.sim.volumes() if name.startswith("db-")] or [None]
    other = {**FROM, "database": "db", "folder": f"{app}/nightly"}

    def restored(**more: Any) -> str:
        return str(shop.ok(OPERATION, **other, **more)["file"]["name"])[8:10]

    assert restored() == "03"
    assert restored(before="2026-11-03") == "02"
    assert restored(before="2026-11-03T03:00:00+01:00") == "02"
    assert restored(before="2026-11-03T02:00:01Z") == "03"
    assert restored(file="2026-11-01T02-00-00-000Z.sql.gz") == "01"
    path = f"{app}/nightly/2026-11-02T02-00-00-000Z.sql.gz"
    assert shop.ok(OPERATION, **{**DATABASE, "file": path})["file"]["path"] == path
    assert volume is None or shop.sim.volumes()[volume] == "02"


def create_other(host: Host) -> str:
    made = host.call(
        "postgres.create",
        name="other",
        environmentId=host.read("project.all")[0]["environments"][0]["environmentId"],
        databaseName="other",
        databaseUser="other",
        databasePassword="password-of-other",
        appName="other",
    )
    return str(made["postgresId"])


def test_a_database_in_a_stack_is_restored(shop: Host) -> None:
    resource_id = create_stack(shop)
    back_up(shop, compose="blog", **OF_STACK)
    before = shop.sim.volumes()
    for volume in before:
        shop.sim.act(write=volume, data="spoilt")
    result = shop.ok(OPERATION, **STACK)
    assert result["compose_id"] == resource_id
    assert shop.sim.volumes() == before
    assert "_db/nightly/" in result["file"]["path"]


def test_the_lines_are_shown_as_they_come(shop: Host) -> None:
    create_database(shop, "postgres")
    back_up(shop, database="db", database_name="shop", **NIGHTLY)
    lines: list[str] = []
    shop.line = lines.append
    shop.ok(OPERATION, **DATABASE)
    assert lines == []
    result = shop.ok(OPERATION, **DATABASE, follow=True)
    assert lines == [f"database shop of database 'db' in shop/production | {line}" for line in result["log"]]


def test_nothing_is_read_or_restored_without_force(shop: Host) -> None:
    shop.sim.reset_stats()
    result = shop.failed(OPERATION, **{**DATABASE, "force": False})
    assert result["msg"] == "force: a restore replaces the data that is there. Set force to true to do that."
    assert shop.sim.calls() == []


def test_a_database_that_does_not_run_is_refused(shop: Host) -> None:
    create_database(shop, "postgres")
    back_up(shop, database="db", database_name="shop", **NIGHTLY)
    shop.call("postgres.stop", postgresId=shop.read("project.all")[0]["environments"][0]["postgres"][0]["postgresId"])
    result = shop.failed(OPERATION, **DATABASE)
    assert result["msg"].startswith("database 'db' in shop/production does not run, and a restore needs its container")
    assert not result["changed"]


def test_a_failure_ends_with_the_output_without_secrets(shop: Host) -> None:
    create_database(shop, "postgres")
    back_up(shop, database="db", database_name="shop", **NIGHTLY)
    result = shop.failed(OPERATION, **DATABASE, database_name="missing")
    assert result["error"]["kind"] == "deployment"
    assert result["changed"]
    first, *_others, last = result["msg"].splitlines()
    assert first.startswith(
        "database missing of database 'db' in shop/production: the restore failed: pg_restore: error: "
    )
    assert first.endswith('database "missing" does not exist. The data may be incomplete now: repeat the restore')
    assert 'database "missing" does not exist' in last
    # The server sends it twice.
    assert len([line for line in result["log"] if line.startswith("Error: ")]) == 1
    for secret in (KEY, SECRET, "password-of-db"):
        assert secret not in str(result)


@pytest.mark.parametrize("kind", ["postgres", "mariadb"])
def test_a_download_that_breaks_off_may_have_lost_data(shop: Host, kind: str) -> None:
    create_database(shop, kind)
    (volume,) = shop.sim.volumes()
    back_up(shop, database="db", database_name="shop", **NIGHTLY)
    file = shop.ok(OPERATION, check=True, **DATABASE)["file"]["path"]
    breaks = {"endpoint": "https://breaks.example.com", "bucket": "backups"}
    shop.ok(DESTINATION, name="breaks", access_key=KEY, secret_access_key=SECRET, **breaks)
    shop.sim.act(put=file, destination="breaks", data="a dump")
    result = shop.failed(OPERATION, **{**DATABASE, "destination": "breaks"})
    first = result["msg"].splitlines()[0]
    assert first.endswith(": unexpected EOF. The data may be incomplete now: repeat the restore") and result["changed"]
    assert "the restore failed: Failed to send to output" in first and not shop.sim.volumes()[volume]


@pytest.mark.parametrize("kind", ["mysql", "mariadb"])
def test_statements_that_have_lost_lines_name_what_may_have_taken_them(shop: Host, kind: str) -> None:
    create_database(shop, kind)
    back_up(shop, database="db", database_name="shop", **NIGHTLY)
    file = shop.ok(OPERATION, check=True, **DATABASE)["file"]["path"]
    shop.sim.act(cut=file, destination="offsite")
    result = shop.failed(OPERATION, **DATABASE)
    assert "the restore failed: ERROR 1064 (42000)" in result["msg"]
    assert "The dump is cut, or Dokploy has dropped lines with binary data from it" in result["msg"]


@pytest.mark.parametrize("fault", ["cut_body", "cut_json"])
def test_a_stream_that_breaks_is_no_success(shop: Host, fault: str) -> None:
    create_database(shop, "postgres")
    back_up(shop, database="db", database_name="shop", **NIGHTLY)
    shop.sim.fault(fault, "backup.restoreBackupWithLogs", lines=1)
    result = shop.failed(OPERATION, **DATABASE)
    assert result["error"]["kind"] == "stream"
    assert result["changed"]
    assert result["effect_unknown"]


def test_a_stream_that_is_silent_ends_at_the_timeout(shop: Host) -> None:
    create_database(shop, "postgres")
    back_up(shop, database="db", database_name="shop", **NIGHTLY)
    shop.sim.fault("silent", "backup.restoreBackupWithLogs", lines=1)
    result = shop.failed(OPERATION, **DATABASE, wait_timeout=0.3)
    assert result["error"]["kind"] == "timeout"
    assert result["changed"]


def application(host: Host, state: str = "present", **more: Any) -> None:
    host.ok(APPLICATION, project="shop", name="web", state=state, **more)


@pytest.fixture
def web(shop: Host) -> Host:
    """An application that runs, with a volume that is backed up."""
    mounts = [{"type": "volume", "name": "uploads", "path": "/data"}]
    application(shop, docker={"image": "nginx"}, mounts=mounts)
    row = shop.read("project.all")[0]["environments"][0]["applications"][0]
    shop.call("application.deploy", applicationId=row["applicationId"])
    shop.sim.settle()
    shop.sim.act(write="uploads", data="good")
    app = shop.read("application.one", applicationId=row["applicationId"])["appName"]
    shop.sim.act(put=f"{app}/uploads-2026-11-25T15-54-00-986Z.tar", destination="offsite", data="saved")
    shop.sim.act(put=f"{app}/other-2026-11-26T15-54-00-986Z.tar", destination="offsite", data="other")
    shop.new_task()
    return shop


VOLUME: dict[str, Any] = {**FROM, "application": "web", "volume": "uploads"}


def test_a_volume_in_use_is_refused_with_its_users(web: Host) -> None:
    result = web.failed(OPERATION, **VOLUME)
    assert re.match(r"volume uploads of application 'web' in \S+: the volume is in use by \S+", result["msg"])
    assert result["containers"]
    assert not result["changed"]
    assert web.sim.volumes()["uploads"] == "good"


def test_a_volume_that_is_not_in_use_is_restored(web: Host) -> None:
    application(web, state="stopped")
    web.sim.settle()
    foretold = web.ok(OPERATION, check=True, **VOLUME)
    assert web.sim.volumes()["uploads"] == "good"
    result = web.ok(OPERATION, **VOLUME)
    assert foretold["file"] == result["file"]
    assert result["file"]["name"].startswith("uploads-")
    assert web.sim.volumes()["uploads"] == "saved"
    assert "✅ Volume restore completed successfully!" in result["log"]


def test_containers_of_earlier_deployments_do_not_keep_a_volume(web: Host) -> None:
    """Docker keeps the last containers of a service, also when it is stopped."""
    row = web.read("project.all")[0]["environments"][0]["applications"][0]
    web.call("application.deploy", applicationId=row["applicationId"])
    web.sim.settle()
    application(web, state="stopped")
    web.sim.reset_stats()
    web.ok(OPERATION, **VOLUME)
    assert web.sim.calls().count("docker.removeContainer") == 1
    assert web.sim.volumes()["uploads"] == "saved"


def test_a_container_of_something_else_is_not_removed(web: Host) -> None:
    mounts = [{"type": "volume", "name": "uploads", "path": "/data"}]
    web.ok(APPLICATION, project="shop", name="other", docker={"image": "nginx"}, mounts=mounts)
    rows = web.read("project.all")[0]["environments"][0]["applications"]
    other = next(row["applicationId"] for row in rows if row["name"] == "other")
    for _time in range(2):
        web.call("application.deploy", applicationId=other)
        web.sim.settle()
    for name in ("web", "other"):
        web.ok(APPLICATION, project="shop", name=name, state="stopped")
    web.sim.settle()
    web.sim.reset_stats()
    assert "is in use by" in web.failed(OPERATION, **VOLUME)["msg"]
    assert "docker.removeContainer" not in web.sim.calls()


def test_the_volume_of_a_stopped_stack_is_restored(shop: Host) -> None:
    resource_id = create_stack(shop)
    app = shop.read("compose.one", composeId=resource_id)["appName"]
    volume = f"{app}_data"
    shop.sim.act(put=f"{app}/{volume}-2026-11-25T15-54-00-986Z.tar", destination="offsite", data="saved")
    params = {**FROM, "compose": "blog", "volume": volume}
    shop.sim.reset_stats()
    assert "is in use by" in shop.failed(OPERATION, **params)["msg"]
    assert "docker.removeContainer" not in shop.sim.calls()
    shop.ok(COMPOSE, project="shop", name="blog", state="stopped")
    shop.ok(OPERATION, **params)
    assert shop.sim.volumes()[volume] == "saved"
    assert shop.ok(COMPOSE, project="shop", name="blog", state="started")["running"]["replicas_running"]


def test_the_backup_of_a_volume_of_a_service_is_in_the_folder_of_the_service(shop: Host) -> None:
    resource_id = create_stack(shop)
    app = shop.read("compose.one", composeId=resource_id)["appName"]
    shop.sim.act(put=f"{app}_db/{app}_data-2026-11-25T15-54-00-986Z.tar", destination="offsite", data="saved")
    shop.ok(COMPOSE, project="shop", name="blog", state="stopped")
    params = {**FROM, "compose": "blog", "volume": f"{app}_data"}
    assert "Check prefix and service, or set folder." in shop.failed(OPERATION, **params)["msg"]
    assert shop.ok(OPERATION, **params, service="db")["file"]["path"].startswith(f"{app}_db/")


def test_a_file_that_does_not_exist_loses_no_data(web: Host) -> None:
    """The server removes the volume before the download."""
    application(web, state="stopped")
    web.sim.settle()
    web.sim.reset_stats()
    result = web.failed(OPERATION, **VOLUME, file="uploads-2026-11-25T15-54-00-987Z.tar")
    assert "Did you mean: 'uploads-2026-11-25T15-54-00-986Z.tar'" in result["msg"]
    assert "volumeBackups.restoreVolumeBackupWithLogs" not in web.sim.calls()
    assert web.sim.volumes()["uploads"] == "good"
    lost = web.failed(OPERATION, **VOLUME, prefix="none")["msg"]
    assert "there is no backup of volume uploads in" in lost
    (row,) = web.sim.server.store.services["application"]
    app = row["appName"]
    assert f"There is no such folder. '{app}' has other-" in lost and "986Z.tar. Check prefix, or set folder." in lost
    # Without its folder, those in the bucket.
    lost = web.failed(OPERATION, **{**VOLUME, "folder": "none/deeper", "file": "a.tar", "prefix": None})["msg"]
    assert f"There is no such folder. The bucket has {app}/. Check prefix" in lost
    early = web.failed(OPERATION, **VOLUME, before="2020-01-01")["msg"]
    assert "before 2020-01-01. The folder has " in early


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({**FROM, "application": "web"}, "volume is needed to restore to an application"),
        ({**VOLUME, "database_name": "x"}, "database_name is not supported with volume"),
        ({**VOLUME, "volume": "a b"}, "volume: 'a b' is not a valid volume name"),
        ({**VOLUME, "file": "webserver-backup-2026-11-25T15-54-00-986Z.zip"}, "is a backup of Dokploy itself"),
        ({**VOLUME, "file": "x", "before": "2026-01-01"}, "before and file are mutually exclusive"),
        ({**VOLUME, "before": "yesterday"}, "before: 'yesterday' is not a date"),
        ({**VOLUME, "log_lines": 0}, "log_lines is 0; it must be 1 to 10000"),
        ({**VOLUME, "destination": "nowhere"}, "destination: no destination is named 'nowhere'"),
        ({**VOLUME, "application": "nothing"}, "application: no application is named 'nothing'"),
    ],
)
def test_bad_input_of_volumes_restores_nothing(web: Host, params: dict[str, Any], message: str) -> None:
    web.sim.reset_stats()
    assert message in web.failed(OPERATION, **params)["msg"]
    assert "volumeBackups.restoreVolumeBackupWithLogs" not in web.sim.calls()


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({**DATABASE, "volume": "db-data"}, "there is no backup of volume db-data in"),
        ({**DATABASE, "service": "db"}, "service is not supported for postgres databases"),
        ({**DATABASE, "database_name": "sh'op"}, "database_name"),
        ({**FROM, "compose": "blog"}, "a restore needs"),
        ({**STACK, "mariadb": None}, "a restore of database_type mariadb needs mariadb"),
        ({**STACK, "database_type": "mysql"}, "a restore of database_type mysql needs mysql"),
    ],
)
def test_bad_input_of_databases_restores_nothing(shop: Host, params: dict[str, Any], message: str) -> None:
    create_database(shop, "postgres")
    create_stack(shop)
    given = {key: value for key, value in params.items() if value is not None}
    assert message in shop.failed(OPERATION, **given)["msg"]
    assert "backup.restoreBackupWithLogs" not in shop.sim.calls()


def test_an_owner_is_needed(host: Host) -> None:
    assert "one of the following is required: database" in str(judged(OPERATION, {**host.connection, **FROM}))


def test_check_mode_assumes_what_an_earlier_task_creates(shop: Host) -> None:
    result = shop.ok(OPERATION, check=True, **DATABASE)
    assert result["changed"]
    assert result["file"] is None
    assert "Check mode assumes" in str(result["warnings"])


def test_it_needs_a_newer_server() -> None:
    with Simulator(version="0.27.1") as sim:
        host = Host(sim)
        host.ok(DESTINATION, name="offsite", bucket="b", access_key=KEY, secret_access_key=SECRET)
        sim.seed(project="shop", applications=1, name="web")
        assert "A restore needs Dokploy 0.28.0 or newer" in host.failed(OPERATION, **VOLUME)["msg"]
        host.close()
