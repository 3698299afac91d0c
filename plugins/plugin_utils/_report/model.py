# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a report consists of, whatever it is about. Pure.

A report is a mapping with C(title), C(headline), C(good), C(sources), C(made_at), C(tiles) and C(tables). The files
C(markdown) and C(page) write it down; most others make one from a result.
"""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional, Sequence

from ansible_collections.community.dokploy.plugins.module_utils._values.timestamps import instant

Report = Mapping[str, Any]
Row = Mapping[str, Any]

#: What a report has.
KEYS = frozenset(("title", "headline", "good", "sources", "made_at", "tiles", "tables"))
_LONGEST = 600
_UNITS = (("day", 86400), ("hour", 3600), ("minute", 60))


def tile(count: int, words: str, mood: str = "", part: str = "") -> Row:
    """A number. :param mood: how it stands out unless it is 0. :param part: the ID of what it links to."""
    return {"count": "{:,}".format(count), "words": words, "mood": mood if count else "", "part": part}


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


def counted(number: int, noun: str) -> str:
    """Such as C(2 archives)."""
    return "%d %s" % (number, noun if number == 1 else noun + "s")


def shortened(text: str) -> str:
    """A text of a cell, without what is too long for one."""
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def pill(text: str, mood: str = "") -> Row:
    """A word that stands out. :param mood: C(good), C(bad), C(warn), C(note) or none."""
    return {"text": text, "mood": mood}


def time_of(text: str, report: Optional[Row] = None) -> Row:
    """A time in UTC: C({instant, text, age}), without C(instant) where the text is none.

    :param report: from which it gets an age.
    """
    try:
        moment = instant(text)
        age = "" if report is None else _age((instant(report["checked_at"]) - moment).total_seconds())
    except ValueError:
        return {"instant": "", "text": text, "age": ""}
    return {"instant": text, "text": moment.strftime("%Y-%m-%d %H:%M UTC"), "age": age}


def age_of(text: str, checked_at: str) -> str:
    """How long ago a time in UTC was when a report was made, C(3 days ago); the time itself where that is unknown."""
    try:
        return _age((instant(checked_at) - instant(text)).total_seconds())
    except ValueError:
        return text


def _age(seconds: float) -> str:
    for unit, size in _UNITS:
        count = int(seconds // size)
        if count > 0:
            return "%d %s%s ago" % (count, unit, "" if count == 1 else "s")
    return "just now"
