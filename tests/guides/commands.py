# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the commands of a page: those of Ansible in forks of a process that has loaded it.

Loading Ansible and the collection takes a second of processor time, more than most of these commands take beside it. A
fork runs the same entry point with the same arguments, environment and working directory. Where a command needs
settings that Ansible reads while it is loaded, or is not one of Ansible's, it runs as a process of its own.
"""

from __future__ import annotations

import atexit
import functools
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.support.processes import started
from tools import workspace
from tools.workspace import ROOT

ENTRY_POINTS = {
    "ansible": "ansible.cli.adhoc",
    "ansible-inventory": "ansible.cli.inventory",
    "ansible-playbook": "ansible.cli.playbook",
    "ansible-vault": "ansible.cli.vault",
}
# What Ansible reads while it is loaded.
READ_AT_START = ("ANSIBLE_", "PYTHON", "HOME", "PATH", "LC_", "TERM", "NO_COLOR")


def run(words: Sequence[str], folder: Path, env: Mapping[str, str]) -> tuple[int, str]:
    """The status of a command, and what it printed on both outputs."""
    alike = _settings(env) == _settings(workspace.environment()) and not (folder / "ansible.cfg").exists()
    if alike and words[0] in ENTRY_POINTS:
        return _server().run(words, folder, env)
    process = started(words, folder, env)
    output, _errors = process.communicate()
    return process.returncode, output


def _settings(env: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in env.items() if name.startswith(READ_AT_START)}


class _ForkServer:
    """The process that has loaded Ansible."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.guides.commands"],
            cwd=ROOT,
            env=workspace.environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, words: Sequence[str], folder: Path, env: Mapping[str, str]) -> tuple[int, str]:
        with tempfile.NamedTemporaryFile("r", errors="replace") as output:
            request = {"words": list(words), "folder": str(folder), "env": dict(env), "output": output.name}
            assert self._process.stdin is not None and self._process.stdout is not None
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
            answer = self._process.stdout.readline()
            assert answer, "the process that has loaded Ansible ended"
            return int(answer), output.read()

    def close(self) -> None:
        # Closes its input, at which it ends.
        self._process.communicate()


@functools.cache
def _server() -> _ForkServer:
    server = _ForkServer()
    atexit.register(server.close)
    return server


# --- in the process that has loaded Ansible ---------------------------------------------------------------------------


def _load() -> None:
    import importlib
    import warnings

    for name in ENTRY_POINTS.values():
        importlib.import_module(name)
    from ansible.plugins import loader

    loader.init_plugin_loader()
    # Each command configures it again.
    warnings.filterwarnings("ignore", message=".*has already been configured")
    for name in ("dokploy_application", "dokploy_compose", "dokploy_database", "dokploy_deployment"):
        importlib.import_module(f"ansible_collections.community.dokploy.plugins.action.{name}")


def _command(words: Sequence[str], folder: str, env: Mapping[str, str], output: str) -> int:
    """Become the command, in a fork; returns its status."""
    import importlib
    import shutil

    from ansible import constants

    os.chdir(folder)
    os.environ.clear()
    os.environ.update(env)
    written = os.open(output, os.O_WRONLY)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(written, 1)
    os.dup2(written, 2)
    sys.argv = [str(workspace.VENV / "bin" / words[0]), *words[1:]]
    # Made while Ansible was loaded, for one process.
    constants.DEFAULT_LOCAL_TMP = tempfile.mkdtemp(prefix="ansible-local-")
    try:
        importlib.import_module(ENTRY_POINTS[words[0]]).main()
        return 0
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        shutil.rmtree(constants.DEFAULT_LOCAL_TMP, ignore_errors=True)


def main() -> None:
    """Serve: a request a line, ``{"words", "folder", "env", "output"}``, and as answer the status of the command."""
    _load()
    for line in sys.stdin:
        request = json.loads(line)
        child = os.fork()
        if child == 0:
            status = 1
            try:
                status = _command(**request)
            finally:
                os._exit(status)
        _child, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    main()
