# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A report as Markdown, for a pull request or a chat. Pure."""

from __future__ import annotations

from typing import Iterator, List, Optional, Sequence

from ansible_collections.community.dokploy.plugins.module_utils._manifest.markdown import escaped, fitting
from ansible_collections.community.dokploy.plugins.plugin_utils._report.model import Report, shortened


def report_markdown(report: Report) -> str:
    """The report for a comment, with a table for each of its tables that has rows."""
    about = [*report["sources"], *([report["made_at"]] if report["made_at"] else [])]
    head = ["**%s**" % escaped(report["headline"]), "", escaped(report["title"])]
    head += ["", ", ".join(escaped(text) for text in about)] if about else []
    return fitting(head, [list(_table(table)) for table in report["tables"] if table["rows"]], [])


def _table(table: Report) -> Iterator[str]:
    yield from ("", "### %s" % escaped(table["title"]), "")
    if table["note"]:
        yield from (escaped(table["note"]), "")
    rows = [[escaped(shortened(cell)) for cell in row] for row in table["rows"]]
    yield from markdown_table([escaped(cell) for cell in table["head"]], rows)


def markdown_table(head: Sequence[str], rows: Sequence[Sequence[str]], most: Optional[int] = None) -> List[str]:
    """The lines of a table.

    :param rows: of cells that are escaped. :param most: how many rows it has; it counts those that it leaves out.
    """
    lines = ["| %s |" % " | ".join(head), "|%s" % (" --- |" * len(head))]
    lines += ["| %s |" % " | ".join(row) for row in rows[:most]]
    left_out = len(rows) - len(rows[:most])
    return lines + (["", "And %d more." % left_out] if left_out else [])
