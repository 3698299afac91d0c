# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Unit and integration tests on every supported ansible-core, with every Python at hand that it runs on.

``python -m tools.matrix [--core 2.18] [--python 3.11] [--sanity] [--list]``. Each pair has an environment of its own in
``.cache/matrix``; a second run finds it there.
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
}


def prepare(core: str, version: str, python: Path) -> Path:
    """The environment for one pair, made when it is not there yet."""
    run_requirements = ROOT / "tests/requirements/run.txt"
    inputs = f"{run_requirements.read_text()}{(ROOT / 'simulator/pyproject.toml').read_text()}"
    wanted = ("-r", run_requirements, "pip", f"ansible-core ~= {core}.0")
    return environments.prepare(CACHE / "matrix" / f"core{core}-py{version}", python, wanted, inputs)


def main() -> int:
    """Entry point; returns the exit status."""
    parser = argparse.ArgumentParser(description="Unit and integration tests on every ansible-core and Python at hand.")
    parser.add_argument("--core", action="append", choices=list(SUPPORTED), help="only this ansible-core; repeatable")
    parser.add_argument("--python", action="append", metavar="X.Y", help="only this Python; repeatable")
    parser.add_argument("--sanity", action="store_true", help="ansible-test sanity as well")
    parser.add_argument("--list", action="store_true", help="only print what the workflows of GitHub run")
    options = parser.parse_args()
    if options.list:
        pairs = [{"core": core, "python": version} for core, versions in SUPPORTED.items() for version in versions]
        print(f"pairs={json.dumps(pairs)}")
        print(f"parts={json.dumps([part.name for part in check.PARTS if part.slow])}")
        return 0
    at_hand = environments.pythons(version for versions in SUPPORTED.values() for version in versions)
    at_hand[f"{sys.version_info.major}.{sys.version_info.minor}"] = Path(sys.executable)
    parts = ("unit", "integration", "sanity") if options.sanity else ("unit", "integration")
    table = []
    ran = failed = 0
    for core, versions in SUPPORTED.items():
        if options.core and core not in options.core:
            continue
        for version in versions:
            if options.python and version not in options.python:
                continue
            if version not in at_hand:
                table.append((core, version, 0.0, f"skipped: no python{version} at hand"))
                continue
            print(f"\n=== ansible-core {core} on Python {version}", flush=True)
            start = time.monotonic()
            ran += 1
            try:
                venv = prepare(core, version, at_hand[version])
                # The same checks, by the other environment's Python.
                check.run(
                    venv / "bin/python",
                    "-m",
                    "tools.check",
                    "--all",
                    *parts,
                    env=workspace.environment(venv=venv),
                )
                result = "passed"
            except check.Failed:
                failed += 1
                result = "FAILED"
            table.append((core, version, time.monotonic() - start, result))
    print("\nansible-core  Python  seconds  result")
    for core, version, seconds, result in table:
        print(f"{core:<12}  {version:<6}  {seconds:7.1f}  {result}")
    if not ran:
        print("There was no Python for any of them.")
    return int(bool(failed) or not ran)


if __name__ == "__main__":
    sys.exit(main())
