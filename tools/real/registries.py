# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two registries of Docker images: one without a login, and one with it."""

from __future__ import annotations

import json
import subprocess

import requests

from tools.real import ports
from tools.real.room import Failed, Room, until

USER, PASSWORD = "loopback", "loopback-secret"
READY_SECONDS = 30


def up(room: Room) -> dict[str, str]:
    """Start both. Returns C(REAL_REGISTRY), and C(REAL_REGISTRY_LOGIN) with the address, the user and the password."""
    _start(room, "registry", {})
    users = room.path("registry_login.users")
    if not users.is_file():
        room.run("registry_login", ["htpasswd", "-Bbc", users, USER, PASSWORD])
    _start(room, "registry_login", {"auth": {"htpasswd": {"realm": "real", "path": str(users)}}})
    return {
        "REAL_REGISTRY": address(),
        "REAL_REGISTRY_LOGIN": f"127.0.0.1:{ports.port('registry_login')} {USER} {PASSWORD}",
    }


def address() -> str:
    return f"127.0.0.1:{ports.port('registry')}"


def _start(room: Room, name: str, more: dict[str, object]) -> None:
    ports.require_free(room, name, name)
    storage = {"filesystem": {"rootdirectory": str(room.folder / name)}, "delete": {"enabled": True}}
    settings = {"version": 0.1, "storage": storage, "http": {"addr": f"127.0.0.1:{ports.port(name)}"}, **more}
    # YAML reads JSON.
    room.path(f"{name}.yml").write_text(json.dumps(settings))
    room.start(name, ["docker-registry", "serve", room.folder / f"{name}.yml"])
    if not until(lambda: _status(name) in (200, 401), READY_SECONDS):
        raise Failed(f"{name}: it does not answer; see {room.folder / f'log/{name}.log'}")


def _status(name: str) -> int:
    try:
        return requests.get(f"http://127.0.0.1:{ports.port(name)}/v2/", timeout=5).status_code
    except requests.RequestException:
        return 0


def push(image: str, name: str) -> str:
    """Put an image of Docker into the registry without a login, unless it has it. Returns its name there."""
    there = f"{address()}/{name}"
    repository, tag = name.rpartition(":")[::2]
    answer = requests.head(
        f"http://{address()}/v2/{repository}/manifests/{tag}",
        headers={"accept": "application/vnd.docker.distribution.manifest.v2+json"},
        timeout=10,
    )
    if not answer.ok:
        for command in (["docker", "tag", image, there], ["docker", "push", "--quiet", there]):
            process = subprocess.run(command, capture_output=True, text=True, check=False)
            if process.returncode:
                raise Failed(f"images: {' '.join(command)}: {process.stderr.strip()}")
    return there
