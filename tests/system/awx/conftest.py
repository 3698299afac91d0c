# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What only these tests need, in C(.cache/awx): jq and ansible-builder, and the collection awx.awx.

Where it cannot be had, the tests that need it are skipped, with what pip said as the reason.
"""

from __future__ import annotations

import fcntl
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tools import workspace
from tools.workspace import CACHE

FOLDER = CACHE / "awx"
TOOLS = ("jq >= 1.8, < 2", "ansible-builder >= 3.1, < 4")
# The last release of the package ansible with awx.awx. It is not installed: only this collection is taken out of it.
ANSIBLE = "13.8.0"


def _made(name: str, make: Callable[[Path], None]) -> Path:
    """A folder that is made once, by one process.

    :raises pytest.skip.Exception: a command of C(make) failed.
    """
    FOLDER.mkdir(parents=True, exist_ok=True)
    target = FOLDER / name
    with (FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (target / "complete").exists():
            shutil.rmtree(target, ignore_errors=True)
            try:
                make(target)
            except subprocess.CalledProcessError as error:
                lines = (error.stderr or error.stdout).decode(errors="replace").strip().splitlines()
                pytest.skip(f"pip cannot provide {name}: {lines[-1] if lines else error}")
            (target / "complete").touch()
    return target


def _run(*command: str | Path) -> None:
    subprocess.run(command, env=workspace.environment(), check=True, capture_output=True, stdin=subprocess.DEVNULL)


def _tools(target: Path) -> None:
    _run(sys.executable, "-m", "venv", target)
    _run(target / "bin/python", "-m", "pip", "install", "--quiet", *TOOLS)


def _awx_awx(target: Path) -> None:
    wanted = ("--no-deps", "--only-binary", ":all:", "--python-version", "3.12", f"ansible=={ANSIBLE}")
    _run(sys.executable, "-m", "pip", "download", "--quiet", "--dest", target, *wanted)
    (wheel,) = target.glob("ansible-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(
            target, [name for name in archive.namelist() if name.startswith("ansible_collections/awx/awx/")]
        )
    wheel.unlink()


@pytest.fixture(scope="session")
def tools() -> Path:
    """A folder with the programs of C(TOOLS), and a Python that has them."""
    return _made("tools", _tools) / "bin"


@pytest.fixture(scope="session")
def awx_awx() -> Path:
    """A folder for ANSIBLE_COLLECTIONS_PATH with the collection awx.awx."""
    return _made("collections", _awx_awx)
