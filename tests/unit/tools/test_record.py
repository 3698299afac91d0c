# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``make record``, with a simulator in the place of the real server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dokploy_simulator import Simulator
from dokploy_simulator.api.releases import NEWEST
from dokploy_simulator.store.store import Table
from tools.new_release.inputs import NoSource
from tools.record import __main__ as command
from tools.record import requests_file
from tools.record.normal import normalised
from tools.record.requests_file import Request, lines, pairs, requests, store
from tools.record.session import NAME, Session


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with Simulator(world="strict") as running:
        yield running


# Each kind of row that is removed, with what it is in. All requests are played by tests/contract.
SECTIONS = (
    "project",
    "application-create",
    "children",
    "domain",
    "schedule",
    "destination",
    "tag",
    "sshKey",
    "gitProvider",
)


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> int:
    """How many requests there are, of these sections only."""
    chosen = [request for request in requests() if request.key[0] in SECTIONS]
    monkeypatch.setattr(command, "requests", lambda: chosen)
    return len(chosen)


@pytest.fixture
def named(simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> Simulator:
    monkeypatch.setenv("DOKPLOY_URL", f"{simulator.url}/")
    monkeypatch.setenv("DOKPLOY_API_KEY", simulator.key)
    return simulator


def rows(simulator: Simulator) -> dict[str, int]:
    """How many there are of each kind."""
    tables = {name: table for name, table in vars(simulator.server.store).items() if isinstance(table, Table)}
    return {name: len(list(table)) for name, table in tables.items()}


def test_two_recordings_are_equal_and_leave_nothing(
    named: Simulator, few: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = Session(named.url, named.key)
    mine = other.call("project.create", {"name": "mine"}, "POST").json()["project"]["projectId"]
    other.call("tag.create", {"name": "mine", "color": "#000000"}, "POST")
    before = rows(named)
    assert command.main(["--folder", str(tmp_path / "first")]) == 0
    assert command.main(["--folder", str(tmp_path / "second")]) == 0
    assert before == rows(named)
    shown = capsys.readouterr().out
    assert f"{few} pairs of {NEWEST}; {few} of them are new" in shown and "left out" not in shown
    text = (tmp_path / "first" / f"{NEWEST}.jsonl").read_text()
    assert text == (tmp_path / "second" / f"{NEWEST}.jsonl").read_text()
    assert named.key not in text and mine not in text and '"mine"' not in text


def test_the_server_must_be_named_and_of_the_release(named: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NoSource, match=f"^The server that DOKPLOY_URL names is {NEWEST}, not 0.25.0"):
        command.main(["--release", "0.25.0"])
    monkeypatch.delenv("DOKPLOY_URL")
    with pytest.raises(NoSource, match="^No server to record"):
        command.main([])
    assert named.calls() == ["settings.getDokployVersion"]


def test_what_a_killed_run_left_is_not_touched(simulator: Simulator) -> None:
    session = Session(simulator.url, simulator.key)
    session.call("tag.create", {"name": "recorded t1", "color": "#000000"}, "POST")
    session.look()
    assert session.earlier == 1 and session.clean(()) == []
    assert [row["name"] for row in session.listed("tag.all", "tagId")] == ["recorded t1"]


def test_a_request_without_its_value_is_left_out(simulator: Simulator) -> None:
    said: list[str] = []
    session = Session(simulator.url, simulator.key, said.append)
    wanted = Request(
        ("port", 1), {"note": "one", "method": "GET", "path": "/api/port.one", "params": {"portId": "<port:1>"}}
    )
    assert list(session.play([wanted])) == []
    assert said == ["left out: port one: no answer has given <port:1>"]


def test_every_name_in_a_request_is_given_before_it() -> None:
    given = {"<key:1>"}
    for request in requests():
        parts = {key: value for key, value in request.data.items() if key != "gives"}
        missing = set(NAME.findall(json.dumps(parts))) - given
        assert not missing, request
        given |= request.data.get("gives", {}).keys()


def recording(simulator: Simulator, *wanted: dict[str, Any]) -> dict[Any, Any]:
    session = Session(simulator.url, simulator.key)
    numbered = [Request(("a", number), {"note": "", **data}) for number, data in enumerate(wanted, 1)]
    answers = list(session.play(numbered))
    return normalised(answers, session.url, session.key, session.names)


def test_what_a_server_makes_up_is_replaced(simulator: Simulator) -> None:
    project: dict[str, Any] = {"method": "POST", "path": "/api/project.create", "request": {"name": "recorded p"}}
    created = {
        "method": "POST",
        "path": "/api/application.create",
        "request": {"name": "web", "appName": "web", "environmentId": "<environment:1>"},
        "gives": {"<application:1>": "applicationId"},
    }
    changed = {
        "method": "POST",
        "path": "/api/application.update",
        "request": {"applicationId": "<application:1>", "env": f"KEY={simulator.key} HOME=/home/admin/x"},
        "changed": True,
    }
    unknown = {"method": "POST", "path": "/api/environment.create", "request": {"name": "x", "projectId": "nope"}}
    project["gives"] = {"<environment:1>": "environment.environmentId"}
    first, second = (recording(simulator, project, created, changed, unknown) for _run in range(2))
    assert first == second
    row = first["a", 2]["response"]
    assert len(row["applicationId"]) == 21 and row["applicationId"].startswith("application-")
    assert row["createdAt"] == "2026-01-01T00:00:00.000Z" and row["refreshToken"].startswith("<secret:")
    assert row["appName"].startswith("web-") and first["a", 2]["request"]["appName"] == "web"
    assert first["a", 3]["request"]["applicationId"] == row["applicationId"]
    assert first["a", 3]["changed"] == {"env": [None, "KEY=<secret:1> HOME=~/x"]}
    assert "params: id-000000000000000000,x,2026-01-01T00:00:00.000Z,nope" in first["a", 4]["response"]["message"]


def test_a_release_has_what_differs_from_the_one_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "requests.jsonl"
    file.write_text("".join(json.dumps({"section": "a", "note": note}) + "\n" for note in "xyz"))
    monkeypatch.setattr(requests_file, "REQUESTS", file)
    folder = tmp_path / "releases"
    newer = {("a", 1): {"status": 200}, ("a", 2): {"status": 200}, ("a", 3): {"status": 404}}
    between = {("a", 1): {"status": 400}, ("a", 2): {"status": 200}, ("a", 3): {"status": 404}}
    older = {("a", 1): {"status": 400}, ("a", 3): {"status": 200}}
    del newer["a", 3]
    # In any order: the files are those of the chain.
    for release, played in (("0.10.0", newer), ("0.2.0", older), ("0.9.0", between)):
        store(release, played, folder)
    assert requests_file.recorded(folder) == ["0.2.0", "0.9.0", "0.10.0"]
    assert pairs("0.10.0", folder) == newer and pairs("0.9.1", folder) == between and pairs("0.2.5", folder) == older
    assert [len(list(lines(folder / f"{release}.jsonl"))) for release in ("0.2.0", "0.9.0", "0.10.0")] == [2, 2, 2]


@pytest.mark.usefixtures("few")
def test_what_the_simulator_answers_otherwise_is_shown(
    named: Simulator, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    refusal = {"message": "No more tags", "code": "BAD_REQUEST"}
    named.fault("status", "tag.create", times=1, status=400, body=refusal)
    assert command.main(["--folder", str(tmp_path)]) == 1
    shown = capsys.readouterr().out
    assert "tag#1 POST /api/tag.create (create)\n  status: recorded 400, got 200" in shown
