# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a workflow finds becomes an issue once."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.support.github import GitHub
from tools import issues

TITLES = ("Dokploy 0.31.0: a.b: is gone", 'Dokploy 0.31.0: c: "[x]" $HOME')


@pytest.fixture
def github(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GitHub:
    github = GitHub(tmp_path / "github")
    monkeypatch.setenv("PATH", f"{github.folder}:{os.environ['PATH']}")
    return github


def night(folder: Path, *titles: str, label: str = "real") -> None:
    """A run of the workflow, which has these findings."""
    file = folder / "found.json"
    file.write_text(json.dumps({"issues": [{"title": title, "body": f"- {title}\n"} for title in titles]}))
    assert issues.main(["--label", label, "--description", "What it is", str(file)]) == 0


def test_an_issue_is_opened_once(github: GitHub, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for _night in range(2):
        night(tmp_path, *TITLES)
    assert [issue["title"] for issue in github.issues] == list(TITLES)
    assert github.issues[0]["body"].startswith(f"- {TITLES[0]}\n")
    assert capsys.readouterr().out.splitlines() == [
        *(f"opened: {title}" for title in TITLES),
        *(f"known as #{number}: {title}" for number, title in enumerate(TITLES, 1)),
    ]
    night(tmp_path)
    assert capsys.readouterr().out == "There are no findings.\n" and len(github.writes) == 2


def test_a_renamed_issue_is_still_that_of_its_finding(github: GitHub, tmp_path: Path) -> None:
    night(tmp_path, TITLES[0])
    github.change(1, title="The volume is lost")
    night(tmp_path, TITLES[0])
    # And one that was opened by hand is that of its title.
    night(tmp_path, TITLES[1])
    github.change(2, body="Written by hand")
    night(tmp_path, *TITLES)
    assert len(github.writes) == 2


def test_a_finding_that_is_back_reopens_its_issue(github: GitHub, tmp_path: Path) -> None:
    night(tmp_path, TITLES[0])
    github.change(1, state="CLOSED", stateReason="COMPLETED")
    for _night in range(2):
        night(tmp_path, TITLES[0])
    assert [words[:3] for words in github.writes[1:]] == [["issue", "reopen", "1"]]
    assert github.issues[0]["comment"] == f"Found again.\n\n- {TITLES[0]}\n"


@pytest.mark.parametrize("reason", ["NOT_PLANNED", "DUPLICATE"])
def test_what_is_not_planned_stays_closed(github: GitHub, tmp_path: Path, reason: str) -> None:
    night(tmp_path, TITLES[0])
    github.change(1, state="CLOSED", stateReason=reason)
    night(tmp_path, TITLES[0])
    assert len(github.writes) == 1


def test_of_two_issues_the_open_one_counts() -> None:
    known = [
        {"number": 1, "title": "x", "body": "", "state": "OPEN", "stateReason": ""},
        {"number": 2, "title": "y", "body": issues.mark("x"), "state": "CLOSED", "stateReason": "COMPLETED"},
    ]
    assert issues.decision("x", known) == (issues.LEAVE, 1)
    assert issues.decision("z", known) == (issues.OPEN, 0)


def test_the_issues_of_another_label_are_others(github: GitHub, tmp_path: Path) -> None:
    night(tmp_path, TITLES[0])
    night(tmp_path, TITLES[0], label="dokploy-release")
    assert [issue["label"] for issue in github.issues] == ["real", "dokploy-release"]


def test_a_bad_night_goes_on_in_the_next_one(
    github: GitHub, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    titles = [f"finding {number}" for number in range(issues.MOST + 2)]
    night(tmp_path, *titles)
    assert capsys.readouterr().out.splitlines()[-2:] == [f"later: {title}" for title in titles[-2:]]
    night(tmp_path, *titles)
    assert [issue["title"] for issue in github.issues] == titles


def test_equal_findings_of_several_files_are_one(tmp_path: Path) -> None:
    files = [tmp_path / "a.json", tmp_path / "b.json"]
    for file in files:
        file.write_text(json.dumps({"issues": [{"title": "x", "body": file.stem}]}))
    assert issues.findings(files) == {"x": "a"}


def test_what_github_refuses_is_said(github: GitHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    github.refuse("HTTP 403: Resource not accessible by integration")
    with pytest.raises(issues.Failed, match=r"^gh label create: HTTP 403: Resource not accessible"):
        night(tmp_path, TITLES[0])
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(issues.Failed, match=r"^gh: No such file"):
        night(tmp_path, TITLES[0])
