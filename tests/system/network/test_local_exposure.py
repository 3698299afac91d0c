# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What other users of the machine can read: the processes and the files of a task."""

from __future__ import annotations

import contextlib
import json
import secrets
import socket
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from dokploy_simulator import Simulator
from tests.system.network.playbook_cases import (
    KEY,
    PATHS,
    Case,
    PathResult,
    assert_case,
    collect,
    ids,
    private_folder,
    start,
)
from tests.system.network.servers import CallbackServer, Relay

PATIENCE = 120.0

# --- the list of processes -------------------------------------------------------------------------------------------


def showing(key: str, where: str) -> set[int]:
    """The processes whose C(cmdline) or C(environ) holds the key."""
    found = set()
    for folder in Path("/proc").iterdir():
        # It may have ended meanwhile.
        with contextlib.suppress(OSError):
            if folder.name.isdigit() and key.encode() in (folder / where).read_bytes():
                found.add(int(folder.name))
    return found


def ancestors(pid: int) -> set[int]:
    """A process and those above it."""
    found = set()
    with contextlib.suppress(OSError):
        while pid > 1:
            found.add(pid)
            pid = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    return found


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="this machine has no /proc")
@pytest.mark.parametrize(
    "given", ["as an option", "by the environment of the task", "by the environment of the controller"]
)
def test_the_list_of_processes(given: str, tmp_path: Path) -> None:
    key = "k3y-of-one-run-" + secrets.token_hex(16)
    arrived, go = threading.Semaphore(0), threading.Event()

    def hold(connection: socket.socket, path: str) -> None:
        arrived.release()
        go.wait(PATIENCE)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n[]")

    task = {"DOKPLOY_API_KEY": "{key}"} if "task" in given else {}
    extra = {"DOKPLOY_API_KEY": key} if "controller" in given else {}
    with CallbackServer(hold) as server:
        url = f"http://127.0.0.1:{server.port}"
        cases = [Case("held", {"dokploy_url": url, "request_timeout": PATIENCE}, task)]
        given_as = key if given == "as an option" else ""
        running = {
            path: start(tmp_path / path, path, cases, {"key": key}, extra, key=given_as) for path in PATHS
        }  # fmt: skip
        try:
            for _path in PATHS:
                assert arrived.acquire(timeout=PATIENCE), [(tmp_path / path / "log").read_text() for path in PATHS]
            commands, environments = showing(key, "cmdline"), showing(key, "environ")
            strangers = [pid for pid in environments if not ancestors(pid) & {one.pid for one in running.values()}]
        finally:
            go.set()
            statuses = [process.wait(PATIENCE) for process in running.values()]
    assert statuses == [0, 0]
    assert commands == set()
    # The controller passes its environment on to its own children only.
    assert strangers == []
    assert bool(environments) == bool(extra)
    for path in PATHS:
        log = collect(tmp_path / path).log
        assert key not in log
        assert "held" in log
    assert len(server.heads) == len(PATHS)
    assert all(f"x-api-key: {key}" in head and key not in head.splitlines()[0] for head in server.heads)


# --- files -----------------------------------------------------------------------------------------------------------


def upload(name: str, contains: tuple[str, ...] = (), **more: object) -> Case:
    options: dict[str, object] = {
        "dokploy_url": "{url}",
        "project": "{path}",
        "environment": "production",
        "application": "web",
    }
    keywords = {"check_mode": True} if more.pop("check", False) else {}
    return Case(
        name,
        {**options, "path": "{site}", "wait": False, **more},
        contains=contains,
        module="dokploy_deployment",
        keywords=keywords,
    )


UPLOADS = [
    Case("project", {"dokploy_url": "{url}", "name": "{path}"}, module="dokploy_project"),
    Case(
        "application",
        {"dokploy_url": "{url}", "project": "{path}", "environment": "production", "name": "web", "drop": {}},
        module="dokploy_application",
    ),
    upload("in check mode", check=True),
    upload("refused", ("HTTP 500",), dokploy_url="{refusing}"),
    upload("cut off", ("effect is unknown",), dokploy_url="{cutting}"),
    upload("of a file that cannot be read", ("cannot be read",), path="{gone}"),
    upload("done"),
    upload("not needed"),
]  # fmt: skip


@dataclass
class Ran:
    played: dict[str, PathResult]
    notes: dict[str, list[tuple[str, str, str]]]
    left: dict[str, dict[str, str]]
    relays: list[Relay]


class Meddling(Relay):
    """Passes on all requests but uploads, which it answers itself."""

    def __init__(self, port: int, answer: bytes) -> None:
        self._answer = answer
        super().__init__(port)

    def serve(self, connection: socket.socket) -> None:
        line = connection.recv(65536, socket.MSG_PEEK).split(b"\r\n")[0]
        if b"dropDeployment" not in line:
            return super().serve(connection)
        # All of it is read, so that the connection ends without a reset.
        connection.settimeout(1)
        with contextlib.suppress(OSError):
            while connection.recv(65536):
                pass
        if self._answer:
            connection.sendall(self._answer)
        return None


def notes_of(file: Path) -> list[tuple[str, str, str]]:
    """What the collection did with files: what, path, permissions before that. Compiled modules are Python's own."""
    rows = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
    return [(row[0], row[1], row[2]) for row in rows if "__pycache__" not in row[1]]


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ran]:
    runs = private_folder(tmp_path_factory, "files")
    site = runs.parent / "site"
    site.mkdir()
    for number in range(20):
        (site / f"page-{number}.html").write_text("<html>private</html>" * 1000)
    refused = b"HTTP/1.1 500 X\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n" + b'{"message":"x"}'
    played, notes, left = {}, {}, {}
    with contextlib.ExitStack() as stack:
        simulator = stack.enter_context(Simulator(KEY))
        port = int(simulator.url.rpartition(":")[2])
        relays = [stack.enter_context(relay) for relay in (Relay(port), Meddling(port, refused), Meddling(port, b""))]
        urls = [f"http://127.0.0.1:{relay.port}" for relay in relays]
        processes = {}
        for path in PATHS:
            temporary = runs.parent / f"tmp-{path}"
            temporary.mkdir()
            places: Mapping[str, object] = {
                "url": urls[0],
                "refusing": urls[1],
                "cutting": urls[2],
                "path": path,
                "site": site,
                "gone": runs.parent / "gone",
            }
            extra = {"TMPDIR": str(temporary), "TRANSPORT_FILES": str(runs.parent / f"notes-{path}")}
            processes[path] = start(runs / path, path, UPLOADS, places, extra)
        for path, process in processes.items():
            assert process.wait(PATIENCE) == 0
            played[path] = collect(runs / path)
            notes[path] = notes_of(runs.parent / f"notes-{path}")
            found = sorted((runs.parent / f"tmp-{path}").rglob("*"))
            left[path] = {one.name: oct(one.stat().st_mode & 0o777) for one in found}
        yield Ran(played, notes, left, relays)


@pytest.mark.parametrize("case", UPLOADS, ids=ids)
def test_case(case: Case, ran: Ran) -> None:
    assert_case(case, ran.played)


@pytest.mark.parametrize("path", PATHS)
def test_files_are_private_and_removed(path: str, ran: Ran) -> None:
    opened = [name for what, name, _mode in ran.notes[path] if what == "open"]
    # A packed archive has no name: its directory is opened, which Python notes twice. One archive for each upload:
    # refused, cut off, done.
    archives = [name for name in opened if Path(name).name == f"tmp-{path}"]
    assert len(archives) == 2 * 3, ran.notes[path]
    assert not any(what == "os.remove" for what, _name, _mode in ran.notes[path])
    # Nothing else but the locks, which hold nothing.
    assert all(name in archives or name.endswith(".lock") for name in opened), opened
    assert all(name.endswith(".lock") and mode == "0o600" for name, mode in ran.left[path].items()), ran.left[path]


def test_the_key_is_in_no_request_line(ran: Ran) -> None:
    heads = [head for relay in ran.relays for head in relay.heads]
    assert any("dropDeployment" in head.splitlines()[0] for head in heads)
    assert not any(KEY in head.splitlines()[0] for head in heads)
    assert all(f"x-api-key: {KEY}" in head for head in heads)
