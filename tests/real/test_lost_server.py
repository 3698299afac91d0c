# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A server is lost with all that is on it: one command installs Dokploy on the bare machine and brings everything back.

Needs C(make real-machine), C(REAL_MACHINE). Of the server, only a set and its bucket are left.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._resources.recovery.scratch import SCRATCH
from tests.real import looks
from tests.real.data_shop import Shop
from tests.real.playbooks import Running, Server, start_playbook
from tests.real.server_host import URL, Host, until
from tests.real.shop import docker
from tools.real import s3


@pytest.fixture
def shop(host: Host, tmp_path: Path) -> Iterator[Shop]:
    """A project on a new machine, and a bucket beside it."""
    room = host.machine.room
    # In the machine, it could not be installed.
    s3.server(room)
    with host.joined():
        host.lose()
        host.key_file.unlink(missing_ok=True)
        # Dokploy is in a container, and reaches the machine by the address of its bridge.
        bridge = host.docker("network", "inspect", "bridge", "--format", "{{(index .IPAM.Config 0).Gateway}}")
        bucket = s3.up(room, "machine_s3", bridge)
        try:
            host.succeed(server_version=f"v{host.releases[-1]}")
            server = Server(URL, host.key(), f"real-{secrets.token_hex(3)}")
            yield Shop(server, server, {**host.machine.served(), **bucket}, tmp_path)
        finally:
            room.stop("machine_s3")
            host.lose()
            host.key_file.unlink(missing_ok=True)


def recover(host: Host, shop: Shop) -> Running:
    """Begin to recover it on the machine, on which there may be nothing at all."""
    variables: dict[str, Any] = {
        **host.variables(),
        **shop.variables("recover", "action"),
        "server_version": f"v{host.releases[-1]}",
        # The file has the key of the lost server until then.
        "server_replace_api_key": True,
        "recover_server_hosts": "localhost",
        "recover_reports": str(shop.folder / "report.json"),
        # The machine has root, and no sudo.
        "ansible_become": False,
        "ansible_connection": "local",
    }
    inventory = ("--inventory", "localhost,")
    return start_playbook("recover", shop.place("recover"), variables, *inventory, enter=host.machine.enter())


def killed(running: Running, moment: Callable[[], bool]) -> None:
    try:
        until(lambda: moment() or running.process.poll() is not None)
    finally:
        running.kill()
        play = running.end()
    assert play.status == -9, play.output


def test_a_lost_server(host: Host, shop: Shop) -> None:
    with shop.filled():
        shop.good("backup", shop.first, "action")
    host.lose()
    # Dokploy is installed, and has no administrator yet.
    killed(recover(host, shop), lambda: "dokploy-traefik" in docker("ps", "--format", "{{.Names}}"))
    killed(recover(host, shop), lambda: SCRATCH in docker("volume", "ls", "--quiet"))
    play = recover(host, shop).end()
    assert play.status == 0, play.output
    server = Server(URL, host.key(), shop.name)
    assert server.key != shop.first.key
    assert shop.problems(server) == []
    assert looks.left_of_runs(server, shop.name, shop.saved()) == []
    report = json.loads((shop.folder / "report.json").read_text())
    assert report["good"], report
    assert [part["name"] for part in report["parts"]] == ["Dokploy on the host", "everything"]
    again = recover(host, shop).end()
    assert (again.status, again.count) == (0, 0), again.output
