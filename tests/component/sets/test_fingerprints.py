# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An archive that is not what the set saw is found when it is restored, and nothing of it is brought to its place."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._manifest.manifest import OPERATION as MANIFEST
from ansible_collections.community.dokploy.plugins.module_utils._resources.projects.project import OPERATION as PROJECT
from ansible_collections.community.dokploy.plugins.module_utils._sets.backup_set import OPERATION
from tests.component.sets.test_round_trip import ALL, document
from tests.support.host import Host

Row = dict[str, Any]
WEB = {
    "name": "web",
    "docker": {"image": "nginx"},
    "mounts": [
        {"path": "/uploads", "type": "volume", "name": "uploads"},
        {"path": "/cats", "type": "volume", "name": "cats"},
        {"path": "/host", "type": "bind", "host_path": "/srv/shop"},
    ],
}
CACHE = {"name": "cache", "type": "redis", "password": "made-up"}
DOCUMENT = document(applications=[WEB], databases=[CACHE])


def archive(saved: Row, name: str) -> Row:
    """The archive of a volume, a folder or a kind of database."""
    names = "volume", "bind", "method"
    (row,) = (row for row in saved["archives"] if name in [row[key] for key in names])
    return dict(row)


@pytest.fixture
def saved(host: Host) -> Row:
    """A set of an instance that is lost then."""
    host.ok(MANIFEST, **DOCUMENT, verify_period=0.0)
    host.sim.act(write="uploads", path="cat.png", data="miaow")
    host.sim.act(write="cats", path="cat.png", data="grrrr")
    host.sim.act(write="/srv/shop", path="dog", data="bark")
    host.sim.act(insert="cache", count=3)
    host.new_task()
    saved: Row = host.ok(OPERATION, **ALL)["set"]
    host.new_task()
    host.ok(PROJECT, name="shop", state="absent", force=True)
    host.sim.server.store.volumes.clear()
    host.sim.server.store.host_folders.clear()
    host.new_task()
    return saved


def recover(host: Host, saved: Row, ok: bool = True) -> Row:
    perform = host.ok if ok else host.failed
    return perform(MANIFEST, **DOCUMENT, archives=copy.deepcopy(saved), verify_period=0.0)


def test_a_set_says_what_it_saw(saved: Row) -> None:
    for name, files, size in (("uploads", 1, 5), ("/srv/shop", 1, 4)):
        fingerprint = archive(saved, name)["fingerprint"]
        assert (fingerprint["kind"], fingerprint["files"], fingerprint["bytes"]) == ("files", files, size)
    assert archive(saved, "rdb")["fingerprint"]["key_count"] == [3, 3]


def test_what_comes_back_as_the_set_saw_it_is_the_same(host: Host, saved: Row) -> None:
    result = recover(host, saved)
    assert {(row["name"] or row["what"], row["proof"]) for row in result["archives"]} == {
        ("uploads", "same"),
        ("cats", "same"),
        ("/srv/shop", "same"),
        ("database", "same"),
    }


@pytest.mark.parametrize(
    ("name", "other", "said"),
    [
        ("uploads", '["file", "cat.png", "grrrr"]', "with 5 bytes as the set saw, and their names or contents differ"),
        ("/srv/shop", '["file", "fox", "yelp"]', "it has 1 file with 4 bytes as the set saw"),
        ("rdb", '["file", "dump.rdb", "REDIS"]', "it has 1 file with 5 bytes, and the set saw 1 file with"),
    ],
)
def test_the_archive_of_other_data_is_found(host: Host, saved: Row, name: str, other: str, said: str) -> None:
    """It is in the place of the one that was saved, and has its size."""
    own = archive(saved, name)
    (files,) = (files for files in host.sim.server.buckets.files.values() if own["file"] in files)
    entries = other, '["end"]'
    blanks = len(files[own["file"]]) - len("ustar\n%s\n%s\n" % entries)
    files[own["file"]] = f"ustar\n{other[:-1]}{' ' * blanks}]\n{entries[1]}\n"
    result = recover(host, saved, ok=False)
    assert said in result["msg"] and "is not what the set saved" in result["msg"]
    (row,) = (row for row in result["archives"] if row["file"] == own["file"])
    assert row["failed"] and row["proof"] is None
    path = own["path"].rpartition("/")[2]
    services = host.sim.services()
    assert not any(service["running"] for name, service in services.items() if f"-{path}-" in name)


def test_a_file_that_was_emptied_in_an_archive_is_found(host: Host, saved: Row) -> None:
    own = archive(saved, "uploads")
    (files,) = (files for files in host.sim.server.buckets.files.values() if own["file"] in files)
    files[own["file"]] = files[own["file"]].replace('"miaow"', '""     ')
    result = recover(host, saved, ok=False)
    assert "it has 1 file with 0 bytes, and the set saw 1 file with 5 bytes" in result["msg"]
    assert host.sim.server.store.volumes.get("uploads") is None or not host.sim.server.store.volumes["uploads"].files
