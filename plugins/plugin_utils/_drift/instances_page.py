# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A report about several instances as one HTML page: a table of all, and the report of each below it. Pure."""

from __future__ import annotations

from typing import Any, List, Mapping, Optional

from ansible_collections.community.dokploy.plugins.module_utils._manifest.markdown import cut
from ansible_collections.community.dokploy.plugins.plugin_utils._drift.instances import (
    DRIFT,
    IN_SYNC,
    NO_ANSWER,
    NOT_COMPARED,
    STATES,
)
from ansible_collections.community.dokploy.plugins.plugin_utils._drift.markup import Content, Markup, Room, element
from ansible_collections.community.dokploy.plugins.plugin_utils._drift.page import Place, page, parts_of, tiles, tools
from ansible_collections.community.dokploy.plugins.plugin_utils._drift.rows import pill, time_of

Row = Mapping[str, Any]

# A page has room for so many whole reports, which the instances share.
_WHOLE_REPORTS = 4
# The bytes of the table of all instances.
_TABLE = 1_500_000
# The most characters of an error.
_LONGEST = 2000
_MOODS = {IN_SYNC: "good", DRIFT: "warn", NO_ANSWER: "bad", NOT_COMPARED: "bad"}
#: The numbers of an instance that are shown, by their titles.
COLUMNS = {
    "Differ": "differences",
    "Not stated": "unstated",
    "Not in the document": "unmanaged",
    "Failed": "failed_deployments",
}


def instances_page(report: Row) -> str:
    """The page. With the number of instances, what is shown of each gets less, and all of it not more than some MB."""
    instances = report["instances"]
    share = min(1.0, _WHOLE_REPORTS / float(max(len(instances), 1)))
    places = [Place("i%d-" % number, 3, share) for number in range(1, len(instances) + 1)]
    header: List[Content] = [_title(report), _tiles(report["counts"])]
    main: List[Content] = [
        tools(
            [instance["report"] for instance in instances if instance["report"]],
            [instance["host"] for instance in instances],
        ),
        _table(report, places),
        [_part(instance, place) for instance, place in zip(instances, places)],
    ]
    return page("Drift: %s" % report["summary"], header, main)


def _title(report: Row) -> List[Markup]:
    checked = report["checked_at"]
    about = element("span", "checked ", time_of(checked), class_="source") if checked else None
    dot = element("span", class_="dot " + ("bad" if report["drifted"] else "good"), aria_hidden="true")
    return [
        element("p", "Dokploy drift", class_="eyebrow"),
        element("h1", dot, report["summary"]),
        element("p", about, class_="about"),
    ]


def _tiles(counts: Mapping[str, int]) -> Markup:
    cells = []
    for state, words in STATES.items():
        count = counts[state]
        if count or state in (IN_SYNC, DRIFT):
            mood = _MOODS[state] if count and state != IN_SYNC else None
            cells.append(element("li", element("b", "{:,}".format(count)), " ", words, class_=mood))
    for name, words in (
        ("differences", "differ"),
        ("failed_deployments", "failed deployments"),
        ("services", "services"),
    ):
        cells.append(element("li", element("b", "{:,}".format(counts.get(name, 0))), " ", words))
    return element("ul", cells, class_="tiles")


def _table(report: Row, places: List[Place]) -> Markup:
    """All instances side by side."""
    titles = ("Instance", "State", "Release", *COLUMNS, "Oldest backup")
    head = element("thead", element("tr", [element("th", title, scope="col") for title in titles]))
    room = Room(_TABLE)
    rows = room.take(
        [_row(instance, place, report["checked_at"]) for instance, place in zip(report["instances"], places)]
    )
    table = element("table", head, element("tbody", rows), class_="instances")
    return element("section", element("h2", "Instances"), table, room.note(), id="instances", aria_label="Instances")


def _row(instance: Row, place: Place, checked_at: str) -> Markup:
    server = _address(instance["server"])
    name = element("a", element("b", instance["host"]), href="#%sinstance" % place.prefix)
    counts = instance["counts"]
    numbers = [
        element("td", counts.get(key, 0) if counts else None, data_title=title, class_="number")
        for title, key in COLUMNS.items()
    ]
    return element(
        "tr",
        element("th", name, element("small", server) if server else None, scope="row"),
        element("td", _state(instance)),
        element("td", instance["release"] or None, data_title="Release"),
        numbers,
        element("td", _backup(instance, checked_at), data_title="Oldest backup"),
    )


def _address(server: str) -> str:
    return server.partition("://")[2].rstrip("/") or server


def _state(instance: Row) -> Markup:
    return pill(STATES[instance["state"]], _MOODS[instance["state"]])


def _backup(instance: Row, checked_at: str) -> Content:
    """When the backup whose success is the longest ago succeeded, and which it is."""
    oldest = instance["oldest_backup"]
    if not instance["release"]:
        # It was not read.
        return None
    if oldest is None:
        return element("span", "no backups", class_="none")
    when: Content = element("span", "never", class_="pill bad")
    if oldest["succeeded_at"]:
        when = time_of(oldest["succeeded_at"], {"checked_at": instance["checked_at"] or checked_at})
    return [when, element("small", "%s %s" % (oldest["path"], oldest["backup"]))]


def _part(instance: Row, place: Place) -> Markup:
    """The report of an instance, or why there is none."""
    report: Optional[Row] = instance["report"]
    about = [element("span", text, class_="source") for text in (instance["server"], instance["document"]) if text]
    if instance["release"]:
        about.append(element("span", "Dokploy ", instance["release"], class_="source"))
    content: List[Content] = [
        element("h2", instance["host"], " ", _state(instance)),
        element("p", about, class_="about") if about else None,
    ]
    if report is None:
        content.append(element("pre", cut(instance["msg"], _LONGEST)))
    else:
        content += [tiles(report, place), list(parts_of(report, place))]
    return element(
        "section", content, id="%sinstance" % place.prefix, class_="instance", data_instance=instance["host"]
    )
