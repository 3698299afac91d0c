# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is replaced is saved first, of Redis and folders too, and the next run goes back to it."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._api.client import Client
from tests.component.manifest.lost_shop import BACKUP_SET, Content
from tests.component.manifest.test_manifest import apply
from tests.component.manifest.test_overwrite import Killed, with_archive
from tests.component.manifest.test_recovery import CACHE, DEPLOY, S3, lose
from tests.support.effort import slow
from tests.support.host import Host

PATH = {"cache": "shop/production/cache", "web": "shop/production/web"}
FOLDER = "/srv/shop"
OVERWRITE: dict[str, Any] = {**DEPLOY, "overwrite": list(PATH.values())}


def document() -> dict[str, Any]:
    """A Redis, and an application with a folder of the host that refers to it."""
    web = {
        "name": "web",
        "docker": {"image": "nginx:1.29"},
        "env": {"URL": "\0reference\0|cache:internal_url\0"},
        "mounts": [{"type": "bind", "host_path": FOLDER, "path": "/data"}],
    }
    environment = {"name": "production", "applications": [web], "databases": [CACHE]}
    return {"destinations": [S3], "projects": [{"name": "shop", "environments": [environment]}]}


def content_of(host: Host) -> tuple[list[str], dict[str, str]]:
    return host.sim.rows("cache"), host.sim.data()[FOLDER]["files"]


BEFORE = (["1", "2", "3"], {"cat.png": "miaow"})
NEWER = (["1", "2", "3", "4", "5"], {"cat.png": "miaow", "dog.png": "bark"})


@pytest.fixture
def living(host: Host) -> Content:
    """Another set than that from which the services were recovered, which have newer data since."""
    apply(host, document(), **DEPLOY)
    host.sim.act(insert="cache", count=3)
    host.sim.act(write=FOLDER, path="cat.png", data="miaow")
    host.new_task()
    content: Content = host.ok(BACKUP_SET, data="all", destination="s3", jobs=True)["set"]
    lose(host)
    assert apply(host, document(), **DEPLOY, archives=copy.deepcopy(content)).get("msg") is None
    assert content_of(host) == BEFORE
    host.sim.act(insert="cache", count=2)
    host.sim.act(write=FOLDER, path="dog.png", data="bark")
    host.new_task()
    return other_archives(host, content)


def other_archives(host: Host, content: Content) -> Content:
    """The same set with other archives of the same data."""
    other = copy.deepcopy(content)
    (files,) = host.sim.server.buckets.files.values()
    for archive in other["archives"]:
        again = archive["file"].replace(".tar", ".again.tar")
        files[again] = files[archive["file"]]
        archive["file"] = again
    return other


def back(host: Host, content: Content, done: dict[str, Any]) -> None:
    """Go back to what was saved first."""
    for row in done["archives"]:
        assert "/before/" in row["saved_first"]["file"] and row["saved_first"]["size"] > 0
        content = with_archive(content, row["path"], {**row["saved_first"], "fingerprint": None})
    result = apply(host, document(), **OVERWRITE, archives=content, archives_save_first=False)
    assert result.get("msg") is None and content_of(host) == NEWER
    assert all(service["running"] for service in host.sim.services().values())
    assert not [name for name in host.sim.data() if name.startswith("recovery-")]


def test_redis_and_folders_are_saved_first(host: Host, living: Content) -> None:
    planned = apply(host, document(), **OVERWRITE, archives=living, check=True)
    assert host.sim.calls("mutation") == [] and not planned.get("warnings")
    saves = {change["path"] for change in planned["plan"]["changes"] if change["action"] == "save"}
    assert saves == set(PATH.values())
    done = apply(host, document(), **OVERWRITE, archives=living)
    assert done.get("msg") is None and content_of(host) == BEFORE
    back(host, living, done)


@slow
@pytest.mark.parametrize("text", ["before=", "redis.stop", "restoring="])
def test_a_run_that_is_killed_saves_nothing_over_what_it_has_saved(
    host: Host, living: Content, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    mutate = Client.mutate

    def watched(self: Client, procedure: str, *args: Any, **options: Any) -> Any:
        answer = mutate(self, procedure, *args, **options)
        if procedure == text or (text in repr(args) and "again" in repr(args)):
            raise Killed
        return answer

    with monkeypatch.context() as patch:
        patch.setattr(Client, "mutate", watched)
        with pytest.raises(Killed):
            apply(host, document(), **OVERWRITE, archives=copy.deepcopy(living))
    host.new_task()
    done = apply(host, document(), **OVERWRITE, archives=copy.deepcopy(living))
    assert done.get("msg") is None and content_of(host) == BEFORE
    back(host, living, done)


@slow
def test_what_cannot_be_saved_is_not_replaced(host: Host, living: Content) -> None:
    """A Redis that does not run cannot be asked for its data."""
    (row,) = host.sim.server.store.services["redis"].rows.values()
    host.call("redis.stop", redisId=row["redisId"])
    host.new_task()
    failed = apply(host, document(), **{**OVERWRITE, "deploy": "never"}, archives=living)
    assert "the present database" in failed["msg"] and "is not saved, so that it is not replaced" in failed["msg"]
    assert "archives_save_first: false" in failed["msg"]
