# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Options that are not stated: with C(unstated=default), an option is desired as in a new record, and a list empty.

What a new record has is in C(_model.new_records), of each release. Left alone are what the server chooses by itself,
what no procedure shows, secrets, what only a new record can have, and what the option C(ignore) names.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Any, Dict, FrozenSet, Iterator, List, Mapping, Sequence, Tuple

from .._errors import OptionError, known_names
from .._model.argspec import Spec
from .._model.child import Child
from .._model.field import Field, Group, Version
from .._model.resource import Resource
from .._model.usual import UNKNOWN, usual_values
from .._reads.tree import is_default
from .._values.codec import is_empty
from .desired import Desired, DesiredField, Item, Path, dotted, matching
from .diff import is_needed, needs_new
from .view import in_force

Row = Mapping[str, Any]
KEEP, DEFAULT = "keep", "default"
#: What an operation lists, and leaves as it is.
LIST = "list"
_NOTHING = object()
OPTIONS: Spec = {
    "unstated": {"type": "str", "choices": [KEEP, DEFAULT], "default": KEEP},
    "ignore": {"type": "list", "elements": "str", "default": []},
}


@dataclass(frozen=True)
class Unstated:
    """What becomes of the options of a record that are not stated.

    :param ignored: the options that are left to others: C(replicas), C(docker.username), C(env.BUILD_NUMBER),
        C(domains.https).
    """

    mode: str = KEEP
    ignored: FrozenSet[str] = frozenset()

    @property
    def compared(self) -> bool:
        """Whether options that are not stated are compared with a new record."""
        return self.mode != KEEP

    def ignores(self, *path: str) -> bool:
        """Whether an option, or what it is in, is left to others."""
        return not self.ignored.isdisjoint(accumulate(path, "{0}.{1}".format))


def unstated_of(resource: Resource, params: Mapping[str, Any]) -> Unstated:
    """What the parameters say.

    :raises OptionError: C(ignore) names what the resource does not have.
    """
    ignored = frozenset(params.get("ignore") or ())
    known = dict(_names(resource)) if ignored else {}
    for name in sorted(ignored):
        outer = name.rpartition(".")[0]
        if name not in known and not known.get(outer):
            text = "ignore: %s has no option %r. %s"
            raise OptionError(text % (resource.label, name, known_names(name, sorted(known))))
    made = bool(resource.states.begins_as) and params.get(resource.states.begins_as) is not None
    return Unstated(KEEP if made else params.get("unstated") or KEEP, ignored)


def is_resettable(resource: Resource, option: str, row: Row) -> bool:
    """Whether an option of a record would be reset if it is not stated; also a group of options, or a list."""
    groups = {group.name for group in resource.options if isinstance(group, Group)}
    if option in groups or any(child.option == option for child in resource.children):
        return True
    fields = {dotted(path): field for path, field, _group in resource.fields()}
    selectors = {group.selects[0].name for group in _selecting(resource) if group.selects is not None}
    return option in selectors or (option in fields and _is_reset(fields[option], row))


def _selecting(resource: Resource) -> List[Group]:
    """The groups of which one is selected."""
    return [option for option in resource.options if isinstance(option, Group) and option.selects is not None]


def _names(resource: Resource) -> Iterator[Tuple[str, bool]]:
    """What can be ignored, each with whether it has variables with names of their own."""
    for path, field, group in resource.fields():
        if group is not None:
            yield group.name, False
        yield dotted(path), field.codec.merge is not None
    yield from ((group.selects[0].name, False) for group in _selecting(resource) if group.selects is not None)
    for child in resource.children:
        yield child.option, False
        for field in child.fields:
            yield dotted((child.option, field.name)), False


def with_lists(desired: Desired, resource: Resource, row: Row, unstated: Unstated, version: Version) -> Desired:
    """The desired state of an existing record with the lists that are not stated, and without those that are ignored.

    :param row: the record, without its children. :param version: of the server, which may be too old for some.
    """
    after = {**row, **{want.field.api: want.value for want in desired.fields}}
    children = {option: items for option, items in desired.children.items() if not unstated.ignores(option)}
    added: List[str] = []
    for child in resource.children if unstated.compared else ():
        known = child.since is None or version >= child.since
        if known and child.effective(after) and child.option not in children and not unstated.ignores(child.option):
            added.append(child.option)
    lists: Dict[str, Tuple[Item, ...]] = {**children, **dict.fromkeys(added, ())}
    return replace(desired, children=lists, unstated=desired.unstated.union(added))


def with_defaults(desired: Desired, resource: Resource, row: Row, unstated: Unstated, version: Version) -> Desired:
    """The desired state of an existing record with the values of a new one for the options that are not stated.

    :param row: the record, with its children.
    """
    fields = tuple(_left_alone(desired.fields, (), row, unstated))
    children = {}
    label = record_label(resource, row)
    usual = usual_values(version) if unstated.compared else {}
    for child in resource.children:
        if child.option in desired.children:
            items = desired.children[child.option]
            values = usual.get("%s.%s" % (label, child.option), {})
            children[child.option] = tuple(_item(child, item, row, unstated, values) for item in items)
    if unstated.compared:
        fields += tuple(_of_record(resource, desired, row, unstated, usual.get(label, {})))
    return replace(desired, fields=fields, children=children)


def record_label(resource: Resource, row: Row) -> str:
    """The kind of a record in the table of new records."""
    default = bool(resource.listing.default) and is_default(row)
    return "default %s" % resource.label if default else resource.label


def _left_alone(wants: Item, place: Path, row: Row, unstated: Unstated) -> Iterator[DesiredField]:
    """The stated options without those that are ignored, and with the variables that are. :param place: of an item."""
    for want in wants:
        path = (*place, want.field.name) if place else want.path
        if not unstated.ignores(*path):
            yield _with_variables(want, row, unstated)


def _with_variables(want: DesiredField, row: Row, unstated: Unstated) -> DesiredField:
    """An option with the variables of the record that are left to others."""
    codec, prefix = want.field.codec, dotted(want.path) + "."
    names = [name[len(prefix) :] for name in unstated.ignored if name.startswith(prefix)]
    if codec.merge is None or not names:
        return want
    current = codec.shown(row.get(want.field.api))
    if want.merge:
        stated = want.value if isinstance(want.value, Mapping) else codec.shown(want.value)
        return replace(want, value={name: value for name, value in stated.items() if name not in names})
    return replace(want, value=codec.merge({name: current.get(name) for name in names}, want.value))


def _of_record(
    resource: Resource, desired: Desired, row: Row, unstated: Unstated, usual: Row
) -> Iterator[DesiredField]:
    """The fields of a record that are not stated, but for those of a group that is not selected."""
    stated = {want.field.api: want.value for want in desired.fields}
    after = {**row, **stated}
    selections = list(_selections(resource, row, stated, unstated, usual))
    for option in resource.options:
        if isinstance(option, Field):
            if option is not resource.name_field:
                yield from _wants((option,), (), after, stated, unstated, usual)
            continue
        reset = next((want for want in selections if option.selects and option.selects[0].api == want.field.api), None)
        if option.selects is None or option.selects[1] == (reset.value if reset else stated.get(option.selects[0].api)):
            if reset is not None:
                yield reset
                after[reset.field.api] = reset.value
            for want in _wants(option.fields, (option.name,), after, stated, unstated, usual, reset is not None):
                if not needs_new(resource, want.field):
                    yield want


def _selections(resource: Resource, row: Row, stated: Row, unstated: Unstated, usual: Row) -> Iterator[DesiredField]:
    """The selections that are not stated, such as a source, with those of a new record. One that lacks what it needs is
    none, and stays."""
    groups: Dict[str, List[Group]] = {}
    selectors: Dict[str, Field] = {}
    for group in _selecting(resource):
        if group.selects is not None:
            groups.setdefault(group.selects[0].api, []).append(group)
            selectors[group.selects[0].api] = group.selects[0]
    for api, selector in selectors.items():
        names = {selector.name, *(group.name for group in groups[api])}
        ignored = any(name.partition(".")[0] in names for name in unstated.ignored)
        there = any(in_force(group, row) for group in groups[api])
        if api not in stated and selector.name in usual and there and not ignored:
            yield DesiredField((selector.name,), selector, usual[selector.name], unstated=True)


def _item(child: Child, item: Item, row: Row, unstated: Unstated, usual: Row) -> Item:
    """An item of a list with the fields of its record that are not stated, if there is one."""
    rows: Sequence[Row] = matching(child, item, row.get(child.embedded) or [])
    if not rows:
        return item
    current = rows[0]
    wants = tuple(_left_alone(item, (child.option,), current, unstated))
    if not unstated.compared:
        return wants
    # What is ignored is stated, too.
    stated = {want.field.api: want.value for want in item}
    place = item[0].path[:-1] if item else (child.option,)
    added = _wants(child.fields, place, {**current, **stated}, stated, unstated, usual, ignored=child.option)
    return (*wants, *added)


def _wants(
    fields: Sequence[Field],
    place: Path,
    after: Row,
    stated: Row,
    unstated: Unstated,
    usual: Row,
    whole: bool = False,
    ignored: str = "",
) -> Iterator[DesiredField]:
    """The fields of one place that are not stated, each with the value of a new record.

    :param place: that of the fields in the options. :param ignored: how C(ignore) calls it, if otherwise.
    :param after: the record with what is stated. :param stated: the stated values by the keys of the API.
    :param whole: nothing of the place is stated, so that nothing is needed.
    """
    names = {field.name: field.shown(after.get(field.api)) for field in fields if not field.input_only}
    for field in fields:
        path = (*place, field.name)
        left = field.api in stated or unstated.ignores(*((ignored, field.name) if ignored else path))
        if left or not _is_reset(field, after) or (not whole and is_needed(field, names)):
            continue
        # An item of a list has the place of its number.
        value = _value(field, after, usual.get(field.name if ignored else dotted(path), _NOTHING))
        if value is not UNKNOWN:
            yield _with_variables(DesiredField(path, field, value, unstated=True), after, unstated)


def _value(field: Field, row: Row, usual: Any) -> Any:
    """The API's value of a new record; C(UNKNOWN) where it is not known, or where that of the record has no effect.

    :param usual: what the table has of the option, in its words.
    """
    if usual is _NOTHING:
        usual = field.shown(None) if field.default is None else field.default
    idle = field.no_effect is not None and is_empty(row[field.api]) and field.no_effect(row) is not None
    if idle or usual is UNKNOWN:
        return UNKNOWN
    return field.codec.empty if is_empty(usual) else field.codec.to_api(usual)


def _is_reset(field: Field, row: Row) -> bool:
    """Whether a field of an existing record can have the value of a new one, and may."""
    # An older server lacks the column.
    return field.resettable and field.api in row and not (field.frozen_where and row.get(field.frozen_where))
