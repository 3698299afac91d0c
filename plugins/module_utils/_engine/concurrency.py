# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""One writer at a time, and nobody unaware of another, among the workers of one machine.

Dokploy reads, changes and writes Traefik's files whole at each change of a domain, a redirect or a basic-auth user: one
file an application, and one for the middlewares of a whole server. Of changes that come at once the files keep only the
last, although all rows are stored. A play with forks would lose routers and users that way.

Names are not unique in Dokploy either, and what is built on what was read, such as merged variables, overwrites what
somebody else has written since. So whoever creates something, or writes what it has built on a reading, takes a turn:
it waits for the others that do the same to the same thing, and is told when one of them did so after its reading.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
import time
from typing import Dict, Iterator, Optional

try:
    import fcntl

    HAS_LOCKS = True
except ImportError:  # Windows has none, and no Ansible controller either.
    HAS_LOCKS = False


# What takes turns on one server shares so many locks, so that few files are left and few wait for what is not theirs.
BUCKETS = 16
# Seconds after which nobody can be working with what it read before that.
REMEMBERED = 600.0


@contextlib.contextmanager
def alone(what: str) -> Iterator[None]:
    """Hold the lock on C(what) of all processes of this user on this machine, waiting for it as long as it takes.

    The lock goes with the process that held it, so nothing is left behind by one that was killed.
    """
    handle = _taken(what) if HAS_LOCKS else None
    try:
        yield
    finally:
        if handle is not None:
            os.close(handle)


def _taken(what: str) -> Optional[int]:
    """The file that holds the lock, or C(None) where there can be none.

    Better without than not at all: what is lost without it is rare, and shows in no row.
    """
    name = "community.dokploy-%d-%s.lock" % (os.getuid(), hashlib.sha256(what.encode("utf-8")).hexdigest()[:32])
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
    try:
        handle = os.open(os.path.join(tempfile.gettempdir(), name), flags, 0o600)
    except OSError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
    except OSError:
        os.close(handle)
        return None
    return handle


class Turn:
    """The right to write one thing.

    :param last: when somebody on this machine wrote it last, in seconds of C(time.monotonic()), which all its processes
        share; C(None) when nobody did lately. After the turn, when this one did.
    """

    def __init__(self, last: Optional[float]) -> None:
        self.last = last
        self.wrote = False


@contextlib.contextmanager
def turn(server: str, what: str) -> Iterator[Turn]:
    """Wait for the turn to write C(what) on a server; C(wrote) of it is to be set by who has written."""
    digest = hashlib.sha256(what.encode("utf-8")).hexdigest()[:32]
    handle = _taken("%s turn %d" % (server, int(digest, 16) % BUCKETS)) if HAS_LOCKS else None
    if handle is None:
        yield Turn(None)
        return
    try:
        known = _known(handle)
        mine = Turn(known.get(digest))
        try:
            yield mine
        finally:
            if mine.wrote:
                mine.last = time.monotonic()
                _write(handle, {**known, digest: mine.last})
    finally:
        os.close(handle)


def _known(handle: int) -> Dict[str, float]:
    """What the file tells of the last minutes: who wrote what when; lines that make no sense are none."""
    now, found = time.monotonic(), {}
    for line in _text(handle).splitlines():
        digest, _blank, text = line.partition(" ")
        with contextlib.suppress(ValueError):
            moment = float(text)
            # Later than now: from before the machine was started.
            if now - REMEMBERED <= moment <= now:
                found[digest] = moment
    return found


def _text(handle: int) -> str:
    with contextlib.suppress(OSError):
        return os.pread(handle, os.fstat(handle).st_size, 0).decode("ascii", "replace")
    return ""


def _write(handle: int, known: Dict[str, float]) -> None:
    """Over what is there: a file that is truncated goes to the disk when it is closed, which may take long."""
    text = "".join("%s %r\n" % item for item in known.items())
    with contextlib.suppress(OSError):
        size = os.fstat(handle).st_size
        os.pwrite(handle, text.encode("ascii").ljust(size, b"\n"), 0)
