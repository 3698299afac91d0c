# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A copy of an environment gets the data of the original again, on request, and the original stays as it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.real import shop
from tests.real.playbooks import Play, Server, run, start_playbook, task
from tests.real.shop import Images

pytestmark = pytest.mark.long


def data_of(names: dict[str, str]) -> tuple[Any, ...]:
    """All data of an environment: the orders in the order in which they came, the files, and what the cache has."""
    rows = "select number from orders order by ctid"
    table = shop.within(names["db"], "psql", "-At", "-U", "shop", "-d", "shop", "-c", rows)
    return table, shop.within(names["web"], "sha256sum", "/data/orders"), *shop.state(names)


def test_data_of_a_copy_is_replaced(
    server: Server, images: Images, bucket: tuple[str, str], traefik: str, path: str, tmp_path: Path
) -> None:
    play = run(server, tmp_path / "fill", shop.everything(server.project, images, bucket))
    assert play.status == 0, play.output
    original = shop.app_names(server)

    def save(name: str) -> None:
        with shop.writing(shop.host(server.project), traefik) as writer:
            writer.wait_for_more()
        shop.fill(original, name)
        saved = task(
            "save",
            "dokploy_backup_set",
            scope={"environments": [f"{server.project}/production"]},
            data="all",
            jobs=True,
            job_image=images.busybox,
            stacks="volumes",
            destination=server.project,
            dest=str(tmp_path / name),
            secrets="file",
        )
        play = run(server, tmp_path / f"save-{name}", [saved], path)
        assert play.status == 0, play.output

    def clone(name: str, **more: Any) -> Play:
        variables = {
            "dokploy_url": server.url,
            "dokploy_api_key": server.key,
            "dokploy_in_process": path == "action",
            "dokploy_request_timeout": 900,
            "clone_from": f"{server.project}/production",
            "clone_to": f"{server.project}/staging",
            "clone_hosts": {"*.example.com": "{}.staging.example.com"},
            "clone_image": images.busybox,
            **more,
        }
        play = start_playbook("clone", tmp_path / name, variables).end()
        assert play.status == 0, play.output
        return play

    save("first")
    first = data_of(original)
    clone("clone", clone_set=str(tmp_path / "first"))
    copy = shop.app_names(server, "staging")
    assert data_of(copy) == first
    # The copy goes on by itself.
    with shop.writing(f"{server.project}.staging.example.com", traefik) as writer:
        writer.wait_for_more()
    shop.fill(copy, "own")
    own = data_of(copy)
    assert own != first
    save("second")
    second, running = data_of(original), shop.running(original)
    assert clone("kept", clone_set=str(tmp_path / "second")).count == 0
    assert data_of(copy) == own
    replaced = {"clone_set": str(tmp_path / "second"), "clone_overwrite": True}
    clone("replaced", **replaced)
    assert data_of(copy) == second
    assert (data_of(original), shop.running(original)) == (second, running)
    assert clone("unchanged", **replaced).count == 0
    assert (data_of(copy), data_of(original)) == (second, second)
