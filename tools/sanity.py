# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run ``ansible-test sanity``: ``python -m tools.sanity [--all]``.

Without C(--all), it checks what the tarball contains, without the tests that repeat steps of C(lint). With it, it
checks all files, and compiles and imports those of the tarball with every Python at hand.
"""

from __future__ import annotations

import re
import shutil
import sys
import sysconfig
from pathlib import Path

from tools import check, environments, workspace
from tools.workspace import CACHE, VENV

# The Pythons of the hosts that modules run on: from the oldest that the collection supports to the newest that
# ansible-core does.
TARGETS = ("3.9", "3.10", "3.11", "3.12", "3.13", "3.14")
# Files that no user gets, and the event sources, which have checks of their own.
INTERNAL = ("tests/", "tools/", "simulator/", "extensions/", "conftest.py", "noxfile.py")


def sanity(without: tuple[str, ...], *options: str, pythons: dict[str, Path] | None = None) -> None:
    """Run the tests on a copy of the checkout.

    :param without: beginnings of the names of files that are left out.
    :param pythons: the Pythons for the tests that run with each of several; default: that of C(.venv).
    """
    # Its own copy: it runs beside other parts, and bringing a copy up to date removes what a tool writes there.
    base = CACHE / "sanity"
    folder = workspace.copy(base, without)
    env = workspace.environment(base)
    if pythons:
        env["PATH"] = f"{env['PATH'].split(':')[0]}:{links(pythons)}:{env['PATH']}"
    else:
        options = ("--python", "default", *options)
    stand_in_for_get_pip(Path(env["HOME"]))
    text = check.run(check.tool("ansible-test"), "sanity", "--color", "no", *options, cwd=folder, env=env)
    if "All targets skipped" in text:
        raise check.Failed("ansible-test found nothing to test")


def links(pythons: dict[str, Path]) -> Path:
    """A folder with links to these Pythons, by the names that ansible-test looks for."""
    folder = CACHE / "pythons"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for version, python in pythons.items():
        (folder / f"python{version}").symlink_to(python)
    return folder


def stand_in_for_get_pip(home: Path, venv: Path = VENV) -> None:
    """Let ansible-test put our own pip into its environments, instead of loading a script that would install another.

    It looks for that script in a cache, by pip's version, before it asks a server that may be out of reach.
    """
    ours = Path(sysconfig.get_path("purelib"))
    (source,) = venv.glob("lib/python3*/site-packages/ansible_test/_internal/python_requirements.py")
    versions = re.findall(r"""pip\s*=\s*['"]([0-9.]+)['"]""", source.read_text())
    if not versions:
        raise check.Failed(f"{source} no longer says which pip it wants")
    cache = home / ".ansible/test/cache"
    cache.mkdir(parents=True, exist_ok=True)
    for version in versions:
        (cache / f"get_pip_{version.replace('.', '_')}.py").write_text(
            "import pathlib, shutil, sysconfig\n"
            f"for folder in pathlib.Path({str(ours)!r}).glob('pip*'):\n"
            "    if folder.name == 'pip' or folder.name.endswith('.dist-info'):\n"
            "        target = pathlib.Path(sysconfig.get_path('purelib')) / folder.name\n"
            "        shutil.copytree(folder, target, dirs_exist_ok=True)\n"
        )


def main() -> int:
    """Entry point; returns the exit status."""
    try:
        if sys.argv[1:] == ["--all"]:
            at_hand = environments.pythons(TARGETS)
            print(f"Pythons at hand: {', '.join(at_hand)}; not: {', '.join(set(TARGETS) - set(at_hand)) or 'none'}")
            sanity(INTERNAL, "--test", "compile", "--test", "import", pythons=at_hand)
            sanity(())
        else:
            # Ruff has the rules of pep8. Pylint takes most of its time for the tests, which ruff and mypy check.
            sanity(INTERNAL, "--skip-test", "pep8", "--skip-test", "changelog")
    except check.Failed as error:
        print(f"--> {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
