# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two recoveries of one set into one instance at once: nothing is lost, and live data is not written over."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable
from typing import Any

import pytest

from tests.component.manifest.lost_shop import Content, document, recover, saved_and_lost
from tests.component.manifest.test_manifest import apply
from tests.component.manifest.test_recovery import DEPLOY, S3
from tests.support.effort import sampled, slow
from tests.support.host import Host
from tests.support.interleaved import interleaved

Stands = Callable[[str, str], bool]
ROWS = ["1", "2", "3"]
USED = [*ROWS, "4", "5"]


@pytest.fixture
def saved(host: Host) -> Content:
    return saved_and_lost(host)


def by_text(*parts: str, number: int = 1) -> Stands:
    """After so many writes with these parts."""
    count = itertools.count(1)
    return lambda _procedure, text: all(part in text for part in parts) and next(count) == number


def side_by_side(
    host: Host, saved: Content, stands_after: Stands, monkeypatch: pytest.MonkeyPatch
) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """The results of two runs, of which the second one has everything live, and used, before the first one goes on.

    What the users have written stays, the next run has nothing left to do, and nothing else is left."""
    other = Host(host.sim)

    def use(result: dict[str, Any]) -> None:
        assert result.get("msg") is None
        host.sim.act(insert="db", table="orders", count=2)
        host.sim.act(write="uploads", path="dog.png", data="bark")

    first, second = interleaved(
        lambda: recover(host, saved), lambda: recover(other, saved), stands_after, monkeypatch, use
    )
    other.close()
    assert recover(host, saved).get("msg") is None
    assert recover(host, saved)["changed"] is False
    assert host.sim.rows("db", "orders") == (ROWS if second is None else USED)
    files = {"cat.png": "miaow"} if second is None else {"cat.png": "miaow", "dog.png": "bark"}
    assert host.sim.data()["uploads"]["files"] == files
    assert len(host.read("project.all")) == 1
    assert all(service["running"] for service in host.sim.services().values())
    assert not [name for name in host.sim.data() if name.startswith("recovery-")]
    assert host.sim.server.store.kept_archives == {}
    assert not [name for name in host.sim.services() if "job" in name]
    return first, second


MOMENTS: dict[str, tuple[list[str], int]] = {
    "the beginning of the restore of a dump": (["restoring=", ".sql.gz"], 1),
    # What the plan of the first run creates exists by then.
    "the first write": ([S3["bucket"]], 1),
    # The fingerprint of the database is written beside its mark before the deployment, and may be after it.
    "the deployment of the database": (["pending="], 1),
    "the beginning of the restore of files": (["restoring=", ".tar"], 1),
    "the end of the restore of a dump": (["restored=", ".sql.gz"], 1),
}


@pytest.mark.parametrize("moment", sampled(list(MOMENTS), 5))
def test_the_first_of_two_runs_writes_nothing_over(
    host: Host, saved: Content, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts, number = MOMENTS[moment]
    first, second = side_by_side(host, saved, by_text(*parts, number=number), monkeypatch)
    assert second is not None
    assert "another run restores its data" in first["msg"] or "it is live since" in first["msg"]


@slow
@pytest.mark.parametrize("number", [4, 7, 10, 13, 16, 19, 22, 25, 28])
def test_the_first_of_two_runs_stands_after_any_write(
    host: Host, saved: Content, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    side_by_side(host, saved, by_text(number=number), monkeypatch)


@slow
def test_a_service_that_becomes_live_while_the_bucket_is_listed_is_left_alone(host: Host, saved: Content) -> None:
    label = {"community.dokploy.data": "1 live=2026-12-01T00:00:00Z"}
    # The plan has listed it twice.
    host.sim.hold("backup.listBackupFiles", nth=3, act=[{"set": "db", "fields": {"labelsSwarm": label}}])
    result = recover(host, saved)
    assert "its data were restored, and it is live since 2026-12-01T00:00:00Z" in result["msg"]
    assert "backup.restoreBackupWithLogs" not in host.sim.calls()


def test_what_another_run_has_brought_back_meanwhile_is_left_as_it_is(host: Host, saved: Content) -> None:
    """As by the worker of a playbook that was killed: nobody is told to replace what this very set has brought back."""
    (file,) = (archive["file"] for archive in saved["archives"] if archive["path"].endswith("/db"))
    label = {"community.dokploy.data": f"1 live=2026-12-01T00:00:00Z restored={file}"}
    host.sim.hold("backup.listBackupFiles", nth=3, act=[{"set": "db", "fields": {"labelsSwarm": label}}])
    result = recover(host, saved)
    assert "another run has brought it back from the same archives" in result["msg"]
    assert "Run this again" in result["msg"] and "overwrite" not in result["msg"]
    assert "backup.restoreBackupWithLogs" not in host.sim.calls()


@slow
def test_a_failed_restore_leaves_the_database_to_the_run_that_took_over(host: Host, saved: Content) -> None:
    """The other run has stopped it, for its own restore, or it is live."""
    (row,), buckets = host.sim.server.store.destinations.rows.values(), host.sim.server.buckets
    archives, content = dict(buckets.of(row)), copy.deepcopy(saved)
    # The bucket breaks off the download of each dump.
    row["endpoint"] = "https://s3.example.com/breaks"
    buckets.of(row).update(archives)
    for item in content["archives"]:
        item["destination"]["endpoint"] = row["endpoint"]
    label = {"community.dokploy.data": "1 live=2026-12-01T00:00:00Z"}
    host.sim.hold("backup.restoreBackupWithLogs", act=[{"set": "db", "fields": {"labelsSwarm": label}}])
    wanted = document()
    wanted["destinations"] = [{**S3, "endpoint": row["endpoint"]}]
    result = apply(host, wanted, **DEPLOY, archives=content)
    assert "Another run restores its data, or has restored them, so that it is left as it is" in result["msg"]
    assert "postgres.stop" not in host.sim.calls("mutation")
