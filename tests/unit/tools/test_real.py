# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a real Dokploy is brought up, as far as it needs none."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
from pathlib import Path

import pytest

from dokploy_simulator import Simulator
from tools.real import __main__ as main
from tools.real import build, built, dokploy, git, ports, services, source
from tools.real.room import Failed, Room, until

PAGE = """import "@/styles/globals.css";

import { Inter } from "next/font/google";
import Head from "next/head";
import {
\tuseState,
} from "react";

const inter = Inter({ subsets: ["latin"] });
"""


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path / "room", 3940)


def write(folder: Path, release: str = "0.30.2") -> None:
    """A folder that looks like Dokploy's source."""
    pages = folder / "apps/dokploy/pages"
    for name in ("api/trpc", "dashboard"):
        (pages / name).mkdir(parents=True)
    (pages / "_app.tsx").write_text(PAGE)
    (pages / "index.tsx").write_text("")
    for name, content in (
        ("package.json", {"packageManager": "pnpm@10.22.0", "engines": {"node": "^24.4.0"}}),
        ("apps/dokploy/package.json", {"version": f"v{release}"}),
    ):
        (folder / name).write_text(json.dumps(content))


def test_the_source_of_a_repository(room: Room, tmp_path: Path) -> None:
    repository = tmp_path / "repository"
    write(repository)
    git = ["git", "-C", str(repository), "-c", "user.name=x", "-c", "user.email=x@example.com"]
    (repository / "outside").symlink_to("/etc/passwd")
    for words in (["init", "--quiet"], ["add", "-A"], ["commit", "--quiet", "-m", "x"], ["tag", "v0.30.2"]):
        subprocess.run([*git, *words], check=True)
    room.folder.mkdir()
    source.fetch(room, str(repository), "0.30.2")
    assert (room.source / "package.json").is_file() and not (room.source / "outside").exists()
    # What is there stays.
    (room.source / "built").touch()
    source.fetch(room, "nowhere", "0.30.2")
    assert (room.source / "built").exists()
    with pytest.raises(Failed, match=r"^source: git ended with 128; the end of .*source\.log"):
        source.fetch(room, str(repository), "0.29.0")


def test_the_source_of_a_folder_is_of_the_release(room: Room, tmp_path: Path) -> None:
    write(tmp_path / "files")
    with pytest.raises(Failed, match="has 0.30.2, not 0.29.0"):
        source.fetch(room, str(tmp_path / "files"), "0.29.0")
    source.fetch(room, str(tmp_path / "files"), "0.30.2")
    assert source.package(room)["packageManager"] == "pnpm@10.22.0"


@pytest.mark.parametrize("api_only", [False, True])
def test_no_font_is_fetched(room: Room, api_only: bool) -> None:
    write(room.source)
    for _time in range(2):
        source.prepare(room, api_only)
        text = (room.source / "apps/dokploy/pages/_app.tsx").read_text()
        assert "next/font" not in text and text.count("const Inter = ") == 1
        assert text.index("const Inter = ") > text.index('from "react"') and text.index("const Inter") < text.index(
            "= Inter("
        )
    pages = {path.name for path in (room.source / "apps/dokploy/pages").iterdir()}
    assert pages == {"_app.tsx", "api"} | (set() if api_only else {"index.tsx", "dashboard"})
    assert (room.source / "apps/dokploy/.env.production").read_text() == "PORT=3940\nNODE_ENV=production\n"


def test_what_is_built_is_not_built_again(room: Room) -> None:
    for name in build.BUILT:
        room.path(f"source/{name}").touch()
    build.build(room, api_only=True)
    assert not (room.folder / "log").exists()


def test_a_release_before_0_27_has_no_program_that_migrates(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its server brings the tables to its release."""
    write(room.source)
    for name in build.BUILT:
        room.path(f"source/{name}").touch()
    config = room.path(f"source/{build.APP}/esbuild.config.ts")
    config.write_text('entryPoints: { server: "server/server.ts" }')
    assert built.is_built(room.source)
    ran: list[str] = []
    monkeypatch.setattr(dokploy, "environment", lambda _room, queue: queue)
    monkeypatch.setattr(dokploy, "require_answer", lambda _room: None)
    monkeypatch.setattr(Room, "run", lambda _room, name, *_words, **_more: ran.append(name))
    monkeypatch.setattr(Room, "start", lambda _room, name, *_words, **_more: ran.append(name))
    dokploy.start(room, {})
    assert ran == ["dokploy"]
    config.write_text('entryPoints: { server: "server/server.ts", migration: "migration.ts" }')
    assert build.missing(room.source) == [f"{build.APP}/{build.MIGRATION}"]
    room.path(f"source/{build.APP}/{build.MIGRATION}").touch()
    dokploy.start(room, {})
    assert ran == ["dokploy", "migration", "dokploy"]


@pytest.mark.parametrize(
    ("has", "says"), [("buildx", "no plugin compose,"), ("compose", "no plugin buildx,"), ("", "compose and buildx,")]
)
def test_the_plugins_of_docker_are_looked_for_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, has: str, says: str
) -> None:
    program = tmp_path / "docker"
    program.write_text(f'#!/bin/sh\ntest "$1 $2" = "{has} version"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    with pytest.raises(Failed, match=says):
        main.of_source(Room(tmp_path / "room", 3940), main.parsed(["--release", "0.30.2"]))[0][1]()


def test_a_program_that_fails_shows_the_end_of_its_log(room: Room) -> None:
    room.folder.mkdir()
    with pytest.raises(Failed, match=r"(?s)^build: sh ended with 3; the end of \S+/log/build\.log:\nwhat went wrong$"):
        room.run("build", ["sh", "-c", "echo what went wrong; exit 3"])
    with pytest.raises(Failed, match="^build: .*nothing-of-this-name"):
        room.run("build", ["nothing-of-this-name"])


def test_a_program_has_nothing_of_another_dokploy(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DOKPLOY_API_KEY", "DATABASE_URL", "REDIS_HOST", "AWS_CA_BUNDLE"):
        monkeypatch.setenv(name, "other")
    found = room.environment({"PORT": "1"})
    assert "other" not in found.values() and found["PORT"] == "1"
    assert found["PATH"].startswith(str(room.node / "node_modules/.bin"))


def test_a_daemon_is_started_once_and_ends(room: Room) -> None:
    room.folder.mkdir()
    assert room.running("sleeper") is None
    room.start("sleeper", ["sleep", "60"])
    pid = room.running("sleeper")
    room.start("sleeper", ["sleep", "60"])
    assert pid is not None and room.running("sleeper") == pid
    room.stop("sleeper")
    assert room.running("sleeper") is None
    room.stop("sleeper")


def test_what_is_made_once_is_for_its_owner(room: Room) -> None:
    assert room.text("key", lambda: "one") == room.text("key", lambda: "two") == "one"
    assert (room.folder / "key").stat().st_mode & 0o777 == 0o600
    assert not until(lambda: False, 0)


def test_only_older_releases_have_a_queue_in_redis(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[str] = []
    monkeypatch.setattr(Room, "start", lambda _room, name, command, **_more: started.append(f"{name} {command[4]}"))
    assert services.queue(room, "0.30.0") == {}
    assert services.queue(room, "0.29.14") == {"REDIS_HOST": "127.0.0.1"}
    assert started == ["redis 6379"] and re.search(r"@127\.0\.0\.1:3941/", services.database_url(room))


def test_the_first_administrator_gets_a_key(tmp_path: Path) -> None:
    with Simulator(fresh=True) as simulator:
        room = Room(tmp_path, int(simulator.url.rpartition(":")[2]))
        key = dokploy.key(room)
        # It is made once.
        assert dokploy.key(room) == key
        (tmp_path / "key").unlink()
        assert dokploy.key(room) != key
        other = Room(tmp_path / "other", room.port)
        with pytest.raises(Failed, match=r"/api/auth/sign-in/email: 401"):
            dokploy.key(other)


def test_a_build_is_copied_and_gets_the_port_of_the_room(room: Room, tmp_path: Path) -> None:
    folder = tmp_path / "other/source"
    write(folder)
    assert not built.is_built(folder)
    for name in build.BUILT:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    app = folder / "apps/dokploy"
    (app / ".env.production").write_text("PORT=3900\nNODE_ENV=production\n")
    (app / "dist/server.mjs").write_text('var a=parseInt("3900",10),b=39001,c=1.3900,d=3900;')
    (folder.parent / "node/node_modules/.bin").mkdir(parents=True)
    (folder.parent / "node/node_modules/.bin/pnpm").touch()
    assert built.is_built(folder)
    room.folder.mkdir()
    with pytest.raises(Failed, match="has 0.30.2, not 0.29.0"):
        built.copy(room, folder, "0.29.0")
    built.copy(room, folder, "0.30.2")
    copied = room.source / "apps/dokploy"
    assert (copied / ".env.production").read_text() == "PORT=3940\nNODE_ENV=production\n"
    assert (copied / "dist/server.mjs").read_text() == 'var a=parseInt("3940",10),b=39001,c=1.3900,d=3940;'
    # There is nothing left to do for the steps after it.
    build.tools(room)
    build.build(room, api_only=False)
    assert (app / ".env.production").read_text().startswith("PORT=3900")


def test_a_port_that_is_taken_is_refused(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        monkeypatch.setenv("REAL_GIT_PORT", str(other.getsockname()[1]))
        room.folder.mkdir()
        with pytest.raises(Failed, match=r"^git: something listens on port \d+ already; set REAL_GIT_PORT to another"):
            git.up(room)
    assert ports.port("s3") == 5055


def test_what_is_beside_it_is_chosen() -> None:
    assert main.parsed(["--beside", "git,s3"]).beside == ["git", "s3"]
    assert main.parsed([]).beside == list(main.ROOMS) and main.parsed(["--beside", "none"]).beside == []
    with pytest.raises(SystemExit):
        main.parsed(["--beside", "gti"])
