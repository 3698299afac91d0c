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
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence, Tuple

from ansible_collections.community.dokploy.plugins.plugin_utils._drift_report import NO_DRIFT, excluded
from ansible_collections.community.dokploy.plugins.plugin_utils._drift_rows import (
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
from ansible_collections.community.dokploy.plugins.plugin_utils._markup import Content, Markup, Room, element

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


def drift_page(report: Row) -> str:
    """The page, of at most C(MOST_BYTES)."""
    style, script = _file(".css"), _file(".js")
    policy = "default-src 'none'; style-src %s; script-src %s; base-uri 'none'; form-action 'none'"
    title = "Drift%s" % (report["server"] and " of %s" % report["server"])
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy % (_hash(style), _hash(script))),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", name="referrer", content="no-referrer"),
        element("title", "%s: %s" % (title, report["summary"])),
        element("style", Markup(style)),
    )
    parts = [
        _errors(report),
        _differences(report),
        _unstated(report),
        _unmanaged(report),
        _unknown(report),
        _failed(report),
        _services(report),
    ]
    body = element(
        "body",
        element("a", "Skip to the report", href="#report", class_="skip"),
        element("header", _title(report), _tiles(report["counts"])),
        element("main", _tools(report), parts, id="report"),
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


def _tiles(counts: Mapping[str, int]) -> Markup:
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
    tiles = []
    for name, words, mood in shown:
        count = counts.get(name, 0)
        if not count and name in ("errors", "unstated", "unknown", "excluded"):
            continue
        inner = [element("b", "{:,}".format(count)), " ", words]
        if count and name != "excluded":
            inner = [element("a", inner, href="#" + name)]
        tiles.append(element("li", inner, class_=mood if count else None))
    return element("ul", tiles, class_="tiles")


def _tools(report: Row) -> Optional[Markup]:
    """The search and the filters; the script shows them."""
    names = ("errors", "differences", "unstated", "unmanaged", "unknown", "services")
    rows = [row for name in names for row in report.get(name, ())]
    if len(rows) < 2:
        return None
    projects = sorted({project_of(one) for one in rows} - {""})
    kinds = sorted({one["kind"] for one in rows})
    search = element("input", id="search", type="search", placeholder="Search", aria_label="Search", autocomplete="off")
    return element(
        "form",
        search,
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


def _room(part: str) -> Room:
    return Room(_ROOM[part] * 1000)


def _section(name: str, title: str, content: List[Content], about: str) -> Optional[Markup]:
    """A part of the report; nothing if it is empty."""
    if not content:
        return None
    return element(
        "section", element("h2", title), element("p", about, class_="about"), content, id=name, aria_label=title
    )


def _listed(name: str, rows: List[Markup], kind: str) -> List[Content]:
    """Rows as a list, as far as there is room."""
    room = _room(name)
    return [element("ul", room.take(rows), class_=kind), room.note()] if rows else []


def _grouped(name: str, rows: Sequence[Tuple[Row, Markup]], around: Callable[[List[Markup]], Content]) -> List[Content]:
    """Rows by project, as far as there is room. :param around: what the rows of a project are in."""
    groups: Dict[str, List[Markup]] = {}
    for one, row in rows:
        groups.setdefault(project_of(one), []).append(row)
    room, found = _room(name), []
    for title, own in groups.items():
        kept = room.take(own)
        if kept:
            head = element("h3", title or "The whole instance", " ", element("small", len(own)))
            found.append(element("section", head, around(kept), class_="group"))
    return [*found, room.note()] if rows else []


def _errors(report: Row) -> Optional[Markup]:
    rows = [error_row(one) for one in report["errors"]]
    return _section("errors", "Not compared", _listed("errors", rows, "cards"), "Whether they differ is unknown.")


def _differences(report: Row) -> Optional[Markup]:
    opened, values = len(report["differences"]) <= _OPEN, _room("values")
    rows = [(one, difference_row(one, opened, values)) for one in report["differences"]]
    content = _grouped("differences", rows, list)
    return _section(
        "differences", "What differs", content, "By project, with what the server has and what the document has."
    )


def _unstated(report: Row) -> Optional[Markup]:
    listed = report.get("unstated", ())
    opened, values = len(listed) <= _OPEN, _room("unstated_values")
    rows = [(row, unstated_row(row, opened, values)) for row in listed]
    about = "The document does not state these options. A run leaves them as they are, and deploys them with others."
    return _section("unstated", "Set on the server, and not stated", _grouped("unstated", rows, list), about)


def _unmanaged(report: Row) -> Optional[Markup]:
    rows = [unmanaged_row(one) for one in report["unmanaged"]]
    about = "They exist on the server, and the document does not name them. What is in them is not listed."
    return _section("unmanaged", "Not in the document", _listed("unmanaged", rows, "names"), about)


def _unknown(report: Row) -> Optional[Markup]:
    rows = [unknown_row(row) for row in report.get("unknown", ())]
    about = (
        "They exist on the server, and are of kinds that the collection does not know. A run leaves them as they are."
    )
    return _section("unknown", "Of unknown kinds", _listed("unknown", rows, "names"), about)


def _failed(report: Row) -> Optional[Markup]:
    rows = [failure_row(one, report) for one in report["failed_deployments"]]
    about = "Services whose last deployment failed, newest first."
    return _section("failed_deployments", "What failed last", _listed("failed_deployments", rows, "cards"), about)


def _services(report: Row) -> Optional[Markup]:
    differing = {(one["kind"], one["path"]) for one in report["differences"]}
    rows = [(one, service_row(one, report, (one["kind"], one["path"]) in differing)) for one in report["services"]]
    columns = ("Service", "Last deployment", "Deployed", "Commit", "Build")
    head = element("thead", element("tr", [element("th", title, scope="col") for title in columns]))

    def table(own: List[Markup]) -> Markup:
        return element("table", head, element("tbody", own), class_="services")

    about = "The last successful deployment. Dokploy has no records of the deployments of databases."
    return _section("services", "When each service was deployed", _grouped("services", rows, table), about)
