# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Data that change: rows and files come back with a restore, and are lost as they are on a real server.

What each case says and leaves was measured on 0.30.2 (``dokploy-data.md``, 5 and 5a), where several of the successes
are none.
"""

from __future__ import annotations

import base64
import threading
from contextlib import suppress
from typing import Any

import pytest
import requests

from tests.support.simulator_client import Api

from .test_backups import DONE, FAILED, VERBS, back_up, database, destination, environment, files, restore, stream

S3 = "https://s3.example.com/backups"
RESTORED = "✅ Volume restore completed successfully!"
VOLUME_RESTORE = "volumeBackups.restoreVolumeBackupWithLogs"


class Saved:
    """A database with the rows 1 to 3 in the tables ``a`` and ``b``, and a backup of them in a bucket."""

    def __init__(self, api: Api, kind: str) -> None:
        self.api, self.kind = api, kind
        self.row, self.target = database(api, kind), destination(api)
        for table in ("a", "b"):
            api.sim.act(insert="db", table=table, count=3)
        self.path = self.back_up()

    def back_up(self) -> str:
        backup = back_up(self.api, self.kind, self.row, self.target)
        self.api.post(f"backup.manualBackup{VERBS[self.kind]}", backupId=backup["backupId"])
        return files(self.api, self.target, self.row["appName"])[-1]

    def restore(self, path: str = "") -> str:
        """The last words of a restore."""
        return restore(self.api, self.kind, self.row, self.target, path or self.path)[-2]

    def tables(self) -> dict[str, list[str]]:
        tables: dict[str, list[str]] = self.api.sim.data()[self.row["volume"]]["tables"]
        return tables


def spoil(saved: Saved) -> None:
    """More rows, a table that no dump has, and one that is lost."""
    saved.api.sim.act(insert="db", table="a", count=2)
    saved.api.sim.act(insert="db", table="new")
    saved.api.sim.server.store.volumes[saved.row["volume"]].tables.pop("b")


THREE = ["1", "2", "3"]


@pytest.mark.parametrize("kind", ["postgres", "mysql", "mariadb", "mongo"])
def test_rows_come_back_and_other_tables_stay(api: Api, kind: str) -> None:
    saved = Saved(api, kind)
    spoil(saved)
    assert saved.restore() == DONE
    assert saved.tables() == {"a": THREE, "b": THREE, "new": ["1"]}
    assert api.sim.act(insert="db", table="a")["rows"] == ["4"]
    assert api.sim.rows("db", "a") == ["1", "2", "3", "4"]


@pytest.mark.parametrize("kind", ["mysql", "mariadb"])
@pytest.mark.parametrize("file", ["missing", "random", "dump of postgres", "empty"])
def test_mysql_and_mariadb_call_it_done_when_nothing_was_restored(api: Api, kind: str, file: str) -> None:
    saved = Saved(api, kind)
    spoil(saved)
    before = saved.tables()
    api.sim.act(put="random", destination="s3", random=True)
    api.sim.act(put="empty", destination="s3")
    api.sim.act(put="dump of postgres", destination="s3", data='PGDMP\n["table", "a"]\n["end"]\n')
    assert saved.restore(file) == DONE
    assert saved.tables() == before


@pytest.mark.parametrize("kind", ["mysql", "mariadb"])
def test_a_dump_that_is_cut_between_two_statements_is_called_done(api: Api, kind: str) -> None:
    saved = Saved(api, kind)
    spoil(saved)
    api.sim.act(cut=saved.path, destination="s3", between=True)
    assert saved.restore() == DONE
    assert saved.tables() == {"a": THREE, "new": ["1"]}


def test_a_dump_that_is_cut_in_a_statement_is_an_error(api: Api) -> None:
    saved = Saved(api, "mariadb")
    api.sim.act(cut=saved.path, destination="s3")
    assert "ERROR 1064" in saved.restore()


@pytest.mark.parametrize("between", [False, True])
def test_a_cut_dump_of_postgresql_leaves_its_tables_empty(api: Api, between: bool) -> None:
    saved = Saved(api, "postgres")
    spoil(saved)
    api.sim.act(cut=saved.path, destination="s3", between=between)
    assert "could not read from input file: end of file" in saved.restore()
    assert saved.tables() == {"a": [], "b": [], "new": ["1"]}


@pytest.mark.parametrize("kind", ["postgres", "mongo"])
@pytest.mark.parametrize("file", ["missing", "random", "dump of mariadb", "empty"])
def test_postgresql_and_mongodb_refuse_what_is_no_dump_of_theirs(api: Api, kind: str, file: str) -> None:
    saved = Saved(api, kind)
    before = saved.tables()
    api.sim.act(put="random", destination="s3", random=True)
    api.sim.act(put="empty", destination="s3")
    api.sim.act(put="dump of mariadb", destination="s3", data='-- MariaDB dump\n["table", "a"]\n["end"]\n')
    assert "Error: " in saved.restore(file)
    assert saved.tables() == before


def test_a_view_of_another_user_ends_a_restore_of_mariadb_behind_its_tables(api: Api) -> None:
    saved = Saved(api, "mariadb")
    api.sim.act(view="db", name="mine")
    assert Saved.restore(saved, saved.back_up()) == DONE
    api.sim.act(view="db", name="foreign", definer="somebody")
    path = saved.back_up()
    spoil(saved)
    api.sim.server.store.volumes[saved.row["volume"]].views.clear()
    assert "ERROR 1227 (42000)" in saved.restore(path)
    assert saved.tables()["b"] == THREE
    assert "foreign" not in api.sim.data()[saved.row["volume"]]["views"]


@pytest.mark.parametrize("kind", ["postgres", "mariadb"])
def test_a_data_volume_keeps_the_user_the_database_and_the_password_of_its_origin(api: Api, kind: str) -> None:
    """With the password of the document the engine refuses; PostgreSQL asks no client in its container for one."""
    saved = Saved(api, kind)
    volume = {"name": "v", "volumeName": saved.row["volume"], "prefix": "/", "cronExpression": "0 3 * * *"}
    volume |= {"destinationId": saved.target, "serviceType": kind, f"{kind}Id": saved.row["id"]}
    row = api.post("volumeBackups.create", **volume).json()
    api.post("volumeBackups.runManually", volumeBackupId=row["volumeBackupId"])
    (path,) = (file for file in files(api, saved.target, saved.row["appName"]) if file.endswith(".tar"))
    values = {"name": "other", "databaseUser": "v", "databasePassword": "another", "databaseName": "other"}
    home = api.get("project.all").json()[0]["environments"][0]["environmentId"]
    api.post(f"{kind}.create", environmentId=home, **values)
    (other,) = (item for item in api.get("environment.one", environmentId=home).json()[kind] if item["name"] == "other")
    one = api.get(f"{kind}.one", **{f"{kind}Id": other[f"{kind}Id"]}).json()
    application = api.application()
    sent = {"volumeName": one["mounts"][0]["volumeName"], "destinationId": saved.target, "backupFileName": path}
    assert RESTORED in stream(api, VOLUME_RESTORE, **sent, id=application, serviceType="application")
    api.post(f"{kind}.deploy", **{f"{kind}Id": other[f"{kind}Id"]})
    assert api.sim.rows("other", "a") == THREE
    login = api.sim.logins()[one["appName"]]
    assert (login["databaseUser"], login["databaseName"], login["databasePassword"]) == ("u", "db", "pw")
    again = {"id": other[f"{kind}Id"], "appName": one["appName"]}
    words = {"postgres": 'role "v" does not exist', "mariadb": "ERROR 1045 (28000): Access denied"}
    assert words[kind] in restore(api, kind, again, saved.target, saved.path, databaseName="other")[-2]


class SavedVolume:
    """An application that has ended with a volume of two files, and a backup of it."""

    def __init__(self, api: Api) -> None:
        self.api, self.target = api, destination(api)
        self.application = api.application(sourceType="docker", dockerImage="nginx")
        mount = {"type": "volume", "volumeName": "files", "mountPath": "/data"}
        api.post("mounts.create", **mount, serviceType="application", serviceId=self.application)
        api.post("application.deploy", applicationId=self.application)
        api.idle()
        for name in ("a", "deep/b"):
            api.sim.act(write="files", path=name, data=f"content of {name}")
        self.path = self.back_up()

    def back_up(self, **fields: Any) -> str:
        values = {"name": "v", "volumeName": "files", "prefix": "/", "cronExpression": "0 3 * * *"}
        values |= {"destinationId": self.target, "serviceType": "application", "applicationId": self.application}
        row = self.api.post("volumeBackups.create", **{**values, **fields}).json()
        self.api.post("volumeBackups.runManually", volumeBackupId=row["volumeBackupId"])
        (run,) = self.api.get("deployment.allByType", id=row["volumeBackupId"], type="volumeBackup").json()
        self.status, self.name = run["status"], self.application_row()["appName"]
        return files(self.api, self.target, self.name)[-1]

    def application_row(self) -> dict[str, Any]:
        row: dict[str, Any] = self.api.get("application.one", applicationId=self.application).json()
        return row

    @property
    def replicas(self) -> int:
        return int(self.api.sim.services()[self.name]["replicas"])

    def stop(self) -> None:
        self.api.post("application.stop", applicationId=self.application)

    def restore(self, path: str = "", volume: str = "files") -> list[str]:
        sent = {"volumeName": volume, "destinationId": self.target, "backupFileName": path or self.path}
        return stream(self.api, VOLUME_RESTORE, **sent, id=self.application, serviceType="application")

    def files(self) -> dict[str, str] | None:
        volume = self.api.sim.data().get("files")
        return volume and volume["files"]


TWO = {"a": "content of a", "deep/b": "content of deep/b"}


def test_files_come_back_and_what_the_archive_lacks_goes(api: Api) -> None:
    saved = SavedVolume(api)
    api.sim.act(write="files", path="a", data="spoilt")
    api.sim.act(write="files", path="new", data="new")
    assert saved.restore()[-2] == FAILED and saved.files() == {**TWO, "a": "spoilt", "new": "new"}
    saved.stop()
    assert RESTORED in saved.restore() and saved.files() == TWO


@pytest.mark.parametrize(("file", "left"), [("missing", {}), ("random", {}), ("cut", {"a": TWO["a"]})])
def test_a_volume_is_emptied_for_what_is_no_whole_archive(api: Api, file: str, left: dict[str, str]) -> None:
    saved = SavedVolume(api)
    saved.stop()
    api.sim.act(put="random", destination="s3", random=True)
    api.sim.act(cut=saved.path, destination="s3")
    assert saved.restore("" if file == "cut" else file)[-2] == FAILED
    assert saved.files() == left


def test_a_bucket_that_refuses_costs_the_volume(api: Api) -> None:
    saved = SavedVolume(api)
    saved.stop()
    saved.target = destination(api, endpoint="https://missing.example.com")
    assert saved.restore()[-2] == FAILED and not saved.files()


def test_a_volume_of_any_name_is_restored_by_any_application(api: Api) -> None:
    saved = SavedVolume(api)
    assert RESTORED in saved.restore(volume="scratch")
    assert api.sim.data()["scratch"]["files"] == TWO


def test_a_volume_of_a_database_on_a_remote_server_is_saved_empty(api: Api) -> None:
    home, target = environment(api), destination(api)
    server = api.sim.act(server="far")["serverId"]
    values = {"name": "db", "databaseUser": "u", "databasePassword": "pw", "databaseName": "db"}
    api.post("postgres.create", environmentId=home, serverId=server, **values)
    (row,) = api.get("environment.one", environmentId=home).json()["postgres"]
    api.post("postgres.deploy", postgresId=row["postgresId"])
    api.sim.act(insert="db", count=3)
    one = api.get("postgres.one", postgresId=row["postgresId"]).json()
    sent = {"name": "v", "volumeName": one["mounts"][0]["volumeName"], "prefix": "/", "cronExpression": "0 3 * * *"}
    sent |= {"destinationId": target, "serviceType": "postgres", "postgresId": row["postgresId"]}
    backup = api.post("volumeBackups.create", **sent).json()
    api.post("volumeBackups.runManually", volumeBackupId=backup["volumeBackupId"])
    (run,) = api.get("deployment.allByType", id=backup["volumeBackupId"], type="volumeBackup").json()
    (listed,) = api.get("backup.listBackupFiles", destinationId=target, search=f"{one['appName']}/").json()
    assert (run["status"], listed["Size"], *api.sim.files()[S3].values()) == ("done", 10240, "")


def test_what_others_cannot_do_says_why(api: Api) -> None:
    saved = Saved(api, "postgres")
    api.post("postgres.stop", postgresId=saved.row["id"])
    for event, words in (
        ({"insert": "db"}, "does not run"),
        ({"insert": "web"}, "0 services are called web"),
        ({"cut": "nope", "destination": "s3"}, "there is no nope in s3"),
        ({"discard": "nope", "destination": "s3"}, "there is no nope in s3"),
        ({"put": "x", "destination": "none"}, "there is no destination none"),
    ):
        with pytest.raises(ValueError, match=words):
            api.sim.act(**event)
    api.sim.act(discard=saved.path, destination="s3")
    assert api.sim.files() == {S3: {}}


def test_an_application_is_turned_off_for_its_backup_and_on_again(api: Api) -> None:
    saved = SavedVolume(api)
    saved.back_up(turnOff=True)
    assert (saved.status, saved.replicas) == ("done", 1)


def test_a_container_that_ends_slowly_leaves_its_service_turned_off(api: Api) -> None:
    """The second of two backups takes the nothing for the number of replicas that the first one has left."""
    saved = SavedVolume(api)
    api.sim.config(linger_seconds=0.05)
    saved.back_up(turnOff=True)
    assert (saved.status, saved.replicas) == ("error", 0)
    assert saved.application_row()["applicationStatus"] == "done"
    saved.back_up(turnOff=True)
    assert (saved.status, saved.replicas) == ("done", 0)


def test_the_files_of_a_volume_that_is_written_are_not_saved(api: Api) -> None:
    saved = SavedVolume(api)
    api.sim.act(writer="log", volume="files")
    saved.back_up()
    assert saved.status == "error" and len(api.sim.files()[S3]) == 1
    saved.stop()
    saved.back_up()
    assert saved.status == "done"
    acknowledged = api.sim.act(writer="log", ends=True)["acknowledged"]
    assert api.sim.data()["files"]["files"]["log"] == "".join(f"{line}\n" for line in acknowledged)


def test_a_full_disk_ends_a_backup_before_its_upload_and_leaves_a_service_turned_off(api: Api) -> None:
    saved = SavedVolume(api)
    api.sim.config(disk_free=10_000)
    saved.back_up(turnOff=True)
    assert (saved.status, saved.replicas, len(api.sim.files()[S3])) == ("error", 0, 1)


@pytest.mark.parametrize(("free", "left"), [(0, None), (15_000, {"a": TWO["a"]})])
def test_a_full_disk_costs_the_volume_that_is_restored(api: Api, free: int, left: dict[str, str] | None) -> None:
    saved = SavedVolume(api)
    saved.stop()
    api.sim.config(disk_free=free)
    assert saved.restore()[-2] == FAILED and saved.files() == left


def test_every_archive_that_was_restored_takes_room_for_ever(api: Api) -> None:
    saved = SavedVolume(api)
    saved.stop()
    api.sim.config(disk_free=35_000)
    assert RESTORED in saved.restore(volume="first")
    assert RESTORED in saved.restore(volume="second")
    assert saved.restore(volume="third")[-2] == FAILED


def test_a_full_disk_of_a_database_leaves_tables_empty(api: Api) -> None:
    saved = Saved(api, "postgres")
    api.sim.config(disk_free=10)
    assert "No space left on device" in saved.restore()
    assert saved.tables() == {"a": [], "b": []}


def begun(saved: Saved) -> tuple[threading.Thread, list[str]]:
    """A restore that is under way, and its last words once it has ended."""
    words: list[str] = []

    def restored() -> None:
        # Where Dokploy ends meanwhile, the stream breaks off.
        with suppress(requests.RequestException):
            words.append(saved.restore())

    thread = threading.Thread(target=restored)
    thread.start()
    saved.api.until(lambda: bool(saved.api.sim.server.restoring))
    return thread, words


def test_one_of_two_restores_into_one_database_at_once_fails(api: Api) -> None:
    saved = Saved(api, "postgres")
    spoil(saved)
    api.sim.config(restore_seconds=0.3)
    thread, words = begun(saved)
    assert saved.restore() == DONE
    thread.join()
    assert "tuple concurrently updated" in words[0] and saved.tables() == {"a": THREE, "b": THREE, "new": ["1"]}


@pytest.mark.parametrize("kind", ["postgres", "mariadb"])
def test_a_container_that_is_killed_meanwhile_loses_the_tables_of_the_dump(api: Api, kind: str) -> None:
    saved = Saved(api, kind)
    api.sim.act(insert="db", table="new")
    api.sim.config(restore_seconds=0.3)
    thread, words = begun(saved)
    api.post(f"{kind}.stop", **{f"{kind}Id": saved.row["id"]})
    thread.join()
    assert "Error: " in words[0] and saved.tables() == {"new": ["1"]}


def test_a_restart_of_dokploy_ends_a_restore_in_the_middle(api: Api) -> None:
    saved = Saved(api, "postgres")
    api.sim.config(restore_seconds=60)
    thread, words = begun(saved)
    api.sim.act(restart=True)
    thread.join()
    assert DONE not in words and saved.tables() == {}


def test_a_bucket_goes_away_and_comes_back(api: Api) -> None:
    saved = Saved(api, "postgres")
    api.sim.act(outage="s3", problem="refused")
    assert "Error: " in saved.restore()
    assert api.get("backup.listBackupFiles", destinationId=saved.target, search="/").status_code == 400
    api.sim.act(outage="s3", problem="")
    assert saved.restore() == DONE


def test_a_dump_is_of_the_moment_at_which_it_begins(api: Api) -> None:
    """A client goes on to write: no row is lost that it had been acknowledged by then, and none comes twice."""
    saved = Saved(api, "postgres")
    api.sim.act(writer="client", database="db", table="a")
    before = api.sim.rows("db", "a")
    path = saved.back_up()
    assert saved.restore(path) == DONE
    acknowledged = api.sim.act(writer="client", ends=True)["acknowledged"]
    rows = saved.tables()["a"]
    assert len(before) < len(rows) <= 3 + len(acknowledged) and rows == [str(n + 1) for n in range(len(rows))]


def test_files_of_a_volume_are_listed_and_read(api: Api) -> None:
    saved = SavedVolume(api)

    def listed(path: str, volume: str = "files") -> list[str]:
        rows = api.get("dockerVolume.listVolumeFiles", volumeName=volume, path=path).json()
        return [f"{row['name']}{'/' * row['isDirectory']}" for row in rows]

    assert (listed("/"), listed("/deep"), listed("/", "none")) == (["deep/", "a"], ["b"], [])
    content = api.get("dockerVolume.readVolumeFile", volumeName="files", path="/deep/b").json()
    assert content == {"content": base64.b64encode(TWO["deep/b"].encode()).decode(), "truncated": False}
    for procedure in ("listVolumeFiles", "readVolumeFile"):
        failed = api.get(f"dockerVolume.{procedure}", volumeName="files", path="/nope/x")
        assert failed.status_code == 500 and "No such file" in failed.json()["message"]
    assert api.get("dockerVolume.listVolumeFiles", volumeName="files", path="a").status_code == 400
    assert "none" in api.sim.data(), "Docker makes a volume that does not exist"
    assert saved.files() == TWO


def test_an_engine_has_files_of_its_own_in_its_volume(api: Api) -> None:
    saved = Saved(api, "postgres")
    rows = api.get("dockerVolume.listVolumeFiles", volumeName=saved.row["volume"], path="/").json()
    assert "PG_VERSION" in [row["name"] for row in rows]
