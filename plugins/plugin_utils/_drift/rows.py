# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the pages about drift show of each entry, for C(templates/rows.html.j2). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, Iterator, List, Mapping, Sequence, Tuple

from ansible_collections.community.dokploy.plugins.module_utils._manifest.markdown import cut
from ansible_collections.community.dokploy.plugins.module_utils._values.paths import split, unescaped
from ansible_collections.community.dokploy.plugins.plugin_utils._drift.exclusions import INNER
from ansible_collections.community.dokploy.plugins.plugin_utils._drift.markdown import changed_lines
from ansible_collections.community.dokploy.plugins.plugin_utils._drift.report import HIDDEN, value_text
from ansible_collections.community.dokploy.plugins.plugin_utils._report.model import pill, time_of

Row = Mapping[str, Any]

# The most characters of a value.
_LONGEST = 2000
_BEFORE = ("before", "On the server")
_AFTER = ("after", "In the document")
_NEW = ("after", "In a new record")
# How the status of a last deployment stands out.
_MOODS = {"failed": "bad", "done": "good", "running": "note"}


@dataclass(frozen=True)
class Table:
    """The options of an entry with their values.

    :param entries: C([{option, before, after, stated}]). :param columns: the key and the title of each.
    """

    entries: Sequence[Row]
    columns: Sequence[Tuple[str, str]]

    @property
    def titles(self) -> List[str]:
        return [title for _key, title in self.columns]

    def options(self) -> Iterator[Row]:
        """C({name, stated, lines, sides}) of each; made where there is room, since to compare long texts takes time."""
        for entry in self.entries:
            yield {
                "name": entry["option"],
                "stated": entry.get("stated", True),
                "lines": _lines(entry) if len(self.columns) == 2 else [],
                "sides": [(title, _value(entry[key])) for key, title in self.columns],
            }


def error_row(entry: Row) -> Row:
    """What could not be compared."""
    return {**_row(entry), "msg": cut(entry["msg"], _LONGEST)}


def unmanaged_row(entry: Row) -> Row:
    """What the document does not name."""
    return _row(entry)


def unknown_row(entry: Row) -> Row:
    """What is of a kind that the collection does not know."""
    return {**_row(entry), "type": pill(entry["type"], "note")}


def unstated_row(entry: Row) -> Row:
    """An entry with options that are set on the server, and not stated."""
    count = len(entry["options"])
    return {
        **_row(entry),
        "pills": [pill("%d %s" % (count, "option" if count == 1 else "options"), "note")],
        "table": Table(entry["options"], [_BEFORE, _NEW]),
    }


def difference_row(entry: Row) -> Row:
    """An entry that differs."""
    pills = [
        pill(state["text"], "bad" if state["action"] in ("create", "remove") else "warn") for state in entry["states"]
    ]
    count = len(entry["options"])
    if count and not pills:
        pills = [pill("%d %s" % (count, "option differs" if count == 1 else "options differ"), "warn")]
    columns = {"create": [_AFTER], "remove": [_BEFORE]}.get(entry["actions"][0], [_BEFORE, _AFTER])
    return {
        **_row(entry),
        "pills": pills,
        "reasons": [state["reason"] for state in entry["states"] if state["reason"]],
        "table": Table(entry["options"], columns) if count else None,
    }


def failure_row(entry: Row, report: Row) -> Row:
    """A service whose last deployment failed."""
    last = entry["deployment"] or {}
    finished_at, deployed_at = last.get("finished_at"), entry["deployed_at"]
    return {
        **_row(entry),
        "failed_at": time_of(finished_at, report) if finished_at else None,
        "deployed_at": time_of(deployed_at, report) if deployed_at else None,
        "is_first": entry["deployment"] is not None and not deployed_at,
        "commit": (last.get("commit") or "")[:7],
        "msg": cut(last.get("error_message") or "", _LONGEST),
    }


def backup_row(entry: Row) -> Row:
    """What is wrong with the backups of a database or a volume."""
    inside = [part for part in (entry["service"], entry["name"]) if part]
    return {
        **_row(entry),
        "what": "%s %s" % (entry["what"], " / ".join(inside)) if inside else entry["what"],
        "problem": pill(entry["problem"].replace("_", " "), "bad"),
        "msg": cut(entry["msg"], _LONGEST),
    }


def service_row(entry: Row, report: Row, differs: bool) -> Row:
    """When a service was deployed."""
    last, deployed_at = entry["deployment"] or {}, entry["deployed_at"]
    duration = last.get("duration")
    return {
        **_row(entry),
        "differs": differs,
        "deployed_at": time_of(deployed_at, report) if deployed_at else None,
        "commit": (last.get("commit") or "")[:7],
        "duration": "" if duration is None else "%s s" % _seconds(duration),
    }


def project_of(entry: Row) -> str:
    """The project of an entry; empty for what is not in one."""
    return _path(entry)[0] if entry["kind"] in ("project", *INNER) else ""


def _row(entry: Row) -> Dict[str, Any]:
    """What each row has: its kind, its project, its name after those of what it is in, and its last deployment."""
    row = {"kind": entry["kind"], "project": project_of(entry), "path": _path(entry), "last": None}
    if "deployment" in entry:
        status, text = _last(entry)
        row["last"] = {"status": status, **pill(text, _MOODS.get(status, ""))}
    return row


def _path(entry: Row) -> List[str]:
    """The name of an entry, after those of what it is in."""
    return [unescaped(name) for name in split(entry["path"])] if entry["kind"] in INNER else [entry["path"]]


def _last(entry: Row) -> Tuple[str, str]:
    """The status of the last deployment as a filter, and as text."""
    if entry["deployment"] is None:
        if entry["kind"] == "database":
            status = str(entry["status"] or "idle")
            return ("failed" if entry["failed"] else {"idle": "never"}.get(status, status), status)
        return ("never", "never deployed")
    status = str(entry["deployment"].get("status"))
    return ("failed" if entry["failed"] else status, status)


def _lines(option: Row) -> List[Tuple[str, str]]:
    """The diff of values of several lines; none for others."""
    texts = [value_text(option[side]) for side in ("before", "after") if option[side] is not None]
    if len(texts) < 2 or not any("\n" in text for text in texts):
        return []
    return changed_lines(option["before"], option["after"])


def _value(value: Any) -> Row:
    """A value: C({words, text, has_lines}), with words in place of a text that says nothing."""
    text = "" if value is None else value_text(value)
    words = "not set" if value is None else "" if text else "empty"
    if text.startswith(HIDDEN):
        # C((hidden) old): the two values differ.
        which = text[len(HIDDEN) :].strip()
        words = "hidden, %s value" % which if which else "hidden"
    return {"words": words, "text": cut(text, _LONGEST), "has_lines": "\n" in text}


def _seconds(duration: float) -> str:
    return "%.0f" % duration if duration >= 10 else "%.1f" % duration
