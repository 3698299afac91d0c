# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What results show of a diff: C(changed), and both sides in option names and without secrets."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Dict, Mapping, Sequence, Tuple, TypeVar

from .._api.client import Call
from .._secrets.patterns import HIDDEN
from .._values.codec import is_empty
from .desired import Path
from .diff import Change, Diff
from .keys import label_of
from .lines import shown_diff
from .plan import Outcome, Plan, Step
from .view import in_words

P = TypeVar("P", bound="ChangePlan")


@dataclass(frozen=True)
class Difference:
    """What an operation changes, in option names and without secrets.

    :param hidden: something differs that neither side shows. :param action: one word for the change.
    """

    label: str
    before: Any
    after: Any
    hidden: bool = False
    action: str = "update"

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

    def also(self: P, steps: Sequence[Step], before: Mapping[str, Any], after: Mapping[str, Any]) -> P:
        """The plan with further steps at its end, and what these change."""
        old, new = {**self.difference.before, **before}, {**self.difference.after, **after}
        return replace(self, steps=(*self.steps, *steps), difference=replace(self.difference, before=old, after=new))

    def uses(self) -> Sequence[Any]:
        """The ID of the resource, or C(None), and values with IDs of others."""
        return (None,)

    def changed(self) -> Sequence[Tuple[str, str]]:
        """What it changes in rows: their IDs and keys."""
        return ()

    def read_back(self, outcome: Outcome) -> Sequence[Call]:
        """The queries that read back what it has changed, as far as its own steps have not."""
        return ()


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
    return Difference(label, before, after, hidden=not diff.empty, action=diff.action)


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
