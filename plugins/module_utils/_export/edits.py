# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Single changes of a document that exists: what becomes of one value, and of all values."""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace
from typing import Any, Dict, Iterable, List, Mapping, Sequence, Tuple

from .._values import nested
from .._values.nested import at

#: C(None) is behind the last item of a list.
Path = nested.Path

SET, ADD, REMOVE = "set", "add", "remove"
# What results call it.
_ACTIONS = {SET: "changed", ADD: "added", REMOVE: "removed"}


@dataclass(frozen=True)
class Edit:
    """One change.

    :param action: C(set) the value of a path, C(add) a key with its value or an item behind all others, or C(remove).
    :param path: of what changes. The last part of what is added to a list is C(None).
    :param value: the new one, with marks, see C(_export.marked).
    :param source: its path in the exported document, whose comments come with it; empty if it is not from there.
    :param after: the keys that come before a new one, as far as they are there.
    """

    action: str
    path: Path
    value: Any = None
    source: Path = ()
    after: Tuple[str, ...] = ()

    def with_value(self, value: Any) -> Edit:
        """The same change with another value."""
        return replace(self, value=value)


@dataclass(frozen=True)
class EntryChange:
    """What changes of one option of an entry, or of the entry.

    :param kind: the name of the module without C(dokploy_). :param path: of the entry, as results show it.
    :param option: its name; empty for the whole entry. :param place: of the entry in the document.
    :param edits: the changes, as small as they can be.
    :param whole: the same as one change of the whole option, where only that can be made; C(None) for an entry.
    """

    kind: str
    path: str
    option: str
    place: Path
    edits: Tuple[Edit, ...]
    whole: Tuple[Edit, ...] = ()

    def results(self, edits: Sequence[Edit]) -> List[Dict[str, str]]:
        """What results have of it: C(kind), C(path), C(option) and C(action). :param edits: those that are made."""
        return [
            {"kind": self.kind, "path": self.path, "option": self._named(edit), "action": _ACTIONS[edit.action]}
            for edit in edits
        ]

    def _named(self, edit: Edit) -> str:
        inner = edit.path[len(self.place) :] if self.option else ()
        parts = ["[%d]" % part if isinstance(part, int) else ".%s" % part for part in inner if part is not None]
        return "".join(parts).lstrip(".")


def to_json(change: EntryChange) -> Dict[str, Any]:
    """A change without values of the export, which have places in it instead: these are marked later."""

    def bare(edit: Edit) -> Dict[str, Any]:
        row = {"action": edit.action, "path": edit.path, "source": edit.source, "after": edit.after}
        return row if edit.source else {**row, "value": edit.value}

    edits, whole = map(bare, change.edits), map(bare, change.whole)
    named = {"kind": change.kind, "path": change.path, "option": change.option, "place": change.place}
    return {**named, "edits": list(edits), "whole": list(whole)}


def from_json(change: Mapping[str, Any], document: Mapping[str, Any]) -> EntryChange:
    """A change with the values of the export. :param document: that of the export, with its marks."""

    def whole(edit: Mapping[str, Any]) -> Edit:
        path, source = tuple(edit["path"]), tuple(edit["source"])
        value = at(document, source) if source and edit["action"] != REMOVE else edit.get("value")
        return Edit(edit["action"], path, value, source, tuple(edit["after"]))

    edits = [tuple(map(whole, change[name])) for name in ("edits", "whole")]
    return EntryChange(change["kind"], change["path"], change["option"], tuple(change["place"]), *edits)


def in_order(edits: Iterable[Edit]) -> List[Edit]:
    """Changes in the order in which the path of each one is that of the document before all of them."""

    def rank(edit: Edit) -> int:
        if edit.action == REMOVE and isinstance(edit.path[-1], int):
            return 2
        return 1 if edit.action == ADD and edit.path[-1] is None else 0

    ordered = sorted(edits, key=rank)
    first = [edit for edit in ordered if rank(edit) < 2]
    return [*first, *sorted((edit for edit in ordered if rank(edit) == 2), key=lambda edit: edit.path, reverse=True)]


def all_applied(value: Any, edits: Iterable[Edit]) -> Any:
    """A copy of values after changes of these."""
    after = copy.deepcopy(value)
    for edit in in_order(edits):
        _apply(after, edit)
    return after


def applied(value: Any, edit: Edit) -> Any:
    """A copy of values after a change of these."""
    return all_applied(value, [edit])


def _apply(value: Any, edit: Edit) -> None:
    *outer, key = edit.path
    if edit.action == ADD and outer and not at(value, outer):
        # Null, or empty: the first value makes it what it is.
        at(value, outer[:-1])[outer[-1]] = [edit.value] if key is None else {key: edit.value}
        return
    container = at(value, outer)
    if edit.action == REMOVE:
        del container[key]
    elif key is None:
        container.append(edit.value)
    else:
        container[key] = edit.value
