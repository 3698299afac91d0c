# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The copy that the other tools work on must be the checkout, neither more nor less."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tools import workspace


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "a checkout"
    (root / "plugins").mkdir(parents=True)
    (root / ".gitignore").write_text("*.tmp\n")
    (root / "plugins/one.py").write_text("1\n")
    (root / "two.tmp").write_text("2\n")
    subprocess.run(["git", "init", "--quiet"], cwd=root, check=True)
    monkeypatch.setattr(workspace, "ROOT", root)
    monkeypatch.setattr(workspace, "CACHE", tmp_path / "cache")
    return root


def files(folder: Path) -> set[str]:
    return {
        str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file() and ".git" not in path.parts[:-1]
    }


def test_the_copy_follows_the_checkout(checkout: Path, tmp_path: Path) -> None:
    folder = workspace.copy(tmp_path / "copy")
    assert folder.parts[-3:] == ("ansible_collections", "community", "dokploy")
    assert {name for name in files(folder) if not name.startswith(".git/")} == {".gitignore", "plugins/one.py"}

    (checkout / "plugins/one.py").rename(checkout / "plugins/three.py")
    (folder / "output").mkdir()
    (folder / "output/left over").write_text("")
    workspace.copy(tmp_path / "copy")
    assert {name for name in files(folder) if not name.startswith(".git/")} == {".gitignore", "plugins/three.py"}
    assert not (folder / "output").exists()


def test_a_copy_can_leave_files_out(checkout: Path, tmp_path: Path) -> None:
    workspace.copy(tmp_path / "copy")
    folder = workspace.copy(tmp_path / "copy", ("plug",))
    assert {name for name in files(folder) if not name.startswith(".git/")} == {".gitignore"}


def test_the_copy_is_a_repository_whose_files_git_knows(checkout: Path, tmp_path: Path) -> None:
    folder = workspace.copy(tmp_path / "copy")
    names = subprocess.run(["git", "ls-files"], cwd=folder, check=True, capture_output=True, text=True).stdout.split()
    assert names == [".gitignore", "plugins/one.py"]


def test_the_environment_keeps_the_callers_settings_out(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ANSIBLE_CONFIG", "DOKPLOY_API_KEY", "PYTHONPATH", "GIT_DIR"):
        monkeypatch.setenv(name, "/elsewhere")
    monkeypatch.setenv("PATH", "/manager/shims:/usr/bin")
    env = workspace.environment(tmp_path)
    assert "/elsewhere" not in env.values()
    assert env["PATH"].split(":")[1:] == ["/usr/bin"]
    assert Path(env["HOME"]).is_relative_to(tmp_path)
