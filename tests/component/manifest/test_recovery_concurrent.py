# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two recoveries of one set into one instance at once: nothing is lost, and live data is not written over."""

from __future__ import annotations

import copy
import itertools
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._resources.recovery import heartbeat
from tests.component.manifest.lost_shop import Content, document, recover, saved_and_lost
from tests.component.manifest.test_manifest import apply
from tests.component.manifest.test_recovery import DEPLOY, S3
from tests.support.effort import sampled, slow
from tests.support.host import Host
from tests.support.interleaved import interleaved

Stands = Callable[[str, str], bool]
ROWS = ["1", "2", "3"]
USED = [*ROWS, "4", "5"]
# How much faster the clock of the machine of the second run is.
HASTE = 60.0


@pytest.fixture
def saved(host: Host) -> Content:
    return saved_and_lost(host)


def hasty(host: Host) -> Host:
    """Another machine, by whose clock a minute without a sign of life is soon over."""
    other = Host(host.sim)
    other.clock = lambda: time.monotonic() * HASTE
    return other


def by_text(*parts: str, number: int = 1) -> Stands:
    """After so many writes with these parts."""
    count = itertools.count(1)
    return lambda _procedure, text: all(part in text for part in parts) and next(count) == number


def side_by_side(
    host: Host, saved: Content, stands_after: Stands, monkeypatch: pytest.MonkeyPatch
) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """The results of two runs, of which the second one has everything live, and used, before the first one goes on.

    What the users have written stays, the next run has nothing left to do, and nothing else is left."""
    other = hasty(host)

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


Results = dict[str, dict[str, Any]]


def in_background(results: Results, name: str, run: Callable[[], dict[str, Any]]) -> threading.Thread:
    thread = threading.Thread(target=lambda: results.update({name: run()}), daemon=True)
    thread.start()
    return thread


def until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 30.0
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def mark_in(host: Host, kind: str) -> str:
    (row,) = host.sim.server.store.services[kind].rows.values()
    return str(row["labelsSwarm"]["community.dokploy.data"])


def test_a_run_that_is_alive_is_waited_for_and_its_data_are_found_in_place(
    host: Host, saved: Content, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other one says who that is and since when, waits for longer than a killed one, and has nothing left to do."""
    monkeypatch.setattr(heartbeat, "BEAT", 0.1)
    other, results = hasty(host), Results()
    host.sim.hold("backup.restoreBackupWithLogs", name="restore", stage="before", until="told", seconds=60.0)
    first = in_background(results, "first", lambda: recover(host, saved))
    until(lambda: any(hold["waiting"] for hold in host.sim.holds()))
    second = in_background(results, "second", lambda: recover(other, saved))
    until(lambda: any("another run restores data (recovery on " in line for line in other.progress))
    second.join(3 * 60.0 / HASTE)
    assert second.is_alive() and first.is_alive()
    host.sim.release("restore")
    first.join(30.0)
    second.join(30.0)
    assert (results["first"].get("msg"), results["second"].get("msg")) == (None, None)
    assert {archive["outcome"] for archive in results["second"]["archives"]} == {"present"}
    assert host.sim.rows("db", "orders") == ROWS
    host.new_task()
    assert recover(host, saved)["changed"] is False
    assert "beat=" not in mark_in(host, "postgres")
    other.close()


def test_a_run_that_has_not_ended_in_time_is_named(host: Host, saved: Content, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeat, "BEAT", 0.1)
    other, results = hasty(host), Results()
    host.sim.hold("backup.restoreBackupWithLogs", name="restore", stage="before", until="told", seconds=60.0)
    first = in_background(results, "first", lambda: recover(host, saved))
    until(lambda: any(hold["waiting"] for hold in host.sim.holds()))
    late = recover(other, saved, wait_timeout=20.0)
    assert "another run restores data (recovery on " in late["msg"]
    assert "It has not ended after 20 s" in late["msg"] and "raise wait_timeout" in late["msg"]
    # A plan waits for nothing.
    checked = apply(other, document(), check=True, **DEPLOY, archives=copy.deepcopy(saved))
    assert any("A real run waits" in warning for warning in checked["warnings"])
    host.sim.release("restore")
    first.join(30.0)
    assert results["first"].get("msg") is None
    other.close()


def beat(host: Host) -> int:
    """How often the lease was renewed."""
    return int(mark_in(host, "postgres").partition("beat=")[2].partition("/60")[0])


def test_few_requests_renew_the_lease(host: Host, saved: Content, monkeypatch: pytest.MonkeyPatch) -> None:
    """A beat reads the marks of all services in one request, and writes them in another one."""
    monkeypatch.setattr(heartbeat, "BEAT", 0.5)
    results = Results()
    host.sim.hold("backup.restoreBackupWithLogs", name="restore", stage="before", until="told", seconds=60.0)
    first = in_background(results, "first", lambda: recover(host, saved))
    until(lambda: any(hold["waiting"] for hold in host.sim.holds()))
    begin = beat(host)
    until(lambda: beat(host) > begin)
    before = host.sim.stats()["http"]
    until(lambda: beat(host) > begin + 4)
    beats = host.sim.stats()["http"] - before
    host.sim.release("restore")
    first.join(30.0)
    assert results["first"].get("msg") is None
    assert 4 <= beats <= 10


def test_a_failed_run_gives_up_its_lease(host: Host, saved: Content) -> None:
    """The next one waits for nobody."""
    host.sim.fault("status", "volumeBackups.restoreVolumeBackupWithLogs", status=500)
    assert recover(host, saved)["failed"]
    assert "run=" in mark_in(host, "application") and "beat=" not in mark_in(host, "application")
    host.sim.reset(state=False)
    begin = time.monotonic()
    assert recover(host, saved).get("msg") is None
    assert time.monotonic() - begin < 30.0


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
