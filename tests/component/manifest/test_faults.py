# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A run of a document that fails or ends at any request: the next one does what is left, and no more."""

from __future__ import annotations

import copy
import random
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._manifest.manifest import OPERATION
from dokploy_simulator import Simulator
from tests.component.manifest.test_manifest import reference
from tests.support.direct_transport import DirectTransport
from tests.support.effort import example_count, slow
from tests.support.host import Host
from tests.support.operations import managed
from tests.support.snapshots import snapshot, table_name
from tests.support.strategies.documents import Document, every_kind

Result = dict[str, Any]
WHOLE = every_kind(most=2)
FAULTS: dict[str, dict[str, Any]] = {
    "refused": {"kind": "status", "status": 400, "body": {"message": "not now", "code": "BAD_REQUEST"}},
    "failed": {"kind": "status", "status": 500, "body": {"message": "broken", "code": "INTERNAL_SERVER_ERROR"}},
    "failed after it": {"kind": "status", "status": 502, "body": {}, "after": True},
}


class Killed(BaseException):
    """The process ends."""


def apply(sim: Simulator, document: Document, check: bool = False, **options: Any) -> Result:
    """The result of a process of its own."""
    host = Host(sim)
    try:
        return host.run(OPERATION, check=check, **{"deploy": "never", **copy.deepcopy(document), **options})
    finally:
        host.close()


def counts(sim: Simulator) -> dict[str, int]:
    """How many rows there are of each kind."""
    return {name: len(rows) for name, rows in snapshot(sim).tables.items()}


def begin(sim: Simulator) -> None:
    sim.reset(config=True)
    sim.act(git_provider="github", name="GitHub provider eins")
    sim.reset_stats()


def requests_of(sim: Simulator) -> tuple[int, dict[str, int]]:
    """The number of requests of an undisturbed run, and what there is after it."""
    begin(sim)
    done = apply(sim, WHOLE)
    assert not done.get("failed"), done["msg"]
    return len({call["http"] for call in sim.stats()["journal"]}), counts(sim)


def assert_converges(sim: Simulator, end: dict[str, int], what: str) -> None:
    """The next run does what is left, so that there is nothing twice, and the one after it does nothing."""
    sim.reset(state=False)
    done = apply(sim, WHOLE)
    assert not done.get("failed"), (what, done["msg"])
    assert counts(sim) == end, what
    again = apply(sim, WHOLE)
    assert (again.get("msg"), again["plan"]["changes"]) == (None, []), what


def drawn(name: str, total: int, quick: int) -> list[int]:
    """Some of the requests, or all of them where there is time for it."""
    numbers = list(range(1, total + 1))
    return random.Random(name).sample(numbers, min(total, example_count(quick, total)))


@pytest.mark.parametrize("kind", FAULTS)
def test_a_failed_request(sim: Simulator, kind: str) -> None:
    total, end = requests_of(sim)
    for number in drawn(kind, total, 4):
        begin(sim)
        sim.fault(**FAULTS[kind], procedure="*", nth=number, times=1)
        first = apply(sim, WHOLE)
        assert "Traceback" not in repr(first) and "exception" not in first
        writes = bool(sim.calls("mutation"))
        assert first["changed"] or not writes or first.get("failed"), number
        assert_converges(sim, end, f"{kind}, request {number}")


@slow
def test_killed_after_a_request(sim: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    total, end = requests_of(sim)
    start = DirectTransport._start
    left = [0]

    def counted(transport: DirectTransport, request: Any) -> Any:
        answer = start(transport, request)
        left[0] -= 1
        if left[0] == 0:
            raise Killed
        return answer

    monkeypatch.setattr(DirectTransport, "_start", counted)
    for number in drawn("killed", total, 8):
        begin(sim)
        left[0] = number
        with pytest.raises(Killed):
            apply(sim, WHOLE)
        assert_converges(sim, end, f"killed after request {number}")


def test_what_depends_on_a_failure_waits(sim: Simulator) -> None:
    """One item of a batch fails, and the others of it and what does not need it go on."""
    begin(sim)
    names = ("ghcr", "quay", "hub")
    registry = {"url": "registry.example.com", "username": "u", "password": "made-up"}
    web = {"docker": {"image": "nginx"}}
    applications = [{"name": f"web-{name}", "registry": name, **web} for name in names]
    api = {"name": "api", "env": {"WEB": reference("web-quay:app_name")}}
    document = {
        "registries": [{"name": name, **registry} for name in names],
        "projects": [{"name": "shop", "environments": [{"name": "production", "applications": [*applications, api]}]}],
    }
    sim.fault("status", "registry.create", status=400, nth=2, times=1, body={"message": "not now"})
    done = apply(sim, document)
    (failure,) = done["failures"]
    lost = failure["path"]
    assert (failure["kind"], "not now" in failure["msg"]) == ("registry", True)
    waiting = {f"shop/production/web-{lost}"} | ({"shop/production/api"} if lost == "quay" else set())
    assert {one["path"] for one in done["waiting"]} == waiting
    assert all(one["waits_for"] == {"kind": "registry", "path": lost} for one in done["waiting"])
    assert len(done["msg"].splitlines()) == 2 and done["changed"]
    tables = snapshot(sim).tables
    names_left = {row["name"] for row in tables[table_name(managed("application").resource)].values()}
    assert names_left == {one["name"] for one in (*applications, api)} - {path.rpartition("/")[2] for path in waiting}
    sim.reset(state=False)
    again = apply(sim, document)
    changed = {one["path"] for one in again["plan"]["changes"]}
    assert (again.get("msg"), changed) == (None, {lost, *waiting})
