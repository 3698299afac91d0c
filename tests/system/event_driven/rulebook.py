# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs of ansible-rulebook against a simulator that this process controls."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.guides.snippets import snippets
from tools import environments, workspace
from tools.workspace import CACHE, ROOT

SECONDS = 900
"""What a test waits for something at most; the limit only ends a hanging test."""
JAVA = 17


def java_home() -> Path | None:
    """The folder of a Java that is new enough, if there is one."""
    named = os.environ.get("JAVA_HOME")
    program = Path(named) / "bin/java" if named else shutil.which("java")
    if program is None or not os.access(program, os.X_OK):
        return None
    # It writes both to standard error.
    words = subprocess.run([program, "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(\d+)', words)
    return Path(program).resolve().parents[1] if found and int(found[1]) >= JAVA else None


def guide(file: str) -> str:
    """The file of that name in the guide to Event-Driven Ansible."""
    blocks = snippets(ROOT / "docs/docsite/rst/event_driven.rst")
    return next(block.text for block in blocks if block.file == file)


def environment() -> Path:
    """The virtual environment with ansible-rulebook."""
    requirements = ROOT / "tests/requirements/event_driven.txt"
    wanted = ("-r", requirements)
    return environments.prepare(CACHE / "event_driven", Path(sys.executable), wanted, requirements.read_text())


class Rulebook:
    """A run of a rulebook, until the block ends.

    :param rulebook: its name in a collection, or its file. :param venv: the environment that has ansible-rulebook.
    :param java: the folder of Java. :param folder: where its files go. :param variables: those of the rulebook.
    :param env: environment variables.
    """

    def __init__(
        self, rulebook: str | Path, venv: Path, java: Path, folder: Path, variables: dict[str, Any], **env: str
    ) -> None:
        (folder / "inventory.yml").write_text(guide("inventory.yml"))
        (folder / "variables.json").write_text(json.dumps(variables))
        self._log = folder / "output"
        self._command: list[str | Path] = [
            *(venv / "bin/ansible-rulebook", "--rulebook", rulebook),
            *("--inventory", folder / "inventory.yml", "--vars", folder / "variables.json"),
        ]
        self._env = {**workspace.environment(venv=venv), "JAVA_HOME": str(java), "NO_PROXY": "127.0.0.1", **env}
        self._folder = folder

    def __enter__(self) -> Rulebook:
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                self._command, cwd=self._folder, env=self._env, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        return self

    def __exit__(self, *_exception: object) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(SECONDS)
        finally:
            self._process.kill()

    @property
    def output(self) -> str:
        return self._log.read_text(errors="replace")

    def recaps(self) -> int:
        """How many playbooks have ended."""
        return self.output.count("PLAY RECAP")

    def wait(self, true: Callable[[], bool]) -> None:
        end = time.monotonic() + SECONDS
        while not true():
            assert time.monotonic() < end and self._process.poll() is None, self.output
            time.sleep(0.05)

    def ended(self) -> int:
        """Wait for its end; returns its status."""
        return self._process.wait(SECONDS)
