# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The code blocks of a page, in Markdown or reStructuredText."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from pathlib import Path

MARKDOWN = re.compile(r"^( *)```(\S+)\n(.*?)^\1```$", re.M | re.S)
# With options, such as a caption, and as deep as it is in a list.
RST = re.compile(r"^( *)\.\. code-block:: (\S+)\n(?:\1   :.*\n)*\n((?:\1  +.*\n|\n)+)", re.M)


# Where a guide, or a part of one, begins. That of a heading inside of it has a dot.
LABEL = re.compile(r"^\.\. _ansible_collections\.community\.dokploy\.docsite\.(\w+):$", re.M)


@dataclass(frozen=True)
class Snippet:
    """One code block.

    :param section: the label of the guide, or of the part of one, that it is in; C("") in Markdown.
    """

    language: str
    text: str
    section: str = ""

    @property
    def file(self) -> str | None:
        """The name of the file that the block is, from the comment in its first line."""
        named = re.match(r"# (\S+)\n", self.text)
        return named[1] if named else None

    @property
    def commands(self) -> list[str]:
        """The commands of a console block, each in one line, without what the comment behind it says."""
        if self.language != "console":
            return []
        lines = re.sub(r" *\\\n *", " ", self.text).splitlines()
        return [re.sub(r" +# .*$", "", line[2:]) for line in lines if line.startswith("$ ")]


def snippets(path: Path, first: str = "", until: str = "") -> list[Snippet]:
    """The code blocks of a page, or of its part from the heading C(first) to the heading C(until), in their order."""
    text = path.read_text("utf-8")
    if first:
        text = text[text.index(f"\n{first}\n") :]
    if until:
        text = text[: text.index(f"\n{until}\n")]
    pattern = MARKDOWN if path.suffix == ".md" else RST
    labels = [(label.start(), label[1]) for label in LABEL.finditer(text)]
    found = []
    for block in pattern.finditer(text):
        _indent, language, body = block.groups()
        before = [name for start, name in labels if start < block.start()]
        found.append(Snippet(language, textwrap.dedent(body), before[-1] if before else ""))
    return found


def section_text(path: Path, section: str) -> str:
    """The text of a part of a guide, from its label to that of the next part."""
    parts = LABEL.split(path.read_text("utf-8"))
    return parts[parts.index(section) + 1]
