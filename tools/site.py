# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The published documentation: ``python -m tools.site SITE NAME [PAGES]``.

C(SITE) is a checkout of the branch C(gh-pages). A folder in it has the pages of each release (C(tag/1.0.0)), of each
branch (C(branch/main)) and of each open pull request (C(pr/12)). This puts the folder C(PAGES) there in place of what
it has, or removes the folder if none is given, and writes the start page with links to releases and branches. It needs
no package, so that the workflow that may write the branch installs none.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
from pathlib import Path

NAME = re.compile(r"tag/\d+\.\d+\.\d+|branch/(?:main|stable-\d+)|pr/\d+")
PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>community.dokploy</title>
<style>
:root {{ color-scheme: light dark }}
body {{ font: 1.1rem/1.6 system-ui, sans-serif; margin: 3rem auto; max-width: 40rem; padding: 0 1rem }}
</style>
</head>
<body>
<h1>community.dokploy</h1>
<p>The documentation of the Ansible collection for Dokploy.</p>
<ul>
{entries}
</ul>
</body>
</html>
"""


def put(site: Path, name: str, pages: Path | None) -> None:
    """Replace or remove the pages of one release, branch or pull request.

    :raises ValueError: C(name) is none of them.
    """
    if not NAME.fullmatch(name):
        raise ValueError(
            f"{name!r} is no release (tag/1.0.0), branch (branch/main, branch/stable-1) or pull request (pr/12)."
        )
    folder = site / name
    shutil.rmtree(folder, ignore_errors=True)
    if pages:
        shutil.copytree(pages, folder)
    # Otherwise GitHub leaves out folders such as _static.
    (site / ".nojekyll").touch()
    (site / "index.html").write_text(start_page(site))


def start_page(site: Path) -> str:
    """The page with links to all releases, the newest first, and to the branches."""
    releases = sorted(_names(site / "tag"), key=lambda name: [int(part) for part in name.split(".")], reverse=True)
    entries = [
        (f"tag/{name}", f"Release {name}" + (", the latest" if name == releases[0] else "")) for name in releases
    ]
    entries += [
        (f"branch/{name}", f"Branch {name}, with changes that are not released yet") for name in _names(site / "branch")
    ]
    lines = [f'<li><a href="{folder}/">{text}</a></li>' for folder, text in entries]
    return PAGE.format(entries="\n".join(lines))


def _names(folder: Path) -> list[str]:
    paths = sorted(folder.iterdir()) if folder.is_dir() else []
    return [path.name for path in paths if NAME.fullmatch(f"{folder.name}/{path.name}")]


def main() -> int:
    """Entry point; returns the exit status."""
    parser = argparse.ArgumentParser(description="Put documentation into the published site, or remove it.")
    parser.add_argument("site", type=Path, help="a checkout of the branch gh-pages")
    parser.add_argument("name", help="tag/1.0.0, branch/main or pr/12")
    parser.add_argument("pages", type=Path, nargs="?", help="the folder with the pages; none: remove what is there")
    options = parser.parse_args()
    try:
        put(options.site, options.name, options.pages)
    except (OSError, ValueError) as error:
        print(error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
