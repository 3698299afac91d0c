# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A report about drift as Markdown, for a pull request or a chat. Pure."""

from __future__ import annotations

import difflib
from typing import Any, Iterator, List, Mapping, Tuple

from ansible_collections.community.dokploy.plugins.module_utils._manifest.markdown import (
    LONGEST_TEXT,
    code,
    cut,
    escaped,
    fitting,
    folded,
    unknown_list,
    unmanaged_list,
)
from ansible_collections.community.dokploy.plugins.plugin_utils._drift.backups import problem_in_words
from ansible_collections.community.dokploy.plugins.plugin_utils._drift.report import difference_text, value_text
from ansible_collections.community.dokploy.plugins.plugin_utils._drift.sets import sets_in_words
from ansible_collections.community.dokploy.plugins.plugin_utils._report.markdown import markdown_table

Row = Mapping[str, Any]

# The most differences and failed deployments, and characters of what is said of one.
_MOST, _LONGEST = 100, 300
#: The most characters of a line of a value, and lines of it.
LONGEST_LINE, MOST_LINES = 200, 200
# Lines of a value that are compared: more would take minutes in the worst case.
_ENOUGH = 2000


def drift_markdown(report: Row, longest: int = LONGEST_TEXT) -> str:
    """The summary, the differences as a table and as diffs that can be opened, what failed, and what is unmanaged or of
    unknown kinds.

    :param longest: the most characters, of which the last ones are cut off.
    """
    differences, errors = report["differences"], report["errors"]
    facts = (report["document"], report["server"], report["checked_at"], sets_in_words(report))
    about = [text for text in facts if text]
    head = ["**%s**" % report["summary"] + "".join(" · %s" % escaped(text) for text in about)]
    rows = [(row, row["msg"]) for row in errors] + [(row, difference_text(row)) for row in differences]
    head += _table(("kind", "path", "on the server"), [(*_named(row), escaped(_short(said))) for row, said in rows])
    unstated = report.get("unstated", ())
    if unstated:
        head += ["", "Set on the server, and not stated:"]
        head += _table(
            ("kind", "path", "options"), [(*_named(row), escaped(_short(difference_text(row)))) for row in unstated]
        )
    failed = report["failed_deployments"]
    if failed:
        head += ["", "Failed deployments, newest first:"]
        head += _table(("kind", "path", "", "when", "last success"), [_failed(service) for service in failed])
    problems = report.get("backup_problems", ())
    if problems:
        head += ["", "Backups that are missing, old or failed:"]
        rows = [(row, problem_in_words(row)) for row in problems]
        head += _table(("kind", "path", "problem"), [(*_named(row), escaped(_short(said))) for row, said in rows])
    blocks = (
        folded("%s %s" % (difference["kind"], difference["path"]), list(_diff(difference)))
        for difference in differences
    )
    unmanaged = [(row["kind"], row["path"]) for row in report["unmanaged"]]
    unknown = [(row["kind"], row["type"], row["path"]) for row in report.get("unknown", ())]
    return fitting(head, blocks, [*unmanaged_list(unmanaged), *unknown_list(unknown)], longest)


def _table(names: Tuple[str, ...], rows: List[Tuple[str, ...]]) -> List[str]:
    return ["", *markdown_table(names, rows, _MOST)] if rows else []


def _named(row: Row) -> Tuple[str, str]:
    return (escaped(row["kind"]), code(row["path"]))


def _short(text: str) -> str:
    return cut(text.partition("\n")[0], _LONGEST)


def _failed(service: Row) -> Tuple[str, ...]:
    last = service["deployment"] or {}
    when = last.get("finished_at") or last.get("created_at") or ""
    said = _short(last.get("error_message") or last.get("status") or service["status"] or "")
    return (*_named(service), escaped(said), escaped(when), escaped(service["deployed_at"] or "never"))


def _diff(difference: Row) -> Iterator[str]:
    """The lines of a diff of all options that differ."""
    for option in difference["options"]:
        lines = changed_lines(option["before"], option["after"])
        if len(lines) <= 2 and all(mark != " " for mark, _line in lines):
            yield from ("%s%s: %s" % (mark, option["option"], line) for mark, line in lines)
        else:
            yield " %s:" % option["option"]
            yield from ("%s  %s" % line for line in lines)


def changed_lines(before: Any, after: Any) -> List[Tuple[str, str]]:
    """The lines of two values, those that are alike between others left out, each with C(-), C(+) or a blank."""
    old, new = ([] if side is None else value_text(side).splitlines() or [""] for side in (before, after))
    # The first two lines name files.
    diff = list(difflib.unified_diff(old[:_ENOUGH], new[:_ENOUGH], n=2, lineterm=""))[2:]
    lines = [(line[0], cut(line[1:], LONGEST_LINE)) for line in diff if not line.startswith("@@")]
    if len(lines) > MOST_LINES:
        return [*lines[:MOST_LINES], (" ", "…")]
    return lines
