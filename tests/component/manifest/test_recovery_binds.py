# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Folders and single files of the host, from a backup set to another host."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._sets.backup_set import OPERATION as SET
from tests.component.manifest.test_manifest import apply
from tests.component.manifest.test_recovery import DEPLOY, DOCUMENT, WEB, lose
from tests.support.host import Host

FOLDER, FILE = "/srv/shop", "/srv/shop.conf"
KEPT = {f"{FOLDER}/a/b": "1", f"{FOLDER}/c": "2", FILE: "colour=red"}


def document() -> dict[str, Any]:
    content: dict[str, Any] = copy.deepcopy(DOCUMENT)
    (environment,) = content["projects"][0]["environments"]
    mounts = [
        {"path": path, "type": "bind", "host_path": host_path}
        for path, host_path in (("/data", FOLDER), ("/etc/shop.conf", FILE))
    ]
    environment.update(databases=[], compose=[], applications=[{**WEB, "env": {}, "mounts": mounts}])
    return content


def on_host(host: Host) -> dict[str, str]:
    """The files of the host, by their paths."""
    folders = host.sim.server.store.host_folders.items()
    return {f"{place}/{path}".rstrip("/"): text for place, data in folders for path, text in data.files.items()}


@pytest.fixture
def saved(host: Host) -> dict[str, Any]:
    """The content of archives.yml of an application with a folder and a file of the host, which are lost."""
    apply(host, document(), **DEPLOY)
    host.sim.act(write=FOLDER, path="a/b", data="1")
    host.sim.act(write=FOLDER, path="c", data="2")
    host.sim.act(write=FILE, path="/", data="colour=red")
    host.new_task()
    made = host.ok(SET, data="all", destination="s3", jobs=True, stop=True)
    assert [(archive["method"], archive["bind"]) for archive in made["set"]["archives"]] == [
        ("bind", FOLDER),
        ("bind", FILE),
    ]
    assert on_host(host) == KEPT
    lose(host)
    host.sim.server.store.host_folders.clear()
    content: dict[str, Any] = made["set"]
    return content


def recover(host: Host, content: dict[str, Any], **options: Any) -> dict[str, Any]:
    return apply(host, document(), **DEPLOY, archives=copy.deepcopy(content), **options)


def test_a_folder_and_a_file_of_the_host_come_back(host: Host, saved: dict[str, Any]) -> None:
    done = recover(host, saved)
    assert (done.get("msg"), on_host(host)) == (None, KEPT)
    assert recover(host, saved)["changed"] is False


def test_a_file_that_is_there_is_left_alone(host: Host, saved: dict[str, Any]) -> None:
    host.sim.act(write=FILE, path="/", data="colour=blue")
    result = recover(host, saved)
    assert "it has files already, which no run of this recovery has put there" in result["msg"]
    assert on_host(host)[FILE] == "colour=blue"
    again = recover(host, saved, overwrite=["shop/production/web"])
    assert (again.get("msg"), on_host(host)) == (None, KEPT)
