# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs with a lock that touch the same services follow each other."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._engine.lease import now
from ansible_collections.community.dokploy.plugins.module_utils._resources.recovery import heartbeat
from ansible_collections.community.dokploy.plugins.module_utils._resources.recovery.lock import DOCUMENT, Lock
from tests.component.manifest.test_manifest import apply
from tests.component.manifest.test_overtaken import document
from tests.component.manifest.test_recovery_concurrent import Results, hasty, in_background, until
from tests.support.host import Host

LABEL = "community.dokploy.lock"
WEB = "application 'web' in shop/production"


@pytest.fixture
def shop(host: Host) -> Host:
    host.sim.config(scale_seconds=0, linger_seconds=0, deploy_seconds=0, block_seconds=0, build_seconds=0)
    assert not apply(host, document(), deploy="changed", verify=False).get("failed")
    return host


def lock_in(host: Host) -> str | None:
    (row,) = host.sim.server.store.services["application"].rows.values()
    return (row["labelsSwarm"] or {}).get(LABEL)


def set_lock(host: Host, lock: Lock) -> None:
    (row,) = host.sim.server.store.services["application"].rows.values()
    row["labelsSwarm"] = {**(row["labelsSwarm"] or {}), LABEL: lock.text}


def of_another(at: str = "2026-12-01T00:00:00Z") -> Lock:
    return Lock(DOCUMENT, "another", at, "document on runner-7, process 12", "2026-12-01T00:00:00Z")


def stored(host: Host, column: str) -> Any:
    (row,) = host.sim.server.store.services["application"].rows.values()
    return row[column]


def test_a_run_waits_for_another_one_and_plans_again(shop: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """It waits for longer than a run that was killed would keep it, and nothing of the first one is overwritten."""
    monkeypatch.setattr(heartbeat, "BEAT", 0.1)
    other, results = hasty(shop), Results()
    shop.sim.hold("application.deploy", name="deployment", stage="before", until="told", seconds=60.0)
    first = in_background(
        results,
        "first",
        lambda: apply(shop, document(command="mine"), deploy="changed", verify=False, lock="wait"),
    )
    until(lambda: any(hold["waiting"] for hold in shop.sim.holds()))
    refused = apply(other, document(command="mine", replicas=2), deploy="never", lock="refuse")
    assert "another run of 'document' works on it, which was heard of at 20" in refused["msg"]
    assert "(document on " in refused["msg"] and not refused["changed"]
    second = in_background(
        results,
        "second",
        lambda: apply(other, document(command="mine", replicas=2), deploy="never", lock="wait"),
    )
    until(lambda: any("another run applies a document (document on " in line for line in other.progress))
    second.join(3.0)
    assert second.is_alive() and first.is_alive()
    shop.sim.release("deployment")
    first.join(30.0)
    second.join(30.0)
    assert (results["first"].get("msg"), results["second"].get("msg")) == (None, None)
    assert results["first"]["overtaken"] == results["second"]["overtaken"] == []
    # The second plan is that of what the first run has left.
    (change,) = results["second"]["plan"]["changes"]
    assert change["options"] == ["replicas"]
    assert (stored(shop, "command"), stored(shop, "replicas"), lock_in(shop)) == ("mine", 2, None)
    other.close()


def test_the_same_from_another_run_is_not_done_twice(shop: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeat, "BEAT", 0.1)
    other, results = hasty(shop), Results()
    wanted = document(command="same")
    shop.sim.hold("application.deploy", name="deployment", stage="before", until="told", seconds=60.0)
    first = in_background(results, "first", lambda: apply(shop, wanted, deploy="changed", verify=False, lock="wait"))
    until(lambda: any(hold["waiting"] for hold in shop.sim.holds()))
    second = in_background(results, "second", lambda: apply(other, wanted, deploy="changed", verify=False, lock="wait"))
    until(lambda: any("another run applies a document" in line for line in other.progress))
    shop.sim.release("deployment")
    first.join(30.0)
    second.join(30.0)
    assert (results["first"]["changed"], results["second"]["changed"]) == (True, False)
    assert results["second"]["deployments"] == [] and lock_in(shop) is None
    other.close()


def test_a_run_that_was_killed_is_in_nobodys_way(shop: Host) -> None:
    other = hasty(shop)
    set_lock(shop, of_another())
    taken = apply(other, document(command="mine"), deploy="never", lock="wait")
    assert (taken.get("msg"), lock_in(shop)) == (None, None)
    assert any("document on runner-7, process 12 since 2026-12-01" in line for line in other.progress)
    set_lock(shop, of_another())
    assert apply(shop, document(command="more"), deploy="never", lock="refuse").get("msg") is None
    # A procedure that takes several tasks takes over, too.
    set_lock(shop, of_another())
    move = {"purpose": "move to b", "run": "one"}
    assert apply(shop, document(command="more"), deploy="never", locked_for=move).get("msg") is None
    assert "move%20to%20b" in str(lock_in(shop))
    other.close()


def test_a_run_that_does_not_end_is_named(shop: Host) -> None:
    other = hasty(shop)
    set_lock(shop, of_another(now()))
    late = apply(other, document(command="mine"), deploy="never", lock="wait", wait_timeout=20.0)
    assert "another run applies a document (document on runner-7, process 12 since 2026-12-01" in late["msg"]
    assert "raise wait_timeout" in late["msg"] and not late["changed"]
    refused = apply(shop, document(command="mine"), deploy="never", lock="refuse")
    assert f"{WEB}: another run of 'document' works on it" in refused["msg"]
    checked = apply(shop, document(command="mine"), check=True, deploy="never", lock="refuse")
    assert checked["msg"] == refused["msg"]
    moved = apply(shop, document(command="mine"), deploy="never", locked_for={"purpose": "move to b", "run": "one"})
    assert "another run of 'document' works on it" in moved["msg"]
    # Without a lock, nothing is looked for.
    assert apply(shop, document(command="mine"), deploy="never").get("msg") is None
    assert "another" in str(lock_in(shop))
    other.close()


@pytest.mark.parametrize("mode", ["wait", "refuse"])
def test_what_is_locked_for_a_procedure_is_refused(shop: Host, mode: str) -> None:
    set_lock(shop, Lock("move to b", "", "2026-12-01T00:00:00Z"))
    refused = apply(shop, document(command="mine"), deploy="never", lock=mode)
    assert "is locked for 'move to b' since 2026-12-01T00:00:00Z, and this is 'document'" in refused["msg"]
    assert shop.sim.calls("mutation") == []


def test_two_runs_that_find_it_free_at_once_do_not_both_go_on(shop: Host) -> None:
    """What the other one has written right after this one is found when the lock is read again."""
    label = {LABEL: of_another(now()).text}
    shop.sim.hold("application.update", stage="after", act=[{"set": "web", "fields": {"labelsSwarm": label}}])
    refused = apply(shop, document(command="mine"), deploy="never", lock="refuse")
    assert "another run of 'document' works on it" in refused["msg"]
    assert stored(shop, "command") in (None, "") and lock_in(shop) == label[LABEL]


def test_check_mode_and_what_is_as_described_lock_nothing(shop: Host) -> None:
    wanted = document(command="mine")
    checked = apply(shop, wanted, check=True, deploy="never", lock="wait")
    assert checked["changed"] and "warnings" not in checked and shop.sim.calls("mutation") == []
    set_lock(shop, of_another(now()))
    checked = apply(shop, wanted, check=True, deploy="never", lock="wait")
    (warning,) = checked["warnings"]
    assert "A real run waits" in warning and "document on runner-7" in warning
    without = apply(shop, document(), deploy="never")
    requests = shop.sim.stats()["http"]
    unchanged = apply(shop, document(), deploy="never", lock="wait")
    assert (without["changed"], unchanged["changed"], shop.sim.stats()["http"]) == (False, False, requests)


@pytest.mark.parametrize("count", [1, 20])
def test_few_requests_more(host: Host, count: int) -> None:
    names = [f"web{number}" for number in range(count)]

    def requests(image: str, lock: str) -> int:
        applications = [{"name": name, "docker": {"image": image}} for name in names]
        production = {"name": "production", "applications": applications}
        written = {"projects": [{"name": "shop", "environments": [production]}]}
        assert apply(host, written, deploy="never", lock=lock)["changed"]
        return int(host.sim.stats()["http"])

    requests("nginx:1", "wait")
    more = requests("nginx:2", "wait") - requests("nginx:3", "off")
    # Look, lock, look again, plan again, and at the end look and remove the lock.
    assert more <= 7


def test_a_failed_run_gives_up_its_lock(shop: Host) -> None:
    # The first one writes the lock.
    shop.sim.fault("status", "application.update", status=400, nth=2, times=1, body={"message": "not now"})
    failed = apply(shop, document(command="mine"), deploy="never", lock="wait")
    assert failed["failed"] and "not now" in failed["msg"]
    assert lock_in(shop) is None
