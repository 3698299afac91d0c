# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the workflow of releases asks of the repository: ``python -m tools.release check|notes VERSION``."""

from __future__ import annotations

import argparse
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import yaml

from tools.workspace import ROOT


def problems(version: str, root: Path = ROOT) -> Iterator[str]:
    """Why the commit is not that of this release, one sentence each; nothing if it is."""
    for name, stated in (
        ("galaxy.yml", yaml.safe_load((root / "galaxy.yml").read_text())["version"]),
        (
            "simulator/pyproject.toml",
            tomllib.loads((root / "simulator/pyproject.toml").read_text())["project"]["version"],
        ),
    ):
        if stated != version:
            yield f"{name} has the version {stated}."
    if version not in yaml.safe_load((root / "changelogs/changelog.yaml").read_text())["releases"]:
        yield f"changelogs/changelog.yaml has no release {version}: make changelog."
    if not notes(version, (root / "CHANGELOG.md").read_text()):
        yield f"CHANGELOG.md has no section for {version}: make changelog."
    if left := sorted(path.name for path in (root / "changelogs/fragments").glob("*.y*ml")):
        yield f"changelogs/fragments has fragments that are in no release: {', '.join(left)}."


def notes(version: str, changelog: str) -> str:
    """The section of one release in the changelog, without its heading; empty if there is none."""
    escaped = re.escape(version.replace(".", r"\."))
    section = re.search(rf'^## v{escaped}\n(.*?)(?=^<a id="v[^"]*"></a>\n## |\Z)', changelog, re.M | re.S)
    return section[1].strip() + "\n" if section else ""


def main() -> int:
    """Entry point; returns the exit status."""
    parser = argparse.ArgumentParser(description="Check the commit of a release, or print what is new in it.")
    parser.add_argument("command", choices=("check", "notes"))
    parser.add_argument("version", help="such as 1.0.0, which is also its tag")
    options = parser.parse_args()
    if options.command == "notes":
        print(notes(options.version, (ROOT / "CHANGELOG.md").read_text()), end="")
        return 0
    reasons = list(problems(options.version))
    print("\n".join(reasons) or f"This is the commit of {options.version}.")
    return int(bool(reasons))


if __name__ == "__main__":
    sys.exit(main())
