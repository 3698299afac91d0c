# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A report about drift as one HTML page: what C(templates/report.html.j2) shows of it. Pure, but for the templates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from ansible_collections.community.dokploy.plugins.plugin_utils._drift.report import NO_DRIFT, excluded
from ansible_collections.community.dokploy.plugins.plugin_utils._drift.rows import (
    backup_row,
    difference_row,
    error_row,
    failure_row,
    project_of,
    service_row,
    unknown_row,
    unmanaged_row,
    unstated_row,
)
from ansible_collections.community.dokploy.plugins.plugin_utils._drift.sets import sets_in_words
from ansible_collections.community.dokploy.plugins.plugin_utils._report.model import tile, time_of
from ansible_collections.community.dokploy.plugins.plugin_utils._report.rendering import Room, rendered

Row = Mapping[str, Any]

#: The most bytes of a page.
MOST_BYTES = 2_000_000
# The thousands of bytes of its parts, and of the values among the differences. There is room for a thousand services,
# and for as many differences, but not for all of their values.
_ROOM = {
    "errors": 40,
    "differences": 900,
    "values": 400,
    "unstated": 120,
    "unstated_values": 80,
    "unmanaged": 100,
    "unknown": 20,
    "failed_deployments": 120,
    "backup_problems": 100,
    "services": 780,
}
# The most entries that are open at first.
_OPEN = 30
# The numbers of a report, with the words after them and how they stand out.
_TILES = (
    ("errors", "not compared", "bad"),
    ("differences", "differ", "warn"),
    ("unstated", "set and not stated", "note"),
    ("unmanaged", "not in the document", "note"),
    ("unknown", "of unknown kinds", "note"),
    ("failed_deployments", "failed deployments", "bad"),
    ("backup_problems", "backup problems", "bad"),
    ("services", "services", ""),
    ("excluded", "excluded", ""),
)
# Those that are left out where they are 0.
_RARE = ("errors", "unstated", "unknown", "backup_problems", "excluded")


@dataclass(frozen=True)
class PageLayout:
    """Where the parts of a report are on a page.

    :param prefix: what the IDs of its elements begin with. :param level: of their headings.
    :param share: of the room of a whole page.
    """

    prefix: str = ""
    level: int = 2
    share: float = 1.0

    def room(self, part: str) -> Room:
        return Room(int(_ROOM[part] * 1000 * self.share))


@dataclass(frozen=True)
class PageSection:
    """What a page shows of one list of a report.

    :param id: of its element. :param level: of its heading. :param opened: whether its rows are open at first.
    :param room_for_values: for the values of all of its rows, where these have some.
    """

    id: str
    level: int
    rows: Sequence[Row]
    room: Room
    opened: bool = False
    room_for_values: Optional[Room] = None

    def projects(self) -> List[Tuple[str, List[Row]]]:
        """The rows by the project they are in; empty for those that are in none."""
        groups: Dict[str, List[Row]] = {}
        for row in self.rows:
            groups.setdefault(row["project"], []).append(row)
        return list(groups.items())


WHOLE = PageLayout()


def drift_page(report: Row) -> str:
    """The page, of at most C(MOST_BYTES)."""
    title = "Drift%s" % (report["server"] and " of %s" % report["server"])
    return rendered(
        "report",
        title="%s: %s" % (title, report["summary"]),
        drifted=report["drifted"],
        headline=_headline(report),
        sources=[source for source in (report["server"], report["document"], sets_in_words(report)) if source],
        checked=report["checked_at"] and time_of(report["checked_at"]),
        tiles=tiles(report),
        filters=filters([report]),
        parts=page_sections(report),
    )


def _headline(report: Row) -> str:
    counts = report["counts"]
    differing, failed, problems = counts["differences"], counts["errors"], counts.get("backup_problems", 0)
    parts = []
    if differing:
        parts.append("%d %s from the document" % (differing, "entry differs" if differing == 1 else "entries differ"))
    if failed:
        parts.append("%d not compared" % failed if differing else "Not everything could be compared")
    if problems:
        parts.append("%d backup %s" % (problems, "problem" if problems == 1 else "problems"))
    if parts:
        return ", ".join(parts)
    return ", ".join([NO_DRIFT, *excluded(counts)])


def tiles(report: Row, place: PageLayout = WHOLE) -> List[Row]:
    """The numbers of a report, with the parts that they are of: C([{count, words, mood, part}])."""
    counts = [(name, words, mood, report["counts"].get(name, 0)) for name, words, mood in _TILES]
    return [
        tile(count, words, mood, place.prefix + name if report.get(name) else "")
        for name, words, mood, count in counts
        if count or name not in _RARE
    ]


def filters(reports: Sequence[Row], instances: Sequence[str] = ()) -> Optional[List[Row]]:
    """What rows can be filtered by: C([{id, all, choices}]); C(None) where there is nothing to search.

    :param instances: the names of these.
    """
    names = ("errors", "differences", "unstated", "unmanaged", "unknown", "backup_problems", "services")
    entries = [entry for report in reports for name in names for entry in report.get(name, ())]
    if len(entries) < 2:
        return None
    choices = (
        ("instance", "All instances", instances),
        ("project", "All projects", sorted({project_of(entry) for entry in entries} - {""})),
        ("kind", "All kinds", sorted({entry["kind"] for entry in entries})),
        ("last", "Any last deployment", ["done", "failed", "running", "never"]),
    )
    return [{"id": name, "all": words, "choices": values} for name, words, values in choices if len(values) > 1]


def page_sections(report: Row, place: PageLayout = WHOLE) -> Dict[str, PageSection]:
    """All that a report lists, by the name of the list."""
    differing = {(entry["kind"], entry["path"]) for entry in report["differences"]}
    rows = {
        "errors": [error_row(entry) for entry in report["errors"]],
        "differences": [difference_row(entry) for entry in report["differences"]],
        "unstated": [unstated_row(entry) for entry in report.get("unstated", ())],
        "unmanaged": [unmanaged_row(entry) for entry in report["unmanaged"]],
        "unknown": [unknown_row(entry) for entry in report.get("unknown", ())],
        "failed_deployments": [failure_row(entry, report) for entry in report["failed_deployments"]],
        "backup_problems": [backup_row(entry) for entry in report.get("backup_problems", ())],
        "services": [
            service_row(entry, report, (entry["kind"], entry["path"]) in differing) for entry in report["services"]
        ],
    }
    values = {"differences": place.room("values"), "unstated": place.room("unstated_values")}
    return {
        name: PageSection(place.prefix + name, place.level, own, place.room(name), len(own) <= _OPEN, values.get(name))
        for name, own in rows.items()
    }
