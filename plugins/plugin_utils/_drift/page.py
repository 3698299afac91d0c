# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A report about drift as one HTML page that needs no server, no other file and no network. Pure, but for its style and
its script, which are files beside it.

All texts are escaped where elements are made. The policy of the page allows only its own style and script.
"""

from __future__ import annotations

import base64
import hashlib
import os
from dataclasses import dataclass
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence, Tuple

from ansible_collections.community.dokploy.plugins.plugin_utils._drift.markup import Content, Markup, Room, element
from ansible_collections.community.dokploy.plugins.plugin_utils._drift.report import NO_DRIFT, excluded
from ansible_collections.community.dokploy.plugins.plugin_utils._drift.rows import (
    difference_row,
    error_row,
    failure_row,
    project_of,
    service_row,
    time_of,
    unknown_row,
    unmanaged_row,
    unstated_row,
)

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
    "services": 780,
}
# The most differences that are open at first.
_OPEN = 30
_FILES = os.path.splitext(os.path.abspath(__file__))[0]


@dataclass(frozen=True)
class Place:
    """Where the parts of a report are on a page.

    :param prefix: what the IDs of its elements begin with. :param level: of their headings.
    :param share: of the room of a whole page.
    """

    prefix: str = ""
    level: int = 2
    share: float = 1.0

    def room(self, part: str) -> Room:
        return Room(int(_ROOM[part] * 1000 * self.share))

    def heading(self, deeper: int, *content: Content) -> Markup:
        return element("h%d" % (self.level + deeper), *content)


WHOLE = Place()


def drift_page(report: Row) -> str:
    """The page, of at most C(MOST_BYTES)."""
    title = "Drift%s" % (report["server"] and " of %s" % report["server"])
    header: List[Content] = [_title(report), tiles(report)]
    return page("%s: %s" % (title, report["summary"]), header, [tools([report]), parts_of(report)])


def page(title: str, header: Sequence[Content], main: Sequence[Content]) -> str:
    """A page with its style and its script."""
    style, script = _file(".css"), _file(".js")
    policy = "default-src 'none'; style-src %s; script-src %s; base-uri 'none'; form-action 'none'"
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy % (_hash(style), _hash(script))),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", name="referrer", content="no-referrer"),
        element("title", title),
        element("style", Markup(style)),
    )
    body = element(
        "body",
        element("a", "Skip to the report", href="#report", class_="skip"),
        element("header", *header),
        element("main", *main, id="report"),
        element("footer", element("p", "Made by the role ", element("code", "community.dokploy.drift"), ".")),
        element("script", Markup(script)),
    )
    return "<!DOCTYPE html>\n%s\n" % element("html", head, body, lang="en")


def _file(ending: str) -> str:
    with open(_FILES + ending, encoding="utf-8") as file:
        return file.read()


def _hash(text: str) -> str:
    return "'sha256-%s'" % base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")


# --- the head of the page ---


def _title(report: Row) -> List[Markup]:
    about = [element("span", one, class_="source") for one in (report["server"], report["document"]) if one]
    checked = report["checked_at"]
    if checked:
        about.append(element("span", "checked ", time_of(checked), class_="source"))
    state = "bad" if report["drifted"] else "good"
    return [
        element("p", "Dokploy drift", class_="eyebrow"),
        element("h1", element("span", class_="dot " + state, aria_hidden="true"), _headline(report)),
        element("p", about, class_="about"),
    ]


def _headline(report: Row) -> str:
    counts = report["counts"]
    found = counts["differences"]
    if found:
        return "%d %s from the document" % (found, "entry differs" if found == 1 else "entries differ")
    if counts["errors"]:
        return "Not everything could be compared"
    return ", ".join([NO_DRIFT, *excluded(counts)])


def tiles(report: Row, place: Place = WHOLE) -> Markup:
    """The numbers of a report, with links to its parts."""
    shown = (
        ("errors", "not compared", "bad"),
        ("differences", "differ", "warn"),
        ("unstated", "set and not stated", "note"),
        ("unmanaged", "not in the document", "note"),
        ("unknown", "of unknown kinds", "note"),
        ("failed_deployments", "failed deployments", "bad"),
        ("services", "services", ""),
        ("excluded", "excluded", ""),
    )
    cells = []
    for name, words, mood in shown:
        count = report["counts"].get(name, 0)
        if not count and name in ("errors", "unstated", "unknown", "excluded"):
            continue
        inner = [element("b", "{:,}".format(count)), " ", words]
        if report.get(name):
            inner = [element("a", inner, href="#" + place.prefix + name)]
        cells.append(element("li", inner, class_=mood if count else None))
    return element("ul", cells, class_="tiles")


def tools(reports: Sequence[Row], instances: Sequence[str] = ()) -> Optional[Markup]:
    """The search and the filters; the script shows them. :param instances: the names by which rows can be filtered."""
    names = ("errors", "differences", "unstated", "unmanaged", "unknown", "services")
    rows = [row for report in reports for name in names for row in report.get(name, ())]
    if len(rows) < 2:
        return None
    projects = sorted({project_of(one) for one in rows} - {""})
    kinds = sorted({one["kind"] for one in rows})
    search = element("input", id="search", type="search", placeholder="Search", aria_label="Search", autocomplete="off")
    return element(
        "form",
        search,
        _select("instance", "All instances", instances),
        _select("project", "All projects", projects),
        _select("kind", "All kinds", kinds),
        _select("last", "Any last deployment", ["done", "failed", "running", "never"]),
        element("output", id="shown", aria_live="polite"),
        class_="tools",
        hidden=True,
        role="search",
    )


def _select(name: str, every: str, values: Sequence[str]) -> Optional[Markup]:
    if len(values) < 2:
        return None
    options = [element("option", every, value=""), *(element("option", one, value=one) for one in values)]
    return element("select", options, id=name, aria_label=every)


# --- the parts of the report ---


def parts_of(report: Row, place: Place = WHOLE) -> List[Optional[Markup]]:
    """All that a report lists."""
    parts = (_errors, _differences, _unstated, _unmanaged, _unknown, _failed, _services)
    return [part(report, place) for part in parts]


def _section(place: Place, name: str, title: str, content: List[Content], about: str) -> Optional[Markup]:
    """A part of the report; nothing if it is empty."""
    if not content:
        return None
    inner = [place.heading(0, title), element("p", about, class_="about"), content]
    return element("section", inner, id=place.prefix + name, class_="part", aria_label=title)


def _listed(place: Place, name: str, rows: List[Markup], kind: str) -> List[Content]:
    """Rows as a list, as far as there is room."""
    room = place.room(name)
    return [element("ul", room.take(rows), class_=kind), room.note()] if rows else []


def _grouped(
    place: Place, name: str, rows: Sequence[Tuple[Row, Markup]], around: Callable[[List[Markup]], Content]
) -> List[Content]:
    """Rows by project, as far as there is room. :param around: what the rows of a project are in."""
    groups: Dict[str, List[Markup]] = {}
    for one, row in rows:
        groups.setdefault(project_of(one), []).append(row)
    room, found = place.room(name), []
    for title, own in groups.items():
        kept = room.take(own)
        if kept:
            head = place.heading(1, title or "The whole instance", " ", element("small", len(own)))
            found.append(element("section", head, around(kept), class_="group"))
    return [*found, room.note()] if rows else []


def _errors(report: Row, place: Place) -> Optional[Markup]:
    rows = [error_row(one) for one in report["errors"]]
    content = _listed(place, "errors", rows, "cards")
    return _section(place, "errors", "Not compared", content, "Whether they differ is unknown.")


def _differences(report: Row, place: Place) -> Optional[Markup]:
    opened, values = len(report["differences"]) <= _OPEN, place.room("values")
    rows = [(one, difference_row(one, opened, values)) for one in report["differences"]]
    content = _grouped(place, "differences", rows, list)
    about = "By project, with what the server has and what the document has."
    return _section(place, "differences", "What differs", content, about)


def _unstated(report: Row, place: Place) -> Optional[Markup]:
    listed = report.get("unstated", ())
    opened, values = len(listed) <= _OPEN, place.room("unstated_values")
    rows = [(row, unstated_row(row, opened, values)) for row in listed]
    about = "The document does not state these options. A run leaves them as they are, and deploys them with others."
    content = _grouped(place, "unstated", rows, list)
    return _section(place, "unstated", "Set on the server, and not stated", content, about)


def _unmanaged(report: Row, place: Place) -> Optional[Markup]:
    rows = [unmanaged_row(one) for one in report["unmanaged"]]
    about = "They exist on the server, and the document does not name them. What is in them is not listed."
    content = _listed(place, "unmanaged", rows, "names")
    return _section(place, "unmanaged", "Not in the document", content, about)


def _unknown(report: Row, place: Place) -> Optional[Markup]:
    rows = [unknown_row(row) for row in report.get("unknown", ())]
    about = (
        "They exist on the server, and are of kinds that the collection does not know. A run leaves them as they are."
    )
    content = _listed(place, "unknown", rows, "names")
    return _section(place, "unknown", "Of unknown kinds", content, about)


def _failed(report: Row, place: Place) -> Optional[Markup]:
    rows = [failure_row(one, report) for one in report["failed_deployments"]]
    about = "Services whose last deployment failed, newest first."
    content = _listed(place, "failed_deployments", rows, "cards")
    return _section(place, "failed_deployments", "What failed last", content, about)


def _services(report: Row, place: Place) -> Optional[Markup]:
    differing = {(one["kind"], one["path"]) for one in report["differences"]}
    rows = [(one, service_row(one, report, (one["kind"], one["path"]) in differing)) for one in report["services"]]
    columns = ("Service", "Last deployment", "Deployed", "Commit", "Build")
    head = element("thead", element("tr", [element("th", title, scope="col") for title in columns]))

    def table(own: List[Markup]) -> Markup:
        return element("table", head, element("tbody", own), class_="services")

    about = "The last successful deployment. Dokploy has no records of the deployments of databases."
    content = _grouped(place, "services", rows, table)
    return _section(place, "services", "When each service was deployed", content, about)
