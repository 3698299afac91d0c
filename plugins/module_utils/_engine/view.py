# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What results show: a record in option names, the row that check mode predicts, and what differs, without secrets.

Ansible prints the mapping of a diff as JSON or YAML and compares it line by line. As text, a file would be one line of
it, in which a removed word cannot be seen: a text of several lines is a list of them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Container, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple, TypeVar

from .._api.client import Call
from .._model.child import Child
from .._model.field import Field, Group
from .._model.resource import Resource
from .._secrets.masking import HIDDEN
from .._values.codec import GENERATED, is_empty
from .._values.nested import with_texts
from .desired import DesiredField, Path, dotted, label_of
from .diff import Change, ChildChange, Diff, Row
from .plan import Outcome, Plan, Step

_MISSING = object()
P = TypeVar("P", bound="ChangePlan")


def view(
    resource: Resource, row: Row, names: Mapping[str, str], include_secrets: bool = False, base_url: str = ""
) -> Dict[str, Any]:
    """A row as results and C(_info) modules show it: snake_case, in option names, without secrets.

    Of groups that exclude each other only the one in force is shown. A column that the row lacks is null, since an
    older server has fewer columns. In the prediction of a new record it is what the server chooses, C(GENERATED).

    :param names: names of IDs, as far as they are known. :param base_url: the URL of the server, for its secret facts.
    """
    new = not resource.single and row.get(resource.id_key) is None
    record = _facts(resource, row)
    if new:
        record.update({key: GENERATED for key, value in record.items() if value is None})
    if include_secrets and resource.reading.secret_facts is not None:
        record.update(resource.reading.secret_facts(row, base_url))
    # A key that an object lacks is not set, unless the server fills it in.
    unset = set(resource.packed[1]) - set(resource.creation.defaults)
    for option in resource.options:
        if isinstance(option, Field):
            record.update(_values((option,), row, names, include_secrets, new=new))
            continue
        record.update(_selected(option, row, record, new))
        if in_force(option, row):
            record[option.name] = _values(option.fields, row, names, include_secrets, unset, new)
    for child in resource.children:
        # What the parent's read does not embed is shown where it was read.
        if child.listing is None or child.embedded in row:
            record[child.option] = [child_view(child, item, names, include_secrets) for item in _rows(row, child)]
    return record


def _facts(resource: Resource, row: Row) -> Dict[str, Any]:
    """What a row has beside the options."""
    own = {resource.id_option: row.get(resource.id_key), **({"type": resource.kind} if resource.kind else {})}
    return {**own, **{key: row.get(api) if isinstance(api, str) else api(row) for key, api in resource.reading.facts}}


def _selected(group: Group, row: Row, values: Mapping[str, Any], new: bool) -> Dict[str, Any]:
    """The option that selects a group, with the selected one of several groups."""
    if group.selects is None:
        return {}
    selector, chosen = group.selects
    if row.get(selector.api) == chosen:
        return {selector.name: chosen}
    return {selector.name: values.get(selector.name, GENERATED if new else None)}


def in_force(group: Group, row: Row) -> bool:
    """Whether a group is the selected one, and set."""
    if group.selects is None:
        return True
    selector, chosen = group.selects
    # A new application has a GitHub source without a repository.
    needed = [row.get(field.api) for field in group.fields if field.needed is True]
    return row.get(selector.api) == chosen and not (needed and all(map(is_empty, needed)))


def child_view(child: Child, row: Row, names: Mapping[str, str], include_secrets: bool = False) -> Dict[str, Any]:
    """A child as results show it."""
    new = row.get(child.id_key) is None
    own = {child.id_option: GENERATED if new else row[child.id_key]}
    return {**own, **_values(child.fields, row, names, include_secrets, new=new)}


def _values(
    fields: Sequence[Field],
    row: Row,
    names: Mapping[str, str],
    include_secrets: bool,
    unset: Container[str] = (),
    new: bool = False,
) -> Dict[str, Any]:
    """:param unset: the keys that are not set where the row lacks them. :param new: the record does not exist yet."""
    return {
        field.name: in_words(field, row.get(field.api), {} if field.paths else names)
        if field.api in row or field.api in unset
        else _unknown(field)
        if new
        else None
        for field in fields
        if field.returned and (include_secrets or not field.secret)
    }


def _unknown(field: Field) -> Any:
    """The value of an option that a new record gets from the server: lists and mappings begin empty.

    A number and a boolean stay null, since no text can stand for them where an option takes one.
    """
    return {"str": GENERATED, "list": [], "dict": {}, "raw": field.shown(None)}.get(field.codec.type)


def _rows(row: Row, child: Child) -> List[Row]:
    """Children in a stable order, since the server gives none."""
    rows = row.get(child.embedded) or []
    return sorted(
        rows, key=lambda item: [str(item.get(f.api)) for f in child.key_fields] + [str(item.get(child.id_key))]
    )


def predicted(
    resource: Resource, row: Optional[Row], diff: Diff, wants: Sequence[DesiredField] = (), lists: Container[str] = ()
) -> Dict[str, Any]:
    """The row as it would be after the diff: what check mode shows instead of a read-back.

    :param wants: the stated fields; those of a new resource are known even where they need no change.
    :param lists: the options of children that are stated, even as empty lists.
    """
    future = diff.fields_after(_created(resource, wants) if row is None else row)
    for child in resource.children:
        changes = [change for change in diff.children if change.child is child]
        if child.listing is None or child.embedded in future or child.option in lists or changes:
            future[child.embedded] = _children_after(child, future.get(child.embedded) or [], changes)
    return future


def _created(resource: Resource, wants: Sequence[DesiredField]) -> Dict[str, Any]:
    """What is known of a new record."""
    known = {key: resource.creation.defaults.get(key, value) for key, value in resource.updating.always_sent.items()}
    known = {key: value for key, value in known.items() if value is not None}
    return {**known, **{want.field.api: want.value for want in wants if not want.merge}}


def _children_after(child: Child, rows: Sequence[Row], changes: Sequence[ChildChange]) -> List[Dict[str, Any]]:
    """The rows of children as they would be; what is added or changed comes last."""
    changed = {(change.row or {}).get(child.id_key) for change in changes if change.action != "add"}
    kept = [dict(item) for item in rows if item.get(child.id_key) not in changed]
    return kept + [_after(change) for change in changes if change.action != "remove"]


def _after(change: ChildChange) -> Dict[str, Any]:
    child, own = change.child, change.row or {}
    if change.action == "update":
        return {**own, **{edit.field.api: edit.after for edit in change.changes}}
    created = {key: value for key, value in child.parent.items() if value != "$parent"}
    key = {field.api: own[field.api] for field in child.key_fields if field.api in own}
    return {**created, **key, **{want.field.api: want.value for want in change.item}}


def in_words(field: Field, value: Any, names: Mapping[str, str]) -> Any:
    """A value of the API as you state it; of IDs the names, as far as they are known."""
    if not value or (field.reference is None and not field.paths):
        words = field.shown(value)
        for item in words if isinstance(words, list) else ():
            for part in field.parts:
                if part.reference is not None and part.name in item:
                    item[part.name] = in_words(part, item[part.name], names)
        return words
    if not isinstance(value, (list, tuple)):
        return names.get(value, value)
    return (sorted if field.paths else list)(names.get(item, item) for item in value)


@dataclass(frozen=True)
class Difference:
    """What an operation changes, in option names and without secrets.

    :param hidden: something differs that neither side shows. :param action: one word for the change.
    :param reset: the options that are not stated, and that get the value of a new record.
    :param listed: those that stay as they are, where an operation lists them.
    """

    label: str
    before: Any
    after: Any
    hidden: bool = False
    action: str = "update"
    reset: Tuple[str, ...] = ()
    listed: Optional[Difference] = None

    @property
    def changed(self) -> bool:
        return self.hidden or bool(self.before != self.after)

    def result(self, **facts: Any) -> Dict[str, Any]:
        """The result of the operation: C(changed), C(diff) and further keys."""
        diff = shown_diff(self.label, self.before, self.after)
        if self.reset:
            diff["after_header"] = "%s (reset, since not stated: %s)" % (self.label, ", ".join(self.reset))
        return {"changed": self.changed, **facts, "diff": diff}


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

    def look_again(self) -> Sequence[Call]:
        """The queries for C(since_then), where they are known."""
        return ()

    def since_then(self, reads: Any) -> Optional[Difference]:
        """What others have changed of it since it was carried out; C(None): nothing that is known.

        :param reads: (C(Reads)) what was read since.
        """
        return None


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
    reset = tuple(_reset(diff, names))
    action = "reset" if reset and diff.part(unstated=False).empty else diff.action
    return Difference(label, before, after, hidden=not diff.empty, action=action, reset=reset)


def _reset(diff: Diff, names: Mapping[str, str]) -> Iterator[str]:
    """The options that are not stated: C(replicas), C(domains[a.example.com]), C(backups[nightly].keep)."""
    yield from (dotted(change.path) for change in diff.changes if change.unstated)
    for item in diff.children:
        fields = [change.field.name for change in item.changes if change.unstated]
        if item.unstated or (fields and item.action == "update"):
            place = "%s[%s]" % (item.child.option, label_of(item.child, item.key, names))
            yield from [place] if item.unstated else ("%s.%s" % (place, name) for name in fields)


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
    if not isinstance(value, (Mapping, list, tuple)):
        return value
    return with_texts(value, lambda text: text.split("\n") if "\n" in text else text)


def _lines(value: Any) -> Any:
    if not isinstance(value, str):
        return _within(value)
    lines: List[str] = value.split("\n") if value else []
    return lines
