# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How many lines each package has: a report, and no limit, since a limit moves lines and removes none.

``python -m tools.measure``.
"""

from __future__ import annotations

from pathlib import Path

from tools.workspace import ROOT

PLUGINS = ROOT / "plugins"
# What describes single resources, and what applies and writes documents of them; the rest serves any resource.
APART = ("_resources", "_manifest", "_export")


def lines(folder: Path) -> list[int]:
    """The number of lines of each Python file in a folder, or of the file itself."""
    files = sorted(folder.rglob("*.py")) if folder.is_dir() else [folder]
    return [len(path.read_text().splitlines()) for path in files]


def main() -> None:
    """Entry point."""
    rows = [
        (path.relative_to(PLUGINS).as_posix(), lines(path))
        for room in (PLUGINS / "module_utils", PLUGINS)
        for path in sorted(room.iterdir())
        if path.name not in ("module_utils", "__pycache__", "__init__.py") and (path.is_dir() or path.suffix == ".py")
    ]
    print(f"{'package':<32} {'files':>5} {'lines':>6} {'longest':>7}")
    for name, counts in rows:
        print(f"{name:<32} {len(counts):>5} {sum(counts):>6} {max(counts, default=0):>7}")
    engine = [counts for name, counts in rows if name.startswith("module_utils/") and not name.endswith(APART)]
    print(f"{'serves any resource':<32} {sum(map(len, engine)):>5} {sum(map(sum, engine)):>6}")


if __name__ == "__main__":
    main()
