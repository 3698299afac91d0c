# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two playbooks at once on one application, on one controller and on two."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.system.concurrency.playbooks import Playbook, ServerState, run, task

SELF = {"project": "shop", "environment": "staging", "name": "web"}
BOTH = pytest.mark.parametrize("apart", [False, True], ids=["one controller", "two controllers"])


@pytest.fixture
def web(server: ServerState) -> str:
    """shop/staging/web; its id."""
    made = server.sim.seed(applications=1, project="shop", environment="staging", name="web")
    server.sim.act(set="web", fields={"env": "A=1"})
    return str(made["applicationIds"][0])


def application(**options: Any) -> list[dict[str, Any]]:
    return [task("web", "dokploy_application", **SELF, **options)]


def two(
    server: ServerState, folder: Path, one: dict[str, Any], other: dict[str, Any], apart: bool
) -> list[dict[str, Any]]:
    """The results of both, after both had read before any of them wrote."""
    server.sim.hold("application.one", count=2, stage="after", seconds=900, name="both have read")
    plays = [Playbook(application(**options), apart=apart) for options in (one, other)]
    run(server.sim, folder, *plays)
    assert server.sim.holds()[0]["released"] == "all"
    return [row["result"] for play in plays for row in play.results]


def settled(server: ServerState, folder: Path, **options: Any) -> None:
    """A run alone changes nothing more."""
    play = Playbook(application(**options))
    run(server.sim, folder / "again", play)
    assert play.failed() == []
    assert not play.results[0]["result"]["changed"]


@BOTH
def test_the_same_options(apart: bool, web: str, server: ServerState, tmp_path: Path) -> None:
    options = {
        "replicas": 3,
        "domains": [{"host": "a.example.com"}],
        "ports": [{"published_port": 80, "target_port": 80}],
    }
    results = two(server, tmp_path, options, options, apart)
    assert [result.get("msg") for result in results] == [None, None]
    assert len(server.store.domains) == 1
    assert len(server.store.ports) == 1
    settled(server, tmp_path, **options)


@BOTH
def test_different_options(apart: bool, web: str, server: ServerState, tmp_path: Path) -> None:
    results = two(server, tmp_path, {"replicas": 3}, {"env": {"B": "2"}, "description": "d"}, apart)
    assert [result.get("msg") for result in results] == [None, None]
    settled(server, tmp_path, replicas=3, env={"B": "2"}, description="d")


@BOTH
def test_other_values_of_one_option(apart: bool, web: str, server: ServerState, tmp_path: Path) -> None:
    """The last one holds, and no one is told wrong who looked after it."""
    server.sim.hold("application.update", count=2, seconds=900, name="both write")
    results = two(server, tmp_path, {"replicas": 3}, {"replicas": 4}, apart)
    stays = server.one("application", "web")["replicas"]
    for result, wanted in zip(results, (3, 4), strict=True):
        if wanted != stays and result.get("failed"):
            assert "replicas" in result["msg"]
            assert "another process may have written at the same time" in result["msg"]
        elif wanted == stays:
            assert result["changed"]


@BOTH
def test_other_lists_of_domains(apart: bool, web: str, server: ServerState, tmp_path: Path) -> None:
    """Each list is all the domains there are: not both can hold, and one of them at least says so."""
    server.sim.hold("domain.create", count=2 if apart else 1, stage="after", seconds=900)
    first, second = [{"host": "a.example.com"}], [{"host": "b.example.com"}]
    results = two(server, tmp_path, {"domains": first}, {"domains": second}, apart)
    hosts = {row["host"]: row["domainId"] for row in server.store.domains}
    failed = [result for result in results if result.get("failed")]
    assert failed or len(hosts) == 1
    for result in failed:
        # It names the one that is not in the list, by which it can be removed.
        assert "domains (" in result["msg"]
        assert any(host in result["msg"] and resource_id in result["msg"] for host, resource_id in hosts.items())
    assert hosts
    if apart:
        assert len(failed) == 2


def test_merged_variables_on_one_controller(web: str, server: ServerState, tmp_path: Path) -> None:
    merge = {"env_mode": "merge"}
    results = two(server, tmp_path, {"env": {"B": "2"}, **merge}, {"env": {"C": "3"}, **merge}, apart=False)
    assert all(result["changed"] for result in results)
    settled(server, tmp_path, env={"A": "1", "B": "2", "C": "3"})


def test_merged_variables_on_two_controllers(web: str, server: ServerState, tmp_path: Path) -> None:
    """What cannot be excluded: who reads back before the other writes cannot see the loss; a second run mends it."""
    merge = {"env_mode": "merge"}
    wanted: list[dict[str, Any]] = [{"env": {"B": "2"}, **merge}, {"env": {"C": "3"}, **merge}]
    results = two(server, tmp_path, wanted[0], wanted[1], apart=True)
    assert "A=1" in server.one("application", "web")["env"].split()
    for number, (result, options) in enumerate(zip(results, wanted, strict=True)):
        assert result.get("failed") is not True or "env" in result["msg"]
        again = Playbook(application(**options))
        run(server.sim, tmp_path / f"mended-{number}", again)
        assert again.failed() == []
    settled(server, tmp_path, env={"A": "1", "B": "2", "C": "3"})


@BOTH
def test_one_removes_while_the_other_changes(apart: bool, web: str, server: ServerState, tmp_path: Path) -> None:
    # Who changes has read, then it goes, and only then the other one continues.
    server.sim.hold("application.cleanQueues", until="told", seconds=900, name="removal")
    server.sim.hold("application.one", stage="after", act=[{"release": "removal"}], seconds=900)
    server.sim.hold("application.one", stage="after", until="told", seconds=900, name="has read")
    server.sim.hold("application.delete", stage="after", act=[{"release": "has read"}], seconds=900)
    update = Playbook(application(replicas=3, domains=[{"host": "a.example.com"}]), apart=apart)
    gone = Playbook(application(state="absent"), apart=apart)
    run(server.sim, tmp_path, update, gone)
    assert gone.failed() == []
    assert gone.results[0]["result"]["changed"]
    (result,) = update.failed()
    assert "application" in result["msg"].lower()
    assert server.named("application", "web") == []
    assert len(server.store.domains) == 0


@BOTH
def test_other_applications_of_one_project(apart: bool, server: ServerState, tmp_path: Path) -> None:
    server.sim.seed(project="shop", environment="staging")
    server.sim.hold("project.all", count=2, stage="after", seconds=900)
    plays = [
        Playbook([task("new", "dokploy_application", **{**SELF, "name": name}, replicas=2)], apart=apart)
        for name in ("one", "two")
    ]
    run(server.sim, tmp_path, *plays)
    assert [play.results[0]["result"].get("msg") for play in plays] == [None, None]
    assert [len(server.named("application", name)) for name in ("one", "two")] == [1, 1]
