# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A real Dokploy on loopback: C(make real SOURCE=... RELEASE=0.30.2), and C(make real-down)."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tools.new_release.inputs import NoSource, release
from tools.real import build, dokploy, services, source
from tools.real.room import Failed, Room
from tools.workspace import CACHE

PORT = 3940


def parsed(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make real", description=__doc__)
    parser.add_argument(
        "--source", default="", help="Dokploy's repository: a URL or a folder; or a folder of its files"
    )
    parser.add_argument("--release", default="", help="the release, such as 0.30.2")
    parser.add_argument("--room", type=Path, default=CACHE / "real", help="the folder of the instance (%(default)s)")
    parser.add_argument(
        "--port", type=int, default=PORT, help="of Dokploy; the one after it is that of its database (%(default)s)"
    )
    parser.add_argument("--api-only", action="store_true", help="without the pages for people: a shorter build")
    parser.add_argument("--down", action="store_true", help="stop what runs, and keep what was built")
    return parser.parse_args(words)


def up(room: Room, wanted: str, repository: str, api_only: bool) -> None:
    steps: list[tuple[str, Callable[[], object]]] = [
        ("source", lambda: source.fetch(room, repository, wanted)),
        ("node", lambda: build.tools(room)),
        ("build", lambda: build.build(room, api_only)),
        ("docker", services.swarm),
        ("database", lambda: services.database(room)),
        ("dokploy", lambda: dokploy.start(room, services.queue(room, wanted))),
        ("key", lambda: dokploy.key(room)),
    ]
    for name, step in steps:
        begin = time.monotonic()
        step()
        print(f"{name}: {time.monotonic() - begin:.0f} s", flush=True)


def main(words: Sequence[str]) -> None:
    options = parsed(words)
    room = Room(options.room.resolve(), options.port)
    room.folder.mkdir(parents=True, exist_ok=True)
    if options.down:
        for name in ("dokploy", "redis", "postgres"):
            room.stop(name)
        return
    stamp = room.folder / "release"
    wanted = release(options.release or (stamp.read_text() if stamp.is_file() else ""))
    up(room, wanted, options.source, options.api_only)
    print(f"export DOKPLOY_URL={room.url} DOKPLOY_API_KEY=$(cat {room.folder / 'key'})")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except (Failed, NoSource) as error:
        sys.exit(str(error))
