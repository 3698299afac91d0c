# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Virtual environments beside .venv, for what would not get along with the tools there; and the Pythons at hand."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from tools import check, workspace
from tools.workspace import CACHE, VENV


def prepare(venv: Path, python: Path, wanted: tuple[str | Path, ...], inputs: str = "") -> Path:
    """The environment at C(venv), made when it is not there yet, or anew when what it is made of has changed.

    :param wanted: what pip installs, as on its command line. :param inputs: the text of the files named there.
    :raises Failed: the packages are out of reach.
    """
    stamp = "\n".join([str(python), *map(str, wanted), inputs])
    # Two processes of one test run must not both make it.
    with (CACHE / "environments.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (venv / "stamp").exists() or (venv / "stamp").read_text() != stamp:
            install(venv, python, *wanted)
            (venv / "stamp").write_text(stamp)
    return venv


def install(venv: Path, python: Path, *wanted: str | Path) -> None:
    """Make an environment anew, with what C(pip install) takes."""
    shutil.rmtree(venv, ignore_errors=True)
    env = {**workspace.environment(), "UV_NATIVE_TLS": "true", "UV_SYSTEM_CERTS": "true"}
    uv = VENV / "bin/uv"
    try:
        check.run(uv, "venv", "--quiet", "--python", python, venv, env=env)
        check.run(uv, "pip", "install", "--quiet", "--python", venv / "bin/python", *wanted, env=env)
    except (check.Failed, FileNotFoundError):
        # As in bootstrap.sh: pip knows settings that uv does not.
        check.run(python, "-m", "venv", "--clear", venv, env=env)
        check.run(venv / "bin/python", "-m", "pip", "install", "--quiet", *wanted, env=env)


def pythons(versions: Iterable[str]) -> dict[str, Path]:
    """Those of these versions that are on the PATH or installed by pyenv: C({"3.13": Path("/usr/bin/python3.13")})."""
    path = workspace.environment()["PATH"].split(os.pathsep, 1)[1]
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path(os.environ.get("HOME") or "/nonexistent") / ".pyenv")
    interpreters = {}
    for version in sorted(set(versions), key=lambda text: [int(part) for part in text.split(".")]):
        programs = list(pyenv.glob(f"versions/{version}*/bin/python{version}"))
        if named := shutil.which(f"python{version}", path=path):
            programs.insert(0, Path(named))
        for program in programs:
            # A name on the PATH may refuse to run.
            if subprocess.run([program, "-c", "import venv"], capture_output=True, check=False).returncode == 0:
                interpreters[version] = program
                break
    return interpreters
