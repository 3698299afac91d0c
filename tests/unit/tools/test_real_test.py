# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of what runs against a real server."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tools import real_test
from tools.real_test import Row


def test_where_the_server_is(tmp_path: Path) -> None:
    for _time in range(2):
        with pytest.raises(real_test.NoServer, match="make real"):
            real_test.variables(tmp_path, {"PATH": "/bin"})
        (tmp_path / "environment").touch()
    (tmp_path / "environment").write_text(
        "export DOKPLOY_URL=http://127.0.0.1:3940\nexport REAL_REGISTRY_LOGIN='127.0.0.1:5001 user password'\n"
    )
    assert real_test.variables(tmp_path, {"PATH": "/bin", "REAL_IMAGE": "busybox"}) == {
        "DOKPLOY_URL": "http://127.0.0.1:3940",
        "REAL_REGISTRY_LOGIN": "127.0.0.1:5001 user password",
        "REAL_IMAGE": "busybox",
    }
    own = {"DOKPLOY_URL": "http://203.0.113.7:3000", "DOKPLOY_API_KEY": "key"}
    assert real_test.variables(tmp_path, {**own, "HOME": "/"}) == own


def test_rows_of_pytest() -> None:
    cases = ET.fromstring(
        '<testsuite><testcase name="test_export[action]" time="12.3"/>'
        '<testcase name="test_faults[4]" time="1"><failure message="no answer">…</failure></testcase>'
        '<testcase name="test_image"><skipped message="no REAL_IMAGE"/></testcase></testsuite>'
    )
    rows = [real_test.test_row(case) for case in cases]
    assert rows == [
        Row("export", "action", "passed", 12.3),
        Row("faults", "4", "failed", 1.0, "no answer"),
        Row("image", "", "not had", 0.0, "no REAL_IMAGE"),
    ]


def test_failures_come_first() -> None:
    rows = [Row("a", "action", "passed", 2.4), Row("c", "", "not had", note="needs the simulator")]
    table = real_test.table([*rows, Row("b", "module", "failed", 7, "a | b" + "c" * 3)], "0.30.2").splitlines()
    assert table[2:5] == [
        "| b | module | 0.30.2 | failed | 7 | a \\| bccc |",
        "| c |  | 0.30.2 | not had | 0 | needs the simulator |",
        "| a | action | 0.30.2 | passed | 2 |  |",
    ]
    assert table[-1] == "1 passed, 1 failed, 1 not had"
    assert len(real_test.first_line("\n" + "x" * 500)) == 160


def test_what_a_release_is_too_old_for_is_not_had() -> None:
    old = Row("a", "action", "failed", 3, "networks needs Dokploy 0.29.14 or newer; this server is 0.29.8")
    wrong = Row("b", "action", "failed", 3, "networks needs Dokploy 0.29.14 or newer; this server is 0.30.2")
    passed = Row("c", "action", "passed", 3)
    assert [row.result for row in real_test.without_the_new([old, wrong, passed], "0.29.8")] == [
        *("not had", "not had", "passed")
    ]
    # The same words on a server that is new enough are a failure.
    assert real_test.without_the_new([old, wrong, passed], "0.29.14") == [old, wrong, passed]


def test_an_issue_of_each_target_that_failed() -> None:
    rows = [
        Row("a", "action", "failed", 1, "no answer"),
        Row("a", "module", "failed", 2, "no answer"),
        Row("b", "", "not had"),
        Row("c", "action", "passed"),
        Row("d", "module", "failed"),
    ]
    content = json.loads(real_test.as_json(rows, "0.30.8"))
    assert content["release"] == "0.30.8" and [row["target"] for row in content["rows"]] == list("aabcd")
    assert [issue["title"] for issue in content["issues"]] == [
        f"Dokploy 0.30: {target} fails on a real server" for target in "ad"
    ]
    assert "| a | action | 0.30.8 | failed | 1 | no answer |" in content["issues"][0]["body"]
    # The next patch has the same ones.
    assert [issue["title"] for issue in real_test.issues(rows, "0.30.9")] == [
        issue["title"] for issue in content["issues"]
    ]


def test_a_server_that_has_not_come_up_is_a_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("DOKPLOY_URL", "DOKPLOY_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(real_test, "CACHE", tmp_path / "cache")
    file, summary = tmp_path / "found.json", tmp_path / "summary.md"
    words = ["--room", str(tmp_path), "--json", str(file), "--markdown", str(summary)]
    with pytest.raises(SystemExit, match="names no server"):
        real_test.main(words)
    assert not file.exists()
    assert real_test.main([*words, "--release", "0.31.0"]) == 1
    assert [issue["title"] for issue in json.loads(file.read_text())["issues"]] == [
        "Dokploy 0.31: make real fails on a real server"
    ]
    assert "| make real |  | 0.31.0 | failed | 0 | " in summary.read_text() and "0.31.0" in capsys.readouterr().out


def test_what_runs_is_in_the_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(real_test, "CACHE", tmp_path / "cache")
    monkeypatch.setattr(real_test, "version", lambda server: "0.29.8")

    def run(command: list[str], **_more: object) -> None:
        """As the runner of the targets: two runs, of which one fails."""
        runs = [
            {
                "target": "tags",
                "path": "action",
                "seconds": 2.0,
                "problems": [],
                "cause": "",
                "too_old": ["icon (0.29.14)", "networks (0.29.14)"],
            },
            {
                "target": "networks",
                "path": "action",
                "seconds": 4.0,
                "problems": ["ansible-playbook ended with status 2"],
                "cause": "driver needs Dokploy 0.29.14 or newer; this server is 0.29.8\nUpdate the server.",
                "too_old": ["driver (0.29.14)"],
            },
        ]
        assert command[command.index("--path") + 1] == "action"
        Path(command[command.index("--json") + 1]).write_text(json.dumps({"runs": runs, "left_out": ["faults"]}))

    monkeypatch.setattr(real_test.subprocess, "run", run)
    monkeypatch.setenv("DOKPLOY_URL", "http://127.0.0.1:1")
    file = tmp_path / "found.json"
    assert real_test.main(["--only", "integration", "--path", "action", "--json", str(file)]) == 0
    content = json.loads(file.read_text())
    assert content["issues"] == []
    assert [(row["target"], row["result"], row["note"]) for row in content["rows"]] == [
        ("tags", "passed", "without what the server is too old for: icon (0.29.14), networks (0.29.14)"),
        ("networks", "not had", "driver needs Dokploy 0.29.14 or newer; this server is 0.29.8"),
        ("faults", "not had", "needs the simulator"),
    ]


def test_a_run_goes_on_where_it_was_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(real_test, "CACHE", tmp_path / "cache")
    monkeypatch.setattr(real_test, "ROOT", tmp_path)
    monkeypatch.setattr(real_test, "targets", lambda: ["tags", "networks", "faults"])
    monkeypatch.setattr(real_test, "version", lambda server: "0.30.2")
    monkeypatch.setenv("DOKPLOY_URL", "http://127.0.0.1:1")
    (tmp_path / real_test.TESTS).mkdir(parents=True)
    for name in ("test_one.py", "test_two.py"):
        (tmp_path / real_test.TESTS / name).touch()
    (tmp_path / real_test.TESTS / "test_moves.py").write_text(f"{real_test.LONG}\n")
    commands: list[list[str]] = []
    ended = {"networks-module"}

    def run(command: list[str], **_more: object) -> None:
        """As the runner of the targets, which is ended, and as pytest, of which one test fails."""
        commands.append(command[2:])
        if "tools.integration" in command:
            chosen = {command[number + 1] for number, word in enumerate(command) if word == "--target"}
            runs = [
                {"target": name, "path": path, "seconds": 1.0, "problems": [], "cause": "", "too_old": []}
                for name in chosen or {"tags", "networks"}
                for path in ("action", "module")
                if f"{name}-{path}" not in ended
            ]
            content = {"runs": runs, "left_out": [] if chosen else ["faults"]}
            Path(command[command.index("--json") + 1]).write_text(json.dumps(content))
            if ended:
                raise KeyboardInterrupt
        else:
            failure = "<failure message='no'/>" if command[-1].endswith("one.py") else ""
            kept = "" if "-k" in command else "<testcase name='test_kept'/>"
            (xml,) = (word.partition("=")[2] for word in command if word.startswith("--junit-xml="))
            Path(xml).write_text(f"<all><testcase name='test_lost[action]'>{failure}</testcase>{kept}</all>")

    monkeypatch.setattr(real_test.subprocess, "run", run)
    with pytest.raises(KeyboardInterrupt):
        real_test.main([])
    ended.clear()
    # What has passed on both paths does not run again, but what was ended does, and then what has failed.
    assert [real_test.main(["--resume"]) for _time in range(3)] == [1, 0, 0]
    words = [[word for word in command if not word.startswith("--junit")] for command in commands]
    assert [command[-1] for command in words[:1]] == [str(tmp_path / "cache/real-test/integration.json")]
    assert [command[-2:] for command in words[1:]] == [
        ["--target", "networks"],
        ["-q", "tests/real/test_one.py"],
        ["-q", "tests/real/test_two.py"],
        ["-k", "lost"],
    ]
    table = (tmp_path / "cache/real-test/table.md").read_text()
    assert table.endswith("\n8 passed, 0 failed, 2 not had\n")
    assert "| moves |  | 0.30.2 | not had | 0 | takes long: only with --all |" in table
    # What takes long goes on with the same run, if that is asked for.
    assert real_test.main(["--resume", "--all"]) == 0
    assert commands[-1][-1] == "tests/real/test_moves.py" and len(commands) == len(words) + 1
    table = (tmp_path / "cache/real-test/table.md").read_text()
    assert table.endswith("\n10 passed, 0 failed, 1 not had\n")
    # Another server has nothing of that run.
    monkeypatch.setattr(real_test, "version", lambda server: "0.30.8")
    with pytest.raises(SystemExit, match=r"0\.30\.2.*0\.30\.8"):
        real_test.main(["--resume"])
