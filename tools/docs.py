# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Build the documentation as HTML pages, in C(.cache/docs/build/html): ``python -m tools.docs``."""

from __future__ import annotations

import shutil
import sys

from tools import check, workspace
from tools.check import tool
from tools.workspace import CACHE


def main() -> int:
    """Entry point; returns the exit status."""
    out = CACHE / "docs"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    workspace.copy()
    env = workspace.environment(workspace.COPY)
    try:
        check.run(
            tool("antsibull-docs"),
            "sphinx-init",
            # A theme that comes with Sphinx.
            "--sphinx-theme",
            "alabaster",
            "--use-current",
            "--squash-hierarchy",
            "--dest-dir",
            out,
            "community.dokploy",
            env=env,
        )
        configuration = out / "conf.py"
        # References into other projects would need their inventories, which would have to be fetched. Those into our
        # own pages are checked by `make lint`.
        configuration.write_text(
            configuration.read_text()
            + "\nintersphinx_mapping = {}\nnitpicky = False\nsuppress_warnings = ['ref.ref', 'ref.any']\n"
        )
        rst = out / "rst"
        rst.mkdir(exist_ok=True)
        check.run(
            tool("antsibull-docs"),
            "collection",
            "--use-current",
            "--squash-hierarchy",
            "--dest-dir",
            rst,
            "community.dokploy",
            env=env,
        )
        check.run(tool("sphinx-build"), "-q", "-W", "-c", out, rst, out / "build/html", env=env)
    except check.Failed as error:
        print(f"--> {error}")
        return 1
    print(f"Open {out / 'build/html/index.html'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
