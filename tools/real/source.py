# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Dokploy's source, as it is built here."""

from __future__ import annotations

import json
import re
import shutil
import tarfile
from pathlib import Path
from typing import Any

from tools.real.room import Failed, Room

APP = "apps/dokploy"
# A font that the build would fetch.
_FONT = re.compile(r"^import \{ (\w+) \} from \"next/font/google\";\n", re.M)
# The pages that answer requests of programs, and those without which Next.js does not build.
_NEEDED_PAGES = ("api", "_app.tsx", "_error.tsx", "_document.tsx")


def fetch(room: Room, source: str, release: str) -> None:
    """Put a release into the room, of a repository (a URL, or a folder) or of a folder with the files alone."""
    stamp = room.path("release")
    if stamp.is_file() and stamp.read_text() == release:
        return
    shutil.rmtree(room.source, ignore_errors=True)
    folder = Path(source).expanduser()
    if (folder / "package.json").is_file() and not (folder / ".git").exists():
        shutil.copytree(folder, room.source, ignore=shutil.ignore_patterns("node_modules"))
    elif folder.is_dir():
        _archived(room, folder, f"v{release}")
    else:
        command = ["git", "clone", "--quiet", "--depth", "1", "--branch", f"v{release}", source, str(room.source)]
        room.run("source", command)
    version = str(package(room, APP)["version"]).removeprefix("v")
    if version != release:
        raise Failed(f"source: {source} has {version}, not {release}.")
    stamp.write_text(release)


def _archived(room: Room, repository: Path, tag: str) -> None:
    archive = room.path("source.tar")
    room.run("source", ["git", "-C", repository, "archive", "--output", archive, tag])
    with tarfile.open(archive) as files:
        files.extractall(room.source, filter=_harmless)
    archive.unlink()


def _harmless(member: tarfile.TarInfo, path: str) -> tarfile.TarInfo | None:
    """Without what points out of the folder: the source has such links to test uploads with."""
    try:
        return tarfile.data_filter(member, path)
    except tarfile.FilterError:
        return None


def package(room: Room, folder: str = ".") -> dict[str, Any]:
    """The C(package.json) of a folder of the source."""
    content: dict[str, Any] = json.loads((room.source / folder / "package.json").read_text("utf-8"))
    return content


def prepare(room: Room, api_only: bool) -> None:
    """Change what cannot be built without the internet, and leave out the pages for people if nobody looks at them."""
    app = room.source / APP
    page = app / "pages/_app.tsx"
    text = page.read_text("utf-8")
    if font := _FONT.search(text):
        text = text.replace(
            font[0], f"const {font[1]} = (_options: object) => ({{ style: {{ fontFamily: 'sans-serif' }} }});\n"
        )
        page.write_text(_behind_imports(text, font[1]), "utf-8")
    if api_only:
        for path in (app / "pages").iterdir():
            if path.name not in _NEEDED_PAGES:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
    # What is read while it is built is in it afterwards.
    (app / ".env.production").write_text(f"PORT={room.port}\nNODE_ENV=production\n")
    shutil.copyfile(app / ".env.production", room.source / ".env.production")


def _behind_imports(text: str, name: str) -> str:
    """The stand-in for a font behind all imports."""
    line = next(line for line in text.splitlines(keepends=True) if line.startswith(f"const {name} = (_options"))
    rest = text.replace(line, "")
    last = [match.end() for match in re.finditer(r"^import [^;]*;\n", rest, re.M)][-1]
    return rest[:last] + line + rest[last:]
