# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Dokploy stores in: its database, and the queue of releases before 0.30."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from dokploy_simulator.api.release_folders import version_key
from tools.real.room import Failed, Room, until

# PostgreSQL refuses to run as root: this is the user of Debian's package.
USER = "postgres"
# Read in the source: the host of the queue is a setting, its port is not.
WITHOUT_REDIS, REDIS_PORT = (0, 30, 0), "6379"
QUEUE = {"REDIS_HOST": "127.0.0.1"}
READY_SECONDS = 60


def _programs() -> Path:
    """Where Debian has PostgreSQL's programs, newest version first."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    if not folders:
        raise Failed("database: PostgreSQL is not installed: apt-get install postgresql")
    return folders[-1]


def _as_user(command: Sequence[str | Path]) -> list[str | Path]:
    return ["runuser", "-u", USER, "--", *command] if os.geteuid() == 0 else list(command)


def database_port(room: Room) -> int:
    return room.port + 1


def database_url(room: Room) -> str:
    return f"postgres://dokploy:dokploy@127.0.0.1:{database_port(room)}/dokploy"


def database(room: Room) -> None:
    """A cluster of its own, on loopback, without waiting for the disk."""
    programs, data = _programs(), room.folder / "database"
    if not (data / "PG_VERSION").is_file():
        data.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            shutil.chown(data, USER)
        room.run(
            "database",
            _as_user([programs / "initdb", "-D", data, "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"]),
        )
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": str(database_port(room)),
        "unix_socket_directories": "",
        "max_connections": "200",
        "fsync": "off",
    }
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    room.start("postgres", _as_user([programs / "postgres", "-D", data, *options]))
    ready: list[str | Path] = [programs / "pg_isready", "--quiet", "--host=127.0.0.1", f"--port={database_port(room)}"]
    if not until(lambda: subprocess.run(ready, check=False).returncode == 0, READY_SECONDS):
        raise Failed(f"database: it does not answer; see {room.folder / 'log/postgres.log'}")
    superuser = USER if os.geteuid() == 0 else os.environ.get("USER", USER)
    for statement in (
        "create role dokploy superuser login password 'dokploy'",
        "create database dokploy owner dokploy",
    ):
        _once(room, programs, superuser, statement)


def _once(room: Room, programs: Path, user: str, statement: str) -> None:
    """Create what is not there yet."""
    command: list[str | Path] = [
        *(programs / "psql", "--host=127.0.0.1", f"--port={database_port(room)}", f"--username={user}"),
        *("--dbname=postgres", "--quiet", "--command", statement),
    ]
    process = subprocess.run(command, capture_output=True, text=True, check=False)
    if process.returncode and "already exists" not in process.stderr:
        raise Failed(f"database: {process.stderr.strip()}")


def has_queue(release: str) -> bool:
    """Whether a release keeps its queue in Redis."""
    return version_key(release) < WITHOUT_REDIS


def queue(room: Room, release: str) -> dict[str, str]:
    """Redis, for a release that keeps its queue there. Returns what Dokploy has to know of it."""
    if not has_queue(release):
        return {}
    room.start("redis", ["redis-server", "--bind", "127.0.0.1", "--port", REDIS_PORT, "--save", ""])
    return QUEUE
