# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Build the documentation as HTML pages, in C(.cache/docs/build/html): ``python -m tools.docs``."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

from tools import check, workspace
from tools.check import tool
from tools.workspace import CACHE, ROOT

CONFIGURATION = ROOT / "docs/docsite/sphinx"
OUT = CACHE / "docs"
HTML = OUT / "build/html"


def build() -> Path:
    """Build all pages; returns the folder they are in."""
    shutil.rmtree(OUT, ignore_errors=True)
    pages = OUT / "rst"
    pages.mkdir(parents=True)
    workspace.copy()
    env = workspace.environment(workspace.COPY)
    check.run(
        tool("antsibull-docs"),
        "collection",
        "--use-current",
        "--squash-hierarchy",
        "--dest-dir",
        pages,
        "community.dokploy",
        env=env,
    )
    # It would list the variables of plugins alone; ours has those of modules and roles, too.
    (pages / "environment_variables.rst").unlink()
    _with_captions(pages / "index.rst")
    check.run(tool("sphinx-build"), "-q", "-W", "--keep-going", "-c", CONFIGURATION, pages, HTML, env=env)
    return HTML


def _with_captions(index: Path) -> None:
    """Give the lists of pages the headings above them as captions, which the theme's navigation shows."""
    heading = re.compile(r"^(.+)\n-+\n\n\.\. toctree::\n", re.M)
    text, number = heading.subn(r"\g<0>    :caption: \1\n", index.read_text())
    index.write_text(text.replace("    :hidden:\n", "    :hidden:\n    :caption: Plugins and roles\n"))
    assert number


def main() -> int:
    """Entry point; returns the exit status."""
    try:
        print(f"Open {build() / 'index.html'}")
    except check.Failed as error:
        print(f"--> {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
