# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ports that are taken, and a Traefik that restarts, on a machine with Dokploy as its installer makes it: what the role
C(server) says, and that nothing is half done. Needs C(make real-machine), C(REAL_MACHINE).

They run before C(test_upgrade), which finds Dokploy in an older release where the machine has one.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.real.server_host import MIGRATION, Host, until
from tools.real.machine import NEXT

# The first is open, the second is Dokploy's own, and the third that of a process of the machine.
OPEN, DOKPLOY, PROCESS = 15432, 3000, 15999


def settings(**traefik: Any) -> dict[str, Any]:
    return {"server_settings": {"traefik": traefik}}


def ports(*published: int) -> dict[str, Any]:
    return settings(ports=[{"target_port": 5000 + port % 100, "published_port": port} for port in published])


def traefik(host: Host) -> dict[str, Any]:
    (container,) = json.loads(host.docker("container", "inspect", "dokploy-traefik"))
    return dict(container)


def published(host: Host) -> set[int]:
    """The ports of Traefik beside its own; it has to run."""
    container = traefik(host)
    assert container["State"]["Running"]
    places = [entry for entries in container["NetworkSettings"]["Ports"].values() for entry in entries or ()]
    return {int(place["HostPort"]) for place in places} - {80, 443}


def is_routed(host: Host) -> bool:
    """Whether Traefik leads to Dokploy."""
    address = ("--header", "Host: dokploy.docker.localhost", "http://127.0.0.1/api/health")
    return host.machine.call("curl", "--silent", "--fail", *address).returncode == 0


def newest(host: Host) -> str:
    return f"v{host.releases[-1]}"


def test_a_port_that_is_taken_before_the_installation(host: Host) -> None:
    if host.machine.call("docker", "service", "inspect", "dokploy").returncode == 0:
        pytest.skip("Dokploy is installed already")
    for port in (80, DOKPLOY):
        with host.listening(port):
            for words in (["--check"], []):
                status, output = host.run(*words, server_version=newest(host))
                assert status and f"Dokploy cannot be installed: something listens on port {port}." in output, output
    assert host.docker("info", "--format", "{{.Swarm.LocalNodeState}}") == "inactive"
    assert host.docker("ps", "--all", "--quiet") == host.docker("volume", "ls", "--quiet") == ""
    assert not list((host.machine.folder / "etc").iterdir())


def test_ports_of_traefik_that_are_taken(host: Host) -> None:
    host.succeed(server_version=newest(host), **ports())
    opened = host.succeed(server_version=newest(host), **ports(OPEN))
    assert "changed=1 " in opened["output"] and published(host) == {OPEN}
    again = host.succeed(server_version=newest(host), **ports(OPEN))
    assert "changed=0 " in again["output"], again["output"]

    # One of a container is refused, and one of a process keeps Traefik from starting if Dokploy does not see it.
    with host.listening(PROCESS):
        for port in (DOKPLOY, PROCESS):
            status, output = host.run(server_version=newest(host), **ports(OPEN, port))
            assert status and "Traefik has what it had before." in output, output
            assert published(host) == {OPEN}
    host.succeed(server_version=newest(host), **ports(OPEN, PROCESS))
    assert published(host) == {OPEN, PROCESS}
    host.succeed(server_version=newest(host), **ports())
    assert published(host) == set()


def test_a_traefik_that_restarts(host: Host) -> None:
    host.succeed(server_version=newest(host))
    until(lambda: is_routed(host))
    before = traefik(host)
    result = host.succeed(server_version=newest(host), server_settings={"actions": ["reload_traefik"]})
    assert "changed=1 " in result["output"]
    until(lambda: bool(traefik(host)["State"]["StartedAt"] > before["State"]["StartedAt"]))
    until(lambda: is_routed(host))
    assert traefik(host)["Id"] == before["Id"]
    # The role does not need it.
    host.docker("stop", "dokploy-traefik")
    assert "changed=0 " in host.succeed(server_version=newest(host))["output"]
    host.docker("start", "dokploy-traefik")
    until(lambda: is_routed(host))


def test_the_port_of_dokploy_is_taken_while_it_is_upgraded(host: Host) -> None:
    """It is what upgrades itself: a run once the port is free again goes on with it."""
    host.succeed(server_version=newest(host))
    image, migration = host.image(), host.sql(MIGRATION)
    host.docker("service", "scale", "--detach", "dokploy=0")
    until(lambda: host.docker("ps", "--quiet", "--filter", "label=com.docker.swarm.service.name=dokploy") == "")
    with host.listening(DOKPLOY):
        host.docker("service", "scale", "--detach", "dokploy=1")
        status, output = host.run(server_version=f"v{NEXT}", server_wait_timeout=60)
        assert status and "it does not answer after 60 seconds" in output and "server_state: restored" in output, output
        assert "address already in use" in output or "port is already allocated" in output, output
    assert host.succeed(server_version=f"v{NEXT}")["image"].split("@")[0].endswith(NEXT)
    assert host.sql(MIGRATION) > migration
    # A change of Traefik's main file after the upgrade goes with it, and Traefik reads the one of before.
    host.succeed(server_version=f"v{NEXT}", **settings(access_log=True))
    started = traefik(host)["State"]["StartedAt"]
    assert host.succeed(server_state="restored")["restored"]
    assert host.image().split("@")[0] == image.split("@")[0]
    assert host.sql(MIGRATION) == migration
    assert traefik(host)["State"]["StartedAt"] > started
    assert "accessLog" not in (host.machine.folder / "etc/traefik/traefik.yml").read_text()
