# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tests on every supported ansible-core and on its next one, with every Python at hand that it runs on.

``python -m tools.matrix [--core 2.18] [--python 3.11] [--quick] [--sanity] [--list] [PART...]``. Each pair has an
environment of its own in ``.cache/matrix``; a second run finds it there. A failure with the next ansible-core fails no
run.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

from tools import check, environments, workspace
from tools.workspace import CACHE, ROOT

# The Pythons of the controller, from the metadata of each release (the upper end from its classifiers). README.md,
# meta/runtime.yml and antsibull-nox.toml say the same, which tests/unit/tools/test_matrix.py compares.
SUPPORTED = {
    "2.18": ("3.11", "3.12", "3.13"),
    "2.19": ("3.11", "3.12", "3.13"),
    "2.20": ("3.12", "3.13", "3.14"),
    "2.21": ("3.12", "3.13", "3.14"),
    "2.22": ("3.13", "3.14", "3.15"),
}
# The branch of the next release, which may break anything, and its oldest Python.
DEVEL = {"devel": ("3.13",)}
REQUIREMENTS = {
    # There is no release yet, and pip takes a prerelease only where the requirement names one.
    "2.22": "ansible-core >= 2.22.0rc1, < 2.23",
    "devel": "ansible-core @ https://github.com/ansible/ansible/archive/devel.tar.gz",
}
# What may differ between releases of ansible-core.
PARTS = ("unit", "guides", "secrets", "integration")


def prepare(core: str, version: str, python: Path) -> Path:
    """The environment for one pair, made when it is not there yet."""
    run_requirements = ROOT / "tests/requirements/run.txt"
    inputs = f"{run_requirements.read_text()}{(ROOT / 'simulator/pyproject.toml').read_text()}"
    requirement = REQUIREMENTS.get(core, f"ansible-core ~= {core}.0")
    wanted = ("-r", run_requirements, "pip", requirement)
    return environments.prepare(CACHE / "matrix" / f"core{core}-py{version}", python, wanted, inputs)


def checked(core: str, version: str, python: Path, commands: list[list[str]]) -> str:
    """Run the checks with the Python of the environment for one pair; the result in a word."""
    try:
        venv = prepare(core, version, python)
        failed = False
        for command in commands:
            try:
                check.run(venv / "bin/python", "-m", "tools.check", *command, env=workspace.environment(venv=venv))
            except check.Failed:
                failed = True
    except check.Failed:
        failed = True
    return "passed" if not failed else "failed, which is allowed" if core in DEVEL else "FAILED"


def main() -> int:
    """Entry point; returns the exit status."""
    cores = {**SUPPORTED, **DEVEL}
    parser = argparse.ArgumentParser(description="Tests on every ansible-core and Python at hand.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"only these parts; default: {' '.join(PARTS)}")
    parser.add_argument("--core", action="append", choices=list(cores), help="only this ansible-core; repeatable")
    parser.add_argument("--python", action="append", metavar="X.Y", help="only this Python; repeatable")
    parser.add_argument("--quick", action="store_true", help="of each part what `make test` has of it")
    parser.add_argument("--sanity", action="store_true", help="ansible-test sanity as well")
    parser.add_argument("--list", action="store_true", help="only print what the workflows of GitHub run")
    options = parser.parse_args()
    every = [(core, version) for core, versions in cores.items() for version in versions]
    if options.list:
        pairs = [{"core": core, "python": version, "optional": core in DEVEL} for core, version in every]
        print(f"pairs={json.dumps(pairs)}")
        print(f"parts={json.dumps([part.name for part in check.PARTS if part.slow])}")
        return 0
    parts = [*(options.parts or PARTS), *(["sanity"] if options.sanity else [])]
    # All of the guides needs ansible-lint.
    others = [part for part in parts if part != "guides"]
    commands = [["guides"]] if "guides" in parts else []
    commands += [[*([] if options.quick else ["--all"]), *others]] if others else []
    at_hand = environments.pythons(version for _core, version in every)
    at_hand[f"{sys.version_info.major}.{sys.version_info.minor}"] = Path(sys.executable)
    table = []
    for core, version in every:
        if (options.core and core not in options.core) or (options.python and version not in options.python):
            continue
        start = time.monotonic()
        if version in at_hand:
            print(f"\n=== ansible-core {core} on Python {version}", flush=True)
            result = checked(core, version, at_hand[version], commands)
        else:
            result = f"skipped: no python{version} at hand"
        table.append((core, version, time.monotonic() - start, result))
    print("\nansible-core  Python  seconds  result")
    for core, version, seconds, result in table:
        print(f"{core:<12}  {version:<6}  {seconds:7.1f}  {result}")
    results = [result for *_pair, result in table if not result.startswith("skipped")]
    if not results:
        print("There was no Python for any of them.")
    return int(not results or "FAILED" in results)


if __name__ == "__main__":
    sys.exit(main())
