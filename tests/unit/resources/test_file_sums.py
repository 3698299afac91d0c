# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The script that takes the fingerprint of files, run with the shells and tools of images."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.community.dokploy.plugins.module_utils._resources.archive_kinds.file_sums import (
    sums_command,
    sums_in,
    sums_line,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.archive_kinds.fingerprints import FileSums

BUSYBOX = shutil.which("busybox")
KNOWN = ("gnu", "busybox") if BUSYBOX else ("gnu",)
TOOLS = ("cat", "find", "mktemp", "readlink", "rm", "sed", "sha256sum", "sort", "stat", "tr", "wc", "xargs")
Run = Callable[[Path], FileSums | None]


def environment(folder: Path, tools: str) -> dict[str, str]:
    """The variables with which a command finds these tools only. :param tools: C(gnu) or C(busybox)."""
    programs = folder / "bin"
    programs.mkdir()
    for tool in ("sh", *TOOLS):
        target = BUSYBOX if tools == "busybox" else shutil.which(tool)
        assert target is not None
        (programs / tool).symlink_to(target)
    return {"PATH": str(programs), "TMPDIR": str(folder)}


@pytest.fixture(params=KNOWN)
def sums(request: pytest.FixtureRequest, tmp_path: Path) -> Run:
    env = environment(tmp_path, request.param)

    def run(folder: Path) -> FileSums | None:
        done = subprocess.run(
            ["sh", "-ec", sums_command([str(folder)])], env=env, capture_output=True, text=True, check=False
        )
        return sums_in(done.stdout.splitlines()).get(0) if done.returncode == 0 else None

    return run


def filled(folder: Path) -> Path:
    (folder / "a folder" / "empty").mkdir(parents=True)
    (folder / "a folder" / "file").write_text("hello")
    (folder / "a folder" / "zero").write_text("")
    for name in ("two\nlines", "back\\slash", "-dash", "ü", "$(x) 'q' \"d\"", "1\tx"):
        (folder / name).write_text(name)
    (folder / "link").symlink_to("a folder/file")
    (folder / "nowhere").symlink_to("/does/not/exist")
    return folder


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


def output(tmp_path: Path, tools: str, folders: list[str]) -> str:
    own = tmp_path / tools
    own.mkdir()
    command = ["sh", "-ec", sums_command(folders)]
    return subprocess.run(command, env=environment(own, tools), capture_output=True, text=True, check=False).stdout


def test_all_tools_give_the_same(tmp_path: Path, data: Path) -> None:
    filled(data)
    (line,) = {output(tmp_path, tools, [str(data)]) for tools in KNOWN}
    (known,) = sums_in(line.splitlines()).values()
    assert known.files == 8
    files = [path for path in data.rglob("*") if path.is_file() and not path.is_symlink()]
    assert known.bytes == sum(path.stat().st_size for path in files)


def test_many_files_are_read_with_all_tools(tmp_path: Path, data: Path) -> None:
    """Their names are more than a command can have, and more than what xargs reads at once."""
    for number in range(3000):
        (data / f"{number:0>120}").write_text(str(number))
    found = {output(tmp_path, tools, [str(data)]) for tools in KNOWN}
    (line,) = found
    assert line.startswith("fingerprint files 0 3000 ")


def test_an_empty_folder_has_a_fingerprint(sums: Run, data: Path) -> None:
    known = sums(data)
    assert known is not None and (known.files, known.bytes) == (0, 0)
    (data / "folder").mkdir()
    other = sums(data)
    assert other is not None and known.difference(other) is not None


def change_content(data: Path) -> None:
    (data / "a folder" / "file").write_text("hallo")


def empty_one(data: Path) -> None:
    (data / "a folder" / "file").write_text("")


def swap_names(data: Path) -> None:
    (data / "a folder" / "file").rename(data / "spare")
    (data / "-dash").rename(data / "a folder" / "file")
    (data / "spare").rename(data / "-dash")


def change_link(data: Path) -> None:
    (data / "link").unlink()
    (data / "link").symlink_to("a folder/zero")


CHANGES = [
    change_content,
    empty_one,
    swap_names,
    change_link,
    lambda data: (data / "two\nlines").write_text("two\nlimes"),
    lambda data: (data / "back\\slash").rename(data / "backslash"),
    lambda data: (data / "a folder" / "empty").rmdir(),
    lambda data: (data / "a folder" / "zero").unlink(),
    lambda data: (data / "more").write_text(""),
]


@pytest.mark.parametrize("change", CHANGES)
def test_each_change_is_seen(sums: Run, data: Path, change: Callable[[Path], object]) -> None:
    before = sums(filled(data))
    change(data)
    after = sums(data)
    assert before is not None and after is not None and before.difference(after) is not None


def test_times_rights_and_owners_do_not_count(sums: Run, data: Path, tmp_path: Path) -> None:
    before = sums(filled(data))
    copy = tmp_path / "copy"
    shutil.copytree(data, copy, symlinks=True, copy_function=shutil.copyfile)
    (copy / "a folder").chmod(0o700)
    os.mkfifo(copy / "fifo")
    assert sums(copy) == before is not None


@pytest.mark.parametrize("tool", TOOLS)
def test_a_missing_program_is_no_fingerprint(tmp_path: Path, data: Path, tool: str) -> None:
    env = environment(tmp_path, "gnu")
    (tmp_path / "bin" / tool).unlink()
    command = ["sh", "-ec", sums_command([str(filled(data))])]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert done.returncode != 0 and sums_in(done.stdout.splitlines()) == {}


def test_a_folder_that_is_not_there_is_no_fingerprint(sums: Run, data: Path) -> None:
    assert sums(data / "nothing") is None


def test_several_folders_are_told_apart(tmp_path: Path, data: Path) -> None:
    filled(data)
    names = [str(data), str(data / "a folder")]
    found = sums_in(output(tmp_path, "gnu", names).splitlines())
    assert [found[number].files for number in range(2)] == [8, 2]


@given(st.builds(FileSums, st.integers(0), st.integers(0), st.text("0123456789abcdef", min_size=64, max_size=64)))
def test_what_is_written_is_read(sums: FileSums) -> None:
    assert sums_in(["noise", sums_line(sums, 3), "fingerprint files 1 2"]) == {3: sums}
