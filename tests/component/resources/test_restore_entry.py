# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Restores of volumes of databases, of volumes of another name, and from entries of C(archives.yml)."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._resources.actions.restore import OPERATION
from ansible_collections.community.dokploy.plugins.module_utils._resources.jobs.run import MARK
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import (
    OPERATION as APPLICATION,
)
from tests.component.resources import test_backup
from tests.component.resources.test_backup import NIGHTLY, OF_STACK, create_database, create_stack
from tests.component.resources.test_restore import DATABASE, FROM, back_up
from tests.support.host import Host

shop = test_backup.shop
RESTORE = "volumeBackups.restoreVolumeBackupWithLogs"
CARRIER = "job-restore"
OLD = "shop-cache-0aa1bb"
STAMP = "2026-11-25T15-54-00-986Z"


@pytest.fixture
def cache(shop: Host) -> Host:
    """A Redis that was never deployed, and an archive of the volume that it had on another server."""
    shop.ok(test_backup.DATABASE, project="shop", name="cache", type="redis")
    shop.sim.act(put=f"{OLD}/nightly/{OLD}-data-{STAMP}.tar", destination="offsite", data="saved")
    shop.new_task()
    return shop


def volume_of(host: Host, kind: str = "redis") -> str:
    (row,) = host.sim.server.store.services[kind]
    return f"{row['appName']}-data"


def restore(host: Host, **more: Any) -> dict[str, Any]:
    host.new_task()
    params = {**FROM, "database": "cache", "volume": volume_of(host), "folder": f"{OLD}/nightly", **more}
    return host.run(OPERATION, **{key: value for key, value in params.items() if value is not None})


def names(host: Host) -> list[str]:
    return [row["name"] for row in host.sim.server.store.services["application"]]


def test_the_volume_of_a_database_is_restored_where_there_is_nothing_else(cache: Host) -> None:
    volume = volume_of(cache)
    foretold = restore(cache, check=True)
    assert volume not in cache.sim.volumes() and names(cache) == []
    cache.sim.reset_stats()
    result = restore(cache)
    assert result.get("msg") is None, result["msg"]
    assert cache.sim.volumes()[volume] == "saved"
    assert (foretold["file"], foretold["proven"]) == (result["file"], None)
    assert result["proven"] is True and result["database_id"]
    writes = [call for call in cache.sim.calls() if call in ("application.create", RESTORE, "application.delete")]
    assert writes == ["application.create", RESTORE, "application.delete"]
    assert "application.deploy" not in cache.sim.calls()
    assert names(cache) == []


def test_the_volume_of_a_database_is_restored_through_what_there_is(cache: Host) -> None:
    cache.ok(APPLICATION, project="shop", name="web", docker={"image": "nginx"})
    cache.sim.reset_stats()
    assert restore(cache)["changed"]
    assert not any(call.startswith("application.") for call in cache.sim.calls())
    assert cache.sim.volumes()[volume_of(cache)] == "saved"
    assert names(cache) == ["web"]


def test_what_a_killed_restore_has_left_is_used_and_removed(cache: Host) -> None:
    cache.ok(APPLICATION, project="shop", name=CARRIER, description=MARK)
    cache.sim.reset_stats()
    assert restore(cache)["changed"]
    assert "application.create" not in cache.sim.calls()
    assert names(cache) == []
    cache.ok(APPLICATION, project="shop", name="web", docker={"image": "nginx"})
    cache.ok(APPLICATION, project="shop", name=CARRIER, description=MARK)
    assert restore(cache)["changed"]
    assert names(cache) == ["web"]
    # One that somebody has named so is none.
    cache.ok(APPLICATION, project="shop", name=CARRIER)
    assert restore(cache)["changed"]
    assert sorted(names(cache)) == [CARRIER, "web"]


def test_a_restore_that_fails_leaves_no_application(cache: Host) -> None:
    cache.sim.fault("cut_body", RESTORE, lines=1)
    assert restore(cache)["error"]["kind"] == "stream"
    assert names(cache) == []


def test_a_running_database_keeps_its_volume(cache: Host) -> None:
    cache.ok(test_backup.DATABASE, project="shop", name="cache", type="redis", state="deployed")
    cache.sim.settle()
    cache.sim.act(write=volume_of(cache), data="good")
    result = restore(cache)
    assert "the volume is in use by" in result["msg"]
    assert cache.sim.volumes()[volume_of(cache)] == "good"
    assert names(cache) == []


def test_the_newest_of_a_stated_folder_may_have_another_name(cache: Host) -> None:
    cache.sim.act(put=f"{OLD}/nightly/{OLD}-data-2026-11-24T15-54-00-986Z.tar", destination="offsite", data="older")
    assert restore(cache)["file"]["name"] == f"{OLD}-data-{STAMP}.tar"
    cache.sim.act(put=f"{OLD}/nightly/other-2026-11-26T15-54-00-986Z.tar", destination="offsite", data="other")
    refused = restore(cache)
    assert f"file: the folder has archives of several volumes: other, {OLD}-data. Name the file" in refused["msg"]
    # One of the name of the volume comes first.
    own = f"{OLD}/nightly/{volume_of(cache)}-2026-11-20T15-54-00-986Z.tar"
    cache.sim.act(put=own, destination="offsite", data="own")
    assert restore(cache)["file"]["path"] == own


def test_among_many_archives_those_of_another_volume_are_noticed(cache: Host) -> None:
    for day in range(1, 29):
        for hour in range(4):
            name = f"{OLD}-data-2026-10-{day:02}T{hour:02}-00-00-000Z.tar"
            cache.sim.act(put=f"{OLD}/nightly/{name}", destination="offsite", data="older")
    assert restore(cache)["file"]["name"] == f"{OLD}-data-{STAMP}.tar"
    cache.sim.act(put=f"{OLD}/nightly/{OLD}-more-2026-10-02T00-00-00-000Z.tar", destination="offsite", data="more")
    assert f"several volumes: {OLD}-data, {OLD}-more" in restore(cache)["msg"]


def test_an_empty_file_is_refused(shop: Host) -> None:
    create_database(shop, "postgres")
    path = f"{OLD}/{STAMP}.sql.gz"
    shop.sim.act(put=path, destination="offsite")
    assert f"file: {path} is empty" in shop.failed(OPERATION, **FROM, database="db", file=path)["msg"]


def archive(host: Host, file: str, **own: Any) -> dict[str, Any]:
    """An entry of C(archives.yml) for a file that there is."""
    folder, _slash, _name = file.rpartition("/")
    (destination,) = host.read("destination.all")
    rows = host.read("backup.listBackupFiles", destinationId=destination["destinationId"], search=f"{folder}/")
    size = next(row["Size"] for row in rows if row["Path"] == file)
    bucket = {key: destination[key] for key in ("name", "endpoint", "bucket")}
    return {
        "kind": "database",
        "path": "shop/production/db",
        "what": "database",
        "method": "dump",
        "file": file,
        "size": size,
        "created_at": "2026-11-25T15:54:00Z",
        "destination": bucket,
        **own,
    }


def test_a_dump_of_a_set_is_restored_into_another_database(shop: Host) -> None:
    create_database(shop, "postgres")
    back_up(shop, database="db", database_name="shop", **NIGHTLY)
    path = shop.ok(OPERATION, check=True, **DATABASE)["file"]["path"]
    (volume,) = shop.sim.volumes()
    before = shop.sim.volumes()[volume]
    shop.sim.act(write=volume, data="spoilt")
    entry = archive(shop, path, database_type="postgres", database={"name": "shop", "user": "shop"}, service=None)
    target = {**FROM, "database": "db", "from": entry}
    foretold = shop.ok(OPERATION, check=True, **target)
    result = shop.ok(OPERATION, **target)
    assert (result["file"]["path"], result["proven"], foretold["proven"]) == (path, True, None)
    assert shop.sim.volumes()[volume] == before
    for more, message in (
        ({"from": {**entry, "size": 1}}, f"from: {path} has {entry['size']} bytes now, and had 1 when it was saved"),
        ({"from": {**entry, "database_type": "mariadb"}}, "from: it is an archive of a mariadb database, and is to be"),
        ({"from": {**entry, "destination": {**entry["destination"], "bucket": "other"}}}, "the archive is in other"),
        ({"from": {**entry, "sizes": 1}}, "from.sizes"),
        ({"from": {**entry, "created_at": "now"}}, "from.created_at: "),
        ({"from": entry, "file": path}, "from and file are mutually exclusive"),
        ({"from": entry, "prefix": "x"}, "from and prefix are mutually exclusive"),
        ({"from": entry, "volume": "x"}, "from: it is an archive of a database, and volume is stated"),
        ({"from": {**entry, "what": "bind", "method": "bind", "bind": "/srv"}}, "method bind cannot be restored here"),
    ):
        assert message in shop.failed(OPERATION, **{**target, **more})["msg"], message
    assert shop.sim.calls().count("backup.restoreBackupWithLogs") == 1


@pytest.mark.parametrize(
    ("facts", "refused"),
    [
        ({"user": "other"}, True),
        ({"user": "other", "definers": ["other"]}, True),
        ({"user": "other", "definers": ["shop"]}, False),
        ({"user": "other", "definers": []}, False),
        ({"user": "shop", "definers": ["shop"]}, False),
    ],
)
def test_views_of_another_user_are_refused_before_anything_is_touched(shop: Host, facts: Any, refused: bool) -> None:
    create_database(shop, "mariadb")
    back_up(shop, database="db", database_name="shop", **NIGHTLY)
    path = shop.ok(OPERATION, check=True, **DATABASE)["file"]["path"]
    database = {"name": "shop", "user": facts["user"]}
    own = {"database_type": "mariadb", "database": database, "definers": facts.get("definers")}
    result = shop.run(OPERATION, **{**FROM, "database": "db", "from": archive(shop, path, **own)})
    calls = shop.sim.calls().count("backup.restoreBackupWithLogs")
    assert (("error 1227" in result.get("msg", "")), calls) == (refused, 0 if refused else 1), result.get("msg")


def test_a_data_volume_of_another_user_is_refused_before_anything_is_touched(shop: Host) -> None:
    create_database(shop, "postgres")
    path = f"{OLD}/nightly/{OLD}-data-{STAMP}.tar"
    shop.sim.act(put=path, destination="offsite", data="saved")
    own = {"what": "volume", "method": "volume", "database_type": "postgres", "path": "shop/production/db"}
    entry = archive(shop, path, volume=f"{OLD}-data", database={"name": "shop", "user": "other"}, **own)
    result = shop.failed(OPERATION, **{**FROM, "database": "db", "from": entry})
    assert "keeps the database shop, its user other and the password of that" in result["msg"]
    assert RESTORE not in shop.sim.calls()


def test_a_dump_of_a_set_is_restored_into_a_stack(shop: Host) -> None:
    create_stack(shop)
    back_up(shop, compose="blog", **OF_STACK)
    login = {"mariadb": OF_STACK["mariadb"]}
    located = {**FROM, "compose": "blog", **login}
    stated = {key: OF_STACK[key] for key in ("service", "database_name", "database_type")}
    path = shop.ok(OPERATION, check=True, **located, **stated, prefix="nightly")["file"]["path"]
    database = {"name": OF_STACK["database_name"], "user": "blog"}
    of_stack = {"kind": "compose", "path": "shop/production/blog", "service": "db"}
    entry = archive(shop, path, database_type="mariadb", database=database, definers=[], **of_stack)
    views = {"from": {**entry, "definers": ["blog"]}}
    assert "and is to be restored as shop: MariaDB refuses" in shop.failed(OPERATION, **located, **views)["msg"]
    result = shop.ok(OPERATION, **located, **{"from": entry})
    assert result["file"]["path"] == path
    # Its success is none.
    assert result["proven"] is None
    wrong = shop.failed(OPERATION, **located, database_type="mysql", **{"from": entry})
    assert "from: it is an archive of a mariadb database, not of mysql" in wrong["msg"]


def test_a_volume_of_a_set_gets_the_name_that_it_has_here(cache: Host) -> None:
    path = f"{OLD}/nightly/{OLD}-data-{STAMP}.tar"
    own = {"what": "volume", "method": "volume", "database_type": "redis", "path": "shop/production/cache"}
    entry = archive(cache, path, volume=f"{OLD}-data", **own)
    result = restore(cache, folder=None, volume=None, **{"from": entry})
    assert result.get("msg") is None, result["msg"]
    assert cache.sim.volumes()[volume_of(cache)] == "saved"
    restore(cache, folder=None, volume="elsewhere", **{"from": entry})
    assert cache.sim.volumes()["elsewhere"] == "saved"
    shared = {**entry, "volume": "uploads"}
    restore(cache, folder=None, volume=None, **{"from": shared})
    assert cache.sim.volumes()["uploads"] == "saved"
