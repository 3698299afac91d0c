# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rows of the page about drift, each with what the script filters by. Pure."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from ansible_collections.community.dokploy.plugins.module_utils._manifest.markdown import cut
from ansible_collections.community.dokploy.plugins.module_utils._values.paths import plain, split
from ansible_collections.community.dokploy.plugins.module_utils._values.timestamps import instant
from ansible_collections.community.dokploy.plugins.plugin_utils._drift.exclusions import INNER
from ansible_collections.community.dokploy.plugins.plugin_utils._drift.markdown import changed_lines
from ansible_collections.community.dokploy.plugins.plugin_utils._drift.markup import Content, Markup, Room, element
from ansible_collections.community.dokploy.plugins.plugin_utils._drift.report import HIDDEN, text_of

Row = Mapping[str, Any]

# The most characters of a value.
_LONGEST = 2000
_UNITS = (("day", 86400), ("hour", 3600), ("minute", 60))


def error_row(one: Row) -> Markup:
    """What could not be compared."""
    said = element("p", cut(one["msg"], _LONGEST), class_="said")
    return element("li", _name(one, True), said, class_="row bad", **_data(one))


def unmanaged_row(one: Row) -> Markup:
    """What the document does not name."""
    return element("li", _name(one, True), class_="row", **_data(one))


def unknown_row(row: Row) -> Markup:
    """What is of a kind that the collection does not know."""
    return element("li", _name(row, True), " ", pill(row["type"], "note"), class_="row", **_data(row))


def unstated_row(row: Row, opened: bool, values: Room) -> Markup:
    """An entry with options that are set on the server, and not stated."""
    columns = [("before", "On the server"), ("after", "In a new record")]
    count = len(row["options"])
    pills = element("span", pill("%d %s" % (count, "option" if count == 1 else "options"), "note"), class_="pills")
    head = element("summary", _name(row), pills, class_="head")
    return element("details", head, _values(row, columns, values), class_="row card", open=opened, **_data(row))


def difference_row(one: Row, opened: bool, values: Room) -> Markup:
    """An entry that differs. :param values: the room for values of all entries."""
    pills = [
        pill(state["text"], "bad" if state["action"] in ("create", "remove") else "warn") for state in one["states"]
    ]
    count = len(one["options"])
    if count and not pills:
        pills.append(pill("%d %s" % (count, "option differs" if count == 1 else "options differ"), "warn"))
    reasons = ["Reason: %s." % state["reason"] for state in one["states"] if state["reason"]]
    said: List[Markup] = [element("p", text, class_="said") for text in reasons]
    if count:
        columns = [("before", "On the server"), ("after", "In the document")]
        if one["actions"][0] == "create":
            columns = columns[1:]
        if one["actions"][0] == "remove":
            columns = columns[:1]
        said += _values(one, columns, values)
    head = [_name(one), element("span", pills, class_="pills")]
    if not said:
        return element("div", element("div", head, class_="head"), class_="row card", **_data(one))
    return element(
        "details", element("summary", head, class_="head"), said, class_="row card", open=opened, **_data(one)
    )


def _values(row: Row, columns: Sequence[Tuple[str, str]], values: Room) -> List[Markup]:
    """The options of an entry, as far as there is room for values."""
    kept = [] if values.left_out else values.take([_table(row, columns)])
    return kept or [element("p", "The values are left out, since the page would be too large.", class_="said")]


def _table(one: Row, columns: Sequence[Tuple[str, str]]) -> Markup:
    """The options of an entry with their values. :param columns: the key and the title of each."""
    titles = element(
        "tr", [element("th", title, scope="col") for title in ("Option", *(title for _key, title in columns))]
    )
    rows = []
    for option in one["options"]:
        lines = _lines(option) if len(columns) == 2 else None
        cells = (
            element("td", lines, colspan="2", class_="lines")
            if lines
            else [element("td", _value(option[key]), data_title=title) for key, title in columns]
        )
        note = None if option.get("stated", True) else element("small", "not stated")
        rows.append(element("tr", element("th", element("code", option["option"]), note, scope="row"), cells))
    return element("table", element("thead", titles), element("tbody", rows), class_="values")


def _lines(option: Row) -> Optional[Markup]:
    """The diff of values of several lines; none for others."""
    texts = [text_of(option[side]) for side in ("before", "after") if option[side] is not None]
    if len(texts) < 2 or not any("\n" in text for text in texts):
        return None
    tags = {"-": "del", "+": "ins", " ": "span"}
    lines = [
        element(tags[mark], "%s %s" % (mark, line), "\n")
        for mark, line in changed_lines(option["before"], option["after"])
    ]
    return element("pre", lines)


def _value(value: Any) -> Markup:
    if value is None:
        return element("span", "not set", class_="none")
    text = text_of(value)
    if text.startswith(HIDDEN):
        # C((hidden) old): the two values differ.
        which = text[len(HIDDEN) :].strip()
        return element("span", "hidden, %s value" % which if which else "hidden", class_="none")
    if not text:
        return element("span", "empty", class_="none")
    return element("pre" if "\n" in text else "code", cut(text, _LONGEST))


def failure_row(one: Row, report: Row) -> Markup:
    """A service whose last deployment failed."""
    last = one["deployment"] or {}
    when, said, commit = (last.get(name) for name in ("finished_at", "error_message", "commit"))
    told: List[Content] = [["Failed ", time_of(when, report), ". "]] if when else []
    if one["deployed_at"]:
        told.append(["Last success ", time_of(one["deployed_at"], report), ". "])
    elif one["deployment"]:
        told.append("No success before. ")
    if commit:
        told.append(["Commit ", element("code", commit[:7]), "."])
    return element(
        "li",
        element("div", _name(one, True), _lastpill(one), class_="head"),
        element("p", told, class_="said") if told else None,
        element("pre", cut(said, _LONGEST)) if said else None,
        class_="row card",
        **_data(one),
    )


def service_row(one: Row, report: Row, differs: bool) -> Markup:
    """When a service was deployed, as a row of a table."""
    last, deployed = one["deployment"] or {}, one["deployed_at"]
    duration, commit = last.get("duration"), last.get("commit")
    never = "unknown" if one["kind"] == "database" else "never"
    cells = [
        element("th", _name(one), element("span", "differs", class_="pill warn") if differs else None, scope="row"),
        element("td", _lastpill(one)),
        element("td", time_of(deployed, report) if deployed else element("span", never, class_="none")),
        element("td", element("code", commit[:7]) if commit else None),
        element("td", None if duration is None else "%s s" % _seconds(duration), class_="number"),
    ]
    return element("tr", cells, class_="row", **_data(one))


def _names(one: Row) -> List[str]:
    """The name of an entry, after those of what it is in."""
    return [plain(name) for name in split(one["path"])] if one["kind"] in INNER else [one["path"]]


def project_of(one: Row) -> str:
    """The project of an entry; empty for what is not in one."""
    return _names(one)[0] if one["kind"] in ("project", *INNER) else ""


def _name(one: Row, whole: bool = False) -> Markup:
    """The name of an entry, after those of what it is in. :param whole: from the project on."""
    *outer, name = _names(one)
    around = outer if whole else outer[1:]
    return element(
        "span",
        element("small", one["kind"].replace("_", " "), class_="kind"),
        [element("span", part, " / ", class_="outer") for part in around],
        element("b", name),
        class_="name",
    )


def _data(one: Row) -> Dict[str, str]:
    """What the script filters by."""
    found = {"data_kind": one["kind"], "data_project": project_of(one)}
    if "deployment" in one:
        found["data_last"] = _last(one)[0]
    return found


def _last(one: Row) -> Tuple[str, str]:
    """The status of the last deployment as a filter, and as text."""
    if one["deployment"] is None:
        if one["kind"] == "database":
            status = str(one["status"] or "idle")
            return ("failed" if one["failed"] else {"idle": "never"}.get(status, status), status)
        return ("never", "never deployed")
    status = str(one["deployment"].get("status"))
    return ("failed" if one["failed"] else status, status)


def _lastpill(one: Row) -> Markup:
    name, text = _last(one)
    return pill(text, {"failed": "bad", "done": "good", "running": "note"}.get(name, ""))


def pill(text: str, mood: str) -> Markup:
    """A word that stands out. :param mood: C(good), C(bad), C(warn), C(note) or none."""
    return element("span", text, class_=("pill " + mood).strip())


def _seconds(duration: float) -> str:
    return "%.0f" % duration if duration >= 10 else "%.1f" % duration


def time_of(text: str, report: Optional[Row] = None) -> Markup:
    """A time in UTC. :param report: from which it gets an age."""
    try:
        moment = instant(text)
        age = None if report is None else _age((instant(report["checked_at"]) - moment).total_seconds())
    except ValueError:
        return element("span", text)
    shown = moment.strftime("%Y-%m-%d %H:%M UTC")
    if age is None:
        return element("time", shown, datetime=text)
    return element("time", age, element("small", shown), datetime=text)


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
