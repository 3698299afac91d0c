# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""A plan as text: a table for a screen, and Markdown for a pull request."""

from __future__ import annotations

import difflib
import re
from typing import Any, Iterable, Iterator, List, Mapping, Sequence, Tuple

from .._values.yaml_text import yaml_of
from .plan import DocumentPlan

_MARKS = {
    "create": "+",
    "remove": "-",
    "save": ">",
    "restore": "<",
    "mask": "~",
    "release": "<",
    "update": "~",
    "reset": "!",
    "rename": "~",
    "move": "→",
    "replace": "±",
    "deploy": ">",
    "adopt": "=",
    "start": ">",
    "stop": "#",
    "reload": ">",
}
# The most characters of a value in a diff, of a row in a table, and entries of what is unmanaged.
_LONGEST_VALUE, _LONGEST_ROW, _MOST_UNMANAGED = 200, 160, 20
#: The most characters of a text. GitHub accepts 65536 in a comment.
LONGEST_TEXT = 60000
_TOO_LONG = ["", "The diffs of further entries are left out: the text is too long."]


def summary(plan: DocumentPlan) -> str:
    """One line: C(2 to create, 1 to update), or that nothing changes."""
    return summary_of(plan.counts)


def summary_of(counts: Mapping[str, int]) -> str:
    """C(summary) of the numbers of all actions."""
    return ", ".join("%d to %s" % (number, action) for action, number in counts.items() if number) or "No changes"


def table(changes: Sequence[Mapping[str, Any]]) -> List[str]:
    """The lines of a table with a row for each change. :param changes: as results show them."""
    rows = [
        (_MARKS[change["action"]], *(str(change[name]) for name in ("action", "kind", "path")), _about(change))
        for change in changes
    ]
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(4)]
    lines = []
    for row in rows:
        cells = [row[column].ljust(widths[column]) for column in range(4)]
        lines.append(cut("%s %s" % (" ".join(cells), row[4]), _LONGEST_ROW).rstrip())
    return lines


def _about(change: Mapping[str, Any]) -> str:
    """What the table says of a change beside its action."""
    if change["reason"] or change["action"] == "create":
        return str(change["reason"] or "")
    reset = {option.partition("[")[0].partition(".")[0] for option in change["reset"]}
    others = ", ".join(option for option in change["options"] if option not in reset)
    not_stated = "not stated: %s" % ", ".join(change["reset"]) if reset else ""
    return "; ".join(filter(None, (others, not_stated)))


def cut(text: str, longest: int) -> str:
    """A text of at most this length."""
    return text if len(text) <= longest else text[: longest - 1] + "…"


def markdown(plan: DocumentPlan) -> str:
    """The plan for a pull request: its summary, a table, and a diff of each entry that can be opened."""
    head = ["**%s** (plan `%s`)" % (summary(plan), plan.id)]
    if plan.changes:
        head += ["", "| | kind | path | |", "| --- | --- | --- | --- |"]
        head += [
            "| %s | %s | %s | %s |" % (change.action, change.kind, code(change.path), escaped(_about(change.shown())))
            for change in plan.changes
        ]
    blocks = (
        folded("%s %s %s" % (change.action, change.kind, change.path), _diff(change.diff)) for change in plan.changes
    )
    unknown = [(record.kind, record.type, record.path) for record in plan.unknown]
    left_alone = [
        "%s %s: %s" % (change.kind, code(change.path), escaped(change.reason or "")) for change in plan.left_alone
    ]
    held = ["%s %s: %s" % (held.kind, code(held.path), held.option or "all of it") for held in plan.held]
    not_restored = ["%s: %s" % (code(data), escaped(reason)) for data, reason in plan.not_restored.items()]
    tail = [
        *_listed("not restored", not_restored),
        *_listed("not deployed", left_alone),
        *_listed("held", held),
        *unmanaged_list(plan.unmanaged),
        *unknown_list(unknown),
    ]
    return fitting(head, blocks, tail)


def fitting(
    head: Sequence[str], blocks: Iterable[Sequence[str]], tail: Sequence[str], longest: int = LONGEST_TEXT
) -> str:
    """The lines of a comment of a pull request. :param blocks: lines of which it has those for which there is room."""
    room = longest - sum(len(line) + 1 for line in [*head, *_TOO_LONG, *tail])
    details: List[str] = []
    for block in blocks:
        room -= sum(len(line) + 1 for line in block)
        if room < 0:
            details += _TOO_LONG
            break
        details += block
    text = "\n".join([*head, *details, *tail])
    if len(text) > longest:
        # A row that is cut off is none.
        text = text[: max(text.rfind("\n", 0, longest), 0)] or text[:longest]
    return text + "\n"


def folded(title: str, lines: Sequence[str]) -> List[str]:
    """Lines of a diff that can be opened; nothing if there are none."""
    if not lines:
        return []
    # Longer than any run of backticks in it.
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", "\n".join(lines))), default=0))
    head = ["", "<details><summary>%s</summary>" % _html(re.sub(r"\s", " ", title)), "", fence + "diff"]
    return [*head, *lines, fence, "", "</details>"]


def _diff(diff: Mapping[str, Any]) -> List[str]:
    before, after = ([] if not diff.get(side) else _lines(diff[side]) for side in ("before", "after"))
    # The first two lines name files.
    lines = list(difflib.unified_diff(before, after, n=2, lineterm=""))[2:]
    return [line for line in lines if not line.startswith("@@")]


def _lines(value: Any) -> List[str]:
    text = value if isinstance(value, str) else yaml_of(value)
    return [cut(line, _LONGEST_VALUE) for line in text.splitlines()]


def unmanaged_list(unmanaged: Sequence[Tuple[str, str]]) -> Iterator[str]:
    """What is unmanaged, as a list.

    :param unmanaged: the kind and the path of each.
    """
    yield from _listed("not in the document", ["%s %s" % (kind, code(path)) for kind, path in unmanaged])


def unknown_list(unknown: Sequence[Tuple[str, str, str]]) -> Iterator[str]:
    """What is of kinds that the collection does not know, as a list.

    :param unknown: the kind, the type and the path of each.
    """
    rows = ["%s %s (%s)" % (kind, code(path), escaped(type_)) for kind, type_, path in unknown]
    yield from _listed("of kinds that the collection does not know", rows)


def _listed(said: str, rows: Sequence[str]) -> Iterator[str]:
    if not rows:
        return
    yield from ("", "%d %s:" % (len(rows), said), "")
    yield from ("- %s" % row for row in rows[:_MOST_UNMANAGED])
    if len(rows) > _MOST_UNMANAGED:
        yield "- and %d more" % (len(rows) - _MOST_UNMANAGED)


def code(text: str) -> str:
    """A text as code, which shows every character as it is."""
    text = re.sub(r"\s", " ", text).replace("|", "\\|")
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", text)), default=0))
    return "%s%s%s" % (fence, text, fence) if fence == "`" else "%s %s %s" % (fence, text, fence)


def escaped(text: str) -> str:
    """A text in which no character means anything to Markdown."""
    return re.sub(r"([\\`*_{}\[\]<>|#])", r"\\\1", re.sub(r"\s", " ", text))


def _html(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
