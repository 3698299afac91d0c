# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Data of services that run is replaced: what uses it is stopped before, and started again once the data is back."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._api.client import Client
from ansible_collections.community.dokploy.plugins.module_utils._resources.recovery import checks
from tests.component.manifest.lost_shop import Content, document, recover, saved_and_lost
from tests.component.manifest.test_manifest import apply
from tests.component.manifest.test_recovery import DEPLOY, ROWS, S3, services
from tests.support.effort import sampled, slow
from tests.support.host import Host
from tests.support.operations import OPERATIONS

DB, WEB = "shop/production/db", "shop/production/web"
APPLICATION = OPERATIONS["dokploy_application"]


def other_archives(host: Host, saved: Content, path: str) -> Content:
    """The same set with another archive of the same data of one service."""
    content = copy.deepcopy(saved)
    (files,) = host.sim.server.buckets.files.values()
    for archive in content["archives"]:
        if archive["path"] != path:
            continue
        file = archive["file"]
        folder, _, name = file.rpartition("/")
        archive["file"] = f"{folder}/again-{name}" if archive["what"] == "volume" else file.replace(".sql", ".x.sql")
        files[archive["file"]] = files[file]
    return content


@pytest.fixture
def living(host: Host) -> Content:
    """The set of a shop that was recovered from it and has newer rows since."""
    saved = saved_and_lost(host)
    assert recover(host, saved).get("msg") is None
    host.sim.act(insert="db", table="orders", count=2)
    return saved


def changes(result: dict[str, Any]) -> set[tuple[str, str]]:
    return {(change["action"], change["path"]) for change in result["plan"]["changes"]}


def add(host: Host, name: str, **options: Any) -> None:
    """Deploy an application that is in no document."""
    host.new_task()
    host.ok(APPLICATION, project="shop", name=name, docker={"image": "nginx:1.29"}, **options)
    host.new_task()
    host.ok(OPERATIONS["dokploy_deployment"], project="shop", application=name, verify_period=0.0)


def test_what_uses_a_database_is_stopped_and_started_again(host: Host, living: Content) -> None:
    content = other_archives(host, living, DB)
    app_name = services(recover(host, living))["db"]
    add(host, "shell", env={"URL": f"postgres://shop@{app_name}:5432/shop"})
    add(host, "idle", env={"URL": f"postgres://shop@{app_name}:5432/shop"})
    add(host, "other", env={"URL": f"postgres://shop@{app_name}-2:5432/shop"})
    host.new_task()
    host.ok(APPLICATION, project="shop", name="idle", state="stopped")
    before = host.sim.services()
    planned = recover(host, content, overwrite=[DB], check=True)
    assert host.sim.calls("mutation") == []
    assert changes(planned) == {
        ("stop", WEB),
        ("stop", "shop/production/shell"),
        ("save", DB),
        ("restore", DB),
        ("start", WEB),
        ("start", "shop/production/shell"),
    }
    reasons = {change["path"]: change["reason"] for change in planned["plan"]["changes"] if change["action"] == "stop"}
    assert reasons == {
        WEB: f"it refers to database {DB}",
        "shop/production/shell": f"its env names database {DB}",
    }
    done = recover(host, content, overwrite=[DB])
    assert done.get("msg") is None and host.sim.rows("db", "orders") == ROWS
    calls = host.sim.calls()
    (restored,) = [number for number, call in enumerate(calls) if call == "backup.restoreBackupWithLogs"]
    stops = [number for number, call in enumerate(calls) if call == "application.stop"]
    starts = [number for number, call in enumerate(calls) if call == "application.start"]
    assert len(stops) == len(starts) == 2 and max(stops) < restored < min(starts)
    assert {name: row["running"] for name, row in host.sim.services().items()} == {
        name: row["running"] for name, row in before.items()
    }
    again = recover(host, content, overwrite=[DB])
    assert (again["changed"], host.sim.calls("mutation")) == (False, [])


def with_archive(content: Content, path: str, saved_first: dict[str, Any]) -> Content:
    """The set with the archive of what was replaced in place of that of a service."""
    other = copy.deepcopy(content)
    for archive in other["archives"]:
        if archive["path"] == path:
            archive.update(saved_first)
    return other


def test_the_present_state_is_saved_first_and_comes_back(host: Host, living: Content) -> None:
    content = other_archives(host, living, DB)
    done = recover(host, content, overwrite=[DB])
    (row,) = [row for row in done["archives"] if row["path"] == DB]
    assert row["lost"]["since"] == row["created_at"] and 0 <= row["lost"]["seconds"] < 3600
    (reason,) = [change["reason"] for change in done["plan"]["changes"] if change["action"] == "restore"]
    assert reason.endswith("; what was written since is lost")
    assert "/before/shop/" in row["saved_first"]["file"] and row["saved_first"]["size"] > 0
    assert host.sim.rows("db", "orders") == ROWS
    back = recover(host, with_archive(content, DB, row["saved_first"]), overwrite=[DB], archives_save_first=False)
    assert back.get("msg") is None and host.sim.rows("db", "orders") == ["1", "2", "3", "4", "5"]
    assert [row["saved_first"] for row in back["archives"]] == [None, None]
    # The backup that was made for it is gone.
    host.new_task()
    assert host.ok(OPERATIONS["dokploy_database_info"], project="shop")["databases"][0]["backups"] == []


@slow
def test_nothing_is_started_after_a_failed_restore_and_the_next_run_does(host: Host, living: Content) -> None:
    content = other_archives(host, living, DB)
    (row,), buckets = host.sim.server.store.destinations.rows.values(), host.sim.server.buckets
    archives = dict(buckets.of(row))
    row["endpoint"] = "https://s3.example.com/breaks"
    buckets.of(row).update(archives)
    broken = copy.deepcopy(content)
    for archive in broken["archives"]:
        archive["destination"]["endpoint"] = row["endpoint"]
    stated = document()
    stated["destinations"][0] = {**S3, "endpoint": row["endpoint"]}
    failed = apply(host, stated, **DEPLOY, archives=broken, overwrite=[DB])
    assert "is stopped, since it uses the data of database shop/production/db, which is not back" in failed["msg"]
    assert "Run this again" in failed["msg"]
    assert not any(service["running"] for service in host.sim.services().values())
    for row in host.sim.server.store.destinations.rows.values():
        row["endpoint"] = S3["endpoint"]
    done = recover(host, content, overwrite=[DB])
    assert done.get("msg") is None and host.sim.rows("db", "orders") == ROWS
    assert all(service["running"] for service in host.sim.services().values())


class Killed(BaseException):
    """The process has ended."""


@pytest.mark.parametrize("text", sampled(["restored=", "application.stop", "restoring=", "application.start"], 4))
def test_a_run_that_is_killed_goes_on_with_what_it_has_stopped(
    host: Host, living: Content, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also with deploy: never, which starts nothing by itself."""
    content = other_archives(host, living, DB)
    mutate = Client.mutate

    def watched(self: Client, procedure: str, *args: Any, **options: Any) -> Any:
        again = content["archives"][0]["file"]
        if procedure == text or (text in repr(args) and f"{text}{again}" in repr(args)):
            raise Killed
        return mutate(self, procedure, *args, **options)

    with monkeypatch.context() as patch:
        patch.setattr(Client, "mutate", watched)
        with pytest.raises(Killed):
            recover(host, content, overwrite=[DB], deploy="never")
    done = recover(host, content, overwrite=[DB], deploy="never")
    assert done.get("msg") is None and host.sim.rows("db", "orders") == ROWS
    # What the killed run has saved is known, and what it has left is not saved over it.
    (row,) = [row for row in done["archives"] if row["path"] == DB]
    back = recover(host, with_archive(content, DB, row["saved_first"]), overwrite=[DB])
    assert back.get("msg") is None and host.sim.rows("db", "orders") == ["1", "2", "3", "4", "5"]
    content = with_archive(content, DB, row["saved_first"])
    assert all(service["running"] for service in host.sim.services().values())
    again = recover(host, content, overwrite=[DB], deploy="never")
    assert (again["changed"], host.sim.calls("mutation")) == (False, [])


def test_sessions_of_others_are_counted_before_anything_is_replaced(
    host: Host, living: Content, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = other_archives(host, living, DB)
    monkeypatch.setattr(checks, "_COUNT_PAUSE", 0.01)
    app_name = services(recover(host, living))["db"]
    host.sim.server.store.volumes[f"{app_name}-data"].sessions = 2
    refused = recover(host, content, overwrite=[DB])
    assert "has 2 sessions of others after what uses it was stopped" in refused["msg"]
    assert "backup.restoreBackupWithLogs" not in host.sim.calls()
    # Its data is untouched, so that what was stopped runs again.
    assert host.sim.rows("db", "orders") == ["1", "2", "3", "4", "5"]
    assert all(service["running"] for service in host.sim.services().values())


def test_what_mounts_a_volume_rests_while_that_is_replaced(host: Host, living: Content) -> None:
    content = other_archives(host, living, WEB)
    add(host, "worker", mounts=[{"type": "volume", "name": "uploads", "path": "/in"}])
    host.sim.act(write="uploads", path="dog.png", data="bark")
    planned = recover(host, content, overwrite=[WEB], check=True)
    assert changes(planned) == {
        ("stop", WEB),
        ("stop", "shop/production/worker"),
        ("save", WEB),
        ("restore", WEB),
        ("start", WEB),
        ("start", "shop/production/worker"),
    }
    done = recover(host, content, overwrite=[WEB])
    assert done.get("msg") is None
    assert host.sim.data()["uploads"]["files"] == {"cat.png": "miaow"}
    assert all(service["running"] for service in host.sim.services().values())
