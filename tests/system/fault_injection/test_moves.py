# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook move between two servers: each step, twice, in check mode, killed, and what is refused."""

from __future__ import annotations

import copy
import json
import shutil
from collections.abc import Iterator
from typing import Any, ClassVar

import pytest

from dokploy_simulator import Simulator
from dokploy_simulator.world.docker.compose_stack import services_of
from tests.component.manifest.test_manifest import apply
from tests.component.manifest.test_recovery import WEB
from tests.support.effort import THOROUGH
from tests.support.host import Host
from tests.system.fault_injection.one_playbook import folder_of_tests
from tests.system.fault_injection.two_servers import DEPLOY, PASSWORD, SHOP, TwoServers

MOVED: list[Any] = [["1", "2", "3"], ["1", "2"], ["1", "2", "3"], {"cat.png": "miaow"}]
NOTHING: dict[str, Any] = {}


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[Simulator, Simulator]]:
    with Simulator() as source, Simulator() as target:
        yield source, target


@pytest.fixture
def two(servers: tuple[Simulator, Simulator]) -> Iterator[TwoServers]:
    folder = folder_of_tests("moves")
    yield TwoServers(*servers, folder)
    shutil.rmtree(folder, ignore_errors=True)


CHECKS: dict[str, Any] = {
    "move_checks": [
        {"name": "rows", "service": "shop/production/db", "script": "psql -At -c 'select count(*) from orders'"},
        {"name": "keys", "service": "shop/production/cache", "script": 'redis-cli -h "$DB_HOST" dbsize'},
    ]
}


def checks(report: dict[str, Any]) -> dict[str, Any]:
    """Whether each check has passed, and whether it waits."""
    return {check["name"]: (check["passed"], check["waits"]) for check in report["checks"]}


def test_a_move_from_its_beginning_to_its_end(two: TwoServers) -> None:
    planned = two.good("prepare", "--check", "--diff", "-vvvv", **CHECKS)
    assert "To be prepared" in planned.text
    assert two.writes() == [0, 0]
    two.good("prepare", "-vvvv", **CHECKS)
    assert checks(two.report()) == {"rows": (True, False), "keys": (None, True)}
    assert two.data(two.target)[0] == ["1", "2", "3"]
    assert two.prepared(two.target) == [("done", 0), ("done", 0), ("done", 0)]
    assert two.good("prepare").changed == 0
    two.source.act(insert="db", table="orders", count=2)
    two.source.act(write="uploads", path="dog.png", data="wuff")
    two.writes()
    two.good("switch", "--check", "--diff", "-vvvv", **CHECKS)
    assert two.writes() == [0, 0]
    two.good("switch", "-vvvv", **CHECKS)
    report = two.report()
    assert checks(report) == {"rows": (True, False), "keys": (True, False)}
    assert (report["good"], report["errors"]) == (True, [])
    assert report["without_service_seconds"] > 0
    now = [["1", "2", "3", "4", "5"], *MOVED[1:3], {"cat.png": "miaow", "dog.png": "wuff"}]
    assert two.data(two.target) == now
    assert two.prepared(two.target) == [("done", 1), ("done", 1), ("done", 2)]
    # What is live is never written over, whichever step is run again.
    two.target.act(insert="db", table="orders", count=1)
    two.writes()
    assert two.good("switch").changed == 0
    assert two.writes()[1] == 0
    two.refused("nothing is written over it", "prepare")
    two.refused("The way back is a move the other way", "back")
    assert two.target.rows("db", "orders") == ["1", "2", "3", "4", "5", "6"]
    two.writes()
    two.good("finish", "--check")
    assert two.writes() == [0, 0]
    two.good("finish")
    assert Host(two.source).read("project.all") == []
    assert two.good("finish").changed == 0
    assert two.target.rows("db", "orders") == ["1", "2", "3", "4", "5", "6"]
    for file in two.folder.glob("report*"):
        assert PASSWORD not in file.read_text()


def test_back_before_the_target_is_live(two: TwoServers) -> None:
    two.good("prepare")
    # A fault at the target after the stop leaves nothing stopped.
    refusal: dict[str, Any] = {"kind": "status", "status": 500, "body": {"message": "not now"}}
    two.target.fault(procedure="volumeBackups.restoreVolumeBackupWithLogs*", times=-1, **refusal)
    two.run("switch")
    two.target.reset(state=False)
    assert two.data(two.source) == MOVED
    two.good("back", "--check")
    two.good("back")
    assert two.data(two.source) == MOVED
    (application,) = Host(two.source).read("project.all")[0]["environments"][0]["applications"]
    row = Host(two.source).read("application.one", applicationId=application["applicationId"])
    assert [domain["host"] for domain in row["domains"]] == ["shop.example.com"]
    assert "community.dokploy.lock" not in str(row["labelsSwarm"])
    assert Host(two.target).read("project.all") == []
    # Another one can begin.
    two.good("prepare")


SAMPLE = {"prepare": (6, 25), "switch": (4, 12, 30), "finish": (3,)}


@pytest.mark.parametrize("side", ["source", "target"])
@pytest.mark.parametrize("step", SAMPLE)
def test_a_step_that_is_killed_goes_on_with_the_next_run(two: TwoServers, step: str, side: str) -> None:
    server = getattr(two, side)
    earlier = {"prepare": (), "switch": ("prepare",), "finish": ("prepare", "switch")}[step]
    for before in earlier:
        two.good(before)
    requests = SAMPLE[step] if not THOROUGH else range(2, 60, 4)
    for request in requests:
        two.killed(server, request, step)
    two.good(step)
    if step != "prepare":
        assert two.data(two.target) == MOVED
    assert two.good(step).changed == 0


def test_what_cannot_be_moved_is_refused_before_anything_is_written(two: TwoServers) -> None:
    other = {"name": "web", "docker": {"image": "nginx:1.29"}, "domains": [{"host": "shop.example.com"}]}
    blog = {"projects": [{"name": "blog", "environments": [{"name": "production", "applications": [other]}]}]}
    apply(Host(two.target), blog, **DEPLOY)
    shared = copy.deepcopy(SHOP)
    shared["projects"].append(
        {"name": "wiki", "environments": [{"name": "production", "applications": [{**WEB, "env": NOTHING}]}]}
    )
    apply(Host(two.source), shared, **DEPLOY)
    two.writes()
    refused = two.refused("the target has the host shop.example.com already, of blog/production/web", "prepare")
    assert "the volume uploads of shop/production/web is also that of wiki/production/web, which stays" in refused.text
    assert two.writes()[1] == 0


def test_a_source_that_is_still_written_to_runs_again(two: TwoServers) -> None:
    two.good("prepare")
    (volume,) = [data for data in two.source.server.store.volumes.values() if "orders" in data.tables]
    volume.sessions = 2
    two.refused("is still written to: it has 2 other sessions", "switch")
    volume.sessions = 0
    assert two.report()["errors"]
    two.good("switch")
    assert two.data(two.target) == MOVED


def test_finish_goes_on_where_some_or_all_of_the_source_is_gone(two: TwoServers) -> None:
    two.good("prepare")
    two.good("switch")
    gone = [{"name": "db", "type": "postgres", "state": "absent"}]
    production = {"name": "production", "databases": gone}
    apply(Host(two.source), {"projects": [{"name": "shop", "environments": [production]}]}, deploy="never")
    two.good("finish")
    assert Host(two.source).read("project.all") == []
    # The run was killed before it noted its end.
    state = two.folder / "move" / "move.json"
    known = json.loads(state.read_text())
    state.write_text(json.dumps({name: value for name, value in known.items() if name != "finished_at"}))
    assert two.good("finish").changed == 0
    assert two.data(two.target) == MOVED


class LargeShop(TwoServers):
    """The same with so many services that what is reset is limited, and with a stack that Dokploy cannot start."""

    document: ClassVar[dict[str, Any]] = copy.deepcopy(SHOP)
    _production = document["projects"][0]["environments"][0]
    _production["applications"] += [{"name": f"web{number}", "docker": {"image": "nginx:1"}} for number in range(8)]
    _production["compose"].append(
        {"name": "search", "type": "stack", "raw": {"definition": {"services": {"web": {"image": "nginx:1"}}}}}
    )

    def searches(self, server: Simulator) -> int:
        """How many containers of the stack of the type C(stack) run."""
        rows = server.server.store.services["compose"]
        (name,) = (row["appName"] for row in rows if row["name"] == "search")
        return sum(len(service.running()) for service in services_of(server.server.docker, name))


def test_many_services_with_a_stack_that_dokploy_cannot_start(servers: tuple[Simulator, Simulator]) -> None:
    folder = folder_of_tests("moves")
    two = LargeShop(*servers, folder)
    two.good("prepare")
    assert (two.searches(two.source), two.searches(two.target)) == (1, 0)
    two.good("switch", "--check", "--diff")
    refusal: dict[str, Any] = {"kind": "status", "status": 500, "body": {"message": "not now"}}
    two.target.fault(procedure="volumeBackups.restoreVolumeBackupWithLogs*", times=-1, **refusal)
    two.run("switch")
    two.target.reset(state=False)
    assert (two.searches(two.source), two.data(two.source)) == (1, MOVED)
    two.good("switch")
    assert (two.searches(two.source), two.searches(two.target), two.data(two.target)) == (0, 1, MOVED)
    assert two.good("switch").changed == 0
    two.good("finish")
    shutil.rmtree(folder, ignore_errors=True)


def test_what_is_being_moved_cannot_be_moved_elsewhere(two: TwoServers) -> None:
    two.good("prepare")
    other = two.target.url.replace("127.0.0.1", "localhost")
    elsewhere = {"move_to_url": other, "move_dest": str(two.folder / "other")}
    two.refused("is locked for 'move to", "prepare", **elsewhere)
    two.refused("is the folder of another move", "prepare", move_to_url=elsewhere["move_to_url"])
