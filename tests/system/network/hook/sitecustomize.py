# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Loaded by every Python of a run: names of the tests, and notes on the files that the collection writes.

C(TRANSPORT_FILES) names a file for the notes, one JSON list a line: what was done, the path, its permissions, whether
it is the collection that did it.
"""

from __future__ import annotations

import json
import os
import socket
import sys
from types import FrameType
from typing import Any

_SUFFIX = ".dokploy.test"
_addresses = socket.getaddrinfo


def _known(host: Any, *rest: Any, **more: Any) -> Any:
    """Both families for C(both.*), else 127.0.0.1; nothing for C(unknown.*)."""
    name = host.decode() if isinstance(host, bytes) else host
    if not isinstance(name, str) or not name.endswith(_SUFFIX):
        return _addresses(host, *rest, **more)
    if name.startswith("unknown."):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    found = _addresses("127.0.0.1", *rest, **more)
    return _addresses("::1", *rest, **more) + found if name.startswith("both.") else found


socket.getaddrinfo = _known

_notes = os.environ.get("TRANSPORT_FILES")


def _ours() -> bool:
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        if "/plugins/module_utils/_" in frame.f_code.co_filename and "dokploy" in frame.f_code.co_filename:
            return True
        frame = frame.f_back
    return False


def _note(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "open":
        path, _mode, flags = arguments
        writes = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        if not writes:
            return
    elif event in ("os.remove", "os.mkdir", "os.chmod", "os.rename"):
        path = arguments[0]
    else:
        return
    if isinstance(path, int):
        # What is open already was noted.
        return
    path = os.fsdecode(path)
    if _notes is None or path == _notes or not _ours():
        return
    try:
        permissions = oct(os.lstat(path).st_mode & 0o7777)
    except OSError:
        permissions = ""
    with open(_notes, "a") as notes:
        notes.write(json.dumps([event, path, permissions, os.getpid()]) + "\n")


if _notes:
    sys.addaudithook(_note)
