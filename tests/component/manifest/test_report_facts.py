# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a report shows beside the plan: the release, and when each backup succeeded last."""

from __future__ import annotations

from typing import Any

from tests.component.manifest.test_unstated import applied, document
from tests.support.host import Host

VOLUME = {"name": "files", "volume": "data", "destination": "s3", "prefix": "web", "cron": "0 4 * * *"}
NIGHTLY = {"kind": "database", "path": "shop/production/db", "backup": "s3/daily/shop"}
FILES = {"kind": "application", "path": "shop/production/web", "backup": "files"}
OWN = {"kind": "web_server", "path": "dokploy", "backup": "s3/own/dokploy"}


def ran(host: Host, key: str, backup_id: str, status: str, ended: str) -> None:
    """A run of a backup, as Dokploy records it."""
    row = {"deploymentId": f"run-{ended}-{status}", "title": "Backup", "description": "", "status": status}
    times = {
        "createdAt": ended,
        "startedAt": ended,
        "finishedAt": ended,
        "errorMessage": None,
        "logPath": "",
        "pid": None,
    }
    owners = dict.fromkeys(
        "applicationId composeId serverId previewDeploymentId scheduleId backupId rollbackId volumeBackupId".split()
    )
    host.sim.server.store.deployments.insert({**row, **times, **owners, "isPreviewDeployment": False, key: backup_id})


def test_when_each_backup_succeeded_last(host: Host) -> None:
    stated = document({"volume_backups": [VOLUME]})
    own: dict[str, Any] = {"web_server": True, "destination": "s3", "prefix": "own", "cron": "0 5 * * *"}
    applied(host, {**stated, "backups": [{key: own[key] for key in own if key != "web_server"}]})
    result = applied(host, document(), check=True, report_facts=True)
    # The document need not state them.
    assert result["backups"] == [{**backup, "enabled": True, "succeeded_at": None} for backup in (FILES, NIGHTLY, OWN)]
    assert result["release"] == host.sim.server.config.version.lstrip("v")
    store = host.sim.server.store
    database, dokploy = sorted(store.backups.rows.values(), key=lambda row: row["prefix"])
    (volume,) = store.volume_backups.rows.values()
    for key, row, id_key in (("backupId", database, "backupId"), ("volumeBackupId", volume, "volumeBackupId")):
        ran(host, key, row[id_key], "done", "2026-03-13T02:15:00.000Z")
        ran(host, key, row[id_key], "done", "2026-03-14T02:15:00.000Z")
        ran(host, key, row[id_key], "error", "2026-03-15T02:15:00.000Z")
    store.backups.rows[dokploy["backupId"]]["enabled"] = False
    result = applied(host, document(), check=True, report_facts=True)
    assert [(row["backup"], row["enabled"], row["succeeded_at"]) for row in result["backups"]] == [
        ("files", True, "2026-03-14T02:15:00.000Z"),
        ("s3/daily/shop", True, "2026-03-14T02:15:00.000Z"),
        ("s3/own/dokploy", False, None),
    ]


def test_the_lists_share_a_request(host: Host) -> None:
    """Whatever the number of services is; without the option, nothing is read for them."""

    def requests(**options: Any) -> int:
        host.sim.reset_stats()
        result = applied(host, stated, check=True, **options)
        assert ("backups" in result) == bool(options)
        return int(host.sim.stats()["http"])

    stated = document()
    production = stated["projects"][0]["environments"][0]
    production["applications"] = [{"name": f"web-{number}", "docker": {"image": "nginx"}} for number in range(20)]
    applied(host, stated)
    assert requests(report_facts=True) == requests() + 1


def test_what_a_key_may_not_read_is_left_out(host: Host) -> None:
    applied(host, {**document(), "backups": [{"destination": "s3", "prefix": "own", "cron": "0 5 * * *"}]})
    own = host.read("project.all")[0]["projectId"]
    host.sim.act(member="member@example.com", key="key-of-member", projects=[own])
    member = Host(host.sim, dokploy_api_key="key-of-member")
    shop = {"projects": [{"name": "shop"}]}
    assert [row["path"] for row in applied(host, shop, check=True, report_facts=True)["backups"]] == ["dokploy"]
    result = applied(member, shop, check=True, report_facts=True)
    assert (result["backups"], result["release"] != "") == ([], True)
    member.close()
