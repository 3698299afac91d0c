# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Commands in processes of their own, which may be killed while a simulator holds one of their requests."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tools import workspace

if TYPE_CHECKING:
    from dokploy_simulator import Simulator

# Only ends a test that hangs; seconds.
LIMIT = 1800.0


def started(
    words: Sequence[str], folder: Path, env: Mapping[str, str], log: Path | None = None
) -> subprocess.Popen[str]:
    """Begin a command, in a session of its own and without input.

    :param log: gets both of its outputs; without it they are those of C(communicate).
    """
    with contextlib.ExitStack() as files:
        output = subprocess.PIPE if log is None else files.enter_context(log.open("w"))
        return subprocess.Popen(
            words,
            cwd=folder,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )


def environment(server: Simulator, temporary: Path) -> dict[str, str]:
    """Variables for a command that talks to a simulator, and leaves what it writes in one folder."""
    folders = ("ANSIBLE_LOCAL_TEMP", "ANSIBLE_REMOTE_TEMP", "TMPDIR")
    connection = {"NO_PROXY": "127.0.0.1", "DOKPLOY_URL": server.url, "DOKPLOY_API_KEY": server.key}
    return {**workspace.environment(), **dict.fromkeys(folders, str(temporary)), **connection}


def held(server: Simulator, process: subprocess.Popen[str]) -> bool:
    """Wait until the server holds a request of the process; whether that came before the process had ended."""
    end = time.monotonic() + LIMIT
    while time.monotonic() < end:
        if any(hold["waiting"] for hold in server.holds()):
            return True
        if process.poll() is not None:
            return False
        time.sleep(0.01)
    return False


def family(process: subprocess.Popen[str]) -> list[int]:
    """The IDs of a process and of all that it has started."""
    parents: dict[int, int] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError, IndexError):
            continue
    members, level = [process.pid], [process.pid]
    while level:
        level = [child for child, parent in parents.items() if parent in level]
        members += level
    return members


def lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (OSError, IndexError):
        return False


def kill(pids: Sequence[int]) -> None:
    """End processes at once, as if their machine were gone: nothing can clean up."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
