# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The published documentation: folders of releases, branches and pull requests, and the start page."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tools import site
from tools.workspace import ROOT


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    (tmp_path / "html/_static").mkdir(parents=True)
    (tmp_path / "html/index.html").write_text("new")
    return tmp_path / "html"


def links(folder: Path) -> list[str]:
    return re.findall(r'<a href="(.+?)/">', (folder / "index.html").read_text())


def test_pages_replace_those_of_the_same_name_only(tmp_path: Path, pages: Path) -> None:
    old = tmp_path / "site/branch/main/gone.html"
    kept = tmp_path / "site/tag/1.0.0/index.html"
    for path in (old, kept):
        path.parent.mkdir(parents=True)
        path.touch()
    site.put(tmp_path / "site", "branch/main", pages)
    assert (tmp_path / "site/branch/main/index.html").read_text() == "new"
    assert (tmp_path / "site/branch/main/_static").is_dir()
    assert kept.exists() and not old.exists()


def test_the_start_page_lists_releases_and_branches(tmp_path: Path, pages: Path) -> None:
    for name in ("branch/main", "tag/1.9.0", "tag/1.10.0", "pr/12", "branch/stable-1"):
        site.put(tmp_path / "site", name, pages)
    assert links(tmp_path / "site") == ["tag/1.10.0", "tag/1.9.0", "branch/main", "branch/stable-1"]
    assert "Release 1.10.0, the latest<" in (tmp_path / "site/index.html").read_text()


def test_a_closed_pull_request_is_removed(tmp_path: Path, pages: Path) -> None:
    site.put(tmp_path, "pr/12", pages)
    site.put(tmp_path, "pr/12", None)
    assert list((tmp_path / "pr").iterdir()) == []
    # It may have had no preview.
    site.put(tmp_path, "pr/13", None)


@pytest.mark.parametrize("name", ["pr/..", "tag/1.0", "branch/feature", "../other", "", "pr/1/2"])
def test_other_names_are_refused(tmp_path: Path, pages: Path, name: str) -> None:
    with pytest.raises(ValueError, match="is no release"):
        site.put(tmp_path, name, pages)
    assert list(tmp_path.iterdir()) == [pages]


def test_it_runs_without_packages(tmp_path: Path, pages: Path) -> None:
    command = [sys.executable, "-S", "-m", "tools.site", tmp_path / "site", "branch/main", pages]
    subprocess.run(command, cwd=ROOT, check=True)
    assert links(tmp_path / "site") == ["branch/main"]
