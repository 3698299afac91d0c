# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A project that is written to moves from one instance to another: foreseen in check mode, and killed in each step."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.real import shop
from tests.real.losing import losing
from tests.real.move import Move, require_foreseen
from tests.real.playbooks import Server, run
from tests.real.shop import Images

pytestmark = pytest.mark.long

SOURCE, TARGET = 0, 1
#: The writes at which the packaged modules are killed: whose, and which one of the run.
KILLS = {
    "prepare": ((SOURCE, 16), (TARGET, 8), (TARGET, 30)),
    "switch": ((SOURCE, 4), (SOURCE, 15), (TARGET, 8)),
    "finish": ((SOURCE, 1), (SOURCE, 3)),
}
#: The name of each check, its service, and its script.
CHECKS = (
    ("orders", "db", 'psql -At -c "select count(*) from orders"'),
    ("keys", "cache", 'redis-cli -h "$DB_HOST" dbsize'),
)
#: What becomes of them in a step that is not killed. While orders are written, their counts are bounds.
CHECKED = {"prepare": {"orders": True, "keys": None}, "switch": {"orders": True, "keys": True}}


@pytest.fixture
def move(
    server: Server, second: Server, images: Images, bucket: tuple[str, str], path: str, tmp_path: Path
) -> Iterator[Move]:
    """The project runs at the first instance, and nothing of it is at the second one."""
    play = run(server, tmp_path / "fill", shop.everything(server.project, images, bucket))
    assert play.status == 0, play.output
    with ExitStack() as proxies:
        source, target = (proxies.enter_context(losing(instance.url)) for instance in (server, second))
        variables = {
            "dokploy_url": source.url,
            "dokploy_api_key": server.key,
            "dokploy_in_process": path == "action",
            "dokploy_request_timeout": 900,
            "move_to_url": target.url,
            "move_to_api_key": second.key,
            "move_projects": server.project,
            "move_destination": server.project,
            "move_image": images.busybox,
            "move_secrets": "file",
            "move_silent": 5,
            "move_checks": [
                {"name": name, "service": f"{server.project}/production/{service}", "script": script}
                for name, service, script in CHECKS
            ],
        }
        yield Move(tmp_path, variables, [source, target])


def lives(server: Server) -> list[str]:
    """The services of the project that have containers."""
    return sorted(name for name, ids in shop.running(shop.app_names(server)).items() if ids)


def test_move(move: Move, server: Server, second: Server, traefik: str, path: str) -> None:
    names = shop.app_names(server)
    with shop.writing(shop.host(server.project), traefik) as writer:
        writer.wait_for_more()
        shop.fill(names, "first")
        for step, kills in KILLS.items():
            for side, write in kills if path == "module" else ():
                move.killed(step, move.proxies[side], write)
            foreseen, done = move.planned(step), move.good(step)
            require_foreseen(foreseen, done)
            if path == "action" and step in CHECKED:
                assert {check["name"]: check["passed"] for check in move.reported()["checks"]} == CHECKED[step]
            assert move.good(step).count == 0
            if step == "prepare":
                assert lives(server) == sorted(names)
                shop.fill(names, "second")
                data = shop.state(names)
            if step == "switch":
                assert (lives(server), lives(second)) == ([], sorted(names))
        writer.wait_for_more()
    there = shop.app_names(second)
    shop.require_once(writer.acknowledged, there)
    assert shop.state(there) == data
    assert shop.services(server) == []
