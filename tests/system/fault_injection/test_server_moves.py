# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook move between servers of one Dokploy: each step, twice, in check mode, killed, and what is refused."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from dokploy_simulator import Simulator
from tests.component.manifest.test_manifest import apply
from tests.support.effort import THOROUGH
from tests.support.host import Host
from tests.system.fault_injection.one_playbook import folder_of_tests
from tests.system.fault_injection.test_moves import MOVED
from tests.system.fault_injection.two_servers import DEPLOY, PASSWORD, OneDokploy

NAMES = ("web", "db", "cache", "forum")


@pytest.fixture(scope="module")
def server() -> Iterator[Simulator]:
    with Simulator() as simulator:
        yield simulator


@pytest.fixture
def dokploy(server: Simulator) -> Iterator[OneDokploy]:
    folder = folder_of_tests("moves")
    yield OneDokploy(server, folder)
    shutil.rmtree(folder, ignore_errors=True)


def test_a_move_to_another_server_from_its_beginning_to_its_end(dokploy: OneDokploy) -> None:
    planned = dokploy.good("prepare", "--check", "--diff", "-vvvv")
    assert "To be prepared" in planned.text
    assert dokploy.writes() == [0, 0]
    dokploy.good("prepare", "-vvvv")
    assert dokploy.data_of(dokploy.source, "-moving")[0] == ["1", "2", "3"]
    assert dokploy.places() == {**dict.fromkeys(NAMES, ""), **{f"{name}-moving": "edge" for name in NAMES}}
    assert dokploy.good("prepare").changed == 0
    dokploy.source.act(insert="db", table="orders", count=2)
    dokploy.writes()
    dokploy.good("switch", "--check", "--diff", "-vvvv")
    assert dokploy.writes() == [0, 0]
    dokploy.good("switch", "-vvvv")
    report = dokploy.report()
    assert (report["good"], report["errors"]) == (True, [])
    assert report["title"].endswith(", server edge, switch")
    now = [["1", "2", "3", "4", "5"], *MOVED[1:]]
    assert dokploy.data(dokploy.source) == now
    assert dokploy.places() == {**dict.fromkeys(NAMES, "edge"), **{f"{name}-moved": "" for name in NAMES}}
    # What is live is never written over, whichever step is run again.
    dokploy.source.act(insert="db", table="orders", count=1)
    dokploy.writes()
    assert dokploy.good("switch").changed == 0
    assert dokploy.writes() == [0, 0]
    dokploy.refused("nothing is written over it", "prepare")
    dokploy.refused("-e move_to_own_host=true", "back")
    dokploy.good("finish", "--check")
    assert dokploy.writes() == [0, 0]
    dokploy.good("finish")
    assert dokploy.places() == dict.fromkeys(NAMES, "edge")
    assert dokploy.good("finish").changed == 0
    assert dokploy.source.rows("db", "orders") == ["1", "2", "3", "4", "5", "6"]
    for file in dokploy.folder.glob("report*"):
        assert PASSWORD not in file.read_text()
    # The document of the user with the new server says what there is.
    mine = copy.deepcopy(dokploy.document)
    (environment,) = mine["projects"][0]["environments"]
    for section in ("applications", "databases", "compose"):
        for entry in environment[section]:
            entry["server"] = "edge"
    applied = apply(Host(dokploy.source), mine, check=True, **DEPLOY)
    assert applied["plan"]["changes"] == []


def test_back_before_the_target_is_live(dokploy: OneDokploy) -> None:
    dokploy.good("prepare")
    refusal: dict[str, Any] = {"kind": "status", "status": 500, "body": {"message": "not now"}}
    dokploy.source.fault(procedure="volumeBackups.restoreVolumeBackupWithLogs*", times=-1, **refusal)
    dokploy.run("switch")
    dokploy.source.reset(state=False)
    assert dokploy.data(dokploy.source) == MOVED
    # The volume of the application is the same one here, which would be waited for.
    (application,) = (row for row in dokploy.source.server.store.applications if row["name"] == "web-moving")
    mounts = dokploy.source.server.store.mounts
    for mount in mounts.of("applicationId", application["applicationId"]):
        mounts.delete(mount)
    dokploy.good("back")
    assert dokploy.data(dokploy.source) == MOVED
    assert dokploy.places() == dict.fromkeys(NAMES, "")
    (application,) = dokploy.source.server.store.applications
    row = Host(dokploy.source).read("application.one", applicationId=application["applicationId"])
    assert [domain["host"] for domain in row["domains"]] == ["shop.example.com"]
    assert "community.dokploy.lock" not in str(row["labelsSwarm"])
    # Another one can begin.
    dokploy.good("prepare")


SAMPLE = {"prepare": (6, 35), "switch": (12, 40, 110), "finish": (12,)}


@pytest.mark.parametrize("step", SAMPLE)
def test_a_step_that_is_killed_goes_on_with_the_next_run(dokploy: OneDokploy, step: str) -> None:
    earlier = {"prepare": (), "switch": ("prepare",), "finish": ("prepare", "switch")}[step]
    for before in earlier:
        dokploy.good(before)
    for request in SAMPLE[step] if not THOROUGH else range(2, 160, 8):
        dokploy.killed(dokploy.source, request, step)
    dokploy.good(step)
    # The databases of stacks are copied by the switch alone.
    expected = [*MOVED[:2], [], MOVED[3]] if step == "prepare" else MOVED
    assert dokploy.data_of(dokploy.source, "-moving" if step == "prepare" else "") == expected
    old = {"prepare": "", "switch": "-moved"}.get(step)
    assert {name for name, server in dokploy.places().items() if not server} == {
        f"{name}{old}" for name in NAMES if old is not None
    }
    assert dokploy.good(step).changed == 0


@pytest.mark.parametrize(
    ("words", "variables"),
    [
        ("The target has 0 servers with the name nowhere. It has builder, edge, far.", {"move_to_server": "nowhere"}),
        ("The server builder only builds images", {"move_to_server": "builder"}),
        ("Dokploy cannot connect to it", {"move_to_server": "far"}),
        ("web is on the own host of Dokploy already", {"move_to_server": "", "move_to_own_host": True}),
        ("move_to_server or move_to_own_host to another server of it", {"move_to_server": ""}),
        ("move_to_server or move_to_own_host to another server of it", {"move_to_own_host": True}),
    ],
)
def test_where_nothing_can_go_is_refused_before_anything_is_written(
    dokploy: OneDokploy, words: str, variables: dict[str, Any]
) -> None:
    before = dokploy.places()
    dokploy.refused(words, "prepare", **variables)
    assert dokploy.places() == before
