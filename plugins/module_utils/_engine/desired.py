# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""From parameters to the desired state, and which row of a resource a desired child is: pure, no request.

An option that is absent is not managed. C(""), C([]) and C({}) clear. Everything that can be judged without the server
is judged here, so that a wrong value stops the run before the first write.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Dict, FrozenSet, Iterator, List, Mapping, Optional, Sequence, Tuple

from .._errors import Ambiguous, NotFoundError, OptionError
from .._model.child import Child
from .._model.field import Field, Group
from .._model.resource import Resource
from .._values.codec import is_empty, text_problem
from .._values.marks import is_marked, without_marks
from .._values.nested import texts_in

Path = Tuple[str, ...]
Params = Mapping[str, Any]
Row = Mapping[str, Any]


@dataclass(frozen=True)
class DesiredField:
    """One stated option.

    :param value: the API's value; with C(merge) the user's, which is merged with the current one when that is known.
    :param edits: it changes the current value in place, see C(Codec.edited).
    :param always: it is written although the current value is unknown.
    :param unstated: the option is not stated, and the value is that of a new record.
    """

    path: Path
    field: Field
    value: Any
    merge: bool = False
    edits: bool = False
    always: bool = False
    unstated: bool = False


#: What is stated of one child.
Item = Tuple[DesiredField, ...]


@dataclass(frozen=True)
class Desired:
    """All that is stated: fields, and the list of its items for each option of children.

    :param replace: what cannot be changed in place may be replaced.
    :param unstated: the options of children that are not stated, whose lists are desired as empty.
    """

    fields: Tuple[DesiredField, ...]
    children: Mapping[str, Tuple[Item, ...]]
    groups: Tuple[Group, ...] = ()
    replace: bool = False
    unstated: FrozenSet[str] = frozenset()

    def stated(self) -> Desired:
        """The desired state without options that are not stated."""
        children = {option: items for option, items in self.children.items() if option not in self.unstated}
        kept = {option: tuple(map(stated_of, items)) for option, items in children.items()}
        return replace(self, fields=stated_of(self.fields), children=kept, unstated=frozenset())


def stated_of(wants: Item) -> Item:
    return tuple(want for want in wants if not want.unstated)


def dotted(path: Path) -> str:
    return ".".join(path)


def desire(resource: Resource, params: Params) -> Desired:
    """:raises OptionError: a value that cannot be right; the message names the option."""
    wants: List[DesiredField] = []
    groups: List[Group] = []
    params = _with_presets(resource, params)
    for option in resource.options:
        value = params.get(option.name)
        if value is None:
            continue
        if isinstance(option, Field):
            wants.append(_want((stated_name(option, params),), option, value, params))
            continue
        groups.append(option)
        if option.selects is not None:
            wants.append(DesiredField((option.selects[0].name,), *option.selects))
        stated = [field for field in option.fields if value.get(field.name) is not None]
        for first, second in itertools.combinations(stated, 2):
            if first.api == second.api:
                names = option.name, first.name, second.name
                raise OptionError("{0}.{1} and {0}.{2} are mutually exclusive".format(*names))
        wants += [_want((option.name, stated_name(field, value)), field, value[field.name], params) for field in stated]
    children: Dict[str, Tuple[Item, ...]] = {}
    for child in resource.children:
        if params.get(child.option) is not None:
            places = [("%s[%d]" % (child.option, number),) for number in range(len(params[child.option]))]
            items = tuple(desired_item(child, item, place) for item, place in zip(params[child.option], places))
            children[child.option] = items
            _refuse_doubles(child, items)
    return Desired(tuple(wants), children, tuple(groups), bool(params.get("replace")))


def _with_presets(resource: Resource, params: Params) -> Params:
    """The parameters with what some of them state of others. :raises OptionError: another value is stated there."""
    for preset in resource.options:
        if not isinstance(preset, Field) or not preset.presets or params.get(preset.name) is None:
            continue
        choice = str(params[preset.name])
        for option, parts in preset.presets.get(choice, {}).items():
            stated = params.get(option) or {}
            for part, values in parts.items():
                if stated.get(part) is None:
                    stated = {**stated, part: values[0]}
                elif stated[part] not in values and not is_marked(stated[part]):
                    names = preset.name, choice, option, part, " or ".join(values), stated[part]
                    raise OptionError("%s=%s needs %s.%s=%s, and %s is stated" % names)
            params = {**params, option: stated, preset.name: None}
    return params


def stated_name(field: Field, params: Params) -> str:
    """The name by which the user stated an option: Ansible's validation adds the option to the alias."""
    return next((alias for alias in field.aliases if params.get(alias) is not None), field.name)


def _want(path: Path, field: Field, value: Any, params: Params) -> DesiredField:
    if field.mode_option is not None and params.get(field.mode_option) == "merge":
        _checked(path, field, value)
        return DesiredField(path, field, value, merge=True)
    always = not field.compared and params.get("update_secrets") == "always"
    edits = field.codec.edited is not None and isinstance(value, Mapping) and not is_empty(value)
    return DesiredField(path, field, api_value(path, field, value), edits=edits, always=always)


def _checked(path: Path, field: Field, value: Any) -> Any:
    """The API's value of a value without parts. One that is not known yet is checked later.

    :raises OptionError: it cannot be sent.
    """
    _check_text(path, value)
    known = not is_marked(value)
    if known and field.limits is not None:
        _check_size(dotted(path), value, *field.limits)
    if is_empty(value):
        return field.codec.empty
    if known and field.pattern is not None and not re.match(field.pattern[0], str(value)):
        quoted = "its value" if field.secret else repr(value)
        raise OptionError("%s: %s %s" % (dotted(path), quoted, field.pattern[1]))
    try:
        if known and field.grammar is not None:
            field.grammar(value)
        return field.codec.to_api(value)
    except ValueError as exc:
        raise OptionError("%s: %s" % (dotted(path), exc)) from None


def _check_size(label: str, value: Any, low: int, high: int) -> None:
    size = len(value) if isinstance(value, str) else value
    if size < low and isinstance(value, str):
        raise OptionError("%s must %s" % (label, "not be empty" if low == 1 else "have at least %d characters" % low))
    if not low <= size <= high:
        what = "has %d characters" % size if isinstance(value, str) else "is %s" % size
        raise OptionError("%s %s; it must be between %d and %d" % (label, what, low, high))


def _check_text(path: Path, value: Any) -> None:
    for text in [value] if isinstance(value, str) else texts_in(value):
        problem = text_problem(without_marks(text))
        if problem is not None:
            raise OptionError("%s %s" % (dotted(path), problem))


def api_value(path: Path, field: Field, value: Any) -> Any:
    """The API's value of what the user wrote; raises C(OptionError) if it has none."""
    return (_whole if field.parts and not is_empty(value) else _checked)(path, field, value)


def _whole(path: Path, field: Field, value: Any) -> Any:
    """The API's object, or list of objects, of a value with parts. An object in which nothing is stated clears."""
    content: Any
    if field.codec.type == "list":
        places = [(*path[:-1], "%s[%d]" % (path[-1], number)) for number in range(len(value))]
        content = [_object(place, field, item) for place, item in zip(places, value)]
    else:
        content = _object(path, field, value)
        if not content:
            return field.codec.empty
    try:
        return field.codec.to_api(content)
    except ValueError as exc:
        raise OptionError("%s: %s" % (dotted(path), exc)) from None


def _object(path: Path, field: Field, value: Params) -> Dict[str, Any]:
    if all(item is None for item in value.values()):
        return {}
    content: Dict[str, Any] = {}
    for part in field.parts:
        item = part.default if value.get(part.name) is None else value[part.name]
        if is_empty(item) and part.needed:
            raise OptionError("%s needs %s" % (dotted(path), part.name))
        encoded = None if item is None else api_value((*path, stated_name(part, value)), part, item)
        if not is_empty(encoded):
            content[part.api] = encoded
    return content


def desired_item(child: Child, item: Params, path: Path = (), whole: bool = True) -> Item:
    """What is stated of one child, at C(path) in the options.

    :param whole: a part of the natural key that is not stated has its default; otherwise it is not managed.
    :raises OptionError: a value that cannot be right.
    """
    wants: Dict[str, DesiredField] = {}
    for field in child.fields:
        value = item.get(field.name)
        if whole and (value is None or value == "") and field.default is not None:
            value = field.default
        if value is None:
            continue
        place = (*path, stated_name(field, item))
        stated = _stands_for(child, field, item, place)
        if stated.api in wants:
            raise OptionError("%s and %s are mutually exclusive" % (dotted(wants[stated.api].path), dotted(place)))
        wants[stated.api] = _want(place, stated, value, {})
    return tuple(wants.values())


def _stands_for(child: Child, field: Field, item: Params, place: Path) -> Field:
    """The field itself, or the neighbour that it states."""
    if field.stands_for is None:
        return field
    option, names = field.stands_for
    name = names.get(str(item.get(option)))
    if name is None:
        which = ", ".join("%s with %s=%s" % (name, option, word) for word, name in names.items())
        raise OptionError("%s stands for %s" % (dotted(place), which), hint="Set %s to one of these." % option)
    return next(neighbour for neighbour in child.fields if neighbour.name == name)


def natural_key(child: Child, wants: Item) -> Tuple[Any, ...]:
    stated = {want.field.name: want.value for want in wants}
    return tuple(stated.get(field.name) for field in child.key_fields)


def find_one(
    child: Child, wants: Item, rows: Sequence[Row], resource_id: Optional[str], names: Mapping[str, str]
) -> Optional[Row]:
    """The row of an ID, or of a natural key.

    :raises NotFoundError: no row has the ID.
    :raises Ambiguous: several rows have the natural key; the message lists the IDs.
    """
    matches = matching(child, wants, rows, resource_id)
    if resource_id is not None and not matches:
        raise NotFoundError("%s: there is no %s %r" % (child.id_option, child.singular, resource_id))
    if resource_id is None and len(matches) > 1:
        ids = sorted(str(item.get(child.id_key)) for item in matches)
        raise Ambiguous(
            "%d %s are for %s: %s"
            % (len(ids), child.option, label_of(child, natural_key(child, wants), names), ", ".join(ids)),
            hint="Give its %s, or remove the others." % child.id_option,
            details={"ids": ids},
        )
    return matches[0] if matches else None


def matching(child: Child, wants: Item, rows: Sequence[Row], resource_id: Optional[str] = None) -> List[Row]:
    """The rows of an ID, or else of the natural key of what is stated. A part that is not stated can be any."""
    if resource_id is not None:
        return [row for row in rows if row.get(child.id_key) == resource_id]
    key = natural_key(child, wants)
    return [row for row in rows if all(want is None or want == part for want, part in zip(key, row_key(child, row)))]


def row_key(child: Child, row: Row) -> Tuple[Any, ...]:
    """The natural key of a row as a user would state it, with defaults."""
    return tuple(
        (value if field.default is None else field.default) if is_empty(value) else field.codec.to_api(value)
        for field, value in ((field, row.get(field.api)) for field in child.key_fields)
    )


def label_of(child: Child, key: Sequence[Any], names: Mapping[str, str] = MappingProxyType({})) -> str:
    """A natural key in messages and diffs; of IDs the names, as far as they are known."""
    stated = (part for part in key if part is not None)
    return child.joint.join(filter(None, (str(names.get(part, part)).strip(child.joint) for part in stated)))


def _refuse_doubles(child: Child, items: Sequence[Item]) -> None:
    seen: Dict[Tuple[Any, ...], int] = {}
    for number, wants in enumerate(items):
        key = natural_key(child, wants)
        first = seen.setdefault(key, number)
        if first != number:
            names = {want.field.name: want.path[-1] for want in wants}
            parts = ["%s %r" % (names.get(field.name, field.name), part) for field, part in zip(child.key_fields, key)]
            raise OptionError("%s: entries %d and %d are both for %s" % (child.option, first, number, ", ".join(parts)))


def all_fields(desired: Desired) -> Iterator[DesiredField]:
    """Every stated option, those of children too."""
    yield from desired.fields
    yield from (want for items in desired.children.values() for wants in items for want in wants)


def with_values(desired: Desired, values: Mapping[Path, Any]) -> Desired:
    """The same with some values replaced, as references are by their IDs."""

    def replaced(wants: Item) -> Item:
        return tuple(replace(want, value=values.get(want.path, want.value)) for want in wants)

    children = {option: tuple(replaced(wants) for wants in items) for option, items in desired.children.items()}
    return replace(desired, fields=replaced(desired.fields), children=children)
