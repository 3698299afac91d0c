# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which releases of Dokploy run at night."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from dokploy_simulator.api.release_folders import stored
from tools.documents import fragment
from tools.new_release.inputs import NoSource
from tools.real import releases
from tools.real.room import Failed
from tools.workspace import ROOT

VERSIONS = ["0.24.9", "0.25.0", "0.25.11", "0.25.2", "0.30.2", "0.31.0", "1.0.0", "0.30.10", "0.30.9"]


def test_the_newest_patch_of_each_supported_minor_release() -> None:
    assert releases.newest(VERSIONS, "0.25.0", lambda _version: True) == ["1.0.0", "0.31.0", "0.30.10", "0.25.11"]
    assert releases.newest([], "0.25.0", lambda _version: True) == []


def test_a_release_without_an_image_is_passed_over() -> None:
    assert releases.newest(VERSIONS, "0.25.0", lambda version: version not in ("0.31.0", "0.30.10")) == [
        *("1.0.0", "0.30.9", "0.25.11")
    ]


def test_the_oldest_supported_release_is_the_documented_one() -> None:
    for text in (
        (ROOT / "README.md").read_text(),
        (ROOT / "docs/docsite/rst/releases.rst").read_text(),
        str(fragment("community.dokploy.connection")["requirements"]),
    ):
        assert re.findall(r"Dokploy (\d+\.\d+\.\d+) (?:or|and) newer", text)[0] == stored()[0]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """With releases and other tags."""
    git = ["git", "-C", str(tmp_path), "-c", "user.name=x", "-c", "user.email=x@example.com"]
    subprocess.run([*git, "init", "--quiet"], check=True)
    subprocess.run([*git, "commit", "--quiet", "--allow-empty", "-m", "x"], check=True)
    for tag in (*VERSIONS, "0.32.0-canary.1", "0.30"):
        subprocess.run([*git, "tag", f"v{tag}"], check=True)
    subprocess.run([*git, "tag", "-a", "-m", "x", "v0.30.11"], check=True)
    return tmp_path


def test_what_a_workflow_reads(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    program = tmp_path / "bin/docker"
    program.parent.mkdir()
    program.write_text('#!/bin/sh\n[ "$1 $2" = "manifest inspect" ] && [ "$3" != dokploy/dokploy:v1.0.0 ]\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    assert releases.main(["--repository", str(repository)]) == 0
    assert capsys.readouterr().out == 'releases=["0.31.0", "0.30.11", "0.25.11"]\n'
    # One that is named is taken as it is.
    assert releases.main(["v0.28.8"]) == 0
    assert capsys.readouterr().out == 'releases=["0.28.8"]\n'
    with pytest.raises(NoSource):
        releases.main(["latest"])
    program.write_text("#!/bin/sh\nexit 1\n")
    with pytest.raises(Failed, match="^No release of .* has an image dokploy/dokploy"):
        releases.main(["--repository", str(repository)])
    with pytest.raises(Failed, match="^git ls-remote --tags --refs .*nowhere: fatal: "):
        releases.main(["--repository", str(tmp_path / "nowhere")])
