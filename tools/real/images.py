# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Images for services: those that Docker has, those that it can pull, and else such as Debian's packages make."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from tools.real import docker, registries
from tools.real.room import Failed, Room

ENTRIES = Path(__file__).with_name("entries")
_MIRROR = re.compile(r"^(?:URIs:|deb(?: \[[^]]*\])?) *(http\S*/debian)/?(?: |$)", re.M)


@dataclass(frozen=True)
class Recipe:
    """How an image is made of Debian's packages.

    :param name: of the image. :param others: further names for it. :param packages: of Debian. :param entry: a file in
        C(entries), which becomes the entry point. :param changes: lines of a Dockerfile.
    """

    name: str
    packages: tuple[str, ...]
    others: tuple[str, ...] = ()
    entry: str = ""
    changes: tuple[str, ...] = ()


RECIPES = (
    # Backups of volumes run in it.
    Recipe("ubuntu:latest", ("bzip2", "zip"), changes=('CMD ["bash"]',)),
    Recipe(
        "postgres:17",
        ("postgresql",),
        others=("postgres:15", "postgres:16", "postgres:18"),
        entry="postgres.sh",
        changes=('CMD ["postgres"]', "STOPSIGNAL SIGINT"),
    ),
    Recipe(
        "redis:7",
        ("redis-server",),
        others=("redis:8",),
        changes=('CMD ["redis-server", "--bind", "0.0.0.0", "--protected-mode", "no"]', "WORKDIR /data"),
    ),
    Recipe(
        "mariadb:11",
        ("mariadb-server",),
        others=("mariadb:6", "mysql:8"),
        entry="mariadb.sh",
        changes=('CMD ["mariadbd"]',),
    ),
)


def up(room: Room) -> dict[str, str]:
    """Have all of them, in the registry without a login. Returns their names there."""
    busybox(room)
    for name in ("busybox:1", "busybox:latest"):
        registries.push("busybox:1", name)
    for entry in RECIPES:
        recipe(room, entry.name)
        for name in (entry.name, *entry.others):
            registries.push(entry.name, name)
    shutil.rmtree(room.folder / "rootfs", ignore_errors=True)
    return {
        "REAL_IMAGE": f"{registries.address()}/busybox:1",
        **{
            f"REAL_{kind.upper()}": f"{registries.address()}/{kind}:{version}"
            for kind, version in (("postgres", 17), ("redis", 7), ("mariadb", 11))
        },
    }


def recipe(room: Room, name: str) -> None:
    """Have one of them in Docker."""
    if not docker.obtained(name):
        _make(room, next(entry for entry in RECIPES if entry.name == name))


def busybox(room: Room) -> None:
    """Busybox of Debian, which without a command serves port 80, as the integration targets expect."""
    if docker.has("busybox:1"):
        return
    folder = room.folder / "busybox"
    shutil.rmtree(folder, ignore_errors=True)
    for name in ("bin", "etc", "root", "tmp", "www"):
        (folder / name).mkdir(parents=True)
    (folder / "tmp").chmod(0o1777)
    (folder / "etc/passwd").write_text("root:x:0:0:root:/root:/bin/sh\n")
    (folder / "etc/group").write_text("root:x:0:\n")
    (folder / "www/index.html").write_text("busybox\n")
    program = shutil.which("busybox")
    if program is None:
        raise Failed("images: there is no busybox: apt-get install busybox-static")
    shutil.copyfile(program, folder / "bin/busybox")
    (folder / "bin/busybox").chmod(0o755)
    room.run("images", ["chroot", folder, "/bin/busybox", "--install", "-s", "/bin"])
    changes = ('CMD ["httpd", "-f", "-p", "80", "-h", "/www"]', "ENV PATH=/bin")
    _import(room, folder, "busybox:1", changes)
    docker.call("tag", "busybox:1", "busybox:latest")


def debian(room: Room) -> Path:
    """The smallest Debian, as a folder that images are made of."""
    base = room.folder / "debian"
    if not (base / "complete").is_file():
        shutil.rmtree(base, ignore_errors=True)
        room.run("debian", ["debootstrap", "--variant=minbase", _suite(), base, *_mirror()])
        for path in Path("/etc/apt/apt.conf.d").glob("*"):
            if not (base / path.relative_to("/")).exists():
                shutil.copy(path, base / path.relative_to("/"))
        # No daemon starts while packages are installed.
        policy = base / "usr/sbin/policy-rc.d"
        policy.write_text("#!/bin/sh\nexit 101\n")
        policy.chmod(0o755)
        (base / "complete").touch()
    return base


def with_packages(room: Room, packages: tuple[str, ...]) -> Path:
    """A copy of that Debian with some packages."""
    folder = room.folder / "rootfs"
    shutil.rmtree(folder, ignore_errors=True)
    room.run("images", ["cp", "--archive", debian(room), folder])
    for name in ("/etc/resolv.conf", "/etc/hosts"):
        shutil.copy(name, folder / name.lstrip("/"))
    install = ["apt-get", "install", "--quiet", "--yes", "--no-install-recommends", *packages]
    room.run("images", ["chroot", folder, *install], DEBIAN_FRONTEND="noninteractive")
    for name in ("var/lib/apt/lists", "var/cache/apt", "usr/share/doc", "usr/share/locale"):
        shutil.rmtree(folder / name, ignore_errors=True)
    return folder


def _make(room: Room, recipe: Recipe) -> None:
    folder, changes = with_packages(room, recipe.packages), recipe.changes
    if recipe.entry:
        place = folder / "usr/local/bin/entry"
        shutil.copyfile(ENTRIES / recipe.entry, place)
        place.chmod(0o755)
        changes += ('ENTRYPOINT ["entry"]',)
    _import(room, folder, recipe.name, changes)


def _import(room: Room, folder: Path, name: str, changes: tuple[str, ...]) -> None:
    archive = room.path("image.tar")
    room.run("images", ["tar", "-C", folder, "-cf", archive, "."])
    words = [word for change in changes for word in ("--change", change)]
    room.run("images", ["docker", "import", *words, archive, name])
    archive.unlink()


def _suite() -> str:
    text = Path("/etc/os-release").read_text("utf-8")
    match = re.search(r"^VERSION_CODENAME=(\w+)$", text, re.M)
    if match is None or "ID=debian" not in text.splitlines():
        raise Failed("images: they are made of Debian's packages, and this machine is no Debian.")
    return match[1]


def _mirror() -> list[str]:
    """Where this machine has its packages from, for debootstrap; nothing for its own default."""
    files = [Path("/etc/apt/sources.list"), *sorted(Path("/etc/apt/sources.list.d").glob("*"))]
    urls = [match[1] for path in files if path.is_file() for match in _MIRROR.finditer(path.read_text("utf-8"))]
    return urls[:1]
