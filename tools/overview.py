# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes the first table of the overview from that of the README: what people want to do, and where to begin.

There is one table, in Markdown. Its links become references to labels: a page's label has the name of its file, and
that of a heading stands directly before the heading.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from tools.workspace import ROOT

README = ROOT / "README.md"
PAGES = ROOT / "docs/docsite/rst"
OVERVIEW = PAGES / "overview.rst"
HEADING = "What do you want to do"
_LABEL = "ansible_collections.community.dokploy.docsite."
_TABLE = """\
.. list-table::
   :header-rows: 1
   :widths: 40 60

"""
_LINK = re.compile(r"\[([^\]]+)\]\(([^)#]+)(?:#([^)]+))?\)|`(\w+)`")


def rows() -> list[tuple[str, str]]:
    """The rows of the README's table, its heading first: what to do, and where to begin, in Markdown."""
    section = README.read_text().split("## %s?\n" % HEADING)[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")]
    cells = [line.strip("| ").split(" | ") for line in lines]
    return [(task, where) for task, where in cells if not task.startswith("---")]


def slug(heading: str) -> str:
    """GitHub's name of a heading, as in the links of the README."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def label(page: str, anchor: str | None) -> str:
    """The label of a page, or that before the heading of an anchor.

    :raises ValueError: no heading of the page has this anchor and a label.
    """
    if anchor is None:
        return _LABEL + page
    labelled = re.findall(r"^\.\. _(\S+):\n\n(.+)\n[=~^-]{3,}$", (PAGES / (page + ".rst")).read_text(), re.M)
    for name, heading in labelled:
        if slug(heading) == anchor:
            return str(name)
    raise ValueError("%s.rst has no heading with a label for #%s, which the README links to" % (page, anchor))


def _reference(link: re.Match[str]) -> str:
    text, target, anchor, name = link.groups()
    if name is not None:
        is_module = name.startswith("dokploy_")
        return ":ansplugin:`%s <community.dokploy.%s#module>`" % (name, name) if is_module else "``%s``" % name
    role = re.fullmatch(r"roles/(\w+)/README\.md", target)
    if role:
        return ":ansplugin:`%s <community.dokploy.%s#role>`" % (role[1], role[1])
    page = re.fullmatch(r"docs/docsite/rst/(\w+)\.rst", target)
    if not page:
        raise ValueError("README: %s is neither a guide nor a role" % target)
    return ":ref:`%s <%s>`" % (text, label(page[1], anchor))


def as_list_table(table: Sequence[tuple[str, str]]) -> str:
    """The rows as a table of reStructuredText."""
    text = _TABLE
    for task, where in table:
        text += "   * - %s\n" % task
        entry = _LINK.sub(_reference, where)
        text += "     - %s\n" % re.sub(r"(?<=[,;]) (?=[:`])", "\n       ", entry)
    return text


def main() -> None:
    """Write the table.

    :raises ValueError: a link of the README's table leads nowhere.
    """
    page = OVERVIEW.read_text()
    table = re.compile(r"(?<=\n%s\n-{%d}\n\n)\.\. list-table::\n(?:(?: {3}.*)?\n)+" % (HEADING, len(HEADING)))
    changed = table.sub(lambda _found: as_list_table(rows()) + "\n", page, count=1)
    if changed != page:
        OVERVIEW.write_text(changed)
