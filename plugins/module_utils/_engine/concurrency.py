# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Locks between the processes of one machine.

Dokploy changes Traefik's files by reading and writing them whole: one file for each application, and one for the
middlewares of a server. Of changes at the same time the files keep only the last, although all rows are stored.

Names are not unique in Dokploy either, and what is built on what was read, such as merged variables, overwrites what
another process has written since. So a write with a precondition waits for those of the same name, and learns when the
last one was.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import tempfile
import time
from typing import Dict, Iterator, Optional

# The names of one server share so many locks, so that few files are left and few processes wait without need.
BUCKETS = 16
# Seconds after which no process works with what it read before.
REMEMBERED = 600.0


@contextlib.contextmanager
def exclusive_lock(what: str) -> Iterator[None]:
    """Hold the lock on C(what) of all processes of this user on this machine, waiting for it as long as it takes.

    The lock ends with the process that holds it, so that a killed one leaves nothing behind.
    """
    handle = lock_file(what)
    try:
        yield
    finally:
        if handle is not None:
            os.close(handle)


def lock_file(what: str) -> Optional[int]:
    """The file that holds the lock, or C(None) where there can be none: what is lost without it is rare."""
    name = "community.dokploy-%d-%s.lock" % (os.getuid(), _digest(what))
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
    handle = None
    try:
        handle = os.open(os.path.join(tempfile.gettempdir(), name), flags, 0o600)
        fcntl.flock(handle, fcntl.LOCK_EX)
    except OSError:
        if handle is not None:
            os.close(handle)
        return None
    return handle


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
def write_lock(server: str, what: str) -> Iterator[WriteLock]:
    """Wait until no other process writes C(what) on a server."""
    digest, lock = _digest(what), WriteLock()
    handle = lock_file("%s write %d" % (server, int(digest, 16) % BUCKETS))
    if handle is None:
        yield lock
        return
    known = _read_times(handle)
    lock.last = known.get(digest)
    try:
        yield lock
    finally:
        if lock.wrote:
            lock.last = time.monotonic()
            _write_times(handle, {**known, digest: lock.last})
        os.close(handle)


def _read_times(handle: int) -> Dict[str, float]:
    """When what was written in the last minutes; lines that make no sense are none."""
    now, text = time.monotonic(), ""
    with contextlib.suppress(OSError):
        text = os.pread(handle, os.fstat(handle).st_size, 0).decode("ascii", "replace")
    found = {}
    for line in text.splitlines():
        digest, _blank, moment = line.partition(" ")
        with contextlib.suppress(ValueError):
            # Later than now is from before the machine was started.
            if now - REMEMBERED <= float(moment) <= now:
                found[digest] = float(moment)
    return found


def _write_times(handle: int, times: Dict[str, float]) -> None:
    """Over what is there: a file that is truncated goes to the disk when it is closed, which may take long."""
    text = "".join("%s %r\n" % item for item in times.items())
    with contextlib.suppress(OSError):
        os.pwrite(handle, text.encode("ascii").ljust(os.fstat(handle).st_size, b"\n"), 0)
