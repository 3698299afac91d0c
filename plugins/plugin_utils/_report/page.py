# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A report as one page of HTML: what C(templates/tables.html.j2) shows of it. Pure, but for the templates."""

from __future__ import annotations

import re
from typing import Any, Dict

from ansible_collections.community.dokploy.plugins.plugin_utils._report.model import Report, shortened, tile, time_of
from ansible_collections.community.dokploy.plugins.plugin_utils._report.rendering import rendered

# A time in UTC, as Dokploy and this collection write it.
_TIME = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(\.\d+)?Z")
# The most rows of a table.
_MOST_ROWS = 2000


def report_page(report: Report) -> str:
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
        {"cells": [_cell(cell) for cell in row], "mood": mood}
        for row, mood in zip(table["rows"][:_MOST_ROWS], table["moods"])
    ]
    known = {name: table[name] for name in ("title", "note", "head")}
    return {**known, "rows": rows, "left_out": max(len(table["rows"]) - _MOST_ROWS, 0)}


def _cell(text: str) -> Dict[str, str]:
    """A text, or a time that stays in one line: C({text, instant})."""
    moment = _TIME.fullmatch(text)
    if moment is None:
        return {"text": shortened(text), "instant": ""}
    return {"text": "%s %s UTC" % (moment[1], moment[2]), "instant": text}
