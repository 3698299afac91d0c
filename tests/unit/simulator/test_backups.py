# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Destinations, backups and restores: a restore brings back what was backed up, and says so only then."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
import requests

from tests.support.simulator_client import Api

DONE, FAILED = "Restore completed successfully!", "❌ Volume restore failed!"
VERBS = {"postgres": "Postgres", "mysql": "MySql", "mariadb": "Mariadb", "mongo": "Mongo", "libsql": "Libsql"}
STACK = "services:\n  db:\n    image: postgres:18\n    volumes: [data:/var/lib/postgresql]\nvolumes:\n  data: {}\n"


def environment(api: Api) -> str:
    return str(api.post("project.create", name="shop").json()["environment"]["environmentId"])


def destination(api: Api, **columns: str) -> str:
    values = {"provider": "Other", "accessKey": "access-key-1", "secretAccessKey": "secret-key-1", "region": ""}
    values |= {"name": "s3", "bucket": "backups", "endpoint": "https://s3.example.com", **columns}
    return str(api.post("destination.create", **values).json()["destinationId"])


def database(api: Api, kind: str = "postgres") -> dict[str, Any]:
    """A database that runs; ``id`` is its ID and ``volume`` its data volume."""
    home, key = environment(api), f"{kind}Id"
    values: dict[str, Any] = {"name": "db", "databaseUser": "u", "databasePassword": "pw", "databaseName": "db"}
    if kind == "libsql":
        values |= {
            "appName": "db",
            "description": None,
            "serverId": None,
            "sqldNode": "primary",
            "sqldPrimaryUrl": None,
        }
    api.post(f"{kind}.create", environmentId=home, **values)
    (row,) = api.get("environment.one", environmentId=home).json()[kind]
    api.post(f"{kind}.deploy", **{key: row[key]})
    one: dict[str, Any] = api.get(f"{kind}.one", **{key: row[key]}).json()
    return {**one, "id": row[key], "volume": one["mounts"][0]["volumeName"]}


def back_up(api: Api, kind: str, owner: dict[str, Any], target: str, **fields: Any) -> dict[str, Any]:
    """A new backup of a database, as its row shows it."""
    values = {"schedule": "0 3 * * *", "prefix": "/", "database": "iku.db" if kind == "libsql" else "db"}
    values |= {"databaseType": kind, f"{kind}Id": owner["id"], "destinationId": target, **fields}
    assert api.post("backup.create", **values).text == ""
    found: dict[str, Any] = api.get(f"{kind}.one", **{f"{kind}Id": owner["id"]}).json()["backups"][-1]
    return found


def files(api: Api, target: str, folder: str) -> list[str]:
    return [row["Path"] for row in api.get("backup.listBackupFiles", destinationId=target, search=f"{folder}/").json()]


def stream(api: Api, procedure: str, **sent: Any) -> list[str]:
    """The lines of a subscription; the name of the last event comes last."""
    response = api.session.get(f"{api.sim.url}/api/trpc/{procedure}", params={"input": json.dumps({"json": sent})})
    assert (response.status_code, response.headers["Content-Type"]) == (200, "text/event-stream")
    events = response.content.decode().split("\n\n\n")[1:]
    lines = [json.loads(event[6:])["json"] for event in events if event.startswith("data: ")]
    return [*lines, *(event.split("\n")[0] for event in events if event.startswith("event: "))]


def restore(api: Api, kind: str, owner: dict[str, Any], target: str, path: str, **fields: Any) -> list[str]:
    sent = {"databaseId": owner["id"], "databaseType": kind, "backupType": "database", "backupFile": path}
    sent |= {"databaseName": "iku.db" if kind == "libsql" else "db", "destinationId": target, **fields}
    return stream(api, "backup.restoreBackupWithLogs", **sent)


@pytest.mark.parametrize("kind", VERBS)
def test_a_restore_brings_back_what_was_backed_up(api: Api, kind: str) -> None:
    one, target = database(api, kind), destination(api)
    backup = back_up(api, kind, one, target)
    assert api.post(f"backup.manualBackup{VERBS[kind]}", backupId=backup["backupId"]).json() is True
    before = api.sim.volumes()[one["volume"]]
    api.sim.act(write=one["volume"], data="something else")
    (path,) = files(api, target, one["appName"])
    assert restore(api, kind, one, target, path)[-2:] == [DONE, "event: return"]
    assert before and api.sim.volumes()[one["volume"]] == before


def test_the_newest_files_are_kept(api: Api) -> None:
    one, target = database(api), destination(api)
    backup = back_up(api, "postgres", one, target, keepLatestCount=2, prefix="/nightly/")
    for number in range(3):
        api.sim.act(write=one["volume"], data=f"state {number}")
        api.post("backup.manualBackupPostgres", backupId=backup["backupId"])
    (kept,) = api.sim.files().values()
    assert list(kept.values()) == ["state 1", "state 2"]
    assert list(kept) == files(api, target, f"{one['appName']}/nightly")
    rows = api.get("deployment.allByType", id=backup["backupId"], type="backup").json()
    assert [row["status"] for row in rows] == ["done"] * 3


def test_files_are_listed_level_by_level(api: Api) -> None:
    target = destination(api)
    for path in ("a/one.zip", "a/deep/two.zip", "B.zip"):
        api.sim.act(put=path, destination="s3", data="x")
    assert files(api, target, "a") == ["a/deep", "a/one.zip"]
    found = api.get("backup.listBackupFiles", destinationId=target, search="b").json()
    assert [(row["Path"], row["IsDir"]) for row in found] == [("B.zip", False)]
    assert api.get("backup.listBackupFiles", destinationId=target, search="none/").json() == []


@pytest.mark.parametrize("broken", [{"bucket": "missing"}, {"endpoint": "https://missing.example.com"}])
def test_a_destination_out_of_reach_fails_everything(api: Api, broken: dict[str, str]) -> None:
    one, target = database(api), destination(api, **broken)
    backup = back_up(api, "postgres", one, target)
    failed = api.post("backup.manualBackupPostgres", backupId=backup["backupId"])
    assert failed.status_code == 400 and "secret-key-1" in failed.text
    (row,) = api.get("deployment.allByType", id=backup["backupId"], type="backup").json()
    assert row["status"] == "error"
    assert api.get("backup.listBackupFiles", destinationId=target, search="/").status_code == 400
    lines = restore(api, "postgres", one, target, "x.sql.gz")
    assert lines[-3] == lines[-2] and lines[-2].startswith("Error: ") and lines[-1] == "event: return"


def test_a_connection_is_tested_only_on_request(api: Api) -> None:
    given = {"name": "s3", "provider": "Other", "accessKey": "a", "secretAccessKey": "s", "region": ""}
    works = {**given, "bucket": "b", "endpoint": "https://s3.example.com"}
    assert api.post("destination.testConnection", **works).text == ""
    for broken in ({"bucket": "missing"}, {"endpoint": "https://missing.example.com"}):
        assert api.post("destination.testConnection", **{**works, **broken}).status_code == 400


def test_an_endpoint_that_refuses_or_is_silent_takes_its_time(api: Api) -> None:
    api.sim.config(unreachable_seconds=0.2, block_seconds=0.3)
    for name, seconds in (("missing", 0.2), ("silent", 0.3)):
        target, begin = destination(api, endpoint=f"https://{name}.example.com"), time.monotonic()
        assert api.get("backup.listBackupFiles", destinationId=target, search="/").status_code == 400
        assert time.monotonic() - begin >= seconds


def test_a_reset_leaves_no_request_behind_that_waits_for_an_endpoint(api: Api) -> None:
    api.sim.config(unreachable_seconds=3600)
    target = destination(api, endpoint="https://missing.example.com")
    url, query = f"{api.sim.url}/api/backup.listBackupFiles", {"destinationId": target, "search": "/"}
    with pytest.raises(requests.Timeout):
        requests.get(url, query, headers={"x-api-key": api.sim.key}, timeout=0.1)
    api.sim.reset()
    api.sim.settle()


def test_only_what_runs_can_be_backed_up_and_restored(api: Api) -> None:
    one, target = database(api), destination(api)
    backup = back_up(api, "postgres", one, target)
    api.post("backup.manualBackupPostgres", backupId=backup["backupId"])
    api.post("postgres.stop", postgresId=one["id"])
    assert api.post("backup.manualBackupPostgres", backupId=backup["backupId"]).status_code == 400
    (path,) = files(api, target, one["appName"])
    assert "No such container" in restore(api, "postgres", one, target, path)[-2]


@pytest.mark.parametrize(("kind", "says_done"), [("postgres", False), ("mongo", False), ("mysql", True)])
def test_a_file_that_does_not_exist_restores_nothing(api: Api, kind: str, says_done: bool) -> None:
    """The client program of MySQL takes an empty input for nothing to do."""
    one, target = database(api, kind), destination(api)
    api.sim.act(write=one["volume"], data="precious")
    assert (DONE in restore(api, kind, one, target, "nope.gz")) is says_done
    assert api.sim.volumes()[one["volume"]] == "precious"


def test_backups_go_with_their_destination_or_database(api: Api) -> None:
    one, target, other = database(api), destination(api), destination(api, name="other")
    gone, kept = (back_up(api, "postgres", one, where)["backupId"] for where in (target, other))
    api.post("backup.manualBackupPostgres", backupId=gone)
    api.post("destination.remove", destinationId=target)
    assert api.get("backup.one", backupId=gone).status_code == 404
    assert len(api.sim.files()["https://s3.example.com/backups"]) == 1
    api.post("postgres.remove", postgresId=one["id"])
    assert api.get("backup.one", backupId=kept).status_code == 404


def test_a_service_of_a_stack_is_backed_up_with_its_credentials(api: Api) -> None:
    home, target = environment(api), destination(api)
    made = api.post("compose.create", name="c", environmentId=home, sourceType="raw", composeFile=STACK).json()
    one = {"id": made["composeId"]}
    api.post("compose.deploy", composeId=one["id"])
    api.sim.settle()
    metadata = {"postgres": {"databaseUser": "u"}}
    fields = {"backupType": "compose", "databaseType": "postgres", "serviceName": "db"}
    good = back_up(api, "compose", one, target, **fields, metadata=metadata)
    bad = back_up(api, "compose", one, target, **fields)
    assert api.post("backup.manualBackupCompose", backupId=bad["backupId"]).status_code == 400
    assert api.post("backup.manualBackupCompose", backupId=good["backupId"]).json() is True
    volume = f"{made['appName']}_data"
    before = api.sim.volumes()[volume]
    api.sim.act(write=volume, data="something else")
    (path,) = files(api, target, f"{made['appName']}_db")
    again = {"backupType": "compose", "metadata": {"serviceName": "db", **metadata}}
    assert DONE in restore(api, "postgres", one, target, path, **again)
    assert api.sim.volumes()[volume] == before
    assert DONE not in restore(api, "postgres", one, target, path, backupType="compose")


def test_dokploy_itself_is_backed_up(api: Api) -> None:
    target, user = destination(api), api.get("user.get").json()["userId"]
    values = {"schedule": "0 3 * * *", "prefix": "web", "database": "dokploy", "databaseType": "web-server"}
    api.post("backup.create", **values, destinationId=target)
    assert api.get("user.getBackups").json()["backups"] == []
    api.post("backup.create", **values, destinationId=target, userId=user)
    (row,) = api.get("user.getBackups").json()["backups"]
    assert api.post("backup.manualBackupWebServer", backupId=row["backupId"]).json() is True
    assert len(files(api, target, f"{row['appName']}/web")) == 1
    api.sim.config(own_database=False)
    assert api.post("backup.manualBackupWebServer", backupId=row["backupId"]).status_code == 500


def test_a_volume_is_restored_only_while_no_container_holds_it(api: Api) -> None:
    application, target = api.application(sourceType="docker", dockerImage="nginx"), destination(api)
    mount = {"type": "volume", "volumeName": "files", "mountPath": "/data"}
    api.post("mounts.create", **mount, serviceType="application", serviceId=application)
    api.post("application.deploy", applicationId=application)
    api.idle()
    values = {"name": "v", "volumeName": "files", "prefix": "/", "cronExpression": "0 3 * * *"}
    values |= {"destinationId": target, "serviceType": "application", "applicationId": application}
    row = api.post("volumeBackups.create", **values).json()
    api.post("volumeBackups.runManually", volumeBackupId=row["volumeBackupId"])
    before = api.sim.volumes()["files"]
    api.sim.act(write="files", data="something else")
    (path,) = files(api, target, api.get("application.one", applicationId=application).json()["appName"])
    sent = {"volumeName": "files", "destinationId": target, "id": application, "serviceType": "application"}
    procedure = "volumeBackups.restoreVolumeBackupWithLogs"
    assert stream(api, procedure, **sent, backupFileName=path)[-2:] == [FAILED, "event: return"]
    assert api.sim.volumes()["files"] == "something else"
    api.post("application.stop", applicationId=application)
    assert "✅ Volume restore completed successfully!" in stream(api, procedure, **sent, backupFileName=path)
    assert before and api.sim.volumes()["files"] == before
    assert FAILED in stream(api, procedure, **sent, backupFileName="nope.tar")
    assert api.sim.volumes()["files"] == ""


def test_a_restart_ends_a_stream_that_has_not_begun(api: Api) -> None:
    api.sim.fault("restart", "volumeBackups.restoreVolumeBackupWithLogs", answered=True)
    sent = {"volumeName": "v", "destinationId": "d", "id": "a", "serviceType": "application", "backupFileName": "f"}
    assert stream(api, "volumeBackups.restoreVolumeBackupWithLogs", **sent) == []


def test_an_older_release_has_no_subscriptions_over_http(api: Api) -> None:
    api.sim.config(version="0.27.1")
    response = api.session.get(f"{api.sim.url}/api/trpc/backup.restoreBackupWithLogs")
    assert response.status_code == 404 and 'No "query"-procedure' in response.json()["error"]["json"]["message"]
