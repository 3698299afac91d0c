# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Builds Dokploy with Node.js and pnpm of npm, in the room alone."""

from __future__ import annotations

import re
from pathlib import Path

from tools.real.room import Failed, Room
from tools.real.source import APP, package, prepare

SERVER = "packages/server"
MEMORY = "--max-old-space-size=6144"
# It takes all cores for minutes: others go first.
NICE = ("nice", "-n", "10")
# What a build leaves, so that a second run builds nothing.
BUILT = (f"{APP}/dist/server.mjs", f"{APP}/.next/BUILD_ID")
# From 0.27 on also a program that brings the tables to its release; the server of older ones does that when it starts.
MIGRATION = "dist/migration.mjs"


def tools(room: Room) -> None:
    """Node.js and pnpm, as the source names them in its C(package.json)."""
    if (room.node / "node_modules/.bin/pnpm").exists():
        return
    room.node.mkdir(exist_ok=True)
    content = package(room)
    node = re.sub(r"^\D*(\d+).*", r"\1", content["engines"]["node"])
    room.run(
        "node", ["npm", "install", "--no-audit", "--no-fund", f"node@{node}", content["packageManager"]], room.node
    )


def headers(room: Room) -> Path:
    """Node's own headers, which its package of npm has: modules in C are compiled with them."""
    (include,) = room.node.glob("node_modules/**/node-linux-*/include")
    return include.parent


def missing(folder: Path) -> list[str]:
    """What a build of a folder has not left. :param folder: that of the source."""
    config = folder / APP / "esbuild.config.ts"
    has_program = config.is_file() and "migration.ts" in config.read_text("utf-8")
    wanted = (*BUILT, f"{APP}/{MIGRATION}") if has_program else BUILT
    return [name for name in wanted if not (folder / name).is_file()]


def build(room: Room, api_only: bool) -> None:
    """Install what Dokploy needs of npm, and build its server and its pages.

    :raises Failed: a step fails; its log says why.
    """
    if not missing(room.source):
        return
    # Development packages are what builds it: NODE_ENV is set later.
    room.run(
        "packages",
        [*NICE, "pnpm", "install", "--frozen-lockfile"],
        room.source,
        npm_config_nodedir=str(headers(room)),
        CI="true",
        HUSKY="0",
    )
    prepare(room, api_only)
    production = {"NODE_ENV": "production", "NODE_OPTIONS": MEMORY, "NEXT_TELEMETRY_DISABLED": "1"}
    for folder in (SERVER, APP):
        room.run("build", [*NICE, "pnpm", "run", "build"], room.source / folder, **production)
    absent = missing(room.source)
    if absent:
        raise Failed(f"build: there is no {', '.join(absent)} after it; see {room.folder / 'log/build.log'}")
