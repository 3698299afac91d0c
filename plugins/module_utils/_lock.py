# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""One writer at a time, among the workers of one machine.

Dokploy reads, changes and writes Traefik's files whole at each change of a domain, a redirect or a basic-auth user: one
file an application, and one for the middlewares of a whole server. Of changes that come at once the files keep only the
last, although all rows are stored. A play with forks would lose routers and users that way.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from typing import Iterator, Optional

try:
    import fcntl

    HAS_LOCKS = True
except ImportError:  # Windows has none, and no Ansible controller either.
    HAS_LOCKS = False


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
