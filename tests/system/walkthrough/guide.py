# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The blocks of the guide to new resources, and a copy of the collection to which they are applied."""

from __future__ import annotations

import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tools import workspace

PAGE = workspace.ROOT / "docs/docsite/rst/adding_a_resource.rst"
#: The heading of each walk-through, and the words by which tests of what it adds are chosen.
PARTS = {"A resource": "banner", "What belongs to a service": "cache"}
_BLOCK = re.compile(r"^\.\. code-block:: (\w+)\n   :caption: (\S+)\n\n((?:   .*\n|\n)+)", re.M)


@dataclass(frozen=True)
class Block:
    """A file, or (C(change)) lines of one with those around them.

    :param file: its path from the top of the repository.
    """

    file: str
    text: str
    change: bool


def parts() -> dict[str, list[Block]]:
    """The blocks of each walk-through, by its heading."""
    page = PAGE.read_text()
    starts = {heading: page.index(f"\n{heading}\n{'-' * len(heading)}\n") for heading in PARTS}
    ends = [*list(starts.values())[1:], len(page)]
    return {heading: list(_blocks(page[start:end])) for (heading, start), end in zip(starts.items(), ends, strict=True)}


def _blocks(text: str) -> Iterator[Block]:
    for language, file, body in _BLOCK.findall(text):
        yield Block(file, textwrap.dedent(body).strip("\n") + "\n", language == "diff")


def apply(block: Block, folder: Path) -> None:
    """Do what a block says.

    :raises AssertionError: the lines around a change are not in the file, or more than once.
    """
    path = folder / block.file
    if not block.change:
        assert not path.exists(), f"{block.file} is there"
        path.write_text(licence(path) + block.text)
        return
    lines = block.text.splitlines()
    before = "\n".join(line[1:] for line in lines if not line.startswith("+"))
    after = "\n".join(line[1:] for line in lines if not line.startswith("-"))
    text = path.read_text()
    assert text.count(before) == 1, f"{block.file} has {text.count(before)} times:\n{before}"
    path.write_text(text.replace(before, after))


def licence(path: Path) -> str:
    """The lines at the top of another file in the same folder."""
    others = (one.read_text() for one in sorted(path.parent.glob("*.py")) if one != path)
    return next(found[0] for text in others if (found := re.match(r"(#.*\n)+\n", text)))


class Copy:
    """A copy of the checkout with everything that its tests need."""

    def __init__(self) -> None:
        base = workspace.CACHE / "walkthrough"
        self.folder = workspace.copy(base)
        self.venv = base / "venv"
        if not self.venv.exists():
            subprocess.run([sys.executable, "-m", "venv", "--without-pip", self.venv], check=True)
        # The same packages, but for the simulator, which is that of the copy.
        (site,) = self.venv.glob("lib/python*/site-packages")
        (packages,) = workspace.VENV.glob("lib/python*/site-packages")
        (site / "packages.pth").write_text(f"{self.folder / 'simulator/src'}\n{packages}\n")
        for program in (workspace.VENV / "bin").iterdir():
            if not (self.venv / "bin" / program.name).exists():
                (self.venv / "bin" / program.name).symlink_to(program)

    def run(self, *words: str) -> str:
        """Run Python with these words, and return what it says. A failure of it is one of the test."""
        done = subprocess.run(
            [self.venv / "bin/python", *words],
            cwd=self.folder,
            env=workspace.environment(workspace.CACHE / "walkthrough", self.venv),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == 0, "\n".join([" ".join(words), *done.stdout.splitlines()[-100:]])
        return done.stdout

    def texts(self) -> dict[str, str]:
        """The files as they are."""
        paths = (path for path in self.folder.rglob("*") if path.is_file())
        names = {path.relative_to(self.folder).as_posix(): path for path in paths}
        kept = {name: path for name, path in names.items() if name.endswith((".py", ".yml", ".rst"))}
        return {name: path.read_text() for name, path in kept.items() if not name.startswith(".cache/")}
