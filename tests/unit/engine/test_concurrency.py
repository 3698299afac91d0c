# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Locks between processes; a killed process leaves none behind."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._engine import concurrency

# Says whether it must wait, and when it is in; stays there until it is told to go.
HOLDER = """
import fcntl, importlib.util, sys, tempfile
path, tempfile.tempdir, what = sys.argv[1:]
spec = importlib.util.spec_from_file_location("_lock", path)
lock = importlib.util.module_from_spec(spec)
spec.loader.exec_module(lock)
real = fcntl.flock
def flock(handle, flags):
    try:
        real(handle, flags | fcntl.LOCK_NB)
    except BlockingIOError:
        print("waits", flush=True)
        real(handle, flags)
fcntl.flock = flock
with lock.exclusive_lock(what):
    print("in", flush=True)
    sys.stdin.readline()
print("out", flush=True)
sys.stdin.readline()
"""


class Holder:
    """Another process that holds the lock, or wants to."""

    def __init__(self, folder: Path, what: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", HOLDER, concurrency.__file__, str(folder), what],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def says(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def go(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.fixture
def holder(folder: Path) -> Iterator[Callable[[str], Holder]]:
    started: list[Holder] = []

    def start(what: str) -> Holder:
        started.append(Holder(folder, what))
        return started[-1]

    yield start
    for one in started:
        one.kill()
        for pipe in (one.process.stdin, one.process.stdout):
            assert pipe is not None
            pipe.close()


def free(what: str) -> bool:
    """Whether this process gets the lock without waiting."""
    real, got = fcntl.flock, []

    def flock(handle: int, flags: int) -> None:
        try:
            real(handle, flags | fcntl.LOCK_NB)
            got.append(True)
        except BlockingIOError:
            got.append(False)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fcntl, "flock", flock)
        with concurrency.exclusive_lock(what):
            pass
    assert len(got) == 1, "no lock was asked for"
    return got[0]


def test_two_processes_hold_the_lock_one_after_the_other(holder: Callable[[str], Holder]) -> None:
    first = holder("a")
    assert first.says() == "in"
    second = holder("a")
    assert second.says() == "waits"
    first.go()
    assert first.says() == "out"
    assert second.says() == "in"
    assert not free("a")
    second.go()
    assert second.says() == "out"
    assert free("a")


def test_locks_on_other_things_are_other_locks(holder: Callable[[str], Holder]) -> None:
    assert holder("a").says() == "in"
    assert holder("b").says() == "in"
    assert free("c")


def test_a_killed_holder_leaves_no_lock(holder: Callable[[str], Holder]) -> None:
    first = holder("a")
    assert first.says() == "in"
    second = holder("a")
    assert second.says() == "waits"
    first.kill()
    assert second.says() == "in"


def test_an_error_inside_ends_the_lock_and_goes_on(folder: Path) -> None:
    with pytest.raises(LookupError), concurrency.exclusive_lock("a"):
        raise LookupError
    assert free("a")


def test_file_names_do_not_show_what_is_locked(folder: Path) -> None:
    """Any text can be locked on, and the file name does not show it."""
    for what in ("https://dokploy.example.com", "größer/../..", "x" * 1000, ""):
        assert free(what)
    names = [path.name for path in folder.iterdir()]
    assert len(names) == 4
    assert all(name.startswith("community.dokploy-") and "example" not in name for name in names)
    assert all(path.stat().st_mode & 0o077 == 0 for path in folder.iterdir())


def enters() -> bool:
    with concurrency.exclusive_lock("a"):
        return True


def test_without_a_writable_folder_there_is_no_lock(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    assert enters()
    with pytest.raises(OSError, match="inside"), concurrency.exclusive_lock("a"):
        raise OSError("inside")


def test_a_link_in_its_place_is_not_followed(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    assert free("a")
    (path,) = folder.iterdir()
    target = tmp_path_factory.mktemp("other") / "target"
    path.unlink()
    path.symlink_to(target)
    assert enters()
    assert not target.exists()


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP])
def test_a_file_system_without_locks(folder: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def flock(_handle: int, _flags: int) -> None:
        raise OSError(number, "no locks here")

    monkeypatch.setattr(fcntl, "flock", flock)
    assert enters()


def test_a_platform_without_locks(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(concurrency, "lock_file", lambda _what: None)
    assert enters()
    assert list(folder.iterdir()) == []


# --- turns -----------------------------------------------------------------------------------------------------------


def write(what: str, server: str = "https://a") -> float:
    """Write under the lock; the time of the write."""
    with concurrency.write_lock(server, what) as mine:
        mine.wrote = True
    assert mine.last is not None
    return mine.last


def last(what: str, server: str = "https://a") -> float | None:
    with concurrency.write_lock(server, what) as mine:
        return mine.last


def test_a_write_lock_tells_when_the_last_write_was(folder: Path) -> None:
    before = time.monotonic()
    assert last("a") is None
    first = write("a")
    assert before <= first <= time.monotonic()
    assert last("a") == first
    # Who only looks has written nothing.
    assert last("a") == first
    assert last("b") is None
    assert last("a", "https://b") is None
    assert write("a") > first


def test_many_things_share_few_files(folder: Path) -> None:
    moments = {str(number): write(str(number)) for number in range(200)}
    assert {what: last(what) for what in moments} == moments
    assert len(list(folder.iterdir())) <= concurrency.BUCKETS


def test_a_write_that_fails_counts_as_a_write(folder: Path) -> None:
    """It may have taken effect."""
    with pytest.raises(LookupError), concurrency.write_lock("https://a", "a") as mine:
        mine.wrote = True
        raise LookupError
    assert last("a") is not None


def test_times_in_the_distant_past_and_in_the_future_are_ignored(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = write("a")
    monkeypatch.setattr(time, "monotonic", lambda: now + concurrency.REMEMBERED + 1)
    assert last("a") is None
    # The machine was restarted.
    monkeypatch.setattr(time, "monotonic", lambda: now - 1)
    assert last("a") is None


def test_a_write_lock_truncates_no_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A truncated file is written to the disk when it is closed, which takes longer than a request where it is busy."""
    monkeypatch.setattr(concurrency, "BUCKETS", 1)
    sizes = []
    for number in range(3):
        with concurrency.write_lock("server", "what %d" % number) as mine:
            mine.wrote = True
        (file,) = folder.iterdir()
        sizes.append(file.stat().st_size)
    assert sizes == sorted(set(sizes))
    monkeypatch.setattr(concurrency, "REMEMBERED", 0.0)
    with concurrency.write_lock("server", "what 3") as mine:
        mine.wrote = True
    assert file.stat().st_size == sizes[-1]
    assert len(file.read_text().split()) == 2


@pytest.mark.parametrize("text", ["", "nonsense", "a b c\n\xff\n", "%s nan\n", "%s \n"])
def test_an_unreadable_file_is_ignored(folder: Path, text: str) -> None:
    write("a")
    (path,) = folder.iterdir()
    digest = path.read_text().split()[0]
    path.write_bytes(text.replace("%s", digest).encode("latin-1"))
    assert last("a") is None
    moment = write("a")
    assert last("a") == moment


def test_write_locks_are_held_one_after_the_other(holder: Callable[[str], Holder]) -> None:
    digest = int(hashlib.sha256(b"a").hexdigest()[:32], 16)
    first = holder("https://a write %d" % (digest % concurrency.BUCKETS))
    assert first.says() == "in"
    got: list[float | None] = []
    thread = threading.Thread(target=lambda: got.append(last("a")), daemon=True)
    thread.start()
    thread.join(0.05)
    assert got == []
    first.go()
    assert first.says() == "out"
    thread.join(60)
    assert got == [None]


def test_without_locks_no_write_waits(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(concurrency, "lock_file", lambda _what: None)
    with concurrency.write_lock("https://a", "a") as mine:
        mine.wrote = True
    assert last("a") is None
    assert list(folder.iterdir()) == []
