# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Services move to another server of the same instance over SSH, in a run that is killed, and back to its own host."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.real import shop
from tests.real.losing import losing
from tests.real.move import Move, steps
from tests.real.playbooks import Server, run, task
from tests.real.shop import Images
from tests.real.test_sources import key, remove_key, variable

pytestmark = pytest.mark.long

#: A write of the step switch, which has about thirty: the source is stopped, and the last copy is made.
MIDDLE = 18


def servers(server: Server) -> dict[str, str]:
    """The names of the services of the project, each with the name of its server."""
    named = {row["serverId"]: row["name"] for row in shop.api(server, "server.all")}
    return {row["name"]: named.get(row["serverId"], "") for row in shop.services(server)}


def test_to_another_server_and_back(
    server: Server, images: Images, bucket: tuple[str, str], traefik: str, path: str, tmp_path: Path
) -> None:
    address, port, user = variable("REAL_SSH_SERVER").split()
    entry = {"name": server.project, "ip_address": address, "port": int(port), "user": user, "ssh_key": server.project}
    services = {
        "databases": [shop.database(images)],
        "applications": [shop.application(server.project, images)],
    }
    fill = [
        key(server),
        task("server", "dokploy_server", **entry),
        shop.bring_up(server.project, bucket, services),
    ]
    try:
        play = run(server, tmp_path / "fill", fill)
        assert play.status == 0, play.output
        with losing(server.url) as proxy, shop.writing(shop.host(server.project), traefik) as writer:
            common: dict[str, Any] = {
                "dokploy_url": proxy.url,
                "dokploy_api_key": server.key,
                "dokploy_in_process": path == "action",
                "dokploy_request_timeout": 900,
                "move_projects": server.project,
                "move_destination": server.project,
                "move_image": images.busybox,
                "move_secrets": "file",
                "move_silent": 5,
            }
            there = Move(tmp_path / "there", {**common, "move_to_server": server.project}, [proxy])
            back = Move(tmp_path / "back", {**common, "move_to_own_host": True}, [proxy])
            for move, place in ((there, server.project), (back, "")):
                writer.wait_for_more()
                move.good("prepare")
                if move is there:
                    move.killed("switch", proxy, MIDDLE)
                switched = move.good("switch")
                # With the names, the references mean the same services as before.
                assert "Apply the whole document" not in steps(switched)
                writer.wait_for_more()
                move.good("finish")
                assert servers(server) == {"db": place, "web": place}
                assert move.good("finish").count == 0
        shop.require_once(writer.acknowledged, shop.app_names(server))
    finally:
        remove_key(server, tmp_path / "removal")
