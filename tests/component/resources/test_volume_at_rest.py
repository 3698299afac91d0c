# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Backups of volumes: nothing writes to them meanwhile, and the service runs afterwards, whatever has come of them."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._resources.actions.deployment import (
    OPERATION as DEPLOYMENT,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.databases.database import (
    OPERATION as DATABASE,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.service_children.operations import (
    VOLUME_BACKUP_OPERATION,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import (
    OPERATION as APPLICATION,
)
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
    result = shop.failed(VOLUME_BACKUP_OPERATION, **{**SAVED, **own}, stop=True, wait_timeout=5)
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
    assert "Dokploy has stopped it for the backup and not started it again" in result["warnings"][0]


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
