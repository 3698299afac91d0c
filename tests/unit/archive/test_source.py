# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A folder or a ZIP to be uploaded: its hash, how it is packed, and what is refused before anything is sent."""

from __future__ import annotations

import errno
import io
import os
import platform
import socket
import stat
import sys
import tempfile
import tracemalloc
import warnings
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from ansible_collections.community.dokploy.plugins.module_utils._archive import source
from ansible_collections.community.dokploy.plugins.module_utils._archive.source import Archive, source_of
from ansible_collections.community.dokploy.plugins.module_utils._errors import OptionError
from tests.support.effort import example_count

FILES = {"Dockerfile": b"FROM scratch\n", "src/main.py": b"print()\n", "src/empty": b"", "bin/run": b"#!/bin/sh\n"}
RUN = frozenset(["bin/run"])

ON_HOST = " on %s, the host that runs the module" % platform.node()


@pytest.fixture(autouse=True)
def temporary(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder where ZIPs are packed. It is empty after each test."""
    folder = tmp_path_factory.mktemp("temporary")
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    assert list(folder.iterdir()) == []


def make(folder: Path, files: Mapping[str, bytes] | None = None, executable: frozenset[str] = RUN) -> Path:
    for name, content in (FILES if files is None else files).items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        file.chmod(0o755 if name in executable else 0o644)
    return folder


def add(archive: zipfile.ZipFile, name: str, content: bytes = b"", mode: int = 0, **more: Any) -> None:
    """Add an entry, valid or not. ``mode`` includes the type of the file."""
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    for attribute, value in more.items():
        setattr(info, attribute, value)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        archive.writestr(info, content)


def zipped(path: Path, files: Mapping[str, bytes] | None = None, executable: frozenset[str] = RUN) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in (FILES if files is None else files).items():
            add(archive, name, content, stat.S_IFREG | (0o755 if name in executable else 0o644))
    return path


def of_folder(path: Path, *exclude: str) -> Archive:
    return source_of(None, str(path), exclude)


def of_zip(path: Path) -> Archive:
    return source_of(str(path), None, [])


def amount(archive: Archive) -> tuple[int, int]:
    """The number of files, and the bytes of their contents."""
    return len(archive.entries), sum(entry.size for entry in archive.entries)


def packed(archive: Archive) -> bytes:
    with archive.packed() as path:
        return Path(path).read_bytes()


def names(archive: Archive) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(packed(archive))) as found:
        return found.namelist()


def failure(archive: Any = None, path: Any = None, *exclude: str) -> OptionError:
    """The error: one line, which begins with the option."""
    with pytest.raises(OptionError) as caught:
        source_of(None if archive is None else str(archive), None if path is None else str(path), exclude)
    message = str(caught.value)
    assert message.startswith("archive: " if path is None else "path: ")
    assert "\n" not in message
    return caught.value


# --- the hash --------------------------------------------------------------------------------------------------------


def test_a_folder_and_a_zip_with_the_same_files_have_the_same_hash(tmp_path: Path) -> None:
    folder, file = of_folder(make(tmp_path / "f")), of_zip(zipped(tmp_path / "f.zip"))
    assert folder.content_hash == file.content_hash
    assert len(file.content_hash) == 64
    assert set(file.content_hash) <= set("0123456789abcdef")
    assert amount(folder) == amount(file) == (4, 31)
    assert folder.label == "%s (4 files, 31 bytes)" % (tmp_path / "f")
    assert file.label == "%s (4 files, 31 bytes)" % (tmp_path / "f.zip")


def test_the_hash_of_an_older_release_is_the_same(tmp_path: Path) -> None:
    # Files that an older release of this collection deployed must not look new.
    found = of_folder(make(tmp_path / "f"))
    assert found.content_hash == "4a380a69554de752cefbc30900fb556d54a219e083f2e381c5712182ccffa4cc"


def test_times_modes_and_empty_folders_do_not_change_the_hash(tmp_path: Path) -> None:
    before = of_folder(make(tmp_path / "f")).content_hash
    for file in (tmp_path / "f").rglob("*"):
        os.utime(file, (1, 1))
    (tmp_path / "f/Dockerfile").chmod(0o600)
    (tmp_path / "f/bin/run").chmod(0o700)
    (tmp_path / "f/empty/er").mkdir(parents=True)
    assert of_folder(tmp_path / "f").content_hash == before


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "Dockerfile").write_bytes(b"FROM busybox\n"),
        lambda folder: (folder / "Dockerfile").rename(folder / "dockerfile"),
        lambda folder: (folder / "Dockerfile").chmod(0o744),
        lambda folder: (folder / "bin/run").chmod(0o644),
        lambda folder: (folder / "src/empty").unlink(),
        lambda folder: (folder / "new").touch(),
    ],
    ids=["content", "name", "executable", "not executable", "gone", "new"],
)
def test_contents_names_and_executable_bits_change_the_hash(tmp_path: Path, change: Any) -> None:
    before = of_folder(make(tmp_path / "f")).content_hash
    change(tmp_path / "f")
    assert of_folder(tmp_path / "f").content_hash != before


def test_swapped_contents_change_the_hash(tmp_path: Path) -> None:
    one = of_folder(make(tmp_path / "one", {"a": b"1", "b": b"2"}))
    other = of_folder(make(tmp_path / "other", {"a": b"2", "b": b"1"}))
    assert one.content_hash != other.content_hash


# --- folders ---------------------------------------------------------------------------------------------------------


def test_excluded_files_and_git_are_left_out(tmp_path: Path) -> None:
    folder = make(tmp_path / "f", {**FILES, "a.log": b"", "src/b.log": b"", "keep.log": b"", ".gitignore": b"src\n"})
    make(folder, {".git/config": b"", "module/.git": b"gitdir: x", "module/x": b"", "x.git/y": b"", "node/a/b": b""})
    found = of_folder(folder, "*.log", "!keep.log", "/node/")
    assert names(found) == sorted([*FILES, "keep.log", ".gitignore", "module/x", "x.git/y"])


def test_names_that_the_server_drops_are_left_out(tmp_path: Path) -> None:
    folder = make(tmp_path / "f", {"__MACOSX/a": b"", "__MACOSX.txt": b"", "x/__MACOSX/a": b"", "b": b""})
    assert names(of_folder(folder)) == ["b", "x/__MACOSX/a"]


def test_excluded_folders_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make(tmp_path / "f", {"a": b"", "node/b": b"", ".git/c": b""})
    opened: list[bytes] = []
    real = os.scandir

    def scandir(path: bytes) -> Any:
        opened.append(path)
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    of_folder(folder, "node")
    assert opened == [os.fsencode(folder)]


def test_links_are_replaced_by_their_targets(tmp_path: Path) -> None:
    folder = make(tmp_path / "f", {"a": b"1", "b/run": b"2"}, frozenset(["b/run"]))
    (folder / "file").symlink_to("a")
    (folder / "again").symlink_to(folder / "file")
    (folder / "folder").symlink_to("b")
    (folder / "b/up").symlink_to("../a")
    expected = {"a": b"1", "b/run": b"2", "b/up": b"1", "file": b"1", "again": b"1"}
    expected |= {"folder/run": b"2", "folder/up": b"1"}
    executable = frozenset(["b/run", "folder/run"])
    assert names(of_folder(folder)) == sorted(expected)
    assert of_folder(folder).content_hash == of_zip(zipped(tmp_path / "z", expected, executable)).content_hash


def test_the_folder_itself_may_be_a_link(tmp_path: Path) -> None:
    folder = make(tmp_path / "f")
    (folder / "file").symlink_to(folder / "Dockerfile")
    (tmp_path / "link").symlink_to("f")
    assert of_folder(tmp_path / "link").content_hash == of_folder(folder).content_hash


@pytest.mark.parametrize(
    ("link", "target", "words"),
    [
        ("l", "nothing", "the link 'l' is broken"),
        ("l", "l", "the link 'l' is broken"),
        ("b/l", "../../outside", "the link 'b/l' leads out of the folder, to "),
        ("l", "..", "the link 'l' leads out of the folder, to "),
        ("l", "/", "the link 'l' leads out of the folder, to '/'"),
        # The name begins like that of the folder.
        ("l", "../f2", "the link 'l' leads out of the folder, to "),
        ("b/l", "..", "the link 'b/l' leads back to a folder that it is in"),
        ("b/l", ".", "the link 'b/l' leads back to a folder that it is in"),
        ("l", ".", "the link 'l' leads back to a folder that it is in"),
        ("l", ".git/config", "the link 'l' leads into .git"),
        ("l", ".git", "the link 'l' leads into .git"),
    ],
)
def test_invalid_links_are_refused(tmp_path: Path, link: str, target: str, words: str) -> None:
    make(tmp_path, {"f/b/x": b"", "f/.git/config": b"", "outside": b"", "f2/x": b""})
    (tmp_path / "f" / link).symlink_to(target)
    error = failure(None, tmp_path / "f")
    assert error.message.startswith("path: " + words)
    assert error.hint == "Name it in exclude if it is not needed."
    # An excluded link is not checked.
    assert names(of_folder(tmp_path / "f", "l")) == ["b/x"]


def test_links_in_a_circle_are_refused(tmp_path: Path) -> None:
    folder = make(tmp_path / "f", {"a/x": b"", "b/y": b""})
    (folder / "a/to_b").symlink_to("../b")
    (folder / "b/to_a").symlink_to("../a")
    assert "leads back to a folder that it is in" in failure(None, folder).message


def test_a_link_to_a_folder_is_ignored_like_a_folder(tmp_path: Path) -> None:
    make(tmp_path, {"f/a": b"", "outside/x": b""})
    (tmp_path / "f/node").symlink_to("../outside")
    assert names(of_folder(tmp_path / "f", "node/")) == ["a"]


def test_pipes_and_sockets_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make(tmp_path / "f")
    os.mkfifo(folder / "fifo")
    assert failure(None, folder).message == "path: 'fifo' is neither a file nor a folder"
    monkeypatch.chdir(folder)
    with socket.socket(socket.AF_UNIX) as one:
        one.bind("sock")
    assert failure(None, folder, "fifo").message == "path: 'sock' is neither a file nor a folder"
    assert len(of_folder(folder, "fifo", "sock").entries) == 4


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (b"\xff", "the file '\\udcff' has a name that is not UTF-8 text"),
        (b"f\xc3/x", "the file 'f\\udcc3/x' has a name that is not UTF-8 text"),
        (b"a/\xff", "the file 'a/\\udcff' has a name that is not UTF-8 text"),
        (b"a\\b", "the file 'a\\\\b' has a backslash or a NUL character in its name"),
        (b"d\\/x", "the file 'd\\\\/x' has a backslash or a NUL character in its name"),
        (b"C:/x", "the file 'C:/x' has an absolute path"),
    ],
)
def test_invalid_names_are_refused(tmp_path: Path, name: bytes, words: str) -> None:
    path = os.path.join(os.fsencode(make(tmp_path / "f", {"a/y": b""})), name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    open(path, "w").close()
    assert failure(None, tmp_path / "f").message == "path: " + words
    assert names(of_folder(tmp_path / "f", "/*", "!/a", "/a/*", "!/a/y")) == ["a/y"]


def test_names_that_some_releases_refuse_are_listed(tmp_path: Path) -> None:
    plain, odd = ["a-b_c.d", "x y/[id]", "t:1"], ["+page", "(a)/b", "é", "a\nb", "@x", "z" * 200 + "/" + "z" * 200]
    found = of_folder(make(tmp_path / "f", dict.fromkeys(plain + odd, b"")))
    assert found.odd == tuple(sorted(odd, key=str.encode))
    assert of_folder(make(tmp_path / "g")).odd == ()


@pytest.mark.parametrize("empty", [{}, {".git/config": b"", "x.log": b""}])
def test_a_folder_without_files_is_refused(tmp_path: Path, empty: Mapping[str, bytes]) -> None:
    (tmp_path / "f/empty").mkdir(parents=True)
    assert "contains no file to upload" in failure(None, make(tmp_path / "f", empty), "*.log").message


def test_invalid_paths_are_refused(tmp_path: Path) -> None:
    make(tmp_path, {"file": b""})
    assert failure(None, tmp_path / "file").message.endswith("/file is not a folder")
    message = failure(None, tmp_path / "missing").message
    assert message.endswith("/missing cannot be read: no such file or directory" + ON_HOST)
    for nonsense in ("a\0b", "\ud800"):
        assert "is not a valid path" in failure(None, nonsense).message


def test_unreadable_files_and_folders_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make(tmp_path / "f")

    def refuse(*args: Any, **kwargs: Any) -> Any:
        raise PermissionError(errno.EACCES, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", refuse)
        error = failure(None, folder)
        assert error.message == "path: the file 'Dockerfile' cannot be read: permission denied"
        assert error.hint == "Name it in exclude if it is not needed."
    real = os.scandir
    with monkeypatch.context() as patch:
        patch.setattr(os, "scandir", lambda path: refuse() if b"src" in path else real(path))
        assert failure(None, folder).message == "path: the folder 'src' cannot be read: permission denied"
        assert len(of_folder(folder, "src").entries) == 2


# --- packing ---------------------------------------------------------------------------------------------------------


def test_packing_is_reproducible(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = packed(of_folder(make(tmp_path / "one", {**FILES, "é": b"1"})))
    other = make(tmp_path / "two", dict(reversed({**FILES, "é": b"1"}.items())))
    for file in other.rglob("*"):
        os.utime(file, (10**9, 10**9))
    monkeypatch.setattr(sys, "platform", "win32")
    assert packed(of_folder(other)) == first


def test_the_entries_of_the_zip(tmp_path: Path) -> None:
    folder = make(tmp_path / "f", {"b": b"x" * 5000, "a/ü": b"", "a.b": b"1", "Z": b""}, frozenset(["b"]))
    (folder / "Z").chmod(0o4640)
    with zipfile.ZipFile(io.BytesIO(packed(of_folder(folder)))) as found:
        assert found.namelist() == ["Z", "a.b", "a/ü", "b"]
        assert found.read("b") == b"x" * 5000
        assert found.testzip() is None
        infos = {info.filename: info for info in found.infolist()}
    assert [stat.filemode(info.external_attr >> 16) for info in infos.values()] == [
        "-rw-r-----",
        "-rw-r--r--",
        "-rw-r--r--",
        "-rwxr-xr-x",
    ]
    assert {info.date_time for info in infos.values()} == {(1980, 1, 1, 0, 0, 0)}
    assert {(info.create_system, info.compress_type) for info in infos.values()} == {(3, zipfile.ZIP_DEFLATED)}
    assert {name for name, info in infos.items() if info.flag_bits & 0x800} == {"a/ü"}
    # AdmZip reads no sizes behind the content.
    assert all(not info.flag_bits & 0x8 for info in infos.values())
    assert infos["b"].compress_size < 100


def test_a_packed_folder_has_the_same_hash(tmp_path: Path) -> None:
    found = of_folder(make(tmp_path / "f", {"only/one": b"", "only/two/ü": b"2"}))
    with found.packed() as path:
        again = source_of(path, None, [])
    assert (again.content_hash, amount(again)) == (found.content_hash, amount(found))


def test_large_files_use_zip64(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = of_folder(make(tmp_path / "f", {"a small": b"1", "large": os.urandom(5000)}))
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 2000)
    with zipfile.ZipFile(io.BytesIO(packed(found))) as archive:
        assert archive.getinfo("large").extract_version == 45
        assert archive.getinfo("a small").extract_version == 20
        assert archive.read("large") == (tmp_path / "f/large").read_bytes()


def test_a_packed_folder_has_no_name(tmp_path: Path, temporary: Path) -> None:
    if not os.path.exists("/proc/self/fd"):
        pytest.skip("files without a name cannot be opened again here")
    found = of_folder(make(tmp_path / "f"))
    with found.packed() as path:
        assert list(temporary.iterdir()) == []
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
        assert zipfile.ZipFile(path).testzip() is None
    assert not os.path.exists(path)


def test_a_packed_folder_is_readable_by_its_owner_only_and_removed(
    tmp_path: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os.path, "isdir", lambda path: False)
    found = of_folder(make(tmp_path / "f"))
    assert list(temporary.iterdir()) == []
    before = os.umask(0)
    try:
        with found.packed() as path:
            assert Path(path).parent == temporary
            assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
            assert zipfile.ZipFile(path).testzip() is None
        with pytest.raises(LookupError), found.packed() as path:
            raise LookupError
        assert not os.path.exists(path)
    finally:
        os.umask(before)


def test_an_error_inside_the_context_is_not_changed(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="inside"), of_folder(make(tmp_path / "f")).packed():
        raise OSError("inside")


@pytest.mark.parametrize(
    "change",
    [
        lambda file: file.write_bytes(b"FROM busybox"),
        lambda file: file.write_bytes(b"FROM scratcH\n"),
        lambda file: file.write_bytes(b""),
        lambda file: os.truncate(file, 2**40),
        lambda file: file.unlink(),
        lambda file: [file.unlink(), os.mkfifo(file)],
        lambda file: [file.unlink(), file.mkdir()],
    ],
    ids=["shorter", "same length", "empty", "endless", "gone", "a pipe", "a folder"],
)
def test_a_file_that_changed_after_it_was_hashed_is_refused(tmp_path: Path, temporary: Path, change: Any) -> None:
    found = of_folder(make(tmp_path / "f"))
    change(tmp_path / "f/Dockerfile")
    with pytest.raises(OptionError) as caught, found.packed():
        raise AssertionError("was packed")
    assert caught.value.message == "path: the file 'Dockerfile' changed while it was packed"
    assert list(temporary.iterdir()) == []


def test_changes_that_do_not_change_the_hash_are_accepted(tmp_path: Path) -> None:
    found = of_folder(make(tmp_path / "f"))
    before = packed(found)
    make(tmp_path / "f", {"new": b""})
    (tmp_path / "f/Dockerfile").chmod(0o700)
    assert packed(found) == before


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, temporary: Path, number: int) -> None:
    found = of_folder(make(tmp_path / "f"))

    def full(*args: Any) -> None:
        raise OSError(number, "No room")

    monkeypatch.setattr(source, "copy_hashed", full)
    with pytest.raises(OptionError) as caught, found.packed():
        raise AssertionError("was packed")
    assert caught.value.message == "path: %s cannot be packed into a temporary file: no room" % (tmp_path / "f")
    assert "TMPDIR" in str(caught.value)


def test_a_missing_temporary_folder_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = of_folder(make(tmp_path / "f"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    with pytest.raises(OptionError, match="cannot be packed into a temporary file: no such file"), found.packed():
        raise AssertionError("was packed")


def test_large_files_are_streamed(tmp_path: Path) -> None:
    make(tmp_path / "f", {"large": b""})
    os.truncate(tmp_path / "f/large", 64 * 1024 * 1024)
    tracemalloc.start()
    try:
        found = of_folder(tmp_path / "f")
        with found.packed() as path:
            assert source_of(path, None, []).content_hash == found.content_hash
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert amount(found)[1] == 64 * 1024 * 1024
    assert found.label.endswith("(1 file, 64.0 MiB)")
    assert peak < 16 * 1024 * 1024


# --- ZIPs ------------------------------------------------------------------------------------------------------------


def test_an_archive_is_not_packed_again(tmp_path: Path) -> None:
    file = zipped(tmp_path / "f.zip")
    with of_zip(file).packed() as path:
        assert path == str(file)
    assert file.exists()


# The names that drop.ts of Dokploy 0.30.2 with AdmZip 0.5.16 makes of these entries, and their entries.
SEEN: list[tuple[list[str], dict[str, str]]] = [
    (["a", "b/c"], {"a": "a", "b/c": "b/c"}),
    (["top/", "top/a", "top/b/c"], {"a": "top/a", "b/c": "top/b/c"}),
    # A root folder without an entry of its own stays.
    (["top/a", "top/b/c"], {"top/a": "top/a", "top/b/c": "top/b/c"}),
    (["top/", "top/a", "other"], {"top/a": "top/a", "other": "other"}),
    (["top/", "other/", "top/a"], {"top/a": "top/a"}),
    (["top/", "top/a", "other/b"], {"a": "top/a", "other/b": "other/b"}),
    (["top/", "top/", "top/a"], {"top/a": "top/a"}),
    (["top/", "top/sub/", "top/sub/a"], {"sub/a": "top/sub/a"}),
    (["top/", "top/top/a"], {"top/a": "top/top/a"}),
    (["__MACOSX/", "__MACOSX/top/._a", "top/", "top/a"], {"a": "top/a"}),
    (["__MACOSX", "__MACOSX.txt", "a", "b/__MACOSX/c"], {"a": "a", "b/__MACOSX/c": "b/__MACOSX/c"}),
    (["./a", "b/./c", "d//e", "././f/"], {"a": "./a", "b/c": "b/./c", "d/e": "d//e"}),
    (["top/", "top//a", "top/./", "top/./b"], {"a": "top//a", "b": "top/./b"}),
    (["a\\b.txt", "c\\"], {"a/b.txt": "a\\b.txt"}),
    (["top\\", "top\\a"], {"top/a": "top\\a"}),
    (["ü", "é/"], {"ü": "ü"}),
]


@pytest.mark.parametrize(("entries", "seen"), SEEN, ids=[" ".join(entries) for entries, _seen in SEEN])
def test_names_in_a_zip_are_those_of_the_server(tmp_path: Path, entries: list[str], seen: dict[str, str]) -> None:
    with zipfile.ZipFile(tmp_path / "f.zip", "w") as archive:
        for name in entries:
            add(archive, name, b"" if name.endswith(("/", "\\")) else name.encode())
    # This one has no root folder to remove.
    same = zipped(tmp_path / "g.zip", {name: entry.encode() for name, entry in seen.items()})
    assert of_zip(tmp_path / "f.zip").content_hash == of_zip(same).content_hash
    assert len(of_zip(tmp_path / "f.zip").entries) == len(seen)


def patch_headers(file: Path, change: Any) -> None:
    """Change every header of the ZIP: ``change(data, position of the flags)``."""
    data = bytearray(file.read_bytes())
    for signature, flags in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        start = data.find(signature)
        while start >= 0:
            change(data, start + flags)
            start = data.find(signature, start + 4)
    file.write_bytes(data)


def test_names_without_the_utf8_flag_are_read_as_utf8(tmp_path: Path) -> None:
    file = zipped(tmp_path / "f.zip", {"ü/é": b"1", "a": b""})
    before = of_zip(file).content_hash

    def unmark(data: bytearray, position: int) -> None:
        data[position + 1] &= 0xF7

    patch_headers(file, unmark)
    with zipfile.ZipFile(file) as archive:
        assert "ü/é" not in archive.namelist()
    assert of_zip(file).content_hash == before


def test_names_in_another_encoding_are_refused(tmp_path: Path) -> None:
    file = zipped(tmp_path / "f.zip", {"aXb": b"1"})
    file.write_bytes(file.read_bytes().replace(b"aXb", b"a\x81b"))
    assert failure(file).message == "archive: the file 'a\\udc81b' has a name that is not UTF-8 text"

    def mark(data: bytearray, position: int) -> None:
        data[position + 1] |= 0x08

    patch_headers(file, mark)
    assert failure(file).message.startswith("archive: ")


def test_an_encrypted_archive_is_refused(tmp_path: Path) -> None:
    def encrypt(data: bytearray, position: int) -> None:
        data[position] |= 1

    patch_headers(zipped(tmp_path / "f.zip", {"a": b"1"}), encrypt)
    error = failure(tmp_path / "f.zip")
    assert (
        str(error) == "archive: the entry 'a' is encrypted. Create the ZIP without a password, with the method deflate."
    )


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA, 9, 7])
def test_unsupported_compression_is_refused(tmp_path: Path, method: int) -> None:
    def claim(data: bytearray, position: int) -> None:
        data[position + 2] = method

    patch_headers(zipped(tmp_path / "f.zip", {"a": b"1"}), claim)
    error = failure(tmp_path / "f.zip")
    assert error.message == "archive: the entry 'a' is compressed with a method that Dokploy cannot read"
    assert "deflate" in str(error.hint)


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFBLK, stat.S_IFCHR, stat.S_IFIFO])
@pytest.mark.parametrize("system", [0, 3, 19])
def test_links_devices_and_pipes_in_a_zip_are_refused(tmp_path: Path, kind: int, system: int) -> None:
    with zipfile.ZipFile(tmp_path / "f.zip", "w") as archive:
        add(archive, "a", b"1")
        add(archive, "b", b"a", kind | 0o777, create_system=system)
        add(archive, "__MACOSX/c", b"a", kind)
    error = failure(tmp_path / "f.zip")
    assert error.message == "archive: the entry 'b' is a link, a device or a pipe, which Dokploy refuses"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("/a", "the file '/a' has an absolute path"),
        ("\\a", "the file '/a' has an absolute path"),
        ("C:/a", "the file 'C:/a' has an absolute path"),
        ("c:\\a", "the file 'c:/a' has an absolute path"),
        ("../a", "the file '../a' has a path outside"),
        ("a/../b", "the file 'a/../b' has a path outside"),
        ("a\\..\\..\\b", "the file 'a/../../b' has a path outside"),
        (".", "the file '' has a path outside the folder that is deployed"),
    ],
)
def test_path_traversal_is_refused(tmp_path: Path, name: str, words: str) -> None:
    with zipfile.ZipFile(tmp_path / "f.zip", "w") as archive:
        add(archive, "x", b"1")
        add(archive, name)
    assert failure(tmp_path / "f.zip").message.startswith("archive: " + words)


def test_a_nul_in_a_name_is_refused(tmp_path: Path) -> None:
    file = zipped(tmp_path / "f.zip", {"aXb": b"1"})
    file.write_bytes(file.read_bytes().replace(b"aXb", b"a\0b"))
    assert failure(file).message == "archive: the file 'a\\x00b' has a backslash or a NUL character in its name"


@pytest.mark.parametrize("entries", [[], ["a/"], ["a/", "b/", "a/c/"], ["__MACOSX/a"]])
def test_an_archive_without_files_is_refused(tmp_path: Path, entries: list[str]) -> None:
    with zipfile.ZipFile(tmp_path / "f.zip", "w") as archive:
        for name in entries:
            add(archive, name)
    assert "contains no file to upload" in failure(tmp_path / "f.zip").message


def test_other_files_than_zip_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "f.zip"
    assert failure(tmp_path).message == "archive: %s is a folder" % tmp_path
    assert failure(file).message == "archive: %s cannot be read: no such file or directory%s" % (file, ON_HOST)
    for content in (b"", b"PK", b"\x1f\x8b\x08 a tarball", b"x" * 1000):
        file.write_bytes(content)
        assert failure(file).message == "archive: %s is not a ZIP file" % file
    file.unlink()
    os.mkfifo(file)
    assert failure(file).message == "archive: %s cannot be read: it is not a file" % file


def test_an_incomplete_archive_is_refused(tmp_path: Path) -> None:
    file = zipped(tmp_path / "f.zip")
    whole = file.read_bytes()
    for length in range(4, len(whole)):
        file.write_bytes(whole[:length])
        error = failure(file)
        assert error.message == "archive: %s is damaged or incomplete" % file
        assert error.hint == "Create the ZIP or copy it again."


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_damaged_content_is_refused(tmp_path: Path, method: int) -> None:
    with zipfile.ZipFile(tmp_path / "f.zip", "w", method) as archive:
        archive.writestr("a", b"content of it")
    data = bytearray((tmp_path / "f.zip").read_bytes())
    data[30 + 1 + 5] ^= 0xFF
    (tmp_path / "f.zip").write_bytes(data)
    assert failure(tmp_path / "f.zip").message == "archive: the file 'a' is damaged"


@pytest.mark.parametrize("by", [-1, 1])
def test_content_of_another_size_is_refused(tmp_path: Path, by: int) -> None:
    with zipfile.ZipFile(tmp_path / "f.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", b"content of it")

    def claim(data: bytearray, position: int) -> None:
        data[position + 16] += by

    patch_headers(tmp_path / "f.zip", claim)
    assert failure(tmp_path / "f.zip").message == "archive: the file 'a' is damaged"


# --- the options -----------------------------------------------------------------------------------------------------


def test_exactly_one_of_archive_and_path_is_required(tmp_path: Path) -> None:
    for both in (None, str(tmp_path)):
        with pytest.raises(OptionError, match="^one of archive and path is required, and only one"):
            source_of(both, both, [])


def test_exclude_requires_path(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="^exclude: it requires path"):
        source_of(str(zipped(tmp_path / "f.zip")), None, ["*.log"])
    with pytest.raises(OptionError, match=r"^exclude: '\[a' has a \[ without a \]"):
        source_of(None, str(make(tmp_path / "f")), ["[a"])


# --- properties ------------------------------------------------------------------------------------------------------

PARTS = st.text("ab.-é", min_size=1, max_size=2).filter(lambda name: name not in (".", ".."))
PATHS = st.lists(PARTS, min_size=1, max_size=3).map("/".join)
CONTENTS = st.one_of(st.binary(max_size=6), st.just(b"a" * 3000))
TREES = st.dictionaries(PATHS, st.tuples(CONTENTS, st.booleans()), min_size=1, max_size=5)


def fits(tree: Mapping[str, Any]) -> bool:
    """Whether such a folder can exist."""
    return not any(other.startswith(name + "/") for name in tree for other in tree)


def write(folder: Path, tree: Mapping[str, tuple[bytes, bool]]) -> Path:
    contents = {name: content for name, (content, _run) in tree.items()}
    return make(folder, contents, frozenset(name for name, (_content, run) in tree.items() if run))


@given(TREES, st.booleans(), st.booleans(), st.randoms(use_true_random=False))
@settings(max_examples=80)
def test_every_zip_of_a_folder_has_its_hash(tree: Any, root: bool, folders: bool, random: Any) -> None:
    assume(fits(tree))
    # A root folder alone would be removed.
    folders = folders and any("/" not in name for name in tree)
    entries = list(tree)
    if folders:
        entries += {name[: end + 1] for name in tree for end, char in enumerate(name) if char == "/"}
    random.shuffle(entries)
    prefix = "top/" if root else ""
    with tempfile.TemporaryDirectory() as place:
        folder = of_folder(write(Path(place, "f"), tree))
        with zipfile.ZipFile(Path(place, "f.zip"), "w") as archive:
            for name in ([""] if root else []) + entries:
                content, run = tree.get(name, (b"", False))
                mode = random.choice([0o700, 0o755, 0o500] if run else [0o600, 0o644, 0o666])
                kind = stat.S_IFDIR if not name or name.endswith("/") else random.choice([0, stat.S_IFREG])
                method = random.choice([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
                date = (random.randint(1980, 2100), 2, 3, 4, 5, 6)
                add(archive, prefix + name, content, kind | mode, compress_type=method, date_time=date)
        found = of_zip(Path(place, "f.zip"))
        assert (found.content_hash, amount(found)) == (folder.content_hash, amount(folder))
        with folder.packed() as path:
            assert source_of(path, None, []).content_hash == folder.content_hash


@example({"a": (b"", False)}, {"a": (b"", True)})
@example({"a": (b"", False), "b": (b"", False)}, {"a": (b"", False)})
@given(TREES, TREES)
@settings(max_examples=60)
def test_different_files_have_different_hashes(one: Any, other: Any) -> None:
    assume(fits(one) and fits(other))
    with tempfile.TemporaryDirectory() as place:
        hashes = [of_folder(write(Path(place, name), tree)).content_hash for name, tree in (("1", one), ("2", other))]
    assert (hashes[0] == hashes[1]) == (one == other)


def damaged() -> st.SearchStrategy[bytes]:
    """A ZIP with some bytes changed."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        add(archive, "a/", b"", stat.S_IFDIR | 0o755)
        add(archive, "a/ü", b"content " * 20, stat.S_IFREG | 0o644, compress_type=zipfile.ZIP_DEFLATED)
        add(archive, "a/b", b"x", stat.S_IFREG | 0o755)
    whole = buffer.getvalue()
    changes = st.lists(st.tuples(st.integers(0, len(whole) - 1), st.integers(0, 255)), max_size=4)

    def change(changes: list[tuple[int, int]]) -> bytes:
        data = bytearray(whole)
        for position, value in changes:
            data[position] = value
        return bytes(data)

    return changes.map(change)


@given(damaged())
@settings(max_examples=example_count(100, 300))
def test_a_damaged_zip_never_raises_another_error(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as place:
        file = Path(place, "f.zip")
        file.write_bytes(data)
        try:
            found = of_zip(file)
        except OptionError as error:
            assert str(error).startswith("archive: ")
            assert "\n" not in str(error)
        else:
            assert 1 <= len(found.entries) <= 3
