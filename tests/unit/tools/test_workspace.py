# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The copy that the other tools work on must be the checkout, neither more nor less."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools import workspace
from tools.workspace import ROOT


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


@pytest.fixture(params=["ansible_collections/community/dokploy", "with a blank", "plain", "my_ansible_collections"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """A checkout that is set up as far as that needs no Python."""
    root = tmp_path / request.param
    (root / "tools").mkdir(parents=True)
    shutil.copy(ROOT / "tools/bootstrap.sh", root / "tools")
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("bash", "cksum", "cut", "dirname", "id", "ln", "mkdir", "rm"):
        (programs / name).symlink_to(str(shutil.which(name)))
    done = subprocess.run(
        ["bash", "tools/bootstrap.sh"],
        cwd=root,
        env={"PATH": str(programs)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1 and done.stderr.startswith("No Python"), done.stderr
    yield root
    if (root / ".cache").is_symlink():
        shutil.rmtree((root / ".cache").resolve().parent)


def test_the_cache_is_where_all_tools_can_read_its_path(place: Path) -> None:
    """Ansible reads the name of a collection from a path with one folder of this name."""
    copy = (place / ".cache").resolve() / workspace.COPY.relative_to(workspace.CACHE) / workspace.NAMESPACE
    assert copy.parts.count("ansible_collections") == 1 and " " not in str(copy)
    assert (place / ".cache").is_symlink() == (place.name in ("dokploy", "with a blank"))
