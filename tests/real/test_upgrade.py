# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role C(server) on a machine with Dokploy as its installer makes it: C(make real-machine), C(REAL_MACHINE).

Dokploy is installed in the oldest release that the machine has an image of, and upgraded to the newest one.
The migration of one image fails in the middle.
"""

from __future__ import annotations

import os
import signal

from tests.real.server_host import MIGRATION, Host, until
from tools.real.machine import BROKEN, NEXT


def test_upgrade_and_way_back(host: Host) -> None:
    old, new = f"v{host.releases[0]}", f"v{host.releases[-1]}" if len(host.releases) > 1 else f"v{NEXT}"
    first = [{"name": "first", "generate": "ed25519"}]
    missing = host.machine.call("docker", "service", "inspect", "dokploy").returncode != 0
    installed = host.succeed(server_version=old, server_ssh_keys=first)
    assert installed["installed"] == missing and installed["image"].split("@")[0].endswith(old)
    again = host.succeed(server_version=old, server_ssh_keys=first)
    assert not again["upgraded"] and "changed=0 " in again["output"], again["output"]
    before, image = host.sql(MIGRATION), host.image()

    # An image that there is not: nothing has changed.
    status, output = host.run(server_version="v98.0.0")
    assert status and host.image() == image and "v98.0.0" in output
    assert "A real run upgrades" in host.succeed("--check", server_version=new)["output"]
    assert host.image() == image

    # A migration that fails in the middle: Dokploy starts and calls itself healthy.
    for _run in range(2):
        status, output = host.run(server_version=f"v{BROKEN}")
        assert status and "its database was not migrated" in output and "server_state: restored" in output, output
    assert host.succeed(server_state="restored")["restored"]
    assert (host.sql(MIGRATION), host.image().split("@")[0]) == (before, image.split("@")[0])
    assert not host.succeed(server_state="restored")["restored"]

    # The upgrade, what is done after it, and back.
    upgraded = host.succeed(server_version=new, server_ssh_keys=[*first, {"name": "second", "generate": "ed25519"}])
    assert upgraded["upgraded"] and host.sql(MIGRATION) > before and host.keys() == ["first", "second"]
    unchanged = host.succeed(server_version=new)
    assert not unchanged["upgraded"]
    container = host.docker("ps", "--quiet", "--filter", "name=dokploy-traefik")

    # Killed while Dokploy stands still: the next run does all of it again.
    process = host.start(server_state="restored")
    until(lambda: "dokploy_restoring" in host.sql("select datname from pg_database") or process.poll() is not None)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert host.succeed(server_state="restored")["restored"]
    assert (host.sql(MIGRATION), host.keys(), host.version()) == (before, ["first"], old)
    assert host.image().split("@")[0] == image.split("@")[0]
    assert host.docker("ps", "--quiet", "--filter", "name=dokploy-traefik") == container
    # What was done after the upgrade is still to be had.
    assert host.sql('select count(*) from "ssh-key"', "dokploy_replaced") == "2"
    assert host.succeed(server_version=old, server_ssh_keys=first)["image"].split("@")[0] == image.split("@")[0]
