# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A report of tables, as Markdown and as a page. Pure, but for the templates.

Such a report is a mapping with C(title), C(headline), C(good), C(sources), C(made_at), C(tiles) and C(tables).
"""

from __future__ import annotations

from typing import Any, Dict, Iterator, List, Mapping, Sequence

from ansible_collections.community.dokploy.plugins.module_utils._manifest.markdown import escaped, fitting
from ansible_collections.community.dokploy.plugins.plugin_utils._drift.page import tile
from ansible_collections.community.dokploy.plugins.plugin_utils._drift.rendering import rendered
from ansible_collections.community.dokploy.plugins.plugin_utils._drift.rows import time_of

Report = Mapping[str, Any]

#: What a report has.
KEYS = frozenset(("title", "headline", "good", "sources", "made_at", "tiles", "tables"))
# The most rows of a table on a page, and the most characters of a cell.
_MOST_ROWS, _LONGEST = 2000, 600


def tables_markdown(report: Report) -> str:
    """The report for a comment, with a table for each of its tables that has rows."""
    about = [*report["sources"], *([report["made_at"]] if report["made_at"] else [])]
    head = ["**%s**" % escaped(report["headline"]), "", escaped(report["title"])]
    head += ["", ", ".join(escaped(text) for text in about)] if about else []
    return fitting(head, [list(_table(table)) for table in report["tables"] if table["rows"]], [])


def _table(table: Report) -> Iterator[str]:
    yield from ("", "### %s" % escaped(table["title"]), "")
    if table["note"]:
        yield from (escaped(table["note"]), "")
    yield "| %s |" % " | ".join(escaped(cell) for cell in table["head"])
    yield "| %s |" % " | ".join("---" for _cell in table["head"])
    for row in table["rows"]:
        yield "| %s |" % " | ".join(escaped(_cut(cell)) for cell in row)


def tables_page(report: Report) -> str:
    """The report as one page of HTML, which needs no server, no other file and no network."""
    return rendered(
        "tables",
        title=report["title"],
        drifted=not report["good"],
        headline=report["headline"],
        sources=report["sources"],
        checked=report["made_at"] and time_of(report["made_at"]),
        tiles=[tile(part["count"], part["words"], part["mood"]) for part in report["tiles"]],
        tables=[_shown(table) for table in report["tables"] if table["rows"]],
    )


def _shown(table: Report) -> Dict[str, Any]:
    rows = [
        {"cells": [_cut(cell) for cell in row], "mood": mood}
        for row, mood in zip(table["rows"][:_MOST_ROWS], table["moods"])
    ]
    known = {name: table[name] for name in ("title", "note", "head")}
    return {**known, "rows": rows, "left_out": max(len(table["rows"]) - _MOST_ROWS, 0)}


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def table_of(title: str, note: str, head: List[str], rows: List[List[str]], moods: List[str]) -> Dict[str, Any]:
    """A table of a report. :param moods: how each row stands out, C(good), C(warn), C(bad) or empty."""
    return {"title": title, "note": note, "head": head, "rows": rows, "moods": moods}


def outcomes_table(title: str, what: str, outcomes: Sequence[Report], waits: str = "waits") -> Dict[str, Any]:
    """A table of what has passed or failed for services.

    :param outcomes: each with C(kind), C(path), C(name), C(msg), and C(passed), which is C(None) if it was not run.
    :param waits: the words for one that has C(waits).
    """
    words = {True: "passed", False: "failed", None: "not run"}
    rows = []
    for row in outcomes:
        became = waits if row.get("waits") else words[row["passed"]]
        rows.append(["%s %s" % (row["kind"], row["path"]), row["name"], became, str(row["msg"])])
    moods = ["bad" if row["passed"] is False else "" for row in outcomes]
    return table_of(title, "", ["Service", what, "Result", ""], rows, moods)


def joined(rows: Sequence[Sequence[str]]) -> List[List[str]]:
    """Rows of what and why, with one row for all that have the same reason, such as a bucket that is away."""
    by_reason: Dict[str, List[str]] = {}
    for what, reason in rows:
        by_reason.setdefault(reason, []).append(what)
    return [[_first_of(list(dict.fromkeys(whats))), reason] for reason, whats in by_reason.items()]


def _first_of(whats: Sequence[str]) -> str:
    if len(whats) == 1:
        return whats[0]
    return "%s and %d more" % (whats[0], len(whats) - 1)
