# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Locks between the processes of one user on one machine. A lock ends with the process that holds it.

A server takes only so many of some writes at once. So these hold one of its places while they are in flight.

Names are not unique in Dokploy, and what is built on what was read, such as merged variables, overwrites what another
process has written since. So a write with a precondition waits for those of the same name, and learns when the last one
was. It takes this lock before its place: a process that holds a place waits for no lock.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import tempfile
import time
from io import FileIO
from typing import ContextManager, Dict, Iterable, Iterator, Mapping, Optional

# The names of one server share so many locks, so that few files are left and few processes wait without need.
BUCKETS = 16
# Seconds after which no process works with what it read before.
REMEMBERED = 600.0


def in_flight(server: str, limit: int) -> ContextManager[object]:
    """Wait for one of the first C(limit) places of a server, and hold it in the context.

    So of all writes with a limit, no more are in flight than the highest limit, and of those with the limit 1 only one.
    """
    places = [_place(server, number) for number in range(limit)]
    # The first places come last: writes with a lower limit have no others.
    for place in reversed(places):
        file = lock_file(place, fcntl.LOCK_NB)
        if file is not None:
            return file
    # The forks of a run have numbers that follow each other, so that they wait for different places.
    return lock_file(places[os.getpid() % limit]) or contextlib.nullcontext()


@contextlib.contextmanager
def all_in_flight(server: str, count: int) -> Iterator[None]:
    """Wait for the first C(count) places of a server, in their order, and hold them in the context."""
    with contextlib.ExitStack() as stack:
        for number in range(count):
            stack.enter_context(lock_file(_place(server, number)) or contextlib.nullcontext())
        yield


def _place(server: str, number: int) -> str:
    return "%s place %d" % (server, number)


def lock_file(what: str, flags: int = 0) -> Optional[FileIO]:
    """The file that holds the lock until it is closed; with C(LOCK_NB), C(None) while another process holds it.

    Also C(None) where there can be no lock: what is lost without it is rare.
    """
    name = "community.dokploy-%d-%s.lock" % (os.getuid(), _digest(what))
    mode = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
    with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
        file = stack.enter_context(FileIO(os.open(os.path.join(tempfile.gettempdir(), name), mode, 0o600), "r+"))
        fcntl.flock(file, fcntl.LOCK_EX | flags)
        stack.pop_all()
        return file
    return None


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:32]


class WriteLock:
    """The right to write one thing.

    :param last: when a process of this machine wrote it last, in seconds of C(time.monotonic()), which they share;
        C(None) if none did lately. Afterwards, when this one did.
    :param wrote: to be set by the process that has written.
    """

    last: Optional[float] = None
    wrote = False


@contextlib.contextmanager
def write_locks(server: str, names: Iterable[str]) -> Iterator[Dict[str, WriteLock]]:
    """Wait until no other process writes any of these on a server; the rights by their names.

    All processes take the locks of several in the same order.
    """
    buckets: Dict[int, Dict[str, WriteLock]] = {}
    for name in names:
        buckets.setdefault(int(_digest(name), 16) % BUCKETS, {})[name] = WriteLock()
    with contextlib.ExitStack() as stack:
        for bucket in sorted(buckets):
            stack.enter_context(_bucket_lock("%s write %d" % (server, bucket), buckets[bucket]))
        yield {name: lock for locks in buckets.values() for name, lock in locks.items()}


@contextlib.contextmanager
def _bucket_lock(what: str, locks: Mapping[str, WriteLock]) -> Iterator[None]:
    """Hold the file of some names, which has the times at which they were written."""
    file = lock_file(what)
    if file is None:
        yield
        return
    with file:
        known = _read_times(file)
        for name, lock in locks.items():
            lock.last = known.get(_digest(name))
        try:
            yield
        finally:
            now, wrote = time.monotonic(), [name for name, lock in locks.items() if lock.wrote]
            for name in wrote:
                locks[name].last = known[_digest(name)] = now
            if wrote:
                _write_times(file, known)


def _read_times(file: FileIO) -> Dict[str, float]:
    """When what was written in the last minutes; lines that make no sense are none."""
    now, times = time.monotonic(), {}
    for line in file.readall().decode("ascii", "replace").splitlines():
        digest, _blank, moment = line.partition(" ")
        with contextlib.suppress(ValueError):
            # Later than now is from before the machine was started.
            if now - REMEMBERED <= float(moment) <= now:
                times[digest] = float(moment)
    return times


def _write_times(file: FileIO, times: Dict[str, float]) -> None:
    """Over what is there: a file that is truncated goes to the disk when it is closed, which may take long."""
    text = "".join("%s %r\n" % item for item in times.items())
    with contextlib.suppress(OSError):
        os.pwrite(file.fileno(), text.encode("ascii").ljust(os.fstat(file.fileno()).st_size, b"\n"), 0)
