# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A machine for the role C(server): Dokploy as services in a Docker of its own, C(make real-machine RELEASE=0.30.2).

It is made of namespaces: ports, C(/etc/dokploy) and Docker are its own, and nothing of it can be reached from outside.
C(python -m tools.real.machine --run COMMAND...) runs a command in it.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tools.real import docker, images, traefik
from tools.real.build import BUILT
from tools.real.built import set_port
from tools.real.room import Failed, Room, until
from tools.real.source import APP
from tools.workspace import CACHE

HERE = Path(__file__).parent
REGISTRY = "127.0.0.1:5000"
READY_SECONDS = 120
# What Dokploy calls in its container.
PACKAGES = (
    "apache2-utils",
    "ca-certificates",
    "curl",
    "docker-cli",
    "docker-compose",
    "git",
    "iproute2",
    "rclone",
    "rsync",
    "unzip",
    "zip",
)
# What of the build is in its official image, but for the packages of npm: gigabytes, which are mounted.
CONTENT = ("components.json", "dist", "drizzle", "next.config.mjs", "package.json", "public")
NAME = "machine"
# What its registry serves; backups of volumes run in the image of Ubuntu.
SERVED = {
    "REAL_IMAGE": "busybox:1",
    "REAL_UBUNTU": "ubuntu:latest",
    "REAL_POSTGRES": "postgres:17",
    "REAL_REDIS": "redis:7",
    "REAL_MARIADB": "mariadb:11",
}
# As the installer names it.
DATABASE = f"{REGISTRY}/postgres:16"
# Releases that there are not: the next one, and one whose migration fails in the middle.
NEXT, BROKEN = "99.0.0", "99.0.1"
MIGRATIONS = {
    NEXT: "create table made_up (id integer);",
    BROKEN: "create table half_done (id integer);--> statement-breakpoint\ninsert into there_is_none values (1);",
}


class Machine:
    """The machine of a room, which may run."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self.folder = room.folder / NAME

    def start(self, sources: dict[str, Path]) -> None:
        """Start it, unless it runs.

        :param sources: the built source of each release that an image will be made of.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        settings = {
            "version": 0.1,
            "storage": {"filesystem": {"rootdirectory": str(self.folder / "registry")}},
            "http": {"addr": REGISTRY},
        }
        (self.folder / "registry.yml").write_text(json.dumps(settings))
        namespaces = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
        pairs = [f"{release}={source}" for release, source in sources.items()]
        self.room.start(NAME, [*namespaces, "sh", HERE / "machine.sh", self.folder, *pairs])
        if not until(self.answers, READY_SECONDS):
            raise Failed(f"machine: its Docker does not answer; see {self.room.folder / f'log/{NAME}.log'}")

    def answers(self) -> bool:
        """Whether its Docker answers; right after the start it has no process yet."""
        try:
            return self.call("docker", "info").returncode == 0
        except Failed:
            return False

    def process(self) -> str:
        """The ID of its first process, as the machine around it sees it."""
        pid = self.room.running(NAME)
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split() if pid else []
        if not children:
            raise Failed("machine: it does not run.")
        return children[0]

    def enter(self) -> list[str]:
        """The words before a command that runs in it."""
        namespaces = ["nsenter", "--target", self.process(), "--net", "--mount", "--pid", "--"]
        # Its Docker is at the usual place.
        return [*namespaces, "env", "--unset=DOCKER_HOST"]

    def call(self, *words: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*self.enter(), *words], capture_output=True, text=True, check=False)

    def require(self, *words: str | Path) -> str:
        process = self.call(*words)
        if process.returncode:
            raise Failed(f"machine: {' '.join(map(str, words))}: {process.stderr.strip() or process.stdout.strip()}")
        return process.stdout

    def stop(self) -> None:
        """End it, with all that runs in it."""
        if self.room.running(NAME):
            # Docker first, so that its data is whole; what is left ends with the first process.
            self.call("kill", "1")
            until(lambda: self.room.running(NAME) is None, READY_SECONDS)
        self.room.stop(NAME)

    # --- images ------------------------------------------------------------------------------------------------------

    def served(self) -> dict[str, str]:
        """Those that a service in it can have, by the names of the variables of C(make real)."""
        return {variable: f"{REGISTRY}/{name}" for variable, name in SERVED.items()}

    def load(self) -> None:
        """Give it the images that Dokploy and its services stand on, of those that the Docker around it has."""
        missing = [name for name in SERVED.values() if not self._has(f"{REGISTRY}/{name}")]
        if missing:
            images.busybox(self.room)
            for name in missing:
                images.recipe(self.room, name)
            traefik.image(self.room)
            archive = self.room.path("machine/images.tar")
            docker.call("save", "--output", str(archive), *missing, traefik.IMAGE)
            self.require("docker", "load", "--input", archive)
            archive.unlink()
            for name in missing:
                self.require("docker", "tag", name, f"{REGISTRY}/{name}")
                self.require("docker", "push", "--quiet", f"{REGISTRY}/{name}")
        if not self._has(DATABASE):
            # The installer keeps the password of the database in a secret, which images of other makers need not know.
            folder = self.room.path("machine/postgres/Dockerfile").parent
            shutil.copy(images.ENTRIES / "postgres.sh", folder / "entry")
            (folder / "entry").chmod(0o755)
            (folder / "Dockerfile").write_text(
                'FROM postgres:17\nCOPY entry /usr/local/bin/entry\nENTRYPOINT ["entry"]\nCMD ["postgres"]\n'
            )
            self.build(DATABASE, folder)

    def _has(self, image: str) -> bool:
        return self.call("docker", "image", "inspect", image).returncode == 0

    def build(self, name: str, folder: Path) -> None:
        """Build an image in it and push it."""
        self.require("env", "DOCKER_BUILDKIT=0", "docker", "build", "--quiet", "--tag", name, folder)
        self.require("docker", "push", "--quiet", name)

    def base(self) -> None:
        """Debian with what Dokploy calls, and Node.js."""
        if self._has("base:1"):
            return
        folder = images.with_packages(self.room, PACKAGES)
        (program,) = self.room.node.glob("node_modules/**/node-linux-*/bin/node")
        shutil.copy(program, folder / "usr/local/bin/node")
        archive = self.room.path("machine/base.tar")
        self.room.run("images", ["tar", "-C", folder, "-cf", archive, "."])
        self.require("docker", "import", archive, "base:1")
        archive.unlink()
        shutil.rmtree(folder)

    def image(self, release: str, source: Path, migration: str = "") -> str:
        """Make an image of a build and push it. Returns its name.

        :param migration: SQL of one more migration, for a release that there is not: the build is that of another one.
        """
        name = f"{REGISTRY}/dokploy/dokploy:v{release}"
        if self._has(name):
            return name
        folder = self.room.path("machine/image/Dockerfile").parent
        shutil.rmtree(folder / "app", ignore_errors=True)
        (folder / "app").mkdir()
        origin = source / APP
        for part in CONTENT:
            self.room.run("images", ["cp", "--archive", origin / part, folder / "app" / part])
        shutil.copytree(origin / ".next", folder / "app/.next", symlinks=True, ignore=shutil.ignore_patterns("cache"))
        shutil.copy(origin / ".env.production", folder / "app/.env.production")
        set_port(folder / "app", 3000)
        shutil.move(folder / "app/.env.production", folder / "app/.env")
        built = json.loads((origin / "package.json").read_text())["version"].removeprefix("v")
        (folder / "app/node_modules").symlink_to(f"/builds/{built}/{APP}/node_modules")
        if migration:
            _next_release(folder / "app", release, migration)
        (folder / "Dockerfile").write_text(
            "FROM base:1\nENV NODE_ENV=production\nWORKDIR /app\nCOPY app /app\nEXPOSE 3000\n"
            'CMD ["sh", "-c", "node -r dotenv/config dist/wait-for-postgres.mjs && '
            'node -r dotenv/config dist/migration.mjs && exec node -r dotenv/config dist/server.mjs"]\n'
        )
        self.build(name, folder)
        return name


def _next_release(app: Path, release: str, migration: str) -> None:
    """Make a release of a build that differs by its number and one migration."""
    package = json.loads((app / "package.json").read_text())
    package["version"] = f"v{release}"
    (app / "package.json").write_text(json.dumps(package))
    file = app / "drizzle/meta/_journal.json"
    journal = json.loads(file.read_text())
    last = journal["entries"][-1]
    tag = f"{last['idx'] + 1:04}_made_up"
    journal["entries"].append({**last, "idx": last["idx"] + 1, "when": int(time.time() * 1000), "tag": tag})
    file.write_text(json.dumps(journal))
    (app / f"drizzle/{tag}.sql").write_text(migration)


def parsed(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make real-machine", description=__doc__)
    parser.add_argument(
        "--room", type=Path, default=CACHE / "real", help="the folder of a built instance (%(default)s)"
    )
    parser.add_argument(
        "--also", type=Path, action="append", default=[], help="the room of another release; repeatable"
    )
    parser.add_argument("--down", action="store_true", help="end it, and keep what it stores")
    parser.add_argument("--remove", action="store_true", help="end it, and remove what it stores")
    parser.add_argument("--run", nargs=argparse.REMAINDER, help="a command that runs in it")
    return parser.parse_args(words)


def main(words: Sequence[str]) -> int:
    options = parsed(words)
    room = Room(options.room.resolve(), 0)
    machine = Machine(room)
    if options.run:
        return subprocess.run([*machine.enter(), *options.run], check=False).returncode
    if options.down or options.remove:
        machine.stop()
        if options.remove:
            shutil.rmtree(machine.folder, ignore_errors=True)
        return 0
    sources = {}
    for folder in (room.folder, *(other.resolve() for other in options.also)):
        if not all((folder / "source" / name).is_file() for name in BUILT):
            raise Failed(f"machine: {folder} has no build: make real ROOM={folder}")
        sources[(folder / "release").read_text()] = folder / "source"
    if os.geteuid() != 0:
        raise Failed("machine: namespaces need root.")
    machine.start(sources)
    machine.load()
    machine.base()
    for release, source in sources.items():
        print(machine.image(release, source), flush=True)
    newest = max(sources, key=lambda release: [int(part) for part in release.split(".")])
    for release, migration in MIGRATIONS.items():
        print(machine.image(release, sources[newest], migration), flush=True)
    print(f"export REAL_MACHINE={room.folder}")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Failed as error:
        sys.exit(str(error))
