# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Schedules, volume backups and destinations, beyond the recording: their runs, their ends, broken references."""

from __future__ import annotations

from typing import Any

from tests.support.simulator_client import Api

CRON = {"cronExpression": "0 0 * * *"}


def running_application(api: Api) -> str:
    application = api.application(sourceType="docker", dockerImage="nginx:1")
    api.post("application.deploy", applicationId=application)
    api.idle()
    return application


def schedule(api: Api, application: str, **values: Any) -> str:
    body = {"name": "s", "command": "echo hi", "applicationId": application, **CRON, **values}
    return str(api.post("schedule.create", **body).json()["scheduleId"])


def backup(api: Api, application: str, destination: str, **values: Any) -> Any:
    body = {"name": "b", "volumeName": "v", "prefix": "", "applicationId": application, **CRON, **values}
    return api.post("volumeBackups.create", destinationId=destination, **body)


def log_of(api: Api, deployment: str) -> str:
    return str(api.get("deployment.readLogs", deploymentId=deployment).json())


def test_a_run_has_a_row_that_only_its_schedule_shows(api: Api) -> None:
    application = running_application(api)
    first = schedule(api, application, shellType="sh")
    run = api.post("schedule.runManually", scheduleId=first).json()
    assert run["status"] == "done"
    assert log_of(api, run["deploymentId"]).startswith("Initializing schedule\ndocker exec ")
    assert log_of(api, run["deploymentId"]).endswith(" sh -c echo hi\nhi\n✅ Command executed successfully\n")
    again = api.sim.act(run_schedule=first)
    (listed,) = api.get("schedule.list", id=application, scheduleType="application").json()
    assert [row["deploymentId"] for row in listed["deployments"]] == [again["deploymentId"], run["deploymentId"]]
    rows = api.get("deployment.allByType", id=first, type="schedule").json()
    assert [(row["title"], row["applicationId"], row["rollback"]) for row in rows] == [("Schedule", None, None)] * 2
    assert [row["title"] for row in api.deployments(application)] == ["Manual deployment"]
    assert api.get("deployment.allByType", id="nope", type="schedule").status_code == 404
    assert api.get("deployment.allByType", id="nope", type="volumeBackup").json() == []


def test_a_failed_run_is_no_error_of_the_call(api: Api) -> None:
    application = api.application()
    missed = api.post("schedule.runManually", scheduleId=schedule(api, application)).json()
    name = api.get("application.one", applicationId=application).json()["appName"]
    place = f"❌ Container not found for application '{name}', make sure the service is running\n"
    assert (missed["status"], log_of(api, missed["deploymentId"])) == ("error", f"Initializing schedule\n{place}")
    running = running_application(api)
    failed = api.post("schedule.runManually", scheduleId=schedule(api, running, command="exit 3")).json()
    assert failed["status"] == "error" and log_of(api, failed["deploymentId"]).endswith("exit 3\n❌ Command failed\n")
    api.sim.config(commands=[{"command": "backup*", "output": "half\n", "result": "error"}])
    told = api.post("schedule.runManually", scheduleId=schedule(api, running, command="backup all")).json()
    assert told["status"] == "error" and "\nhalf\n" in log_of(api, told["deploymentId"])


def test_a_schedule_of_the_server_itself(api: Api) -> None:
    values = {"name": "s", "command": "", "script": "echo hi", "scheduleType": "dokploy-server", **CRON}
    made = api.post("schedule.create", **values).json()
    assert made["organizationId"] is not None
    (listed,) = api.get("schedule.list", id="anything", scheduleType="dokploy-server").json()
    assert listed["scheduleId"] == made["scheduleId"]
    run = api.post("schedule.runManually", scheduleId=made["scheduleId"]).json()
    assert log_of(api, run["deploymentId"]).endswith(f" | Schedule ID: {made['scheduleId']}\nhi\n")
    ended = api.post("deployment.killProcess", deploymentId=run["deploymentId"])
    assert ended.status_code == 500 and "No such process" in ended.json()["message"]
    assert api.get("schedule.list", id="nope", scheduleType="server").status_code == 404


def test_schedule_update_keeps_what_it_was_not_told(api: Api) -> None:
    application = api.application()
    made = schedule(api, application, description="d", timezone="Europe/Berlin", enabled=False)
    row = api.post("schedule.update", scheduleId=made, name="t", command="x", cronExpression="").json()
    assert (row["name"], row["cronExpression"], row["description"], row["enabled"]) == ("t", "", "d", False)
    one = api.get("schedule.one", scheduleId=made).json()
    assert one["application"]["environment"]["project"]["name"] == "shop" and "deployments" not in one
    broken = api.post("schedule.update", scheduleId=made, name="t", command="x", cronExpression="", composeId="no")
    assert broken.status_code == 500 and broken.json()["message"].startswith('Failed query: update "schedule" set ')


def test_volume_backups(api: Api) -> None:
    application, destination = api.application(), api.sim.act(destination="s3")["destinationId"]
    assert backup(api, application, destination, volumeName="/bad").status_code == 400
    broken = backup(api, application, "nope")
    assert broken.status_code == 500 and broken.json()["message"].startswith(
        'Failed query: insert into "volume_backup"'
    )
    assert backup(api, application, destination, keepLatestCount=1.5).status_code == 500
    made = backup(api, application, destination, keepLatestCount="2", turnOff=None).json()
    assert (made["enabled"], made["turnOff"], made["keepLatestCount"]) == (None, False, 2)
    one = api.get("volumeBackups.one", volumeBackupId=made["volumeBackupId"]).json()
    assert one["destination"]["name"] == "s3" and "secretAccessKey" not in one["destination"]
    assert one["application"]["environment"]["project"]["name"] == "shop" and one["postgres"] is None
    assert api.post("volumeBackups.runManually", volumeBackupId=made["volumeBackupId"]).content == b""
    (row,) = api.get("deployment.allByType", id=made["volumeBackupId"], type="volumeBackup").json()
    assert (row["status"], row["title"], api.deployments(application)) == ("done", "Volume Backup", [])
    assert log_of(api, row["deploymentId"]).startswith("Initializing volume backup\nVolume name: v\n")


def test_a_volume_backup_fails_without_its_bucket_and_goes_with_its_destination(api: Api) -> None:
    application = api.application()
    destination = api.sim.act(destination="s3", bucket="missing")["destinationId"]
    made = backup(api, application, destination).json()["volumeBackupId"]
    assert api.post("volumeBackups.runManually", volumeBackupId=made).content == b""
    (row,) = api.get("deployment.allByType", id=made, type="volumeBackup").json()
    assert row["status"] == "error"
    api.post("destination.remove", destinationId=destination)
    assert api.get("volumeBackups.list", id=application, volumeBackupType="application").json() == []
    assert api.get("deployment.readLogs", deploymentId=row["deploymentId"]).status_code == 404


def test_destinations(api: Api) -> None:
    body = {
        "name": "d",
        "accessKey": "a",
        "secretAccessKey": "s",
        "bucket": "b",
        "region": "r",
        "endpoint": "http://s3",
    }
    assert api.post("destination.create", **body).json()["issues"][0]["path"] == ["provider"]
    flags = api.post("destination.create", **body, provider=None, additionalFlags=["--ok", "bad"]).json()
    assert flags["issues"][0]["path"] == ["additionalFlags", 1]
    assert api.post("destination.testConnection", **body, provider="AWS").content == b""
    lost = api.post("destination.testConnection", **{**body, "bucket": "missing"}, provider="AWS")
    assert lost.status_code == 400 and "--s3-secret-access-key=s" in lost.json()["message"]
    assert api.post("destination.update", **body, provider=None, destinationId="nope").status_code == 400
    assert api.get("destination.one", destinationId="nope").status_code == 404


def test_deleting_an_application_deletes_what_hangs_on_it(api: Api) -> None:
    application, destination = running_application(api), api.sim.act(destination="s3")["destinationId"]
    scheduled = schedule(api, application)
    run = api.post("schedule.runManually", scheduleId=scheduled).json()
    saved = backup(api, application, destination).json()["volumeBackupId"]
    patch = api.post("patch.create", filePath="a", content="x", applicationId=application).json()["patchId"]
    assert api.post("application.delete", applicationId=application).status_code == 200
    for procedure, key in (
        ("schedule.one", {"scheduleId": scheduled}),
        ("deployment.readLogs", {"deploymentId": run["deploymentId"]}),
        ("volumeBackups.one", {"volumeBackupId": saved}),
        ("patch.one", {"patchId": patch}),
    ):
        assert api.get(procedure, **key).status_code == 404, procedure


def test_a_server_takes_its_schedules_along(api: Api) -> None:
    server = api.sim.act(server="far", ipAddress="192.0.2.9")["serverId"]
    values = {"name": "s", "command": "", "script": "exit 1", "scheduleType": "server", "serverId": server}
    made = api.post("schedule.create", **values, **CRON).json()["scheduleId"]
    assert api.post("schedule.runManually", scheduleId=made).json()["status"] == "error"
    (listed,) = api.get("schedule.list", id=server, scheduleType="server").json()
    assert listed["server"]["ipAddress"] == "192.0.2.9"
    assert api.get("schedule.one", scheduleId=made).json()["server"]["organization"]["name"] == "My Organization"
    assert api.post("server.remove", serverId=server).status_code == 200
    assert api.get("schedule.one", scheduleId=made).status_code == 404
    assert api.post("schedule.create", **values, **CRON).status_code == 404
