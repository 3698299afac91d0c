# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What results show of a diff: C(changed), and both sides in option names and without secrets.

Ansible prints a mapping as JSON or YAML and compares it line by line. As text, a file would be one line of it, in which
a removed word cannot be seen: a text of several lines is a list of them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Dict, List, Mapping, Sequence, Tuple, TypeVar

from .._api.client import Call
from .._secrets.masking import HIDDEN
from .._values.codec import is_empty
from .desired import Path
from .diff import Change, Diff
from .keys import label_of
from .plan import Outcome, Plan, Step
from .view import in_words

_MISSING = object()
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


def shown_diff(label: str, before: Any, after: Any) -> Dict[str, Any]:
    """C(diff) of a result. Ansible compares two texts line by line by itself; they stay as they are."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        before, after = in_lines(before, after)
    return {"before": before, "after": after, "before_header": label, "after_header": label}


def in_lines(before: Any, after: Any) -> Tuple[Any, Any]:
    """Both values with each text of several lines, at any depth, as the list of its lines: C("a\\n") is C(["a", ""]).

    A text becomes lines as well where the other side has several, so that only the lines that differ are printed.
    """
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        pairs = {key: in_lines(before.get(key, _MISSING), after.get(key, _MISSING)) for key in {**before, **after}}
        return {key: pairs[key][0] for key in before}, {key: pairs[key][1] for key in after}
    if any(isinstance(value, str) and "\n" in value for value in (before, after)):
        return _lines(before), _lines(after)
    return _within(before), _within(after)


def _within(value: Any) -> Any:
    """A value without one on the other side to compare with."""
    if isinstance(value, Mapping):
        return in_lines(value, {})[0]
    if isinstance(value, (list, tuple)):
        return [in_lines(item, None)[0] for item in value]
    return value


def _lines(value: Any) -> Any:
    if not isinstance(value, str):
        return _within(value)
    lines: List[str] = value.split("\n") if value else []
    return lines
