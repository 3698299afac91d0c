# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Locks between processes; a killed process leaves none behind."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from io import FileIO
from pathlib import Path

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._engine import concurrency


@contextlib.contextmanager
def write_lock(server: str, what: str) -> Iterator[concurrency.WriteLock]:
    """The lock of one name."""
    with concurrency.write_locks(server, [what]) as locks:
        yield locks[what]


# Says whether it must wait, and when it is in; stays there until it is told to go.
HOLDER = """
import fcntl, importlib.util, sys, tempfile
path, tempfile.tempdir, server, limit = sys.argv[1:]
spec = importlib.util.spec_from_file_location("_lock", path)
lock = importlib.util.module_from_spec(spec)
spec.loader.exec_module(lock)
real = fcntl.flock
def flock(handle, flags):
    try:
        real(handle, flags | fcntl.LOCK_NB)
    except BlockingIOError:
        if flags & fcntl.LOCK_NB:
            raise
        print("waits", flush=True)
        real(handle, flags)
fcntl.flock = flock
with lock.in_flight(server, int(limit)):
    print("in", flush=True)
    sys.stdin.readline()
print("out", flush=True)
sys.stdin.readline()
"""


class Holder:
    """Another process that holds a place, or wants to."""

    def __init__(self, folder: Path, server: str, limit: int) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", HOLDER, concurrency.__file__, str(folder), server, str(limit)],
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
def holder(folder: Path) -> Iterator[Callable[..., Holder]]:
    started: list[Holder] = []

    def start(server: str, limit: int = 1) -> Holder:
        started.append(Holder(folder, server, limit))
        return started[-1]

    yield start
    for one in started:
        one.kill()
        for pipe in (one.process.stdin, one.process.stdout):
            assert pipe is not None
            pipe.close()


def free(server: str, limit: int = 1) -> bool:
    """Whether this process gets a place without waiting."""
    real, got = fcntl.flock, []

    def flock(handle: FileIO, flags: int) -> None:
        if flags & fcntl.LOCK_NB:
            real(handle, flags)
        got.append(bool(flags & fcntl.LOCK_NB))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fcntl, "flock", flock)
        with concurrency.in_flight(server, limit):
            pass
    assert len(got) == 1, "no lock was asked for"
    return got[0]


def test_two_processes_hold_the_only_place_one_after_the_other(holder: Callable[..., Holder]) -> None:
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


def test_other_servers_have_other_places(holder: Callable[..., Holder]) -> None:
    assert holder("a").says() == "in"
    assert holder("b").says() == "in"
    assert free("c")


def test_a_killed_holder_leaves_no_lock(holder: Callable[..., Holder]) -> None:
    first = holder("a")
    assert first.says() == "in"
    second = holder("a")
    assert second.says() == "waits"
    first.kill()
    assert second.says() == "in"


def test_a_fifth_process_waits_for_one_of_four(holder: Callable[..., Holder]) -> None:
    four = [holder("a", 4) for _unused in range(4)]
    assert [one.says() for one in four] == ["in"] * 4
    fifth = holder("a", 4)
    assert fifth.says() == "waits"
    four[0].kill()
    four[1].go()
    assert four[1].says() == "out"
    # One of the two places may be the one that the fifth waits for, and the other is free for a newcomer.
    assert holder("a", 4).says() == "in"
    for one in four[2:]:
        one.kill()
    assert fifth.says() == "in"


@pytest.mark.parametrize(
    ("held", "wanted", "is_free"),
    [
        ([], 1, True),
        ([4, 4, 4], 4, True),
        ([4, 4, 4, 4], 4, False),
        # A write with a higher limit leaves the only place to those with the limit 1 as long as it has another.
        ([4, 4, 4], 1, True),
        ([4, 4, 4, 4], 1, False),
        ([1], 1, False),
        ([1], 4, True),
        ([1, 4, 4], 4, True),
        ([1, 4, 4, 4], 4, False),
        ([2, 2], 4, True),
        ([2, 2], 1, False),
        ([4, 4, 2], 2, True),
    ],
)
def test_writes_with_several_limits_share_the_places(folder: Path, held: list[int], wanted: int, is_free: bool) -> None:
    with contextlib.ExitStack() as stack:
        for limit in held:
            assert free("a", limit)
            stack.enter_context(concurrency.in_flight("a", limit))
        assert free("a", wanted) == is_free
        assert free("b", wanted)
    assert free("a", wanted)


def test_forks_wait_for_different_places(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waited = []

    def flock(handle: FileIO, flags: int) -> None:
        if flags & fcntl.LOCK_NB:
            raise BlockingIOError
        waited.append(os.fstat(handle.fileno()).st_ino)

    monkeypatch.setattr(fcntl, "flock", flock)
    for number in range(8):
        monkeypatch.setattr(os, "getpid", lambda number=number: 4711 + number)
        with concurrency.in_flight("a", 4):
            pass
    assert waited[:4] == waited[4:]
    assert len(set(waited)) == 4


def test_an_error_inside_ends_the_lock_and_goes_on(folder: Path) -> None:
    with pytest.raises(LookupError), concurrency.in_flight("a", 1):
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
    with concurrency.in_flight("a", 4):
        return True


def test_without_a_writable_folder_there_is_no_lock(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    assert enters()
    with pytest.raises(OSError, match="inside"), concurrency.in_flight("a", 1):
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
    def flock(_handle: FileIO, _flags: int) -> None:
        raise OSError(number, "no locks here")

    monkeypatch.setattr(fcntl, "flock", flock)
    assert enters()


def test_a_platform_without_locks(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(concurrency, "lock_file", lambda *_what: None)
    assert enters()
    assert list(folder.iterdir()) == []


# --- preconditions ----------------------------------------------------------------------------------------------------


def write(what: str, server: str = "https://a") -> float:
    """Write under the lock; the time of the write."""
    with write_lock(server, what) as mine:
        mine.wrote = True
    assert mine.last is not None
    return mine.last


def last(what: str, server: str = "https://a") -> float | None:
    with write_lock(server, what) as mine:
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
    with pytest.raises(LookupError), write_lock("https://a", "a") as mine:
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
        with write_lock("server", "what %d" % number) as mine:
            mine.wrote = True
        (file,) = folder.iterdir()
        sizes.append(file.stat().st_size)
    assert sizes == sorted(set(sizes))
    monkeypatch.setattr(concurrency, "REMEMBERED", 0.0)
    with write_lock("server", "what 3") as mine:
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


def test_write_locks_are_held_one_after_the_other(folder: Path) -> None:
    """Locks belong to an open file, so that threads stand for processes."""
    got: list[float | None] = []
    thread = threading.Thread(target=lambda: got.append(last("a")), daemon=True)
    with write_lock("https://a", "a"):
        thread.start()
        thread.join(0.05)
        assert got == []
    thread.join(60)
    assert got == [None]


def test_without_locks_no_write_waits(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(concurrency, "lock_file", lambda *_what: None)
    with write_lock("https://a", "a") as mine:
        mine.wrote = True
    assert last("a") is None
    assert list(folder.iterdir()) == []


def test_the_locks_of_many_names_are_taken_at_once(folder: Path) -> None:
    """Several of them share a file, which a process cannot lock twice."""
    names = [f"thing {number}" for number in range(3 * concurrency.BUCKETS)]
    with concurrency.write_locks("server", names) as locks:
        assert sorted(locks) == sorted(names)
        assert all(lock.last is None for lock in locks.values())
        for name in names[::2]:
            locks[name].wrote = True
    with concurrency.write_locks("server", names) as locks:
        assert [name for name in names if locks[name].last is not None] == names[::2]
