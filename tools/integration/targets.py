# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The targets, and what the file ``aliases`` of one tells the runner."""

from __future__ import annotations

import os
import re
import sys

from tools.workspace import ROOT

TARGETS = ROOT / "tests/integration/targets"
PATHS = ("action", "module")


def targets() -> list[str]:
    """The names of the runnable targets. Exits when a name would make Ansible run something else."""
    names = []
    for folder in sorted(TARGETS.glob("*")) if TARGETS.is_dir() else []:
        aliases = folder / "aliases"
        if not folder.is_dir() or (aliases.exists() and re.search(r"^hidden$", aliases.read_text(), re.M)):
            continue
        if (ROOT / "roles" / folder.name).exists():
            sys.exit(f"The target {folder.name} has the name of a role: Ansible would run the role. Rename it.")
        names.append(folder.name)
    return names


def has_note(target: str, note: str) -> bool:
    aliases = TARGETS / target / "aliases"
    return aliases.exists() and f"# runner: {note}" in aliases.read_text().splitlines()


def divided(names: list[str]) -> tuple[list[str], list[str]]:
    """The targets that the server can run, and those that need a simulator where it is a real one."""
    left_out = [name for name in names if os.environ.get("DOKPLOY_URL") and has_note(name, "simulator")]
    return [name for name in names if name not in left_out], left_out


def paths(target: str, only: str | None, quick: bool) -> list[str]:
    """The paths on which a target runs, none where it takes too long for a quick run."""
    if quick and has_note(target, "slow"):
        return []
    left_out = set()
    if has_note(target, "action") or (quick and not has_note(target, "both")):
        left_out.add("module")
    return [path for path in PATHS if path not in left_out and only in (None, path)]
