# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Backups of volumes: nothing writes to them meanwhile, and the service runs afterwards, whatever has come of them."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._export.export import OPERATION as EXPORT
from ansible_collections.community.dokploy.plugins.module_utils._resources.actions.deployment import (
    OPERATION as DEPLOYMENT,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.databases.database import (
    OPERATION as DATABASE,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.service_children import backup_lock, runs
from ansible_collections.community.dokploy.plugins.module_utils._resources.service_children.backup_lock import (
    BackupLock,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.service_children.jobs import VOLUME_BACKUPS
from ansible_collections.community.dokploy.plugins.module_utils._resources.service_children.operations import (
    VOLUME_BACKUP_OPERATION,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import (
    OPERATION as APPLICATION,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.compose import OPERATION as COMPOSE
from tests.support.host import Host

WEB: dict[str, Any] = {"project": "shop", "application": "web", "name": "files"}
SAVED = {**WEB, "state": "executed"}


@pytest.fixture
def shop(host: Host) -> Host:
    """An application with two replicas and a volume, which runs, and a backup of that."""
    host.sim.seed(project="shop", applications=0)
    more = dict.fromkeys(("provider", "accessKey", "region", "endpoint", "secretAccessKey"), "any")
    host.call("destination.create", name="offsite", bucket="offsite", additionalFlags=[], **more)
    mount = {"path": "/data", "type": "volume", "name": "data"}
    host.ok(APPLICATION, project="shop", name="web", replicas=2, docker={"image": "nginx"}, mounts=[mount])
    host.ok(DEPLOYMENT, project="shop", application="web", verify=False)
    host.ok(VOLUME_BACKUP_OPERATION, **WEB, volume="data", destination="offsite", cron="@daily")
    host.new_task()
    return host


def running(shop: Host) -> list[int]:
    return [service["running"] for service in shop.sim.services().values()]


def test_a_service_is_stopped_for_the_backup_and_started_as_it_was(shop: Host) -> None:
    # Its containers live on for a moment when Dokploy has answered.
    shop.sim.config(linger_seconds=0.3)
    foretold = shop.ok(VOLUME_BACKUP_OPERATION, **SAVED, stop=True, check=True)
    assert (foretold["run"], running(shop)) == (None, [2])
    shop.new_task()
    shop.sim.reset_stats()
    result = shop.ok(VOLUME_BACKUP_OPERATION, **SAVED, stop=True)
    assert result["diff"] == foretold["diff"] and result["file"]["size"] > 0
    assert running(shop) == [2]
    stop, save, start = (
        shop.sim.calls().index(name) for name in ("application.stop", "volumeBackups.runManually", "application.reload")
    )
    assert stop < save < start
    # Docker showed that none was left.
    assert "docker.getContainersByAppNameMatch" in shop.sim.calls()[stop:save]


@pytest.mark.parametrize("once", [False, True])
def test_a_service_is_started_after_a_failure(shop: Host, once: bool) -> None:
    own = {"name": "other", "volume": "data", "destination": "offsite", "once": True} if once else {}
    shop.sim.fault("status", "volumeBackups.runManually", status=500)
    result = shop.failed(VOLUME_BACKUP_OPERATION, **{**SAVED, **own}, stop=True, wait_timeout=60)
    assert "run" not in result or result["run"]["status"] == "error"
    assert running(shop) == [2]


def test_what_is_stopped_stays_so(shop: Host) -> None:
    shop.ok(APPLICATION, project="shop", name="web", state="stopped")
    shop.new_task()
    shop.ok(VOLUME_BACKUP_OPERATION, **SAVED, stop=True)
    assert running(shop) == [0]


def test_what_dokploy_leaves_stopped_is_started(shop: Host) -> None:
    """The tar fails, since a container has not ended, and Dokploy never scales the service up again (measured)."""
    shop.ok(VOLUME_BACKUP_OPERATION, **WEB, stop_service=True)
    shop.sim.config(linger_seconds=0.2)
    shop.new_task()
    result = shop.failed(VOLUME_BACKUP_OPERATION, **SAVED)
    assert "file changed" in result["msg"]
    assert running(shop) == [2]
    assert "it was stopped for a backup and not started again, so that it is started here" in result["warnings"][0]


def test_nothing_is_asked_of_a_service_that_goes_on(shop: Host) -> None:
    shop.sim.reset_stats()
    shop.ok(VOLUME_BACKUP_OPERATION, **SAVED)
    assert not [name for name in shop.sim.calls() if name.startswith(("docker.", "application.st", "application.re"))]


def test_a_volume_of_a_database_on_a_remote_server_is_refused(shop: Host) -> None:
    """Dokploy would save an empty one of its own host, and say that it is done (source)."""
    server = shop.sim.act(server="worker")["serverId"]
    shop.ok(
        DATABASE, project="shop", name="db", type="postgres", database="a", user="a", password="p-of-a", server=server
    )
    shop.new_task()
    stated = {"project": "shop", "database": "db", "name": "data", "volume": "v", "destination": "offsite"}
    shop.ok(VOLUME_BACKUP_OPERATION, **stated, cron="@daily")
    shop.new_task()
    shop.sim.reset_stats()
    result = shop.failed(VOLUME_BACKUP_OPERATION, **stated, state="executed")
    assert "is on a remote server, and Dokploy saves a volume of its own host instead, which is empty" in result["msg"]
    assert shop.sim.calls("mutation") == []


# --- several runs at once, and those that were killed ---


def locks(shop: Host) -> list[dict[str, Any]]:
    (project,) = shop.read("project.all")
    (environment,) = project["environments"]
    (web,) = environment["applications"]
    rows = shop.read("volumeBackups.list", id=web["applicationId"], volumeBackupType="application")
    return [row for row in rows if backup_lock.is_lock(row)]


def locked(shop: Host, state: str, written: str = "2999-01-01T00:00:00Z") -> str:
    """The record of another run; its ID."""
    (saved,) = shop.read("project.all")[0]["environments"][0]["applications"]
    (destination,) = shop.read("destination.all")
    record = BackupLock(VOLUME_BACKUPS, saved["applicationId"], "web", destination["destinationId"]).creation()
    shop.call(record.procedure, **{**record.body, "prefix": f"other/{state}/{written}"})
    (row,) = locks(shop)
    return str(row["volumeBackupId"])


@pytest.mark.parametrize("stop", [False, True])
@pytest.mark.parametrize("long_ago", [False, True])
def test_what_a_killed_run_has_left_stopped_is_started(
    shop: Host, stop: bool, long_ago: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    locked(shop, "stopped", "2020-01-01T00:00:00Z" if long_ago else "2999-01-01T00:00:00Z")
    shop.ok(APPLICATION, project="shop", name="web", state="stopped")
    shop.new_task()
    # A run that was not heard of for so long was killed.
    monkeypatch.setattr(backup_lock, "SILENT", 1e9 if long_ago else 0.05)
    assert shop.ok(VOLUME_BACKUP_OPERATION, **SAVED, stop=stop)["file"]["size"] > 0
    assert running(shop) == [2] and locks(shop) == []


def test_a_run_that_was_killed_before_the_stop_leaves_nothing(shop: Host) -> None:
    locked(shop, "running", "2020-01-01T00:00:00Z")
    result = shop.ok(VOLUME_BACKUP_OPERATION, **SAVED)
    assert running(shop) == [2] and locks(shop) == [] and "warnings" not in result


def test_a_list_and_an_export_leave_the_record_of_a_run_alone(shop: Host) -> None:
    locked(shop, "stopped")
    named = {"project": "shop", "name": "web", "volume_backups": []}
    assert shop.ok(APPLICATION, **named)["changed"]
    shop.new_task()
    assert len(locks(shop)) == 1 and not shop.ok(APPLICATION, **named)["changed"]
    exported = shop.ok(EXPORT)["document"]["projects"][0]["environments"][0]["applications"][0]
    assert "volume_backups" not in exported


def test_a_run_waits_for_another_one(shop: Host) -> None:
    other = locked(shop, "running")
    timer = threading.Timer(0.3, lambda: shop.call("volumeBackups.delete", volumeBackupId=other))
    timer.start()
    shop.sim.reset_stats()
    shop.ok(VOLUME_BACKUP_OPERATION, **SAVED, stop=True)
    timer.join()
    calls = shop.sim.calls()
    # The first one is that of the other run.
    assert calls.index("volumeBackups.delete") < calls.index("application.stop")
    assert running(shop) == [2] and locks(shop) == []


def test_a_run_that_waits_in_vain_stops_nothing(shop: Host) -> None:
    other = locked(shop, "running")
    result = shop.failed(VOLUME_BACKUP_OPERATION, **SAVED, stop=True, wait_timeout=0.2)
    assert "another run that backs it up has not ended after 0.2 s" in result["msg"]
    assert running(shop) == [2] and [row["volumeBackupId"] for row in locks(shop)] == [other]
    assert "application.stop" not in shop.sim.calls()


def test_the_run_that_is_waited_for_is_named(shop: Host) -> None:
    locked(shop, "running", "2999-01-01T00:00:00Z/backup%20on%20a%2C%20process%207")
    result = shop.failed(VOLUME_BACKUP_OPERATION, **SAVED, stop=True, wait_timeout=0.2)
    assert "after 0.2 s (backup on a, process 7, heard of at 2999-01-01T00:00:00Z)" in result["msg"]


def test_a_long_backup_is_renewed(shop: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backup_lock, "BEAT", 0.0)
    shop.sim.config(linger_seconds=0.3)
    shop.sim.reset_stats()
    shop.ok(VOLUME_BACKUP_OPERATION, **SAVED, stop=True)
    # Besides those of the stop and the start, at least one before each of what is waited for.
    assert shop.sim.calls().count("volumeBackups.update") >= 2 + 3
    assert locks(shop) == []


def test_what_cannot_be_started_again_is_started_by_the_next_run_at_once(shop: Host) -> None:
    """A single failure of the start is repeated; after two of them the record stays, and says so."""
    shop.sim.fault("status", "application.reload", status=500, times=2)
    result = shop.failed(VOLUME_BACKUP_OPERATION, **SAVED, stop=True)
    assert "it was stopped for its backup, and may not run again" in result["warnings"][-1]
    assert running(shop) == [0] and len(locks(shop)) == 1
    shop.new_task()
    shop.sim.fault("status", "application.reload", status=500)
    shop.ok(VOLUME_BACKUP_OPERATION, **SAVED, stop=True)
    assert running(shop) == [2] and locks(shop) == []


@pytest.mark.parametrize("procedure", ["backup.listBackupFiles", "volumeBackups.create"])
def test_an_empty_answer_is_no_answer(shop: Host, procedure: str) -> None:
    shop.sim.fault("empty", procedure)
    result = shop.failed(VOLUME_BACKUP_OPERATION, **SAVED, stop=True)
    words = "Dokploy does not show the record of its backup" if procedure.endswith("create") else procedure
    assert words in result["msg"] and running(shop) == [2] and locks(shop) == []


def test_an_interrupted_run_starts_the_service(shop: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_args: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(runs.RunEnded, "judge", interrupted)
    with pytest.raises(KeyboardInterrupt):
        shop.run(VOLUME_BACKUP_OPERATION, **SAVED, stop=True)
    assert running(shop) == [2] and locks(shop) == []


def test_a_stack_that_cannot_be_started_again_is_not_stopped(shop: Host) -> None:
    """Dokploy stops a stack of the swarm by removing it, and its start does nothing (measured)."""
    content = "services: {db: {image: postgres, volumes: ['data:/d']}}\nvolumes: {data: }\n"
    shop.ok(COMPOSE, project="shop", name="forum", type="stack", raw={"content": content})
    shop.ok(DEPLOYMENT, project="shop", compose="forum", verify=False)
    shop.new_task()
    stated = {"project": "shop", "compose": "forum", "service": "db", "name": "d", "volume": "v", "once": True}
    result = shop.failed(VOLUME_BACKUP_OPERATION, **stated, state="executed", destination="offsite", stop=True)
    assert "would not run again after the backup: Dokploy starts no stack of the type stack" in result["msg"]
    assert "compose.stop" not in shop.sim.calls()
