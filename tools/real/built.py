# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A build that another instance has: it is copied, so that this one is there in a minute."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from tools.real.build import NICE, missing
from tools.real.room import Failed, Room
from tools.real.source import APP, package

_PORT = re.compile(r"^PORT=(\d+)$", re.M)


def is_built(folder: Path) -> bool:
    """Whether a folder has the source of Dokploy with what its build leaves."""
    return not missing(folder)


def copy(room: Room, folder: Path, release: str) -> None:
    """Take a build over, with its Node.js in the folder C(node) beside it, and give it the port of this room.

    :raises Failed: it is one of another release.
    """
    stamp = room.path("release")
    if stamp.is_file() and stamp.read_text() == release:
        return
    shutil.rmtree(room.source, ignore_errors=True)
    pairs = [(folder, room.source)]
    if (folder.parent / "node/node_modules").is_dir() and not room.node.exists():
        pairs.append((folder.parent / "node", room.node))
    for origin, copied in pairs:
        room.run("source", [*NICE, "cp", "--archive", "--reflink=auto", origin, copied])
    version = str(package(room, APP)["version"]).removeprefix("v")
    if version != release:
        raise Failed(f"source: {folder} has {version}, not {release}.")
    set_port(room.source / APP, room.port)
    stamp.write_text(release)


def set_port(app: Path, number: int) -> None:
    """Put a port where the build of C(app) has another one: it is read while Dokploy is built."""
    settings = (app / ".env.production").read_text("utf-8")
    port = _PORT.search(settings)
    if port is None:
        raise Failed(f"source: {app / '.env.production'} names no port.")
    (app / ".env.production").write_text(_PORT.sub(f"PORT={number}", settings))
    server = app / "dist/server.mjs"
    text = server.read_text("utf-8")
    # As a text or as a number, and never a part of another number.
    server.write_text(re.sub(rf"(?<![\w.]){port[1]}(?![\w.])", str(number), text), "utf-8")
