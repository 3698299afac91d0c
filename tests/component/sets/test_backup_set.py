# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Backup sets: what they save and how, what they say is missing, and that nothing of them is left."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._manifest.manifest import OPERATION as MANIFEST
from ansible_collections.community.dokploy.plugins.module_utils._resources.backups.archives_reader import read_archives
from ansible_collections.community.dokploy.plugins.module_utils._resources.service_children.backup_lock import is_lock
from ansible_collections.community.dokploy.plugins.module_utils._sets.backup_set import OPERATION
from tests.support.host import Host

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
    return names + [service["name"] for service in shop.sim.services().values() if not service["running"]]


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
