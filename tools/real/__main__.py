# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A real Dokploy on loopback: C(make real SOURCE=... RELEASE=0.30.2), or C(IMAGE=dokploy/dokploy:v0.30.2) where Docker
can pull, and C(make real-down)."""

from __future__ import annotations

import argparse
import shlex
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from tools.new_release.inputs import NoSource, release
from tools.real import (
    build,
    built,
    docker,
    dokploy,
    git,
    images,
    official,
    registries,
    s3,
    services,
    source,
    ssh,
    traefik,
)
from tools.real.room import Failed, Room
from tools.workspace import CACHE

PORT = 3940
# What Dokploy talks to. Each is brought up once, and says where it is; the order is that of need.
ROOMS: dict[str, Callable[[Room], dict[str, str]]] = {
    "registries": registries.up,
    "images": images.up,
    "git": git.up,
    "ssh": ssh.up,
    "s3": s3.up,
    "traefik": traefik.up,
}
DAEMONS = ("dokploy", "redis", "postgres", "s3", "ssh", "git_hosts", "git", "registry_login", "registry")


def parsed(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make real", description=__doc__)
    parser.add_argument(
        "--source",
        default="",
        help="Dokploy's repository: a URL or a folder; or a folder of its files, which may be built",
    )
    parser.add_argument("--image", default="", help="an image of Dokploy in place of its source")
    parser.add_argument("--release", default="", help="the release, such as 0.30.2; of an image its own by default")
    parser.add_argument("--room", type=Path, default=CACHE / "real", help="the folder of the instance (%(default)s)")
    parser.add_argument(
        "--port", type=int, default=PORT, help="of Dokploy; the one after it is that of its database (%(default)s)"
    )
    parser.add_argument(
        "--beside",
        default=",".join(ROOMS),
        help="what is brought up beside Dokploy, with commas; or 'none' (%(default)s)",
    )
    parser.add_argument("--api-only", action="store_true", help="without the pages for people: a shorter build")
    parser.add_argument("--down", action="store_true", help="stop what runs, and keep what was built")
    options = parser.parse_args(words)
    options.beside = [] if options.beside == "none" else options.beside.split(",")
    if unknown := set(options.beside) - set(ROOMS):
        parser.error(f"--beside has {', '.join(sorted(unknown))}; there are: {', '.join(ROOMS)}")
    if options.source and options.image:
        parser.error("--source and --image are two ways to the same: give one of them")
    return options


Steps = list[tuple[str, Callable[[], object]]]


def of_source(room: Room, options: argparse.Namespace) -> Steps:
    """What builds Dokploy and starts it."""
    stamp = room.folder / "release"
    wanted = release(options.release or (stamp.read_text() if stamp.is_file() else ""))
    folder = Path(options.source).expanduser()

    def fetch() -> None:
        if options.source and built.is_built(folder):
            built.copy(room, folder.resolve(), wanted)
        else:
            source.fetch(room, options.source, wanted)

    return [
        ("plugins", docker.require_plugins),
        ("source", fetch),
        ("node", lambda: build.tools(room)),
        ("build", lambda: build.build(room, options.api_only)),
        ("docker", docker.swarm),
        ("database", lambda: services.database(room)),
        ("dokploy", lambda: dokploy.start(room, services.queue(room, wanted))),
    ]


def of_image(room: Room, image: str, options: argparse.Namespace) -> Steps:
    """What starts Dokploy of an image."""
    wanted = options.release and release(options.release)
    return [
        ("docker", docker.swarm),
        ("image", lambda: official.fetch(room, image, wanted)),
        ("database", lambda: official.database(room)),
        ("dokploy", lambda: official.start(room)),
    ]


def up(room: Room, options: argparse.Namespace) -> dict[str, str]:
    """Bring everything up that is not. Returns the variables that say where it is.

    :raises Failed: a step fails, or the room was made the other way.
    """
    variables: dict[str, str] = {}
    image = official.known(room)
    if (options.source and image) or (options.image and room.source.exists()):
        raise Failed(f"{room.folder} has a Dokploy of {image or 'its source'}: take another ROOM.")
    image = options.image or image
    steps = of_image(room, image, options) if image else of_source(room, options)
    steps.append(("key", lambda: dokploy.key(room)))
    steps += [(name, partial(_beside, room, name, variables)) for name in ROOMS if name in options.beside]
    for name, step in steps:
        begin = time.monotonic()
        step()
        print(f"{name}: {time.monotonic() - begin:.0f} s", flush=True)
    return {"DOKPLOY_URL": room.url, "DOKPLOY_API_KEY": dokploy.key(room), **variables}


def _beside(room: Room, name: str, variables: dict[str, str]) -> None:
    variables.update(ROOMS[name](room))


def variables_of(settings: Path) -> dict[str, str]:
    """The variables that a file of the shell exports."""
    words = shlex.split(settings.read_text("utf-8"))
    return dict(word.split("=", 1) for word in words if word != "export")


def down(room: Room) -> None:
    for name in DAEMONS:
        room.stop(name)
    if official.known(room):
        official.down(room)
    traefik.down(room)


def main(words: Sequence[str]) -> None:
    options = parsed(words)
    room = Room(options.room.resolve(), options.port)
    room.folder.mkdir(parents=True, exist_ok=True)
    if options.down:
        down(room)
        return
    settings = room.path("environment")
    settings.touch(mode=0o600)
    # What was brought up by an earlier call is there still.
    variables = {**variables_of(settings), **up(room, options)}
    settings.write_text("".join(f"export {name}={shlex.quote(value)}\n" for name, value in variables.items()))
    print(f". {settings}")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except (Failed, NoSource) as error:
        sys.exit(str(error))
