# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A real Dokploy of official images, with a stand-in for Docker that runs the simulator as Dokploy."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.real import __main__ as main
from tools.real import dokploy, official, tls
from tools.real.__main__ import variables_of
from tools.real.room import Failed, Room
from tools.workspace import ROOT

IMAGE = "dokploy/dokploy:v0.30.2"
OLD = "dokploy/dokploy:v0.29.8"
PROGRAM = """#!{python}
import json, os, pathlib, sys

folder = pathlib.Path({folder!r})
words = sys.argv[1:]
variables = {{word[6:]: os.environ[word[6:]] for word in words if word.startswith("--env=")}}
with (folder / "calls").open("a") as calls:
    calls.write(json.dumps([words, variables]) + "\\n")
images = folder / "images"
if words[0] == "info":
    print('{{"LocalNodeState": "active"}}')
elif words[:2] == ["image", "inspect"]:
    sys.exit(words[2] not in images.read_text().split())
elif words[0] == "pull":
    if words[-1] == "dokploy/dokploy:v9":
        sys.exit("manifest unknown")
    images.write_text(images.read_text() + words[-1] + "\\n")
elif words[:3] == ["run", "--rm", "--entrypoint=cat"]:
    print(json.dumps({{"version": words[3].rpartition(":")[2]}}))
elif words[0] == "run" and "--network=host" in words:
    os.execv(sys.executable, [sys.executable, "-m", "dokploy_simulator", "--fresh", "--port", variables["REAL_PORT"]])
elif words[0] == "run":
    os.execvp("sleep", ["sleep", "600"])
"""


class Docker:
    """What the stand-in was asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        (folder / "images").touch()
        (folder / "docker").write_text(PROGRAM.format(python=sys.executable, folder=str(folder)))
        (folder / "docker").chmod(0o755)

    @property
    def calls(self) -> list[tuple[list[str], dict[str, str]]]:
        return [tuple(json.loads(line)) for line in (self.folder / "calls").read_text().splitlines()]

    def runs(self, daemon: str) -> list[tuple[list[str], dict[str, str]]]:
        """The containers of a daemon that were run."""
        return [
            call for call in self.calls if any(re.fullmatch(rf"--name=real-\d+-{daemon}", word) for word in call[0])
        ]


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Docker:
    docker = Docker(tmp_path / "bin")
    monkeypatch.setenv("PATH", f"{docker.folder}:{os.environ['PATH']}")
    monkeypatch.setattr(tls, "knows_hosts", lambda: True)
    # The simulator has no page for it.
    monkeypatch.setattr(dokploy, "_answers", listens)
    return docker


def listens(room: Room) -> bool:
    with socket.socket() as connection:
        return connection.connect_ex(("127.0.0.1", room.port)) == 0


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    room = Room(tmp_path / "room", port)
    yield room
    for daemon in official.DAEMONS:
        room.stop(daemon)


def make(room: Room, *words: str) -> None:
    main.main(["--room", str(room.folder), "--port", str(room.port), *words])


def test_dokploy_of_an_image_is_as_one_that_was_built(room: Room, docker: Docker) -> None:
    make(room, "--image", IMAGE, "--beside", "none")
    variables = variables_of(room.folder / "environment")
    assert variables == {"DOKPLOY_URL": room.url, "DOKPLOY_API_KEY": (room.folder / "key").read_text()}
    assert (room.folder / "release").read_text() == "0.30.2"
    first, bundle = room.folder, room.folder / "tls/bundle.pem"
    postgres, dokploy_ = f"real-{room.port}-postgres", f"real-{room.port}-dokploy"
    head = ["run", "--rm", "--init", "--pull=never"]
    ((words, values),) = docker.runs("postgres")
    assert words == [
        *(*head, f"--name={postgres}", "--env=POSTGRES_USER", "--env=POSTGRES_PASSWORD", "--env=POSTGRES_DB"),
        *(f"--publish=127.0.0.1:{room.port + 1}:5432", f"--volume={first}/database:/var/lib/postgresql/data"),
        *("postgres:16", "-c", "max_connections=200", "-c", "fsync=off"),
    ]
    ((words, values),) = docker.runs("dokploy")
    assert [word for word in words if not word.startswith("--env=")] == [
        *(*head, f"--name={dokploy_}", "--network=host", "--no-healthcheck"),
        *("--volume=/var/run/docker.sock:/var/run/docker.sock", "--volume=/etc/dokploy:/etc/dokploy"),
        *(f"--volume={first}/logins:{official.HOME}/.docker", f"--volume={bundle}:{bundle}:ro"),
        f"--volume={ROOT}/tools/real/listen.cjs:/real/listen.cjs:ro",
        *("--add-host=bitbucket.org:127.0.0.3", "--add-host=api.bitbucket.org:127.0.0.3", IMAGE),
    ]
    assert {name: value for name, value in values.items() if name != "BETTER_AUTH_SECRET"} == {
        "NODE_ENV": "production",
        "HOST": "127.0.0.1",
        "PORT": str(room.port),
        "REAL_PORT": str(room.port),
        "DATABASE_URL": f"postgres://dokploy:dokploy@127.0.0.1:{room.port + 1}/dokploy",
        "TZ": "UTC",
        "NODE_EXTRA_CA_CERTS": str(bundle),
        "GIT_SSL_CAINFO": str(bundle),
        "NODE_OPTIONS": "--require=/real/listen.cjs",
    }
    # What is secret is in no list of processes.
    assert values["BETTER_AUTH_SECRET"] not in json.dumps([words for words, _values in docker.calls])
    pulled = [words[-1] for words, _values in docker.calls if words[0] == "pull"]
    assert pulled == [IMAGE, "postgres:16"]
    # The next call starts nothing, and knows the image.
    make(room, "--beside", "none")
    assert len(docker.runs("dokploy")) == len(docker.runs("postgres")) == 1
    make(room, "--down")
    assert not listens(room) and room.running("postgres") is None
    removed = [words[-1] for words, _values in docker.calls if words[0] == "rm"]
    assert removed[-3:] == [f"real-{room.port}-{daemon}" for daemon in official.DAEMONS]


def test_an_image_of_an_older_release_has_its_queue_in_redis(room: Room, docker: Docker) -> None:
    make(room, "--image", OLD, "--beside", "none")
    ((words, _values),) = docker.runs("redis")
    assert words[5:] == ["--publish=127.0.0.1:6379:6379", "redis:7", "redis-server", "--save", ""]
    ((_words, values),) = docker.runs("dokploy")
    assert values["REDIS_HOST"] == "127.0.0.1"
    # Another image takes the place of it, with the same data.
    make(room, "--image", IMAGE, "--beside", "none")
    assert [words[-1] for words, _values in docker.runs("dokploy")] == [OLD, IMAGE]
    assert len(docker.runs("postgres")) == 1


def test_an_image_is_of_the_release(room: Room, docker: Docker) -> None:
    with pytest.raises(Failed, match=r"^image: dokploy/dokploy:v0\.30\.2 has 0\.30\.2, not 0\.29\.8\.$"):
        make(room, "--image", IMAGE, "--release", "0.29.8", "--beside", "none")
    with pytest.raises(Failed, match=r"^docker pull --quiet dokploy/dokploy:v9: manifest unknown$"):
        make(room, "--image", "dokploy/dokploy:v9", "--beside", "none")
    assert not (room.folder / "image").exists()


def test_a_room_is_made_one_way(room: Room, docker: Docker, capsys: pytest.CaptureFixture[str]) -> None:
    room.path("image").write_text(IMAGE)
    with pytest.raises(Failed, match=r"has a Dokploy of dokploy/dokploy:v0\.30\.2: take another ROOM\.$"):
        make(room, "--source", "/src", "--release", "0.30.2")
    (room.folder / "image").unlink()
    room.source.mkdir()
    with pytest.raises(Failed, match=r"has a Dokploy of its source: take another ROOM\.$"):
        make(room, "--image", IMAGE)
    with pytest.raises(SystemExit):
        make(room, "--image", IMAGE, "--source", "/src")
    assert "give one of them" in capsys.readouterr().err


@pytest.mark.skipif(shutil.which("node") is None, reason="there is no Node.js")
def test_dokploy_of_an_image_listens_on_the_port_of_the_room(room: Room) -> None:
    # As its server does, which has the port of the build as a number.
    script = """
        const server = require("node:http").createServer();
        server.listen(3000, "127.0.0.1", () => { console.log(server.address().port); server.close(); });
    """
    done = subprocess.run(
        ["node", f"--require={ROOT / 'tools/real/listen.cjs'}", "--eval", script],
        env={**os.environ, "REAL_PORT": str(room.port)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(done.stdout) == room.port
