# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The folder of an instance: what runs in it, and what its programs say."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

STOP_SECONDS = 30


class Failed(Exception):
    """A step did not succeed; the text says which one, and where its output is."""


@dataclass(frozen=True)
class Room:
    """One instance.

    :param folder: everything of it. :param port: where Dokploy listens, on 127.0.0.1; the port after it is that of its
        database.
    """

    folder: Path
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def source(self) -> Path:
        return self.folder / "source"

    @property
    def node(self) -> Path:
        return self.folder / "node"

    def path(self, name: str) -> Path:
        """A file of the room; its folder is there."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def text(self, name: str, make: Callable[[], str]) -> str:
        """The text of a file, which is made once, for its owner only."""
        path = self.path(name)
        if not path.is_file():
            made = make()
            with open(path, "w", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
                file.write(made)
        return path.read_text("utf-8").strip()

    # --- programs ----------------------------------------------------------------------------------------------------

    def run(self, step: str, command: Sequence[str | Path], folder: Path | None = None, **environment: str) -> None:
        """Run a program, whose output goes to the log of the step.

        :raises Failed: it is not there, or ends with another status than 0.
        """
        log = self.path(f"log/{step}.log")
        with log.open("ab") as output:
            try:
                process = subprocess.run(
                    command,
                    cwd=folder or self.folder,
                    env=self.environment(environment),
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    check=False,
                )
            except OSError as error:
                raise Failed(f"{step}: {error}") from None
        if process.returncode:
            raise Failed(f"{step}: {command[0]} ended with {process.returncode}; the end of {log}:\n{end_of(log)}")

    def tool(self, package: str, program: str) -> Path:
        """A program of a package of PyPI, in an environment of this room."""
        folder = self.folder / "tools"
        path = folder / "bin" / program
        if not path.exists():
            if not folder.exists():
                self.run("tools", [sys.executable, "-m", "venv", folder])
            self.run("tools", [folder / "bin/pip", "install", "--quiet", package])
        return path

    def environment(self, more: Mapping[str, str]) -> dict[str, str]:
        """That of the caller, with node and pnpm of this room first, and without what leads Dokploy elsewhere."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("DOKPLOY_", "DATABASE_", "REDIS_", "BETTER_AUTH_", "PYTHON"))
            # rclone 1.60, which Dokploy calls, cannot read what this names.
            and name != "AWS_CA_BUNDLE"
        }
        return {**kept, "PATH": f"{self.node / 'node_modules/.bin'}:{kept['PATH']}", **more}

    # --- daemons -----------------------------------------------------------------------------------------------------

    def running(self, name: str) -> int | None:
        """The process of a daemon, if it lives."""
        path = self.path(f"run/{name}")
        if not path.is_file():
            return None
        pid = int(path.read_text())
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return None
        return pid

    def start(self, name: str, command: Sequence[str | Path], folder: Path | None = None, **environment: str) -> None:
        """Start a daemon in a session of its own, unless it runs."""
        if self.running(name):
            return
        pid = self.path(f"run/{name}")
        pid.unlink(missing_ok=True)
        # The shell becomes the daemon, and no child of this process.
        words = ["setsid", "--fork", "sh", "-c", 'echo $$ > "$1"; shift; exec "$@"', "sh", pid, *command]
        with self.path(f"log/{name}.log").open("ab") as output:
            subprocess.run(
                words,
                cwd=folder or self.folder,
                env=self.environment(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                check=True,
            )
        until(lambda: pid.is_file() and pid.read_text() != "", STOP_SECONDS)

    def stop(self, name: str) -> None:
        """End a daemon, and wait for it."""
        pid = self.running(name)
        if pid is not None:
            for number in (signal.SIGTERM, signal.SIGKILL):
                os.kill(pid, number)
                if until(lambda: self.running(name) is None, STOP_SECONDS):
                    break
        self.path(f"run/{name}").unlink(missing_ok=True)


def until(true: Callable[[], bool], seconds: float) -> bool:
    """Whether something comes true in time."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(0.5)
    return True


def end_of(log: Path, lines: int = 15) -> str:
    return "\n".join(log.read_text("utf-8", errors="replace").splitlines()[-lines:])
