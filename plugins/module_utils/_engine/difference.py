# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What results show of a diff: C(changed), and both sides in option names and without secrets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, Mapping, Tuple

from .._secrets.patterns import HIDDEN
from .._values.codec import is_empty
from .desired import Path
from .diff import Change, Diff
from .keys import label_of
from .lines import shown_diff
from .plan import Plan
from .view import in_words


@dataclass(frozen=True)
class Difference:
    """What an operation changes, in option names and without secrets.

    :param hidden: something differs that neither side shows.
    """

    label: str
    before: Any
    after: Any
    hidden: bool = False

    @property
    def changed(self) -> bool:
        return self.hidden or bool(self.before != self.after)

    def result(self, **facts: Any) -> Dict[str, Any]:
        """The result of the operation: C(changed), C(diff) and further keys."""
        return {"changed": self.changed, **facts, "diff": shown_diff(self.label, self.before, self.after)}


@dataclass(frozen=True)
class ChangePlan(Plan):
    """The steps of a state or an action, and what they change."""

    difference: Difference


def difference(diff: Diff, names: Mapping[str, str], label: str) -> Difference:
    """The diff in option names, with secrets masked and IDs as names where known."""
    before: Dict[str, Any] = {}
    after: Dict[str, Any] = {}
    if diff.action in ("create", "remove"):
        states = ("absent", "present")
        before["state"], after["state"] = states if diff.action == "create" else states[::-1]
    changes = [(diff.action, change.path, change) for change in diff.changes]
    for item in diff.children:
        at = (item.child.option, label_of(item.child, item.key, names))
        changes += [(item.action, (*at, change.field.name), change) for change in item.changes]
    for action, path, change in changes:
        old, new = _shown(change, names)
        if change.field.initial and old == new:
            continue
        if action not in ("create", "add"):
            _put(before, path, old)
        if action != "remove":
            _put(after, path, new)
    for name, texts in diff.shown.items():
        before[name], after[name] = texts
    return Difference(label, before, after, hidden=not diff.empty)


def _shown(change: Change, names: Mapping[str, str]) -> Tuple[Any, Any]:
    field = change.field
    if field.secret or field.write_only:
        if field.codec.masked is not None:
            return field.codec.masked(change.before, change.after)
        old = "" if is_empty(change.before) and not field.write_only else "%s old" % HIDDEN  # which may be set
        return old, "" if is_empty(change.after) else "%s new" % HIDDEN
    return in_words(field, change.before, names), in_words(field, change.after, names)


def _put(target: Dict[str, Any], path: Path, value: Any) -> None:
    for step in path[:-1]:
        target = target.setdefault(step, {})
    target[path[-1]] = value
