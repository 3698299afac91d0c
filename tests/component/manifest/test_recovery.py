# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an instance had comes back with its data: archives as nodes between the creation and the first deployment."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._resources.backups.archives_reader import read_archives
from ansible_collections.community.dokploy.plugins.module_utils._resources.projects.project import OPERATION as PROJECT
from tests.component.manifest.test_manifest import apply, counts
from tests.support.host import Host
from tests.support.operations import OPERATIONS

LOGIN = {"database": "shop", "user": "shop", "password": "madeup1"}
S3 = {
    "name": "s3",
    "bucket": "backups",
    "endpoint": "https://s3.example.com",
    "access_key": "a",
    "secret_access_key": "made-up",
}
BACKUP_OF = {"destination": "s3", "prefix": "nightly", "cron": "0 3 * * *", "enabled": False}
DB = {
    "name": "db",
    "type": "postgres",
    "image": "postgres:17",
    **LOGIN,
    "backups": [{**BACKUP_OF, "database_name": "shop"}],
}
MARIA = {
    "name": "maria",
    "type": "mariadb",
    "image": "mariadb:11",
    **LOGIN,
    "root_password": "madeup2",
    "backups": [{**BACKUP_OF, "database_name": "shop"}],
}
CACHE = {
    "name": "cache",
    "type": "redis",
    "image": "redis:8",
    "password": "madeup3",
    "command": "/bin/sh",
    "args": ["-c", "exec redis-server --requirepass madeup3"],
}
WEB = {
    "name": "web",
    "docker": {"image": "nginx:1.29"},
    "env": {"URL": "\0reference\0|db:internal_url\0"},
    "mounts": [{"type": "volume", "name": "uploads", "path": "/uploads"}],
}
FORUM_FILE = {
    "services": {
        "db": {"image": "postgres:17", "volumes": ["data:/var/lib/postgresql/data"]},
        "web": {"image": "nginx:1.29", "volumes": ["files:/files"]},
    },
    "volumes": {"data": {}, "files": {}},
}
FORUM = {
    "name": "forum",
    "raw": {"definition": FORUM_FILE},
    "env": {"COLOUR": "red"},
    "backups": [
        {
            **BACKUP_OF,
            "service": "db",
            "database_type": "postgres",
            "database_name": "forum",
            "postgres": {"user": "postgres"},
        }
    ],
}
DOCUMENT = {
    "destinations": [S3],
    "projects": [
        {
            "name": "shop",
            "environments": [
                {
                    "name": "production",
                    "applications": [WEB],
                    "databases": [DB, MARIA, CACHE],
                    "compose": [FORUM],
                }
            ],
        }
    ],
}
DEPLOY = {"deploy": "changed", "verify_period": 0.0}
ROWS = ["1", "2", "3"]
Content = dict[str, Any]


def services(result: dict[str, Any]) -> dict[str, str]:
    """The names in Docker of the services of a result, by their own ones."""
    return {one["path"].rpartition("/")[2]: one["app_name"] for one in result["resources"] if "app_name" in one}


def archive(kind: str, name: str, file: dict[str, Any], **more: Any) -> Content:
    destination = {key: S3[key] for key in ("name", "endpoint", "bucket")}
    facts = {"file": file["path"], "size": file["size"], "created_at": file["created_at"]}
    return {"kind": kind, "path": f"shop/production/{name}", "destination": destination, **facts, **more}


def backup(host: Host, module: str, **options: Any) -> dict[str, Any]:
    """The file of one run of a backup."""
    host.new_task()
    file: dict[str, Any] = host.ok(OPERATIONS[module], project="shop", state="executed", destination="s3", **options)[
        "file"
    ]
    return file


@pytest.fixture
def saved(host: Host) -> Content:
    """The content of archives.yml of an instance with data, which is removed with its volumes."""
    names = services(apply(host, DOCUMENT, **DEPLOY))
    for database in ("db", "maria"):
        host.sim.act(insert=database, table="orders", count=3)
    host.sim.act(insert="forum", table="posts", count=3, service_name="db")
    host.sim.act(insert="cache", count=3)
    host.sim.act(write="uploads", path="cat.png", data="miaow")
    host.sim.act(write=f"{names['forum']}_files", path="f", data="text")
    dump = {"what": "database", "method": "dump"}
    volume = {"what": "volume", "method": "volume"}

    host.new_task()
    mounts = [{"type": "volume", "name": "rdb", "path": "/out"}]
    script = f"redis-cli -h {names['cache']} -a madeup3 --rdb /out/dump.rdb"
    host.ok(OPERATIONS["dokploy_job"], project="shop", name="rdb", image="redis:8", script=script, mounts=mounts)
    forum = {"service": "db", "database_type": "postgres", "database_name": "forum", "postgres": {"user": "postgres"}}
    once = {"once": True, "prefix": "v"}
    file = {
        "db": backup(host, "dokploy_backup", database="db", prefix="nightly", database_name="shop"),
        "maria": backup(host, "dokploy_backup", database="maria", prefix="nightly", database_name="shop"),
        "forum": backup(host, "dokploy_backup", compose="forum", prefix="nightly", **forum),
        "web": backup(host, "dokploy_volume_backup", application="web", name="up", volume="uploads", **once),
        "rdb": backup(host, "dokploy_volume_backup", application="web", name="rdb", volume="rdb", **once),
    }
    content: Content = {
        "version": 1,
        "created_at": file["db"]["created_at"],
        "finished_at": file["rdb"]["created_at"],
        "dokploy": {"url": "https://lost.example.com", "release": "0.30.2"},
        "complete": True,
        "services": [
            {"kind": kind, "path": f"shop/production/{name}", "app_name": names[name]}
            for kind, name in (
                ("database", "db"),
                ("database", "maria"),
                ("database", "cache"),
                ("application", "web"),
                ("compose", "forum"),
            )
        ],
        "archives": [
            archive("database", "db", file["db"], **dump, database_type="postgres", database=named("shop")),
            archive("database", "maria", file["maria"], **dump, database_type="mariadb", database=named("shop")),
            archive(
                "compose",
                "forum",
                file["forum"],
                **dump,
                database_type="postgres",
                service="db",
                database=named("forum", "postgres"),
            ),
            archive("application", "web", file["web"], **volume, volume="uploads"),
            archive(
                "database",
                "cache",
                file["rdb"],
                what="database",
                method="rdb",
                database_type="redis",
                volume=f"{names['cache']}-data",
            ),
        ],
        "checks": [],
        "not_saved": [],
    }
    read_archives(content)
    lose(host)
    return content


def named(name: str, user: str = "shop") -> dict[str, str]:
    return {"name": name, "user": user}


def lose(host: Host) -> None:
    """The project is lost, with its volumes."""
    host.new_task()
    host.ok(PROJECT, name="shop", state="absent", force=True)
    host.sim.server.store.volumes.clear()
    assert host.read("project.all") == []


def recover(host: Host, content: Content, **options: Any) -> dict[str, Any]:
    return apply(host, DOCUMENT, **{**DEPLOY, "archives": copy.deepcopy(content), **options})


def data(host: Host) -> dict[str, Any]:
    return {
        "db": host.sim.rows("db", "orders"),
        "maria": host.sim.rows("maria", "orders"),
        "forum": host.sim.rows("forum", "posts", service_name="db"),
        "cache": host.sim.rows("cache"),
        "uploads": host.sim.data()["uploads"]["files"],
    }


BACK = {"db": ROWS, "maria": ROWS, "forum": ROWS, "cache": ROWS, "uploads": {"cat.png": "miaow"}}


def test_everything_comes_back_once(host: Host, saved: Content) -> None:
    planned = recover(host, saved, check=True)
    assert counts(planned) == {"create": 6, "restore": 5, "deploy": 5}
    assert host.sim.calls("mutation") == []
    done = recover(host, saved)
    assert (done.get("msg"), done["plan"]["id"]) == (None, planned["plan"]["id"])
    assert data(host) == BACK
    assert {(one["path"].rpartition("/")[2], one["action"], one["proven"]) for one in done["archives"]} == {
        ("db", "restore", True),
        # Its restore reports success in any case.
        ("maria", "restore", None),
        ("forum", "restore", True),
        ("web", "restore", True),
        ("cache", "restore", True),
    }
    host.sim.act(insert="db", table="orders", count=2)
    again = recover(host, saved)
    assert (again["changed"], host.sim.calls("mutation")) == (False, [])
    assert {one["action"] for one in again["archives"]} == {"none"}
    assert host.sim.rows("db", "orders") == ["1", "2", "3", "4", "5"]
    # Nothing of the jobs and their volumes is left.
    assert not [name for name in host.sim.data() if name.startswith("recovery-")]
    assert not [name for name in host.sim.services() if "job" in name]
