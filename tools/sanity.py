# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run ``ansible-test sanity``: ``python -m tools.sanity [--all]``.

Without C(--all), it checks what the tarball contains, without the tests that repeat what other parts do. With it, it
checks all files, and compiles and imports those of the tarball with every Python at hand.
"""

from __future__ import annotations

import re
import shutil
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from pathlib import Path

from tools import check, environments, workspace
from tools.import_graph import ImportGraph
from tools.workspace import CACHE, ROOT, VENV

# The Pythons of the hosts that modules run on: from the oldest that the collection supports to the newest that
# ansible-core does.
TARGETS = ("3.9", "3.10", "3.11", "3.12", "3.13", "3.14")
# What other parts of the checks have, too: ruff and mypy the rules of pep8 and of pylint that find errors, ansible-lint
# the schema of meta/runtime.yml, lint the changelog, build the documentation of all plugins. The test named import runs
# on its own.
REPEATED = ("pep8", "pylint", "runtime-metadata", "changelog", "ansible-doc", "import")
UTILS = "plugins/module_utils"
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
        # The word "default" stands for all that are at hand.
        options = ("--python", f"{sys.version_info.major}.{sys.version_info.minor}", *options)
    stand_in_for_get_pip(Path(env["HOME"]))
    text = check.run(check.tool("ansible-test"), "sanity", "--color", "no", *options, cwd=folder, env=env)
    if "All targets skipped" in text:
        raise check.Failed("ansible-test found nothing to test")


def importing(graph: ImportGraph) -> list[str]:
    """A few plugins and modules that load all that plugins and modules share, without C(requests) where those do.

    The test named import loads each file anew with all that the file imports, and takes most of a minute for all files.
    Modules, actions and descriptions of resources are alike in what they import, and other tests import all of them.
    """
    plugins = [name for name in sorted(graph.names) if re.match(r"plugins/.*(?<!__init__)\.py", name)]
    on_target = [name for name in plugins if name.startswith((f"{UTILS}/", "plugins/modules/"))]
    others = sorted(set(plugins) - set(on_target))
    wanted = {name for name in on_target if not name.startswith(("plugins/modules/", f"{UTILS}/_resources/"))}
    wanted_others = {name for name in others if not name.startswith("plugins/action/")}
    return [*_loading(wanted, on_target, graph), *_loading(wanted_others, others, graph)]


def _loading(wanted: set[str], candidates: Sequence[str], graph: ImportGraph) -> Iterator[str]:
    """Of these files some that together load all that is wanted: each time the one that loads most of what is left."""
    loaded = {name: graph.loaded(name) for name in candidates}
    while wanted:
        name = max(candidates, key=lambda candidate: len(wanted & loaded[candidate]))
        wanted -= loaded[name]
        yield name


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
            sanity(INTERNAL, *(word for name in REPEATED for word in ("--skip-test", name)))
            sanity(INTERNAL, "--test", "import", *importing(ImportGraph(ROOT, workspace.tracked_files())))
    except check.Failed as error:
        print(f"--> {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
