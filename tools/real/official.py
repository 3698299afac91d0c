# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Dokploy and what it stores in from the official images, as its installer takes them.

Each container is a daemon of the room: C(docker run) stays in the foreground, so that it is started, stopped and logged
as a program that is built here. Dokploy has the network of this machine, so that 127.0.0.1 is the same for it, and
listens there alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from tools.real import bitbucket_host, docker, dokploy, services, tls
from tools.real.room import Failed, Room, until

# Of Dokploy's installer.
POSTGRES, REDIS = "postgres:16", "redis:7"
LOGIN = {f"POSTGRES_{name}": "dokploy" for name in ("USER", "PASSWORD", "DB")}
DAEMONS = ("dokploy", "postgres", "redis")
# Of the user in the image of Dokploy.
HOME = "/root"
# The first start of PostgreSQL makes its files.
READY_SECONDS = 120


def container(room: Room, daemon: str) -> str:
    """The name of a container; rooms differ by their ports."""
    return f"real-{room.port}-{daemon}"


def known(room: Room) -> str:
    """The image that a room was made of; empty if it was not."""
    stamp = room.folder / "image"
    return stamp.read_text() if stamp.is_file() else ""


def fetch(room: Room, image: str, release: str) -> None:
    """Have an image of Dokploy in Docker, and note it with its release. Dokploy of another image is stopped.

    :param release: the one that it has to be of; empty for any.
    :raises Failed: Docker cannot pull it, or it is of another release.
    """
    _require(image)
    package = json.loads(docker.call("run", "--rm", "--entrypoint=cat", image, "/app/package.json"))
    version = str(package["version"]).removeprefix("v")
    if release not in ("", version):
        raise Failed(f"image: {image} has {version}, not {release}.")
    if known(room) != image:
        room.stop("dokploy")
    room.path("image").write_text(image)
    room.path("release").write_text(version)


def _require(image: str) -> None:
    if not docker.has(image):
        docker.call("pull", "--quiet", image)


def database(room: Room) -> None:
    """PostgreSQL, with its files in the room.

    :raises Failed: it does not answer.
    """
    _require(POSTGRES)
    data = room.folder / "database"
    data.mkdir(exist_ok=True)
    options = [
        f"--publish=127.0.0.1:{services.database_port(room)}:5432",
        f"--volume={data}:/var/lib/postgresql/data",
    ]
    settings = ("-c", "max_connections=200", "-c", "fsync=off")
    _start(room, "postgres", LOGIN, options, [POSTGRES, *settings])
    # Until its files are made, it listens on no address.
    ready = ("exec", container(room, "postgres"), "pg_isready", "--quiet", "--host=127.0.0.1")
    if not until(lambda: docker.succeeds(*ready), READY_SECONDS):
        raise Failed(f"database: it does not answer; see {room.folder / 'log/postgres.log'}")


def start(room: Room) -> None:
    """Start Dokploy of the image of the room, which brings its tables to its release; one that runs is left alone.

    :raises Failed: it does not answer.
    """
    variables = {
        **dokploy.environment(room, _queue(room, (room.folder / "release").read_text())),
        "NODE_OPTIONS": "--require=/real/listen.cjs",
        "REAL_PORT": str(room.port),
    }
    trusted = variables["NODE_EXTRA_CA_CERTS"]
    mounts = {
        Path("/var/run/docker.sock"): "/var/run/docker.sock",
        Path("/etc/dokploy"): "/etc/dokploy",
        # Logins to registries, which outlive the container.
        room.path("logins/config.json").parent: f"{HOME}/.docker",
        Path(trusted): f"{trusted}:ro",
        Path(__file__).with_name("listen.cjs"): "/real/listen.cjs:ro",
    }
    options = ["--network=host", "--no-healthcheck", *(f"--volume={path}:{place}" for path, place in mounts.items())]
    if tls.knows_hosts():
        options += [f"--add-host={name}:{bitbucket_host.ADDRESS[0]}" for name in bitbucket_host.NAMES]
    _start(room, "dokploy", variables, options, [known(room)])
    dokploy.require_answer(room)


def _queue(room: Room, release: str) -> dict[str, str]:
    if not services.has_queue(release):
        return {}
    _require(REDIS)
    options = [f"--publish=127.0.0.1:{services.REDIS_PORT}:6379"]
    _start(room, "redis", {}, options, [REDIS, "redis-server", "--save", ""])
    return services.QUEUE


def down(room: Room) -> None:
    """Remove the containers of a room whose C(docker run) has been stopped, if it could not do it."""
    for daemon in DAEMONS:
        _remove_left(room, daemon)


def _start(room: Room, daemon: str, variables: Mapping[str, str], options: Sequence[str], image: Sequence[str]) -> None:
    if not room.running(daemon):
        _remove_left(room, daemon)
    room.start(daemon, _command(room, daemon, variables, options, image), None, **variables)


def _command(
    room: Room, daemon: str, variables: Iterable[str], options: Sequence[str], image: Sequence[str]
) -> list[str]:
    """The command of a container. The values of variables are those of its own process, so that no list of processes
    shows them."""
    words = ["docker", "run", "--rm", "--init", "--pull=never", f"--name={container(room, daemon)}"]
    return [*words, *(f"--env={name}" for name in variables), *options, *image]


def _remove_left(room: Room, daemon: str) -> None:
    """Remove a container that has lost its C(docker run)."""
    docker.succeeds("rm", "--force", container(room, daemon))
