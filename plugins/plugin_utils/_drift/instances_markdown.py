# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A report about several instances as Markdown: a table of all, and the report of each with something to say. Pure."""

from __future__ import annotations

from typing import Any, List, Mapping, Sequence

from ansible_collections.community.dokploy.plugins.module_utils._manifest.markdown import (
    LONGEST_TEXT,
    code,
    cut,
    escaped,
)
from ansible_collections.community.dokploy.plugins.plugin_utils._drift.instances import STATES, columns_of
from ansible_collections.community.dokploy.plugins.plugin_utils._drift.markdown import drift_markdown
from ansible_collections.community.dokploy.plugins.plugin_utils._report.markdown import markdown_table
from ansible_collections.community.dokploy.plugins.plugin_utils._report.model import age_of

Row = Mapping[str, Any]

_COLUMNS = {
    "differ": "differences",
    "not stated": "unstated",
    "not in the document": "unmanaged",
    "failed": "failed_deployments",
    "backup problems": "backup_problems",
}
# The most characters of an error, and of the report of an instance at least, so that it says something.
_LONGEST_ERROR, _LEAST = 300, 300
_LEFT_OUT = "The reports of further instances are left out: the text is too long."


def instances_markdown(report: Row) -> str:
    """The text, of at most as many characters as a comment can have. The reports of the instances share what the table
    leaves."""
    head = ["**%s**%s" % (report["summary"], " · %s" % escaped(report["checked_at"]) if report["checked_at"] else "")]
    columns = columns_of(_COLUMNS, report)
    titles = ("instance", "release", *columns, "oldest backup", "state")
    numbers = list(columns.values())
    cells = [_cells(instance, numbers, report["checked_at"]) for instance in report["instances"]]
    head += ["", *markdown_table(titles, cells)]
    speaking = [instance for instance in report["instances"] if instance["report"] and _has_rows(instance["report"])]
    left = LONGEST_TEXT - sum(len(line) + 1 for line in head) - len(_LEFT_OUT)
    parts: List[str] = []
    for number, instance in enumerate(speaking):
        title = "\n### %s\n\n" % escaped(instance["host"])
        # What the short ones leave is for those after them.
        room = left // (len(speaking) - number) - len(title) - 1
        if room < _LEAST:
            parts.append("\n%s\n" % _LEFT_OUT)
            break
        part = title + drift_markdown(instance["report"], room)
        left -= len(part)
        parts.append(part)
    return ("\n".join(head) + "\n")[:LONGEST_TEXT] + "".join(parts)


def _cells(instance: Row, numbers: Sequence[str], checked_at: str) -> List[str]:
    counts = instance["counts"]
    state = STATES[instance["state"]]
    if instance["msg"]:
        state = "%s: %s" % (state, cut(instance["msg"].partition("\n")[0], _LONGEST_ERROR))
    return [
        "%s%s" % (escaped(instance["host"]), " " + code(instance["server"]) if instance["server"] else ""),
        escaped(instance["release"]),
        *(str(counts.get(name, 0)) if counts else "" for name in numbers),
        escaped(_backup(instance, checked_at)),
        escaped(state),
    ]


def _backup(instance: Row, checked_at: str) -> str:
    """When the backup whose success is the longest ago succeeded; empty where it was not read."""
    oldest = instance["oldest_backup"]
    if not instance["release"] or oldest is None:
        return "no backups" if instance["release"] else ""
    when = oldest["succeeded_at"]
    said = age_of(when, instance["checked_at"] or checked_at) if when else "never"
    return "%s (%s %s)" % (said, oldest["path"], oldest["backup"])


def _has_rows(report: Row) -> bool:
    """Whether there is more to say than that nothing differs."""
    names = ("errors", "differences", "unstated", "unmanaged", "unknown", "failed_deployments", "backup_problems")
    return any(report.get(name) for name in names)
